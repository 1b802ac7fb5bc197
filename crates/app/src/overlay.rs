//! What lies over the room: lists to choose from, questions, things to read. One at a time; a step back takes it away.

use std::rc::Rc;
use std::time::Duration;

use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_client::model::{MessageId, PersonKey, ServerId};
use shepot_relay::operator::Visitor;
use shepot_view::command::Command;
use shepot_view::desk::{Code, Place};
use shepot_view::palette::Entry;
use shepot_view::safety::Symbols;
use zeroize::Zeroizing;

use crate::actions::{ConnectionAction, MessageAction};
use crate::confirmation::Confirmation;
use crate::field::Field;

/// Characters of a name, an address, a passphrase.
pub(crate) const MOST_TYPED: usize = 120;

/// What an emoji is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// What is being written.
    Text,
    /// A reaction to this message.
    Reaction(MessageId),
    /// The person's own picture.
    Avatar,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// What the person is called.
    Nick,
    /// An invitation or an address.
    Server,
    /// A new invitation to this server.
    Invitation(ServerId),
    /// The name of a new room, on this server.
    Room(ServerId),
    /// Another name of this room.
    RoomName(Place),
    /// Where others reach the server that is hosted here; with the invitation as it is.
    HostAddress(Zeroizing<String>),
    /// What opens the lock.
    Passphrase {
        /// It is locked then.
        locks: bool,
    },
    /// Once more, so that no slip locks the person out.
    PassphraseAgain {
        /// What was typed first.
        first: Zeroizing<String>,
        /// It is locked then.
        locks: bool,
    },
}

/// What a list offers that lies over the room.
pub enum Offered {
    /// Servers and rooms.
    Rooms,
    /// Who is in the circle.
    Members,
    /// Emoji.
    Emoji(For),
    /// Moods.
    Moods,
    /// Rooms, people, messages, commands: as they were found when something was typed last.
    Switcher(Vec<Entry>),
    /// What was said.
    Search,
    /// After how long messages of a room disappear.
    Timers(Place),
    /// Who is connected to the relay here.
    Connections,
}

impl Offered {
    /// Something is typed that narrows it.
    const fn is_narrowed(&self) -> bool {
        matches!(self, Self::Emoji(_) | Self::Switcher(_) | Self::Search)
    }
}

/// A list that is chosen from.
pub struct List {
    /// What it offers.
    pub offered: Offered,
    /// The line that is chosen.
    pub chosen: usize,
    /// What narrows it, where something does.
    pub field: Field,
}

/// A safety code that is being compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparing {
    /// The code that stands there. What the person says is about this one, whatever the keys are by now.
    pub shown: Option<Code>,
    /// Numbers instead of pictures.
    pub as_numbers: bool,
    /// Another code took its place: nothing is said about it before it can have been looked at, by the steady clock.
    pub not_before: Option<Duration>,
    /// The person said that others see another, and reads what that means.
    pub differs: bool,
}

/// The code of the person and another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paired {
    /// What the other is called.
    pub nick: String,
    /// The code.
    pub symbols: Symbols,
    /// Numbers instead of pictures.
    pub as_numbers: bool,
}

/// An invitation that is shown.
#[derive(Clone)]
pub struct Invited {
    /// The server of the circle.
    pub server: ServerId,
    /// The link.
    pub link: Zeroizing<String>,
    /// From where it works, where that is known.
    pub note: String,
    /// The code instead of the link.
    pub shows_code: bool,
    /// To the circle that is hosted here.
    pub is_ours: bool,
    /// For the person alone, to come back by.
    pub is_own: bool,
    /// The person owns the circle: another can take the place of all from before.
    pub can_renew: bool,
}

impl Invited {
    /// To a circle elsewhere: as its members use it.
    #[must_use]
    pub const fn plain(server: ServerId, link: Zeroizing<String>) -> Self {
        Self {
            server,
            link,
            note: String::new(),
            shows_code: false,
            is_ours: false,
            is_own: false,
            can_renew: false,
        }
    }
}

/// An invitation that the person is asked about.
#[derive(Clone)]
pub struct Joining {
    /// The invitation; as it was written, where it is damaged.
    pub link: Zeroizing<String>,
    /// It is in what is written: it can be said to the room instead.
    pub is_written: bool,
}

/// What a menu is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuOf {
    /// A server.
    Server(ServerId),
    /// A room.
    Room(Place),
    /// Somebody on the server that is shown.
    Person(PersonKey),
    /// A message of the server that is shown.
    Message(MessageId),
    /// A connection to the relay here. It is held: the table goes on while the menu is open.
    Visitor(Visitor),
}

