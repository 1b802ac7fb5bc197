//! What the server asks of the system besides sockets.

/// Lets this process open as many files as the system allows it; every connection is one. How many that are, 0 where
/// the system does not say.
#[cfg(unix)]
pub(crate) fn raise_file_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum.unwrap_or(u64::MAX),
        Err(_) => limit.current.unwrap_or(u64::MAX),
    }
}

#[cfg(not(unix))]
pub(crate) fn raise_file_limit() -> u64 {
    0
}

/// Whether this process may make files in a folder.
#[cfg(unix)]
pub(crate) fn is_writable(folder: &std::path::Path) -> bool {
    use rustix::fs::{Access, access};
    // An empty path is the folder that we are in.
    let folder = if folder.as_os_str().is_empty() { std::path::Path::new(".") } else { folder };
    access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
pub(crate) fn is_writable(_folder: &std::path::Path) -> bool {
    true
}

/// Who else may read a folder or file: true when only its owner.
#[cfg(unix)]
pub(crate) fn is_private(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
pub(crate) fn is_private(_path: &std::path::Path) -> bool {
    true
}
