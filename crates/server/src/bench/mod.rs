//! `shepot-server bench`: what a server can do on this machine, measured for ten seconds.
//!
//! It starts the real server as a process of its own, with a temporary state folder, and puts it under load over the
//! loopback. Both share the processor, so a server that is alone can do more.

#![allow(clippy::disallowed_methods, reason = "measuring time is what it is for")]

mod client;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use shepot_l10n::{L10n, size};
use shepot_protocol::RelayToClient;
use shepot_protocol::message::Entry;
use tokio::task::JoinSet;

use crate::control::{Answer, Caller, Request, Status};
use crate::problem::Problem;
use crate::terminal::say;
use client::{Circle, Client};

/// For how long clients are admitted one after the other.
const COMING: Duration = Duration::from_secs(3);

/// How many clients are admitted at once.
const COMING_AT_ONCE: usize = 8;

/// How many connections stay and are silent.
const IDLE: usize = 500;

/// How many members the circle under load has.
const MEMBERS: u64 = 50;

/// For how long the circle talks calmly, and then for how long as fast as possible.
const TALKING: Duration = Duration::from_secs(2);
const SHOUTING: Duration = Duration::from_secs(2);

/// Messages a second while the circle talks calmly.
const CALM: u32 = 50;

/// Size of a message in bytes.
const MESSAGE_BYTES: usize = 512;

/// The most messages that may be in flight.
const IN_FLIGHT: u64 = 64;

/// How long the server may take to start.
const START: Duration = Duration::from_secs(10);

/// The measured figures.
#[derive(Debug, serde::Serialize)]
struct Figures {
    admissions_per_second: f64,
    bytes_per_idle_connection: u64,
    deliveries_per_second: f64,
    delivery_p50_ms: f64,
    delivery_p99_ms: f64,
    members: u64,
    resident_bytes: u64,
    processors: usize,
}

/// Measures and prints the figures.
pub(crate) fn run(l10n: &L10n, json: bool) -> Result<(), Problem> {
    let failed = |error: io::Error| Problem::new(l10n.tr("bench-failed", &[("error", &error.to_string())]));
    if !json {
        say(&l10n.tr("bench-begins", &[]));
    }
    let folder = tempfile::tempdir().map_err(failed)?;
    let mut server = Server::start(folder.path()).map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    // An early end must not leave the server running.
    let figures = runtime.block_on(async {
        tokio::select! {
            figures = measure(&mut server) => figures,
            () = crate::system::told_to_end() => Err(io::ErrorKind::Interrupted.into()),
        }
    });
    let figures = figures.map_err(failed)?;
    runtime.shutdown_background();
    if json {
        let text = serde_json::to_string(&figures).map_err(|error| failed(error.into()))?;
        say(&text);
        return Ok(());
    }
    let one = |number: f64| format!("{number:.1}");
    let whole = |number: f64| format!("{number:.0}");
    for (name, value) in [
        ("bench-admissions", whole(figures.admissions_per_second)),
        ("bench-idle", size::bytes(l10n, figures.bytes_per_idle_connection)),
        ("bench-deliveries", whole(figures.deliveries_per_second)),
        ("bench-p50", one(figures.delivery_p50_ms)),
        ("bench-p99", one(figures.delivery_p99_ms)),
        ("bench-memory", size::bytes(l10n, figures.resident_bytes)),
        ("bench-processors", figures.processors.to_string()),
    ] {
        say(&l10n.tr(name, &[("n", &value)]));
    }
    Ok(())
}

/// The server under load. It is ended when dropped.
struct Server {
    child: Child,
    control: Caller,
    address: SocketAddr,
}

