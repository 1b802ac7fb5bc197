//! Real clients, the real server, TCP: joins, leaves, a thousand messages, deaths and returns.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use shepot_testkit::{Actor, Server};

const PEOPLE: [&str; 5] = ["anna", "boris", "Карл", "dora", "emil"];
const EACH: usize = 200;

#[test]
fn five_people_exchange_a_thousand_messages_in_one_order_without_loss_or_repetition() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut people: Vec<Actor> = PEOPLE.iter().map(|nick| Actor::join(nick, &server.invitation)).collect();
    for actor in &mut people {
        // The last to join is seen by everybody before anybody speaks.
        if actor.nick != PEOPLE[4] {
            actor.wait_for("emil to join", |e| e["what"] == "joined" && e["nick"] == PEOPLE[4]);
        }
    }
    for n in 0..EACH {
        for actor in &mut people {
            let body = format!("{} says {n}", actor.nick);
            actor.says(&body);
        }
    }
    let all: BTreeSet<String> =
        PEOPLE.iter().flat_map(|nick| (0..EACH).map(move |n| format!("{nick} says {n}"))).collect();
    for actor in &mut people {
        let mut open = all.clone();
        open.retain(|body| !actor.heard().contains(body));
        while !open.is_empty() {
            let event = actor.wait_for("the rest", |event| {
                event["event"] == "message" && event["message"]["delivery"] != "pending"
            });
            open.remove(event["message"]["body"].as_str().unwrap());
        }
    }
    let order = people[0].heard();
    assert_eq!(order.len(), PEOPLE.len() * EACH, "nothing was repeated");
    for actor in &people {
        assert_eq!(actor.heard(), order, "{} saw another order", actor.nick);
        for wrong in ["missing", "fork", "unreadable", "gap"] {
            assert!(actor.happened(wrong).is_empty(), "{}: {wrong}", actor.nick);
        }
    }
    // Each sender's own messages stand in the order in which they were said.
    for nick in PEOPLE {
        let own: Vec<&String> = order.iter().filter(|body| body.starts_with(nick)).collect();
        let said: Vec<String> = (0..EACH).map(|n| format!("{nick} says {n}")).collect();
        assert_eq!(own, said.iter().collect::<Vec<_>>());
    }
}

#[test]
fn somebody_is_killed_and_comes_back_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut people: Vec<Actor> =
        PEOPLE[..4].iter().map(|nick| Actor::join(nick, &server.invitation)).collect();
    let killed = people.pop().unwrap();
    let nick = killed.nick.clone();
    people[0].wait_for("the last to join", |e| e["what"] == "joined" && e["nick"] == nick.as_str());
    killed.kill();
    people[0].wait_for("it to be away", |e| e["what"] == "away" && e["nick"] == nick.as_str());
    people[1].says("going on");
    people[0].hears("going on");
    let mut returned = Actor::join(&nick, &server.invitation);
    returned.says("back again");
    for actor in &mut people {
        actor.hears("back again");
    }
    people[0].says("welcome");
    returned.hears("welcome");
    // The dead leaf is removed by those who stayed, after the time that a short drop may take.
    let patience = Duration::from_secs(240);
    people[0].wait_within(patience, "the removal", |e| e["what"] == "left" && e["nick"] == nick.as_str());
    people[2].says("still in step");
    returned.hears("still in step");
}

#[test]
fn two_circles_share_a_connection_and_come_back_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start_to_restart(folder.path());
    let second = server.invite();
    let mut boris = Actor::join("boris", &server.invitation);
    let mut vera = Actor::join("vera", &second);
    let mut anna = Actor::join("anna", &server.invitation);
    anna.does(&json!({"do": "add", "entry": second, "connect": true, "link_of": 1}));
    anna.wait_for("to be in the second", |event| event["server"] == 2 && event["what"] == "entered");
    anna.does(&json!({"do": "show_record", "server": 2}));
    let record = anna.wait_for("what the server sees", |event| event["event"] == "record");
    assert_eq!((&record["server"], &record["seats"]), (&json!(2), &json!(2)), "{record}");
    let talk = |anna: &mut Actor, boris: &mut Actor, vera: &mut Actor, when: &str| {
        for (number, other) in [(1, boris), (2, vera)] {
            let (said, answer) = (format!("to {} {when}", other.nick), format!("{} {when}", other.nick));
            anna.does(&json!({"do": "send", "server": number, "body": said}));
            other.hears(&said);
            other.says(&answer);
            assert_eq!(anna.hears(&answer)["server"], number);
        }
    };
    talk(&mut anna, &mut boris, &mut vera, "before");
    server.kill();
    for actor in [&mut anna, &mut boris, &mut vera] {
        actor.wait_for("the loss", |event| event["state"] == "reconnecting");
    }
    server.restart();
    let mut away = BTreeSet::from([1, 2]);
    while !away.is_empty() {
        let back = anna.wait_for("to be in again", |event| event["state"] == "connected");
        away.remove(&back["server"].as_u64().unwrap());
    }
    talk(&mut anna, &mut boris, &mut vera, "after");
}