/// A menu that is open.
pub struct Menu {
    /// What it is about.
    pub of: MenuOf,
    /// Its lines, in order.
    pub lines: Rc<[MenuLine]>,
}

/// A line of a menu.
pub struct MenuLine {
    /// What it says.
    pub title: String,
    /// The name of its picture.
    pub icon: &'static str,
    /// The keys that do the same; empty where there are none.
    pub keys: String,
    /// It takes something away.
    pub is_danger: bool,
    /// What is done when it is chosen.
    pub choice: Choice,
}

/// What a line of a menu does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "what each does is what its line says")]
pub enum Choice {
    Ask(Confirmation),
    Run(Command),
    Message(MessageId, MessageAction),
    Visitor(Visitor, ConnectionAction),
    Connect(ServerId),
    NewInvitation(ServerId),
    Invite(ServerId),
    CopyOwnLink(ServerId),
    ConnectAtStart(ServerId, bool),
    Notifications,
    Edit(ServerId),
    Timer(Place),
    Mute(Place, bool),
    Search(Place),
    Rename(Place),
    Mention(PersonKey),
    PairCode(PersonKey),
    CopyFingerprint(PersonKey),
    Evict(PersonKey),
}

/// What lies over the room.
pub enum Overlay {
    /// The keys and commands.
    Help,
    /// A list that is chosen from.
    List(List),
    /// The safety code of the circle.
    Code(Comparing),
    /// That of two people.
    PairCode(Paired),
    /// An invitation.
    Invitation(Invited),
    /// What the server's operator can see of the person.
    Record,
    /// A question with a field, and what is wrong with the answer.
    Ask(Ask, Field, String),
    /// A question before something is taken away.
    Confirm(Confirmation),
    /// The name and the address of a server, and what is wrong with them.
    EditServer(ServerId, String),
    /// Where a link leads, before it is opened.
    Link(String),
    /// What is to become of an invitation that stands where people talk.
    Join(Joining),
    /// A menu.
    Menu(Menu),
}

/// A line of the list of servers and rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomLine {
    /// A server.
    Server(ServerId),
    /// A room of the server that is shown.
    Room(Place),
}

impl Overlay {
    /// A list of which this line is chosen.
    #[must_use]
    pub fn list(offered: Offered, chosen: usize) -> Self {
        Self::List(List { offered, chosen, field: Field::default() })
    }

    /// What the list offers, where it is one.
    #[must_use]
    pub const fn offered(&self) -> Option<&Offered> {
        if let Self::List(list) = self { Some(&list.offered) } else { None }
    }

    /// A question.
    #[must_use]
    pub fn ask(ask: Ask) -> Self {
        Self::Ask(ask, Field::default(), String::new())
    }

    /// The same question with what was answered before.
    #[must_use]
    pub fn asks_again(ask: Ask, typed: &str) -> Self {
        let mut over = Self::ask(ask);
        if let Some((field, most)) = over.field_mut() {
            field.insert(typed, most, false);
        }
        over
    }

    /// The same, with what is wrong with the answer.
    pub(crate) fn mended(ask: Ask, typed: &str, error: String) -> Self {
        let mut over = Self::asks_again(ask, typed);
        over.set_error(error);
        over
    }

    /// It adds a server.
    pub(crate) const fn is_adding(&self) -> bool {
        matches!(self, Self::Ask(Ask::Server | Ask::Invitation(_), ..))
    }

    /// It asks what the person is called.
    pub(crate) const fn asks_for_nick(&self) -> bool {
        matches!(self, Self::Ask(Ask::Nick, ..))
    }

    pub(crate) const fn asks_for_passphrase(&self) -> bool {
        matches!(self, Self::Ask(Ask::Passphrase { .. } | Ask::PassphraseAgain { .. }, ..))
    }

    /// It has to be answered before anything else is done.
    #[must_use]
    pub const fn is_question(&self) -> bool {
        matches!(
            self,
            Self::Ask(..) | Self::Confirm(_) | Self::EditServer(..) | Self::Link(_) | Self::Join(_)
        )
    }

