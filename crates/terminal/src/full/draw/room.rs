//! The messages of the room, and the composer.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use shepot_app::Bar;
use shepot_console::cells::{Leading, Piece, cut, span, width, wrap};
use shepot_console::hyperlink::Hyperlink;
use shepot_console::theme::{Ink, Paper};
use shepot_view::desk::{RowKey, Server};
use shepot_view::{markdown, mood};

use super::row::{self, RowLine};
use super::{COMPOSER_LINES, banner, side};
use crate::full::field::lines;
use crate::full::hits::Target;
use crate::full::program::Program;

/// The most cells for the nick before the field.
const MOST_NICK_CELLS: usize = 14;

/// The cells left of the messages: the mark of the selected one, and a space.
const GUTTER: u16 = 2;

/// The cells in a line of messages.
pub(super) fn message_cells(area: Rect) -> usize {
    usize::from(area.width.saturating_sub(GUTTER + 1))
}

pub(super) fn draw_messages(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    if side::session(program).is_none() {
        return draw_absence(frame, area, program);
    }
    let typing = typing_line(program);
    let height = area.height.saturating_sub(u16::from(typing.is_some()));
    let messages = Rect { height, ..area };
    program.list.height = usize::from(height);
    if program.list.reveal {
        program.list.reveal = false;
        reveal(program, usize::from(height));
    }
    let lines = visible_lines(program, message_cells(area), usize::from(height));
    let empty = usize::from(height).saturating_sub(lines.len());
    for (line, place) in lines.into_iter().zip(messages.rows().skip(empty)) {
        draw_line(frame, place, program, line);
    }
    if let Some(line) = typing {
        let place = Rect {
            x: area.x + GUTTER,
            y: area.y + height,
            width: area.width.saturating_sub(GUTTER),
            height: 1,
        };
        frame.render_widget(line, place);
    }
    if program.list.anchor.is_some() && height > 1 {
        let unread =
            program.place.and_then(|place| Some(program.shown()?.conversation(place.conversation)?.unread));
        let count = unread.filter(|unread| *unread > 0).map(|unread| format!(" ({unread})"));
        let text = format!(
            " {} {}{} ",
            program.sign("↓", "v"),
            program.tr("ui-to-end", &[]),
            count.unwrap_or_default()
        );
        let cells = u16::try_from(width(&text)).unwrap_or_default().min(area.width);
        let place = Rect {
            x: area.right().saturating_sub(cells + 1),
            y: area.y + height - 1,
            width: cells,
            height: 1,
        };
        frame.render_widget(span(text, program.theme.marked()), place);
        program.hit(place, Target::Newest);
    }
}

/// Scrolls the list so that the selected message is visible.
fn reveal(program: &mut Program, height: usize) {
    let Some(selected) = program.selected else { return };
    let rows = program.rows.list();
    let Some(chosen) = rows.iter().position(|row| row.key == RowKey::Message(selected)) else { return };
    let bottom = program
        .list
        .anchor
        .and_then(|(key, below)| Some((rows.iter().position(|row| row.key == key)?, below)))
        .unwrap_or((rows.len().saturating_sub(1), 0));
    // Lines from the top of the chosen row to the bottom of the screen.
    let lines = |at: usize| super::row_lines(program, at);
    let mut seen = 0;
    for at in chosen..=bottom.0 {
        seen += lines(at);
        if seen > height + bottom.1 {
            break;
        }
    }
    let is_seen = chosen <= bottom.0 && seen.saturating_sub(bottom.1) <= height && seen > bottom.1;
    if !is_seen {
        let is_last = chosen + 1 == rows.len();
        program.list.anchor = Some((RowKey::Message(selected), 0)).filter(|_| !is_last);
        // A little of what follows, and a full screen above.
        program.scroll(0);
    }
}

/// The lines that fit, with the last at the bottom.
fn visible_lines(program: &Program, cells: usize, height: usize) -> Vec<RowLine> {
    let rows = program.rows.list();
    let Some(last) = rows.len().checked_sub(1) else { return Vec::new() };
    let (mut at, below) = program
        .list
        .anchor
        .and_then(|(key, below)| Some((rows.iter().position(|row| row.key == key)?, below)))
        .unwrap_or((last, 0));
    let mut found: Vec<Vec<RowLine>> = Vec::new();
    let mut count = 0;
    let mut hidden = below;
    while count < height {
        let Some(row) = rows.get(at) else { break };
        let mut lines = row::lines(program, row, at, cells);
        lines.truncate(lines.len().saturating_sub(hidden));
        hidden = 0;
        count += lines.len();
        found.push(lines);
        let Some(before) = at.checked_sub(1) else { break };
        at = before;
    }
    let all: Vec<RowLine> = found.into_iter().rev().flatten().collect();
    let skip = all.len().saturating_sub(height);
    all.into_iter().skip(skip).collect()
}

