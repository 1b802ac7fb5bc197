//! Commits that race, messages that are late, members that come back, owners that remove.

use super::circle::Circle;
use crate::store::PAST_EPOCHS;
use crate::{Continuity, GroupError, Joining, OwnerKey, Violation};

#[test]
fn of_two_commits_one_wins_and_the_loser_follows() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let lost = circle.members[0].group.commit_update(None).unwrap();
    let won = circle.members[1].group.commit_update(None).unwrap();
    assert!(circle.members[0].group.has_pending_commit());
    let present = circle.present.clone();
    let here = |seat| present.contains(&seat);
    let change = circle.members[0].group.process_commit(won.base_epoch, &won.blob, here).unwrap();
    assert!(change.own_commit_lost);
    circle.members[1].group.process_commit(won.base_epoch, &won.blob, here).unwrap();
    circle.assert_agreement();
    assert!(!circle.members[0].group.has_pending_commit());
    let stale = circle.members[1].group.process_commit(lost.base_epoch, &lost.blob, here);
    assert!(matches!(stale, Err(GroupError::Epoch { .. })));
    let again = circle.members[0].group.commit_update(None).unwrap();
    circle.deliver_own(&again);
}

#[test]
fn a_refused_commit_can_be_made_again() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let alice = &mut circle.members[0].group;
    alice.commit_update(None).unwrap();
    assert!(matches!(alice.commit_update(None), Err(GroupError::Misuse(_))));
    alice.discard_commit();
    let commit = alice.commit_update(None).unwrap();
    circle.deliver_own(&commit);
}

#[test]
fn a_joiner_that_lost_the_race_tries_again() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let carol = circle.newcomer("carol");
    let lost = circle.joining(&carol);
    let won = circle.members[0].group.commit_update(None).unwrap();
    circle.deliver_own(&won);
    let resync_state = lost.abandon();
    let host = &circle.members[0].group;
    let information = host.seal_group_information().unwrap();
    let joining = Joining::new(&carol, host.epoch(), &information, &mut Some(resync_state)).unwrap();
    let (epoch, commit) = (joining.base_epoch(), joining.commit().to_vec());
    circle.deliver_commit(epoch, &commit);
    assert_eq!(joining.finish().unwrap().members(), circle.members[0].group.members());
}

#[test]
fn examining_tells_the_next_key_and_changes_nothing() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let carol = circle.newcomer("carol");
    let joining = circle.joining(&carol);
    let alice = &circle.members[0].group;
    let before = alice.verification_key();
    let next = alice.examine_commit(joining.base_epoch(), joining.commit(), |_| true).unwrap();
    assert_eq!(alice.verification_key(), before);
    let (epoch, commit) = (joining.base_epoch(), joining.commit().to_vec());
    circle.deliver_commit(epoch, &commit);
    assert_eq!(circle.members[0].group.verification_key(), next);
    assert_eq!(joining.finish().unwrap().verification_key(), next);
}

#[test]
fn messages_are_read_two_epochs_later_and_no_longer() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let late: Vec<_> = (0..3).map(|n| circle.members[0].say(&n.to_string())).collect();
    for message in late.iter().take(PAST_EPOCHS) {
        let commit = circle.members[1].group.commit_update(None).unwrap();
        circle.deliver_own(&commit);
        circle.members[1].hear(message).unwrap();
    }
    let commit = circle.members[1].group.commit_update(None).unwrap();
    circle.deliver_own(&commit);
    assert!(matches!(circle.members[1].hear(&late[2]), Err(GroupError::Epoch { .. })));
}

#[test]
fn an_author_is_found_by_the_epoch_of_its_message() {
    let mut circle = Circle::of(&["alice", "bob", "carol"]);
    let late = circle.members[1].say("from bob's leaf");
    let bob = circle.take("bob");
    let commit = circle.members[0].group.commit_removal(&[bob.group.own_key()]).unwrap();
    circle.deliver_own(&commit);
    circle.join("dave");
    assert_eq!(circle.nicks(), ["alice", "dave", "carol"], "dave sits on bob's leaf");
    let heard = circle.members[1].hear(&late);
    assert!(heard.is_err(), "a removed member's late message is refused: {heard:?}");
}

#[test]
fn old_epochs_do_not_pile_up() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let store = circle.members[0].group.epochs.clone();
    for _ in 0..6 {
        let commit = circle.members[0].group.commit_update(None).unwrap();
        circle.deliver_own(&commit);
    }
    assert_eq!(store.held(), PAST_EPOCHS);
}

