//! Strangers get nothing; members are told what is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::wildcard_enum_match_arm, clippy::cast_possible_truncation)]

mod support;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustls::crypto::aws_lc_rs::kx_group;
use shepot_protocol::message::{Hello, Refusal, RefusalCause};
use shepot_protocol::version::SUPPORTED;
use shepot_protocol::{AccessKey, ClientToRelay, Pin, RelayToClient, Version, VersionRange};
use shepot_relay::{Access, AccessKeys, Configuration, Identity, Limits, Relay, RelayHandle};
use support::{Client, client_config, tls};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const DEADLINE: Duration = Duration::from_millis(900);

/// Closing may be later than the deadline by what a busy machine takes to run a task.
const SPREAD: Duration = Duration::from_millis(600);

fn key() -> AccessKey {
    AccessKey::new([9; 32])
}

async fn start(limits: Limits) -> (RelayHandle, SocketAddr) {
    start_with(limits, Access::Keys([key()].into_iter().collect())).await
}

async fn start_with(limits: Limits, access: Access) -> (RelayHandle, SocketAddr) {
    let listen: Vec<SocketAddr> = vec!["127.0.0.1:0".parse().unwrap()];
    let identity = Identity::generate().unwrap();
    let relay = Relay::start(Configuration { listen, limits }, &identity, access).await.unwrap();
    let address = relay.local_addresses()[0];
    (relay, address)
}

fn short() -> Limits {
    Limits { admission_deadline: DEADLINE, ..Limits::default() }
}

