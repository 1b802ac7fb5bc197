//! Lock, clear, disconnect and panic, in Russian: what is not to be seen is not there.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use shepot_testkit::Actor;
use shepot_view::Language;
use shepot_view::clock::{Clock, Now};
use slint::platform::{Key, WindowEvent};
use slint::{ComponentHandle as _, SharedString};
use support::{Person, play_until_it_ends};

#[test]
fn nothing_is_shown_that_should_not_be() {
    let seat: Rc<RefCell<Option<(Person, Actor)>>> = Rc::default();
    let taken = Rc::clone(&seat);
    play_until_it_ends(move || async move {
        // Time stands still: the two chords of panic are as close as they have to be.
        let clock = Clock::by(Now::default);
        let nika = Person::hosts_by(clock, Language::Russian, "ника").await;
        let link = nika.invitation().await;
        let mut boris = Actor::join("boris", &link);
        nika.says("тайное слово").await;
        boris.wait_for("it", |event| event["message"]["body"] == "тайное слово");
        nika.waits_to_hear("тайное слово").await;

        // The first lock asks for a passphrase; two that differ are not taken. The Russian layout has the same keys.
        nika.presses_with(&[Key::Control], "д").await;
        nika.waits_to_hear("Пароль блокировки").await;
        nika.types("раз").await;
        // One goes on to the second field.
        nika.returns().await;
        nika.types("два").await;
        nika.returns().await;
        nika.waits_to_hear("Пароли не совпадают").await;
        nika.presses_with(&[Key::Control], "a").await;
        nika.types("раз").await;
        nika.returns().await;
        nika.waits_to_hear("Шёпот заблокирован").await;
        assert!(!nika.hears("тайное слово"), "{:?}", nika.heard("тайное"));
        assert!(!nika.hears("boris"));
        boris.says("пока заперто");
        nika.waits_to_hear("Новых: 1").await;

        // Wrong, then right.
        nika.types("два").await;
        nika.returns().await;
        nika.waits_to_hear("Неверный пароль").await;
        nika.presses_with(&[Key::Control], "k").await;
        assert!(!nika.hears("Комнаты и люди"), "no command works while it is locked");
        nika.types("раз").await;
        nika.returns().await;
        nika.waits_to_hear("пока заперто").await;

        // Clearing takes it off this screen.
        nika.presses_with(&[Key::Control, Key::Shift], "l").await;
        nika.waits_to_hear("Очистить комнату").await;
        nika.clicks("Очистить").await;
        nika.waits_for("nothing", |person| !person.hears("тайное слово")).await;

        // Panic: the first chord warns, the second wipes and ends.
        nika.says("второе слово").await;
        boris.wait_for("it", |event| event["message"]["body"] == "второе слово");
        nika.presses_with(&[Key::Control, Key::Shift], Key::Backspace).await;
        nika.waits_to_hear("Нажмите ещё раз").await;
        assert!(nika.hears("второе слово"));
        nika.types("черновик").await;
        assert_eq!(nika.field("Сообщение в комнату «общая»"), "черновик");
        let window = nika.program.app.as_weak();
        *taken.borrow_mut() = Some((nika, boris));
        let window = window.upgrade().unwrap();
        for key in [Key::Control.into(), Key::Shift.into(), SharedString::from(Key::Backspace)] {
            window.window().dispatch_event(WindowEvent::KeyPressed { text: key });
        }
    });
    let (nika, mut boris) = seat.borrow_mut().take().expect("the program ended before its time");
    assert!(!nika.hears("второе слово"), "{:?}", nika.heard("слово"));
    assert_eq!(nika.field("Сообщение в комнату «общая»"), "");
    boris.wait_for("the relay to be gone", |event| event["state"] == "reconnecting");
}
