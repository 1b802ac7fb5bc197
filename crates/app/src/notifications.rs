//! Notifies the person of messages while they use something else.
//!
//! Must never: put a nick, a room or a text into a notification.

use std::time::Duration;

use shepot_client::model::ServerId;
use shepot_preferences::About;
use shepot_view::desk::Place;

use crate::effect::Effect;
use crate::state::State;

/// The most people in a small circle, the person included.
pub const SMALL_CIRCLE: usize = 10;

/// The shortest time between two notifications.
const APART: Duration = Duration::from_secs(3);

impl State {
    /// Whether the circle is small. There every message is meant for everybody.
    fn is_small_circle(&self, place: Place) -> bool {
        self.desk.server(place.server).is_some_and(|server| server.people.len() <= SMALL_CIRCLE)
    }

    /// What the person is notified of on this server; `Some(None)`: as everywhere. `None`: nothing is kept of it.
    #[must_use]
    pub fn about_of(&self, server: ServerId) -> Option<Option<About>> {
        match self.preferences.hosting.as_ref().filter(|_| self.hosting.is_of(server)) {
            Some(hosted) => Some(hosted.about),
            None => self.adding.kept(server).map(|kept| kept.about),
        }
    }

    /// Sets what the person is notified of on this server.
    pub(crate) fn notify_about(&mut self, server: ServerId, about: Option<About>) {
        if !self.hosting.is_of(server) {
            return self.change_kept(server, |kept| kept.about = about);
        }
        self.keep(|preferences| {
            if let Some(hosting) = &mut preferences.hosting {
                hosting.about = about;
            }
        });
    }

    /// A message came in that the person has not seen.
    pub(crate) fn news(&mut self, place: Place, is_mention: bool) {
        self.changes.servers = true;
        let conversation = self.desk.conversation(place);
        let is_muted = conversation.is_some_and(|known| known.is_muted);
        let about = self.about_of(place.server).flatten();
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
