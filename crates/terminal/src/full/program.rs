//! The state of the full-screen client, and what happens to it: events of the engine go in, effects come out.
//!
//! Owns: what the person looks at, what is written, what lies over it. Must never: draw, wait, or reach the engine, the
//! relay or the terminal by itself: what is to be done is an [`Effect`].

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use shepot_client::model::{ConnectionState, MessageId, Mistake, PersonKey, RoomId, ServerId};
use shepot_client::{Action, Command, Event, OnServer};
use shepot_console::theme::Theme;
use shepot_hosting::{Visitors, with_address, with_port};
use shepot_relay::{ConnectionId, Reach};
use shepot_view::clock::WallClock;
use shepot_view::desk::{Desk, Place, Rows, Server, Update, Writing};
use shepot_view::passphrase::Passphrase;
use shepot_view::{Words, sentence};
use zeroize::Zeroizing;

use super::composer::Composer;
use super::field::Field;
use super::list::List;
use super::over::{Ask, Invited, Over};

/// How long a word about what just happened stays.
const TOAST: Duration = Duration::from_secs(5);

/// Within what time the keys of panic have to be pressed twice.
const TWICE: Duration = Duration::from_millis(1_500);

/// What is to be done outside.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// The person has a nick: the engine can start.
    Start(String),
    /// Something for the engine.
    Engine(Box<EngineCommand>),
    /// A relay in this process.
    Host,
    StopHosting,
    /// A look at the relay in this process.
    LookAtVisitors,
    /// Ends a connection to it.
    Disconnect(ConnectionId),
    /// Shuts an address out of it.
    Ban(IpAddr),
    /// Lets an address in again.
    LiftBan(IpAddr),
    /// Into the clipboard, by way of the terminal (OSC 52).
    Copy(Zeroizing<String>),
    /// Out of the clipboard, where something was put there.
    ForgetCopied,
    /// The terminal's bell.
    Ring,
    /// The end, with a farewell.
    Quit,
    /// The end, at once.
    Panic,
}

/// A command for the engine. Compared by what tests look at: the command itself is not comparable, and holds secrets.
#[derive(Clone)]
pub(super) struct EngineCommand(pub(super) Command);

impl PartialEq for EngineCommand {
    fn eq(&self, other: &Self) -> bool {
        let written = |command: &Command| {
            if let Command::On(on) = command {
                serde_json::to_string(on)
            } else {
                serde_json::to_string(command)
            }
        };
        written(&self.0).ok() == written(&other.0).ok()
    }
}

impl Eq for EngineCommand {}

/// Where the keys go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Focus {
    #[default]
    Composer,
    /// The list of messages.
    List,
}

/// A word about what just happened.
pub(super) struct Toast {
    pub(super) text: String,
    pub(super) is_problem: bool,
    until: Instant,
}

/// Nothing is shown until the passphrase is given.
#[derive(Default)]
pub(super) struct Locked {
    pub(super) field: Field,
    pub(super) error: String,
}

/// Where others reach the relay in this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostedAt {
    /// Where this program reaches it: by this its server on the list is known.
    pub(super) local: String,
    pub(super) address: String,
    pub(super) port: u16,
    pub(super) reach: Reach,
}

/// A room that was asked for and is not there yet, or not called so yet.
pub(super) struct RoomAsked {
    pub(super) server: ServerId,
    pub(super) ask: Ask,
    pub(super) name: String,
    /// The rooms that were there before.
    pub(super) known: Vec<RoomId>,
}

/// The relay in this process, as the interface knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Hosting {
    #[default]
    Off,
    Starting,
    /// Its circle's server is not on the list yet.
    Started(HostedAt),
    On(ServerId, HostedAt),
}

