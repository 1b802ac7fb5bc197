//! What somebody wrote, as it is read: bold, italic, struck out, code, quotes, lists, links. No headings, no images, no
//! HTML: those stay as they were typed.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use shepot_client::model::PersonKey;

/// How deep quotes and lists may be nested; what is deeper stands at this depth.
const DEEPEST: usize = 4;

/// Blocks of one message.
const MOST_BLOCKS: usize = 200;

/// A part of a message that begins on a line of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Text.
    Text(Vec<Piece>),
    /// Somebody else's words.
    Quote(Vec<Piece>),
    /// An item of a list.
    Item {
        /// How deep it stands; 0 for a list that is in no other.
        depth: usize,
        /// Its number or bullet.
        marker: String,
        /// What it says.
        pieces: Vec<Piece>,
    },
    /// Program text.
    Code {
        /// The language that was named, or nothing.
        language: String,
        /// The text, without the line end at its end.
        text: String,
    },
}

/// Text of one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// What it says.
    pub text: String,
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Struck out.
    pub strike: bool,
    /// Program text.
    pub code: bool,
    /// Where it leads.
    pub link: Option<String>,
    /// Who is mentioned.
    pub mention: Option<PersonKey>,
}

/// A name that stands for somebody when `@` is before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentionable {
    /// With the `@`.
    pub name: String,
    /// Who.
    pub person: PersonKey,
}

/// Reads a message's body.
#[must_use]
pub fn read(body: &str, people: &[Mentionable]) -> Vec<Block> {
    let mut reader = Reader { source: body, people, ..Reader::default() };
    for (event, range) in Parser::new_ext(body, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
        reader.event(event, range);
        if reader.blocks.len() >= MOST_BLOCKS {
            break;
        }
    }
    reader.end_block();
    if reader.blocks.is_empty() {
        // Nothing but marks, for instance "***": it is shown as it was typed.
        return vec![Block::Text(vec![Piece { text: body.to_owned(), ..Piece::default() }])];
    }
    reader.blocks
}

/// Where program text stands in a body, with its marks, in order.
pub(crate) fn code(body: &str) -> Vec<Range<usize>> {
    let events = Parser::new_ext(body, Options::ENABLE_STRIKETHROUGH).into_offset_iter();
    events
        .filter(|(event, _)| {
            matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))))
        })
        .map(|(_, range)| range)
        .collect()
}

/// The body in one line, without marks: for quotes, searches and screen readers.
#[must_use]
pub fn plain(body: &str) -> String {
    let mut line = String::new();
    for block in read(body, &[]) {
        if !line.is_empty() {
            line.push(' ');
        }
        match block {
            Block::Text(pieces) | Block::Quote(pieces) | Block::Item { pieces, .. } => {
                pieces.iter().for_each(|piece| line.push_str(&piece.text));
            }
            Block::Code { text, .. } => line.push_str(&text),
        }
    }
    line.replace('\n', " ")
}

