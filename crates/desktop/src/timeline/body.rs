//! Lays out the body of a message in blocks: text, quotes, lists, program text. Folds what is long.

use std::ops::Range;

use shepot_client::model::{Delivery, Message};
use shepot_typeset::{Colour, Laid, Span, Style, Weight};
use shepot_view::desk::Server;
use shepot_view::link;
use shepot_view::markdown::{self, Block, Piece};
use shepot_view::{L10n, emoji, people};
use shepot_window::BlockKind;

use super::measures::Measures;
use crate::painter::Painter;

const QUOTE_INDENT: f32 = 15.0;
const ITEM_INDENT: f32 = 28.0;
const NEST_INDENT: f32 = 20.0;
const CODE_SIDE: f32 = 14.0;
const BESIDE_ICON: f32 = 24.0;
const CODE_TOP: f32 = 44.0;
const CODE_BOTTOM: f32 = 14.0;
const CODE_SIZE: f32 = 13.0;
const CODE_LINE: f32 = 20.0;
/// The number of lines of program text shown while folded.
const FOLDED_LINES: usize = 20;
/// The number of lines of a message shown while folded. Only messages with that many more are folded.
const SHOWN_LINES: usize = 60;
const LINES_MORE: usize = 20;
/// The size of emoji that stand alone, in logical pixels.
const ALONE: f32 = 40.0;

/// Lays out the body from this height on. Returns its blocks and where they end. `unfolded`: all of it, however long.
pub(super) fn lay(
    painter: &mut Painter,
    l10n: &L10n,
    server: &Server,
    message: &Message,
    y: f32,
    unfolded: bool,
    measures: &Measures,
) -> (Vec<LaidBlock>, f32) {
    let mut writer = Writer { painter, l10n, server, message, measures, blocks: Vec::new(), y };
    if message.is_deleted {
        writer.deleted();
    } else {
        writer.body(unfolded);
    }
    (writer.blocks, writer.y)
}

/// The text of a block, laid out.
pub(super) struct LaidBlock {
    pub(super) kind: BlockKind,
    pub(super) title: String,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) w: f32,
    pub(super) h: f32,
    pub(super) laid: Laid,
    pub(super) links: Vec<(Range<usize>, String)>,
    pub(super) fold: Fold,
    written: Written,
    /// The free space below it.
    below: f32,
}

/// The input that a block was laid out from.
struct Written {
    spans: Vec<Span>,
    size: f32,
    line: f32,
}

impl Written {
    fn lay(&self, painter: &mut Painter, width: f32) -> Laid {
        painter.lay(&self.spans, Some(width), self.size, self.line)
    }

    /// Cuts the text at this byte.
    fn cut(&mut self, end: usize) {
        let mut at = 0;
        self.spans.retain_mut(|span| {
            let left = end.saturating_sub(at);
            at += span.text.len();
            let keeps = span.text.floor_char_boundary(left);
            span.text = span.text.part(0..keeps);
            !span.text.is_empty()
        });
        if let Some(last) = self.spans.last_mut() {
            let keeps = last.text.trim_end().len();
            last.text = last.text.part(0..keeps);
        }
    }
}

/// How much of a long text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    /// It is not long.
    None,
    /// So many lines are hidden.
    Hidden(usize),
    /// All of it is shown, and can be folded.
    Open,
    /// The message continues here.
    Cut,
    /// A long message that is shown whole ends here.
    Whole,
}

struct Placing {
    kind: BlockKind,
    title: String,
    x: f32,
    width: f32,
    above: f32,
    below: f32,
    fold: Fold,
}

impl Placing {
    const fn text(width: f32) -> Self {
        Self {
            kind: BlockKind::Text,
            title: String::new(),
            x: 0.0,
            width,
            above: 0.0,
            below: 0.0,
            fold: Fold::None,
        }
    }
}

struct Writer<'a> {
    painter: &'a mut Painter,
    l10n: &'a L10n,
    server: &'a Server,
    message: &'a Message,
    measures: &'a Measures,
    blocks: Vec<LaidBlock>,
    y: f32,
}

