//! The look of the full-screen client: from three panes down to the messages alone, in as many colours as there are.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | the panes and their widths; the header, the bar of keys |
//! | `side.rs` | servers and rooms at the left, members at the right |
//! | `room.rs` | the messages and the composer |
//! | `row.rs` | one row of messages as lines |
//! | `overlay.rs` | boxes over the room: lists to choose from |
//! | `reading.rs` | boxes to read: help, code, record, invitation, questions; the lock |
//! | `connections.rs` | the connections to the relay here |
//! | `banner.rs` | the banner about the connection, and the toast |

mod banner;
mod connections;
mod frame;
mod overlay;
mod reading;
mod room;
mod row;
mod side;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use shepot_client::model::ConnectionState;
use shepot_console::cells::{cut, gap, line_width, span, width};
use shepot_console::hyperlink::Hyperlink;
use shepot_console::theme::{Ink, Paper};
use shepot_sanitise::Sanitised;
use shepot_view::command::Command;
use shepot_view::desk::Server;
use shepot_view::{emoji, size};

use super::hits::{Hit, Target};
use super::keys::short;
use super::program::Program;

/// The narrowest screen, in cells, that shows members.
const WIDE: u16 = 100;

/// The narrowest screen, in cells, that shows servers and rooms.
const MEDIUM: u16 = 70;

const SIDEBAR_CELLS: u16 = 23;
const MEMBERS_CELLS: u16 = 23;

/// The most lines of the composer, not counting what it replies to.
const COMPOSER_LINES: usize = 6;

/// The number of remaining characters from which they are counted.
const COUNTED_FROM: isize = 500;

/// The keys in the bar at the bottom, with their labels.
const KEYS: [(Command, &str); 8] = [
    (Command::Keys, "full-key-help"),
    (Command::Rooms, "full-key-rooms"),
    (Command::Members, "full-key-members"),
    (Command::SafetyCode, "full-key-code"),
    (Command::Emoji, "full-key-emoji"),
    (Command::Switcher, "full-key-switcher"),
    (Command::Lock, "full-key-lock"),
    (Command::Panic, "full-key-panic"),
];

/// The areas of the screen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panes {
    head: Rect,
    banner: Rect,
    sidebar: Option<Rect>,
    messages: Rect,
    members: Option<Rect>,
    composer: Rect,
    keys: Rect,
}

fn panes(program: &Program) -> Panes {
    let (columns, lines) = program.size;
    let area = Rect::new(0, 0, columns, lines);
    let composer = u16::try_from(room::composer_lines(program, columns)).unwrap_or(1);
    let cells = |lines: Vec<Line<'static>>| u16::try_from(lines.len()).unwrap_or_default();
    let banner = cells(banner::lines(program, columns));
    let keys = cells(banner::toast(program, columns)).max(1);
    let [head, banner, middle, composer, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(banner.min(lines.saturating_sub(8))),
        Constraint::Fill(1),
        Constraint::Length(composer.min(lines.saturating_sub(4)).max(1)),
        Constraint::Length(keys.min(lines.saturating_sub(4)).max(1)),
    ])
    .areas(area);
    let sidebar = if columns >= MEDIUM { SIDEBAR_CELLS } else { 0 };
    let members = if columns >= WIDE { MEMBERS_CELLS } else { 0 };
    let [sidebar, messages, members] =
        Layout::horizontal([Constraint::Length(sidebar), Constraint::Fill(1), Constraint::Length(members)])
            .areas(middle);
    Panes {
        head,
        banner,
        sidebar: Some(sidebar).filter(|area| area.width > 0),
        messages,
        members: Some(members).filter(|area| area.width > 0),
        composer,
        keys,
    }
}

/// The cells in a line of the composer.
pub(super) fn composer_cells(program: &Program) -> usize {
    room::field_cells(program, program.size.0)
}

/// The number of lines of a row.
pub(super) fn row_lines(program: &Program, at: usize) -> usize {
    let cells = room::message_cells(panes(program).messages);
    program.rows.list().get(at).map_or(0, |one| row::lines(program, one, at, cells).len())
}

