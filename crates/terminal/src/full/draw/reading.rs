//! Boxes to read, to answer and to type into: help, code, record, invitation, questions; and the lock.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;
use shepot_app::confirmation::Question;
use shepot_console::cells::{Piece, fit, gap, line_width, span, width, wrap};
use shepot_console::qr_rows;
use shepot_console::theme::{CODE, Ink};
use shepot_view::command::Command;
use shepot_view::safety::Symbols;
use shepot_view::{safety, sentence, server_record};

use super::frame::{LIST_CELLS, draw_field, frame_of, hint, say_more, shown_field};
use super::side;
use crate::full::keys::short;
use crate::full::program::Program;
use shepot_app::Hosting;
use shepot_app::{Ask, Comparing, Invited, Overlay, Paired};
use shepot_view::slash::{self, Prompt};

/// The most cells of a line of text.
const TEXT_CELLS: usize = 62;

/// The cells for the names of keys and commands in the help.
const KEY_CELLS: usize = 20;

/// Draws a box with lines to read and the keys below. The lines scroll if they do not fit.
fn read(
    frame: &mut Frame<'_>,
    area: Rect,
    program: &mut Program,
    title: &str,
    lines: Vec<Line<'static>>,
    keys: &[(&str, &str)],
) {
    let most = usize::from(area.width).saturating_sub(4);
    let widest = lines.iter().map(line_width).chain([width(title)]).max().unwrap_or_default().min(most);
    let room = usize::from(area.height).saturating_sub(2);
    let mut hints = hint(program, keys, widest);
    if hints.len() > 1 {
        // Keys in one line are worth a wider box.
        let wide = hint(program, keys, most);
        if wide.len() < hints.len() {
            hints = wide;
        }
    }
    let widest = hints.iter().map(line_width).chain([widest]).max().unwrap_or_default().min(most);
    let mut shown = room.saturating_sub(hints.len() + 1);
    if lines.len() > shown {
        hints = hint(program, &[&[("↑↓", "full-scroll")], keys].concat(), widest);
        shown = room.saturating_sub(hints.len() + 1);
    }
    program.read_from = program.read_from.min(lines.len().saturating_sub(shown.max(1)));
    let all = lines.len();
    let seen: Vec<Line<'static>> = lines.into_iter().skip(program.read_from).take(shown.max(1)).collect();
    let inside = frame_of(frame, area, program, title, widest, seen.len() + 1 + hints.len());
    say_more(frame, inside, program, (program.read_from, seen.len(), all));
    let rest = seen.into_iter().chain([Line::default()]).chain(hints);
    for (line, place) in rest.zip(inside.rows()) {
        frame.render_widget(line, place);
    }
}

fn text(program: &Program, text: String, ink: Ink, area: Rect) -> Vec<Line<'static>> {
    let cells = usize::from(area.width).saturating_sub(6).min(TEXT_CELLS);
    wrap(&[Piece::new(program.shown_text(&text), program.ink(ink))], cells)
}

