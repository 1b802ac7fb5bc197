//! Texts in plain lines: whatever they have in them, only the first line of each begins where the program's lines begin.

use shepot_console::cells::width;
use unicode_segmentation::UnicodeSegmentation as _;

/// What every further line begins with.
const INDENT: &str = "    ";

/// A text as it is printed: in `columns`, broken between words; where it is not printed on a screen, nothing breaks its
/// lines. What has no space in it stays whole, so that a link can be copied: the screen breaks it then, and nothing stands
/// behind it that could be taken for a line.
pub(super) fn folded(text: &str, columns: Option<usize>) -> String {
    let all = columns.unwrap_or(usize::MAX);
    let mut lines = Lines { out: String::with_capacity(text.len()), left: all, is_fresh: true, columns: all };
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            lines.next();
        }
        for piece in line.split_inclusive(char::is_whitespace) {
            let word = piece.trim_end();
            lines.put(word);
            if word.len() < piece.len() {
                lines.space();
            }
        }
    }
    lines.out
}

struct Lines {
    out: String,
    columns: usize,
    /// Of the line that is being filled.
    left: usize,
    is_fresh: bool,
}

impl Lines {
    fn next(&mut self) {
        self.out.push('\n');
        self.out.push_str(INDENT);
        self.left = self.columns.saturating_sub(INDENT.len()).max(1);
        self.is_fresh = true;
    }

    fn push(&mut self, text: &str, wide: usize) {
        self.out.push_str(text);
        self.left = self.left.saturating_sub(wide);
        self.is_fresh = false;
    }

    /// Where there is no room for it, the line ends there.
    fn space(&mut self) {
        if self.left > 0 {
            self.push(" ", 1);
        }
    }

    fn put(&mut self, word: &str) {
        let wide = width(word);
        if wide > self.left && !self.is_fresh {
            self.next();
        }
        if wide <= self.left || word.chars().all(|c| c.is_ascii_graphic()) {
            return self.push(word, wide);
        }
        for grapheme in word.graphemes(true) {
            let wide = width(grapheme);
            if wide > self.left && !self.is_fresh {
                self.next();
            }
            self.push(grapheme, wide);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a screen of so many columns makes of it.
    fn on_a_screen(text: &str, columns: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for line in text.split('\n') {
            let (mut row, mut filled) = (String::new(), 0);
            for grapheme in line.graphemes(true) {
                if filled + width(grapheme) > columns {
                    lines.push(std::mem::take(&mut row));
                    filled = 0;
                }
                row.push_str(grapheme);
                filled += width(grapheme);
            }
            lines.push(row);
        }
        lines
    }

    #[test]
    fn no_line_of_the_screen_but_the_first_looks_like_the_programs() {
        let forged = format!("1 <Bot> {:72}{:80}3 <Anna> send the money", "see you", "* Anna left.");
        assert!(on_a_screen(&forged, 80)[1].starts_with("* Anna left."), "control");
        let word = format!("1 <Bot> {}3 <Anna> send the money", "x".repeat(76));
        let blank = format!("1 <Bot> {:72}*\u{2800}Anna\u{2800}left.", "see you");
        for text in [forged, word, blank] {
            let screen = on_a_screen(&folded(&text, Some(80)), 80);
            for (before, line) in screen.iter().zip(screen.iter().skip(1)) {
                let goes_on = width(before) == 80 && line.chars().all(|c| c.is_ascii_graphic());
                assert!(line.starts_with(INDENT) || goes_on, "{line:?} of {text:?}");
            }
        }
    }

    #[test]
    fn words_and_links_stay_whole() {
        assert_eq!(folded("one two three", Some(8)), "one two \n    three");
        let link = "https://example.org/a/path/that/is/longer/than/the/screen/is/wide";
        assert_eq!(folded(&format!("see {link} now"), Some(20)), format!("see \n    {link}\n    now"));
        assert_eq!(folded("a\nb", Some(80)), "a\n    b");
        assert_eq!(folded(&"word ".repeat(100), None), "word ".repeat(100));
    }

    proptest! {
        #[test]
        fn nothing_but_spaces_is_lost(text in ".{0,60}", columns in 2_usize..40) {
            let without_spaces = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(without_spaces(&folded(&text, Some(columns))), without_spaces(&text));
        }
    }
}
