//! The picture of the person, and when it is sent again.

use std::collections::HashMap;
use std::time::Duration;

use shepot_client::model::ServerId;

/// The picture that others get, and when it is sent again.
#[derive(Default)]
pub(crate) struct Avatar {
    /// PNG or WebP. Empty: none.
    pub(crate) image: Vec<u8>,
    /// When it is sent to a server again, on the steady clock.
    pub(crate) due: HashMap<ServerId, Duration>,
}

impl Avatar {
    /// When it is sent next, on the steady clock. `None`: not planned.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.due.values().min().copied()
    }
}
