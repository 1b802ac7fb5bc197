//! The position in the list of messages: at the end, or where the person reads.

use shepot_client::model::MessageId;
use shepot_view::desk::{RowKey, RowKind, Rows};

/// The position in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    /// The last visible line: its row, and the number of lines from there to the end of that row. `None`: the end of
    /// the list.
    pub(super) anchor: Option<(RowKey, usize)>,
    /// The number of lines on the screen, as last drawn.
    pub(super) height: usize,
    /// The list has to scroll so that the selected message is visible.
    pub(super) reveal: bool,
}

impl List {
    /// Scrolls up by so many lines, or down if negative. `lines`: the number of lines of a row.
    pub(super) fn scroll(&mut self, rows: &Rows, by: isize, lines: impl Fn(usize) -> usize) {
        let list = rows.list();
        let Some(last) = list.len().checked_sub(1) else { return self.anchor = None };
        let start = match self.anchor {
            Some((key, below)) => (list.iter().position(|row| row.key == key).unwrap_or(last), below),
            None => (last, 0),
        };
        let (at, below) = if by < 0 {
            down(start, by.unsigned_abs(), last, &lines)
        } else {
            let (at, below) = up(start, by.unsigned_abs(), &lines);
            // The screen stays full: nothing is above the first row.
            let mut above = lines(at).saturating_sub(below);
            let mut row = at;
            while above < self.height && row > 0 {
                row -= 1;
                above += lines(row);
            }
            down((at, below), self.height.saturating_sub(above), last, &lines)
        };
        let is_end = at == last && below == 0;
        self.anchor = list.get(at).filter(|_| !is_end).map(|row| (row.key, below));
    }

    /// The message before or after the selected one. The last one if none is selected.
    pub(super) fn next(&self, rows: &Rows, chosen: Option<MessageId>, back: bool) -> Option<MessageId> {
        let messages: Vec<MessageId> = rows
            .list()
            .iter()
            .filter_map(|row| match row.kind {
                RowKind::Message { id, .. } => Some(id),
                RowKind::Day { .. } | RowKind::New | RowKind::Event { .. } | RowKind::Gap { .. } => None,
            })
            .collect();
        let place = chosen.and_then(|id| messages.iter().position(|other| *other == id));
        let to = match (place, back) {
            (None, _) => messages.len().checked_sub(1),
            (Some(at), true) => at.checked_sub(1),
            (Some(at), false) => Some(at + 1),
        };
        to.and_then(|at| messages.get(at)).copied()
    }
}

/// The position so many lines further up, not above the first row.
fn up((mut at, mut below): (usize, usize), by: usize, lines: impl Fn(usize) -> usize) -> (usize, usize) {
    below += by;
    while at > 0 && below >= lines(at) {
        below -= lines(at);
        at -= 1;
    }
    (at, below.min(lines(at).saturating_sub(1)))
}

/// The position so many lines further down, not below the end of the last row.
fn down(
    (mut at, mut below): (usize, usize),
    by: usize,
    last: usize,
    lines: impl Fn(usize) -> usize,
) -> (usize, usize) {
    let mut by = by;
    while by > below && at < last {
        by -= below;
        at += 1;
        below = lines(at);
    }
    (at, below.saturating_sub(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_up_and_down_meet_again() {
        let heights = [3_usize, 1, 4, 2, 5];
        let lines = |at: usize| heights[at];
        let place = |from_end: usize| up((4, 0), from_end, lines);
        assert_eq!([0, 4, 5, 6, 7, 14].map(place), [(4, 0), (4, 4), (3, 0), (3, 1), (2, 0), (0, 2)]);
        for by in 0..15 {
            assert_eq!(down(place(by), by, 4, lines), (4, 0), "{by}");
        }
        assert_eq!(up((4, 0), 1_000, lines), (0, 2));
    }
}
