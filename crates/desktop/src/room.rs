//! The header of the open room.

use std::rc::Rc;
use std::time::Duration;

use shepot_app::{MenuOf, Msg, PageMsg};
use shepot_typeset::Weight;
use shepot_view::command::Command;
use shepot_view::desk::{Comparison, Server};
use shepot_view::{safety, sentence, size};
use shepot_window as ui;
use slint::{ComponentHandle as _, Model as _};

use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{banner, faces, menu};

/// The number of code symbols in the header. They hint at a change and do not replace the comparison.
const CUE: usize = 4;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Room, on_open_code, |program| program.send(Msg::Run(Command::SafetyCode)));
    on!(program, Room, on_open_timer, |program| program.send(Msg::SetTimer));
    on!(program, Room, on_toggle_search, |program| program.send(Msg::Run(Command::Search)));
    on!(program, Room, on_toggle_members, |program| program.send(Msg::Run(Command::Members)));
    on!(program, Room, on_menu, |program, x, y| {
        let place = program.state().place;
        if let Some(place) = place {
            menu::open(&program, MenuOf::Room(place), (x, y));
        }
    });
    on!(program, Room, on_banner_act, |program| program.send(Msg::Remedy));
    on!(program, Room, on_banner_close, |program| program.send(Msg::CloseBanner));
    on!(program, Room, on_back, |program| {
        program.app.global::<ui::Shell>().set_narrow_shows_room(false);
    });
    on!(program, Room, on_empty_act, |program| program.send(Msg::Remedy));
    on!(program, Room, on_empty_edit, |program| {
        let shown = program.state().server;
        shown.into_iter().for_each(|server| program.send(PageMsg::EditServer(server)));
    });
}

pub(crate) fn refresh(program: &Rc<Program>) {
    banner::refresh(program);
    let appears = {
        let state = program.state();
        let server = state.shown();
        let room = server.and_then(|server| server.room(state.place?.room()));
        let head = program.app.global::<ui::Room>();
        let appears = room.is_some() && !head.get_shown();
        head.set_shown(room.is_some());
        match server.zip(room) {
            Some((server, room)) => {
                let name = sentence::room_name(&state.l10n, room.id, &server.rooms);
                head.set_name(faces::name(program, &name, 16.0, Weight::SemiBold));
                let timer = match room.disappears_after_s {
                    0 => String::new(),
                    seconds => size::duration(&state.l10n, Duration::from_secs(u64::from(seconds))),
                };
                head.set_timer(timer.shown());
                fill_below(program, server);
                fill_code(program, server);
            }
            None => {
                // Nothing of the room stays in the tree.
                head.set_name(ui::Name::default());
                head.set_below("".shown());
                head.set_code_label("".shown());
                head.set_code(model(Vec::new()));
            }
        }
        appears && state.overlay.is_none() && state.page == shepot_app::Page::Room
    };
    if appears {
        program.app.invoke_focus_composer();
    }
}

fn fill_below(program: &Program, server: &Server) {
    let state = program.state();
    let people = u64::try_from(server.people.len()).unwrap_or_default();
    let mut below = state.l10n.tr_count("ui-members-n", people);
    let is_narrow = program.app.global::<ui::Shell>().get_is_narrow();
    if let Some(change) = server.key_changes().next_back().filter(|_| !is_narrow) {
        let time = state.clock.time(change.at);
        below.push_str(&format!(" · {}", state.tr("ui-key-at", &[("t", &time)])));
    }
    program.app.global::<ui::Room>().set_below(below.shown());
}

fn fill_code(program: &Program, server: &Server) {
    let head = program.app.global::<ui::Room>();
    let (shield, label) = match server.comparison() {
        Comparison::NotYet => (
            if server.is_open { ui::Shield::Changed } else { ui::Shield::NotCompared },
            program.tr("ui-sc-unverified", &[]),
        ),
        Comparison::Same { .. } => (ui::Shield::Compared, program.tr("ui-sc-same", &[])),
        Comparison::Outdated => (ui::Shield::Changed, program.tr("ui-sc-outdated", &[])),
        Comparison::Differs { .. } => (ui::Shield::Changed, program.tr("ui-sc-differs", &[])),
    };
    head.set_shield(if server.is_connected() { shield } else { ui::Shield::NotCompared });
    head.set_code_label(format!("{}: {label}", program.tr("ui-cmd-code", &[])).shown());
    let symbols: Vec<slint::Image> = match server.code {
        Some(code) => {
            let mut painter = program.painter.borrow_mut();
            let cue = code.symbols.iter().take(CUE);
            cue.map(|symbol| painter.emoji(safety::picture(*symbol), 17.0)).collect()
        }
        // Not known at this moment: the place stays, so that nothing jumps.
        None if server.has_session() => head.get_code().iter().collect(),
        None => Vec::new(),
    };
    head.set_code(model(symbols));
}
