//! Where the server keeps its state and logs when nobody says.

use std::path::PathBuf;

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The state folder: systemd's, or the system's place for such things.
pub(crate) fn state() -> Option<PathBuf> {
    variable("STATE_DIRECTORY").or_else(|| system::state().map(|folder| folder.join("shepot-server")))
}

/// The log folder that systemd gives, if it does.
pub(crate) fn logs() -> Option<PathBuf> {
    variable("LOGS_DIRECTORY")
}

/// The file of settings that a package brings, where there is one.
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

/// The XDG Base Directory Specification.
#[cfg(not(any(windows, target_os = "macos")))]
mod system {
    use super::{PathBuf, variable};

    pub(super) fn state() -> Option<PathBuf> {
        variable("XDG_STATE_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/state")))
    }
}
