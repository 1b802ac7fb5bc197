//! What lies over the room, and the lock.

use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Margin, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};
use shepot_console::cells::{Piece, cut, fit, line_width, width, wrap};
use shepot_console::qr_rows;
use shepot_console::theme::{Ink, Paper};
use shepot_view::command::Command;
use shepot_view::{colour, mood, people, safety, sentence, server_record, size};

use super::{row, side};
use crate::full::field::Field;
use crate::full::hits::Target;
use crate::full::keys::short;
use crate::full::over::{Ask, Confirm, Over, RoomLine, TIMERS};
use crate::full::program::Program;
use crate::full::slash::SLASHES;

/// Cells of a list at most.
const LIST_CELLS: usize = 64;

/// Cells of a text at most.
const TEXT_CELLS: usize = 62;

/// Cells of the names of keys and commands in the help.
const KEY_CELLS: usize = 18;

/// A box in the middle of the screen, empty; gives the place inside.
fn frame_of(
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
    let title = Line::from(vec![Span::raw(" "), program.bold(title, Ink::Text), Span::raw(" ")]);
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

/// A box with lines to read.
fn read(frame: &mut Frame<'_>, area: Rect, program: &Program, title: &str, lines: Vec<Line<'static>>) {
    let widest = lines.iter().map(line_width).chain([width(title)]).max().unwrap_or_default();
    let inside = frame_of(frame, area, program, title, widest, lines.len());
    for (line, place) in lines.into_iter().zip(inside.rows()) {
        frame.render_widget(line, place);
    }
}

fn text(program: &Program, text: String, ink: Ink, area: Rect) -> Vec<Line<'static>> {
    let cells = usize::from(area.width).saturating_sub(6).min(TEXT_CELLS);
    wrap(&[Piece::new(program.shown_text(&text), program.ink(ink))], cells)
}

/// The keys that do something here, below.
fn hint(program: &Program, keys: &[(&str, &str)]) -> Line<'static> {
    let mut spans = Vec::new();
    for (key, name) in keys {
        spans.push(program.bold(*key, Ink::Accent));
        spans.push(program.span(format!(" {}   ", program.say(name, &[])), Ink::Faint));
    }
    Line::from(spans)
}

/// A line of a list: what stands at the left and at the right.
struct Item {
    left: Vec<Span<'static>>,
    right: String,
}

/// A box with a list to choose from, and a field above it where it can be narrowed.
fn choose(
    frame: &mut Frame<'_>,
    area: Rect,
    program: &mut Program,
    title: &str,
    items: Vec<Item>,
    (chosen, has_field, empty): (usize, bool, &str),
) {
    let head = if has_field { 2 } else { 0 };
    let most = usize::from(area.height).saturating_sub(4);
    let rows = (items.len().max(1) + head + 2).min(most.max(head + 3));
    let cells = usize::from(area.width).saturating_sub(6).min(LIST_CELLS);
    let inside = frame_of(frame, area, program, title, cells, rows);
    let mut list = inside;
    if has_field {
        let line = Rect { height: 1, ..inside };
        draw_field(frame, line, program, false);
        list = Rect { y: inside.y + 2, height: inside.height.saturating_sub(2), ..inside };
    }
    let keys = Rect { y: list.bottom().saturating_sub(1), height: list.height.min(1), ..list };
    frame.render_widget(
        hint(program, &[("↑↓", "full-choose"), ("Enter", "full-open"), ("Esc", "ui-close")]),
        keys,
    );
    list.height = list.height.saturating_sub(2);
    if items.is_empty() {
        frame.render_widget(Line::from(program.span(program.say(empty, &[]), Ink::Faint)), list);
        return;
    }
    let height = usize::from(list.height).max(1);
    let from = (chosen + 1).saturating_sub(height);
    for ((at, item), place) in items.into_iter().enumerate().skip(from).zip(list.rows()) {
        let is_chosen = at == chosen;
        if is_chosen {
            frame.buffer_mut().set_style(place, program.theme.marked());
        }
        let mark = if is_chosen { program.sign("▌ ", "> ") } else { "  " };
        let mut line = vec![program.span(mark, Ink::Accent)];
        line.extend(item.left);
        frame.render_widget(Line::from(line), place);
        if !item.right.is_empty() {
            let right = cut(&program.shown_text(&item.right), usize::from(place.width) / 2);
            frame.render_widget(
                Line::from(program.span(format!(" {right}"), Ink::Faint)).right_aligned(),
                place,
            );
        }
        program.hit(place, Target::Line(at));
    }
}

