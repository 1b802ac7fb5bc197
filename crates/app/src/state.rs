//! The state of the program, and what all its parts use.
//!
//! Owns: the state, which only [`App`](crate::App) changes. Must never: do anything outside. That is left to an
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

/// How long a copied text stays in the clipboard.
pub const COPIED_FOR: Duration = Duration::from_secs(60);

/// Everything that the program knows and shows. Interfaces read it.
pub struct State {
    /// The sentences in the person's language.
    pub l10n: Rc<L10n>,
    /// The person's time zone and format of times.
    pub clock: WallClock,
    /// The moment of the message that is being handled.
    pub now: Now,
    /// How the interface arranges what is not the room.
    pub(crate) layout: Layout,
    /// The open page, in interfaces with pages.
    pub page: Page,
    /// The page from which the settings were opened.
    pub(crate) page_before: Page,
    /// The preferences, stored if the person allows it.
    pub preferences: Preferences,
    /// Whether nothing is stored, whatever the person decides.
    pub is_incognito: bool,
    /// Whether the person is using this interface now.
    pub(crate) is_active: bool,
    /// When the person last did something, on the steady clock.
    pub(crate) active_at: Now,
    /// The servers and messages that the engine's events add up to.
    pub desk: Desk,
    /// The person's nick. Empty until there is one.
    pub nick: String,
    /// The person's mood. `None`: none is on.
    pub mood: Option<u8>,
    /// The open server.
    pub server: Option<ServerId>,
    /// The open conversation.
    pub place: Option<Place>,
    pub(crate) last_places: HashMap<ServerId, Place>,
    /// The selected message, which keys act on.
    pub selected: Option<MessageId>,
    /// Whether the newest message is visible.
    pub(crate) is_looking: bool,
    /// The texts that the person is writing.
    pub composer: Composer,
    /// The search in messages.
    pub search: Search,
    /// What lies over the room.
    pub overlay: Option<Overlay>,
    /// The lock.
    pub lock: Lock,
    /// The notice about what just happened.
    pub toast: Option<Toast>,
    /// Servers that are being taken off the list.
    pub(crate) removed: HashSet<ServerId>,
    /// A notice that waits until the program is unlocked.
    pub(crate) untold: Option<(String, Sign)>,
    /// The state of the relay here.
    pub hosting: Hosting,
    /// The connections to the relay here, as they were last listed.
    pub visitors: Option<Rc<Visitors>>,
    /// Requests for invitations that are to be shown.
    pub(crate) invites: BTreeMap<RequestId, ServerId>,
    /// The circle whose invitations are being renewed. A new one is shown afterwards.
    pub(crate) renewing: Option<ServerId>,
    /// Whether to show an invitation once the hosted circle is entered.
    pub(crate) shows_invitation: bool,
    /// New invitations that replaced the person's own, as they were last shown.
    pub(crate) renewed: HashMap<ServerId, Zeroizing<String>>,
    pub(crate) room_asked: Option<RoomAsked>,
    /// Why there is no server yet, in words. Empty: nothing failed.
    pub not_added: String,
    /// Servers that are being added, and what is stored about servers.
    pub adding: Adding,
    /// The errors of the forms on the first page and the page of servers.
    pub errors: EntryErrors,
    /// Sites that the person has agreed to open.
    pub(crate) sites: HashSet<String>,
    /// When the person was last notified, on the steady clock.
    pub(crate) notified: Option<Duration>,
    pub(crate) avatar: Avatar,
    /// When the engine tries servers again, on the steady clock.
    pub(crate) retries: HashMap<ServerId, Duration>,
    pub(crate) panic_keys: PanicKeys,
    /// When our text was copied, on the steady clock, and which server was open.
    pub(crate) copied: Option<(Duration, Option<ServerId>)>,
    /// The number of the last request.
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
            active_at: now,
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

    /// The sentence with this name.
    #[must_use]
    pub fn tr(&self, name: &str, values: &[(&str, &str)]) -> String {
        self.l10n.tr(name, values)
    }

    /// The open server.
    #[must_use]
    pub fn shown(&self) -> Option<&Server> {
        self.server.and_then(|id| self.desk.server(id))
    }

