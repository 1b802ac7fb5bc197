//! Boxes over the room with lists to choose from.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use shepot_console::cells::{cut, fit};
use shepot_console::theme::Ink;
use shepot_view::emoji::Emoji;
use shepot_view::{mood, people, sentence};

use super::frame::{LIST_CELLS, draw_field, frame_of, hint, say_more};
use super::reading;
use super::side;
use crate::full::hits::Target;
use crate::full::program::Program;
use shepot_app::{For, List, Offered, Overlay, RoomLine, emoji_for, joining};

/// A line of a list: the texts at its left and right.
struct Item {
    left: Vec<Span<'static>>,
    right: String,
}

/// A list to choose from, with the names of its sentences.
struct Lines {
    title: String,
    items: Vec<Item>,
    /// The name of the sentence for an empty list.
    empty: &'static str,
    keys: &'static [(&'static str, &'static str)],
}

/// Draws a box with a list, and a field above it if the list can be narrowed.
fn choose(frame: &mut Frame<'_>, area: Rect, program: &mut Program, list: Lines) {
    let Lines { title, items, empty, keys } = list;
    let (chosen, has_field) = {
        let over = program.overlay.as_ref();
        (over.and_then(Overlay::chosen).unwrap_or_default(), over.and_then(Overlay::field).is_some())
    };
    let head = if has_field { 2 } else { 0 };
    let most = usize::from(area.height).saturating_sub(4);
    let cells = usize::from(area.width).saturating_sub(6).min(LIST_CELLS);
    let hints = hint(program, &[&[("↑↓", "full-choose")], keys, &[("Esc", "ui-close")]].concat(), cells);
    let rows = (items.len().max(1) + head + 1 + hints.len()).min(most.max(head + 3));
    let inside = frame_of(frame, area, program, &title, cells, rows);
    let mut list = inside;
    if has_field {
        let line = Rect { height: 1, ..inside };
        draw_field(frame, line, program, false);
        list = Rect { y: inside.y + 2, height: inside.height.saturating_sub(2), ..inside };
    }
    let height = u16::try_from(hints.len()).unwrap_or(1).min(list.height);
    let below = Rect { y: list.bottom().saturating_sub(height), height, ..list };
    for (line, place) in hints.into_iter().zip(below.rows()) {
        frame.render_widget(line, place);
    }
    list.height = list.height.saturating_sub(height + 1);
    if items.is_empty() {
        frame.render_widget(Line::from(program.span(program.tr(empty, &[]), Ink::Faint)), list);
        return;
    }
    let height = usize::from(list.height).max(1);
    let from = (chosen + 1).saturating_sub(height);
    say_more(frame, inside, program, (from, height, items.len()));
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

/// The lines of the list in the overlay. `None` if that is not a list.
fn list_of(program: &Program) -> Option<Lines> {
    let item = |text: &str, right: String| Item { left: vec![program.span(text, Ink::Text)], right };
    let Overlay::List(list) = program.overlay.as_ref()? else { return None };
    let (title, items, empty, keys): (_, _, _, &[_]) = match &list.offered {
        Offered::Rooms => {
            (program.tr("ui-rooms", &[]), room_items(program), "ui-emo-none", &[("Enter", "full-open")])
        }
        Offered::Members => {
            let keys: &[_] = &[("Enter", "full-mention"), ("c", "full-pair-code"), ("x", "full-evict")];
            // Only the owner of the circle may remove somebody.
            let is_owner = program.shown().is_some_and(|server| server.is_owner);
            let keys = if is_owner { keys } else { keys.get(..2).unwrap_or_default() };
            (program.tr("ui-members", &[]), member_items(program), "ui-alone", keys)
        }
        Offered::Emoji(wanted) => {
            let keys: &[_] = match wanted {
                For::Text => &[("Enter", "full-insert")],
                For::Reaction(_) => &[("Enter", "ui-react")],
                For::Avatar => &[("Enter", "full-set")],
            };
            let found = emoji_for(list.field.text()).into_iter();
            let items = found.map(|emoji| emoji_item(program, emoji)).collect();
            (program.tr("ui-emoji", &[]), items, "ui-emo-none", keys)
        }
        Offered::Moods => {
            let items = program.moods().into_iter().map(|mood| mood_item(program, mood)).collect();
            (program.tr("ui-mood-pack", &[]), items, "ui-emo-none", &[("Enter", "full-set")])
        }
        Offered::Switcher(offered) => {
            let items = offered.iter().map(|entry| item(&cut(&entry.title, 40), entry.beside.clone()));
            (program.tr("full-key-switcher", &[]), items.collect(), "ui-sw-none", &[("Enter", "full-open")])
        }
        Offered::Search => {
            let hits = program.found().into_iter();
            let items = hits.map(|(line, beside)| item(&cut(&line, 38), beside)).collect();
            // Nothing was looked for yet.
            let empty = if list.field.text().trim().is_empty() { "ui-search-hint" } else { "ui-sw-none" };
            (program.tr("ui-search-room", &[]), items, empty, &[("Enter", "full-open")])
        }
        Offered::Timers(_) => {
            let items = program.timers().into_iter().map(|(_, name)| item(&name, String::new())).collect();
            (program.tr("ui-cmd-timer", &[]), items, "ui-emo-none", &[("Enter", "full-set")])
        }
        Offered::Connections => return None,
    };
    Some(Lines { title, items, empty, keys })
}

pub(super) fn draw_overlay(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    // The bar of keys stays.
    let area = Rect { height: area.height.saturating_sub(1), ..area };
    if let Some(list) = list_of(program) {
        return choose(frame, area, program, list);
    }
    match &program.overlay {
        Some(Overlay::Help) => reading::draw_help(frame, area, program),
        // What is drawn is taken out first: the drawing notes where things stand.
        Some(Overlay::Code(comparing)) => reading::draw_code(*comparing, frame, area, program),
        Some(Overlay::PairCode(paired)) => reading::draw_pair_code(&paired.clone(), frame, area, program),
        Some(Overlay::Invitation(invited)) => {
            reading::draw_invitation(&invited.clone(), frame, area, program);
        }
        Some(Overlay::Record) => reading::draw_record(frame, area, program),
        Some(Overlay::List(List { offered: Offered::Connections, chosen, .. })) => {
            super::connections::draw_connections(*chosen, frame, area, program);
        }
        Some(Overlay::Ask(ask, ..)) => reading::draw_ask(&ask.clone(), frame, area, program),
        Some(Overlay::Confirm(confirmation)) => {
            let question = confirmation.question(&program.desk, &program.l10n, &program.clock);
            reading::draw_question(question, frame, area, program);
        }
        Some(Overlay::Join(joining)) => {
            let question = joining::question(&program.l10n, joining, program.now.unix);
            reading::draw_question(question, frame, area, program);
        }
        // The others are lists, or only where there are pages and a mouse that does more than to choose.
        Some(_) | None => {}
    }
}

fn emoji_item(program: &Program, emoji: &Emoji) -> Item {
    let name = program.span(emoji.name(program.l10n.language()), Ink::Text);
    // Its name says it where there are no pictures.
    let left =
        if program.is_ascii { vec![name] } else { vec![program.span(fit(emoji.text, 4), Ink::Text), name] };
    Item { left, right: format!(":{}:", emoji.short_name) }
}

fn room_items(program: &Program) -> Vec<Item> {
    let item = |text: &str, right: String| Item { left: vec![program.span(text, Ink::Text)], right };
    program
        .room_lines()
        .into_iter()
        .filter_map(|line| match line {
            RoomLine::Server(id) => {
                let server = program.desk.server(id)?;
                let (unread, mentions) = server.unread();
                let (dot, state, ink) = super::state_of(program, server);
                let name = program.bold(cut(server.title(), 30), Ink::Text);
                let right = unread_text(unread, mentions).unwrap_or(state);
                Some(Item { left: vec![program.span(format!("{dot} "), ink), name], right })
            }
            RoomLine::Room(place) => {
                let server = program.desk.server(place.server)?;
                let name = sentence::room_name(&program.l10n, place.room(), &server.rooms);
                let known = server.conversation(place.conversation);
                let (unread, mentions) = known.map_or((0, 0), |known| (known.unread, known.mentions));
                Some(item(
                    &format!("  # {}", cut(&name, 30)),
                    unread_text(unread, mentions).unwrap_or_default(),
                ))
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
                about = format!("{} · {about}", program.tr("ui-you", &[]));
            } else if !person.is_present {
                about = format!("{} · {about}", program.tr("terminal-away", &[]));
            }
            let nick = program.bold(cut(&person.nick, 24), side::ink_of(program, person));
            Item { left: vec![side::sign(program, person), nick], right: about }
        })
        .collect()
}

fn mood_item(program: &Program, mood_of: Option<u8>) -> Item {
    let left = match mood_of {
        None => vec![program.span(program.tr("ui-mood-clear", &[]), Ink::Text)],
        Some(number) => {
            let emoji = program.shown_text(mood::emoji(number).unwrap_or_default());
            let name = mood::name(&program.l10n, number).unwrap_or_default();
            vec![program.span(format!("{emoji} {name}"), Ink::Text)]
        }
    };
    let right = if mood_of == program.mood { program.sign("✓", "+") } else { "" };
    Item { left, right: right.to_owned() }
}
