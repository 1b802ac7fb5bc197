//! Strangers get nothing; members are told what is wrong. One thread for all: whoever the clock woke runs before a
//! member is answered.

use std::net::SocketAddr;

use rustls::crypto::aws_lc_rs::kx_group;
use shepot_protocol::message::{Refusal, RefusalCause};
use shepot_protocol::version::SUPPORTED;
use shepot_protocol::{AccessKey, ClientToRelay, Pin, RelayToClient, Version, VersionRange};
use shepot_relay::{Access, AccessKeys, Configuration, Identity, Limits, Relay};
use shepot_transport::Credentials;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::house::{House, MILLISECOND, assert_answered};
use super::support::{Client, PATIENCE, tls};

fn key() -> AccessKey {
    AccessKey::new([9; 32])
}

fn house(limits: Limits) -> House {
    House::open(limits, Access::Keys([key()].into_iter().collect()))
}

/// How many bytes come back over a bare socket until it is closed.
async fn probe(address: SocketAddr, bytes: &[u8]) -> usize {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let reading = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    let _ = reading.expect("it was never closed");
    answer.len()
}

#[tokio::test]
async fn probes_get_no_byte_and_are_closed_at_the_deadline() {
    let house = house(Limits::default());
    let address = house.address;
    let (mut member, _) = Client::connect(address, house.pin, Some(&key())).await;
    let mut plain_tls = vec![0x16, 3, 1, 0, 100, 1, 0, 0, 96, 3, 3];
    plain_tls.resize(105, 7);
    let probes: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(),
        vec![0; 10_000],
        vec![0xff; 10_000],
        plain_tls,
        (0..2000_u32).map(|n| (n * 7919 % 251) as u8).collect(),
    ];
    let judged = 5;
    let tasks: Vec<_> =
        probes.into_iter().map(|bytes| tokio::spawn(async move { probe(address, &bytes).await })).collect();
    let all = u64::try_from(tasks.len()).unwrap();
    house.until("all are at the door", |relay| relay.statistics().accepted == all + 1).await;
    house.until("some are judged", |_| house.silenced() >= judged).await;
    house.clock.pass(house.relay.limits().admission_deadline - MILLISECOND);
    assert_answered(&mut member).await;
    assert!(tasks.iter().all(|task| !task.is_finished()), "nobody is told by the time what was wrong");
    house.clock.pass(MILLISECOND);
    for (n, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.unwrap(), 0, "probe {n}");
    }
    let refused = house.relay.statistics().refused;
    assert_eq!(refused.not_our_protocol + refused.too_late, all, "{refused:?}");
    assert!(refused.too_late >= 1, "the one that said nothing");
    // The relay goes on.
    Client::connect(address, house.pin, Some(&key())).await;
}

#[tokio::test]
async fn a_classical_key_exchange_gets_no_byte() {
    let house = house(Limits::default());
    let (mut member, _) = Client::connect(house.address, house.pin, Some(&key())).await;
    for groups in [vec![kx_group::X25519], vec![kx_group::SECP256R1], vec![kx_group::MLKEM768]] {
        let greeting = tls(house.address, house.pin, groups);
        assert!(house.kept_in_silence(&mut member, greeting).await.is_err());
    }
    // A client that has the right one as well gets in with it.
    let groups = vec![kx_group::X25519, kx_group::X25519MLKEM768];
    let stream = tls(house.address, house.pin, groups).await.unwrap();
    let group = stream.get_ref().1.negotiated_key_exchange_group().unwrap();
    assert_eq!(group.name(), rustls::NamedGroup::X25519MLKEM768);
}

