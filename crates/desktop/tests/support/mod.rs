//! The real component tree without a display: tests click, type, and look at what a screen reader would be told.
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]
#![allow(dead_code, reason = "each test uses a part of it")]

use std::future::Future;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use i_slint_backend_testing::{ElementHandle, TestingBackend, TestingBackendOptions};
use shepot_desktop::{Options, Program};
use shepot_preferences::PreferencesFile;
use shepot_view::Language;
use shepot_view::clock::Clock;
use slint::platform::{Key, PointerEventButton, WindowEvent};
use slint::{ComponentHandle as _, SharedString};
use zeroize::Zeroizing;

/// How long a test waits for what must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A person in front of a window.
pub(crate) struct Person {
    pub(crate) program: Rc<Program>,
}

/// Runs a test in the toolkit's loop. One in a process.
pub(crate) fn play<F: Future<Output = ()> + 'static>(test: impl FnOnce() -> F + 'static) {
    let done = Rc::new(std::cell::Cell::new(false));
    let told = Rc::clone(&done);
    play_until_it_ends(move || async move {
        test().await;
        told.set(true);
        slint::quit_event_loop().expect("the loop runs");
    });
    assert!(done.get(), "the loop ended before the test");
}

/// Runs a test at whose end the program ends by itself.
pub(crate) fn play_until_it_ends<F: Future<Output = ()> + 'static>(test: impl FnOnce() -> F + 'static) {
    slint::platform::set_platform(Box::new(TestingBackend::new(TestingBackendOptions {
        mock_time: false,
        threading: true,
        renderer_name: Some("software".into()),
    })))
    .expect("the first platform of the process");
    shepot_window::install_fonts();
    slint::spawn_local(async move { test().await }).expect("there is a loop");
    slint::run_event_loop_until_quit().expect("the loop runs");
}

/// Lets the loop run for a moment.
pub(crate) async fn breathe() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    slint::Timer::single_shot(Duration::from_millis(15), move || {
        let _ = sender.send(());
    });
    let _ = receiver.await;
}

pub(crate) fn options(language: Language, folder: Option<&Path>) -> Options {
    Options {
        preferences: folder.map(PreferencesFile::in_folder),
        instance: None,
        entry: Zeroizing::default(),
        language: Some(language),
        log: None,
        listen: vec!["127.0.0.1:0".parse().expect("an address")],
        uses_system: false,
        is_hardened: true,
        clock: Clock::of_system(),
    }
}

impl Person {
    pub(crate) async fn sits_down(options: Options) -> Self {
        let program = Program::open(options).expect("the window opens");
        program.show().expect("it shows");
        program.app.window().set_size(slint::LogicalSize::new(1280.0, 800.0));
        let person = Self { program };
        for _ in 0..4 {
            breathe().await;
        }
        person
    }

    /// Everything of this name that is on the screen.
    pub(crate) fn all(&self, label: &str) -> Vec<ElementHandle> {
        ElementHandle::find_by_accessible_label(&self.program.app, label)
            .filter(|found| found.size().width > 0.0)
            .collect()
    }

    pub(crate) fn sees(&self, label: &str) -> bool {
        !self.all(label).is_empty()
    }

    /// Whether anything that is read aloud has this in it.
    pub(crate) fn hears(&self, part: &str) -> bool {
        !self.heard(part).is_empty()
    }

    /// Everything that is read aloud and has this in it.
    pub(crate) fn heard(&self, part: &str) -> Vec<String> {
        i_slint_backend_testing::ElementQuery::from_root(&self.program.app)
            .match_descendants()
            .match_predicate(|element| element.accessible_label().is_some())
            .find_all()
            .into_iter()
            .filter_map(|element| element.accessible_label().map(String::from))
            .filter(|label| label.contains(part))
            .collect()
    }

    /// Waits until something is there.
    pub(crate) async fn waits_for(&self, what: &str, is_there: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_there(self) {
            assert!(Instant::now() < deadline, "waited in vain for {what}; there is {:#?}", self.heard(""));
            breathe().await;
        }
    }

    pub(crate) async fn waits_to_hear(&self, part: &str) {
        self.waits_for(part, |person| person.hears(part)).await;
    }

