//! What can go wrong, in sentences that say what to do.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use shepot_l10n::L10n;
use shepot_relay::{StartError, StateError};

use crate::control::{CallError, Refusal, SocketError};
use crate::settings::{SettingError, Settings};

/// The exit code if only the operator can mend the problem, because another start would end the same way. It is
/// `EX_CONFIG` of sysexits.h. packaging/shepot-server.service names it.
const LASTING: u8 = 78;

/// A sentence for the operator. The program ends with a code other than zero.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) sentence: String,
    is_lasting: bool,
}

impl Problem {
    pub(crate) const fn new(sentence: String) -> Self {
        Self { sentence, is_lasting: false }
    }

    /// A problem that does not go away by itself.
    const fn lasting(sentence: String) -> Self {
        Self { sentence, is_lasting: true }
    }

    /// The exit code of the program.
    pub(crate) fn code(&self) -> ExitCode {
        if self.is_lasting { ExitCode::from(LASTING) } else { ExitCode::FAILURE }
    }

    pub(crate) fn settings(l10n: &L10n, error: &SettingError) -> Self {
        Self::lasting(error.tr(l10n))
    }

    pub(crate) fn cannot_start(l10n: &L10n, error: &impl ToString) -> Self {
        Self::new(l10n.tr("server-cannot-start", &[("error", &error.to_string())]))
    }

    pub(crate) fn control(l10n: &L10n, socket: &Path, error: &SocketError) -> Self {
        let socket = socket.display().to_string();
        let sentence = match error {
            SocketError::InUse => "server-runs-already",
            SocketError::TooLong => "server-socket-too-long",
            SocketError::NotOurs => "server-socket-not-ours",
            SocketError::Io(_) => "server-socket",
        };
        Self {
            sentence: l10n.tr(sentence, &[("socket", &socket), ("error", &error.to_string())]),
            is_lasting: match error {
                SocketError::InUse => false,
                SocketError::TooLong | SocketError::NotOurs => true,
                SocketError::Io(error) => is_lasting(error),
            },
        }
    }

    /// The log folder would contain the identity.
    pub(crate) fn logs_over_state(l10n: &L10n, settings: &Settings) -> Self {
        let [logs, state] = [&settings.log_dir, &settings.state_dir].map(|path| path.display().to_string());
        Self::lasting(l10n.tr("server-logs-over-state", &[("logs", &logs), ("state", &state)]))
    }

    /// The state folder belongs to another user, and this one is root.
    pub(crate) fn not_ours(l10n: &L10n, settings: &Settings) -> Self {
        let folder = settings.state_dir.display().to_string();
        Self::lasting(l10n.tr("server-not-ours", &[("folder", &folder)]))
    }

    /// A server has the state folder, but does not answer at the expected socket.
    pub(crate) fn occupied(l10n: &L10n, settings: &Settings) -> Self {
        let folder = settings.state_dir.display().to_string();
        let socket = settings.control_socket.display().to_string();
        Self::new(l10n.tr("server-occupied", &[("folder", &folder), ("socket", &socket)]))
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
        Self::new(l10n.tr(sentence, &[("socket", &socket), ("error", &error.to_string())]))
    }

    /// The running server refused the request.
    pub(crate) fn refused(l10n: &L10n, refusal: &Refusal) -> Self {
        Self::new(match refusal {
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
            Refusal::DiskFull => l10n.tr("operator-disk-full", &[]),
            Refusal::NotStored { reason } => l10n.tr("operator-not-stored", &[("error", reason)]),
            Refusal::Settings { sentence } => l10n.tr("operator-settings", &[("sentence", sentence)]),
            Refusal::NoRandom => l10n.tr("server-no-random", &[]),
        })
    }

    /// The system refuses an address. `flag` names the option for another one.
    #[allow(clippy::wildcard_enum_match_arm, reason = "the standard library's kinds of errors grow")]
    pub(crate) fn listen(l10n: &L10n, address: &SocketAddr, error: &std::io::Error, flag: &str) -> Self {
        let address = address.to_string();
        let sentence = match error.kind() {
            ErrorKind::AddrInUse => "server-port-in-use",
            ErrorKind::PermissionDenied => "server-port-forbidden",
            ErrorKind::AddrNotAvailable | ErrorKind::Unsupported => "server-not-our-address",
            _ => "server-cannot-listen",
        };
        Self {
            sentence: l10n
                .tr(sentence, &[("address", &address), ("error", &error.to_string()), ("flag", flag)]),
            // An address may be there later.
            is_lasting: is_lasting(error),
        }
    }

    pub(crate) fn logs(l10n: &L10n, folder: &Path, error: &std::io::Error) -> Self {
        if is_full(error) {
            return Self::full(l10n, folder);
        }
        let values = [("folder", &*folder.display().to_string()), ("error", &error.to_string())];
        Self { sentence: l10n.tr("server-log-folder", &values), is_lasting: is_lasting(error) }
    }

    /// The disk is full. There may be room later.
    fn full(l10n: &L10n, folder: &Path) -> Self {
        Self::new(l10n.tr("server-disk-full", &[("folder", &folder.display().to_string())]))
    }

    pub(crate) fn state(l10n: &L10n, error: &StateError) -> Self {
        match error {
            StateError::Io { path, error } if is_full(error) => Self::full(l10n, path),
            StateError::Io { path, error } => {
                let values = [("path", &*path.display().to_string()), ("error", &error.to_string())];
                Self { sentence: l10n.tr("server-state-folder", &values), is_lasting: is_lasting(error) }
            }
            StateError::Damaged(path) => {
                Self::lasting(l10n.tr("server-state-damaged", &[("path", &path.display().to_string())]))
            }
            StateError::Occupied(folder) => {
                let values = [("folder", &*folder.display().to_string()), ("socket", "—")];
                Self::new(l10n.tr("server-occupied", &values))
            }
            StateError::Identity(_) => Self::new(l10n.tr("server-no-random", &[])),
        }
    }

    pub(crate) fn start(l10n: &L10n, error: &StartError) -> Self {
        match error {
            StartError::Listen { address, error } => Self::listen(l10n, address, error, "--listen"),
            StartError::Random => Self::new(l10n.tr("server-no-random", &[])),
            StartError::Configuration(error) => Self { is_lasting: true, ..Self::cannot_start(l10n, error) },
            StartError::Tls(error) => Self::cannot_start(l10n, error),
        }
    }
}

/// Whether only the operator can solve it, by giving this user the right.
fn is_lasting(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotADirectory
    )
}

/// Whether the disk is full, or this user's part of it.
pub(crate) fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use shepot_l10n::Language;

    use super::*;

    #[test]
    fn a_full_disk_is_called_so_and_may_get_better() {
        for language in [Language::English, Language::Russian] {
            let l10n = L10n::new(language);
            for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
                let error = || std::io::Error::from(kind);
                let folder = Path::new("/var/lib/x");
                let problems = [
                    Problem::state(&l10n, &StateError::Io { path: folder.to_owned(), error: error() }),
                    Problem::logs(&l10n, folder, &error()),
                ];
                for problem in problems {
                    let full = l10n.tr("server-disk-full", &[("folder", "/var/lib/x")]);
                    assert_eq!((problem.sentence, problem.is_lasting), (full, false));
                }
            }
            let denied = std::io::Error::from(ErrorKind::PermissionDenied);
            assert!(Problem::logs(&l10n, Path::new("/root"), &denied).is_lasting);
        }
    }
}
