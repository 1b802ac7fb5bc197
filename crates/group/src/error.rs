//! What can go wrong, by whose fault.

use thiserror::Error;

use crate::entropy::EntropyFailed;

/// A group operation failed. The group's state is as before unless a variant says otherwise.
#[derive(Debug, Error)]
pub enum GroupError {
    /// The blob does not open under the circle's key: altered, relabelled, or made by somebody without the secret.
    #[error("the blob does not open under the circle's key")]
    Seal,
    /// The blob opens, but a member or newcomer put something in it that the rules forbid.
    #[error("not allowed: {0}")]
    Forbidden(Violation),
    /// The blob opens, but MLS refuses it.
    #[error("MLS refuses it: {0}")]
    Mls(Box<mls_rs::error::MlsError>),
    /// It belongs to an epoch that is over and forgotten, or has not come yet.
    #[error("made for epoch {theirs}, the group is at {ours}")]
    Epoch {
        /// The epoch of the blob.
        theirs: u64,
        /// The group's epoch.
        ours: u64,
    },
    /// Our own message came back: MLS has no key to read it.
    #[error("our own message")]
    OwnMessage,
    /// The commit removes us, as departed: this state is of no use any more.
    #[error("removed from the group")]
    Removed,
    /// The owner's commit removes us and changes the circle's secret.
    #[error("removed by the owner")]
    Evicted,
    /// The caller asked for what cannot be.
    #[error("misused: {0}")]
    Misuse(&'static str),
    /// The environment failed us.
    #[error(transparent)]
    Entropy(#[from] EntropyFailed),
}

/// A rule of docs/SECURITY.md, "Who may do what", that was broken. The number is the rule's.
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
