//! Messages that protobuf's grammar allows and ours does not. Each is an error that names the field.

use bytes::Bytes;
use prost::Message as _;

use super::*;
use crate::limits::CIRCLE_MEMBERS;
use crate::wire;
use crate::wire::client_to_relay::Message as Up;
use crate::wire::relay_to_client::Message as Down;

fn bytes(length: usize) -> Bytes {
    vec![7; length].into()
}

fn up(message: Up) -> Result<ClientToRelay, DecodeError> {
    ClientToRelay::decode(wire::ClientToRelay { message: Some(message) }.encode_to_vec().into())
}

fn down(message: Down) -> Result<RelayToClient, DecodeError> {
    RelayToClient::decode(wire::RelayToClient { message: Some(message) }.encode_to_vec().into())
}

fn hello() -> wire::Hello {
    wire::Hello { lowest_version: 1, highest_version: 2, ..wire::Hello::default() }
}

fn entered() -> wire::Entered {
    wire::Entered { circle: bytes(16), standing: 1, log_id: bytes(16), ..wire::Entered::default() }
}

fn presence(change: i32) -> Down {
    let entry = wire::delivery::Entry::Presence(wire::PresenceEntry { seat: 1, change });
    Down::Delivery(wire::Delivery { circle: bytes(16), sequence: 1, entry: Some(entry) })
}

fn conflict(cause: i32) -> Down {
    Down::Conflict(wire::Conflict { circle: bytes(16), commit_id: bytes(16), cause, epoch: 1 })
}

fn refused(cause: i32) -> Down {
    Down::Refused(wire::Refused { cause, ..wire::Refused::default() })
}

