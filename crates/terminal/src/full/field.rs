//! Breaks the text of a field into lines of the screen.

use shepot_app::Field;
use shepot_console::cells::width;
use unicode_segmentation::UnicodeSegmentation as _;

/// A position of the cursor: its byte, its line, its cell.
type Spot = (usize, usize, usize);

/// The text in lines of at most so many cells, and the line and the cell of the cursor.
pub(super) fn lines(field: &Field, cells: usize) -> (Vec<String>, (usize, usize)) {
    let (mut lines, spots) = laid_out(field.text(), cells);
    let place = spots.iter().find(|(at, ..)| *at == field.cursor());
    let (line, cell) = place.map_or((0, 0), |(_, line, cell)| (*line, *cell));
    if line == lines.len() {
        // Behind the end of a full line.
        lines.push(String::new());
    }
    (lines, (line, cell))
}

/// The byte one line above or below the cursor. At the first or last line the cursor stays.
pub(super) fn vertical(field: &Field, cells: usize, down: bool) -> usize {
    let (_, spots) = laid_out(field.text(), cells);
    let Some((_, line, column)) = spots.iter().find(|(at, ..)| *at == field.cursor()).copied() else {
        return field.cursor();
    };
    let to = if down { Some(line + 1) } else { line.checked_sub(1) };
    let mut there = spots.iter().filter(|(_, line, _)| Some(*line) == to);
    let spot = if down {
        // The first that is as far to the right, or the last of the line.
        there.clone().find(|(.., cell)| *cell >= column).or_else(|| there.next_back())
    } else {
        there.rfind(|(.., cell)| *cell <= column)
    };
    spot.map_or(field.cursor(), |(at, ..)| *at)
}

/// The bytes at which lines begin: between words if possible, or else anywhere. Spaces may extend beyond the end of a
/// line.
fn starts(text: &str, cells: usize) -> Vec<usize> {
    let mut starts = vec![0];
    // Cells of the line, and where its last word begins: its byte, and the cells before it.
    let (mut filled, mut word) = (0, None);
    for (at, grapheme) in text.grapheme_indices(true) {
        if grapheme == "\n" {
            starts.push(at + 1);
            (filled, word) = (0, None);
            continue;
        }
        if grapheme == " " {
            filled = (filled + 1).min(cells);
            word = Some((at + 1, filled));
            continue;
        }
        let wide = width(grapheme);
        if filled + wide > cells {
            let (from, before) = word.take().unwrap_or((at, filled));
            starts.push(from);
            filled -= before;
        }
        filled += wide;
    }
    starts
}

fn laid_out(text: &str, cells: usize) -> (Vec<String>, Vec<Spot>) {
    let cells = cells.max(2);
    let (mut lines, mut spots): (Vec<String>, _) = (Vec::new(), Vec::new());
    let starts = starts(text, cells);
    let mut filled = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        if starts.get(lines.len()) == Some(&at) {
            lines.push(String::new());
            filled = 0;
        }
        spots.push((at, lines.len() - 1, filled.min(cells)));
        if grapheme == "\n" {
            continue;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(grapheme);
        }
        filled += width(grapheme);
    }
    if starts.get(lines.len()) == Some(&text.len()) {
        lines.push(String::new());
        filled = 0;
    }
    let is_full = filled >= cells;
    spots.push((text.len(), lines.len() - usize::from(!is_full), if is_full { 0 } else { filled }));
    (lines, spots)
}

#[cfg(test)]
mod tests {
    use shepot_app::{App, Edit, Msg, Setup};
    use shepot_view::clock::{Now, WallClock};
    use shepot_view::{L10n, Language};

    use super::*;

    /// What is written in a program of its own.
    fn written(text: &str) -> App {
        let mut app =
            App::new(Setup::over(L10n::new(Language::English), WallClock::universal()), Now::default());
        app.update(Msg::Paste(text.to_owned()), Now::default());
        app
    }

    #[test]
    fn lines_begin_with_words() {
        let shown = |text: &str, cells| lines(&written(text).composer.field, cells).0;
        assert_eq!(shown("one two three", 8), ["one two ", "three"]);
        assert_eq!(shown("abcdefghij", 4), ["abcd", "efgh", "ij"], "a word that fits nowhere");
        assert_eq!(shown("a 日日日日", 5), ["a ", "日日", "日日"]);
        assert_eq!(shown("one\n\ntwo ", 8), ["one", "", "two "]);
        // What is written is what stands there, and the cursor never stands behind the edge.
        for cells in 2..12 {
            for text in ["раз два  три   четыре", "a b c d e f", "日本語 x 日本語", " ", "", "abcde ", "x\n"]
            {
                let (lines, spots) = laid_out(text, cells);
                assert_eq!(lines.concat(), text.replace('\n', ""), "{text:?} {cells}");
                assert!(spots.iter().all(|(_, _, cell)| *cell <= cells), "{text:?} {cells}");
                assert_eq!(spots.len(), text.graphemes(true).count() + 1);
            }
        }
    }

    #[test]
    fn the_cursor_is_where_it_is_drawn() {
        let mut app = written("日本語ab\nx");
        let place = |app: &App| lines(&app.composer.field, 5).1;
        assert_eq!(lines(&app.composer.field, 5), (vec!["日本".into(), "語ab".into(), "x".into()], (2, 1)));
        let moves = |app: &mut App, down| {
            let at = vertical(&app.composer.field, 5, down);
            let moved = at != app.composer.field.cursor();
            app.update(Msg::Edit(Edit::MoveTo(at)), Now::default());
            moved
        };
        assert!(moves(&mut app, false));
        assert_eq!(place(&app), (1, 0), "a wide character has no middle");
        assert!(moves(&mut app, false) && !moves(&mut app, false));
        assert!(moves(&mut app, true) && moves(&mut app, true) && !moves(&mut app, true));
        assert_eq!(lines(&written("abcde").composer.field, 5), (vec!["abcde".into(), String::new()], (1, 0)));
    }
}
