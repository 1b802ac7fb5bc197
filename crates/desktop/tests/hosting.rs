//! A server that is hosted with one click: stopped, started again, lost and found, forgotten.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use shepot_desktop::Options;
use shepot_testkit::Actor;
use shepot_testkit::server::address_to_restart;
use shepot_view::Language;
use slint::ComponentHandle as _;
use slint::platform::{Key, PointerEventButton};
use support::{Person, options, play};

async fn stops(nika: &Person) {
    nika.clicks("Connections").await;
    nika.clicks("Stop server").await;
    nika.waits_to_hear("Everybody is disconnected").await;
    nika.all("Stop server").pop().unwrap().single_click(PointerEventButton::Left).await;
    nika.waits_for("the end", |person| person.sees("Start hosting")).await;
}

#[test]
fn it_comes_back_as_the_same_one_until_it_is_forgotten() {
    play(|| async {
        let folder = tempfile::tempdir().unwrap();
        let listen = vec![address_to_restart().parse().unwrap()];
        let by = |kept: bool| Options {
            listen: listen.clone(),
            ..options(Language::English, kept.then(|| folder.path()))
        };
        let nika = Person::hosts_with(by(true), Language::English, "nika").await;
        let link = nika.invitation().await;
        let mut boris = Actor::join("boris", &link);
        nika.waits_to_hear("boris, fingerprint").await;
        nika.says("before").await;
        boris.hears("before");

        // Stopped: the guests are told so, and come back by themselves when it starts again.
        stops(&nika).await;
        boris.wait_for("the stop", |event| event["error"] == "shutting_down");
        nika.clicks("Start hosting").await;
        nika.waits_to_hear("boris, fingerprint").await;
        nika.says("after the stop").await;
        boris.hears("after the stop");
        assert_eq!(nika.invitation().await, link, "the same invitation");
        assert!(boris.happened("connection_error").iter().all(|event| event["error"] != "wrong_identity"));

        // The program ends and starts again: it hosts by itself.
        nika.program.leave();
        let again = Person::sits_down(by(true)).await;
        again.waits_to_hear("boris, fingerprint").await;
        again.says("after the crash").await;
        boris.hears("after the crash");
        assert_eq!(again.invitation().await, link);

        // A stop is remembered: the next start waits for a click.
        stops(&again).await;
        let third = Person::sits_down(by(true)).await;
        third.waits_to_hear("Start hosting").await;
        assert!(!third.hears("boris, fingerprint"));
        third.clicks("Start hosting").await;
        third.waits_to_hear("boris, fingerprint").await;
    });
}

#[test]
fn a_new_link_makes_the_old_one_dead() {
    play(|| async {
        let nika = Person::hosts(Language::English, "nika").await;
        let old = nika.invitation().await;
        let mut boris = Actor::join("boris", &old);
        nika.waits_to_hear("boris, fingerprint").await;
        nika.presses_with(&[Key::Control], "i").await;
        nika.waits_for("the link", |nika| nika.field("Invitation") == old).await;
        nika.clicks("New link").await;
        nika.clicks("Make a new one").await;
        nika.waits_for("another link", |nika| {
            let link = nika.field("Invitation");
            link.starts_with("shepot://") && link != old
        })
        .await;
        let new = nika.field("Invitation");
        nika.presses(Key::Escape).await;
        boris.wait_for("the new secret", |event| event["what"] == "invitations_renewed");
        let mut carl = Actor::start("carl", &[]);
        carl.does(&serde_json::json!({"do": "add", "entry": old, "connect": true}));
        carl.wait_for("silence", |event| {
            matches!(event["error"].as_str(), Some("not_admitted" | "invitation_outdated"))
        });
        let _dora = Actor::join("dora", &new);
        nika.waits_to_hear("dora, fingerprint").await;
        nika.says("to all who are here").await;
        boris.hears("to all who are here");
    });
}

#[test]
fn the_invitation_can_be_copied_in_a_small_window() {
    play(|| async {
        let nika = Person::hosts(Language::Russian, "ника").await;
        nika.program.app.window().set_size(slint::LogicalSize::new(420.0, 600.0));
        nika.presses_with(&[Key::Control], "i").await;
        nika.waits_for("the link", |nika| nika.field("Приглашение").starts_with("shepot://")).await;
        for name in ["Копировать ссылку", "Новая ссылка", "Адрес в приглашении"]
        {
            let button = &nika.all(name)[0];
            let (place, size) = (button.absolute_position(), button.size());
            assert!(
                place.y + size.height <= 600.0 && place.x + size.width <= 420.0,
                "{name}: {place:?} {size:?}"
            );
        }
    });
}

#[test]
fn whoever_keeps_nothing_is_told_what_quitting_means_for_the_guests() {
    play(|| async {
        let nika = Person::hosts(Language::English, "nika").await;
        nika.presses_with(&[Key::Control], "q").await;
        nika.waits_to_hear("Your server is gone for good").await;
    });
}

#[test]
fn whoever_lets_servers_be_kept_is_told_that_it_comes_back() {
    play(|| async {
        let folder = tempfile::tempdir().unwrap();
        let options = options(Language::Russian, Some(folder.path()));
        let nika = Person::hosts_with(options, Language::Russian, "ника").await;
        nika.presses_with(&[Key::Control], "q").await;
        nika.waits_to_hear("Он запустится вместе с Шёпотом").await;
        let kept = std::fs::read_to_string(folder.path().join("preferences.json")).unwrap();
        assert!(kept.contains("\"starts_with_program\": true"), "{kept}");
    });
}

#[test]
fn the_settings_name_the_owners_key_that_is_kept() {
    play(|| async {
        let folder = tempfile::tempdir().unwrap();
        let nika =
            Person::hosts_with(options(Language::English, Some(folder.path())), Language::English, "nika")
                .await;
        nika.clicks("Settings").await;
        nika.clicks("Privacy").await;
        nika.waits_to_hear("an owner’s key").await;
    });
}
