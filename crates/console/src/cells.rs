//! Texts in the cells of a terminal. Characters take one or two. Everything made here is [`Sanitised`]. `clippy.toml`
//! forbids the toolkit's own ways from a text to a [`Span`], except its conversions, which clippy cannot forbid. Nobody
//! may use those.

use crate::hyperlink::WebAddress;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use shepot_sanitise::{Sanitised, is_mark_of_any_script, is_unseen};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A text of one line in one style.
#[allow(clippy::disallowed_methods, reason = "this is the way to it: what it is made of is sanitised")]
pub fn span(text: impl AsRef<str>, style: Style) -> Span<'static> {
    Span::styled(String::from(Sanitised::in_one_line(text.as_ref())), style)
}

/// So many empty cells.
#[must_use]
pub fn gap(cells: usize) -> Span<'static> {
    span(" ".repeat(cells), Style::new())
}

/// The number of cells that a text of one line takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The most cells that any terminal may use for a text of one line: as if it joined no characters, and gave every
/// combining mark a cell.
#[must_use]
pub fn most_width(text: &str) -> usize {
    let widest = |c: char| match c {
        _ if is_mark_of_any_script(c) || is_unseen(c) => 0,
        // Where fonts for Chinese are used, signs may be as wide as its letters; letters of others are not.
        _ if c.is_alphanumeric() => c.width().unwrap_or(0).max(1),
        _ => c.width_cjk().unwrap_or(0).max(1),
    };
    text.graphemes(true).map(|one| one.chars().map(widest).sum::<usize>().max(width(one))).sum()
}

/// As much of a text as fits, with an ellipsis if it was cut.
#[must_use]
pub fn cut(text: &str, cells: usize) -> String {
    let text = Sanitised::in_one_line(text);
    if width(&text) <= cells {
        return text.into();
    }
    let mut out = String::new();
    let mut filled = 0;
    for grapheme in text.graphemes(true) {
        let wide = width(grapheme);
        // Room for the ellipsis.
        if filled + wide + 1 > cells {
            break;
        }
        filled += wide;
        out.push_str(grapheme);
    }
    if cells > 0 {
        out.push('…');
    }
    out
}

/// A text that is padded with spaces or cut to so many cells.
#[must_use]
pub fn fit(text: &str, cells: usize) -> String {
    let mut text = cut(text, cells);
    let missing = cells.saturating_sub(width(&text));
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// A piece of text in one style. It may have line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: Sanitised,
    /// The style.
    pub style: Style,
    /// Where it leads. `None`: nowhere.
    pub leads_to: Option<WebAddress>,
}

impl Piece {
    /// A piece of text in this style.
    pub fn new(text: impl Into<Sanitised>, style: Style) -> Self {
        Self { text: text.into(), style, leads_to: None }
    }
}

/// A line of pieces.
#[derive(Clone, Debug, Default)]
pub struct Wrapped {
    /// What it shows.
    pub line: Line<'static>,
    /// The parts of it that lead somewhere.
    pub leading: Vec<Leading>,
}

/// Cells of a line that lead somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leading {
    /// The first cell.
    pub from: usize,
    /// How many there are.
    pub cells: usize,
    /// Where they lead.
    pub address: WebAddress,
    /// Whether its text begins here, and not in a line before.
    pub begins: bool,
}

impl Wrapped {
    /// The same line behind something else.
    #[must_use]
    pub fn behind(mut self, before: Span<'static>) -> Self {
        let by = width(&before.content);
        self.line.spans.insert(0, before);
        self.leading.iter_mut().for_each(|part| part.from += by);
        self
    }
}

/// What the characters of a line have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look<'a> {
    style: Style,
    leads_to: Option<&'a WebAddress>,
}

