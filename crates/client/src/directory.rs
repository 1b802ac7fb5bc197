//! The rooms of a circle: state that its members agree on because the log has one order.

use std::collections::BTreeMap;

use shepot_sanitise::Sanitised;

use crate::content::{Content, DirectoryRoom};
use crate::limits::ROOMS;
use crate::model::{Room, RoomId};

/// The rooms. The main room is always there and has no name of its own.
pub(crate) struct Directory {
    rooms: BTreeMap<RoomId, Room>,
}

impl Default for Directory {
    fn default() -> Self {
        let main = Room { id: RoomId::MAIN, name: Sanitised::default(), disappears_after_s: 0 };
        Self { rooms: BTreeMap::from([(RoomId::MAIN, main)]) }
    }
}

impl Directory {
    pub(crate) fn get(&self, room: RoomId) -> Option<&Room> {
        self.rooms.get(&room)
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<&Room> {
        self.rooms.values().find(|room| room.name == name)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rooms.len() >= ROOMS
    }

    /// False when there is such a room or no room for it.
    pub(crate) fn make(&mut self, room: RoomId, name: &Sanitised) -> bool {
        if self.rooms.contains_key(&room) || self.is_full() {
            return false;
        }
        self.rooms.insert(room, Room { id: room, name: name.clone(), disappears_after_s: 0 });
        true
    }

    /// False when there is no such room.
    pub(crate) fn rename(&mut self, room: RoomId, name: &Sanitised) -> bool {
        self.rooms.get_mut(&room).map(|room| room.name = name.clone()).is_some()
    }

    /// False when there is no such room.
    pub(crate) fn set_timer(&mut self, room: RoomId, seconds: u32) -> bool {
        self.rooms.get_mut(&room).map(|room| room.disappears_after_s = seconds).is_some()
    }

    /// Does what somebody said about rooms; false when nothing came of it.
    pub(crate) fn apply(&mut self, content: &Content) -> bool {
        match content {
            Content::RoomMade { room, name } => self.make(*room, name),
            Content::RoomRenamed { room, name } => self.rename(*room, name),
            Content::Timer { room, seconds } => self.set_timer(*room, *seconds),
            Content::Text(_)
            | Content::Edit { .. }
            | Content::Delete { .. }
            | Content::Reaction { .. }
            | Content::Typing { .. }
            | Content::Acknowledgement { .. }
            | Content::Avatar { .. }
            | Content::Unknown => false,
        }
    }

    pub(crate) fn rooms(&self) -> Vec<Room> {
        self.rooms.values().cloned().collect()
    }

    /// For a newcomer.
    pub(crate) fn to_content(&self) -> Vec<DirectoryRoom> {
        self.rooms
            .values()
            .filter(|room| room.id != RoomId::MAIN || room.disappears_after_s != 0)
            .map(|room| DirectoryRoom {
                room: room.id,
                // The main room is nameless; the grammar wants a name.
                name: if room.name.is_empty() { Sanitised::of("-") } else { room.name.clone() },
                disappears_after_s: room.disappears_after_s,
            })
            .collect()
    }

    /// What a member told a newcomer.
    pub(crate) fn from_content(rooms: &[DirectoryRoom]) -> Self {
        let mut directory = Self::default();
        for room in rooms {
            directory.make(room.room, &room.name);
            directory.set_timer(room.room, room.disappears_after_s);
        }
        directory
    }
}
