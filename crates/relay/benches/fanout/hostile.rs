//! Members who want nothing but the relay's memory: many circles each, filled with the largest that may be said.

use shepot_protocol::message::RefusalCause;
use shepot_protocol::{CircleId, RelayToClient};

use super::member::Member;
use super::process::Server;
use super::support::Client;

/// From two addresses; the relay counts what comes from each.
const ADDRESSES: [&str; 2] = ["127.0.0.1", "127.0.0.2"];
const CONNECTIONS: u8 = 8;
const CIRCLES: u8 = 32;

/// The largest message, and a commit of most of what an entry of a log may have.
const MESSAGE: usize = 64 * 1024 - 64;
const COMMIT: usize = 3 * 1024 * 1024;
const MESSAGES: usize = 16;

/// How much a relay grows that has so many MiB for its circles, and as many for frames that arrive: beside one with as
/// many connections and circles in each of which one word is said.
pub(super) async fn hostile(mib: usize) {
    for is_hostile in [false, true] {
        let server = Server::start_bounded(mib);
        let before = server.resident();
        let mut refused = 0_usize;
        let mut clients = Vec::new();
        for (from, address) in ADDRESSES.into_iter().enumerate() {
            for number in 0..CONNECTIONS {
                let from_address = format!("{address}:0").parse().unwrap();
                let (mut client, _) =
                    Client::greet_from(from_address, server.address, server.pin, None).await;
                for circle in 0..CIRCLES {
                    let mut id = [7; 16];
                    id[..3].copy_from_slice(&[u8::try_from(from).unwrap(), number, circle]);
                    let mut member = match Member::try_found(client, CircleId(id), 1).await {
                        Ok(member) => member,
                        Err(same) => {
                            (client, refused) = (same, refused + 1);
                            continue;
                        }
                    };
                    if is_hostile {
                        refused += fill(&mut member).await;
                    } else {
                        member.publish(&b"word"[..]).await;
                        answer(&mut member).await;
                    }
                    client = member.client;
                }
                if is_hostile {
                    begin_a_large_frame(&mut client).await;
                }
                clients.push(client);
            }
        }
        let grown = (server.resident() - before) as f64 / 1024.0;
        let who = if is_hostile { "hostile" } else { "control" };
        println!(
            "{who}: {} connections, {} circles, limits of {mib} MiB: grew by {grown:6.1} MiB; {refused} refused",
            clients.len(),
            clients.len() * usize::from(CIRCLES),
        );
    }
}

/// Gives how much was refused.
async fn fill(member: &mut Member) -> usize {
    let mut refused = 0;
    for number in 0..MESSAGES {
        let byte = u8::try_from(number).unwrap();
        if number % 4 == 0 {
            member.commit(vec![byte; COMMIT]).await;
            refused += answer(member).await;
        }
        member.publish(vec![byte; MESSAGE]).await;
        refused += answer(member).await;
    }
    refused
}

/// Waits for what the relay says to a request. 1: it refused.
async fn answer(member: &mut Member) -> usize {
    member
        .serve_until(|_, message| match message {
            RelayToClient::Refused(refusal) => {
                assert_eq!(refusal.cause, RefusalCause::MemoryFull);
                Some(1)
            }
            RelayToClient::Conflict(_) => Some(1),
            RelayToClient::Published(_) | RelayToClient::Final(_) => Some(0),
            _ => None,
        })
        .await
}

/// The first half of a frame of 4 MiB, and no more.
async fn begin_a_large_frame(client: &mut Client) {
    let length = 4 * 1024 * 1024_u32;
    client.send_bytes(&[&length.to_be_bytes()[..], &vec![1; 2 * 1024 * 1024]].concat()).await;
}
