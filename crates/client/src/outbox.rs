//! What we said and the relay has not confirmed.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use shepot_group::{MemberKey, Sealed};
use shepot_protocol::PublishId;

use crate::content::Content;
use crate::limits::{OUTBOX_BYTES, OUTBOX_MESSAGES, OWN_BYTES_KEPT, OWN_MESSAGES_KEPT};
use crate::model::MessageId;

/// One content on its way.
pub(crate) struct Outgoing {
    pub(crate) publish_id: PublishId,
    pub(crate) content: Content,
    /// The message that the person sees, if it is one.
    pub(crate) message: Option<MessageId>,
    /// Encrypted: the very same blob is sent again after a drop.
    pub(crate) sealed: Option<Sealed>,
    /// It was encrypted by a state of the group that is over, whatever its epoch's number.
    pub(crate) is_stale: bool,
    /// Given to the present connection.
    pub(crate) in_flight: bool,
    /// Who could read it when it was written.
    pub(crate) audience: Arc<BTreeSet<MemberKey>>,
    /// The person is to be asked first.
    pub(crate) held: bool,
}

/// Bytes of what waits, besides what people put into it.
const OUTGOING_BYTES: usize = 256;

/// In the order in which it was said. People's are never more than [`OUTBOX_MESSAGES`], nor over [`OUTBOX_BYTES`] by more
/// than one of them.
#[derive(Default)]
pub(crate) struct Outbox {
    queue: VecDeque<Outgoing>,
}

impl Outbox {
    pub(crate) fn is_full(&self) -> bool {
        self.queue.len() >= OUTBOX_MESSAGES || self.said_bytes() >= OUTBOX_BYTES
    }

    /// Nothing more is taken, not even of the program's own.
    pub(crate) fn is_overfull(&self) -> bool {
        self.queue.len() >= OUTBOX_MESSAGES + OWN_MESSAGES_KEPT
            || self.said_bytes() >= OUTBOX_BYTES + OWN_BYTES_KEPT
    }

    /// The caller asked [`Outbox::is_full`] before.
    pub(crate) fn push(&mut self, mut outgoing: Outgoing) {
        // A thousand members are not written down with every message.
        if let Some(last) = self.queue.back().filter(|last| last.audience == outgoing.audience) {
            outgoing.audience = Arc::clone(&last.audience);
        }
        self.queue.push_back(outgoing);
    }

    /// A message that was held goes to these.
    pub(crate) fn release(&mut self, id: &MessageId, audience: BTreeSet<MemberKey>) -> bool {
        // Those that are released together share it.
        let same =
            self.queue.iter().find(|out| *out.audience == audience).map(|out| Arc::clone(&out.audience));
        let Some(out) = self.find_message(id).filter(|out| out.held) else { return false };
        out.held = false;
        out.audience = same.unwrap_or_else(|| Arc::new(audience));
        true
    }

    /// Bytes of all that waits.
    pub(crate) fn held_bytes(&self) -> usize {
        let sealed = self.queue.iter().filter_map(|out| out.sealed.as_ref());
        self.said_bytes() + sealed.map(Sealed::held_bytes).sum::<usize>()
    }

    /// The same without what is encrypted: of that there is no more than was said, and its padding.
    fn said_bytes(&self) -> usize {
        let mut counted: Option<&Arc<BTreeSet<MemberKey>>> = None;
        let mut bytes = 0;
        for out in &self.queue {
            bytes += OUTGOING_BYTES + out.content.held_bytes();
            if counted.is_none_or(|before| !Arc::ptr_eq(before, &out.audience)) {
                bytes += out.audience.len() * size_of::<MemberKey>();
                counted = Some(&out.audience);
            }
        }
        bytes
    }

    /// What waits to be given to the connection. What people said waits behind what is held, so that order is kept;
    /// what the program itself says does not.
    pub(crate) fn next_to_send(&mut self) -> Option<&mut Outgoing> {
        let at = self.waiting()?;
        self.queue.get_mut(at)
    }

    fn waiting(&self) -> Option<usize> {
        let held = self.queue.iter().position(|out| out.held).unwrap_or(self.queue.len());
        let may_go = |at: usize, out: &Outgoing| !out.held && (at < held || !out.content.is_speech());
        self.queue.iter().enumerate().find(|(at, out)| !out.in_flight && may_go(*at, out)).map(|(at, _)| at)
    }

