//! What happened on one server, in order, as the interface keeps it. As many items as the engine keeps.

use std::collections::{BTreeMap, HashMap};

use shepot_client::limits::TIMELINE_ITEMS;
use shepot_client::model::{Happening, Message, MessageId, TimelineItem};

/// One item.
#[derive(Clone, PartialEq, Eq)]
pub enum Item {
    /// Somebody said something.
    Message(Message),
    /// Something else.
    Happening {
        /// When: seconds since 1970.
        at: u64,
        /// What.
        happening: Happening,
    },
}

impl Item {
    /// When: seconds since 1970.
    #[must_use]
    pub const fn at(&self) -> u64 {
        match self {
            Self::Message(message) => message.at,
            Self::Happening { at, .. } => *at,
        }
    }
}

/// Items in order, each with a number that it keeps while it stands where it is.
#[derive(Default)]
pub struct Timeline {
    items: BTreeMap<u64, Item>,
    places: HashMap<MessageId, u64>,
    next: u64,
}

impl Timeline {
    /// All items in order, with their numbers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &Item)> {
        self.items.iter().map(|(serial, item)| (*serial, item))
    }

    /// The item of this number.
    #[must_use]
    pub fn item(&self, serial: u64) -> Option<&Item> {
        self.items.get(&serial)
    }

    /// The message of this name.
    #[must_use]
    pub fn get(&self, id: &MessageId) -> Option<&Message> {
        match self.items.get(self.places.get(id)?)? {
            Item::Message(message) => Some(message),
            Item::Happening { .. } => None,
        }
    }

    /// How many messages.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.places.len()
    }

    /// A message that is new, or moved to the end. Gives its number, and whether it stood at the end before.
    pub(super) fn put(&mut self, message: Message) -> (u64, bool) {
        let before = self.places.get(&message.id).copied();
        let last = self.items.last_key_value().map(|(serial, _)| *serial);
        if let Some(serial) = before.filter(|serial| Some(*serial) == last) {
            self.items.insert(serial, Item::Message(message));
            return (serial, true);
        }
        if let Some(serial) = before {
            self.items.remove(&serial);
        }
        let id = message.id;
        let serial = self.push(Item::Message(message));
        self.places.insert(id, serial);
        (serial, false)
    }

    /// A message that changed where it is; false when it is not there.
    pub(super) fn change(&mut self, message: Message) -> bool {
        let Some(serial) = self.places.get(&message.id) else { return false };
        self.items.insert(*serial, Item::Message(message));
        true
    }

    pub(super) fn note(&mut self, at: u64, happening: Happening) -> u64 {
        self.push(Item::Happening { at, happening })
    }

    pub(super) fn remove(&mut self, id: &MessageId) -> bool {
        self.places.remove(id).and_then(|serial| self.items.remove(&serial)).is_some()
    }

    pub(super) fn replace(&mut self, items: Vec<TimelineItem>) {
        self.items.clear();
        self.places.clear();
        for item in items {
            match item {
                TimelineItem::Message(message) => {
                    self.put(message);
                }
                TimelineItem::Happening { at, happening } => {
                    self.note(at, happening);
                }
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.places.clear();
    }

    fn push(&mut self, item: Item) -> u64 {
        let serial = self.next;
        self.next += 1;
        self.items.insert(serial, item);
        while self.items.len() > TIMELINE_ITEMS {
            if let Some((_, Item::Message(message))) = self.items.pop_first() {
                self.places.remove(&message.id);
            }
        }
        serial
    }
}
