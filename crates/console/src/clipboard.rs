//! The terminal's clipboard, which is that of the person's screen (OSC 52).
//!
//! Must never: say that something was copied. A terminal is asked and gives no answer.

use std::io::Write as _;

use base64::Engine as _;
use shepot_l10n::L10n;
use shepot_sanitise::Sanitised;
use zeroize::Zeroizing;

/// The most bytes of a text that terminals are asked to copy.
const MOST_BYTES: usize = 64 * 1024;

/// Asks the terminal to copy a text. Returns false if it is longer than terminals accept.
pub fn ask(text: &Sanitised) -> bool {
    if text.len() > MOST_BYTES {
        return false;
    }
    let coded = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(text.as_bytes()));
    // A terminal that knows nothing of it shows nothing.
    write_out(&Zeroizing::new(format!("\u{1b}]52;c;{}\u{7}", *coded)));
    true
}

/// Asks the terminal to empty its clipboard.
pub fn empty() {
    write_out("\u{1b}]52;c;\u{7}");
}

/// Says that the terminal was asked, and names what stands between and has to let it through. `lookup` returns the
/// value of an environment variable.
#[must_use]
pub fn asked(l10n: &L10n, lookup: impl Fn(&str) -> Option<String>) -> String {
    let is_set = |name| lookup(name).is_some_and(|value| !value.is_empty());
    let asked = l10n.tr("console-copied", &[]);
    let between = match (is_set("TMUX"), is_set("STY")) {
        (true, _) => "console-copied-tmux",
        (false, true) => "console-copied-screen",
        (false, false) => return asked,
    };
    format!("{asked} {}", l10n.tr(between, &[]))
}

/// Writes to the terminal without drawing. Ignores a terminal that is gone.
fn write_out(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use shepot_l10n::Language;

    use super::*;

    #[test]
    fn what_stands_between_is_named() {
        for language in Language::ALL {
            let l10n = L10n::new(language);
            let within = |set: &str| asked(&l10n, |name| (name == set).then(|| "1".to_owned()));
            assert!(within("TMUX").contains("set-clipboard on"), "{language:?}");
            assert!(within("STY").contains("screen"));
            assert_eq!(within("TERM"), l10n.tr("console-copied", &[]));
        }
    }
}
