//! The owner removes somebody, and everybody starts the programs anew: with the real programs, on a real server.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use shepot_protocol::{CircleSecret, Invitation};
use shepot_testkit::binaries::program;
use shepot_testkit::{Actor, Server};

/// Invitations to a circle of its own on this server: the owner's, and everybody's.
fn circle_on(server: &Server) -> (String, String) {
    let output = Command::new(program("shepot-server", "shepot-server"))
        .args(["invite", "--owner", "--json", "--state-dir"])
        .arg(server.folder.join("state"))
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let link = |name: &str| answer["invited"][name].as_str().unwrap().to_owned();
    (link("owner_link"), link("link"))
}

/// What an actor is told to keep in the place of the invitation by which it came.
fn renewed(actor: &mut Actor) -> String {
    let told = actor.wait_for("another invitation", |event| event["event"] == "renewed");
    told["link"].as_str().unwrap().to_owned()
}

fn is_outdated(actor: &mut Actor) {
    let told = actor.wait_for("to be told", |event| event["event"] == "connection_error");
    assert_eq!(told["error"], "invitation_outdated");
    actor.wait_for("to be out", |event| event["event"] == "state" && event["state"] == "ended");
}

/// Anna removes mallory. Gives the invitations that anna and boris are told to keep then.
fn remove(mallory: &mut Actor, anna: &mut Actor, boris: &mut Actor) -> (String, String) {
    let joined = anna.wait_for("mallory", |e| e["what"] == "joined" && e["nick"] == "mallory");
    boris.wait_for("mallory", |e| e["what"] == "joined" && e["nick"] == "mallory");
    anna.does(&json!({"do": "evict", "server": 1, "person": joined["key"]}));
    mallory.wait_for("to be told", |event| event["error"] == "evicted");
    (renewed(anna), renewed(boris))
}

struct Removed {
    server: Server,
    /// By which everybody came, mallory too.
    earlier: String,
    /// What anna, the owner, and boris were given to keep.
    of_anna: String,
    of_boris: String,
}

/// Anna removes mallory; all quit.
fn removed(folder: &Path) -> Removed {
    let server = Server::start_to_restart(folder);
    let (owner, earlier) = circle_on(&server);
    let mut anna = Actor::join("anna", &owner);
    let mut boris = Actor::join("boris", &earlier);
    let mut mallory = Actor::join("mallory", &earlier);
    let (of_anna, of_boris) = remove(&mut mallory, &mut anna, &mut boris);
    assert_ne!(of_anna, of_boris, "the owner's makes an owner");
    for actor in [anna, boris, mallory] {
        actor.quit();
    }
    Removed { server, earlier, of_anna, of_boris }
}

/// Everybody with the links that they were given talks, and the removed is not among them.
fn assert_they_meet(removed: &Removed) -> (Actor, Actor) {
    let mut boris = Actor::join("boris", &removed.of_boris);
    let mut anna = Actor::join("anna", &removed.of_anna);
    boris.wait_for("anna", |event| event["what"] == "joined" && event["nick"] == "anna");
    anna.says("among us");
    boris.hears("among us");
    (anna, boris)
}

#[test]
fn all_quit_and_return_and_the_removed_stays_outside() {
    let folder = tempfile::tempdir().unwrap();
    let removed = removed(folder.path());
    let (anna, _boris) = assert_they_meet(&removed);
    let mut mallory = Actor::start("mallory", &[]);
    mallory.does(&json!({"do": "add", "entry": removed.earlier, "connect": true}));
    is_outdated(&mut mallory);
    assert!(anna.happened("joined").iter().all(|event| event["nick"] != "mallory"));
}

#[test]
fn after_the_servers_restart_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut removed = removed(folder.path());
    removed.server.kill();
    removed.server.restart();
    let (_anna, _boris) = assert_they_meet(&removed);
    let mut mallory = Actor::start("mallory", &[]);
    mallory.does(&json!({"do": "add", "entry": removed.earlier, "connect": true}));
    is_outdated(&mut mallory);
}

#[test]
fn the_removed_who_comes_first_waits_alone_and_is_told_when_the_others_come() {
    let folder = tempfile::tempdir().unwrap();
    let removed = removed(folder.path());
    let mut mallory = Actor::join("mallory", &removed.earlier);
    mallory.says("is anybody here?");
    mallory.hears("is anybody here?");
    let (anna, boris) = assert_they_meet(&removed);
    is_outdated(&mut mallory);
    for actor in [&anna, &boris] {
        assert!(!actor.heard().contains(&"is anybody here?".to_owned()));
    }
}

#[test]
fn whoever_hosts_and_removes_somebody_closes_the_relay_to_the_earlier_invitation() {
    let (mut anna, earlier) = Actor::host("anna");
    let mut boris = Actor::join("boris", &earlier);
    let mut mallory = Actor::join("mallory", &earlier);
    let (of_anna, of_boris) = remove(&mut mallory, &mut anna, &mut boris);
    let read = |link: &str| link.parse::<Invitation>().unwrap();
    let earlier = read(&earlier);
    assert!(earlier.access_key != read(&of_boris).access_key);
    assert_eq!(read(&of_anna).access_key, read(&of_boris).access_key);
    // Neither this circle nor one of its own: on a server that stands alone anybody with an access key may begin one.
    let own = Invitation { circle_secret: Some(CircleSecret::new([9; 32])), owner: None, ..earlier.clone() };
    for link in [earlier, own] {
        let mut mallory = Actor::start("mallory", &[]);
        mallory.does(&json!({"do": "add", "entry": *link.to_link(), "connect": true}));
        is_outdated(&mut mallory);
    }
    boris.quit();
    let mut boris = Actor::join("boris", &of_boris);
    boris.says("by the new one");
    anna.hears("by the new one");
    anna.does(&json!({"do": "invite", "server": 1}));
    let link = anna.wait_for("an invitation", |event| event["event"] == "invitation")["link"].clone();
    let mut dora = Actor::join("dora", link.as_str().unwrap());
    dora.says("here I am");
    boris.hears("here I am");
}

#[test]
fn a_friend_with_an_earlier_invitation_leaves_the_removed_when_the_circle_shows() {
    let folder = tempfile::tempdir().unwrap();
    let removed = removed(folder.path());
    let mut mallory = Actor::join("mallory", &removed.earlier);
    // Dora was asleep for days: nobody could tell her.
    let mut dora = Actor::join("dora", &removed.earlier);
    mallory.wait_for("dora", |event| event["what"] == "joined");
    let (_anna, mut boris) = assert_they_meet(&removed);
    is_outdated(&mut dora);
    dora.says("into nowhere");
    let refused = dora.wait_for("a refusal", |event| event["event"] == "refused");
    assert_eq!(refused["error"], "not_connected");
    boris.does(&json!({"do": "invite", "server": 1}));
    let link = boris.wait_for("an invitation", |event| event["event"] == "invitation")["link"].clone();
    let mut dora = Actor::join("dora", link.as_str().unwrap());
    dora.says("here I am");
    boris.hears("here I am");
}
