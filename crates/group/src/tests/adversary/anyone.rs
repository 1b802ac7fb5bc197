//! An identity rule that lets anyone follow anyone.

use mls_rs::identity::CredentialType;
use mls_rs::time::MlsTime;
use mls_rs_core::identity::MemberValidationContext;

use super::*;

#[derive(Clone)]
pub(super) struct Anyone;

impl IdentityProvider for Anyone {
    type Error = Violation;

    fn validate_member(
        &self,
        _: &SigningIdentity,
        _: Option<MlsTime>,
        _: MemberValidationContext<'_>,
    ) -> Result<(), Violation> {
        Ok(())
    }

    fn validate_external_sender(
        &self,
        _: &SigningIdentity,
        _: Option<MlsTime>,
        _: Option<&ExtensionList>,
    ) -> Result<(), Violation> {
        Ok(())
    }

    fn identity(&self, identity: &SigningIdentity, _: &ExtensionList) -> Result<Vec<u8>, Violation> {
        Ok(identity.signature_key.as_ref().to_vec())
    }

    fn valid_successor(
        &self,
        _: &SigningIdentity,
        _: &SigningIdentity,
        _: &ExtensionList,
    ) -> Result<bool, Violation> {
        Ok(true)
    }

    fn supported_types(&self) -> Vec<CredentialType> {
        vec![BasicCredential::credential_type()]
    }
}
