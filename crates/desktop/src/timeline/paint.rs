//! Makes rows for the component tree.

use std::ops::Range;
use std::time::Duration;

use shepot_client::model::{Message, Person, PersonKey, Reaction};
use shepot_typeset::{Colour, Laid, Weight};
use shepot_view::clock::WallClock;
use shepot_view::desk::{Desk, EventIcon, Row, RowAction, RowKind, Server, matches};
use shepot_view::{L10n, markdown, mood, sentence, size};
use shepot_window::{
    EventAction, Face, MessageStatus, Name, ReactionChip, TextBlock, TextPart, TimelineKind, TimelineRow,
};
use slint::SharedString;

use super::body::Fold;
use super::layout::{self, LaidMessage};
use super::measures::Measures;
use super::selection::Selection;
use crate::models::model;
use crate::painter::{FaceOf, Painter};
use crate::shown::Shown as _;

/// The size of a face in the list, in logical pixels.
const FACE: f32 = 36.0;

/// The most characters of a quoted message.
const QUOTED: usize = 110;

/// What it takes to make rows.
pub(crate) struct Tools<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) painter: &'a mut Painter,
    pub(crate) l10n: &'a L10n,
    pub(crate) clock: &'a WallClock,
}

/// A row, its position, and what is marked in it.
pub(super) struct Placed<'a> {
    pub(super) index: usize,
    pub(super) y: f32,
    pub(super) h: f32,
    pub(super) row: &'a Row,
    pub(super) server: &'a Server,
    pub(super) measures: &'a Measures,
    pub(super) selection: Option<Selection>,
    /// The search text. Empty: none.
    pub(super) wanted: &'a str,
}

impl Placed<'_> {
    /// The marked part of a block's text: the selection, or else the first match of the search.
    fn marked(&self, block: usize, text: &str) -> Option<Range<usize>> {
        let selected = self.selection.and_then(|selection| selection.part(self.index, block, text.len()));
        let found = || matches(text, self.wanted).first().cloned();
        selected.or_else(|| if self.wanted.is_empty() { None } else { found() })
    }
}

pub(super) fn row(
    placed: &Placed<'_>,
    laid: Option<LaidMessage>,
    tools: &mut Tools<'_>,
) -> Option<TimelineRow> {
    let id = i32::try_from(placed.index).ok()?;
    let base = TimelineRow { id, y: placed.y, h: placed.h, ..TimelineRow::default() };
    Some(match &placed.row.kind {
        RowKind::Message { id, begins_group } => {
            let message = placed.server.timeline().get(id)?;
            let Some(laid) = laid else { return Some(base) };
            message_row(placed, message, *begins_group, laid, base, tools)
        }
        RowKind::Day { text } => rule(base, TimelineKind::Day, text),
        RowKind::New => rule(base, TimelineKind::New, &tools.l10n.tr("ui-new-msgs", &[])),
        RowKind::Gap { text } => rule(base, TimelineKind::Gap, text),
        RowKind::Event { .. } => event_row(placed, base, tools),
    })
}

fn rule(base: TimelineRow, kind: TimelineKind, text: &str) -> TimelineRow {
    TimelineRow { kind, text: text.shown(), label: text.shown(), ..base }
}

fn event_row(placed: &Placed<'_>, base: TimelineRow, tools: &mut Tools<'_>) -> TimelineRow {
    let RowKind::Event { icon, text, action } = &placed.row.kind else { return base };
    let laid = layout::event(tools.painter, text, placed.measures);
    let (w, h) = (laid.width(), laid.height());
    let picture = tools.painter.paint(&laid, w, None);
    let part = TextPart { picture, y: 0.0, w, h };
    let block =
        TextBlock { parts: model(vec![part]), w, h, plain: text.as_str().shown(), ..TextBlock::default() };
    TimelineRow {
        kind: TimelineKind::Event,
        text: text.as_str().shown(),
        label: text.as_str().shown(),
        icon: event_icon(*icon).shown(),
        action: match action {
            RowAction::None => EventAction::None,
            RowAction::CheckCode => EventAction::CheckCode,
            RowAction::Invite => EventAction::Invite,
        },
        blocks: model(vec![block]),
        ..base
    }
}

