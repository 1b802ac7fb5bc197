//! What hostile connections can make the relay keep: no more than it was told, and no more than their share.

use bytes::Bytes;
use shepot_protocol::message::{Commit, CreateGroup, Enter, Publish, RefusalCause, Standing};
use shepot_protocol::{CircleId, ClientToRelay, PublishId, RelayToClient, VerificationKey};
use shepot_relay::{Access, Limits, Rate};

use super::house::House;
use super::member::{first_name, seat_of, secret_of};
use super::support::Client;

const MIB: usize = 1024 * 1024;

/// A connection to an open relay from this address of the machine.
async fn from(house: &House, address: &str) -> Client {
    let (client, welcome) =
        Client::greet_from(format!("{address}:0").parse().unwrap(), house.address, house.pin, None).await;
    assert!(matches!(welcome, Some(RelayToClient::Welcome(_))), "{welcome:?}");
    client
}

async fn enter(client: &mut Client, circle: CircleId) {
    let (seat, seat_secret) = (seat_of(1), secret_of(1));
    let name = first_name(circle);
    let enter = Enter { name, seat, seat_secret, resume: None, succession: None, owner: None };
    client.send(&ClientToRelay::Enter(enter)).await;
}

async fn found(client: &mut Client, circle: CircleId) -> RelayToClient {
    enter(client, circle).await;
    client.next().await.unwrap();
    let found = CreateGroup { circle, epoch: 0, verification_key: VerificationKey([1; 32]) };
    client.send(&ClientToRelay::CreateGroup(found)).await;
    client.next().await.unwrap()
}

fn circle(number: usize) -> CircleId {
    let mut id = [7; 16];
    id[..8].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
    CircleId(id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_one_address_leave_room_for_others_and_the_limit_holds() {
    let limits = Limits { circle_bytes_in_total: 8 * MIB, ..Limits::default() };
    let house = House::open(limits, Access::Open);
    let mut hostile = [from(&house, "127.0.0.1").await, from(&house, "127.0.0.1").await];
    let mut refused = 0;
    for number in 0..32 {
        for (who, client) in hostile.iter_mut().enumerate() {
            let circle = circle(2 * number + who);
            found(client, circle).await;
            for id in 0..6 {
                let publish_id = PublishId([id; 16]);
                let blob = Bytes::from(vec![id; 64 * 1024]);
                client.send(&ClientToRelay::Publish(Publish { circle, publish_id, epoch: 0, blob })).await;
                // Every one is answered, by its place or a refusal.
                let answer = client.next().await.unwrap();
                let is_full = |m: &RelayToClient| matches!(m, RelayToClient::Refused(r) if r.cause == RefusalCause::MemoryFull);
                refused += usize::from(is_full(&answer));
                let used = house.relay.statistics().circle_bytes;
                assert!(used <= 4 * MIB, "more than half of it: {used}");
            }
            // The clock stands still, and so many at once are not allowed.
            house.clock.pass(std::time::Duration::from_secs(2));
        }
    }
    assert!(refused > 0, "it was too little to fill their share");
    let mut friend = from(&house, "127.0.0.2").await;
    let circle = CircleId([9; 16]);
    let entered = found(&mut friend, circle).await;
    assert!(matches!(entered, RelayToClient::Entered(entered) if entered.standing == Standing::Seated));
    let blob = Bytes::from(vec![7; 64 * 1024]);
    let publish = Publish { circle, publish_id: PublishId([1; 16]), epoch: 0, blob };
    friend.send(&ClientToRelay::Publish(publish)).await;
    assert!(matches!(friend.next().await, Some(RelayToClient::Published(_))));
    drop((hostile, friend));
    let age = limits.circle.log.age + limits.circle.abandoned_ttl;
    house.until("nobody is in", |relay| relay.statistics().connections.is_empty()).await;
    house.clock.pass(age);
    house.until("all is given back", |relay| relay.statistics().circle_bytes == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_founds_nothing_takes_no_circle_from_others() {
    let commits = Rate { per_second: 100, burst: 100 };
    let limits = Limits { circles: 1, commits, ..Limits::default() };
    let house = House::open(limits, Access::Open);
    let mut hostile = from(&house, "127.0.0.1").await;
    for number in 0..64 {
        enter(&mut hostile, circle(number)).await;
        hostile.next().await.unwrap();
    }
    assert_eq!(house.relay.statistics().circles, 0, "nobody has founded any");
    let mut friend = from(&house, "127.0.0.2").await;
    let entered = found(&mut friend, CircleId([9; 16])).await;
    assert!(matches!(entered, RelayToClient::Entered(entered) if entered.standing == Standing::Seated));
    assert_eq!(house.relay.statistics().circles, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_is_a_quarter_of_a_log_at_most() {
    let house = House::open(Limits::default(), Access::Open);
    let mut client = from(&house, "127.0.0.1").await;
    let circle = CircleId([9; 16]);
    found(&mut client, circle).await;
    let blob = Bytes::from(vec![7; Limits::default().circle.log.bytes / 4]);
    let commit = Commit { circle, base_epoch: 0, blob, endorsement: None, seen: u64::MAX, eviction: None };
    client.send(&ClientToRelay::Commit(commit)).await;
    let answer = client.next().await;
    let is_too_large =
        |m: &RelayToClient| matches!(m, RelayToClient::Refused(r) if r.cause == RefusalCause::TooLarge);
    assert!(answer.as_ref().is_some_and(is_too_large), "{answer:?}");
}
