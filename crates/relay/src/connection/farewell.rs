//! The last words to a connection.

use std::io::Write as _;
use std::sync::Arc;

use shepot_protocol::RelayToClient;
use shepot_protocol::message::{NoticeKind, RefusalCause};

use super::{CloseReason, Connection, Ending};
use crate::admission::{close_writing, drain, flush, refusal};
use crate::clock::within;

impl Ending {
    /// What the client is told. `None`: the connection is gone, or there is nothing to tell.
    fn last_word(self) -> Option<RelayToClient> {
        match self {
            Self::Gone | Self::Broken | Self::Closed(CloseReason::Silent) => None,
            Self::Refused(cause) => Some(RelayToClient::Refused(refusal(cause))),
            Self::Closed(CloseReason::TooSlow) => {
                Some(RelayToClient::Refused(refusal(RefusalCause::TooSlow)))
            }
            Self::Closed(CloseReason::MemoryFull) => {
                Some(RelayToClient::Refused(refusal(RefusalCause::MemoryFull)))
            }
            Self::Closed(CloseReason::Crowded) => {
                Some(RelayToClient::Refused(refusal(RefusalCause::CircleFull)))
            }
            Self::Closed(CloseReason::Ban) => Some(RelayToClient::Refused(refusal(RefusalCause::Banned))),
            Self::Closed(CloseReason::Revoke) => {
                Some(RelayToClient::Refused(refusal(RefusalCause::InvitationRevoked)))
            }
            Self::Closed(CloseReason::ShutDown) => Some(RelayToClient::Notice(NoticeKind::ShuttingDown)),
            Self::Closed(CloseReason::Disconnect) => {
                Some(RelayToClient::Notice(NoticeKind::DisconnectedByOperator))
            }
            Self::Closed(CloseReason::Replaced) => Some(RelayToClient::Notice(NoticeKind::Replaced)),
        }
    }
}

impl Connection {
    /// Tells the client why the connection ends and closes it, within the farewell deadline.
    pub(super) async fn say_farewell(&mut self, ending: Ending) {
        let Some(frame) = ending.last_word().and_then(|word| word.to_frame().ok()) else { return };
        let shared = Arc::clone(&self.shared);
        let deadline = shared.clock.after(shared.limits().farewell_deadline);
        let words = async {
            flush(&mut self.stream, &mut self.tls).await?;
            // A frame that was begun is ended, or the client could not read what follows.
            while !self.rest.is_empty() {
                let part = self.rest.split_to(self.rest.len().min(64 * 1024));
                self.tls.writer().write_all(&part)?;
                flush(&mut self.stream, &mut self.tls).await?;
            }
            while let Some(answer) = self.outbox.pop_front() {
                self.tls.writer().write_all(&answer)?;
            }
            self.tls.writer().write_all(&frame)?;
            self.tls.send_close_notify();
            flush(&mut self.stream, &mut self.tls).await?;
            close_writing(&mut self.stream).await?;
            // Closing over unread bytes would be a reset, and could take our words away from the client again.
            drain(&self.stream).await;
            std::io::Result::Ok(())
        };
        let _ = within(words, deadline).await;
    }
}
