//! The identity of a leaf: its signature key and nothing else. The nick in the leaf proves nothing.

use mls_rs::identity::basic::BasicCredential;
use mls_rs::identity::{CredentialType, SigningIdentity};
use mls_rs::time::MlsTime;
use mls_rs::{ExtensionList, IdentityProvider};
use mls_rs_core::identity::MemberValidationContext;

use crate::error::Violation;

/// Compares identities by signature key. The provider of mls-rs for basic credentials compares names, which would let
/// an impostor with the same name evict a member.
#[derive(Clone, Debug)]
pub(crate) struct KeyIdentity;

impl IdentityProvider for KeyIdentity {
    type Error = Violation;

    fn validate_member(
        &self,
        identity: &SigningIdentity,
        _: Option<MlsTime>,
        _: MemberValidationContext<'_>,
    ) -> Result<(), Violation> {
        match identity.credential.as_basic() {
            Some(basic) if basic.identifier.is_empty() => Ok(()),
            Some(_) | None => Err(Violation::Credential),
        }
    }

    fn validate_external_sender(
        &self,
        _: &SigningIdentity,
        _: Option<MlsTime>,
        _: Option<&ExtensionList>,
    ) -> Result<(), Violation> {
        Err(Violation::Credential)
    }

    fn identity(&self, identity: &SigningIdentity, _: &ExtensionList) -> Result<Vec<u8>, Violation> {
        Ok(identity.signature_key.as_ref().to_vec())
    }

    fn valid_successor(
        &self,
        before: &SigningIdentity,
        after: &SigningIdentity,
        _: &ExtensionList,
    ) -> Result<bool, Violation> {
        Ok(before.signature_key == after.signature_key)
    }

    fn supported_types(&self) -> Vec<CredentialType> {
        vec![BasicCredential::credential_type()]
    }
}
