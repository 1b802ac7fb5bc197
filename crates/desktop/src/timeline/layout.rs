//! Where everything stands in one message: measured once for its height, again when it is painted.

use std::ops::Range;

use shepot_client::model::{Delivery, Message, MessageId};
use shepot_typeset::{Colour, Laid, Span, Style, Weight};
use shepot_view::desk::{Row, RowKind, Server};
use shepot_view::link;
use shepot_view::markdown::{self, Block, Piece};
use shepot_view::{L10n, emoji, people};
use shepot_window::{BlockKind, MessageStatus};

use crate::painter::Painter;

/// The widest text, in pixels.
const MOST_WIDE: f32 = 620.0;
/// Left of the text: the picture and what is around it.
pub(super) const COLUMN: f32 = 68.0;
/// The same in a narrow window.
pub(super) const NARROW_COLUMN: f32 = 64.0;
/// Right of the text.
const RIGHT: f32 = 24.0;
/// Above a message that begins a group, and the line with the name.
const GROUP_TOP: f32 = 9.0;
const NAME_LINE: f32 = 20.0;
/// Above a message that goes on.
const NEXT_TOP: f32 = 1.0;
const BOTTOM: f32 = 5.0;
const REPLY_LINE: f32 = 23.0;
const QUOTE_INDENT: f32 = 15.0;
const ITEM_INDENT: f32 = 28.0;
const NEST_INDENT: f32 = 20.0;
const CODE_SIDE: f32 = 14.0;
const BESIDE_ICON: f32 = 24.0;
const CODE_TOP: f32 = 44.0;
const CODE_BOTTOM: f32 = 14.0;
const CODE_SIZE: f32 = 13.0;
const CODE_LINE: f32 = 20.0;
/// Lines of program text that are shown at first.
const FOLDED_LINES: usize = 20;
/// Lines of a message that are shown at first, and by how many more a message is long.
const SHOWN_LINES: usize = 60;
const LINES_MORE: usize = 20;
const REACTION_TOP: f32 = 6.0;
const REACTION_LINE: f32 = 26.0;
const STATUS_LINE: f32 = 22.0;
/// Kinds of reactions that are shown.
const MOST_REACTIONS: usize = 12;
/// Emoji that stand alone, in pixels.
const ALONE: f32 = 40.0;
const EVENT_LINE: f32 = 20.0;
const EVENT_PAD: f32 = 14.0;
const RULE: f32 = 28.0;
const GAP: f32 = 38.0;

/// What the window decides about all messages.
#[derive(Clone, Copy)]
pub(crate) struct Measures {
    /// The room's width.
    pub(crate) width: f32,
    /// Of message text.
    pub(crate) size: f32,
    /// Lines stand closer.
    pub(crate) compact: bool,
    pub(crate) narrow: bool,
    /// The connection is there: what is on its way will be there soon.
    pub(crate) online: bool,
    /// Seconds since 1970.
    pub(crate) now: u64,
    /// The newest of our own messages: under it stands how long it stays.
    pub(crate) newest_own: Option<MessageId>,
}

impl Measures {
    pub(super) const fn column(&self) -> f32 {
        if self.narrow { NARROW_COLUMN } else { COLUMN }
    }

    pub(super) fn text_width(&self) -> f32 {
        (self.width - self.column() - RIGHT).clamp(60.0, MOST_WIDE).floor()
    }

    fn line(&self) -> f32 {
        (self.size * if self.compact { 1.34 } else { 1.467 }).round()
    }

    fn top(&self, begins: bool) -> f32 {
        match (begins, self.compact) {
            (true, false) => GROUP_TOP + NAME_LINE,
            (true, true) => GROUP_TOP - 4.0 + NAME_LINE,
            (false, _) => NEXT_TOP,
        }
    }
}

/// Text of one block.
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
    /// Room that is kept free below it.
    below: f32,
}

/// What a block was laid out from.
struct Written {
    spans: Vec<Span>,
    size: f32,
    line: f32,
}

impl Written {
    fn lay(&self, painter: &mut Painter, width: f32) -> Laid {
        painter.lay(&self.spans, Some(width), self.size, self.line)
    }

