//! Positions the list.

use std::rc::Rc;
use std::time::Duration;

use shepot_app::Msg;
use shepot_window as ui;
use slint::{ComponentHandle as _, TimerMode};

use super::list::{MessageList, Standing};
use super::paint::Tools;
use crate::program::Program;
use crate::shown::Shown as _;

/// How long a row stays marked after it was shown.
const MARKED: Duration = Duration::from_secs(1);

/// Puts the list at its position.
pub(crate) fn stand(program: &Program, standing: Standing) {
    let timeline = program.app.global::<ui::Timeline>();
    timeline.set_content_height(standing.height);
    program.app.invoke_scroll_to(standing.at);
    tell_newer(program);
    // Rows may stand elsewhere now.
    if !program.list.borrow().is_hovered() {
        timeline.set_hovered(-1);
    }
    tell_focus(program);
}

/// Changes the list, and puts it at its new position.
pub(crate) fn renew(program: &Program, change: impl FnOnce(&mut MessageList, &mut Tools<'_>) -> Standing) {
    let standing = program.with_list(change);
    stand(program, standing);
}

fn tell_newer(program: &Program) {
    let list = program.list.borrow();
    let text = match list.newer() {
        0 if list.sticks() => String::new(),
        0 => program.tr("ui-to-end", &[]),
        newer => program.l10n().tr_count("ui-to-latest", newer),
    };
    program.app.global::<ui::Timeline>().set_newer(text.shown());
}

/// Frames the focused row if it was chosen by keys.
pub(crate) fn tell_focus(program: &Program) {
    let timeline = program.app.global::<ui::Timeline>();
    let edges = {
        let list = program.list.borrow();
        list.focused.filter(|_| list.rings).and_then(|row| list.edges(row).map(|edges| (row, edges)))
    };
    match edges {
        Some((row, (top, height))) => {
            timeline.set_focused_y(top);
            timeline.set_focused_h(height);
            timeline.set_focused(i32::try_from(row).unwrap_or(-1));
        }
        None => timeline.set_focused(-1),
    }
}

/// Scrolls a row into the middle, and marks it for a moment.
pub(crate) fn flash(program: &Rc<Program>, row: usize) {
    renew(program, |list, tools| list.show_row(row, tools));
    let timeline = program.app.global::<ui::Timeline>();
    timeline.set_flashed(i32::try_from(row).unwrap_or(-1));
    let here = Rc::downgrade(program);
    program.timers.flashing.start(TimerMode::SingleShot, MARKED, move || {
        if let Some(program) = here.upgrade() {
            program.app.global::<ui::Timeline>().set_flashed(-1);
        }
    });
    looks(program);
}

/// Scrolls to the newest message. That is also a step back from reading older ones.
pub(crate) fn show_end(program: &Rc<Program>) {
    renew(program, MessageList::show_end);
    looks(program);
}

/// Tells the program whether the newest message is visible.
pub(crate) fn looks(program: &Rc<Program>) {
    let sticks = program.list.borrow().sticks();
    program.send(Msg::Looks(sticks));
    tell_newer(program);
}
