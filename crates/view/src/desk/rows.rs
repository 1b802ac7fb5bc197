//! The rows of a conversation from top to bottom: messages in groups, lines between days, events.

use std::time::Duration;

use jiff::civil::Date;
use shepot_client::model::{ConversationId, Message, MessageId, PersonKey, SystemEvent};
use shepot_l10n::L10n;

use super::server::Server;
use super::timeline::Item;
use crate::clock::WallClock;
use crate::{people, sentence, size};

/// Seconds between two messages of one person that still belong to one group.
const GROUP_SECONDS: u64 = 5 * 60;

/// Seconds between two joins that still share one line.
const JOINS_SECONDS: u64 = 10;

/// Identifies a row, however often the rows are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowKey {
    /// A message.
    Message(MessageId),
    /// An event or a gap, by its number in the timeline.
    Event(u64),
    /// The line with the day before the item with this number.
    Day(u64),
    /// The line before the first unread message.
    New,
    /// The line that says that nobody else is here.
    Alone,
}

/// The picture beside an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventIcon {
    /// The session begins.
    Session,
    /// The keys changed.
    Key,
    /// Somebody left, was removed, or lost or regained the connection.
    Leave,
    /// Somebody changed the nick.
    Name,
    /// A room or the name of the circle changed.
    Room,
    /// The timer of disappearing messages changed.
    Timer,
    /// Something is wrong or missing.
    Warning,
    /// Nobody else is here.
    Alone,
}

/// The button beside an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowAction {
    /// No button.
    None,
    /// Opens the safety code.
    CheckCode,
    /// Shows an invitation.
    Invite,
}

/// A row of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its identity.
    pub key: RowKey,
    /// What it shows.
    pub kind: RowKind,
}

/// What a row shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A message.
    Message {
        /// The message's id.
        id: MessageId,
        /// Whether it shows the author's picture, name and time.
        begins_group: bool,
    },
    /// The line before another day.
    Day {
        /// The date in readable form.
        text: String,
    },
    /// The line before the first unread message.
    New,
    /// A system event.
    Event {
        /// The picture beside it.
        icon: EventIcon,
        /// The sentence.
        text: String,
        /// The button beside it.
        action: RowAction,
    },
    /// Entries that were lost and never come back.
    Gap {
        /// The sentence, with the times between which they are missing.
        text: String,
    },
}

/// The rows of one conversation.
#[derive(Default)]
pub struct Rows {
    list: Vec<Row>,
    last_message: Option<Last>,
    last_day: Option<Date>,
    last_at: Option<u64>,
    last_join: Option<(u64, Vec<String>)>,
    is_alone: bool,
}

#[derive(Clone, Copy)]
struct Last {
    author: PersonKey,
    mood: Option<u8>,
    at: u64,
}

/// What it takes to put rows into words.
#[derive(Clone, Copy)]
pub struct Writing<'a> {
    /// The sentences.
    pub l10n: &'a L10n,
    /// The person's time zone and format of times.
    pub clock: &'a WallClock,
}

impl Rows {
    /// All rows from top to bottom.
    #[must_use]
    pub fn list(&self) -> &[Row] {
        &self.list
    }

    /// Builds all rows of a conversation.
    #[must_use]
    pub fn of(server: &Server, conversation: ConversationId, writing: Writing<'_>) -> Self {
        let mut rows = Self::default();
        for (serial, item) in server.timeline().iter() {
            rows.add(server, conversation, serial, item, writing);
        }
        rows.say_alone(server, writing.l10n);
        rows
    }

    /// Adds the item with this number, which has to be the newest.
    pub fn append(
        &mut self,
        server: &Server,
        conversation: ConversationId,
        serial: u64,
        writing: Writing<'_>,
    ) {
        if self.is_alone {
            self.list.pop();
            self.is_alone = false;
        }
        if let Some(item) = server.timeline().item(serial) {
            self.add(server, conversation, serial, item, writing);
        }
        self.say_alone(server, writing.l10n);
    }