    /// Up to this place in the text.
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

/// Where a reaction stands.
pub(super) struct PlacedReaction {
    pub(super) index: usize,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) w: f32,
}

/// A message that is laid out.
pub(super) struct LaidMessage {
    pub(super) height: f32,
    pub(super) blocks: Vec<LaidBlock>,
    pub(super) reactions: Vec<PlacedReaction>,
    pub(super) reactions_end: f32,
    pub(super) reactions_y: f32,
    pub(super) status_y: f32,
}

/// How far a message has come, as it is shown.
pub(super) fn status(message: &Message, measures: &Measures) -> MessageStatus {
    match message.delivery {
        Delivery::Received | Delivery::Sent => MessageStatus::None,
        Delivery::Pending if !measures.online => MessageStatus::Waits,
        // What takes a moment is not spoken of.
        Delivery::Pending if measures.now.saturating_sub(message.at) >= 2 => MessageStatus::OnItsWay,
        Delivery::Pending => MessageStatus::None,
        Delivery::Failed => MessageStatus::Failed,
        Delivery::Held => MessageStatus::Held,
    }
}

/// Whether it stands under a message how long it stays; elsewhere that is seen beside the pointer.
pub(super) fn says_remaining(message: &Message, measures: &Measures) -> bool {
    message.disappears_at.is_some() && !message.is_deleted && measures.newest_own == Some(message.id)
}

/// The height of a row that is no message.
pub(super) fn rule_height(painter: &mut Painter, row: &Row, measures: &Measures) -> f32 {
    match &row.kind {
        RowKind::Day { .. } | RowKind::New => RULE,
        RowKind::Gap { .. } => GAP,
        RowKind::Event { text, action, .. } => {
            let laid = event(painter, text, measures);
            let beside = if *action == shepot_view::desk::RowAction::None { 0.0 } else { 130.0 };
            let fits = laid.width() + beside <= measures.width - measures.column() - RIGHT;
            laid.height() + EVENT_PAD + if fits { 0.0 } else { EVENT_LINE }
        }
        RowKind::Message { .. } => 0.0,
    }
}

/// The text of an event.
pub(super) fn event(painter: &mut Painter, text: &str, measures: &Measures) -> Laid {
    let colour = Colour::of(painter.palette().t3);
    let spans = [Span::new(text, Style { colour, ..Style::default() })];
    let width = (measures.width - measures.column() - RIGHT).max(60.0);
    painter.lay(&spans, Some(width), 13.0, EVENT_LINE)
}

/// Lays a message out. `unfolded`: all of it is shown, however long.
pub(super) fn message(
    painter: &mut Painter,
    l10n: &L10n,
    server: &Server,
    message: &Message,
    begins: bool,
    unfolded: bool,
    measures: &Measures,
) -> LaidMessage {
    let mut y = measures.top(begins);
    if message.reply_to.is_some() && !message.is_deleted {
        y += REPLY_LINE;
    }
    let mut blocks = Vec::new();
    if message.is_deleted {
        let written = Written { spans: deleted(painter, l10n), size: measures.size, line: measures.line() };
        let width = measures.text_width() - BESIDE_ICON;
        let placing = Placing { kind: BlockKind::Deleted, x: BESIDE_ICON, ..Placing::text(width) };
        push(&mut blocks, &mut y, placing, (written.lay(painter, width), written), Vec::new());
    } else {
        let mut writer = Writer { painter, server, message, measures, blocks: &mut blocks, y: &mut y, l10n };
        writer.body(unfolded);
    }
    let (reactions, reactions_end) = place_reactions(message, measures.text_width(), y + REACTION_TOP);
    let reactions_y = reactions.last().map_or(y, |last| last.y);
    if let Some(last) = reactions.last() {
        y = last.y + REACTION_LINE + 1.0;
    }
    let status_y = y;
    if status(message, measures) != MessageStatus::None {
        y += STATUS_LINE;
    } else if says_remaining(message, measures) {
        y += STATUS_LINE - 1.0;
    }
    let bottom = if measures.compact { BOTTOM - 3.0 } else { BOTTOM };
    LaidMessage { height: y + bottom, blocks, reactions, reactions_end, reactions_y, status_y }
}

