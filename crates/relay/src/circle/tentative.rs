//! A newcomer's commit until members have said what they think of it.

use std::time::Instant;

use shepot_protocol::CommitId;
use shepot_protocol::message::Commit;

use crate::budget::{Account, Reservation};
use crate::id::ConnectionId;

/// A newcomer's commit that no member has endorsed yet.
#[derive(Debug)]
pub(super) struct Tentative {
    pub id: CommitId,
    pub author: ConnectionId,
    pub commit: Commit,
    pub asked: Vec<ConnectionId>,
    /// Who is being waited for, and until when.
    pub waiting: Option<(ConnectionId, Instant)>,
    /// Somebody spoke against it.
    pub opposed: bool,
    /// Who pays for asking about it, and has paid for it.
    pub account: Account,
    pub memory: Reservation,
}

impl Tentative {
    /// Who was asked about it, and its name.
    pub(super) fn into_asked(self) -> (Vec<ConnectionId>, CommitId) {
        (self.asked, self.id)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting.map(|(_, until)| until)
    }
}
