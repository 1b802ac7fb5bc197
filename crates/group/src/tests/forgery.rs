//! Messages in another's name, and messages that skip: what a member can do who keeps every key that it gets. Only the
//! sender itself may use up what reads its messages.

use std::cell::Cell;

use mls_rs::MlsMessage;

use super::circle::{Actor, Circle, entropy};
use crate::keys::BlobKind;
use crate::ratchet::KEPT_KEYS_PER_MEMBER;
use crate::{Continuity, Group, GroupError, Violation};

thread_local!(static SIGNS_WRONG: Cell<bool> = const { Cell::new(false) });

/// Called for every signature that is made in tests.
pub(crate) fn spoil(signature: &mut [u8]) {
    if SIGNS_WRONG.get() {
        signature.iter_mut().for_each(|byte| *byte ^= 1);
    }
}

/// The bytes of a group's MLS state.
fn state(group: &Group) -> Vec<u8> {
    group.mls.clone().write_to_storage().unwrap();
    group.epochs.last_state()
}

fn sealed(victim: &Group, message: &MlsMessage) -> (u64, Vec<u8>) {
    let bytes = message.to_bytes().unwrap();
    let epoch = victim.epoch();
    (epoch, victim.keys().seal(BlobKind::Message, epoch, &bytes, &entropy(98)).unwrap())
}

/// What anybody in the group can make: sender data that name the victim and its next message, before a ciphertext that
/// nobody can open.
fn garbage(victim: &Actor, ahead: u32) -> (u64, Vec<u8>) {
    let mut theirs = victim.group.mls.clone();
    for _ in 0..ahead {
        theirs.next_encryption_key().unwrap();
    }
    let genuine = theirs.encrypt_application_message(&[7; 200], Vec::new()).unwrap();
    let mut bytes = genuine.to_bytes().unwrap();
    // The key of the sender data depends on the ciphertext's beginning (RFC 9420, section 6.3.2).
    *bytes.last_mut().unwrap() ^= 1;
    sealed(&victim.group, &MlsMessage::from_bytes(&bytes).unwrap())
}

/// What a member can make that kept the root of the epoch's secret tree: everything right but the signature.
fn signed_by_another(victim: &Actor) -> (u64, Vec<u8>) {
    SIGNS_WRONG.set(true);
    let message = victim.group.mls.clone().encrypt_application_message(&[7; 200], Vec::new());
    SIGNS_WRONG.set(false);
    sealed(&victim.group, &message.unwrap())
}

fn assert_silences_nobody(forge: impl Fn(&Actor) -> (u64, Vec<u8>)) {
    let mut circle = Circle::of(&["alice", "bob", "mallory"]);
    for round in 0..3 {
        let forged = forge(&circle.members[0]);
        let said = circle.members[0].say(&round.to_string());
        for at in [1, 2] {
            let before = state(&circle.members[at].group);
            let refused = circle.members[at].hear(&forged);
            assert!(matches!(refused, Err(GroupError::Mls(_))), "{refused:?}");
            assert_eq!(
                state(&circle.members[at].group),
                before,
                "a message that is nobody's changed something"
            );
            let heard = circle.members[at].hear(&said).unwrap();
            assert_eq!(heard.sender, circle.members[0].group.own_key());
            assert!(!matches!(heard.continuity, Continuity::Missing(_)));
        }
        let answer = circle.members[1].say("answer");
        circle.members[0].hear(&answer).unwrap();
    }
}

#[test]
fn garbage_in_anothers_name_silences_nobody() {
    assert_silences_nobody(|alice| garbage(alice, 0));
    assert_silences_nobody(|alice| garbage(alice, 900));
}

#[test]
fn a_wrong_signature_in_anothers_name_silences_nobody() {
    assert_silences_nobody(signed_by_another);
}

#[test]
fn garbage_in_a_past_epoch_silences_nobody() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let (forged, said) = (garbage(&circle.members[0], 0), circle.members[0].say("late"));
    let commit = circle.members[1].group.commit_update(None).unwrap();
    circle.deliver_own(&commit);
    let before = state(&circle.members[1].group);
    assert!(matches!(circle.members[1].hear(&forged), Err(GroupError::Mls(_))));
    assert_eq!(state(&circle.members[1].group), before);
    circle.members[1].hear(&said).unwrap();
}

#[test]
fn keys_of_our_own_messages_do_not_stay_in_the_copy() {
    let mut circle = Circle::of(&["alice", "bob"]);
    for _ in 0..2 {
        circle.members[0].say("one");
        circle.members[0].say("two");
        let said = circle.members[1].say("three");
        let alice = &mut circle.members[0];
        alice.hear(&said).unwrap();
        let ours = alice.group.mls.peek_next_key_generation().unwrap();
        assert_eq!(alice.group.reading.next_own_generation(), Some(ours));
    }
}

/// Says something with `skipped` messages before it that nobody gets.
fn say_after(actor: &mut Actor, skipped: usize) -> (u64, Vec<u8>) {
    for _ in 0..skipped {
        actor.group.mls.next_encryption_key().unwrap();
        actor.group.reading.own_key_used();
    }
    actor.say("after many")
}

#[test]
fn who_skips_messages_makes_nobody_keep_more_than_the_bound() {
    let mut circle = Circle::of(&["alice", "bob", "mallory"]);
    let before = state(&circle.members[1].group).len();
    let first = say_after(&mut circle.members[2], 1_000);
    circle.members[1].hear(&first).unwrap();
    let after_one = state(&circle.members[1].group).len();
    for _ in 0..10 {
        let said = say_after(&mut circle.members[2], 1_000);
        circle.members[1].hear(&said).unwrap();
    }
    let bob = &circle.members[1].group;
    assert_eq!(bob.seating.back().unwrap().ratchets.kept(), KEPT_KEYS_PER_MEMBER);
    assert!(state(bob).len() <= after_one, "MLS keeps what it should have forgotten");
    // As it is stored, a key takes 34 bytes.
    assert!(after_one - before < KEPT_KEYS_PER_MEMBER * 36, "{} bytes", after_one - before);
    // Who is honest and late is still heard.
    let late = circle.members[0].say("late");
    let said = say_after(&mut circle.members[0], 100);
    circle.members[1].hear(&said).unwrap();
    circle.members[1].hear(&late).unwrap();
}

#[test]
fn v14_a_late_message_skips_no_more_than_its_members_share() {
    let mut circle = Circle::of(&["alice", "bob", "mallory"]);
    let far = say_after(&mut circle.members[2], 1_000);
    let near = say_after(&mut circle.members[0], KEPT_KEYS_PER_MEMBER);
    let beyond = say_after(&mut circle.members[0], 1);
    let commit = circle.members[1].group.commit_update(None).unwrap();
    circle.deliver_own(&commit);
    let before = state(&circle.members[1].group);
    let refused = circle.members[1].hear(&far);
    assert!(matches!(refused, Err(GroupError::Forbidden(Violation::Skips))), "{refused:?}");
    assert_eq!(state(&circle.members[1].group), before);
    circle.members[1].hear(&near).unwrap();
    assert!(circle.members[1].hear(&beyond).is_err(), "its share is used up");
}
