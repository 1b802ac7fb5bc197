//! What the server asks the system for, apart from sockets.

/// Lets this process open as many files as the system allows, because every connection is one. Returns how many that
/// are. 0: the system does not say.
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

/// Whether this process can make files in a folder.
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

/// The user and group that this process should become for a folder. `Some` if this process is root and another user
/// controls a part of the path: the owner could not read what root writes there, and could lead root elsewhere.
#[cfg(unix)]
pub(crate) fn foreign_owner(folder: &std::path::Path) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt as _;
    if !rustix::process::getuid().is_root() {
        return None;
    }
    // The outermost part decides; of a link both the link and what it leads to.
    let on_the_way = |path: &std::path::Path| {
        let parts: Vec<_> = path.ancestors().collect();
        parts.into_iter().rev().find_map(|part| {
            let about = std::fs::symlink_metadata(part).ok()?;
            (about.uid() != 0).then(|| (about.uid(), about.gid()))
        })
    };
    on_the_way(folder).or_else(|| on_the_way(&folder.ancestors().find_map(|part| part.canonicalize().ok())?))
}

#[cfg(not(unix))]
pub(crate) fn foreign_owner(_folder: &std::path::Path) -> Option<(u32, u32)> {
    None
}

/// Whether only its owner has access to a folder or file.
#[cfg(unix)]
pub(crate) fn is_private(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
pub(crate) fn is_private(_path: &std::path::Path) -> bool {
    true
}

/// The resident memory of this process in bytes. 0: the system does not say.
pub(crate) fn resident_bytes() -> u64 {
    memory_stats::memory_stats().map_or(0, |memory| u64::try_from(memory.physical_mem).unwrap_or(u64::MAX))
}

/// Tells the service manager that the server is ready (`Type=notify`).
#[cfg(target_os = "linux")]
pub(crate) fn tell_ready() {
    // Nobody manages us, or nobody listens: then nobody waits either.
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
}

/// Tells the service manager that the server is ending.
#[cfg(target_os = "linux")]
pub(crate) fn tell_stopping() {
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn tell_ready() {}

#[cfg(not(target_os = "linux"))]
pub(crate) fn tell_stopping() {}

/// The memory in bytes that programs can still get. `None`: the system does not say.
#[cfg(target_os = "linux")]
pub(crate) fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn free_memory() -> Option<u64> {
    None
}

/// Waits for Ctrl+C or a request of the system to terminate.
pub(crate) async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()].map(signal);
        let [Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)] = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hangup.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
