//! Each sender numbers its messages inside the encryption and hashes the one before into the next: what a relay
//! withheld or repeated shows at the sender's next message.

use std::collections::{BTreeSet, HashMap};

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
    /// It was missing before: it came after a later one.
    Late,
    /// It was received before. Drop it.
    Repeated,
    /// It carries the right number and another past: the sender told others something else, or lost its state.
    Broken,
}

/// Missing messages of one sender that are still told from repeated ones.
const MISSING_REMEMBERED: usize = 1024;

/// The number of one of our messages and the hash of the one before.
pub(crate) type Numbering = (u64, PreviousHash);

#[derive(Clone, Copy, Debug)]
struct Link {
    sequence: u64,
    hash: PreviousHash,
}

#[derive(Debug)]
struct Sender {
    last: Link,
    missing: BTreeSet<u64>,
}

/// Our own chain and those of the others.
#[derive(Debug, Default)]
pub(crate) struct Chains {
    own: Option<Link>,
    others: HashMap<MemberKey, Sender>,
}

impl Chains {
    /// Number and past of our next envelope.
    pub(crate) fn next_own(&self) -> (u64, PreviousHash) {
        self.own.map_or((1, PreviousHash::default()), |link| (link.sequence + 1, link.hash))
    }

    pub(crate) fn record_own(&mut self, sequence: u64, envelope: &[u8]) {
        self.own = Some(Link { sequence, hash: hash(envelope) });
    }

    /// As if the message of this numbering, and all after it, had not been made.
    pub(crate) fn rewind_own(&mut self, sequence: u64, previous: PreviousHash) {
        let before = sequence.saturating_sub(1);
        self.own = (before > 0).then_some(Link { sequence: before, hash: previous });
    }

    /// Without what we know of the others.
    pub(crate) fn into_own(self) -> Self {
        Self { own: self.own, others: HashMap::new() }
    }

    pub(crate) fn record(
        &mut self,
        sender: MemberKey,
        sequence: u64,
        previous: PreviousHash,
        envelope: &[u8],
    ) -> Continuity {
        let link = Link { sequence, hash: hash(envelope) };
        let Some(known) = self.others.get_mut(&sender) else {
            self.others.insert(sender, Sender { last: link, missing: BTreeSet::new() });
            return Continuity::First;
        };
        if sequence <= known.last.sequence {
            return if known.missing.remove(&sequence) { Continuity::Late } else { Continuity::Repeated };
        }
        let between = sequence - known.last.sequence - 1;
        let continuity = if between > 0 {
            known.missing.extend((known.last.sequence + 1..sequence).rev().take(MISSING_REMEMBERED));
            while known.missing.len() > MISSING_REMEMBERED {
                known.missing.pop_first();
            }
            Continuity::Missing(between)
        } else if known.last.hash == previous {
            Continuity::Next
        } else {
            Continuity::Broken
        };
        known.last = link;
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
        assert_eq!(chains.record(ALICE, 9, hash(b"b"), b"late"), Continuity::Late);
        assert_eq!(chains.record(ALICE, 9, hash(b"b"), b"late"), Continuity::Repeated);
        assert_eq!(chains.record(ALICE, 12, hash(b"x"), b"d"), Continuity::Broken);
        assert_eq!(chains.record(ALICE, 13, hash(b"d"), b"e"), Continuity::Next);
    }

    #[test]
    fn a_claimed_gap_costs_no_memory() {
        let mut chains = Chains::default();
        chains.record(ALICE, 1, [0; 16], b"a");
        assert_eq!(chains.record(ALICE, u64::MAX, [0; 16], b"b"), Continuity::Missing(u64::MAX - 2));
        assert_eq!(chains.others[&ALICE].missing.len(), MISSING_REMEMBERED);
    }

    #[test]
    fn of_many_that_are_missing_the_latest_are_remembered() {
        let mut chains = Chains::default();
        chains.record(ALICE, 1, [0; 16], b"a");
        assert_eq!(chains.record(ALICE, 3_000, [0; 16], b"b"), Continuity::Missing(2_998));
        assert_eq!(chains.record(ALICE, 2_999, [0; 16], b"late"), Continuity::Late);
        assert_eq!(chains.record(ALICE, 2, [0; 16], b"too late"), Continuity::Repeated);
        chains.record(ALICE, 6_000, [0; 16], b"c");
        assert_eq!(chains.others[&ALICE].missing.len(), MISSING_REMEMBERED);
    }

    #[test]
    fn our_own_chain_begins_at_one() {
        let mut chains = Chains::default();
        assert_eq!(chains.next_own(), (1, [0; 16]));
        chains.record_own(1, b"a");
        assert_eq!(chains.next_own(), (2, hash(b"a")));
        chains.record_own(2, b"b");
        chains.rewind_own(2, hash(b"a"));
        assert_eq!(chains.next_own(), (2, hash(b"a")));
        chains.rewind_own(1, [0; 16]);
        assert_eq!(chains.next_own(), (1, [0; 16]));
    }
}
