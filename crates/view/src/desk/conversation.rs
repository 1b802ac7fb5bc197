//! What the person makes of a conversation, and of the keys of a circle.

use shepot_client::limits::TYPING_SHOWN;
use shepot_client::model::{MessageId, PersonKey, SystemEvent};

use crate::safety::Symbols;

/// A safety code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Its symbols.
    pub symbols: Symbols,
    /// The epoch that it is of.
    pub epoch: u64,
}

/// What the person said about the safety code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Nothing yet.
    NotYet,
    /// It was the same, and nobody is in who was not then.
    Same {
        /// When: seconds since 1970.
        at: u64,
    },
    /// It was the same, but somebody has come in since.
    Outdated,
    /// It was another, and it was not compared anew since.
    Differs {
        /// When: seconds since 1970.
        at: u64,
    },
}

/// A change of the keys.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyChange {
    /// When: seconds since 1970.
    pub at: u64,
    /// What changed them.
    pub event: SystemEvent,
}

/// A conversation's state that the person makes.
#[derive(Clone, Default)]
pub struct Conversation {
    /// What is written and not sent.
    pub draft: String,
    /// Messages that nobody looked at.
    pub unread: u64,
    /// Those among them that mean the person.
    pub mentions: u64,
    /// The first message that nobody looked at: a line stands before it.
    pub first_unread: Option<MessageId>,
    /// Nothing of it is notified.
    pub is_muted: bool,
    /// What happened before this number of the timeline is not shown: it was cleared.
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

    pub(super) fn types(&mut self, person: PersonKey, now_ms: u64) {
        let shown = u64::try_from(TYPING_SHOWN.as_millis()).unwrap_or(u64::MAX);
        self.typing.retain(|(other, until)| *other != person && *until > now_ms);
        self.typing.push((person, now_ms + shown));
    }

    pub(super) fn typed(&mut self, person: PersonKey) {
        self.typing.retain(|(other, _)| *other != person);
    }

    /// Who is typing.
    #[must_use]
    pub fn typing(&self, now_ms: u64) -> Vec<PersonKey> {
        self.typing.iter().filter(|(_, until)| *until > now_ms).map(|(person, _)| *person).collect()
    }
}
