//! The lines of lists that lie over the room.

use shepot_view::command::Command;
use shepot_view::desk::{Place, Server, normal};
use shepot_view::emoji::Emoji;
use shepot_view::palette::{self, Entry, Target};
use shepot_view::{emoji, markdown, sentence};

use crate::hosting::Hosting;
use crate::overlay::{List, Offered, Overlay, RoomLine};
use crate::page::Layout;
use crate::state::State;

/// The number of emoji offered before anything is typed.
const MOST_EMOJI: usize = 200;

/// The emoji that match `typed`.
#[must_use]
pub fn emoji_for(typed: &str) -> Vec<&'static Emoji> {
    if typed.trim().is_empty() {
        emoji::all().iter().take(MOST_EMOJI).collect()
    } else {
        emoji::search(typed)
    }
}

impl State {
    /// All servers, and the rooms of the open one.
    #[must_use]
    pub fn room_lines(&self) -> Vec<RoomLine> {
        let mut lines = Vec::new();
        for server in self.desk.servers() {
            lines.push(RoomLine::Server(server.id));
            if self.server == Some(server.id) {
                let places = server.rooms.iter().map(|room| Place::in_room(server.id, room.id));
                lines.extend(places.map(RoomLine::Room));
            }
        }
        lines
    }

    /// The entries of the switcher for what is typed, without those that cannot be used.
    pub(crate) fn switcher_entries(&self, typed: &str) -> Vec<Entry> {
        let time = |at: u64| self.clock.time(at);
        let entries = palette::entries(&self.desk, typed, self.server, &self.l10n, &time);
        let is_possible = |entry: &Entry| {
            match entry.target {
                Target::Command(command) => self.can(command),
                // Pages that are not everywhere.
                Target::Setting(_) => self.layout == Layout::Pages,
                Target::Room(_) | Target::Server(_) | Target::Person(..) | Target::Message(..) => true,
            }
        };
        entries.into_iter().filter(is_possible).collect()
    }

    /// Whether a command would do anything at the moment. The switcher offers no others.
    fn can(&self, command: Command) -> bool {
        let shown = self.shown();
        match command {
            // A page that is not everywhere.
            Command::Settings => self.layout == Layout::Pages,
            Command::Invite | Command::NewRoom | Command::SafetyCode | Command::ServerRecord => {
                shown.is_some_and(Server::is_entered)
            }
            Command::Clear | Command::ClearServer | Command::Search | Command::Emoji | Command::Members => {
                shown.is_some_and(Server::shows_conversation)
            }
            Command::Connect => shown.is_some_and(|server| !server.is_connected()),
            Command::Disconnect => shown.is_some_and(Server::has_something_to_lose),
            Command::Host => self.hosting == Hosting::Off,
            Command::Connections => self.is_hosting(),
            Command::Switcher
            | Command::NextServer
            | Command::PreviousServer
            | Command::NextRoom
            | Command::PreviousRoom
            | Command::NextUnread
            | Command::PreviousUnread
            | Command::AddServer
            | Command::Moods
            | Command::Rooms
            | Command::Lock
            | Command::Panic
            | Command::NextRegion
            | Command::PreviousRegion
            | Command::Keys
            | Command::Quit
            | Command::Back => true,
        }
    }

    /// The hits of the search, newest first: an excerpt, and the author with room and time.
    #[must_use]
    pub fn found(&self) -> Vec<(String, String)> {
        let wanted = normal(self.search.wanted().trim());
        let found = self.search.hits().iter().filter_map(|hit| {
            let server = self.desk.server(hit.place.server)?;
            let message = server.timeline().get(&hit.message)?;
            let text = palette::excerpt(&markdown::plain(&message.body), &wanted);
            let room = sentence::room_name(&self.l10n, message.conversation.room(), &server.rooms);
            Some((text, format!("{} #{room} {}", message.nick, self.clock.time(message.at))))
        });
        found.collect()
    }

    /// Whether the search is the overlay.
    pub(crate) fn is_searching(&self) -> bool {
        matches!(self.overlay.as_ref().and_then(Overlay::offered), Some(Offered::Search))
    }

    /// Searches for this text. Empty: no search.
    pub(crate) fn look_for(&mut self, wanted: String) {
        self.search.look_for(&self.desk, wanted);
        self.changes.search = true;
    }

