//! The column of servers at the left.

use std::rc::Rc;

use shepot_app::{MenuOf, Msg, PageMsg};
use shepot_client::model::ServerId;
use shepot_view::desk::Server;
use shepot_view::size;
use shepot_view::tile::Tiles;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::{update, window};
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{faces, menu};

/// The size of a tile's cell, in logical pixels.
const TILE: f32 = 56.0;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Rail, on_chosen, |program, id| {
        let id = server_id(id);
        program.send(Msg::GoToServer(id));
        let shell = program.app.global::<ui::Shell>();
        if shell.get_is_narrow() && !program.has_room() {
            // Why there is none stands there, and what to do.
            shell.set_narrow_shows_room(true);
        }
    });
    on!(program, Rail, on_moved, |program, id, to| {
        let id = server_id(id);
        let to = usize::try_from(to).unwrap_or_default();
        program.send(PageMsg::MoveServer(id, to));
    });
    on!(program, Rail, on_viewport, |program, at, view| refresh_at(&program, at, view));
    on!(program, Rail, on_menu, |program, id, x, y| {
        let id = server_id(id);
        menu::open(&program, MenuOf::Server(id), (x, y));
    });
}

/// The server with this number in the component tree.
pub(crate) fn server_id(number: i32) -> ServerId {
    // No server has that number.
    ServerId(u32::try_from(number).unwrap_or(u32::MAX))
}

pub(crate) fn number(id: ServerId) -> i32 {
    i32::try_from(id.0).unwrap_or(-1)
}

pub(crate) fn refresh(program: &Program) {
    let rail = program.app.global::<ui::Rail>();
    refresh_at(program, rail.get_at(), rail.get_view());
}

/// Makes only the visible tiles, since there may be thousands.
fn refresh_at(program: &Program, at: f32, view: f32) {
    let rail = program.app.global::<ui::Rail>();
    let state = program.state();
    let servers = state.desk.servers();
    let range = window(at, view.max(TILE), TILE, servers.len());
    rail.set_first(i32::try_from(range.start).unwrap_or_default());
    rail.set_total(i32::try_from(servers.len()).unwrap_or(i32::MAX));
    let tiles = Tiles::of(servers);
    let seen = servers.get(range).unwrap_or_default().iter();
    let seen = seen.map(|server| server_tile(program, server, &tiles)).collect();
    rail.set_servers(update(rail.get_servers(), seen));
    rail.set_current(state.server.map_or(-1, number));
}

fn server_tile(program: &Program, server: &Server, tiles: &Tiles) -> ui::ServerTile {
    let l10n = program.l10n();
    let (unread, mentions) = server.unread();
    let (state, state_text) = faces::state_of(program, server);
    let (face, letter, colour) = faces::tile(program, server, tiles, 44.0);
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
