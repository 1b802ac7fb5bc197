//! Several servers at once, and a connection that goes and comes back.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use shepot_desktop::{Instance, Options, Start};
use shepot_preferences::PreferencesFile;
use shepot_testkit::{Actor, Server};
use shepot_view::Language;
use slint::platform::{Key, PointerEventButton};
use support::{Person, options, play};

#[test]
#[allow(clippy::too_many_lines, reason = "one evening, played to its end")]
fn servers_are_kept_switched_and_come_back() {
    play(|| async {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Server::start_to_restart(folder.path());
        let address = server.address.clone();
        let mut anna = Actor::join("anna", &server.invitation);
        let (mut boris, elsewhere) = Actor::host("boris");

        let kept = folder.path().join("kept");
        let nika = Person::sits_down(options(Language::English, Some(&kept))).await;
        nika.clicks("What should people call you?").await;
        nika.types("nika").await;
        nika.all("I have an invitation").pop().unwrap().set_accessible_value(server.invitation.clone());
        nika.clicks("Join").await;
        nika.waits_to_hear("anna, fingerprint").await;

        // What the operator sees, as the server itself says.
        nika.presses_with(&[Key::Control], "k").await;
        nika.types("What the server").await;
        nika.presses(Key::Return).await;
        nika.waits_to_hear("From you, encrypted").await;
        nika.waits_to_hear("no operator can read them").await;
        nika.presses(Key::Escape).await;

        // A second one by the list; its name before the address is for open servers, so this one gets its own later.
        nika.presses_with(&[Key::Control], "n").await;
        nika.all("Invitation or address").pop().unwrap().set_accessible_value("nonsense");
        nika.clicks("Add").await;
        nika.waits_to_hear("is neither an invitation nor an address").await;
        nika.all("Invitation or address").pop().unwrap().set_accessible_value(elsewhere);
        nika.clicks("Add").await;
        nika.waits_to_hear("boris, fingerprint").await;
        assert!(!nika.hears("anna, fingerprint"), "the other server is not shown");

        // What is said on the first is counted there.
        anna.says("over here");
        nika.waits_to_hear("127.0.0.1, Connected, 1 new").await;
        nika.presses_with(&[Key::Control], "1").await;
        nika.waits_to_hear("over here").await;
        nika.presses_with(&[Key::Control], Key::Tab).await;
        nika.waits_to_hear("boris, fingerprint").await;
        nika.presses_with(&[Key::Control], "1").await;
        nika.waits_to_hear("over here").await;

        // What was typed and taken away here cannot be brought back on another server.
        nika.types("between us").await;
        nika.presses_with(&[Key::Control], "a").await;
        nika.presses(Key::Backspace).await;
        assert_eq!(nika.field("Message #main"), "");
        nika.presses_with(&[Key::Control], "2").await;
        nika.waits_to_hear("boris, fingerprint").await;
        for _ in 0..4 {
            nika.presses_with(&[Key::Control], "z").await;
        }
        assert_eq!(nika.field("Message #main"), "");
        nika.types("here").await;
        assert_eq!(nika.field("Message #main"), "here");
        nika.presses_with(&[Key::Control], "z").await;
        nika.presses_with(&[Key::Control], "a").await;
        nika.presses(Key::Backspace).await;
        nika.presses_with(&[Key::Control], "1").await;

        // The plug is pulled: it is said, and what is written waits.
        server.kill();
        nika.waits_to_hear("Connection lost").await;
        nika.says("written meanwhile").await;
        nika.waits_to_hear("written meanwhile").await;
        boris.says("still here");
        server.restart();
        nika.waits_to_hear("Connected again. The circle has a new key.").await;
        anna.wait_for("what was written meanwhile", |event| event["message"]["body"] == "written meanwhile");

        // The first server moves: it is gone to by its other address, and what was said stays.
        let moved = address.replace("127.0.0.1", "localhost");
        nika.presses_with(&[Key::Control], "n").await;
        nika.waits_for("the list", |person| person.all("More").len() == 2).await;
        nika.all("More").remove(0).single_click(PointerEventButton::Left).await;
        nika.clicks("Edit").await;
        let field = |text: String| {
            move |person: &Person| {
                person.all("Address").into_iter().find(|one| one.accessible_value().as_deref() == Some(&text))
            }
        };
        let is_there = field(address.clone());
        nika.waits_for("the address", |person| is_there(person).is_some()).await;
        is_there(&nika).unwrap().set_accessible_value("not an address");
        nika.clicks("Save").await;
        nika.waits_to_hear("is not a host name or an IP address").await;
        field("not an address".to_owned())(&nika).unwrap().set_accessible_value(moved.as_str());
        nika.clicks("Save").await;
        nika.presses_with(&[Key::Control], "1").await;
        nika.waits_to_hear("written meanwhile").await;
        // Commands stay in order: this goes by the new connection.
        nika.says("from the new address").await;
        anna.wait_for("word", |event| event["message"]["body"] == "from the new address");
        anna.says("after the move");
        nika.waits_to_hear("after the move").await;

        // The next start has both servers and the nick.
        let again = Person::sits_down(options(Language::English, Some(&kept))).await;
        again.waits_to_hear("anna, fingerprint").await;
        assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 1, "nothing but the preferences");
        let text = std::fs::read_to_string(kept.join("preferences.json")).unwrap();
        assert!(text.contains(&moved) && !text.contains(&address), "{text}");
        assert!(text.contains("nika") && !text.contains("over here"), "{text}");
    });
}

#[test]
#[cfg(unix)]
fn another_start_hands_over_its_invitation_and_ends() {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;

    play(|| async {
        let folder = tempfile::tempdir().unwrap();
        let profile = PreferencesFile::in_folder(folder.path());
        let Start::First(instance) = Instance::begin(&profile, "") else { panic!("nobody was there") };
        let options = Options { instance: Some(instance), ..options(Language::English, Some(folder.path())) };
        let nika = Person::hosts_with(options, Language::English, "nika").await;
        let starts = |entry: String| {
            let profile = profile.clone();
            std::thread::spawn(move || Instance::begin(&profile, &entry))
        };
        // Whoever says nothing, or too much, or no text, keeps nobody else from being heard.
        let socket = folder.path().join("shepot.sock");
        let silent = UnixStream::connect(&socket).unwrap();
        let mut loud = UnixStream::connect(&socket).unwrap();
        let mut garbage = UnixStream::connect(&socket).unwrap();
        let _ = loud.write_all(&[b'x'; 64 * 1024]);
        garbage.write_all(b"\xff\xfe\n").unwrap();
        let second = starts(shepot_testkit::evening::link_to("198.51.100.7:7443"));
        nika.waits_to_hear("Join with this invitation?").await;
        assert!(matches!(second.join().unwrap(), Start::HandedOver));
        assert_eq!(garbage.read(&mut [0]).unwrap_or(0), 0, "no answer to what was not taken");
        drop(silent);
        // The first goes; the profile is free.
        nika.program.leave();
        drop(nika);
        assert!(matches!(starts(String::new()).join().unwrap(), Start::First(_)));
    });
}
