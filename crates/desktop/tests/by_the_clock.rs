//! What the window does by the clock, and here the test turns it: locking after idleness, the button that has to be
//! held, the keys that have to be pressed twice.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use shepot_desktop::Options;
use shepot_preferences::{Preferences, PreferencesFile};
use shepot_view::Language;
use shepot_view::clock::{Clock, Now};
use shepot_window::Shell;
use slint::ComponentHandle as _;
use slint::platform::{Key, PointerEventButton, WindowEvent};
use support::{Person, options, play_until_it_ends};

/// A clock that stands still until it is turned.
#[derive(Clone, Default)]
struct Hands(Rc<Cell<Duration>>);

impl Hands {
    fn clock(&self) -> Clock {
        let here = self.clone();
        Clock::by(move || Now { steady: here.0.get(), unix: 1_795_632_360 })
    }

    fn pass(&self, time: Duration) {
        self.0.set(self.0.get() + time);
    }
}

#[test]
fn it_locks_and_panics_when_the_time_has_come() {
    let seat: Rc<RefCell<Option<Person>>> = Rc::default();
    let taken = Rc::clone(&seat);
    play_until_it_ends(move || async move {
        let folder = tempfile::tempdir().unwrap();
        let kept = Preferences { lock_after_minutes: 5, ..Preferences::default() };
        PreferencesFile::in_folder(folder.path()).write(&kept, &kept).unwrap();
        let hands = Hands::default();
        let options = Options { clock: hands.clock(), ..options(Language::English, Some(folder.path())) };
        let nika = Person::hosts_with(options, Language::English, "nika").await;
        nika.says("a quiet word").await;
        nika.waits_to_hear("a quiet word").await;

        // The first lock asks for a passphrase; later it locks by itself when nobody was there for so long.
        nika.presses_with(&[Key::Control], "l").await;
        nika.waits_to_hear("Lock passphrase").await;
        nika.types("one").await;
        nika.presses(Key::Tab).await;
        nika.types("one").await;
        nika.returns().await;
        nika.waits_to_hear("Shepot is locked").await;
        nika.types("one").await;
        nika.returns().await;
        nika.waits_to_hear("a quiet word").await;
        hands.pass(Duration::from_secs(5 * 60));
        nika.waits_to_hear("Shepot is locked").await;
        assert!(!nika.hears("a quiet word"));
        nika.types("one").await;
        nika.returns().await;
        nika.waits_to_hear("a quiet word").await;

        // The keys, twice, but not soon after each other: it warns again.
        for _ in 0..2 {
            nika.presses_with(&[Key::Control, Key::Shift], Key::Backspace).await;
            nika.waits_to_hear("Press again").await;
            hands.pass(Duration::from_millis(1_501));
        }
        assert!(nika.hears("a quiet word"));

        // The button, let go a moment too early.
        let button = nika.all("Panic: wipe everything and quit").pop().unwrap();
        let (place, size) = (button.absolute_position(), button.size());
        let position = slint::LogicalPosition::new(place.x + size.width / 2.0, place.y + size.height / 2.0);
        let window = nika.program.app.as_weak();
        let mouse = move |event| window.upgrade().unwrap().window().dispatch_event(event);
        let left = PointerEventButton::Left;
        mouse(WindowEvent::PointerPressed { position, button: left });
        hands.pass(Duration::from_millis(999));
        let progress = |person: &Person| person.program.app.global::<Shell<'_>>().get_panic_progress();
        nika.waits_for("the ring to be almost closed", |person| progress(person) > 0.99).await;
        mouse(WindowEvent::PointerReleased { position, button: left });
        nika.waits_for("the ring to be gone", |person| progress(person) == 0.0).await;
        assert!(nika.hears("a quiet word"));

        // And held.
        *taken.borrow_mut() = Some(nika);
        mouse(WindowEvent::PointerPressed { position, button: left });
        hands.pass(Duration::from_secs(1));
    });
    let nika = seat.borrow_mut().take().expect("the program ended before its time");
    assert!(!nika.hears("a quiet word"), "{:?}", nika.heard("word"));
}