    pub(crate) async fn clicks(&self, label: &str) {
        self.waits_for(label, |person| person.sees(label)).await;
        let element = self.all(label).pop().expect("waited for");
        element.single_click(PointerEventButton::Left).await;
        breathe().await;
    }

    /// The row of the list that is read aloud with this at its beginning.
    pub(crate) fn row(&self, beginning: &str) -> ElementHandle {
        i_slint_backend_testing::ElementQuery::from_root(&self.program.app)
            .match_descendants()
            .match_accessible_role(i_slint_backend_testing::AccessibleRole::ListItem)
            .match_predicate({
                let beginning = beginning.to_owned();
                move |element| element.accessible_label().is_some_and(|label| label.starts_with(&beginning))
            })
            .find_first()
            .expect("the row is there")
    }

    /// Moves the pointer into the middle of something.
    pub(crate) async fn points_at(&self, element: &ElementHandle) {
        let (place, size) = (element.absolute_position(), element.size());
        let position = slint::LogicalPosition::new(place.x + size.width / 2.0, place.y + size.height / 2.0);
        self.program.app.window().dispatch_event(WindowEvent::PointerMoved { position });
        breathe().await;
    }

    /// Types into whatever has the keyboard.
    pub(crate) async fn types(&self, text: &str) {
        for letter in text.chars() {
            self.presses(SharedString::from(letter)).await;
        }
    }

    pub(crate) async fn presses(&self, key: impl Into<SharedString>) {
        let text = key.into();
        let window = self.program.app.window();
        window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.dispatch_event(WindowEvent::KeyReleased { text });
        breathe().await;
    }

    /// Presses a key while others are held.
    pub(crate) async fn presses_with(&self, held: &[Key], key: impl Into<SharedString>) {
        let window = self.program.app.window();
        for modifier in held {
            window.dispatch_event(WindowEvent::KeyPressed { text: (*modifier).into() });
        }
        self.presses(key).await;
        for modifier in held {
            window.dispatch_event(WindowEvent::KeyReleased { text: (*modifier).into() });
        }
        breathe().await;
    }

    pub(crate) async fn returns(&self) {
        self.presses(Key::Return).await;
    }

    /// Says something in the room that is open.
    pub(crate) async fn says(&self, text: &str) {
        self.program.app.invoke_focus_composer();
        self.types(text).await;
        self.returns().await;
    }

    /// The text that stands in a field.
    pub(crate) fn field(&self, label: &str) -> String {
        self.all(label).first().and_then(ElementHandle::accessible_value).unwrap_or_default().to_string()
    }

    /// Sits down, calls itself so, and starts a server with one click.
    pub(crate) async fn hosts(language: Language, nick: &str) -> Self {
        Self::hosts_by(Clock::of_system(), language, nick).await
    }

    /// The same by another clock.
    pub(crate) async fn hosts_by(clock: Clock, language: Language, nick: &str) -> Self {
        Self::hosts_with(Options { clock, ..options(language, None) }, language, nick).await
    }

    /// The same with other options.
    pub(crate) async fn hosts_with(options: Options, language: Language, nick: &str) -> Self {
        let person = Self::sits_down(options).await;
        let (who, start) = match language {
            Language::English => ("What should people call you?", "Start hosting"),
            Language::Russian => ("Как вас называть?", "Запустить"),
        };
        person.clicks(who).await;
        person.types(nick).await;
        person.clicks(start).await;
        person
            .waits_for("the room", |person| {
                person.hears("Message #main") || person.hears("Сообщение в комнату «общая»")
            })
            .await;
        person
    }

    /// The link in the dialog of the invitation.
    pub(crate) async fn invitation(&self) -> String {
        self.presses_with(&[Key::Control], "i").await;
        let name = if self.hears("Shepot") { "Invitation" } else { "Приглашение" };
        self.waits_for("the link", |person| person.field(name).starts_with("shepot://")).await;
        let link = self.field(name);
        self.presses(Key::Escape).await;
        self.waits_for("the dialog to close", |person| person.field(name).is_empty()).await;
        link
    }
}
