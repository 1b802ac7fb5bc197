//! `shepot-server run`: starts the server, says where it listens, and waits for the end.
//!
//! The order matters: first everything is opened that needs the right to open files and ports, then the process gives
//! up that right, and then the threads start that serve strangers.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use shepot_l10n::L10n;
use shepot_logs::{AllowList, log_panics};
use shepot_protocol::Pin;
use shepot_relay::{
    Access, AccessKeys, Identity, Listeners, Occupied, Relay, StateError, StateFolder, SystemClock,
};

use crate::control::{Caller, ControlSocket, SocketError};
use crate::lockdown::{Confinement, Needs, confine};
use crate::operator::Operator;
use crate::problem::Problem;
use crate::settings::{Settings, Sources};
use crate::terminal::say;
use crate::{invitations, metrics, system};

/// The name of the log file.
const LOG_FILE: &str = "shepot-server.log";

/// The most threads that serve connections. Their work is small, and more would only take memory.
const MOST_THREADS: usize = 4;

/// The most threads that answer operators. They wait for the disk.
const MOST_BLOCKING_THREADS: usize = 8;

/// How long tasks may take to end after the relay has ended.
const END_WITHIN: Duration = Duration::from_millis(500);

/// How many bytes of the pin are shown: enough to compare by eye.
const SHOWN_PIN_BYTES: usize = 8;

/// Everything that was opened before the process is confined.
struct Opened {
    state: StateFolder,
    occupied: Occupied,
    identity: Identity,
    keys: Option<AccessKeys>,
    listeners: Listeners,
    /// The control socket. `None`: this system has no such sockets.
    control: Option<ControlSocket>,
    metrics: Option<std::net::TcpListener>,
}

/// Runs until a signal or an operator ends it.
pub(crate) fn run(settings: Settings, sources: Sources, l10n: &L10n, now: u64) -> Result<(), Problem> {
    let opened = open(&settings, l10n, now)?;
    let open_files = system::raise_file_limit();
    tracing::info!(open_files, "started");
    let confinement = give_up_rights(&settings, &opened);
    tracing::info!(cause = confinement.name(), "confined");
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .max_blocking_threads(MOST_BLOCKING_THREADS)
        .enable_all()
        .build()
        .map_err(|error| Problem::cannot_start(l10n, &error))?;
    let outcome = runtime.block_on(serve(opened, (settings, sources), confinement, l10n));
    runtime.shutdown_timeout(END_WITHIN);
    tracing::info!("stopped");
    outcome
}

fn open(settings: &Settings, l10n: &L10n, now: u64) -> Result<Opened, Problem> {
    if system::foreign_owner(&settings.state_dir).is_some() {
        return Err(Problem::not_ours(l10n, settings));
    }
    let state = StateFolder::open(&settings.state_dir).map_err(|error| Problem::state(l10n, &error))?;
    let occupied = match state.occupy() {
        Err(StateError::Occupied(_)) => {
            // It may well answer: then it is the same server.
            return Err(if Caller::connect(&settings.control_socket).is_ok() {
                Problem::control(l10n, &settings.control_socket, &SocketError::InUse)
            } else {
                Problem::occupied(l10n, settings)
            });
        }
        other => other.map_err(|error| Problem::state(l10n, &error))?,
    };
    let identity = state.identity().map_err(|error| Problem::state(l10n, &error))?;
    let keys = if settings.open {
        None
    } else {
        Some(state.access_keys(now).map_err(|error| Problem::state(l10n, &error))?)
    };
    let logs = AllowList::open(&settings.log_dir, LOG_FILE, tracing::Level::INFO)
        .map_err(|error| Problem::logs(l10n, &settings.log_dir, &error))?;
    if is_within(state.path(), &settings.log_dir) {
        // Everything may be written there: the identity has to be elsewhere.
        return Err(Problem::logs_over_state(l10n, settings));
    }
    // Only one can be set in a process, and this is the first.
    let _ = tracing::subscriber::set_global_default(logs);
    log_panics();
    let control = if cfg!(unix) {
        let socket = ControlSocket::open(&settings.control_socket)
            .map_err(|error| Problem::control(l10n, &settings.control_socket, &error))?;
        Some(socket)
    } else {
        None
    };
    let metrics = settings
        .metrics
        .map(|address| {
            metrics::bind(address).map_err(|error| Problem::listen(l10n, &address, &error, "--metrics"))
        })
        .transpose()?;
    let listeners = Listeners::bind(&settings.listen).map_err(|error| Problem::start(l10n, &error))?;
    Ok(Opened { state, occupied, identity, keys, listeners, control, metrics })
}

fn give_up_rights(settings: &Settings, opened: &Opened) -> Confinement {
    let control_folder = opened.control.as_ref().and_then(|control| control.path().parent());
    confine(Needs {
        log_folder: &settings.log_dir,
        access_folder: &opened.state.access_folder(),
        // Over the state folder it would be the right to remove the identity. Then the socket stays, and the next start
        // replaces it.
        control_folder: control_folder.filter(|folder| !is_within(opened.state.path(), folder)),
    })
}

