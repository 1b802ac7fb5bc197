//! What there is, and what all parts of the program use.
//!
//! Owns: the state, which only [`App`](crate::App) changes. Must never: do anything outside: what is to be done is an
//! [`Effect`].

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

use shepot_client::model::MessageId;
use shepot_client::model::{CommandError, RoomId, ServerId};
use shepot_client::{Action, Command, OnServer, Request, RequestId};
use shepot_preferences::Preferences;
use shepot_relay::operator::Visitors;
use shepot_view::clock::{Now, WallClock};
use shepot_view::desk::{Desk, Place, Server};
use shepot_view::{L10n, sentence};
use zeroize::Zeroizing;

use crate::asked::RoomAsked;

use crate::avatar::Avatar;
use crate::changes::Changes;
use crate::composer::Composer;
use crate::effect::{Effect, EngineRequest};
use crate::hosting::Hosting;
use crate::kept::{Adding, EntryErrors};
use crate::lock::Lock;
use crate::overlay::Overlay;
use crate::page::{Layout, Page, Setup};
use crate::panic::PanicKeys;
use crate::search::Search;
use crate::toast::{Sign, Toast};

/// How long what was copied stays in the clipboard.
pub const COPIED_FOR: Duration = Duration::from_secs(60);

/// What the program knows and shows. Interfaces read it.
pub struct State {
    /// The sentences.
    pub l10n: Rc<L10n>,
    /// Times as people read them.
    pub clock: WallClock,
    /// The moment of what happens now.
    pub now: Now,
    /// How the interface lays out what is not the room.
    pub(crate) layout: Layout,
    /// What is shown, where there are pages.
    pub page: Page,
    /// From where the settings were opened.
    pub(crate) page_before: Page,
    /// What the person decided, and what is kept if it may be.
    pub preferences: Preferences,
    /// Nothing is kept, whatever the person says.
    pub is_incognito: bool,
    /// The interface is the one that the person uses now.
    pub(crate) is_active: bool,
    /// When the person did something last, by the steady clock.
    pub(crate) active_at: Duration,
    /// What the engine's events add up to.
    pub desk: Desk,
    /// What the person is called; empty until there is a nick.
    pub nick: String,
    /// The person's mood.
    pub mood: Option<u8>,
    /// The server that is shown.
    pub server: Option<ServerId>,
    /// The conversation that is shown.
    pub place: Option<Place>,
    pub(crate) last_places: HashMap<ServerId, Place>,
    /// The message that is chosen: keys are about it.
    pub selected: Option<MessageId>,
    /// The person looks at the end of the messages.
    pub(crate) is_looking: bool,
    /// What is written.
    pub composer: Composer,
    /// What is looked for in what was said.
    pub search: Search,
    /// What lies over the room.
    pub overlay: Option<Overlay>,
    /// Whether nothing is shown.
    pub lock: Lock,
    /// A word about what just happened.
    pub toast: Option<Toast>,
    /// Servers that are being taken off the list.
    pub(crate) removed: HashSet<ServerId>,
    /// What is to be told when it is unlocked.
    pub(crate) untold: Option<(String, Sign)>,
    /// The relay here.
    pub hosting: Hosting,
    /// Who is connected to the relay here, as it was looked at last.
    pub visitors: Option<Rc<Visitors>>,
    /// Invitations that were asked for to be shown.
    pub(crate) invites: BTreeMap<RequestId, ServerId>,
    /// The circle whose invitations are being renewed: the next is shown then.
    pub(crate) renewing: Option<ServerId>,
    /// That of the relay here is to be shown when its circle is entered.
    pub(crate) shows_invitation: bool,
    /// Invitations that took the place of those by which we came, as they were shown.
    pub(crate) renewed: HashMap<ServerId, Zeroizing<String>>,
    pub(crate) room_asked: Option<RoomAsked>,
    /// Why there is no server yet: a sentence.
    pub not_added: String,
    /// Servers that are being added, and what is kept of those that are there.
    pub adding: Adding,
    /// What is wrong with what was typed on the first page, and on the list of servers.
    pub errors: EntryErrors,
    /// Sites whose links the person has agreed to open.
    pub(crate) sites: HashSet<String>,
    /// When the person was notified last, by the steady clock.
    pub(crate) notified: Option<Duration>,
    pub(crate) avatar: Avatar,
    /// When servers are tried again, by the steady clock.
    pub(crate) retries: HashMap<ServerId, Duration>,
    pub(crate) panic_keys: PanicKeys,
    /// When something was put into the clipboard, by the steady clock, and on which server.
    pub(crate) copied: Option<(Duration, Option<ServerId>)>,
    /// How many requests have names.
    requests: u64,
    pub(crate) effects: Vec<Effect>,
    pub(crate) changes: Changes,
}

