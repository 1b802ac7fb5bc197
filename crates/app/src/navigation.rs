//! Going by keys: to the next server, the next room, the next unread room.

use shepot_client::model::ServerId;
use shepot_view::desk::{Desk, Place, Server};

/// A direction in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Down; after the last comes the first.
    Forward,
    /// Up; before the first comes the last.
    Backward,
}

/// The server next to `here`, or the first if none is open. `None` if there is no other.
#[must_use]
pub fn next_server(desk: &Desk, here: Option<ServerId>, way: Way) -> Option<ServerId> {
    let ids: Vec<ServerId> = desk.servers().iter().map(|server| server.id).collect();
    let Some(at) = here.and_then(|here| ids.iter().position(|id| *id == here)) else {
        return ids.first().copied();
    };
    steps(at, ids.len(), way).next().and_then(|at| ids.get(at)).copied()
}

/// The room next to `here` on the same server. `None` if there is no other.
#[must_use]
pub fn next_room(desk: &Desk, here: Option<Place>, way: Way) -> Option<Place> {
    let here = here?;
    let rooms: Vec<Place> = places(desk).into_iter().filter(|place| place.server == here.server).collect();
    next_of(&rooms, Some(here), way, |_| true)
}

/// The next room with unread messages on any server.
#[must_use]
pub fn next_unread(desk: &Desk, here: Option<Place>, way: Way) -> Option<Place> {
    next_of(&places(desk), here, way, |place| desk.conversation(*place).is_some_and(|known| known.unread > 0))
}

/// The room to open on a server: where the person was last if it still exists, or else the first.
#[must_use]
pub fn place_of(desk: &Desk, server: ServerId, last: Option<Place>) -> Option<Place> {
    let first = || desk.server(server)?.rooms.first().map(|room| Place::in_room(server, room.id));
    last.filter(|place| desk.room(*place).is_some()).or_else(first)
}

/// All rooms of all servers, in the order of the list.
fn places(desk: &Desk) -> Vec<Place> {
    let of = |server: &Server| -> Vec<Place> {
        server.rooms.iter().map(|room| Place::in_room(server.id, room.id)).collect()
    };
    desk.servers().iter().flat_map(of).collect()
}

fn next_of(places: &[Place], here: Option<Place>, way: Way, fits: impl Fn(&Place) -> bool) -> Option<Place> {
    let at = here.and_then(|here| places.iter().position(|place| *place == here));
    // Where no room is shown, the first counts, too.
    let first = if at.is_none() { places.first() } else { None };
    let others = steps(at.unwrap_or_default(), places.len(), way).filter_map(|at| places.get(at));
    first.into_iter().chain(others).find(|place| fits(place)).copied()
}

/// The positions in a ring of `count` after `from`, in order, without `from`.
fn steps(from: usize, count: usize, way: Way) -> impl Iterator<Item = usize> {
    (1..count).map(move |step| match way {
        Way::Forward => (from + step) % count,
        Way::Backward => (from + count - step) % count,
    })
}

#[cfg(test)]
mod tests {
    use shepot_client::Event;
    use shepot_client::model::{Room, RoomId};

    use super::*;

    const HIKE: RoomId = RoomId(7);

    fn place(server: u32, room: RoomId) -> Place {
        Place::in_room(ServerId(server), room)
    }

    /// Two servers: the first has two rooms, the second one.
    fn desk() -> Desk {
        let mut desk = Desk::default();
        for (id, rooms) in [(1, vec![RoomId::MAIN, HIKE]), (2, vec![RoomId::MAIN])] {
            let server = ServerId(id);
            let (name, address) = ("name".into(), String::new());
            desk.apply(
                Event::Added {
                    request: None,
                    server,
                    name,
                    address,
                    is_open: false,
                    is_owner: false,
                    link_of: None,
                },
                0,
            );
            let rooms = rooms
                .into_iter()
                .map(|id| Room { id, name: "".into(), disappears_after_s: 0, may_delete: false })
                .collect();
            desk.apply(Event::Rooms { server, rooms }, 0);
        }
        desk
    }

    #[test]
    fn servers_stand_in_a_ring() {
        let desk = desk();
        let next = |here: Option<u32>, way| next_server(&desk, here.map(ServerId), way).map(|id| id.0);
        assert_eq!((next(Some(1), Way::Forward), next(Some(2), Way::Forward)), (Some(2), Some(1)));
        assert_eq!((next(Some(1), Way::Backward), next(Some(2), Way::Backward)), (Some(2), Some(1)));
        assert_eq!((next(None, Way::Backward), next(Some(9), Way::Forward)), (Some(1), Some(1)));
        assert_eq!(next_server(&Desk::default(), None, Way::Forward), None);
    }

    #[test]
    fn rooms_of_one_server_stand_in_a_ring_and_one_alone_leads_nowhere() {
        let desk = desk();
        let (main, hike) = (place(1, RoomId::MAIN), place(1, HIKE));
        for way in [Way::Forward, Way::Backward] {
            assert_eq!(next_room(&desk, Some(main), way), Some(hike));
            assert_eq!(next_room(&desk, Some(hike), way), Some(main));
            assert_eq!(next_room(&desk, Some(place(2, RoomId::MAIN)), way), None);
            assert_eq!(next_room(&desk, None, way), None);
        }
    }

    #[test]
    fn what_is_new_is_found_on_other_servers_too_and_where_no_room_is_shown() {
        let mut desk = desk();
        let (main, hike, other) = (place(1, RoomId::MAIN), place(1, HIKE), place(2, RoomId::MAIN));
        assert_eq!(next_unread(&desk, Some(main), Way::Forward), None);
        desk.conversation_mut(other).unwrap().unread = 1;
        assert_eq!(next_unread(&desk, Some(main), Way::Forward), Some(other));
        assert_eq!(next_unread(&desk, Some(other), Way::Forward), None, "it is there");
        desk.conversation_mut(hike).unwrap().unread = 1;
        assert_eq!(next_unread(&desk, Some(main), Way::Forward), Some(hike));
        assert_eq!(next_unread(&desk, Some(main), Way::Backward), Some(other));
        desk.conversation_mut(main).unwrap().unread = 1;
        assert_eq!(next_unread(&desk, None, Way::Forward), Some(main));
    }

    #[test]
    fn a_server_is_shown_where_the_person_was_last() {
        let desk = desk();
        let room = |last: Option<RoomId>| {
            place_of(&desk, ServerId(1), last.map(|room| place(1, room))).map(Place::room)
        };
        assert_eq!(
            (room(Some(HIKE)), room(Some(RoomId(9))), room(None)),
            (Some(HIKE), Some(RoomId::MAIN), Some(RoomId::MAIN))
        );
        assert_eq!(place_of(&desk, ServerId(9), None), None);
    }
}
