//! Boxes over the table: questions, invitations, the log, help.

use std::net::IpAddr;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph};
use shepot_console::cells::{Piece, fit, gap, span, width, wrap};
use shepot_console::qr_rows;
use shepot_console::theme::{CODE, Ink, Paper};

use super::log::draw_log;
use super::{Look, keys_of};
use crate::control::Key;
use crate::top::board::{Board, Invited, Over};

/// A box in the middle, as large as its content.
fn dialog(frame: &mut Frame<'_>, area: Rect, title: &str, lines: Vec<Line<'static>>, look: &Look<'_>) {
    let widest = lines.iter().map(shepot_console::cells::line_width).chain([width(title) + 2]).max();
    let cells = u16::try_from(widest.unwrap_or_default() + 4).unwrap_or(u16::MAX).min(area.width);
    let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(area.height);
    let [place] =
        Layout::horizontal([Constraint::Length(cells)]).flex(ratatui::layout::Flex::Center).areas(area);
    let [place] =
        Layout::vertical([Constraint::Length(rows)]).flex(ratatui::layout::Flex::Center).areas(place);
    frame.render_widget(Clear, place);
    frame.buffer_mut().set_style(place, look.theme.paper(Paper::Raised).patch(look.ink(Ink::Text)));
    let title = Line::from(vec![gap(1), look.bold(title, Ink::Text), gap(1)]);
    let block = look.boxed(title);
    let inside = block.inner(place).inner(Margin::new(1, 0));
    frame.render_widget(block, place);
    frame.render_widget(Paragraph::new(lines), inside);
}

pub(super) fn draw_over(frame: &mut Frame<'_>, area: Rect, board: &Board, look: &Look<'_>) {
    let cells = usize::from(area.width).saturating_sub(8).min(72);
    let text = |text: String| wrap(&[Piece::new(text, look.ink(Ink::Text))], cells);
    match &board.over {
        Over::Nothing => {}
        Over::Help => {
            let mut lines: Vec<Line<'static>> = keys_of(&Board::default())
                .iter()
                .map(|(key, name)| {
                    Line::from(vec![
                        look.bold(fit(key, 6), Ink::Accent),
                        look.span(look.tr(name, &[]), Ink::Text),
                    ])
                })
                .collect();
            lines.push(Line::default());
            for name in ["top-help-views", "top-help-page", "top-help"] {
                lines.extend(text(look.tr(name, &[])));
            }
            dialog(frame, area, &look.tr("top-key-help", &[]), lines, look);
        }
        Over::Log(back) => {
            let place = Rect { height: area.height.saturating_sub(1), ..area };
            frame.render_widget(Clear, place);
            frame.buffer_mut().set_style(place, look.theme.paper(Paper::Ground).patch(look.ink(Ink::Text)));
            let title = Line::from(vec![gap(1), look.bold(look.tr("top-events", &[]), Ink::Text), gap(1)]);
            let block = look.boxed(title);
            let inside = block.inner(place);
            frame.render_widget(block, place);
            draw_log(frame, inside, board, look, *back);
        }
        Over::Disconnect(number, address) => {
            let (number, address) = (number.to_string(), address.ip().to_canonical().to_string());
            let ask = look.tr("top-disconnect-ask", &[("number", &number), ("address", &address)]);
            dialog(frame, area, &look.tr("top-key-disconnect", &[]), text(ask), look);
        }
        Over::Ban(address) => draw_ban(frame, area, *address, text, look),
        Over::Invitation(invitation, Invited::Code) => draw_code(frame, area, &invitation.link, look),
        Over::Invitation(invitation, shown) => draw_invitation(frame, area, &invitation.link, *shown, look),
        Over::Keys(keys, chosen) => draw_invitations(frame, area, keys, *chosen, look),
        Over::Revoke(key) => {
            let name = if key.label.is_empty() { &key.id } else { &key.label };
            let values = [("name", name.as_str()), ("connections", &key.connections.to_string())];
            dialog(
                frame,
                area,
                &look.tr("top-key-revoke", &[]),
                text(look.tr("top-revoke-question", &values)),
                look,
            );
        }
        Over::Said(sentence) => dialog(frame, area, "Shepot", text(sentence.clone()), look),
    }
}

fn draw_ban(
    frame: &mut Frame<'_>,
    area: Rect,
    address: IpAddr,
    text: impl Fn(String) -> Vec<Line<'static>>,
    look: &Look<'_>,
) {
    let named = [("address", &*address.to_string())];
    let question = if address.is_ipv6() {
        look.tr("top-ban-ask-network", &named)
    } else {
        look.tr("top-ban-ask", &named)
    };
    let mut lines = text(question);
    lines.push(Line::default());
    for (key, name) in [("1", "top-ban-hour"), ("2", "top-ban-day"), ("3", "top-ban-stop")] {
        lines.push(Line::from(vec![
            look.bold(format!("{key} "), Ink::Accent),
            look.span(look.tr(name, &[]), Ink::Text),
        ]));
    }
    dialog(frame, area, &look.tr("top-key-ban", &[]), lines, look);
}

