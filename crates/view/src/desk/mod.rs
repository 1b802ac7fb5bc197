//! Everything an interface shows, as plain data: servers, rooms, people, messages and unread counters.
//!
//! Owns: the state that the engine's events add up to, and what the person looks at. An event goes in; updates come out
//! that say what to draw again. Must never: draw, wait, or keep anything of a session that the person has left.

mod conversation;
mod rows;
mod search;
mod server;
mod timeline;

pub use conversation::{Code, Comparison, Conversation, KeyChange};
pub use rows::{EventIcon, Row, RowAction, RowKey, RowKind, Rows, Writing};
pub use search::{Hit, matches, normal};
pub use server::Server;
pub use timeline::{Item, Timeline};

use shepot_client::model::{
    CommandError, ConnectionError, ConnectionState, ConversationId, Message, MessageId, PersonKey, Room,
    RoomId, ServerId, SystemEvent,
};
use shepot_client::{EntryError, Event, Outcome, RequestId};

use crate::safety::Symbols;

/// A conversation on a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The server.
    pub server: ServerId,
    /// The conversation on that server.
    pub conversation: ConversationId,
}

impl Place {
    /// The place of a room on a server.
    #[must_use]
    pub const fn in_room(server: ServerId, room: RoomId) -> Self {
        Self { server, conversation: ConversationId::Room(room) }
    }

    /// The place of the main room, which every server has.
    #[must_use]
    pub const fn main(server: ServerId) -> Self {
        Self { server, conversation: ConversationId::MAIN }
    }

    /// The room that the conversation is.
    #[must_use]
    pub const fn room(self) -> RoomId {
        self.conversation.room()
    }
}

/// What has to be drawn again, or passed on to the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// The list of servers: one was added or removed.
    Servers,
    /// The state of a server's connection.
    State(ServerId),
    /// The address of a server.
    Address(ServerId),
    /// The members of a circle.
    People(ServerId),
    /// The rooms of a circle, or their counters.
    Rooms(ServerId),
    /// The name or the picture of a circle.
    Circle(ServerId),
    /// An item was added at the end of a timeline.
    Appended {
        /// The server with that timeline.
        server: ServerId,
        /// The item's number in the timeline.
        serial: u64,
    },
    /// Items in the middle of a timeline changed or disappeared.
    Timeline(ServerId),
    /// Who is typing in a conversation.
    Typing(Place),
    /// The picture of a person.
    Avatar(ServerId, PersonKey),
    /// A message arrived that the person is not looking at.
    News {
        /// The conversation that it belongs to.
        place: Place,
        /// It mentions the person.
        is_mention: bool,
    },
    /// The group has new keys, or may have: the safety code that was known is outdated.
    KeysChanged(ServerId),
    /// The engine has told the safety code.
    CodeKnown(ServerId),
    /// The code between us and another person arrived, as requested.
    PairCode(ServerId, PersonKey, Symbols),
    /// The server has said what its operator can see of us.
    Record(ServerId),
    /// How much is in memory has changed ([`Desk::held_bytes`]).
    Memory,
    /// An invitation arrived, as requested. Take it with [`Desk::take_invitation`]. Never store or log it.
    Invitation(ServerId),
    /// A server was added: by this request, if it had a number.
    Added(Option<RequestId>, ServerId),
    /// A server was not added, and why.
    NotAdded(Option<RequestId>, EntryError),
    /// A connection failed, or a session ended with this error.
    ConnectionError(ServerId, ConnectionError),
    /// The old invitations are void. This new one, possibly an owner's, leads back into the circle.
    Renewed(ServerId, zeroize::Zeroizing<String>),
    /// A command succeeded, with what came of it.
    Done(RequestId, Outcome),
    /// A command failed.
    Refused {
        /// The number that the command was sent with; `None` if it had none.
        request: Option<RequestId>,
        /// The server that the command named; `None` if it named none.
        server: Option<ServerId>,
        /// The reason.
        error: CommandError,
    },
    /// Events were lost: the interface has to ask for snapshots.
    Reload,
    /// The engine has ended.
    Ended,
}

