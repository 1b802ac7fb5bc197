//! What lies over the room: lists to choose from, questions, things to read. One at a time; Esc takes it away.

use std::time::Duration;

use shepot_app::confirmation::Confirmation;
use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_client::model::{MessageId, ServerId};
use shepot_view::desk::{Code, Place};
use shepot_view::safety::Symbols;
use zeroize::Zeroizing;

use super::field::Field;

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

pub(super) enum Overlay {
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
    Confirm(Confirmation),
}

/// A line of the list of servers and rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RoomLine {
    Server(ServerId),
    Room(Place),
}

impl Overlay {
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
                    Confirmation::Clear(_)
                        | Confirmation::Delete(..)
                        | Confirmation::Evict(..)
                        | Confirmation::Leave(_)
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
                | Self::Confirm(
                    Confirmation::Disconnect(_) | Confirmation::Ban(..) | Confirmation::StopHosting
                )
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
