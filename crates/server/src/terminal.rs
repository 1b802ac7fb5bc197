//! Prints for the person at the terminal. Nothing else prints.

use shepot_sanitise::{Sanitised, is_hidden};
use std::io::{self, Write as _};

/// Prints lines to the standard output. It does not matter if the reader is gone.
pub(crate) fn say(text: &str) {
    let _ = print(&mut io::stdout().lock(), text);
}

/// Prints a line that we made ourselves as it is, with its colours.
pub(crate) fn draw(row: &str) {
    let mut out = io::stdout().lock();
    // A reader that is gone is nobody's trouble.
    let _ = writeln!(out, "{row}").and_then(|()| out.flush());
}

/// Prints a problem.
pub(crate) fn complain(text: &str) {
    let _ = print(&mut io::stderr().lock(), text);
}

/// Prints without anything that a terminal would obey. Root asks servers with fewer rights, which may lie.
fn print(out: &mut impl io::Write, text: &str) -> io::Result<()> {
    for line in text.split('\n') {
        writeln!(out, "{}", Sanitised::in_one_line(line))?;
    }
    out.flush()
}

/// The JSON text as it is printed: characters that do not print are escaped.
pub(crate) fn json(value: &impl serde::Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string(value)?;
    Ok(text.chars().map(|c| if is_hidden(c) { escaped(c) } else { c.to_string() }).collect())
}

/// A character escaped as in JSON (RFC 8259, section 7), by its one or two UTF-16 units.
fn escaped(c: char) -> String {
    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_does_not_show_is_written_as_json_writes_it() {
        for hidden in ["a\u{1b}[2Jb", "a\u{202e}b", "a\u{e0001}b", "a\u{1d173}1"] {
            let shown = json(&hidden).unwrap();
            assert!(!shown.contains(is_hidden), "{shown:?}");
            assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), hidden);
        }
    }
}
