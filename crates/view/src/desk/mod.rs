//! Everything an interface shows, as plain data: servers, rooms, people, what was said, what is unread.
//!
//! Owns: the state that the engine's events add up to, and what the person looks at. An event goes in, updates come out
//! that say what has to be drawn anew. Must never: draw, wait, or keep anything of a session that the person has left.

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
    /// Which server.
    pub server: ServerId,
    /// Which conversation.
    pub conversation: ConversationId,
}

impl Place {
    /// A room of a server.
    #[must_use]
    pub const fn in_room(server: ServerId, room: RoomId) -> Self {
        Self { server, conversation: ConversationId::Room(room) }
    }

    /// The conversation that every server has.
    #[must_use]
    pub const fn main(server: ServerId) -> Self {
        Self { server, conversation: ConversationId::MAIN }
    }

    /// The room that it is.
    #[must_use]
    pub const fn room(self) -> RoomId {
        self.conversation.room()
    }
}

/// What has to be drawn anew, or to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// The list of servers: who is on it.
    Servers,
    /// A server's connection.
    State(ServerId),
    /// Where a server is.
    Address(ServerId),
    /// Who is in a circle.
    People(ServerId),
    /// The rooms of a circle, their counters.
    Rooms(ServerId),
    /// What a circle is called, and how it looks.
    Circle(ServerId),
    /// One item more at the end of a timeline.
    Appended {
        /// Whose.
        server: ServerId,
        /// Its number in the timeline.
        serial: u64,
    },
    /// Items changed or are gone.
    Timeline(ServerId),
    /// Who is typing.
    Typing(Place),
    /// Somebody's picture.
    Avatar(ServerId, PersonKey),
    /// Something came in that the person has not seen.
    News {
        /// Where.
        place: Place,
        /// The person is meant.
        is_mention: bool,
    },
    /// It changed who is in, or could be: the safety code that is known is of before.
    KeysChanged(ServerId),
    /// The safety code is known.
    CodeKnown(ServerId),
    /// The code of us and another person, that was asked for.
    PairCode(ServerId, PersonKey, Symbols),
    /// What the operator can see of us, as the server says.
    Record(ServerId),
    /// How much is in memory ([`Desk::held_bytes`]).
    Memory,
    /// An invitation that was asked for. Never store or log it.
    Invitation(ServerId),
    /// A server was added by this interface.
    Added(Option<RequestId>, ServerId),
    /// A server was not added.
    NotAdded(Option<RequestId>, EntryError),
    /// Something does not work.
    ConnectionError(ServerId, ConnectionError),
    /// Every invitation from before opens nothing any more; this one leads back. It may be an owner's.
    Renewed(ServerId, zeroize::Zeroizing<String>),
    /// A command was done.
    Done(RequestId, Outcome),
    /// A command was not done.
    Refused {
        /// Which, if it had a name.
        request: Option<RequestId>,
        /// On which server, if one was named.
        server: Option<ServerId>,
        /// Why.
        error: CommandError,
    },
    /// Events were lost: snapshots have to be asked for.
    Reload,
    /// The engine has ended.
    Ended,
}

/// The state of an interface.
#[derive(Default)]
pub struct Desk {
    servers: Vec<Server>,
    looking: Option<Place>,
    /// The invitation that was asked for last.
    invitation: Option<zeroize::Zeroizing<String>>,
}

impl Desk {
    /// The servers, in the person's order.
    #[must_use]
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// One server.
    #[must_use]
    pub fn server(&self, id: ServerId) -> Option<&Server> {
        self.servers.iter().find(|server| server.id == id)
    }

    /// One server, to change what the person decides about it.
    pub fn server_mut(&mut self, id: ServerId) -> Option<&mut Server> {
        self.servers.iter_mut().find(|server| server.id == id)
    }

    /// Puts a server at another place in the list.
    pub fn move_server(&mut self, id: ServerId, to: usize) {
        if let Some(from) = self.servers.iter().position(|server| server.id == id) {
            let server = self.servers.remove(from);
            self.servers.insert(to.min(self.servers.len()), server);
        }
    }

    /// What the person reads at this moment; what comes in there is read. None: the window is not looked at.
    pub fn look_at(&mut self, place: Option<Place>) {
        self.looking = place;
        if let Some(conversation) = place.and_then(|place| self.conversation_mut(place)) {
            conversation.unread = 0;
            conversation.mentions = 0;
        }
    }

    /// A conversation's state.
    #[must_use]
    pub fn conversation(&self, place: Place) -> Option<&Conversation> {
        self.server(place.server)?.conversation(place.conversation)
    }

    /// The room that a conversation is, while the circle has it.
    #[must_use]
    pub fn room(&self, place: Place) -> Option<&Room> {
        self.server(place.server)?.room(place.room())
    }

    /// A conversation's state, to change it.
    pub fn conversation_mut(&mut self, place: Place) -> Option<&mut Conversation> {
        self.server_mut(place.server).map(|server| server.conversation_mut(place.conversation))
    }

    /// Whether a conversation is known not to be there (any more).
    #[must_use]
    pub fn is_gone(&self, place: Place) -> bool {
        self.server(place.server).is_some_and(|server| server.is_gone(place.conversation))
    }

    /// Takes what is written in conversations that are gone: it belongs elsewhere now.
    pub fn take_drafts_of_the_gone(&mut self, server: ServerId) -> Vec<(Place, String)> {
        let drafts = self.server_mut(server).map(Server::take_drafts_of_the_gone).unwrap_or_default();
        drafts.into_iter().map(|(conversation, text)| (Place { server, conversation }, text)).collect()
    }

    /// Takes the invitation that was asked for.
    pub fn take_invitation(&mut self) -> Option<zeroize::Zeroizing<String>> {
        self.invitation.take()
    }

    /// Messages that nobody has looked at, and those among them that mean the person.
    #[must_use]
    pub fn unread(&self) -> (u64, u64) {
        self.servers.iter().map(Server::unread).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// Bytes of what was said and shown in all circles, as this interface and the engine keep it: each has its own copy of
    /// the messages. What the engine has is what it told last ([`shepot_client::Action::ShowMemory`]).
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.servers.iter().map(Server::held_bytes).sum()
    }

    /// Messages in memory.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.servers.iter().map(|server| server.timeline().messages()).sum()
    }

    /// Takes an event in. `now_ms`: milliseconds by a clock that does not jump.
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
            Event::Gone { server, messages } => self.with(server, |server| server.gone(&messages)),
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
            conversation.arrives(message_id, is_mention);
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

    /// The message of this name.
    #[must_use]
    pub fn message_of(&self, server: ServerId, message: &MessageId) -> Option<&Message> {
        self.server(server)?.timeline().get(message)
    }
}

#[cfg(test)]
mod tests;
