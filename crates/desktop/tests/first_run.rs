//! The first page, in both languages: mistakes beside the fields, hosting with one click, joining by an invitation.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use shepot_testkit::Actor;
use shepot_view::Language;
use shepot_window as ui;
use slint::ComponentHandle as _;
use slint::platform::Key;
use support::{Person, breathe, options, play};

#[test]
fn a_person_who_never_saw_it_gets_in() {
    play(|| async {
        let (mut host, invitation) = Actor::host("anna");
        let nika = Person::sits_down(options(Language::English, None)).await;

        // Without a nick nothing happens but a word about it.
        nika.clicks("Join").await;
        nika.waits_to_hear("Type a nick first").await;
        nika.clicks("What should people call you?").await;
        nika.types("nika").await;
        assert!(!nika.hears("Type a nick first"), "the word goes while one types");

        // Wrong links and addresses are said beside their fields, and stay there to be mended.
        nika.clicks("I have an invitation").await;
        nika.program.app.invoke_focus_page();
        nika.types("shepot://203.0.113.24").await;
        nika.returns().await;
        nika.waits_to_hear("This invitation is incomplete or damaged").await;
        nika.clicks("I know the address").await;
        nika.waits_for("the address field", |person| !person.all("I know the address").is_empty()).await;
        nika.all("I know the address").pop().unwrap().set_accessible_value("192.0.2.7:99999");
        nika.clicks("Connect").await;
        nika.waits_to_hear("is not a port").await;

        // The other language at a click, and back.
        nika.clicks("Русский").await;
        nika.waits_to_hear("Говорите тише").await;
        assert!(nika.hears("Шёпот") && !nika.hears("Shepot"));
        nika.clicks("English").await;
        nika.waits_to_hear("Speak quietly").await;

        // The right invitation.
        nika.all("I have an invitation").pop().unwrap().set_accessible_value(invitation);
        nika.clicks("Join").await;
        nika.waits_to_hear("Message #main").await;
        host.wait_for("nika to join", |event| event["what"] == "joined" && event["nick"] == "nika");
        nika.waits_to_hear("anna, fingerprint").await;
    });
}

/// Emoji take long to paint, and the first frame waits for all that is painted before it.
#[test]
fn nothing_of_the_settings_is_painted_before_they_are_opened() {
    play(|| async {
        let nika = Person::sits_down(options(Language::English, None)).await;
        let painted = |nika: &Person| nika.program.app.global::<ui::Settings<'_>>().get_sample_time().len();
        for (width, height) in [(420.0, 640.0), (1280.0, 800.0)] {
            nika.program.app.window().set_size(slint::LogicalSize::new(width, height));
            for _ in 0..4 {
                breathe().await;
            }
            assert_eq!(painted(&nika), 0);
        }
        nika.presses_with(&[Key::Control], ",").await;
        nika.waits_for("the page of the profile", |nika| painted(nika) > 0).await;
    });
}

/// There is no head over an empty page, and the keyboard is not everybody's way.
#[test]
fn a_narrow_window_has_a_way_back_where_there_is_no_room() {
    play(|| async {
        let nika = Person::hosts(Language::English, "nika").await;
        nika.program.app.window().set_size(slint::LogicalSize::new(420.0, 600.0));
        breathe().await;
        nika.presses_with(&[Key::Control], "n").await;
        // Nobody listens there.
        nika.types("127.0.0.1:1").await;
        nika.returns().await;
        nika.waits_for("the page without a room", |nika| nika.sees("Change the address")).await;
        nika.clicks("Rooms").await;
        nika.waits_for("the list", |nika| !nika.sees("Change the address")).await;
        // What is wrong is a click away, and the other server as well.
        let tile = |nika: &Person, part: &str| nika.heard(part).into_iter().next().unwrap();
        let there = tile(&nika, "127.0.0.1, ");
        nika.clicks(&there).await;
        nika.waits_for("the page without a room", |nika| nika.sees("Change the address")).await;
        nika.clicks("Rooms").await;
        let home = tile(&nika, "Home");
        nika.clicks(&home).await;
        nika.waits_to_hear("Message #main").await;
    });
}
