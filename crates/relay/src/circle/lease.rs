//! Whose turn it is to join, what was done for it, and what members have given for that.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::id::ConnectionId;

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Lease {
    /// Nobody's.
    #[default]
    Free,
    /// This one's, as soon as there is group information.
    Wanted { to: ConnectionId, turn: Turn },
    /// This one's, with group information of this epoch.
    Given { to: ConnectionId, epoch: u64, until: Instant, turn: Turn },
    /// This one's, and its commit is tentative: the turn ends with that.
    Committing { to: ConnectionId },
    /// The epoch that this one was served ended before its commit came: it keeps its place, if it asks again.
    Reserved { to: ConnectionId, until: Instant, turn: Turn },
}

/// What was done for a newcomer in its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Turn {
    /// How often it was served.
    pub served: u8,
    /// Its place was kept: that is done once.
    pub kept: bool,
}

impl Lease {
    pub(super) fn holder(&self) -> Option<ConnectionId> {
        match self {
            Self::Free => None,
            Self::Wanted { to, .. }
            | Self::Given { to, .. }
            | Self::Committing { to }
            | Self::Reserved { to, .. } => Some(*to),
        }
    }
}

/// A member was asked and has until then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub to: ConnectionId,
    pub until: Instant,
}

/// The `Leased` frame of an epoch: whose turn it was when it was given has paid for it.
#[derive(Debug)]
pub(super) struct Information {
    pub frame: Bytes,
    pub ttl: Duration,
}

#[derive(Debug, Default)]
pub(super) struct Joining {
    pub queue: VecDeque<ConnectionId>,
    pub lease: Lease,
    pub question: Option<Question>,
    /// Who was asked in this epoch, with the number of the question.
    pub asked: Vec<(u64, ConnectionId)>,
    pub next_ask_id: u64,
    pub information: Option<Information>,
}

impl Joining {
    /// Whether members have worked for this one in the turn that it has.
    pub(super) fn is_served(&self, connection: ConnectionId) -> bool {
        match self.lease {
            Lease::Wanted { to, turn } => to == connection && turn.served > 0,
            Lease::Given { to, .. } | Lease::Committing { to } | Lease::Reserved { to, .. } => {
                to == connection
            }
            Lease::Free => false,
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let lease = match self.lease {
            Lease::Given { until, .. } | Lease::Reserved { until, .. } => Some(until),
            Lease::Free | Lease::Wanted { .. } | Lease::Committing { .. } => None,
        };
        self.question.map(|question| question.until).into_iter().chain(lease).min()
    }

    /// The epoch is over, and with it what was asked and answered.
    pub(super) fn forget_information(&mut self) {
        self.information = None;
        self.question = None;
        self.asked.clear();
    }
}