pub(crate) struct Program {
    pub(super) words: Words,
    pub(super) clock: WallClock,
    pub(super) theme: Theme,
    /// Emoji by their names, and no lines of box drawing.
    pub(super) is_ascii: bool,
    pub(super) desk: Desk,
    pub(super) nick: String,
    pub(super) mood: Option<u8>,
    pub(super) server: Option<ServerId>,
    pub(super) place: Option<Place>,
    pub(super) last_rooms: HashMap<ServerId, RoomId>,
    pub(super) rows: Rows,
    pub(super) list: List,
    pub(super) composer: Composer,
    pub(super) focus: Focus,
    pub(super) over: Option<Over>,
    pub(super) locked: Option<Locked>,
    pub(super) passphrase: Option<Passphrase>,
    pub(super) toast: Option<Toast>,
    pub(super) hosting: Hosting,
    /// Who is connected to the relay here, as it was looked at last.
    pub(super) visitors: Option<Box<Visitors>>,
    pub(super) shows_members: bool,
    pub(super) hits: Vec<super::hits::Hit>,
    /// Columns and lines of the screen, as it was drawn last.
    pub(super) size: (u16, u16),
    pub(super) effects: Vec<Effect>,
    /// Whose invitation was asked for to be shown.
    pub(super) wants_invitation: bool,
    /// Wrong passphrases in succession.
    pub(super) wrong: u32,
    pub(super) room_asked: Option<RoomAsked>,
    /// What was typed as an address or invitation, until it is taken.
    pub(super) typed_entry: Option<Zeroizing<String>>,
    /// Why there is no server yet.
    pub(super) not_added: String,
    /// Where a relay was that was stopped before its server was on the list: it is not wanted there.
    unwanted: Option<String>,
    /// Lines above what is seen of what is only read.
    pub(super) read_from: usize,
    retries: HashMap<ServerId, Instant>,
    panic_pressed: Option<Instant>,
    began: Instant,
}

impl Program {
    pub(super) fn new(words: Words, clock: WallClock, theme: Theme, is_ascii: bool) -> Self {
        Self {
            words,
            clock,
            theme,
            is_ascii,
            desk: Desk::default(),
            nick: String::new(),
            mood: None,
            server: None,
            place: None,
            last_rooms: HashMap::new(),
            rows: Rows::default(),
            list: List::default(),
            composer: Composer::default(),
            focus: Focus::default(),
            over: None,
            locked: None,
            passphrase: None,
            toast: None,
            hosting: Hosting::default(),
            visitors: None,
            shows_members: true,
            hits: Vec::new(),
            size: (80, 24),
            effects: Vec::new(),
            wants_invitation: false,
            wrong: 0,
            room_asked: None,
            typed_entry: None,
            not_added: String::new(),
            unwanted: None,
            read_from: 0,
            retries: HashMap::new(),
            panic_pressed: None,
            began: Instant::now(),
        }
    }

    pub(super) fn say(&self, name: &str, values: &[(&str, &str)]) -> String {
        self.words.say(name, values)
    }

    /// Milliseconds since the program began: what the desk measures by.
    pub(super) fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn tell(&mut self, text: String) {
        self.toast = Some(Toast { text, is_problem: false, until: Instant::now() + TOAST });
    }

    pub(super) fn complain(&mut self, text: String) {
        self.toast = Some(Toast { text, is_problem: true, until: Instant::now() + TOAST });
    }

    /// Time passes.
    pub(super) fn tick(&mut self) {
        self.toast.take_if(|toast| toast.until <= Instant::now());
        match &self.over {
            Some(Over::Connections(_)) => self.effects.push(Effect::LookAtVisitors),
            Some(over) if over.belongs_to_hosting() => {}
            // Nobody looks at them any more.
            Some(_) | None => self.visitors = None,
        }
    }

    pub(super) fn command(&mut self, command: Command) {
        self.effects.push(Effect::Engine(Box::new(EngineCommand(command))));
    }

    pub(super) fn on(&mut self, server: ServerId, action: Action) {
        self.command(Command::On(OnServer { server, action }));
    }

    /// Something on the server that is shown.
    pub(super) fn act(&mut self, action: Action) {
        match self.server {
            Some(server) => self.on(server, action),
            None => {
                let text = sentence::mistake(&self.words, &Mistake::NoSuchServer);
                self.complain(text);
            }
        }
    }

