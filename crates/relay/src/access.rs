//! Who may connect: anybody (an open relay), or who holds an access key that is still good.
//!
//! Owns: the access keys with what the operator decided about each, and the return tickets by which who was in comes
//! back without using its invitation up again.
//!
//! Must never: touch a disk, or tell keys apart for who has not proved to hold one.

#[cfg(test)]
mod document;
mod entrance;
mod keys;
mod ticket;

use shepot_protocol::id::{AccessKeyId, AccessProof};
use shepot_protocol::transcript::ChannelBinding;

pub(crate) use entrance::{Entrance, Passage};
pub use keys::{AccessKeys, IssuedKey, MOST_ACCESS_KEYS, MOST_LABEL_BYTES};
pub(crate) use ticket::Tickets;

/// Who may connect.
#[derive(Clone, Debug)]
pub enum Access {
    /// Anybody who knows the address.
    Open,
    /// Who proves to hold one of these.
    Keys(AccessKeys),
}

/// What a client is, by what it showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// It may come in; by this key, where one is needed.
    Welcome(Option<AccessKeyId>),
    /// It proved nothing.
    Stranger,
    /// It holds a key whose time is over.
    Expired,
    /// It holds a key by which as many have come as may.
    UsedUp,
}

/// Why nobody comes in by a key that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Its last use was taken meanwhile, or it was taken back.
    UsedUp,
    /// As many are here by it as can be: some of them may be lost, and not known to be.
    Crowded,
}

impl Access {
    /// What this client is. `returns`: it has a ticket that is good for its key. `now`: seconds since 1970.
    pub(crate) fn judge(
        &self,
        shown: Option<&(AccessKeyId, AccessProof)>,
        binding: &ChannelBinding,
        returns: bool,
        now: u64,
    ) -> Judgement {
        match (self, shown) {
            (Self::Open, _) => Judgement::Welcome(None),
            (Self::Keys(keys), Some((id, proof))) if keys.is_proved(id, proof, binding) => {
                keys.judge(*id, returns, now)
            }
            (Self::Keys(_), _) => Judgement::Stranger,
        }
    }

    /// Whether the key of this id opens the door; on an open relay no key is needed.
    pub(crate) fn knows(&self, id: AccessKeyId) -> bool {
        match self {
            Self::Open => true,
            Self::Keys(keys) => keys.get(id).is_some(),
        }
    }

    /// Whether its key changes with the secret of its circle.
    pub(crate) const fn renews_keys(&self) -> bool {
        match self {
            Self::Open => false,
            Self::Keys(keys) => keys.are_renewed(),
        }
    }

    /// Whether only those who hold a seat come by this key.
    pub(crate) fn is_retired(&self, id: AccessKeyId) -> bool {
        match self {
            Self::Open => false,
            Self::Keys(keys) => keys.is_retired(id),
        }
    }

    /// Somebody comes in by this key, by which so many are here: whether it takes a use.
    fn spend(&mut self, id: AccessKeyId, returns: bool, here: usize) -> Result<bool, Closed> {
        match self {
            Self::Open => Ok(false),
            Self::Keys(keys) => keys.spend(id, returns, here),
        }
    }

    /// A use that was taken was none.
    fn give_back(&mut self, id: AccessKeyId) {
        if let Self::Keys(keys) = self {
            keys.give_back(id);
        }
    }

    /// What the operator called a key; empty where it has no name, or is gone.
    pub(crate) fn label(&self, id: AccessKeyId) -> String {
        match self {
            Self::Open => String::new(),
            Self::Keys(keys) => keys.get(id).map(|issued| issued.label.clone()).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests;
