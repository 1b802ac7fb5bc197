//! The number by which a relay and its operator know a connection.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of a connection, counted from 1 and never reused while the relay runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConnectionId(pub u64);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
