//! Short words at the bottom of the window, one at a time.

use std::rc::Rc;
use std::time::Duration;

use shepot_window as ui;
use slint::{ComponentHandle as _, Timer, TimerMode};

use crate::program::Program;
use crate::shown::Shown as _;

/// How long they stay at least.
const SHOWN: Duration = Duration::from_secs(4);

/// How long it takes to read one character of a long one.
const READING_A_CHARACTER: Duration = Duration::from_millis(70);

/// The toast that is shown.
#[derive(Default)]
pub(crate) struct ToastState {
    timer: Timer,
}

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Toast, on_hovered, |program, over| {
        if over {
            program.toast.borrow().timer.stop();
        } else {
            go_later(&program);
        }
    });
}

/// Something was done.
pub(crate) fn say(program: &Program, text: &str, icon: &str) {
    show(program, text, icon, false);
}

/// Something was not done.
pub(crate) fn problem(program: &Program, text: &str) {
    show(program, text, "circle-alert", true);
}

fn show(program: &Program, text: &str, icon: &str, is_danger: bool) {
    let toast = program.app.global::<ui::Toast>();
    toast.set_text(text.shown());
    toast.set_icon(icon.shown());
    toast.set_is_danger(is_danger);
    toast.set_shown(true);
    go_later(program);
}

fn go_later(program: &Program) {
    let weak = program.app.as_weak();
    let characters = program.app.global::<ui::Toast>().get_text().chars().count();
    let shown = SHOWN.max(READING_A_CHARACTER.saturating_mul(u32::try_from(characters).unwrap_or(u32::MAX)));
    program.toast.borrow().timer.start(TimerMode::SingleShot, shown, move || {
        if let Some(app) = weak.upgrade() {
            app.global::<ui::Toast>().set_shown(false);
        }
    });
}
