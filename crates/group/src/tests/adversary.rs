//! What link-holders, members and relays might try. Every test has the honest case beside it in `conversation.rs` or
//! `epochs.rs`: what is refused here is accepted there.

mod anyone;
mod insider;

use mls_rs::client_builder::MlsConfig;
use mls_rs::identity::SigningIdentity;
use mls_rs::identity::basic::BasicCredential;
use mls_rs::mls_rules::DefaultMlsRules;
use mls_rs::psk::ExternalPskId;
use mls_rs::{
    CipherSuiteProvider as _, Client, CryptoProvider as _, Extension, ExtensionList, Group as MlsGroup,
    IdentityProvider, MlsMessage,
};
use mls_rs_core::crypto::SignatureSecretKey;

use self::insider::{
    assert_goes_on, assert_refused, information, insider, lawless, leaf, sealed, signing_identity, unruly,
};
use super::circle::{Circle, entrant, entropy};
use crate::extension::{CIRCLE_CONTEXT, CircleContext, LEAF, Leaf};
use crate::identity::KeyIdentity;
use crate::keys::{BlobKind, CircleKeys};
use crate::owner::OwnerAction;
use crate::store::PskStore;
use crate::suite::{SUITE, XWingProvider};
use crate::{Entrant, GroupError, Joining, OwnerKey, Profile, Violation};

#[test]
fn v16_a_commit_with_other_padding_is_refused() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let host = &mut circle.members[0].group;
    let commit = host.commit_update(None).unwrap();
    host.discard_commit();
    let epoch = host.epoch();
    let padded = host.keys().open(BlobKind::Commit, epoch, &commit.blob).unwrap();
    let message = crate::padding::unpad(&padded).unwrap();
    let speaking = [&padded[..padded.len() - 1], &[1]].concat();
    let longer = [&padded[..], &[0; 256]].concat();
    for wrong in [message.to_vec(), speaking, longer] {
        let blob =
            circle.members[0].group.keys().seal(BlobKind::Commit, epoch, &wrong, &entropy(99)).unwrap();
        let refusal = assert_refused(&mut circle, &blob);
        assert!(matches!(refusal, GroupError::Forbidden(Violation::Padding)), "{refusal}");
    }
    assert_goes_on(&mut circle);
}

#[test]
fn garbage_in_place_of_a_commit_is_refused() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let host = &circle.members[0].group;
    let blob = host.keys().seal_padded(BlobKind::Commit, host.epoch(), b"garbage", &entropy(99)).unwrap();
    assert!(matches!(assert_refused(&mut circle, &blob), GroupError::Mls(_)));
    assert!(matches!(assert_refused(&mut circle, &[7; 300]), GroupError::Seal));
    assert_goes_on(&mut circle);
}

#[test]
fn v1_a_joiner_without_the_circle_secret_gets_nowhere() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let host = &circle.members[0].group;
    let stranger = entrant(&CircleKeys::rotated(&[0; 32], 0, *circle.keys.circle()), 50, "ghost", None);
    let blind = Joining::new(&stranger, host.epoch(), &host.seal_group_information().unwrap(), &mut None);
    assert!(matches!(blind, Err(GroupError::Seal)));
    // Even with the group information leaked: another value under the right PSK id.
    let id = ExternalPskId::new(CircleKeys::psk_id(circle.keys.circle(), 0));
    let keys = CircleKeys::rotated(&[9; 32], 0, *circle.keys.circle());
    let wrong = unruly(&keys, 52);
    let builder = wrong.external_commit_builder().unwrap().with_external_psk(id);
    let (_, commit) =
        builder.with_leaf_node_extensions(leaf(52, "ghost")).build(information(&circle)).unwrap();
    let blob = sealed(&circle, &commit);
    assert!(matches!(assert_refused(&mut circle, &blob), GroupError::Mls(_)));
    assert_goes_on(&mut circle);
}

#[test]
fn v1_a_join_that_omits_the_key_is_refused() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let ghost = unruly(&circle.keys, 51);
    let builder = ghost.external_commit_builder().unwrap().with_leaf_node_extensions(leaf(51, "ghost"));
    let (_, commit) = builder.build(information(&circle)).unwrap();
    let blob = sealed(&circle, &commit);
    let refusal = assert_refused(&mut circle, &blob);
    assert!(matches!(refusal, GroupError::Forbidden(Violation::JoinWithoutKey)), "{refusal:?}");
    assert_goes_on(&mut circle);
}

