//! The time zone: a traveller's computer changes it while the program runs.

use std::rc::Rc;
use std::time::Duration;

use shepot_app::OutsideMsg;

use crate::program::Program;

/// It is looked at so often at most: a file is read for it.
const APART: Duration = Duration::from_secs(60);

/// Looks whether the system is in another one by now. Called when something happens: a window where nothing does is left
/// alone.
pub(crate) fn look(program: &Rc<Program>) {
    let now = program.now().steady;
    if now.saturating_sub(program.frame.zone_seen.get()) < APART {
        return;
    }
    program.frame.zone_seen.set(now);
    let other = program.state().clock.where_the_system_is();
    if let Some(clock) = other {
        program.send(OutsideMsg::Zone(clock));
    }
}
