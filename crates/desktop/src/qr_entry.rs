//! Invitations as pictures: pasted, chosen, or dropped on the window.

use std::path::Path;
use std::rc::Rc;

use shepot_app::{OutsideMsg, Page, PageMsg};
use shepot_pictures::qr;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::file_dialog::{self, Answer};
use crate::program::{Program, on_window};
use crate::shown::Shown as _;
use crate::{first_run, servers_page};

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, FirstRun, on_paste, |program| paste(&program));
    on!(program, Servers, on_paste, |program| paste(&program));
    on!(program, FirstRun, on_open_picture, |program| choose(&program));
    on!(program, Servers, on_open_picture, |program| choose(&program));
}

/// Asks for a picture with an invitation.
fn choose(program: &Rc<Program>) {
    let chosen = file_dialog::choose_picture(program.tr("ui-open-qr", &[]));
    let number = program.number;
    program.engine.spawn(async move {
        match chosen.await {
            Answer::Chosen(path) => _ = on_window(number, move |program| dropped(program, &path)),
            Answer::Nothing => {}
            Answer::NoHelper => _ = on_window(number, |program| program.complain_of_no_choice()),
        }
    });
}

/// Takes a picture with an invitation that was dropped on the window.
pub(crate) fn dropped(program: &Rc<Program>, path: &Path) {
    let is_free = {
        let state = program.state();
        state.overlay.is_none() && !state.lock.is_locked()
    };
    if is_free {
        found(program, file_dialog::read(path).and_then(|bytes| qr::read_file(&bytes)));
    }
}

/// Takes a picture from the clipboard. Returns false if there is none.
fn paste(program: &Rc<Program>) -> bool {
    let picture = program.clipboard.borrow_mut().picture();
    let Some((width, height, pixels)) = picture else { return false };
    found(program, qr::read_pixels(width, height, pixels));
    true
}

/// Puts the text of the QR code into the field, where the person can look at it.
fn found(program: &Rc<Program>, text: Option<String>) {
    let Some(text) = text else {
        return program.send(OutsideMsg::Problem(program.tr("ui-no-qr", &[])));
    };
    let page = program.state().page;
    if page == Page::FirstRun {
        first_run::fill_invitation(program, &text);
    } else {
        program.send(PageMsg::OpenPage(Page::Servers));
        program.app.global::<ui::Servers>().set_entry(text.as_str().shown());
        servers_page::edited(program, &text);
    }
    program.app.invoke_focus_page();
}
