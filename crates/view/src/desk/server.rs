//! One server in the list, with everything that is known about its circle.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use shepot_client::model::{
    CircleName, ConnectionError, ConnectionState, ConversationId, Fingerprint, Message, MessageId, Person,
    PersonKey, Room, RoomId, ServerId, ServerRecord, SystemEvent,
};
use shepot_sanitise::Sanitised;

use super::conversation::{Code, Comparison, Conversation, KeyChange};
use super::timeline::{Item, Timeline};
use crate::colour::Colours;
use crate::{emoji, people};

/// The most changes of the keys that are remembered.
const MOST_KEY_CHANGES: usize = 100;

/// The most pictures of people that are kept.
const MOST_AVATARS: usize = 1_024;

/// The most people who are remembered after they left, since their messages are still shown.
const MOST_GONE: usize = 4_096;

/// A server: one circle on one relay.
pub struct Server {
    /// The engine's number for it.
    pub id: ServerId,
    /// The name in the person's list.
    pub name: Sanitised,
    /// The address of its relay, as it is shown.
    pub address: String,
    /// It was added without a pin: its identity is unknown before the first connection.
    pub is_open: bool,
    /// The person is the owner of its circle.
    pub is_owner: bool,
    /// The name that the owner gave the circle; `None` if nobody has told it.
    pub circle: Option<CircleName>,
    /// The state of its connection.
    pub state: ConnectionState,
    /// The last error of its connection. `None` once it connects, or connecting begins again.
    pub error: Option<ConnectionError>,
    /// The members of the circle.
    pub people: Vec<Person>,
    /// The rooms: the main room first, the others by name.
    pub rooms: Vec<Room>,
    /// The current safety code; `None` until the engine has told it.
    pub code: Option<Code>,
    /// What its operator can see of us, as the server last said.
    pub record: Option<ServerRecord>,
    /// The connection was lost and is being made again.
    pub was_lost: bool,
    /// The connection came back, and the person has not closed the banner about it.
    pub is_back: bool,
    was_entered: bool,
    /// Those who were in the circle when the codes were the same and have not left since, and when that was.
    compared: Option<(HashSet<PersonKey>, u64)>,
    /// When the person said that others see a different code.
    differed: Option<u64>,
    key_changes: VecDeque<KeyChange>,
    conversations: BTreeMap<ConversationId, Conversation>,
    avatars: HashMap<PersonKey, Arc<Vec<u8>>>,
    picture: Option<Arc<Vec<u8>>>,
    gone: HashMap<PersonKey, Fingerprint>,
    colours: Colours,
    timeline: Timeline,
    /// The bytes that the engine keeps for it, as last reported.
    pub(super) engine_bytes: usize,
}

impl Server {
    pub(super) fn new(id: ServerId, name: Sanitised, address: String, is_open: bool, is_owner: bool) -> Self {
        Self {
            id,
            name,
            address,
            is_open,
            is_owner,
            circle: None,
            state: ConnectionState::Disconnected,
            error: None,
            people: Vec::new(),
            rooms: Vec::new(),
            code: None,
            record: None,
            was_lost: false,
            is_back: false,
            was_entered: false,
            compared: None,
            differed: None,
            key_changes: VecDeque::new(),
            conversations: BTreeMap::new(),
            avatars: HashMap::new(),
            picture: None,
            gone: HashMap::new(),
            colours: Colours::default(),
            timeline: Timeline::default(),
            engine_bytes: 0,
        }
    }

    /// The messages and events.
    #[must_use]
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    pub(super) const fn timeline_mut(&mut self) -> &mut Timeline {
        &mut self.timeline
    }

    /// The name without an emoji at its beginning, which interfaces draw as the server's picture.
    #[must_use]
    pub fn title(&self) -> &str {
        match self.name.split_once(char::is_whitespace) {
            Some((first, rest)) if emoji::alone(first) == Some(1) && !rest.trim().is_empty() => rest.trim(),
            Some(_) | None => &self.name,
        }
    }

