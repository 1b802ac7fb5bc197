//! A relay: its sockets, its tasks, and the handle by which whoever started it watches and stops it.
//!
//! Several relays may run in one process. Nothing here is global, prints, or ends the process.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use rustls::ServerConfig;
use shepot_protocol::Pin;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use crate::access::Access;
use crate::admission::{Ban, Doors, Place, RefusedAddress, Watch, admit, same_origin, server_config};
use crate::circles::Circles;
use crate::configuration::{Configuration, ConfigurationError, Limits};
use crate::connection::{Order, Record, serve};
use crate::id::ConnectionId;
use crate::identity::Identity;
use crate::listen::listen;
use crate::log::Budget;
use crate::statistics::{Attempt, ConnectionStatistics, Counters, Statistics, read};

/// How often silent connections are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// How long accepting rests after the system has refused a socket, for instance because there are no descriptors left.
const ACCEPT_REST: Duration = Duration::from_millis(50);

/// Tasks may end this much later than the last words had to.
const SHUTDOWN_SLACK: Duration = Duration::from_millis(500);

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

/// What all tasks of a relay share.
pub(crate) struct Shared {
    started: Instant,
    started_at: SystemTime,
    pub limits: Limits,
    pub tls: Arc<ServerConfig>,
    access: RwLock<Arc<Access>>,
    pub doors: Arc<Doors>,
    pub watch: Watch,
    pub circles: Arc<Circles>,
    pub large_frames: Arc<Budget>,
    records: Mutex<HashMap<ConnectionId, Arc<Record>>>,
    pub counters: Counters,
    next_id: AtomicU64,
    pub stopping: AtomicBool,
}

impl Shared {
    pub(crate) fn access(&self) -> Arc<Access> {
        Arc::clone(&self.access.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Milliseconds from the start of the relay to `now`.
    pub(crate) fn milliseconds(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.started).as_millis()).unwrap_or(u64::MAX)
    }

    /// Nanoseconds from the start of the relay to `now`: enough for 584 years.
    pub(crate) fn nanoseconds(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.started).as_nanos()).unwrap_or(u64::MAX)
    }

    fn records(&self) -> MutexGuard<'_, HashMap<ConnectionId, Arc<Record>>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enlist(&self, record: &Arc<Record>) {
        self.counters.admitted.fetch_add(1, Ordering::Relaxed);
        self.records().insert(record.id, Arc::clone(record));
        if self.stopping.load(Ordering::SeqCst) {
            // It came in while everybody was told to go.
            record.give_order(Order::ShutDown);
        }
    }

    pub(crate) fn delist(&self, record: &Arc<Record>) {
        if self.records().remove(&record.id).is_some() {
            self.counters.bytes_in.fetch_add(read(&record.bytes_in), Ordering::Relaxed);
            self.counters.bytes_out.fetch_add(read(&record.bytes_out), Ordering::Relaxed);
        }
    }

    /// Ends connections from which nothing came for too long.
    fn sweep(&self, now: Instant) {
        let now = self.milliseconds(now);
        let dead_after = u64::try_from(self.limits.dead_after.as_millis()).unwrap_or(u64::MAX);
        for record in self.records().values() {
            if now.saturating_sub(read(&record.heard_at)) >= dead_after {
                record.give_order(Order::Silent);
            }
        }
    }

    fn statistics(&self) -> Statistics {
        let now = Instant::now();
        let mut seats: HashMap<ConnectionId, usize> = HashMap::new();
        for cell in self.circles.cells() {
            self.circles.read(&cell, |circle| {
                for reader in circle.seated() {
                    *seats.entry(reader.record.id).or_default() += 1;
                }
            });
        }
        let mut connections: Vec<_> = self
            .records()
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
            })
            .collect();
        connections.sort_unstable_by_key(|connection| connection.id);
        Statistics {
            started: self.started_at,
            uptime: now.saturating_duration_since(self.started),
            unauthenticated: self.doors.census().waiting,
            circles: self.circles.count(),
            log_bytes: self.circles.log_bytes(),
            accepted: read(&self.counters.accepted),
            admitted: read(&self.counters.admitted),
            published: read(&self.counters.published),
            bytes_in: read(&self.counters.bytes_in) + connections.iter().map(|c| c.bytes_in).sum::<u64>(),
            bytes_out: read(&self.counters.bytes_out) + connections.iter().map(|c| c.bytes_out).sum::<u64>(),
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
        let limits = configuration.limits;
        let tls = server_config(identity)?;
        let mut log_id_prefix = [0; 8];
        aws_lc_rs::rand::fill(&mut log_id_prefix).map_err(|_| StartError::Random)?;
        let circles = Circles::new(limits.circle, limits.circles, limits.log_bytes_in_total, log_id_prefix);
        let shared = Arc::new(Shared {
            started: Instant::now(),
            started_at: SystemTime::now(),
            limits,
            tls,
            access: RwLock::new(Arc::new(access)),
            doors: Arc::new(Doors::new(&limits)),
            watch: Watch::default(),
            circles: Arc::new(circles),
            large_frames: Budget::new(limits.large_frame_bytes_in_total),
            records: Mutex::default(),
            counters: Counters::default(),
            next_id: AtomicU64::new(1),
            stopping: AtomicBool::new(false),
        });
        let listeners = listen_on(&configuration.listen)?;
        let local_addresses = listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
        let mut tasks = vec![
            tokio::spawn(Arc::clone(&shared.circles).run_clock()).abort_handle(),
            tokio::spawn(sweep(Arc::clone(&shared))).abort_handle(),
        ];
        for listener in listeners {
            tasks.push(tokio::spawn(accept(Arc::clone(&shared), listener)).abort_handle());
        }
        Ok(RelayHandle { shared, local_addresses, pin: identity.pin(), tasks })
    }
}

