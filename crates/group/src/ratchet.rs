//! How far the ratchets of the members were read in one epoch, and which keys of skipped messages are kept.
//!
//! Owns the bounds on kept keys. MLS would keep the key of every skipped message for ever, up to 1,024 for each message
//! that arrives. The log is in order. What comes late are messages that the relay wanted later. Signals that it dropped
//! never come. Must never know a key: this module only says which ones MLS has to forget.

use std::collections::{HashMap, VecDeque};

/// How many keys of skipped messages are kept in one epoch, for all members together. One takes about 150 bytes.
pub const KEPT_KEYS: usize = 2_048;

/// The bound for a past epoch, in which single keys cannot be forgotten: what was kept before, and as much again.
const KEPT_KEYS_OF_A_PAST_EPOCH: usize = 2 * KEPT_KEYS;

/// How many of these keys one member may have.
pub const KEPT_KEYS_PER_MEMBER: usize = 256;

/// Identifies the key of one message: the leaf and the generation of its ratchet (RFC 9420, section 9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageKeyId {
    pub(crate) leaf: u32,
    pub(crate) generation: u32,
}

#[derive(Default)]
struct Ratchet {
    /// The generation that comes next.
    next: u32,
    /// The generations whose keys are kept, in ascending order.
    kept: VecDeque<u32>,
}

/// The ratchets of one epoch.
#[derive(Default)]
pub(crate) struct Ratchets {
    by_leaf: HashMap<u32, Ratchet>,
    kept: usize,
}

impl Ratchets {
    /// Whether the keys of the messages that this one skips may be kept, in an epoch where none can be forgotten. Each
    /// member has its own share, so nobody uses up another's.
    pub(crate) fn has_room_for(&self, id: MessageKeyId) -> bool {
        let ratchet = self.by_leaf.get(&id.leaf);
        let (next, kept) = ratchet.map_or((0, 0), |ratchet| (ratchet.next, ratchet.kept.len()));
        let skipped = id.generation.saturating_sub(next) as usize;
        let is_in_its_share = kept + skipped <= KEPT_KEYS_PER_MEMBER;
        skipped == 0 || (is_in_its_share && self.kept + skipped <= KEPT_KEYS_OF_A_PAST_EPOCH)
    }

    /// A message was read. Its key is gone, and the keys of the messages that it skipped are kept.
    pub(crate) fn read(&mut self, id: MessageKeyId) {
        let ratchet = self.by_leaf.entry(id.leaf).or_default();
        if id.generation < ratchet.next {
            if let Ok(at) = ratchet.kept.binary_search(&id.generation) {
                ratchet.kept.remove(at);
                self.kept -= 1;
            }
            return;
        }
        let before = ratchet.kept.len();
        ratchet.kept.extend(ratchet.next..id.generation);
        ratchet.next = id.generation.saturating_add(1);
        self.kept += ratchet.kept.len() - before;
    }

    /// The keys to forget after a message of this member: the member's oldest if it has too many, then the oldest of
    /// those with the most.
    pub(crate) fn forget_beyond_bounds(&mut self, leaf: u32) -> Vec<MessageKeyId> {
        let mut forgotten = Vec::new();
        while self.by_leaf.get(&leaf).is_some_and(|ratchet| ratchet.kept.len() > KEPT_KEYS_PER_MEMBER) {
            forgotten.extend(self.forget_oldest_of(leaf));
        }
        while self.kept > KEPT_KEYS {
            let Some((&leaf, _)) = self.by_leaf.iter().max_by_key(|(_, ratchet)| ratchet.kept.len()) else {
                break;
            };
            forgotten.extend(self.forget_oldest_of(leaf));
        }
        forgotten
    }

    fn forget_oldest_of(&mut self, leaf: u32) -> Option<MessageKeyId> {
        let generation = self.by_leaf.get_mut(&leaf)?.kept.pop_front()?;
        self.kept -= 1;
        Some(MessageKeyId { leaf, generation })
    }

    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(leaf: u32, generation: u32) -> MessageKeyId {
        MessageKeyId { leaf, generation }
    }

    #[test]
    fn what_is_in_order_keeps_nothing() {
        let mut ratchets = Ratchets::default();
        for generation in 0..5_000 {
            ratchets.read(id(1, generation));
        }
        assert_eq!(ratchets.kept(), 0);
    }

    #[test]
    fn what_was_skipped_is_kept_until_it_comes() {
        let mut ratchets = Ratchets::default();
        ratchets.read(id(1, 3));
        assert_eq!(ratchets.kept(), 3);
        ratchets.read(id(1, 1));
        ratchets.read(id(1, 1));
        assert_eq!(ratchets.kept(), 2);
        let share = u32::try_from(KEPT_KEYS_PER_MEMBER).unwrap();
        assert!(ratchets.has_room_for(id(1, 4 + share - 2)) && !ratchets.has_room_for(id(1, 4 + share - 1)));
        assert!(ratchets.has_room_for(id(2, share)) && !ratchets.has_room_for(id(2, share + 1)));
    }

    #[test]
    fn late_messages_of_all_together_have_a_bound_too() {
        let mut ratchets = Ratchets::default();
        let share = u32::try_from(KEPT_KEYS_PER_MEMBER).unwrap();
        for leaf in 0..1_000 {
            if ratchets.has_room_for(id(leaf, share)) {
                ratchets.read(id(leaf, share));
            }
        }
        assert_eq!(ratchets.kept(), KEPT_KEYS_OF_A_PAST_EPOCH);
        assert!(ratchets.has_room_for(id(999, 0)), "who skips nothing is always heard");
    }

    #[test]
    fn a_member_that_skips_loses_its_own_oldest() {
        let mut ratchets = Ratchets::default();
        ratchets.read(id(2, 5));
        ratchets.read(id(1, u32::try_from(KEPT_KEYS_PER_MEMBER).unwrap() + 2));
        assert_eq!(ratchets.forget_beyond_bounds(1), [id(1, 0), id(1, 1)]);
        assert_eq!(ratchets.kept(), KEPT_KEYS_PER_MEMBER + 5);
    }

    #[test]
    fn when_many_skip_those_lose_who_skipped_most() {
        let mut ratchets = Ratchets::default();
        ratchets.read(id(0, 10));
        for leaf in 1..100 {
            for generation in [100, 200, 300] {
                ratchets.read(id(leaf, generation));
                ratchets.forget_beyond_bounds(leaf);
                assert!(ratchets.kept() <= KEPT_KEYS);
            }
        }
        assert_eq!(ratchets.by_leaf[&0].kept.len(), 10, "who skipped little keeps all");
        assert_eq!(ratchets.kept(), KEPT_KEYS);
    }
}
