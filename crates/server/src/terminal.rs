//! What is said to the person at the terminal. The only place that prints.

#[cfg(not(unix))]
use std::io::IsTerminal as _;
use std::io::{self, Write as _};

/// Prints lines to the standard output. A reader that is gone is nobody's trouble.
pub(crate) fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints a problem.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether what is printed stays somewhere: in a file, or in the system's journal. Then no invitation is printed.
/// A terminal and a pipe keep nothing by themselves.
#[cfg(unix)]
pub(crate) fn output_is_kept() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;
    let output = io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from);
    // What cannot be looked at is taken for the worse.
    output.and_then(|output| output.metadata()).map_or(true, |about| {
        // systemd names the journal's end by device and inode; programs in a terminal inherit the variable, but not
        // that end.
        let journal = std::env::var("JOURNAL_STREAM").ok();
        about.is_file() || journal == Some(format!("{}:{}", about.dev(), about.ino()))
    })
}

/// See above.
#[cfg(not(unix))]
pub(crate) fn output_is_kept() -> bool {
    !io::stdout().is_terminal()
}