    pub(super) fn shown(&self) -> Option<&Server> {
        self.server.and_then(|id| self.desk.server(id))
    }

    /// The name of the room that is shown.
    pub(super) fn room_name(&self) -> String {
        let rooms = self.shown().map(|server| server.rooms.as_slice()).unwrap_or_default();
        sentence::room_name(&self.words, self.place.map_or(RoomId::MAIN, |place| place.room), rooms)
    }

    /// The person has a nick.
    pub(super) fn is_called(&mut self, nick: &str) {
        nick.clone_into(&mut self.nick);
    }

    // Where the person is.

    /// Goes to a room.
    pub(super) fn go(&mut self, place: Place) {
        if self.place == Some(place) {
            return;
        }
        self.leave_room();
        self.server = Some(place.server);
        self.place = Some(place);
        self.last_rooms.insert(place.server, place.room);
        self.list = List::default();
        self.focus = Focus::Composer;
        let draft = self.desk.conversation_mut(place).map(|known| known.draft.clone()).unwrap_or_default();
        self.composer.enter(place, &draft);
        self.rebuild();
    }

    /// Goes to a server: to the room where the person was last.
    pub(super) fn go_to_server(&mut self, id: ServerId) {
        let Some(server) = self.desk.server(id) else { return };
        let last = self.last_rooms.get(&id).copied().filter(|room| server.room(*room).is_some());
        let room = last.or_else(|| server.rooms.first().map(|room| room.id)).unwrap_or(RoomId::MAIN);
        self.go(Place { server: id, room });
    }

    fn leave_room(&mut self) {
        let Some(place) = self.place else { return };
        let draft = self.composer.leave(place);
        if let Some(conversation) = self.desk.conversation_mut(place) {
            conversation.draft = draft;
            conversation.first_unread = None;
        }
    }

    /// What is on the screen is read: not where the person reads further up.
    pub(super) fn looked(&mut self) {
        let is_looked_at = self.locked.is_none() && self.list.anchor.is_none();
        self.desk.look_at(self.place.filter(|_| is_looked_at));
    }

    pub(super) fn rebuild(&mut self) {
        let writing = Writing { words: &self.words, clock: &self.clock };
        self.rows = match self.place.and_then(|place| Some((place.room, self.desk.server(place.server)?))) {
            Some((room, server)) => Rows::of(server, room, writing),
            None => Rows::default(),
        };
        if let Some(selected) = self.list.selected {
            let is_there = self.shown().is_some_and(|server| server.timeline().get(&selected).is_some());
            if !is_there {
                self.list.selected = None;
                self.focus = Focus::Composer;
            }
        }
    }

    // What the engine tells.

    pub(super) fn event(&mut self, event: Event) {
        let now = self.now_ms();
        let before = self.over.as_ref().map(std::mem::discriminant);
        for update in self.desk.apply(event, now) {
            self.update(update);
        }
        if self.over.as_ref().map(std::mem::discriminant) != before {
            self.read_from = 0;
        }
        self.looked();
    }

