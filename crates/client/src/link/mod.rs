//! The way to one relay: dialling and redialling, admission, signs of life, frames both ways.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | the states of the link |
//! | `access.rs` | the access keys by which we are admitted |
//! | `connection.rs` | one connection: frames both ways through bounded queues |
//! | `event.rs` | what wakes the link, and what it tells |
//! | `hearing.rs` | what the relay says about the link |
//! | `liveness.rs` | pings, and when a relay is dead |
//! | `unsent.rs` | frames that the relay has not taken yet |
//!
//! Owns the address, the relay's identity and its access keys. Must never look into a frame about a circle: it passes
//! them on as they came.

mod access;
mod connection;
mod event;
mod hearing;
mod liveness;
mod unsent;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use shepot_protocol::message::Limits;
use shepot_protocol::transcript::ChannelBinding;
use shepot_protocol::{AccessKey, Address, ClientToRelay, Pin, ReturnTicket};
use shepot_transport::Credentials;
use tokio::task::JoinHandle;

use self::access::Access;
use self::connection::{Connection, Turn};
pub(crate) use self::event::{LinkEvent, LinkTurn};
use self::liveness::{Due, Liveness};
use crate::backoff::Backoff;
use crate::clock::{Clock, system_entropy, within};
use crate::entry::Target;
use crate::limits::{CONNECT_DEADLINE, FAREWELL, MARKS};
use crate::model::ConnectionError;

/// The way to one relay.
pub(crate) struct Link {
    clock: Arc<dyn Clock>,
    address: Address,
    pin: Option<Pin>,
    /// The access keys that the relay is shown.
    access: Access,
    /// The ticket by which we come back without using up the access key (docs/PROTOCOL.md, section 4.4).
    return_ticket: Option<ReturnTicket>,
    /// The access key changes with the circle's secret (docs/PROTOCOL.md, section 15.6).
    renews_access_key: bool,
    /// The relay has answered before. If it closes without a word now, we try again.
    was_answered: bool,
    /// The relay has admitted us before, so what answers there was a relay.
    was_welcomed: bool,
    /// How often in a row it closed without a word.
    closed_at_the_door: u32,
    backoff: Backoff,
    /// The person wants to see what the operator sees, and the relay has not answered yet.
    record_asked_for: bool,
    /// Unanswered pings of this connection, from the first mark on.
    marks: VecDeque<u64>,
    way: Way,
    events: Vec<LinkEvent>,
}

enum Way {
    /// No circle uses it.
    Closed,
    Opening(JoinHandle<Result<Connection, ConnectionError>>),
    /// Waiting for admission.
    Greeting {
        connection: Connection,
        since: Duration,
    },
    Open {
        connection: Connection,
        liveness: Liveness,
        /// The limits that the relay announced.
        limits: Limits,
    },
    /// The connection broke and is dialled again later.
    Broken {
        /// When it is dialled again, by the steady clock.
        retry_at: Duration,
    },
}

