//! The servers at the left.

use std::rc::Rc;

use shepot_app::confirmation::Confirmation;
use shepot_client::model::ServerId;
use shepot_sanitise::Sanitised;
use shepot_typeset::{Colour, Weight};
use shepot_view::desk::Server;
use shepot_view::{emoji, people, size};
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::{update, window};
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{adding, clipboard, dialogs, hosting, invitation, menu, room, servers_page, settings, toast};

/// The states of a server, as the component tree numbers them.
const CONNECTED: i32 = 0;
const CONNECTING: i32 = 1;
const OFFLINE: i32 = 2;
const HOSTED: i32 = 3;

/// Pixels of a tile's cell.
const TILE: f32 = 56.0;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Rail, on_chosen, |program, id| {
        if let Some(id) = server_id(id) {
            room::show_server(&program, id);
        }
    });
    on!(program, Rail, on_moved, |program, id, to| {
        if let Some(id) = server_id(id) {
            let to = usize::try_from(to).unwrap_or_default();
            program.desk.borrow_mut().move_server(id, to);
            adding::keep(&program);
            program.refresh_all();
        }
    });
    on!(program, Rail, on_viewport, |program, at, view| refresh_at(&program, at, view));
    on!(program, Rail, on_menu, |program, id, x, y| {
        if let Some(id) = server_id(id) {
            open_menu(&program, id, (x, y));
        }
    });
}

/// A number of the component tree as a server's.
pub(crate) fn server_id(number: i32) -> Option<ServerId> {
    u32::try_from(number).ok().map(ServerId)
}

pub(crate) fn number(id: ServerId) -> i32 {
    i32::try_from(id.0).unwrap_or(-1)
}

/// How a server looks: an emoji at the beginning of its name, or its first letter.
pub(crate) fn tile(program: &Program, name: &str, side: f32) -> (ui::Name, String, i32) {
    let first: String = name.chars().take_while(|c| !c.is_whitespace()).collect();
    let colour = name.bytes().fold(0_u8, u8::wrapping_add) % shepot_view::colour::COLOURS;
    if emoji::alone(&first) == Some(1) {
        let picture = program.painter.borrow_mut().emoji(&first, (side * 0.55).round());
        return (ui::Name { text: first.shown(), picture, width: 1.0 }, String::new(), i32::from(colour));
    }
    (ui::Name::default(), people::initial(name), i32::from(colour))
}

/// The state of a server, as it is drawn and as it is said.
pub(crate) fn state(program: &Program, server: &Server) -> (i32, String) {
    let word = |name| program.tr(name, &[]);
    if hosting::is_hosted(program, server.id) && server.is_connected() {
        return (HOSTED, word("ui-st-host"));
    }
    if server.is_connected() {
        (CONNECTED, word("ui-st-on"))
    } else if server.is_connecting() {
        (CONNECTING, word("ui-st-conn"))
    } else {
        (OFFLINE, word("ui-st-off"))
    }
}

pub(crate) fn refresh(program: &Program) {
    let rail = program.app.global::<ui::Rail>();
    refresh_at(program, rail.get_at(), rail.get_view());
}

/// Only tiles that are seen exist: there may be thousands.
fn refresh_at(program: &Program, at: f32, view: f32) {
    let desk = program.desk.borrow();
    let rail = program.app.global::<ui::Rail>();
    let servers = desk.servers();
    let range = window(at, view.max(TILE), TILE, servers.len());
    rail.set_first(i32::try_from(range.start).unwrap_or_default());
    rail.set_total(i32::try_from(servers.len()).unwrap_or(i32::MAX));
    let tiles =
        servers.get(range).unwrap_or_default().iter().map(|server| server_tile(program, server)).collect();
    if let Some(list) = update(&rail.get_servers(), tiles) {
        rail.set_servers(list);
    }
    rail.set_current(program.server.get().map_or(-1, number));
}

