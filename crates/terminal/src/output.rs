//! Writes lines to standard output. Nothing else prints.
//!
//! Bypasses the standard library's buffer if possible, since that would keep the last lines for as long as the process
//! runs.

use std::io::{self, IsTerminal as _, Write};

use zeroize::Zeroizing;

/// Prints a line. A closed pipe is an error, since nobody reads any more.
pub(crate) fn line(text: &str) -> Result<(), String> {
    write(text, "\n").map_err(|error| error.to_string())
}

/// Prints a question, without a line end.
pub(crate) fn prompt(text: &str) -> Result<(), String> {
    write(text, " ").map_err(|error| error.to_string())
}

/// The width of the screen in columns. `None` if the output is not a screen.
pub(crate) fn columns() -> Option<usize> {
    let size = io::stdout().is_terminal().then(ratatui::crossterm::terminal::size)?.ok()?;
    Some(usize::from(size.0)).filter(|columns| *columns > 0)
}

/// Prints an error to standard error.
pub(crate) fn error(text: &str) {
    // Nothing is left to be done when even this fails.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes a text at once, so that lines of several threads do not mix.
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

/// Standard output by the standard library's writer, since a Windows console speaks UTF-16.
#[cfg(not(unix))]
fn sink() -> io::Result<impl Write> {
    Ok(io::stdout())
}
