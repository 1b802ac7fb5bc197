//! Each sender numbers its messages inside the encryption and hashes the one before into the next: what a relay
//! withheld or repeated shows at the sender's next message.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use crate::envelope::PreviousHash;
use crate::member::MemberKey;

/// How a message continues what its sender said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuity {
    /// The sender's first message that we can know of.
    First,
    /// It follows the one before.
    Next,
    /// So many messages between are missing.
    Missing(u64),
    /// It was received before. Drop it.
    Repeated,
    /// It carries the right number and another past: the sender told others something else, or lost its state.
    Broken,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    sequence: u64,
    hash: PreviousHash,
}

/// Our own chain and those of the others.
#[derive(Debug, Default)]
pub(crate) struct Chains {
    own: Option<Link>,
    others: HashMap<MemberKey, Link>,
}

impl Chains {
    /// Number and past of our next envelope.
    pub(crate) fn next_own(&self) -> (u64, PreviousHash) {
        self.own.map_or((1, PreviousHash::default()), |link| (link.sequence + 1, link.hash))
    }

    pub(crate) fn record_own(&mut self, sequence: u64, envelope: &[u8]) {
        self.own = Some(Link { sequence, hash: hash(envelope) });
    }

    pub(crate) fn record(
        &mut self,
        sender: MemberKey,
        sequence: u64,
        previous: PreviousHash,
        envelope: &[u8],
    ) -> Continuity {
        let continuity = match self.others.get(&sender) {
            None => Continuity::First,
            Some(link) if sequence <= link.sequence => return Continuity::Repeated,
            Some(link) if sequence - link.sequence > 1 => Continuity::Missing(sequence - link.sequence - 1),
            Some(link) if link.hash == previous => Continuity::Next,
            Some(_) => Continuity::Broken,
        };
        self.others.insert(sender, Link { sequence, hash: hash(envelope) });
        continuity
    }

    /// Forgets those who are no members any more: the map has as many entries as the group at most.
    pub(crate) fn retain(&mut self, is_member: impl Fn(&MemberKey) -> bool) {
        self.others.retain(|key, _| is_member(key));
    }
}

fn hash(envelope: &[u8]) -> PreviousHash {
    let digest: [u8; 32] = Sha256::digest(envelope).into();
    let mut hash = PreviousHash::default();
    hash.iter_mut().zip(digest).for_each(|(out, byte)| *out = byte);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: MemberKey = MemberKey([1; 32]);

    #[test]
    fn gaps_repeats_and_other_pasts_are_told_apart() {
        let mut chains = Chains::default();
        assert_eq!(chains.record(ALICE, 7, [0; 16], b"a"), Continuity::First);
        assert_eq!(chains.record(ALICE, 8, hash(b"a"), b"b"), Continuity::Next);
        assert_eq!(chains.record(ALICE, 8, hash(b"a"), b"b"), Continuity::Repeated);
        assert_eq!(chains.record(ALICE, 11, [0; 16], b"c"), Continuity::Missing(2));
        assert_eq!(chains.record(ALICE, 12, hash(b"x"), b"d"), Continuity::Broken);
        assert_eq!(chains.record(ALICE, 13, hash(b"d"), b"e"), Continuity::Next);
    }

    #[test]
    fn our_own_chain_begins_at_one() {
        let mut chains = Chains::default();
        assert_eq!(chains.next_own(), (1, [0; 16]));
        chains.record_own(1, b"a");
        assert_eq!(chains.next_own(), (2, hash(b"a")));
    }
}
