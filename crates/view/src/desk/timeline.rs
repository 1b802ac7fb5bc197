//! The messages and events of one server in order. It keeps as much as the engine does, by the same bounds.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use shepot_client::limits::{TIMELINE_BYTES, TIMELINE_ITEMS};
use shepot_client::model::{
    ConversationId, Delivery, Message, MessageId, RoomId, SYSTEM_EVENT_BYTES, SystemEvent, TimelineItem,
};

/// An item of the timeline.
#[derive(Clone, PartialEq, Eq)]
pub enum Item {
    /// A message.
    Message(Arc<Message>),
    /// An event that nobody said.
    SystemEvent {
        /// Seconds since 1970.
        at: u64,
        /// The event.
        event: SystemEvent,
    },
}

impl Item {
    /// Whether it is shown in this conversation.
    #[must_use]
    pub fn is_in(&self, conversation: ConversationId) -> bool {
        match self {
            Self::Message(message) => message.conversation == conversation,
            Self::SystemEvent { event, .. } => is_about(event, conversation),
        }
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn at(&self) -> u64 {
        match self {
            Self::Message(message) => message.at,
            Self::SystemEvent { at, .. } => *at,
        }
    }

    fn held_bytes(&self) -> usize {
        match self {
            Self::Message(message) => message.held_bytes(),
            Self::SystemEvent { .. } => SYSTEM_EVENT_BYTES,
        }
    }
}

/// Whether an event is shown in this conversation. The list of members shows whose connection comes and goes.
const fn is_about(event: &SystemEvent, ConversationId::Room(RoomId(shown)): ConversationId) -> bool {
    match event {
        // Who does not see the list of rooms learns of it where people talk.
        SystemEvent::RoomMade { room, .. } => room.0 == shown || shown == RoomId::MAIN.0,
        SystemEvent::RoomRenamed { room, .. } | SystemEvent::TimerSet { room, .. } => room.0 == shown,
        SystemEvent::RoomDeleted { .. } | SystemEvent::RoomLost { .. } | SystemEvent::CircleNamed { .. } => {
            shown == RoomId::MAIN.0
        }
        SystemEvent::Away { .. } | SystemEvent::Back { .. } => false,
        SystemEvent::Entered { .. }
        | SystemEvent::Joined { .. }
        | SystemEvent::Returned { .. }
        | SystemEvent::Left { .. }
        | SystemEvent::Evicted { .. }
        | SystemEvent::InvitationsRenewed
        | SystemEvent::Renamed { .. }
        | SystemEvent::Gap { .. }
        | SystemEvent::Missing { .. }
        | SystemEvent::Fork { .. }
        | SystemEvent::Unreadable
        | SystemEvent::Knocks { .. }
        | SystemEvent::LeaflessSeats { .. }
        | SystemEvent::NeedsNewerVersion { .. }
        | SystemEvent::RelayRestarted
        | SystemEvent::Rejoined => true,
    }
}

/// Items in order. Each keeps its number as long as it keeps its place.
#[derive(Default)]
pub struct Timeline {
    items: BTreeMap<u64, Item>,
    places: HashMap<MessageId, u64>,
    next: u64,
    bytes: usize,
}

impl Timeline {
    /// All items with their numbers, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &Item)> {
        self.items.iter().map(|(serial, item)| (*serial, item))
    }

    /// The item with this number.
    #[must_use]
    pub fn item(&self, serial: u64) -> Option<&Item> {
        self.items.get(&serial)
    }

    /// The message with this id.
    #[must_use]
    pub fn get(&self, id: &MessageId) -> Option<&Message> {
        match self.items.get(self.places.get(id)?)? {
            Item::Message(message) => Some(message),
            Item::SystemEvent { .. } => None,
        }
    }

    /// Whether a message is this one or a later one. If the other was dropped as the oldest, every message is later.
    pub(super) fn is_from(&self, id: &MessageId, first: Option<MessageId>) -> bool {
        let first = first.and_then(|first| self.places.get(&first));
        self.places.get(id).is_some_and(|place| first.is_none_or(|first| place >= first))
    }

