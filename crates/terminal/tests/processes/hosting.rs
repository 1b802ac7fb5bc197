//! One process hosts and enters, others join by the printed invitation. Real processes, real sockets, real MLS.

use serde_json::json;
use shepot_testkit::{Actor, Server};

#[test]
fn people_talk_in_their_languages_and_see_who_comes_and_goes() {
    let (mut anna, invitation) = Actor::host("Анна");
    let mut boris = Actor::join("boris", &invitation);
    anna.wait_for("boris to join", |event| event["what"] == "joined" && event["nick"] == "boris");
    let mut carol = Actor::join("Кэрол", &invitation);
    boris.wait_for("carol to join", |event| event["what"] == "joined" && event["nick"] == "Кэрол");
    anna.wait_for("carol to join", |event| event["what"] == "joined" && event["nick"] == "Кэрол");
    anna.says("Привет, мир! 👋🏽");
    boris.says("Hello 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👨‍👩‍👧‍👦");
    for actor in [&mut boris, &mut carol] {
        let heard = actor.hears("Привет, мир! 👋🏽");
        assert_eq!(heard["message"]["nick"], "Анна");
    }
    anna.hears("Hello 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👨‍👩‍👧‍👦");
    assert!(carol.quit().success());
    anna.wait_for("carol to leave", |event| event["what"] == "left" && event["nick"] == "Кэрол");
    boris.wait_for("carol to leave", |event| event["what"] == "left");
    boris.says("two left");
    anna.hears("two left");
}

#[test]
fn replies_edits_deletions_reactions_rooms_timers_and_profiles_reach_everybody() {
    let (mut anna, invitation) = Actor::host("anna");
    let mut boris = Actor::join("boris", &invitation);
    anna.says("first");
    let first = boris.hears("first")["message"]["id"].clone();
    boris.does(&json!({"do": "send", "server": 1, "body": "answer", "reply_to": first}));
    assert_eq!(anna.hears("answer")["message"]["reply_to"], first);
    anna.does(&json!({"do": "edit", "server": 1, "message": first, "body": "changed"}));
    let changed = boris.wait_for("the edit", |event| event["event"] == "changed");
    assert_eq!(changed["message"]["body"], "changed");
    assert_eq!(changed["message"]["is_edited"], true);
    boris.does(&json!({"do": "react", "server": 1, "message": first, "emoji": "👍"}));
    let reacted = anna.wait_for("the reaction", |event| {
        event["event"] == "changed" && event["message"]["reactions"][0]["emoji"] == "👍"
    });
    assert_eq!(reacted["message"]["reactions"][0]["people"].as_array().unwrap().len(), 1);
    // Not the author's: refused here, and the others keep it.
    boris.does(&json!({"do": "delete", "server": 1, "message": first}));
    assert_eq!(boris.wait_for("a refusal", |event| event["event"] == "refused")["error"], "not_the_author");
    anna.does(&json!({"do": "delete", "server": 1, "message": first}));
    boris.wait_for("the deletion", |event| event["message"]["is_deleted"] == true);

    boris.does(&json!({"do": "make_room", "server": 1, "name": "кухня"}));
    let made = anna.wait_for("the room", |event| event["what"] == "room_made");
    assert_eq!(made["name"], "кухня");
    anna.does(&json!({"do": "send", "server": 1, "room": made["room"], "body": "in the kitchen"}));
    assert_eq!(boris.hears("in the kitchen")["message"]["room"], made["room"]);
    anna.does(&json!({"do": "set_timer", "server": 1, "room": made["room"], "seconds": 1}));
    boris.wait_for("the timer", |event| event["what"] == "timer_set");
    anna.wait_for("the timer", |event| event["what"] == "timer_set");
    anna.does(&json!({"do": "send", "server": 1, "room": made["room"], "body": "soon gone"}));
    let gone = boris.hears("soon gone")["message"]["id"].clone();
    boris.wait_for("it to disappear", |event| event["event"] == "gone" && event["messages"][0] == gone);

    // Who comes later is told the rooms by a member, not by the relay.
    let mut carol = Actor::join("carol", &invitation);
    let rooms = carol.wait_for("the rooms", |event| event["event"] == "rooms");
    assert_eq!(rooms["rooms"][1]["name"], "кухня");
    assert_eq!(rooms["rooms"][1]["disappears_after_s"], 1);

    boris.does(&json!({"do": "set_profile", "nick": "Борис", "mood": 3}));
    let renamed = anna.wait_for("the new nick", |event| event["what"] == "renamed");
    assert_eq!((&renamed["from"], &renamed["nick"]), (&json!("boris"), &json!("Борис")));
    anna.does(&json!({"do": "typing", "server": 1}));
    carol.wait_for("typing", |event| event["event"] == "typing");
}