#[tokio::test]
async fn tls_1_2_gets_no_byte() {
    let house = house(Limits::default());
    let (mut member, _) = Client::connect(house.address, house.pin, Some(&key())).await;
    // A ClientHello of TLS 1.2 as OpenSSL sends it: no supported_versions, ECDHE suites, X25519 and P-256.
    let mut hello = vec![3, 3];
    hello.extend([5; 32]);
    hello.push(0);
    hello.extend([0, 4, 0xc0, 0x2f, 0xc0, 0x2b, 1, 0]);
    let extensions = [0, 10, 0, 6, 0, 4, 0, 0x1d, 0, 0x17, 0, 13, 0, 6, 0, 4, 4, 3, 8, 4, 0, 11, 0, 2, 1, 0];
    hello.extend([0, extensions.len() as u8]);
    hello.extend(extensions);
    let length = hello.len() as u8;
    let mut record = vec![0x16, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(&hello);
    assert_eq!(house.kept_in_silence(&mut member, probe(house.address, &record)).await, 0);
}

#[tokio::test]
async fn wrong_proofs_get_no_frame_and_are_closed_at_the_deadline() {
    let house = house(Limits::default());
    let (address, pin) = (house.address, house.pin);
    let (mut member, _) = Client::connect(address, pin, Some(&key())).await;
    for wrong in [None, Some(AccessKey::new([1; 32]))] {
        let greet = Client::greet(address, pin, wrong.as_ref(), SUPPORTED);
        let (_, answer) = house.kept_in_silence(&mut member, greet).await;
        assert_eq!(answer, None);
    }
    // A right proof, of another connection.
    let mut first = Client::dial(address, pin).await.unwrap();
    let hello = ClientToRelay::Hello(first.hello(&Credentials::new(Some(key())))).to_frame().unwrap();
    let mut second = Client::dial(address, pin).await.unwrap();
    let replay = async |client: &mut Client| {
        client.send_bytes(&hello).await;
        client.next().await
    };
    assert_eq!(house.kept_in_silence(&mut member, replay(&mut second)).await, None);
    assert_eq!(house.relay.statistics().refused.wrong_proof, 3);
    first = Client::dial(address, pin).await.unwrap();
    assert_eq!(
        house.kept_in_silence(&mut member, replay(&mut first)).await,
        None,
        "nor is a replay worth anything"
    );
}

/// By this test's own hands: what both ends take from `transport` could be wrong at both.
#[tokio::test]
async fn proofs_are_made_over_what_the_document_says() {
    use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
    let house = house(Limits::default());
    let client = Client::dial(house.address, house.pin).await.unwrap();
    let export = |label: &[u8]| -> [u8; 32] {
        client.stream.get_ref().1.export_keying_material([0; 32], label, None).unwrap()
    };
    assert_eq!(client.seat_binding().0, export(b"EXPORTER-shepot-seat-v1"));
    let mac = Key::new(HMAC_SHA256, key().expose());
    let (id, proof) = client.hello(&Credentials::new(Some(key()))).access.unwrap();
    assert_eq!(proof.0, sign(&mac, &export(b"EXPORTER-shepot-access-v1")).as_ref());
    assert_eq!(id.0, sign(&mac, b"shepot access key id v1").as_ref()[..8]);
}

#[tokio::test]
async fn inside_tls_strangers_get_no_frame_either() {
    let house = house(Limits::default());
    let (address, pin) = (house.address, house.pin);
    let (mut member, _) = Client::connect(address, pin, Some(&key())).await;
    let say = async |client: &mut Client, bytes: &[u8]| {
        client.send_bytes(bytes).await;
        client.next().await
    };
    let hello = |client: &Client| {
        ClientToRelay::Hello(client.hello(&Credentials::new(Some(key())))).to_frame().unwrap().to_vec()
    };
    let ping = ClientToRelay::Ping { nonce: 1 }.to_frame().unwrap().to_vec();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("http", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("a frame beyond 512 bytes", [&[0, 0, 2, 1][..], &[7; 513]].concat()),
        ("many bytes without an end", vec![0; 4000]),
        ("an empty frame", vec![0; 4]),
        ("another message first", ping.clone()),
        ("not a message", vec![0, 0, 0, 2, 0xff, 0xff]),
        ("no end of a frame that may be", [&[0, 0, 1, 0][..], &[7; 100]].concat().repeat(400)),
    ];
    for (name, bytes) in cases {
        let mut client = Client::dial(address, pin).await.unwrap();
        assert_eq!(house.kept_in_silence(&mut member, say(&mut client, &bytes)).await, None, "{name}");
    }
    let mut client = Client::dial(address, pin).await.unwrap();
    let both = [hello(&client), ping].concat();
    let answer = house.kept_in_silence(&mut member, say(&mut client, &both)).await;
    assert_eq!(answer, None, "nothing may follow the hello before Welcome");
    let mut client = Client::dial(address, pin).await.unwrap();
    let right = hello(&client);
    client.send_bytes(&right).await;
    assert!(matches!(client.next().await, Some(RelayToClient::Welcome(_))), "the control");
}

#[tokio::test]
async fn slow_bytes_die_at_the_deadline() {
    let house = house(Limits::default());
    let (mut member, _) = Client::connect(house.address, house.pin, Some(&key())).await;
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    house.until("it is at the door", |relay| relay.statistics().unauthenticated == 1).await;
    let part = house.relay.limits().admission_deadline / 8;
    for _ in 0..7 {
        // The beginning of a ClientHello, byte by byte.
        stream.write_all(&[0x16]).await.unwrap();
        house.clock.pass(part);
        assert_answered(&mut member).await;
        let read = stream.try_read(&mut [0; 16]);
        assert!(matches!(&read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock), "{read:?}");
    }
    house.clock.pass(part);
    let read = tokio::time::timeout(PATIENCE, stream.read(&mut [0; 16])).await.expect("it was never closed");
    assert!(matches!(read, Ok(0) | Err(_)), "a byte came back");
    house.until("it is gone", |relay| relay.statistics().unauthenticated == 0).await;
}

#[tokio::test]
async fn a_client_does_not_talk_to_another_relay() {
    let house = house(Limits::default());
    assert!(Client::dial(house.address, Pin([0; 32])).await.is_err());
}

#[tokio::test]
async fn a_ban_ends_connections_and_is_told_to_members_alone() {
    let house = house(Limits::default());
    let (relay, address, pin) = (&house.relay, house.address, house.pin);
    let (mut member, _) = Client::connect(address, pin, Some(&key())).await;
    relay.ban(address.ip(), None);
    let is_banned = |answer: &Option<RelayToClient>| {
        matches!(
            answer,
            Some(RelayToClient::Refused(Refusal { cause: RefusalCause::Banned, closing: true, .. }))
        )
    };
    let word = member.next().await;
    assert!(is_banned(&word), "{word:?}");
    let (_, answer) = Client::greet(address, pin, Some(&key()), SUPPORTED).await;
    assert!(is_banned(&answer), "{answer:?}");
    let (_, answer) = house.through_silence(Client::greet(address, pin, None, SUPPORTED)).await;
    assert_eq!(answer, None, "a stranger is told nothing");
    assert_eq!(relay.bans().iter().map(|ban| ban.attempts).collect::<Vec<_>>(), [1]);
    assert_eq!(relay.refusals().iter().map(|one| one.attempts).sum::<u64>(), 2);
    assert!(relay.lift_ban(address.ip()));
    Client::connect(address, pin, Some(&key())).await;
}

#[tokio::test]
async fn who_shares_an_address_is_counted_by_access_key_and_neither_paused_nor_banned_by_it() {
    let limits =
        Limits { connections: 12, connections_per_address: 2, refusals_before_pause: 2, ..Limits::default() };
    let (one, other) = (key(), AccessKey::new([8; 32]));
    let house = House::open(limits, Access::Keys([one.clone(), other.clone()].into_iter().collect()));
    let (relay, address, pin) = (&house.relay, house.address, house.pin);
    let cause = |answer: &Option<RelayToClient>| match answer {
        Some(RelayToClient::Refused(refusal)) => Some(refusal.cause),
        Some(_) | None => None,
    };
    let refused = async |key: &AccessKey| cause(&Client::greet(address, pin, Some(key), SUPPORTED).await.1);
    let mut here = Vec::new();
    for key in [&one, &other] {
        here.push(Client::connect(address, pin, Some(key)).await.0);
    }
    assert_eq!(
        refused(&one).await,
        Some(RefusalCause::AddressFull),
        "control: whose key it is does not matter"
    );
    relay.set_shared_addresses(&[address.ip()]);
    for _ in 0..4 {
        let (_, answer) = house.through_silence(Client::greet(address, pin, None, SUPPORTED)).await;
        assert_eq!(answer, None, "strangers stay strangers");
    }
    for key in [&one, &other] {
        for _ in 0..2 {
            here.push(Client::connect(address, pin, Some(key)).await.0);
        }
        assert_eq!(refused(key).await, Some(RefusalCause::AddressFull), "as many as of one address");
    }
    // It means nobody as long as it is shared.
    relay.ban(address.ip(), None);
    for member in &mut here {
        assert_answered(member).await;
    }
    assert_eq!(relay.visitors(None, 9).list.iter().filter(|one| one.can_be_banned).count(), 0);
    assert!(relay.refusals().iter().all(|one| one.paused_until.is_none()));
    relay.set_shared_addresses(&[]);
    assert_eq!(refused(&one).await, Some(RefusalCause::Banned), "control: the ban is there");
    relay.ban(address.ip(), None);
    for member in &mut here {
        assert_eq!(cause(&member.next().await), Some(RefusalCause::Banned), "whenever it came");
    }
}

#[tokio::test]
async fn who_shares_addresses_leaves_half_of_the_connections_to_others() {
    let limits = Limits { connections: 4, connections_per_address: 1, ..Limits::default() };
    let keys: Vec<AccessKey> = (1..5).map(|n| AccessKey::new([n; 32])).collect();
    let house = House::open(limits, Access::Keys(keys.iter().cloned().collect()));
    house.relay.set_shared_addresses(&[house.address.ip()]);
    let mut here = Vec::new();
    for key in &keys[..2] {
        here.push(Client::connect(house.address, house.pin, Some(key)).await.0);
    }
    let (_, third) = Client::greet(house.address, house.pin, Some(&keys[2]), SUPPORTED).await;
    assert!(
        matches!(third, Some(RelayToClient::Refused(refusal)) if refusal.cause == RefusalCause::AddressFull)
    );
    here.pop();
    house.until("one has gone", |relay| relay.statistics().connections.len() == 1).await;
    Client::connect(house.address, house.pin, Some(&keys[2])).await;
}

#[tokio::test]
async fn members_are_told_of_versions_and_of_room() {
    let limits = Limits { connections: 3, connections_per_address: 2, ..Limits::default() };
    let house_of_three = house(limits);
    let (address, pin) = (house_of_three.address, house_of_three.pin);
    let range = |lowest, highest| VersionRange { lowest: Version(lowest), highest: Version(highest) };
    let cause = |answer: Option<RelayToClient>| match answer {
        Some(RelayToClient::Refused(Refusal { cause, closing: true, .. })) => cause,
        other => panic!("not refused: {other:?}"),
    };
    let (_, answer) = Client::greet(address, pin, Some(&key()), range(0, 0)).await;
    assert_eq!(cause(answer), RefusalCause::ClientTooOld);
    let (mut client, answer) = Client::greet(address, pin, Some(&key()), range(1000, 1001)).await;
    assert_eq!(cause(answer), RefusalCause::ClientTooNew);
    assert_eq!(client.next().await, None);
    let (_first, welcome) = Client::connect(address, pin, Some(&key())).await;
    assert_eq!(welcome.limits.publishes_per_second, Limits::default().publishes.per_second);
    assert!(welcome.seen_address.starts_with("127.0.0.1:"), "{}", welcome.seen_address);
    let (second, _) = Client::connect(address, pin, Some(&key())).await;
    let (_, answer) = Client::greet(address, pin, Some(&key()), SUPPORTED).await;
    assert_eq!(cause(answer), RefusalCause::AddressFull);
    drop(second);
    house_of_three.until("one is gone", |relay| relay.statistics().connections.len() == 1).await;
    Client::connect(address, pin, Some(&key())).await;

    let house_of_one = house(Limits { connections: 1, ..Limits::default() });
    let (relay, address, pin) = (&house_of_one.relay, house_of_one.address, house_of_one.pin);
    let _first = Client::connect(address, pin, Some(&key())).await;
    let (_, answer) = Client::greet(address, pin, Some(&key()), SUPPORTED).await;
    assert_eq!(cause(answer), RefusalCause::RelayFull);
    assert_eq!(relay.statistics().refused.no_room, 1);
}

#[tokio::test]
async fn an_open_relay_needs_no_proof_and_keys_change_while_it_runs() {
    let house = House::open(Limits::default(), Access::Open);
    let (address, pin) = (house.address, house.pin);
    Client::connect(address, pin, None).await;
    house.relay.set_access(Access::Keys(AccessKeys::new()));
    let (_, answer) = house.through_silence(Client::greet(address, pin, Some(&key()), SUPPORTED)).await;
    assert_eq!(answer, None);
    house.relay.set_access(Access::Keys([key()].into_iter().collect()));
    Client::connect(address, pin, Some(&key())).await;
}

#[tokio::test]
async fn half_open_sockets_do_not_lock_members_out() {
    let limits = Limits { unauthenticated: 50, unauthenticated_per_address: 50, ..Limits::default() };
    let house = house(limits);
    let mut held = Vec::new();
    for _ in 0..200 {
        held.push(TcpStream::connect(house.address).await.unwrap());
    }
    // None of them gives its place back by itself: the deadline does not come.
    Client::connect(house.address, house.pin, Some(&key())).await;
    let statistics = house.relay.statistics();
    assert!(statistics.unauthenticated <= 50);
    assert!(statistics.refused.crowded_out >= 150, "{:?}", statistics.refused);
}

#[tokio::test]
async fn ipv4_and_ipv6_side_by_side_on_one_port() {
    let identity = Identity::generate().unwrap();
    let start = async |listen: Vec<SocketAddr>| {
        Relay::start(Configuration { listen, limits: Limits::default() }, &identity, Access::Open).await
    };
    let mut tries = 0;
    let (six, four, port) = loop {
        // A machine without IPv6 has nothing to show here.
        let Ok(six) = start(vec!["[::]:0".parse().unwrap()]).await else { return };
        let port = six.local_addresses()[0].port();
        match start(vec![([0, 0, 0, 0], port).into(), ([0, 0, 0, 0, 0, 0, 0, 1], 0).into()]).await {
            Ok(four) => break (six, four, port),
            // Somebody else has this port of IPv4: nobody has bad luck so often.
            Err(error) => assert!(tries < 20, "{error}"),
        }
        tries += 1;
    };
    Client::connect(([127, 0, 0, 1], port).into(), four.pin(), None).await;
    let (_, welcome) = Client::connect((std::net::Ipv6Addr::LOCALHOST, port).into(), six.pin(), None).await;
    assert!(welcome.seen_address.starts_with("[::1]:"));
    let taken = Configuration { listen: vec![([0, 0, 0, 0], port).into()], limits: Limits::default() };
    let error = Relay::start(taken, &identity, Access::Open).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("0.0.0.0:{port}: ")), "{error}");
}
