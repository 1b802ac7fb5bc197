//! The line that says who is writing.

use std::rc::Rc;
use std::time::Duration;

use shepot_sanitise::Sanitised;
use shepot_typeset::Weight;
use shepot_window as ui;
use slint::{ComponentHandle as _, TimerMode};

use crate::program::Program;
use crate::shown::Shown as _;

/// Who is typing.
pub(crate) fn refresh(program: &Rc<Program>) {
    let box_ = program.app.global::<ui::Composer>();
    let l10n = program.l10n();
    let (nicks, colour): (Vec<Sanitised>, u8) = {
        let state = program.state();
        match state.place.zip(state.shown()) {
            Some((place, server)) => {
                let people = server.typing(place.room, program.now().milliseconds());
                let colour = people.first().map_or(0, |person| shepot_view::colour::of(&person.fingerprint));
                (people.iter().map(|person| person.nick.clone()).collect(), colour)
            }
            None => (Vec::new(), 0),
        }
    };
    let (shown, rest) = match nicks.as_slice() {
        [] => (String::new(), String::new()),
        [one] => (one.to_string(), l10n.tr("ui-typing-one", &[])),
        [one, other] => (format!("{one}, {other}"), l10n.tr("ui-typing-many", &[])),
        [one, other, more @ ..] => {
            (format!("{one}, {other} +{}", more.len()), l10n.tr("ui-typing-many", &[]))
        }
    };
    let mut painter = program.painter.borrow_mut();
    let ink = painter.person(colour);
    box_.set_typing_nicks(painter.name(&shown, 12.0, Weight::SemiBold, ink));
    box_.set_typing_colour(i32::from(colour));
    box_.set_typing(rest.shown());
    drop(painter);
    if nicks.is_empty() {
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
