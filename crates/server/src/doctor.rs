//! `shepot-server doctor`: whether this machine suits a server.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::time::Duration;

use shepot_hygiene::posture::{Dumps, Hibernation, Posture, Swap};
use shepot_l10n::{L10n, size};
use shepot_protocol::Address;
use shepot_relay::StateFolder;

use crate::control::{Answer, Caller, Request, Status};
use crate::limits::{LIMITS, wide};
use crate::lockdown;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::system;
use crate::terminal::{self, say};

/// Open files besides connections: listening sockets, logs, those of the runtime.
const OTHER_FILES: u64 = 64;

/// The most memory that a connection takes, in bytes: socket buffers, TLS, a waiting batch.
const CONNECTION_BYTES: u64 = 64 * 1024;

/// How long connecting to the server may take.
const CONNECT_PATIENCE: Duration = Duration::from_secs(3);

/// A clock before 1 November 2026 is wrong, because this program is younger. In seconds since 1970.
const BUILT_AFTER: u64 = 1_793_491_200;

/// Files that show that a time service keeps the clock.
const SYNCHRONISED: [&str; 3] =
    ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.pid", "/run/ntpd.pid"];

/// One line of the report.
#[derive(serde::Serialize)]
struct Finding {
    good: bool,
    text: String,
}

/// The report, for programs.
#[derive(serde::Serialize)]
struct Report {
    good: bool,
    findings: Vec<Finding>,
    limits: BTreeMap<&'static str, u64>,
}

/// Prints the report. Returns whether everything is good. `now`: seconds since 1970.
pub(crate) fn run(settings: &Settings, l10n: &L10n, json: bool, now: u64) -> Result<bool, Problem> {
    let running = running(settings);
    let mut findings = vec![version(l10n, running.as_ref())];
    findings.extend(posture(l10n, Posture::of_this_system()));
    findings.push(sandbox(l10n));
    findings.push(clock(l10n, now));
    findings.extend(memory(settings, l10n));
    findings.push(files(settings, l10n));
    findings.push(state(settings, l10n, now));
    match &running {
        Some(status) => findings.extend(reached(settings, l10n, status)),
        None => findings.extend(settings.listen.iter().map(|address| port(l10n, *address))),
    }
    let good = findings.iter().all(|finding| finding.good);
    if json {
        let limits = LIMITS.iter().map(|limit| (limit.name, (limit.read)(&settings.limits))).collect();
        let report = Report { good, findings, limits };
        say(&terminal::json(&report).map_err(|error| Problem::cannot_start(l10n, &error))?);
        return Ok(good);
    }
    for finding in &findings {
        let mark = if finding.good { "+" } else { "!" };
        say(&format!("{mark} {}", finding.text));
    }
    say("");
    say(&l10n.tr("server-doctor-limits", &[]));
    for limit in LIMITS {
        say(&format!("  {} = {}", limit.name, (limit.read)(&settings.limits)));
    }
    say(&l10n.tr(if good { "server-doctor-good" } else { "server-doctor-bad" }, &[]));
    Ok(good)
}

/// The server that runs with these settings. `None`: none does.
fn running(settings: &Settings) -> Option<Status> {
    let mut server = Caller::connect(&settings.control_socket).ok()?;
    match server.ask(&Request::Status) {
        Ok(Answer::Status(status)) => Some(*status),
        Ok(_) | Err(_) => None,
    }
}

fn version(l10n: &L10n, running: Option<&Status>) -> Finding {
    let own = env!("CARGO_PKG_VERSION");
    match running {
        Some(status) => Finding {
            good: status.version == own,
            text: l10n.tr(
                "server-version-running",
                &[("own", own), ("running", &status.version), ("process", &status.process.to_string())],
            ),
        },
        None => Finding { good: true, text: l10n.tr("server-version", &[("own", own)]) },
    }
}

fn sandbox(l10n: &L10n) -> Finding {
    let good = lockdown::is_possible();
    let sentence = if good { "server-sandbox" } else { "server-no-sandbox" };
    Finding { good, text: l10n.tr(sentence, &[]) }
}

/// Checks the clock, on which the expiry of invitations depends.
fn clock(l10n: &L10n, now: u64) -> Finding {
    if now < BUILT_AFTER {
        return Finding { good: false, text: l10n.tr("server-clock-behind", &[]) };
    }
    let is_kept = SYNCHRONISED.iter().any(|file| Path::new(file).exists());
    let sentence = if is_kept { "server-clock-kept" } else { "server-clock-unknown" };
    Finding { good: true, text: l10n.tr(sentence, &[]) }
}

/// Compares what the limits allow the server to take with the free memory.
fn memory(settings: &Settings, l10n: &L10n) -> Option<Finding> {
    let free = system::free_memory()?;
    let limits = &settings.limits;
    let connections = wide(limits.connections).saturating_mul(CONNECTION_BYTES);
    let needed = wide(limits.circle_bytes_in_total)
        .saturating_add(wide(limits.large_frame_bytes_in_total))
        .saturating_add(connections);
    let good = free >= needed;
    let sentence = if good { "server-memory-enough" } else { "server-memory-little" };
    let values = [("free", &*size::bytes(l10n, free)), ("needed", &size::bytes(l10n, needed))];
    Some(Finding { good, text: l10n.tr(sentence, &values) })
}

