//! What we said and the relay has not confirmed yet.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use shepot_group::{MemberKey, Sealed};
use shepot_protocol::PublishId;

use crate::content::{Content, Text};
use crate::limits::{OUTBOX_BYTES, OUTBOX_MESSAGES, OWN_BYTES_KEPT, OWN_MESSAGES_KEPT};
use crate::model::MessageId;

/// A content that waits to be sent or confirmed.
pub(crate) struct Outgoing {
    pub(crate) publish_id: PublishId,
    pub(crate) content: Content,
    /// The message that the person sees. `None`: the content shows no message.
    pub(crate) message: Option<MessageId>,
    /// The encrypted form. After a lost connection the very same blob is sent again.
    pub(crate) sealed: Option<Sealed>,
    /// It was encrypted by a state of the group that is over, or for another log.
    pub(crate) is_stale: bool,
    /// It was given to the present connection.
    pub(crate) in_flight: bool,
    /// The members who could read it when it was written.
    pub(crate) audience: Arc<BTreeSet<MemberKey>>,
    /// It waits until the person releases it.
    pub(crate) held: bool,
}

/// The size of a waiting content without what people put into it, in bytes.
const OUTGOING_BYTES: usize = 256;

/// Waiting contents in the order in which they were said. Those of the person are at most [`OUTBOX_MESSAGES`], and
/// exceed [`OUTBOX_BYTES`] by one of them at most.
#[derive(Default)]
pub(crate) struct Outbox {
    queue: VecDeque<Outgoing>,
}

impl Outbox {
    pub(crate) fn is_full(&self) -> bool {
        self.queue.len() >= OUTBOX_MESSAGES || self.said_bytes() >= OUTBOX_BYTES
    }

    /// Whether nothing more is accepted, not even from the program itself.
    pub(crate) fn is_overfull(&self) -> bool {
        self.queue.len() >= OUTBOX_MESSAGES + OWN_MESSAGES_KEPT
            || self.said_bytes() >= OUTBOX_BYTES + OWN_BYTES_KEPT
    }

    /// Adds a content. The caller has checked [`Outbox::is_full`].
    pub(crate) fn push(&mut self, mut outgoing: Outgoing) {
        // A thousand members are not written down with every message.
        if let Some(last) = self.queue.back().filter(|last| last.audience == outgoing.audience) {
            outgoing.audience = Arc::clone(&last.audience);
        }
        self.queue.push_back(outgoing);
    }

    /// Releases a held message to this audience. False: no such message is held.
    pub(crate) fn release(&mut self, id: &MessageId, audience: BTreeSet<MemberKey>) -> bool {
        // Those that are released together share it.
        let same =
            self.queue.iter().find(|out| *out.audience == audience).map(|out| Arc::clone(&out.audience));
        let Some(out) = self.find_message(id).filter(|out| out.held) else { return false };
        out.held = false;
        out.audience = same.unwrap_or_else(|| Arc::new(audience));
        true
    }

