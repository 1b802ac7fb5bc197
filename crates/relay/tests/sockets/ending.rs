//! How connections end, and relays.

use std::task::{Context, Waker};
use std::time::Duration;

use shepot_protocol::message::{Delivery, Entry, NoticeKind, PresenceChange};
use shepot_protocol::{ClientToRelay, RelayToClient};

use super::house::{CIRCLE, house, limits, start};
use super::member::{Member, let_in};
use super::support::{Client, PATIENCE, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_and_never_reads_is_closed() {
    let (house, door) = house(limits());
    let mut rude = door.connect().await;
    let ping = ClientToRelay::Ping { nonce: 1 }.to_frame().unwrap();
    let pings = ping.repeat(10_000);
    // It goes on asking until nothing is taken any more, and after that until it is closed.
    let asking = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        while rude.stream.write_all(&pings).await.is_ok() {}
    });
    // However slowly the machine works: as long as anything was taken since the last look, it is not time yet.
    let mut before = 0;
    eventually("it is closed when the relay takes no more", || {
        let Some(taken) = house.relay.statistics().connections.first().map(|there| there.bytes_in) else {
            return before > 0;
        };
        if taken > 0 && taken == before {
            house.clock.pass(house.relay.limits().dead_after / 40);
        }
        before = taken;
        false
    })
    .await;
    tokio::time::timeout(PATIENCE, asking).await.expect("it is told by its socket").unwrap();
}

// One thread: whoever the clock woke runs before the other is answered.
#[tokio::test]
async fn who_says_nothing_is_dead_and_who_pings_is_not() {
    let (house, door) = house(limits());
    let dead_after = house.relay.limits().dead_after;
    let mut silent = door.connect().await;
    let mut alive = door.connect().await;
    let moment = Duration::from_millis(1);
    house.clock.pass(dead_after - moment);
    alive.send(&ClientToRelay::Ping { nonce: 5 }).await;
    assert_eq!(alive.next().await, Some(RelayToClient::Pong { nonce: 5 }));
    assert_eq!(house.relay.statistics().connections.len(), 2, "not before its time");
    house.clock.pass(moment);
    // Silent connections are looked for every second.
    house.clock.pass(Duration::from_secs(1));
    assert_eq!(silent.next().await, None);
    alive.send(&ClientToRelay::Ping { nonce: 6 }).await;
    assert_eq!(alive.next().await, Some(RelayToClient::Pong { nonce: 6 }));
    eventually("one is left", || house.relay.statistics().connections.len() == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operator_ends_a_connection() {
    let (relay, door) = start(limits());
    let mut client = door.connect().await;
    eventually("one is there", || relay.statistics().connections.len() == 1).await;
    let id = relay.statistics().connections[0].id;
    assert!(relay.disconnect(id));
    assert_eq!(client.next().await, Some(RelayToClient::Notice(NoticeKind::DisconnectedByOperator)));
    assert_eq!(client.next().await, None);
    drop(client);
    eventually("nobody is there", || relay.statistics().connections.is_empty()).await;
    assert!(!relay.disconnect(id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_shown_out_has_left_for_the_others() {
    for bans in [false, true] {
        let (house, door) = house(limits());
        let relay = &house.relay;
        let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
        // From elsewhere than the other: a ban is of a whole address.
        let elsewhere = "127.0.0.2:0".parse().unwrap();
        let (client, _) = Client::greet_from(elsewhere, house.address, house.pin, door.key.as_ref()).await;
        let mut bob = let_in(&mut ann, client, 2).await;
        let newest = relay.statistics().connections.into_iter().max_by_key(|one| one.id.0).unwrap();
        let change = tokio::spawn(async move {
            ann.serve_until(|_, message| match message {
                RelayToClient::Delivery(Delivery { entry: Entry::Presence { change, .. }, .. })
                    if *change != PresenceChange::Entered =>
                {
                    Some(*change)
                }
                _ => None,
            })
            .await
        });
        if bans {
            relay.ban(newest.address.ip(), None);
        } else {
            assert!(relay.disconnect(newest.id));
        }
        while bob.serve().await.is_some() {}
        assert_eq!(change.await.unwrap(), PresenceChange::Left);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_told_that_the_relay_stops() {
    let (relay, door) = start(limits());
    let mut ann = Member::found(door.connect().await, CIRCLE, 1).await;
    let mut bob = let_in(&mut ann, door.connect().await, 2).await;
    ann.publish("last words").await;
    bob.hear(1).await;
    let readers = [ann, bob].map(|mut member| {
        tokio::spawn(async move {
            let mut said = Vec::new();
            while let Some(message) = member.serve().await {
                said.push(message);
            }
            said
        })
    });
    relay.shutdown().await;
    assert!(relay.statistics().connections.is_empty(), "nobody was given up");
    for reader in readers {
        let said = reader.await.unwrap();
        assert_eq!(said.last(), Some(&RelayToClient::Notice(NoticeKind::ShuttingDown)));
        let lost = said.iter().any(|message| {
            matches!(
                message,
                RelayToClient::Delivery(Delivery { entry: Entry::Presence { change, .. }, .. })
                    if *change == PresenceChange::Lost
            )
        });
        assert!(!lost, "nobody is told that the others are lost");
    }
    assert!(tokio::net::TcpStream::connect(door.address).await.is_err(), "nobody listens");
}

/// On one thread: whoever does not wait for the tasks that accept has not even let them end.
#[tokio::test]
async fn a_relay_that_has_stopped_gives_its_port_back() {
    let (relay, door) = start(limits());
    relay.shutdown().await;
    std::net::TcpListener::bind(door.address).unwrap();
    // Once more does no harm.
    relay.shutdown().await;
}

#[tokio::test]
async fn whoever_else_stops_a_relay_waits_for_its_end_too() {
    let (relay, door) = start(limits());
    let second = async {
        relay.shutdown().await;
        std::net::TcpListener::bind(door.address).unwrap();
    };
    tokio::join!(relay.shutdown(), second);
    // Who does not wait for the end keeps nobody from it.
    let (relay, door) = start(limits());
    let begun = std::pin::pin!(relay.shutdown()).poll(&mut Context::from_waker(Waker::noop()));
    assert!(begun.is_pending());
    relay.shutdown().await;
    std::net::TcpListener::bind(door.address).unwrap();
}
