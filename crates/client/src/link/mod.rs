//! The way to one relay: dialling it, and dialling it again when it was lost; admission; that it is alive; frames both ways.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | the states of the way |
//! | `access.rs` | by which access key we are let in |
//! | `connection.rs` | one connection: frames both ways through bounded queues |
//! | `event.rs` | what wakes the link, and what it tells |
//! | `hearing.rs` | what the relay says about the link |
//! | `liveness.rs` | pings, and when a relay is dead |
//! | `unsent.rs` | frames that the relay has not taken yet |
//!
//! Owns the address, the relay's identity and whatever opens its door. Must never look into what is about a circle: that
//! is handed on as it came.

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

/// The way to the relay.
pub(crate) struct Link {
    clock: Arc<dyn Clock>,
    address: Address,
    pin: Option<Pin>,
    /// By which access key it is entered.
    access: Access,
    /// What the relay gave us to come back with.
    return_ticket: Option<ReturnTicket>,
    /// With the circle's secret its access key changes, too.
    renews_access_key: bool,
    /// The relay has answered us before: when it closes without a word now, it is tried again.
    was_answered: bool,
    /// It has let us in before: what answers there was a relay.
    was_welcomed: bool,
    /// How often in succession it closed without a word.
    closed_at_the_door: u32,
    backoff: Backoff,
    /// The person wants to see what the operator sees, and has not been told yet.
    record_asked_for: bool,
    /// Pings of this connection, from the first that is a mark and was not passed.
    marks: VecDeque<u64>,
    way: Way,
    events: Vec<LinkEvent>,
}

enum Way {
    /// Nobody wants it.
    Closed,
    Opening(JoinHandle<Result<Connection, ConnectionError>>),
    /// Asked to be let in.
    Greeting {
        connection: Connection,
        since: Duration,
    },
    Open {
        connection: Connection,
        liveness: Liveness,
        /// As the relay told them.
        limits: Limits,
    },
    /// It broke; it is tried again then.
    Broken {
        /// Since the engine started.
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

    /// The relay's identity, once it is known.
    pub(crate) const fn pin(&self) -> Option<Pin> {
        self.pin
    }

    /// Nobody wants it.
    pub(crate) const fn is_closed(&self) -> bool {
        matches!(self.way, Way::Closed)
    }

    /// Once the relay has let us in: what seat proofs are made over, and its limits.
    pub(crate) const fn admission(&self) -> Option<(&ChannelBinding, Limits)> {
        match &self.way {
            Way::Open { connection, limits, .. } => Some((&connection.binding, *limits)),
            Way::Closed | Way::Opening(_) | Way::Greeting { .. } | Way::Broken { .. } => None,
        }
    }

    /// Where others would go to, and what opens the door there.
    pub(crate) fn target(&self) -> Target {
        Target { address: self.address.clone(), pin: self.pin, access_key: self.access.newest().cloned() }
    }

    /// The relay takes another access key with another secret of its circle.
    pub(crate) const fn renews_access_key(&self) -> bool {
        self.renews_access_key
    }

    /// Everything that is to be told since the last call.
    pub(crate) fn take_events(&mut self) -> Vec<LinkEvent> {
        std::mem::take(&mut self.events)
    }

    /// Somebody wants it from now on.
    pub(crate) fn begin(&mut self) {
        // What became of it before is nobody's any more.
        self.events.clear();
        (self.was_answered, self.was_welcomed) = (false, false);
        self.closed_at_the_door = 0;
        self.access.begin();
        self.backoff.reset();
        self.open();
    }

    /// What waits for its time is tried now. False: nothing does.
    pub(crate) fn try_now(&mut self) -> bool {
        let is_broken = matches!(self.way, Way::Broken { .. });
        if is_broken {
            self.open();
        }
        is_broken
    }

    /// Somebody got what it is for: what comes after the next loss is counted anew.
    pub(crate) fn succeeded(&mut self) {
        self.backoff.reset();
    }

    /// The relay is found elsewhere from now on. True: that is news.
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

    /// The circle has another secret, and this key comes with it.
    pub(crate) fn renew_access_key(&mut self, key: AccessKey) {
        if self.renews_access_key {
            self.access.renew(key);
        }
    }

    /// What we came by is outdated. True: another key is shown by another connection.
    pub(crate) fn tries_another_key(&mut self) -> bool {
        let has_another = self.access.was_not_taken();
        if has_another {
            self.break_off();
        }
        has_another
    }

    /// Asks for what the operator sees of us. False: there is nobody to ask.
    pub(crate) fn ask_for_record(&mut self, now: Duration) -> bool {
        self.record_asked_for = matches!(self.way, Way::Open { .. });
        self.send(now, &[ClientToRelay::ShowRecord]);
        self.record_asked_for
    }

    /// Sends frames to the relay that let us in; without one they are nobody's.
    pub(crate) fn send(&mut self, now: Duration, frames: &[ClientToRelay]) {
        let Way::Open { connection, .. } = &mut self.way else { return };
        if frames.iter().try_for_each(|frame| connection.send(now, frame)).is_err() {
            self.break_off();
        }
    }

    /// Sets a mark behind what was sent: what the relay says after [`LinkEvent::Marked`] it says knowing all that.
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

    /// It is another circle's from now on: what opened the door for the one before is not shown any more.
    pub(crate) fn belongs_to(&mut self, key: Option<AccessKey>) {
        self.access = Access::by(key);
        self.return_ticket = None;
    }

    /// Nobody wants it any more.
    pub(crate) fn close(&mut self) {
        if let Way::Opening(opening) = std::mem::replace(&mut self.way, Way::Closed) {
            opening.abort();
        }
    }

    /// The same with last words, for which the relay has [`FAREWELL`].
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

    /// Waits for the relay; for ever, where there is none.
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

    /// What came of waiting.
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

    /// Tries again what broke, when it is time; gives up what hangs.
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

    /// The connection, if there is one, is of no use any more: another one is tried later.
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