/// Draws everything, and notes what stands where. Gives the links that are seen whole.
pub(super) fn draw(frame: &mut Frame<'_>, program: &mut Program) -> Vec<Hyperlink> {
    draw_all(frame, program);
    let mut hyperlinks = std::mem::take(&mut program.hyperlinks);
    let over: Vec<_> = program.hits.iter().filter(|hit| hit.target.lies_over_messages()).collect();
    hyperlinks
        .retain(|link| program.overlay.is_none() && !over.iter().any(|hit| hit.area.intersects(link.area)));
    hyperlinks
}

fn draw_all(frame: &mut Frame<'_>, program: &mut Program) {
    let area = frame.area();
    program.size = (area.width, area.height);
    program.hits.clear();
    program.hyperlinks.clear();
    frame
        .buffer_mut()
        .set_style(area, program.theme.paper(Paper::Ground).patch(program.theme.ink(Ink::Text)));
    if program.lock.is_locked() {
        reading::draw_locked(frame, area, program);
        return letters_alone(frame, program);
    }
    let panes = panes(program);
    draw_head(frame, panes.head, program);
    banner::draw(frame, panes.banner, program);
    if let Some(sidebar) = panes.sidebar {
        side::draw_sidebar(frame, sidebar, program);
    }
    room::draw_messages(frame, panes.messages, program);
    if let Some(members) = panes.members {
        side::draw_members(frame, members, program);
    }
    room::draw_composer(frame, panes.composer, program);
    draw_keys(frame, panes.keys, program);
    overlay::draw_overlay(frame, area, program);
    letters_alone(frame, program);
}

/// Replaces our own signs by similar letters, cell by cell, on a screen that shows only letters.
fn letters_alone(frame: &mut Frame<'_>, program: &Program) {
    if !program.is_ascii {
        return;
    }
    for cell in &mut frame.buffer_mut().content {
        let like = match cell.symbol() {
            "│" | "▌" => "|",
            "…" => ".",
            "“" | "”" | "«" | "»" => "\"",
            "‘" | "’" => "'",
            "–" | "—" | "─" => "-",
            "·" => "-",
            "•" => "*",
            "×" => "x",
            "№" => "#",
            "›" => ">",
            "‹" => "<",
            _ => continue,
        };
        cell.set_symbol(like);
    }
}

impl Program {
    pub(super) fn ink(&self, ink: Ink) -> Style {
        self.theme.ink(ink)
    }

    /// The text as this terminal can show it, with names instead of emoji if it shows only letters.
    pub(super) fn shown_text(&self, text: &str) -> String {
        if !self.is_ascii {
            return Sanitised::in_one_line(text).into();
        }
        let text = text.replace('↑', "Up").replace('↓', "Down").replace('←', "Left").replace('→', "Right");
        let text = text.as_str();
        let mut out = String::new();
        let mut at = 0;
        for (place, found) in emoji::places(text) {
            out.push_str(text.get(at..place).unwrap_or_default());
            match emoji::find(found) {
                Some(known) => out.push_str(&format!(":{}:", known.short_name)),
                None => out.push('?'),
            }
            at = place + found.len();
        }
        out.push_str(text.get(at..).unwrap_or_default());
        Sanitised::in_one_line(&out).into()
    }

    pub(super) fn span(&self, text: impl AsRef<str>, ink: Ink) -> Span<'static> {
        span(self.shown_text(text.as_ref()), self.theme.ink(ink))
    }

    pub(super) fn bold(&self, text: impl AsRef<str>, ink: Ink) -> Span<'static> {
        span(self.shown_text(text.as_ref()), self.theme.bold(ink))
    }

    /// A sign of our own, or its replacement on a screen that shows only letters.
    pub(super) fn sign(&self, sign: &'static str, ascii: &'static str) -> &'static str {
        if self.is_ascii { ascii } else { sign }
    }

    pub(super) fn hit(&mut self, area: Rect, target: Target) {
        self.hits.push(Hit { area, target });
    }
}

/// The state of a connection: a sign, a word, a colour.
fn state_of(program: &Program, server: &Server) -> (&'static str, String, Ink) {
    let (full, empty) = (program.sign("●", "*"), program.sign("○", "o"));
    match &server.state {
        ConnectionState::Connected => (full, program.tr("ui-st-on", &[]), Ink::Ok),
        // How long it takes stands in the banner.
        ConnectionState::Connecting | ConnectionState::Waiting | ConnectionState::Reconnecting { .. } => {
            (empty, program.tr("ui-st-conn", &[]), Ink::Warn)
        }
        ConnectionState::Disconnected | ConnectionState::Ended => {
            (empty, program.tr("ui-st-off", &[]), Ink::Danger)
        }
    }
}

