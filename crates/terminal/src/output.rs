//! Lines to standard output. The only place that prints.
//!
//! Written without the standard library's buffer where that can be: it would keep the last lines for as long as the
//! process runs.

use std::io::{self, IsTerminal as _, Write};

use zeroize::Zeroizing;

/// One line. A closed pipe is told to the caller: there is nobody to talk to any more.
pub(crate) fn line(text: &str) -> Result<(), String> {
    write(text, "\n").map_err(|error| error.to_string())
}

/// A question, without an end of line.
pub(crate) fn prompt(text: &str) -> Result<(), String> {
    write(text, " ").map_err(|error| error.to_string())
}

/// The columns of the screen that lines are printed on; none: they go elsewhere.
pub(crate) fn columns() -> Option<usize> {
    let size = io::stdout().is_terminal().then(ratatui::crossterm::terminal::size)?.ok()?;
    Some(usize::from(size.0)).filter(|columns| *columns > 0)
}

/// An error, to standard error.
pub(crate) fn error(text: &str) {
    // Nothing is left to be done when even this fails.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// In one write, so that lines of several threads do not mix.
fn write(text: &str, end: &str) -> io::Result<()> {
    let whole = Zeroizing::new([text, end].concat());
    let mut sink = sink()?;
    sink.write_all(whole.as_bytes())?;
    sink.flush()
}

#[cfg(unix)]
fn sink() -> io::Result<impl Write> {
    use std::os::fd::AsFd as _;
    io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from)
}

/// A Windows console speaks UTF-16: only the standard library's own writer knows how to write it.
#[cfg(not(unix))]
fn sink() -> io::Result<impl Write> {
    Ok(io::stdout())
}
