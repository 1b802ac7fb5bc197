//! The list of messages: which rows there are, where they stand, which of them the window holds.
//!
//! Owns: the rows of the room that is open, their heights, the place in the list, what is selected. Only rows that are
//! seen, and some around them, exist as components. Must never: move what the person reads because something came in.

mod acts;
mod layout;
mod list;
mod paint;
mod passing;
mod pointer;
mod selection;
#[cfg(test)]
mod tests;

pub(crate) use acts::react;
pub(crate) use list::{MessageList, Standing, Tools};
pub(crate) use paint::face;
pub(crate) use passing::keep_time;
pub(crate) use pointer::{tell_focus, to_newest, wire};

use std::rc::Rc;

use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::program::Program;

/// Has what came in last read aloud, if it is seen.
pub(crate) fn announce(program: &Rc<Program>) {
    if program.app.global::<ui::Shell>().get_is_locked() {
        return;
    }
    let label = program.list.borrow().last_label();
    if let Some(label) = label {
        program.app.global::<ui::Timeline>().set_news(label);
    }
}
