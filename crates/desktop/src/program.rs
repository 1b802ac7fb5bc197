//! The program: what the parts of the window share, and what happens when the engine tells something.
//!
//! Owns: the state, and the order in which parts are drawn anew. Every part of the window has a module of its own that
//! takes the program as its first argument; this one must never know what a part looks like.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use shepot_client::model::ServerId;
use shepot_client::{Action, Command, OnServer, RequestId};
use shepot_logs::Log;
use shepot_preferences::{Density, Preferences, PreferencesFile, Theme};
use shepot_view::clock::{Clock, Now, WallClock};
use shepot_view::desk::{Desk, Place, Server};
use shepot_view::{L10n, Language, sentence};
use shepot_window as ui;
use slint::{ComponentHandle as _, ModelRc};

use crate::adding::Adding;
use crate::banner::BannerState;
use crate::clipboard::Clipboard;
use crate::composer::ComposerState;
use crate::dialogs::DialogState;
use crate::emoji_picker::PickerState;
use crate::engine_link::{EngineLink, StartError, register};
use crate::hosting::{self, HostState};
use crate::lock::LockState;
use crate::menu::MenuState;
use crate::painter::Painter;
use crate::panic_button::PanicState;
use crate::saved::Saved;
use crate::search::SearchState;
use crate::settings::SettingsState;
use crate::shown::Shown as _;
use crate::switcher::SwitcherState;
use crate::timeline::{MessageList, Standing, Tools};
use crate::toast::ToastState;
use crate::{
    adding, clipboard, composer, connections, dialogs, emoji_picker, first_run, glyphs, invitation, keyboard,
    lock, members, menu, notify, panic_button, profile, rail, room, safety_code, search, servers_page,
    settings, sidebar, switcher, timeline, toast, window,
};

/// The nick of an engine that nobody uses yet.
const NOBODY: &str = "nobody";

/// How the program is started.
pub struct Options {
    /// Where preferences are kept; none: nowhere, whatever the person says.
    pub preferences: Option<PreferencesFile>,
    /// Before the system's.
    pub language: Option<Language>,
    /// The log, to show it and to decide about it.
    pub log: Option<Log>,
    /// Where a relay listens that is hosted here; nothing: everywhere.
    pub listen: Vec<std::net::SocketAddr>,
    /// The windowing system is a real one: its clipboard, its tray and its notifications are used.
    pub uses_system: bool,
    /// The process cannot be dumped.
    pub is_hardened: bool,
    /// What time it is. The toolkit's timers go by the toolkit's own clock.
    pub clock: Clock,
}

/// The window cannot be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The toolkit's reason.
    Window(slint::PlatformError),
    /// The system gives no threads.
    Engine,
}

/// One window and everything behind it.
pub struct Program {
    /// The component tree.
    pub app: ui::App,
    pub(crate) options: Options,
    pub(crate) engine: EngineLink,
    pub(crate) number: u32,
    pub(crate) desk: RefCell<Desk>,
    pub(crate) l10n: RefCell<Rc<L10n>>,
    pub(crate) clock: RefCell<WallClock>,
    pub(crate) painter: RefCell<Painter>,
    pub(crate) saved: RefCell<Saved>,
    /// The room that is shown.
    pub(crate) place: Cell<Option<Place>>,
    /// The server that is shown, with a room or without.
    pub(crate) server: Cell<Option<ServerId>>,
    pub(crate) mood: Cell<Option<u8>>,
    pub(crate) is_active: Cell<bool>,
    /// The part of the window that had the keyboard.
    pub(crate) region_before: Cell<i32>,
    pub(crate) passing: slint::Timer,
    flashing: slint::Timer,
    /// The window was so narrow that members lay over the room.
    pub(crate) side_floated: Cell<bool>,
    /// The person has not closed the list of members.
    pub(crate) wants_members: Cell<bool>,
    /// How many keys have reached the window's own handler.
    pub(crate) keys_heard: Cell<u64>,
    pub(crate) list: RefCell<MessageList>,
    pub(crate) adding: RefCell<Adding>,
    pub(crate) clipboard: RefCell<Clipboard>,
    pub(crate) banner: RefCell<BannerState>,
    pub(crate) composer: RefCell<ComposerState>,
    pub(crate) typing: RefCell<Option<slint::Timer>>,
    pub(crate) dialogs: RefCell<DialogState>,
    pub(crate) picker: RefCell<PickerState>,
    pub(crate) host: RefCell<HostState>,
    pub(crate) lock: RefCell<LockState>,
    pub(crate) menu: RefCell<MenuState>,
    pub(crate) panic: RefCell<PanicState>,
    pub(crate) search: RefCell<SearchState>,
    pub(crate) settings: RefCell<SettingsState>,
    pub(crate) switcher: RefCell<SwitcherState>,
    pub(crate) toast: RefCell<ToastState>,
    pub(crate) notices: RefCell<notify::Notices>,
}