    /// Whether something waits that may go.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting().is_some()
    }

    /// How many were given to the connection and are not confirmed.
    pub(crate) fn in_flight(&self) -> usize {
        self.queue.iter().filter(|out| out.in_flight).count()
    }

    /// The relay confirmed it.
    pub(crate) fn confirm(&mut self, publish_id: &PublishId) -> Option<Outgoing> {
        let at = self.queue.iter().position(|out| out.publish_id == *publish_id)?;
        self.queue.remove(at)
    }

    /// The one whose blob begins so came back by the log.
    pub(crate) fn confirm_blob(&mut self, blob: &[u8]) -> Option<Outgoing> {
        let at = self.queue.iter().position(|out| out.sealed.as_ref().is_some_and(|s| s.blob == blob))?;
        self.queue.remove(at)
    }

    pub(crate) fn find_message(&mut self, id: &MessageId) -> Option<&mut Outgoing> {
        self.queue.iter_mut().find(|out| out.message == Some(*id))
    }

    pub(crate) fn remove_message(&mut self, id: &MessageId) {
        self.queue.retain(|out| out.message != Some(*id));
    }

    /// The relay wants it later: it goes again.
    pub(crate) fn again(&mut self, publish_id: &PublishId) {
        if let Some(out) = self.queue.iter_mut().find(|out| out.publish_id == *publish_id) {
            out.in_flight = false;
        }
    }

    /// The connection is gone, or what became of them cannot be known.
    pub(crate) fn none_in_flight(&mut self) {
        self.queue.iter_mut().for_each(|out| out.in_flight = false);
    }

    /// Whatever was encrypted after the first of those that are held is not any more. Gives that one and how many there
    /// were: their numbers are free again, when it is sure that none of them arrived.
    pub(crate) fn unseal_from_first_held(&mut self) -> Option<(Sealed, u64)> {
        let held = self.queue.iter().filter(|out| out.held).filter_map(|out| out.sealed.as_ref());
        let first = held.min_by_key(|sealed| sealed.number())?.clone();
        let mut unsealed = 0;
        for out in &mut self.queue {
            if out.sealed.take_if(|sealed| sealed.number() >= first.number()).is_some() {
                unsealed += 1;
            }
        }
        Some((first, unsealed))
    }

    /// What is held is not encrypted any more; its numbers may be in use.
    pub(crate) fn unseal_held(&mut self) {
        self.queue.iter_mut().filter(|out| out.held).for_each(|out| out.sealed = None);
    }

    /// What is encrypted is of a state that is over.
    pub(crate) fn all_stale(&mut self) {
        self.queue.iter_mut().for_each(|out| out.is_stale = true);
    }

    /// Nothing is encrypted any more: it was by another key than ours is now.
    pub(crate) fn unseal(&mut self) {
        self.queue.iter_mut().for_each(|out| out.sealed = None);
    }

    /// Back in the circle: what was written for fewer people than are in it now is held. Gives the messages that are
    /// newly held.
    pub(crate) fn returned(&mut self, members: &BTreeSet<MemberKey>) -> Vec<MessageId> {
        let mut held = Vec::new();
        for out in &mut self.queue {
            if !out.held && out.content.is_speech() && !members.is_subset(&out.audience) {
                out.held = true;
                held.extend(out.message);
            }
        }
        held
    }
}

#[cfg(test)]
mod tests {
    use shepot_group::MemberKey;
    use shepot_sanitise::Sanitised;

    use super::*;
    use crate::content::Text;
    use crate::model::RoomId;

    fn waiting(id: u8, length: usize, audience: &Arc<BTreeSet<MemberKey>>) -> Outgoing {
        let (room, reply_to) = (RoomId::MAIN, None);
        let body = Sanitised::of(&"x".repeat(length));
        let message = MessageId([id; 16]);
        Outgoing {
            publish_id: PublishId([id; 16]),
            content: Content::Text(Text {
                message,
                room,
                body,
                reply_to,
                mentions: Vec::new(),
                disappears_after_s: 0,
            }),
            message: Some(message),
            sealed: None,
            is_stale: false,
            in_flight: false,
            audience: Arc::new(BTreeSet::clone(audience)),
            held: false,
        }
    }

    #[test]
    fn what_waits_is_bounded_by_its_bytes_too() {
        let mut outbox = Outbox::default();
        let nobody = Arc::default();
        for id in 0..4 {
            assert!(!outbox.is_full());
            outbox.push(waiting(id, OUTBOX_BYTES / 4, &nobody));
        }
        assert!(outbox.is_full());
        outbox.confirm(&PublishId([2; 16])).unwrap();
        assert!(!outbox.is_full());
    }

    #[test]
    fn who_could_read_it_is_written_down_when_it_changes() {
        let mut outbox = Outbox::default();
        let many: Arc<BTreeSet<_>> = Arc::new(
            (0..1_000_u16).map(|n| MemberKey([n.to_be_bytes(); 16].concat().try_into().unwrap())).collect(),
        );
        for id in 0..100 {
            outbox.push(waiting(id, 0, &many));
        }
        let keys = many.len() * size_of::<MemberKey>();
        assert!((keys..2 * keys).contains(&outbox.held_bytes()), "{}", outbox.held_bytes());
        outbox.push(waiting(100, 0, &Arc::default()));
        outbox.push(waiting(101, 0, &many));
        assert!(outbox.held_bytes() > 2 * keys);
    }
}
