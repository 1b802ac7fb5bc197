//! The relay in this process, and how to read an invitation without the command line.

use std::path::Path;

use shepot_hosting::{Host, Hosted, HostingError, Options};
use shepot_relay::StartError;
use shepot_view::L10n;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::arguments::Arguments;
use crate::input::{NotUtf8, Typed};

/// The last port that the system reserves.
const LAST_PRIVILEGED_PORT: u16 = 1_023;

/// The port that is suggested if the one after the taken port is privileged or does not exist.
const FREE_PORT: u16 = 7_443;

/// The largest file that an invitation is read from, in bytes.
const INVITATION_FILE_BYTES: u64 = 64 * 1024;

/// Where the relay has to listen, from the arguments.
pub(crate) fn options(arguments: &Arguments) -> Options {
    Options { listen: arguments.listen.clone(), public_address: arguments.public_address.clone() }
}

/// Starts a relay as the arguments say.
pub(crate) async fn start(arguments: &Arguments, l10n: &L10n) -> Result<Hosted, String> {
    Host::default().start_anywhere(&options(arguments)).await.map_err(|error| sentence(l10n, error))
}

/// Why the relay did not start, and what to do about it.
pub(crate) fn sentence(l10n: &L10n, error: HostingError) -> String {
    match error {
        HostingError::NoRandomness => l10n.tr("connection-error-no-randomness", &[]),
        HostingError::Kept => l10n.tr("hosting-kept-damaged", &[]),
        HostingError::PublicAddress { typed } => l10n.tr("terminal-public-address", &[("typed", &typed)]),
        HostingError::Start(error) => cannot_start(l10n, &error),
    }
}

fn cannot_start(l10n: &L10n, error: &StartError) -> String {
    let StartError::Listen { address, error } = error else {
        return l10n.tr("terminal-cannot-host", &[("error", &error.to_string())]);
    };
    let name = if error.kind() == std::io::ErrorKind::AddrInUse {
        "terminal-port-in-use"
    } else if error.kind() == std::io::ErrorKind::PermissionDenied {
        "terminal-port-forbidden"
    } else {
        "terminal-cannot-listen"
    };
    let mut other = *address;
    other.set_port(
        address.port().checked_add(1).filter(|port| *port > LAST_PRIVILEGED_PORT).unwrap_or(FREE_PORT),
    );
    let (address, other, error) = (address.to_string(), other.to_string(), error.to_string());
    l10n.tr(name, &[("address", &address), ("other", &other), ("error", &error)])
}

/// The invitation or address from the arguments. `None` if they have none.
pub(crate) async fn entry_from_arguments(
    arguments: &Arguments,
    lines: &mut mpsc::Receiver<Typed>,
    l10n: &L10n,
) -> Result<Option<Zeroizing<String>>, String> {
    if arguments.invitation_file.as_ref().is_some_and(|file| file.as_os_str() == "-") {
        let line = lines.recv().await.transpose();
        return line.map_err(|NotUtf8| l10n.tr("terminal-not-utf8", &[]));
    }
    entry_of(arguments, l10n)
}

/// The same, without standard input.
pub(crate) fn entry_of(arguments: &Arguments, l10n: &L10n) -> Result<Option<Zeroizing<String>>, String> {
    if let Some(address) = &arguments.address {
        // Everybody on this machine can read arguments.
        if address.to_ascii_lowercase().contains("shepot:") || address.contains('#') {
            return Err(l10n.tr("terminal-invitation-in-arguments", &[]));
        }
        return Ok(Some(Zeroizing::new(address.clone())));
    }
    let Some(file) = &arguments.invitation_file else { return Ok(None) };
    read_invitation(file).map(Some).map_err(|error| {
        let file = file.display().to_string();
        l10n.tr("terminal-invitation-file", &[("file", &file), ("error", &error.to_string())])
    })
}

fn read_invitation(file: &Path) -> std::io::Result<Zeroizing<String>> {
    use std::io::Read as _;
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(file)?.take(INVITATION_FILE_BYTES).read_to_string(&mut text)?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

/// Waits for Ctrl+C, or for the system to ask the program to end.
pub(crate) async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [SignalKind::terminate(), SignalKind::hangup()].map(signal);
        let [Ok(mut terminate), Ok(mut hangup)] = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
            // The terminal is gone.
            _ = hangup.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
