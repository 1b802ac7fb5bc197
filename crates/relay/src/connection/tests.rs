//! What only the inside can show.

use std::net::SocketAddr;

use shepot_protocol::{ClientToRelay, RelayToClient};

use super::requests::PANIC_NONCE;
use crate::support::Client;
use crate::{Access, Configuration, Identity, Limits, Relay};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_in_one_connection_costs_one_connection() {
    let listen: Vec<SocketAddr> = vec!["127.0.0.1:0".parse().unwrap()];
    let identity = Identity::generate().unwrap();
    let configuration = Configuration { listen, limits: Limits::default() };
    let relay = Relay::start(configuration, &identity, Access::Open).await.unwrap();
    let address = relay.local_addresses()[0];
    let (mut other, _) = Client::connect(address, relay.pin(), None).await;
    let (mut unlucky, _) = Client::connect(address, relay.pin(), None).await;
    unlucky.send(&ClientToRelay::Ping { nonce: PANIC_NONCE }).await;
    assert_eq!(unlucky.next().await, None);
    other.send(&ClientToRelay::Ping { nonce: 1 }).await;
    assert_eq!(other.next().await, Some(RelayToClient::Pong { nonce: 1 }));
    assert_eq!(relay.statistics().connections.len(), 1, "and it is off the list");
    Client::connect(address, relay.pin(), None).await;
}