impl State {
    pub(crate) fn new(setup: Setup, now: Now) -> Self {
        let nick = setup.preferences.profile.nick.clone();
        let has_servers = !setup.preferences.servers.is_empty();
        let begins_anew = setup.layout == Layout::Pages && !has_servers;
        Self {
            l10n: Rc::new(setup.l10n),
            clock: setup.clock,
            now,
            layout: setup.layout,
            page: if begins_anew { Page::FirstRun } else { Page::Room },
            page_before: Page::Room,
            preferences: setup.preferences,
            is_incognito: setup.is_incognito,
            is_active: setup.layout == Layout::Pages,
            active_at: now.steady,
            desk: Desk::default(),
            nick,
            mood: None,
            server: None,
            place: None,
            last_places: HashMap::new(),
            selected: None,
            is_looking: true,
            composer: Composer::default(),
            search: Search::default(),
            overlay: None,
            lock: Lock::default(),
            toast: None,
            removed: HashSet::new(),
            untold: None,
            hosting: Hosting::default(),
            visitors: None,
            invites: BTreeMap::new(),
            renewing: None,
            shows_invitation: false,
            renewed: HashMap::new(),
            room_asked: None,
            not_added: String::new(),
            adding: Adding::default(),
            errors: EntryErrors::default(),
            sites: HashSet::new(),
            notified: None,
            avatar: Avatar::default(),
            retries: HashMap::new(),
            panic_keys: PanicKeys::default(),
            copied: None,
            requests: 0,
            effects: Vec::new(),
            changes: Changes::default(),
        }
    }

    /// A sentence.
    #[must_use]
    pub fn tr(&self, name: &str, values: &[(&str, &str)]) -> String {
        self.l10n.tr(name, values)
    }

    /// The server that is shown.
    #[must_use]
    pub fn shown(&self) -> Option<&Server> {
        self.server.and_then(|id| self.desk.server(id))
    }

    /// The name of the room that is shown.
    #[must_use]
    pub fn room_name(&self) -> String {
        let rooms = self.shown().map(|server| server.rooms.as_slice()).unwrap_or_default();
        sentence::room_name(&self.l10n, self.place.map_or(RoomId::MAIN, |place| place.room()), rooms)
    }

    /// Seconds until the server is tried again; 0: it is being tried.
    #[must_use]
    pub fn seconds_left(&self, id: ServerId) -> u64 {
        self.seconds_left_at(id, self.now.steady)
    }

    /// The same at another moment, by the steady clock: an interface that counts down need not tell that time passes.
    #[must_use]
    pub fn seconds_left_at(&self, id: ServerId, now: Duration) -> u64 {
        let left = self.retries.get(&id).map_or(Duration::ZERO, |at| at.saturating_sub(now));
        u64::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
    }

    /// Something of ours may be in the clipboard.
    #[must_use]
    pub const fn has_copied(&self) -> bool {
        self.copied.is_some()
    }