/// The state of an interface, made of the engine's events.
#[derive(Default)]
pub struct Desk {
    servers: Vec<Server>,
    looking: Option<Place>,
    /// The invitation that arrived last and was not taken yet.
    invitation: Option<zeroize::Zeroizing<String>>,
}

impl Desk {
    /// All servers, in the order the person gave them.
    #[must_use]
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The server with this number.
    #[must_use]
    pub fn server(&self, id: ServerId) -> Option<&Server> {
        self.servers.iter().find(|server| server.id == id)
    }

    /// The server with this number, to change what the person decides about it.
    pub fn server_mut(&mut self, id: ServerId) -> Option<&mut Server> {
        self.servers.iter_mut().find(|server| server.id == id)
    }

    /// Moves a server to position `to` of the list, or to its end.
    pub fn move_server(&mut self, id: ServerId, to: usize) {
        if let Some(from) = self.servers.iter().position(|server| server.id == id) {
            let server = self.servers.remove(from);
            self.servers.insert(to.min(self.servers.len()), server);
        }
    }

    /// Sets what the person is reading now: messages that arrive there count as read. `None`: nobody looks at the
    /// window.
    pub fn look_at(&mut self, place: Option<Place>) {
        self.looking = place;
        if let Some(conversation) = place.and_then(|place| self.conversation_mut(place)) {
            conversation.unread = 0;
            conversation.mentions = 0;
        }
    }

    /// What is kept about a conversation; `None` if nothing is yet.
    #[must_use]
    pub fn conversation(&self, place: Place) -> Option<&Conversation> {
        self.server(place.server)?.conversation(place.conversation)
    }

    /// The room of a conversation; `None` if the circle does not have it.
    #[must_use]
    pub fn room(&self, place: Place) -> Option<&Room> {
        self.server(place.server)?.room(place.room())
    }

    /// What is kept about a conversation, to change it; `None` if there is no such server.
    pub fn conversation_mut(&mut self, place: Place) -> Option<&mut Conversation> {
        self.server_mut(place.server).map(|server| server.conversation_mut(place.conversation))
    }

    /// Whether a conversation is known to be gone.
    #[must_use]
    pub fn is_gone(&self, place: Place) -> bool {
        self.server(place.server).is_some_and(|server| server.is_gone(place.conversation))
    }

    /// Takes the drafts out of conversations that are gone, to keep them elsewhere.
    pub fn take_drafts_of_the_gone(&mut self, server: ServerId) -> Vec<(Place, String)> {
        let drafts = self.server_mut(server).map(Server::take_drafts_of_the_gone).unwrap_or_default();
        drafts.into_iter().map(|(conversation, text)| (Place { server, conversation }, text)).collect()
    }

    /// Takes the invitation that arrived last.
    pub fn take_invitation(&mut self) -> Option<zeroize::Zeroizing<String>> {
        self.invitation.take()
    }

    /// Unread messages on all servers, and those of them that mention the person. Muted rooms do not count.
    #[must_use]
    pub fn unread(&self) -> (u64, u64) {
        self.servers.iter().map(Server::unread).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// Bytes of messages, pictures and drafts of all circles, with what the engine last reported beside the messages
    /// ([`shepot_client::Action::ShowMemory`]).
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.servers.iter().map(Server::held_bytes).sum()
    }

