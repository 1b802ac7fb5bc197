//! The sidebar: the rooms of a server, the moods, and the person at the bottom.

use std::rc::Rc;

use shepot_app::{MenuOf, Msg, PageMsg};
use shepot_client::model::{ConversationId, Room};
use shepot_typeset::Weight;
use shepot_view::command::Command;
use shepot_view::desk::{Place, Server};
use shepot_view::{mood, people, sentence};
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::{model, update};
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{faces, menu, settings};

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Sidebar, on_room_chosen, |program, id| {
        if let Some(place) = place(&program, &id) {
            program.send(Msg::Go(place));
            program.app.global::<ui::Shell>().set_narrow_shows_room(true);
            program.app.global::<ui::Shell>().set_drawer_open(false);
            program.app.invoke_focus_composer();
        }
    });
    on!(program, Sidebar, on_room_menu, |program, id, x, y| {
        if let Some(place) = place(&program, &id) {
            menu::open(&program, MenuOf::Room(place), (x, y));
        }
    });
    on!(program, Sidebar, on_invite, |program| program.send(Msg::Run(Command::Invite)));
    on!(program, Sidebar, on_menu, |program, x, y| {
        let server = program.state().server;
        if let Some(server) = server {
            menu::open(&program, MenuOf::Server(server), (x, y));
        }
    });
    on!(program, Sidebar, on_new_room, |program| program.send(Msg::Run(Command::NewRoom)));
    on!(program, Sidebar, on_mood_chosen, |program, number| {
        program.send(PageMsg::TurnMood(u8::try_from(number).unwrap_or_default()));
    });
    on!(program, Sidebar, on_toggle_moods, |program| toggle_moods(&program));
    on!(program, Composer, on_avatar_clicked, |program| {
        let mood = program.state().mood;
        match mood {
            Some(mood) => program.send(PageMsg::TurnMood(mood)),
            None => toggle_moods(&program),
        }
    });
    on!(program, Sidebar, on_profile, |program| settings::open_section(
        &program,
        ui::SettingsSection::Profile
    ));
}

/// The place of a room on the open server.
fn place(program: &Program, id: &str) -> Option<Place> {
    Some(Place::in_room(program.state().server?, id.parse().ok()?))
}

pub(crate) fn toggle_moods(program: &Rc<Program>) {
    let sidebar = program.app.global::<ui::Sidebar>();
    let is_open = !sidebar.get_moods_open();
    sidebar.set_moods_open(is_open);
    program.send(PageMsg::ShowMoods(is_open));
    fill_moods(program);
    refresh(program);
}

pub(crate) fn refresh(program: &Program) {
    let sidebar = program.app.global::<ui::Sidebar>();
    let state = program.state();
    sidebar.set_face(faces::own(program, &state.nick, 36.0));
    sidebar.set_colour(i32::from(faces::own_colour(program)));
    sidebar.set_nick(faces::name(program, &state.nick, 14.0, Weight::SemiBold));
    sidebar.set_mood(state.mood.map_or(0, i32::from));
    let Some(server) = state.shown() else {
        sidebar.set_rooms(model(Vec::new()));
        sidebar.set_name("".shown());
        sidebar.set_address("".shown());
        sidebar.set_is_online(false);
        return;
    };
    let (number, text) = faces::state_of(program, server);
    sidebar.set_name(server.title().shown());
    sidebar.set_state(number);
    sidebar.set_state_text(text.shown());
    let host = server.address.rsplit_once(':').map_or(server.address.as_str(), |(host, _)| host);
    let shown = if server.is_connected() { host } else { "" };
    sidebar.set_address(shown.shown());
    sidebar.set_is_online(server.is_connected());
    sidebar.set_mark(server.own().map(|own| people::mark(&own.fingerprint)).unwrap_or_default().shown());
    let rooms = server.rooms.iter().map(|room| line(program, server, room)).collect();
    sidebar.set_rooms(update(sidebar.get_rooms(), rooms));
    sidebar.set_current(state.place.map(|place| place.room().to_string()).unwrap_or_default().shown());
}

fn line(program: &Program, server: &Server, room: &Room) -> ui::RoomLine {
    let name = sentence::room_name(&program.l10n(), room.id, &server.rooms);
    let conversation = server.conversation(ConversationId::Room(room.id));
    let (unread, mentions) = conversation.map_or((0, 0), |known| (known.unread, known.mentions));
    let is_muted = conversation.is_some_and(|known| known.is_muted);
    let mut label = name.clone();
    if mentions > 0 {
        label.push_str(&format!(", {} {mentions}", program.tr("ui-mentions", &[])));
    } else if unread > 0 {
        label.push_str(&format!(", {}", program.tr("ui-lk-unread", &[("n", &unread.to_string())])));
    }
    if is_muted {
        label.push_str(&format!(", {}", program.tr("ui-n-mute", &[])));
    }
    let weight = if unread > 0 { Weight::SemiBold } else { Weight::Regular };
    ui::RoomLine {
        id: room.id.to_string().shown(),
        name: faces::name(program, &name, 14.0, weight),
        unread: i32::try_from(unread).unwrap_or(i32::MAX),
        mentions: i32::try_from(mentions).unwrap_or(i32::MAX),
        is_muted,
        has_timer: room.disappears_after_s > 0,
        label: label.shown(),
    }
}

/// Fills the pack of moods when it is opened or looks different. Putting a mood on does not rebuild it, so that the
/// pressed button stays.
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
