//! The switcher: a few letters of a room, a person, a message or a command.

use std::rc::Rc;

use shepot_app::{List, Msg, Offered, OverMsg, Overlay};
use shepot_typeset::{Colour, Style, Weight};
use shepot_view::command::Command;
use shepot_view::palette::{Entry, Kind, Target};
use shepot_window as ui;
use slint::platform::Key as Named;
use slint::{ComponentHandle as _, Model as _};

use crate::keys;
use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::timeline::face;

const HEADLINE: f32 = 36.0;
const ROW: f32 = 44.0;
/// The height of the list that is certainly visible, in logical pixels.
const VIEW: f32 = 280.0;

/// The size of a face in the list, in logical pixels.
const FACE: f32 = 24.0;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Switcher, on_edited, |program, wanted| program.send(OverMsg::Wanted(wanted.to_string())));
    on!(program, Switcher, on_chosen, |program, index| {
        pick(&program, OverMsg::Pick(usize::try_from(index).unwrap_or(usize::MAX)));
    });
    on!(program, Switcher, on_close, |program| {
        if program.app.global::<ui::Switcher>().get_open() {
            program.send(Msg::Back);
        }
    });
    on!(program, Switcher, on_key, |program, text| key(&program, &text));
    on!(program, Shell, on_open_switcher, |program| program.send(Msg::Run(Command::Switcher)));
}

fn switcher(program: &Program) -> ui::Switcher<'_> {
    program.app.global::<ui::Switcher>()
}

pub(crate) fn refresh(program: &Program) {
    let switcher = switcher(program);
    let entries = {
        let state = program.state();
        if let Some(Overlay::List(List { offered: Offered::Switcher(offered), chosen, .. })) = &state.overlay
        {
            Some((offered.clone(), *chosen))
        } else {
            None
        }
    };
    match entries {
        Some((entries, chosen)) => {
            if !switcher.get_open() {
                switcher.set_wanted("".shown());
            }
            draw(program, &entries, chosen);
            switcher.set_open(true);
        }
        None if switcher.get_open() => {
            switcher.set_open(false);
            switcher.set_wanted("".shown());
            switcher.set_rows(model(Vec::new()));
            program.app.invoke_focus_page();
        }
        None => {}
    }
}

fn draw(program: &Program, entries: &[Entry], chosen: usize) {
    let l10n = program.l10n();
    let mut rows = Vec::new();
    let (mut y, mut kind) = (0.0, None);
    for (index, entry) in entries.iter().enumerate() {
        if kind != Some(entry.kind) {
            kind = Some(entry.kind);
            let name = match entry.kind {
                Kind::Rooms => l10n.tr("ui-sw-rooms", &[]),
                Kind::Messages => l10n.tr("ui-sw-msgs", &[]),
                Kind::Commands => l10n.tr("ui-sw-cmds", &[]),
                Kind::Settings => l10n.tr("ui-settings", &[]),
            };
            rows.push(ui::PaletteRow {
                headline: name.shown(),
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
    let chosen = i32::try_from(chosen).unwrap_or_default();
    switcher.set_current(chosen);
    if chosen == 0 {
        return jump(&switcher, 0.0);
    }
    // What is chosen is seen.
    if let Some(row) = switcher.get_rows().iter().find(|row| row.index == chosen) {
        let (at, view) = (switcher.get_at(), VIEW);
        if row.y < at + HEADLINE {
            jump(&switcher, (row.y - HEADLINE).max(0.0));
        } else if row.y + row.h > at + view {
            jump(&switcher, row.y + row.h - view);
        }
    }
}

fn row(program: &Program, entry: &Entry, index: usize, y: f32) -> ui::PaletteRow {
    let (icon, keys) = match &entry.target {
        Target::Room(_) => ("hash", String::new()),
        Target::Server(_) => ("server", String::new()),
        Target::Person(..) | Target::Message(..) => ("", String::new()),
        Target::Setting(_) => ("settings", String::new()),
        Target::Command(command) => {
            (command.icon(), command.chord().map(|chord| chord.written()).unwrap_or_default())
        }
    };
    let face = {
        let state = program.state();
        let desk = &state.desk;
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
            Target::Room(_) | Target::Server(_) | Target::Command(_) | Target::Setting(_) => None,
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

/// The title with the typed letters marked.
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
    if is(Named::Return) {
        pick(program, Msg::Enter);
        return true;
    }
    let (count, chosen) = {
        let state = program.state();
        let Some(Overlay::List(List { offered: Offered::Switcher(offered), chosen, .. })) = &state.overlay
        else {
            return false;
        };
        (offered.len(), *chosen)
    };
    let last = isize::try_from(count.saturating_sub(1)).unwrap_or(isize::MAX);
    // The list goes round.
    let by = if is(Named::DownArrow) {
        if chosen + 1 >= count { -last } else { 1 }
    } else if is(Named::UpArrow) {
        if chosen == 0 { last } else { -1 }
    } else {
        return is(Named::Tab);
    };
    program.send(OverMsg::Move(by));
    true
}

fn pick(program: &Rc<Program>, msg: impl Into<Msg>) {
    program.send(msg);
    program.app.global::<ui::Shell>().set_narrow_shows_room(true);
    if program.state().overlay.is_none() && program.has_room() {
        program.app.invoke_focus_composer();
    }
}

/// Scrolls the list to this position.
fn jump(switcher: &ui::Switcher<'_>, at: f32) {
    switcher.set_at(at);
    switcher.set_jumps(switcher.get_jumps().wrapping_add(1));
}
