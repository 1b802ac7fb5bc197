//! The invitation: as a link and as a code, for those whom the person trusts.

use std::rc::Rc;

use shepot_client::Action;
use shepot_client::model::ServerId;
use shepot_hosting::{with_address, with_port};
use shepot_sanitise::Sanitised;
use shepot_typeset::Picture;
use shepot_window as ui;
use slint::{ComponentHandle as _, Image, SharedPixelBuffer};
use zeroize::Zeroizing;

use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{clipboard, dialogs, hosting, qr, toast};

/// How wide the code is at most, in logical pixels.
const WIDE: f32 = 300.0;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Dialogs, on_copy_link, |program| {
        let link = Zeroizing::new(program.app.global::<ui::Dialogs>().get_link().to_string());
        clipboard::copy(&program, &Sanitised::of(&link));
    });
    on!(program, Dialogs, on_save_qr, |program| save(&program));
    on!(program, Dialogs, on_address_chosen, |program, _index| refresh(&program));
    on!(program, Dialogs, on_public_edited, |program, _text| refresh(&program));
}

/// Asks for an invitation to the circle that is shown.
pub(crate) fn open(program: &Rc<Program>) {
    if program.is_online() {
        program.on_server(Action::Invite { owner: false });
    } else {
        toast::problem(program, &program.tr("ui-inv-offline", &[]));
    }
}

/// The engine has made one.
pub(crate) fn arrived(program: &Rc<Program>, id: ServerId) {
    let Some(link) = program.desk.borrow_mut().take_invitation() else { return };
    if !dialogs::may_ask(program) {
        return;
    }
    let name = program.desk.borrow().server(id).map(|server| server.title().to_owned()).unwrap_or_default();
    let box_ = program.app.global::<ui::Dialogs>();
    box_.set_title(program.tr("ui-inv-title", &[("server", &name)]).shown());
    let is_hosted = hosting::is_hosted(program, id);
    box_.set_can_choose(is_hosted);
    box_.set_public_error("".shown());
    if is_hosted {
        box_.set_addresses(model(vec![
            program.tr("ui-inv-near", &[]).shown(),
            program.tr("ui-inv-far", &[]).shown(),
        ]));
        box_.set_address(0);
    }
    program.host.borrow_mut().link = Some(link);
    refresh(program);
    program.app.global::<ui::Shell>().set_dialog(ui::Dialog::Invitation);
}

/// The link for the address that is chosen.
fn refresh(program: &Rc<Program>) {
    let box_ = program.app.global::<ui::Dialogs>();
    let Some(link) = program.host.borrow().link.clone() else { return };
    box_.set_public_error("".shown());
    let (link, note) = if box_.get_can_choose() {
        let near = hosting::address(program);
        if box_.get_address() == 0 {
            let reach = program.tr(hosting::reach_note(program), &[]);
            (with_address(&link, &near).unwrap_or(link), reach)
        } else {
            let typed = box_.get_public_address();
            let note = program.tr("ui-inv-far-note", &[("port", &hosting::port(program).to_string())]);
            if typed.trim().is_empty() {
                (Zeroizing::new(String::new()), note)
            } else {
                match with_address(&link, &with_port(typed.trim(), hosting::port(program))) {
                    Ok(link) => (link, note),
                    Err(_) => {
                        box_.set_public_error(program.tr("ui-er-addr", &[]).shown());
                        (Zeroizing::new(String::new()), note)
                    }
                }
            }
        }
    } else {
        (link, String::new())
    };
    let scale = program.painter.borrow().scale();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred pixels")]
    let module = qr::module_for(&link, (WIDE * scale) as u32);
    let picture = if link.is_empty() { None } else { qr::paint(&link, module) };
    let size = picture.as_ref().map_or(WIDE, |picture| {
        #[allow(clippy::cast_precision_loss, reason = "some hundred pixels")]
        let pixels = picture.width as f32;
        pixels / scale
    });
    box_.set_qr_size(size);
    box_.set_qr(picture.map(to_image).unwrap_or_default());
    box_.set_link(link.as_str().shown());
    box_.set_note(note.shown());
}

fn to_image(picture: Picture) -> Image {
    Image::from_rgba8(SharedPixelBuffer::clone_from_slice(&picture.pixels, picture.width, picture.height))
}

/// Writes the code into a file that the person names.
fn save(program: &Rc<Program>) {
    let link = program.app.global::<ui::Dialogs>().get_link();
    let Some(bytes) = qr::png(&link) else { return };
    let number = program.number;
    let title = program.tr("ui-inv-save", &[]);
    program.engine.spawn(async move {
        let dialog = rfd::AsyncFileDialog::new().set_title(title).set_file_name("shepot-invitation.png");
        let Some(file) = dialog.save_file().await else { return };
        let written = std::fs::write(file.path(), bytes).is_ok();
        crate::engine_link::on_window(number, move |program| {
            if written {
                toast::say(program, &program.tr("ui-saved", &[]), "check");
            } else {
                toast::problem(program, &program.tr("ui-save-failed", &[]));
            }
        });
    });
}

/// The link is not kept longer than the dialog that shows it.
pub(crate) fn forget(program: &Program) {
    program.host.borrow_mut().link = None;
}