pub(super) fn draw_help(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let cells = usize::from(area.width).saturating_sub(6).min(LIST_CELLS + 8);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let explained = |key: &str, what: String| {
        let key = &program.shown_text(key);
        let room = cells.saturating_sub(KEY_CELLS);
        let wrapped = wrap(&[Piece::new(what, program.ink(Ink::Text))], room);
        let with_key = wrapped.into_iter().enumerate().map(|(at, mut text)| {
            let key = if at == 0 { fit(key, KEY_CELLS) } else { " ".repeat(KEY_CELLS) };
            text.spans.insert(0, span(key, program.theme.bold(Ink::Accent)));
            text
        });
        with_key.collect::<Vec<_>>()
    };
    for command in Command::ALL {
        if let Some(chord) = command.terminal_chord() {
            let twice = if *command == Command::Panic { " ×2" } else { "" };
            let key = format!("{}{twice}", chord.written());
            lines.extend(explained(&key, program.tr(command.word(), &[])));
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
        ("Ctrl+R", "full-key-redraw"),
    ] {
        lines.extend(explained(key, program.tr(name, &[])));
    }
    lines.push(Line::default());
    lines.push(Line::from(program.bold(program.tr("full-commands", &[]), Ink::Faint)));
    for (usage, explanation) in slash::explained(&program.l10n, Prompt::Screen) {
        lines.extend(explained(&usage, explanation));
    }
    lines.push(Line::default());
    lines.extend(wrap(&[Piece::new(program.tr("full-help-note", &[]), program.ink(Ink::Faint))], cells));
    let height = usize::from(area.height).saturating_sub(4).max(1);
    program.read_from = program.read_from.min(lines.len().saturating_sub(height));
    let title = program.tr("full-key-help", &[]);
    let inside = frame_of(frame, area, program, &title, cells, height);
    say_more(frame, inside, program, (program.read_from, usize::from(inside.height), lines.len()));
    for (line, place) in lines.into_iter().skip(program.read_from).zip(inside.rows()) {
        frame.render_widget(line, place);
    }
}

/// A safety code as it is read aloud: symbols with their names, or numbers.
fn code_lines(program: &Program, symbols: &Symbols, as_numbers: bool, cells: usize) -> Vec<Line<'static>> {
    if as_numbers {
        let numbers = safety::as_numbers(symbols);
        return wrap(&[Piece::new(numbers, program.theme.bold(Ink::Text))], cells);
    }
    // Rows of four, as in the window, where there is room.
    let column = (cells / 4).max(14).min(cells).max(1);
    let line = |symbols: &[u8]| {
        let spans = symbols.iter().map(|symbol| {
            let picture = if program.is_ascii { "" } else { safety::picture(*symbol) };
            let name = safety::name(&program.l10n, *symbol);
            program.span(fit(&format!("{picture} {name}"), column), Ink::Text)
        });
        Line::from(spans.collect::<Vec<_>>())
    };
    symbols.chunks((cells / column).max(1)).map(line).collect()
}

pub(super) fn draw_pair_code(paired: &Paired, frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let title = program.tr("ui-pc-title", &[("nick", &paired.nick)]);
    let mut lines = text(program, program.tr("ui-pc-body", &[]), Ink::Second, area);
    lines.push(Line::default());
    let cells = usize::from(area.width).saturating_sub(6).min(TEXT_CELLS);
    lines.extend(code_lines(program, &paired.symbols, paired.as_numbers, cells));
    let other = if paired.as_numbers { "ui-sc-pictures" } else { "ui-sc-numbers" };
    read(frame, area, program, &title, lines, &[("Tab", other), ("Esc", "ui-close")]);
}

pub(super) fn draw_code(comparing: Comparing, frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let Some(server) = program.shown() else { return };
    let title = program.tr("ui-sc-title", &[("room", server.title())]);
    let comparison = server.comparison();
    let is_of_before = comparing.shown.is_some() && comparing.shown != server.code;
    let changed = server.key_changes().next_back().map(|change| {
        let time = program.clock.time(change.at);
        sentence::key_change(&program.l10n, &time, &change.event, &server.rooms, &server.people)
    });
    let mut lines = text(program, program.tr("ui-sc-body", &[]), Ink::Second, area);
    lines.push(Line::default());
    if is_of_before {
        lines.extend(text(program, program.tr("ui-sc-meanwhile", &[]), Ink::Danger, area));
        lines.push(Line::default());
    }
    let cells = usize::from(area.width).saturating_sub(6).min(TEXT_CELLS);
    match comparing.shown {
        None => lines.push(Line::from(program.span(program.tr("full-no-code", &[]), Ink::Faint))),
        Some(code) => lines.extend(code_lines(program, &code.symbols, comparing.as_numbers, cells)),
    }
    lines.push(Line::default());
    lines.extend(side::compared(program, comparison, cells));
    if let Some(changed) = changed {
        lines.extend(text(program, changed, Ink::Faint, area));
    }
    let other = if comparing.as_numbers { "ui-sc-pictures" } else { "ui-sc-numbers" };
    let (yes, no) = (program.tr("yes-key", &[]), program.tr("no-key", &[]));
    let keys = [(&*yes, "ui-sc-match"), (&*no, "ui-sc-nomatch"), ("Tab", other), ("Esc", "ui-close")];
    read(frame, area, program, &title, lines, &keys);
}

