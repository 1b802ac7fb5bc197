//! What can go wrong, and whose fault it is.

use thiserror::Error;

use crate::entropy::EntropyFailed;

/// A group operation failed. The state of the group is unchanged unless a variant says otherwise.
#[derive(Debug, Error)]
pub enum GroupError {
    /// The blob does not open under the circle's key: it was altered, relabelled, or made without the secret.
    #[error("the blob does not open under the circle's key")]
    Seal,
    /// The blob opens, but its content breaks a rule.
    #[error("not allowed: {0}")]
    Forbidden(Violation),
    /// The blob opens, but MLS refuses its content.
    #[error("MLS refuses it: {0}")]
    Mls(Box<mls_rs::error::MlsError>),
    /// The blob belongs to an epoch that has been forgotten or has not begun.
    #[error("made for epoch {theirs}, the group is at {ours}")]
    Epoch {
        /// The epoch of the blob.
        theirs: u64,
        /// The group's epoch.
        ours: u64,
    },
    /// The message is our own, which MLS has no key to read.
    #[error("our own message")]
    OwnMessage,
    /// The commit removes us as departed. This state is useless from now on.
    #[error("removed from the group")]
    Removed,
    /// An owner's action removes us and changes the secret of the circle.
    #[error("removed by the owner")]
    Evicted,
    /// The caller asked for something impossible.
    #[error("misused: {0}")]
    Misuse(&'static str),
    /// The random source failed.
    #[error(transparent)]
    Entropy(#[from] EntropyFailed),
}

/// A broken rule of docs/SECURITY.md, "Who may do what". The message begins with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the message says it")]
pub enum Violation {
    #[error("V1: a newcomer's commit must inject the circle's current key")]
    JoinWithoutKey,
    #[error("V2: a newcomer may remove nothing but its own old leaf")]
    JoinRemovesAnother,
    #[error("V3: a newcomer's commit may carry nothing else")]
    JoinCarriesMore,
    #[error("V4: members may not add, re-initialise, or inject keys")]
    MemberProposal,
    #[error("V5: proposals of others may not ride on a commit")]
    ForeignProposal,
    #[error("V6: only the owner removes a member who is here")]
    RemovalOfPresent,
    #[error("V7: only the owner changes the circle's secret, by one generation")]
    ContextChange,
    #[error("V8: a credential must be basic and empty, and its key is the identity")]
    Credential,
    #[error("V9: a leaf must tell its seat, nonce and nick")]
    Leaf,
    #[error("V10: no two leaves may have the same seat")]
    SeatTaken,
    #[error("V11: the group has another owner than the invitation says")]
    Owner,
    #[error("V12: the message is not of the kind or epoch that its label says")]
    Label,
    #[error("V13: the envelope cannot be read")]
    Envelope,
    #[error("V14: a late message may not skip more messages than there are keys kept for")]
    Skips,
    #[error(
        "V15: nobody's seat or nonce changes under the same key, but by joining anew, with another nonce"
    )]
    SeatChanged,
    #[error("V16: a commit and group information must be padded with zeros to the size of their bucket")]
    Padding,
}

impl From<Violation> for GroupError {
    fn from(violation: Violation) -> Self {
        Self::Forbidden(violation)
    }
}

impl mls_rs::error::IntoAnyError for Violation {
    fn into_dyn_error(self) -> Result<Box<dyn std::error::Error + Send + Sync>, Self> {
        Ok(Box::new(self))
    }
}

impl From<mls_rs::error::MlsError> for GroupError {
    fn from(error: mls_rs::error::MlsError) -> Self {
        use mls_rs::error::MlsError;
        // Our own rules speak through MLS: what they say is given back as what it is.
        if let MlsError::MlsRulesError(inner) | MlsError::IdentityProviderError(inner) = &error
            && let Some(violation) = inner.inner_dyn_error().downcast_ref::<Violation>()
        {
            return Self::Forbidden(*violation);
        }
        if matches!(error, MlsError::CantProcessMessageFromSelf) {
            return Self::OwnMessage;
        }
        Self::Mls(Box::new(error))
    }
}
