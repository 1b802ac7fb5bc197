//! What there is to choose from in what lies over the room.

use std::time::Duration;

use shepot_view::command::Command;
use shepot_view::desk::{Code, Place};
use shepot_view::emoji::Emoji;
use shepot_view::palette::Target;
use shepot_view::timer::TIMERS;
use shepot_view::{emoji, mood, palette, size};

use super::overlay::{Overlay, RoomLine};
use super::program::Program;

/// Emoji that are offered before anything is typed.
const MOST_EMOJI: usize = 200;

/// Hits of a search.
const MOST_HITS: usize = 100;

impl Program {
    /// Every server, and the rooms of the one that is shown.
    pub(super) fn room_lines(&self) -> Vec<RoomLine> {
        let mut lines = Vec::new();
        for server in self.desk.servers() {
            lines.push(RoomLine::Server(server.id));
            if self.server == Some(server.id) {
                let places = server.rooms.iter().map(|room| Place { server: server.id, room: room.id });
                lines.extend(places.map(RoomLine::Room));
            }
        }
        lines
    }

    /// The emoji that fit what is typed.
    pub(super) fn emoji_for(&self, typed: &str) -> Vec<&'static Emoji> {
        if typed.trim().is_empty() {
            emoji::all().iter().take(MOST_EMOJI).collect()
        } else {
            emoji::search(typed)
        }
    }

    /// None, and every mood.
    pub(super) fn moods(&self) -> Vec<Option<u8>> {
        std::iter::once(None).chain(mood::all().map(Some)).collect()
    }

    /// After how many seconds messages may disappear, and what that is called: what is offered, and what is set.
    pub(super) fn timers(&self) -> Vec<(u32, String)> {
        let mut offered: Vec<(u32, String)> =
            TIMERS.iter().map(|(seconds, word)| (*seconds, self.tr(word, &[]))).collect();
        let set = self.timer();
        if !offered.iter().any(|(seconds, _)| *seconds == set) {
            let written = size::duration(&self.l10n, Duration::from_secs(set.into()));
            offered.push((set, written));
        }
        offered
    }

    /// After how many seconds messages of the room disappear; 0: never.
    pub(super) fn timer(&self) -> u32 {
        let room = self.place.and_then(|place| self.desk.server(place.server)?.room(place.room));
        room.map_or(0, |room| room.disappears_after_s)
    }

    pub(super) fn switcher_entries(&self, typed: &str) -> Vec<palette::Entry> {
        let time = |at: u64| self.clock.time(at);
        let entries = palette::entries(&self.desk, typed, self.server, &self.l10n, &time);
        // A page that only the window has.
        let is_ours = |entry: &palette::Entry| entry.target != Target::Command(Command::Settings);
        entries.into_iter().filter(is_ours).collect()
    }

    /// Messages with what is typed, the newest first: where, and a line around the hit.
    pub(super) fn found(&self, typed: &str) -> Vec<(Target, String, String)> {
        let hits = self.desk.search(typed, MOST_HITS);
        hits.into_iter()
            .filter_map(|hit| {
                let server = self.desk.server(hit.place.server)?;
                let message = server.timeline().get(&hit.message)?;
                let text = palette::excerpt(
                    &shepot_view::markdown::plain(&message.body),
                    &shepot_view::desk::normal(typed.trim()),
                );
                let room = shepot_view::sentence::room_name(&self.l10n, message.room, &server.rooms);
                let beside = format!("{} #{room} {}", message.nick, self.clock.time(message.at));
                Some((Target::Message(hit.place, hit.message), text, beside))
            })
            .collect()
    }

    /// How many lines the list has that lies over the room.
    pub(super) fn overlay_count(&self) -> usize {
        match &self.overlay {
            Some(Overlay::Rooms(_)) => self.room_lines().len(),
            Some(Overlay::Members(_)) => self.shown().map_or(0, |server| server.people.len()),
            Some(Overlay::Emoji(_, picker)) => self.emoji_for(picker.field.text()).len(),
            Some(Overlay::Moods(_)) => self.moods().len(),
            Some(Overlay::Switcher(picker)) => self.switcher_entries(picker.field.text()).len(),
            Some(Overlay::Search(picker)) => self.found(picker.field.text()).len(),
            Some(Overlay::Timer(..)) => self.timers().len(),
            Some(Overlay::Connections(_)) => self.visitors.as_ref().map_or(0, |visitors| visitors.list.len()),
            // As far as there is something to read: the drawing knows.
            Some(Overlay::Help(_)) => usize::MAX,
            Some(
                Overlay::Code(_)
                | Overlay::PairCode(_)
                | Overlay::Invitation(_)
                | Overlay::Record
                | Overlay::Ask(..)
                | Overlay::Confirm(_),
            )
            | None => 0,
        }
    }

    /// The code that is shown, if it is known.
    pub(super) fn code(&self) -> Option<Code> {
        self.shown()?.code
    }
}