pub(super) fn draw_record(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let Some(record) = program.shown().and_then(|server| server.record.as_ref()) else { return };
    let facts = server_record::facts(&program.l10n, record);
    let names = facts.iter().map(|fact| width(&fact.name)).max().unwrap_or_default();
    let values = facts.iter().map(|fact| width(&fact.value)).max().unwrap_or_default();
    let cells = usize::from(area.width).saturating_sub(6);
    let is_wide = names + 2 + values <= cells;
    let mut lines: Vec<Line<'static>> = Vec::new();
    for fact in &facts {
        if is_wide {
            lines.push(Line::from(vec![
                program.span(fit(&fact.name, names + 2), Ink::Faint),
                program.span(&fact.value, Ink::Text),
            ]));
        } else {
            // Below each other rather than cut.
            lines.extend(wrap(&[Piece::new(fact.name.clone(), program.ink(Ink::Faint))], cells));
            let value = Piece::new(program.shown_text(&fact.value), program.ink(Ink::Text));
            for mut line in wrap(&[value], cells.saturating_sub(2).max(1)) {
                line.spans.insert(0, gap(2));
                lines.push(line);
            }
        }
    }
    lines.push(Line::default());
    lines.extend(text(program, program.tr("record-note", &[]), Ink::Second, area));
    let title = program.tr("record-title", &[]);
    read(frame, area, program, &title, lines, &[("Esc", "ui-close")]);
}

/// Draws an invitation as a link, or as a QR code alone, which needs all the room there is.
pub(super) fn draw_invitation(invited: &Invited, frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let mut keys = vec![("c", "ui-inv-copy")];
    if invited.is_ours {
        keys.push(("a", "full-other-address"));
    }
    if invited.can_renew {
        keys.push(("n", "ui-inv-renew"));
    }
    let rows = qr_rows(&invited.link);
    let columns = rows.first().map_or(0, |row| row.chars().count());
    let fits = columns <= usize::from(area.width) && rows.len() <= usize::from(area.height);
    if invited.shows_code && fits && columns > 0 {
        return draw_qr(frame, area, program, &rows, columns);
    }
    let cells = usize::from(area.width).saturating_sub(4);
    let mut lines = Vec::new();
    // One's own is nobody else's, and an owner's is given to nobody lightly.
    if !invited.is_own && !invited.makes_owner {
        lines = wrap(&[Piece::new(program.tr("ui-inv-body", &[]), program.ink(Ink::Second))], cells);
    }
    if !invited.note.is_empty() {
        lines.extend(wrap(&[Piece::new(invited.note.clone(), program.ink(Ink::Warn))], cells));
    }
    lines.push(Line::default());
    lines.extend(wrap(&[Piece::new(invited.link.as_str(), program.ink(Ink::Text))], cells));
    if invited.shows_code {
        lines.push(Line::default());
        let values = [("columns", &*columns.to_string()), ("rows", &(rows.len() + 1).to_string())];
        let note = program.tr("full-qr-small", &values);
        lines.extend(wrap(&[Piece::new(note, program.ink(Ink::Warn))], cells));
    }
    keys.push(("Tab", if invited.shows_code { "full-show-link" } else { "full-show-code" }));
    keys.push(("Esc", "ui-close"));
    let name = program.shown().map(|server| server.title().to_owned()).unwrap_or_default();
    let title = program.tr("ui-inv-title", &[("server", &name)]);
    read(frame, area, program, &title, lines, &keys);
}

fn draw_qr(
    frame: &mut Frame<'_>,
    area: Rect,
    program: &Program,
    rows: &[zeroize::Zeroizing<String>],
    columns: usize,
) {
    let style = CODE;
    frame.render_widget(Clear, area);
    frame.buffer_mut().set_style(area, style);
    let cells = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    let place = Rect {
        x: area.x + area.width.saturating_sub(cells(columns)) / 2,
        y: area.y + area.height.saturating_sub(cells(rows.len())) / 2,
        width: cells(columns).min(area.width),
        height: cells(rows.len()).min(area.height),
    };
    for (row, place) in rows.iter().zip(place.rows()) {
        frame.render_widget(span(row, style), place);
    }
    // Beside the code, where there is room.
    let beside = usize::from(place.x.saturating_sub(area.x));
    let hints = hint(program, &[("Tab", "full-show-link"), ("Esc", "ui-close")], beside.saturating_sub(2));
    if hints.iter().map(line_width).max().unwrap_or_default() < beside + 3 {
        for (line, place) in hints.into_iter().zip(area.rows()) {
            frame.render_widget(line.style(style), place);
        }
    }
}