    /// Goes to the hit at this position.
    pub(crate) fn go_to_hit(&mut self, at: Option<usize>) {
        if let Some(hit) = at.and_then(|at| self.search.choose(at)) {
            self.changes.search = true;
            self.go(hit.place);
            self.reveal(hit.message);
        }
    }

    /// The number of lines in the list that is the overlay.
    pub(crate) fn overlay_count(&self) -> usize {
        let Some(Overlay::List(list)) = &self.overlay else { return 0 };
        match &list.offered {
            Offered::Rooms => self.room_lines().len(),
            Offered::Members => self.shown().map_or(0, |server| server.people.len()),
            Offered::Emoji(_) => emoji_for(list.field.text()).len(),
            Offered::Moods => self.moods().len(),
            Offered::Switcher(entries) => entries.len(),
            Offered::Search => self.search.hits().len(),
            Offered::Timers(_) => self.timers().len(),
            Offered::Connections => self.visitors.as_ref().map_or(0, |visitors| visitors.list.len()),
        }
    }

    /// Moves the choice in the list by so many lines.
    pub(crate) fn move_choice(&mut self, by: isize) {
        let last = self.overlay_count().saturating_sub(1);
        if let Some(chosen) = self.overlay.as_mut().and_then(Overlay::chosen_mut) {
            *chosen = chosen.saturating_add_signed(by).min(last);
            self.changes.overlay = true;
        }
    }

    /// Sets the text that narrows the list.
    pub(crate) fn wanted(&mut self, text: &str) {
        if let Some((field, _)) = self.overlay.as_mut().and_then(Overlay::field_mut) {
            field.set(text);
        }
        self.narrowed();
    }

    /// Removes deleted messages from the hits and the switcher. The chosen line stays chosen.
    pub(crate) fn keep_offered(&mut self) {
        let at = self.overlay.as_ref().and_then(Overlay::chosen).unwrap_or_default();
        let hit = self.search.hits().get(at).copied();
        self.changes.search |= self.search.keep(&self.desk);
        let Some(Overlay::List(List { offered, chosen, .. })) = &mut self.overlay else { return };
        if let Offered::Switcher(entries) = offered {
            let (held, before) = (entries.get(at).cloned(), entries.len());
            entries.retain(|entry| match &entry.target {
                Target::Message(place, id) => {
                    self.desk.message_of(place.server, id).is_some_and(|message| !message.is_deleted)
                }
                Target::Room(_)
                | Target::Server(_)
                | Target::Person(..)
                | Target::Command(_)
                | Target::Setting(_) => true,
            });
            *chosen = entries.iter().position(|entry| Some(entry) == held.as_ref()).unwrap_or_default();
            self.changes.overlay |= entries.len() < before;
        } else if matches!(offered, Offered::Search) {
            *chosen = self.search.hits().iter().position(|one| Some(*one) == hit).unwrap_or_default();
            self.changes.overlay |= self.changes.search;
        }
    }

    /// Narrows the list by the typed text. The switcher keeps its entries until the next key, whatever others do, so
    /// that the person takes what is on the screen.
    pub(crate) fn narrowed(&mut self) {
        if let Some(Overlay::List(list)) = &self.overlay {
            let typed = list.field.text().to_owned();
            if matches!(list.offered, Offered::Search) {
                self.look_for(typed);
            } else if matches!(list.offered, Offered::Switcher(_)) {
                let found = self.switcher_entries(&typed);
                if let Some(Overlay::List(list)) = &mut self.overlay {
                    list.offered = Offered::Switcher(found);
                }
            }
        }
        if let Some(chosen) = self.overlay.as_mut().and_then(Overlay::chosen_mut) {
            *chosen = 0;
        }
        self.changes.overlay = true;
    }

    /// Takes this line of the list or menu.
    pub(crate) fn pick(&mut self, line: usize) {
        if let Some(Overlay::Menu(menu)) = &self.overlay {
            let choice = menu.lines.get(line).map(|line| line.choice.clone());
            self.uncover_if(|_| true);
            return choice.into_iter().for_each(|choice| self.choose(choice));
        }
        if let Some(chosen) = self.overlay.as_mut().and_then(Overlay::chosen_mut) {
            *chosen = line;
            self.take_chosen();
        }
    }
}
