//! A word about what just happened.

use std::time::Duration;

/// How long it stays.
pub const TOAST: Duration = Duration::from_secs(5);

/// A word about what just happened.
pub struct Toast {
    /// The word.
    pub text: String,
    /// Something was not done.
    pub is_problem: bool,
    /// By the steady clock.
    until: Duration,
}

impl Toast {
    pub(crate) fn new(text: String, is_problem: bool, now: Duration) -> Self {
        Self { text, is_problem, until: now + TOAST }
    }

    pub(crate) fn is_over(&self, now: Duration) -> bool {
        self.until <= now
    }
}
