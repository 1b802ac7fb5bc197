//! Forbids dumps of this process, and access to its memory by other processes of the same user, on each system.
#![allow(unsafe_code, reason = "the systems' interfaces are foreign functions")]

use thiserror::Error;

/// The system refused. The program can go on, but has to tell the person.
#[derive(Debug, Error)]
#[error("the system did not allow it: {0}")]
pub struct HardenError(std::io::Error);

/// Forbids dumps of this process. Call it first in `main`.
///
/// On Linux the process is made not dumpable, which also keeps debuggers of the same user out, and gets a core limit of
/// zero. (The limit alone does not stop dumps that are piped to a program.) On other Unix systems it gets the core
/// limit, and on macOS no debugger may attach. On Windows error reporting, which writes dumps, is turned off.
///
/// # Errors
///
/// [`HardenError`] with the system's reason.
pub fn harden_process() -> Result<(), HardenError> {
    system::forbid_dumps().map_err(HardenError)
}

#[cfg(unix)]
mod system {
    use std::io;

    pub(super) fn forbid_dumps() -> io::Result<()> {
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the pointer is to a value that lives through the call.
        if unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) } != 0 {
            return Err(io::Error::last_os_error());
        }
        not_dumpable()
    }

    #[cfg(target_os = "linux")]
    fn not_dumpable() -> io::Result<()> {
        // SAFETY: takes numbers only.
        if unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    #[cfg(target_os = "macos")]
    fn not_dumpable() -> io::Result<()> {
        // SAFETY: takes numbers only; the address is not used by this request.
        if unsafe { libc::ptrace(libc::PT_DENY_ATTACH, 0, std::ptr::null_mut(), 0) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    fn not_dumpable() -> io::Result<()> {
        Ok(())
    }
}

#[cfg(windows)]
mod system {
    use std::io;

    use windows_sys::Win32::System::Diagnostics::Debug::{
        SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SetErrorMode,
    };

    pub(super) fn forbid_dumps() -> io::Result<()> {
        // SAFETY: takes numbers only. The flags keep Windows Error Reporting from writing a dump of this process.
        unsafe { SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX) };
        Ok(())
    }
}
