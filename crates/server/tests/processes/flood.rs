//! What floods of connections cost the running server, seen by its own figures and by its system's.

use std::fs;
use std::net::SocketAddr;

use crate::operator::{enter, is_refused, json, until};
use crate::support::relay::Client;
use crate::support::{Home, Server};
use shepot_protocol::message::RefusalCause;
use shepot_protocol::{ClientToRelay, RelayToClient};

/// The bytes that the server keeps of what others can make grow.
fn held(home: &Home) -> u64 {
    json(home, &["status"])["status"]["held_bytes"].as_u64().unwrap()
}

/// How many files, sockets and timers the server has open; a caller's may be closing. None: only root may look, since
/// the server forbids it to everybody else.
fn open_files(server: &Server) -> Option<usize> {
    match fs::read_dir(format!("/proc/{}/fd", server.child.id())) {
        Ok(files) => Some(files.count()),
        Err(error) => {
            assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
            None
        }
    }
}

/// How many connections the server has, as its system knows: sockets at its port that a process still holds.
fn connections(server: &Server) -> usize {
    const LISTENS: &str = "0A";
    const HELD_BY_NOBODY: &str = "0";
    let own = format!("{:04X}", server.address.port());
    let table = fs::read_to_string(format!("/proc/{}/net/tcp", server.child.id())).unwrap();
    let lines = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines
        .filter(|fields| fields[1].rsplit(':').next() == Some(own.as_str()))
        .filter(|fields| fields[3] != LISTENS && fields[9] != HELD_BY_NOBODY)
        .count()
}

async fn assert_answered(member: &mut Client, nonce: u64) {
    member.send(&ClientToRelay::Ping { nonce }).await;
    assert_eq!(member.next().await, Some(RelayToClient::Pong { nonce }));
}

/// Ten thousand attempts from an address that is refused: the server keeps nothing of them, and members are answered
/// all along. What it costs in memory is a figure of `cargo bench -p shepot-relay -- flood`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_a_refused_address_costs_nothing() {
    const ATTEMPTS: u64 = 10_000;
    const AT_ONCE: u64 = 50;
    let home = Home::new();
    let server = Server::start(&home, &[]);
    let invitation = server.links(&home).remove(0);
    let mut member = enter(&server, &invitation).await;
    let address = server.address;
    let flood = async || {
        let greetings = (0..AT_ONCE).map(|_| {
            tokio::spawn(async move {
                let Ok(mut stream) = tokio::net::TcpStream::connect(address).await else { return };
                // Closed by the other side already: that is what is wanted.
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"GET / HTTP/1.1\r\n\r\n").await;
                let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 64]).await;
            })
        });
        for greet in greetings.collect::<Vec<_>>() {
            greet.await.unwrap();
        }
    };
    // The first are kept in silence until their deadline, then the address is paused.
    flood().await;
    until("it is paused", || json(&home, &["status"])["status"]["pauses"] == 1);
    until("nobody waits", || json(&home, &["status"])["status"]["unauthenticated"] == 0);
    until("only the member is there", || connections(&server) == 1);
    let (before, files) = (held(&home), open_files(&server));
    for round in 0..ATTEMPTS / AT_ONCE {
        tokio::join!(flood(), assert_answered(&mut member, round));
    }
    until("nobody waits", || json(&home, &["status"])["status"]["unauthenticated"] == 0);
    until("not a socket is left", || connections(&server) == 1);
    until("nor anything else", || open_files(&server) <= files);
    let status = json(&home, &["status"])["status"].clone();
    assert!(status["refused"]["paused"].as_u64().unwrap() >= ATTEMPTS, "{status}");
    assert_eq!(held(&home), before, "not a byte is kept of any of them");
    let (_, table, _) = home.run(&["bans"]);
    assert!(table.contains("pause") && table.contains("127.0.0.1"), "{table}");
    json(&home, &["unban", "127.0.0.1"]);
    enter(&server, &invitation).await;
    let log = fs::read_to_string(home.state().join("logs/shepot-server.log")).unwrap();
    assert!(log.contains("paused address=127.0.0.1"), "{log}");
    assert!(log.lines().count() < 100, "a flood does not fill the log");
}

/// The same where nobody is paused: every attempt is looked at, the first half by who shows nothing and stays, the
/// second by who has a valid invitation and is banned.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_that_is_looked_at_is_bounded() {
    const ATTEMPTS: u64 = 4_000;
    const STAY: usize = 30;
    const MOST_WAITING: u64 = 20;
    const AT_ONCE: u64 = 10;
    /// What is remembered of one address and of what happened at the doors: less than this, whoever comes.
    const REMEMBERED_BYTES: u64 = 128 * 1024;
    let home = Home::new();
    let waiting = format!("--limit=unauthenticated_per_address={MOST_WAITING}");
    let server = Server::start(&home, &["--limit=refusals_before_pause=0", waiting.as_str()]);
    let (address, invitation) = (server.address, server.links(&home).remove(0));
    let mut member = enter(&server, &invitation).await;
    let before = held(&home);
    let from = SocketAddr::from(([127, 0, 0, 2], 0));
    let mut open = std::collections::VecDeque::new();
    for attempt in 0..ATTEMPTS / 2 {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(from).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        // Closed by the other side already: that is what is wanted.
        let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"\x16\x03\x01").await;
        open.push_back(stream);
        if open.len() > STAY {
            open.pop_front();
        }
        if attempt % 100 == 0 {
            assert_answered(&mut member, attempt).await;
            let waiting = json(&home, &["status"])["status"]["unauthenticated"].as_u64().unwrap();
            assert!(waiting <= MOST_WAITING, "{waiting} wait");
        }
    }
    drop(open);
    json(&home, &["ban", "127.0.0.2"]);
    for round in 0..ATTEMPTS / 2 / AT_ONCE {
        let greetings = (0..AT_ONCE).map(|_| {
            let (pin, key) = (invitation.pin, invitation.access_key.clone());
            tokio::spawn(async move { Client::greet_from(from, address, pin, key.as_ref()).await.1 })
        });
        for greet in greetings.collect::<Vec<_>>() {
            assert!(is_refused(greet.await.unwrap().as_ref(), RefusalCause::Banned));
        }
        assert_answered(&mut member, round).await;
    }
    until("nobody waits", || json(&home, &["status"])["status"]["unauthenticated"] == 0);
    let after = held(&home);
    assert!(after <= before + REMEMBERED_BYTES, "{before} bytes became {after}");
    let refused = json(&home, &["status"])["status"]["refused"].clone();
    assert_eq!(refused["banned"], ATTEMPTS / 2, "{refused}");
    let stranger = |cause: &str| refused[cause].as_u64().unwrap();
    assert!(stranger("crowded_out") > 0, "{refused}");
    let judged = ["crowded_out", "too_late", "gone", "not_our_protocol"].map(stranger).iter().sum::<u64>();
    // One that goes while it is crowded out counts as both.
    assert!(judged >= ATTEMPTS / 2, "each is accounted for: {refused}");
}