/// Whether a folder is, or lies in, another one, whatever their names. Both must exist.
fn is_within(inner: &Path, outer: &Path) -> bool {
    match (inner.canonicalize(), outer.canonicalize()) {
        (Ok(inner), Ok(outer)) => inner.starts_with(outer),
        // A folder that cannot be examined counts as lying within.
        (Err(_), _) | (_, Err(_)) => true,
    }
}

async fn serve(
    opened: Opened,
    (settings, sources): (Settings, Sources),
    confinement: Confinement,
    l10n: &L10n,
) -> Result<(), Problem> {
    let Opened { state, occupied, identity, keys, listeners, control, metrics } = opened;
    // Before anybody can connect, so that no signal is missed.
    let mut signals = Signals::new().map_err(|error| Problem::cannot_start(l10n, &error))?;
    let is_open = keys.is_none();
    let access = keys.map_or(Access::Open, Access::Keys);
    let relay = Relay::start_on(
        listeners.sharing(&settings.shared_addresses),
        settings.limits,
        &identity,
        access,
        Arc::new(SystemClock),
    )
    .map_err(|error| Problem::start(l10n, &error))?;
    let relay = Arc::new(relay);
    for address in relay.local_addresses() {
        tracing::info!(%address, "listening");
    }
    greet(l10n, relay.local_addresses(), identity.pin());
    if is_open {
        let (address, _) = invitations::public_address(&settings, relay.local_addresses());
        say(&l10n.tr("server-open", &[("address", &address.to_string())]));
    }
    let program = std::env::args_os().next().unwrap_or_else(|| "shepot-server".into());
    say(&l10n.tr("server-invite-hint", &[("command", &settings.command(&program, "invite"))]));
    let metrics_address = metrics.as_ref().and_then(|socket| socket.local_addr().ok());
    let operator =
        Operator::new(Arc::clone(&relay), state, (sources, settings), confinement, metrics_address);
    let operator = Arc::new(operator);
    let mut tasks = tokio::task::JoinSet::new();
    if let Some(control) = control {
        tasks.spawn(control.serve(Arc::clone(&operator)));
    }
    if let Some(metrics) = metrics {
        tasks.spawn(metrics::serve(metrics, Arc::clone(&relay)));
    }
    tasks.spawn(store_uses(Arc::clone(&operator)));
    system::tell_ready();
    loop {
        tokio::select! {
            signal = signals.next() => match signal {
                Signal::Reload => reload(&operator).await,
                Signal::Stop => break,
            },
            () = operator.stopped() => break,
        }
    }
    tracing::info!("stopping");
    system::tell_stopping();
    say(&l10n.tr("server-stopping", &[]));
    relay.shutdown().await;
    tasks.shutdown().await;
    // The last uses; nothing runs any more that would be kept waiting. What cannot be stored is logged.
    let _ = operator.store();
    drop(occupied);
    Ok(())
}

async fn reload(operator: &Arc<Operator>) {
    #[allow(clippy::disallowed_methods, reason = "the loop that the signal woke")]
    let (here, now) = (Arc::clone(operator), shepot_l10n::clock::now());
    let outcome = tokio::task::spawn_blocking(move || here.reload(now)).await;
    if let Ok(Err(refusal)) = outcome {
        tracing::error!("settings not read");
        let l10n = L10n::new(operator.language());
        crate::terminal::complain(&Problem::refused(&l10n, &refusal).sentence);
    }
}

/// Stores how often each invitation was used, whenever that changes.
async fn store_uses(operator: Arc<Operator>) -> std::io::Result<()> {
    loop {
        operator.relay().access_changed().await;
        let here = Arc::clone(&operator);
        // What could not be stored is logged, and tried again with the next change.
        let _ = tokio::task::spawn_blocking(move || here.store()).await;
    }
}

fn greet(l10n: &L10n, addresses: &[SocketAddr], pin: Pin) {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    say(&l10n.tr("server-listening", &[("addresses", &addresses.join(", "))]));
    let shown: Vec<String> =
        pin.0.iter().take(SHOWN_PIN_BYTES).map(|byte| HEXLOWER.encode(&[*byte])).collect();
    say(&l10n.tr("server-pin", &[("pin", &shown.join(" "))]));
}

/// What a signal of the system asks for.
enum Signal {
    /// To read the settings again: SIGHUP of a service.
    Reload,
    /// To end: Ctrl+C, or a request to terminate.
    Stop,
}

struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
    /// What SIGHUP means: to end if the server was started at a terminal, otherwise to read the settings again.
    #[cfg(unix)]
    hangup_means: fn() -> Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> std::io::Result<Self> {
        use std::io::IsTerminal as _;
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            hangup_means: if std::io::stdin().is_terminal() { || Signal::Stop } else { || Signal::Reload },
        })
    }

    #[cfg(not(unix))]
    fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.interrupt.recv() => Signal::Stop,
            _ = self.hangup.recv() => (self.hangup_means)(),
        }
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Stop
    }
}
