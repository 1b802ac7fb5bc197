//! What stands in menus, and how it is called.

use shepot_client::model::{MessageId, PersonKey, ServerId};
use shepot_hosting::Visitor;
use shepot_view::L10n;
use shepot_view::desk::Place;

use crate::actions::{ConnectionAction, MessageAction};

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

/// What can be done with a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerItem {
    /// Connect.
    Connect,
    /// Leave.
    Disconnect,
    /// Invite somebody.
    Invite,
    /// Copy the link by which the person comes back.
    CopyOwnLink,
    /// Make a room.
    NewRoom,
    /// Everything off this screen.
    Clear,
    /// It is connected when the program starts, or is not.
    ConnectAtStart {
        /// It is.
        is_on: bool,
    },
    /// What is notified.
    Notifications,
    /// Its name and address.
    Edit,
    /// Stop the relay here.
    StopHosting,
    /// Forget it, too.
    ForgetHosting,
    /// Off the list.
    Remove,
}

/// What can be done with a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomItem {
    /// Invite somebody.
    Invite,
    /// After how long messages disappear.
    Timer,
    /// Notify nothing of it.
    Mute,
    /// Notify again.
    Unmute,
    /// What was said.
    Search,
    /// Compare the code.
    SafetyCode,
    /// What the server's operator sees.
    Record,
    /// Another name.
    Rename,
    /// Everything off this screen.
    Clear,
    /// Leave the server.
    Leave,
}

/// What can be done with somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonItem {
    /// Write the name.
    Mention,
    /// The code of the two.
    PairCode,
    /// Copy the fingerprint.
    CopyFingerprint,
    /// Remove from the circle.
    Evict,
}

/// A menu that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Menu {
    /// Of a server.
    Server(ServerId, Vec<ServerItem>),
    /// Of a room.
    Room(Place, Vec<RoomItem>),
    /// Of somebody.
    Person(PersonKey, Vec<PersonItem>),
    /// Of a message.
    Message(MessageId, Vec<MessageAction>),
    /// Of a connection.
    Visitor(Visitor, Vec<ConnectionAction>),
}

/// A line of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuLine {
    /// What it says.
    pub title: String,
    /// The name of its picture.
    pub icon: &'static str,
    /// The keys that do the same; empty where there are none.
    pub keys: &'static str,
    /// It takes something away.
    pub is_danger: bool,
}

impl Menu {
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Server(_, items) => items.is_empty(),
            Self::Room(_, items) => items.is_empty(),
            Self::Person(_, items) => items.is_empty(),
            Self::Message(_, items) => items.is_empty(),
            Self::Visitor(_, items) => items.is_empty(),
        }
    }

    /// Its lines, in order.
    #[must_use]
    pub fn lines(&self, l10n: &L10n) -> Vec<MenuLine> {
        match self {
            Self::Server(_, items) => items.iter().map(|item| of_server(l10n, *item)).collect(),
            Self::Room(_, items) => items.iter().map(|item| of_room(l10n, *item)).collect(),
            Self::Person(_, items) => items.iter().map(|item| of_person(l10n, *item)).collect(),
            Self::Message(_, items) => items.iter().map(|item| of_message(l10n, *item)).collect(),
            Self::Visitor(_, items) => items.iter().map(|item| of_connection(l10n, *item)).collect(),
        }
    }
}

fn line(title: String, icon: &'static str) -> MenuLine {
    MenuLine { title, icon, keys: "", is_danger: false }
}

impl MenuLine {
    fn keys(self, keys: &'static str) -> Self {
        Self { keys, ..self }
    }

    fn danger(self) -> Self {
        Self { is_danger: true, ..self }
    }
}

