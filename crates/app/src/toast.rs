//! A word about what just happened.

use std::time::Duration;

use shepot_client::model::{MessageId, PersonKey};
use shepot_sanitise::Sanitised;
use shepot_view::desk::Place;

/// How long it stays at least.
pub const TOAST: Duration = Duration::from_secs(5);

/// How long it takes to read one character of a long one.
const READING_A_CHARACTER: Duration = Duration::from_millis(70);

/// What a word is about: interfaces with pictures have one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Something was done.
    Done,
    /// Something was not done.
    Problem,
    /// Something to know.
    Information,
    /// A room.
    Room,
    /// A link.
    Link,
    /// An owner.
    Owner,
    /// Panic.
    Panic,
    /// The safety code.
    Safety,
}

/// A word about what just happened.
pub struct Toast {
    /// The word.
    pub text: String,
    /// What it is about.
    pub sign: Sign,
    /// What was deleted, and can be said again.
    pub(crate) undo: Option<Deleted>,
    /// By the steady clock.
    pub(crate) until: Duration,
}

/// A message that was deleted a moment ago.
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

    /// Its time does not pass while somebody reads it, and begins anew then.
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

    /// What just happened can be taken back.
    #[must_use]
    pub const fn can_be_undone(&self) -> bool {
        self.undo.is_some()
    }

    /// Something was not done, or is about to be undone.
    #[must_use]
    pub fn is_problem(&self) -> bool {
        matches!(self.sign, Sign::Problem | Sign::Panic)
    }
}
