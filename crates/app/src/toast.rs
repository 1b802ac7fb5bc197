//! Short notices about what just happened.

use std::time::Duration;

use shepot_client::model::{MessageId, PersonKey};
use shepot_sanitise::Sanitised;
use shepot_view::desk::Place;

/// The shortest time for which a toast stays.
pub const TOAST: Duration = Duration::from_secs(5);

/// The time to read one character, for long texts.
const READING_A_CHARACTER: Duration = Duration::from_millis(70);

/// The subject of a toast. Interfaces with pictures have one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Something was done.
    Done,
    /// Something went wrong.
    Problem,
    /// Something worth knowing.
    Information,
    /// About a room.
    Room,
    /// About a link.
    Link,
    /// About the owner's rights.
    Owner,
    /// The panic keys were pressed once.
    Panic,
    /// About the safety code.
    Safety,
}

/// A short notice about what just happened.
pub struct Toast {
    /// The sentence.
    pub text: String,
    /// The subject.
    pub sign: Sign,
    /// The deleted message, which can be sent again.
    pub(crate) undo: Option<Deleted>,
    /// When it disappears, on the steady clock.
    pub(crate) until: Duration,
}

/// A message that was just deleted.
pub(crate) struct Deleted {
    pub(crate) place: Place,
    pub(crate) body: Sanitised,
    pub(crate) reply_to: Option<MessageId>,
    pub(crate) mentions: Vec<PersonKey>,
}

impl Toast {
    pub(crate) fn new(text: String, sign: Sign, now: Duration) -> Self {
        let characters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let until = now + TOAST.max(READING_A_CHARACTER.saturating_mul(characters));
        Self { text, sign, undo: None, until }
    }

    /// Keeps the toast while somebody reads it. Its time then begins again.
    pub(crate) fn hold(&mut self, holds: bool, now: Duration) {
        let undo = self.undo.take();
        *self = Self { undo, ..Self::new(std::mem::take(&mut self.text), self.sign, now) };
        if holds {
            self.until = Duration::MAX;
        }
    }

    pub(crate) fn is_over(&self, now: Duration) -> bool {
        self.until <= now
    }

    /// Whether what just happened can be undone.
    #[must_use]
    pub const fn can_be_undone(&self) -> bool {
        self.undo.is_some()
    }

    /// Whether it is about something that went wrong, or a warning before panic.
    #[must_use]
    pub fn is_problem(&self) -> bool {
        matches!(self.sign, Sign::Problem | Sign::Panic)
    }
}
