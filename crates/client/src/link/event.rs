//! What a link is woken by, and what it tells.

use std::time::Duration;

use shepot_protocol::RelayToClient;
use shepot_protocol::message::Limits;
use shepot_protocol::transcript::ChannelBinding;

use super::connection::{Connection, Turn};
use crate::model::{ConnectionError, ServerRecord};

/// What the link tells.
pub(crate) enum LinkEvent {
    /// It is tried, for the so many-eth time since it stood.
    Opening { attempt: u32 },
    /// The relay let us in. `binding`: what seat proofs on this connection are made over.
    Admitted { binding: ChannelBinding, limits: Limits },
    /// About a circle.
    Frame(RelayToClient),
    /// The relay has read everything up to a mark.
    Marked(u64),
    /// What the operator can see of us.
    Record(ServerRecord),
    /// The person is told; the link goes on.
    Trouble(ConnectionError),
    /// There is no connection any more; it is tried again.
    Broke { retry_in: Duration, attempt: u32 },
    /// It is not tried again.
    Failed(ConnectionError),
}

/// What woke the link.
pub(crate) enum LinkTurn {
    Opened(Result<Connection, ConnectionError>),
    Relay(Turn),
}
