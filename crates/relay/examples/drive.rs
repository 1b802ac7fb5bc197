//! Drives a relay with the protocol crate and a TLS library alone: hello, enter, found, publish opaque bytes, receive.
//!
//! ```sh
//! cargo run -p shepot-relay --example drive
//! ```
//!
//! It starts a relay in this process, connects two members to it, and prints what each hears. What is said is not
//! encrypted here, and the relay would not notice: to it everything is opaque.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "../tests/sockets/support/member.rs"]
mod member;
#[path = "../tests/sockets/support/mod.rs"]
mod support;

use std::net::SocketAddr;

use member::{Door, Member, let_in};
use shepot_protocol::{AccessKey, CircleId};
use shepot_relay::{Access, Configuration, Identity, Limits, Relay};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The operator's side: an identity, an access key, a relay on a port that the system chooses.
    let identity = Identity::generate()?;
    let key = AccessKey::new([1; 32]);
    let access = Access::Keys([key.clone()].into_iter().collect());
    let listen: Vec<SocketAddr> = vec!["127.0.0.1:0".parse()?];
    let relay = Relay::start(Configuration { listen, limits: Limits::default() }, &identity, access).await?;
    let address = relay.local_addresses().first().copied().ok_or("no address")?;
    println!("the relay listens on {address}");

    // What an invitation would carry: address, pin, access key.
    let door = Door { address, pin: relay.pin(), key: Some(key) };
    let circle = CircleId([7; 16]);

    // The first to enter an empty circle founds it; the second is let in by the first.
    let mut ann = Member::found(door.connect().await, circle, 1).await;
    let mut bob = let_in(&mut ann, door.connect().await, 2).await;
    println!("two seats are taken, the circle is at epoch {}", bob.epoch);

    ann.publish("any bytes at all").await;
    bob.hear(1).await;
    bob.publish("so are these").await;
    ann.hear(1).await;
    for (name, member) in [("Ann", &ann), ("Bob", &bob)] {
        for (sequence, blob) in &member.heard {
            println!("{name} hears entry {sequence}: {}", String::from_utf8_lossy(blob));
        }
    }
    let statistics = relay.statistics();
    println!(
        "the operator sees {} connections, {} messages",
        statistics.connections.len(),
        statistics.published
    );
    relay.shutdown().await;
    Ok(())
}
