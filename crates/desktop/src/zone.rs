//! The time zone, which changes on a traveller's computer while the program runs.

use std::rc::Rc;
use std::time::Duration;

use shepot_app::OutsideMsg;

use crate::program::Program;

/// The shortest time between two checks, since each reads a file.
const APART: Duration = Duration::from_secs(60);

/// Checks whether the system's time zone has changed. Called when something happens, so that an idle window does
/// nothing.
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