    /// The name of the open room.
    #[must_use]
    pub fn room_name(&self) -> String {
        let rooms = self.shown().map(|server| server.rooms.as_slice()).unwrap_or_default();
        sentence::room_name(&self.l10n, self.place.map_or(RoomId::MAIN, |place| place.room()), rooms)
    }

    /// The seconds until the engine tries the server again. 0: it is trying.
    #[must_use]
    pub fn seconds_left(&self, id: ServerId) -> u64 {
        self.seconds_left_at(id, self.now.steady)
    }

    /// The same at another moment of the steady clock, so that an interface can count down without messages.
    #[must_use]
    pub fn seconds_left_at(&self, id: ServerId, now: Duration) -> u64 {
        let left = self.retries.get(&id).map_or(Duration::ZERO, |at| at.saturating_sub(now));
        u64::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
    }

    /// Whether our text may be in the clipboard.
    #[must_use]
    pub const fn has_copied(&self) -> bool {
        self.copied.is_some()
    }

    /// The current moment for the desk, in milliseconds of the steady clock.
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

    /// Closes the toast if it is about a problem.
    pub(crate) fn forget_problem(&mut self) {
        self.changes.toast |= self.toast.take_if(|toast| toast.is_problem()).is_some();
    }

    pub(crate) fn complain(&mut self, text: String) {
        self.say(text, Sign::Problem);
    }

    /// Says why a command was refused.
    pub(crate) fn refuse(&mut self, error: &CommandError) {
        self.complain(sentence::command_error(&self.l10n, error));
    }

    pub(crate) fn lay(&mut self, overlay: Overlay) {
        let asked = self.overlay.as_ref().is_some_and(Overlay::asks_for_passphrase);
        let is_put_off = asked && !overlay.asks_for_passphrase();
        self.overlay = Some(overlay);
        if is_put_off {
            self.passphrase_put_off();
        }
        self.changes.overlay = true;
    }

    /// Closes the overlay if it fits.
    pub(crate) fn uncover_if(&mut self, fits: impl FnOnce(&mut Overlay) -> bool) {
        self.changes.overlay |= self.overlay.take_if(fits).is_some();
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Gives the engine a command without a number.
    pub(crate) fn command(&mut self, command: Command) {
        self.effect(Effect::Engine(Box::new(EngineRequest(command.into()))));
    }

    /// Gives the engine a command with a number, to recognise its answer.
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

    /// Asks something about the open server.
    pub(crate) fn act(&mut self, action: Action) {
        match self.server {
            Some(server) => self.on(server, action),
            None => self.complain(self.tr("full-no-server", &[])),
        }
    }

    /// Takes a step that needs a circle. Says so if we are in none.
    pub(crate) fn with_session(&mut self, step: impl FnOnce(&mut Self)) {
        if self.shown().is_some_and(Server::is_entered) {
            return step(self);
        }
        if self.layout == Layout::Over && self.shown().is_some_and(|server| !server.has_session()) {
            return self.complain(self.tr("full-not-connected", &[]));
        }
        if self.server.is_none() {
            return self.complain(self.tr("full-no-server", &[]));
        }
        self.refuse(&CommandError::NotConnected);
    }

    /// What goes on while it is locked.
    #[must_use]
    pub fn lock_body(&self) -> String {
        if self.desk.servers().iter().any(Server::is_connected) {
            self.tr("ui-lk-body", &[])
        } else {
            self.tr("ui-lk-body-off", &[])
        }
    }

    /// Wipes everything that was said or written from memory.
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

    /// Whether anything is stored on this computer.
    #[must_use]
    pub fn may_keep(&self) -> bool {
        self.preferences.remembers && !self.is_incognito
    }

    /// Changes the preferences, and has them stored if that is allowed.
    pub(crate) fn keep(&mut self, change: impl FnOnce(&mut Preferences)) {
        change(&mut self.preferences);
        self.effect(Effect::Keep);
    }

    /// Opens a page.
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

    /// Closes the page: back to the one before, the room, or the first page.
    pub(crate) fn close_page(&mut self) {
        let is_empty = self.desk.servers().is_empty();
        let before = std::mem::take(&mut self.page_before);
        let has_before = self.page == Page::Settings && !matches!(before, Page::Room | Page::FirstRun);
        let first = if is_empty { Page::FirstRun } else { Page::Room };
        self.open_page(if has_before { before } else { first });
    }
}
