//! Whose turn it is to join, and what members have provided for it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::id::ConnectionId;

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Lease {
    /// It is nobody's turn.
    #[default]
    Free,
    /// It is this newcomer's turn, as soon as there is group information.
    Wanted { to: ConnectionId, turn: Turn },
    /// It is this newcomer's turn, and it was served group information of this epoch.
    Given { to: ConnectionId, epoch: u64, until: Instant, turn: Turn },
    /// It is this newcomer's turn, and its commit is tentative. The turn ends with the commit.
    Committing { to: ConnectionId },
    /// The epoch that this newcomer was served ended before its commit came. It keeps its place if it asks again in
    /// time.
    Reserved { to: ConnectionId, until: Instant, turn: Turn },
}

/// What was done for a newcomer during its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Turn {
    /// How often it was served group information.
    pub served: u8,
    /// Whether its place was kept, which is done once.
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

/// A member was asked and has to answer by then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub to: ConnectionId,
    pub until: Instant,
}

/// The `Leased` frame of an epoch. The newcomer whose turn it was has paid for it.
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
    /// The members that were asked in this epoch, each with the number of the request.
    pub asked: Vec<(u64, ConnectionId)>,
    pub next_ask_id: u64,
    pub information: Option<Information>,
}

impl Joining {
    /// Whether members have provided something for this newcomer in its turn.
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

    /// Forgets requests and answers, because the epoch is over.
    pub(super) fn forget_information(&mut self) {
        self.information = None;
        self.question = None;
        self.asked.clear();
    }
}
