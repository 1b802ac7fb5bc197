//! A relay: its sockets, its tasks, and what they share. What its operator can see and do is in `handle.rs`.
//!
//! Several relays may run in one process. Nothing here is global, prints, or ends the process.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use arc_swap::{ArcSwap, Guard};
use rustls::ServerConfig;
use shepot_protocol::id::AccessKeyId;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};

use crate::access::{Access, Entrance, Tickets};
use crate::admission::{
    AdmissionSlots, BanList, KNOCKS, Knocks, Noted, Patience, Place, admit, server_config,
};
use crate::budget::Budget;
use crate::circles::Circles;
use crate::clock::{Clock, Moment, SystemClock};
use crate::configuration::{Configuration, ConfigurationError, Limits};
use crate::connection::{CloseReason, Record, largest_frame, serve};
use crate::handle::RelayHandle;
use crate::id::ConnectionId;
use crate::identity::Identity;
use crate::journal::{Incident, Journal};
use crate::listen::Listeners;
use crate::statistics::{Attempt, ConnectionStatistics, Counters, Statistics, read};
use crate::tasks::Tasks;

/// Seconds since 1970; 0 before that.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// How often silent connections are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// How long accepting rests after the system has refused a socket, for instance because there are no descriptors left.
const ACCEPT_REST: Duration = Duration::from_millis(50);

/// Starts relays.
#[derive(Clone, Copy, Debug)]
pub struct Relay;