    fn update(&mut self, update: Update) {
        let shown = self.server;
        match update {
            Update::Servers => self.server_may_be_gone(),
            Update::State(server) => self.state_changed(server),
            Update::Address(_) | Update::People(_) | Update::Typing(_) | Update::Avatar(..) => {
                if let Update::People(server) = update
                    && shown == Some(server)
                {
                    // Nicks that collide now have their marks.
                    self.rebuild();
                }
            }
            Update::News { is_mention, .. } => {
                if is_mention {
                    self.effects.push(Effect::Ring);
                }
            }
            Update::Rooms(server) => {
                self.room_came(server);
                let is_gone = self.place.is_some_and(|place| {
                    place.server == server
                        && self
                            .desk
                            .server(server)
                            .is_some_and(|known| !known.rooms.is_empty() && known.room(place.room).is_none())
                });
                if is_gone {
                    self.go(Place { server, room: RoomId::MAIN });
                }
            }
            Update::Appended { server, serial } if shown == Some(server) => self.appended(server, serial),
            Update::Appended { .. } => {}
            Update::Timeline(server) => {
                if self.composer.changed(&self.desk, server, self.place) {
                    let text = sentence::mistake(&self.words, &Mistake::NoSuchMessage);
                    self.complain(text);
                }
                if shown == Some(server) {
                    self.rebuild();
                }
            }
            Update::KeysChanged(server) => {
                if shown == Some(server) && self.desk.server(server).is_some_and(Server::is_connected) {
                    self.on(server, Action::SafetyCode);
                }
            }
            Update::CodeKnown(_) => {
                let current = self.code();
                if let Some(Over::Code(comparing)) = &mut self.over {
                    comparing.shown = comparing.shown.or(current);
                }
            }
            Update::Record(server) => {
                // Nothing that is being typed into is put away for it.
                if shown == Some(server) && matches!(self.over, None | Some(Over::Record)) {
                    self.over = Some(Over::Record);
                }
            }
            Update::Invitation(server) => {
                if let Some(link) = self.desk.take_invitation()
                    && std::mem::take(&mut self.wants_invitation)
                {
                    self.over = Some(Over::Invitation(self.invited(server, link)));
                }
            }
            Update::Added(server) => {
                self.typed_entry = None;
                self.not_added.clear();
                self.toast.take_if(|toast| toast.is_problem);
                let address = self.desk.server(server).map(|known| known.address.clone());
                if self.unwanted.take_if(|local| Some(&*local) == address.as_ref()).is_some() {
                    return self.command(Command::Remove { server });
                }
                if let Hosting::Started(at) = &self.hosting
                    && address.as_ref() == Some(&at.local)
                {
                    self.hosting = Hosting::On(server, at.clone());
                    let name = self.say("ui-host-name", &[]);
                    if let Some(known) = self.desk.server_mut(server) {
                        known.name = name;
                    }
                }
                self.over.take_if(|over| over.is_adding());
                self.go(Place { server, room: RoomId::MAIN });
            }
            Update::NotAdded(mistake) => {
                let text = sentence::entry_mistake(&self.words, &mistake);
                if let Some(typed) = self.typed_entry.take()
                    && self.composer.field.is_empty()
                {
                    self.composer.write(&typed);
                }
                match &mut self.over {
                    Some(over) if over.is_adding() => over.set_error(text),
                    // It stands there until there is a server.
                    Some(_) | None if self.desk.servers().is_empty() => self.not_added = text,
                    Some(_) | None => self.complain(text),
                }
            }
            Update::Problem(server, problem) => {
                let text = sentence::problem(&self.words, &problem);
                let about = self.desk.server(server);
                if shown != Some(server) {
                    let title = about.map(|server| server.title().to_owned()).unwrap_or_default();
                    self.complain(format!("{title}: {text}"));
                } else if about.is_some_and(Server::is_connected) {
                    // Otherwise it stands above the messages, for as long as it holds.
                    self.complain(text);
                }
            }
            Update::Refused(server, mistake) => {
                if let Some((place, text)) = self.composer.refused(server, &mistake, self.place)
                    && let Some(conversation) = self.desk.conversation_mut(place)
                {
                    conversation.draft = shepot_view::writing::behind(&text, &conversation.draft);
                }
                let text = sentence::mistake(&self.words, &mistake);
                let is_about_a_name = matches!(
                    mistake,
                    Mistake::RoomExists
                        | Mistake::RoomName { .. }
                        | Mistake::TooManyRooms
                        | Mistake::NoSuchRoom
                );
                let asked = self.room_asked.take_if(|asked| server.is_none_or(|id| id == asked.server));
                match asked.filter(|_| is_about_a_name) {
                    Some(asked) if self.over.is_none() => {
                        let mut over = Over::asks_again(asked.ask, &asked.name);
                        over.set_error(text);
                        self.over = Some(over);
                    }
                    Some(_) | None => self.complain(text),
                }
            }
            Update::Reload => {
                let servers: Vec<ServerId> = self.desk.servers().iter().map(|server| server.id).collect();
                for server in servers {
                    self.on(server, Action::Snapshot);
                }
            }
            Update::Ended => self.effects.push(Effect::Quit),
        }
    }

