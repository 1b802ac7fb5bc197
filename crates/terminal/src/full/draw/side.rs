//! Servers and rooms at the left, members and the safety code at the right.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders};
use shepot_client::model::Person;
use shepot_console::cells::{Piece, cut, fit, gap, width, wrap};
use shepot_console::theme::Ink;
use shepot_view::desk::{Comparison, Place, Server};
use shepot_view::{mood, people, safety, sentence, size};

use super::{state_of, title};
use crate::full::hits::Target;
use crate::full::program::Program;

/// The number of code symbols in a line.
const SYMBOLS_IN_A_LINE: usize = 4;

/// The lines for the safety code, with its title and the space above.
const CODE_LINES: usize = 8;

/// What stands to the right of a name: unread messages, a timer, or that it is not connected.
fn badge(program: &Program, unread: u64, mentions: u64, otherwise: &str) -> (String, Ink) {
    match (unread, mentions) {
        (_, 1..) => (format!("@{}", size::number(program.l10n.language(), mentions)), Ink::Accent),
        (1.., 0) => (size::number(program.l10n.language(), unread), Ink::Text),
        (0, 0) => (otherwise.to_owned(), Ink::Faint),
    }
}

struct Entry {
    name: String,
    badge: (String, Ink),
    is_here: bool,
    is_bold: bool,
    target: Target,
}

fn draw_entry(frame: &mut Frame<'_>, area: Rect, program: &mut Program, entry: Entry) {
    let cells = usize::from(area.width).saturating_sub(3);
    let (badge, ink) = entry.badge;
    let name = fit(&program.shown_text(&entry.name), cells.saturating_sub(width(&badge) + 1));
    if entry.is_here {
        frame.buffer_mut().set_style(area, program.theme.chosen());
    }
    let mark = if entry.is_here { program.sign("▌", ">") } else { " " };
    let name_ink = if entry.is_bold || entry.is_here { Ink::Text } else { Ink::Second };
    let name = if entry.is_bold { program.bold(name, name_ink) } else { program.span(name, name_ink) };
    let line = vec![program.span(mark, Ink::Accent), name, gap(1), program.bold(badge, ink), gap(1)];
    frame.render_widget(Line::from(line), area);
    program.hit(area, entry.target);
}

pub(super) fn draw_sidebar(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let inside = Rect { width: area.width.saturating_sub(1), ..area };
    let border = Block::new().borders(Borders::RIGHT).border_style(program.ink(Ink::Line));
    frame.render_widget(border, area);
    let (servers, rooms) = (servers(program), rooms(program));
    // Both have their share, and what one does not need the other has. Two titles and a line between them.
    let room = usize::from(inside.height).saturating_sub(if rooms.is_empty() { 1 } else { 3 });
    let for_rooms = rooms.len().min(room - servers.len().min(room / 2).min(room));
    let for_servers = servers.len().min(room - for_rooms);
    let mut places = inside.rows();
    for (name, entries, room) in [("ui-servers", servers, for_servers), ("ui-rooms", rooms, for_rooms)] {
        if name == "ui-rooms" && (entries.is_empty() || places.next().is_none()) {
            return;
        }
        if let Some(place) = places.next() {
            frame.render_widget(title(program, name), place);
        }
        for (entry, place) in window(entries, room).zip(places.by_ref()) {
            draw_entry(frame, place, program, entry);
        }
    }
}

/// As many entries as fit, with the open one among them.
fn window(entries: Vec<Entry>, room: usize) -> impl Iterator<Item = Entry> {
    let here = entries.iter().position(|entry| entry.is_here).unwrap_or_default();
    let from = (here + 1).saturating_sub(room);
    entries.into_iter().skip(from).take(room)
}

fn servers(program: &Program) -> Vec<Entry> {
    program
        .desk
        .servers()
        .iter()
        .enumerate()
        .map(|(at, server)| {
            let (unread, mentions) = server.unread();
            let is_here = program.server == Some(server.id);
            let sign = if server.is_connected() { "" } else { state_of(program, server).0 };
            let is_alone =
                program.desk.servers().iter().filter(|other| other.title() == server.title()).count() < 2;
            let port = server.address.rsplit_once(':').map(|(_, port)| format!(":{port}"));
            // What tells servers of one name apart.
            let about = port.filter(|_| !is_alone).unwrap_or_default();
            let number = if at < 9 { format!("{} ", at + 1) } else { "  ".to_owned() };
            // What is unread here is said beside the rooms.
            let told = if is_here { (0, 0) } else { (unread, mentions) };
            Entry {
                name: format!("{number}{}{about}", server.title()),
                badge: badge(program, told.0, told.1, sign),
                is_here,
                is_bold: is_here || unread > 0,
                target: Target::Server(server.id),
            }
        })
        .collect()
}

fn rooms(program: &Program) -> Vec<Entry> {
    let Some(server) = program.shown() else { return Vec::new() };
    server
        .rooms
        .iter()
        .map(|room| {
            let place = Place::in_room(server.id, room.id);
            let known = server.conversation(place.conversation);
            let (unread, mentions) = known.map_or((0, 0), |known| (known.unread, known.mentions));
            let otherwise = if known.is_some_and(|known| known.is_muted) {
                program.tr("full-quiet", &[])
            } else if room.disappears_after_s > 0 {
                let after = std::time::Duration::from_secs(room.disappears_after_s.into());
                size::duration(&program.l10n, after)
            } else {
                String::new()
            };
            Entry {
                name: format!("# {}", sentence::room_name(&program.l10n, room.id, &server.rooms)),
                badge: badge(program, unread, mentions, &otherwise),
                is_here: program.place == Some(place),
                is_bold: unread > 0 || program.place == Some(place),
                target: Target::Room(place),
            }
        })
        .collect()
}

