//! The box that lies over the room: its frame, its field, its keys.

use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};
use shepot_console::cells::{cut, gap, span, width};
use shepot_console::theme::{Ink, Paper};
use shepot_sanitise::Sanitised;

use crate::full::program::Program;
use shepot_app::{Field, Overlay};

/// The most cells of a list.
pub(super) const LIST_CELLS: usize = 64;

/// Draws an empty box in the middle of the screen, and returns the area inside.
pub(super) fn frame_of(
    frame: &mut Frame<'_>,
    area: Rect,
    program: &Program,
    title: &str,
    cells: usize,
    rows: usize,
) -> Rect {
    let size = |number: usize, most: u16| u16::try_from(number).unwrap_or(u16::MAX).min(most);
    let (columns, lines) = (size(cells + 4, area.width), size(rows + 2, area.height));
    let [place] = Layout::horizontal([Constraint::Length(columns)]).flex(Flex::Center).areas(area);
    let [place] = Layout::vertical([Constraint::Length(lines)]).flex(Flex::Center).areas(place);
    frame.render_widget(Clear, place);
    frame.buffer_mut().set_style(place, program.theme.paper(Paper::Raised).patch(program.ink(Ink::Text)));
    let title = cut(title, usize::from(columns).saturating_sub(4));
    let title = Line::from(vec![gap(1), program.bold(title, Ink::Text), gap(1)]);
    let mut block = Block::bordered().border_style(program.ink(Ink::Line)).title(title);
    if program.is_ascii {
        block = block.border_set(ratatui::symbols::border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        });
    }
    let inside = block.inner(place).inner(Margin::new(1, 0));
    frame.render_widget(block, place);
    inside
}

/// Shows on the lower edge of a box which of its lines are visible, if not all are. `inside`: from [`frame_of`].
pub(super) fn say_more(
    frame: &mut Frame<'_>,
    inside: Rect,
    program: &Program,
    (from, seen, all): (usize, usize, usize),
) {
    if seen >= all {
        return;
    }
    let text = program.shown_text(&format!(" {}–{}/{all} ", from + 1, (from + seen).min(all)));
    let cells = u16::try_from(width(&text)).unwrap_or(u16::MAX).min(inside.width);
    let edge = Rect { x: inside.right() - cells, y: inside.bottom(), width: cells, height: 1 };
    frame.render_widget(Line::from(program.span(text, Ink::Faint)), edge.intersection(frame.area()));
}

/// Draws the field of the overlay in one line, with the cursor.
pub(super) fn draw_field(frame: &mut Frame<'_>, area: Rect, program: &mut Program, is_secret: bool) {
    let Some(field) = program.overlay.as_ref().and_then(Overlay::field) else { return };
    let (shown, column) = shown_field(field, usize::from(area.width), is_secret);
    frame.buffer_mut().set_style(area, program.theme.chosen());
    frame.render_widget(span(shown, program.ink(Ink::Text)), area);
    frame.set_cursor_position((area.x + column, area.y));
}

/// The part of a field around the cursor that fits, and the cell of the cursor.
pub(super) fn shown_field(field: &Field, cells: usize, is_secret: bool) -> (Sanitised, u16) {
    let hidden = |text: &str| if is_secret { "•".repeat(text.chars().count()) } else { text.to_owned() };
    let before = hidden(field.text().get(..field.cursor()).unwrap_or_default());
    let after = hidden(field.text().get(field.cursor()..).unwrap_or_default());
    let mut start = before.as_str();
    while width(start) >= cells {
        let Some(first) = start.chars().next() else { break };
        start = start.get(first.len_utf8()..).unwrap_or_default();
    }
    let column = u16::try_from(width(start)).unwrap_or_default();
    (Sanitised::in_one_line(&format!("{start}{after}")), column)
}

/// The keys that do something here, in lines of at most so many cells.
pub(super) fn hint(program: &Program, keys: &[(&str, &str)], cells: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut filled = 0;
    for (key, name) in keys {
        let name = if program.l10n.has(name) { program.tr(name, &[]) } else { (*name).to_owned() };
        let key = program.shown_text(key);
        let needed = width(&key) + 1 + width(&name);
        if filled > 0 && filled + needed > cells {
            lines.push(Line::from(std::mem::take(&mut spans)));
            filled = 0;
        }
        spans.push(program.bold(key, Ink::Accent));
        spans.push(program.span(format!(" {name}   "), Ink::Faint));
        filled += needed + 3;
    }
    lines.push(Line::from(spans));
    lines
}
