//! What the person decided about a conversation, and about the keys of a circle.

use shepot_client::limits::TYPING_SHOWN;
use shepot_client::model::{Delivery, Message, MessageId, PersonKey, SystemEvent};

use super::timeline::Timeline;
use crate::safety::Symbols;

/// A safety code, and the epoch that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The symbols that people compare.
    pub symbols: Symbols,
    /// The epoch of the group from which the code was derived.
    pub epoch: u64,
}

/// What the person said about the safety code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The person has not compared it.
    NotYet,
    /// It was the same, and nobody has come in since.
    Same {
        /// When they were compared: seconds since 1970.
        at: u64,
    },
    /// It was the same, but somebody has come in since.
    Outdated,
    /// Others saw a different code, and it has not been compared again since.
    Differs {
        /// When the person said so: seconds since 1970.
        at: u64,
    },
}

/// A change of the keys in this session.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyChange {
    /// Seconds since 1970.
    pub at: u64,
    /// The event that changed them.
    pub event: SystemEvent,
}

/// What this interface keeps about a conversation: draft, unread counters, mute.
#[derive(Clone, Default)]
pub struct Conversation {
    /// Text in the composer that was not sent.
    pub draft: String,
    /// Messages that the person has not looked at.
    pub unread: u64,
    /// The unread messages that mention the person.
    pub mentions: u64,
    /// The first unread message. The line “new” stands before it, and stays after the person has looked.
    pub first_unread: Option<MessageId>,
    /// The person gets no notifications about it.
    pub is_muted: bool,
    /// Items of the timeline with a smaller number are not shown: they were cleared.
    pub(super) begins_at: u64,
    pub(super) typing: Vec<(PersonKey, u64)>,
}

impl Conversation {
    pub(super) fn arrives(&mut self, message: MessageId, is_mention: bool) {
        if self.unread == 0 {
            self.first_unread = Some(message);
        }
        self.unread += 1;
        self.mentions += u64::from(is_mention);
    }

    /// A message goes. If the person has not looked at it, it no longer counts as unread.
    pub(super) fn goes(&mut self, message: &Message, timeline: &Timeline) {
        if message.delivery != Delivery::Received || !timeline.is_from(&message.id, self.first_unread) {
            return;
        }
        if self.unread > 0 {
            self.unread -= 1;
            self.mentions = self.mentions.saturating_sub(u64::from(message.mentions_self));
        }
        if self.first_unread == Some(message.id) {
            self.first_unread = timeline.received_after(&message.id, message.conversation);
        }
    }

    pub(super) fn types(&mut self, person: PersonKey, now_ms: u64) {
        let shown = u64::try_from(TYPING_SHOWN.as_millis()).unwrap_or(u64::MAX);
        self.typing.retain(|(other, until)| *other != person && *until > now_ms);
        self.typing.push((person, now_ms + shown));
    }

    pub(super) fn typed(&mut self, person: PersonKey) {
        self.typing.retain(|(other, _)| *other != person);
    }

    /// Everybody who is typing at `now_ms`.
    #[must_use]
    pub fn typing(&self, now_ms: u64) -> Vec<PersonKey> {
        self.typing.iter().filter(|(_, until)| *until > now_ms).map(|(person, _)| *person).collect()
    }
}