    /// It is read, and hides what is below: codes, invitations, records.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        matches!(self, Self::Code(_) | Self::PairCode(_) | Self::Invitation(_) | Self::Record)
            || matches!(self.offered(), Some(Offered::Timers(_)))
    }

    /// The visitor whom a question is about.
    pub(crate) const fn visitor(&self) -> Option<Visitor> {
        if let Self::Confirm(Confirmation::Disconnect(visitor) | Confirmation::Ban(visitor, _)) = self {
            Some(*visitor)
        } else {
            None
        }
    }

    /// This command opens it: done again, it takes it away.
    pub(crate) const fn is_opened_by(&self, command: Command) -> bool {
        if let Self::List(list) = self {
            return matches!(
                (&list.offered, command),
                (Offered::Rooms, Command::Rooms)
                    | (Offered::Members, Command::Members)
                    | (Offered::Emoji(_), Command::Emoji)
                    | (Offered::Moods, Command::Moods)
                    | (Offered::Switcher(_), Command::Switcher)
                    | (Offered::Search, Command::Search)
                    | (Offered::Connections, Command::Connections)
            );
        }
        matches!(
            (self, command),
            (Self::Help, Command::Keys)
                | (Self::Code(_), Command::SafetyCode)
                | (Self::Record, Command::ServerRecord)
        )
    }

    /// It stands where something of a page is.
    pub(crate) const fn floats(&self) -> bool {
        matches!(
            self,
            Self::Menu(_) | Self::List(List { offered: Offered::Emoji(_) | Offered::Switcher(_), .. })
        )
    }

    /// It shows or asks about something of a session.
    pub(crate) const fn belongs_to_a_session(&self) -> bool {
        self.is_about_what_is_shown()
            || matches!(
                self,
                Self::Invitation(_)
                    | Self::Link(_)
                    | Self::Join(_)
                    | Self::Menu(Menu { of: MenuOf::Room(_), .. })
                    | Self::Ask(Ask::Room(_) | Ask::RoomName(_) | Ask::HostAddress(_), ..)
                    | Self::Confirm(
                        Confirmation::Clear(_)
                            | Confirmation::ClearServer(_)
                            | Confirmation::DeleteRoom(_)
                            | Confirmation::RenewInvitations(_)
                            | Confirmation::Delete(..)
                            | Confirmation::Evict(..)
                            | Confirmation::Leave(_)
                    )
            )
    }

    /// It shows, or is chosen from, what the room or server has that is shown.
    pub(crate) const fn is_about_what_is_shown(&self) -> bool {
        matches!(
            self,
            Self::List(List {
                offered: Offered::Members | Offered::Emoji(_) | Offered::Timers(_) | Offered::Search,
                ..
            }) | Self::Code(_)
                | Self::PairCode(_)
                | Self::Record
                | Self::Menu(Menu { of: MenuOf::Person(_) | MenuOf::Message(_), .. })
        )
    }

    /// It shows or asks about the relay here.
    pub(crate) const fn belongs_to_hosting(&self) -> bool {
        matches!(
            self,
            Self::List(List { offered: Offered::Connections, .. })
                | Self::Confirm(
                    Confirmation::Disconnect(_)
                        | Confirmation::Ban(..)
                        | Confirmation::StopHosting
                        | Confirmation::ForgetHosting
                )
        )
    }

    pub(crate) fn set_error(&mut self, text: String) {
        if let Self::Ask(_, _, error) = self {
            *error = text;
        }
    }

    /// The field that is typed into.
    #[must_use]
    pub fn field(&self) -> Option<&Field> {
        if let Self::List(list) = self {
            return Some(&list.field).filter(|_| list.offered.is_narrowed());
        }
        if let Self::Ask(_, field, _) = self { Some(field) } else { None }
    }

    /// The field, and how many characters it takes.
    pub(crate) fn field_mut(&mut self) -> Option<(&mut Field, usize)> {
        // An invitation is long.
        let takes_invitation = self.is_adding() || self.asks_for_nick();
        let most = if takes_invitation { MESSAGE_CHARACTERS } else { MOST_TYPED };
        let is_typed = self.field().is_some();
        if let Self::Ask(_, field, _) | Self::List(List { field, .. }) = self {
            return Some((field, most)).filter(|_| is_typed);
        }
        None
    }

    /// The chosen line, where there is a list.
    #[must_use]
    pub const fn chosen(&self) -> Option<usize> {
        if let Self::List(list) = self { Some(list.chosen) } else { None }
    }

    pub(crate) const fn chosen_mut(&mut self) -> Option<&mut usize> {
        if let Self::List(list) = self { Some(&mut list.chosen) } else { None }
    }
}
