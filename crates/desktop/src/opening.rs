//! Opens the window: makes its parts and wires them together.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use shepot_app::{App, Layout, OutsideMsg, Page, Setup};
use shepot_client::Event;
use shepot_client::limits::QUIT_PATIENCE;
use shepot_preferences::Preferences;
use shepot_view::clock::WallClock;
use shepot_view::{L10n, Language};
use shepot_window as ui;
use slint::winit_030::WinitWindowAccessor as _;
use slint::{ComponentHandle as _, LogicalSize, ModelRc};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::engine_link::{EngineLink, StartError};
use crate::memory::{FieldMemory, Frame, PickerMemory, TableMemory, Timers};
use crate::notices::Notices;
use crate::painter::Painter;
use crate::program::{Options, Program, on_window};
use crate::saved::{Problem, Saved};
use crate::shown::Shown as _;
use crate::system_clipboard::SystemClipboard;
use crate::timeline::list::MessageList;
use crate::{
    clipboard, composer, connections, dialogs, emoji_picker, ending, first_run, glyphs, hosting, invitation,
    keyboard, lock, members, menu, panic_button, profile, qr_entry, rail, reactions, room, safety_code,
    search, server_dialog, servers_page, settings, sidebar, switcher, timeline, toast, window, zone,
};

/// The nick of an engine that nobody uses yet.
const NOBODY: &str = "nobody";

/// Why the window cannot be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The toolkit refused, for this reason.
    Window(slint::PlatformError),
    /// The system has no threads to give.
    Engine,
}

impl Program {
    /// Opens the window of a new program.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the toolkit or the system refuses.
    pub fn open(mut options: Options) -> Result<Rc<Self>, OpenError> {
        thread_local! {
            static NEXT: Cell<u32> = const { Cell::new(1) };
        }
        let number = NEXT.replace(NEXT.get() + 1);
        let entry = std::mem::take(&mut options.entry);
        let (saved, mut preferences, problem) = Saved::load(options.preferences.clone());
        let app = ui::App::new().map_err(OpenError::Window)?;
        let engine = EngineLink::start(number, NOBODY, deliver).map_err(|error| match error {
            StartError::Runtime | StartError::Nick => OpenError::Engine,
        })?;
        let relay = preferences.hosting.as_ref().map(shepot_app::local_relay::kept_relay);
        let is_damaged = matches!(relay, Some(Err(_)));
        if let Some(hosting) = preferences.hosting.as_mut().filter(|_| is_damaged) {
            // Another relay in its place is what the person has to want.
            hosting.starts_with_program = false;
        }
        let state = App::new(setup(&options, preferences, saved.is_incognito()), options.clock.now());
        let program = Rc::new(Self {
            engine,
            number,
            state: RefCell::new(state),
            reaction: reactions::react,
            relay: RefCell::new(relay.and_then(Result::ok).unwrap_or_default()),
            saved: RefCell::new(saved),
            painter: RefCell::new(Painter::new()),
            list: RefCell::new(MessageList::new()),
            clipboard: RefCell::new(SystemClipboard::new(options.uses_system)),
            notices: RefCell::new(Notices::new(options.uses_system)),
            frame: Frame::default(),
            field: RefCell::new(FieldMemory::default()),
            picker: RefCell::new(PickerMemory::default()),
            visitor_table: RefCell::new(TableMemory::default()),
            timers: Timers::default(),
            options,
            app,
        });
        program.frame.size_kept.set(program.preferences().window);
        program.register();
        wire(&program);
        program.send(OutsideMsg::Begin);
        handed(&program, entry);
        program.app.invoke_focus_page();
        complain(&program, problem, is_damaged);
        Ok(program)
    }

