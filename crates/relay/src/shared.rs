//! What all tasks of a relay share.
//!
//! Owns: who may speak, the counters, and what the operator is told. Must never: own a socket or start a task.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use arc_swap::{ArcSwap, Guard};
use rustls::ServerConfig;
use shepot_protocol::id::AccessKeyId;

use crate::access::{Access, Entrance, Tickets};
use crate::admission::ban_list::{BanList, Noted, Patience};
use crate::admission::slots::AdmissionSlots;
use crate::budget::Budget;
use crate::circle::Removed;
use crate::circles::Circles;
use crate::circles::own::{Notable, OwnCircles};
use crate::clock::{Clock, Moment};
use crate::configuration::Limits;
use crate::connection::record::{CloseReason, Record};
use crate::id::ConnectionId;
use crate::operator::history::History;
use crate::operator::journal::Journal;
use crate::operator::{Incident, Sample};
use crate::origin::{Origin, SharedAddresses};
use crate::statistics::{Attempt, ConnectionStatistics, Counters, Statistics, read};

/// Seconds since 1970; 0 before that.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// How many access keys one removal may list for absent members, so that it does not push out earlier events.
const MOST_TOLD_AWAY: usize = 16;

/// The connections that may speak, and the bytes of those that ended. One lock covers both, so a sum never falls.
#[derive(Debug, Default)]
pub(crate) struct Register {
    pub records: HashMap<ConnectionId, Arc<Record>>,
    bytes_in: u64,
    bytes_out: u64,
}

/// What all tasks of a relay share.
pub(crate) struct Shared {
    pub clock: Arc<dyn Clock>,
    pub started: Moment,
    pub limits: ArcSwap<Limits>,
    pub tls: Arc<ServerConfig>,
    pub entrance: Arc<Entrance>,
    pub tickets: Tickets,
    pub journal: Journal,
    pub history: History,
    pub slots: Arc<AdmissionSlots>,
    pub ban_list: BanList,
    pub shared_addresses: SharedAddresses,
    /// The circles that connections may enter.
    pub circles: Box<dyn Circles>,
    /// The circles that are kept here.
    pub own_circles: Arc<OwnCircles>,
    pub large_frames: Arc<Budget>,
    pub register: Mutex<Register>,
    pub counters: Counters,
    pub next_id: AtomicU64,
    pub stopping: AtomicBool,
}