    fn appended(&mut self, server: ServerId, serial: u64) {
        let Some(place) = self.place else { return };
        self.composer.taken(server);
        let Some(known) = self.desk.server(server) else { return };
        let writing = Writing { words: &self.words, clock: &self.clock };
        self.rows.append(known, place.room, serial, writing);
    }

    /// Whoever made a room wants to be in it.
    fn room_came(&mut self, server: ServerId) {
        if self.server != Some(server) {
            return;
        }
        let Some(asked) = self.room_asked.as_ref().filter(|asked| asked.server == server) else { return };
        let rooms = self.desk.server(server).map(|known| known.rooms.as_slice()).unwrap_or_default();
        // Its name may have been cleaned on the way.
        let mut new = rooms.iter().filter(|room| !asked.known.contains(&room.id));
        let alone = new.next().filter(|_| new.next().is_none());
        let named = rooms.iter().find(|room| room.name == asked.name);
        let Some(room) = named.or(alone).map(|room| room.id) else { return };
        let is_new = matches!(asked.ask, Ask::Room(_));
        self.room_asked = None;
        if is_new {
            self.go(Place { server, room });
        }
    }

    /// How an invitation is shown: to the circle that is hosted here with the address that others use.
    pub(super) fn invited(&self, server: ServerId, link: Zeroizing<String>) -> Invited {
        let Hosting::On(hosted, at) = &self.hosting else { return Invited::plain(link) };
        if *hosted != server {
            return Invited::plain(link);
        }
        let note = match at.reach {
            Reach::Everywhere => "ui-inv-everywhere",
            Reach::Network => "ui-inv-network",
            Reach::Machine => "ui-inv-machine",
        };
        Invited {
            link: with_address(&link, &at.address).unwrap_or(link),
            note: self.say(note, &[]),
            shows_code: false,
            is_ours: true,
        }
    }

    /// The hosted circle's invitation with another address, which is taken from now on. None: it is no address.
    pub(super) fn at_address(&mut self, link: &str, typed: &str) -> Option<Invited> {
        let Hosting::On(_, at) = &mut self.hosting else { return None };
        let address = with_port(typed, at.port);
        let link = with_address(link, &address).ok()?;
        at.address = address;
        at.reach = Reach::Everywhere;
        let note = self.say("ui-inv-everywhere", &[]);
        Some(Invited { link, note, shows_code: false, is_ours: true })
    }

    /// Stops the relay here: its server leaves the list with it.
    pub(super) fn stop_hosting(&mut self) {
        match std::mem::take(&mut self.hosting) {
            Hosting::On(server, _) => self.command(Command::Remove { server }),
            Hosting::Started(at) => self.unwanted = Some(at.local),
            Hosting::Off | Hosting::Starting => {}
        }
        self.hosting_ended();
    }

    /// The relay here is not wanted any more: nothing of it stays.
    fn hosting_ended(&mut self) {
        self.visitors = None;
        self.over.take_if(|over| over.belongs_to_hosting());
        self.effects.push(Effect::StopHosting);
    }

    /// The relay here was looked at: whoever was chosen stays chosen, and nobody else is instead of who is gone.
    pub(super) fn looked_at(&mut self, visitors: Visitors) {
        if let Some(Over::Connections(chosen)) = &mut self.over {
            let meant = self.visitors.as_ref().and_then(|before| before.list.get(*chosen));
            let at = meant.and_then(|meant| visitors.list.iter().position(|now| meant.is_same_as(now)));
            *chosen = at.unwrap_or_default();
            self.visitors = Some(Box::new(visitors));
        }
    }

