//! What wakes a link, and what it tells.

use std::time::Duration;

use shepot_protocol::RelayToClient;
use shepot_protocol::message::Limits;
use shepot_protocol::transcript::ChannelBinding;

use super::connection::{Connection, Turn};
use crate::model::{ConnectionError, ServerRecord};

/// What a link tells.
pub(crate) enum LinkEvent {
    /// The link is being dialled. `attempt`: how many waits came before.
    Opening { attempt: u32 },
    /// The relay admitted us. `binding`: what seat proofs on this connection are made over.
    Admitted { binding: ChannelBinding, limits: Limits },
    /// A frame about a circle.
    Frame(RelayToClient),
    /// The relay has read everything up to this mark.
    Marked(u64),
    /// What the operator can see of us, according to the relay.
    Record(ServerRecord),
    /// The person is told about an error. The link goes on.
    Trouble(ConnectionError),
    /// The connection is lost. It is dialled again after `retry_in`.
    Broke { retry_in: Duration, attempt: u32 },
    /// The link ended and is not dialled again.
    Failed(ConnectionError),
}

/// What woke a link.
pub(crate) enum LinkTurn {
    Opened(Result<Connection, ConnectionError>),
    Relay(Turn),
}
