//! What can go wrong, as sentences that say what to do.

use std::io::ErrorKind;

use shepot_relay::{StartError, StateError};
use shepot_words::Words;

/// A sentence for the operator; the program ends with a code that is not zero.
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) String);

impl Problem {
    pub(crate) fn no_random(words: &Words) -> Self {
        Self(words.say("server-no-random", &[]))
    }

    pub(crate) fn no_access_key(words: &Words) -> Self {
        Self(words.say("server-no-access-key", &[]))
    }

    pub(crate) fn logs(words: &Words, folder: &std::path::Path, error: &std::io::Error) -> Self {
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
            StateError::Identity(_) => words.say("server-no-random", &[]),
        })
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "the standard library's kinds of errors grow")]
    pub(crate) fn start(words: &Words, error: &StartError) -> Self {
        Self(match error {
            StartError::Listen { address, error } => {
                let address = address.to_string();
                let sentence = match error.kind() {
                    ErrorKind::AddrInUse => "server-port-in-use",
                    ErrorKind::PermissionDenied => "server-port-forbidden",
                    ErrorKind::AddrNotAvailable | ErrorKind::Unsupported => "server-not-our-address",
                    _ => "server-cannot-listen",
                };
                words.say(sentence, &[("address", &address), ("error", &error.to_string())])
            }
            StartError::Random => words.say("server-no-random", &[]),
            StartError::Configuration(error) => {
                words.say("server-cannot-start", &[("error", &error.to_string())])
            }
            StartError::Tls(error) => words.say("server-cannot-start", &[("error", &error.to_string())]),
        })
    }
}