    fn server_may_be_gone(&mut self) {
        if let Hosting::On(id, _) = self.hosting
            && self.desk.server(id).is_none()
        {
            self.hosting = Hosting::Off;
            self.hosting_ended();
        }
        let gone = self.server.filter(|id| self.desk.server(*id).is_none());
        if let Some(gone) = gone {
            self.composer.forget(gone, self.place);
            self.over.take_if(|over| over.belongs_to_a_session());
            self.server = None;
            self.place = None;
            self.rebuild();
            self.effects.push(Effect::ForgetCopied);
            if let Some(first) = self.desk.servers().first().map(|server| server.id) {
                self.go_to_server(first);
            }
        }
    }

    fn state_changed(&mut self, id: ServerId) {
        let Some(server) = self.desk.server(id) else { return };
        let is_over = matches!(server.state, ConnectionState::Disconnected | ConnectionState::Ended);
        if let ConnectionState::Reconnecting { retry_in, .. } = server.state {
            self.retries.insert(id, Instant::now() + retry_in);
        } else {
            self.retries.remove(&id);
        }
        if is_over {
            // A link or what somebody said may be in it.
            self.effects.push(Effect::ForgetCopied);
            self.composer.forget(id, self.place);
            self.room_asked.take_if(|asked| asked.server == id);
            self.last_rooms.remove(&id);
            if self.server == Some(id) {
                // Nothing of a session outlives it, not what lies over it either.
                self.over.take_if(|over| over.belongs_to_a_session());
                self.list = List::default();
                self.focus = Focus::Composer;
                self.place = Some(Place { server: id, room: RoomId::MAIN });
            }
        }
        if self.server == Some(id) {
            self.rebuild();
            if self.desk.server(id).is_some_and(Server::is_connected) {
                self.on(id, Action::SafetyCode);
            }
        }
        let is_hosted = matches!(&self.hosting, Hosting::On(hosted, _) if *hosted == id);
        if is_hosted && self.wants_invitation && self.desk.server(id).is_some_and(Server::is_connected) {
            self.on(id, Action::Invite { owner: false });
        }
    }

    /// Seconds until the server is tried again; 0: it is being tried.
    pub(super) fn seconds_left(&self, id: ServerId) -> u64 {
        let left =
            self.retries.get(&id).map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
        u64::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
    }

    // The end.

    /// The keys of panic: the second time within a moment counts.
    pub(super) fn panic_key(&mut self) {
        if self.panic_pressed.is_some_and(|at| at.elapsed() <= TWICE) {
            self.wipe();
            return self.effects.push(Effect::Panic);
        }
        self.panic_pressed = Some(Instant::now());
        let text = self.say("ui-pn-again", &[]);
        self.complain(text);
    }

    /// Takes everything that was said or written out of memory.
    pub(super) fn wipe(&mut self) {
        self.desk = Desk::default();
        self.rows = Rows::default();
        self.list = List::default();
        self.composer = Composer::default();
        self.over = None;
        self.visitors = None;
        self.room_asked = None;
        self.typed_entry = None;
        self.locked = None;
        self.passphrase = None;
        self.toast = None;
        self.server = None;
        self.place = None;
        self.last_rooms.clear();
        self.hits.clear();
    }

    /// The chosen message, or else the last of the room.
    pub(super) fn meant_message(&self) -> Option<MessageId> {
        self.list.selected.or_else(|| {
            self.rows.list().iter().rev().find_map(|row| {
                if let shepot_view::desk::RowKind::Message { id, .. } = row.kind { Some(id) } else { None }
            })
        })
    }

    /// Writes somebody's name.
    pub(super) fn mention(&mut self, person: &PersonKey) {
        let text = self.shown().and_then(|server| {
            let person = server.person(person).filter(|person| !person.is_self)?;
            Some(format!("{} ", shepot_view::people::mention(person, &server.people)))
        });
        if let Some(text) = text {
            self.focus = Focus::Composer;
            self.composer.write(&text);
        }
    }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
