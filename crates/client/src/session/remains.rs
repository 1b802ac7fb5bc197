//! What a session leaves that ended without the person: what was said, and what was not sent, until the person lets it go.
//!
//! Must never: hold a key. What disappears does so here too.

use std::sync::Arc;

use crate::clock::Now;
use crate::model::{ConversationId, Delivery, Message, MessageId, Person, Room, TimelineItem};
use crate::session::Session;
use crate::timeline::Timeline;

/// Texts of a session that is over.
pub(crate) struct Remains {
    timeline: Timeline,
    rooms: Vec<Room>,
    people: Vec<Person>,
}

impl Remains {
    /// Of a session that ends, with the messages of ours that nobody will hear; none where nothing was said.
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

    /// Takes out what has disappeared by now; gives the names.
    pub(crate) fn expire(&mut self, now: Now) -> Vec<MessageId> {
        self.timeline.expire(now.steady)
    }

    /// Lets go of what was said in a conversation.
    pub(crate) fn clear_conversation(&mut self, conversation: ConversationId) {
        self.timeline.clear_conversation(conversation);
    }

    /// Bytes of what is kept.
    pub(crate) const fn held_bytes(&self) -> usize {
        self.timeline.held_bytes()
    }

    /// When the next message disappears, by the steady clock.
    pub(crate) fn next_expiry(&self) -> Option<std::time::Duration> {
        self.timeline.next_expiry()
    }

    /// Who was there, the rooms, and what was said.
    pub(crate) fn snapshot(&self) -> (Vec<Person>, Vec<Room>, Vec<TimelineItem>) {
        (self.people.clone(), self.rooms.clone(), self.timeline.snapshot())
    }
}
