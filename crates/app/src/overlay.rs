//! Overlays: lists, questions and things to read that lie over the room. There is one at a time, and one step back
//! closes it.

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

/// The most characters of a name, an address or a passphrase.
pub(crate) const MOST_TYPED: usize = 120;

/// What an emoji is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// The text in the composer.
    Text,
    /// A reaction to this message.
    Reaction(MessageId),
    /// The person's own picture.
    Avatar,
}

/// A question with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The person's nick.
    Nick,
    /// An invitation or an address.
    Server,
    /// A new invitation to this server.
    Invitation(ServerId),
    /// The name of a new room, on this server.
    Room(ServerId),
    /// The new name of this room.
    RoomName(Place),
    /// The address at which others reach the server that is hosted here, to put into this invitation.
    HostAddress(Zeroizing<String>),
    /// A new passphrase.
    Passphrase {
        /// The program is locked afterwards.
        locks: bool,
    },
    /// The same passphrase again, so that a typing error does not lock the person out.
    PassphraseAgain {
        /// What was typed first.
        first: Zeroizing<String>,
        /// The program is locked afterwards.
        locks: bool,
    },
}

/// The content of a list that lies over the room.
pub enum Offered {
    /// Servers and rooms.
    Rooms,
    /// The members of the circle.
    Members,
    /// Emoji.
    Emoji(For),
    /// Moods.
    Moods,
    /// The entries of the switcher, as they were found after the last key.
    Switcher(Vec<Entry>),
    /// Hits in messages.
    Search,
    /// The times after which messages of this room may disappear.
    Timers(Place),
    /// The connections to the relay here.
    Connections,
}

impl Offered {
    /// Whether typing narrows the list.
    const fn is_narrowed(&self) -> bool {
        matches!(self, Self::Emoji(_) | Self::Switcher(_) | Self::Search)
    }
}

/// A list to choose from.
pub struct List {
    /// Its content.
    pub offered: Offered,
    /// The position of the chosen line.
    pub chosen: usize,
    /// The text that narrows it, if it can be narrowed.
    pub field: Field,
}

/// The safety code while it is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparing {
    /// The code on the screen. The answer is about this one, even if the keys have changed.
    pub shown: Option<Code>,
    /// Whether it is shown as numbers instead of pictures.
    pub as_numbers: bool,
    /// The code changed on the screen: answers before this moment of the steady clock do not count.
    pub not_before: Option<Duration>,
    /// The person said that others see a different code, and reads what that means.
    pub differs: bool,
}

/// The safety code between the person and a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paired {
    /// The nick of the member.
    pub nick: String,
    /// The symbols of the code.
    pub symbols: Symbols,
    /// Whether it is shown as numbers instead of pictures.
    pub as_numbers: bool,
}

/// An invitation on the screen.
#[derive(Clone)]
pub struct Invited {
    /// The server that it leads to.
    pub server: ServerId,
    /// The text of the invitation.
    pub link: Zeroizing<String>,
    /// From where it works, if that is known.
    pub note: String,
    /// Whether it is shown as a QR code instead of a link.
    pub shows_code: bool,
    /// Whether it leads to the circle that is hosted here.
    pub is_ours: bool,
    /// Whether it is the person's own, to come back with.
    pub is_own: bool,
    /// Whether whoever has it is an owner.
    pub makes_owner: bool,
    /// Whether the person owns the circle and can renew its invitations.
    pub can_renew: bool,
}

impl Invited {
    /// An invitation to a circle elsewhere, as its members use it.
    #[must_use]
    pub const fn plain(server: ServerId, link: Zeroizing<String>) -> Self {
        Self {
            server,
            link,
            note: String::new(),
            shows_code: false,
            is_ours: false,
            is_own: false,
            makes_owner: false,
            can_renew: false,
        }
    }
}

/// An invitation that the person is asked about.
#[derive(Clone)]
pub struct Joining {
    /// The invitation. A damaged one is as it was written.
    pub link: Zeroizing<String>,
    /// Whether it is in the composer, so that it can be said to the room instead.
    pub is_written: bool,
}

/// What a menu is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuOf {
    /// A server.
    Server(ServerId),
    /// A room.
    Room(Place),
    /// A member of the circle on the open server.
    Person(PersonKey),
    /// A message on the open server.
    Message(MessageId),
    /// A connection to the relay here, held since the list changes while the menu is open.
    Visitor(Visitor),
}

