//! Logs of a few known facts, in a folder of ours.
//!
//! Owns: what may be written at all. An event is written only if its text is in `MESSAGES`, and a field only if it is
//! listed and has the right form: numbers, addresses, names of causes. So nothing that a peer has sent can get here,
//! even if a line of code is wrong. Events of libraries are ignored.
//!
//! Must never: write free text, or send anything anywhere.

mod rotation;

use std::fmt::{Debug, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

use rotation::RotatingFile;

/// The crates whose events are written.
const TARGETS: &[&str] = &["shepot_app", "shepot_desktop", "shepot_logs", "shepot_relay", "shepot_server"];

/// The texts that may be written.
const MESSAGES: &[&str] = &[
    "accepting failed",
    "admitted",
    "ban lifted",
    "banned",
    "confined",
    "connected",
    "connection lost",
    "disconnected",
    "ended",
    "entry not hidden",
    "hosting",
    "invitation revoked",
    "invitations not stored",
    "kept server not read",
    "listening",
    "not admitted",
    "other starts not heard",
    "locked",
    "panic",
    "paused",
    "preferences not read",
    "preferences not written",
    "problem",
    "profile not locked",
    "refused",
    "settings not read",
    "settings read again",
    "started",
    "stopped",
    "stopping",
    "unlocked",
];

/// Fields with numbers.
const NUMBERS: &[&str] = &["code", "connection", "count", "line", "open_files", "server"];

/// Fields with names that our own code made: letters, digits, `_`, `.`, `/` and `-`.
const NAMES: &[&str] = &["cause", "file"];

/// The most characters of a name.
const MOST_NAME_CHARACTERS: usize = 120;

/// A tracing layer that writes what is allowed into a log.
pub struct AllowList {
    log: Log,
}

/// The log of a program: its folder, its level, and its last lines.
#[derive(Clone)]
pub struct Log {
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    name: &'static str,
    file: Mutex<Option<RotatingFile>>,
    level: AtomicU8,
    is_on: AtomicBool,
}

impl AllowList {
    /// Writes into a file with this name in this folder, which is made if it does not exist.
    ///
    /// # Errors
    ///
    /// If the system refuses the folder or the file.
    pub fn open(folder: &Path, name: &'static str, level: Level) -> std::io::Result<Self> {
        let log = Log::new(folder, name, level);
        *log.file() = Some(RotatingFile::open(folder, name)?);
        Ok(Self { log })
    }

    /// Makes the folder only when there is something to write, because a person who wants no logs wants no folder
    /// either.
    #[must_use]
    pub fn when_needed(folder: &Path, name: &'static str, level: Level) -> Self {
        Self { log: Log::new(folder, name, level) }
    }

    /// The log, for interfaces that show and change it.
    #[must_use]
    pub fn log(&self) -> Log {
        self.log.clone()
    }
}

impl Log {
    fn new(folder: &Path, name: &'static str, level: Level) -> Self {
        let shared = Shared {
            folder: folder.to_owned(),
            name,
            file: Mutex::new(None),
            level: AtomicU8::new(rank(level)),
            is_on: AtomicBool::new(true),
        };
        Self { shared: Arc::new(shared) }
    }

    fn file(&self) -> MutexGuard<'_, Option<RotatingFile>> {
        self.shared.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder of the files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.shared.folder
    }

    /// Writes up to this level from now on, or nothing if `is_on` is false.
    pub fn set(&self, is_on: bool, level: Level) {
        self.shared.level.store(rank(level), Ordering::Relaxed);
        self.shared.is_on.store(is_on, Ordering::Relaxed);
        if !is_on {
            *self.file() = None;
        }
    }

    /// The last lines of the present file, at most `most`, the oldest first.
    #[must_use]
    pub fn lines(&self, most: usize) -> Vec<String> {
        let text = std::fs::read_to_string(self.shared.folder.join(self.shared.name)).unwrap_or_default();
        let count = text.lines().count();
        text.lines().skip(count.saturating_sub(most)).map(str::to_owned).collect()
    }

    /// Removes every file of this log.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn clear(&self) -> std::io::Result<()> {
        let mut file = self.file();
        *file = None;
        rotation::remove_all(&self.shared.folder, self.shared.name)
    }

    fn write(&self, text: &str) {
        let mut file = self.file();
        if file.is_none() {
            *file = RotatingFile::open(&self.shared.folder, self.shared.name).ok();
        }
        if let Some(file) = &mut *file {
            // A full disk stops the logs, not the program.
            let _ = file.write(text.as_bytes());
        }
    }
}

/// The rank of a level. A higher one writes more.
const fn rank(level: Level) -> u8 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

impl Subscriber for AllowList {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let ours = TARGETS.iter().any(|target| {
            metadata
                .target()
                .strip_prefix(target)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        });
        let shared = &self.log.shared;
        ours && shared.is_on.load(Ordering::Relaxed)
            && rank(*metadata.level()) <= shared.level.load(Ordering::Relaxed)
    }

    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        // Whether a line is written can change while the program runs.
        Interest::sometimes()
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        // We have no spans; the number has to be something.
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    #[allow(clippy::disallowed_methods, reason = "nobody could pass the time to whoever is told of an event")]
    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let Some(message) = line.message else { return };
        let time = timestamp(SystemTime::now());
        let level = event.metadata().level();
        let text = format!("{time} {level} {message}{}\n", line.fields);
        self.log.write(&text);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A line that is being built.
#[derive(Default)]
struct Line {
    message: Option<&'static str>,
    fields: String,
}

