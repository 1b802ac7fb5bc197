//! What was asked of the engine, until its answer is known.

use shepot_client::model::{Room, RoomId, ServerId};

use crate::overlay::Ask;

/// A room that was asked for and is not there yet, or not called so yet.
pub(crate) struct RoomAsked {
    /// Where.
    pub(crate) server: ServerId,
    /// As what.
    pub(crate) ask: Ask,
    /// Under what name.
    pub(crate) name: String,
    /// The rooms that were there before.
    pub(crate) known: Vec<RoomId>,
}

impl RoomAsked {
    /// The room that is meant, where it is among these. Its name may have been cleaned on the way.
    pub(crate) fn found(&self, rooms: &[Room]) -> Option<RoomId> {
        let mut new = rooms.iter().filter(|room| !self.known.contains(&room.id));
        let alone = new.next().filter(|_| new.next().is_none());
        let named = rooms.iter().find(|room| room.name == self.name);
        named.or(alone).map(|room| room.id)
    }
}