impl Shared {
    pub(crate) fn access(&self) -> MutexGuard<'_, Access> {
        self.entrance.access()
    }

    /// The present limits.
    pub(crate) fn limits(&self) -> Guard<Arc<Limits>> {
        self.limits.load()
    }

    pub(crate) fn set_limits(&self, limits: Limits) {
        self.limits.store(Arc::new(limits));
        self.slots.set_limits(&limits);
        self.own_circles.set_limits(limits.circle, limits.circles, limits.circle_bytes_in_total);
        self.large_frames.set_limit(limits.large_frame_bytes_in_total);
    }

    /// Records a refusal. If many people share the address, it is not held against it.
    pub(crate) fn note_refusal(&self, address: IpAddr, origin: Origin, attempt: Attempt) {
        let is_held = attempt.is_held_against() && !origin.is_shared();
        let patience = self.limits().patience();
        let patience = if is_held { patience } else { Patience { refusals: 0, ..patience } };
        let Noted { attempts, paused_until } = self.ban_list.refused(address, patience, self.clock.moment());
        if paused_until.is_some() {
            tracing::warn!(%address, count = attempts, "paused");
        }
        let paused_until = paused_until.map(seconds);
        self.note(Incident::Refused { address, cause: attempt, attempts, paused_until });
    }

    /// Tells the operator what happened in circles since the last call: clients whose turns came to nothing, and
    /// members whom owners removed.
    pub(crate) fn note_circles(&self, now: Instant) {
        for notable in self.own_circles.take_notable(now) {
            match notable {
                Notable::Knocked { peer, times } => {
                    let label = self.label_of(peer.means().memory.came_by().0);
                    let (connection, address) = (peer.id(), peer.address());
                    self.note(Incident::Knocked { connection, address, label, times: u64::from(times) });
                }
                Notable::Removed(removed) => self.note_removal(&removed),
            }
        }
    }

    /// Tells the operator about removed members, with their access keys.
    fn note_removal(&self, removed: &[Removed]) {
        let mut away: BTreeMap<Option<AccessKeyId>, u64> = BTreeMap::new();
        for Removed { account, was_here } in removed {
            let (key, origin) = account.came_by();
            if *was_here {
                self.note(Incident::Removed { address: origin.address(), label: self.label_of(key) });
            } else {
                *away.entry(key).or_default() += 1;
            }
        }
        for (key, seats) in away.into_iter().take(MOST_TOLD_AWAY) {
            self.note(Incident::SeatsTaken { label: self.label_of(key), seats });
        }
    }

    /// The operator's name for the access key by which somebody came. Empty: there was none.
    fn label_of(&self, key: Option<AccessKeyId>) -> String {
        key.map(|id| self.key_name(id)).unwrap_or_default()
    }

    /// The operator's name for an access key, or its id if it has none.
    fn key_name(&self, id: AccessKeyId) -> String {
        let label = self.access().label(id);
        if label.is_empty() { format!("{:016x}", u64::from_be_bytes(id.0)) } else { label }
    }

    /// Records the totals if a sample is due, without looking into any circle.
    pub(crate) fn keep_history(&self, now: Instant) {
        if self.history.is_due(now) {
            self.history.keep(now, self.sample());
        }
    }

    fn sample(&self) -> Sample {
        let register = self.register();
        let sum = |of: fn(&Record) -> &AtomicU64| -> u64 {
            register.records.values().map(|record| read(of(record))).sum()
        };
        Sample {
            connections: u64::try_from(register.records.len()).unwrap_or(u64::MAX),
            held_bytes: u64::try_from(self.held_bytes()).unwrap_or(u64::MAX),
            published: self.own_circles.published(),
            bytes_in: register.bytes_in + sum(|record| &record.bytes_in),
            bytes_out: register.bytes_out + sum(|record| &record.bytes_out),
            refused: self.counters.refused().turned_away(),
        }
    }

    /// The size of most of what others can make grow, in bytes.
    fn held_bytes(&self) -> usize {
        self.own_circles.bytes()
            + self.own_circles.accounting_bytes()
            + self.large_frames.used()
            + self.slots.held_bytes()
            + self.ban_list.held_bytes()
            + self.journal.held_bytes()
    }

    /// Adds an incident to the journal.
    pub(crate) fn note(&self, incident: Incident) {
        self.journal.note(seconds(self.clock.moment().shown), incident);
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

    /// Registers a connection that may speak from now on.
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
        if self.ban_list.is_banned(self.shared_addresses.origin_of(record.address.ip()), self.clock.now()) {
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

    /// Ends connections that were silent for too long.
    pub(crate) fn sweep(&self, now: Instant) {
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
        let seats = self.circles.seats();
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
                shares_address: self.shared_addresses.origin_of(record.address.ip()).is_shared(),
                refused_attempts: self.ban_list.attempts(record.origin),
            })
            .collect();
        drop(register);
        connections.sort_unstable_by_key(|connection| connection.id);
        Statistics {
            started: self.started.shown,
            uptime: now.saturating_duration_since(self.started.counted),
            taken: taken.shown,
            unauthenticated: self.slots.census().waiting,
            circles: self.own_circles.count(),
            log_entries: self.own_circles.log_entries(),
            circle_bytes: self.own_circles.bytes(),
            held_bytes: self.held_bytes(),
            delivery: self.counters.delivery.read(),
            accepted: read(&self.counters.accepted),
            admitted: read(&self.counters.admitted),
            published: self.own_circles.published(),
            bytes_in: gone_in + connections.iter().map(|c| c.bytes_in).sum::<u64>(),
            bytes_out: gone_out + connections.iter().map(|c| c.bytes_out).sum::<u64>(),
            refused: self.counters.refused(),
            connections,
        }
    }
}