#[test]
fn v2_a_join_that_removes_a_stranger_is_refused() {
    let mut circle = Circle::of(&["alice", "bob"]);
    // The library itself refuses to make such a commit with our identity rule: make it with one that allows all.
    let id = ExternalPskId::new(CircleKeys::psk_id(circle.keys.circle(), 0));
    let evil = lawless(&circle.keys, 51);
    let builder = evil.external_commit_builder().unwrap().with_external_psk(id).with_removal(1);
    let (_, commit) = builder.with_leaf_node_extensions(leaf(51, "bob")).build(information(&circle)).unwrap();
    let blob = sealed(&circle, &commit);
    let refusal = assert_refused(&mut circle, &blob);
    assert!(matches!(refusal, GroupError::Forbidden(Violation::JoinRemovesAnother)), "{refusal:?}");
    assert_goes_on(&mut circle);
}

#[test]
fn v3_a_join_that_carries_more_is_refused() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let id = || ExternalPskId::new(CircleKeys::psk_id(circle.keys.circle(), 0));
    let ghost = unruly(&circle.keys, 51);
    let builder = ghost.external_commit_builder().unwrap().with_external_psk(id()).with_external_psk(id());
    let (_, commit) =
        builder.with_leaf_node_extensions(leaf(51, "ghost")).build(information(&circle)).unwrap();
    let blob = sealed(&circle, &commit);
    let refusal = assert_refused(&mut circle, &blob);
    assert!(matches!(refusal, GroupError::Forbidden(_)), "{refusal:?}");
    assert_goes_on(&mut circle);
}

#[test]
fn v4_a_member_that_adds_somebody_by_itself_is_refused() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let mut mallory = insider(&mut circle, 66);
    let friend = lawless(&circle.keys, 67)
        .generate_key_package_message(ExtensionList::new(), leaf(67, "friend"), None)
        .unwrap();
    let commit = mallory.commit_builder().add_member(friend).unwrap().build().unwrap();
    let blob = sealed(&circle, commit.commit_message());
    let refusal = assert_refused(&mut circle, &blob);
    assert!(matches!(refusal, GroupError::Forbidden(Violation::MemberProposal)), "{refusal:?}");
    assert_goes_on(&mut circle);
}

#[test]
fn v4_a_member_that_injects_a_key_is_refused() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let mut mallory = insider(&mut circle, 66);
    let id = ExternalPskId::new(CircleKeys::psk_id(circle.keys.circle(), 0));
    let commit = mallory.commit_builder().add_external_psk(id).unwrap().build().unwrap();
    let blob = sealed(&circle, commit.commit_message());
    let refusal = assert_refused(&mut circle, &blob);
    assert!(matches!(refusal, GroupError::Forbidden(Violation::MemberProposal)), "{refusal:?}");
    assert_goes_on(&mut circle);
}

#[test]
fn v8_a_member_that_becomes_somebody_else_is_refused() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let mut mallory = insider(&mut circle, 66);
    let (secret, identity) = signing_identity(68);
    let commit = mallory.commit_builder().set_new_signing_identity(secret, identity).build().unwrap();
    let blob = sealed(&circle, commit.commit_message());
    let refusal = assert_refused(&mut circle, &blob);
    assert!(
        matches!(refusal, GroupError::Forbidden(Violation::Credential) | GroupError::Mls(_)),
        "{refusal:?}"
    );
    assert_goes_on(&mut circle);
}

