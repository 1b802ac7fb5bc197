//! The program behind the window: what its parts share, and their way to change the state.
//!
//! Owns: the component tree, the program without a toolkit (`shepot_app`), and what only a window has. Every part of
//! the window is a module whose functions take the program first, turn callbacks into messages and state into
//! properties. Must never: know what a part looks like, or decide anything.

use std::cell::{Ref, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use shepot_app::{App, Changes, Effect, Msg, OutsideMsg};
use shepot_client::Event;
use shepot_client::model::ServerId;
use shepot_hosting::LocalRelay;
use shepot_logs::Log;
use shepot_preferences::{Preferences, PreferencesFile};
use shepot_view::clock::{Clock, Now};
use shepot_view::desk::Server;
use shepot_view::{L10n, Language};
use shepot_window as ui;
use zeroize::Zeroizing;

use crate::engine_link::EngineLink;
use crate::instance::Instance;
use crate::memory::{FieldMemory, Frame, PickerMemory, TableMemory, Timers};
use crate::notices::Notices;
use crate::painter::Painter;
use crate::saved::Saved;
use crate::system_clipboard::SystemClipboard;
use crate::timeline::Tools;
use crate::timeline::list::MessageList;

/// How to start the program.
pub struct Options {
    /// Where preferences are stored. `None`: nowhere, whatever the person decides.
    pub preferences: Option<PreferencesFile>,
    /// The right to use that profile.
    pub instance: Option<Instance>,
    /// What it was started with: an invitation or an address. May be empty.
    pub entry: Zeroizing<String>,
    /// The language of the command line, which takes precedence.
    pub language: Option<Language>,
    /// The log, to show and configure it.
    pub log: Option<Log>,
    /// Where a hosted relay listens. Empty: on all addresses.
    pub listen: Vec<std::net::SocketAddr>,
    /// The windowing system is real, so its clipboard, tray and notifications are used.
    pub uses_system: bool,
    /// The process cannot be dumped.
    pub is_hardened: bool,
    /// The clock. The toolkit's timers use the toolkit's own.
    pub clock: Clock,
}

/// Carries out effects, and draws what changed.
pub(crate) type Reaction = fn(&Rc<Program>, Vec<Effect>, &Changes);

thread_local! {
    /// The programs of this thread. There is one, except in tests.
    static PROGRAMS: RefCell<HashMap<u32, Weak<Program>>> = RefCell::default();
}

/// A window and everything behind it.
pub struct Program {
    /// The component tree.
    pub app: ui::App,
    pub(crate) options: Options,
    pub(crate) number: u32,
    pub(crate) state: RefCell<App>,
    pub(crate) reaction: Reaction,
    pub(crate) engine: EngineLink,
    pub(crate) relay: RefCell<LocalRelay>,
    pub(crate) saved: RefCell<Saved>,
    pub(crate) painter: RefCell<Painter>,
    pub(crate) list: RefCell<MessageList>,
    pub(crate) clipboard: RefCell<SystemClipboard>,
    pub(crate) notices: RefCell<Notices>,
    pub(crate) frame: Frame,
    pub(crate) field: RefCell<FieldMemory>,
    pub(crate) picker: RefCell<PickerMemory>,
    pub(crate) visitor_table: RefCell<TableMemory>,
    pub(crate) timers: Timers,
}

impl Program {
    /// Lets events for this number reach this program.
    pub(crate) fn register(self: &Rc<Self>) {
        PROGRAMS.with_borrow_mut(|programs| {
            programs.insert(self.number, Rc::downgrade(self));
        });
    }

    /// Lets no more events reach this program.
    pub(crate) fn unregister(&self) {
        PROGRAMS.with_borrow_mut(|programs| programs.remove(&self.number));
    }

    /// Sends the program a message, and reacts to the result.
    pub(crate) fn send(self: &Rc<Self>, msg: impl Into<Msg>) {
        let (effects, changes) = {
            let mut state = self.state.borrow_mut();
            let effects = state.update(msg, self.now());
            (effects, state.take_changes())
        };
        (self.reaction)(self, effects, &changes);
    }

    /// Sends the program several events of the engine, and reacts once.
    pub(crate) fn events(self: &Rc<Self>, events: Vec<Event>) {
        let (effects, changes) = {
            let mut state = self.state.borrow_mut();
            let now = self.now();
            let happens = |event| state.update(OutsideMsg::Engine(event), now);
            let effects = events.into_iter().flat_map(happens).collect();
            (effects, state.take_changes())
        };
        (self.reaction)(self, effects, &changes);
    }

    /// The state of the program. Must not be held while the component tree is called.
    pub(crate) fn state(&self) -> Ref<'_, App> {
        self.state.borrow()
    }

    /// The open server.
    pub(crate) fn shown(&self) -> Option<Ref<'_, Server>> {
        Ref::filter_map(self.state.borrow(), |state| state.shown()).ok()
    }

    pub(crate) fn tr(&self, name: &str, values: &[(&str, &str)]) -> String {
        self.state().tr(name, values)
    }

    pub(crate) fn l10n(&self) -> Rc<L10n> {
        Rc::clone(&self.state().l10n)
    }

    pub(crate) fn now(&self) -> Now {
        self.options.clock.now()
    }

    pub(crate) fn preferences(&self) -> Preferences {
        self.state().preferences.clone()
    }

    /// The seconds until the engine tries a server again, as of now.
    pub(crate) fn seconds_left(&self, server: ServerId) -> u64 {
        self.state().seconds_left_at(server, self.now().steady)
    }

    /// Whether the open server has a room to show.
    pub(crate) fn has_room(&self) -> bool {
        let state = self.state();
        state
            .place
            .is_some_and(|place| state.shown().is_some_and(|server| server.room(place.room()).is_some()))
    }

    /// Says that the system has no dialog to save a file with.
    pub(crate) fn complain_of_no_dialog(self: &Rc<Self>) {
        self.send(OutsideMsg::Problem(self.tr("ui-no-file-dialog", &[])));
    }

    /// Says that the system has no dialog to choose a picture with, and how to do without.
    pub(crate) fn complain_of_no_choice(self: &Rc<Self>) {
        let (no_dialog, drop) = (self.tr("ui-no-file-dialog", &[]), self.tr("ui-drop-picture", &[]));
        self.send(OutsideMsg::Problem(format!("{no_dialog} {drop}")));
    }

    pub(crate) fn with_list<R>(&self, use_it: impl FnOnce(&mut MessageList, &mut Tools<'_>) -> R) -> R {
        let (state, mut painter) = (self.state.borrow(), self.painter.borrow_mut());
        let (desk, l10n, clock) = (&state.desk, &state.l10n, &state.clock);
        let mut tools = Tools { desk, painter: &mut painter, l10n, clock };
        let mut list = self.list.borrow_mut();
        list.set_now(self.now().unix);
        use_it(&mut list, &mut tools)
    }
}

/// Runs something with every program of this thread.
pub(crate) fn each(run: impl Fn(&Rc<Program>)) {
    let all: Vec<Rc<Program>> =
        PROGRAMS.with_borrow(|programs| programs.values().filter_map(Weak::upgrade).collect());
    all.iter().for_each(run);
}

/// Runs something with the program on the window's thread. Returns false if the window's loop is gone.
pub(crate) fn on_window(number: u32, run: impl FnOnce(&Rc<Program>) + Send + 'static) -> bool {
    slint::invoke_from_event_loop(move || {
        let program = PROGRAMS.with_borrow(|programs| programs.get(&number).and_then(Weak::upgrade));
        if let Some(program) = program {
            run(&program);
        }
    })
    .is_ok()
}