#[test]
fn everybody_has_the_same_safety_code_and_another_after_a_join() {
    let (mut anna, invitation) = Actor::host("anna");
    let mut boris = Actor::join("boris", &invitation);
    let code = |actor: &mut Actor| {
        actor.does(&json!({"do": "safety_code", "server": 1}));
        actor.wait_for("the code", |event| event["event"] == "safety_code")["symbols"].clone()
    };
    anna.wait_for("boris", |event| event["what"] == "joined");
    let before = code(&mut anna);
    assert_eq!(before, code(&mut boris));
    let pair = |actor: &mut Actor, nick: &str| {
        actor.does(&json!({"do": "snapshot", "server": 1}));
        let people = actor.wait_for("who is here", |event| event["event"] == "snapshot");
        let people = people["people"].as_array().unwrap();
        let key = people.iter().find(|person| person["nick"] == nick).unwrap()["key"].clone();
        actor.does(&json!({"do": "pair_code", "server": 1, "person": key}));
        actor.wait_for("their code", |event| event["event"] == "pair_code")["symbols"].clone()
    };
    let of_pair = pair(&mut anna, "boris");
    assert_eq!(of_pair, pair(&mut boris, "anna"));
    assert_ne!(of_pair, before);
    let mut carol = Actor::join("carol", &invitation);
    anna.wait_for("carol", |event| event["what"] == "joined");
    let after = code(&mut anna);
    assert_eq!(after, code(&mut carol));
    assert_ne!(before, after);
    assert_eq!(of_pair, pair(&mut anna, "boris"), "it stays when somebody comes");
    // A mood changes the keys, and not the code.
    anna.does(&json!({"do": "set_profile", "nick": "anna", "mood": 3}));
    let epoch =
        carol.wait_for("fresh keys", |event| event["event"] == "epoch" && event["has_new_code"] == false);
    assert!(epoch["epoch"].as_u64().unwrap() > 0);
    assert_eq!(after, code(&mut carol));
}

#[test]
fn the_owner_removes_somebody_and_the_old_invitation_does_not_open_the_circle_any_more() {
    let (mut anna, invitation) = Actor::host("anna");
    let mut mallory = Actor::join("mallory", &invitation);
    let mut boris = Actor::join("boris", &invitation);
    let key = anna.wait_for("mallory", |e| e["what"] == "joined" && e["nick"] == "mallory")["key"].clone();
    anna.wait_for("boris", |event| event["what"] == "joined" && event["nick"] == "boris");
    boris.does(&json!({"do": "evict", "server": 1, "person": key}));
    assert_eq!(boris.wait_for("a refusal", |e| e["event"] == "refused")["error"], "not_the_owner");
    anna.does(&json!({"do": "evict", "server": 1, "person": key}));
    boris.wait_for("the eviction", |event| event["what"] == "evicted");
    let told = mallory.wait_for("to be told", |event| event["event"] == "connection_error");
    assert_eq!(told["error"], "evicted");
    mallory.wait_for("to be out", |event| event["event"] == "state" && event["state"] == "ended");
    anna.says("without mallory");
    boris.hears("without mallory");
    // A new invitation by a member opens it, the old one does not.
    boris.does(&json!({"do": "invite", "server": 1}));
    let renewed = boris.wait_for("the invitation", |e| e["event"] == "invitation")["link"].clone();
    let mut carol = Actor::join("carol", renewed.as_str().unwrap());
    carol.says("with the new one");
    anna.hears("with the new one");
    let mut late = Actor::start("late", &[]);
    late.does(&json!({"do": "add", "entry": invitation, "connect": true}));
    let error = late.wait_for("to be refused", |event| event["event"] == "connection_error");
    assert_eq!(error["error"], "invitation_outdated");
}