impl Line {
    fn number(&mut self, field: &Field, number: impl std::fmt::Display) {
        if NUMBERS.contains(&field.name()) {
            let _ = write!(self.fields, " {}={number}", field.name());
        }
    }
}

impl Visit for Line {
    fn record_u64(&mut self, field: &Field, number: u64) {
        self.number(field, number);
    }

    fn record_i64(&mut self, field: &Field, number: i64) {
        self.number(field, number);
    }

    fn record_str(&mut self, field: &Field, text: &str) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
        if NAMES.contains(&field.name()) && text.len() <= MOST_NAME_CHARACTERS && text.chars().all(is_name) {
            let _ = write!(self.fields, " {}={text}", field.name());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        match field.name() {
            "message" => self.message = MESSAGES.iter().find(|message| **message == text).copied(),
            "address" if text.parse::<SocketAddr>().is_ok() || text.parse::<IpAddr>().is_ok() => {
                let _ = write!(self.fields, " address={text}");
            }
            _ => {}
        }
    }
}

/// The time in UTC, to the second (RFC 3339).
fn timestamp(now: SystemTime) -> String {
    let seconds = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let shown = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    shown.unwrap_or_default().to_string()
}

/// Starts the log of this process. The folder is made when there is something to write. Called once.
#[must_use]
pub fn begin(folder: &Path, name: &'static str, level: Level) -> Log {
    let lines = AllowList::when_needed(folder, name, level);
    let log = lines.log();
    // The first in this process.
    let _ = tracing::subscriber::set_global_default(lines);
    log
}

/// Logs panics by their place in the code, and shows nothing of them. Their messages may contain anything, so they are
/// not logged.
pub fn log_panics() {
    std::panic::set_hook(Box::new(log_place));
}

/// Logs panics by their place in the code, and then does what was done about them before.
pub fn log_panics_too() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        log_place(panic);
        before(panic);
    }));
}

fn log_place(panic: &PanicHookInfo<'_>) {
    match panic.location() {
        Some(place) => tracing::error!(file = place.file(), line = place.line(), "panic"),
        None => tracing::error!("panic"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MARKER: &str = "MARKER-5e1f";
    const NAME: &str = "shepot-test.log";

    #[test]
    fn only_known_facts_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let logs = AllowList::open(folder.path(), NAME, Level::TRACE).unwrap();
        tracing::subscriber::with_default(logs, || {
            let address: SocketAddr = "203.0.113.5:1234".parse().unwrap();
            tracing::info!(target: "shepot_relay::x", connection = 7_u64, %address, cause = "too_late", "refused");
            tracing::info!(target: "shepot_relay", nick = MARKER, "admitted");
            tracing::info!(target: "shepot_relay", cause = "MARKER 5e1f", "ended");
            tracing::info!(target: "shepot_relay", address = MARKER, "ended");
            tracing::info!(target: "shepot_relay", address = %MARKER, "ended");
            tracing::info!(target: "shepot_relay", "a message with {MARKER}");
            tracing::info!(target: "shepot_relay", message = MARKER);
            tracing::info!(target: "other_library", connection = 9_u64, "admitted");
            tracing::info!(target: "shepot_relayed", connection = 9_u64, "admitted");
            log_panics();
            let _ = std::panic::catch_unwind(|| panic!("{MARKER}"));
            let _ = std::panic::take_hook();
        });
        let written = std::fs::read_to_string(folder.path().join(NAME)).unwrap();
        let lines: Vec<_> = written.lines().map(|line| line.split_once(' ').unwrap().1).collect();
        assert_eq!(
            lines[..5],
            [
                "INFO refused connection=7 address=203.0.113.5:1234 cause=too_late",
                "INFO admitted",
                "INFO ended",
                "INFO ended",
                "INFO ended",
            ]
        );
        assert!(lines[5].starts_with("ERROR panic file="), "{}", lines[5]);
        assert_eq!(lines.len(), 6);
        assert!(!written.contains("MARKER") && !written.contains("5e1f"), "{written}");
    }

    #[test]
    fn levels_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let logs = AllowList::open(folder.path(), NAME, Level::INFO).unwrap();
        tracing::subscriber::with_default(logs, || {
            tracing::debug!(target: "shepot_relay", "admitted");
            tracing::warn!(target: "shepot_relay", "ended");
        });
        let written = std::fs::read_to_string(folder.path().join(NAME)).unwrap();
        assert!(written.ends_with("WARN ended\n") && !written.contains("admitted"));
    }

    #[test]
    fn nothing_is_written_while_it_is_off_and_nothing_stays_after_clearing() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("logs");
        let logs = AllowList::when_needed(&place, NAME, Level::ERROR);
        let log = logs.log();
        tracing::subscriber::with_default(logs, || {
            tracing::info!(target: "shepot_desktop", "connected");
            assert!(!place.exists(), "no folder before there is something to write");
            log.set(true, Level::INFO);
            tracing::info!(target: "shepot_desktop", server = 1_u64, "connected");
            assert!(log.lines(10)[0].ends_with("INFO connected server=1"));
            log.set(false, Level::INFO);
            tracing::error!(target: "shepot_desktop", "panic");
            assert_eq!(log.lines(10).len(), 1);
            log.clear().unwrap();
            assert_eq!(std::fs::read_dir(&place).unwrap().count(), 0);
        });
    }

    #[test]
    fn times_are_in_utc() {
        let at = |seconds| timestamp(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(1_798_761_599), "2026-12-31T23:59:59Z");
    }
}
