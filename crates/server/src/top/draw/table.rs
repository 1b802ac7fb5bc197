//! The table of connections, bans and refused addresses.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use shepot_console::cells::{gap, width};
use shepot_console::table::Column;
use shepot_console::theme::Ink;
use shepot_relay::IDLE;

use super::{Look, MEDIUM, WIDE};
use crate::commands::state;
use crate::control::Row;
use crate::top::board::{Board, View, address_of};

const COLUMNS: [Column<&str>; 9] = [
    Column { name: "number", cells: 5, is_right: true, from: 0 },
    Column { name: "since", cells: 8, is_right: false, from: 66 },
    Column { name: "address", cells: 22, is_right: false, from: 0 },
    Column { name: "circles", cells: 7, is_right: true, from: 90 },
    Column { name: "in", cells: 8, is_right: true, from: MEDIUM },
    Column { name: "out", cells: 8, is_right: true, from: MEDIUM },
    Column { name: "state", cells: 16, is_right: false, from: 0 },
    Column { name: "refused", cells: 7, is_right: true, from: WIDE },
    Column { name: "invitation", cells: 12, is_right: false, from: 110 },
];

pub(super) fn draw_table(frame: &mut Frame<'_>, area: Rect, board: &mut Board, look: &Look<'_>) {
    let counts = board.counts();
    let views = title(board, look, counts, usize::from(area.width).saturating_sub(2));
    let block = look.boxed(Line::from(views));
    let inside = block.inner(area);
    frame.render_widget(block, area);
    let [head, lines] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(inside);
    let columns: Vec<&Column<&str>> = COLUMNS.iter().filter(|column| area.width >= column.from).collect();
    let heads = columns.iter().map(|column| {
        let name = look.tr(&format!("operator-head-{}", column.name), &[]);
        look.span(column.cell(&name), Ink::Faint)
    });
    frame.render_widget(Line::from([gap(1)].into_iter().chain(heads).collect::<Vec<_>>()), head);
    let rows = board.rows();
    if rows.is_empty() {
        let name = if board.seen.rows.is_empty() { "top-empty" } else { "top-nothing-fits" };
        frame.render_widget(Line::from(look.span(format!(" {}", look.tr(name, &[])), Ink::Faint)), lines);
        return;
    }
    let chosen = board.selected(&rows);
    let height = usize::from(lines.height).max(1);
    board.from = board.from.min(chosen).max((chosen + 1).saturating_sub(height));
    board.from = board.from.min(rows.len().saturating_sub(height));
    board.table = lines;
    for (at, row) in rows.iter().enumerate().skip(board.from).take(height) {
        let y = lines.y + u16::try_from(at - board.from).unwrap_or_default();
        let place = Rect { y, height: 1, ..lines };
        let mark = if at == chosen { "▌" } else { " " };
        let cells = columns.iter().map(|column| {
            let (text, ink) = value(row, column.name, look);
            look.span(column.cell(&text), ink)
        });
        let line: Vec<_> = [look.span(mark, Ink::Accent)].into_iter().chain(cells).collect();
        if at == chosen {
            frame.buffer_mut().set_style(place, look.theme.chosen());
        }
        frame.render_widget(Line::from(line), place);
    }
}

/// The views, with as much of their words and counts as fits into these cells.
fn title(board: &Board, look: &Look<'_>, counts: [usize; 4], cells: usize) -> Vec<Span<'static>> {
    let views = |counts_all: bool| {
        View::ALL.into_iter().zip(counts).enumerate().map(move |(at, (view, count))| {
            let name = match view {
                View::All => "top-all",
                View::Active => "top-active",
                View::Refused => "top-refused",
                View::Bans => "top-bans",
            };
            let (number, name) = (at + 1, look.tr(name, &[]));
            if view == board.view {
                look.bold(format!(" {number} {name} {count} "), Ink::Accent)
            } else if counts_all {
                look.span(format!(" {number} {name} {count} "), Ink::Faint)
            } else {
                look.span(format!(" {number} {name}"), Ink::Faint)
            }
        })
    };
    let heading = [gap(1), look.bold(look.tr("top-connections", &[]), Ink::Text), gap(1)];
    let whole: Vec<_> = heading.into_iter().chain(views(true)).collect();
    let tries = [whole, views(true).collect(), views(false).collect()];
    let fits = |line: &Vec<Span<'_>>| line.iter().map(|part| width(&part.content)).sum::<usize>() <= cells;
    let [_, _, shortest] = &tries;
    tries.iter().find(|line| fits(line)).unwrap_or(shortest).clone()
}

fn value(row: &Row, column: &str, look: &Look<'_>) -> (String, Ink) {
    let none = || (look.tr("operator-none", &[]), Ink::Faint);
    let at = |seconds: u64| (look.clock.time_with_seconds(seconds), Ink::Text);
    let attempts =
        |attempts: u64| (look.number(attempts), if attempts > 0 { Ink::Danger } else { Ink::Faint });
    match (row, column) {
        (Row::Connected(one), "number") => (one.connection.to_string(), Ink::Second),
        (_, "address") => (address_of(row).to_string(), Ink::Text),
        (Row::Connected(one), "since") => at(one.since),
        (Row::Connected(one), "circles") => (one.circles.to_string(), Ink::Text),
        (Row::Connected(one), "in") => (look.bytes(one.bytes_in), Ink::Text),
        (Row::Connected(one), "out") => (look.bytes(one.bytes_out), Ink::Text),
        (Row::Connected(one), "state") => {
            let is_idle = one.idle_s >= IDLE.as_secs();
            let (dot, ink) = if is_idle { ("○", Ink::Faint) } else { ("●", Ink::Ok) };
            (format!("{dot} {}", state(look.l10n, one.idle_s)), ink)
        }
        (Row::Connected(one), "refused") => attempts(one.refused),
        (Row::Connected(one), "invitation") if !one.invitation.is_empty() => {
            (one.invitation.clone(), Ink::Second)
        }
        (Row::Banned(ban), "since") => at(ban.since),
        (Row::Banned(ban), "refused") => attempts(ban.attempts),
        (Row::Banned(_), "state") => (format!("× {}", look.tr("top-banned", &[])), Ink::Danger),
        (Row::Refused(refused), "since") => at(refused.last),
        (Row::Refused(refused), "refused") => attempts(refused.attempts),
        (Row::Refused(refused), "state") => {
            let name = if refused.until.is_some() { "top-paused" } else { "operator-head-refused" };
            (format!("! {}", look.tr(name, &[])), Ink::Danger)
        }
        (Row::Connected(_) | Row::Banned(_) | Row::Refused(_), _) => none(),
    }
}
