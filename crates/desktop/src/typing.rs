//! The line that says who is typing.

use std::rc::Rc;
use std::time::Duration;

use shepot_typeset::Weight;
use shepot_window as ui;
use slint::{ComponentHandle as _, TimerMode};

use crate::program::Program;
use crate::shown::Shown as _;

/// Updates who is typing.
pub(crate) fn refresh(program: &Rc<Program>) {
    let box_ = program.app.global::<ui::Composer>();
    let typing = program.state().typing(program.now().milliseconds());
    let is_somebody = typing.is_some();
    let (shown, colour, rest) =
        typing.map_or_else(Default::default, |typing| (typing.names, typing.colour, typing.rest));
    let mut painter = program.painter.borrow_mut();
    let ink = painter.person(colour);
    box_.set_typing_nicks(painter.name(&shown, 12.0, Weight::SemiBold, ink));
    box_.set_typing_colour(i32::from(colour));
    box_.set_typing(rest.shown());
    drop(painter);
    if !is_somebody {
        program.timers.typing.stop();
        return;
    }
    // Whoever stops writing does not say so.
    let here = Rc::downgrade(program);
    program.timers.typing.start(TimerMode::SingleShot, Duration::from_secs(1), move || {
        if let Some(program) = here.upgrade() {
            refresh(&program);
        }
    });
}
