//! What can go wrong, as sentences that say what to do.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;

use shepot_relay::{StartError, StateError};
use shepot_words::Words;

use crate::control::{CallError, Refusal, SocketError};
use crate::settings::Settings;

/// A sentence for the operator; the program ends with a code that is not zero.
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) String);

impl Problem {
    pub(crate) fn cannot_start(words: &Words, error: &impl ToString) -> Self {
        Self(words.say("server-cannot-start", &[("error", &error.to_string())]))
    }

    pub(crate) fn control(words: &Words, socket: &Path, error: &SocketError) -> Self {
        let socket = socket.display().to_string();
        let sentence = match error {
            SocketError::InUse => "server-runs-already",
            SocketError::TooLong => "server-socket-too-long",
            SocketError::NotOurs => "server-socket-not-ours",
            SocketError::Io(_) => "server-socket",
        };
        Self(words.say(sentence, &[("socket", &socket), ("error", &error.to_string())]))
    }

    /// The log folder would hold the identity.
    pub(crate) fn logs_over_state(words: &Words, settings: &Settings) -> Self {
        let [logs, state] = [&settings.log_dir, &settings.state_dir].map(|path| path.display().to_string());
        Self(words.say("server-logs-over-state", &[("logs", &logs), ("state", &state)]))
    }

    /// The state folder is another user's, and this one may do everything.
    pub(crate) fn not_ours(words: &Words, settings: &Settings) -> Self {
        let folder = settings.state_dir.display().to_string();
        Self(words.say("server-not-ours", &[("folder", &folder)]))
    }

    /// A server has the state folder, and does not answer where it was looked for.
    pub(crate) fn occupied(words: &Words, settings: &Settings) -> Self {
        let folder = settings.state_dir.display().to_string();
        let socket = settings.control_socket.display().to_string();
        Self(words.say("server-occupied", &[("folder", &folder), ("socket", &socket)]))
    }

    /// The running server could not be asked.
    pub(crate) fn call(words: &Words, socket: &Path, error: &CallError) -> Self {
        let socket = socket.display().to_string();
        let sentence = match error {
            CallError::NotRunning => "server-not-running",
            CallError::Io(error) if error.kind() == ErrorKind::PermissionDenied => "server-socket-forbidden",
            CallError::Io(error) if error.kind() == ErrorKind::Unsupported => "server-no-sockets",
            CallError::Io(_) => "server-does-not-answer",
            CallError::Garbage(_) => "server-other-version",
        };
        Self(words.say(sentence, &[("socket", &socket), ("error", &error.to_string())]))
    }

    /// The running server did not do what it was asked for.
    pub(crate) fn refused(words: &Words, refusal: &Refusal) -> Self {
        Self(match refusal {
            Refusal::BadRequest { .. } => words.say("server-other-version", &[]),
            Refusal::NoSuchConnection { who } => words.say("operator-no-connection", &[("who", who)]),
            Refusal::NotAnAddress { typed } => words.say("operator-not-an-address", &[("typed", typed)]),
            Refusal::NotBanned { address } => {
                words.say("operator-not-banned", &[("address", &address.to_string())])
            }
            Refusal::NoSuchInvitation { invitation } => {
                words.say("operator-no-invitation", &[("invitation", invitation)])
            }
            Refusal::SeveralInvitations { invitation } => {
                words.say("operator-several-invitations", &[("invitation", invitation)])
            }
            Refusal::WrongName { name } => words.say("operator-wrong-name", &[("name", name)]),
            Refusal::Open => words.say("operator-open", &[]),
            Refusal::TooManyInvitations => words.say("operator-too-many-invitations", &[]),
            Refusal::NotStored { reason } => words.say("operator-not-stored", &[("error", reason)]),
            Refusal::Settings { sentence } => words.say("operator-settings", &[("sentence", sentence)]),
            Refusal::NoRandom => words.say("server-no-random", &[]),
        })
    }

    /// An address that the system does not give; `flag` is where another can be named.
    #[allow(clippy::wildcard_enum_match_arm, reason = "the standard library's kinds of errors grow")]
    pub(crate) fn listen(words: &Words, address: &SocketAddr, error: &std::io::Error, flag: &str) -> Self {
        let address = address.to_string();
        let sentence = match error.kind() {
            ErrorKind::AddrInUse => "server-port-in-use",
            ErrorKind::PermissionDenied => "server-port-forbidden",
            ErrorKind::AddrNotAvailable | ErrorKind::Unsupported => "server-not-our-address",
            _ => "server-cannot-listen",
        };
        Self(words.say(sentence, &[("address", &address), ("error", &error.to_string()), ("flag", flag)]))
    }

    pub(crate) fn logs(words: &Words, folder: &Path, error: &std::io::Error) -> Self {
        let values = [("folder", &*folder.display().to_string()), ("error", &error.to_string())];
        Self(words.say("server-log-folder", &values))
    }

    pub(crate) fn state(words: &Words, error: &StateError) -> Self {
        Self(match error {
            StateError::Io { path, error } => {
                let values = [("path", &*path.display().to_string()), ("error", &error.to_string())];
                words.say("server-state-folder", &values)
            }
            StateError::Damaged(path) => {
                words.say("server-state-damaged", &[("path", &path.display().to_string())])
            }
            StateError::Occupied(folder) => {
                let values = [("folder", &*folder.display().to_string()), ("socket", "—")];
                words.say("server-occupied", &values)
            }
            StateError::Identity(_) => words.say("server-no-random", &[]),
        })
    }

    pub(crate) fn start(words: &Words, error: &StartError) -> Self {
        match error {
            StartError::Listen { address, error } => Self::listen(words, address, error, "--listen"),
            StartError::Random => Self(words.say("server-no-random", &[])),
            StartError::Configuration(error) => Self::cannot_start(words, error),
            StartError::Tls(error) => Self::cannot_start(words, error),
        }
    }
}