/// The QR code alone, which needs every line of the screen.
fn draw_code(frame: &mut Frame<'_>, area: Rect, link: &str, look: &Look<'_>) {
    let rows = qr_rows(link);
    let columns = rows.first().map_or(0, |row| row.chars().count());
    let (height, area) = (rows.len(), Rect { height: area.height.saturating_sub(1), ..area });
    frame.render_widget(Clear, area);
    if columns > usize::from(area.width) || height > usize::from(area.height) {
        let values = [("columns", columns.to_string()), ("rows", (height + 1).to_string())];
        let note = look.tr("top-invite-narrow", &[("columns", &values[0].1), ("rows", &values[1].1)]);
        let lines = wrap(&[Piece::new(note, look.ink(Ink::Warn))], usize::from(area.width));
        return frame.render_widget(Paragraph::new(lines), area);
    }
    let lines: Vec<Line<'static>> = rows.iter().map(|row| Line::from(span(row, CODE)).centered()).collect();
    frame.render_widget(Paragraph::new(lines), area);
}

fn draw_invitation(frame: &mut Frame<'_>, area: Rect, link: &str, shown: Invited, look: &Look<'_>) {
    let rows = qr_rows(link);
    let (columns, height) = (rows.first().map_or(0, |row| row.chars().count()), rows.len());
    let cells = usize::from(area.width).saturating_sub(4);
    let mut lines = wrap(&[Piece::new(look.tr("top-invite-new", &[]), look.ink(Ink::Second))], cells.min(72));
    lines.push(Line::default());
    lines.extend(wrap(&[Piece::new(link, look.ink(Ink::Text))], cells));
    if shown == Invited::Copied {
        let asked = shepot_console::clipboard::asked(look.l10n, |name| std::env::var(name).ok());
        lines.push(Line::default());
        lines.extend(wrap(&[Piece::new(asked, look.ink(Ink::Ok))], cells.min(72)));
    }
    let fits = columns <= cells && height + lines.len() + 3 <= usize::from(area.height);
    lines.push(Line::default());
    if fits {
        lines.extend(rows.iter().map(|row| Line::from(span(row, CODE))));
    } else {
        let needed = (columns + 4).to_string();
        let rows = (height + lines.len() + 3).to_string();
        let note = look.tr("top-invite-narrow", &[("columns", &needed), ("rows", &rows)]);
        lines.extend(wrap(&[Piece::new(note, look.ink(Ink::Warn))], cells));
    }
    dialog(frame, area, &look.tr("top-key-invite", &[]), lines, look);
}

fn draw_invitations(frame: &mut Frame<'_>, area: Rect, keys: &[Key], chosen: usize, look: &Look<'_>) {
    let title = look.tr("top-key-keys", &[]);
    if keys.is_empty() {
        return dialog(
            frame,
            area,
            &title,
            vec![Line::from(span(look.tr("operator-no-invitations", &[]), Style::new()))],
            look,
        );
    }
    let row = |mark: &str, cells: [String; 6], ink: Ink| {
        let [id, label, ends, uses, here, good] = cells;
        let text = format!(
            "{} {}  {}  {}  {}  {good}",
            fit(&id, 8),
            fit(&label, 16),
            fit(&ends, 18),
            fit(&uses, 8),
            fit(&here, 5)
        );
        Line::from(vec![look.span(mark, Ink::Accent), look.span(text, ink)])
    };
    let head = ["id", "name", "ends", "uses", "here", "good"]
        .map(|name| look.tr(&format!("operator-head-{name}"), &[]));
    let mut lines = vec![row("  ", head, Ink::Faint)];
    let height = usize::from(area.height).saturating_sub(5).max(1);
    let from = (chosen + 1).saturating_sub(height);
    for (at, key) in keys.iter().enumerate().skip(from).take(height) {
        let none = || look.tr("operator-none", &[]);
        let label = if key.label.is_empty() { none() } else { key.label.clone() };
        let ends = key
            .expires
            .map_or_else(none, |end| format!("{} {}", look.clock.date(look.l10n, end), look.clock.time(end)));
        let uses = key.most_uses.map_or_else(none, |most| {
            look.tr("operator-of", &[("n", &key.uses.to_string()), ("most", &most.to_string())])
        });
        let id = key.id.get(..8).unwrap_or_default().to_owned();
        let mark = if at == chosen { "▌ " } else { "  " };
        let ink = if key.good { Ink::Text } else { Ink::Faint };
        let good = look.tr(if key.good { "operator-yes" } else { "operator-no" }, &[]);
        lines.push(row(mark, [id, label, ends, uses, key.connections.to_string(), good], ink));
    }
    dialog(frame, area, &title, lines, look);
}