impl Link {
    pub(crate) fn new(target: Target, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            address: target.address,
            pin: target.pin,
            access: Access::by(target.access_key),
            return_ticket: None,
            renews_access_key: false,
            was_answered: false,
            was_welcomed: false,
            closed_at_the_door: 0,
            backoff: Backoff::default(),
            record_asked_for: false,
            marks: VecDeque::new(),
            way: Way::Closed,
            events: Vec::new(),
        }
    }

    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    /// The relay's identity. `None` for an open relay that was never reached.
    pub(crate) const fn pin(&self) -> Option<Pin> {
        self.pin
    }

    /// Whether no circle uses it.
    pub(crate) const fn is_closed(&self) -> bool {
        matches!(self.way, Way::Closed)
    }

    /// What seat proofs are made over and the relay's limits. `None` before admission.
    pub(crate) const fn admission(&self) -> Option<(&ChannelBinding, Limits)> {
        match &self.way {
            Way::Open { connection, limits, .. } => Some((&connection.binding, *limits)),
            Way::Closed | Way::Opening(_) | Way::Greeting { .. } | Way::Broken { .. } => None,
        }
    }

    /// The relay's address and identity, and the newest access key, for invitations.
    pub(crate) fn target(&self) -> Target {
        Target { address: self.address.clone(), pin: self.pin, access_key: self.access.newest().cloned() }
    }

    /// Whether the relay's access key changes with the secret of its circle.
    pub(crate) const fn renews_access_key(&self) -> bool {
        self.renews_access_key
    }

    /// The events since the last call.
    pub(crate) fn take_events(&mut self) -> Vec<LinkEvent> {
        std::mem::take(&mut self.events)
    }

    /// Opens the link, because a circle uses it from now on.
    pub(crate) fn begin(&mut self) {
        // What became of it before is nobody's any more.
        self.events.clear();
        (self.was_answered, self.was_welcomed) = (false, false);
        self.closed_at_the_door = 0;
        self.access.begin();
        self.backoff.reset();
        self.open();
    }

    /// Dials now if the link waits to be dialled again. False: it does not.
    pub(crate) fn try_now(&mut self) -> bool {
        let is_broken = matches!(self.way, Way::Broken { .. });
        if is_broken {
            self.open();
        }
        is_broken
    }

    /// Resets the backoff, because the circles got what they need the link for.
    pub(crate) fn succeeded(&mut self) {
        self.backoff.reset();
    }

    /// Changes the relay's address. An open connection is replaced. False: the address is the same.
    pub(crate) fn set_address(&mut self, address: Address) -> bool {
        if address == self.address {
            return false;
        }
        self.address = address;
        if !matches!(self.way, Way::Closed) {
            self.close();
            self.backoff.reset();
            self.closed_at_the_door = 0;
            self.events.push(LinkEvent::Broke { retry_in: Duration::ZERO, attempt: 0 });
            self.open();
        }
        true
    }

    /// Adds the access key that comes with another secret of the circle, if this relay changes its key.
    pub(crate) fn renew_access_key(&mut self, key: AccessKey) {
        if self.renews_access_key {
            self.access.renew(key);
        }
    }

    /// The access key is outdated. True: another connection with another key follows.
    pub(crate) fn tries_another_key(&mut self) -> bool {
        let has_another = self.access.was_not_taken();
        if has_another {
            self.break_off();
        }
        has_another
    }

    /// Asks what the operator sees of us. False: there is no admitted connection.
    pub(crate) fn ask_for_record(&mut self, now: Duration) -> bool {
        self.record_asked_for = matches!(self.way, Way::Open { .. });
        self.send(now, &[ClientToRelay::ShowRecord]);
        self.record_asked_for
    }

    /// Sends frames if the relay has admitted us, and drops them otherwise.
    pub(crate) fn send(&mut self, now: Duration, frames: &[ClientToRelay]) {
        let Way::Open { connection, .. } = &mut self.way else { return };
        if frames.iter().try_for_each(|frame| connection.send(now, frame)).is_err() {
            self.break_off();
        }
    }

    /// Sets a mark behind what was sent. Whatever the relay says after [`LinkEvent::Marked`], it has read everything
    /// before.
    pub(crate) fn mark(&mut self, now: Duration) -> u64 {
        let nonce = random().map_or(0, u64::from_be_bytes);
        self.marks.push_back(nonce);
        self.send(now, &[ClientToRelay::Ping { nonce }]);
        if self.marks.len() > MARKS {
            // It answers something, or would be dead, but no pings.
            self.break_off();
        }
        nonce
    }

    /// Gives the link to another circle. The access key and the ticket of the earlier one are no longer shown.
    pub(crate) fn belongs_to(&mut self, key: Option<AccessKey>) {
        self.access = Access::by(key);
        self.return_ticket = None;
    }

    /// Closes the link, because no circle uses it any more.
    pub(crate) fn close(&mut self) {
        if let Way::Opening(opening) = std::mem::replace(&mut self.way, Way::Closed) {
            opening.abort();
        }
    }

    /// Closes the link after a farewell, for which the relay has [`FAREWELL`].
    pub(crate) async fn take_leave(&mut self, last: &[ClientToRelay]) {
        let now = self.clock.now().steady;
        if let Way::Open { connection, .. } = &mut self.way
            && last.iter().try_for_each(|frame| connection.send(now, frame)).is_ok()
            && let Way::Open { connection, .. } = std::mem::replace(&mut self.way, Way::Closed)
        {
            // A connection that hangs is left without.
            let _ = within(connection.finish(), self.clock.after(FAREWELL)).await;
        }
        self.close();
    }

    /// Waits for the connection to open or for the relay to act. Waits for ever if there is no connection.
    pub(crate) async fn turn(&mut self) -> LinkTurn {
        match &mut self.way {
            // A panic while connecting is told as what the person can do something about.
            Way::Opening(opening) => {
                LinkTurn::Opened(opening.await.unwrap_or(Err(ConnectionError::Unreachable)))
            }
            Way::Greeting { connection, .. } | Way::Open { connection, .. } => {
                LinkTurn::Relay(connection.turn().await)
            }
            Way::Closed | Way::Broken { .. } => std::future::pending().await,
        }
    }

    /// Deals with what [`Link::turn`] returned.
    pub(crate) fn take_turn(&mut self, turn: LinkTurn) {
        match turn {
            LinkTurn::Opened(Ok(connection)) => self.opened(connection),
            LinkTurn::Opened(Err(error)) => self.did_not_open(error),
            LinkTurn::Relay(Turn::Said(incoming)) => self.heard(incoming),
            LinkTurn::Relay(Turn::Reads) => {}
        }
    }

    /// When [`Link::tick`] is to be called at the latest.
    pub(crate) fn next_wake(&self) -> Option<Duration> {
        match &self.way {
            Way::Closed | Way::Opening(_) => None,
            Way::Greeting { connection, since } => {
                Some(earliest(connection.patience_ends(), *since + CONNECT_DEADLINE))
            }
            Way::Open { connection, liveness, .. } => {
                Some(earliest(connection.patience_ends(), liveness.next()))
            }
            Way::Broken { retry_at } => Some(*retry_at),
        }
    }

    /// Redials a broken link when it is time, pings, and gives up a connection that hangs.
    pub(crate) fn tick(&mut self, now: Duration) {
        let is_stuck = match &mut self.way {
            Way::Closed | Way::Opening(_) => false,
            Way::Broken { retry_at } => {
                if *retry_at <= now {
                    self.open();
                }
                false
            }
            Way::Greeting { connection, since } => {
                // Whatever else it says meanwhile.
                now.saturating_sub(*since) >= CONNECT_DEADLINE || connection.hangs(now)
            }
            Way::Open { connection, liveness, .. } => {
                if connection.has_heard() {
                    liveness.heard(now);
                }
                connection.hangs(now)
                    || match liveness.due(now) {
                        Due::Nothing => false,
                        Due::Ping => {
                            let nonce = random().map_or(0, u64::from_be_bytes);
                            if !self.marks.is_empty() {
                                // A mark may have been refused: what comes behind one passes it.
                                self.marks.push_back(nonce);
                            }
                            connection.send(now, &ClientToRelay::Ping { nonce }).is_err()
                        }
                        Due::GivingUp => true,
                    }
            }
        };
        if is_stuck {
            self.break_off();
        }
    }

    /// Drops the connection, if there is one. Another one is dialled later.
    pub(crate) fn break_off(&mut self) {
        if matches!(self.way, Way::Closed | Way::Broken { .. }) {
            return;
        }
        self.close();
        let retry_in = self.backoff.next();
        let attempt = self.backoff.attempt();
        self.way = Way::Broken { retry_at: self.clock.now().steady + retry_in };
        self.events.push(LinkEvent::Broke { retry_in, attempt });
    }

    fn open(&mut self) {
        let credentials = Credentials {
            return_ticket: self.return_ticket,
            ..Credentials::new(self.access.show().cloned())
        };
        let opening = Connection::open(self.address.clone(), self.pin, credentials, Arc::clone(&self.clock));
        self.way = Way::Opening(tokio::spawn(opening));
        self.events.push(LinkEvent::Opening { attempt: self.backoff.attempt() });
    }

    fn opened(&mut self, connection: Connection) {
        // The first key seen is the one for this session; another one later is refused by TLS.
        self.pin.get_or_insert(connection.pin);
        self.record_asked_for = false;
        self.marks.clear();
        self.way = Way::Greeting { connection, since: self.clock.now().steady };
    }

    fn did_not_open(&mut self, error: ConnectionError) {
        // A server that was never reached is likelier mistyped than down.
        let mistyped =
            matches!(error, ConnectionError::NotShepot | ConnectionError::NotAdmitted) && !self.was_welcomed;
        if error == ConnectionError::WrongIdentity || mistyped {
            return self.fail(error);
        }
        if self.backoff.attempt() == 0 {
            self.events.push(LinkEvent::Trouble(error));
        }
        self.break_off();
    }

    fn fail(&mut self, error: ConnectionError) {
        self.close();
        self.events.push(LinkEvent::Failed(error));
    }
}

fn earliest(one: Option<Duration>, other: Duration) -> Duration {
    one.map_or(other, |one| one.min(other))
}

fn random<const N: usize>() -> Option<[u8; N]> {
    system_entropy().bytes().ok()
}

#[cfg(test)]
mod tests;
