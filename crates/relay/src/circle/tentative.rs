//! A newcomer's commit while members examine it.

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
    /// The member that is asked, and when its time ends.
    pub waiting: Option<(ConnectionId, Instant)>,
    /// Whether a member spoke against it.
    pub opposed: bool,
    /// The account that pays for asking members.
    pub account: Account,
    pub memory: Reservation,
}

impl Tentative {
    /// The members that were asked, and the id of the commit.
    pub(super) fn into_asked(self) -> (Vec<ConnectionId>, CommitId) {
        (self.asked, self.id)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting.map(|(_, until)| until)
    }
}
