//! Whoever hosts removes somebody: the relay in this process, real programs as its people.
#![allow(missing_docs, clippy::unwrap_used)]

use serde_json::json;
use shepot_hosting::{Host, Hosted, Options};
use shepot_testkit::Actor;

async fn restarted(host: &Host, hosted: Hosted) -> Hosted {
    hosted.stop().await;
    host.start(&Options::default()).await.unwrap()
}

fn is_back(actor: &mut Actor) {
    actor.wait_for("to lose it", |event| event["event"] == "state" && event["state"] == "reconnecting");
    actor.wait_for("to be back", |event| event["event"] == "state" && event["state"] == "connected");
}

/// The members know the next access key with the commit. The relay is told by the owner's program, which may be cut off
/// in between: whoever comes back meanwhile does so by the key before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_come_back_whether_the_relay_knows_the_next_access_key_or_not() {
    let host = Host::default();
    let listen = Options { listen: vec!["127.0.0.1:0".parse().unwrap()], public_address: None };
    let hosted = host.start(&listen).await.unwrap();
    let mut anna = Actor::join("anna", &hosted.local_invitation);
    let mut boris = Actor::join("boris", &hosted.invitation);
    let mut mallory = Actor::join("mallory", &hosted.invitation);
    let joined = anna.wait_for("mallory", |e| e["what"] == "joined" && e["nick"] == "mallory");
    boris.wait_for("mallory", |e| e["what"] == "joined" && e["nick"] == "mallory");
    anna.does(&json!({"do": "evict", "server": 1, "person": joined["key"]}));
    mallory.wait_for("to be told", |event| event["error"] == "evicted");
    let renewed = anna.wait_for("another invitation", |event| event["event"] == "renewed");
    boris.wait_for("another invitation", |event| event["event"] == "renewed");
    let hosted = restarted(&host, hosted).await;
    for actor in [&mut anna, &mut boris] {
        is_back(actor);
    }
    boris.says("by the key before");
    anna.hears("by the key before");
    assert!(hosted.renewed(renewed["link"].as_str().unwrap()));
    let hosted = restarted(&host, hosted).await;
    for actor in [&mut anna, &mut boris] {
        is_back(actor);
    }
    boris.says("by the newest");
    anna.hears("by the newest");
    hosted.stop().await;
}
