//! The panic button, which has to be held.

use std::rc::Rc;
use std::time::Duration;

use shepot_app::{Msg, OutsideMsg};
use shepot_window as ui;
use slint::{ComponentHandle as _, TimerMode};

use crate::program::Program;

/// How long it has to be held.
const HOLD: Duration = Duration::from_secs(1);

/// How often the ring around it grows.
const STEP: Duration = Duration::from_millis(33);

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Shell, on_panic_held, |program, down| held(&program, down));
}

fn held(program: &Rc<Program>, down: bool) {
    if !down {
        let was_held_too_short = program.timers.panic.running();
        program.timers.panic.stop();
        if was_held_too_short {
            program.send(OutsideMsg::Told(program.tr("ui-panic-tip", &[])));
        }
        return program.app.global::<ui::Shell>().set_panic_progress(0.0);
    }
    let began = program.now().steady;
    let here = Rc::downgrade(program);
    program.timers.panic.start(TimerMode::Repeated, STEP, move || {
        let Some(program) = here.upgrade() else { return };
        let held_for = program.now().steady.saturating_sub(began);
        let part = held_for.as_secs_f32() / HOLD.as_secs_f32();
        program.app.global::<ui::Shell>().set_panic_progress(part.min(1.0));
        if part >= 1.0 {
            program.timers.panic.stop();
            program.send(Msg::Panic);
        }
    });
}
