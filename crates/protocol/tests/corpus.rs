//! What the fuzzer found interesting once is replayed in every test run.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use shepot_protocol::{ClientToRelay, FrameReader, Invitation, RelayToClient, ServerAddress};

/// Every file of a target's corpus.
fn corpus(target: &str) -> impl Iterator<Item = Vec<u8>> {
    named(target).map(|(_, bytes)| bytes)
}

/// The same with whether it is a seed: those are right.
fn named(target: &str) -> impl Iterator<Item = (bool, Vec<u8>)> {
    let folder = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(!files.is_empty());
    files.into_iter().map(|file| {
        let is_seed = file.file_name().unwrap().to_string_lossy().starts_with("seed-");
        (is_seed, std::fs::read(file).unwrap())
    })
}

#[test]
fn messages_of_clients() {
    for (is_seed, bytes) in named("client_to_relay") {
        let decoded = ClientToRelay::decode(bytes.into());
        assert!(decoded.is_ok() || !is_seed, "a seed is out of date: {decoded:?}");
        if let Ok(message) = decoded {
            let frame = message.to_frame().unwrap();
            assert_eq!(ClientToRelay::decode(frame.slice(4..)), Ok(message));
        }
    }
}

#[test]
fn messages_of_relays() {
    for (is_seed, bytes) in named("relay_to_client") {
        let decoded = RelayToClient::decode(bytes.into());
        assert!(decoded.is_ok() || !is_seed, "a seed is out of date: {decoded:?}");
        if let Ok(message) = decoded {
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