    /// Milliseconds since the program began: what the desk measures by.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.now.milliseconds()
    }

    pub(crate) fn tell(&mut self, text: String) {
        self.say(text, Sign::Done);
    }

    pub(crate) fn say(&mut self, text: String, sign: Sign) {
        if self.lock.is_locked() && sign != Sign::Panic {
            // It may name what is not shown; it is told when the person is back.
            self.untold = Some((text, sign));
            return;
        }
        self.toast = Some(Toast::new(text, sign, self.now.steady));
        self.changes.toast = true;
    }

    /// What went wrong before is of no interest any more.
    pub(crate) fn forget_problem(&mut self) {
        self.changes.toast |= self.toast.take_if(|toast| toast.is_problem()).is_some();
    }

    pub(crate) fn complain(&mut self, text: String) {
        self.say(text, Sign::Problem);
    }

    /// Something was not done.
    pub(crate) fn refuse(&mut self, error: &CommandError) {
        self.complain(sentence::command_error(&self.l10n, error));
    }

    pub(crate) fn lay(&mut self, overlay: Overlay) {
        self.overlay = Some(overlay);
        self.changes.overlay = true;
    }

    /// Takes away what lies over the room, where it is of this kind.
    pub(crate) fn uncover_if(&mut self, fits: impl FnOnce(&mut Overlay) -> bool) {
        self.changes.overlay |= self.overlay.take_if(fits).is_some();
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Something for the engine, whose answer nobody waits for.
    pub(crate) fn command(&mut self, command: Command) {
        self.effect(Effect::Engine(Box::new(EngineRequest(command.into()))));
    }

    /// The same, where the answer matters.
    pub(crate) fn request(&mut self, command: Command) -> RequestId {
        self.requests += 1;
        let id = RequestId(self.requests);
        self.effect(Effect::Engine(Box::new(EngineRequest(Request { id: Some(id), command }))));
        id
    }

    pub(crate) fn on(&mut self, server: ServerId, action: Action) {
        self.command(Command::On(OnServer { server, action }));
    }

    pub(crate) fn request_on(&mut self, server: ServerId, action: Action) -> RequestId {
        self.request(Command::On(OnServer { server, action }))
    }

    /// Something on the server that is shown.
    pub(crate) fn act(&mut self, action: Action) {
        match self.server {
            Some(server) => self.on(server, action),
            None => self.refuse(&CommandError::NoSuchServer),
        }
    }

    /// A step that needs a circle; told where we are in none.
    pub(crate) fn with_session(&mut self, step: impl FnOnce(&mut Self)) {
        if self.shown().is_some_and(Server::is_entered) {
            return step(self);
        }
        if self.layout == Layout::Over && self.shown().is_some_and(|server| !server.has_session()) {
            return self.complain(self.tr("full-not-connected", &[]));
        }
        let error =
            if self.server.is_some() { CommandError::NotConnected } else { CommandError::NoSuchServer };
        self.refuse(&error);
    }

    /// Takes everything that was said or written out of memory.
    pub(crate) fn wipe(&mut self) {
        self.desk = Desk::default();
        self.selected = None;
        self.composer = Composer::default();
        self.overlay = None;
        self.visitors = None;
        self.room_asked = None;
        self.adding.replacement = None;
        self.adding.until_named = None;
        self.adding.until_asked = None;
        self.adding.wrong.clear();
        self.adding.waiting.clear();
        self.errors = EntryErrors::default();
        self.not_added.clear();
        self.sites.clear();
        self.invites.clear();
        self.renewing = None;
        self.renewed.clear();
        self.lock.forget();
        self.toast = None;
        self.untold = None;
        self.server = None;
        self.place = None;
        self.last_places.clear();
        self.changes.session_over = true;
        self.changes.everything();
    }

    /// Whether anything is kept on this computer.
    #[must_use]
    pub fn may_keep(&self) -> bool {
        self.preferences.remembers && !self.is_incognito
    }

    /// Changes what is kept, and has it kept if it may be.
    pub(crate) fn keep(&mut self, change: impl FnOnce(&mut Preferences)) {
        change(&mut self.preferences);
        self.effect(Effect::Keep);
    }

    /// Another page is shown.
    pub(crate) fn open_page(&mut self, page: Page) {
        if page != self.page {
            // It was opened on another one.
            self.uncover_if(|over| over.floats());
        }
        if page == Page::Settings && self.page != Page::Settings {
            self.page_before = self.page;
        }
        self.page = page;
        self.changes.page = true;
    }

    /// Back to where there is something: the room, or the first page.
    pub(crate) fn close_page(&mut self) {
        let is_empty = self.desk.servers().is_empty();
        let before = std::mem::take(&mut self.page_before);
        let has_before = self.page == Page::Settings && !matches!(before, Page::Room | Page::FirstRun);
        let first = if is_empty { Page::FirstRun } else { Page::Room };
        self.open_page(if has_before { before } else { first });
    }
}
