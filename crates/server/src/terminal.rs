//! What is said to the person at the terminal. The only place that prints.

use std::io::{self, IsTerminal as _, Write as _};

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
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

/// Whether a person looks on, and not a file or a journal that keeps what it gets.
pub(crate) fn somebody_looks_on() -> bool {
    io::stdout().is_terminal()
}

/// A code that a phone reads from a dark or light terminal. None when the text is too long for one.
pub(crate) fn qr_code(text: &str) -> Option<Zeroizing<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    // Light on dark, with a border: most terminals are dark, and readers take both.
    let picture = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    Some(Zeroizing::new(picture))
}
