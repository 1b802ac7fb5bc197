//! docs/PROTOCOL.md against the code: keys, seals, padding, extensions, envelopes, the hash of the log, safety codes.

#[path = "../../../protocol/tests/document/mod.rs"]
mod written;

use argon2::{Algorithm as Argon2Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use libcrux_kem::{Algorithm, Ct, PrivateKey};
use mls_rs_core::crypto::{CipherSuiteProvider as _, CryptoProvider as _};
use sha2::{Digest as _, Sha256};
use written::Vectors;
use zeroize::Zeroizing;

use super::circle::{Circle, LOG, entropy};
use crate::chain::Chains;
use crate::envelope::Envelope;
use crate::extension::{CIRCLE_CONTEXT, CircleContext, LEAF, Leaf};
use crate::group::rotated_keys;
use crate::owner::OwnerAction;
use crate::padding::{pad, padded_size};
use crate::suite::{SUITE, XWingProvider};
use crate::{
    BlobKind, CircleKeys, Entropy, EntropyFailed, EntryKind, LogTranscript, MemberKey, OwnerKey, Profile,
    RandomSource, SafetyCode,
};

/// Nonces of one byte.
struct Constant(u8);

impl RandomSource for Constant {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyFailed> {
        bytes.fill(self.0);
        Ok(())
    }
}

fn keys() -> CircleKeys {
    CircleKeys::new(&[7; 32])
}

fn seat(vectors: &Vectors) -> u64 {
    u64::from_be_bytes(vectors.array("seat"))
}

/// RFC 9420, sections 8 and 8.5, for labels and contexts below 64 bytes.
fn exporter(secret: [u8; 32], label: &[u8], context: &[u8]) -> [u8; 32] {
    let expand_with_label = |secret: &[u8], label: &[u8], context: &[u8]| -> [u8; 32] {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
        let label = [b"MLS 1.0 ", label].concat();
        let info = [&[0, 32, length(&label)][..], &label, &[length(context)], context].concat();
        let mut out = [0; 32];
        Hkdf::<Sha256>::from_prk(secret).unwrap().expand(&info, &mut out).unwrap();
        out
    };
    let derived = expand_with_label(&secret, label, b"");
    expand_with_label(&derived, b"exported", &Sha256::digest(context))
}

fn public(seed: &[u8; 32]) -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

#[test]
fn the_key_schedule() {
    let (vectors, keys) = (Vectors::read(), keys());
    vectors.check("external_psk", keys.psk());
    vectors.check("psk_id", CircleKeys::psk_id(keys.circle(), 0));
    let (label, next) = (vectors.text("epoch_key_label"), vectors.text("next_secret_label"));
    let seed = exporter([0x42; 32], label.as_bytes(), keys.circle());
    vectors.check("epoch_key_seed", seed);
    vectors.check("epoch_verification_key", public(&seed));
    let seed = exporter([0x43; 32], label.as_bytes(), keys.circle());
    vectors.check("next_verification_key", public(&seed));
    vectors.check("next_secret", exporter([0x43; 32], next.as_bytes(), &1_u32.to_be_bytes()));
    // And a group derives them by these labels.
    let circle = Circle::of(&["alice"]);
    let group = &circle.members[0].group;
    let exported = |label: &str, context: &[u8]| -> [u8; 32] {
        let secret = group.mls.export_secret(label.as_bytes(), context, 32).unwrap();
        secret.as_bytes().try_into().unwrap()
    };
    assert_eq!(public(&exported(label, group.mls.group_id())), group.verification_key());
    let rotated = rotated_keys(&group.mls, 1, *group.keys().circle()).unwrap();
    assert_eq!(rotated.secret(), &exported(next, &1_u32.to_be_bytes()));
}

#[test]
fn the_key_exchange() {
    let vectors = Vectors::read();
    let input: Vec<u8> = (0..32).collect();
    let suite = XWingProvider::new(entropy(1)).cipher_suite_provider(SUITE).unwrap();
    let (secret, public) = suite.kem_derive(&input).unwrap();
    let (secret, public): (&[u8], &[u8]) = (&secret, &public);
    vectors.check("xwing_seed", secret);
    vectors.check("xwing_public_key_sha256", Sha256::digest(public));
    assert!(public.ends_with(&vectors.bytes("xwing_public_key_tail")));
    let encapsulated = [vec![0x11; 1088], vectors.bytes("xwing_encapsulated_x25519")].concat();
    let kem = Algorithm::XWingKemDraft06;
    let shared = Ct::decode(kem, &encapsulated).unwrap();
    let shared = shared.decapsulate(&PrivateKey::decode(kem, secret).unwrap()).unwrap();
    vectors.check("xwing_shared_secret", shared.encode());
}

#[test]
fn seals_and_padding() {
    let (vectors, keys) = (Vectors::read(), keys());
    let constant = |byte| Entropy::new(Constant(byte));
    let commit = keys.seal_padded(BlobKind::Commit, 4, b"commit", &constant(0x24)).unwrap();
    vectors.check("commit_blob", &commit);
    assert_eq!(keys.open(BlobKind::Commit, 4, &commit).unwrap(), pad(b"commit").unwrap());
    let message = keys.seal(BlobKind::Message, 5, b"message", &constant(0x25)).unwrap();
    vectors.check("message_blob", &message);
    // And by the key that is written there.
    let aad = [&keys.circle()[..], &[3], &5_u64.to_be_bytes()].concat();
    let payload = Payload { msg: &message[24..], aad: &aad };
    let opened = XChaCha20Poly1305::new(&vectors.array::<32>("blob_key").into())
        .decrypt(&XNonce::from([0x25; 24]), payload)
        .unwrap();
    assert_eq!(opened, b"message");
    for pair in vectors.text("padded_sizes").split(' ') {
        let (size, padded) = pair.split_once(':').unwrap();
        assert_eq!(padded_size(size.parse().unwrap()), padded.parse::<usize>().unwrap(), "{size}");
    }
}

#[test]
fn leaves_and_the_group_context() {
    let vectors = Vectors::read();
    let profile = Profile::new("Ада", Some(3)).unwrap();
    let leaf = Leaf { seat: seat(&vectors), nonce: [0x33; 16], profile }.to_extensions();
    let leaf = leaf.iter().find(|extension| extension.extension_type == LEAF).unwrap();
    vectors.check("leaf_extension", &leaf.extension_data);
    let context = |generation, owner| {
        let extensions = CircleContext { generation, owner }.to_extensions();
        let context = extensions.iter().find(|extension| extension.extension_type == CIRCLE_CONTEXT);
        context.unwrap().extension_data.clone()
    };
    vectors.check("context_extension", context(1, Some(vectors.array("owner_id"))));
    vectors.check("context_extension_unowned", context(0, None));
    vectors.check("fingerprint", MemberKey([1; 32]).fingerprint());
}

#[test]
fn an_owner_s_action() {
    let (vectors, keys) = (Vectors::read(), keys());
    let removed = [vec![0x0a; 32], vec![0x0b; 32]];
    let action = OwnerAction { circle: keys.circle(), base_epoch: 4, next_generation: 1, removed: &removed };
    let word = OwnerKey::from_seed(&[5; 32]).authorise(&action);
    vectors.check("owner_authenticated_data", &word);
    assert!(word.starts_with(&vectors.bytes("owner_action")));
}

#[test]
fn the_log_and_envelopes() {
    let vectors = Vectors::read();
    let mut log = LogTranscript::from_start(&LOG);
    vectors.check("log_hash_0", log.view().hash);
    log.record(1, EntryKind::Presence, seat(&vectors), &[1]);
    vectors.check("log_hash_1", log.view().hash);
    log.record(2, EntryKind::Commit, 4, &vectors.bytes("commit_blob"));
    vectors.check("log_hash_2", log.view().hash);
    log.record(3, EntryKind::Message, 5, &vectors.bytes("message_blob"));
    vectors.check("log_hash_3", log.view().hash);
    let mut chains = Chains::default();
    for (number, name, body) in
        [(1, "envelope_1", vectors.bytes("content_text")), (2, "heartbeat_2", Vec::new())]
    {
        let (sequence, previous) = chains.next_own();
        assert_eq!(sequence, number);
        let envelope = Envelope { sequence, previous, view: log.view(), body: Zeroizing::new(body) };
        let padded = envelope.to_padded().unwrap();
        vectors.check(name, &padded[..]);
        chains.record_own(sequence, &padded);
        if number == 1 {
            vectors.check("envelope_1_hash", chains.next_own().1);
        }
    }
}

fn stretched(input: &[u8], salt: &str) -> [u8; 12] {
    let mut code = [0; 12];
    let params = Params::new(19 * 1024, 2, 1, Some(code.len())).unwrap();
    Argon2::new(Argon2Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(input, salt.as_bytes(), &mut code)
        .unwrap();
    code
}

#[test]
fn safety_codes() {
    let vectors = Vectors::read();
    let pair = SafetyCode::of_pair(&MemberKey([2; 32]), &MemberKey([1; 32])).unwrap();
    vectors.check("pair_code", pair.0);
    assert_eq!(stretched(&[[1; 32], [2; 32]].concat(), vectors.text("pair_code_salt")), pair.0);
    vectors.check("pair_code_symbols", pair.symbols());
    let number = pair.0.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    assert_eq!(format!("{number:030}"), vectors.text("pair_code_number").replace(' ', ""));
    let salt = vectors.text("group_code_salt");
    let input = [&[0x44; 32][..], keys().circle(), &5_u64.to_be_bytes()].concat();
    vectors.check("group_code", stretched(&input, salt));
    // And a group's is made so.
    let circle = Circle::of(&["alice"]);
    let group = &circle.members[0].group;
    let authenticator = group.mls.epoch_authenticator().unwrap();
    let epoch = group.membership_epoch().to_be_bytes();
    let input = [authenticator.as_bytes(), &group.keys().circle()[..], &epoch].concat();
    assert_eq!(group.safety_code().unwrap().0, stretched(&input, salt));
}
