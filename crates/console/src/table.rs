//! Tables that drop columns on a narrow screen.

use crate::cells::{cut, fit, width};

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column<N> {
    /// What identifies the column.
    pub name: N,
    /// Its width in cells.
    pub cells: usize,
    /// Whether it is aligned to the right, as numbers are.
    pub is_right: bool,
    /// The narrowest table that shows it, in cells.
    pub from: u16,
}

impl<N> Column<N> {
    /// A text as a cell of this column, with the gap after it.
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