impl Writer<'_> {
    fn deleted(&mut self) {
        let style = Style { colour: Colour::of(self.painter.palette().t3), ..Style::default() };
        let spans = vec![Span::new(self.l10n.tr("ui-deleted", &[]), style)];
        let written = Written { spans, size: self.measures.size, line: self.measures.line() };
        let width = self.measures.text_width() - BESIDE_ICON;
        let placing = Placing { kind: BlockKind::Deleted, x: BESIDE_ICON, ..Placing::text(width) };
        let laid = (written.lay(self.painter, width), written);
        self.push(placing, laid, Vec::new());
    }

    fn body(&mut self, unfolded: bool) {
        if emoji::alone(&self.message.body).is_some() {
            let style = Style { colour: self.ink(), ..Style::default() };
            let spans = [Span::new(self.message.body.trim(), style)];
            let written = Written { spans: Vec::from(spans), size: ALONE / 1.245, line: ALONE + 8.0 };
            let width = self.measures.text_width();
            let laid = (written.lay(self.painter, width), written);
            return self.push(Placing::text(width), laid, Vec::new());
        }
        let everybody = people::mentionables(&self.server.people);
        let read = markdown::read(&self.message.body, &everybody);
        let last = read.len().saturating_sub(1);
        for (at, block) in read.iter().enumerate() {
            self.block(block, at == last, unfolded);
        }
        let lines: usize = self.blocks.iter().map(|block| block.laid.lines()).sum();
        if lines > SHOWN_LINES + LINES_MORE {
            self.fold(unfolded);
        }
    }

    /// Folds a long message after some lines, with a button below that shows the rest.
    fn fold(&mut self, unfolded: bool) {
        let mut left = SHOWN_LINES;
        let cut = self.blocks.iter().position(|block| {
            let fits = block.laid.lines() < left;
            left -= if fits { block.laid.lines() } else { 0 };
            !fits
        });
        if !unfolded {
            let Some(cut) = cut else { return };
            self.blocks.truncate(cut + 1);
        }
        let Some(block) = self.blocks.last_mut() else { return };
        if !unfolded {
            let end = block.laid.end_of_line(left.saturating_sub(1));
            block.written.cut(end);
            block.laid = block.written.lay(self.painter, block.w);
            block.links.retain(|(range, _)| range.end <= end);
        }
        block.fold = if unfolded { Fold::Whole } else { Fold::Cut };
        block.h = block.laid.height() + 24.0;
        self.y = block.y + block.h + block.below;
    }

    fn block(&mut self, block: &Block, is_last: bool, unfolded: bool) {
        let width = self.measures.text_width();
        match block {
            Block::Text(pieces) => self.pieces(pieces, is_last, Placing::text(width)),
            Block::Quote(pieces) => {
                let placing = Placing {
                    kind: BlockKind::Quote,
                    x: QUOTE_INDENT,
                    width: width - QUOTE_INDENT,
                    above: 4.0,
                    below: 4.0,
                    ..Placing::text(width)
                };
                self.pieces(pieces, is_last, placing);
            }
            Block::Item { depth, marker, pieces } => {
                #[allow(clippy::cast_precision_loss, reason = "at most four")]
                let indent = ITEM_INDENT + NEST_INDENT * *depth as f32;
                let placing = Placing {
                    kind: BlockKind::Item,
                    title: marker.to_string(),
                    x: indent,
                    width: width - indent,
                    ..Placing::text(width)
                };
                self.pieces(pieces, is_last, placing);
            }
            Block::Code { language, text } => self.code(language, text, unfolded),
        }
        if is_last && self.message.is_edited && matches!(block, Block::Code { .. }) {
            self.pieces(&[], true, Placing::text(width));
        }
    }

    fn pieces(&mut self, pieces: &[Piece], is_last: bool, placing: Placing) {
        let (mut spans, links) = self.spans(pieces);
        if is_last && self.message.is_edited {
            let style =
                Style { colour: Colour::of(self.painter.palette().t3), scale: Some(0.8), ..Style::default() };
            let space = if pieces.is_empty() { "" } else { " " };
            spans.push(Span::new(format!("{space}({})", self.l10n.tr("ui-edited", &[])), style));
        }
        let written = Written { spans, size: self.measures.size, line: self.measures.line() };
        let laid = (written.lay(self.painter, placing.width), written);
        self.push(placing, laid, links);
    }

    fn code(&mut self, language: &str, text: &str, unfolded: bool) {
        let lines = text.lines().count();
        let fold = match lines.saturating_sub(FOLDED_LINES) {
            0 => Fold::None,
            _ if unfolded => Fold::Open,
            hidden => Fold::Hidden(hidden),
        };
        let shown: String = match fold {
            Fold::Hidden(_) => text.lines().take(FOLDED_LINES).collect::<Vec<_>>().join("\n"),
            Fold::None | Fold::Open | Fold::Cut | Fold::Whole => text.to_owned(),
        };
        let style = Style {
            colour: Colour::of(self.painter.palette().t1),
            mono: true,
            scale: Some(1.0 / 0.88),
            ..Style::default()
        };
        let written = Written { spans: vec![Span::new(shown, style)], size: CODE_SIZE, line: CODE_LINE };
        let width = self.measures.text_width() - 2.0 * CODE_SIDE;
        let laid = written.lay(self.painter, width);
        let placing = Placing {
            kind: BlockKind::Code,
            title: language.to_owned(),
            x: CODE_SIDE,
            width: laid.width().clamp(200.0_f32.min(width), width),
            above: CODE_TOP + 4.0,
            below: CODE_BOTTOM + 4.0,
            fold,
        };
        self.push(placing, (laid, written), Vec::new());
    }

    fn push(
        &mut self,
        placing: Placing,
        (laid, written): (Laid, Written),
        links: Vec<(Range<usize>, String)>,
    ) {
        let folded = if placing.fold == Fold::None { 0.0 } else { 24.0 };
        let h = laid.height() + folded;
        self.y += placing.above;
        self.blocks.push(LaidBlock {
            kind: placing.kind,
            title: placing.title,
            x: placing.x,
            y: self.y,
            w: placing.width,
            h,
            laid,
            links,
            fold: placing.fold,
            written,
            below: placing.below,
        });
        self.y += h + placing.below;
    }

    fn ink(&self) -> Colour {
        let is_waiting = matches!(self.message.delivery, Delivery::Pending | Delivery::Held);
        let palette = self.painter.palette();
        Colour::of(if is_waiting { palette.t3 } else { palette.t1 })
    }

    fn spans(&self, pieces: &[Piece]) -> (Vec<Span>, Vec<(Range<usize>, String)>) {
        let palette = self.painter.palette();
        let (mut spans, mut links, mut at) = (Vec::with_capacity(pieces.len()), Vec::new(), 0);
        for piece in pieces {
            let mut style = Style {
                colour: self.ink(),
                weight: if piece.bold { Weight::Bold } else { Weight::Regular },
                italic: piece.italic,
                mono: piece.code,
                strike: piece.strike,
                back: piece.code.then(|| Colour::of(palette.chip)),
                ..Style::default()
            };
            if piece.mention.is_some() {
                style.weight = Weight::SemiBold;
                style.colour =
                    Colour::of(if self.message.mentions_self { palette.tint_text } else { palette.accent });
            }
            let range = at..at + piece.text.len();
            if let Some(link) = &piece.link {
                let is_doubtful = link::doubt(link).is_some();
                style.colour = Colour::of(if is_doubtful { palette.warn } else { palette.accent });
                style.underline = true;
                links.push((range.clone(), link.clone()));
            }
            at = range.end;
            spans.push(Span::new(&*piece.text, style));
        }
        (spans, links)
    }
}
