//! Copying and selecting in the window.

use std::rc::Rc;
use std::time::Duration;

use shepot_app::MOST_WRITTEN;
use shepot_app::{Copied, OutsideMsg, OverMsg};
use shepot_sanitise::Sanitised;
use shepot_view::sentence;
use slint::{ComponentHandle as _, TimerMode};
use zeroize::Zeroizing;

use crate::program::Program;

/// How long selected text stays in the system's selection.
const KEPT: Duration = Duration::from_secs(60);

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Shell, on_copy_part, |program, text, from, to| {
        if let Some(part) = part(&text, from, to) {
            program.send(OverMsg::Copy(Sanitised::of(part)));
        }
    });
    on!(program, Shell, on_is_too_long_to_paste, |program, text| {
        let pasted = program.clipboard.borrow_mut().characters();
        let is_too_long = text.chars().count() + pasted > MOST_WRITTEN;
        if is_too_long {
            refuse(&program);
        }
        is_too_long
    });
    on!(program, Shell, on_selected_part, |program, text, from, to| {
        if !program.preferences().clears_clipboard {
            return;
        }
        let Some(part) = part(&text, from, to).map(|part| Zeroizing::new(part.to_owned())) else { return };
        program.clipboard.borrow_mut().select(part);
        let here = Rc::downgrade(&program);
        program.timers.selection.start(TimerMode::SingleShot, KEPT, move || {
            if let Some(program) = here.upgrade() {
                program.clipboard.borrow_mut().clear_selection();
            }
        });
    });
}

/// Whether the system's selection is too long to paste. Says so then.
pub(crate) fn refuses_selection(program: &Rc<Program>) -> bool {
    let is_too_long = program.clipboard.borrow_mut().selected_characters() > MOST_WRITTEN;
    if is_too_long {
        refuse(program);
    }
    is_too_long
}

/// Says that a pasted text is longer than the field takes.
pub(crate) fn refuse(program: &Rc<Program>) {
    program.send(OutsideMsg::Problem(sentence::too_long_to_paste(&program.l10n(), MOST_WRITTEN)));
}

/// The part of a text between two byte positions.
fn part(text: &str, from: i32, to: i32) -> Option<&str> {
    text.get(usize::try_from(from.min(to)).ok()?..usize::try_from(from.max(to)).ok()?)
}

/// Copies a text.
pub(crate) fn copy(program: &Rc<Program>, text: &Sanitised) {
    let is_copied = program.clipboard.borrow_mut().put(text);
    if is_copied {
        program.send(OutsideMsg::Copied(Copied::Done));
    } else {
        program.send(OutsideMsg::Problem(program.tr("ui-copy-failed", &[])));
    }
}

/// Empties the clipboard if our text is still in it.
pub(crate) fn forget(program: &Rc<Program>) {
    program.clipboard.borrow_mut().clear();
    program.send(OutsideMsg::ForgotCopied);
}