fn of_server(l10n: &L10n, item: ServerItem) -> MenuLine {
    match item {
        ServerItem::Connect => line(l10n.tr("ui-connect", &[]), "plug"),
        ServerItem::Disconnect => line(l10n.tr("ui-disconnect", &[]), "unplug"),
        ServerItem::Invite => line(l10n.tr("ui-invite", &[]), "user-plus"),
        ServerItem::CopyOwnLink => line(l10n.tr("ui-copy-own-link", &[]), "link"),
        ServerItem::NewRoom => line(l10n.tr("ui-new-room", &[]), "hash").keys("Ctrl+T"),
        ServerItem::Clear => line(l10n.tr("ui-clear", &[]), "eraser").keys("Ctrl+Shift+L"),
        ServerItem::ConnectAtStart { is_on } => {
            line(l10n.tr("ui-sv-auto", &[]), if is_on { "check" } else { "plug" })
        }
        ServerItem::Notifications => line(l10n.tr("ui-s-notif", &[]), "bell"),
        ServerItem::Edit => line(l10n.tr("ui-edit", &[]), "pencil"),
        ServerItem::StopHosting => line(l10n.tr("ui-op-stop", &[]), "power"),
        ServerItem::ForgetHosting => line(l10n.tr("ui-host-forget", &[]), "trash-2").danger(),
        ServerItem::Remove => line(l10n.tr("ui-remove", &[]), "trash-2").danger(),
    }
}

fn of_room(l10n: &L10n, item: RoomItem) -> MenuLine {
    match item {
        RoomItem::Invite => line(l10n.tr("ui-invite", &[]), "user-plus").keys("Ctrl+I"),
        RoomItem::Timer => line(l10n.tr("ui-cmd-timer", &[]), "timer"),
        RoomItem::Mute => line(l10n.tr("ui-mute", &[]), "bell-off"),
        RoomItem::Unmute => line(l10n.tr("ui-unmute", &[]), "bell"),
        RoomItem::Search => line(l10n.tr("ui-search-room", &[]), "search").keys("Ctrl+F"),
        RoomItem::SafetyCode => line(l10n.tr("ui-cmd-code", &[]), "shield").keys("Ctrl+Shift+K"),
        RoomItem::Record => line(l10n.tr("record-title", &[]), "eye-off"),
        RoomItem::Rename => line(l10n.tr("ui-rename", &[]), "pencil"),
        RoomItem::Clear => line(l10n.tr("ui-clear", &[]), "eraser").keys("Ctrl+Shift+L"),
        RoomItem::Leave => line(l10n.tr("ui-leave-server", &[]), "log-out").danger(),
    }
}

fn of_person(l10n: &L10n, item: PersonItem) -> MenuLine {
    match item {
        PersonItem::Mention => line(l10n.tr("ui-mention", &[]), "at-sign"),
        PersonItem::PairCode => line(l10n.tr("ui-pc-show", &[]), "shield"),
        PersonItem::CopyFingerprint => line(l10n.tr("ui-copy-fp", &[]), "fingerprint-pattern"),
        PersonItem::Evict => line(l10n.tr("ui-evict", &[]), "user-round-x").danger(),
    }
}

fn of_message(l10n: &L10n, item: MessageAction) -> MenuLine {
    match item {
        MessageAction::Open => line(l10n.tr("full-open", &[]), "reply"),
        MessageAction::Reply => line(l10n.tr("ui-reply", &[]), "reply").keys("R"),
        MessageAction::React => line(l10n.tr("ui-react", &[]), "smile-plus").keys("E"),
        MessageAction::Edit => line(l10n.tr("ui-edit", &[]), "pencil").keys("↑"),
        MessageAction::Copy => line(l10n.tr("ui-copy-text", &[]), "copy").keys("Ctrl+C"),
        MessageAction::Delete => line(l10n.tr("ui-delete", &[]), "trash-2").keys("Del").danger(),
        MessageAction::SendAgain => line(l10n.tr("ui-retry", &[]), "rotate-ccw"),
        MessageAction::Discard => line(l10n.tr("ui-remove", &[]), "trash-2").danger(),
    }
}

fn of_connection(l10n: &L10n, item: ConnectionAction) -> MenuLine {
    match item {
        ConnectionAction::Disconnect => line(l10n.tr("ui-op-disc", &[]), "unplug"),
        ConnectionAction::Ban => line(l10n.tr("ui-op-ban", &[]), "ban").danger(),
        ConnectionAction::LiftBan => line(l10n.tr("ui-op-unban", &[]), "rotate-ccw"),
        ConnectionAction::Invite => line(l10n.tr("ui-invite", &[]), "user-plus"),
    }
}
