//! The dialog for a server: its name, its address, and the picture of the person's own circle.

use std::rc::Rc;

use shepot_app::{OutsideMsg, Overlay, PageMsg};
use shepot_client::model::ServerId;
use shepot_view::tile::Tiles;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::asking::{Asked, ask, question};
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{faces, small_picture};

/// The size of the tile, in logical pixels.
const TILE: f32 = 44.0;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Dialogs, on_choose_picture, |program| choose_picture(&program));
    on!(program, Dialogs, on_remove_picture, |program| {
        if let Some(server) = edited(&program) {
            program.send(PageMsg::SetCirclePicture(server, Vec::new()));
        }
    });
}

fn edited(program: &Program) -> Option<ServerId> {
    if let Some(Overlay::EditServer(id, _)) = &program.state().overlay { Some(*id) } else { None }
}

pub(crate) fn fill(program: &Program, id: ServerId, error: &str, is_new: bool) -> ui::Dialog {
    let state = program.state();
    let server = state.desk.server(id);
    let field = server.map(|server| server.name.to_string()).unwrap_or_default();
    let field2 = server.map(|server| server.address.clone()).unwrap_or_default();
    let question = question(program.tr("ui-edit", &[]), program.tr("ui-save", &[]));
    ask(program, Asked { question, field, field2, error: error.to_owned(), ..Asked::default() }, is_new);
    let box_ = program.app.global::<ui::Dialogs>();
    box_.set_can_readdress(!state.hosting.is_of(id));
    box_.set_can_picture(server.is_some_and(|server| server.is_owner));
    box_.set_has_picture(!state.circle_picture(id).is_empty());
    if let Some(server) = server {
        let (face, letter, colour) =
            faces::tile(program, server, &Tiles::of(program.state().desk.servers()), TILE);
        box_.set_tile_face(face);
        box_.set_tile_letter(letter.shown());
        box_.set_tile_colour(colour);
    }
    ui::Dialog::EditServer
}

/// Asks for a picture, and makes it small.
fn choose_picture(program: &Rc<Program>) {
    let Some(server) = edited(program) else { return };
    small_picture::choose(program, move |program, picture| match picture {
        Some(image) => program.send(PageMsg::SetCirclePicture(server, image)),
        None => program.send(OutsideMsg::Problem(program.tr("ui-p-bad", &[]))),
    });
}