/// The field of what lies over the room, in one line, with the cursor.
fn draw_field(frame: &mut Frame<'_>, area: Rect, program: &mut Program, is_secret: bool) {
    let Some((field, _)) = program.over.as_mut().and_then(Over::field_mut) else { return };
    let (shown, column) = shown_field(field, usize::from(area.width), is_secret);
    frame.buffer_mut().set_style(area, program.theme.chosen());
    frame.render_widget(Line::styled(shown, program.ink(Ink::Text)), area);
    frame.set_cursor_position((area.x + column, area.y));
}

/// The part of a field around the cursor that fits, and the cursor's cell.
fn shown_field(field: &Field, cells: usize, is_secret: bool) -> (String, u16) {
    let hidden = |text: &str| if is_secret { "•".repeat(text.chars().count()) } else { text.to_owned() };
    let before = hidden(field.text().get(..field.cursor()).unwrap_or_default());
    let after = hidden(field.text().get(field.cursor()..).unwrap_or_default());
    let mut start = before.as_str();
    while width(start) >= cells {
        let Some(first) = start.chars().next() else { break };
        start = start.get(first.len_utf8()..).unwrap_or_default();
    }
    let column = u16::try_from(width(start)).unwrap_or_default();
    (shepot_console::cells::clean(&format!("{start}{after}")).into_owned(), column)
}

pub(super) fn draw_locked(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let Some(locked) = &program.locked else { return };
    let (unread, _) = program.desk.unread();
    let mut lines = text(program, program.say("ui-lk-body", &[]), Ink::Second, area);
    if unread > 0 {
        lines.push(Line::from(
            program.bold(program.say("ui-lk-unread", &[("n", &unread.to_string())]), Ink::Accent),
        ));
    }
    lines.push(Line::default());
    let field = lines.len();
    lines.push(Line::default());
    lines.extend(text(program, locked.error.clone(), Ink::Warn, area));
    let panic = Command::Panic.terminal_chord().map(short).unwrap_or_default().repeat(2);
    lines.push(hint(program, &[("Enter", "ui-lk-open"), (&panic, "full-key-panic")]));
    let title = program.say("ui-lk-title", &[]);
    let inside =
        frame_of(frame, area, program, &title, TEXT_CELLS.min(usize::from(area.width) - 4), lines.len());
    for (line, place) in lines.into_iter().zip(inside.rows()) {
        frame.render_widget(line, place);
    }
    if let Some(place) = inside.rows().nth(field) {
        let (shown, column) = shown_field(&locked.field, usize::from(place.width), true);
        frame.buffer_mut().set_style(place, program.theme.chosen());
        frame.render_widget(Line::styled(shown, program.ink(Ink::Text)), place);
        frame.set_cursor_position((place.x + column, place.y));
    }
}

