//! The list of completions for the word at the cursor: names of people and emoji.

use std::rc::Rc;

use shepot_app::Msg;
use shepot_typeset::{Colour, Weight};
use shepot_window as ui;
use slint::ComponentHandle as _;
use slint::platform::Key as Named;

use crate::keys;
use crate::models::model;
use crate::program::Program;

pub(crate) fn refresh(program: &Program) {
    let state = program.state();
    let mut painter = program.painter.borrow_mut();
    let ink = Colour::of(painter.palette().t1);
    let offered = state.composer.completions.offered.iter().map(|one| ui::Completion {
        picture: one.picture.map(|emoji| painter.emoji(emoji, 20.0)).unwrap_or_default(),
        name: painter.name(&one.shown, 14.0, Weight::Regular, ink),
    });
    let composer = program.app.global::<ui::Composer>();
    composer.set_completions(model(offered.collect()));
    composer.set_completion(i32::try_from(state.composer.chosen).unwrap_or_default());
}

/// Handles a key that belongs to the completions while they are open. Returns false if it does not.
pub(crate) fn key(program: &Rc<Program>, text: &str) -> bool {
    let is = |named: Named| keys::is(text, named);
    if program.state().composer.completions.offered.is_empty() {
        return false;
    }
    let msg = if is(Named::Tab) {
        Msg::Complete
    } else if is(Named::DownArrow) {
        Msg::NextCompletion { back: false }
    } else if is(Named::UpArrow) {
        Msg::NextCompletion { back: true }
    } else {
        return false;
    };
    program.send(msg);
    true
}