    /// Whether it is connected and we are in its circle.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.state == ConnectionState::Connected
    }

    /// Whether a connection is being made, for the first time or again.
    #[must_use]
    pub const fn is_connecting(&self) -> bool {
        matches!(
            self.state,
            ConnectionState::Connecting | ConnectionState::Waiting | ConnectionState::Reconnecting { .. }
        )
    }

    /// Whether it has a session, connected or not.
    #[must_use]
    pub fn has_session(&self) -> bool {
        self.is_connected() || self.is_connecting()
    }

    /// Whether its session ended by itself, and the person has not left it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state == ConnectionState::Ended
    }

    /// Whether leaving would lose something: a session, or the messages of one that is over.
    #[must_use]
    pub fn has_something_to_lose(&self) -> bool {
        self.has_session() || self.timeline.messages() > 0
    }

    /// Whether there is something to read: we are in its circle, or its session ended and the messages stay.
    #[must_use]
    pub fn shows_conversation(&self) -> bool {
        self.is_entered() || self.has_remains()
    }

    /// Whether its session ended by itself and left messages.
    #[must_use]
    pub fn has_remains(&self) -> bool {
        self.is_over() && self.timeline.messages() > 0
    }

    /// Whether we are in its circle, or were and are coming back.
    #[must_use]
    pub fn is_entered(&self) -> bool {
        self.has_session() && self.was_entered
    }

    /// The room with this number.
    #[must_use]
    pub fn room(&self, id: RoomId) -> Option<&Room> {
        self.rooms.iter().find(|room| room.id == id)
    }

    /// We ourselves; `None` outside the circle.
    #[must_use]
    pub fn own(&self) -> Option<&Person> {
        self.people.iter().find(|person| person.is_self)
    }

    /// Whether we wrote the message.
    #[must_use]
    pub fn is_own(&self, message: &Message) -> bool {
        self.own().is_some_and(|own| own.key == message.author)
    }

    /// Our last message in a conversation that is not deleted.
    #[must_use]
    pub fn last_own(&self, conversation: ConversationId) -> Option<MessageId> {
        let own = self.own()?.key;
        self.timeline.iter().rev().find_map(|(_, item)| match item {
            Item::Message(message)
                if message.author == own && message.conversation == conversation && !message.is_deleted =>
            {
                Some(message.id)
            }
            Item::Message(_) | Item::SystemEvent { .. } => None,
        })
    }

    /// Whether we reacted to a message with this emoji.
    #[must_use]
    pub fn has_reacted(&self, message: &MessageId, emoji: &str) -> bool {
        let own = self.own().map(|own| own.key);
        let reactions = self.timeline.get(message).map(|message| &message.reactions);
        reactions
            .into_iter()
            .flatten()
            .any(|reaction| reaction.emoji == emoji && own.is_some_and(|own| reaction.people.contains(&own)))
    }

    /// The others who are typing in a conversation at `now_ms`.
    #[must_use]
    pub fn typing(&self, conversation: ConversationId, now_ms: u64) -> Vec<&Person> {
        let typing = self.conversation(conversation).map(|known| known.typing(now_ms)).unwrap_or_default();
        typing.iter().filter_map(|key| self.person(key)).filter(|person| !person.is_self).collect()
    }

    /// The member with this key.
    #[must_use]
    pub fn person(&self, key: &PersonKey) -> Option<&Person> {
        self.people.iter().find(|person| person.key == *key)
    }

    /// The colour of somebody who is or was in the circle.
    #[must_use]
    pub fn colour_of(&self, key: &PersonKey) -> u8 {
        self.colours.of(key)
    }

    /// The mark that distinguishes somebody from others with the same nick; `None` if nobody else has it.
    #[must_use]
    pub fn mark_of(&self, key: &PersonKey, nick: &str) -> Option<String> {
        if !people::collides(nick, key, &self.people) {
            return None;
        }
        let fingerprint =
            self.person(key).map(|person| &person.fingerprint).or_else(|| self.gone.get(key))?;
        Some(people::short_mark(fingerprint))
    }

    /// Bytes of messages, pictures and drafts. The messages are the engine's: what it last reported counts them, too.
    pub(super) fn held_bytes(&self) -> usize {
        let pictures: usize = self.avatars.values().chain(&self.picture).map(|picture| picture.len()).sum();
        let drafts: usize = self.conversations.values().map(|conversation| conversation.draft.len()).sum();
        self.timeline.held_bytes().max(self.engine_bytes) + pictures + drafts
    }

    /// The picture of a person as it was sent. Decode it under limits.
    #[must_use]
    pub fn avatar_of(&self, key: &PersonKey) -> Option<&Arc<Vec<u8>>> {
        self.avatars.get(key)
    }

    /// The picture of the circle as it was sent. Decode it under limits.
    #[must_use]
    pub const fn picture(&self) -> Option<&Arc<Vec<u8>>> {
        self.picture.as_ref()
    }

    pub(super) fn set_picture(&mut self, image: Vec<u8>) {
        self.picture = if image.is_empty() { None } else { Some(Arc::new(image)) };
    }

    /// What is kept about a conversation; `None` if nothing is yet.
    #[must_use]
    pub fn conversation(&self, id: ConversationId) -> Option<&Conversation> {
        self.conversations.get(&id)
    }

    /// What is kept about a conversation, to change it.
    pub fn conversation_mut(&mut self, id: ConversationId) -> &mut Conversation {
        self.conversations.entry(id).or_default()
    }

    /// Unread messages, and those of them that mention the person. Muted and deleted rooms do not count.
    #[must_use]
    pub fn unread(&self) -> (u64, u64) {
        let heard = self.conversations.iter().filter(|(id, one)| !one.is_muted && !self.is_gone(**id));
        heard.fold((0, 0), |sum, (_, one)| (sum.0 + one.unread, sum.1 + one.mentions))
    }

    /// The result of comparing the safety code.
    #[must_use]
    pub fn comparison(&self) -> Comparison {
        if let Some(at) = self.differed {
            return Comparison::Differs { at };
        }
        match &self.compared {
            None => Comparison::NotYet,
            // Who left makes it no less true, nor who lost track and came back with the key that it had.
            Some((compared, at)) => {
                let is_own = self.own().is_some_and(|own| compared.contains(&own.key));
                let are_all = self.people.iter().all(|person| compared.contains(&person.key));
                if is_own && are_all { Comparison::Same { at: *at } } else { Comparison::Outdated }
            }
        }
    }

    /// Notes that others see the same code. Returns false, and notes nothing, if the code has changed in the meantime.
    /// `at`: seconds since 1970.
    pub fn code_is_the_same(&mut self, code: Code, at: u64) -> bool {
        let is_current = self.code == Some(code);
        if is_current {
            self.compared = Some((self.people.iter().map(|person| person.key).collect(), at));
            self.differed = None;
            self.is_back = false;
        }
        is_current
    }

    /// Notes that others see a different code. Stays until it is compared again: an attacker in the middle could let
    /// somebody come and go. `at`: seconds since 1970.
    pub fn code_differs(&mut self, at: u64) {
        self.compared = None;
        self.differed = Some(at);
        self.is_back = false;
    }

    /// The changes of the keys in this session, oldest first.
    pub fn key_changes(&self) -> impl DoubleEndedIterator<Item = &KeyChange> {
        self.key_changes.iter()
    }

    /// Takes a conversation off this screen: its messages, and all events so far.
    pub fn clear_conversation(&mut self, id: ConversationId) {
        self.timeline.clear_conversation(id);
        let next = self.timeline.next();
        let conversation = self.conversation_mut(id);
        conversation.unread = 0;
        conversation.mentions = 0;
        conversation.first_unread = None;
        conversation.begins_at = next;
    }

    /// Takes all conversations off this screen.
    pub fn clear(&mut self) {
        self.timeline.clear();
        self.conversations.values_mut().for_each(|conversation| {
            conversation.unread = 0;
            conversation.mentions = 0;
            conversation.first_unread = None;
        });
    }

    pub(super) fn set_state(&mut self, state: ConnectionState) {
        let reconnects = matches!(state, ConnectionState::Reconnecting { .. });
        if state == ConnectionState::Connected {
            self.is_back = self.was_lost;
            self.was_lost = false;
            self.was_entered = true;
            self.error = None;
        } else if reconnects && (self.is_connected() || self.was_lost) {
            self.was_lost = true;
            self.is_back = false;
        } else if state == ConnectionState::Connecting {
            self.error = None;
        }
        self.state = state;
    }

    pub(super) fn set_people(&mut self, people: Vec<Person>) {
        if let Some((compared, _)) = &mut self.compared {
            // Whoever goes, and comes in again, is somebody to compare with again. Where we are in no group nobody
            // went.
            if !people.is_empty() {
                compared.retain(|key| people.iter().any(|person| person.key == *key));
            }
        }
        for left in self.people.iter().filter(|person| !people.iter().any(|other| other.key == person.key)) {
            if self.gone.len() < MOST_GONE {
                self.gone.insert(left.key, left.fingerprint);
            }
        }
        self.colours.give(&self.people, &people);
        let is_known =
            |key: &PersonKey| self.gone.contains_key(key) || people.iter().any(|person| person.key == *key);
        self.colours.retain(is_known);
        self.people = people;
    }

    pub(super) fn set_rooms(&mut self, mut rooms: Vec<Room>) {
        // The main room first, the others by name: the same for everybody.
        rooms.sort_by_cached_key(|room| (room.id != RoomId::MAIN, room.name.to_lowercase(), room.id));
        self.rooms = rooms;
    }

    /// Whether the circle no longer has this conversation. False as long as the rooms are not known.
    pub(super) fn is_gone(&self, conversation: ConversationId) -> bool {
        self.is_connected() && !self.rooms.is_empty() && self.room(conversation.room()).is_none()
    }

    /// Takes the drafts out of rooms that are gone.
    pub(super) fn take_drafts_of_the_gone(&mut self) -> Vec<(ConversationId, String)> {
        let written = self.conversations.iter().filter(|(_, conversation)| !conversation.draft.is_empty());
        let gone: Vec<_> = written.map(|(id, _)| *id).filter(|id| self.is_gone(*id)).collect();
        gone.into_iter().map(|id| (id, std::mem::take(&mut self.conversation_mut(id).draft))).collect()
    }

    pub(super) fn set_avatar(&mut self, person: PersonKey, image: Vec<u8>) {
        if image.is_empty() {
            self.avatars.remove(&person);
        } else if self.avatars.len() < MOST_AVATARS || self.avatars.contains_key(&person) {
            self.avatars.insert(person, Arc::new(image));
        }
    }

    pub(super) fn set_code(&mut self, code: Code) {
        self.code = Some(code);
    }

    /// Remembers an event that changed the keys. [`Update::KeysChanged`](super::Update) comes separately.
    pub(super) fn note_keys(&mut self, at: u64, event: &SystemEvent) {
        let changes = matches!(
            event,
            SystemEvent::Entered { .. }
                | SystemEvent::Joined { .. }
                | SystemEvent::Returned { .. }
                | SystemEvent::Left { .. }
                | SystemEvent::Evicted { .. }
                | SystemEvent::InvitationsRenewed
                | SystemEvent::Rejoined
                | SystemEvent::RelayRestarted
        );
        if changes {
            self.key_changes.push_back(KeyChange { at, event: event.clone() });
            if self.key_changes.len() > MOST_KEY_CHANGES {
                self.key_changes.pop_front();
            }
        }
    }

    pub(super) fn gone(&mut self, messages: &[MessageId]) -> bool {
        let mut any = false;
        for message in messages {
            if let Some(said) = self.timeline.get(message)
                && let Some(conversation) = self.conversations.get_mut(&said.conversation)
            {
                conversation.goes(said, &self.timeline);
            }
            any |= self.timeline.remove(message);
        }
        any
    }

    /// We joined again, perhaps another group with unknown leaves: earlier comparisons no longer count.
    pub(super) fn joined_anew(&mut self) {
        if let Some((compared, _)) = &mut self.compared {
            compared.clear();
        }
    }

    /// The session ended by itself: messages and drafts stay until the person discards them. So does the note that
    /// others saw a different code: an attacker in the middle could end the session to hide it.
    pub(super) fn end_session(&mut self) {
        self.code = None;
        self.record = None;
        self.compared = None;
        self.was_entered = false;
        self.was_lost = false;
        self.is_back = false;
        self.key_changes = VecDeque::new();
    }

    /// The person has left the session: nothing of it stays.
    pub(super) fn forget_session(&mut self) {
        self.conversations.values_mut().for_each(|conversation| conversation.draft.clear());
        self.differed = None;
        self.circle = None;
        self.picture = None;
        self.begin_session();
    }

    /// Another session begins: of the last one only drafts and muted rooms stay.
    pub(super) fn begin_session(&mut self) {
        self.end_session();
        self.people = Vec::new();
        self.rooms = Vec::new();
        // That a room is muted belongs to the person, not to the session.
        self.conversations = std::mem::take(&mut self.conversations)
            .into_iter()
            .filter(|(_, conversation)| conversation.is_muted || !conversation.draft.is_empty())
            .map(|(id, Conversation { is_muted, draft, .. })| {
                (id, Conversation { is_muted, draft, ..Conversation::default() })
            })
            .collect();
        self.avatars = HashMap::new();
        self.engine_bytes = 0;
        self.gone = HashMap::new();
        self.colours = Colours::default();
        self.timeline = Timeline::default();
    }
}
