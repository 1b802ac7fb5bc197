//! docs/PROTOCOL.md against the code: links, proofs, frames, statements and contents, as this crate and those below it
//! make them. Keys of groups and seals are checked in `shepot-group`.

#[path = "../../protocol/tests/document/mod.rs"]
mod written;

use shepot_group::{CircleKeys, OwnerKey};
use shepot_protocol::message::{Enter, Resume};
use shepot_protocol::transcript::{self, ChannelBinding};
use shepot_protocol::{
    AccessKey, CircleId, CircleName, CircleSecret, ClientToRelay, Invitation, LogId, OwnerId, OwnerSeed, Pin,
    Seat, SeatSecret, Signature, VerificationKey,
};
use shepot_relay::signature::{commit_id, ed25519, seat_of};
use shepot_transport::Credentials;
use shepot_transport::admission::AccessVerifier;
use written::Vectors;

use crate::content::{CircleProfile, Content, DirectoryRoom, Text, deletion};
use crate::entry::keys_of_open_circle;
use crate::model::{MessageId, PersonKey, RoomId};
use crate::succession;

const SECRET: [u8; 32] = [7; 32];
const SEAT_SECRET: SeatSecret = SeatSecret([7; 16]);
const MESSAGE: MessageId = MessageId([7; 16]);
const ROOM: RoomId = RoomId(9);

fn circle() -> [u8; 16] {
    *CircleKeys::new(&SECRET).circle()
}

fn owner() -> OwnerKey {
    OwnerKey::from_seed(&[5; 32])
}

fn usual() -> Invitation {
    Invitation {
        address: "203.0.113.5:7443".parse().unwrap(),
        pin: Pin([1; 32]),
        access_key: Some(AccessKey::new([2; 32])),
        circle_secret: Some(CircleSecret::new([3; 32])),
        owner: Some(OwnerId([4; 16])),
        owner_seed: None,
        expires_at: None,
        succession: None,
    }
}

#[test]
fn invitations() {
    let vectors = Vectors::read();
    assert_eq!(usual().to_link().as_str(), vectors.text("invitation_usual"));
    let succession = owner().succession(circle(), 1);
    vectors.check("owner_id", owner().id());
    vectors.check("succession_proof", succession.proof);
    assert!(succession.proof.starts_with(&vectors.bytes("owner_public_key")));
    let later = CircleKeys::rotated(&[9; 32], 1, circle());
    let full = Invitation {
        pin: Pin(vectors.array("relay_pin")),
        access_key: Some(AccessKey::new(*later.access_key())),
        circle_secret: Some(CircleSecret::new([9; 32])),
        owner: Some(OwnerId(owner().id())),
        owner_seed: Some(OwnerSeed::new([5; 32])),
        expires_at: Some(1_800_000_000),
        succession: Some(succession::for_others(&succession)),
        ..usual()
    };
    assert_eq!(full.to_link().as_str(), vectors.text("invitation_full"));
    assert_eq!(vectors.text("invitation_full").parse::<Invitation>().unwrap(), full);
    assert!(succession::is_right(&full));
    vectors.check("open_circle_secret", keys_of_open_circle(&Pin([1; 32])).secret());
}

#[test]
fn names_and_access() {
    let vectors = Vectors::read();
    let keys = CircleKeys::new(&SECRET);
    vectors.check("circle_name", keys.name());
    vectors.check("next_access_key", *keys.access_key());
    vectors.check("next_circle_name", CircleKeys::rotated(&[9; 32], 1, circle()).name());
    let (key, binding) = (AccessKey::new([7; 32]), ChannelBinding([3; 32]));
    let verifier = AccessVerifier::new(&key);
    vectors.check("access_key_id", verifier.id().0);
    vectors.check("access_proof", verifier.proof(&binding).0);
    let hello = ClientToRelay::Hello(Credentials::new(Some(key)).hello(&binding));
    vectors.check("hello_frame", hello.to_frame().unwrap());
}

