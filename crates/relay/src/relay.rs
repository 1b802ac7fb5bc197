//! A relay: its sockets and its tasks. What they share is in `shared.rs`, what its operator can see and do in
//! `handle.rs`.
//!
//! Several relays may run in one process. Nothing here is global, prints, or ends the process.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::net::{TcpListener, TcpStream};

use crate::access::{Access, Entrance, Tickets};
use crate::admission::ban_list::BanList;
use crate::admission::slots::{AdmissionSlots, Place};
use crate::admission::{admit, server_config};
use crate::budget::Budget;
use crate::circles::Circles;
use crate::circles::own::OwnCircles;
use crate::clock::{Clock, SystemClock};
use crate::configuration::{Configuration, Limits};
use crate::connection::{largest_frame, serve};
use crate::handle::RelayHandle;
use crate::id::ConnectionId;
use crate::identity::Identity;
use crate::listen::Listeners;
use crate::operator::Incident;
use crate::operator::history::History;
use crate::operator::journal::Journal;
use crate::origin::{Origin, SharedAddresses};
use crate::shared::Shared;
use crate::start_error::StartError;
use crate::statistics::{Attempt, Counters};
use crate::tasks::Tasks;

/// How often the relay looks for silent connections.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// How long accepting pauses after the system refused a socket, for instance because there are no descriptors left.
const ACCEPT_REST: Duration = Duration::from_millis(50);

/// Entry point for starting relays.
#[derive(Clone, Copy, Debug)]
pub struct Relay;

impl Relay {
    /// Starts a relay on the current tokio runtime. It runs until its handle is shut down or dropped.
    ///
    /// # Errors
    ///
    /// [`StartError`] if a setting is out of its range or an address is not available.
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

    /// Starts a relay on sockets that are already listening, with this clock.
    ///
    /// # Errors
    ///
    /// [`StartError`] if a limit is out of its range.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with time and input/output enabled.
    pub fn start_on(
        listeners: Listeners,
        limits: Limits,
        identity: &Identity,
        access: Access,
        clock: Arc<dyn Clock>,
    ) -> Result<RelayHandle, StartError> {
        Self::start_with(listeners, limits, identity, access, clock, |own| Box::new(Arc::clone(own)))
    }

    /// Like [`Relay::start_on`], with other circles than those that the relay keeps.
    pub(crate) fn start_with(
        listeners: Listeners,
        limits: Limits,
        identity: &Identity,
        access: Access,
        clock: Arc<dyn Clock>,
        circles: impl FnOnce(&Arc<OwnCircles>) -> Box<dyn Circles>,
    ) -> Result<RelayHandle, StartError> {
        limits.validate()?;
        let tls = server_config(identity)?;
        let mut log_id_prefix = [0; 8];
        aws_lc_rs::rand::fill(&mut log_id_prefix).map_err(|_| StartError::Random)?;
        let own_circles =
            OwnCircles::new(limits.circle, limits.circles, limits.circle_bytes_in_total, log_id_prefix);
        let own_circles = Arc::new(own_circles);
        let shared = Arc::new(Shared {
            started: clock.moment(),
            clock: Arc::clone(&clock),
            limits: ArcSwap::from_pointee(limits),
            tls,
            entrance: Entrance::new(access),
            tickets: Tickets::new(identity),
            journal: Journal::default(),
            history: History::default(),
            slots: Arc::new(AdmissionSlots::new(&limits)),
            ban_list: BanList::default(),
            shared_addresses: SharedAddresses::of(listeners.shared_addresses()),
            circles: circles(&own_circles),
            own_circles,
            large_frames: Budget::new(limits.large_frame_bytes_in_total, largest_frame(&limits)),
            register: Mutex::default(),
            counters: Counters::default(),
            next_id: AtomicU64::new(1),
            stopping: AtomicBool::new(false),
        });
        let local_addresses = listeners.addresses();
        let listeners = listeners.into_tokio()?;
        let mut tasks = Tasks::default();
        tasks.begin(Arc::clone(&shared.own_circles).run_clock(clock));
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
        shared.note_circles(now);
        shared.keep_history(now);
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
    let origin = shared.shared_addresses.origin_of(peer.ip());
    if shared.ban_list.passes_over(origin, accepted) {
        // Not a byte, no handshake: it costs as little as can be.
        return shared.counters.refuse(Attempt::Paused);
    }
    // Without it small frames wait for acknowledgements; a socket that refuses it is served all the same.
    let _ = stream.set_nodelay(true);
    let id = ConnectionId(shared.next_id.fetch_add(1, Ordering::Relaxed));
    let counted = accepted.counted;
    let begin = || tokio::spawn(host(Arc::clone(shared), (id, origin), stream, peer, counted));
    let crowded_out = shared.slots.arrive(id, origin, begin);
    for _ in 0..crowded_out {
        shared.counters.refuse(Attempt::CrowdedOut);
    }
}

/// Serves one socket. Admission needs much memory for a short time, so it is boxed, and its memory is freed afterwards.
async fn host(
    shared: Arc<Shared>,
    (id, origin): (ConnectionId, Origin),
    stream: TcpStream,
    peer: SocketAddr,
    accepted: Instant,
) {
    let place = Place { slots: Arc::clone(&shared.slots), id, origin };
    let admitted = Box::pin(admit(&shared, &place, stream, accepted)).await;
    if let Some(admitted) = admitted {
        serve(shared, place, peer, admitted).await;
    }
}
