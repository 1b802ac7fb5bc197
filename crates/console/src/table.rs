//! Tables whose columns go as the screen gets narrower.

use crate::cells::{cut, fit, width};

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column<N> {
    /// Which one it is.
    pub name: N,
    /// How wide, in cells.
    pub cells: usize,
    /// Numbers stand at the right.
    pub is_right: bool,
    /// Shown where the table is at least so wide, in cells.
    pub from: u16,
}

impl<N> Column<N> {
    /// A text as a cell of this column, with the gap behind it.
    #[must_use]
    pub fn cell(&self, text: &str) -> String {
        if !self.is_right {
            return format!("{}  ", fit(text, self.cells));
        }
        let text = cut(text, self.cells);
        let missing = self.cells.saturating_sub(width(&text));
        format!("{}{text}  ", " ".repeat(missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_as_wide_as_their_column() {
        let column = |is_right| Column { name: "", cells: 6, is_right, from: 0 };
        assert_eq!(column(false).cell("12 MB"), "12 MB   ");
        assert_eq!(column(true).cell("12 MB"), " 12 MB  ");
        for text in ["", "длинный текст", "家族の写真", "👨‍👩‍👧"] {
            for is_right in [false, true] {
                assert_eq!(width(&column(is_right).cell(text)), 8, "{text}");
            }
        }
    }
}