pub(super) fn draw_over(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    // The bar of keys stays.
    let area = Rect { height: area.height.saturating_sub(1), ..area };
    match &program.over {
        None => {}
        Some(Over::Help(from)) => draw_help(frame, area, program, *from),
        Some(Over::Rooms(chosen)) => {
            let (chosen, items) = (*chosen, room_items(program));
            let title = program.say("ui-rooms", &[]);
            choose(frame, area, program, &title, items, (chosen, false, "full-welcome"));
        }
        Some(Over::Members(chosen)) => {
            let (chosen, items) = (*chosen, member_items(program));
            let title = program.say("ui-members", &[]);
            choose(frame, area, program, &title, items, (chosen, false, "ui-alone"));
        }
        Some(Over::Code(as_numbers)) => draw_code(frame, area, program, *as_numbers),
        Some(Over::Emoji(_, picker)) => {
            let chosen = picker.chosen;
            let found = program.emoji_for(picker.field.text());
            let items = found
                .into_iter()
                .map(|emoji| Item {
                    left: vec![
                        program.span(fit(&row::emoji_text(program, emoji), 4), Ink::Text),
                        program.span(emoji.name(program.words.language()), Ink::Text),
                    ],
                    right: format!(":{}:", emoji.short_name),
                })
                .collect();
            let title = program.say("ui-emoji", &[]);
            choose(frame, area, program, &title, items, (chosen, true, "ui-emo-none"));
        }
        Some(Over::Moods(chosen)) => {
            let chosen = *chosen;
            let items = program.moods().into_iter().map(|mood| mood_item(program, mood)).collect();
            let title = program.say("ui-mood-pack", &[]);
            choose(frame, area, program, &title, items, (chosen, false, "ui-emo-none"));
        }
        Some(Over::Switcher(picker)) => {
            let chosen = picker.chosen;
            let entries = program.switcher_entries(picker.field.text());
            let items = entries
                .into_iter()
                .map(|entry| Item {
                    left: vec![program.span(cut(&entry.title, 40), Ink::Text)],
                    right: entry.beside,
                })
                .collect();
            let title = program.say("full-key-switcher", &[]);
            choose(frame, area, program, &title, items, (chosen, true, "ui-sw-none"));
        }
        Some(Over::Search(picker)) => {
            let chosen = picker.chosen;
            let hits = program.found(picker.field.text());
            let items = hits
                .into_iter()
                .map(|(_, line, beside)| Item {
                    left: vec![program.span(cut(&line, 38), Ink::Text)],
                    right: beside,
                })
                .collect();
            let title = program.say("ui-search-room", &[]);
            choose(frame, area, program, &title, items, (chosen, true, "ui-sw-none"));
        }
        Some(Over::Timer(chosen)) => {
            let chosen = *chosen;
            let items = TIMERS
                .iter()
                .map(|seconds| {
                    let name = match seconds {
                        0 => program.say("ui-vanish-off", &[]),
                        seconds => size::duration(
                            &program.words,
                            std::time::Duration::from_secs(u64::from(*seconds)),
                        ),
                    };
                    Item { left: vec![program.span(name, Ink::Text)], right: String::new() }
                })
                .collect();
            let title = program.say("ui-cmd-timer", &[]);
            choose(frame, area, program, &title, items, (chosen, false, "ui-emo-none"));
        }
        Some(Over::Invitation(link)) => {
            let link = link.clone();
            draw_invitation(frame, area, program, &link);
        }
        Some(Over::Record) => draw_record(frame, area, program),
        Some(Over::Ask(ask, ..)) => {
            let ask = ask.clone();
            draw_ask(frame, area, program, &ask);
        }
        Some(Over::Confirm(confirm)) => {
            let (title, body) = question(program, confirm);
            let mut lines = text(program, body, Ink::Text, area);
            lines.push(Line::default());
            lines.push(hint(program, &[("y", "full-yes"), ("n", "full-no")]));
            read(frame, area, program, &title, lines);
        }
    }
}

