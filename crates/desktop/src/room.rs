//! The room that is open: its head, where the person goes from here.

use std::rc::Rc;
use std::time::Duration;

use shepot_app::confirmation::Confirmation;
use shepot_app::navigation::{self, Way};
use shepot_client::Action;
use shepot_client::model::{ConnectionError, RoomId, ServerId};
use shepot_typeset::Weight;
use shepot_view::desk::{Comparison, Desk, Place, Server};
use shepot_view::{safety, sentence, size};
use shepot_window as ui;
use slint::{ComponentHandle as _, Model as _};

use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{
    adding, banner, clipboard, composer, dialogs, emoji_picker, invitation, members, menu, rail, safety_code,
    search, server_record, sidebar, switcher,
};

/// Symbols of the code that stand in the head: a cue that something changed, never the comparison itself.
const CUE: usize = 4;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Room, on_open_code, |program| safety_code::open(&program));
    on!(program, Room, on_open_timer, |program| dialogs::timer(&program));
    on!(program, Room, on_toggle_search, |program| search::toggle(&program));
    on!(program, Room, on_toggle_members, |program| toggle_members(&program));
    on!(program, Room, on_menu, |program, x, y| {
        if let Some(place) = program.place.get() {
            open_menu(&program, place, (x, y));
        }
    });
    on!(program, Room, on_banner_act, |program| banner::act(&program));
    on!(program, Room, on_banner_close, |program| banner::close(&program));
    on!(program, Room, on_back, |program| {
        program.app.global::<ui::Shell>().set_narrow_shows_room(false);
    });
    on!(program, Room, on_empty_act, |program| banner::act(&program));
}

pub(crate) fn toggle_members(program: &Program) {
    let shell = program.app.global::<ui::Shell>();
    let is_open = shell.get_side() == ui::Side::Members;
    if !shell.get_side_floats() {
        program.wants_members.set(!is_open);
    }
    shell.set_side(if is_open { ui::Side::None } else { ui::Side::Members });
}

/// Shows a server, in the room where the person was.
pub(crate) fn show_server(program: &Rc<Program>, id: ServerId) {
    program.app.global::<ui::Shell>().set_page(ui::Page::Chat);
    if program.server.get() == Some(id) && program.place.get().is_some() {
        return program.refresh_all();
    }
    program.server.set(Some(id));
    let last = program.composer.borrow().last_room(id);
    let place = navigation::room_of(&program.desk.borrow(), id, last);
    show_place(program, place);
    entered(program, id);
}

/// What has to be known of a server that is shown now.
fn entered(program: &Rc<Program>, id: ServerId) {
    banner::count_down(program);
    safety_code::ask(program, id);
}

/// Shows a room.
pub(crate) fn show(program: &Rc<Program>, place: Place) {
    program.app.global::<ui::Shell>().set_page(ui::Page::Chat);
    program.app.global::<ui::Shell>().set_narrow_shows_room(true);
    let before = program.server.replace(Some(place.server));
    show_place(program, Some(place));
    if before != Some(place.server) {
        entered(program, place.server);
    }
}

/// There is nothing to show.
pub(crate) fn show_nothing(program: &Rc<Program>) {
    program.server.set(None);
    show_place(program, None);
    let shell = program.app.global::<ui::Shell>();
    if program.desk.borrow().servers().is_empty() {
        shell.set_page(ui::Page::FirstRun);
        shell.set_can_switch(false);
        program.app.invoke_focus_page();
    }
}

fn show_place(program: &Rc<Program>, place: Option<Place>) {
    let before = program.place.get();
    if before != place {
        composer::leave(program);
        // What lies over the room was about the one before.
        menu::close(program);
        switcher::close(program);
        emoji_picker::close_if_open(program);
        let mut desk = program.desk.borrow_mut();
        // What was new in the room that is left has been seen.
        if let Some(conversation) = before.and_then(|place| desk.conversation_mut(place))
            && conversation.unread == 0
        {
            conversation.first_unread = None;
        }
    }
    program.place.set(place);
    if before != place {
        program.app.global::<ui::Timeline>().set_news("".shown());
        search::refresh(program);
    }
    let is_online = {
        let desk = program.desk.borrow();
        place.and_then(|place| desk.server(place.server)).is_some_and(Server::is_connected)
    };
    let standing = program.with_list(|list, tools| {
        list.restyle(|measures| measures.online = is_online, tools);
        list.open(place, tools)
    });
    program.stand(standing);
    match place.filter(|_| before != place) {
        Some(place) => composer::enter(program, place),
        None if place.is_none() => composer::clear(program),
        None => {}
    }
    looked(program);
    program.refresh_all();
    crate::timeline::keep_time(program);
}

