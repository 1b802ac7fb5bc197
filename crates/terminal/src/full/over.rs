//! What lies over the room: lists to choose from, questions, things to read. One at a time; Esc takes it away.

use std::time::Duration;

use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_client::model::{MessageId, PersonKey, ServerId};
use shepot_hosting::Visitor;
use shepot_view::command::Command;
use shepot_view::desk::{Code, Place};
use shepot_view::emoji::Emoji;
use shepot_view::palette::Target;
use shepot_view::safety::Symbols;
use shepot_view::timer::TIMERS;
use shepot_view::{emoji, mood, palette, size};
use zeroize::Zeroizing;

use super::field::Field;
use super::program::Program;

/// Emoji that are offered before anything is typed.
const MOST_EMOJI: usize = 200;

/// Hits of a search.
const MOST_HITS: usize = 100;

/// Characters of a name, an address, a passphrase.
pub(super) const MOST_TYPED: usize = 120;

/// What an emoji is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    Text,
    Reaction(MessageId),
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Nick,
    /// An invitation or an address.
    Server,
    /// The name of a new room, on this server.
    Room(ServerId),
    RoomName(Place),
    /// Where others reach the server that is hosted here; with the invitation as it is.
    HostAddress(Zeroizing<String>),
    Passphrase,
    /// Once more, so that no slip locks the person out.
    PassphraseAgain(Zeroizing<String>),
}

/// What is to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Confirm {
    Clear(ServerId),
    Leave(ServerId),
    /// What was said in a session that is over is destroyed by it.
    Connect(ServerId),
    Remove(ServerId),
    Delete(ServerId, MessageId),
    Evict(ServerId, PersonKey),
    StopHosting,
    /// Ends a connection to the relay here.
    Disconnect(Visitor),
    /// Shuts the address of somebody out of the relay here.
    Ban(Visitor),
    Quit,
}

/// A list that is chosen from, with a field that narrows it.
#[derive(Default)]
pub(super) struct Picker {
    pub(super) field: Field,
    pub(super) chosen: usize,
}

/// A safety code that is being compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Comparing {
    /// The code that stands there. What the person says is about this one, whatever the keys are by now.
    pub(super) shown: Option<Code>,
    pub(super) as_numbers: bool,
    /// Another code took its place: nothing is said about it before it can have been looked at, by the steady
    /// clock.
    pub(super) not_before: Option<Duration>,
}

/// The code of the person and another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Paired {
    pub(super) nick: String,
    pub(super) symbols: Symbols,
    pub(super) as_numbers: bool,
}

/// An invitation that is shown.
#[derive(Clone)]
pub(super) struct Invited {
    pub(super) link: Zeroizing<String>,
    /// From where it works, where that is known.
    pub(super) note: String,
    /// The code instead of the link.
    pub(super) shows_code: bool,
    /// To the circle that is hosted here.
    pub(super) is_ours: bool,
    /// For the person alone, to come back by.
    pub(super) is_own: bool,
}

impl Invited {
    /// To a circle elsewhere: as its members use it.
    pub(super) const fn plain(link: Zeroizing<String>) -> Self {
        Self { link, note: String::new(), shows_code: false, is_ours: false, is_own: false }
    }
}

pub(super) enum Over {
    /// The keys and commands; so many lines are above.
    Help(usize),
    /// Servers and rooms.
    Rooms(usize),
    Members(usize),
    Code(Comparing),
    PairCode(Paired),
    Emoji(For, Picker),
    Moods(usize),
    Switcher(Picker),
    Search(Picker),
    Timer(Place, usize),
    Invitation(Invited),
    Record,
    /// Who is connected to the relay here.
    Connections(usize),
    Ask(Ask, Field, String),
    Confirm(Confirm),
}

/// A line of the list of servers and rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RoomLine {
    Server(ServerId),
    Room(Place),
}

impl Over {
    pub(super) fn ask(ask: Ask) -> Self {
        Self::Ask(ask, Field::default(), String::new())
    }

    /// The same question with what was answered before.
    pub(super) fn asks_again(ask: Ask, typed: &str) -> Self {
        let mut over = Self::ask(ask);
        if let Some((field, most)) = over.field_mut() {
            field.insert(typed, most, false);
        }
        over
    }

    /// It adds a server.
    pub(super) const fn is_adding(&self) -> bool {
        matches!(self, Self::Ask(Ask::Server, ..))
    }