#[test]
fn v8_a_newcomer_whose_credential_names_somebody_is_refused() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let provider = XWingProvider::new(entropy(51));
    let (secret, identity) = signing_identity(51);
    let named = BasicCredential::new(b"alice".to_vec()).into_credential();
    let psks = PskStore::default();
    psks.set(&circle.keys);
    let ghost = Client::builder()
        .identity_provider(anyone::Anyone)
        .crypto_provider(provider)
        .mls_rules(DefaultMlsRules::new())
        .psk_store(psks)
        .extension_types([CIRCLE_CONTEXT, LEAF])
        .signing_identity(SigningIdentity::new(named, identity.signature_key), secret, SUITE)
        .build();
    let id = ExternalPskId::new(CircleKeys::psk_id(circle.keys.circle(), 0));
    let builder = ghost.external_commit_builder().unwrap().with_external_psk(id);
    let (_, commit) =
        builder.with_leaf_node_extensions(leaf(51, "ghost")).build(information(&circle)).unwrap();
    let blob = sealed(&circle, &commit);
    let refusal = assert_refused(&mut circle, &blob);
    assert!(matches!(refusal, GroupError::Forbidden(Violation::Credential)), "{refusal:?}");
    assert_goes_on(&mut circle);
}

#[test]
fn an_impostor_of_the_same_nick_is_another_member() {
    let mut circle = Circle::of(&["alice", "bob"]);
    circle.join("bob");
    assert_eq!(circle.nicks(), ["alice", "bob", "bob"], "nobody was evicted");
    let keys: Vec<_> = circle.members.iter().map(|member| member.group.own_key()).collect();
    assert_ne!(keys[1].fingerprint(), keys[2].fingerprint());
    let said = circle.members[2].say("I am bob");
    assert_eq!(circle.members[0].hear(&said).unwrap().sender, keys[2]);
}

#[test]
fn v9_a_leaf_that_tells_nothing_is_refused() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let ghost = unruly(&circle.keys, 51);
    let id = ExternalPskId::new(CircleKeys::psk_id(circle.keys.circle(), 0));
    let builder = ghost.external_commit_builder().unwrap().with_external_psk(id);
    let (_, commit) = builder.build(information(&circle)).unwrap();
    let blob = sealed(&circle, &commit);
    let refusal = assert_refused(&mut circle, &blob);
    assert!(matches!(refusal, GroupError::Forbidden(Violation::Leaf)), "{refusal:?}");
}

#[test]
fn v10_a_taken_seat_is_refused() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let taken = circle.members[1].entrant.seat;
    let thief = Entrant { seat: taken, ..circle.newcomer("thief") };
    let joining = circle.joining(&thief);
    let refusal = assert_refused(&mut circle, joining.commit());
    assert!(matches!(refusal, GroupError::Forbidden(Violation::SeatTaken)), "{refusal:?}");
}

#[test]
fn v6_a_member_who_is_here_is_not_removed_by_another() {
    let mut circle = Circle::of(&["alice", "bob", "mallory"]);
    let alice = circle.members[0].group.own_key();
    let commit = circle.members[2].group.commit_removal(&[alice]).unwrap();
    circle.members[2].group.discard_commit();
    let refusal = assert_refused(&mut circle, &commit.blob);
    assert!(matches!(refusal, GroupError::Forbidden(Violation::RemovalOfPresent)), "{refusal:?}");
    assert_goes_on(&mut circle);
}

#[test]
fn v7_a_member_cannot_change_the_secret() {
    let owner = OwnerKey::from_seed(&[7; 32]);
    let mut circle = Circle::owned_by(Some(owner.id()), &["alice", "mallory"]);
    let group = &mut circle.members[1].group;
    let context = CircleContext { generation: 1, owner: Some(owner.id()) }.to_extensions();
    let builder = group.mls.commit_builder().set_group_context_ext(context).unwrap();
    let commit = builder.build().unwrap().commit_message().clone();
    group.discard_commit();
    let blob = sealed(&circle, &commit);
    let refusal = assert_refused(&mut circle, &blob);
    assert!(matches!(refusal, GroupError::Forbidden(Violation::ContextChange)), "{refusal:?}");
}

/// The commit of a member who would be the owner: this context, this word of an owner, and the leaves that it removes.
fn would_be_owner(
    circle: &Circle,
    mallory: &mut MlsGroup<impl MlsConfig>,
    context: &CircleContext,
    word: Vec<u8>,
    removes: &[u32],
) -> Vec<u8> {
    mallory.clear_pending_commit();
    let mut builder = mallory.commit_builder().set_group_context_ext(context.to_extensions()).unwrap();
    for leaf in removes {
        builder = builder.remove_member(*leaf).unwrap();
    }
    sealed(circle, builder.authenticated_data(word).build().unwrap().commit_message())
}

