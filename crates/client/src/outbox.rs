//! What we said and the relay has not confirmed.

use std::collections::{BTreeSet, VecDeque};

use shepot_group::{MemberKey, Sealed};
use shepot_protocol::PublishId;

use crate::content::Content;
use crate::limits::OUTBOX_MESSAGES;
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
    pub(crate) audience: BTreeSet<MemberKey>,
    /// The person is to be asked first.
    pub(crate) held: bool,
}

/// What the program itself may say beyond [`OUTBOX_MESSAGES`].
const OWN_MESSAGES: usize = 64;

/// In the order in which it was said. Never more than [`OUTBOX_MESSAGES`] of people's.
#[derive(Default)]
pub(crate) struct Outbox {
    queue: VecDeque<Outgoing>,
}

impl Outbox {
    pub(crate) fn is_full(&self) -> bool {
        self.queue.len() >= OUTBOX_MESSAGES
    }

    /// Nothing more is taken, not even of the program's own.
    pub(crate) fn is_overfull(&self) -> bool {
        self.queue.len() >= OUTBOX_MESSAGES + OWN_MESSAGES
    }

    /// The caller asked [`Outbox::is_full`] before.
    pub(crate) fn push(&mut self, outgoing: Outgoing) {
        self.queue.push_back(outgoing);
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
