//! Every message has a vector in exact bytes and survives the way there and back; garbage is an error.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::Succession;
use crate::id::{
    AccessKeyId, AccessProof, CircleId, CircleName, CommitId, LogId, OwnerId, PublishId, ReturnTicket, Seat,
    SeatSecret, Signature, VerificationKey,
};
use crate::version::{Version, VersionRange};

const CIRCLE: CircleId = CircleId([0xC1; 16]);
const COMMIT: CommitId = CommitId([0xC2; 16]);
const LOG: LogId = LogId([0xC3; 16]);
const PUBLISH: PublishId = PublishId([0xC4; 16]);
const TICKET: ReturnTicket = ReturnTicket([0xC8; 40]);
const KEY: VerificationKey = VerificationKey([0xC5; 32]);
const SEAT_SECRET: SeatSecret = SeatSecret([0xC7; 16]);
const NAME: CircleName = CircleName(CIRCLE.0);
const LATER_CIRCLE: CircleId = CircleId([0xC8; 16]);
const SUCCESSION: Succession = Succession { circle: LATER_CIRCLE, generation: 12, proof: [0xC9; 96] };
const SIGNATURE: Signature = Signature([0xC6; 64]);

fn blob() -> Bytes {
    Bytes::from_static(b"blob")
}

fn endorsement() -> Endorsement {
    Endorsement { next_verification_key: KEY, signature: SIGNATURE }
}

/// One of each, with every optional part there once and missing once.
fn from_clients() -> Vec<ClientToRelay> {
    let versions = VersionRange { lowest: Version(1), highest: Version(2) };
    let access = Some((AccessKeyId([0xA1; 8]), AccessProof([0xA2; 32])));
    let resume = Resume { log_id: LOG, cursor: 5, epoch: 6, verification_key: KEY, proof: SIGNATURE };
    let enter = |resume, succession, owner| Enter {
        name: NAME,
        seat: Seat(7),
        seat_secret: SEAT_SECRET,
        resume,
        succession,
        owner,
    };
    let staying = vec![Seat(1), Seat(2)];
    let eviction = Some(Eviction { staying, next_name: CircleName(LATER_CIRCLE.0), succession: SUCCESSION });
    let commit = |endorsement, seen, eviction| Commit {
        circle: CIRCLE,
        base_epoch: 9,
        blob: blob(),
        endorsement,
        seen,
        eviction,
    };
    vec![
        ClientToRelay::Hello(Hello { versions, access: None, return_ticket: None }),
        ClientToRelay::Hello(Hello { versions, access, return_ticket: None }),
        ClientToRelay::Hello(Hello { versions, access, return_ticket: Some(TICKET) }),
        ClientToRelay::Enter(enter(None, None, None)),
        ClientToRelay::Enter(enter(Some(resume), Some(SUCCESSION), Some(OwnerId([0xCA; 16])))),
        ClientToRelay::CreateGroup(CreateGroup { circle: CIRCLE, epoch: 0, verification_key: KEY }),
        ClientToRelay::JoinLease { circle: CIRCLE },
        ClientToRelay::GroupInfoResponse(GroupInfoResponse {
            circle: CIRCLE,
            ask_id: 8,
            epoch: 9,
            group_information: blob(),
        }),
        ClientToRelay::Commit(commit(None, 0, None)),
        ClientToRelay::Commit(commit(Some(endorsement()), 11, eviction)),
        ClientToRelay::Endorse(Endorse { circle: CIRCLE, commit: COMMIT, endorsement: None }),
        ClientToRelay::Endorse(Endorse { circle: CIRCLE, commit: COMMIT, endorsement: Some(endorsement()) }),
        ClientToRelay::Publish(Publish { circle: CIRCLE, publish_id: PUBLISH, epoch: 9, blob: blob() }),
        ClientToRelay::Signal(Signal { circle: CIRCLE, epoch: 9, blob: blob() }),
        ClientToRelay::Leave { circle: CIRCLE },
        ClientToRelay::Ping { nonce: 10 },
        ClientToRelay::ShowRecord,
    ]
}

