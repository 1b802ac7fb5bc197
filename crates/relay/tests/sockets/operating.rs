//! What an operator can do while a relay runs, as its clients see it.

use std::time::Duration;

use shepot_protocol::message::{CreateGroup, Enter, Record, Refusal, RefusalCause, Standing};
use shepot_protocol::version::SUPPORTED;
use shepot_protocol::{
    AccessKey, CircleId, CircleName, ClientToRelay, RelayToClient, ReturnTicket, VerificationKey,
};
use shepot_relay::operator::{HISTORY_INTERVAL, Incident, Presence, Sample};
use shepot_relay::{Access, ConfigurationError, Identity, IssuedKey, Limits};

use super::clock::ManualClock;
use super::house::House;
use super::member::{seat_of, secret_of};
use super::support::Client;

fn issued(n: u8) -> IssuedKey {
    IssuedKey::unbounded(AccessKey::new([n; 32]), ManualClock::new().seconds())
}

fn house(limits: Limits, keys: impl IntoIterator<Item = IssuedKey>) -> House {
    House::open(limits, Access::Keys(keys.into_iter().collect()))
}

impl House {
    async fn greet(&self, key: &AccessKey) -> Answer {
        answer(self.through_silence(Client::greet(self.address, self.pin, Some(key), SUPPORTED)).await)
    }

    async fn come_back(&self, key: &AccessKey, ticket: ReturnTicket) -> Answer {
        answer(self.through_silence(Client::come_back(self.address, self.pin, key, ticket)).await)
    }
}

enum Answer {
    Silence,
    Refused(RefusalCause),
    In(Box<Client>, ReturnTicket),
}

fn answer((client, answer): (Client, Option<RelayToClient>)) -> Answer {
    match answer {
        None => Answer::Silence,
        Some(RelayToClient::Refused(Refusal { cause, closing: true, .. })) => Answer::Refused(cause),
        Some(RelayToClient::Welcome(welcome)) => Answer::In(Box::new(client), welcome.return_ticket.unwrap()),
        Some(other) => panic!("{other:?}"),
    }
}

impl Answer {
    fn welcomed(self) -> (Box<Client>, ReturnTicket) {
        match self {
            Self::In(client, ticket) => (client, ticket),
            Self::Silence => panic!("silence"),
            Self::Refused(cause) => panic!("{cause:?}"),
        }
    }

    fn cause(self) -> Option<RefusalCause> {
        match self {
            Self::Refused(cause) => Some(cause),
            Self::Silence | Self::In(..) => None,
        }
    }
}

