//! What the fuzzer found interesting once is replayed in every test run.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use shepot_protocol::{ClientToRelay, FrameReader, Invitation, RelayToClient, ServerAddress};

fn corpus(target: &str) -> impl Iterator<Item = Vec<u8>> {
    let folder = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(!files.is_empty());
    files.into_iter().map(|file| std::fs::read(file).unwrap())
}

#[test]
fn messages_of_clients() {
    for bytes in corpus("client_to_relay") {
        if let Ok(message) = ClientToRelay::decode(bytes.into()) {
            let frame = message.to_frame().unwrap();
            assert_eq!(ClientToRelay::decode(frame.slice(4..)), Ok(message));
        }
    }
}

#[test]
fn messages_of_relays() {
    for bytes in corpus("relay_to_client") {
        if let Ok(message) = RelayToClient::decode(bytes.into()) {
            let frame = message.to_frame().unwrap();
            assert_eq!(RelayToClient::decode(frame.slice(4..)), Ok(message));
        }
    }
}

#[test]
fn streams_of_frames() {
    for bytes in corpus("frames") {
        let mut reader = FrameReader::new();
        reader.extend(&bytes);
        while let Ok(Some(frame)) = reader.next_frame(4096) {
            assert!(frame.len() <= 4096);
        }
    }
}

#[test]
fn invitations_and_addresses() {
    for bytes in corpus("invitation") {
        if let Ok(invitation) = String::from_utf8_lossy(&bytes).parse::<Invitation>() {
            assert_eq!(invitation.to_link().parse::<Invitation>(), Ok(invitation));
        }
    }
    for bytes in corpus("address") {
        if let Ok(server) = String::from_utf8_lossy(&bytes).parse::<ServerAddress>() {
            assert_eq!(server.address.to_string().parse(), Ok(server.address));
        }
    }
}
