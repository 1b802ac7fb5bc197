//! Generations: which one lives in this circle, and who is told that a later one has begun.

use shepot_protocol::{RelayToClient, Succession};

use super::Circle;
use crate::id::ConnectionId;

impl<H: Clone> Circle<H> {
    /// The latest succession that anybody has shown. `None`: the first generation.
    #[must_use]
    pub const fn succession(&self) -> Option<&Succession> {
        self.room.succession()
    }

    /// Whether this is the owner's word for a generation that may begin here.
    #[must_use]
    pub fn may_begin(&self, succession: &Succession) -> bool {
        succession.generation > self.room.generation() && self.room.is_owners_word(succession, self.verify)
    }

    /// Tells everybody here that a later generation has begun elsewhere. Does nothing if it is not later.
    pub fn supersede(&mut self, succession: &Succession) {
        if self.room.generation() < succession.generation {
            self.tell_superseded(succession);
        }
    }

    /// Tells every connection that came by an earlier generation, with or without a seat.
    pub(super) fn tell_superseded(&mut self, succession: &Succession) {
        let came_before =
            |connection: &ConnectionId| self.room.came_before(*connection, succession.generation);
        let mut here: Vec<ConnectionId> =
            self.room.participants.keys().copied().filter(came_before).collect();
        here.sort_unstable();
        for connection in here {
            let told = RelayToClient::Superseded { circle: self.room.circle, succession: *succession };
            self.room.tell(connection, 0, &told);
        }
    }
}