#[test]
fn v7_nothing_but_the_owners_word_for_exactly_this_changes_the_secret() {
    let owner = OwnerKey::from_seed(&[7; 32]);
    let mut circle = Circle::owned_by(Some(owner.id()), &["alice", "bob"]);
    let mut mallory = insider(&mut circle, 66);
    let (id, base_epoch) = (*circle.keys.circle(), circle.members[0].group.epoch());
    let word_for = |circle: &[u8; 16], base_epoch, next_generation| {
        owner.authorise(&OwnerAction { circle, base_epoch, next_generation, removed: &[] })
    };
    let word = |key: &OwnerKey| {
        key.authorise(&OwnerAction { circle: &id, base_epoch, next_generation: 1, removed: &[] })
    };
    // The succession behind the signature is right, so that the signature alone decides; and the other way round.
    let signed = |signature: Vec<u8>| [&signature[..64], &word(&owner)[64..]].concat();
    let succeeded = |succession: Vec<u8>| [&word(&owner)[..64], &succession[64..]].concat();
    let next = |generation, owner| CircleContext { generation, owner };
    let right = || next(1, Some(owner.id()));
    let mut altered = word(&owner);
    *altered.last_mut().unwrap() ^= 1;
    let stranger = OwnerKey::from_seed(&[8; 32]);
    for (what, context, word, removes) in [
        ("another owner", next(1, Some([9; 16])), word(&owner), &[][..]),
        ("no owner", next(1, None), word(&owner), &[]),
        ("the same generation", next(0, Some(owner.id())), word(&owner), &[]),
        ("a generation left out", next(2, Some(owner.id())), word(&owner), &[]),
        ("another's word", right(), signed(word(&stranger)), &[]),
        ("a word that was altered", right(), altered, &[]),
        ("a word for another circle", right(), signed(word_for(&[9; 16], base_epoch, 1)), &[]),
        ("a word for the epoch before", right(), signed(word_for(&id, base_epoch - 1, 1)), &[]),
        ("a word for a later epoch", right(), signed(word_for(&id, base_epoch + 1, 1)), &[]),
        ("a word for a later generation", right(), signed(word_for(&id, base_epoch, 2)), &[]),
        ("a succession of another circle", right(), succeeded(word_for(&[9; 16], base_epoch, 1)), &[]),
        ("a succession of a later generation", right(), succeeded(word_for(&id, base_epoch, 2)), &[]),
        ("another's succession", right(), succeeded(word(&stranger)), &[]),
        ("a word for nobody's removal", right(), word(&owner), &[0]),
    ] {
        let blob = would_be_owner(&circle, &mut mallory, &context, word, removes);
        let refusal = assert_refused(&mut circle, &blob);
        assert!(matches!(refusal, GroupError::Forbidden(Violation::ContextChange)), "{what}: {refusal:?}");
    }
    // The control: the right word for it is taken, whoever brings it.
    let blob = would_be_owner(&circle, &mut mallory, &right(), word(&owner), &[]);
    circle.members[0].group.examine_commit(base_epoch, &blob, |_| true).unwrap();
}

#[test]
fn v6_everybody_who_is_removed_has_to_be_gone() {
    let mut circle = Circle::of(&["alice", "bob", "mallory"]);
    let alice = circle.members[0].group.own_key();
    let bob = circle.take("bob").group.own_key();
    for removed in [[bob, alice], [alice, bob]] {
        let commit = circle.members[1].group.commit_removal(&removed).unwrap();
        circle.members[1].group.discard_commit();
        let refusal = assert_refused(&mut circle, &commit.blob);
        assert!(matches!(refusal, GroupError::Forbidden(Violation::RemovalOfPresent)), "{refusal:?}");
    }
}

