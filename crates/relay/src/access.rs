//! Who may connect: anybody (an open relay), or the holders of an access key that is valid.
//!
//! Owns: the access keys with the operator's decisions about each, and the return tickets, by which a client comes back
//! without using its invitation up again.
//!
//! Must never: touch a disk, or let a client without a valid proof find out which keys exist.

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
    /// Anybody who proves to hold one of these keys.
    Keys(AccessKeys),
}

/// What a client is, according to what it showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// It may come in, by this key. `None`: the relay is open.
    Welcome(Option<AccessKeyId>),
    /// It proved nothing.
    Stranger,
    /// It holds a key that has expired.
    Expired,
    /// It holds a key whose uses are used up.
    UsedUp,
}

/// Why a client cannot come in by a valid key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Its last use was taken in the meantime, or it was revoked.
    UsedUp,
    /// As many connections as possible are here by this key. Some of them may be lost already.
    Crowded,
}

impl Access {
    /// Judges a client. `returns`: it has a valid ticket for its key. `now`: seconds since 1970.
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

    /// Whether the key with this id opens the relay. On an open relay every key does.
    pub(crate) fn knows(&self, id: AccessKeyId) -> bool {
        match self {
            Self::Open => true,
            Self::Keys(keys) => keys.get(id).is_some(),
        }
    }

    /// Whether the access key changes with the secret of the circle.
    pub(crate) const fn renews_keys(&self) -> bool {
        match self {
            Self::Open => false,
            Self::Keys(keys) => keys.are_renewed(),
        }
    }

    /// Whether this key is retired, so that only holders of a seat may use it.
    pub(crate) fn is_retired(&self, id: AccessKeyId) -> bool {
        match self {
            Self::Open => false,
            Self::Keys(keys) => keys.is_retired(id),
        }
    }

    /// Lets a client in by this key, by which `here` connections are in. Returns whether that takes a use.
    fn spend(&mut self, id: AccessKeyId, returns: bool, here: usize) -> Result<bool, Closed> {
        match self {
            Self::Open => Ok(false),
            Self::Keys(keys) => keys.spend(id, returns, here),
        }
    }

    /// Gives a use back that was taken for nothing.
    fn give_back(&mut self, id: AccessKeyId) {
        if let Self::Keys(keys) = self {
            keys.give_back(id);
        }
    }

    /// The operator's name for a key. Empty: it has none, or there is no such key.
    pub(crate) fn label(&self, id: AccessKeyId) -> String {
        match self {
            Self::Open => String::new(),
            Self::Keys(keys) => keys.get(id).map(|issued| issued.label.clone()).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests;
