//! The selection, from a place in one message to a place in another.

use std::ops::Range;

/// A place in the text of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// The index of the row.
    pub(super) row: usize,
    /// The index of the block in the row.
    pub(super) block: usize,
    /// The byte in the block's text.
    pub(super) at: usize,
}

/// The selection, from where the person began to where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) anchor: Spot,
    pub(super) focus: Spot,
}

impl Selection {
    pub(super) const fn at(spot: Spot) -> Self {
        Self { anchor: spot, focus: spot }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.anchor == self.focus
    }

    pub(super) fn first(&self) -> Spot {
        self.anchor.min(self.focus)
    }

    pub(super) fn last(&self) -> Spot {
        self.anchor.max(self.focus)
    }

    /// The rows that the selection touches.
    pub(super) fn rows(&self) -> Range<usize> {
        self.first().row..self.last().row + 1
    }

    /// The selected part of a block.
    pub(super) fn part(&self, row: usize, block: usize, length: usize) -> Option<Range<usize>> {
        let (first, last) = (self.first(), self.last());
        let here = (row, block);
        if here < (first.row, first.block) || here > (last.row, last.block) || self.is_empty() {
            return None;
        }
        let start = if here == (first.row, first.block) { first.at.min(length) } else { 0 };
        let end = if here == (last.row, last.block) { last.at.min(length) } else { length };
        (start < end).then_some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_reach_from_one_message_into_another() {
        let spot = |row, block, at| Spot { row, block, at };
        let selection = Selection { anchor: spot(3, 0, 2), focus: spot(1, 1, 4) };
        assert_eq!(selection.part(0, 0, 9), None);
        assert_eq!(selection.part(1, 0, 9), None);
        assert_eq!(selection.part(1, 1, 9), Some(4..9));
        assert_eq!(selection.part(2, 0, 7), Some(0..7));
        assert_eq!(selection.part(3, 0, 9), Some(0..2));
        assert_eq!(selection.part(3, 1, 9), None);
        assert_eq!(selection.rows(), 1..4);
        assert_eq!(Selection::at(spot(1, 0, 3)).part(1, 0, 9), None);
    }
}
