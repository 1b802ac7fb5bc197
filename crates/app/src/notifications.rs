//! Telling the person of what is new, while it is not looked at.
//!
//! Must never: tell a nick, a room or a word of it.

use std::time::Duration;

use shepot_preferences::About;
use shepot_view::desk::Place;

use crate::effect::Effect;
use crate::state::State;

/// People in a circle, the person included, up to whom it is a small one.
pub const SMALL_CIRCLE: usize = 10;

/// Notifications are so far apart at least.
const APART: Duration = Duration::from_secs(3);

impl State {
    /// Where few talk, what is said is meant for everybody.
    fn is_small_circle(&self, place: Place) -> bool {
        self.desk.server(place.server).is_some_and(|server| server.people.len() <= SMALL_CIRCLE)
    }

    /// Something came in that the person has not seen.
    pub(crate) fn news(&mut self, place: Place, is_mention: bool) {
        self.changes.servers = true;
        let conversation = self.desk.conversation(place);
        let is_muted = conversation.is_some_and(|known| known.is_muted);
        let about = self.adding.kept(place.server).and_then(|server| server.about);
        let wants = match about.unwrap_or(self.preferences.about) {
            About::BySize => is_mention || self.is_small_circle(place),
            About::Everything => true,
            About::Mentions => is_mention,
            About::Nothing => false,
        };
        let is_late = self.notified.is_none_or(|at| self.now.steady.saturating_sub(at) >= APART);
        if self.preferences.notifies && wants && !is_muted && !self.is_active && is_late {
            self.notified = Some(self.now.steady);
            self.effect(Effect::Notify);
        }
    }
}
