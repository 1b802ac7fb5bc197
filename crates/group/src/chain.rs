//! Each sender numbers its messages inside the encryption and hashes each into the next. What a relay withheld or
//! repeated shows at the sender's next message (docs/PROTOCOL.md, section 11.4).

use std::collections::{BTreeSet, HashMap};

use sha2::{Digest as _, Sha256};

use crate::envelope::PreviousHash;
use crate::member::MemberKey;

/// How a message continues what its sender said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuity {
    /// The first message of this sender that we know of.
    First,
    /// It directly follows the sender's last message.
    Next,
    /// This many messages between it and the last one are missing.
    Missing(u64),
    /// It was missing, and arrives after a later one.
    Late,
    /// It was received before. Drop it.
    Repeated,
    /// It has the right number but follows another message: the sender told others something else, or lost its state.
    Broken,
}

/// How many missing messages of one sender are still distinguished from repeated ones.
const MISSING_REMEMBERED: usize = 1024;

/// The number of one of our messages and the hash of the one before it.
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

/// Our own chain and those of the other members.
#[derive(Debug, Default)]
pub(crate) struct Chains {
    own: Option<Link>,
    others: HashMap<MemberKey, Sender>,
}

impl Chains {
    /// The number of our next envelope and the hash of the one before it.
    pub(crate) fn next_own(&self) -> (u64, PreviousHash) {
        self.own.map_or((1, PreviousHash::default()), |link| (link.sequence + 1, link.hash))
    }

    pub(crate) fn record_own(&mut self, sequence: u64, envelope: &[u8]) {
        self.own = Some(Link { sequence, hash: hash(envelope) });
    }

    /// Goes back to before the message with this numbering, as if it and all later ones had not been made.
    pub(crate) fn rewind_own(&mut self, sequence: u64, previous: PreviousHash) {
        let before = sequence.saturating_sub(1);
        self.own = (before > 0).then_some(Link { sequence: before, hash: previous });
    }

    /// Our own chain alone.
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

    /// Forgets senders who are no longer members, so that the map has at most as many entries as the group.
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
