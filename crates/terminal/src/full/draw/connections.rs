//! The connections to the relay in this process: what its operator sees and does.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use shepot_console::cells::{Piece, gap, wrap};
use shepot_console::table::Column;
use shepot_console::theme::Ink;
use shepot_relay::operator::{Presence, Visitor, Visitors};
use shepot_view::{clock, size};

use super::frame::{frame_of, hint};
use crate::full::hits::Target;
use crate::full::program::Program;
use shepot_app::Hosting;

/// The content of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact {
    Address,
    State,
    Received,
    Sent,
    Circles,
    Since,
    Refused,
}

const COLUMNS: [Column<Fact>; 7] = [
    Column { name: Fact::Address, cells: 17, is_right: false, from: 0 },
    Column { name: Fact::State, cells: 14, is_right: false, from: 0 },
    Column { name: Fact::Received, cells: 9, is_right: true, from: 58 },
    Column { name: Fact::Sent, cells: 9, is_right: true, from: 58 },
    Column { name: Fact::Since, cells: 8, is_right: false, from: 68 },
    Column { name: Fact::Circles, cells: 7, is_right: true, from: 78 },
    Column { name: Fact::Refused, cells: 7, is_right: true, from: 88 },
];

/// The fewest lines of the table: its head, the chosen line and one next to it.
const LEAST_TABLE: u16 = 3;

/// The most cells for a longer address if there is room: the length of an IPv6 address.
const LONGEST_ADDRESS: usize = 39;

pub(super) fn draw_connections(chosen: usize, frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let title = program.tr("ui-connections", &[]);
    let cells = usize::from(area.width).saturating_sub(4);
    let inside = frame_of(frame, area, program, &title, cells, usize::from(area.height));
    let Some(visitors) = program.visitors.clone() else { return };
    let cells = usize::from(inside.width);
    let hints = hint(program, &keys_of(program, visitors.list.get(chosen)), cells);
    let lines = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    let below = lines(hints.len()).min(inside.height);
    let hints_at = Rect { y: inside.bottom().saturating_sub(below), height: below, ..inside };
    for (line, place) in hints.into_iter().zip(hints_at.rows()) {
        frame.render_widget(line, place);
    }
    // Who is there comes first: what is said about the relay gets what is left.
    let most = usize::from(inside.height.saturating_sub(below + 1 + LEAST_TABLE));
    let head = head(program, &visitors, cells, most);
    let height = lines(head.len());
    for (line, place) in head.into_iter().zip(inside.rows()) {
        frame.render_widget(line, place);
    }
    let rest = inside.height.saturating_sub(height + below + 1);
    draw_table(frame, Rect { y: inside.y + height, height: rest, ..inside }, program, &visitors, chosen);
}

/// A summary of the relay in at most so many lines.
fn head(program: &Program, visitors: &Visitors, cells: usize, most: usize) -> Vec<Line<'static>> {
    let (l10n, statistics) = (&program.l10n, &visitors.statistics);
    let number = |number: u64| size::number(l10n.language(), number);
    let mut about = Vec::new();
    if let Hosting::On(_, at) | Hosting::Started(at) = &program.hosting {
        about.push(at.address.clone());
    }
    let uptime = size::duration(l10n, statistics.uptime);
    about.push(program.tr("ui-op-uptime", &[("t", &uptime)]));
    let connections = u64::try_from(statistics.connections.len()).unwrap_or(u64::MAX);
    let circle_bytes = u64::try_from(statistics.circle_bytes).unwrap_or(u64::MAX);
    let facts = [
        ("ui-op-now", number(connections)),
        ("ui-op-msgs", number(statistics.published)),
        ("ui-op-traffic", size::bytes(l10n, statistics.bytes_in.saturating_add(statistics.bytes_out))),
        ("ui-op-ram", size::bytes(l10n, circle_bytes)),
        ("ui-op-refused", number(statistics.refused.turned_away())),
    ];
    let facts: Vec<String> =
        facts.iter().map(|(name, value)| format!("{}: {value}", program.tr(name, &[]))).collect();
    let mut lines = Vec::new();
    for (text, ink) in [
        (about.join(" · "), Ink::Text),
        (facts.join(" · "), Ink::Text),
        (program.tr("ui-op-sub", &[]), Ink::Faint),
    ] {
        let more = wrap(&[Piece::new(program.shown_text(&text), program.ink(ink))], cells);
        // Whole or not at all, and a gap below.
        if lines.len() + more.len() >= most {
            break;
        }
        lines.extend(more);
    }
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines
}