fn draw_line(frame: &mut Frame<'_>, place: Rect, program: &mut Program, line: RowLine) {
    let is_chosen = line.message.is_some() && program.selected == line.message;
    if is_chosen {
        frame.buffer_mut().set_style(place, program.theme.chosen());
        let mark = Line::from(program.span(program.sign("▌", ">"), Ink::Accent));
        frame.render_widget(mark, Rect { width: 1, ..place });
    }
    let inside = Rect { x: place.x + GUTTER, width: place.width.saturating_sub(GUTTER), ..place };
    if let Some(message) = line.message {
        program.hit(place, Target::Message(message));
    }
    for (from, cells, target) in line.targets {
        program.hit(cells_of(inside, from, cells), target);
    }
    for Leading { from, cells, address, begins } in line.leading {
        // The rest of a text is linked only below its beginning: what leads somewhere says where.
        let goes_on =
            program.hyperlinks.last().is_some_and(|last| last.address == address && last.area.y < inside.y);
        if begins || goes_on {
            program.hyperlinks.push(Hyperlink { area: cells_of(inside, from, cells), address });
        }
    }
    frame.render_widget(line.line, inside);
}

/// So many cells of a line.
fn cells_of(line: Rect, from: usize, cells: usize) -> Rect {
    let number = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    Rect { x: line.x.saturating_add(number(from)), width: number(cells), ..line }.intersection(line)
}

/// Draws what replaces the messages if there is no session.
fn draw_absence(frame: &mut Frame<'_>, area: Rect, program: &Program) {
    let cells = usize::from(area.width.saturating_sub(4)).min(60);
    let text = |name: &str, values: &[(&str, &str)], ink: Ink| {
        Piece::new(program.tr(name, values), program.ink(ink))
    };
    let pieces: Vec<Vec<Piece>> = match program.shown() {
        None => ["ui-fr-title", "ui-fr-sub", "full-welcome-join", "full-welcome-host", "full-welcome-help"]
            .into_iter()
            .zip([Ink::Text, Ink::Faint, Ink::Second, Ink::Second, Ink::Second])
            .map(|(name, ink)| vec![text(name, &[], ink)])
            .collect(),
        Some(server) => {
            let mut lines = Vec::new();
            let banner = banner::pieces(program);
            if !banner.is_empty() {
                lines.push(banner);
            }
            if !server.has_session() {
                lines.push(vec![text("ui-off-body", &[("server", server.title())], Ink::Second)]);
                lines.push(vec![text("full-connect", &[], Ink::Faint)]);
            }
            lines
        }
    };
    let mut lines: Vec<Line<'static>> = Vec::new();
    for piece in pieces {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(wrap(&piece, cells));
    }
    if program.shown().is_none() && !program.not_added.is_empty() {
        // What is wrong is read, whatever else has no place.
        let why = Piece::new(program.shown_text(&program.not_added), program.theme.bold(Ink::Warn));
        let wrong = wrap(&[why], cells);
        lines.truncate(usize::from(area.height).saturating_sub(wrong.len() + 1));
        lines.push(Line::default());
        lines.extend(wrong);
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    let top = area.y + (area.height - height) / 2;
    let left = area.x + (area.width.saturating_sub(u16::try_from(cells).unwrap_or_default())) / 2;
    for (line, y) in lines.into_iter().zip(top..top + height) {
        frame.render_widget(line, Rect::new(left, y, area.right().saturating_sub(left), 1));
    }
}

/// The line that says who is typing.
fn typing_line(program: &Program) -> Option<Line<'static>> {
    let typing = program.typing(program.now_ms())?;
    Some(Line::from(vec![
        program.bold(typing.names, Ink::Person(typing.colour)),
        program.span(format!(" {}", typing.rest), Ink::Faint),
    ]))
}

/// What stands before the field: mood and nick.
fn prompt(program: &Program) -> Vec<Span<'static>> {
    let own = program.shown().and_then(Server::own);
    let ink = own.map_or(Ink::Accent, |own| side::ink_of(program, own));
    let sign = match program.mood.and_then(mood::emoji).filter(|_| !program.is_ascii) {
        Some(emoji) => program.span(format!(" {emoji} "), Ink::Text),
        None => program.span(program.sign(" ■ ", " # "), ink),
    };
    vec![
        sign,
        program.bold(cut(&program.nick, MOST_NICK_CELLS), ink),
        program.span(program.sign(" › ", " > "), Ink::Faint),
    ]
}

fn prompt_cells(program: &Program) -> usize {
    prompt(program).iter().map(|span| width(&span.content)).sum()
}

/// The cells in a line of the field, in a window of so many columns.
pub(super) fn field_cells(program: &Program, columns: u16) -> usize {
    usize::from(columns).saturating_sub(prompt_cells(program) + 1).max(8)
}

