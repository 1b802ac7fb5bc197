//! The state of the full-screen client: events of the engine, keys and clicks go in, effects come out.
//!
//! Owns: what the person looks at, what is written, what lies over it. Must never: draw, wait, or reach the engine, the
//! relay or the terminal by itself: what is to be done is an [`Effect`].

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use shepot_app::navigation;
use shepot_client::model::{CommandError, MessageId, PersonKey, RoomId, ServerId};
use shepot_client::{Action, Command, OnServer};
use shepot_console::theme::Theme;
use shepot_hosting::Visitors;
use shepot_relay::ConnectionId;
use shepot_sanitise::Sanitised;
use shepot_view::clock::{Now, WallClock};
use shepot_view::desk::{Desk, Place, Rows, Server, Writing};
use shepot_view::passphrase::Passphrase;
use shepot_view::{L10n, sentence};
use zeroize::Zeroizing;

use super::composer::Composer;
use super::field::Field;
use super::hosted::Hosting;
use super::list::List;
use super::overlay::{Ask, Overlay};

/// How long a word about what just happened stays.
pub(super) const TOAST: Duration = Duration::from_secs(5);

/// Within what time the keys of panic have to be pressed twice.
pub(super) const TWICE: Duration = Duration::from_millis(1_500);

/// How long what was copied stays in the terminal's clipboard.
pub(super) const COPIED_FOR: Duration = Duration::from_secs(60);

/// What is to be done outside.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// The person has a nick: the engine can start.
    Start(String),
    /// Something for the engine.
    Engine(Box<EngineCommand>),
    /// A relay in this process.
    Host,
    /// The circle of the relay here has another secret: its owner comes by this invitation.
    HostRenewed(Zeroizing<String>),
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
    Copy(Sanitised),
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
    /// By the steady clock.
    until: Duration,
}

/// Nothing is shown until the passphrase is given.
#[derive(Default)]
pub(super) struct Locked {
    pub(super) field: Field,
    pub(super) error: String,
}

/// A room that was asked for and is not there yet, or not called so yet.
pub(super) struct RoomAsked {
    pub(super) server: ServerId,
    pub(super) ask: Ask,
    pub(super) name: String,
    /// The rooms that were there before.
    pub(super) known: Vec<RoomId>,
}

pub(crate) struct Program {
    pub(super) l10n: L10n,
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
    pub(super) overlay: Option<Overlay>,
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
    /// Invitations that took the place of those by which we came, as they were shown.
    pub(super) renewed: HashMap<ServerId, Zeroizing<String>>,
    /// Wrong passphrases in succession.
    pub(super) wrong: u32,
    pub(super) room_asked: Option<RoomAsked>,
    /// What was typed as an address or invitation, until it is taken.
    pub(super) typed_entry: Option<Zeroizing<String>>,
    /// Why there is no server yet.
    pub(super) not_added: String,
    /// Where a relay was that was stopped before its server was on the list: it is not wanted there.
    pub(super) unwanted: Option<String>,
    /// Lines above what is seen of what is only read.
    pub(super) read_from: usize,
    /// When servers are tried again, by the steady clock.
    pub(super) retries: HashMap<ServerId, Duration>,
    panic_pressed: Option<Duration>,
    /// When something was put into the terminal's clipboard.
    copied: Option<Duration>,
    /// The moment of what happens now.
    pub(super) now: Now,
}

impl Program {
    pub(super) fn new(l10n: L10n, clock: WallClock, theme: Theme, is_ascii: bool, now: Now) -> Self {
        Self {
            l10n,
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
            overlay: None,
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
            renewed: HashMap::new(),
            wrong: 0,
            room_asked: None,
            typed_entry: None,
            not_added: String::new(),
            unwanted: None,
            read_from: 0,
            retries: HashMap::new(),
            panic_pressed: None,
            copied: None,
            now,
        }
    }

