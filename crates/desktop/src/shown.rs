//! The only way of text into the component tree. What is shown there has gone through `Sanitised`, whoever wrote it;
//! what a person types or pastes into a field of their own stays as it is.
//! `testkit/tests/workspace/labels.rs` holds that nothing else in this crate makes a string of the toolkit's.

use shepot_sanitise::Sanitised;
use slint::SharedString;

/// Text that is on its way to the screen.
pub(crate) trait Shown {
    /// As a label shows it.
    fn shown(self) -> SharedString;
}

impl<T: Into<Sanitised>> Shown for T {
    fn shown(self) -> SharedString {
        SharedString::from(&*self.into())
    }
}

/// What a person types, or has typed: it stands in their own field, character by character.
pub(crate) fn typed(text: impl Into<SharedString>) -> SharedString {
    text.into()
}
