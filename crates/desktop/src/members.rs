//! The list of members.

use std::rc::Rc;

use shepot_app::{MenuOf, Msg};
use shepot_typeset::Weight;
use shepot_view::command::Command;
use shepot_view::people;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::{model, update, window};
use crate::program::Program;
use crate::shown::Shown as _;
use crate::timeline::face;
use crate::{composer, menu};

/// The size of a face in the list, in logical pixels.
const FACE: f32 = 32.0;

/// The height of a line, in logical pixels.
const LINE: f32 = 48.0;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Members, on_viewport, |program, at, view| refresh_at(&program, at, view));
    on!(program, Members, on_invite, |program| program.send(Msg::Run(Command::Invite)));
    on!(program, Members, on_chosen, |program, key| {
        if let Ok(person) = key.parse() {
            program.send(Msg::Mention(person));
            composer::go_on(&program);
        }
    });
    on!(program, Members, on_menu, |program, key, x, y| {
        if let Ok(person) = key.parse() {
            menu::open(&program, MenuOf::Person(person), (x, y));
        }
    });
}

pub(crate) fn refresh(program: &Program) {
    let panel = program.app.global::<ui::Members>();
    refresh_at(program, panel.get_at(), panel.get_view());
}

/// Makes only the visible lines, since a circle may have a thousand members.
fn refresh_at(program: &Program, at: f32, view: f32) {
    let l10n = program.l10n();
    let panel = program.app.global::<ui::Members>();
    let shown = program.shown();
    let Some(server) = shown.as_deref() else {
        panel.set_people(model(Vec::new()));
        panel.set_count(0);
        return;
    };
    let mut painter = program.painter.borrow_mut();
    let mut sorted: Vec<_> = server.people.iter().collect();
    // Ourselves first, then who is here, by name.
    sorted.sort_by_key(|person| (!person.is_self, !person.is_present, person.nick.to_lowercase()));
    let range = window(at, view.max(LINE), LINE, sorted.len());
    panel.set_first(i32::try_from(range.start).unwrap_or_default());
    let lines = sorted.get(range).unwrap_or_default().iter().map(|person| {
        let index = server.colour_of(&person.key);
        let ink = painter.person(index);
        let state = if person.is_self {
            String::new()
        } else if !person.is_present {
            l10n.tr("terminal-away", &[])
        } else if person.is_silent {
            l10n.tr("terminal-silent", &[])
        } else {
            String::new()
        };
        let mark = people::mark(&person.fingerprint);
        let spelled: String = mark.chars().filter(|c| *c != ' ').flat_map(|c| [c, ' ']).collect();
        let label =
            format!("{}, {} {} {state}", person.nick, l10n.tr("ui-fingerprint", &[]), spelled.trim_end());
        ui::MemberLine {
            key: person.key.to_string().shown(),
            nick: painter.name(&person.nick, 14.0, Weight::SemiBold, ink),
            face: face(server, &person.key, &person.nick, person.mood, FACE, &mut painter),
            colour: i32::from(index),
            mark: mark.shown(),
            is_self: person.is_self,
            is_away: !person.is_present && !person.is_self,
            state: state.shown(),
            label: label.trim_end().shown(),
        }
    });
    panel.set_people(update(panel.get_people(), lines.collect()));
    panel.set_count(i32::try_from(server.people.len()).unwrap_or(i32::MAX));
}