#[test]
fn v9_a_nick_has_at_most_80_bytes() {
    let leaf = |nick: &[u8]| {
        let data = [&[1, 0][..], &51_u64.to_be_bytes(), &[1; 16], nick].concat();
        ExtensionList::from(vec![Extension::new(LEAF, data)])
    };
    let padded = |nick: &[u8], bytes: usize| [nick, &vec![0; bytes - nick.len()]].concat();
    let mut circle = Circle::of(&["alice", "bob"]);
    let join = |circle: &Circle, leaf: ExtensionList| {
        let id = ExternalPskId::new(CircleKeys::psk_id(circle.keys.circle(), 0));
        let ghost = unruly(&circle.keys, 51);
        let builder = ghost.external_commit_builder().unwrap().with_external_psk(id);
        let (_, commit) = builder.with_leaf_node_extensions(leaf).build(information(circle)).unwrap();
        sealed(circle, &commit)
    };
    let hidden = [&padded(b"nick", 79)[..], b"!"].concat();
    for wrong in [vec![b'n'; 81], padded(b"nick", 81), hidden, padded(b"", 80)] {
        let blob = join(&circle, leaf(&wrong));
        let refusal = assert_refused(&mut circle, &blob);
        assert!(matches!(refusal, GroupError::Forbidden(Violation::Leaf)), "{refusal:?}");
    }
    for right in [vec![b'n'; 80], padded(b"nick", 80)] {
        let (blob, epoch) = (join(&circle, leaf(&right)), circle.members[0].group.epoch());
        circle.members[0].group.examine_commit(epoch, &blob, |_| true).unwrap();
    }
}

#[test]
fn v10_a_members_update_keeps_a_leaf_that_can_be() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let mut mallory = insider(&mut circle, 66);
    let taken = circle.members[1].entrant.seat;
    for (leaf, wanted) in
        [(leaf(taken, "mallory"), Violation::SeatTaken), (ExtensionList::new(), Violation::Leaf)]
    {
        mallory.clear_pending_commit();
        let commit = mallory.commit_builder().set_leaf_node_extensions(leaf).build().unwrap();
        let blob = sealed(&circle, commit.commit_message());
        let refusal = assert_refused(&mut circle, &blob);
        assert!(matches!(&refusal, GroupError::Forbidden(found) if *found == wanted), "{refusal:?}");
    }
}

#[test]
fn v15_nobody_takes_another_seat_under_the_same_key_but_by_joining_anew() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let mut mallory = insider(&mut circle, 66);
    let profile = Profile::new("mallory", None).unwrap();
    let other_nonce = Leaf { seat: 66, nonce: [2; 16], profile }.to_extensions();
    for changed in [leaf(166, "mallory"), other_nonce] {
        mallory.clear_pending_commit();
        let commit = mallory.commit_builder().set_leaf_node_extensions(changed).build().unwrap();
        let blob = sealed(&circle, commit.commit_message());
        let refusal = assert_refused(&mut circle, &blob);
        assert!(matches!(refusal, GroupError::Forbidden(Violation::SeatChanged)), "{refusal:?}");
    }
    // Its own seat and nonce it may tell again.
    mallory.clear_pending_commit();
    let commit = mallory.commit_builder().set_leaf_node_extensions(leaf(66, "mallory")).build().unwrap();
    let (blob, epoch) = (sealed(&circle, commit.commit_message()), circle.members[0].group.epoch());
    circle.members[0].group.examine_commit(epoch, &blob, |_| true).unwrap();
}

#[test]
fn v15_who_joins_anew_is_seen_by_another_nonce() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let index = insider(&mut circle, 66).current_member_index();
    let again = |circle: &Circle, nonce: [u8; 16]| {
        let id = ExternalPskId::new(CircleKeys::psk_id(circle.keys.circle(), 0));
        let mallory = lawless(&circle.keys, 66);
        let profile = Profile::new("mallory", None).unwrap();
        let leaf = Leaf { seat: 67, nonce, profile }.to_extensions();
        let builder = mallory.external_commit_builder().unwrap().with_external_psk(id).with_removal(index);
        let (_, commit) = builder.with_leaf_node_extensions(leaf).build(information(circle)).unwrap();
        sealed(circle, &commit)
    };
    let blob = again(&circle, [1; 16]);
    let refusal = assert_refused(&mut circle, &blob);
    assert!(matches!(refusal, GroupError::Forbidden(Violation::SeatChanged)), "{refusal:?}");
    let (blob, epoch) = (again(&circle, [2; 16]), circle.members[0].group.epoch());
    let before = circle.members[0].group.safety_code().unwrap();
    let change = circle.deliver_commit(epoch, &blob);
    assert!(change.returned.len() == 1 && change.changes_safety_code());
    // It knows nothing of the epochs before.
    assert_ne!(circle.members[0].group.safety_code().unwrap(), before);
}

