//! What remains of a session that ended by itself: what was said and what was not sent, until the person discards it.
//!
//! Must never: hold a key. Disappearing messages disappear here, too.

use std::sync::Arc;

use crate::clock::Now;
use crate::model::{ConversationId, Delivery, Message, MessageId, Person, Room, TimelineItem};
use crate::session::Session;
use crate::timeline::Timeline;

/// The texts of a session that is over.
pub(crate) struct Remains {
    timeline: Timeline,
    rooms: Vec<Room>,
    people: Vec<Person>,
}

impl Remains {
    /// What remains of a session, and those of our messages that nobody will receive. `None`: nothing was said.
    pub(crate) fn of(session: Session) -> Option<(Self, Vec<Arc<Message>>)> {
        let (rooms, people) = (session.rooms(), session.people());
        let mut timeline = session.into_timeline();
        let unsent: Vec<MessageId> = timeline
            .messages()
            .filter(|message| matches!(message.delivery, Delivery::Pending | Delivery::Held))
            .map(|message| message.id)
            .collect();
        let failed = unsent.iter().filter_map(|id| timeline.settle(id, Delivery::Failed).cloned()).collect();
        timeline.messages().next()?;
        Some((Self { timeline, rooms, people }, failed))
    }

    /// Removes the messages whose time is over. Returns their ids.
    pub(crate) fn expire(&mut self, now: Now) -> Vec<MessageId> {
        self.timeline.expire(now.steady)
    }

    /// Discards what was said in a conversation.
    pub(crate) fn clear_conversation(&mut self, conversation: ConversationId) {
        self.timeline.clear_conversation(conversation);
    }

    /// The size of what is kept, in bytes.
    pub(crate) const fn held_bytes(&self) -> usize {
        self.timeline.held_bytes()
    }

    /// When the next message disappears, by the steady clock.
    pub(crate) fn next_expiry(&self) -> Option<std::time::Duration> {
        self.timeline.next_expiry()
    }

    /// The people, the rooms and the timeline.
    pub(crate) fn snapshot(&self) -> (Vec<Person>, Vec<Room>, Vec<TimelineItem>) {
        (self.people.clone(), self.rooms.clone(), self.timeline.snapshot())
    }
}