/// A relay cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The operator's: a setting cannot be.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The system does not give the address: it is taken, not this machine's, or not allowed.
    #[error("{address}: {error}")]
    Listen {
        /// Which one.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The identity does not fit TLS: a mistake of ours.
    #[error("the identity cannot be used: {0}")]
    Tls(#[from] rustls::Error),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

/// Access keys that one removal may name of those who were away: it does not wash away what happened before.
const MOST_TOLD_AWAY: usize = 16;

/// The connections that may speak, and the bytes of those that did. One lock over both: a sum never falls.
#[derive(Debug, Default)]
pub(crate) struct Register {
    pub records: HashMap<ConnectionId, Arc<Record>>,
    bytes_in: u64,
    bytes_out: u64,
}

/// What all tasks of a relay share.
pub(crate) struct Shared {
    pub clock: Arc<dyn Clock>,
    started: Moment,
    limits: ArcSwap<Limits>,
    pub tls: Arc<ServerConfig>,
    pub entrance: Arc<Entrance>,
    pub tickets: Tickets,
    pub journal: Journal,
    pub slots: Arc<AdmissionSlots>,
    pub ban_list: BanList,
    pub knocks: Knocks,
    pub circles: Arc<Circles>,
    pub large_frames: Arc<Budget>,
    register: Mutex<Register>,
    pub counters: Counters,
    next_id: AtomicU64,
    pub stopping: AtomicBool,
}

impl Shared {
    pub(crate) fn access(&self) -> MutexGuard<'_, Access> {
        self.entrance.access()
    }

    /// The limits of this moment.
    pub(crate) fn limits(&self) -> Guard<Arc<Limits>> {
        self.limits.load()
    }

    pub(crate) fn set_limits(&self, limits: Limits) {
        self.limits.store(Arc::new(limits));
        self.slots.set_limits(&limits);
        self.circles.set_limits(limits.circle, limits.circles, limits.circle_bytes_in_total);
        self.large_frames.set_limit(limits.large_frame_bytes_in_total);
    }

    /// Remembers that somebody was refused.
    pub(crate) fn note_refusal(&self, address: IpAddr, attempt: Attempt) {
        let patience = self.limits().patience();
        let patience =
            if attempt.is_held_against() { patience } else { Patience { refusals: 0, ..patience } };
        let Noted { attempts, paused_until } = self.ban_list.refused(address, patience, self.clock.moment());
        if paused_until.is_some() {
            tracing::warn!(%address, count = attempts, "paused");
        }
        self.note(Incident::Refused { address, attempt, attempts, paused_until });
    }

    /// Counts whose turns to join came to nothing since the last look; tells the operator.
    pub(crate) fn note_knocks(&self, now: Instant) {
        for reader in self.circles.take_unfinished() {
            let record = &reader.record;
            let times = self.knocks.knocked(now, record.knocker());
            if times.is_multiple_of(KNOCKS) {
                let label = record.access_key.map(|id| self.key_name(id)).unwrap_or_default();
                let (connection, address) = (record.id, record.address);
                self.note(Incident::Knocked { connection, address, label, times: u64::from(times) });
            }
        }
    }

    /// Tells the operator by which access keys those came whom owners have removed since the last look.
    pub(crate) fn note_removals(&self) {
        let label_of = |key: Option<AccessKeyId>| key.map(|id| self.key_name(id)).unwrap_or_default();
        let mut away: BTreeMap<Option<AccessKeyId>, u64> = BTreeMap::new();
        for removed in self.circles.take_removed() {
            let (key, origin) = removed.account.came_by();
            if removed.was_here {
                self.note(Incident::Removed { address: origin.address(), label: label_of(key) });
            } else {
                *away.entry(key).or_default() += 1;
            }
        }
        for (key, seats) in away.into_iter().take(MOST_TOLD_AWAY) {
            self.note(Incident::SeatsTaken { label: label_of(key), seats });
        }
    }

    /// What the operator calls an access key; one without a name by its id.
    fn key_name(&self, id: AccessKeyId) -> String {
        let label = self.access().label(id);
        if label.is_empty() { format!("{:016x}", u64::from_be_bytes(id.0)) } else { label }
    }

    /// Remembers what happened at the doors.
    pub(crate) fn note(&self, incident: Incident) {
        self.journal.note(self.clock.moment().shown, incident);
    }

    /// Milliseconds from the start of the relay to `now`.
    pub(crate) fn milliseconds(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.started.counted).as_millis()).unwrap_or(u64::MAX)
    }

    /// Nanoseconds from the start of the relay to `now`: enough for 584 years.
    pub(crate) fn nanoseconds(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.started.counted).as_nanos()).unwrap_or(u64::MAX)
    }

    pub(crate) fn register(&self) -> MutexGuard<'_, Register> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection may speak from now on.
    pub(crate) fn enlist(&self, record: &Arc<Record>) {
        self.counters.admitted.fetch_add(1, Ordering::Relaxed);
        self.register().records.insert(record.id, Arc::clone(record));
        // What was decided while it came in was told to those who were in the register.
        if self.stopping.load(Ordering::SeqCst) {
            record.close(CloseReason::ShutDown);
        }
        if record.access_key.is_some_and(|id| !self.access().knows(id)) {
            record.close(CloseReason::Revoke);
        }
        if self.ban_list.is_banned(record.address.ip(), self.clock.now()) {
            record.close(CloseReason::Ban);
        }
    }

    pub(crate) fn delist(&self, record: &Arc<Record>) {
        let mut register = self.register();
        if register.records.remove(&record.id).is_some() {
            register.bytes_in = register.bytes_in.saturating_add(read(&record.bytes_in));
            register.bytes_out = register.bytes_out.saturating_add(read(&record.bytes_out));
        }
    }

    /// Ends connections from which nothing came for too long.
    fn sweep(&self, now: Instant) {
        let now = self.milliseconds(now);
        for record in self.register().records.values() {
            if now.saturating_sub(read(&record.heard_at)) >= record.dead_after {
                record.close(CloseReason::Silent);
            }
        }
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let taken = self.clock.moment();
        let now = taken.counted;
        let mut seats: HashMap<ConnectionId, usize> = HashMap::new();
        for cell in self.circles.cells() {
            self.circles.read(&cell, |circle| {
                for reader in circle.seated() {
                    *seats.entry(reader.record.id).or_default() += 1;
                }
            });
        }
        let register = self.register();
        let (gone_in, gone_out) = (register.bytes_in, register.bytes_out);
        let mut connections: Vec<_> = register
            .records
            .values()
            .map(|record| ConnectionStatistics {
                id: record.id,
                address: record.address,
                age: now.saturating_duration_since(record.since),
                idle: Duration::from_millis(self.milliseconds(now).saturating_sub(read(&record.heard_at))),
                circles: usize::try_from(record.circles.load(Ordering::Relaxed)).unwrap_or(usize::MAX),
                seats: seats.get(&record.id).copied().unwrap_or_default(),
                bytes_in: read(&record.bytes_in),
                bytes_out: read(&record.bytes_out),
                access_key: record.access_key,
                refused_attempts: self.ban_list.attempts(record.address.ip()),
            })
            .collect();
        drop(register);
        connections.sort_unstable_by_key(|connection| connection.id);
        Statistics {
            started: self.started.shown,
            uptime: now.saturating_duration_since(self.started.counted),
            taken: taken.shown,
            unauthenticated: self.slots.census().waiting,
            circles: self.circles.count(),
            log_entries: self.circles.log_entries(),
            circle_bytes: self.circles.bytes(),
            held_bytes: self.circles.bytes()
                + self.circles.accounting_bytes()
                + self.large_frames.used()
                + self.slots.held_bytes()
                + self.ban_list.held_bytes()
                + self.journal.held_bytes()
                + self.knocks.held_bytes(),
            delivery: self.counters.delivery.read(),
            accepted: read(&self.counters.accepted),
            admitted: read(&self.counters.admitted),
            published: read(&self.counters.published),
            bytes_in: gone_in + connections.iter().map(|c| c.bytes_in).sum::<u64>(),
            bytes_out: gone_out + connections.iter().map(|c| c.bytes_out).sum::<u64>(),
            refused: self.counters.refused(),
            connections,
        }
    }
}

