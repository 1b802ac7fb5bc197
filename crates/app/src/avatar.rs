//! The picture of the person, and who is still to be shown it.

use std::collections::HashMap;
use std::time::Duration;

use shepot_client::model::ServerId;

/// The picture that others get, and who is still to be shown it.
#[derive(Default)]
pub(crate) struct Avatar {
    /// PNG or WebP; empty: none.
    pub(crate) image: Vec<u8>,
    /// When it is shown again, by the steady clock.
    pub(crate) due: HashMap<ServerId, Duration>,
}

impl Avatar {
    /// When somebody is to be shown it next, by the steady clock.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.due.values().min().copied()
    }
}
