//! What is said to the person at the terminal. The only place that prints.

use std::io::{self, IsTerminal as _, Write as _};

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use shepot_words::Words;
use zeroize::Zeroizing;

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

/// How many columns the terminal has; none when it is none, or does not tell.
#[cfg(unix)]
pub(crate) fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// See above.
#[cfg(not(unix))]
pub(crate) fn columns() -> Option<usize> {
    None
}

/// A code that a phone reads from the screen, or why there is none. None when the text is too long for one.
pub(crate) fn qr_code(words: &Words, text: &str) -> Option<Zeroizing<String>> {
    // The lowest correction level: a screen has no dirt, and fewer modules are larger ones.
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let picture = Zeroizing::new(code.render::<Dense1x2>().quiet_zone(true).build());
    if !io::stdout().is_terminal() {
        return Some(picture);
    }
    let width = picture.lines().next().map_or(0, |row| row.chars().count());
    if columns().is_some_and(|columns| columns < width) {
        return Some(words.say("qr-needs-columns", &[("columns", &width.to_string())]).into());
    }
    // Black on white whatever the terminal's own colours are: cameras want it so.
    let mut coloured = Zeroizing::new(String::with_capacity(2 * picture.len()));
    for row in picture.lines() {
        coloured.push_str("\u{1b}[30;107m");
        coloured.push_str(row);
        coloured.push_str("\u{1b}[0m\n");
    }
    Some(coloured)
}
