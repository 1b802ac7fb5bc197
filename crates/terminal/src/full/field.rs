//! A field that is typed into: a text and a cursor in it, which moves by what people see as one character.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use shepot_console::cells::width;
use shepot_console::input::latin;
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};
use zeroize::Zeroize as _;

/// A text that is being written. Wiped when it is dropped.
#[derive(Default)]
pub(super) struct Field {
    text: String,
    /// Bytes before the cursor.
    cursor: usize,
}

impl Drop for Field {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl Field {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) const fn cursor(&self) -> usize {
        self.cursor
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Another text, with the cursor behind it.
    pub(super) fn set(&mut self, text: &str) {
        self.text.zeroize();
        text.clone_into(&mut self.text);
        self.cursor = self.text.len();
    }

    pub(super) fn clear(&mut self) {
        self.set("");
    }

    /// The text; the field is empty then.
    pub(super) fn take(&mut self) -> String {
        self.cursor = 0;
        std::mem::take(&mut self.text)
    }

    /// Writes at the cursor, at most until there are so many characters. Control characters are left out; line ends
    /// are kept where the field has several lines, and a tab is as wide there as it is shown.
    pub(super) fn insert(&mut self, typed: &str, most: usize, has_lines: bool) {
        let mut typed = typed.replace("\r\n", "\n").replace('\r', "\n");
        if has_lines {
            typed = typed.replace('\t', "    ");
        }
        let room = most.saturating_sub(self.text.chars().count());
        let clean: String = typed
            .chars()
            .filter_map(|c| match c {
                '\n' if has_lines => Some('\n'),
                '\n' | '\t' => Some(' '),
                c if c.is_control() => None,
                c => Some(c),
            })
            .take(room)
            .collect();
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
    }

    /// Puts a text in the place of what stands between `from` and the cursor.
    pub(super) fn replace_from(&mut self, from: usize, with: &str) {
        if from <= self.cursor && self.text.is_char_boundary(from) {
            self.text.replace_range(from..self.cursor, with);
            self.cursor = from + with.len();
        }
    }

    fn before(&self, at: usize) -> usize {
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        cursor.prev_boundary(&self.text, 0).ok().flatten().unwrap_or(0)
    }

    fn behind(&self, at: usize) -> usize {
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len())
    }

    pub(super) fn left(&mut self) {
        self.cursor = self.before(self.cursor);
    }

    pub(super) fn right(&mut self) {
        self.cursor = self.behind(self.cursor);
    }

    fn word_before(&self) -> usize {
        let before = self.text.get(..self.cursor).unwrap_or_default();
        let l10n = before.split_word_bound_indices();
        l10n.rev().find(|(_, word)| !word.trim().is_empty()).map_or(0, |(at, _)| at)
    }

    pub(super) fn word_left(&mut self) {
        self.cursor = self.word_before();
    }

    pub(super) fn word_right(&mut self) {
        let after = self.text.get(self.cursor..).unwrap_or_default();
        let mut l10n = after.split_word_bound_indices();
        let end = l10n.find(|(_, word)| !word.trim().is_empty()).map(|(at, word)| at + word.len());
        self.cursor += end.unwrap_or(after.len());
    }

    fn line_start(&self) -> usize {
        let before = self.text.get(..self.cursor).unwrap_or_default();
        before.rfind('\n').map_or(0, |at| at + 1)
    }

    pub(super) fn home(&mut self) {
        self.cursor = self.line_start();
    }

