//! A session that ends without the person: nothing that was said, or is being written, is lost.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use shepot_testkit::{Actor, Server};
use shepot_view::Language;
use slint::platform::Key;
use support::{Person, options, play};

#[test]
fn text_stays_until_the_person_lets_it_go() {
    play(|| async {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut server = Server::start_to_restart(one.path());
        let mut boris = Actor::join("boris", &server.invitation);
        let nika = Person::sits_down(options(Language::English, None)).await;
        nika.clicks("What should people call you?").await;
        nika.types("nika").await;
        nika.all("I have an invitation").pop().unwrap().set_accessible_value(server.invitation.clone());
        nika.clicks("Join").await;
        nika.waits_to_hear("boris, fingerprint").await;
        boris.wait_for("nika", |event| event["what"] == "joined");
        boris.says("said before");
        nika.waits_to_hear("said before").await;
        nika.program.app.invoke_focus_composer();
        nika.types("half a thought").await;

        // Another server answers at the same address.
        server.kill();
        let _other = Server::start_in_place_of(&server, two.path());
        nika.waits_to_hear("Not the server from your invitation").await;
        nika.presses(Key::Escape).await;
        nika.waits_to_hear("The session is over").await;
        assert!(nika.hears("said before") && nika.hears("boris, fingerprint"));
        assert_eq!(
            nika.field("The session is over. You can still read and copy what was said"),
            "half a thought"
        );

        // Cleared, it is gone.
        nika.presses_with(&[Key::Control, Key::Shift], "l").await;
        nika.waits_to_hear("The messages vanish from this computer").await;
        nika.clicks("Clear").await;
        nika.waits_for("nothing", |person| !person.hears("said before")).await;
    });
}
