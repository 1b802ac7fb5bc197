//! Styles within a line.

use std::ops::Range;

use shepot_client::model::PersonKey;
use shepot_sanitise::Sanitised;

use super::link;
use super::mention::{self, Mentionable};
use super::piece::{Piece, push, shown};

/// What may precede an opening mark, besides white space and the beginning of the line.
const BEFORE: &str = "([{<\"'«„“‘—–*_~";

/// What may follow a closing mark, besides white space and the end of the line.
const BEHIND: &str = ".,;:!?…)]}>\"'»”“’—–-*_~";

/// A part of a line in which no marks are looked for.
pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    Link,
    Code { said: Range<usize> },
    Mention(PersonKey),
}

/// The links, program text and mentions of a line in order. A link that meets program text, and a mention that meets
/// either, does not count.
pub(super) fn spans(line: &str, people: &[Mentionable]) -> Vec<Span> {
    let mut spans: Vec<Span> =
        link::find(line).into_iter().map(|range| Span { range, kind: Kind::Link }).collect();
    let code = code_in(line, &spans);
    spans.retain(|link| {
        !code.iter().any(|code| code.range.start < link.range.end && link.range.start < code.range.end)
    });
    spans.extend(code);
    spans.sort_by_key(|span| span.range.start);
    let mentions: Vec<Span> = mention::find(line, people)
        .into_iter()
        .filter(|(range, _)| {
            !spans.iter().any(|span| span.range.start < range.end && range.start < span.range.end)
        })
        .map(|(range, person)| Span { range, kind: Kind::Mention(person) })
        .collect();
    spans.extend(mentions);
    spans.sort_by_key(|span| span.range.start);
    spans
}

/// Program text stands between two runs of backticks of the same length.
fn code_in(line: &str, links: &[Span]) -> Vec<Span> {
    let runs: Vec<Range<usize>> =
        runs_of(line, '`').filter(|run| !links.iter().any(|link| link.range.contains(&run.start))).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = runs.get(at) {
        let same = |close: &&Range<usize>| close.len() == open.len();
        let close = runs.get(at + 1..).unwrap_or_default().iter().position(|close| same(&close));
        match close.and_then(|behind| runs.get(at + 1 + behind).map(|close| (behind, close))) {
            Some((behind, close)) => {
                found.push(Span {
                    range: open.start..close.end,
                    kind: Kind::Code { said: open.end..close.start },
                });
                at += behind + 2;
            }
            None => at += 1,
        }
    }
    found
}

/// The runs of a character in a line.
fn runs_of(line: &str, mark: char) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line.get(at..)?.find(mark)?;
        let rest = line.get(start..)?;
        at = start + (rest.len() - rest.trim_start_matches(mark).len());
        Some(start..at)
    })
}

/// Adds the styled pieces of a line to `pieces`.
pub(super) fn read(line: &str, people: &[Mentionable], pieces: &mut Vec<Piece>) {
    let spans = spans(line, people);
    let mut reader = Reader { line, spans: &spans, pieces };
    reader.read(0..line.len(), &Piece::default());
}

