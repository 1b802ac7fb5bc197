//! The switcher: a few letters of a room, a person, a message or a command.

use std::rc::Rc;

use shepot_client::model::ServerId;
use shepot_typeset::{Colour, Style, Weight};
use shepot_view::palette::{self, Entry, Kind, Target};
use shepot_window as ui;
use slint::platform::Key as Named;
use slint::{ComponentHandle as _, Model as _};

use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::timeline::face;
use crate::{composer, keyboard, keys, room};

const HEADLINE: f32 = 36.0;
const ROW: f32 = 44.0;
/// What is surely seen of the list.
const VIEW: f32 = 280.0;

/// Pixels of a face in the list.
const FACE: f32 = 24.0;

/// The entries that are shown.
#[derive(Default)]
pub(crate) struct SwitcherState {
    entries: Vec<Entry>,
    current: usize,
}

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Switcher, on_edited, |program, wanted| fill(&program, &wanted));
    on!(program, Switcher, on_chosen, |program, index| {
        choose(&program, usize::try_from(index).unwrap_or(usize::MAX));
    });
    on!(program, Switcher, on_close, |program| {
        close(&program);
    });
    on!(program, Switcher, on_key, |program, text| key(&program, &text));
    on!(program, Shell, on_open_switcher, |program| open(&program));
}

fn switcher(program: &Program) -> ui::Switcher<'_> {
    program.app.global::<ui::Switcher>()
}

pub(crate) fn open(program: &Rc<Program>) {
    if program.desk.borrow().servers().is_empty() {
        return;
    }
    let switcher = switcher(program);
    switcher.set_wanted("".shown());
    fill(program, "");
    switcher.set_open(true);
}

/// Closes it; false when it was not open.
pub(crate) fn close(program: &Rc<Program>) -> bool {
    let switcher = switcher(program);
    if !switcher.get_open() {
        return false;
    }
    switcher.set_open(false);
    switcher.set_wanted("".shown());
    switcher.set_rows(model(Vec::new()));
    program.switcher.borrow_mut().entries = Vec::new();
    program.app.invoke_focus_page();
    true
}

fn fill(program: &Rc<Program>, wanted: &str) {
    let l10n = program.l10n();
    let entries = {
        let desk = program.desk.borrow();
        let clock = program.clock.borrow();
        palette::entries(&desk, wanted, program.server.get(), &l10n, &|at| clock.time(at))
    };
    {
        let mut state = program.switcher.borrow_mut();
        state.entries = entries;
        state.current = 0;
    }
    draw(program);
}

fn draw(program: &Rc<Program>) {
    let l10n = program.l10n();
    let state = program.switcher.borrow();
    let mut rows = Vec::new();
    let (mut y, mut kind) = (0.0, None);
    for (index, entry) in state.entries.iter().enumerate() {
        if kind != Some(entry.kind) {
            kind = Some(entry.kind);
            let name = match entry.kind {
                Kind::Rooms => "ui-sw-rooms",
                Kind::Messages => "ui-sw-msgs",
                Kind::Commands => "ui-sw-cmds",
            };
            rows.push(ui::PaletteRow {
                headline: l10n.tr(name, &[]).shown(),
                index: -1,
                y,
                h: HEADLINE,
                ..ui::PaletteRow::default()
            });
            y += HEADLINE;
        }
        rows.push(row(program, entry, index, y));
        y += ROW;
    }
    let switcher = switcher(program);
    switcher.set_content_height(if rows.is_empty() { 60.0 } else { y + 8.0 });
    switcher.set_rows(model(rows));
    switcher.set_current(i32::try_from(state.current).unwrap_or_default());
    jump(&switcher, 0.0);
}