/// A server has rooms now: show one if none is shown.
pub(crate) fn find_room(program: &Rc<Program>, id: ServerId) {
    if program.server.get() != Some(id) {
        return;
    }
    // Whoever made a room wants to be in it.
    let made = {
        let desk = program.desk.borrow();
        let mut dialogs = program.dialogs.borrow_mut();
        let of_name = dialogs.made.as_ref().filter(|(server, _)| *server == id).and_then(|(_, name)| {
            desk.server(id)?.rooms.iter().find(|room| room.name == *name).map(|room| room.id)
        });
        if of_name.is_some() {
            dialogs.made = None;
        }
        of_name
    };
    if let Some(room) = made {
        show(program, Place { server: id, room });
        return program.app.invoke_focus_composer();
    }
    let (first, is_there) = {
        let desk = program.desk.borrow();
        let Some(server) = desk.server(id) else { return };
        let is_there = program.place.get().is_some_and(|place| server.room(place.room).is_some());
        (server.rooms.first().map(|room| room.id), is_there)
    };
    if !is_there && let Some(room) = first {
        show_place(program, Some(Place { server: id, room }));
    }
}

/// Nothing of a session outlives it.
pub(crate) fn session_over(program: &Rc<Program>, id: ServerId) {
    composer::forget(program, id);
    forget_text(program, id);
    clipboard::session_over(program, id);
}

/// It ended without the person: what was said can still be read and copied, and nothing else be done.
pub(crate) fn session_ended(program: &Rc<Program>, id: ServerId) {
    if program.server.get() == Some(id) {
        dialogs::close_for_session(program);
        menu::close(program);
        emoji_picker::close_if_open(program);
    }
    program.dialogs.borrow_mut().made.take_if(|(server, _)| *server == id);
    clipboard::session_over(program, id);
}

/// Another session begins: what was left of the one before is gone, but not what the person is writing.
pub(crate) fn session_begins(program: &Rc<Program>, id: ServerId) {
    if program.server.get() == Some(id) {
        composer::leave(program);
    }
    forget_text(program, id);
}

fn forget_text(program: &Rc<Program>, id: ServerId) {
    if program.server.get() == Some(id) {
        program.place.set(None);
        program.list.borrow_mut().forget();
        search::close(program);
        program.app.global::<ui::Search>().set_wanted("".shown());
        let timeline = program.app.global::<ui::Timeline>();
        timeline.set_content_height(0.0);
        dialogs::close_for_session(program);
        menu::close(program);
        emoji_picker::close_if_open(program);
        program.picker.borrow_mut().forget();
    }
    program.dialogs.borrow_mut().made.take_if(|(server, _)| *server == id);
    program.app.global::<ui::Timeline>().set_news("".shown());
    // Its rows are excerpts of what was said.
    switcher::close(program);
    program.painter.borrow_mut().forget();
}

/// What the person reads at this moment counts as read.
pub(crate) fn looked(program: &Rc<Program>) {
    let shell = program.app.global::<ui::Shell>();
    let is_seen = program.is_active.get()
        && shell.get_page() == ui::Page::Chat
        && !shell.get_is_locked()
        && program.list.borrow().sticks();
    let place = program.place.get().filter(|_| is_seen);
    let had_unread = place.is_some_and(|place| {
        let desk = program.desk.borrow();
        desk.server(place.server)
            .and_then(|server| server.conversation(place.room))
            .is_some_and(|c| c.unread > 0)
    });
    program.desk.borrow_mut().look_at(place);
    program.tell_newer();
    if had_unread {
        rail::refresh(program);
        sidebar::refresh(program);
        crate::notify::refresh_badge(program);
    }
}