/// Lines in the making.
struct Wrapping<'a> {
    lines: Vec<Wrapped>,
    /// The line that is being filled: texts of one look each.
    line: Vec<(String, Look<'a>)>,
    filled: usize,
    /// The word that is being read, and its cells.
    word: Vec<(String, Look<'a>)>,
    word_cells: usize,
    /// The hyperlink whose text has begun last.
    begun: Option<&'a WebAddress>,
    cells: usize,
}

impl<'a> Wrapping<'a> {
    fn push(to: &mut Vec<(String, Look<'a>)>, text: &str, look: Look<'a>) {
        match to.last_mut() {
            Some((last, before)) if *before == look => last.push_str(text),
            Some(_) | None => to.push((text.to_owned(), look)),
        }
    }

    fn end_line(&mut self) {
        let mut ended = Wrapped::default();
        let mut from = 0;
        for (text, look) in self.line.drain(..) {
            let cells = width(&text);
            if let Some(address) = look.leads_to {
                let begins = !self.begun.is_some_and(|begun| std::ptr::eq(begun, address));
                self.begun = Some(address);
                ended.leading.push(Leading { from, cells, address: address.clone(), begins });
            }
            ended.line.spans.push(span(text, look.style));
            from += cells;
        }
        self.lines.push(ended);
        self.filled = 0;
    }

    fn end_word(&mut self) {
        if self.filled > 0 && self.filled + self.word_cells > self.cells {
            self.end_line();
        }
        let word = std::mem::take(&mut self.word);
        self.word_cells = 0;
        for (text, look) in word {
            for grapheme in text.graphemes(true) {
                let wide = width(grapheme);
                // A word that is longer than a line is broken anywhere.
                if self.filled + wide > self.cells && self.filled > 0 {
                    self.end_line();
                }
                Self::push(&mut self.line, grapheme, look);
                self.filled += wide;
            }
        }
    }

    fn space(&mut self, look: Look<'a>) {
        self.end_word();
        if self.filled < self.cells {
            Self::push(&mut self.line, " ", look);
            self.filled += 1;
        }
    }
}

/// Pieces as lines of at most so many cells, broken between words if possible.
#[must_use]
pub fn wrap(pieces: &[Piece], cells: usize) -> Vec<Line<'static>> {
    wrap_leading(pieces, cells).into_iter().map(|wrapped| wrapped.line).collect()
}

/// The same, with the cells that lead somewhere.
#[must_use]
pub fn wrap_leading(pieces: &[Piece], cells: usize) -> Vec<Wrapped> {
    let mut wrapping = Wrapping {
        lines: Vec::new(),
        line: Vec::new(),
        filled: 0,
        word: Vec::new(),
        word_cells: 0,
        begun: None,
        cells: cells.max(2),
    };
    for piece in pieces {
        let look = Look { style: piece.style, leads_to: piece.leads_to.as_ref() };
        for (at, line) in piece.text.split('\n').enumerate() {
            if at > 0 {
                wrapping.end_word();
                wrapping.end_line();
            }
            for grapheme in Sanitised::in_one_line(line).graphemes(true) {
                if grapheme == " " {
                    wrapping.space(look);
                } else {
                    Wrapping::push(&mut wrapping.word, grapheme, look);
                    wrapping.word_cells += width(grapheme);
                }
            }
        }
    }
    wrapping.end_word();
    wrapping.end_line();
    wrapping.lines
}

/// The number of cells in a line of spans.
#[must_use]
pub fn line_width(line: &Line<'_>) -> usize {
    line.spans.iter().map(|span| width(&span.content)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, cells: usize) -> Vec<String> {
        let lines = wrap(&[Piece::new(text, Style::new())], cells);
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(wrapped("one two three", 8), ["one two ", "three"]);
        assert_eq!(wrapped("", 8), [""]);
        assert_eq!(wrapped("a\n\nb", 8), ["a", "", "b"]);
        assert_eq!(wrapped("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("привет, мир и все", 8), ["привет, ", "мир и ", "все"]);
    }

    #[test]
    fn a_link_is_one_however_it_is_broken() {
        let address = WebAddress::new("https://example.org/abcdefgh").unwrap();
        let plain = |text: &str| Piece::new(text, Style::new());
        let link = Piece { leads_to: Some(address.clone()), ..plain("https://example.org/abcdefgh") };
        let lines = wrap_leading(&[plain("see "), link.clone(), plain(", да "), link], 16);
        let shown: Vec<_> = lines.iter().map(|one| (one.line.to_string(), one.leading.clone())).collect();
        let leads = |from, cells, begins| vec![Leading { from, cells, address: address.clone(), begins }];
        assert_eq!(
            shown,
            [
                ("see ".to_owned(), vec![]),
                ("https://example.".to_owned(), leads(0, 16, true)),
                ("org/abcdefgh, да".to_owned(), leads(0, 12, false)),
                ("https://example.".to_owned(), leads(0, 16, true)),
                ("org/abcdefgh".to_owned(), leads(0, 12, false)),
            ]
        );
        let behind = lines.into_iter().nth(1).unwrap().behind(span("> ", Style::new()));
        assert_eq!(
            (behind.line.to_string(), behind.leading),
            ("> https://example.".to_owned(), leads(2, 16, true))
        );
    }

    #[test]
    fn wide_and_joined_characters_fill_the_cells_that_they_fill() {
        assert_eq!(wrapped("日本語日本語", 5), ["日本", "語日", "本語"]);
        let family = "👨‍👩‍👧";
        assert_eq!(width(family), 2);
        assert_eq!(wrapped(&family.repeat(3), 4), [family.repeat(2), family.to_owned()]);
        let accented = "e\u{301}";
        assert_eq!((width(accented), cut(&accented.repeat(5), 3)), (1, format!("{}…", accented.repeat(2))));
        assert_eq!(
            (cut("日本語", 5), cut("日本語", 6), cut("abc", 0)),
            ("日本…".into(), "日本語".into(), String::new())
        );
        assert_eq!((fit("ab", 4), fit("日本語", 4)), ("ab  ".into(), "日… ".into()));
    }

    #[test]
    fn nothing_is_wider_than_it_is_counted() {
        for (text, widest) in [
            ("abc", 3),
            ("привет", 6),
            ("❤\u{FE0F}", 2),
            ("1\u{FE0F}\u{20E3}", 2),
            ("🇩🇪", 2),
            ("👨‍👩‍👧", 6),
            ("日本", 4),
        ] {
            assert!(
                most_width(text) >= width(text) && most_width(text) == widest,
                "{text}: {}",
                most_width(text)
            );
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        let nasty = "a\u{1b}[2Jb\u{9b}31mc\u{7}d\u{202e}e\u{200b}f\r\ng\u{feff}";
        let shown = span(nasty, Style::new()).content;
        assert_eq!(shown, "a[2Jb31mcdef  g");
        for lines in [wrapped(nasty, 40), vec![cut(nasty, 40), fit(nasty, 40)]] {
            assert!(lines.iter().all(|line| !line.contains(shepot_sanitise::is_hidden)), "{lines:?}");
        }
        for spelled in ["обычный текст 👨‍👩‍👧", "می\u{200C}خواهم"] {
            assert_eq!(span(spelled, Style::new()).content, spelled);
        }
    }
}
