//! Toasts: short notices at the bottom of the window, one at a time.

use std::rc::Rc;

use shepot_app::{Msg, Sign};
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::program::Program;
use crate::shown::Shown as _;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Toast, on_hovered, |program, over| program.send(Msg::HoldToast(over)));
    on!(program, Toast, on_act, |program| program.send(Msg::Undo));
}

pub(crate) fn refresh(program: &Program) {
    let shown = program.app.global::<ui::Toast>();
    let state = program.state();
    let Some(toast) = &state.toast else { return shown.set_shown(false) };
    shown.set_text(toast.text.as_str().shown());
    shown.set_icon(icon_of(toast.sign).shown());
    shown.set_is_danger(toast.sign == Sign::Problem);
    let action = if toast.can_be_undone() { state.tr("ui-undo", &[]) } else { String::new() };
    shown.set_action(action.shown());
    shown.set_shown(true);
}

const fn icon_of(sign: Sign) -> &'static str {
    match sign {
        Sign::Done => "check",
        Sign::Problem => "circle-alert",
        Sign::Information => "info",
        Sign::Room => "hash",
        Sign::Link => "link",
        Sign::Owner => "crown",
        Sign::Panic => "flame",
        Sign::Safety => "shield-check",
    }
}