fn room_items(program: &Program) -> Vec<Item> {
    program
        .room_lines()
        .into_iter()
        .filter_map(|line| match line {
            RoomLine::Server(id) => {
                let server = program.desk.server(id)?;
                let (unread, mentions) = server.unread();
                let (dot, state, ink) = super::state_of(program, server);
                Some(Item {
                    left: vec![
                        program.span(format!("{dot} "), ink),
                        program.bold(cut(server.title(), 30), Ink::Text),
                    ],
                    right: unread_text(unread, mentions).unwrap_or(state),
                })
            }
            RoomLine::Room(place) => {
                let server = program.desk.server(place.server)?;
                let name = sentence::room_name(&program.words, place.room, &server.rooms);
                let known = server.conversation(place.room);
                let (unread, mentions) = known.map_or((0, 0), |known| (known.unread, known.mentions));
                Some(Item {
                    left: vec![program.span(format!("  # {}", cut(&name, 30)), Ink::Text)],
                    right: unread_text(unread, mentions).unwrap_or_default(),
                })
            }
        })
        .collect()
}

fn unread_text(unread: u64, mentions: u64) -> Option<String> {
    match (unread, mentions) {
        (_, 1..) => Some(format!("@{mentions}")),
        (1.., 0) => Some(unread.to_string()),
        (0, 0) => None,
    }
}

fn member_items(program: &Program) -> Vec<Item> {
    let Some(server) = program.shown() else { return Vec::new() };
    server
        .people
        .iter()
        .map(|person| {
            let mut about = people::mark(&person.fingerprint);
            if person.is_self {
                about = format!("{} · {about}", program.say("ui-you", &[]));
            } else if !person.is_present {
                about = format!("{} · {about}", program.say("full-away", &[]));
            }
            Item {
                left: vec![
                    side::sign(program, person),
                    program.bold(cut(&person.nick, 24), Ink::Person(colour::of(&person.fingerprint))),
                ],
                right: about,
            }
        })
        .collect()
}

fn mood_item(program: &Program, mood_of: Option<u8>) -> Item {
    let left = match mood_of {
        None => vec![program.span(program.say("ui-mood-clear", &[]), Ink::Text)],
        Some(number) => {
            let emoji = program.shown_text(mood::emoji(number).unwrap_or_default());
            let name = mood::name(&program.words, number).unwrap_or_default();
            vec![program.span(format!("{emoji} {name}"), Ink::Text)]
        }
    };
    let right = if mood_of == program.mood { program.sign("✓", "+") } else { "" };
    Item { left, right: right.to_owned() }
}

fn draw_help(frame: &mut Frame<'_>, area: Rect, program: &mut Program, from: usize) {
    let cells = usize::from(area.width).saturating_sub(6).min(LIST_CELLS + 8);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let explained = |key: &str, what: String| {
        let room = cells.saturating_sub(KEY_CELLS);
        let wrapped = wrap(&[Piece::new(what, program.ink(Ink::Text))], room);
        let with_key = wrapped.into_iter().enumerate().map(|(at, mut text)| {
            let key = if at == 0 { fit(key, KEY_CELLS) } else { " ".repeat(KEY_CELLS) };
            text.spans.insert(0, Span::styled(key, program.theme.bold(Ink::Accent)));
            text
        });
        with_key.collect::<Vec<_>>()
    };
    for command in Command::ALL {
        if let Some(chord) = command.terminal_chord() {
            let twice = if *command == Command::Panic { " ×2" } else { "" };
            let key = format!("{}{twice}", chord.written());
            lines.extend(explained(&key, program.say(command.word(), &[])));
        }
    }
    for (key, name) in [
        ("Alt+1 … 9", "ui-key-servers"),
        ("Enter", "ui-key-send"),
        ("Alt+Enter, Ctrl+J", "ui-key-line"),
        ("↑", "ui-key-edit"),
        ("Tab", "ui-key-complete"),
        ("PgUp, PgDn", "full-key-scroll"),
        ("F6, ↑ ↓", "ui-key-move"),
        ("R", "ui-key-reply"),
        ("E", "ui-key-react"),
        ("C", "ui-key-copy"),
        ("D", "ui-key-delete"),
        ("S, X", "full-key-held"),
        ("End", "ui-key-newest"),
    ] {
        lines.extend(explained(key, program.say(name, &[])));
    }
    lines.push(Line::default());
    lines.push(Line::from(program.bold(program.say("full-commands", &[]), Ink::Faint)));
    for (usage, explanation) in SLASHES {
        lines.extend(explained(usage, program.say(explanation, &[])));
    }
    lines.push(Line::default());
    lines.extend(wrap(&[Piece::new(program.say("full-help-note", &[]), program.ink(Ink::Faint))], cells));
    let height = usize::from(area.height).saturating_sub(4).max(1);
    let from = from.min(lines.len().saturating_sub(height));
    if let Some(Over::Help(at)) = &mut program.over {
        *at = from;
    }
    let title = program.say("full-key-help", &[]);
    let inside = frame_of(frame, area, program, &title, cells, height);
    for (line, place) in lines.into_iter().skip(from).zip(inside.rows()) {
        frame.render_widget(line, place);
    }
}

