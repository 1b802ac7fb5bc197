//! QR codes on the screen.

use std::io::{self, IsTerminal as _};

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use shepot_l10n::L10n;
use zeroize::Zeroizing;

/// The rows of a QR code that a phone reads from the screen, or the sentence that says why there is none. Empty if the
/// text is too long. Coloured if standard output is a terminal.
#[must_use]
pub fn qr_code(l10n: &L10n, text: &str) -> Vec<Zeroizing<String>> {
    let rows = qr_rows(text);
    let width = rows.first().map_or(0, |row| row.chars().count());
    if columns().is_some_and(|columns| columns < width) {
        return vec![l10n.tr("qr-needs-columns", &[("columns", &width.to_string())]).into()];
    }
    // One that obeys nothing shows the codes of colours as letters.
    let is_terminal =
        io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|name| name != "dumb");
    let row = |row: &str| {
        // Black on white whatever the terminal's own colours are: cameras want it so.
        let row = if is_terminal { format!("\u{1b}[30;107m{row}\u{1b}[0m") } else { row.to_owned() };
        Zeroizing::new(row)
    };
    rows.iter().map(|row_of_code| row(row_of_code)).collect()
}

/// The rows of a QR code, dark on light, with two modules in the height of each. Empty if the text is too long.
#[must_use]
pub fn qr_rows(text: &str) -> Vec<Zeroizing<String>> {
    // The lowest correction level: a screen has no dirt, and fewer modules are larger ones.
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::L) else { return Vec::new() };
    let picture = Zeroizing::new(code.render::<Dense1x2>().quiet_zone(true).build());
    picture.lines().map(|row| Zeroizing::new(row.to_owned())).collect()
}

/// The width of the terminal in columns. `None` if there is no terminal, or it does not tell.
#[cfg(unix)]
fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// The width of the terminal in columns. `None` if there is no terminal, or it does not tell.
#[cfg(not(unix))]
fn columns() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use shepot_l10n::Language;

    use super::*;

    #[test]
    fn a_link_becomes_rows_and_what_is_too_long_none() {
        let l10n = L10n::new(Language::English);
        let rows = qr_code(&l10n, "shepot://192.0.2.1:7443/#abc");
        assert!(rows.len() > 10 || rows[0].contains("columns"), "a code, or why there is none");
        assert!(qr_code(&l10n, &"x".repeat(10_000)).is_empty());
    }
}