#[test]
fn v12_a_message_that_is_sealed_anew_for_another_epoch_is_refused_and_burns_no_key() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let said = circle.members[0].say("of the epoch before");
    let keys = circle.keys.clone();
    let opened = keys.open(BlobKind::Message, said.0, &said.1).unwrap();
    let commit = circle.members[0].group.commit_update(None).unwrap();
    circle.deliver_own(&commit);
    let blob = keys.seal(BlobKind::Message, said.0 + 1, &opened, &entropy(99)).unwrap();
    let bob = &mut circle.members[1];
    let refused = bob.group.decrypt(said.0 + 1, &blob);
    assert!(matches!(refused, Err(GroupError::Forbidden(Violation::Label))), "{refused:?}");
    bob.hear(&said).unwrap();
}

#[test]
fn a_relay_that_relabels_or_alters_is_noticed_and_burns_no_key() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let said = circle.members[0].say("hello");
    let bob = &mut circle.members[1];
    let epoch = bob.group.epoch();
    assert!(matches!(
        bob.group.decrypt(epoch - 1, &said.1),
        Err(GroupError::Seal | GroupError::Epoch { .. })
    ));
    assert!(matches!(bob.group.decrypt_signal(epoch, &said.1), Err(GroupError::Seal)));
    assert!(matches!(bob.group.process_commit(epoch, &said.1, |_| true), Err(GroupError::Seal)));
    for at in [0, 30, said.1.len() - 1] {
        let mut altered = said.1.clone();
        altered[at] ^= 1;
        assert!(matches!(bob.group.decrypt(epoch, &altered), Err(GroupError::Seal)));
    }
    bob.hear(&said).unwrap();
}

#[test]
fn a_replay_is_refused_in_its_epoch_and_after() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let said = circle.members[0].say("once");
    circle.members[1].hear(&said).unwrap();
    assert!(circle.members[1].hear(&said).is_err());
    let commit = circle.members[0].group.commit_update(None).unwrap();
    circle.deliver_own(&commit);
    assert!(circle.members[1].hear(&said).is_err());
    let replayed = circle.members[1].group.process_commit(commit.base_epoch, &commit.blob, |_| true);
    assert!(matches!(replayed, Err(GroupError::Epoch { .. })));
}

#[test]
fn a_forged_author_is_refused() {
    let mut circle = Circle::of(&["alice", "bob", "mallory"]);
    // Mallory has the seal and her own MLS state: she can alter her ciphertext, but not make one of bob's.
    let said = circle.members[2].say("I am bob");
    let keys = circle.members[2].group.keys().clone();
    let opened = keys.open(BlobKind::Message, said.0, &said.1).unwrap();
    for at in 0..opened.len() {
        let mut forged = opened.to_vec();
        forged[at] ^= 1;
        let blob = keys.seal(BlobKind::Message, said.0, &forged, &entropy(99)).unwrap();
        assert!(circle.members[0].group.decrypt(said.0, &blob).is_err(), "byte {at}");
    }
}

#[test]
fn random_bytes_never_panic() {
    let mut circle = Circle::of(&["alice", "bob"]);
    let epoch = circle.members[0].group.epoch();
    let random = entropy(3);
    for length in 0..400 {
        let mut blob = vec![0; length];
        random.fill(&mut blob).unwrap();
        let group = &mut circle.members[0].group;
        assert!(group.decrypt(epoch, &blob).is_err());
        assert!(group.process_commit(epoch, &blob, |_| true).is_err());
        let sealed = group.keys().seal(BlobKind::Message, epoch, &blob, &random).unwrap();
        assert!(group.decrypt(epoch, &sealed).is_err());
        for sealed in [
            group.keys().seal(BlobKind::Commit, epoch, &blob, &random).unwrap(),
            group.keys().seal_padded(BlobKind::Commit, epoch, &blob, &random).unwrap(),
        ] {
            assert!(group.process_commit(epoch, &sealed, |_| true).is_err());
        }
    }
}
