//! Whoever quits has left: the others need not wonder whether the connection broke.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use shepot_testkit::Actor;
use shepot_view::Language;
use slint::platform::{Key, PointerEventButton};
use support::{Person, options, play_until_it_ends};

#[test]
fn the_others_are_told() {
    let seat: Rc<RefCell<Option<(Person, Actor)>>> = Rc::default();
    let taken = Rc::clone(&seat);
    play_until_it_ends(move || async move {
        let (mut boris, link) = Actor::host("boris");
        let nika = Person::sits_down(options(Language::English, None)).await;
        nika.clicks("What should people call you?").await;
        nika.types("nika").await;
        nika.all("I have an invitation").pop().unwrap().set_accessible_value(link);
        nika.clicks("Join").await;
        nika.waits_to_hear("boris, fingerprint").await;
        boris.wait_for("nika to join", |event| event["what"] == "joined" && event["nick"] == "nika");
        nika.presses_with(&[Key::Control], "q").await;
        nika.waits_to_hear("Quit Shepot?").await;
        let quit = nika.all("Quit").pop().unwrap();
        *taken.borrow_mut() = Some((nika, boris));
        quit.single_click(PointerEventButton::Left).await;
    });
    let (nika, mut boris) = seat.borrow_mut().take().expect("the program ended before its time");
    assert!(!nika.hears("boris"), "nothing is shown while the others are told");
    nika.program.leave();
    boris.wait_for("nika to have left", |event| event["what"] == "left" && event["nick"] == "nika");
    assert!(boris.happened("away").is_empty());
}
