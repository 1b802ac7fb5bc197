//! A text field without a toolkit. The cursor moves by user-perceived characters (UAX 29).
//!
//! Must never: know a key, or how wide something is drawn.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};
use zeroize::Zeroize as _;

/// One step of editing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Insert a text at the cursor.
    Insert(String),
    /// Delete the character before the cursor.
    Backspace,
    /// Delete the character after the cursor.
    Delete,
    /// Delete the word before the cursor.
    DeleteWord,
    /// Delete from the beginning of the line to the cursor.
    DeleteLine,
    /// Move one character left.
    Left,
    /// Move one character right.
    Right,
    /// Move one word left.
    WordLeft,
    /// Move one word right.
    WordRight,
    /// Move to the beginning of the line.
    Home,
    /// Move to the end of the line.
    End,
    /// Move to this byte of the text.
    MoveTo(usize),
}

/// A text that is being written. It is wiped when it is dropped.
#[derive(Default)]
pub struct Field {
    text: String,
    /// Bytes before the cursor.
    cursor: usize,
    /// Counts the changes of the text, so that an interface with a field of its own notices them.
    version: u64,
}

impl Drop for Field {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl Field {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Bytes before the cursor.
    #[must_use]
    pub const fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether the text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The number of changes of the text so far.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// Replaces the text, and puts the cursor at its end.
    pub(crate) fn set(&mut self, text: &str) {
        self.version += 1;
        self.text.zeroize();
        text.clone_into(&mut self.text);
        self.cursor = self.text.len();
    }

    pub(crate) fn clear(&mut self) {
        self.set("");
    }

    /// Takes the text out of the field.
    pub(crate) fn take(&mut self) -> String {
        self.cursor = 0;
        self.version += 1;
        std::mem::take(&mut self.text)
    }

    /// Inserts a text at the cursor, up to `most` characters in all. Drops control characters. Keeps line ends, and
    /// turns tabs into four spaces, if the field has lines.
    pub(crate) fn insert(&mut self, typed: &str, most: usize, has_lines: bool) {
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
        self.version += 1;
        self.cursor += clean.len();
    }

    /// Replaces what stands between byte `from` and the cursor.
    pub(crate) fn replace_from(&mut self, from: usize, with: &str) {
        if from <= self.cursor && self.text.is_char_boundary(from) {
            self.text.replace_range(from..self.cursor, with);
            self.version += 1;
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

    fn word_before(&self) -> usize {
        let before = self.text.get(..self.cursor).unwrap_or_default();
        let words = before.split_word_bound_indices();
        words.rev().find(|(_, word)| !word.trim().is_empty()).map_or(0, |(at, _)| at)
    }

    fn word_behind(&self) -> usize {
        let after = self.text.get(self.cursor..).unwrap_or_default();
        let mut words = after.split_word_bound_indices();
        let end = words.find(|(_, word)| !word.trim().is_empty()).map(|(at, word)| at + word.len());
        self.cursor + end.unwrap_or(after.len())
    }

    fn line_start(&self) -> usize {
        let before = self.text.get(..self.cursor).unwrap_or_default();
        before.rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self) -> usize {
        let after = self.text.get(self.cursor..).unwrap_or_default();
        self.cursor + after.find('\n').unwrap_or(after.len())
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.version += 1;
        self.cursor = from;
    }

    /// Carries out one step, in a field of at most `most` characters.
    pub(crate) fn edit(&mut self, edit: &Edit, most: usize, has_lines: bool) {
        match edit {
            Edit::Insert(text) => self.insert(text, most, has_lines),
            Edit::Backspace => self.remove(self.before(self.cursor), self.cursor),
            Edit::Delete => self.remove(self.cursor, self.behind(self.cursor)),
            Edit::DeleteWord => self.remove(self.word_before(), self.cursor),
            Edit::DeleteLine => self.remove(self.line_start(), self.cursor),
            Edit::Left => self.cursor = self.before(self.cursor),
            Edit::Right => self.cursor = self.behind(self.cursor),
            Edit::WordLeft => self.cursor = self.word_before(),
            Edit::WordRight => self.cursor = self.word_behind(),
            Edit::Home => self.cursor = self.line_start(),
            Edit::End => self.cursor = self.line_end(),
            Edit::MoveTo(at) if self.text.is_char_boundary(*at) => self.cursor = *at,
            Edit::MoveTo(_) => {}
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
        field.edit(&Edit::Backspace, 1_000, true);
        assert_eq!(field.text(), "aй👨‍👩‍👧");
        field.edit(&Edit::Backspace, 1_000, true);
        assert_eq!(field.text(), "aй");
        field.edit(&Edit::Left, 1_000, true);
        field.insert("🇷🇺", 1_000, true);
        field.edit(&Edit::Left, 1_000, true);
        field.edit(&Edit::Delete, 1_000, true);
        assert_eq!((field.text(), field.cursor()), ("aй", 1));
    }

    #[test]
    fn words_and_lines_are_steps_too() {
        let mut field = field("раз два\nthree, four");
        field.edit(&Edit::WordLeft, 1_000, true);
        field.edit(&Edit::DeleteWord, 1_000, true);
        assert_eq!(field.text(), "раз два\nthreefour");
        field.edit(&Edit::Home, 1_000, true);
        field.insert("> ", 1_000, true);
        field.edit(&Edit::End, 1_000, true);
        field.edit(&Edit::DeleteLine, 1_000, true);
        assert_eq!(field.text(), "раз два\n");
        field.edit(&Edit::WordLeft, 1_000, true);
        field.edit(&Edit::WordRight, 1_000, true);
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
}
