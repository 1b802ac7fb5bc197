//! The page of servers, with the form for a new one.

use std::rc::Rc;

use shepot_app::{MenuOf, Msg, Origin, PageMsg};
use shepot_view::command::Command;
use shepot_view::desk::{Server, normal};
use shepot_view::sentence;
use shepot_view::tile::Tiles;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::{update, window};
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{faces, menu, rail};

const ROW: f32 = 44.0;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Servers, on_edited, |program, text| edited(&program, &text));
    on!(program, Servers, on_filtered, |program, _text| refresh(&program));
    on!(program, Servers, on_add, |program| {
        let entry = program.app.global::<ui::Servers>().get_entry();
        program.send(PageMsg::Add(entry.to_string(), Origin::List));
    });
    on!(program, Servers, on_act, |program, id| {
        let id = rail::server_id(id);
        program.send(PageMsg::TurnServer(id));
    });
    on!(program, Servers, on_show, |program, id| {
        let id = rail::server_id(id);
        program.send(PageMsg::OpenServer(id));
        program.app.invoke_focus_page();
    });
    on!(program, Servers, on_menu, |program, id, x, y| {
        let id = rail::server_id(id);
        menu::open(&program, MenuOf::Server(id), (x, y));
    });
    on!(program, Servers, on_auto, |program, id, on| {
        let id = rail::server_id(id);
        program.send(PageMsg::ConnectAtStart(id, on));
    });
    on!(program, Servers, on_host, |program| program.send(Msg::Run(Command::Host)));
    on!(program, Servers, on_viewport, |program, at, view| {
        program.app.global::<ui::Servers>().set_scrolled(at);
        refresh_at(&program, at, view);
    });
}

fn page(program: &Program) -> ui::Servers<'_> {
    program.app.global::<ui::Servers>()
}

/// Takes the entry apart while it is typed. Errors appear only when it is used.
pub(crate) fn edited(program: &Rc<Program>, text: &str) {
    program.send(PageMsg::EntryEdited(Origin::List));
    show_parts(program, text);
}

fn show_parts(program: &Program, text: &str) {
    let page = page(program);
    let preview = shepot_client::preview(text, program.now().unix).ok();
    page.set_part_name(preview.as_ref().and_then(|known| known.name.as_deref()).unwrap_or_default().shown());
    page.set_part_address(preview.as_ref().map(|known| known.host.clone()).unwrap_or_default().shown());
    page.set_part_port(preview.as_ref().map(|known| known.port.to_string()).unwrap_or_default().shown());
    page.set_is_open(preview.as_ref().is_some_and(|known| known.is_open));
}

/// Empties the form after a server was added.
pub(crate) fn clear(program: &Program) {
    page(program).set_entry("".shown());
    show_parts(program, "");
}

/// Shows errors, and whether a relay runs here.
pub(crate) fn refresh_errors(program: &Program) {
    let state = program.state();
    page(program).set_error(state.errors.list.as_str().shown());
    page(program).set_hosting_error(state.errors.hosting.as_str().shown());
    page(program).set_is_hosting(state.is_hosting());
}

pub(crate) fn refresh(program: &Program) {
    let first = page(program).get_scrolled();
    refresh_at(program, first, 0.0);
}

fn refresh_at(program: &Program, at: f32, view: f32) {
    let page = page(program);
    let view = if view > 0.0 { view } else { program.app.global::<ui::Shell>().get_height() };
    let state = program.state();
    let desk = &state.desk;
    let wanted = normal(page.get_filter().trim());
    let fits = |server: &&Server| normal(&server.name).contains(&wanted) || server.address.contains(&wanted);
    let servers: Vec<&Server> = desk.servers().iter().filter(fits).collect();
    #[allow(clippy::cast_precision_loss, reason = "at most ten thousand rows")]
    let height = servers.len() as f32 * ROW;
    page.set_content_height(height);
    page.set_total(i32::try_from(desk.servers().len()).unwrap_or(i32::MAX));
    page.set_remembers(state.may_keep());
    let range = window(at, view, ROW, servers.len());
    let tiles = Tiles::of(desk.servers());
    let rows =
        servers.get(range.clone()).unwrap_or_default().iter().map(|server| row(program, server, &tiles));
    let rows: Vec<ui::ServerRow> = rows.collect();
    #[allow(clippy::cast_precision_loss, reason = "at most ten thousand rows")]
    page.set_at(range.start as f32 * ROW);
    page.set_rows(update(page.get_rows(), rows));
}

fn row(program: &Program, server: &Server, tiles: &Tiles) -> ui::ServerRow {
    let (state, state_text) = faces::state_of(program, server);
    let l10n = program.l10n();
    let error = server.error.as_ref().filter(|_| !server.is_connected());
    let (face, letter, colour) = faces::tile(program, server, tiles, 32.0);
    let (unread, mentions) = server.unread();
    ui::ServerRow {
        id: rail::number(server.id),
        name: server.title().shown(),
        face,
        letter: letter.shown(),
        colour,
        address: server.address.as_str().shown(),
        state,
        state_text: error.map_or(state_text, |error| sentence::connection_error(&l10n, error)).shown(),
        rooms: if server.rooms.is_empty() { "—".to_owned() } else { server.rooms.len().to_string() }.shown(),
        unread: i32::try_from(unread).unwrap_or(i32::MAX),
        mentions: i32::try_from(mentions).unwrap_or(i32::MAX),
        connects_at_start: program.state().adding.kept(server.id).is_some_and(|kept| kept.connects_at_start),
    }
}