    /// The number of messages in memory.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.servers.iter().map(|server| server.timeline().messages()).sum()
    }

    /// Takes in an event. `now_ms`: milliseconds of a clock that does not jump.
    #[allow(clippy::too_many_lines, reason = "an arm for each kind")]
    pub fn apply(&mut self, event: Event, now_ms: u64) -> Vec<Update> {
        match event {
            Event::Added { request, server, name, address, is_open, is_owner, .. } => {
                self.servers.push(Server::new(server, name, address, is_open, is_owner));
                vec![Update::Servers, Update::Added(request, server)]
            }
            Event::NotAdded { request, error } => vec![Update::NotAdded(request, error)],
            Event::Removed { server } => {
                self.servers.retain(|known| known.id != server);
                vec![Update::Servers]
            }
            Event::Address { server, address } => {
                let Some(known) = self.server_mut(server) else { return Vec::new() };
                known.address = address;
                if !known.has_session() {
                    // It was about the other address.
                    known.error = None;
                }
                vec![Update::Servers, Update::Address(server)]
            }
            Event::State { server, state } => self.state(server, state),
            Event::Message { server, message } => self.message(server, message),
            Event::Changed { server, message } => {
                self.with(server, |server| server.timeline_mut().change(message))
            }
            Event::Discarded { server, message } => self.with(server, |server| server.gone(&[message])),
            Event::Gone { server, messages } => self.gone(server, &messages),
            Event::SystemEvent { server, at, system_event: event } => self.event(server, at, event),
            Event::Epoch { has_new_code: false, .. } => Vec::new(),
            Event::Epoch { server, has_new_code: true, .. } => {
                // Whatever its number: a circle that was founded anew counts from the beginning.
                self.change(server, Update::KeysChanged(server), |known| known.code = None)
            }
            Event::People { server, people } => {
                self.change(server, Update::People(server), |known| known.set_people(people))
            }
            Event::Rooms { server, rooms } => {
                self.change(server, Update::Rooms(server), |known| known.set_rooms(rooms))
            }
            Event::Circle { server, circle } => {
                self.change(server, Update::Circle(server), |known| known.circle = Some(circle))
            }
            Event::CirclePicture { server, image } => {
                self.change(server, Update::Circle(server), |known| known.set_picture(image))
            }
            Event::Typing { server, conversation, person } => {
                let place = Place { server, conversation };
                let Some(conversation) = self.conversation_mut(place) else { return Vec::new() };
                conversation.types(person, now_ms);
                vec![Update::Typing(place)]
            }
            Event::Avatar { server, person, image } => {
                self.change(server, Update::Avatar(server, person), |known| known.set_avatar(person, image))
            }
            Event::ConnectionError { server, error } => {
                if let Some(known) = self.server_mut(server) {
                    known.error = Some(error.clone());
                }
                vec![Update::ConnectionError(server, error)]
            }
            Event::Done { request, outcome } => vec![Update::Done(request, outcome)],
            Event::Refused { request, server, error } => vec![Update::Refused { request, server, error }],
            Event::Invitation { server, link } => {
                self.invitation = Some(zeroize::Zeroizing::new(link));
                vec![Update::Invitation(server)]
            }
            Event::Renewed { server, link } => vec![Update::Renewed(server, zeroize::Zeroizing::new(link))],
            Event::Memory { server, bytes } => {
                self.change(server, Update::Memory, |known| known.engine_bytes = bytes)
            }
            Event::Record { server, record } => {
                self.change(server, Update::Record(server), |known| known.record = Some(record))
            }
            Event::SafetyCode { server, symbols, epoch } => {
                self.change(server, Update::CodeKnown(server), |known| {
                    known.set_code(Code { symbols, epoch })
                })
            }
            Event::PairCode { server, person, symbols } => vec![Update::PairCode(server, person, symbols)],
            Event::Snapshot { server, state, people, rooms, items } => {
                let Some(known) = self.server_mut(server) else { return Vec::new() };
                // What the connection did meanwhile may be among what was lost.
                let mut updates = if known.state == state { Vec::new() } else { self.state(server, state) };
                let Some(known) = self.server_mut(server) else { return updates };
                known.set_people(people);
                known.set_rooms(rooms);
                known.timeline_mut().replace(items);
                // New keys may be among what was lost.
                known.code = None;
                updates.extend([
                    Update::People(server),
                    Update::Rooms(server),
                    Update::Timeline(server),
                    Update::KeysChanged(server),
                ]);
                updates
            }
            Event::Reload => {
                // That there are other keys, and that we joined anew, may be among what was lost.
                for server in &mut self.servers {
                    server.code = None;
                    server.joined_anew();
                }
                vec![Update::Reload]
            }
            Event::Ended => vec![Update::Ended],
        }
    }

    fn change(&mut self, id: ServerId, update: Update, change: impl FnOnce(&mut Server)) -> Vec<Update> {
        self.server_mut(id).map(change).map(|()| update).into_iter().collect()
    }

    fn with(&mut self, id: ServerId, change: impl FnOnce(&mut Server) -> bool) -> Vec<Update> {
        match self.server_mut(id).map(change) {
            Some(true) => vec![Update::Timeline(id)],
            Some(false) | None => Vec::new(),
        }
    }

    fn gone(&mut self, id: ServerId, messages: &[MessageId]) -> Vec<Update> {
        let Some(server) = self.server_mut(id) else { return Vec::new() };
        // What was not read yet is counted no more.
        if server.gone(messages) { vec![Update::Timeline(id), Update::Rooms(id)] } else { Vec::new() }
    }

    fn state(&mut self, id: ServerId, state: ConnectionState) -> Vec<Update> {
        let Some(server) = self.server_mut(id) else { return Vec::new() };
        let (is_left, is_over) = (state == ConnectionState::Disconnected, state == ConnectionState::Ended);
        let begins_anew = server.is_over() && !is_left && !is_over;
        server.set_state(state);
        if is_over {
            server.end_session();
        } else if is_left {
            server.forget_session();
        } else if begins_anew {
            server.begin_session();
        } else {
            return vec![Update::State(id)];
        }
        vec![Update::State(id), Update::People(id), Update::Rooms(id), Update::Timeline(id)]
    }

    fn message(&mut self, id: ServerId, message: std::sync::Arc<Message>) -> Vec<Update> {
        let place = Place { server: id, conversation: message.conversation };
        let is_looked_at = self.looking == Some(place);
        let Some(server) = self.server_mut(id) else { return Vec::new() };
        let is_own = message.delivery != shepot_client::model::Delivery::Received;
        let (message_id, is_mention) = (message.id, message.mentions_self);
        let author = message.author;
        let was_known = server.timeline().get(&message_id).is_some();
        let serial = server.timeline_mut().put(message);
        // One of ours that was confirmed stands where it stood, or at the end.
        let update = if was_known { Update::Timeline(id) } else { Update::Appended { server: id, serial } };
        let mut updates = vec![update];
        let conversation = server.conversation_mut(place.conversation);
        conversation.typed(author);
        updates.push(Update::Typing(place));
        if !was_known && !is_own && !is_looked_at {
            let line = conversation.first_unread;
            conversation.arrives(message_id, is_mention);
            if line.is_some() && line != conversation.first_unread {
                // The line “new” moves: it stands once.
                updates.push(Update::Timeline(id));
            }
            updates.push(Update::Rooms(id));
            updates.push(Update::News { place, is_mention });
        }
        updates
    }

    fn event(&mut self, id: ServerId, at: u64, event: SystemEvent) -> Vec<Update> {
        let Some(server) = self.server_mut(id) else { return Vec::new() };
        server.note_keys(at, &event);
        if event == SystemEvent::Rejoined {
            server.joined_anew();
        }
        let serial = server.timeline_mut().note(at, event);
        vec![Update::Appended { server: id, serial }]
    }

    /// The message with this id.
    #[must_use]
    pub fn message_of(&self, server: ServerId, message: &MessageId) -> Option<&Message> {
        self.server(server)?.timeline().get(message)
    }
}

#[cfg(test)]
mod tests;
