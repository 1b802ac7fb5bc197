//! Hyperlinks that a terminal opens (OSC 8). Their cells say where they lead, however the text is broken into lines.
//!
//! Must never: write into the terminal anything but a web address in printable ASCII.

use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;

/// The most bytes of an address. A longer one is plain text: every line of it would write the address anew.
const MOST_BYTES: usize = 1_000;

/// A web address that may be written to a terminal: `http` or `https`, in printable ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress(String);

impl WebAddress {
    /// Takes an address as it travels (WHATWG URL). `None` if it has another form or is too long.
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
    /// The sequence before its text. Parts with the same id are one hyperlink, which the terminal highlights as a
    /// whole.
    pub(crate) fn begins(&self) -> String {
        let WebAddress(address) = &self.address;
        let together =
            address.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        format!("\u{1b}]8;id={together:08x};{address}\u{1b}\\")
    }
}

/// The sequence after its text.
pub(crate) const ENDS: &str = "\u{1b}]8;;\u{1b}\\";

/// The hyperlink that this cell belongs to.
pub(crate) fn at(hyperlinks: &[Hyperlink], x: u16, y: u16) -> Option<&Hyperlink> {
    hyperlinks.iter().find(|link| link.area.contains((x, y).into()))
}

/// Marks the cells whose hyperlink has changed since the last frame to be written again: their text may be the same.
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
    fn cells_whose_link_has_changed_are_written_again() {
        let area = Rect::new(0, 0, 8, 2);
        let mut buffer = Buffer::empty(area);
        let link = |address: &str, x| Hyperlink {
            area: Rect::new(x, 1, 2, 1),
            address: WebAddress::new(address).unwrap(),
        };
        let (one, other) = (link("https://a.example/", 0), link("https://b.example/", 0));
        let stays = link("https://c.example/", 4);
        renew_changed(&mut buffer, &[one.clone(), stays.clone()], &[other, stays]);
        let renewed = |buffer: &Buffer| {
            let is_renewed =
                |at: &ratatui::layout::Position| buffer[*at].diff_option == CellDiffOption::AlwaysUpdate;
            area.positions().filter(is_renewed).map(|at| (at.x, at.y)).collect::<Vec<_>>()
        };
        assert_eq!(renewed(&buffer), [(0, 1), (1, 1)]);
        let mut buffer = Buffer::empty(area);
        renew_changed(&mut buffer, &[one], &[]);
        assert_eq!(renewed(&buffer), [(0, 1), (1, 1)], "what leads nowhere any more, too");
    }

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
