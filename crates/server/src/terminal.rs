//! What is said to the person at the terminal. The only place that prints.

use std::io::{self, IsTerminal as _, Write as _};

/// Prints lines to the standard output. A reader that is gone is nobody's trouble.
pub(crate) fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints a problem.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether what is printed may stay somewhere: in a file, in a journal, in the logs of whatever runs containers. Then no
/// invitation is printed. A terminal keeps nothing by itself, but what the first process of a container prints is kept
/// even where it looks like one.
pub(crate) fn output_is_kept() -> bool {
    !io::stdout().is_terminal() || std::process::id() == 1
}
