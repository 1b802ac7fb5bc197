//! Links that a terminal opens (OSC 8): the cells of one say where they lead, however its text is broken into lines.
//!
//! Must never: write into the terminal anything but a web address in printable ASCII; send anything there by itself.

use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;

/// Bytes of an address that is written to the terminal. A longer one is text like any other: it would be written anew with
/// every line that it is broken into.
const MOST_BYTES: usize = 1_000;

/// A web address as the terminal may get it: `http` or `https`, printable ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress(String);

impl WebAddress {
    /// An address in the form in which it travels (WHATWG URL); none if it has any other form.
    #[must_use]
    pub fn new(address: &str) -> Option<Self> {
        let is_web = address.starts_with("https://") || address.starts_with("http://");
        let is_printable = address.bytes().all(|byte| byte.is_ascii_graphic());
        (is_web && is_printable && address.len() <= MOST_BYTES).then(|| Self(address.to_owned()))
    }
}

/// Cells of one line that lead somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hyperlink {
    /// Where the cells are on the screen. One line high.
    pub area: Rect,
    /// Where they lead.
    pub address: WebAddress,
}

impl Hyperlink {
    /// What begins it. Parts of the same address are one link: the terminal shows them together under the mouse.
    pub(crate) fn begins(&self) -> String {
        let WebAddress(address) = &self.address;
        let together =
            address.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        format!("\u{1b}]8;id={together:08x};{address}\u{1b}\\")
    }
}

/// What ends a link.
pub(crate) const ENDS: &str = "\u{1b}]8;;\u{1b}\\";

/// Whether these cells lead somewhere.
pub(crate) fn at(links: &[Hyperlink], x: u16, y: u16) -> Option<&Hyperlink> {
    links.iter().find(|link| link.area.contains((x, y).into()))
}

/// Has the cells written whose link is another than in the frame before: their text may be the same.
pub(crate) fn renew_changed(buffer: &mut Buffer, before: &[Hyperlink], now: &[Hyperlink]) {
    let changed = |of: &[Hyperlink], others: &[Hyperlink]| -> Vec<Rect> {
        of.iter().filter(|link| !others.contains(link)).map(|link| link.area).collect()
    };
    for area in [changed(before, now), changed(now, before)].concat() {
        for position in area.intersection(buffer.area).positions() {
            if let Some(cell) = buffer.cell_mut(position)
                && cell.diff_option != CellDiffOption::Skip
            {
                cell.set_diff_option(CellDiffOption::AlwaysUpdate);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_web_address_is_written() {
        for address in
            ["https://example.org/a?b=c#d", "http://192.0.2.1:8080/", "https://xn--e1afmkfd.xn--p1ai/%D1%91"]
        {
            assert!(WebAddress::new(address).is_some(), "{address}");
        }
        let long = format!("https://example.org/{}", "a".repeat(MOST_BYTES));
        for address in [
            "shepot://203.0.113.5:7443/#AQID",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://example.org/\u{1b}]52;c;eA==\u{7}",
            "https://example.org/\u{9c}",
            "https://example.org/a b",
            "https://пример.рф/",
            &long,
        ] {
            assert_eq!(WebAddress::new(address), None, "{address}");
        }
    }
}