/// What comes back over a bare socket until it is closed, and how long that took.
async fn probe(address: SocketAddr, bytes: &[u8]) -> (usize, Duration) {
    let before = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let reading = tokio::time::timeout(support::PATIENCE, stream.read_to_end(&mut answer)).await;
    let _ = reading.expect("it was never closed");
    (answer.len(), before.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn probes_get_no_byte_and_are_closed_at_the_deadline() {
    let (relay, address) = start(short()).await;
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
    let tasks: Vec<_> =
        probes.into_iter().map(|bytes| tokio::spawn(async move { probe(address, &bytes).await })).collect();
    for (n, task) in tasks.into_iter().enumerate() {
        let (bytes, time) = task.await.unwrap();
        assert_eq!(bytes, 0, "probe {n}");
        assert!(time >= DEADLINE && time < DEADLINE + SPREAD, "probe {n}: {time:?}");
    }
    assert_eq!(relay.statistics().refused.too_late, 1, "the one that said nothing");
    assert!(relay.statistics().refused.not_our_protocol >= 4);
    // The relay goes on.
    Client::connect(address, relay.pin(), Some(&key())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_classical_key_exchange_gets_no_byte() {
    let (relay, address) = start(short()).await;
    for groups in [vec![kx_group::X25519], vec![kx_group::SECP256R1], vec![kx_group::MLKEM768]] {
        let before = Instant::now();
        assert!(tls(address, client_config(relay.pin(), groups)).await.is_err());
        assert!(before.elapsed() >= DEADLINE);
    }
    // A client that has the right one as well gets in with it.
    let groups = vec![kx_group::X25519, kx_group::X25519MLKEM768];
    let stream = tls(address, client_config(relay.pin(), groups)).await.unwrap();
    let group = stream.get_ref().1.negotiated_key_exchange_group().unwrap();
    assert_eq!(group.name(), rustls::NamedGroup::X25519MLKEM768);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_1_2_gets_no_byte() {
    let (_relay, address) = start(short()).await;
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
    assert_eq!(probe(address, &record).await.0, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_proofs_get_no_frame_and_are_closed_at_the_deadline() {
    let (relay, address) = start(short()).await;
    let pin = relay.pin();
    for wrong in [None, Some(AccessKey::new([1; 32]))] {
        let before = Instant::now();
        let (_, answer) = Client::knock(address, pin, wrong.as_ref(), SUPPORTED).await;
        assert_eq!(answer, None);
        assert!(before.elapsed() >= DEADLINE);
    }
    // A right proof, of another connection.
    let mut first = Client::dial(address, pin).await.unwrap();
    let exporter = first.exporter(shepot_protocol::transcript::ACCESS_EXPORTER_LABEL);
    let access = Some(support::access(&key(), &exporter));
    let hello = Hello { versions: SUPPORTED, access, return_ticket: None };
    let hello = ClientToRelay::Hello(hello).to_frame().unwrap();
    let mut second = Client::dial(address, pin).await.unwrap();
    second.send_bytes(&hello).await;
    assert_eq!(second.next().await, None);
    assert_eq!(relay.statistics().refused.wrong_proof, 3);
    first = Client::dial(address, pin).await.unwrap();
    first.send_bytes(&hello).await;
    assert_eq!(first.next().await, None, "nor is a replay worth anything");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_tls_strangers_get_no_frame_either() {
    let (relay, address) = start(short()).await;
    let hello = |client: &Client| {
        let exporter = client.exporter(shepot_protocol::transcript::ACCESS_EXPORTER_LABEL);
        let access = Some(support::access(&key(), &exporter));
        ClientToRelay::Hello(Hello { versions: SUPPORTED, access, return_ticket: None })
            .to_frame()
            .unwrap()
            .to_vec()
    };
    let ping = ClientToRelay::Ping { nonce: 1 }.to_frame().unwrap().to_vec();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("http", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("a frame beyond 512 bytes", [&[0, 0, 2, 1][..], &[7; 513]].concat()),
        ("many bytes without an end", vec![0; 4000]),
        ("an empty frame", vec![0; 4]),
        ("another message first", ping.clone()),
        ("not a message", vec![0, 0, 0, 2, 0xff, 0xff]),
    ];
    for (name, bytes) in cases {
        let mut client = Client::dial(address, relay.pin()).await.unwrap();
        client.send_bytes(&bytes).await;
        assert_eq!(client.next().await, None, "{name}");
    }
    let mut client = Client::dial(address, relay.pin()).await.unwrap();
    let both = [hello(&client), ping].concat();
    client.send_bytes(&both).await;
    assert_eq!(client.next().await, None, "nothing may follow the hello before Welcome");
    let mut client = Client::dial(address, relay.pin()).await.unwrap();
    let right = hello(&client);
    client.send_bytes(&right).await;
    assert!(matches!(client.next().await, Some(RelayToClient::Welcome(_))), "the control");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_bytes_die_at_the_deadline() {
    let (relay, address) = start(short()).await;
    let before = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut answer = [0; 16];
    loop {
        tokio::select! {
            read = stream.read(&mut answer) => {
                assert!(matches!(read, Ok(0) | Err(_)), "a byte came back");
                break;
            }
            () = tokio::time::sleep(Duration::from_millis(100)) => {
                // The beginning of a ClientHello, byte by byte.
                let _ = stream.write_all(&[0x16]).await;
            }
        }
    }
    assert!(before.elapsed() >= DEADLINE && before.elapsed() < DEADLINE + SPREAD);
    assert_eq!(relay.statistics().unauthenticated, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_does_not_talk_to_another_relay() {
    let (_relay, address) = start(short()).await;
    assert!(Client::dial(address, Pin([0; 32])).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ban_ends_connections_and_is_told_to_members_alone() {
    let (relay, address) = start(short()).await;
    let pin = relay.pin();
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
    let (_, answer) = Client::knock(address, pin, Some(&key()), SUPPORTED).await;
    assert!(is_banned(&answer), "{answer:?}");
    let (_, answer) = Client::knock(address, pin, None, SUPPORTED).await;
    assert_eq!(answer, None, "a stranger is told nothing");
    assert_eq!(relay.bans().iter().map(|ban| ban.attempts).collect::<Vec<_>>(), [1]);
    assert_eq!(relay.refusals().iter().map(|one| one.attempts).sum::<u64>(), 2);
    assert!(relay.lift_ban(address.ip()));
    Client::connect(address, pin, Some(&key())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_are_told_of_versions_and_of_room() {
    let limits = Limits { connections: 3, connections_per_address: 2, ..short() };
    let (relay, address) = start(limits).await;
    let pin = relay.pin();
    let range = |lowest, highest| VersionRange { lowest: Version(lowest), highest: Version(highest) };
    let cause = |answer: Option<RelayToClient>| match answer {
        Some(RelayToClient::Refused(Refusal { cause, closing: true, .. })) => cause,
        other => panic!("not refused: {other:?}"),
    };
    let (_, answer) = Client::knock(address, pin, Some(&key()), range(0, 0)).await;
    assert_eq!(cause(answer), RefusalCause::ClientTooOld);
    let (mut client, answer) = Client::knock(address, pin, Some(&key()), range(1000, 1001)).await;
    assert_eq!(cause(answer), RefusalCause::ClientTooNew);
    assert_eq!(client.next().await, None);
    let (_first, welcome) = Client::connect(address, pin, Some(&key())).await;
    assert_eq!(welcome.limits.publishes_per_second, Limits::default().publishes.per_second);
    assert!(welcome.seen_address.starts_with("127.0.0.1:"), "{}", welcome.seen_address);
    let (second, _) = Client::connect(address, pin, Some(&key())).await;
    let (_, answer) = Client::knock(address, pin, Some(&key()), SUPPORTED).await;
    assert_eq!(cause(answer), RefusalCause::AddressFull);
    drop(second);
    let end = Instant::now() + support::PATIENCE;
    while relay.statistics().connections.len() == 2 {
        assert!(Instant::now() < end);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Client::connect(address, pin, Some(&key())).await;

    let limits = Limits { connections: 1, ..short() };
    let (relay, address) = start(limits).await;
    let _first = Client::connect(address, relay.pin(), Some(&key())).await;
    let (_, answer) = Client::knock(address, relay.pin(), Some(&key()), SUPPORTED).await;
    assert_eq!(cause(answer), RefusalCause::RelayFull);
    assert_eq!(relay.statistics().refused.no_room, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_relay_needs_no_proof_and_keys_change_while_it_runs() {
    let (relay, address) = start_with(short(), Access::Open).await;
    Client::connect(address, relay.pin(), None).await;
    relay.set_access(Access::Keys(AccessKeys::new()));
    let (_, answer) = Client::knock(address, relay.pin(), Some(&key()), SUPPORTED).await;
    assert_eq!(answer, None);
    relay.set_access(Access::Keys([key()].into_iter().collect()));
    Client::connect(address, relay.pin(), Some(&key())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_sockets_do_not_lock_members_out() {
    let limits = Limits { unauthenticated: 50, unauthenticated_per_address: 50, ..Limits::default() };
    let (relay, address) = start(limits).await;
    let mut held = Vec::new();
    for _ in 0..200 {
        held.push(TcpStream::connect(address).await.unwrap());
    }
    let before = Instant::now();
    Client::connect(address, relay.pin(), Some(&key())).await;
    assert!(before.elapsed() < Duration::from_secs(1));
    let statistics = relay.statistics();
    assert!(statistics.unauthenticated <= 50);
    assert!(statistics.refused.crowded_out >= 150, "{:?}", statistics.refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ipv4_and_ipv6_side_by_side_on_one_port() {
    let identity = Identity::generate().unwrap();
    let listen: Vec<SocketAddr> = vec!["[::]:0".parse().unwrap()];
    let configuration = Configuration { listen, limits: short() };
    let six = match Relay::start(configuration, &identity, Access::Open).await {
        Ok(relay) => relay,
        // A machine without IPv6 has nothing to show here.
        Err(_) => return,
    };
    let port = six.local_addresses()[0].port();
    let configuration = Configuration {
        listen: vec![([0, 0, 0, 0], port).into(), ([0, 0, 0, 0, 0, 0, 0, 1], 0).into()],
        limits: short(),
    };
    let four = Relay::start(configuration, &identity, Access::Open).await.unwrap();
    Client::connect(([127, 0, 0, 1], port).into(), four.pin(), None).await;
    let (_, welcome) = Client::connect((std::net::Ipv6Addr::LOCALHOST, port).into(), six.pin(), None).await;
    assert!(welcome.seen_address.starts_with("[::1]:"));
    let taken = Configuration { listen: vec![([0, 0, 0, 0], port).into()], limits: short() };
    let error = Relay::start(taken, &identity, Access::Open).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("0.0.0.0:{port}: ")), "{error}");
}
