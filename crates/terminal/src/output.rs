//! Lines to standard output. The only place that prints.

use std::io::{self, Write as _};

/// One line. A closed pipe is told to the caller: there is nobody to talk to any more.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A question, without an end of line.
pub(crate) fn prompt(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b" ")?;
    out.flush()
}

/// A mistake, to standard error.
pub(crate) fn mistake(text: &str) {
    // Nothing is left to be done when even this fails.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