async fn speak(client: &mut Client) {
    client.send(&ClientToRelay::Ping { nonce: 5 }).await;
    assert_eq!(client.next().await, Some(RelayToClient::Pong { nonce: 5 }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_for_two_lets_two_in_and_both_come_back() {
    let identity = Identity::generate().unwrap();
    let for_two = IssuedKey { most_uses: Some(2), ..issued(1) };
    let key = for_two.key.clone();
    let house = House::open_as(
        &identity,
        Limits::default(),
        Access::Keys([for_two].into_iter().collect()),
        ManualClock::new(),
    );
    let (mut first, ticket) = house.greet(&key).await.welcomed();
    let (mut second, _) = house.greet(&key).await.welcomed();
    assert_eq!(house.greet(&key).await.cause(), Some(RefusalCause::InvitationUsedUp));
    speak(&mut first).await;
    speak(&mut second).await;
    house.relay.access_changed().await;
    let stored = house.relay.access_keys().unwrap();
    assert_eq!(stored.list()[0].uses, 2);
    drop(first);
    house.come_back(&key, ticket).await.welcomed();
    let forged = ReturnTicket([7; 40]);
    assert_eq!(house.come_back(&key, forged).await.cause(), Some(RefusalCause::InvitationUsedUp));
    house.until("both are counted", |relay| relay.statistics().refused.used_up == 2).await;
    drop(second);
    // The relay starts anew with what was stored: the ticket is still good, and nobody new gets in.
    house.relay.shutdown().await;
    let house = House::open_as(&identity, Limits::default(), Access::Keys(stored), house.clock);
    assert_eq!(house.greet(&key).await.cause(), Some(RefusalCause::InvitationUsedUp));
    house.come_back(&key, ticket).await.welcomed();
}

/// Whoever lost the connection before it could take the welcome has nothing to come back by.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_use_counts_when_the_newcomer_was_heard() {
    let for_one = IssuedKey { most_uses: Some(1), ..issued(1) };
    let key = for_one.key.clone();
    let house = house(Limits::default(), [for_one]);
    let (lost, _) = house.greet(&key).await.welcomed();
    assert_eq!(house.greet(&key).await.cause(), Some(RefusalCause::InvitationUsedUp));
    // Wait until it is listed: otherwise the list below is empty because it is not on it yet.
    house.until("it is here", |relay| relay.statistics().connections.len() == 1).await;
    drop(lost);
    house.until("it is gone", |relay| relay.statistics().connections.is_empty()).await;
    let (mut heard, _) = house.greet(&key).await.welcomed();
    speak(&mut heard).await;
    drop(heard);
    house.until("it is gone", |relay| relay.statistics().connections.is_empty()).await;
    assert_eq!(house.greet(&key).await.cause(), Some(RefusalCause::InvitationUsedUp));
    assert_eq!(house.relay.access_keys().unwrap().list()[0].uses, 1);
}

/// A ticket can be passed on like the key: it lets in no more than may be here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_that_is_passed_on_is_no_open_door() {
    let for_one = IssuedKey { most_uses: Some(1), ..issued(1) };
    let key = for_one.key.clone();
    let house = house(Limits::default(), [for_one]);
    let (mut first, ticket) = house.greet(&key).await.welcomed();
    speak(&mut first).await;
    // Its old connection may not be known to be lost yet.
    let (second, _) = house.come_back(&key, ticket).await.welcomed();
    assert_eq!(house.relay.key_statistics()[0].connections, 2);
    // Not for good: one of the two may be lost.
    assert_eq!(house.come_back(&key, ticket).await.cause(), Some(RefusalCause::AddressFull));
    drop((first, second));
    house.until("nobody is here", |relay| relay.key_statistics()[0].connections == 0).await;
    house.come_back(&key, ticket).await.welcomed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_ends_for_who_is_new() {
    let clock = ManualClock::new();
    let key = IssuedKey { expires_at: Some(clock.seconds() + 60), ..issued(1) };
    let access = Access::Keys([key.clone()].into_iter().collect());
    let house = House::open_as(&Identity::generate().unwrap(), Limits::default(), access, clock);
    house.clock.pass(Duration::from_secs(59));
    let (client, ticket) = house.greet(&key.key).await.welcomed();
    house.clock.pass(Duration::from_secs(1));
    assert_eq!(house.greet(&key.key).await.cause(), Some(RefusalCause::InvitationExpired));
    drop(client);
    house.come_back(&key.key, ticket).await.welcomed();
    let stranger = house.greet(&AccessKey::new([9; 32])).await;
    assert!(matches!(stranger, Answer::Silence), "who holds no key is not told that there are keys");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_revoked_ends_the_connections_that_came_by_it_and_no_others() {
    let (kept, taken) = (issued(1), issued(2).named("table"));
    let house = house(Limits::default(), [kept.clone()]);
    assert!(matches!(house.greet(&taken.key).await, Answer::Silence));
    assert!(house.relay.issue(taken.clone()));
    let (mut stays, _) = house.greet(&kept.key).await.welcomed();
    let (mut goes, ticket) = house.greet(&taken.key).await.welcomed();
    let counts: Vec<_> = house.relay.key_statistics().iter().map(|key| key.connections).collect();
    assert_eq!(counts, [1, 1]);
    // Who has only been let in may not be listed yet: it is revoked all the same when it is, but not counted here.
    speak(&mut goes).await;
    assert_eq!(
        house.relay.revoke(taken.id()).map(|(key, ended)| (key.label, ended)),
        Some(("table".into(), 1))
    );
    let word = goes.next().await;
    assert!(
        matches!(
            &word,
            Some(RelayToClient::Refused(Refusal {
                cause: RefusalCause::InvitationRevoked,
                closing: true,
                ..
            }))
        ),
        "{word:?}"
    );
    assert!(matches!(house.come_back(&taken.key, ticket).await, Answer::Silence), "no ticket helps");
    stays.send(&ClientToRelay::Ping { nonce: 5 }).await;
    assert_eq!(stays.next().await, Some(RelayToClient::Pong { nonce: 5 }));
    assert!(house.relay.revoke(taken.id()).is_none());
    let told = house.relay.journal_after(0);
    assert!(
        told.iter()
            .any(|entry| entry.incident == Incident::Revoked { label: "table".into(), connections: 1 })
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ban_ends_by_itself() {
    let key = issued(1);
    let house = house(Limits::default(), [key.clone()]);
    let hour = Duration::from_secs(3_600);
    house.relay.ban(house.address.ip(), Some(hour));
    house.clock.pass(hour - Duration::from_millis(1));
    assert_eq!(house.greet(&key.key).await.cause(), Some(RefusalCause::Banned));
    house.clock.pass(Duration::from_millis(1));
    assert!(house.relay.bans().is_empty());
    house.greet(&key.key).await.welcomed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_again_and_again_is_not_looked_at_and_members_stay() {
    let key = issued(1);
    let limits = Limits { refusals_before_pause: 3, ..Limits::default() };
    let house = house(limits, [key.clone()]);
    let (mut member, _) = house.greet(&key.key).await.welcomed();
    let wrong = AccessKey::new([9; 32]);
    for _ in 0..3 {
        assert!(matches!(house.greet(&wrong).await, Answer::Silence));
    }
    // It happens behind the silence of the third.
    house.until("it is paused", |relay| relay.refusals()[0].paused_until.is_some()).await;
    assert!(Client::dial(house.address, house.pin).await.is_err(), "not even a handshake");
    member.send(&ClientToRelay::Ping { nonce: 5 }).await;
    assert_eq!(member.next().await, Some(RelayToClient::Pong { nonce: 5 }));
    assert_eq!(house.relay.statistics().refused.paused, 1);
    let pause = house.relay.limits().pause;
    for _ in 0..pause.as_secs() / 20 {
        // Who is in says so now and then.
        house.clock.pass(Duration::from_secs(20));
        speak(&mut member).await;
    }
    assert!(house.relay.refusals()[0].paused_until.is_none(), "the pause has ended");
    house.greet(&key.key).await.welcomed();
    for _ in 0..3 {
        assert!(matches!(house.greet(&wrong).await, Answer::Silence));
    }
    house.until("it is paused again", |relay| relay.refusals()[0].paused_until.is_some()).await;
    assert!(house.relay.lift_ban(house.address.ip()), "the operator ends a pause as well");
    house.greet(&key.key).await.welcomed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_change_while_it_runs() {
    let key = issued(1);
    let house = house(Limits { connections: 1, ..Limits::default() }, [key.clone()]);
    let (mut first, _) = house.greet(&key.key).await.welcomed();
    assert_eq!(house.greet(&key.key).await.cause(), Some(RefusalCause::RelayFull));
    let wrong = Limits { connections: 0, ..house.relay.limits() };
    assert!(matches!(
        house.relay.set_limits(wrong),
        Err(ConfigurationError::OutOfRange { field: "connections", .. })
    ));
    assert_eq!(house.greet(&key.key).await.cause(), Some(RefusalCause::RelayFull), "nothing was changed");
    house.relay.set_limits(Limits { connections: 2, circles: 1, ..house.relay.limits() }).unwrap();
    let (mut second, _) = house.greet(&key.key).await.welcomed();
    let enter = async |client: &mut Client, n: u8| {
        let enter = Enter {
            name: CircleName([n; 16]),
            seat: seat_of(n.into()),
            seat_secret: secret_of(n.into()),
            resume: None,
            succession: None,
            owner: None,
        };
        client.send(&ClientToRelay::Enter(enter)).await;
        client.next().await.unwrap()
    };
    let found = async |client: &mut Client, n: u8| {
        let (circle, verification_key) = (CircleId([n; 16]), VerificationKey([n; 32]));
        client.send(&ClientToRelay::CreateGroup(CreateGroup { circle, epoch: 0, verification_key })).await;
        client.next().await.unwrap()
    };
    enter(&mut first, 1).await;
    let entered = found(&mut first, 1).await;
    assert!(matches!(&entered, RelayToClient::Entered(entered) if entered.standing == Standing::Seated));
    enter(&mut second, 2).await;
    let full = found(&mut second, 2).await;
    assert!(
        matches!(&full, RelayToClient::Refused(Refusal { cause: RefusalCause::CirclesFull, .. })),
        "{full:?}"
    );
    house.relay.set_limits(Limits { connections: 1, circles: 2, ..house.relay.limits() }).unwrap();
    assert!(matches!(found(&mut second, 2).await, RelayToClient::Entered(_)), "who is in stays in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_is_shown_what_the_operator_sees_and_nothing_else() {
    let key = issued(1).named("table");
    let house = house(Limits::default(), [key.clone()]);
    assert!(matches!(house.greet(&AccessKey::new([9; 32])).await, Answer::Silence));
    let (mut client, _) = house.greet(&key.key).await.welcomed();
    let enter = Enter {
        name: CircleName([1; 16]),
        seat: seat_of(1),
        seat_secret: secret_of(1),
        resume: None,
        succession: None,
        owner: None,
    };
    client.send(&ClientToRelay::Enter(enter)).await;
    client.next().await.unwrap();
    client.send(&ClientToRelay::ShowRecord).await;
    let Some(RelayToClient::Record(record)) = client.next().await else { panic!() };
    let seen = &house.relay.statistics().connections[0];
    // Everything but what goes on: times, and the bytes of the answer itself.
    let expected = Record {
        connection: seen.id.0,
        address: seen.address.to_string(),
        connected: record.connected,
        silent: record.silent,
        circles: 1,
        seats: u32::try_from(seen.seats).unwrap(),
        bytes_in: seen.bytes_in,
        bytes_out: record.bytes_out,
        access_label: "table".into(),
        refused_attempts: house.relay.refusals()[0].attempts,
    };
    assert_eq!(record, expected);
    assert!(record.connected <= seen.age && record.silent <= record.connected);
    assert!(record.bytes_in > 0 && record.bytes_out > 0 && record.bytes_out <= seen.bytes_out);
}

#[tokio::test]
async fn the_totals_of_the_last_hour_are_kept() {
    let house = house(Limits { dead_after: Duration::from_secs(3_600), ..Limits::default() }, [issued(1)]);
    let (_first, _) = house.greet(&issued(1).key).await.welcomed();
    house.clock.pass(Duration::from_secs(1));
    house.until("one is kept", |relay| relay.history().len() == 1).await;
    let (_second, _) = house.greet(&issued(1).key).await.welcomed();
    house.clock.pass(HISTORY_INTERVAL);
    house.until("the next is kept", |relay| relay.history().len() == 2).await;
    let history = house.relay.history();
    assert_eq!((history[0].connections, history[1].connections), (1, 2));
    assert_eq!(history[1], Sample::from(&house.relay.statistics()), "as the operator sees it now");
}

/// Who gets a row, in which order, and what may be done about each. Other addresses than 127.0.0.1 are there on Linux.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn visitors_are_who_is_here_then_who_was_turned_away_then_who_is_banned() {
    let hour = Duration::from_secs(3_600);
    let limits = Limits { refusals_before_pause: 3, pause: hour, dead_after: hour, ..Limits::default() };
    let house = house(limits, [issued(1)]);
    let from = |host: u8| -> std::net::SocketAddr { ([127, 0, 0, host], 0).into() };
    let come = async |host: u8, key: u8| {
        let key = issued(key).key;
        let coming = Client::greet_from(from(host), house.address, house.pin, Some(&key));
        house.through_silence(coming).await
    };
    let mut here = Vec::new();
    for host in [1, 1, 2] {
        here.push(come(host, 1).await);
    }
    for (host, times) in [(2, 1), (3, 1), (4, 3), (5, 1)] {
        for _ in 0..times {
            come(host, 9).await;
        }
    }
    for host in [6, 5, 7] {
        house.relay.ban(from(host).ip(), None);
        house.clock.pass(Duration::from_secs(1));
    }
    house.until("one is paused", |relay| relay.refusals().iter().any(|one| one.paused_until.is_some())).await;
    let rows = |most_refused| -> Vec<(u8, &str, bool, bool)> {
        let visitors = house.relay.visitors(Some(from(1).ip()), most_refused);
        let row = |one: &shepot_relay::operator::Visitor| {
            let std::net::IpAddr::V4(address) = one.address else { panic!() };
            let kind = match one.presence {
                Presence::Connected(_) => "here",
                Presence::Refused if one.until.is_some() => "paused",
                Presence::Refused => "refused",
                Presence::Banned => "banned",
            };
            (address.octets()[3], kind, one.is_own, one.can_be_banned)
        };
        visitors.list.iter().map(row).collect()
    };
    let connected = [(1, "here", true, false), (1, "here", false, false), (2, "here", false, true)];
    let banned = [(7, "banned", false, false), (5, "banned", false, false), (6, "banned", false, false)];
    // Who is here, or banned, is not told of as refused; a pause is in any case.
    let paused = [(4, "paused", false, true)];
    assert_eq!(rows(0), [&connected[..], &paused, &banned].concat());
    let refused = [(4, "paused", false, true), (3, "refused", false, true)];
    assert_eq!(rows(usize::MAX), [&connected[..], &refused, &banned].concat());
    // Also of an address from which somebody is connected.
    for _ in 0..2 {
        come(2, 9).await;
    }
    house
        .until("the other is paused", |relay| {
            relay.visitors(None, 0).list.iter().filter(|one| one.until.is_some()).count() == 2
        })
        .await;
    assert_eq!(rows(0)[3], (2, "paused", false, true));
    assert!(house.relay.visitors(None, 0).list.iter().all(|one| !one.is_own));
    // All of an address at once.
    assert_eq!(house.relay.disconnect_all_from(from(1).ip()).len(), 2);
}