#[test]
fn the_server_dies_and_everybody_talks_again_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start_to_restart(folder.path());
    let mut people: Vec<Actor> = PEOPLE.iter().map(|nick| Actor::join(nick, &server.invitation)).collect();
    people[0].wait_for("emil to join", |e| e["what"] == "joined" && e["nick"] == PEOPLE[4]);
    people[0].says("before");
    for actor in &mut people {
        actor.hears("before");
    }
    server.kill();
    for actor in &mut people {
        actor.wait_for("the loss", |event| event["state"] == "reconnecting");
    }
    // Written while there is no connection: sent when there is one again.
    people[1].says("written in the dark");
    server.restart();
    for actor in &mut people {
        actor.wait_for("to be in again", |event| event["state"] == "connected");
    }
    for actor in &mut people {
        let body = format!("{} after", actor.nick);
        actor.says(&body);
    }
    for actor in &mut people {
        let mut open: BTreeSet<String> = PEOPLE.iter().map(|nick| format!("{nick} after")).collect();
        open.insert("written in the dark".to_owned());
        open.retain(|body| !actor.heard().contains(body));
        while !open.is_empty() {
            let event = actor.wait_for("the rest", |event| {
                event["event"] == "message" && event["message"]["delivery"] != "pending"
            });
            open.remove(event["message"]["body"].as_str().unwrap());
        }
        let heard = actor.heard();
        let once: BTreeSet<&String> = heard.iter().collect();
        assert_eq!(once.len(), heard.len(), "{} heard something twice: {heard:?}", actor.nick);
    }
    // The circle lives on: the same people, and the printed invitation still lets somebody in.
    let mut late = Actor::join("late", &server.invitation);
    late.says("hello");
    people[4].hears("hello");
}

#[test]
fn answers_repeat_the_name_of_what_was_asked_for() {
    let (mut anna, link) = Actor::host("anna");
    let mut boris = Actor::join("boris", &link);
    let mut asks = |command: serde_json::Value, id: u64| {
        let mut command = command;
        command["id"] = json!(id);
        boris.does(&command);
        boris.wait_for("the answer", |event| event["id"] == id)
    };
    let said = asks(json!({"do": "send", "server": 1, "body": "first"}), 1);
    assert_eq!((&said["event"], &said["outcome"]), (&json!("done"), &json!("said")));
    let made = asks(json!({"do": "make_room", "server": 1, "name": "hike"}), 2);
    assert_eq!(made["outcome"], "room_made");
    let again = asks(json!({"do": "make_room", "server": 1, "name": "hike"}), 3);
    assert_eq!((&again["event"], &again["error"]), (&json!("refused"), &json!("room_exists")));
    // In the room by its name, and the message by its own.
    let there = asks(json!({"do": "send", "server": 1, "room": made["room"], "body": "there"}), 4);
    let edit = json!({"do": "edit", "server": 1, "message": there["message"], "body": "changed"});
    let edited = asks(edit, 5);
    assert_eq!((&edited["event"], &edited["outcome"]), (&json!("done"), &json!("nothing")));
    anna.wait_for("the change", |event| event["message"]["body"] == "changed");
    // About the engine itself.
    assert_eq!(asks(json!({"do": "add", "entry": "nonsense"}), 6)["event"], "not_added");
    assert_eq!(asks(json!({"do": "add", "entry": "127.0.0.1:7"}), 7)["event"], "added");
    assert_eq!(asks(json!({"do": "set_profile", "nick": ""}), 8)["event"], "refused");
}