impl Relay {
    /// Starts a relay on the current tokio runtime. It runs until its handle is shut down or dropped.
    ///
    /// # Errors
    ///
    /// [`StartError`]: a setting cannot be, an address cannot be had.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with time and input/output enabled.
    #[allow(
        clippy::unused_async,
        reason = "says that it needs a runtime, and leaves room to wait for the system"
    )]
    pub async fn start(
        configuration: Configuration,
        identity: &Identity,
        access: Access,
    ) -> Result<RelayHandle, StartError> {
        configuration.validate()?;
        let listeners = Listeners::bind(&configuration.listen)?;
        Self::start_on(listeners, configuration.limits, identity, access, Arc::new(SystemClock))
    }

    /// The same on sockets that listen already, by this clock.
    ///
    /// # Errors
    ///
    /// [`StartError`]: a limit cannot be.
    ///
    /// # Panics
    ///
    /// As above.
    pub fn start_on(
        listeners: Listeners,
        limits: Limits,
        identity: &Identity,
        access: Access,
        clock: Arc<dyn Clock>,
    ) -> Result<RelayHandle, StartError> {
        limits.validate()?;
        let tls = server_config(identity)?;
        let mut log_id_prefix = [0; 8];
        aws_lc_rs::rand::fill(&mut log_id_prefix).map_err(|_| StartError::Random)?;
        let circles =
            Circles::new(limits.circle, limits.circles, limits.circle_bytes_in_total, log_id_prefix);
        let shared = Arc::new(Shared {
            started: clock.moment(),
            clock: Arc::clone(&clock),
            limits: ArcSwap::from_pointee(limits),
            tls,
            entrance: Entrance::new(access),
            tickets: Tickets::new(identity),
            knocks: Knocks::default(),
            journal: Journal::default(),
            slots: Arc::new(AdmissionSlots::new(&limits)),
            ban_list: BanList::default(),
            circles: Arc::new(circles),
            large_frames: Budget::new(limits.large_frame_bytes_in_total, largest_frame(&limits)),
            register: Mutex::default(),
            counters: Counters::default(),
            next_id: AtomicU64::new(1),
            stopping: AtomicBool::new(false),
        });
        let local_addresses = listeners.addresses();
        let listeners = listeners.into_tokio()?;
        let mut tasks = Tasks::default();
        tasks.begin(Arc::clone(&shared.circles).run_clock(clock));
        tasks.begin(sweep(Arc::clone(&shared)));
        for listener in listeners {
            tasks.begin(accept(Arc::clone(&shared), listener));
        }
        shared.note(Incident::Started);
        Ok(RelayHandle::new(shared, local_addresses, identity.pin(), tasks))
    }
}

async fn sweep(shared: Arc<Shared>) {
    let mut due = shared.clock.now();
    loop {
        due += SWEEP_INTERVAL.min(shared.limits().dead_after / 4);
        shared.clock.until(due).await;
        let now = shared.clock.now();
        shared.sweep(now);
        shared.note_knocks(now);
        // What was due while the machine slept is done once.
        due = due.max(now.checked_sub(SWEEP_INTERVAL).unwrap_or(now));
    }
}

async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => welcome(&shared, stream, peer),
            Err(error) => {
                // A socket that was gone before it was taken is nothing; anything else will not be better at once.
                if error.kind() != std::io::ErrorKind::ConnectionAborted {
                    tracing::warn!(code = error.raw_os_error(), "accepting failed");
                    shared.clock.after(ACCEPT_REST).await;
                }
            }
        }
    }
}

fn welcome(shared: &Arc<Shared>, stream: TcpStream, peer: SocketAddr) {
    let accepted = shared.clock.moment();
    shared.counters.accepted.fetch_add(1, Ordering::Relaxed);
    if shared.ban_list.is_paused(peer.ip(), accepted) {
        // Not a byte, no handshake: it costs as little as can be.
        return shared.counters.refuse(Attempt::Paused);
    }
    // Without it small frames wait for acknowledgements; a socket that refuses it is served all the same.
    let _ = stream.set_nodelay(true);
    let id = ConnectionId(shared.next_id.fetch_add(1, Ordering::Relaxed));
    let crowded_out = shared
        .slots
        .arrive(id, peer.ip(), || tokio::spawn(host(Arc::clone(shared), id, stream, peer, accepted.counted)));
    for _ in 0..crowded_out {
        shared.counters.refuse(Attempt::CrowdedOut);
    }
}

/// The life of one socket. Admission needs much memory for a short time, so it has its own, which is given back.
async fn host(shared: Arc<Shared>, id: ConnectionId, stream: TcpStream, peer: SocketAddr, accepted: Instant) {
    let place = Place { slots: Arc::clone(&shared.slots), id };
    let admitted = Box::pin(admit(&shared, &place, stream, accepted)).await;
    if let Some(admitted) = admitted {
        serve(shared, place, peer, admitted).await;
    }
}
