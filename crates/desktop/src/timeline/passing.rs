//! What changes by time in the list: how long messages stay, and which are still on their way.

use std::rc::Rc;
use std::time::Duration;

use shepot_client::model::Delivery;
use shepot_window as ui;
use slint::{ComponentHandle as _, TimerMode};

use super::standing::renew;
use crate::program::Program;

/// The interval while a message is on its way.
const SOON: Duration = Duration::from_secs(1);

/// The last seconds of a message, which are counted.
const LAST_MINUTE: u64 = 60;

/// The interval while a message is to disappear, which is shown in minutes.
const LATER: Duration = Duration::from_secs(15);

/// The number of the newest messages that are checked for being on their way.
const LOOKED_AT: usize = 32;

/// Runs the timer only while there is something to change, so that an idle window does nothing.
pub(crate) fn keep_time(program: &Rc<Program>) {
    let (is_on_its_way, disappears) = program.with_list(|list, tools| {
        let Some((_, server)) = list.server(tools) else { return (false, false) };
        let timeline = server.timeline();
        let newest = list.rows().len().saturating_sub(LOOKED_AT);
        // Without a connection it stands there that it waits, and nothing changes.
        let is_on_its_way = list.measures.online
            && (newest..list.rows().len())
                .filter_map(|row| timeline.get(&list.message_at(row)?))
                .any(|message| message.delivery == Delivery::Pending);
        let told = [list.measures.newest_own, list.measures.newest];
        let ends = told.iter().flatten().filter_map(|id| timeline.get(id)?.disappears_at).min();
        let ends_soon = ends.is_some_and(|at| at.saturating_sub(list.measures.now) <= LAST_MINUTE);
        (is_on_its_way || ends_soon, ends.is_some())
    });
    let every = match (is_on_its_way, disappears) {
        (true, _) => SOON,
        (false, true) => LATER,
        (false, false) => return program.timers.passing.stop(),
    };
    if program.timers.passing.running() && program.timers.passing.interval() == every {
        return;
    }
    let here = Rc::downgrade(program);
    program.timers.passing.start(TimerMode::Repeated, every, move || {
        let Some(program) = here.upgrade() else { return };
        if is_on_its_way {
            renew(&program, super::list::MessageList::renew);
        } else {
            program.with_list(|list, tools| list.repaint_all(tools));
        }
        keep_time(&program);
    });
}

/// Has the newest message read aloud, if it is visible.
pub(crate) fn announce(program: &Rc<Program>) {
    if program.state().lock.is_locked() {
        return;
    }
    let label = program.list.borrow().last_label();
    if let Some(label) = label {
        program.app.global::<ui::Timeline>().set_news(label);
    }
}