fn draw_head(frame: &mut Frame<'_>, area: Rect, program: &Program) {
    frame.buffer_mut().set_style(area, program.theme.paper(Paper::Raised));
    let app = span(format!(" {} ", program.tr("ui-app", &[])), program.theme.paper(Paper::Accent));
    let Some(server) = program.shown() else {
        frame.render_widget(Line::from(vec![app]), area);
        return;
    };
    let (dot, state, ink) = state_of(program, server);
    let (unread, mentions) = program.desk.unread();
    let mut left = vec![app, gap(2), program.bold(cut(server.title(), 24), Ink::Text)];
    if area.width >= WIDE {
        left.push(program.span(format!(" {}", cut(&server.address, 24)), Ink::Faint));
    }
    left.push(program.span(format!(" {dot} "), ink));
    if area.width >= MEDIUM {
        left.push(program.span(state, ink));
    } else if unread > 0 {
        // The list of rooms is not seen here.
        let sign = if mentions > 0 { "@" } else { "" };
        left.push(program.bold(format!("{sign}{unread} "), Ink::Accent));
    }
    let mut right = vec![program.bold(format!("# {}", program.room_name()), Ink::Text)];
    if server.is_entered() && area.width >= MEDIUM {
        let people = u64::try_from(server.people.len()).unwrap_or(u64::MAX);
        right
            .push(program.span(format!(" · {}", program.l10n.tr_count("ui-members-n", people)), Ink::Second));
    }
    let timer =
        program.place.and_then(|place| server.room(place.room())).map_or(0, |room| room.disappears_after_s);
    if timer > 0 {
        let after = size::duration(&program.l10n, std::time::Duration::from_secs(timer.into()));
        let text = if area.width >= WIDE { program.tr("full-timer", &[("t", &after)]) } else { after };
        right.push(program.span(format!(" · {text}"), Ink::Second));
    }
    right.push(gap(1));
    let (left, right) = (Line::from(left), Line::from(right));
    let free = usize::from(area.width).saturating_sub(line_width(&left) + 1);
    frame.render_widget(left, area);
    if line_width(&right) <= free {
        frame.render_widget(right.right_aligned(), area);
    } else {
        let name = program.bold(cut(&format!("# {} ", program.room_name()), free), Ink::Text);
        frame.render_widget(Line::from(name).right_aligned(), area);
    }
}

fn draw_keys(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let toast = banner::toast(program, area.width);
    if !toast.is_empty() {
        frame.buffer_mut().set_style(area, program.theme.paper(Paper::Raised));
        for (line, place) in toast.into_iter().zip(area.rows()) {
            frame.render_widget(line, place);
        }
        return;
    }
    let mut line = vec![gap(1)];
    let mut used = 1;
    for (command, name) in KEYS {
        let Some(chord) = command.terminal_chord() else { continue };
        let twice = if command == Command::Panic { 2 } else { 1 };
        let key = short(chord).repeat(twice);
        let name = program.tr(name, &[]);
        let cells = width(&key) + 1 + width(&name);
        if used + cells > usize::from(area.width) {
            break;
        }
        let x = area.x + u16::try_from(used).unwrap_or_default();
        let place = Rect { x, width: u16::try_from(cells).unwrap_or_default(), ..area };
        if command != Command::Panic {
            program.hit(place, Target::Command(command));
        }
        line.push(program.bold(key, Ink::Accent));
        line.push(program.span(format!(" {name}  "), Ink::Second));
        used += cells + 2;
    }
    frame.render_widget(Line::from(line), area);
    let excess = program.composer.excess();
    if excess > -COUNTED_FROM {
        let ink = if excess > 0 { Ink::Danger } else { Ink::Warn };
        frame.render_widget(Line::from(program.bold(format!(" {} ", -excess), ink)).right_aligned(), area);
    }
}

/// The title above a list.
fn title(program: &Program, name: &str) -> Line<'static> {
    Line::from(vec![gap(1), program.bold(program.tr(name, &[]), Ink::Faint)])
}