#[test]
fn a_resync_replaces_the_old_leaf_and_keeps_the_numbering() {
    let mut circle = Circle::of(&["alice", "bob", "carol"]);
    let said = circle.members[1].say("one");
    circle.members[0].hear(&said).unwrap();
    let bob = circle.take("bob");
    let (mut entrant, resync_state) = (bob.entrant, bob.group.into_resync_state());
    entrant.seat += 1000;
    let host = &circle.members[0].group;
    let information = host.seal_group_information().unwrap();
    let joining = Joining::new(&entrant, host.epoch(), &information, &mut Some(resync_state)).unwrap();
    let (epoch, commit) = (joining.base_epoch(), joining.commit().to_vec());
    let change = circle.deliver_commit(epoch, &commit);
    assert_eq!((change.returned.len(), change.joined.len(), change.removed.len()), (1, 0, 0));
    let mut group = joining.finish().unwrap();
    let sealed = group.encrypt(b"two", &circle.members[0].log).unwrap();
    let heard = circle.members[0].group.decrypt(sealed.epoch, &sealed.blob).unwrap();
    assert_eq!(heard.continuity, Continuity::Next);
}

#[test]
fn the_owner_removes_somebody_who_is_here_and_the_secret_changes() {
    let owner = OwnerKey::from_seed(&[7; 32]);
    let mut circle = Circle::owned_by(Some(owner.id()), &["alice", "bob", "mallory"]);
    let old_keys = circle.members[0].group.keys().clone();
    let mallory = circle.members[2].group.own_key();
    let before = circle.members[1].say("before");
    let commit = circle.members[0].group.commit_eviction(&[mallory], &owner).unwrap();
    let mut evicted = circle.members.remove(2);
    let here = |_| true;
    let seen = evicted.group.process_commit(commit.base_epoch, &commit.blob, here);
    assert!(matches!(seen, Err(GroupError::Evicted)));
    let change = circle.deliver_own(&commit);
    assert!(change.rotated);
    assert_eq!(change.removed.len(), 1);
    assert_ne!(circle.members[0].group.keys().secret(), old_keys.secret());
    let keys = circle.members[0].group.keys();
    assert_ne!(keys.name(), old_keys.name(), "the relay is told another name");
    assert_eq!(Some(*keys.name()), commit.eviction.as_ref().map(|eviction| eviction.next_name));
    assert_eq!(keys.circle(), old_keys.circle());
    for member in &circle.members {
        let succession = member.group.succession().unwrap();
        assert!(succession.is_by(&owner.id()) && !succession.is_by(&[0; 16]));
        assert_eq!((succession.circle, succession.generation), (*old_keys.circle(), 1));
    }
    // The next secret comes from the epoch that the evicted is not in, not from one that it knows.
    let known = evicted.group.mls.export_secret(b"shepot circle secret", &1_u32.to_be_bytes(), 32).unwrap();
    assert_ne!(known.as_bytes(), circle.members[0].group.keys().secret());
    circle.members[0].hear(&before).unwrap();
    // The removed one has the old link: the new group information does not open for it.
    let host = &circle.members[0].group;
    let again =
        Joining::new(&evicted.entrant, host.epoch(), &host.seal_group_information().unwrap(), &mut None);
    assert!(matches!(again, Err(GroupError::Seal)));
    circle.join("carol");
    let said = circle.members[2].say("with the new link");
    circle.members[0].hear(&said).unwrap();
    // The old secret opens what is late, for as long as anything may be.
    for _ in 0..PAST_EPOCHS {
        let commit = circle.members[0].group.commit_update(None).unwrap();
        circle.deliver_own(&commit);
    }
    assert!(circle.members.iter().all(|member| member.group.previous_keys.is_none()));
}

#[test]
fn only_the_owner_of_the_circle_removes() {
    let owner = OwnerKey::from_seed(&[7; 32]);
    let mut circle = Circle::owned_by(Some(owner.id()), &["alice", "bob"]);
    let bob = circle.members[1].group.own_key();
    let other = OwnerKey::from_seed(&[8; 32]);
    let refused = circle.members[0].group.commit_eviction(&[bob], &other);
    assert!(matches!(refused, Err(GroupError::Forbidden(Violation::Owner))));
}

#[test]
fn a_group_of_another_owner_is_not_joined() {
    let mut circle = Circle::owned_by(Some(OwnerKey::from_seed(&[7; 32]).id()), &["alice"]);
    let mut carol = circle.newcomer("carol");
    carol.owner = Some(OwnerKey::from_seed(&[8; 32]).id());
    let host = &circle.members[0].group;
    let joined = Joining::new(&carol, host.epoch(), &host.seal_group_information().unwrap(), &mut None);
    assert!(matches!(joined, Err(GroupError::Forbidden(Violation::Owner))));
}