#[test]
fn a_number_that_names_nothing_is_refused() {
    let standing = |standing| down(Down::Entered(wire::Entered { standing, ..entered() }));
    let notice = |kind| down(Down::Notice(wire::Notice { kind }));
    type Asked<'a> = &'a dyn Fn(i32) -> Result<RelayToClient, DecodeError>;
    let numbers: [(&str, i32, Asked<'_>); 5] = [
        ("standing", 4, &standing),
        ("presence", 3, &|change| down(presence(change))),
        ("conflict", 4, &|cause| down(conflict(cause))),
        ("notice", 3, &notice),
        ("refusal", 18, &|cause| down(refused(cause))),
    ];
    for (what, last, read) in numbers {
        for number in 1..=last {
            assert!(read(number).is_ok(), "{what} {number}: {:?}", read(number));
        }
        for number in [i32::MIN, -1, 0, last + 1, i32::MAX] {
            assert!(matches!(read(number), Err(DecodeError::Unknown(_))), "{what} {number}");
        }
    }
}

#[test]
fn a_refusal_names_a_request_or_none() {
    let of = |request| down(Down::Refused(wire::Refused { cause: 1, request, ..wire::Refused::default() }));
    for number in 0..=12 {
        assert!(of(number).is_ok(), "{number}");
    }
    for number in [i32::MIN, -1, 13, i32::MAX] {
        assert!(matches!(of(number), Err(DecodeError::Unknown("request"))), "{number}");
    }
}

#[test]
fn a_blob_has_something_in_it() {
    let empty = Bytes::new();
    let blob = |refused: bool| if refused { empty.clone() } else { bytes(1) };
    for is_empty in [false, true] {
        let (circle, id, blob) = (bytes(16), bytes(16), || blob(is_empty));
        let entry = |entry| {
            down(Down::Delivery(wire::Delivery { circle: bytes(16), sequence: 1, entry: Some(entry) }))
                .map(drop)
        };
        let read = [
            up(Up::Publish(wire::Publish {
                circle: circle.clone(),
                publish_id: id.clone(),
                epoch: 1,
                blob: blob(),
            }))
            .map(drop),
            up(Up::Signal(wire::Signal { circle: circle.clone(), epoch: 1, blob: blob() })).map(drop),
            up(Up::Commit(wire::Commit { circle: circle.clone(), blob: blob(), ..wire::Commit::default() }))
                .map(drop),
            up(Up::GroupInfoResponse(wire::GroupInfoResponse {
                circle: circle.clone(),
                group_information: blob(),
                ..wire::GroupInfoResponse::default()
            }))
            .map(drop),
            down(Down::Leased(wire::Leased {
                circle: circle.clone(),
                group_information: blob(),
                ..wire::Leased::default()
            }))
            .map(drop),
            down(Down::Tentative(wire::Tentative {
                circle: circle.clone(),
                commit_id: id.clone(),
                base_epoch: 1,
                blob: blob(),
            }))
            .map(drop),
            entry(wire::delivery::Entry::Message(wire::MessageEntry { epoch: 1, blob: blob() })),
            entry(wire::delivery::Entry::Commit(wire::CommitEntry { base_epoch: 1, blob: blob() })),
        ];
        for (n, read) in read.into_iter().enumerate() {
            assert_eq!(read.is_err(), is_empty, "{n}: {read:?}");
        }
    }
}

#[test]
fn an_eviction_says_what_the_circle_is_called_then_and_a_succession_has_all_its_parts() {
    let succession =
        |circle, proof| wire::Succession { circle: bytes(circle), generation: 1, proof: bytes(proof) };
    let commit = |next_name, succession| {
        let eviction = wire::Eviction { staying: Vec::new(), next_name, succession };
        up(Up::Commit(wire::Commit {
            circle: bytes(16),
            blob: bytes(1),
            eviction: Some(eviction),
            ..wire::Commit::default()
        }))
    };
    let word = || Some(succession(16, 96));
    assert_eq!(commit(Bytes::new(), word()), Err(DecodeError::Field("next_name")));
    assert_eq!(commit(bytes(15), word()), Err(DecodeError::Field("next_name")));
    assert_eq!(commit(bytes(16), None), Err(DecodeError::Field("succession")));
    assert_eq!(commit(bytes(16), Some(succession(15, 96))), Err(DecodeError::Field("circle")));
    // Nobody but the author stays.
    commit(bytes(16), word()).unwrap();
    let told = |circle, proof| {
        let succession = succession(circle, proof);
        down(Down::Superseded(wire::Superseded { circle: bytes(16), succession: Some(succession) }))
    };
    told(16, 96).unwrap();
    assert_eq!(told(15, 96), Err(DecodeError::Field("circle")));
    assert_eq!(told(16, 95), Err(DecodeError::Field("proof")));
    let none = down(Down::Superseded(wire::Superseded { circle: bytes(16), succession: None }));
    assert_eq!(none, Err(DecodeError::Field("succession")));
}

#[test]
fn a_field_of_another_size_is_refused() {
    for length in [0, 15, 17] {
        let leave = up(Up::Leave(wire::Leave { circle: bytes(length) }));
        assert_eq!(leave, Err(DecodeError::Field("circle")), "{length}");
    }
    let ticket = |length| up(Up::Hello(wire::Hello { return_ticket: bytes(length), ..hello() }));
    assert!(ticket(0).is_ok() && ticket(40).is_ok());
    assert!(ticket(39).is_err() && ticket(41).is_err());
}

#[test]
fn a_list_of_seats_has_at_most_as_many_as_a_circle() {
    let seats = |count: usize| vec![1_u64; count];
    let commit = |count| {
        up(Up::Commit(wire::Commit {
            circle: bytes(16),
            blob: bytes(1),
            eviction: Some(wire::Eviction {
                staying: seats(count),
                next_name: bytes(16),
                succession: Some(wire::Succession { circle: bytes(16), generation: 1, proof: bytes(96) }),
            }),
            ..wire::Commit::default()
        }))
        .map(drop)
    };
    let entered = |count| down(Down::Entered(wire::Entered { present: seats(count), ..entered() })).map(drop);
    let last = |count| {
        down(Down::Final(wire::Final {
            circle: bytes(16),
            commit_id: bytes(16),
            log_id: bytes(16),
            sequence: 1,
            epoch: 1,
            present: seats(count),
        }))
        .map(drop)
    };
    for read in [commit(CIRCLE_MEMBERS), entered(CIRCLE_MEMBERS), last(CIRCLE_MEMBERS)] {
        assert_eq!(read, Ok(()));
    }
    for read in [commit(CIRCLE_MEMBERS + 1), entered(CIRCLE_MEMBERS + 1), last(CIRCLE_MEMBERS + 1)] {
        assert!(matches!(read, Err(DecodeError::Field(_))), "{read:?}");
    }
}

#[test]
fn a_hello_says_whole_things() {
    assert!(up(Up::Hello(hello())).is_ok());
    let upside_down = wire::Hello { lowest_version: 2, highest_version: 1, ..hello() };
    let key_alone = wire::Hello { access_key_id: bytes(8), ..hello() };
    let proof_alone = wire::Hello { access_proof: bytes(32), ..hello() };
    for wrong in [upside_down, key_alone, proof_alone] {
        assert!(up(Up::Hello(wrong.clone())).is_err(), "{wrong:?}");
    }
    let both = wire::Hello { access_key_id: bytes(8), access_proof: bytes(32), ..hello() };
    assert!(up(Up::Hello(both)).is_ok());
}

#[test]
fn a_gap_has_at_least_one_entry() {
    let gap = |from, to| down(Down::Gap(wire::Gap { circle: bytes(16), from, to })).is_ok();
    assert!(gap(3, 3) && gap(3, 4));
    assert!(!gap(3, 2));
}