/// Listens on all of them. `[::]` may fail where the machine has no IPv6, as long as there is another address: it stands
/// for "IPv6 as well".
fn listen_on(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, StartError> {
    let mut listeners = Vec::new();
    let mut without = None;
    for address in addresses.iter().copied() {
        match listen(address) {
            Ok(listener) => listeners.push(listener),
            Err(error) if address.is_ipv6() && address.ip().is_unspecified() && is_missing(&error) => {
                without = Some(StartError::Listen { address, error });
            }
            Err(error) => return Err(StartError::Listen { address, error }),
        }
    }
    match without {
        Some(error) if listeners.is_empty() => Err(error),
        Some(_) | None => Ok(listeners),
    }
}

/// The system has no addresses of this kind; for want of a common kind of error, whatever is not about this one address.
fn is_missing(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{AddrInUse, PermissionDenied};
    !matches!(error.kind(), AddrInUse | PermissionDenied)
}

async fn sweep(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(SWEEP_INTERVAL.min(shared.limits.dead_after / 4));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        shared.sweep(Instant::now());
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
                    tokio::time::sleep(ACCEPT_REST).await;
                }
            }
        }
    }
}

fn welcome(shared: &Arc<Shared>, stream: TcpStream, peer: SocketAddr) {
    let accepted = Instant::now();
    shared.counters.accepted.fetch_add(1, Ordering::Relaxed);
    // Without it small frames wait for acknowledgements; a socket that refuses it is served all the same.
    let _ = stream.set_nodelay(true);
    let id = ConnectionId(shared.next_id.fetch_add(1, Ordering::Relaxed));
    let crowded_out = shared
        .doors
        .arrive(id, peer.ip(), || tokio::spawn(host(Arc::clone(shared), id, stream, peer, accepted)));
    for _ in 0..crowded_out {
        shared.counters.refuse(Attempt::CrowdedOut);
    }
}

/// The life of one socket. Admission needs much memory for a short time, so it has its own, which is given back.
async fn host(shared: Arc<Shared>, id: ConnectionId, stream: TcpStream, peer: SocketAddr, accepted: Instant) {
    let place = Place { doors: Arc::clone(&shared.doors), id };
    let admitted = Box::pin(admit(&shared, &place, stream, accepted)).await;
    if let Some(admitted) = admitted {
        serve(shared, place, peer, admitted).await;
    }
}

/// A running relay. Dropped without [`Self::shutdown`], it ends at once and without a word to anybody.
pub struct RelayHandle {
    shared: Arc<Shared>,
    local_addresses: Vec<SocketAddr>,
    pin: Pin,
    tasks: Vec<AbortHandle>,
}

impl RelayHandle {
    /// Where it listens, with the ports that the system chose.
    #[must_use]
    pub fn local_addresses(&self) -> &[SocketAddr] {
        &self.local_addresses
    }

    /// The pin of its identity.
    #[must_use]
    pub const fn pin(&self) -> Pin {
        self.pin
    }

    /// A snapshot for the operator.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.shared.statistics()
    }

    /// Ends a connection, which is told `DISCONNECTED_BY_OPERATOR`. False when there is none of that number.
    pub fn disconnect(&self, id: ConnectionId) -> bool {
        let record = self.shared.records().get(&id).cloned();
        record.inspect(|record| record.give_order(Order::Disconnect)).is_some()
    }

    /// Closes the relay to an address (IPv6: to its /64) until the ban is lifted, and ends its connections, which are
    /// told `BANNED`.
    pub fn ban(&self, address: IpAddr) {
        self.shared.watch.ban(address, SystemTime::now());
        for record in self.shared.records().values() {
            if same_origin(record.address.ip(), address) {
                record.give_order(Order::Ban);
            }
        }
    }

    /// Opens the relay to an address again. False when it was not banned.
    pub fn lift_ban(&self, address: IpAddr) -> bool {
        self.shared.watch.lift(address)
    }

    /// The addresses that the relay is closed to, the oldest ban first.
    #[must_use]
    pub fn bans(&self) -> Vec<Ban> {
        self.shared.watch.bans()
    }

    /// From where attempts were refused lately, the oldest first.
    #[must_use]
    pub fn refusals(&self) -> Vec<RefusedAddress> {
        self.shared.watch.refusals()
    }

    /// Changes who may connect from now on. Who is connected stays.
    pub fn set_access(&self, access: Access) {
        *self.shared.access.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(access);
    }

    /// Tells everybody `SHUTTING_DOWN`, closes all connections and waits until they are closed, for the farewell
    /// deadline at most.
    pub async fn shutdown(self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        self.shared.doors.close();
        for task in &self.tasks {
            task.abort();
        }
        for record in self.shared.records().values() {
            record.give_order(Order::ShutDown);
        }
        let bound = self.shared.limits.farewell_deadline + SHUTDOWN_SLACK;
        let _ = tokio::time::timeout(bound, Arc::clone(&self.shared.doors).emptied()).await;
    }
}

impl Drop for RelayHandle {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        for task in &self.tasks {
            task.abort();
        }
        self.shared.doors.turn_out_all();
    }
}

impl std::fmt::Debug for RelayHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayHandle").field("local_addresses", &self.local_addresses).finish_non_exhaustive()
    }
}