impl Program {
    /// Opens the window of a new program.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn open(options: Options) -> Result<Rc<Self>, OpenError> {
        thread_local! {
            static NEXT: Cell<u32> = const { Cell::new(1) };
        }
        let number = NEXT.get();
        NEXT.set(number + 1);
        let (saved, problem) = Saved::load(&options);
        let app = ui::App::new().map_err(OpenError::Window)?;
        let engine = EngineLink::start(number, NOBODY).map_err(|error| match error {
            StartError::Runtime | StartError::Nick => OpenError::Engine,
        })?;
        let language = language(&options, &saved.preferences);
        let clock = WallClock::of_system(saved.preferences.twenty_four_hours);
        let program = Rc::new(Self {
            engine,
            number,
            desk: RefCell::default(),
            l10n: RefCell::new(Rc::new(L10n::new(language))),
            clock: RefCell::new(clock),
            painter: RefCell::new(Painter::new()),
            place: Cell::new(None),
            server: Cell::new(None),
            mood: Cell::new(None),
            is_active: Cell::new(true),
            region_before: Cell::new(3),
            passing: slint::Timer::default(),
            flashing: slint::Timer::default(),
            side_floated: Cell::new(false),
            wants_members: Cell::new(true),
            keys_heard: Cell::new(0),
            list: RefCell::new(MessageList::new()),
            adding: RefCell::default(),
            clipboard: RefCell::new(Clipboard::new(options.uses_system)),
            banner: RefCell::default(),
            composer: RefCell::default(),
            typing: RefCell::default(),
            dialogs: RefCell::default(),
            picker: RefCell::default(),
            host: RefCell::default(),
            lock: RefCell::default(),
            menu: RefCell::default(),
            panic: RefCell::default(),
            search: RefCell::default(),
            settings: RefCell::default(),
            switcher: RefCell::default(),
            toast: RefCell::default(),
            notices: RefCell::new(notify::Notices::new(options.uses_system)),
            saved: RefCell::new(saved),
            options,
            app,
        });
        register(number, &program);
        program.wire();
        program.restyle();
        program.begin();
        if let Some(problem) = problem {
            toast::problem(&program, &program.tr(problem, &[]));
        }
        if !program.options.is_hardened {
            toast::problem(&program, &program.tr("terminal-not-hardened", &[]));
        }
        Ok(program)
    }

    fn wire(self: &Rc<Self>) {
        let here = Rc::downgrade(self);
        self.app.global::<ui::L10n>().on_translate(move |name, _| {
            here.upgrade().map(|program| program.tr(&name, &[]).shown()).unwrap_or_default()
        });
        self.app.global::<ui::Timeline>().set_rows(ModelRc::from(self.list.borrow().model()));
        timeline::wire(self);
        adding::wire(self);
        clipboard::wire(self);
        composer::wire(self);
        connections::wire(self);
        dialogs::wire(self);
        emoji_picker::wire(self);
        first_run::wire(self);
        glyphs::wire(self);
        invitation::wire(self);
        keyboard::wire(self);
        lock::wire(self);
        members::wire(self);
        menu::wire(self);
        panic_button::wire(self);
        profile::wire(self);
        rail::wire(self);
        room::wire(self);
        safety_code::wire(self);
        search::wire(self);
        servers_page::wire(self);
        settings::wire(self);
        sidebar::wire(self);
        switcher::wire(self);
        toast::wire(self);
        window::wire(self);
    }

    /// The first page, and the servers that are remembered.
    fn begin(self: &Rc<Self>) {
        let nick = self.saved.borrow().preferences.profile.nick.clone();
        if !nick.is_empty() {
            self.engine.command(Command::SetProfile { nick, mood: None });
        }
        settings::fill(self);
        sidebar::fill_moods(self);
        first_run::fill(self);
        adding::saved(self);
        let is_empty = self.saved.borrow().preferences.servers.is_empty();
        let shell = self.app.global::<ui::Shell>();
        shell.set_page(if is_empty { ui::Page::FirstRun } else { ui::Page::Chat });
        shell.set_can_switch(!is_empty);
        self.refresh_all();
        self.app.invoke_focus_page();
        hosting::resume(self);
    }

    /// Leaves every circle and stops the relay that is hosted: for when the window's loop has ended. Takes three seconds
    /// at most.
    pub fn leave(&self) {
        panic_button::leave(self);
    }

    // What the parts share.

    /// A key has reached the window's own handler.
    pub(crate) fn hears_keys(&self) {
        self.keys_heard.set(self.keys_heard.get().wrapping_add(1));
    }

    pub(crate) fn tr(&self, name: &str, values: &[(&str, &str)]) -> String {
        self.l10n().tr(name, values)
    }

    pub(crate) fn l10n(&self) -> Rc<L10n> {
        Rc::clone(&self.l10n.borrow())
    }

    pub(crate) fn now(&self) -> Now {
        self.options.clock.now()
    }

    pub(crate) fn preferences(&self) -> Preferences {
        self.saved.borrow().preferences.clone()
    }

    /// Whether anything is kept on this computer.
    pub(crate) fn may_keep(&self) -> bool {
        let saved = self.saved.borrow();
        saved.preferences.remembers && !saved.is_incognito()
    }

    /// Changes what is kept, and keeps it if the person lets it.
    pub(crate) fn change_preferences(&self, change: impl FnOnce(&mut Preferences)) {
        let failed = {
            let mut saved = self.saved.borrow_mut();
            change(&mut saved.preferences);
            saved.store().is_err()
        };
        if failed {
            tracing::warn!("preferences not written");
            toast::problem(self, &self.tr("ui-not-saved", &[]));
        }
    }

    /// Gives the server that is shown something to do.
    pub(crate) fn on_server(&self, action: Action) -> bool {
        self.server.get().is_some_and(|server| self.on(server, action))
    }

    pub(crate) fn on(&self, server: ServerId, action: Action) -> bool {
        let given = self.engine.on(server, action);
        if !given {
            toast::problem(self, &self.tr("ui-busy", &[]));
        }
        given
    }

    /// The same, where the answer matters.
    pub(crate) fn request_on(&self, server: ServerId, action: Action) -> Option<RequestId> {
        let asked = self.engine.request(Command::On(OnServer { server, action }));
        if asked.is_none() {
            toast::problem(self, &self.tr("ui-busy", &[]));
        }
        asked
    }

    /// Whether the server that is shown is connected.
    pub(crate) fn is_online(&self) -> bool {
        let desk = self.desk.borrow();
        self.server.get().and_then(|id| desk.server(id)).is_some_and(Server::is_connected)
    }

    pub(crate) fn with_list<R>(&self, use_it: impl FnOnce(&mut MessageList, &mut Tools<'_>) -> R) -> R {
        let (l10n, clock, desk) = (self.l10n(), self.clock.borrow(), self.desk.borrow());
        let mut painter = self.painter.borrow_mut();
        let mut tools = Tools { desk: &desk, painter: &mut painter, l10n: &l10n, clock: &clock };
        let mut list = self.list.borrow_mut();
        list.set_now(self.now().unix);
        use_it(&mut list, &mut tools)
    }

    /// Puts the list where it has to stand.
    pub(crate) fn stand(&self, standing: Standing) {
        let timeline = self.app.global::<ui::Timeline>();
        timeline.set_content_height(standing.height);
        self.app.invoke_scroll_to(standing.at);
        self.tell_newer();
        // Rows may stand elsewhere now.
        if !self.list.borrow().is_hovered() {
            timeline.set_hovered(-1);
        }
        timeline::tell_focus(self);
    }

    pub(crate) fn tell_newer(&self) {
        let list = self.list.borrow();
        let text = match list.newer() {
            0 if list.sticks() => String::new(),
            0 => self.tr("ui-to-end", &[]),
            newer => self.l10n().tr_count("ui-to-latest", newer),
        };
        self.app.global::<ui::Timeline>().set_newer(text.shown());
    }

    /// Shows a row in the middle and marks it for a moment.
    pub(crate) fn flash(self: &Rc<Self>, row: usize) {
        let standing = self.with_list(|list, tools| list.show_row(row, tools));
        self.stand(standing);
        let timeline = self.app.global::<ui::Timeline>();
        timeline.set_flashed(i32::try_from(row).unwrap_or(-1));
        let here = Rc::downgrade(self);
        self.flashing.start(slint::TimerMode::SingleShot, std::time::Duration::from_secs(1), move || {
            if let Some(program) = here.upgrade() {
                program.app.global::<ui::Timeline>().set_flashed(-1);
            }
        });
    }

    /// The theme, the language, the sizes: what the preferences say.
    pub(crate) fn restyle(self: &Rc<Self>) {
        let preferences = self.preferences();
        let is_dark = match preferences.theme {
            Theme::Dark => true,
            Theme::Light => false,
            Theme::System => window::system_is_dark(self),
        };
        let theme = self.app.global::<ui::Theme>();
        theme.set_dark(is_dark);
        theme.set_still(preferences.reduce_motion);
        let language = language(&self.options, &preferences);
        if self.l10n().language() != language {
            *self.l10n.borrow_mut() = Rc::new(L10n::new(language));
            let l10n = self.app.global::<ui::L10n>();
            l10n.set_revision(l10n.get_revision() + 1);
        }
        *self.clock.borrow_mut() = WallClock::of_system(preferences.twenty_four_hours);
        let shell = self.app.global::<ui::Shell>();
        shell.set_has_frame(preferences.system_frame);
        let scale = self.app.window().scale_factor();
        self.painter.borrow_mut().set(scale, is_dark);
        sidebar::fill_moods(self);
        let narrow = shell.get_is_narrow();
        let standing = self.with_list(|list, tools| {
            list.restyle(
                |measures| {
                    measures.size = f32::from(preferences.text_size);
                    measures.compact = preferences.density == Density::Compact;
                    measures.narrow = narrow;
                },
                tools,
            )
        });
        self.stand(standing);
    }

    /// What is wrong with a nick, in words; nothing when it is one.
    pub(crate) fn nick_error(&self, nick: &str) -> Option<String> {
        shepot_client::check_nick(nick.trim()).err().map(|error| self.error(&error))
    }

    /// A sentence for something that was not done.
    pub(crate) fn error(&self, error: &shepot_client::model::CommandError) -> String {
        sentence::command_error(&self.l10n(), error)
    }
}

fn language(options: &Options, preferences: &Preferences) -> Language {
    let kept = preferences.language.as_deref().and_then(|code| code.parse().ok());
    kept.or(options.language).unwrap_or_else(|| {
        Language::of_system(["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).ok()))
    })
}
