//! The rooms of a circle and its profile: state that the members agree on, because the log has one order.

use std::collections::BTreeMap;

use shepot_sanitise::Sanitised;

use crate::content::{CircleProfile, Content, DirectoryRoom, Owned};
use crate::limits::ROOMS;
use crate::model::{PersonKey, Room, RoomId};

/// The rooms of a circle and its profile. The main room always exists and has no name of its own.
pub(crate) struct Directory {
    rooms: BTreeMap<RoomId, DirectoryRoom>,
    profile: Option<Box<CircleProfile>>,
    /// The picture that the profile names. Empty: the profile names none, or it has not come yet.
    picture: Vec<u8>,
}

impl Default for Directory {
    fn default() -> Self {
        let rooms = BTreeMap::from([(RoomId::MAIN, DirectoryRoom::named(RoomId::MAIN, "".into(), None))]);
        Self { rooms, profile: None, picture: Vec::new() }
    }
}

impl Directory {
    pub(crate) fn get(&self, room: RoomId) -> Option<&DirectoryRoom> {
        self.rooms.get(&room)
    }

    /// The names of the rooms other than the main one.
    pub(crate) fn names(&self) -> Vec<(RoomId, Sanitised)> {
        let named = self.rooms.values().filter(|room| room.room != RoomId::MAIN);
        named.map(|room| (room.room, room.name.clone())).collect()
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<&DirectoryRoom> {
        self.rooms.values().find(|room| room.name == name)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rooms.len() >= ROOMS
    }

    pub(crate) fn profile(&self) -> Option<&CircleProfile> {
        self.profile.as_deref()
    }

    pub(crate) fn picture(&self) -> &[u8] {
        &self.picture
    }

    /// Size of what people put into it, in bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        let names: usize = self.rooms.values().map(|room| room.name.len()).sum();
        names + self.profile().map_or(0, CircleProfile::held_bytes) + self.picture.len()
    }

    /// Adds a room. False: it exists already, or there are [`ROOMS`] of them.
    fn make(&mut self, room: DirectoryRoom) -> bool {
        if self.rooms.contains_key(&room.room) || self.is_full() {
            return false;
        }
        self.rooms.insert(room.room, room);
        true
    }

    /// Changes a room. False: it does not exist.
    fn change(&mut self, room: RoomId, change: impl FnOnce(&mut DirectoryRoom)) -> bool {
        self.rooms.get_mut(&room).map(change).is_some()
    }

    /// Deletes a room other than the main one. False: it does not exist, or `may` says no.
    fn delete(&mut self, room: RoomId, may: impl FnOnce(&DirectoryRoom) -> bool) -> bool {
        let may_go = room != RoomId::MAIN && self.rooms.get(&room).is_some_and(may);
        may_go && self.rooms.remove(&room).is_some()
    }

    /// Takes a profile if the owner signed it and its revision is higher than the known one's.
    fn take_profile(&mut self, profile: &CircleProfile, owned: &Owned) -> bool {
        let is_later = self.profile().is_none_or(|known| known.revision < profile.revision);
        let is_taken = is_later && profile.is_of(owned);
        if is_taken {
            if !profile.is_picture(&self.picture) {
                self.picture = Vec::new();
            }
            self.profile = Some(Box::new(profile.clone()));
        }
        is_taken
    }

    fn take_picture(&mut self, image: &[u8]) -> bool {
        let is_taken = self.picture != image && self.profile().is_some_and(|known| known.is_picture(image));
        if is_taken {
            self.picture = image.to_vec();
        }
        is_taken
    }

    /// Applies what somebody said about the circle. False: nothing changed.
    pub(crate) fn apply(&mut self, content: &Content, author: PersonKey, owned: &Owned) -> bool {
        match content {
            Content::RoomMade { room, name } => {
                self.make(DirectoryRoom::named(*room, name.clone(), Some(author)))
            }
            // The main room is called in everybody's own language.
            Content::RoomRenamed { room, .. } if *room == RoomId::MAIN => false,
            Content::RoomRenamed { room, name } => self.change(*room, |room| room.name = name.clone()),
            Content::Timer { room, seconds } => self.change(*room, |room| room.disappears_after_s = *seconds),
            Content::RoomDeleted { room, word } => self.delete(*room, |known| match word {
                Some(word) => owned.deletes(*room, word),
                None => known.maker == Some(author),
            }),
            Content::CircleProfile(profile) => self.take_profile(profile, owned),
            Content::CirclePicture { image } => self.take_picture(image),
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

    /// The rooms as this person sees them, with what it may delete.
    pub(crate) fn rooms(&self, own: PersonKey, is_owner: bool) -> Vec<Room> {
        let room = |known: &DirectoryRoom| Room {
            id: known.room,
            name: known.name.clone(),
            disappears_after_s: known.disappears_after_s,
            may_delete: known.room != RoomId::MAIN && (is_owner || known.maker == Some(own)),
        };
        self.rooms.values().map(room).collect()
    }

    /// The rooms for a newcomer's acknowledgement.
    pub(crate) fn to_content(&self) -> Vec<DirectoryRoom> {
        self.rooms
            .values()
            .filter(|room| room.room != RoomId::MAIN || room.disappears_after_s != 0)
            .map(|room| {
                // The main room is nameless; the grammar wants a name.
                let name = if room.name.is_empty() { Sanitised::of("-") } else { room.name.clone() };
                DirectoryRoom { name, ..room.clone() }
            })
            .collect()
    }

    /// Replaces the rooms by what a member told a newcomer. Takes the profile if the owner signed it. A room that was
    /// known keeps its maker. What was said in a room that is left out stays in the timeline: the word of a single
    /// member, signed by nobody else, takes nothing away.
    pub(crate) fn replace(
        &mut self,
        rooms: Vec<DirectoryRoom>,
        profile: Option<&CircleProfile>,
        owned: &Owned,
    ) {
        let known = std::mem::replace(&mut self.rooms, Self::default().rooms);
        for room in rooms {
            let (id, seconds) = (room.room, room.disappears_after_s);
            let maker = known.get(&id).map_or(room.maker, |known| known.maker);
            self.make(DirectoryRoom { maker, ..room });
            self.change(id, |room| room.disappears_after_s = seconds);
        }
        if let Some(profile) = profile {
            self.take_profile(profile, owned);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_made_a_room_is_not_another_because_somebody_tells_so() {
        let [maker, teller] = [PersonKey([1; 32]), PersonKey([2; 32])];
        let id = RoomId(3);
        let owned = Owned { circle: [4; 16], owner: None };
        let mut directory = Directory::default();
        directory.apply(&Content::RoomMade { room: id, name: "поход".into() }, maker, &owned);
        let told = |maker| vec![DirectoryRoom::named(id, "кино".into(), maker)];
        directory.replace(told(Some(teller)), None, &owned);
        let room = directory.get(id).unwrap();
        assert_eq!((&*room.name, room.maker), ("кино", Some(maker)));
        directory.replace(Vec::new(), None, &owned);
        // Whoever knows nothing of it has to believe.
        directory.replace(told(Some(teller)), None, &owned);
        assert_eq!(directory.get(id).unwrap().maker, Some(teller));
    }
}