#[test]
fn seats_and_proofs() {
    let vectors = Vectors::read();
    let (name, seat) = (CircleName(circle()), seat_of(SEAT_SECRET));
    vectors.check("seat", seat.0.to_be_bytes());
    let said = transcript::seat(&ChannelBinding([0x22; 32]), &name, seat, 4);
    vectors.check("seat_transcript", &said);
    let key = VerificationKey(vectors.array("epoch_verification_key"));
    let proof = Signature(vectors.array("seat_proof"));
    assert!(ed25519(&key, &said, &proof));
    let enter = |seat: Seat, resume| {
        let owner = Some(OwnerId(owner().id()));
        let enter = Enter { name, seat, seat_secret: SEAT_SECRET, resume, succession: None, owner };
        ClientToRelay::Enter(enter).to_frame().unwrap()
    };
    vectors.check("enter_frame", enter(seat, None));
    let resume = Resume { log_id: LogId([0x10; 16]), cursor: 4, epoch: 4, verification_key: key, proof };
    vectors.check("enter_resume_frame", enter(seat, Some(resume)));
}

#[test]
fn endorsements() {
    let vectors = Vectors::read();
    let id = commit_id(&vectors.bytes("commit_blob"));
    vectors.check("commit_id", id.0);
    let next = VerificationKey(vectors.array("next_verification_key"));
    let said = transcript::endorsement(&CircleId(circle()), 4, &id, &next);
    vectors.check("endorsement_transcript", &said);
    let key = VerificationKey(vectors.array("epoch_verification_key"));
    assert!(ed25519(&key, &said, &Signature(vectors.array("endorsement"))));
}

fn profile() -> CircleProfile {
    CircleProfile::signed(&owner(), &circle(), 5, ("Маяк".into(), "Марина".into()), b"png")
}

#[test]
fn statements_of_the_owner() {
    let vectors = Vectors::read();
    let word = |statement: &[u8]| owner().sign_statement(&circle(), statement);
    vectors.check("profile_word", word(&vectors.bytes("profile_statement")));
    vectors.check("profile_word", profile().word);
    vectors.check("deletion_statement", deletion(ROOM));
    vectors.check("deletion_word", word(&deletion(ROOM)));
}

#[test]
fn contents() {
    let vectors = Vectors::read();
    let (key, name) = (PersonKey([3; 32]), "кухня");
    let text = Text {
        message: MESSAGE,
        room: ROOM,
        body: "Привет".into(),
        reply_to: Some(MessageId([8; 16])),
        mentions: vec![key],
        disappears_after_s: 60,
    };
    let rooms = vec![DirectoryRoom { room: ROOM, name: "a".into(), disappears_after_s: 5, maker: Some(key) }];
    let contents = [
        ("text", Content::Text(text)),
        ("edit", Content::Edit { message: MESSAGE, body: "x".into(), mentions: vec![key] }),
        ("delete", Content::Delete { message: MESSAGE }),
        ("reaction", Content::Reaction { message: MESSAGE, emoji: "👍".into(), taken_back: true }),
        ("room_made", Content::RoomMade { room: ROOM, name: name.into() }),
        ("room_renamed", Content::RoomRenamed { room: ROOM, name: name.into() }),
        ("timer", Content::Timer { room: ROOM, seconds: 30 }),
        ("typing", Content::Typing { room: ROOM }),
        (
            "acknowledgement",
            Content::Acknowledgement { nonce: [1; 16], rooms, profile: Some(Box::new(profile())) },
        ),
        ("avatar", Content::Avatar { image: vec![1, 2, 3] }),
        ("circle_profile", Content::CircleProfile(Box::new(profile()))),
        ("circle_picture", Content::CirclePicture { image: b"png".to_vec() }),
        ("room_deleted", Content::RoomDeleted { room: ROOM, word: Some(vectors.array("deletion_word")) }),
    ];
    for (name, content) in contents {
        vectors.check(&format!("content_{name}"), content.encode());
        assert!(Content::decode(&content.encode()) == Ok(content), "{name}");
    }
}

#[test]
fn the_grammar_in_the_document_is_the_grammar() {
    let grammar = include_str!("../proto/content.proto");
    let (_, grammar) = grammar.split_at(grammar.find("syntax").unwrap());
    assert_eq!(written::block("proto"), grammar.trim_end());
}
