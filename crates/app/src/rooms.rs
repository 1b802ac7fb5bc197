//! Makes, renames, deletes and mutes rooms, and sets their timers.

use std::time::Duration;

use shepot_client::model::{CommandError, Room, RoomId, ServerId};
use shepot_client::{Action, Outcome, RequestId};
use shepot_view::desk::{Place, normal};
use shepot_view::timer::TIMERS;
use shepot_view::{sentence, size};

use crate::asked::RoomAsked;
use crate::confirmation::Confirmation;
use crate::overlay::{Ask, Offered, Overlay};
use crate::state::State;
use crate::toast::Sign;

/// The longest time after which messages of a room disappear, in seconds: 30 days. Nobody's session lasts as long.
const MOST_TIMER_S: u32 = 30 * 24 * 60 * 60;

impl State {
    pub(crate) fn ask_for_room(&mut self) {
        self.with_session(|state| {
            if let Some(server) = state.server {
                state.lay(Overlay::ask(Ask::Room(server)));
            }
        });
    }

    /// Makes a room, and opens it once it exists.
    pub(crate) fn make_room(&mut self, server: ServerId, name: &str) {
        let request = self.request_on(server, Action::MakeRoom { name: name.to_owned() });
        let (ask, name) = (Ask::Room(server), name.to_owned());
        self.room_asked = Some(RoomAsked { request, server, ask, name, made: None });
    }

    pub(crate) fn rename_room(&mut self, place: Place, name: &str) {
        let action = Action::RenameRoom { room: place.room(), name: name.to_owned() };
        let (request, server) = (self.request_on(place.server, action), place.server);
        let (ask, name) = (Ask::RoomName(place), name.to_owned());
        self.room_asked = Some(RoomAsked { request, server, ask, name, made: None });
    }

    /// Renames the open room. Asks for the name if there is none.
    pub(crate) fn rename_shown_room(&mut self, name: Option<&str>) {
        let Some(place) = self.place.filter(|place| place.room() != RoomId::MAIN) else {
            return self.complain(self.tr("full-main-room-name", &[]));
        };
        match name {
            Some(name) => self.rename_room(place, name),
            None => self.with_session(|state| state.ask_for_room_name(place)),
        }
    }

    pub(crate) fn ask_for_room_name(&mut self, place: Place) {
        let room = self.desk.room(place);
        let name = room.map(|room| room.name.clone()).unwrap_or_default();
        self.lay(Overlay::asks_again(Ask::RoomName(place), &name));
    }

    pub(crate) fn ask_to_clear_room(&mut self) {
        match self.place {
            Some(place) => self.lay(Overlay::Confirm(Confirmation::Clear(place))),
            None => self.complain(self.tr("full-no-server", &[])),
        }
    }

    /// Asks before deleting the open room. Says so if that is not allowed.
    pub(crate) fn ask_to_delete_room(&mut self) {
        let room = self.place.and_then(|place| Some((place, self.desk.room(place)?)));
        match room {
            Some((place, room)) if room.may_delete => {
                self.lay(Overlay::Confirm(Confirmation::DeleteRoom(place)))
            }
            Some((place, _)) if place.room() == RoomId::MAIN => {
                self.complain(self.tr("full-main-room-stays", &[]));
            }
            Some(_) => self.refuse(&CommandError::NotTheMaker),
            None => self.refuse(&CommandError::NoSuchRoom),
        }
    }

    /// The rooms of a server changed.
    pub(crate) fn rooms_changed(&mut self, server: ServerId) {
        self.enter_made_room(server);
        if self.place.is_some_and(|place| place.server == server && self.desk.is_gone(place)) {
            self.go(Place::main(server));
        }
        self.changes.servers = true;
        self.changes.shown |= self.server == Some(server);
        if self.composer.rooms_changed(&mut self.desk, server, self.place) {
            self.say(self.tr("ui-room-is-gone", &[]), Sign::Room);
        }
    }

