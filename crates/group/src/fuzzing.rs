//! Entry points for the fuzz targets, built with `--cfg fuzzing` and in tests only.

use std::cell::RefCell;

use crate::envelope::Envelope;
use crate::{BlobKind, CircleKeys, Entrant, Entropy, EntropyFailed, Group, Identity, Profile, RandomSource};

/// Reads an envelope and, if that succeeds, checks that writing gives the same bytes. Returns whether it has a body.
pub fn envelope(bytes: &[u8]) -> bool {
    let Ok(envelope) = Envelope::from_padded(bytes) else { return false };
    if let Some(padded) = envelope.to_padded() {
        assert_eq!(Envelope::from_padded(&padded).as_ref(), Ok(&envelope));
    }
    !envelope.body.is_empty()
}

struct Counter(u8);

impl RandomSource for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyFailed> {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(5).wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

fn member() -> Option<Group> {
    let entropy = Entropy::new(Counter(1));
    let entrant = Entrant {
        keys: CircleKeys::new(&[7; 32]),
        identity: Identity::generate(&entropy).ok()?,
        seat: 1,
        profile: Profile::new("fuzz", None).ok()?,
        owner: None,
        succession: None,
        now: 1_700_000_000,
        entropy,
    };
    Group::found(&entrant).ok()
}

thread_local!(static MEMBER: RefCell<Option<Group>> = RefCell::new(member()));

/// Seals the bytes as each kind of blob and gives them to a member. It must refuse them and stay unchanged.
pub fn sealed(bytes: &[u8]) {
    MEMBER.with_borrow_mut(|member| {
        let Some(group) = member else { return };
        let entropy = Entropy::new(Counter(2));
        let epoch = group.epoch();
        let seal = |kind| group.keys().seal(kind, epoch, bytes, &entropy).unwrap_or_default();
        let (message, signal) = (seal(BlobKind::Message), seal(BlobKind::Signal));
        let commit = group.keys().seal_padded(BlobKind::Commit, epoch, bytes, &entropy).unwrap_or_default();
        assert!(group.decrypt(epoch, &message).is_err());
        assert!(group.decrypt_signal(epoch, &signal).is_err());
        assert!(group.process_commit(epoch, &commit, |_| false).is_err());
        assert_eq!(group.epoch(), epoch);
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_of_the_fuzzer_is_replayed() {
        let corpus = |target: &str| {
            let folder = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
            let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
            assert!(!files.is_empty());
            files.into_iter().map(|file| std::fs::read(file).unwrap())
        };
        let with_a_body = corpus("envelope").filter(|bytes| super::envelope(bytes)).count();
        assert!(with_a_body > 0, "the seeds are of another version");
        corpus("sealed").for_each(|bytes| super::sealed(&bytes));
    }
}