#[derive(Default)]
struct Reader<'a> {
    source: &'a str,
    people: &'a [Mentionable],
    blocks: Vec<Block>,
    pieces: Vec<Piece>,
    bold: usize,
    italic: usize,
    strike: usize,
    quotes: usize,
    /// The next number of each list that is open; none for bullets.
    lists: Vec<Option<u64>>,
    /// The marker of the item that begins.
    marker: Option<String>,
    link: Option<String>,
    code: Option<(String, String)>,
    /// The end of a part that is shown as it was typed; events inside it are passed over.
    literal_until: usize,
    /// Where the last block ended.
    last_end: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        if range.start < self.literal_until {
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some((_, code)) => code.push_str(&text),
                None => self.text(&text),
            },
            Event::Code(text) => {
                let piece = Piece { text: text.into_string(), code: true, ..self.look() };
                self.pieces.push(piece);
            }
            Event::SoftBreak | Event::HardBreak => self.push("\n"),
            Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Rule => self.literal(range),
            // Not enabled.
            Event::FootnoteReference(_)
            | Event::TaskListMarker(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph => self.paragraph(&range),
            Tag::Heading { .. } | Tag::Image { .. } => self.literal(range),
            Tag::BlockQuote(_) => {
                self.end_block();
                self.quotes += 1;
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(named)) => {
                self.end_block();
                // The first word is a language; what stands behind it was said like the rest.
                let (language, said) = named.trim().split_once(char::is_whitespace).unwrap_or((&named, ""));
                let said = if said.is_empty() { String::new() } else { format!("{}\n", said.trim()) };
                self.code = Some((language.trim().to_owned(), said));
            }
            Tag::CodeBlock(CodeBlockKind::Indented) => self.literal(range),
            Tag::List(first) => {
                self.end_block();
                self.lists.push(first);
            }
            Tag::Item => {
                self.end_block();
                self.marker = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let marker = format!("{number}.");
                        *number = number.saturating_add(1);
                        marker
                    }
                    Some(None) | None => "•".to_owned(),
                });
            }
            Tag::Emphasis => self.italic += 1,
            Tag::Strong => self.bold += 1,
            Tag::Strikethrough => self.strike += 1,
            Tag::Link { dest_url, .. } => {
                self.link = is_web(&dest_url).then(|| dest_url.into_string());
            }
            Tag::HtmlBlock => self.end_block(),
            // Not enabled.
            Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Table(_)
            | Tag::TableHead
            | Tag::TableRow
            | Tag::TableCell
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::BlockQuote(_) => {
                self.end_block();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::CodeBlock => {
                if let Some((language, text)) = self.code.take() {
                    let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
                    self.blocks.push(Block::Code { language, text });
                }
            }
            TagEnd::List(_) => {
                self.end_block();
                self.lists.pop();
            }
            TagEnd::Item | TagEnd::HtmlBlock => self.end_block(),
            TagEnd::Emphasis => self.italic = self.italic.saturating_sub(1),
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Strikethrough => self.strike = self.strike.saturating_sub(1),
            TagEnd::Link => self.link = None,
            TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::Image
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Table
            | TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::TableCell
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    /// A paragraph stands apart from the one before it, in the same block.
    fn paragraph(&mut self, range: &Range<usize>) {
        if self.marker.is_some() {
            return;
        }
        if self.pieces.is_empty() {
            let joins = matches!(self.blocks.last(), Some(Block::Text(_)))
                && self.quotes == 0
                && self.lists.is_empty();
            if joins && let Some(Block::Text(pieces)) = self.blocks.pop() {
                self.pieces = pieces;
            }
        }
        if !self.pieces.is_empty() {
            // As many empty lines as were typed, up to two.
            let between = self.source.get(self.last_end..range.start).unwrap_or_default();
            let empty = between.matches('\n').count().clamp(2, 3);
            self.push(&"\n".repeat(empty));
        }
        self.last_end = range.end.saturating_sub(1);
    }

    /// Shown as it was typed.
    fn literal(&mut self, range: Range<usize>) {
        let text = self.source.get(range.clone()).unwrap_or_default().trim_end_matches('\n').to_owned();
        if !self.pieces.is_empty()
            && !self.source.get(..range.start).unwrap_or_default().ends_with([' ', '('])
        {
            self.push("\n");
        } else if self.pieces.is_empty()
            && self.quotes == 0
            && self.lists.is_empty()
            && let Some(Block::Text(pieces)) = self.blocks.pop_if(|last| matches!(last, Block::Text(_)))
        {
            self.pieces = pieces;
            self.push("\n");
        }
        self.text(&text);
        self.literal_until = range.end;
        self.last_end = range.end.saturating_sub(1);
    }

    fn look(&self) -> Piece {
        Piece {
            text: String::new(),
            bold: self.bold > 0,
            italic: self.italic > 0,
            strike: self.strike > 0,
            code: false,
            link: self.link.clone(),
            mention: None,
        }
    }

    /// Text in which links and mentions are looked for.
    fn text(&mut self, text: &str) {
        if self.link.is_some() {
            return self.push(text);
        }
        let mut finder = linkify::LinkFinder::new();
        finder.kinds(&[linkify::LinkKind::Url]).url_must_have_scheme(true);
        for span in finder.spans(text) {
            match span.kind() {
                Some(_) if is_web(span.as_str()) => {
                    let piece =
                        Piece { text: span.as_str().into(), link: Some(span.as_str().into()), ..self.look() };
                    self.pieces.push(piece);
                }
                Some(_) | None => self.mentions(span.as_str()),
            }
        }
    }

    fn mentions(&mut self, text: &str) {
        let mut rest = text;
        while let Some((at, who)) = first_mention(rest, self.people) {
            let (before, from) = rest.split_at(at);
            let (name, after) = from.split_at(who.name.len());
            self.push(before);
            self.pieces.push(Piece { text: name.to_owned(), mention: Some(who.person), ..self.look() });
            rest = after;
        }
        self.push(rest);
    }

    fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let look = self.look();
        match self.pieces.last_mut() {
            Some(last) if (Piece { text: String::new(), ..last.clone() }) == look => last.text.push_str(text),
            Some(_) | None => self.pieces.push(Piece { text: text.to_owned(), ..look }),
        }
    }

    fn end_block(&mut self) {
        let mut pieces = std::mem::take(&mut self.pieces);
        if let Some(last) = pieces.last_mut() {
            last.text.truncate(last.text.trim_end_matches('\n').len());
        }
        let marker = self.marker.take();
        if pieces.iter().all(|piece| piece.text.is_empty()) && marker.is_none() {
            return;
        }
        let depth = self.lists.len().saturating_sub(1).min(DEEPEST);
        self.blocks.push(match marker {
            Some(marker) => Block::Item { depth, marker, pieces },
            None if self.quotes > 0 => Block::Quote(pieces),
            None if !self.lists.is_empty() => Block::Item { depth, marker: String::new(), pieces },
            None => Block::Text(pieces),
        });
    }
}

/// Only what a browser opens; nothing that a program of this machine would run.
fn is_web(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    lower.starts_with("https://") || lower.starts_with("http://")
}

