//! `shepot-server run`: start, say where, wait for the end.

use std::net::SocketAddr;
use std::time::Duration;

use shepot_logs::{AllowList, log_panics};
use shepot_protocol::Pin;
use shepot_relay::{Access, AccessKeys, Identity, Relay, StateFolder};
use shepot_words::Words;

use crate::invite;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::system;
use crate::terminal::{output_is_kept, say};

/// The log file's name.
const LOG_FILE: &str = "shepot-server.log";

/// Threads that serve connections. The work is small; more would only take memory.
const MOST_THREADS: usize = 4;

/// How long tasks may take to end after the relay has.
const END_WITHIN: Duration = Duration::from_millis(500);

/// Characters of the pin that are shown: enough to compare by eye.
const SHOWN_PIN_BYTES: usize = 8;

/// Runs until a signal.
pub(crate) fn run(settings: &Settings, words: &Words, show_invitation: bool) -> Result<(), Problem> {
    let state = StateFolder::open(&settings.state_dir).map_err(|error| Problem::state(words, &error))?;
    let identity = state.identity().map_err(|error| Problem::state(words, &error))?;
    let keys = if settings.open {
        None
    } else {
        Some(state.access_keys().map_err(|error| Problem::state(words, &error))?)
    };
    let logs = AllowList::open(&settings.log_dir, LOG_FILE, tracing::Level::INFO)
        .map_err(|error| Problem::logs(words, &settings.log_dir, &error))?;
    // Only one can be set in a process, and this is the first.
    let _ = tracing::subscriber::set_global_default(logs);
    log_panics();
    let open_files = system::raise_file_limit();
    tracing::info!(open_files, "started");
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(|error| Problem(words.say("server-cannot-start", &[("error", &error.to_string())])))?;
    let outcome = runtime.block_on(serve(settings, words, &identity, keys, show_invitation));
    runtime.shutdown_timeout(END_WITHIN);
    tracing::info!("stopped");
    outcome
}

async fn serve(
    settings: &Settings,
    words: &Words,
    identity: &Identity,
    keys: Option<AccessKeys>,
    show_invitation: bool,
) -> Result<(), Problem> {
    // Before anybody can connect, so that no signal is missed.
    let stop = StopSignals::new()
        .map_err(|error| Problem(words.say("server-cannot-start", &[("error", &error.to_string())])))?;
    let access_key = keys.as_ref().and_then(|keys| keys.iter().next().cloned());
    let open = keys.is_none();
    let access = keys.map_or(Access::Open, Access::Keys);
    let relay = Relay::start(settings.configuration(), identity, access)
        .await
        .map_err(|error| Problem::start(words, &error))?;
    for address in relay.local_addresses() {
        tracing::info!(%address, "listening");
    }
    greet(words, relay.local_addresses(), identity.pin());
    let address = invite::public_address(settings, relay.local_addresses());
    if open {
        say(&words.say("server-open", &[("address", &address.0.to_string())]));
    }
    if show_invitation || !output_is_kept() {
        invite::print(words, address, identity.pin(), access_key, false)?;
        say(&words.say("server-owner-hint", &[]));
    } else {
        say(&words.say("server-invite-hint", &[]));
    }
    stop.arrive().await;
    tracing::info!("stopping");
    say(&words.say("server-stopping", &[]));
    relay.shutdown().await;
    Ok(())
}

fn greet(words: &Words, addresses: &[SocketAddr], pin: Pin) {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    say(&words.say("server-listening", &[("addresses", &addresses.join(", "))]));
    let shown: Vec<String> = pin.0.iter().take(SHOWN_PIN_BYTES).map(|byte| format!("{byte:02x}")).collect();
    say(&words.say("server-pin", &[("pin", &shown.join(" "))]));
}

/// Ctrl+C, or the system's wish that we end.
struct StopSignals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl StopSignals {
    #[cfg(unix)]
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    #[cfg(not(unix))]
    fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn arrive(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn arrive(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