fn draw_code(frame: &mut Frame<'_>, area: Rect, program: &Program, as_numbers: bool) {
    let room = program.room_name();
    let title = program.say("ui-sc-title", &[("room", &room)]);
    let mut lines = text(program, program.say("ui-sc-body", &[]), Ink::Second, area);
    lines.push(Line::default());
    let cells = usize::from(area.width).saturating_sub(6).min(TEXT_CELLS);
    match program.code() {
        None => lines.push(Line::from(program.span(program.say("full-no-code", &[]), Ink::Faint))),
        Some(code) if as_numbers => {
            lines.push(Line::from(program.bold(safety::as_numbers(&code.symbols), Ink::Text)));
        }
        Some(code) => {
            // Each with its name: it is read aloud.
            let column = (cells / 3).max(12);
            for symbols in code.symbols.chunks((cells / column).max(1)) {
                let spans = symbols.iter().map(|symbol| {
                    let picture = if program.is_ascii { "" } else { safety::picture(*symbol) };
                    let name = safety::name(&program.words, *symbol);
                    program.span(fit(&format!("{picture} {name}"), column), Ink::Text)
                });
                lines.push(Line::from(spans.collect::<Vec<_>>()));
            }
        }
    }
    lines.push(Line::default());
    if let Some(server) = program.shown() {
        lines.push(side::compared(program, server.comparison()));
    }
    lines.push(Line::default());
    let other = if as_numbers { "ui-sc-pictures" } else { "ui-sc-numbers" };
    lines.push(hint(program, &[("y", "ui-sc-match"), ("n", "ui-sc-nomatch")]));
    lines.push(hint(program, &[("Tab", other), ("Esc", "ui-close")]));
    read(frame, area, program, &title, lines);
}

fn draw_record(frame: &mut Frame<'_>, area: Rect, program: &Program) {
    let Some(record) = program.shown().and_then(|server| server.record.as_ref()) else { return };
    let facts = server_record::facts(&program.words, record);
    let widest = facts.iter().map(|fact| width(&fact.name)).max().unwrap_or_default();
    let mut lines: Vec<Line<'static>> = facts
        .iter()
        .map(|fact| {
            Line::from(vec![
                program.span(fit(&fact.name, widest + 2), Ink::Faint),
                program.span(&fact.value, Ink::Text),
            ])
        })
        .collect();
    lines.push(Line::default());
    lines.extend(text(program, program.say("record-note", &[]), Ink::Second, area));
    lines.push(Line::default());
    lines.push(hint(program, &[("Esc", "ui-close")]));
    read(frame, area, program, &program.say("record-title", &[]), lines);
}