#[allow(clippy::too_many_lines, reason = "an example of each kind")]
fn from_relays() -> Vec<RelayToClient> {
    let limits = Limits {
        blob_bytes: 1,
        group_information_bytes: 2,
        circles_per_connection: 3,
        ping_interval: Duration::from_millis(4),
        dead_after: Duration::from_millis(5),
        log_entries: 6,
        log_bytes: 7,
        log_age: Duration::from_millis(8),
        publishes_per_second: 9,
    };
    let welcome = |return_ticket: Option<ReturnTicket>| {
        let seen_address = "[::1]:5".into();
        let renews_access_key = return_ticket.is_some();
        RelayToClient::Welcome(Welcome {
            version: Version(1),
            limits,
            seen_address,
            return_ticket,
            renews_access_key,
        })
    };
    let present = vec![Seat(1), Seat(2)];
    let entered = |standing| {
        RelayToClient::Entered(Entered {
            circle: CIRCLE,
            standing,
            epoch: 3,
            log_id: LOG,
            next_sequence: 4,
            present: present.clone(),
            head: 5,
        })
    };
    let delivery = |entry| RelayToClient::Delivery(Delivery { circle: CIRCLE, sequence: 11, entry });
    let presence = |change| delivery(Entry::Presence { seat: Seat(12), change });
    let conflict =
        |cause| RelayToClient::Conflict(Conflict { circle: CIRCLE, commit: COMMIT, cause, epoch: 13 });
    let mut messages = vec![
        welcome(None),
        welcome(Some(TICKET)),
        entered(Standing::CreateGroup),
        entered(Standing::Wait),
        entered(Standing::Join),
        entered(Standing::Seated),
        RelayToClient::Leased(Leased {
            circle: CIRCLE,
            epoch: 3,
            ttl: Duration::from_secs(10),
            group_information: blob(),
        }),
        RelayToClient::GroupInfoRequest(GroupInfoRequest { circle: CIRCLE, ask_id: 8, epoch: 9 }),
        RelayToClient::Tentative(Tentative { circle: CIRCLE, commit: COMMIT, base_epoch: 9, blob: blob() }),
        RelayToClient::Final(Final {
            circle: CIRCLE,
            commit: COMMIT,
            sequence: 11,
            epoch: 10,
            log_id: LOG,
            present: present.clone(),
        }),
        conflict(ConflictCause::Stale),
        conflict(ConflictCause::Busy),
        conflict(ConflictCause::Rejected),
        conflict(ConflictCause::Unanswered),
        RelayToClient::Published(Published { circle: CIRCLE, publish_id: PUBLISH, sequence: 11 }),
        delivery(Entry::Message { epoch: 9, blob: blob() }),
        delivery(Entry::Commit { base_epoch: 9, blob: blob() }),
        presence(PresenceChange::Entered),
        presence(PresenceChange::Left),
        presence(PresenceChange::Lost),
        RelayToClient::Gap(Gap { circle: CIRCLE, from: 1, to: 9 }),
        RelayToClient::Signal(Signal { circle: CIRCLE, epoch: 9, blob: blob() }),
        RelayToClient::Notice(NoticeKind::ShuttingDown),
        RelayToClient::Notice(NoticeKind::DisconnectedByOperator),
        RelayToClient::Notice(NoticeKind::Replaced),
        RelayToClient::Pong { nonce: 10 },
        RelayToClient::Record(Record {
            connection: 1,
            address: "[::1]:5".into(),
            connected: Duration::from_millis(2),
            silent: Duration::from_millis(3),
            circles: 4,
            seats: 5,
            bytes_in: 6,
            bytes_out: 7,
            access_label: "table".into(),
            refused_attempts: 8,
        }),
        RelayToClient::Superseded { circle: CIRCLE, succession: SUCCESSION },
        RelayToClient::Knocks { circle: CIRCLE, times: 13 },
    ];
    for cause in RefusalCause::ALL {
        messages.push(RelayToClient::Refused(Refusal {
            cause,
            request: Some(RequestKind::Publish).filter(|_| cause == RefusalCause::TooFast),
            circle: Some(CIRCLE).filter(|_| cause == RefusalCause::NotSeated),
            subject: Some(PUBLISH.0).filter(|_| cause == RefusalCause::TooFast),
            retry_after: Duration::from_millis(250),
            closing: cause == RefusalCause::Malformed,
        }));
    }
    messages
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// The vectors of docs/PROTOCOL.md, one line a message, in the order above.
const VECTORS: &str = include_str!("vectors.txt");

#[test]
fn the_list_of_causes_is_whole() {
    let causes = (1..).map_while(|number| crate::wire::RefusalCause::try_from(number).ok()).count();
    assert_eq!(causes, RefusalCause::ALL.len());
}

#[test]
fn every_message_has_its_exact_bytes() {
    let clients = from_clients().into_iter().map(|m| m.to_frame().unwrap());
    let relays = from_relays().into_iter().map(|m| m.to_frame().unwrap());
    let written: Vec<String> = clients.chain(relays).map(|frame| hex(&frame)).collect();
    let expected: Vec<&str> = VECTORS.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    assert_eq!(written, expected, "the wire changed: raise the version");
}

#[test]
fn every_message_survives_the_way_there_and_back() {
    for message in from_clients() {
        let frame = message.to_frame().unwrap();
        assert_eq!(ClientToRelay::decode(frame.slice(4..)).unwrap(), message);
    }
    for message in from_relays() {
        let frame = message.to_frame().unwrap();
        assert_eq!(RelayToClient::decode(frame.slice(4..)).unwrap(), message);
    }
}

#[test]
fn the_length_of_a_delivery_tells_only_the_length_of_its_blob() {
    let length = |sequence, epoch| {
        let entry = Entry::Message { epoch, blob: blob() };
        let frame = RelayToClient::Delivery(Delivery { circle: CIRCLE, sequence, entry }).to_frame();
        frame.unwrap().len()
    };
    assert_eq!(length(1, 1), length(u64::MAX, u64::MAX));
}

#[test]
fn a_message_cut_anywhere_is_an_error_or_another_message_but_never_a_panic() {
    for message in from_clients() {
        let frame = message.to_frame().unwrap().slice(4..);
        for end in 0..frame.len() {
            let _ = ClientToRelay::decode(frame.slice(..end));
        }
    }
}

#[test]
fn wrong_sizes_are_named() {
    let short = crate::wire::ClientToRelay {
        message: Some(crate::wire::client_to_relay::Message::Leave(crate::wire::Leave {
            circle: Bytes::from_static(&[1; 15]),
        })),
    };
    let bytes = prost::Message::encode_to_vec(&short);
    assert_eq!(ClientToRelay::decode(bytes.into()), Err(DecodeError::Field("circle")));
    assert_eq!(ClientToRelay::decode(Bytes::new()), Err(DecodeError::Unknown("message")));
}

proptest! {
    #[test]
    fn garbage_is_an_error_or_a_message(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = ClientToRelay::decode(bytes.clone().into());
        let _ = RelayToClient::decode(bytes.into());
    }

    #[test]
    fn a_changed_byte_is_an_error_or_a_message(which in 0_usize..100, at in any::<usize>(), to in any::<u8>()) {
        let messages = from_relays();
        let mut bytes = messages[which % messages.len()].to_frame().unwrap()[4..].to_vec();
        let at = at % bytes.len();
        bytes[at] = to;
        let _ = RelayToClient::decode(bytes.into());
    }
}
