//! The text in the field of the room, and the emoji painted over it.
//!
//! Owns: what is put into the field by the program. Must never: leave text in the undo history for another session.

use std::rc::Rc;
use std::time::Duration;

use shepot_app::MOST_WRITTEN;
use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_typeset::Style;
use slint::Timer;

use super::composer;
use crate::models::model;
use crate::painter::LineOf;
use crate::program::Program;
use crate::shown::{Shown as _, typed};

/// The size of the text, in logical pixels.
pub(super) const SIZE: f32 = 15.0;
const LINE: f32 = 22.0;
/// The size of an emoji in the text, in logical pixels.
const EMOJI: f32 = 18.0;

/// The remaining characters are counted from this number down.
const COUNTED_FROM: usize = 200;

/// Put into the field for a moment, to empty the toolkit's undo history. Nobody types this character.
const OTHER: char = '\u{2060}';

/// The text in the field.
pub(crate) fn text(program: &Program) -> String {
    if settle(program) {
        // Before the toolkit has looked: it has to look again.
        program.field.borrow_mut().is_touched = true;
    }
    composer(program).get_text().to_string()
}

/// Puts a text into the field, with the cursor in it. Earlier text cannot be brought back by undo, since it may be from
/// another session.
pub(super) fn write(program: &Rc<Program>, text: &str, cursor: usize) {
    let box_ = composer(program);
    let forgets = {
        let mut field = program.field.borrow_mut();
        let is_settling = field.settling.is_some();
        let forgets = is_settling || (field.is_touched && box_.get_text() == text);
        // The toolkit forgets when it sees another text, and it looks when its own turn comes.
        field.settling = forgets.then(|| text.to_owned());
        field.is_touched = false;
        forgets
    };
    if forgets {
        box_.set_text(typed(OTHER));
        let here = Rc::downgrade(program);
        Timer::single_shot(Duration::ZERO, move || {
            Timer::single_shot(Duration::ZERO, move || {
                if let Some(program) = here.upgrade() {
                    settle(&program);
                }
            });
        });
        after_edit(program, text);
    } else {
        set(program, text, cursor);
    }
}

/// Puts the text that is due into the field. Returns false if there is none.
fn settle(program: &Program) -> bool {
    let Some(text) = program.field.borrow_mut().settling.take() else { return false };
    set(program, &text, text.len());
    true
}

/// Inserts a text at the cursor, in place of the selection.
pub(crate) fn put(program: &Program, text: &str) {
    let now = self::text(program);
    let at = |offset: i32| {
        let mut at = usize::try_from(offset).unwrap_or_default().min(now.len());
        while !now.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (one, other) = (at(program.app.get_cursor()), at(program.app.get_anchor()));
    let (first, last) = (one.min(other), one.max(other));
    let whole =
        format!("{}{text}{}", now.get(..first).unwrap_or_default(), now.get(last..).unwrap_or_default());
    set(program, &whole, first + text.len());
}

/// Sets the text and the cursor.
pub(crate) fn set(program: &Program, text: &str, cursor: usize) {
    composer(program).set_text(typed(text));
    program.app.invoke_set_cursor(i32::try_from(cursor).unwrap_or(i32::MAX));
    after_edit(program, text);
}

/// The person has typed. Returns the text and the cursor. `None`: it was too long, so the earlier text is back.
pub(super) fn edited(program: &Program, text: &str, cursor: i32) -> Option<(String, i32)> {
    let settling = {
        let mut field = program.field.borrow_mut();
        field.is_touched = true;
        field.settling.take()
    };
    let Some(settling) = settling else {
        if text.chars().count() > MOST_WRITTEN {
            // Pasted with the mouse: what stood here before comes back.
            let before = std::mem::take(&mut program.field.borrow_mut().before);
            set(program, &before, before.len());
            return None;
        }
        after_edit(program, text);
        return Some((text.to_owned(), cursor));
    };
    // Typed in the moment in which the other text stood there.
    let whole = format!("{settling}{}", text.replace(OTHER, ""));
    set(program, &whole, whole.len());
    let cursor = i32::try_from(whole.len()).unwrap_or(i32::MAX);
    Some((whole, cursor))
}

/// Updates what depends on the text: whether it can be sent, how much is left, where its emoji are.
pub(super) fn after_edit(program: &Program, text: &str) {
    // The buffer of before is freed, and so wiped.
    program.field.borrow_mut().before = text.to_owned();
    let box_ = composer(program);
    let count = text.trim().chars().count();
    box_.set_can_send(count > 0 && count <= MESSAGE_CHARACTERS);
    let counter = if count + COUNTED_FROM > MESSAGE_CHARACTERS {
        format!("{}", i64::try_from(MESSAGE_CHARACTERS).unwrap_or(0) - i64::try_from(count).unwrap_or(0))
    } else {
        String::new()
    };
    box_.set_counter(counter.shown());
    paint_emoji(program, text);
}

/// Paints the emoji where the toolkit leaves gaps.
pub(super) fn paint_emoji(program: &Program, text: &str) {
    let width = Some(program.field.borrow().width);
    let line = LineOf { style: Style::default(), width, size: SIZE, height: LINE, side: EMOJI };
    let cells = program.painter.borrow_mut().emoji_in(text, &line);
    composer(program).set_emoji(model(cells));
}