    /// A room was made or renamed.
    pub(crate) fn room_done(&mut self, request: RequestId, outcome: Outcome) {
        let Some(asked) = self.room_asked.as_mut().filter(|asked| asked.request == request) else { return };
        match outcome {
            Outcome::RoomMade { room } => {
                asked.made = Some(room);
                let server = asked.server;
                self.enter_made_room(server);
            }
            Outcome::Nothing | Outcome::Said { .. } => self.room_asked = None,
        }
    }

    /// Opens the room that the person made, once it is in the list.
    fn enter_made_room(&mut self, server: ServerId) {
        let made = self.room_asked.as_ref().filter(|asked| asked.server == server);
        let Some(room) = made.and_then(|asked| asked.made) else { return };
        if self.desk.server(server).is_some_and(|known| known.room(room).is_some()) {
            self.room_asked = None;
            if self.server == Some(server) {
                self.go(Place::in_room(server, room));
            }
        }
    }

    /// The engine refused to make or rename a room: asks again, with the error. Returns false if it did not ask.
    pub(crate) fn room_refused(&mut self, request: RequestId, why: &str) -> bool {
        let Some(asked) = self.room_asked.take_if(|asked| asked.request == request) else { return false };
        let is_free = self.overlay.is_none() && !self.lock.is_locked();
        if is_free {
            self.lay(Overlay::mended(asked.ask, &asked.name, why.to_owned()));
        }
        is_free
    }

    /// Opens the room with this name on the open server.
    pub(crate) fn enter_room(&mut self, name: &str) {
        let name = normal(name.trim_start_matches('#'));
        let found = self.shown().and_then(|server| {
            let rooms = &server.rooms;
            let is_it = |room: &&Room| normal(&sentence::room_name(&self.l10n, room.id, rooms)) == name;
            Some(Place::in_room(server.id, rooms.iter().find(is_it)?.id))
        });
        match found {
            Some(place) => self.go(place),
            None => self.refuse(&CommandError::NoSuchRoom),
        }
    }

    /// The seconds after which messages of the open room disappear. 0: never.
    #[must_use]
    pub fn timer(&self) -> u32 {
        let room = self.place.and_then(|place| self.desk.room(place));
        room.map_or(0, |room| room.disappears_after_s)
    }

    /// The times after which messages may disappear, in seconds and in words. Includes the current one.
    #[must_use]
    pub fn timers(&self) -> Vec<(u32, String)> {
        let mut offered: Vec<(u32, String)> =
            TIMERS.iter().map(|(seconds, word)| (*seconds, self.tr(word, &[]))).collect();
        let set = self.timer();
        if !offered.iter().any(|(seconds, _)| *seconds == set) {
            offered.push((set, size::duration(&self.l10n, Duration::from_secs(set.into()))));
        }
        offered
    }

    /// Sets the timer of the open room. `None`: ask for it.
    pub(crate) fn set_timer(&mut self, seconds: Option<u32>) {
        match (self.place, seconds) {
            (_, Some(seconds)) if seconds > MOST_TIMER_S => {
                let most = MOST_TIMER_S.to_string();
                self.complain(self.tr("full-timer-range", &[("most", &most)]));
            }
            (Some(place), Some(seconds)) => {
                self.on(place.server, Action::SetTimer { room: place.room(), seconds })
            }
            (Some(place), None) => self.with_session(|state| {
                let set = state.timer();
                let at = state.timers().iter().position(|(seconds, _)| *seconds == set);
                state.lay(Overlay::list(Offered::Timers(place), at.unwrap_or_default()));
            }),
            (None, _) => self.with_session(|_| {}),
        }
    }

    /// Mutes the open room, or unmutes it.
    pub(crate) fn mute(&mut self) {
        let known = self.place.and_then(|place| self.desk.conversation(place));
        let is_muted = known.is_some_and(|known| known.is_muted);
        if let Some(place) = self.place {
            self.set_muted(place, !is_muted);
        }
    }

    pub(crate) fn set_muted(&mut self, place: Place, is_muted: bool) {
        if let Some(known) = self.desk.conversation_mut(place) {
            known.is_muted = is_muted;
            self.changes.shown = true;
            self.changes.servers = true;
            self.tell(if is_muted { self.tr("full-muted", &[]) } else { self.tr("full-unmuted", &[]) });
        }
    }
}