pub(crate) fn refresh_head(program: &Rc<Program>) {
    let head = program.app.global::<ui::Room>();
    let l10n = program.l10n();
    let desk = program.desk.borrow();
    let server = program.server.get().and_then(|id| desk.server(id));
    let room = server.and_then(|server| server.room(program.place.get()?.room));
    let appears = room.is_some() && !head.get_shown();
    head.set_shown(room.is_some());
    banner::refresh(program, server);
    let (Some(server), Some(room)) = (server, room) else {
        // Nothing of the room stays in the tree.
        head.set_name(ui::Name::default());
        head.set_below("".shown());
        head.set_code_label("".shown());
        head.set_code(model(Vec::new()));
        return;
    };
    let name = sentence::room_name(&l10n, room.id, &server.rooms);
    head.set_name(rail::name_of(program, &name, 16.0, Weight::SemiBold));
    let mut below = l10n.tr_count("ui-members-n", u64::try_from(server.people.len()).unwrap_or_default());
    if let Some(change) =
        server.key_changes().next_back().filter(|_| !program.app.global::<ui::Shell>().get_is_narrow())
    {
        let time = program.clock.borrow().time(change.at);
        below.push_str(&format!(" · {}", l10n.tr("ui-key-at", &[("t", &time)])));
    }
    head.set_below(below.shown());
    let (shield, label) = match server.comparison() {
        Comparison::NotYet => (i32::from(server.is_open) * 2, "ui-sc-unverified"),
        Comparison::Same { .. } => (1, "ui-sc-same"),
        Comparison::Outdated => (2, "ui-sc-outdated"),
        Comparison::Differs { .. } => (2, "ui-sc-differs"),
    };
    head.set_shield(if server.is_connected() { shield } else { 0 });
    head.set_code_label(format!("{}: {}", l10n.tr("ui-cmd-code", &[]), l10n.tr(label, &[])).shown());
    let symbols: Vec<slint::Image> = match server.code {
        Some(code) => {
            let mut painter = program.painter.borrow_mut();
            code.symbols
                .iter()
                .take(CUE)
                .map(|symbol| painter.emoji(safety::picture(*symbol), 17.0))
                .collect()
        }
        // Not known at this moment: the place stays, so that nothing jumps.
        None if server.has_session() => {
            (0..head.get_code().row_count()).filter_map(|at| head.get_code().row_data(at)).collect()
        }
        None => Vec::new(),
    };
    head.set_code(model(symbols));
    let timer = match room.disappears_after_s {
        0 => String::new(),
        seconds => size::duration(&l10n, Duration::from_secs(u64::from(seconds))),
    };
    head.set_timer(timer.shown());
    let shell = program.app.global::<ui::Shell>();
    let is_free = shell.get_dialog() == ui::Dialog::None
        && !program.app.global::<ui::Switcher>().get_open()
        && !program.app.global::<ui::Menu>().get_open()
        && !program.app.global::<ui::EmojiPicker>().get_open();
    if appears && is_free && shell.get_page() == ui::Page::Chat {
        program.app.invoke_focus_composer();
    }
}

/// Something does not work: what a dialog has to stop, and what the banner says by itself.
pub(crate) fn connection_error(program: &Rc<Program>, id: ServerId, error: &ConnectionError) {
    tracing::warn!(server = u64::from(id.0), "problem");
    if *error == ConnectionError::WrongIdentity {
        // The banner says it too: an open question is not taken away.
        if dialogs::may_ask(program) {
            dialogs::confirm(program, Confirmation::WrongIdentity(id));
        }
    }
    if program.server.get() == Some(id) {
        if matches!(error, ConnectionError::TooFast | ConnectionError::TooLargeForServer) {
            crate::toast::problem(program, &sentence::connection_error(&program.l10n(), error));
        } else {
            refresh_head(program);
        }
    }
}