/// An open menu.
pub struct Menu {
    /// What it is about.
    pub of: MenuOf,
    /// Its lines, in order.
    pub lines: Rc<[MenuLine]>,
}

/// A line of a menu.
pub struct MenuLine {
    /// The label.
    pub title: String,
    /// The name of the icon.
    pub icon: &'static str,
    /// The keys that do the same. Empty: none.
    pub keys: String,
    /// Whether it removes or deletes something.
    pub is_danger: bool,
    /// What it does.
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
    /// A question before something is lost.
    Confirm(Confirmation),
    /// The form for the name and the address of a server, and what is wrong with them.
    EditServer(ServerId, String),
    /// The question whether to open this link.
    Link(String),
    /// The question what to do with an invitation in a message.
    Join(Joining),
    /// A menu.
    Menu(Menu),
}

/// A line in the list of servers and rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomLine {
    /// A server.
    Server(ServerId),
    /// A room of the open server.
    Room(Place),
}

impl Overlay {
    /// A list with this line chosen.
    #[must_use]
    pub fn list(offered: Offered, chosen: usize) -> Self {
        Self::List(List { offered, chosen, field: Field::default() })
    }

    /// The content of the list, if it is one.
    #[must_use]
    pub const fn offered(&self) -> Option<&Offered> {
        if let Self::List(list) = self { Some(&list.offered) } else { None }
    }

    /// A question with an empty field.
    #[must_use]
    pub fn ask(ask: Ask) -> Self {
        Self::Ask(ask, Field::default(), String::new())
    }

    /// The question with a text in its field.
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

    /// Whether it asks for an entry to add a server.
    pub(crate) const fn is_adding(&self) -> bool {
        matches!(self, Self::Ask(Ask::Server | Ask::Invitation(_), ..))
    }

    /// Whether it asks for the nick.
    pub(crate) const fn asks_for_nick(&self) -> bool {
        matches!(self, Self::Ask(Ask::Nick, ..))
    }

    pub(crate) const fn asks_for_passphrase(&self) -> bool {
        matches!(self, Self::Ask(Ask::Passphrase { .. } | Ask::PassphraseAgain { .. }, ..))
    }

    /// Whether it has to be answered before anything else happens.
    #[must_use]
    pub const fn is_question(&self) -> bool {
        matches!(
            self,
            Self::Ask(..) | Self::Confirm(_) | Self::EditServer(..) | Self::Link(_) | Self::Join(_)
        )
    }

    /// Whether it hides what is below while it is read: codes, invitations, records, timers.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        matches!(self, Self::Code(_) | Self::PairCode(_) | Self::Invitation(_) | Self::Record)
            || matches!(self.offered(), Some(Offered::Timers(_)))
    }

    /// The connection that a question is about.
    pub(crate) const fn visitor(&self) -> Option<Visitor> {
        if let Self::Confirm(Confirmation::Disconnect(visitor) | Confirmation::Ban(visitor, _)) = self {
            Some(*visitor)
        } else {
            None
        }
    }

    /// Whether this command opens it. The same command then closes it.
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

    /// Whether it belongs to a place on a page, and closes with the page.
    pub(crate) const fn floats(&self) -> bool {
        matches!(
            self,
            Self::Menu(_) | Self::List(List { offered: Offered::Emoji(_) | Offered::Switcher(_), .. })
        )
    }

    /// Whether it shows or asks about something in a session.
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

    /// Whether it depends on the open room or server.
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

    /// Whether it shows or asks about the relay here.
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

    /// The field that the person types into, if it has one.
    #[must_use]
    pub fn field(&self) -> Option<&Field> {
        if let Self::List(list) = self {
            return Some(&list.field).filter(|_| list.offered.is_narrowed());
        }
        if let Self::Ask(_, field, _) = self { Some(field) } else { None }
    }

    /// The field, and the most characters that it takes.
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

    /// The position of the chosen line, if it is a list.
    #[must_use]
    pub const fn chosen(&self) -> Option<usize> {
        if let Self::List(list) = self { Some(list.chosen) } else { None }
    }

    pub(crate) const fn chosen_mut(&mut self) -> Option<&mut usize> {
        if let Self::List(list) = self { Some(&mut list.chosen) } else { None }
    }
}