pub(super) fn draw_ask(ask: &Ask, frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let (title, body) = match ask {
        Ask::Nick => ("ui-fr-who", "ui-nick-rule"),
        Ask::Server => ("ui-add-server", "full-ask-server"),
        Ask::Invitation(_) => ("ui-new-invitation", "full-ask-server"),
        Ask::Room(_) => ("ui-new-room", "ui-room-name"),
        Ask::HostAddress(_) => ("full-other-address", "full-ask-address"),
        Ask::RoomName(_) => ("ui-rename", "ui-room-name"),
        Ask::Passphrase { .. } => ("ui-v-pass", "ui-v-pass-note"),
        Ask::PassphraseAgain { .. } => ("ui-v-pass", "ui-lk-again"),
    };
    let error = match &program.overlay {
        Some(Overlay::Ask(_, _, error)) => error.clone(),
        Some(_) | None => String::new(),
    };
    let port = if let Hosting::On(_, at) = &program.hosting { at.port.to_string() } else { String::new() };
    let mut body = program.tr(body, &[("port", &port)]);
    if matches!(ask, Ask::Passphrase { .. }) {
        body = format!("{body} {}", program.tr("full-lock-wipes", &[]));
    }
    let mut lines = text(program, body, Ink::Second, area);
    let field = lines.len();
    lines.push(Line::default());
    lines.extend(text(program, error, Ink::Warn, area));
    let cells = usize::from(area.width).saturating_sub(6).min(TEXT_CELLS);
    lines.extend(hint(program, &[("Enter", "full-ok"), ("Esc", "ui-cancel")], cells));
    let title = program.tr(title, &[]);
    let inside = frame_of(frame, area, program, &title, cells, lines.len());
    for (line, place) in lines.into_iter().zip(inside.rows()) {
        frame.render_widget(line, place);
    }
    if let Some(place) = inside.rows().nth(field) {
        draw_field(
            frame,
            place,
            program,
            matches!(ask, Ask::Passphrase { .. } | Ask::PassphraseAgain { .. }),
        );
    }
}

pub(super) fn draw_question(question: Question, frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let lines = text(program, question.body, Ink::Text, area);
    // The letters of an answer are the language's.
    let (yes, no) = (program.tr("yes-key", &[]), program.tr("no-key", &[]));
    let say = program.tr("full-say-key", &[]);
    // What an answer does, not that it is one: what is told is not always a question.
    let mut keys = vec![(yes.as_str(), question.yes.as_str()), (no.as_str(), "full-no")];
    if question.yes.is_empty() {
        keys.remove(0);
    }
    if !question.also.is_empty() {
        keys.insert(keys.len() - 1, (say.as_str(), "ui-join-say"));
    }
    read(frame, area, program, &question.title, lines, &keys);
}

pub(super) fn draw_locked(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    let (unread, _) = program.desk.unread();
    let mut lines = text(program, program.lock_body(), Ink::Second, area);
    if unread > 0 {
        lines.push(Line::from(
            program.bold(program.tr("ui-lk-unread", &[("n", &unread.to_string())]), Ink::Accent),
        ));
    }
    lines.push(Line::default());
    let field = lines.len();
    lines.push(Line::default());
    lines.extend(text(program, program.lock.error.clone(), Ink::Warn, area));
    let panic = Command::Panic.terminal_chord().map(short).unwrap_or_default().repeat(2);
    let cells = TEXT_CELLS.min(usize::from(area.width).saturating_sub(4));
    lines.extend(hint(program, &[("Enter", "ui-lk-open"), (&panic, "full-key-panic")], cells));
    let title = program.tr("ui-lk-title", &[]);
    let inside = frame_of(frame, area, program, &title, cells, lines.len());
    for (line, place) in lines.into_iter().zip(inside.rows()) {
        frame.render_widget(line, place);
    }
    if let Some(place) = inside.rows().nth(field) {
        let (shown, column) = shown_field(&program.lock.field, usize::from(place.width), true);
        frame.buffer_mut().set_style(place, program.theme.chosen());
        frame.render_widget(span(shown, program.ink(Ink::Text)), place);
        frame.set_cursor_position((place.x + column, place.y));
    }
    // That a key has to be pressed once more.
    let toast = super::banner::toast(program, area.width);
    let height = u16::try_from(toast.len()).unwrap_or_default().min(area.height);
    let below = Rect { y: area.bottom() - height, height, ..area };
    for (line, place) in toast.into_iter().zip(below.rows()) {
        frame.render_widget(line, place);
    }
}