    pub(super) fn end(&mut self) {
        let after = self.text.get(self.cursor..).unwrap_or_default();
        self.cursor += after.find('\n').unwrap_or(after.len());
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    pub(super) fn backspace(&mut self) {
        self.remove(self.before(self.cursor), self.cursor);
    }

    pub(super) fn delete(&mut self) {
        self.remove(self.cursor, self.behind(self.cursor));
    }

    pub(super) fn delete_word(&mut self) {
        self.remove(self.word_before(), self.cursor);
    }

    pub(super) fn delete_line(&mut self) {
        self.remove(self.line_start(), self.cursor);
    }

    /// A key was pressed that may edit the text, which may have so many characters; false when it is none of those keys.
    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these edit")]
    pub(super) fn key(&mut self, key: KeyEvent, most: usize, has_lines: bool) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Backspace if control || alt => self.delete_word(),
            KeyCode::Backspace => self.backspace(),
            KeyCode::Delete => self.delete(),
            KeyCode::Left if control || alt => self.word_left(),
            KeyCode::Right if control || alt => self.word_right(),
            KeyCode::Left => self.left(),
            KeyCode::Right => self.right(),
            KeyCode::Home => self.home(),
            KeyCode::End => self.end(),
            KeyCode::Char(c) if control => match latin(c) {
                'a' => self.home(),
                'e' => self.end(),
                'w' => self.delete_word(),
                'u' => self.delete_line(),
                'h' => self.backspace(),
                _ => return false,
            },
            KeyCode::Char(c) if !alt => self.insert(c.encode_utf8(&mut [0; 4]), most, has_lines),
            _ => return false,
        }
        true
    }

    /// The text in lines of at most so many cells, and where the cursor is: its line and cell.
    pub(super) fn lines(&self, cells: usize) -> (Vec<String>, (usize, usize)) {
        let cells = cells.max(2);
        let mut lines = vec![String::new()];
        let mut filled = 0;
        let mut place = (0, 0);
        for (at, grapheme) in self.text.grapheme_indices(true) {
            let wide = width(grapheme);
            if grapheme != "\n" && filled + wide > cells {
                lines.push(String::new());
                filled = 0;
            }
            if at == self.cursor {
                place = (lines.len() - 1, filled);
            }
            if grapheme == "\n" {
                lines.push(String::new());
                filled = 0;
                continue;
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(grapheme);
            }
            filled += wide;
        }
        if self.cursor == self.text.len() {
            if filled >= cells {
                lines.push(String::new());
                filled = 0;
            }
            place = (lines.len() - 1, filled);
        }
        (lines, place)
    }

    /// One line higher or lower; false at the first or last.
    pub(super) fn vertical(&mut self, cells: usize, down: bool) -> bool {
        let (lines, (row, column)) = self.lines(cells);
        let Some(to) = (if down { Some(row + 1) } else { row.checked_sub(1) }).filter(|to| *to < lines.len())
        else {
            return false;
        };
        // Walk to the place: the cursor only moves by whole characters.
        let before = self.cursor;
        loop {
            let at = self.cursor;
            if down {
                self.right()
            } else {
                self.left()
            }
            let (now, cell) = self.lines(cells).1;
            let has_arrived = if down {
                now > to || (now == to && cell >= column)
            } else {
                now < to || (now == to && cell <= column)
            };
            if has_arrived || self.cursor == at {
                if (down && now > to) || (!down && now < to) {
                    self.cursor = at;
                }
                return self.cursor != before;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> Field {
        let mut field = Field::default();
        field.insert(text, 1_000, true);
        field
    }

    #[test]
    fn the_cursor_moves_by_what_people_see() {
        let mut field = field("aй👨‍👩‍👧e\u{301}");
        field.backspace();
        assert_eq!(field.text(), "aй👨‍👩‍👧");
        field.backspace();
        assert_eq!(field.text(), "aй");
        field.left();
        field.insert("🇷🇺", 1_000, true);
        field.left();
        field.delete();
        assert_eq!((field.text(), field.cursor()), ("aй", 1));
    }

    #[test]
    fn words_and_lines_are_steps_too() {
        let mut field = field("раз два\nthree, four");
        field.word_left();
        field.delete_word();
        assert_eq!(field.text(), "раз два\nthreefour");
        field.home();
        field.insert("> ", 1_000, true);
        field.end();
        field.delete_line();
        assert_eq!(field.text(), "раз два\n");
        field.word_left();
        field.word_right();
        assert_eq!(field.cursor(), "раз два".len());
    }

    #[test]
    fn nothing_but_text_and_no_more_than_fits_is_typed() {
        let mut one = Field::default();
        one.insert("a\u{1b}[2Jb\r\nc\td\u{7}", 1_000, false);
        assert_eq!(one.text(), "a[2Jb c d");
        let mut two = field("a\r\nb\rc");
        assert_eq!(two.text(), "a\nb\nc");
        two.insert("defgh", 7, true);
        assert_eq!(two.text(), "a\nb\ncde");
    }

    #[test]
    fn the_cursor_is_where_it_is_drawn() {
        let mut field = field("日本語ab\nx");
        assert_eq!(field.lines(5), (vec!["日本".into(), "語ab".into(), "x".into()], (2, 1)));
        assert!(field.vertical(5, false));
        assert_eq!(field.lines(5).1, (1, 0), "a wide character has no middle");
        assert!(field.vertical(5, false) && !field.vertical(5, false));
        assert!(field.vertical(5, true) && field.vertical(5, true) && !field.vertical(5, true));
        field.set("abcde");
        assert_eq!(field.lines(5), (vec!["abcde".into(), String::new()], (1, 0)));
    }
}
