//! Reads the markup of messages. docs/MARKUP.md is its grammar.
//!
//! Owns: the places of blocks, styles, links and mentions. Must never: output a character that was not typed, or leave
//! one out that is not a mark of the grammar. There are no escapes, no entities, and no link hides its address behind
//! other words. The result is always [`Sanitised`].

mod inline;
mod link;
mod mention;
mod piece;
#[cfg(test)]
mod tests;

use std::ops::Range;

use shepot_client::model::PersonKey;
use shepot_sanitise::Sanitised;

pub use mention::Mentionable;
pub use piece::Piece;
use piece::{push, shown};

/// The greatest depth of a list item. Deeper ones are shown at this depth.
const DEEPEST: usize = 4;

/// The most blocks of a message. The rest follows as one block of plain text.
const MOST_BLOCKS: usize = 200;

/// The number of spaces that indent an item by one level.
const INDENTATION: usize = 2;

/// A part of a message that begins on its own line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(Vec<Piece>),
    /// Lines after `>`.
    Quote(Vec<Piece>),
    /// A list item.
    Item {
        /// The level of indentation, from 0.
        depth: usize,
        /// The number or bullet, as it was typed.
        marker: Sanitised,
        /// The text of the item.
        pieces: Vec<Piece>,
    },
    /// Program text.
    Code {
        /// The language that the fence names; may be empty.
        language: Sanitised,
        /// The program text, without the line end at its end.
        text: Sanitised,
    },
}

/// Reads the body of a message.
#[must_use]
pub fn read(body: &str, people: &[Mentionable]) -> Vec<Block> {
    let mut reader = Reader { people, blocks: Vec::new() };
    for part in parts(body) {
        if reader.blocks.len() >= MOST_BLOCKS {
            let rest = body.get(part.range().start..).unwrap_or_default();
            reader.blocks.push(Block::Text(vec![Piece { text: shown(rest), ..Piece::default() }]));
            break;
        }
        reader.part(&part, body);
    }
    if reader.blocks.is_empty() {
        reader.blocks.push(Block::Text(vec![Piece { text: shown(body), ..Piece::default() }]));
    }
    reader.blocks
}

/// The ranges of program text in a body, marks included, in order.
pub(crate) fn code(body: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for part in parts(body) {
        match part {
            Part::Code { whole, .. } => found.push(whole),
            Part::Text(range) | Part::Quote(range) | Part::Item { said: range, .. } => {
                for line in lines(body, range) {
                    let spans = inline::spans(body.get(line.clone()).unwrap_or_default(), &[]);
                    let code =
                        spans.into_iter().filter(|span| matches!(span.kind, inline::Kind::Code { .. }));
                    found.extend(code.map(|s| line.start + s.range.start..line.start + s.range.end));
                }
            }
        }
    }
    found
}

/// Everybody whom a message mentions outside program text. The longest name counts, in any case. Several people may
/// have the same name.
#[must_use]
pub fn mentioned(body: &str, people: &[Mentionable]) -> Vec<PersonKey> {
    let mut found: Vec<PersonKey> = Vec::new();
    for block in read(body, people) {
        let (Block::Text(pieces) | Block::Quote(pieces) | Block::Item { pieces, .. }) = block else {
            continue;
        };
        for piece in pieces.iter().filter(|piece| piece.mention.is_some()) {
            let is_meant = |one: &&Mentionable| mention::is(&piece.text, &one.name);
            for one in people.iter().filter(is_meant) {
                if !found.contains(&one.person) {
                    found.push(one.person);
                }
            }
        }
    }
    found
}

/// The body in one line without its marks: for quotes, search and screen readers.
#[must_use]
pub fn plain(body: &str) -> Sanitised {
    let mut line = String::new();
    for block in read(body, &[]) {
        if !line.is_empty() {
            line.push(' ');
        }
        match block {
            Block::Text(pieces) | Block::Quote(pieces) => {
                pieces.iter().for_each(|piece| line.push_str(&piece.text));
            }
            Block::Item { marker, pieces, .. } => {
                line.push_str(&marker);
                line.push(' ');
                pieces.iter().for_each(|piece| line.push_str(&piece.text));
            }
            Block::Code { text, .. } => line.push_str(&text),
        }
    }
    Sanitised::in_one_line(&line)
}

/// A part of a body, by its bytes.
enum Part {
    /// Lines of a paragraph.
    Text(Range<usize>),
    /// Quoted lines with their marks.
    Quote(Range<usize>),
    Item {
        depth: usize,
        marker: Range<usize>,
        said: Range<usize>,
    },
    Code {
        whole: Range<usize>,
        language: Range<usize>,
        /// The rest of the fence's line after the language.
        first: Range<usize>,
        text: Range<usize>,
    },
}

impl Part {
    fn range(&self) -> Range<usize> {
        match self {
            Self::Text(range) | Self::Quote(range) | Self::Code { whole: range, .. } => range.clone(),
            Self::Item { marker, said, .. } => marker.start..said.end,
        }
    }
}

/// The lines of a part of a body, without their line ends.
fn lines(body: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    let text = body.get(range).unwrap_or_default();
    text.split('\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        start..start + line.len()
    })
}