fn server_tile(program: &Program, server: &Server) -> ui::ServerTile {
    let l10n = program.l10n();
    let (unread, mentions) = server.unread();
    let (state, state_text) = state(program, server);
    let (face, letter, colour) = tile(program, &server.name, 44.0);
    let mut label = format!("{}, {state_text}", server.title());
    if unread > 0 {
        let count = size::number(l10n.language(), unread);
        label.push_str(&format!(", {}", l10n.tr("ui-lk-unread", &[("n", &count)])));
    }
    ui::ServerTile {
        id: number(server.id),
        name: server.title().shown(),
        face,
        letter: letter.shown(),
        colour,
        unread: i32::try_from(unread).unwrap_or(i32::MAX),
        mentions: i32::try_from(mentions).unwrap_or(i32::MAX),
        state,
        label: label.shown(),
    }
}

/// What can be done with a server.
pub(crate) fn open_menu(program: &Rc<Program>, id: ServerId, place: (f32, f32)) {
    let (has_session, is_connected) = {
        let desk = program.desk.borrow();
        let Some(server) = desk.server(id) else { return };
        (server.has_session(), server.is_connected())
    };
    let is_hosted = hosting::is_hosted(program, id);
    let is_shown = program.server.get() == Some(id);
    let mut items = vec![if has_session {
        menu::Item::new("ui-disconnect", "unplug")
    } else {
        menu::Item::new("ui-connect", "plug")
    }];
    if is_connected {
        items.push(menu::Item::new("ui-invite", "user-plus"));
    }
    let own_link = adding::own_link(program, id);
    if own_link.is_some() {
        items.push(menu::Item::new("ui-copy-own-link", "link"));
    }
    if is_shown && is_connected {
        items.push(menu::Item::new("ui-new-room", "hash").keys("Ctrl+T"));
    }
    if is_shown {
        items.push(menu::Item::new("ui-clear", "eraser").keys("Ctrl+Shift+L"));
    }
    let kept = adding::kept(program, id);
    let connects = kept.as_ref().is_some_and(|server| server.connects_at_start);
    if kept.is_some() {
        items.push(menu::Item::new("ui-sv-auto", if connects { "check" } else { "plug" }));
    }
    items.push(menu::Item::new("ui-s-notif", "bell"));
    items.push(menu::Item::new("ui-edit", "pencil"));
    if is_hosted {
        items.push(menu::Item::new("ui-op-stop", "power"));
        items.push(menu::Item::new("ui-host-forget", "trash-2").danger());
    } else {
        items.push(menu::Item::new("ui-remove", "trash-2").danger());
    }
    let what: Vec<&'static str> = items.iter().map(|item| item.word).collect();
    menu::open(program, items, place, move |program, chosen| match what.get(chosen).copied() {
        Some("ui-connect") => dialogs::connect(program, id),
        Some("ui-disconnect") => {
            dialogs::confirm(program, Confirmation::Leave(id));
        }
        Some("ui-invite") => {
            room::show_server(program, id);
            invitation::open(program);
        }
        Some("ui-copy-own-link") => {
            if let Some((link, makes_owner)) = &own_link {
                clipboard::copy(program, &Sanitised::of(link.expose()));
                if *makes_owner {
                    toast::say(program, &program.tr("ui-own-link-owner", &[]), "crown");
                }
            }
        }
        Some("ui-new-room") => dialogs::new_room(program),
        Some("ui-clear") => room::ask_to_clear(program),
        Some("ui-sv-auto") => {
            adding::change(program, id, |server| server.connects_at_start = !connects);
            servers_page::refresh(program);
        }
        Some("ui-s-notif") => settings::open_page(program, settings::NOTIFICATIONS),
        Some("ui-edit") => dialogs::edit_server(program, id),
        Some("ui-op-stop") => dialogs::confirm(program, Confirmation::StopHosting),
        Some("ui-host-forget") => dialogs::confirm(program, Confirmation::ForgetHosting),
        Some("ui-remove") => dialogs::confirm(program, Confirmation::Remove(id)),
        Some(_) | None => {}
    });
}

/// Names that are painted with the person's own letters.
pub(crate) fn name_of(program: &Program, text: &str, size: f32, weight: Weight) -> ui::Name {
    let mut painter = program.painter.borrow_mut();
    let ink = Colour::of(painter.palette().t1);
    painter.name(text, size, weight, ink)
}
