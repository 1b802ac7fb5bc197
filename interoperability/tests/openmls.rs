//! Another MLS library, openmls, as an independent member of a group with ours: it joins, talks, follows another's join
//! and a removal. What both agree on is what RFC 9420 and docs/PROTOCOL.md say, not what one library happens to do:
//! seals, keys, envelopes and leaves are made here anew from the document.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    dead_code
)]

// `circle.rs`, shared with the tests of `shepot-group`, takes these from here.
use shepot_group::{
    CircleKeys, Entrant, Entropy, EntropyFailed, EntryKind, EpochChange, Group, GroupError, Identity,
    Joining, LogTranscript, MemberKey, OwnCommit, OwnerId, Profile, RandomSource, Received,
};

#[path = "../../crates/group/src/tests/circle.rs"]
mod circle;
mod document;

use circle::{Circle, LOG};
use document::{Kind, Secret, envelope, envelope_body, leaf, padded, unpadded};
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use openmls::schedule::{ExternalPsk, PreSharedKeyId, Psk};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;

const SUITE: Ciphersuite = Ciphersuite::MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519;
const CIRCLE_CONTEXT: u16 = 0xF0A1;
const LEAF: u16 = 0xF0A2;
const SEAT: u64 = 4000;

/// A member by openmls.
struct Peer {
    crypto: OpenMlsRustCrypto,
    signer: SignatureKeyPair,
    secret: Secret,
    group: MlsGroup,
}

impl Peer {
    /// Joins by an external commit with the circle's PSK; gives the sealed commit.
    fn join(secret: Secret, epoch: u64, information: &[u8]) -> (Self, Vec<u8>) {
        let crypto = OpenMlsRustCrypto::default();
        let signer = SignatureKeyPair::new(SUITE.signature_algorithm()).unwrap();
        let psk = Psk::External(ExternalPsk::new(secret.psk_id(0)));
        let psk = PreSharedKeyId::new(SUITE, crypto.rand(), psk).unwrap();
        psk.store(&crypto, &secret.psk).unwrap();
        let opened = secret.open(Kind::GroupInformation, epoch, information);
        let message = MlsMessageIn::tls_deserialize_exact(unpadded(&opened)).unwrap();
        let MlsMessageBodyIn::GroupInfo(information) = message.extract() else {
            panic!("not group information");
        };
        let credential = CredentialWithKey {
            credential: BasicCredential::new(Vec::new()).into(),
            signature_key: signer.public().into(),
        };
        let known = [CIRCLE_CONTEXT, LEAF].map(ExtensionType::Unknown);
        let capabilities =
            Capabilities::builder().ciphersuites(vec![SUITE]).extensions(known.to_vec()).build();
        let extension = Extension::Unknown(LEAF, UnknownExtension(leaf(SEAT, [7; 16], "dave")));
        let parameters = LeafNodeParameters::builder()
            .with_capabilities(capabilities)
            .with_extensions(Extensions::single(extension).unwrap())
            .build();
        let configuration = MlsGroupJoinConfig::builder()
            .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .use_ratchet_tree_extension(true)
            .build();
        let (group, bundle) = MlsGroup::external_commit_builder()
            .with_config(configuration)
            .build_group(&crypto, information, credential)
            .unwrap()
            .leaf_node_parameters(parameters)
            .add_psk_proposal(PreSharedKeyProposal::new(psk))
            .load_psks(crypto.storage())
            .unwrap()
            .create_group_info(false)
            .use_ratchet_tree_extension(false)
            .build(crypto.rand(), crypto.crypto(), &signer, |_| true)
            .unwrap()
            .finalize(&crypto)
            .unwrap();
        let commit = bundle.into_commit().tls_serialize_detached().unwrap();
        let sealed = secret.seal(Kind::Commit, epoch, &padded(&commit), 77);
        (Self { crypto, signer, secret, group }, sealed)
    }

    /// The content, and its authenticated data.
    fn process(&mut self, kind: Kind, epoch: u64, blob: &[u8]) -> (ProcessedMessageContent, Vec<u8>) {
        let opened = self.secret.open(kind, epoch, blob);
        let bytes = if matches!(kind, Kind::Commit) { unpadded(&opened) } else { &opened[..] };
        let message = MlsMessageIn::tls_deserialize_exact(bytes).unwrap();
        let message = message.try_into_protocol_message().unwrap();
        let processed = self.group.process_message(&self.crypto, message).unwrap();
        let data = processed.aad().to_vec();
        (processed.into_content(), data)
    }

    fn follow(&mut self, epoch: u64, blob: &[u8]) {
        let (content, _) = self.process(Kind::Commit, epoch, blob);
        let ProcessedMessageContent::StagedCommitMessage(staged) = content else {
            panic!("no commit: {content:?}");
        };
        self.group.merge_staged_commit(&self.crypto, *staged).unwrap();
    }