#[test]
fn mistakes_are_answered_and_nothing_is_lost() {
    let (mut anna, invitation) = Actor::host("anna");
    let mut boris = Actor::start("boris", &[]);
    for (entry, error) in [
        ("", "empty"),
        ("https://example.org/x", "not_an_invitation"),
        (&invitation[..invitation.len() - 3], "damaged"),
        ("host:99999", "port"),
        ("2001:db8::1", "ipv6_needs_brackets"),
    ] {
        boris.does(&json!({"do": "add", "entry": entry, "connect": true}));
        assert_eq!(boris.wait_for("an answer", |e| e["event"] == "not_added")["error"], error, "{entry}");
    }
    boris.does(&json!({"do": "frobnicate"}));
    boris.wait_for("an answer", |event| event["event"] == "bad_command");
    boris.does(&json!({"do": "send", "server": 7, "body": "x"}));
    assert_eq!(boris.wait_for("an answer", |e| e["event"] == "refused")["error"], "no_such_server");
    boris.enter(&invitation);
    let refused = |boris: &mut Actor, body: &str| {
        boris.says(body);
        boris.wait_for("an answer", |e| e["event"] == "refused")["error"].clone()
    };
    assert_eq!(refused(&mut boris, " \u{200b} "), "empty_message");
    assert_eq!(refused(&mut boris, &"a".repeat(8_001)), "long_message");
    boris.says("still here");
    anna.hears("still here");
}

#[test]
fn an_invitation_to_another_server_or_with_a_wrong_key_is_refused_in_words() {
    let (_anna, invitation) = Actor::host("anna");
    let (_other, elsewhere) = Actor::host("other");
    let address = |link: &str| link["shepot://".len()..link.find("/#").unwrap()].to_owned();
    let payload = |link: &str| link[link.find("/#").unwrap()..].to_owned();
    let crossed = format!("shepot://{}{}", address(&invitation), payload(&elsewhere));
    let mut boris = Actor::start("boris", &[]);
    boris.does(&json!({"do": "add", "entry": crossed, "connect": true}));
    assert_eq!(boris.wait_for("an error", |e| e["event"] == "connection_error")["error"], "wrong_identity");
    let mut carol = Actor::start("carol", &[]);
    carol.does(&json!({"do": "add", "entry": address(&invitation), "connect": true}));
    assert_eq!(carol.wait_for("an error", |e| e["event"] == "connection_error")["error"], "not_admitted");
}

/// What was said, and what nobody has heard, is not lost with a server that is another one now.
#[test]
fn text_stays_when_another_server_answers_until_it_is_let_go() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut server = Server::start_to_restart(one.path());
    let mut anna = Actor::join("anna", &server.invitation);
    let mut boris = Actor::join("boris", &server.invitation);
    anna.wait_for("boris", |event| event["what"] == "joined");
    anna.says("said before");
    boris.hears("said before");
    server.kill();
    boris.wait_for("the loss", |event| event["state"] == "reconnecting");
    boris.says("never heard");
    boris.wait_for("it waits", |event| {
        event["event"] == "message" && event["message"]["body"] == "never heard"
    });
    let _other = Server::start_in_place_of(&server, two.path());
    boris.wait_for("it failed", |event| {
        let message = &event["message"];
        event["event"] == "changed" && message["body"] == "never heard" && message["delivery"] == "failed"
    });
    boris.wait_for("the end", |event| event["event"] == "state" && event["state"] == "ended");
    let texts = |boris: &mut Actor| {
        boris.does(&json!({"do": "snapshot", "server": 1}));
        let all = boris.wait_for("what is left", |event| event["event"] == "snapshot");
        let items = all["items"].as_array().unwrap().clone();
        let people = all["people"].as_array().unwrap().len();
        let bodies: Vec<String> =
            items.iter().filter_map(|item| Some(item["body"].as_str()?.to_owned())).collect();
        (bodies, people)
    };
    assert_eq!(texts(&mut boris), (vec!["said before".to_owned(), "never heard".to_owned()], 2));
    boris.does(&json!({"do": "clear", "server": 1}));
    assert_eq!(texts(&mut boris), (vec![], 0));
}