/// Splits a body into blocks.
fn parts(body: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut lines = lines(body, 0..body.len()).peekable();
    while let Some(line) = lines.next() {
        let text = body.get(line.clone()).unwrap_or_default();
        if let Some(fence) = fence_of(text) {
            let rest = line.start + fence.len()..line.end;
            let mut inner = line.end..line.end;
            let mut end = line.end;
            for next in lines.by_ref() {
                end = next.end;
                if is_closed_by(fence, body.get(next.clone()).unwrap_or_default()) {
                    break;
                }
                inner.start = inner.start.max(line.end + 1).min(next.start);
                inner.end = next.end;
            }
            let (language, first) = language_of(body, rest);
            parts.push(Part::Code { whole: line.start..end, language, first, text: inner });
            continue;
        }
        if is_quote(text) {
            let mut range = line;
            while let Some(next) = lines.next_if(|next| is_quote(body.get(next.clone()).unwrap_or_default()))
            {
                range.end = next.end;
            }
            parts.push(Part::Quote(range));
            continue;
        }
        if let Some((depth, marker, said)) = item_of(text) {
            let marker = line.start + marker.start..line.start + marker.end;
            parts.push(Part::Item { depth, marker, said: line.start + said..line.end });
            continue;
        }
        match parts.last_mut() {
            Some(Part::Text(range)) => range.end = line.end,
            Some(_) | None => parts.push(Part::Text(line)),
        }
    }
    parts
}

/// The fence of three or more marks that a line opens with; `None` if it does not.
fn fence_of(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|mark| ['`', '~'].contains(mark))?;
    let length = line.len() - line.trim_start_matches(mark).len();
    let (fence, rest) = line.split_at(length);
    (length >= 3 && !rest.contains('`')).then_some(fence)
}

fn is_closed_by(fence: &str, line: &str) -> bool {
    let line = line.trim_end();
    line.len() >= fence.len()
        && line.starts_with(fence)
        && line.trim_matches(|c| fence.starts_with(c)).is_empty()
}

/// The language that a fence names, and the rest of its line.
fn language_of(body: &str, rest: Range<usize>) -> (Range<usize>, Range<usize>) {
    let text = body.get(rest.clone()).unwrap_or_default();
    let start = rest.start + (text.len() - text.trim_start().len());
    let named = text.trim_start();
    let length = named.find(char::is_whitespace).unwrap_or(named.len());
    (start..start + length, start + length..rest.end)
}

fn is_quote(line: &str) -> bool {
    line == ">" || line.starts_with("> ")
}

/// The depth, the range of the marker and the start of the text of a list item, in bytes of its line.
fn item_of(line: &str) -> Option<(usize, Range<usize>, usize)> {
    let trimmed = line.trim_start_matches(' ');
    let indented = line.len() - trimmed.len();
    let digits = trimmed.len() - trimmed.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let behind = trimmed.get(digits..)?;
    let sign = match (digits, behind.chars().next()?) {
        (0, sign @ ('-' | '*' | '+' | '•')) | (1..=9, sign @ ('.' | ')')) => digits + sign.len_utf8(),
        _ => return None,
    };
    let said = trimmed.get(sign..)?.strip_prefix(' ')?;
    let depth = (indented / INDENTATION).min(DEEPEST);
    (!said.trim().is_empty()).then_some((depth, indented..indented + sign, indented + sign + 1))
}

struct Reader<'a> {
    people: &'a [Mentionable],
    blocks: Vec<Block>,
}

impl Reader<'_> {
    fn part(&mut self, part: &Part, body: &str) {
        let get = |range: &Range<usize>| body.get(range.clone()).unwrap_or_default();
        match part {
            Part::Text(range) => {
                // The space between blocks is shown for the empty lines next to them.
                let mut text = get(range).trim_end_matches('\n');
                if !self.blocks.is_empty() {
                    text = text.trim_start_matches('\n');
                }
                if !text.trim().is_empty() {
                    let pieces = self.said(text.split('\n'));
                    self.blocks.push(Block::Text(pieces));
                }
            }
            Part::Quote(range) => {
                let without_mark =
                    |line: &str| line.strip_prefix("> ").or(line.strip_prefix('>')).map(str::len);
                let lines = get(range).split('\n').map(|line| {
                    let length = without_mark(line).unwrap_or(line.len());
                    line.get(line.len() - length..).unwrap_or_default()
                });
                let pieces = self.said(lines);
                self.blocks.push(Block::Quote(pieces));
            }
            Part::Item { depth, marker, said } => {
                let pieces = self.said([get(said)].into_iter());
                self.blocks.push(Block::Item { depth: *depth, marker: Sanitised::of(get(marker)), pieces });
            }
            Part::Code { language, first, text, .. } => {
                let mut code = get(first).trim().to_owned();
                if !code.is_empty() && !text.is_empty() {
                    code.push('\n');
                }
                code.push_str(get(text));
                self.blocks.push(Block::Code { language: Sanitised::of(get(language)), text: shown(&code) });
            }
        }
    }

    fn said<'t>(&self, lines: impl Iterator<Item = &'t str>) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (number, line) in lines.enumerate() {
            if number > 0 {
                push(&mut pieces, Piece { text: Sanitised::of("\n"), ..Piece::default() });
            }
            inline::read(line, self.people, &mut pieces);
        }
        pieces
    }
}