fn draw_invitation(frame: &mut Frame<'_>, area: Rect, program: &Program, link: &str) {
    let rows = qr_rows(link);
    let columns = rows.first().map_or(0, |row| row.chars().count());
    let cells = usize::from(area.width).saturating_sub(4);
    let mut lines = wrap(&[Piece::new(program.say("ui-inv-body", &[]), program.ink(Ink::Second))], cells);
    lines.extend(wrap(&[Piece::new(link.to_owned(), program.ink(Ink::Text))], cells));
    let needed = rows.len() + lines.len() + 3;
    if columns <= cells && needed <= usize::from(area.height) {
        // Dark on light whatever the theme is: cameras want it so.
        let style = Style::new().fg(Color::Black).bg(Color::White);
        lines.extend(rows.iter().map(|row| Line::from(Span::styled(row.to_string(), style))));
    } else {
        let values = [("columns", &*(columns + 4).to_string()), ("rows", &(needed + 1).to_string())];
        let note = program.say("top-invite-narrow", &values);
        lines.extend(wrap(&[Piece::new(note, program.ink(Ink::Faint))], cells));
    }
    lines.push(hint(program, &[("c", "ui-inv-copy"), ("Esc", "ui-close")]));
    let name = program.shown().map(|server| server.title().to_owned()).unwrap_or_default();
    read(frame, area, program, &program.say("ui-inv-title", &[("server", &name)]), lines);
}

fn draw_ask(frame: &mut Frame<'_>, area: Rect, program: &mut Program, ask: &Ask) {
    let (title, body) = match ask {
        Ask::Nick => ("ui-fr-who", "ui-nick-rule"),
        Ask::Server => ("ui-add-server", "full-ask-server"),
        Ask::Room => ("ui-new-room", "ui-room-name"),
        Ask::RoomName(_) => ("ui-rename", "ui-room-name"),
        Ask::Passphrase => ("ui-v-pass", "ui-v-pass-note"),
        Ask::PassphraseAgain(_) => ("ui-v-pass", "ui-lk-again"),
    };
    let error = match &program.over {
        Some(Over::Ask(_, _, error)) => error.clone(),
        Some(_) | None => String::new(),
    };
    let mut lines = text(program, program.say(body, &[]), Ink::Second, area);
    let field = lines.len();
    lines.push(Line::default());
    lines.extend(text(program, error, Ink::Warn, area));
    lines.push(hint(program, &[("Enter", "full-ok"), ("Esc", "ui-cancel")]));
    let cells = usize::from(area.width).saturating_sub(6).min(TEXT_CELLS);
    let title = program.say(title, &[]);
    let inside = frame_of(frame, area, program, &title, cells, lines.len());
    for (line, place) in lines.into_iter().zip(inside.rows()) {
        frame.render_widget(line, place);
    }
    if let Some(place) = inside.rows().nth(field) {
        draw_field(frame, place, program, matches!(ask, Ask::Passphrase | Ask::PassphraseAgain(_)));
    }
}

/// A question's title and body.
fn question(program: &Program, confirm: &Confirm) -> (String, String) {
    let name = |server: &shepot_client::model::ServerId| {
        program.desk.server(*server).map(|known| known.title().to_owned()).unwrap_or_default()
    };
    let about = |title: &str, body: &str, server| {
        (program.say(title, &[("server", &name(server))]), program.say(body, &[]))
    };
    match confirm {
        Confirm::Clear(server) => about("ui-cl-title", "ui-cl-body", server),
        Confirm::Leave(server) => about("ui-lv-title", "full-leave-body", server),
        Confirm::Remove(server) => about("ui-rm-title", "ui-rm-body", server),
        Confirm::Delete(_) => (program.say("ui-del-title", &[]), program.say("ui-del-body", &[])),
        Confirm::Evict(person) => {
            let nick = program.shown().and_then(|server| Some(server.person(person)?.nick.clone()));
            let nick = nick.unwrap_or_default();
            (program.say("ui-evict-title", &[("nick", &nick)]), program.say("ui-evict-body", &[]))
        }
        Confirm::StopHosting => (program.say("ui-stop-title", &[]), program.say("ui-stop-body", &[])),
        Confirm::Quit => {
            let mut body = program.say("ui-qt-body", &[]);
            if program.hosting != crate::full::program::Hosting::Off {
                body = format!("{body} {}", program.say("ui-qt-host", &[]));
            }
            (program.say("ui-qt-title", &[]), body)
        }
    }
}