/// The keys that do something with the chosen line.
fn keys_of(program: &Program, chosen: Option<&Visitor>) -> Vec<(&'static str, &'static str)> {
    let mut keys = vec![("↑↓", "full-choose")];
    if let Some(visitor) = chosen {
        match visitor.presence {
            Presence::Connected(_) if visitor.is_own => {}
            Presence::Connected(_) => keys.push(("d", "ui-op-disc")),
            Presence::Banned => keys.push(("u", "ui-op-unban")),
            Presence::Refused => {}
        }
        if visitor.can_be_banned {
            keys.push(("b", "ui-op-ban"));
        }
    }
    if matches!(program.hosting, Hosting::On(..)) {
        keys.push(("i", "ui-cmd-invite"));
    }
    keys.push(("Esc", "ui-close"));
    keys
}

fn draw_table(frame: &mut Frame<'_>, area: Rect, program: &mut Program, visitors: &Visitors, chosen: usize) {
    let mut columns: Vec<Column<Fact>> =
        COLUMNS.into_iter().filter(|column| area.width >= column.from).collect();
    let used: usize = columns.iter().map(|column| column.cells + 2).sum::<usize>() + 2;
    if let Some(address) = columns.first_mut() {
        let spare = usize::from(area.width).saturating_sub(used);
        address.cells = (address.cells + spare).min(LONGEST_ADDRESS);
    }
    let mut rows = area.rows();
    let Some(head) = rows.next() else { return };
    let heads = columns
        .iter()
        .map(|column| program.span(column.cell(&program.tr(title(column.name), &[])), Ink::Faint));
    let line: Vec<Span<'static>> = [gap(2)].into_iter().chain(heads).collect();
    frame.render_widget(Line::from(line), head);
    let height = usize::from(area.height.saturating_sub(1)).max(1);
    let from = (chosen + 1).saturating_sub(height);
    for ((at, visitor), place) in visitors.list.iter().enumerate().skip(from).zip(rows) {
        let is_chosen = at == chosen;
        if is_chosen {
            frame.buffer_mut().set_style(place, program.theme.marked());
        }
        let mark = if is_chosen { program.sign("▌ ", "> ") } else { "  " };
        let mut line = vec![program.span(mark, Ink::Accent)];
        line.extend(columns.iter().map(|column| {
            let (text, ink) = value(program, visitor, column.name);
            program.span(column.cell(&text), ink)
        }));
        frame.render_widget(Line::from(line), place);
        program.hit(place, Target::Line(at));
    }
}

const fn title(fact: Fact) -> &'static str {
    match fact {
        Fact::Address => "operator-head-address",
        Fact::State => "operator-head-state",
        Fact::Received => "operator-head-in",
        Fact::Sent => "operator-head-out",
        Fact::Circles => "operator-head-circles",
        Fact::Since => "operator-head-since",
        Fact::Refused => "operator-head-refused",
    }
}

fn value(program: &Program, visitor: &Visitor, fact: Fact) -> (String, Ink) {
    let l10n = &program.l10n;
    let of_connection = |text: &dyn Fn(&shepot_relay::ConnectionStatistics) -> String| {
        let text = visitor.connection().map(text);
        text.map_or_else(|| (program.shown_text("—"), Ink::Faint), |text| (text, Ink::Text))
    };
    match fact {
        Fact::Address if visitor.is_own => {
            (format!("{} ({})", visitor.address, program.tr("ui-you", &[])), Ink::Text)
        }
        Fact::Address => (visitor.address.to_string(), Ink::Text),
        Fact::State => state(program, visitor),
        Fact::Received => of_connection(&|one| size::bytes(l10n, one.bytes_in)),
        Fact::Sent => of_connection(&|one| size::bytes(l10n, one.bytes_out)),
        Fact::Circles => of_connection(&|one| one.circles.to_string()),
        Fact::Since => (program.clock.time_with_seconds(clock::seconds(visitor.since)), Ink::Text),
        Fact::Refused => {
            let ink = if visitor.refused > 0 { Ink::Danger } else { Ink::Faint };
            (size::number(l10n.language(), visitor.refused), ink)
        }
    }
}

fn state(program: &Program, visitor: &Visitor) -> (String, Ink) {
    let (sign, ink) = match &visitor.presence {
        Presence::Connected(_) if visitor.is_idle() => (program.sign("○", "o"), Ink::Faint),
        Presence::Connected(_) => (program.sign("●", "*"), Ink::Ok),
        Presence::Refused => ("!", Ink::Danger),
        Presence::Banned => (program.sign("×", "x"), Ink::Danger),
    };
    (format!("{sign} {}", program.standing(visitor)), ink)
}