    /// The first message after this one that somebody else said in this conversation.
    pub(super) fn received_after(&self, id: &MessageId, conversation: ConversationId) -> Option<MessageId> {
        let place = *self.places.get(id)?;
        let is_received = |message: &Message| {
            message.conversation == conversation && message.delivery == Delivery::Received
        };
        self.items.range(place + 1..).find_map(|(_, item)| match item {
            Item::Message(message) if is_received(message) => Some(message.id),
            Item::Message(_) | Item::SystemEvent { .. } => None,
        })
    }

    /// The messages that wait until the person sends or drops them, oldest first.
    pub fn held(&self) -> impl Iterator<Item = &Message> {
        self.items.values().filter_map(|item| match item {
            Item::Message(message) if message.delivery == Delivery::Held && !message.is_deleted => {
                Some(&**message)
            }
            Item::Message(_) | Item::SystemEvent { .. } => None,
        })
    }

    /// The number of messages.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.places.len()
    }

    /// The bytes of all items.
    pub(super) const fn held_bytes(&self) -> usize {
        self.bytes
    }

    fn insert(&mut self, serial: u64, item: Item) {
        self.bytes += item.held_bytes();
        if let Some(before) = self.items.insert(serial, item) {
            self.bytes -= before.held_bytes();
        }
    }

    fn take(&mut self, serial: u64) -> Option<Item> {
        let item = self.items.remove(&serial)?;
        self.bytes -= item.held_bytes();
        Some(item)
    }

    /// Puts a message at the end, whether it is new or known. Returns its number.
    pub(super) fn put(&mut self, message: Arc<Message>) -> u64 {
        let before = self.places.get(&message.id).copied();
        let last = self.items.last_key_value().map(|(serial, _)| *serial);
        if let Some(serial) = before.filter(|serial| Some(*serial) == last) {
            self.insert(serial, Item::Message(message));
            return serial;
        }
        if let Some(serial) = before {
            self.take(serial);
        }
        let id = message.id;
        let serial = self.push(Item::Message(message));
        self.places.insert(id, serial);
        serial
    }

    /// Replaces a message in its place. Returns false if it is not there.
    pub(super) fn change(&mut self, message: Arc<Message>) -> bool {
        let Some(serial) = self.places.get(&message.id).copied() else { return false };
        self.insert(serial, Item::Message(message));
        true
    }

    pub(super) fn note(&mut self, at: u64, event: SystemEvent) -> u64 {
        self.push(Item::SystemEvent { at, event })
    }

    pub(super) fn remove(&mut self, id: &MessageId) -> bool {
        self.places.remove(id).and_then(|serial| self.take(serial)).is_some()
    }

    pub(super) fn replace(&mut self, items: Vec<TimelineItem>) {
        self.clear();
        for item in items {
            match item {
                TimelineItem::Message(message) => {
                    self.put(message);
                }
                TimelineItem::SystemEvent { at, event } => {
                    self.note(at, event);
                }
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.places.clear();
        self.bytes = 0;
    }

    /// The number that the next item will get.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// Removes the messages of a conversation. Events stay.
    pub(super) fn clear_conversation(&mut self, id: ConversationId) {
        let is_said = |item: &Item| matches!(item, Item::Message(message) if message.conversation == id);
        let said: Vec<u64> =
            self.iter().filter(|(_, item)| is_said(item)).map(|(serial, _)| serial).collect();
        for serial in said {
            if let Some(Item::Message(message)) = self.take(serial) {
                self.places.remove(&message.id);
            }
        }
    }

    fn push(&mut self, item: Item) -> u64 {
        let serial = self.next;
        self.next += 1;
        self.insert(serial, item);
        while self.items.len() > TIMELINE_ITEMS || self.bytes > TIMELINE_BYTES {
            let Some((_, oldest)) = self.items.pop_first() else { break };
            self.bytes -= oldest.held_bytes();
            if let Item::Message(message) = oldest {
                self.places.remove(&message.id);
            }
        }
        serial
    }
}