impl Server {
    fn start(folder: &Path) -> io::Result<Self> {
        let socket = folder.join("control");
        let many = "100000";
        let fast = "100000000";
        let limits = [
            ("connections", many),
            ("connections_per_address", many),
            ("unauthenticated", many),
            ("unauthenticated_per_address", many),
            ("requests_per_second", fast),
            ("publishes_per_second", fast),
            ("bytes_per_second", fast),
            ("refusals_before_pause", "0"),
        ];
        let mut command = Command::new(std::env::current_exe()?);
        // Nothing of a real server's settings.
        command.env_clear().args(["run", "--open", "--listen", "127.0.0.1:0"]);
        command.arg("--state-dir").arg(folder.join("state")).arg("--control-socket").arg(&socket);
        for (name, value) in limits {
            command.arg("--limit").arg(format!("{name}={value}"));
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let end = Instant::now() + START;
        loop {
            let reached = Caller::connect(&socket).ok().and_then(|mut control| {
                let status = ask(&mut control).ok()?;
                Some((control, *status.listening.first()?))
            });
            if let Some((control, address)) = reached {
                return Ok(Self { child, control, address });
            }
            if Instant::now() > end {
                let mut child = child;
                let _ = child.kill();
                return Err(io::ErrorKind::TimedOut.into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn memory(&mut self) -> io::Result<u64> {
        ask(&mut self.control).map(|status| status.memory_bytes)
    }
}

fn ask(control: &mut Caller) -> io::Result<Status> {
    match control.ask(&Request::Status) {
        Ok(Answer::Status(status)) => Ok(*status),
        Ok(_) => Err(io::ErrorKind::InvalidData.into()),
        Err(error) => Err(io::Error::other(error)),
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already: then it is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn measure(server: &mut Server) -> io::Result<Figures> {
    let admissions_per_second = come(server.address).await?;
    let before = server.memory()?;
    let mut idle = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        idle.push(Client::connect(server.address).await?);
    }
    let grown = server.memory()?.saturating_sub(before);
    let bytes_per_idle_connection = grown / u64::try_from(IDLE).unwrap_or(1);
    drop(idle);
    let talk = talk(server.address).await?;
    Ok(Figures {
        admissions_per_second,
        bytes_per_idle_connection,
        deliveries_per_second: talk.deliveries_per_second,
        delivery_p50_ms: talk.p50_ms,
        delivery_p99_ms: talk.p99_ms,
        members: MEMBERS,
        resident_bytes: server.memory()?,
        processors: std::thread::available_parallelism().map_or(1, usize::from),
    })
}

#[allow(clippy::cast_precision_loss, reason = "figures for people")]
fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

async fn come(address: SocketAddr) -> io::Result<f64> {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..COMING_AT_ONCE {
        tasks.spawn(async move {
            let mut count = 0_u64;
            while began.elapsed() < COMING {
                Client::connect(address).await?;
                count += 1;
            }
            io::Result::Ok(count)
        });
    }
    let mut count = 0;
    while let Some(done) = tasks.join_next().await {
        count += done.map_err(io::Error::other)??;
    }
    Ok(per_second(count, began.elapsed()))
}

struct Talk {
    deliveries_per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

/// What all listeners count together.
#[derive(Default)]
struct Heard {
    deliveries: AtomicU64,
    /// Microseconds from publishing to receiving, while the circle talks calmly.
    waits: std::sync::Mutex<Vec<u64>>,
}

async fn talk(address: SocketAddr) -> io::Result<Talk> {
    let circle = Arc::new(Circle::new()?);
    let mut speaker = Client::connect(address).await?;
    let first = speaker.found(&circle).await?;
    let heard = Arc::new(Heard::default());
    let began = Instant::now();
    let mut listeners = JoinSet::new();
    for seat in 2..=MEMBERS {
        let mut listener = Client::connect(address).await?;
        listener.join(&circle, seat, &first).await?;
        listeners.spawn(listen(listener, Arc::clone(&heard), began));
    }
    let mut number = 0;
    let mut pause = tokio::time::interval(Duration::from_secs(1) / CALM);
    let calm_until = Instant::now() + TALKING;
    while Instant::now() < calm_until {
        pause.tick().await;
        say_now(&mut speaker, &circle, &mut number, began, true).await?;
        own_echo(&mut speaker, 1).await?;
    }
    let before = heard.deliveries.load(Ordering::Relaxed);
    let loud = Instant::now();
    let mut on_the_way = 0;
    while loud.elapsed() < SHOUTING {
        say_now(&mut speaker, &circle, &mut number, began, false).await?;
        on_the_way += 1;
        if on_the_way >= IN_FLIGHT {
            own_echo(&mut speaker, on_the_way / 2).await?;
            on_the_way -= on_the_way / 2;
        }
    }
    let count = heard.deliveries.load(Ordering::Relaxed) - before;
    let deliveries_per_second = per_second(count, loud.elapsed());
    listeners.shutdown().await;
    let mut waits =
        std::mem::take(&mut *heard.waits.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    waits.sort_unstable();
    let part = |percent: usize| {
        let at = (waits.len() * percent / 100).min(waits.len().saturating_sub(1));
        waits.get(at).map_or(0.0, |micros| Duration::from_micros(*micros).as_secs_f64() * 1_000.0)
    };
    Ok(Talk { deliveries_per_second, p50_ms: part(50), p99_ms: part(99) })
}

async fn say_now(
    speaker: &mut Client,
    circle: &Circle,
    number: &mut u64,
    began: Instant,
    is_calm: bool,
) -> io::Result<()> {
    let at = if is_calm { u64::try_from(began.elapsed().as_micros()).unwrap_or(0) } else { 0 };
    let mut blob = at.to_be_bytes().to_vec();
    blob.resize(MESSAGE_BYTES, 0x5a);
    *number += 1;
    speaker.publish(circle, *number, Bytes::from(blob)).await
}

/// Waits until `count` of the speaker's own messages are in the log.
async fn own_echo(speaker: &mut Client, count: u64) -> io::Result<()> {
    let mut seen = 0;
    while seen < count {
        if let RelayToClient::Published(_) = speaker.next().await? {
            seen += 1;
        }
    }
    Ok(())
}

async fn listen(mut listener: Client, heard: Arc<Heard>, began: Instant) {
    // The caller aborts it.
    while let Ok(message) = listener.next().await {
        let RelayToClient::Delivery(delivery) = message else { continue };
        let Entry::Message { blob, .. } = delivery.entry else { continue };
        heard.deliveries.fetch_add(1, Ordering::Relaxed);
        let at = blob.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        if at > 0 {
            let now = u64::try_from(began.elapsed().as_micros()).unwrap_or(0);
            let mut waits = heard.waits.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            waits.push(now.saturating_sub(at));
        }
    }
}