/// What can be done with a room.
pub(crate) fn open_menu(program: &Rc<Program>, place: Place, at: (f32, f32)) {
    let (is_muted, has_session) = {
        let desk = program.desk.borrow();
        let server = desk.server(place.server);
        let conversation = server.and_then(|server| server.conversation(place.room));
        (conversation.is_some_and(|c| c.is_muted), server.is_some_and(Server::has_session))
    };
    let is_main = place.room == RoomId::MAIN;
    let mut items = Vec::new();
    if has_session {
        items.push(menu::Item::new("ui-invite", "user-plus").keys("Ctrl+I"));
        items.push(menu::Item::new("ui-cmd-timer", "timer"));
    }
    let mute =
        if is_muted { menu::Item::new("ui-unmute", "bell") } else { menu::Item::new("ui-mute", "bell-off") };
    items.extend([mute, menu::Item::new("ui-search-room", "search").keys("Ctrl+F")]);
    if has_session {
        items.push(menu::Item::new("ui-cmd-code", "shield").keys("Ctrl+Shift+K"));
        items.push(menu::Item::new("record-title", "eye-off"));
    }
    if has_session && !is_main {
        items.push(menu::Item::new("ui-rename", "pencil"));
    }
    items.push(menu::Item::new("ui-clear", "eraser").keys("Ctrl+Shift+L"));
    items.push(menu::Item::new("ui-leave-server", "log-out").danger());
    let what: Vec<&'static str> = items.iter().map(|item| item.word).collect();
    menu::open(program, items, at, move |program, chosen| match what.get(chosen).copied() {
        Some("ui-invite") => invitation::open(program),
        Some("ui-cmd-timer") => {
            show(program, place);
            dialogs::timer(program);
        }
        Some("ui-mute" | "ui-unmute") => {
            if let Some(conversation) = program.desk.borrow_mut().conversation_mut(place) {
                conversation.is_muted = !is_muted;
            }
            program.refresh_all();
        }
        Some("ui-search-room") => {
            show(program, place);
            search::toggle(program);
        }
        Some("ui-cmd-code") => safety_code::open(program),
        Some("record-title") => server_record::open(program),
        Some("ui-rename") => dialogs::rename_room(program, place),
        Some("ui-clear") => ask_to_clear(program),
        Some("ui-leave-server") => dialogs::confirm(program, Confirmation::Leave(place.server)),
        Some(_) | None => {}
    });
}

/// Another room.
pub(crate) fn go(program: &Rc<Program>, next: fn(&Desk, Option<Place>, Way) -> Option<Place>, way: Way) {
    let target = next(&program.desk.borrow(), program.place.get(), way);
    if let Some(target) = target {
        show(program, target);
    }
}

/// Another server.
pub(crate) fn next_server(program: &Rc<Program>, way: Way) {
    let target = navigation::next_server(&program.desk.borrow(), program.server.get(), way);
    if let Some(target) = target {
        show_server(program, target);
        program.app.invoke_focus_composer();
    }
}

/// Asks before everything that was said on the server that is shown goes.
pub(crate) fn ask_to_clear(program: &Rc<Program>) {
    if let Some(id) = program.server.get() {
        dialogs::confirm(program, Confirmation::Clear(id));
    }
}

/// The server at this place of the rail.
pub(crate) fn server_at(program: &Rc<Program>, place: usize) {
    let target = program.desk.borrow().servers().get(place).map(|server| server.id);
    if let Some(target) = target {
        show_server(program, target);
        program.app.invoke_focus_composer();
    }
}

/// Takes everything off this screen.
pub(crate) fn clear(program: &Rc<Program>, id: ServerId) {
    program.on(id, Action::Clear);
    if let Some(server) = program.desk.borrow_mut().server_mut(id) {
        server.clear();
    }
    members::refresh(program);
    search::refresh(program);
    switcher::close(program);
    program.painter.borrow_mut().forget();
    let standing = program.with_list(|list, tools| list.open(program.place.get(), tools));
    program.stand(standing);
    program.refresh_all();
}

/// Takes the server off, where the person said so.
pub(crate) fn remove(program: &Rc<Program>, id: ServerId) {
    adding::remove(program, id);
}