    /// The size of everything that waits, in bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        let sealed = self.queue.iter().filter_map(|out| out.sealed.as_ref());
        self.said_bytes() + sealed.map(Sealed::held_bytes).sum::<usize>()
    }

    /// The size without the encrypted forms, which are no larger than what was said and its padding.
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

    /// The next content to send. What is held keeps nothing else waiting. What is encrypted goes first, by its numbers:
    /// whoever gets a number before an earlier one misses that.
    pub(crate) fn next_to_send(&mut self) -> Option<&mut Outgoing> {
        let at = self.waiting()?;
        self.queue.get_mut(at)
    }

    fn waiting(&self) -> Option<usize> {
        let may_go = self.queue.iter().enumerate().filter(|(_, out)| !out.in_flight && !out.held);
        may_go.min_by_key(|(_, out)| out.sealed.as_ref().map_or(u64::MAX, Sealed::number)).map(|(at, _)| at)
    }

    /// Whether something may be sent now.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting().is_some()
    }

    /// How many contents were sent and not confirmed yet.
    pub(crate) fn in_flight(&self) -> usize {
        self.queue.iter().filter(|out| out.in_flight).count()
    }

    /// Takes out the content that the relay confirmed.
    pub(crate) fn confirm(&mut self, publish_id: &PublishId) -> Option<Outgoing> {
        let at = self.queue.iter().position(|out| out.publish_id == *publish_id)?;
        self.queue.remove(at)
    }

    /// Takes out the content whose blob came back in the log.
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

    /// Marks a content to be sent again, because the relay wants it later.
    pub(crate) fn again(&mut self, publish_id: &PublishId) {
        if let Some(out) = self.queue.iter_mut().find(|out| out.publish_id == *publish_id) {
            out.in_flight = false;
        }
    }

    /// Marks everything to be sent again, because the connection is lost or the outcome unknown.
    pub(crate) fn none_in_flight(&mut self) {
        self.queue.iter_mut().for_each(|out| out.in_flight = false);
    }

    /// Drops the encrypted form of the first held content and of everything encrypted after it. Returns that first form
    /// and how many there were. If none of them arrived, their numbers are free again.
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

    /// Drops the encrypted forms of what is held. Their numbers may be in use.
    pub(crate) fn unseal_held(&mut self) {
        self.queue.iter_mut().filter(|out| out.held).for_each(|out| out.sealed = None);
    }

    /// Marks everything encrypted as stale, because the state that encrypted it is over.
    pub(crate) fn all_stale(&mut self) {
        self.queue.iter_mut().for_each(|out| out.is_stale = true);
    }

    /// Drops all encrypted forms, because our key is another one now.
    pub(crate) fn unseal(&mut self) {
        self.queue.iter_mut().for_each(|out| out.sealed = None);
    }

    /// Holds what was written for fewer members than there are now. Returns the messages that are newly held.
    pub(crate) fn returned(&mut self, members: &BTreeSet<MemberKey>) -> Vec<MessageId> {
        let mut held = Vec::new();
        for out in &mut self.queue {
            if !out.held && out.content.has_words() && !members.is_subset(&out.audience) {
                out.held = true;
                held.extend(out.message);
            }
        }
        held
    }

    /// A message that is not encrypted yet, to change it before anybody gets it.
    pub(crate) fn unsent(&mut self, id: &MessageId) -> Option<&mut Text> {
        let out = self.find_message(id).filter(|out| out.sealed.is_none())?;
        if let Content::Text(text) = &mut out.content { Some(text) } else { None }
    }

    /// Takes out the changes of messages that are held, in their order: they belong into the messages themselves.
    pub(crate) fn take_changes_of_held(&mut self) -> Vec<Outgoing> {
        let held: BTreeSet<MessageId> =
            self.queue.iter().filter(|out| out.held).filter_map(|out| out.message).collect();
        let is_about_held = |out: &Outgoing| out.content.changed().is_some_and(|id| held.contains(&id));
        let (changes, rest) = std::mem::take(&mut self.queue).into_iter().partition(is_about_held);
        self.queue = rest;
        Vec::from_iter::<VecDeque<Outgoing>>(changes)
    }

    /// Drops what is held and is not on the screen any more: nobody could release it.
    pub(crate) fn drop_held_unless(&mut self, is_there: impl Fn(&MessageId) -> bool) {
        self.queue.retain(|out| !out.held || out.message.is_none_or(|id| is_there(&id)));
    }

    /// Takes out what is held and shows no message: nobody could release it.
    pub(crate) fn take_held_unseen(&mut self) -> Vec<PublishId> {
        let is_unseen = |out: &Outgoing| out.held && out.message.is_none();
        let unseen = self.queue.iter().filter(|out| is_unseen(out)).map(|out| out.publish_id).collect();
        self.queue.retain(|out| !is_unseen(out));
        unseen
    }
}

#[cfg(test)]
mod tests {
    use shepot_group::MemberKey;
    use shepot_sanitise::Sanitised;

    use super::*;
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