const fn event_icon(icon: EventIcon) -> &'static str {
    match icon {
        EventIcon::Session => "hourglass",
        EventIcon::Key => "key-round",
        EventIcon::Leave => "log-out",
        EventIcon::Name => "user-round",
        EventIcon::Room => "hash",
        EventIcon::Timer => "timer",
        EventIcon::Warning => "circle-alert",
        EventIcon::Alone => "user-plus",
    }
}

#[allow(clippy::too_many_lines, reason = "a field for each part of a row")]
fn message_row(
    placed: &Placed<'_>,
    message: &Message,
    begins: bool,
    laid: LaidMessage,
    base: TimelineRow,
    tools: &mut Tools<'_>,
) -> TimelineRow {
    let Placed { server, measures, .. } = placed;
    let colour = server.colour_of(&message.author);
    let is_own = server.own().is_some_and(|own| own.key == message.author)
        || message.delivery != shepot_client::model::Delivery::Received;
    let time = tools.clock.time(message.at);
    let mark = server.mark_of(&message.author, &message.nick).unwrap_or_default();
    let status = layout::status(message, measures);
    let reply = message.reply_to.filter(|_| !message.is_deleted);
    let quoted = reply.map(|id| quote(server, &id, tools));
    let reactions_end = laid.reactions_end;
    let mut row = TimelineRow {
        kind: TimelineKind::Message,
        begins,
        is_own,
        colour: i32::from(colour),
        time: time.clone().shown(),
        mark: mark.clone().shown(),
        is_mention: message.mentions_self && !message.is_deleted,
        status,
        status_text: status_text(tools.l10n, status),
        status_y: laid.status_y,
        remaining: if layout::says_remaining(message, measures) {
            remaining(tools.l10n, message, measures.now).shown()
        } else {
            SharedString::new()
        },
        reactions_y: laid.reactions_y,
        reactions_end,
        label: label(server, message, &mark, &time, tools.l10n).shown(),
        ..base
    };
    if begins {
        let ink = tools.painter.person(colour);
        row.nick = tools.painter.name(&message.nick, 14.0, Weight::SemiBold, ink);
        row.face = face(server, &message.author, &message.nick, message.mood, FACE, tools.painter);
    }
    if let Some((nick, colour, text)) = quoted {
        row.has_reply = true;
        row.reply_nick = nick;
        row.reply_colour = i32::from(colour);
        row.reply_text = text;
    }
    row.reactions = model(
        laid.reactions
            .iter()
            .filter_map(|chip| {
                let reaction = message.reactions.get(chip.index)?;
                let is_own = server.own().is_some_and(|own| reaction.people.contains(&own.key));
                Some(ReactionChip {
                    emoji: (&*reaction.emoji).shown(),
                    picture: tools.painter.emoji(&reaction.emoji, 16.0),
                    count: i32::try_from(reaction.people.len()).unwrap_or(i32::MAX),
                    is_own,
                    label: reaction_label(tools.l10n, reaction, &server.people).shown(),
                    people: sentence::reacted(tools.l10n, reaction, &server.people).shown(),
                    x: chip.x,
                    y: chip.y,
                    w: chip.w,
                })
            })
            .collect(),
    );
    let blocks = laid.blocks.into_iter().enumerate().map(|(at, block)| {
        let marked = placed.marked(at, block.laid.text());
        let folded = match block.fold {
            Fold::None => SharedString::new(),
            Fold::Open => tools.l10n.tr("ui-code-less", &[]).shown(),
            Fold::Hidden(lines) => {
                tools.l10n.tr_count("ui-code-more", u64::try_from(lines).unwrap_or(u64::MAX)).shown()
            }
            Fold::Cut => tools.l10n.tr("ui-message-more", &[]).shown(),
            Fold::Whole => tools.l10n.tr("ui-message-less", &[]).shown(),
        };
        TextBlock {
            kind: block.kind,
            parts: model(parts(&block.laid, block.w, marked.as_ref(), tools.painter)),
            plain: block.laid.text().shown(),
            title: block.title.shown(),
            x: block.x,
            y: block.y,
            w: block.w,
            h: block.h,
            folded,
        }
    });
    row.blocks = model(blocks.collect());
    row
}