    /// It shows or asks about something of a session.
    pub(super) const fn belongs_to_a_session(&self) -> bool {
        matches!(
            self,
            Self::Members(_)
                | Self::Code(_)
                | Self::PairCode(_)
                | Self::Emoji(..)
                | Self::Timer(..)
                | Self::Search(_)
                | Self::Invitation(_)
                | Self::Record
                | Self::Ask(Ask::Room(_) | Ask::RoomName(_) | Ask::HostAddress(_), ..)
                | Self::Confirm(
                    Confirm::Clear(_) | Confirm::Delete(..) | Confirm::Evict(..) | Confirm::Leave(_)
                )
        )
    }

    /// It shows, or is chosen from, what the room or server has that is shown.
    pub(super) const fn is_about_what_is_shown(&self) -> bool {
        matches!(
            self,
            Self::Members(_)
                | Self::Code(_)
                | Self::PairCode(_)
                | Self::Emoji(..)
                | Self::Timer(..)
                | Self::Search(_)
                | Self::Record
        )
    }

    /// It shows or asks about the relay here.
    pub(super) const fn belongs_to_hosting(&self) -> bool {
        matches!(
            self,
            Self::Connections(_)
                | Self::Confirm(Confirm::Disconnect(_) | Confirm::Ban(_) | Confirm::StopHosting)
        )
    }

    pub(super) fn set_error(&mut self, text: String) {
        if let Self::Ask(_, _, error) = self {
            *error = text;
        }
    }

    /// The field that is typed into, and how many characters it takes.
    pub(super) const fn field_mut(&mut self) -> Option<(&mut Field, usize)> {
        match self {
            Self::Emoji(_, picker) | Self::Switcher(picker) | Self::Search(picker) => {
                Some((&mut picker.field, MOST_TYPED))
            }
            // An invitation is long.
            Self::Ask(Ask::Server, field, _) => Some((field, MESSAGE_CHARACTERS)),
            Self::Ask(_, field, _) => Some((field, MOST_TYPED)),
            Self::Help(_)
            | Self::Rooms(_)
            | Self::Members(_)
            | Self::Code(_)
            | Self::PairCode(_)
            | Self::Moods(_)
            | Self::Timer(..)
            | Self::Invitation(_)
            | Self::Record
            | Self::Connections(_)
            | Self::Confirm(_) => None,
        }
    }

    /// The chosen line, where there is a list.
    pub(super) const fn chosen_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::Help(chosen)
            | Self::Rooms(chosen)
            | Self::Members(chosen)
            | Self::Moods(chosen)
            | Self::Connections(chosen)
            | Self::Timer(_, chosen) => Some(chosen),
            Self::Emoji(_, picker) | Self::Switcher(picker) | Self::Search(picker) => {
                Some(&mut picker.chosen)
            }
            Self::Code(_)
            | Self::PairCode(_)
            | Self::Invitation(_)
            | Self::Record
            | Self::Ask(..)
            | Self::Confirm(_) => None,
        }
    }
}

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
            TIMERS.iter().map(|(seconds, word)| (*seconds, self.say(word, &[]))).collect();
        let set = self.timer();
        if !offered.iter().any(|(seconds, _)| *seconds == set) {
            let written = size::duration(&self.words, Duration::from_secs(set.into()));
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
        let entries = palette::entries(&self.desk, typed, self.server, &self.words, &time);
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
                let room = shepot_view::sentence::room_name(&self.words, message.room, &server.rooms);
                let beside = format!("{} #{room} {}", message.nick, self.clock.time(message.at));
                Some((Target::Message(hit.place, hit.message), text, beside))
            })
            .collect()
    }

    /// How many lines the list has that lies over the room.
    pub(super) fn over_count(&self) -> usize {
        match &self.over {
            Some(Over::Rooms(_)) => self.room_lines().len(),
            Some(Over::Members(_)) => self.shown().map_or(0, |server| server.people.len()),
            Some(Over::Emoji(_, picker)) => self.emoji_for(picker.field.text()).len(),
            Some(Over::Moods(_)) => self.moods().len(),
            Some(Over::Switcher(picker)) => self.switcher_entries(picker.field.text()).len(),
            Some(Over::Search(picker)) => self.found(picker.field.text()).len(),
            Some(Over::Timer(..)) => self.timers().len(),
            Some(Over::Connections(_)) => self.visitors.as_ref().map_or(0, |visitors| visitors.list.len()),
            // As far as there is something to read: the drawing knows.
            Some(Over::Help(_)) => usize::MAX,
            Some(
                Over::Code(_)
                | Over::PairCode(_)
                | Over::Invitation(_)
                | Over::Record
                | Over::Ask(..)
                | Over::Confirm(_),
            )
            | None => 0,
        }
    }

    /// The code that is shown, if it is known.
    pub(super) fn code(&self) -> Option<Code> {
        self.shown()?.code
    }
}
