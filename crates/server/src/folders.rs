//! Where the server keeps its state and logs by default.

use std::path::PathBuf;

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The state folder: the one from systemd, or the system's usual place.
pub(crate) fn state() -> Option<PathBuf> {
    variable("STATE_DIRECTORY").or_else(|| system::state().map(|folder| folder.join("shepot-server")))
}

/// The log folder from systemd. `None`: systemd gives none.
pub(crate) fn logs() -> Option<PathBuf> {
    variable("LOGS_DIRECTORY")
}

/// The file of settings that a package installs. `None`: there is none.
pub(crate) fn settings() -> Option<PathBuf> {
    let file = PathBuf::from("/etc/shepot-server/server.toml");
    (cfg!(unix) && file.exists()).then_some(file)
}

#[cfg(windows)]
mod system {
    use super::{PathBuf, variable};

    pub(super) fn state() -> Option<PathBuf> {
        variable("LOCALAPPDATA")
    }
}

#[cfg(target_os = "macos")]
mod system {
    use super::{PathBuf, variable};

    pub(super) fn state() -> Option<PathBuf> {
        variable("HOME").map(|home| home.join("Library/Application Support"))
    }
}

/// The folders of the XDG Base Directory Specification.
#[cfg(not(any(windows, target_os = "macos")))]
mod system {
    use super::{PathBuf, variable};

    pub(super) fn state() -> Option<PathBuf> {
        variable("XDG_STATE_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/state")))
    }
}