/// A mark, and what it changes in a piece.
type Style = (&'static str, fn(&mut Piece));

const STYLES: [Style; 5] = [
    ("***", |piece| (piece.bold, piece.italic) = (true, true)),
    ("**", |piece| piece.bold = true),
    ("*", |piece| piece.italic = true),
    ("_", |piece| piece.italic = true),
    ("~~", |piece| piece.strike = true),
];

struct Reader<'a, 'p> {
    line: &'a str,
    spans: &'a [Span],
    pieces: &'p mut Vec<Piece>,
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self, range: Range<usize>, look: &Piece) {
        let mut at = range.start;
        let mut told = at;
        // Marks that nothing closes from here on.
        let mut unclosed: Vec<&str> = Vec::new();
        while at < range.end {
            if let Some(span) = self.span_at(at) {
                self.put(told..at, look);
                self.put_span(span, look);
                at = span.range.end;
                told = at;
                continue;
            }
            let run = self.run_at(at, range.end);
            let Some((mark, style)) = STYLES.into_iter().find(|(mark, _)| *mark == run) else {
                at += if run.is_empty() { self.char_at(at).map_or(1, char::len_utf8) } else { run.len() };
                continue;
            };
            let mut styled = look.clone();
            style(&mut styled);
            let inner = at + mark.len();
            let may_open = styled != *look && !unclosed.contains(&mark) && self.opens(at, inner);
            if may_open && let Some(close) = self.closing(inner..range.end, mark) {
                self.put(told..at, look);
                self.read(inner..close, &styled);
                at = close + mark.len();
                told = at;
                continue;
            }
            if may_open {
                unclosed.push(mark);
            }
            at = inner;
        }
        self.put(told..range.end, look);
    }

    fn span_at(&self, at: usize) -> Option<&'a Span> {
        let found = self.spans.binary_search_by_key(&at, |span| span.range.start).ok()?;
        self.spans.get(found)
    }

    fn is_within_span(&self, at: usize) -> bool {
        let before = self.spans.partition_point(|span| span.range.start <= at);
        before.checked_sub(1).and_then(|last| self.spans.get(last)).is_some_and(|span| at < span.range.end)
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.line.get(at..)?.chars().next()
    }

    fn char_before(&self, at: usize) -> Option<char> {
        self.line.get(..at)?.chars().next_back()
    }

    /// The run of one mark character that begins here; empty if there is none.
    fn run_at(&self, at: usize, end: usize) -> &'a str {
        let rest = self.line.get(at..end).unwrap_or_default();
        match rest.chars().next() {
            Some(mark @ ('*' | '_' | '~')) => {
                let length = rest.len() - rest.trim_start_matches(mark).len();
                rest.get(..length).unwrap_or_default()
            }
            Some(_) | None => "",
        }
    }

    /// Whether the mark at `at` opens a style: before a word, not within one.
    fn opens(&self, at: usize, inner: usize) -> bool {
        let before = self.char_before(at).is_none_or(|c| c.is_whitespace() || BEFORE.contains(c));
        before && self.char_at(inner).is_some_and(|c| !c.is_whitespace())
    }

    /// The place of the mark that closes the style.
    fn closing(&self, range: Range<usize>, mark: &str) -> Option<usize> {
        let character = mark.chars().next()?;
        let text = self.line.get(range.clone())?;
        runs_of(text, character)
            .filter(|run| run.len() == mark.len())
            .map(|run| range.start + run.start)
            .find(|at| *at > range.start && !self.is_within_span(*at) && self.closes(*at, *at + mark.len()))
    }

    fn closes(&self, at: usize, behind: usize) -> bool {
        let follows = self.char_before(at).is_some_and(|c| !c.is_whitespace());
        follows
            && match self.char_at(behind) {
                None => true,
                Some(c) if c.is_whitespace() || "*_~".contains(c) => true,
                Some(c) if BEHIND.contains(c) => {
                    self.char_at(behind + c.len_utf8()).is_none_or(|next| !next.is_alphanumeric())
                }
                Some(_) => false,
            }
    }

    fn put(&mut self, range: Range<usize>, look: &Piece) {
        let text = shown(self.line.get(range).unwrap_or_default());
        push(self.pieces, Piece { text, ..look.clone() });
    }

    fn put_span(&mut self, span: &Span, look: &Piece) {
        let get = |range: &Range<usize>| self.line.get(range.clone()).unwrap_or_default();
        let piece = match &span.kind {
            Kind::Link => {
                let address = get(&span.range).to_owned();
                Piece { text: Sanitised::of(&address), link: Some(address), ..look.clone() }
            }
            Kind::Code { said } => Piece { text: shown(get(said)), code: true, ..look.clone() },
            Kind::Mention(person) => {
                let text = Sanitised::of(get(&span.range));
                Piece { text, mention: Some(*person), ..look.clone() }
            }
        };
        push(self.pieces, piece);
    }
}