    pub(super) fn tr(&self, name: &str, values: &[(&str, &str)]) -> String {
        self.l10n.tr(name, values)
    }

    /// The moment of everything that happens from here on.
    pub(super) const fn at(&mut self, now: Now) {
        self.now = now;
    }

    /// Milliseconds since the program began: what the desk measures by.
    pub(super) fn now_ms(&self) -> u64 {
        self.now.milliseconds()
    }

    pub(super) fn tell(&mut self, text: String) {
        self.toast = Some(Toast { text, is_problem: false, until: self.now.steady + TOAST });
    }

    pub(super) fn complain(&mut self, text: String) {
        self.toast = Some(Toast { text, is_problem: true, until: self.now.steady + TOAST });
    }

    /// Something is in the terminal's clipboard, for a while.
    pub(super) const fn was_copied(&mut self) {
        self.copied = Some(self.now.steady);
    }

    /// Whether something of ours may be in the terminal's clipboard; from now on it is not.
    pub(super) const fn forgets_copied(&mut self) -> bool {
        self.copied.take().is_some()
    }

    /// Time passes.
    pub(super) fn tick(&mut self) {
        let now = self.now.steady;
        self.toast.take_if(|toast| toast.until <= now);
        if self.copied.is_some_and(|at| now.saturating_sub(at) >= COPIED_FOR) {
            self.effects.push(Effect::ForgetCopied);
        }
        match &self.overlay {
            Some(Overlay::Connections(_)) => self.effects.push(Effect::LookAtVisitors),
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
                let text = sentence::command_error(&self.l10n, &CommandError::NoSuchServer);
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
        sentence::room_name(&self.l10n, self.place.map_or(RoomId::MAIN, |place| place.room), rooms)
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
        // It was about where the person was; what carries its own place stays.
        self.overlay.take_if(|over| over.is_about_what_is_shown());
        self.server = Some(place.server);
        self.place = Some(place);
        self.last_rooms.insert(place.server, place.room);
        self.list = List::default();
        self.focus = Focus::Composer;
        let draft = self.desk.conversation_mut(place).map(|known| known.draft.clone()).unwrap_or_default();
        self.composer.enter(place, &draft);
        self.rebuild();
        // What was said of the code holds for the code of now, which may not be known here.
        if self.shown().is_some_and(|server| server.is_connected() && server.code.is_none()) {
            self.act(Action::SafetyCode);
        }
    }

    /// Goes to a server: to the room where the person was last.
    pub(super) fn go_to_server(&mut self, id: ServerId) {
        if self.desk.server(id).is_none() {
            return;
        }
        let place = navigation::room_of(&self.desk, id, self.last_rooms.get(&id).copied());
        self.go(place.unwrap_or(Place { server: id, room: RoomId::MAIN }));
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
        let writing = Writing { l10n: &self.l10n, clock: &self.clock };
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

    /// Seconds until the server is tried again; 0: it is being tried.
    pub(super) fn seconds_left(&self, id: ServerId) -> u64 {
        let left = self.retries.get(&id).map_or(Duration::ZERO, |at| at.saturating_sub(self.now.steady));
        u64::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
    }

    // The end.

    /// The keys of panic: the second time within a moment counts.
    pub(super) fn panic_key(&mut self) {
        let now = self.now.steady;
        if self.panic_pressed.is_some_and(|at| now.saturating_sub(at) <= TWICE) {
            self.wipe();
            return self.effects.push(Effect::Panic);
        }
        self.panic_pressed = Some(now);
        let text = self.tr("ui-pn-again", &[]);
        self.complain(text);
    }

    /// Takes everything that was said or written out of memory.
    pub(super) fn wipe(&mut self) {
        self.desk = Desk::default();
        self.rows = Rows::default();
        self.list = List::default();
        self.composer = Composer::default();
        self.overlay = None;
        self.visitors = None;
        self.room_asked = None;
        self.typed_entry = None;
        self.not_added.clear();
        self.unwanted = None;
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