/// A text in as many images as its height needs.
fn parts(laid: &Laid, width: f32, marked: Option<&Range<usize>>, painter: &mut Painter) -> Vec<TextPart> {
    let painted = painter.paint_parts(laid, width, marked);
    let scale = painter.scale();
    #[allow(clippy::cast_precision_loss, reason = "pixels of a part")]
    let part = |(y, picture): (f32, slint::Image)| {
        let size = picture.size();
        TextPart { picture, y, w: size.width as f32 / scale, h: size.height as f32 / scale }
    };
    painted.into_iter().map(part).collect()
}

/// The face of a person beside a message or in a list.
pub(crate) fn face(
    server: &Server,
    person: &PersonKey,
    nick: &str,
    mood_of: Option<u8>,
    side: f32,
    painter: &mut Painter,
) -> Face {
    let colour = server.colour_of(person);
    if let Some(emoji) = mood_of.and_then(mood::emoji) {
        return painter.face(FaceOf::Emoji(emoji), nick, colour, side);
    }
    match server.avatar_of(person) {
        Some(picture) => painter.face(FaceOf::Picture(picture), nick, colour, side),
        None => painter.face(FaceOf::Letter, nick, colour, side),
    }
}

fn quote(server: &Server, id: &shepot_client::model::MessageId, tools: &mut Tools<'_>) -> (Name, u8, Name) {
    let ink = Colour::of(tools.painter.palette().t3);
    match server.timeline().get(id) {
        Some(message) => {
            let text = if message.is_deleted {
                tools.l10n.tr("ui-deleted", &[])
            } else {
                markdown::plain(&message.body).chars().take(QUOTED).collect()
            };
            let colour = server.colour_of(&message.author);
            let person = tools.painter.person(colour);
            let nick = tools.painter.name(&message.nick, 13.0, Weight::SemiBold, person);
            (nick, colour, tools.painter.name(&text, 13.0, Weight::Regular, ink))
        }
        None => {
            let text = tools.l10n.tr("ui-reply-gone", &[]);
            (Name::default(), 0, tools.painter.name(&text, 13.0, Weight::Regular, ink))
        }
    }
}

fn status_text(l10n: &L10n, status: MessageStatus) -> SharedString {
    let name = match status {
        MessageStatus::OnItsWay => "ui-sending",
        MessageStatus::Waits => "ui-queued",
        MessageStatus::Failed => "ui-failed",
        MessageStatus::Held => "ui-cn-hold",
        MessageStatus::None => return SharedString::new(),
    };
    l10n.tr(name, &[]).shown()
}

pub(super) fn remaining(l10n: &L10n, message: &Message, now: u64) -> String {
    match message.disappears_at {
        Some(at) if !message.is_deleted => {
            let left = at.saturating_sub(now);
            // By the minute while there are minutes, so that nothing flickers.
            let shown = if left > 60 { left / 60 * 60 } else { left };
            size::duration(l10n, Duration::from_secs(shown))
        }
        Some(_) | None => String::new(),
    }
}

/// The label of a message for screen readers.
fn label(server: &Server, message: &Message, mark: &str, time: &str, l10n: &L10n) -> String {
    let mut text = message.nick.to_string();
    if !mark.is_empty() {
        text.push_str(&format!(" {mark}"));
    }
    text.push_str(&format!(", {time}, "));
    if message.is_deleted {
        text.push_str(&l10n.tr("ui-deleted", &[]));
        return text;
    }
    if let Some(quoted) = message.reply_to.and_then(|id| server.timeline().get(&id)) {
        text.push_str(&l10n.tr("ui-replying", &[("nick", &quoted.nick)]));
        text.push_str(": ");
    }
    text.push_str(&markdown::plain(&message.body));
    if message.is_edited {
        text.push_str(&format!(" ({})", l10n.tr("ui-edited", &[])));
    }
    for reaction in &message.reactions {
        text.push_str(&format!(", {} {}", emoji_name(l10n, &reaction.emoji), reaction.people.len()));
    }
    text
}

fn reaction_label(l10n: &L10n, reaction: &Reaction, people: &[Person]) -> String {
    let (name, count) = (emoji_name(l10n, &reaction.emoji), reaction.people.len());
    format!("{name}, {count}: {}", sentence::reacted(l10n, reaction, people))
}

fn emoji_name(l10n: &L10n, emoji: &str) -> String {
    shepot_view::emoji::find(emoji)
        .map_or_else(|| emoji.to_owned(), |known| known.name(l10n.language()).to_owned())
}