    fn say_alone(&mut self, server: &Server, l10n: &L10n) {
        if server.is_connected() && server.people.len() == 1 {
            let text = l10n.tr("ui-alone", &[]);
            self.list.push(Row {
                key: RowKey::Alone,
                kind: RowKind::Event { icon: EventIcon::Alone, text, action: RowAction::Invite },
            });
            self.is_alone = true;
        }
    }

    fn add(
        &mut self,
        server: &Server,
        conversation: ConversationId,
        serial: u64,
        item: &Item,
        writing: Writing<'_>,
    ) {
        let begins_at = server.conversation(conversation).map_or(0, |known| known.begins_at);
        let makes_it = |event: &SystemEvent| matches!(event, SystemEvent::RoomMade { room, .. } if *room == conversation.room());
        match item {
            _ if !item.is_in(conversation) || serial < begins_at => {}
            Item::SystemEvent { event, .. } if makes_it(event) => {
                // What happened before there was such a room did not happen in it.
                *self = Self::default();
                self.event(server, (serial, item.at()), event, writing);
            }
            Item::Message(message) => self.message(server, serial, message, writing),
            Item::SystemEvent { at, event } => self.event(server, (serial, *at), event, writing),
        }
    }

    fn day(&mut self, serial: u64, at: u64, writing: Writing<'_>) {
        let day = writing.clock.day(at);
        if self.last_day.is_some() && day != self.last_day {
            let text = writing.clock.date(writing.l10n, at);
            self.push(RowKey::Day(serial), RowKind::Day { text });
        }
        self.last_day = day;
        self.last_at = Some(at);
    }

    fn message(&mut self, server: &Server, serial: u64, message: &Message, writing: Writing<'_>) {
        self.day(serial, message.at, writing);
        let first_unread =
            server.conversation(message.conversation).and_then(|conversation| conversation.first_unread);
        if first_unread == Some(message.id) {
            self.push(RowKey::New, RowKind::New);
        }
        let continues = self.last_message.is_some_and(|last| {
            last.author == message.author
                && last.mood == message.mood
                && message.at.saturating_sub(last.at) <= GROUP_SECONDS
                && message.reply_to.is_none()
        });
        self.push(RowKey::Message(message.id), RowKind::Message { id: message.id, begins_group: !continues });
        self.last_message = Some(Last { author: message.author, mood: message.mood, at: message.at });
    }

    fn event(
        &mut self,
        server: &Server,
        (serial, at): (u64, u64),
        event: &SystemEvent,
        writing: Writing<'_>,
    ) {
        let before = self.last_at;
        self.day(serial, at, writing);
        if let SystemEvent::Gap { .. } = event {
            let (from, to) = (writing.clock.time(before.unwrap_or(at)), writing.clock.time(at));
            let text = writing.l10n.tr("ui-cn-gap", &[("a", &from), ("b", &to)]);
            return self.push(RowKey::Event(serial), RowKind::Gap { text });
        }
        if let SystemEvent::Joined { nick, key } = event {
            let name = people::in_a_sentence(writing.l10n, nick, key, &server.people);
            return self.joined(serial, at, name, writing.l10n);
        }
        let (icon, action) = look(event);
        let text = event_text(server, at, event, writing);
        self.push(RowKey::Event(serial), RowKind::Event { icon, text, action });
    }

    /// Adds a join. Joins within [`JOINS_SECONDS`] share a line.
    fn joined(&mut self, serial: u64, at: u64, name: String, l10n: &L10n) {
        let together =
            self.last_join.take().filter(|(before, _)| at.saturating_sub(*before) <= JOINS_SECONDS);
        let mut names = match together {
            Some((_, names)) => {
                self.list.pop();
                names
            }
            None => Vec::new(),
        };
        names.push(name);
        let joined = l10n.tr("ui-ev-join", &[("nick", &names.join(", "))]);
        let text = format!("{joined} · {}", l10n.tr("ui-ev-key", &[]));
        self.push(
            RowKey::Event(serial),
            RowKind::Event { icon: EventIcon::Key, text, action: RowAction::CheckCode },
        );
        self.last_join = Some((at, names));
    }