/// The first mention in a text; of several at the same place the longest name.
fn first_mention<'a>(text: &str, people: &'a [Mentionable]) -> Option<(usize, &'a Mentionable)> {
    text.match_indices('@').find_map(|(at, _)| {
        let from = text.get(at..)?;
        let stands_alone = |name: &str| {
            from.get(name.len()..)
                .and_then(|rest| rest.chars().next())
                .is_none_or(|next| !next.is_alphanumeric())
        };
        let who = people
            .iter()
            .filter(|one| from.starts_with(&one.name) && stands_alone(&one.name))
            .max_by_key(|one| one.name.len())?;
        Some((at, who))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(body: &str) -> Vec<String> {
        let say = |pieces: Vec<Piece>| {
            pieces
                .into_iter()
                .map(|p| {
                    let marks = [
                        (p.bold, "b"),
                        (p.italic, "i"),
                        (p.strike, "s"),
                        (p.code, "c"),
                        (p.link.is_some(), "l"),
                    ];
                    let marks: String =
                        marks.into_iter().filter_map(|(on, mark)| on.then_some(mark)).collect();
                    if marks.is_empty() { p.text } else { format!("{marks}[{}]", p.text) }
                })
                .collect::<String>()
        };
        read(body, &[])
            .into_iter()
            .map(|block| match block {
                Block::Text(pieces) => say(pieces),
                Block::Quote(pieces) => format!("> {}", say(pieces)),
                Block::Item { depth, marker, pieces } => {
                    format!("{}{marker} {}", " ".repeat(depth), say(pieces))
                }
                Block::Code { language, text } => format!("code {language}: {text}"),
            })
            .collect()
    }

    #[test]
    fn marks_are_read() {
        assert_eq!(texts("**bold** *italic* ~~gone~~ `code`"), ["b[bold] i[italic] s[gone] c[code]"]);
        assert_eq!(
            texts("see https://example.org/a?b=c, or [here](https://e.org)"),
            ["see l[https://example.org/a?b=c], or l[here]"]
        );
        assert_eq!(texts("```rust\nlet x = 1;\n```\nafter"), ["code rust: let x = 1;", "after"]);
        assert_eq!(texts("> said\n\nanswer"), ["> said", "answer"]);
        assert_eq!(texts("plan:\n1. one\n2. two\n   - deep"), ["plan:", "1. one", "2. two", " • deep"]);
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(texts("one\ntwo"), ["one\ntwo"]);
        assert_eq!(texts("one\n\ntwo"), ["one\n\ntwo"]);
    }

    #[test]
    fn words_behind_a_language_are_said_too() {
        assert_eq!(texts("~~~rust fn main"), ["code rust: fn main"]);
        assert_eq!(texts("```sh ls\ncd ..\n```"), ["code sh: ls\ncd .."]);
        assert_eq!(texts("``` sh \ncd ..\n```"), ["code sh: cd .."]);
    }

    #[test]
    fn what_is_not_ours_stays_as_it_was_typed() {
        assert_eq!(texts("# not a heading"), ["# not a heading"]);
        assert_eq!(
            texts("a ![cat](https://e.org/cat.png)"),
            ["a ![cat](https://e.org/cat.png)"
                .replace("https://e.org/cat.png)", "l[https://e.org/cat.png])")]
        );
        assert_eq!(texts("<b>hi</b>"), ["<b>hi</b>"]);
        assert_eq!(texts("***"), ["***"]);
        assert_eq!(texts("    four spaces"), ["four spaces"]);
        assert_eq!(texts("[run](javascript:alert)"), ["run"]);
        assert_eq!(texts("2 * 3 * 4 = 24, снейк_кейс_имя"), ["2 * 3 * 4 = 24, снейк_кейс_имя"]);
    }

    #[test]
    fn the_longest_name_is_mentioned() {
        let who = |name: &str, n| Mentionable { name: name.into(), person: PersonKey([n; 32]) };
        let people = [who("@Al", 1), who("@Alex", 2), who("@Alex·7B2A", 3)];
        let Block::Text(pieces) = read("hi @Alex·7B2A and @Al, not @Alexander", &people).remove(0) else {
            panic!()
        };
        let mentioned: Vec<_> =
            pieces.iter().filter_map(|p| p.mention.map(|who| (p.text.as_str(), who.0[0]))).collect();
        assert_eq!(mentioned, [("@Alex·7B2A", 3), ("@Al", 1)]);
    }

    #[test]
    fn a_preview_is_one_line() {
        assert_eq!(plain("**План**, коротко:\n1. таймаут\n\n> цитата"), "План, коротко: таймаут цитата");
    }

    proptest! {
        #[test]
        fn nothing_that_was_said_is_lost(body in "[a-zа-я0-9*_~`>#\\[\\]() .\n-]{1,120}") {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
            let shown: usize = texts(&body).iter().map(|text| letters(text)).sum();
            // Marks of the test, and the names of code's languages, may add letters; addresses of links are not shown.
            prop_assert!(body.contains("](") || body.contains("]:") || body.contains("``") || shown >= letters(&body), "{:?}", texts(&body));
        }

        #[test]
        fn whatever_is_written_is_read(body in "\\PC{0,200}") {
            prop_assert!(!read(&body, &[]).is_empty());
        }
    }
}