/// Checks whether the running server can be reached from here, at its own addresses and at the one in its invitations.
fn reached(settings: &Settings, l10n: &L10n, status: &Status) -> Vec<Finding> {
    let near = status.listening.iter().map(|address| match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port()),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), address.port()),
        IpAddr::V4(_) | IpAddr::V6(_) => *address,
    });
    let mut findings: Vec<Finding> = near
        .map(|address| {
            let good = TcpStream::connect_timeout(&address, CONNECT_PATIENCE).is_ok();
            let sentence = if good { "server-port-answers" } else { "server-port-silent" };
            Finding { good, text: l10n.tr(sentence, &[("address", &address.to_string())]) }
        })
        .collect();
    if settings.public_address.is_some() {
        let address = &status.public_address;
        // Name servers do not take what people read.
        let dialled =
            address.parse::<Address>().map_or_else(|_| address.clone(), |address| address.to_ascii());
        let found = dialled.to_socket_addrs().into_iter().flatten();
        let good = found.into_iter().any(|at| TcpStream::connect_timeout(&at, CONNECT_PATIENCE).is_ok());
        let sentence = if good { "server-public-answers" } else { "server-public-silent" };
        findings.push(Finding { good, text: l10n.tr(sentence, &[("address", address)]) });
    }
    findings
}

fn posture(l10n: &L10n, posture: Posture) -> Vec<Finding> {
    let (swap_good, swap) = match posture.swap {
        Swap::Off => (true, "server-swap-off"),
        Swap::InMemory => (true, "server-swap-memory"),
        Swap::Encrypted => (true, "server-swap-encrypted"),
        Swap::Plain => (false, "server-swap-plain"),
        Swap::Unknown => (false, "server-swap-unknown"),
    };
    let (sleep_good, sleep) = match posture.hibernation {
        Hibernation::Off => (true, "server-hibernation-off"),
        Hibernation::Possible => (false, "server-hibernation-possible"),
        Hibernation::Unknown => (false, "server-hibernation-unknown"),
    };
    let (dumps_good, dumps) = match posture.dumps {
        Dumps::Forbidden => (true, "server-dumps-forbidden"),
        Dumps::Allowed => (false, "server-dumps-allowed"),
        Dumps::Unknown => (false, "server-dumps-unknown"),
    };
    let mut findings: Vec<Finding> = [(swap_good, swap), (sleep_good, sleep), (dumps_good, dumps)]
        .map(|(good, sentence)| Finding { good, text: l10n.tr(sentence, &[]) })
        .into();
    let locked = match posture.lockable_bytes {
        Some(bytes) => l10n.tr("server-lockable", &[("kib", &(bytes / 1024).to_string())]),
        None => l10n.tr("server-lockable-unknown", &[]),
    };
    findings.push(Finding { good: true, text: locked });
    findings
}

fn files(settings: &Settings, l10n: &L10n) -> Finding {
    let allowed = system::raise_file_limit();
    let connections = settings.limits.connections + settings.limits.unauthenticated;
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    let good = allowed == 0 || allowed >= needed;
    let sentence = if good { "server-files-enough" } else { "server-files-few" };
    let values = [("allowed", &*allowed.to_string()), ("needed", &needed.to_string())];
    Finding { good, text: l10n.tr(sentence, &values) }
}

/// Checks the state folder without making anything. A folder that does not exist yet is no problem.
fn state(settings: &Settings, l10n: &L10n, now: u64) -> Finding {
    let folder = &settings.state_dir;
    let shown = folder.display().to_string();
    let nearest =
        folder.ancestors().find(|near| near.as_os_str().is_empty() || near.exists()).unwrap_or(folder);
    if !system::is_writable(nearest) {
        let values = [("folder", &*nearest.display().to_string())];
        return Finding { good: false, text: l10n.tr("server-state-not-writable", &values) };
    }
    if !folder.exists() {
        return Finding { good: true, text: l10n.tr("server-state-new", &[("folder", &shown)]) };
    }
    let state = StateFolder::existing(folder);
    let is_there = |name: &str| folder.join(name).exists();
    let identity = if is_there("identity") { state.identity().map(drop) } else { Ok(()) };
    let keys = if is_there("access/keys") { state.access_keys(now).map(drop) } else { Ok(()) };
    let readable = identity.and(keys);
    match readable {
        Err(error) => Finding { good: false, text: Problem::state(l10n, &error).sentence },
        Ok(()) if !system::is_private(folder) => {
            Finding { good: false, text: l10n.tr("server-state-not-private", &[("folder", &shown)]) }
        }
        Ok(()) => Finding { good: true, text: l10n.tr("server-state-good", &[("folder", &shown)]) },
    }
}

fn port(l10n: &L10n, address: SocketAddr) -> Finding {
    let shown = address.to_string();
    match TcpListener::bind(address) {
        Ok(_) => Finding { good: true, text: l10n.tr("server-port-free", &[("address", &shown)]) },
        Err(error) => {
            let values = [("address", &*shown), ("error", &error.to_string())];
            Finding { good: false, text: l10n.tr("server-port-taken", &values) }
        }
    }
}
