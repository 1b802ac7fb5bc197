//! What can go wrong, as sentences that say what to do.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;

use shepot_l10n::L10n;
use shepot_relay::{StartError, StateError};

use crate::control::{CallError, Refusal, SocketError};
use crate::settings::Settings;

/// A sentence for the operator; the program ends with a code that is not zero.
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) String);

impl Problem {
    pub(crate) fn cannot_start(l10n: &L10n, error: &impl ToString) -> Self {
        Self(l10n.tr("server-cannot-start", &[("error", &error.to_string())]))
    }

    pub(crate) fn control(l10n: &L10n, socket: &Path, error: &SocketError) -> Self {
        let socket = socket.display().to_string();
        let sentence = match error {
            SocketError::InUse => "server-runs-already",
            SocketError::TooLong => "server-socket-too-long",
            SocketError::NotOurs => "server-socket-not-ours",
            SocketError::Io(_) => "server-socket",
        };
        Self(l10n.tr(sentence, &[("socket", &socket), ("error", &error.to_string())]))
    }

    /// The log folder would hold the identity.
    pub(crate) fn logs_over_state(l10n: &L10n, settings: &Settings) -> Self {
        let [logs, state] = [&settings.log_dir, &settings.state_dir].map(|path| path.display().to_string());
        Self(l10n.tr("server-logs-over-state", &[("logs", &logs), ("state", &state)]))
    }

    /// The state folder is another user's, and this one may do everything.
    pub(crate) fn not_ours(l10n: &L10n, settings: &Settings) -> Self {
        let folder = settings.state_dir.display().to_string();
        Self(l10n.tr("server-not-ours", &[("folder", &folder)]))
    }

    /// A server has the state folder, and does not answer where it was looked for.
    pub(crate) fn occupied(l10n: &L10n, settings: &Settings) -> Self {
        let folder = settings.state_dir.display().to_string();
        let socket = settings.control_socket.display().to_string();
        Self(l10n.tr("server-occupied", &[("folder", &folder), ("socket", &socket)]))
    }

    /// The running server could not be asked.
    pub(crate) fn call(l10n: &L10n, socket: &Path, error: &CallError) -> Self {
        let socket = socket.display().to_string();
        let sentence = match error {
            CallError::NotRunning => "server-not-running",
            CallError::Io(error) if error.kind() == ErrorKind::PermissionDenied => "server-socket-forbidden",
            CallError::Io(error) if error.kind() == ErrorKind::Unsupported => "server-no-sockets",
            CallError::Io(_) => "server-does-not-answer",
            CallError::Garbage(_) => "server-other-version",
        };
        Self(l10n.tr(sentence, &[("socket", &socket), ("error", &error.to_string())]))
    }

    /// The running server did not do what it was asked for.
    pub(crate) fn refused(l10n: &L10n, refusal: &Refusal) -> Self {
        Self(match refusal {
            Refusal::BadRequest { .. } => l10n.tr("server-other-version", &[]),
            Refusal::NoSuchConnection { who } => l10n.tr("operator-no-connection", &[("who", who)]),
            Refusal::NotAnAddress { typed } => l10n.tr("operator-not-an-address", &[("typed", typed)]),
            Refusal::NotBanned { address } => {
                l10n.tr("operator-not-banned", &[("address", &address.to_string())])
            }
            Refusal::SharedAddress { address } => {
                l10n.tr("operator-shared-address", &[("address", &address.to_string())])
            }
            Refusal::NoSuchInvitation { invitation } => {
                l10n.tr("operator-no-invitation", &[("invitation", invitation)])
            }
            Refusal::SeveralInvitations { invitation } => {
                l10n.tr("operator-several-invitations", &[("invitation", invitation)])
            }
            Refusal::WrongName { name } => l10n.tr("operator-wrong-name", &[("name", name)]),
            Refusal::Open => l10n.tr("operator-open", &[]),
            Refusal::TooManyInvitations => l10n.tr("operator-too-many-invitations", &[]),
            Refusal::NotStored { reason } => l10n.tr("operator-not-stored", &[("error", reason)]),
            Refusal::Settings { sentence } => l10n.tr("operator-settings", &[("sentence", sentence)]),
            Refusal::NoRandom => l10n.tr("server-no-random", &[]),
        })
    }

    /// An address that the system does not give; `flag` is where another can be named.
    #[allow(clippy::wildcard_enum_match_arm, reason = "the standard library's kinds of errors grow")]
    pub(crate) fn listen(l10n: &L10n, address: &SocketAddr, error: &std::io::Error, flag: &str) -> Self {
        let address = address.to_string();
        let sentence = match error.kind() {
            ErrorKind::AddrInUse => "server-port-in-use",
            ErrorKind::PermissionDenied => "server-port-forbidden",
            ErrorKind::AddrNotAvailable | ErrorKind::Unsupported => "server-not-our-address",
            _ => "server-cannot-listen",
        };
        Self(l10n.tr(sentence, &[("address", &address), ("error", &error.to_string()), ("flag", flag)]))
    }

    pub(crate) fn logs(l10n: &L10n, folder: &Path, error: &std::io::Error) -> Self {
        let values = [("folder", &*folder.display().to_string()), ("error", &error.to_string())];
        Self(l10n.tr("server-log-folder", &values))
    }

    pub(crate) fn state(l10n: &L10n, error: &StateError) -> Self {
        Self(match error {
            StateError::Io { path, error } => {
                let values = [("path", &*path.display().to_string()), ("error", &error.to_string())];
                l10n.tr("server-state-folder", &values)
            }
            StateError::Damaged(path) => {
                l10n.tr("server-state-damaged", &[("path", &path.display().to_string())])
            }
            StateError::Occupied(folder) => {
                let values = [("folder", &*folder.display().to_string()), ("socket", "—")];
                l10n.tr("server-occupied", &values)
            }
            StateError::Identity(_) => l10n.tr("server-no-random", &[]),
        })
    }

    pub(crate) fn start(l10n: &L10n, error: &StartError) -> Self {
        match error {
            StartError::Listen { address, error } => Self::listen(l10n, address, error, "--listen"),
            StartError::Random => Self(l10n.tr("server-no-random", &[])),
            StartError::Configuration(error) => Self::cannot_start(l10n, error),
            StartError::Tls(error) => Self::cannot_start(l10n, error),
        }
    }
}