fn row(program: &Program, entry: &Entry, index: usize, y: f32) -> ui::PaletteRow {
    let (icon, keys) = match &entry.target {
        Target::Room(_) => ("hash", String::new()),
        Target::Server(_) => ("server", String::new()),
        Target::Person(..) | Target::Message(..) => ("", String::new()),
        Target::Command(command) => {
            (command.icon(), command.chord().map(|chord| chord.written()).unwrap_or_default())
        }
    };
    let face = {
        let desk = program.desk.borrow();
        let mut painter = program.painter.borrow_mut();
        match &entry.target {
            Target::Person(id, key) => desk.server(*id).and_then(|server| {
                let person = server.person(key)?;
                Some(face(server, key, &person.nick, person.mood, FACE, &mut painter))
            }),
            Target::Message(place, id) => desk.server(place.server).and_then(|server| {
                let message = server.timeline().get(id)?;
                Some(face(server, &message.author, &message.nick, message.mood, FACE, &mut painter))
            }),
            Target::Room(_) | Target::Server(_) | Target::Command(_) => None,
        }
    };
    ui::PaletteRow {
        title: marked(program, entry),
        beside: entry.beside.as_str().shown(),
        icon: icon.shown(),
        face: face.unwrap_or_default(),
        keys: keys.shown(),
        index: i32::try_from(index).unwrap_or_default(),
        y,
        h: ROW,
        ..ui::PaletteRow::default()
    }
}

/// The name with the letters that were typed marked.
fn marked(program: &Program, entry: &Entry) -> ui::Name {
    let mut painter = program.painter.borrow_mut();
    let palette = painter.palette();
    let plain = Style { colour: Colour::of(palette.t1), weight: Weight::Medium, ..Style::default() };
    let spans = painter.marked(&entry.title, &entry.hits, plain);
    let laid = painter.lay(&spans, None, 14.0, 22.0);
    let picture = painter.paint(&laid, laid.width() + 4.0, None);
    ui::Name { text: entry.title.as_str().shown(), picture, width: laid.width() + 4.0 }
}

fn key(program: &Rc<Program>, text: &str) -> bool {
    let is = |named: Named| keys::is(text, named);
    let (count, current) = {
        let state = program.switcher.borrow();
        (state.entries.len(), state.current)
    };
    let next = if is(Named::DownArrow) {
        (current + 1) % count.max(1)
    } else if is(Named::UpArrow) {
        (current + count.saturating_sub(1)) % count.max(1)
    } else if is(Named::Return) {
        choose(program, current);
        return true;
    } else {
        return is(Named::Tab);
    };
    program.switcher.borrow_mut().current = next;
    let switcher = switcher(program);
    let chosen = i32::try_from(next).unwrap_or_default();
    switcher.set_current(chosen);
    // What is chosen is seen.
    if let Some(row) = switcher.get_rows().iter().find(|row| row.index == chosen) {
        let (at, view) = (switcher.get_at(), VIEW);
        if row.y < at + HEADLINE {
            jump(&switcher, (row.y - HEADLINE).max(0.0));
        } else if row.y + row.h > at + view {
            jump(&switcher, row.y + row.h - view);
        }
    }
    true
}

/// Puts the list somewhere.
fn jump(switcher: &ui::Switcher<'_>, at: f32) {
    switcher.set_at(at);
    switcher.set_jumps(switcher.get_jumps().wrapping_add(1));
}

fn choose(program: &Rc<Program>, index: usize) {
    let Some(target) = program.switcher.borrow().entries.get(index).map(|entry| entry.target.clone()) else {
        return;
    };
    close(program);
    match target {
        Target::Room(place) => {
            room::show(program, place);
            program.app.invoke_focus_composer();
        }
        Target::Server(id) => show_server(program, id),
        Target::Person(id, key) => {
            show_server(program, id);
            composer::mention(program, &key);
        }
        Target::Message(place, message) => {
            room::show(program, place);
            let row = program.list.borrow().index_of(&message);
            if let Some(row) = row {
                program.flash(row);
            }
        }
        Target::Command(command) => {
            keyboard::run(program, command);
        }
    }
}

fn show_server(program: &Rc<Program>, id: ServerId) {
    room::show_server(program, id);
    program.app.global::<ui::Shell>().set_narrow_shows_room(true);
    program.app.invoke_focus_composer();
}
