//! Whoever hosts sees who was turned away, shuts out and lets in again.
// A second address to come from without asking anybody: macOS has 127.0.0.1 alone.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use shepot_hosting::{Host, Hosted, Options};
use shepot_relay::operator::{Presence, Visitor};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;

/// Somebody comes from there, says nothing that a relay understands, and is turned away.
async fn greet(from: &str, relay: SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
    let mut stream = socket.connect(relay).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    // Closed or reset, it is the end.
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

/// The visitors, as soon as there are any.
#[allow(clippy::disallowed_methods, reason = "a guard against waiting for ever")]
async fn somebody(hosted: &Hosted) -> Vec<Visitor> {
    for _ in 0..2_000 {
        let list = hosted.visitors().list;
        if !list.is_empty() {
            return list;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("nobody came")
}

#[tokio::test]
async fn who_was_turned_away_is_seen_shut_out_and_let_in_again() {
    let options = Options { listen: vec!["127.0.0.1:0".parse().unwrap()], public_address: None };
    let hosted = Host::default().start(&options).await.unwrap();
    let relay = hosted.addresses[0];
    assert_eq!(hosted.visitors().list, []);
    greet("127.0.0.2", relay).await;
    let list = somebody(&hosted).await;
    let [refused] = list.as_slice() else { panic!("{list:?}") };
    let address: IpAddr = "127.0.0.2".parse().unwrap();
    assert_eq!((refused.address, refused.presence, refused.refused), (address, Presence::Refused, 1));
    assert!(refused.can_be_banned && !refused.is_own && !refused.is_idle());
    assert_eq!(hosted.visitors().concerned_by_ban(address), 0);

    assert!(hosted.ban(address));
    let list = hosted.visitors().list;
    let [banned] = list.as_slice() else { panic!("{list:?}") };
    assert_eq!((banned.address, banned.presence), (address, Presence::Banned));
    assert!(!banned.can_be_banned && refused.is_same_as(banned));
    // Whoever hosts is never shut out, not even while away.
    assert!(!hosted.ban("127.0.0.1".parse().unwrap()));
    assert_eq!(hosted.visitors().list, list);

    assert!(hosted.lift_ban(address) && !hosted.lift_ban(address));
    assert!(hosted.visitors().list.iter().all(|one| one.presence != Presence::Banned));
    hosted.stop().await;
}