    /// Shows the window, and uses what the system offers for it.
    ///
    /// # Errors
    ///
    /// The toolkit's reason if it cannot show the window.
    pub fn show(self: &Rc<Self>) -> Result<(), slint::PlatformError> {
        if let Some((width, height)) = self.preferences().window {
            #[allow(clippy::cast_precision_loss, reason = "the size of a window")]
            self.app.window().set_size(LogicalSize::new(width as f32, height as f32));
        }
        self.app.show()?;
        window::shown(self);
        if self.options.uses_system {
            self.engine.spawn(ending::watch(self.number));
        }
        if let Some(instance) = &self.options.instance {
            let number = self.number;
            self.engine.spawn(instance.listen(move |entry| {
                on_window(number, move |program| {
                    program.to_front();
                    handed(program, entry);
                })
            }));
        }
        Ok(())
    }

    /// Brings the window to the front, if the system allows it.
    pub(crate) fn to_front(&self) {
        self.app.window().set_minimized(false);
        let _ = self.app.show();
        self.app.window().with_winit_window(|window| window.focus_window());
    }

    /// Leaves all circles and stops the relay here, after the window's loop has ended. Takes three seconds at most.
    /// After panic there is nothing left to leave.
    pub fn leave(&self) {
        self.unregister();
        self.engine.quit();
        hosting::stop_and_wait(self, QUIT_PATIENCE);
    }
}

/// Takes what this start or another one was started with.
fn handed(program: &Rc<Program>, entry: Zeroizing<String>) {
    if program.state().page != Page::FirstRun {
        program.send(OutsideMsg::Handed(entry));
    } else if !entry.is_empty() {
        first_run::fill_invitation(program, &entry);
    }
}

fn setup(options: &Options, preferences: Preferences, is_incognito: bool) -> Setup {
    let kept = preferences.language.as_deref().and_then(|code| code.parse().ok());
    let language = kept.or(options.language).unwrap_or_else(|| {
        Language::of_system(["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).ok()))
    });
    let clock = WallClock::of_system(preferences.twenty_four_hours);
    Setup { l10n: L10n::new(language), clock, layout: Layout::Pages, preferences, is_incognito }
}

/// Reports what is wrong from the start.
fn complain(program: &Rc<Program>, problem: Option<Problem>, is_hosting_damaged: bool) {
    let text = problem.map(|problem| problem.sentence(&program.l10n()));
    let hosting = is_hosting_damaged.then(|| program.tr("hosting-kept-damaged", &[]));
    if hosting.is_some() {
        tracing::error!("kept server not read");
    }
    let hardened = (!program.options.is_hardened).then(|| program.tr("terminal-not-hardened", &[]));
    for text in [text, hosting, hardened].into_iter().flatten() {
        program.send(OutsideMsg::Problem(text));
    }
}

fn wire(program: &Rc<Program>) {
    let here = Rc::downgrade(program);
    program.app.global::<ui::L10n>().on_translate(move |name, _| {
        here.upgrade().map(|program| program.tr(&name, &[]).shown()).unwrap_or_default()
    });
    program.app.global::<ui::Timeline>().set_rows(ModelRc::from(program.list.borrow().model()));
    for wire in [
        timeline::wire,
        clipboard::wire,
        composer::wire,
        connections::wire,
        dialogs::wire,
        emoji_picker::wire,
        first_run::wire,
        glyphs::wire,
        invitation::wire,
        keyboard::wire,
        lock::wire,
        members::wire,
        menu::wire,
        panic_button::wire,
        profile::wire,
        qr_entry::wire,
        rail::wire,
        room::wire,
        safety_code::wire,
        search::wire,
        server_dialog::wire,
        servers_page::wire,
        settings::wire,
        sidebar::wire,
        switcher::wire,
        toast::wire,
        window::wire,
    ] {
        wire(program);
    }
}

/// Gives the engine's events to the program with this number, and confirms it.
fn deliver(number: u32, events: Vec<Event>, told: oneshot::Sender<()>) -> bool {
    on_window(number, move |program| {
        zone::look(program);
        program.events(events);
        // The receiver is gone only when the runtime is.
        let _ = told.send(());
    })
}
