//! The dialog with an invitation, as a link and as a QR code.

use std::rc::Rc;

use shepot_app::{Hosting, Invited, OverMsg, Overlay};
use shepot_hosting::{with_address, with_port};
use shepot_pictures::qr;
use shepot_sanitise::Sanitised;
use shepot_typeset::Picture;
use shepot_window as ui;
use slint::{ComponentHandle as _, Image, SharedPixelBuffer};
use zeroize::Zeroizing;

use crate::choices::{choices, chosen};
use crate::file_dialog;
use crate::program::Program;
use crate::saving::saved;
use crate::shown::Shown as _;

/// The greatest width of the QR code, in logical pixels.
const WIDE: f32 = 300.0;

/// The width of everything beside it, in logical pixels.
const MARGINS: f32 = 96.0;

/// Whom the link is for: people nearby or elsewhere.
const IS_ELSEWHERE: [(bool, &str); 2] = [(false, "ui-inv-near"), (true, "ui-inv-far")];

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Dialogs, on_copy_link, |program| {
        let link = Zeroizing::new(program.app.global::<ui::Dialogs>().get_link().to_string());
        program.send(OverMsg::Copy(Sanitised::of(&link)));
    });
    on!(program, Dialogs, on_save_qr, |program| save(&program));
    on!(program, Dialogs, on_renew, |program| program.send(OverMsg::RenewInvitations));
    on!(program, Dialogs, on_address_chosen, |program| choose(&program));
    on!(program, Dialogs, on_public_edited, |program, _text| choose(&program));
}

/// Takes another address, chosen or typed.
fn choose(program: &Rc<Program>) {
    let state = program.state();
    let Some(Overlay::Invitation(invited)) = &state.overlay else { return };
    show(program, invited);
}

/// Fills the dialog.
pub(crate) fn fill(program: &Program, invited: &Invited, is_new: bool) {
    let name = program.state().desk.server(invited.server).map(|server| server.title().to_owned());
    let name = name.unwrap_or_default();
    let box_ = program.app.global::<ui::Dialogs>();
    box_.set_title(program.tr("ui-inv-title", &[("server", &name)]).shown());
    box_.set_can_choose(invited.is_ours);
    box_.set_can_renew(invited.can_renew);
    if is_new && invited.is_ours {
        // Whoever is elsewhere today is elsewhere tomorrow.
        let is_elsewhere = chosen(&IS_ELSEWHERE, box_.get_addresses().current, false);
        box_.set_addresses(choices(program, box_.get_addresses(), &IS_ELSEWHERE, is_elsewhere));
    }
    show(program, invited);
}

/// Shows the link for the chosen address.
fn show(program: &Program, invited: &Invited) {
    let box_ = program.app.global::<ui::Dialogs>();
    box_.set_public_error("".shown());
    let is_elsewhere = chosen(&IS_ELSEWHERE, box_.get_addresses().current, false);
    box_.set_is_elsewhere(is_elsewhere);
    let (link, note) = if box_.get_can_choose() && is_elsewhere {
        with_typed_address(program, invited)
    } else {
        (invited.link.clone(), invited.note.clone())
    };
    let scale = program.painter.borrow().scale();
    // In a narrow window it is as wide as that.
    let wide = WIDE.min(program.app.global::<ui::Shell>().get_width() - MARGINS);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred pixels")]
    let module = qr::module_for(&link, (wide * scale) as u32);
    let picture = if link.is_empty() { None } else { qr::paint(&link, module) };
    let size = picture.as_ref().map_or(wide, |picture| {
        #[allow(clippy::cast_precision_loss, reason = "some hundred pixels")]
        let pixels = picture.width as f32;
        pixels / scale
    });
    box_.set_qr_size(size);
    box_.set_qr(picture.map(to_image).unwrap_or_default());
    box_.set_link(link.as_str().shown());
    box_.set_note(note.shown());
}

/// The link with the typed address, and an error. The link is empty if the address is not valid.
fn with_typed_address(program: &Program, invited: &Invited) -> (Zeroizing<String>, String) {
    let box_ = program.app.global::<ui::Dialogs>();
    let port = if let Hosting::On(_, at) = &program.state().hosting { at.port } else { 0 };
    let far = program.tr("ui-inv-far-note", &[("port", &port.to_string())]);
    // What it gives away is said wherever it leads.
    let note = if invited.makes_owner { format!("{} {far}", invited.note) } else { far };
    let typed = box_.get_public_address();
    if typed.trim().is_empty() {
        return (Zeroizing::default(), note);
    }
    let link = with_address(&invited.link, &with_port(typed.trim(), port));
    if link.is_err() {
        box_.set_public_error(program.tr("ui-er-addr", &[]).shown());
    }
    (link.unwrap_or_default(), note)
}

fn to_image(picture: Picture) -> Image {
    Image::from_rgba8(SharedPixelBuffer::clone_from_slice(&picture.pixels, picture.width, picture.height))
}

/// Saves the QR code as a file that the person names.
fn save(program: &Rc<Program>) {
    let link = program.app.global::<ui::Dialogs>().get_link();
    let Some(bytes) = qr::png(&link) else { return };
    let number = program.number;
    let title = program.tr("ui-inv-save", &[]);
    program.engine.spawn(async move {
        saved(number, file_dialog::save(title, "shepot-invitation.png").await, bytes);
    });
}