/// The lines of the field, and of what it replies to.
pub(super) fn composer_lines(program: &Program, columns: u16) -> usize {
    let (lines, _) = lines(&program.composer.field, field_cells(program, columns));
    lines.len().clamp(1, COMPOSER_LINES) + usize::from(program.composer.bar() != Bar::None)
}

pub(super) fn draw_composer(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    frame.buffer_mut().set_style(area, program.theme.paper(Paper::Raised));
    let whole = area;
    let mut area = area;
    if let Some(line) = bar_line(program, area.width) {
        frame.render_widget(line, Rect { height: 1, ..area });
        area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    }
    program.hit(area, Target::Composer);
    let prompt = prompt(program);
    let before = u16::try_from(prompt_cells(program)).unwrap_or_default();
    frame.render_widget(Line::from(prompt), Rect { height: 1, ..area });
    let place = Rect { x: area.x + before, width: area.width.saturating_sub(before), ..area };
    let has_keys = program.selected.is_none() && program.overlay.is_none();
    if program.composer.field.is_empty() {
        let text = program.placeholder();
        let text = cut(&program.shown_text(&text), usize::from(place.width).saturating_sub(1));
        frame.render_widget(Line::from(program.span(text, Ink::Faint)), place);
        if has_keys {
            frame.set_cursor_position((place.x, place.y));
        }
        return;
    }
    let (lines, (row, column)) = lines(&program.composer.field, field_cells(program, area.width));
    let height = usize::from(place.height).max(1);
    let from = (row + 1).saturating_sub(height);
    for (line, place) in lines.iter().skip(from).zip(place.rows()) {
        // What is typed is shown as it is: names of emoji would move the cursor.
        frame.render_widget(span(line, program.ink(Ink::Text)), place);
    }
    if has_keys {
        let cell = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        let x = place.x.saturating_add(cell(column)).min(area.right().saturating_sub(1));
        frame.set_cursor_position((x, place.y + cell(row - from)));
    }
    draw_completions(frame, whole, program);
}

/// The line with the message that is replied to or edited.
fn bar_line(program: &Program, columns: u16) -> Option<Line<'static>> {
    let (name, id) = match program.composer.bar() {
        Bar::None => return None,
        Bar::Reply(id) => ("ui-reply-for", id),
        Bar::Edit(id) => ("ui-editing", id),
    };
    let server = program.shown()?;
    let message = server.timeline().get(&id);
    let title = program.tr(name, &[]);
    let mut spans = vec![program.span(format!(" {} {title} ", program.sign("↩", "<")), Ink::Accent)];
    if let Some(message) = message {
        if matches!(program.composer.bar(), Bar::Reply(_)) {
            let ink = Ink::Person(server.colour_of(&message.author));
            spans.push(program.bold(format!("{} ", message.nick), ink));
        }
        let used: usize = spans.iter().map(|span| width(&span.content)).sum();
        let room = usize::from(columns).saturating_sub(used + 1);
        let text = cut(&program.shown_text(&markdown::plain(&message.body)), room);
        spans.push(program.span(text, Ink::Faint));
    }
    Some(Line::from(spans))
}

/// Draws the completions above the field.
fn draw_completions(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let offered = program.composer.completions.offered.clone();
    if offered.is_empty() {
        return;
    }
    let texts: Vec<String> = offered
        .iter()
        .map(|one| {
            let picture = one.picture.map(|picture| format!("{} ", program.shown_text(picture)));
            program.shown_text(&format!("{}{}", picture.unwrap_or_default(), one.shown))
        })
        .collect();
    let widest = texts.iter().map(|text| width(text)).max().unwrap_or_default() + 4;
    let cells = u16::try_from(widest).unwrap_or(u16::MAX).min(area.width.saturating_sub(2));
    let height = u16::try_from(texts.len()).unwrap_or(u16::MAX).min(area.y);
    let place = Rect { x: area.x + 2, y: area.y - height, width: cells, height };
    frame.render_widget(ratatui::widgets::Clear, place);
    frame.buffer_mut().set_style(place, program.theme.paper(Paper::Raised));
    for (at, (text, line)) in texts.into_iter().zip(place.rows()).enumerate() {
        let is_chosen = at == program.composer.chosen;
        if is_chosen {
            frame.buffer_mut().set_style(line, program.theme.marked());
        }
        let mark = if is_chosen { program.sign("▌ ", "> ") } else { "  " };
        let text = cut(&text, usize::from(cells).saturating_sub(3));
        frame.render_widget(
            Line::from(vec![program.span(mark, Ink::Accent), program.span(text, Ink::Text)]),
            line,
        );
        program.hit(line, Target::Completion(at));
    }
}
