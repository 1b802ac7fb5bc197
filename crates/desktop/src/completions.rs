//! What the word that is being written may become: a person's name, an emoji.

use std::rc::Rc;

use shepot_typeset::{Colour, Weight};
use shepot_view::completion::{self, Completion, Completions};
use shepot_window as ui;
use slint::platform::Key as Named;

use crate::composer::{composer, field};
use crate::keys;
use crate::models::model;
use crate::program::Program;

/// What is offered.
#[derive(Default)]
pub(crate) struct Offer {
    offered: Vec<Completion>,
    chosen: usize,
    /// Where the word begins.
    word_at: usize,
}

/// What the word at the cursor may become.
pub(crate) fn offer(program: &Rc<Program>, text: &str, cursor: usize) {
    let Completions { offered, word_at } = {
        let desk = program.desk.borrow();
        let server = program.server.get().and_then(|id| desk.server(id));
        let people = server.map(|server| server.people.as_slice()).unwrap_or_default();
        completion::offer(&program.l10n(), people, text, cursor)
    };
    let shown: Vec<ui::Completion> = {
        let mut painter = program.painter.borrow_mut();
        let ink = Colour::of(painter.palette().t1);
        let mut show = |one: &Completion| ui::Completion {
            picture: one.picture.map(|emoji| painter.emoji(emoji, 20.0)).unwrap_or_default(),
            name: painter.name(&one.shown, 14.0, Weight::Regular, ink),
        };
        offered.iter().map(&mut show).collect()
    };
    program.composer.borrow_mut().completions = Offer { offered, chosen: 0, word_at };
    composer(program).set_completions(model(shown));
    composer(program).set_completion(0);
}

fn complete(program: &Rc<Program>) -> bool {
    let (at, written) = {
        let completions = &program.composer.borrow().completions;
        let Some(chosen) = completions.offered.get(completions.chosen) else { return false };
        (completions.word_at, chosen.written.clone())
    };
    let now = field::text(program);
    let cursor = usize::try_from(program.app.get_cursor()).unwrap_or_default().min(now.len());
    let (Some(before), Some(after)) = (now.get(..at), now.get(cursor..)) else { return false };
    let whole = format!("{before}{written}{after}");
    close(program);
    field::set(program, &whole, at + written.len());
    true
}

/// Takes them away; false when there are none.
pub(crate) fn close(program: &Program) -> bool {
    let offered = std::mem::take(&mut program.composer.borrow_mut().completions.offered);
    if offered.is_empty() {
        return false;
    }
    composer(program).set_completions(model(Vec::new()));
    true
}

/// One of them was clicked.
pub(crate) fn choose(program: &Rc<Program>, index: i32) {
    program.composer.borrow_mut().completions.chosen = usize::try_from(index).unwrap_or_default();
    complete(program);
}

/// A key that is theirs while they are offered.
pub(crate) fn key(program: &Rc<Program>, text: &str) -> bool {
    let is = |named: Named| keys::is(text, named);
    let offered = program.composer.borrow().completions.offered.len();
    if offered == 0 {
        return false;
    }
    let by = if is(Named::Tab) {
        return complete(program);
    } else if is(Named::DownArrow) {
        1
    } else if is(Named::UpArrow) {
        offered - 1
    } else {
        return false;
    };
    let chosen = (program.composer.borrow().completions.chosen + by) % offered;
    program.composer.borrow_mut().completions.chosen = chosen;
    composer(program).set_completion(i32::try_from(chosen).unwrap_or_default());
    true
}
