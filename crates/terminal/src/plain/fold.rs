//! Folds texts for plain lines: only the first line of a text begins where the program's own lines begin.

use shepot_console::cells::most_width as width;
use shepot_sanitise::{is_blank_letter, is_quotation_mark};
use unicode_segmentation::UnicodeSegmentation as _;

/// The schemes of links that can be copied and opened.
const SCHEMES: [&str; 3] = ["https://", "http://", "shepot://"];

/// The beginning of every line after the first.
const INDENT: &str = "    ";

/// A text as it is printed: broken between words at `columns`. `None`: not on a screen, so only its own line ends break
/// it. Characters count as wide as any screen takes them. A link stays whole so that it can be copied. If the screen
/// breaks it, nothing in it or after it can pass for a line of the program.
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

/// Whether a word is a link, with nothing in it that looks like a space or a name's end.
fn is_link(word: &str) -> bool {
    let from = word.trim_start_matches(['(', '"', '«', '“', '„']);
    let is_of_a_link = |c: char| {
        let is_safe = c.is_alphanumeric() || (c.is_ascii_graphic() && c != '*');
        (is_safe && !is_quotation_mark(c) && !is_blank_letter(c)) || matches!(c, '»' | '”')
    };
    SCHEMES.iter().any(|scheme| from.starts_with(scheme)) && from.chars().all(is_of_a_link)
}

struct Lines {
    out: String,
    columns: usize,
    /// The cells left in the current line.
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

    /// Adds a space, or ends the line if there is no room.
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
        if wide <= self.left || is_link(word) {
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
#[cfg(unix)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a screen of so many columns makes of it that joins no emoji.
    fn on_a_screen(text: &str, columns: u16) -> Vec<String> {
        let size = |cells| std::num::NonZero::new(cells).unwrap();
        let mut screen = vt100::Parser::new(size(100), size(columns), 0);
        screen.process(text.replace('\n', "\r\n").as_bytes());
        screen.screen().rows(0, columns).map(|row| row.trim_end().to_owned()).collect()
    }

    #[test]
    fn no_line_of_the_screen_but_the_first_looks_like_the_programs() {
        let forged = format!("1 <Bot> {:72}{:80}3 <Anna> send the money", "see you", "* Anna left.");
        assert!(on_a_screen(&forged, 80)[1].starts_with("* Anna left."), "control");
        let word = format!("1 <Bot> {}3<Anna>send_money", "x".repeat(76));
        let link = format!("1 <Bot> https://{}3<Anna>send_money", "x".repeat(64));
        let syllables = format!("1 <Bot> https://{}3ᐸAnnaᐳsend_money", "x".repeat(68));
        let star = format!("1 <Bot> https://{}*Anna_left.", "x".repeat(68));
        let hearts = format!("1 <Bot> {}* Anna left.", "❤\u{FE0F}".repeat(36));
        let blank = format!("1 <Bot> {:72}*\u{2800}Anna\u{2800}left.", "see you");
        let family = format!("1 <Bot> hi yes!{} * Anna left.", "👨‍👩‍👧‍👦".repeat(8));
        let bengali = format!("1 <Bot> {} * Anna left.", "বাংলা ".repeat(12));
        for text in [forged, word, link, syllables, star, hearts, blank, family, bengali] {
            for line in
                on_a_screen(&folded(&text, Some(80)), 80).iter().skip(1).filter(|line| !line.is_empty())
            {
                assert!(line.starts_with(INDENT), "{line:?} of {text:?}");
            }
        }
    }

    #[test]
    fn words_and_links_stay_whole() {
        assert_eq!(folded("one two three", Some(9)), "one two \n    three");
        let link = "https://example.org/a/path/that/is/longer/than/the/screen/is/wide";
        for link in [
            link,
            "https://пример.рф/очень/длинный/путь/к/странице",
            "«https://example.org/a/path/that/is/long»",
        ] {
            assert_eq!(folded(&format!("see {link} now"), Some(20)), format!("see \n    {link}\n    now"));
        }
        let russian = "Привет всем кто идёт в поход";
        assert_eq!(folded(russian, Some(28)), russian, "letters are as wide as they are");
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
