//! The only way for text into the component tree. What is shown has gone through `Sanitised`, whoever wrote it. What
//! the person types or pastes into a field stays as it is. `testkit/tests/workspace/labels.rs` checks that nothing else
//! in this crate makes a string of the toolkit.

use shepot_sanitise::Sanitised;
use slint::SharedString;

/// Text that can be shown on the screen.
pub(crate) trait Shown {
    /// The text for a label.
    fn shown(self) -> SharedString;
}

impl<T: Into<Sanitised>> Shown for T {
    fn shown(self) -> SharedString {
        SharedString::from(&*self.into())
    }
}

/// Text that the person types. It stays in the field character by character.
pub(crate) fn typed(text: impl Into<SharedString>) -> SharedString {
    text.into()
}