fn deleted(painter: &Painter, l10n: &L10n) -> Vec<Span> {
    let colour = Colour::of(painter.palette().t3);
    vec![Span::new(l10n.tr("ui-deleted", &[]), Style { colour, ..Style::default() })]
}

/// Whether a text that is long is shown whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    /// It is short.
    None,
    /// So many lines are not shown.
    Hidden(usize),
    /// It is shown whole.
    Open,
    /// The message goes on here.
    Cut,
    /// Here ends a long message that is shown whole.
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

fn push(
    blocks: &mut Vec<LaidBlock>,
    y: &mut f32,
    placing: Placing,
    (laid, written): (Laid, Written),
    links: Vec<(Range<usize>, String)>,
) {
    let folded = if placing.fold == Fold::None { 0.0 } else { 24.0 };
    let h = laid.height() + folded;
    *y += placing.above;
    blocks.push(LaidBlock {
        kind: placing.kind,
        title: placing.title,
        x: placing.x,
        y: *y,
        w: placing.width,
        h,
        laid,
        links,
        fold: placing.fold,
        written,
        below: placing.below,
    });
    *y += h + placing.below;
}

struct Writer<'a> {
    painter: &'a mut Painter,
    l10n: &'a L10n,
    server: &'a Server,
    message: &'a Message,
    measures: &'a Measures,
    blocks: &'a mut Vec<LaidBlock>,
    y: &'a mut f32,
}

impl Writer<'_> {
    fn body(&mut self, unfolded: bool) {
        if emoji::alone(&self.message.body).is_some() {
            let style = Style { colour: self.ink(), ..Style::default() };
            let spans = [Span::new(self.message.body.trim(), style)];
            let written = Written { spans: Vec::from(spans), size: ALONE / 1.245, line: ALONE + 8.0 };
            let width = self.measures.text_width();
            let laid = (written.lay(self.painter, width), written);
            return push(self.blocks, self.y, Placing::text(width), laid, Vec::new());
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

    /// A long message is shown up to some line, with a button below that shows all of it.
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
        *self.y = block.y + block.h + block.below;
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
        push(self.blocks, self.y, placing, laid, links);
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
        push(self.blocks, self.y, placing, (laid, written), Vec::new());
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

fn place_reactions(message: &Message, width: f32, top: f32) -> (Vec<PlacedReaction>, f32) {
    let (mut placed, mut x, mut y) = (Vec::new(), 0.0_f32, top);
    for (index, reaction) in message.reactions.iter().enumerate().take(MOST_REACTIONS) {
        let digits = reaction.people.len().to_string().len();
        #[allow(clippy::cast_precision_loss, reason = "a few digits")]
        let w = 39.0 + 8.0 * digits as f32;
        if x + w > width && x > 0.0 {
            x = 0.0;
            y += REACTION_LINE + 4.0;
        }
        placed.push(PlacedReaction { index, x, y, w });
        x += w + 6.0;
    }
    (placed, x + 2.0)
}

/// What a message's height depends on, in one number: equal numbers, equal heights.
pub(super) fn fingerprint(message: &Message, begins: bool, unfolded: bool, measures: &Measures) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    message.body.hash(&mut hasher);
    (message.is_deleted, message.is_edited, begins, unfolded, measures.compact).hash(&mut hasher);
    let has_status = status(message, measures) != MessageStatus::None;
    (message.reply_to.is_some(), says_remaining(message, measures), has_status).hash(&mut hasher);
    for reaction in message.reactions.iter().take(MOST_REACTIONS) {
        reaction.people.len().to_string().len().hash(&mut hasher);
    }
    (measures.text_width().to_bits(), measures.size.to_bits()).hash(&mut hasher);
    hasher.finish()
}

/// The name of the message that a row shows.
pub(super) const fn message_of(row: &Row) -> Option<MessageId> {
    match &row.kind {
        RowKind::Message { id, .. } => Some(*id),
        RowKind::Day { .. } | RowKind::New | RowKind::Event { .. } | RowKind::Gap { .. } => None,
    }
}