    fn hear(&mut self, (epoch, blob): &(u64, Vec<u8>)) -> Vec<u8> {
        let (content, data) = self.process(Kind::Message, *epoch, blob);
        assert_eq!(data, LOG, "the log that it is for");
        let ProcessedMessageContent::ApplicationMessage(message) = content else {
            panic!("no message: {content:?}");
        };
        envelope_body(&message.into_bytes())
    }

    fn say(&mut self, sequence: u64, text: &[u8]) -> (u64, Vec<u8>) {
        // The log that it is for, as docs/PROTOCOL.md, section 11.3, says.
        self.group.set_aad(LOG.to_vec());
        let message =
            self.group.create_message(&self.crypto, &self.signer, &envelope(sequence, text)).unwrap();
        let epoch = self.group.epoch().as_u64();
        let bytes = message.tls_serialize_detached().unwrap();
        (epoch, self.secret.seal(Kind::Message, epoch, &bytes, epoch))
    }

    /// Both derive the same signing key of the epoch from their exporters.
    fn assert_agrees_with(&self, circle: &Circle) {
        let seed = self
            .group
            .export_secret(self.crypto.crypto(), "shepot epoch signing key", &self.secret.name, 32)
            .unwrap();
        let key = ed25519_dalek::SigningKey::from_bytes(&seed.try_into().unwrap()).verifying_key();
        assert_eq!(key.to_bytes(), circle.members[0].group.verification_key());
    }
}

/// Alice and bob of our own, and dave, who came by openmls.
fn with_dave() -> (Circle, Peer) {
    let mut circle = Circle::of(&["alice", "bob"]);
    let secret = Secret::of(circle.keys.secret());
    assert_eq!(&secret.name, circle.keys.name());
    let host = &circle.members[0].group;
    let (epoch, information) = (host.epoch(), host.seal_group_information().unwrap());
    let (dave, commit) = Peer::join(secret, epoch, &information);
    let change = circle.deliver_commit(epoch, &commit);
    circle.present.push(SEAT);
    assert_eq!(change.joined[0].profile.nick(), "dave");
    assert_eq!(change.joined[0].key, MemberKey(dave.signer.public().try_into().unwrap()));
    (circle, dave)
}

#[test]
fn openmls_joins_talks_and_follows_a_join_and_a_removal() {
    let (mut circle, mut dave) = with_dave();
    dave.assert_agrees_with(&circle);

    let said = circle.members[0].say("from ours");
    assert_eq!(dave.hear(&said), b"from ours");
    let said = dave.say(1, b"from openmls");
    for member in &mut circle.members {
        assert_eq!(&member.hear(&said).unwrap().body[..], b"from openmls");
    }

    let carol = circle.newcomer("carol");
    let joining = circle.joining(&carol);
    let (epoch, commit) = (joining.base_epoch(), joining.commit().to_vec());
    dave.follow(epoch, &commit);
    circle.deliver_commit(epoch, &commit);
    dave.assert_agrees_with(&circle);

    let bob = circle.take("bob");
    let commit = circle.members[0].group.commit_removal(&[bob.group.own_key()]).unwrap();
    dave.follow(commit.base_epoch, &commit.blob);
    circle.deliver_own(&commit);
    dave.assert_agrees_with(&circle);
    assert_eq!(dave.group.members().count(), 3);
    let said = dave.say(2, b"after the removal");
    assert_eq!(&circle.members[0].hear(&said).unwrap().body[..], b"after the removal");
}

#[test]
fn v5_a_proposal_by_reference_does_not_ride_on_a_commit() {
    let (mut circle, mut dave) = with_dave();
    // The removal of bob, proposed apart and then committed by its reference.
    let bob = LeafNodeIndex::new(1);
    let (proposal, _) = dave.group.propose_remove_member(&dave.crypto, &dave.signer, bob).unwrap();
    let (commit, ..) = dave.group.commit_to_pending_proposals(&dave.crypto, &dave.signer).unwrap();
    let epoch = circle.members[0].group.epoch();
    let seal = |message: MlsMessageOut| {
        let bytes = message.tls_serialize_detached().unwrap();
        dave.secret.seal(Kind::Commit, epoch, &padded(&bytes), 5)
    };
    let (proposal, commit) = (seal(proposal), seal(commit));
    for member in &mut circle.members {
        let key = member.group.verification_key();
        assert!(member.group.process_commit(epoch, &proposal, |_| false).is_err());
        assert!(member.group.examine_commit(epoch, &commit, |_| false).is_err());
        assert!(member.group.process_commit(epoch, &commit, |_| false).is_err());
        assert_eq!(member.group.verification_key(), key);
    }
    circle.join("carol");
}