/// The sign of a person: the mood, or a square in the person's colour.
pub(super) fn sign(program: &Program, person: &Person) -> Span<'static> {
    match person.mood.and_then(mood::emoji).filter(|_| !program.is_ascii) {
        Some(emoji) => program.span(format!("{emoji} "), Ink::Text),
        None => program.span(program.sign("■  ", "#  "), ink_of(program, person)),
    }
}

/// The colour of a person on the open server.
pub(super) fn ink_of(program: &Program, person: &Person) -> Ink {
    program.shown().map_or(Ink::Text, |server| Ink::Person(server.colour_of(&person.key)))
}

pub(super) fn draw_members(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let border = Block::new().borders(Borders::LEFT).border_style(program.ink(Ink::Line));
    let inside = border.inner(area).inner(Margin::new(1, 0));
    frame.render_widget(border, area);
    let Some(server) = program.shown() else { return };
    let (people, comparison, code) = (server.people.clone(), server.comparison(), server.code);
    let is_connected = server.is_connected();
    let count = size::number(program.l10n.language(), u64::try_from(people.len()).unwrap_or(u64::MAX));
    let head = format!("{} · {count}", program.tr("ui-members", &[]));
    let height = usize::from(inside.height);
    let compared = compared(program, comparison, usize::from(inside.width));
    let code_lines = CODE_LINES - 1 + compared.len();
    let for_code = if is_connected && height >= code_lines + 6 { code_lines } else { 0 };
    let room = height.saturating_sub(1 + for_code);
    // Two lines each, with the fingerprint; one where there are many.
    let has_two = people.len() * 2 <= room;
    let shown = if has_two { people.len() } else { people.len().min(room.saturating_sub(1)) };
    let faint = |text: String| (Line::from(program.span(text, Ink::Faint)), None);
    let title = |text: String| (Line::from(program.bold(text, Ink::Faint)), None);
    let mut lines = vec![title(head)];
    for person in people.iter().take(shown) {
        lines.push((member_line(program, person, &people, inside.width), Some(person.key)));
        lines.extend(has_two.then(|| faint(format!("   {}", people::mark(&person.fingerprint)))));
    }
    lines.extend((shown < people.len()).then(|| faint(format!("   +{}", people.len() - shown))));
    if for_code > 0 {
        lines.extend([(Line::default(), None), title(program.tr("ui-cmd-code", &[]))]);
        lines.extend(compared.into_iter().map(|line| (line, None)));
        lines.push((Line::default(), None));
        for symbols in code.iter().flat_map(|code| code.symbols.chunks(SYMBOLS_IN_A_LINE)) {
            let row: Vec<String> = symbols.iter().map(|symbol| symbol_text(program, *symbol)).collect();
            lines.push((Line::from(program.span(row.join("  "), Ink::Text)), None));
        }
    }
    for ((line, person), place) in lines.into_iter().zip(inside.rows()) {
        frame.render_widget(line, place);
        person.into_iter().for_each(|key| program.hit(place, Target::Person(key)));
    }
}

/// A symbol of the code in a narrow column.
fn symbol_text(program: &Program, symbol: u8) -> String {
    if program.is_ascii { format!("{symbol:02}") } else { safety::picture(symbol).to_owned() }
}

/// The result of comparing the safety code, in lines of at most so many cells.
pub(super) fn compared(program: &Program, comparison: Comparison, cells: usize) -> Vec<Line<'static>> {
    let (sign, ink) = match comparison {
        Comparison::Same { .. } => (Some((program.sign("✓ ", "+ "), Ink::Ok)), Ink::Second),
        Comparison::NotYet => (None, Ink::Second),
        Comparison::Differs { .. } => (Some(("! ", Ink::Danger)), Ink::Danger),
        Comparison::Outdated => (Some(("! ", Ink::Warn)), Ink::Warn),
    };
    let text = program.compared(comparison);
    let mut pieces: Vec<Piece> =
        sign.into_iter().map(|(sign, ink)| Piece::new(sign, program.ink(ink))).collect();
    pieces.push(Piece::new(text, program.ink(ink)));
    wrap(&pieces, cells.max(8))
}

fn member_line(program: &Program, person: &Person, all: &[Person], columns: u16) -> Line<'static> {
    let about = if person.is_self {
        program.tr("ui-you", &[])
    } else if people::collides(&person.nick, &person.key, all) {
        people::short_mark(&person.fingerprint)
    } else if !person.is_present {
        program.tr("terminal-away", &[])
    } else if person.is_silent {
        program.tr("terminal-silent", &[])
    } else {
        String::new()
    };
    let cells = usize::from(columns).saturating_sub(4 + width(&about));
    let nick = program.bold(cut(&person.nick, cells), ink_of(program, person));
    Line::from(vec![sign(program, person), nick, program.span(format!(" {about}"), Ink::Faint)])
}

/// The open server, if there is something to read.
pub(super) fn session(program: &Program) -> Option<&Server> {
    program.shown().filter(|server| server.shows_conversation())
}
