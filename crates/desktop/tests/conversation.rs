//! Hosting with one click, and everything that is done with messages, with a second person in a process of its own.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use serde_json::json;
use shepot_testkit::Actor;
use shepot_view::Language;
use slint::platform::{Key, PointerEventButton};
use support::{Person, breathe, play};

#[test]
#[allow(clippy::too_many_lines, reason = "one evening, played to its end")]
fn two_people_talk() {
    play(|| async {
        let nika = Person::hosts(Language::English, "nika").await;
        nika.waits_to_hear("You are alone here").await;
        let link = nika.invitation().await;
        let mut boris = Actor::join("boris", &link);
        nika.waits_to_hear("boris joined").await;

        // Sending, with emoji by name, and an answer that is shown.
        nika.says("Привет :fire: **всем**").await;
        let heard = boris.wait_for("a greeting", |event| event["message"]["body"] == "Привет 🔥 **всем**");
        let greeting = heard["message"]["id"].clone();
        nika.waits_to_hear("Привет 🔥 всем").await;
        boris.says("@nika hi, see https://example.org");
        nika.waits_to_hear("@nika hi, see https://example.org").await;
        nika.waits_for("it to be read aloud: once as a row, once as news", |person| {
            let said = person.heard("@nika hi, see").into_iter().find(|label| label.starts_with("boris, "));
            said.is_some_and(|label| person.all(&label).len() == 2)
        })
        .await;

        // The buttons over a message, by the mouse: they stay while the pointer goes to them.
        let row = nika.row("boris, ");
        nika.points_at(&row).await;
        nika.waits_for("the buttons", |person| person.sees("Reply")).await;
        let reply = nika.all("Reply").pop().unwrap();
        nika.points_at(&reply).await;
        for _ in 0..20 {
            breathe().await;
        }
        assert!(nika.sees("Reply"), "they are there while the pointer is over them");
        nika.clicks("Reply").await;
        nika.waits_to_hear("Reply to").await;
        nika.presses(Key::Escape).await;

        // The menu of a message opens where it was asked for, though the room is not full yet.
        let row = nika.row("boris, ");
        let (place, size) = (row.absolute_position(), row.size());
        nika.points_at(&row).await;
        row.single_click(PointerEventButton::Right).await;
        nika.waits_for("the menu", |person| person.sees("Copy text")).await;
        // The third line of it.
        let below = nika.all("Copy text")[0].absolute_position().y - (place.y + size.height / 2.0);
        assert!((0.0..110.0).contains(&below), "{below} below the pointer");
        // The letter that stands beside a line of it, and the same key of the other layout.
        for letter in ["r", "К"] {
            nika.presses(letter).await;
            nika.waits_to_hear("Reply to").await;
            assert!(!nika.sees("Copy text"), "the menu is closed");
            nika.presses(Key::Escape).await;
            nika.waits_for("no reply", |person| !person.hears("Reply to")).await;
            nika.row("boris, ").single_click(PointerEventButton::Right).await;
            nika.waits_for("the menu", |person| person.sees("Copy text")).await;
        }
        nika.presses(Key::Escape).await;

        // A reaction from the other side, taken up here with a click.
        boris.does(&json!({"do": "react", "server": 1, "message": greeting, "emoji": "👍"}));
        nika.waits_to_hear("thumbs up, 1: boris").await;
        nika.clicks("thumbs up, 1: boris").await;
        boris.wait_for("two thumbs", |event| {
            event["message"]["reactions"][0]["people"].as_array().is_some_and(|people| people.len() == 2)
        });
        nika.waits_to_hear("thumbs up, 2: you, boris").await;

        // Editing the last message with the arrow.
        nika.program.app.invoke_focus_composer();
        nika.presses(Key::UpArrow).await;
        nika.waits_for("the edit", |person| person.field("Message #main").contains("Привет")).await;
        nika.types("!").await;
        nika.returns().await;
        boris.wait_for("the edit", |event| {
            event["message"]["is_edited"] == true && event["message"]["body"] == "Привет 🔥 **всем**!"
        });
        nika.waits_to_hear("Привет 🔥 всем! (edited)").await;

        // Replying by keys: up into the list, R.
        nika.presses(Key::PageUp).await;
        nika.presses("r").await;
        nika.types("well").await;
        nika.returns().await;
        let reply = boris.wait_for("a reply", |event| event["message"]["body"] == "well");
        assert!(reply["message"]["reply_to"].is_string(), "{reply}");
        nika.waits_to_hear("Reply to boris: well").await;

        // Deleting with the key for it; the place stays.
        nika.presses(Key::PageUp).await;
        nika.presses(Key::End).await;
        nika.presses(Key::Delete).await;
        nika.waits_to_hear("Delete the message for everybody?").await;
        nika.presses(Key::Tab).await;
        nika.presses(Key::Return).await;
        boris.wait_for("the deletion", |event| event["message"]["is_deleted"] == true);
        nika.waits_to_hear("Message deleted").await;

        // A room is made, the draft stays in the other.
        nika.program.app.invoke_focus_composer();
        nika.types("a draft").await;
        nika.presses_with(&[Key::Control], "t").await;
        nika.waits_to_hear("Room name").await;
        nika.types("поход").await;
        nika.returns().await;
        boris.wait_for("the room", |event| event["what"] == "room_made" && event["name"] == "поход");
        nika.waits_for("the room", |person| person.sees("поход")).await;
        nika.clicks("поход").await;
        nika.waits_to_hear("Message #поход").await;
        assert_eq!(nika.field("Message #поход"), "");
        boris.says("unseen");
        nika.waits_to_hear("main, 1 new").await;
        nika.clicks("main, 1 new").await;
        nika.waits_for("the draft", |person| person.field("Message #main") == "a draft").await;
        nika.waits_to_hear("unseen").await;

        // The search and the switcher find what was said.
        nika.presses_with(&[Key::Control], "f").await;
        nika.types("всем").await;
        nika.waits_to_hear("Search this session · 1").await;
        nika.presses(Key::Escape).await;
        nika.presses_with(&[Key::Control], "k").await;
        nika.types("пох").await;
        nika.returns().await;
        nika.waits_to_hear("Message #поход").await;

        // A line that is read from the right begins there.
        nika.types("שלום").await;
        nika.presses(Key::Home).await;
        nika.types("א").await;
        assert_eq!(nika.field("Message #поход"), "אשלום");
        nika.presses(Key::End).await;
        nika.types("ב").await;
        assert_eq!(nika.field("Message #поход"), "אשלוםב");
        nika.presses_with(&[Key::Control], "a").await;
        nika.presses(Key::Backspace).await;

        // The code is compared, and after somebody comes it is not the same any more.
        nika.presses_with(&[Key::Control, Key::Shift], "k").await;
        nika.waits_for("the code", |nika| nika.sees("It matches")).await;
        // A key that is still held says nothing about it.
        nika.returns().await;
        breathe().await;
        assert!(nika.sees("It matches") && !nika.hears("Safety code compared"));
        nika.clicks("It matches").await;
        nika.waits_to_hear("Safety code: Safety code compared").await;
        let _carl = Actor::join("carl", &link);
        nika.waits_to_hear("Safety code: Somebody has joined since you compared").await;

        // The operator's view, and a ban.
        nika.presses_with(&[Key::Control, Key::Shift], "o").await;
        nika.waits_to_hear("Connected now: 3").await;
        nika.presses(Key::Escape).await;

        // A mood is put on and taken off again.
        nika.presses_with(&[Key::Control], "m").await;
        nika.clicks("Cool").await;
        boris.wait_for("the mood", |event| {
            event["people"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["nick"] == "nika" && one["mood"] == 10))
        });
        nika.clicks("Cool").await;
        boris.wait_for("no mood", |event| {
            event["people"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["nick"] == "nika" && one["mood"].is_null()))
        });
        nika.presses(Key::Escape).await;
        nika.waits_for("the moods to be put away", |person| !person.sees("Cool")).await;
    });
}
