//! The layout of a message: measured for its height, and again for painting.

use shepot_client::model::{Delivery, Message, MessageId};
use shepot_typeset::{Colour, Laid, Span, Style};
use shepot_view::L10n;
use shepot_view::desk::{Row, RowKind, Server};
use shepot_window::MessageStatus;

use super::body::{self, LaidBlock};
use super::measures::Measures;
use crate::painter::Painter;

const BOTTOM: f32 = 5.0;
const REPLY_LINE: f32 = 23.0;
const REACTION_TOP: f32 = 6.0;
const REACTION_LINE: f32 = 26.0;
const STATUS_LINE: f32 = 22.0;
/// The most kinds of reactions shown.
const MOST_REACTIONS: usize = 12;
const EVENT_LINE: f32 = 20.0;
const EVENT_PAD: f32 = 14.0;
const RULE: f32 = 28.0;
const GAP: f32 = 38.0;

/// The place of a reaction.
pub(super) struct PlacedReaction {
    pub(super) index: usize,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) w: f32,
}

/// A message that was laid out.
pub(super) struct LaidMessage {
    pub(super) height: f32,
    pub(super) blocks: Vec<LaidBlock>,
    pub(super) reactions: Vec<PlacedReaction>,
    pub(super) reactions_end: f32,
    pub(super) reactions_y: f32,
    pub(super) status_y: f32,
}

/// The delivery state of a message.
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

/// Whether the time that a message stays is shown below it: our newest, and the newest of all. For others it is shown
/// beside the pointer.
pub(super) fn says_remaining(message: &Message, measures: &Measures) -> bool {
    message.disappears_at.is_some()
        && !message.is_deleted
        && [measures.newest_own, measures.newest].contains(&Some(message.id))
}

/// The height of a row that is not a message.
pub(super) fn rule_height(painter: &mut Painter, row: &Row, measures: &Measures) -> f32 {
    match &row.kind {
        RowKind::Day { .. } | RowKind::New => RULE,
        RowKind::Gap { .. } => GAP,
        RowKind::Event { text, action, .. } => {
            let laid = event(painter, text, measures);
            let beside = if *action == shepot_view::desk::RowAction::None { 0.0 } else { 130.0 };
            let fits = laid.width() + beside <= measures.event_width();
            laid.height() + EVENT_PAD + if fits { 0.0 } else { EVENT_LINE }
        }
        RowKind::Message { .. } => 0.0,
    }
}

/// Lays out the text of an event.
pub(super) fn event(painter: &mut Painter, text: &str, measures: &Measures) -> Laid {
    let colour = Colour::of(painter.palette().t3);
    let spans = [Span::new(text, Style { colour, ..Style::default() })];
    painter.lay(&spans, Some(measures.event_width().max(60.0)), 13.0, EVENT_LINE)
}

/// Lays out a message. `unfolded`: all of it, however long.
pub(super) fn message(
    painter: &mut Painter,
    l10n: &L10n,
    server: &Server,
    message: &Message,
    begins: bool,
    unfolded: bool,
    measures: &Measures,
) -> LaidMessage {
    let is_reply = message.reply_to.is_some() && !message.is_deleted;
    let y = measures.top(begins) + if is_reply { REPLY_LINE } else { 0.0 };
    let (blocks, mut y) = body::lay(painter, l10n, server, message, y, unfolded, measures);
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

/// A hash of everything that the height of a message depends on: equal hashes, equal heights.
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

/// The id of the message that a row shows.
pub(super) const fn message_of(row: &Row) -> Option<MessageId> {
    match &row.kind {
        RowKind::Message { id, .. } => Some(*id),
        RowKind::Day { .. } | RowKind::New | RowKind::Event { .. } | RowKind::Gap { .. } => None,
    }
}
