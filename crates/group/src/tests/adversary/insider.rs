//! Whoever has the circle secret and a program of its own, and what the others make of it.

use super::*;

/// An MLS client that keeps none of our rules but knows the circle secret.
pub(super) fn unruly(keys: &CircleKeys, seed: u64) -> Client<impl MlsConfig + use<>> {
    client(KeyIdentity, keys, seed)
}

/// One whose identity rule lets anyone follow anyone, too.
pub(super) fn lawless(keys: &CircleKeys, seed: u64) -> Client<impl MlsConfig + use<>> {
    client(anyone::Anyone, keys, seed)
}

fn client<I: IdentityProvider + Clone>(
    identities: I,
    keys: &CircleKeys,
    seed: u64,
) -> Client<impl MlsConfig + use<I>> {
    let provider = XWingProvider::new(entropy(seed));
    let (secret, identity) = signing_identity(seed);
    let psks = PskStore::default();
    psks.set(keys);
    Client::builder()
        .identity_provider(identities)
        .crypto_provider(provider)
        .mls_rules(DefaultMlsRules::new())
        .psk_store(psks)
        .extension_types([CIRCLE_CONTEXT, LEAF])
        .signing_identity(identity, secret, SUITE)
        .build()
}

pub(super) fn signing_identity(seed: u64) -> (SignatureSecretKey, SigningIdentity) {
    let suite = XWingProvider::new(entropy(seed)).cipher_suite_provider(SUITE).unwrap();
    let (secret, public) = suite.signature_key_generate().unwrap();
    (secret, SigningIdentity::new(BasicCredential::new(Vec::new()).into_credential(), public))
}

/// A member with a program of its own: it came in by the rules and keeps none from then on.
pub(super) fn insider(circle: &mut Circle, seat: u64) -> MlsGroup<impl MlsConfig + use<>> {
    let id = ExternalPskId::new(CircleKeys::psk_id(circle.keys.circle(), 0));
    let mallory = lawless(&circle.keys, seat);
    let builder = mallory.external_commit_builder().unwrap().with_external_psk(id);
    let (group, commit) =
        builder.with_leaf_node_extensions(leaf(seat, "mallory")).build(information(circle)).unwrap();
    let blob = sealed(circle, &commit);
    let epoch = circle.members[0].group.epoch();
    circle.deliver_commit(epoch, &blob);
    circle.present.push(seat);
    group
}

pub(super) fn leaf(seat: u64, nick: &str) -> ExtensionList {
    Leaf { seat, nonce: [1; 16], profile: Profile::new(nick, None).unwrap() }.to_extensions()
}

/// The group information as a link-holder reads it.
pub(super) fn information(circle: &Circle) -> MlsMessage {
    let host = &circle.members[0].group;
    let sealed = host.seal_group_information().unwrap();
    host.keys().open_padded(BlobKind::GroupInformation, host.epoch(), &sealed).unwrap()
}

pub(super) fn sealed(circle: &Circle, commit: &MlsMessage) -> Vec<u8> {
    let host = &circle.members[0].group;
    let bytes = commit.to_bytes().unwrap();
    host.keys().seal_padded(BlobKind::Commit, host.epoch(), &bytes, &entropy(99)).unwrap()
}

/// Every member refuses it, and nothing changes.
pub(super) fn assert_refused(circle: &mut Circle, blob: &[u8]) -> GroupError {
    let epoch = circle.members[0].group.epoch();
    let present = circle.present.clone();
    let mut refusal = None;
    for member in &mut circle.members {
        let here = |seat| present.contains(&seat);
        let key = member.group.verification_key();
        assert!(member.group.examine_commit(epoch, blob, here).is_err());
        let refused = member.group.process_commit(epoch, blob, here).unwrap_err();
        refusal.get_or_insert(refused);
        assert_eq!(member.group.verification_key(), key, "a refused commit changed something");
    }
    circle.assert_agreement();
    refusal.unwrap()
}

/// The circle goes on: somebody else joins and all talk.
pub(super) fn assert_goes_on(circle: &mut Circle) {
    circle.join("next");
    let said = circle.members.last_mut().unwrap().say("still here");
    circle.members[0].hear(&said).unwrap();
}
