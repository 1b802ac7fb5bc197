//! The rooms of a server, the moods, and the person at the bottom.

use std::rc::Rc;

use shepot_typeset::Weight;
use shepot_view::desk::Place;
use shepot_view::{mood, people, sentence};
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::{model, update};
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{dialogs, invitation, profile, rail, room, settings};

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Sidebar, on_room_chosen, |program, id| {
        if let (Some(server), Ok(id)) = (program.server.get(), id.parse()) {
            room::show(&program, Place { server, room: id });
            program.app.global::<ui::Shell>().set_narrow_shows_room(true);
            program.app.global::<ui::Shell>().set_drawer_open(false);
            program.app.invoke_focus_composer();
        }
    });
    on!(program, Sidebar, on_room_menu, |program, id, x, y| {
        if let (Some(server), Ok(id)) = (program.server.get(), id.parse()) {
            room::open_menu(&program, Place { server, room: id }, (x, y));
        }
    });
    on!(program, Sidebar, on_invite, |program| invitation::open(&program));
    on!(program, Sidebar, on_menu, |program, x, y| open_menu(&program, (x, y)));
    on!(program, Sidebar, on_new_room, |program| dialogs::new_room(&program));
    on!(program, Sidebar, on_mood_chosen, |program, number| {
        profile::turn_mood(&program, u8::try_from(number).unwrap_or_default());
    });
    on!(program, Sidebar, on_toggle_moods, |program| toggle_moods(&program));
    on!(program, Sidebar, on_profile, |program| settings::open_page(&program, settings::PROFILE));
}

pub(crate) fn toggle_moods(program: &Rc<Program>) {
    let sidebar = program.app.global::<ui::Sidebar>();
    let is_open = !sidebar.get_moods_open();
    sidebar.set_moods_open(is_open);
    program.change_preferences(|preferences| preferences.moods_open = is_open);
    fill_moods(program);
    refresh(program);
}

pub(crate) fn refresh(program: &Rc<Program>) {
    let sidebar = program.app.global::<ui::Sidebar>();
    let nick = program.preferences().profile.nick;
    sidebar.set_face(profile::own_face(program, &nick, 36.0));
    sidebar.set_colour(i32::from(profile::own_colour(program)));
    sidebar.set_nick(rail::name_of(program, &nick, 14.0, Weight::SemiBold));
    sidebar.set_mood(program.mood.get().map_or(0, i32::from));
    let desk = program.desk.borrow();
    let Some(server) = program.server.get().and_then(|id| desk.server(id)) else {
        sidebar.set_rooms(model(Vec::new()));
        sidebar.set_name("".shown());
        sidebar.set_address("".shown());
        sidebar.set_is_online(false);
        return;
    };
    let (state, text) = rail::state(program, server);
    sidebar.set_name(server.title().shown());
    sidebar.set_state(state);
    sidebar.set_state_text(text.shown());
    let host = server.address.rsplit_once(':').map_or(server.address.as_str(), |(host, _)| host);
    let shown = if server.is_connected() { host } else { "" };
    sidebar.set_address(shown.shown());
    sidebar.set_is_online(server.is_connected());
    sidebar.set_mark(server.own().map(|own| people::mark(&own.fingerprint)).unwrap_or_default().shown());
    let l10n = program.l10n();
    let rooms = server.rooms.iter().map(|room| {
        let name = sentence::room_name(&l10n, room.id, &server.rooms);
        let conversation = server.conversation(room.id);
        let (unread, mentions) = conversation.map_or((0, 0), |known| (known.unread, known.mentions));
        let is_muted = conversation.is_some_and(|known| known.is_muted);
        let mut label = name.clone();
        if mentions > 0 {
            label.push_str(&format!(", {} {mentions}", l10n.tr("ui-mentions", &[])));
        } else if unread > 0 {
            label.push_str(&format!(", {}", l10n.tr("ui-lk-unread", &[("n", &unread.to_string())])));
        }
        if is_muted {
            label.push_str(&format!(", {}", l10n.tr("ui-n-mute", &[])));
        }
        ui::RoomLine {
            id: room.id.to_string().shown(),
            name: rail::name_of(
                program,
                &name,
                14.0,
                if unread > 0 { Weight::SemiBold } else { Weight::Regular },
            ),
            unread: i32::try_from(unread).unwrap_or(i32::MAX),
            mentions: i32::try_from(mentions).unwrap_or(i32::MAX),
            is_muted,
            has_timer: room.disappears_after_s > 0,
            label: label.shown(),
        }
    });
    if let Some(list) = update(&sidebar.get_rooms(), rooms.collect()) {
        sidebar.set_rooms(list);
    }
    sidebar.set_current(program.place.get().map(|place| place.room.to_string()).unwrap_or_default().shown());
}

/// The pack of moods: made when it is opened or looks different, not when one is put on, so that what is pressed stays.
pub(crate) fn fill_moods(program: &Program) {
    let sidebar = program.app.global::<ui::Sidebar>();
    if sidebar.get_moods_open() {
        sidebar.set_moods(moods(program));
    }
}

fn moods(program: &Program) -> slint::ModelRc<ui::MoodCell> {
    let l10n = program.l10n();
    let mut painter = program.painter.borrow_mut();
    let cells = mood::all().filter_map(|number| {
        let emoji = mood::emoji(number)?;
        Some(ui::MoodCell {
            number: i32::from(number),
            picture: painter.emoji(emoji, 44.0),
            name: mood::name(&l10n, number).unwrap_or_default().shown(),
        })
    });
    model(cells.collect())
}

fn open_menu(program: &Rc<Program>, place: (f32, f32)) {
    if let Some(id) = program.server.get() {
        rail::open_menu(program, id, place);
    }
}
