//! What the relay says about the link: that it admits us, refuses us or ends the connection. Passes on frames about
//! circles.
//!
//! Must never: accept from a relay before its `Welcome` what may only come after it.

use shepot_protocol::RelayToClient;
use shepot_protocol::message::{NoticeKind, Record, Refusal, RefusalCause, Welcome};
use shepot_sanitise as sanitise;

use super::connection::Incoming;
use super::event::LinkEvent;
use super::liveness::Liveness;
use super::{Link, Way};
use crate::limits::{CLOSED_DOORS, RECORD_CHARACTERS};
use crate::model::{ConnectionError, ServerRecord};

impl Link {
    pub(super) fn heard(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Message(message) => {
                self.was_answered = true;
                self.closed_at_the_door = 0;
                if let Way::Open { connection, liveness, .. } = &mut self.way {
                    // What was known by it already says nothing more.
                    connection.has_heard();
                    liveness.heard(self.clock.now().steady);
                }
                self.told(message);
            }
            Incoming::Garbage => self.fail(ConnectionError::ServerMisbehaves),
            Incoming::Closed => self.closed_without_a_word(),
        }
    }

    fn told(&mut self, message: RelayToClient) {
        if !matches!(self.way, Way::Open { .. }) && !may_come_before_welcome(&message) {
            return self.fail(ConnectionError::ServerMisbehaves);
        }
        match message {
            RelayToClient::Welcome(welcome) => self.welcomed(&welcome),
            RelayToClient::Notice(notice) => self.notice(notice),
            RelayToClient::Pong { nonce } => {
                // In the order of the pings: what was asked before is passed, too.
                if let Some(at) = self.marks.iter().position(|mark| *mark == nonce) {
                    self.events.extend(self.marks.drain(..=at).map(LinkEvent::Marked));
                }
            }
            RelayToClient::Refused(refusal) if refusal.circle.is_none() => self.refused(&refusal),
            RelayToClient::Record(record) => self.told_record(&record),
            frame @ (RelayToClient::Entered(_)
            | RelayToClient::Leased(_)
            | RelayToClient::Final(_)
            | RelayToClient::Conflict(_)
            | RelayToClient::GroupInfoRequest(_)
            | RelayToClient::Tentative(_)
            | RelayToClient::Published(_)
            | RelayToClient::Delivery(_)
            | RelayToClient::Gap(_)
            | RelayToClient::Signal(_)
            | RelayToClient::Refused(_)
            | RelayToClient::Superseded { .. }
            | RelayToClient::Knocks { .. }) => self.events.push(LinkEvent::Frame(frame)),
        }
    }

    fn welcomed(&mut self, welcome: &Welcome) {
        let Way::Greeting { connection, .. } = std::mem::replace(&mut self.way, Way::Closed) else {
            return self.fail(ConnectionError::ServerMisbehaves);
        };
        self.return_ticket = welcome.return_ticket;
        self.renews_access_key = welcome.renews_access_key;
        self.access.was_taken();
        self.was_welcomed = true;
        let (binding, limits) = (connection.binding.clone(), welcome.limits);
        let liveness = Liveness::new(self.clock.now().steady, &limits);
        self.way = Way::Open { connection, liveness, limits };
        self.events.push(LinkEvent::Admitted { binding, limits });
    }

    fn notice(&mut self, notice: NoticeKind) {
        match notice {
            NoticeKind::ShuttingDown => {
                self.events.push(LinkEvent::Trouble(ConnectionError::ShuttingDown));
            }
            NoticeKind::DisconnectedByOperator => self.fail(ConnectionError::DisconnectedByOperator),
            NoticeKind::Replaced => self.fail(ConnectionError::Replaced),
        }
    }

    /// Handles a refusal of the connection itself rather than of a request about a circle.
    fn refused(&mut self, refusal: &Refusal) {
        let trouble = match refusal.cause {
            RefusalCause::ClientTooOld => return self.fail(ConnectionError::ServerTooNew),
            RefusalCause::ClientTooNew => return self.fail(ConnectionError::ServerTooOld),
            RefusalCause::Banned => return self.fail(ConnectionError::Banned),
            RefusalCause::InvitationExpired => return self.fail(ConnectionError::InvitationExpired),
            RefusalCause::InvitationUsedUp => return self.fail(ConnectionError::InvitationUsedUp),
            RefusalCause::InvitationRevoked => return self.fail(ConnectionError::InvitationRevoked),
            // Another key may be the newest.
            RefusalCause::InvitationOutdated => {
                if !self.tries_another_key() {
                    self.fail(ConnectionError::InvitationOutdated);
                }
                return;
            }
            // We and the relay see our standing differently: begin anew.
            RefusalCause::NotSeated | RefusalCause::Unexpected => return self.break_off(),
            RefusalCause::AddressFull => ConnectionError::AddressFull,
            RefusalCause::RelayFull | RefusalCause::MemoryFull => ConnectionError::ServerFull,
            RefusalCause::CirclesFull | RefusalCause::CircleFull => ConnectionError::CircleFull,
            RefusalCause::TooFast => ConnectionError::TooFast,
            RefusalCause::TooLarge | RefusalCause::Malformed | RefusalCause::TooSlow => {
                ConnectionError::ServerMisbehaves
            }
        };
        self.events.push(LinkEvent::Trouble(trouble));
        // A connection that was not admitted waits for nothing else.
        if refusal.closing || !matches!(self.way, Way::Open { .. }) {
            self.break_off();
        }
    }

    fn told_record(&mut self, record: &Record) {
        // A relay that tells it unasked would open dialogs as it likes.
        if !std::mem::take(&mut self.record_asked_for) {
            return;
        }
        // What a relay writes is as little trusted as what people write.
        let clean = |text: &str| sanitise::line(text, RECORD_CHARACTERS).unwrap_or_default();
        self.events.push(LinkEvent::Record(ServerRecord {
            connection: record.connection,
            address: clean(&record.address),
            connected: record.connected,
            silent: record.silent,
            circles: record.circles,
            seats: record.seats,
            bytes_in: record.bytes_in,
            bytes_out: record.bytes_out,
            access_label: clean(&record.access_label),
            refused_attempts: record.refused_attempts,
        }));
    }

    fn closed_without_a_word(&mut self) {
        let mut has_another_key = false;
        if !matches!(self.way, Way::Open { .. }) {
            has_another_key = self.access.was_not_taken();
            self.closed_at_the_door += 1;
        }
        if has_another_key || self.was_answered && self.closed_at_the_door < CLOSED_DOORS {
            self.break_off();
        } else {
            self.fail(ConnectionError::NotAdmitted);
        }
    }
}

/// Whether a relay may say this before its `Welcome` (docs/PROTOCOL.md, section 4.5).
fn may_come_before_welcome(message: &RelayToClient) -> bool {
    matches!(message, RelayToClient::Welcome(_) | RelayToClient::Notice(_) | RelayToClient::Pong { .. })
        || matches!(message, RelayToClient::Refused(refusal) if refusal.circle.is_none())
}