    fn push(&mut self, key: RowKey, kind: RowKind) {
        self.last_message = None;
        self.last_join = None;
        self.list.push(Row { key, kind });
    }
}

fn look(event: &SystemEvent) -> (EventIcon, RowAction) {
    match event {
        SystemEvent::Entered { .. } => (EventIcon::Session, RowAction::None),
        SystemEvent::Joined { .. }
        | SystemEvent::Returned { .. }
        | SystemEvent::Rejoined
        | SystemEvent::InvitationsRenewed
        | SystemEvent::RelayRestarted => (EventIcon::Key, RowAction::CheckCode),
        SystemEvent::Left { .. }
        | SystemEvent::Evicted { .. }
        | SystemEvent::Away { .. }
        | SystemEvent::Back { .. } => (EventIcon::Leave, RowAction::None),
        SystemEvent::Renamed { .. } => (EventIcon::Name, RowAction::None),
        SystemEvent::RoomMade { .. }
        | SystemEvent::RoomRenamed { .. }
        | SystemEvent::RoomDeleted { .. }
        | SystemEvent::RoomLost { .. }
        | SystemEvent::CircleNamed { .. } => (EventIcon::Room, RowAction::None),
        SystemEvent::TimerSet { .. } => (EventIcon::Timer, RowAction::None),
        SystemEvent::Fork { .. } => (EventIcon::Warning, RowAction::CheckCode),
        SystemEvent::Gap { .. }
        | SystemEvent::Missing { .. }
        | SystemEvent::Unreadable
        | SystemEvent::Knocks { .. }
        | SystemEvent::LeaflessSeats { .. }
        | SystemEvent::NeedsNewerVersion { .. } => (EventIcon::Warning, RowAction::None),
    }
}

fn event_text(server: &Server, at: u64, event: &SystemEvent, writing: Writing<'_>) -> String {
    let l10n = writing.l10n;
    let called = |nick: &str, key: &PersonKey| people::in_a_sentence(l10n, nick, key, &server.people);
    match event {
        SystemEvent::Entered { circle, .. } => {
            let begins = l10n.tr("ui-session-start", &[("t", &writing.clock.time(at))]);
            circle
                .as_ref()
                .map_or(begins.clone(), |circle| format!("{} {begins}", sentence::whose(l10n, circle)))
        }
        SystemEvent::Left { nick, key } => l10n.tr("ui-ev-leave", &[("nick", &called(nick, key))]),
        SystemEvent::TimerSet { seconds, nick, key, .. } if *seconds > 0 => {
            let after = size::duration(l10n, Duration::from_secs(u64::from(*seconds)));
            l10n.tr("ui-ev-timer", &[("nick", &called(nick, key)), ("t", &after)])
        }
        SystemEvent::TimerSet { nick, key, .. } => {
            l10n.tr("ui-ev-timer-off", &[("nick", &called(nick, key))])
        }
        SystemEvent::Joined { .. }
        | SystemEvent::Returned { .. }
        | SystemEvent::Evicted { .. }
        | SystemEvent::InvitationsRenewed
        | SystemEvent::Away { .. }
        | SystemEvent::Back { .. }
        | SystemEvent::Renamed { .. }
        | SystemEvent::RoomMade { .. }
        | SystemEvent::RoomRenamed { .. }
        | SystemEvent::RoomDeleted { .. }
        | SystemEvent::RoomLost { .. }
        | SystemEvent::CircleNamed { .. }
        | SystemEvent::Gap { .. }
        | SystemEvent::Missing { .. }
        | SystemEvent::Fork { .. }
        | SystemEvent::Unreadable
        | SystemEvent::Knocks { .. }
        | SystemEvent::LeaflessSeats { .. }
        | SystemEvent::NeedsNewerVersion { .. }
        | SystemEvent::RelayRestarted
        | SystemEvent::Rejoined => sentence::system_event(l10n, event, &server.rooms, &server.people),
    }
}
