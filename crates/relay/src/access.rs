//! Who may connect: anybody (an open relay), or who holds one of the access keys.

use std::collections::HashMap;

use aws_lc_rs::hmac;
use shepot_protocol::AccessKey;
use shepot_protocol::id::{AccessKeyId, AccessProof};
use shepot_protocol::transcript::{ACCESS_KEY_ID_LABEL, EXPORTER_BYTES};
use zeroize::Zeroizing;

/// Access keys that one relay takes at most.
pub const MOST_ACCESS_KEYS: usize = 10_000;

/// Who may connect.
#[derive(Debug)]
pub enum Access {
    /// Anybody who knows the address.
    Open,
    /// Who proves to hold one of these.
    Keys(AccessKeys),
}

/// A set of access keys, found by their ids.
#[derive(Default)]
pub struct AccessKeys {
    keys: HashMap<AccessKeyId, (hmac::Key, AccessKey)>,
}

/// The id by which a client says which key it holds.
#[must_use]
pub fn access_key_id(key: &AccessKey) -> AccessKeyId {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.expose()), ACCESS_KEY_ID_LABEL);
    AccessKeyId(tag.as_ref().first_chunk().copied().unwrap_or_default())
}

impl AccessKeys {
    /// No key: nobody gets in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One new key.
    ///
    /// # Errors
    ///
    /// When the system gives no random bytes.
    pub fn generate() -> Result<Self, aws_lc_rs::error::Unspecified> {
        let mut bytes = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(bytes.as_mut_slice())?;
        let mut keys = Self::new();
        keys.insert(AccessKey::new(*bytes));
        Ok(keys)
    }

    /// Adds a key.
    pub fn insert(&mut self, key: AccessKey) {
        let mac = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
        self.keys.insert(access_key_id(&key), (mac, key));
    }

    /// All keys, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &AccessKey> {
        self.keys.values().map(|(_, key)| key)
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether the proof is by a key of the set, over this connection's exporter value. In constant time for a given
    /// id; an id is no secret.
    fn admits(&self, id: &AccessKeyId, proof: &AccessProof, exporter: &[u8; EXPORTER_BYTES]) -> bool {
        self.keys.get(id).is_some_and(|(key, _)| hmac::verify(key, exporter, proof.as_bytes()).is_ok())
    }
}

impl FromIterator<AccessKey> for AccessKeys {
    fn from_iter<T: IntoIterator<Item = AccessKey>>(keys: T) -> Self {
        let mut set = Self::new();
        for key in keys {
            set.insert(key);
        }
        set
    }
}

impl std::fmt::Debug for AccessKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccessKeys({})", self.keys.len())
    }
}

impl Access {
    /// Whether this client may come in.
    pub(crate) fn admits(
        &self,
        shown: Option<&(AccessKeyId, AccessProof)>,
        exporter: &[u8; EXPORTER_BYTES],
    ) -> bool {
        match (self, shown) {
            (Self::Open, _) => true,
            (Self::Keys(keys), Some((id, proof))) => keys.admits(id, proof, exporter),
            (Self::Keys(_), None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(key: &AccessKey, exporter: &[u8]) -> AccessProof {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.expose()), exporter);
        AccessProof(tag.as_ref().try_into().unwrap())
    }

    #[test]
    fn only_the_right_key_on_the_right_connection_opens() {
        let (right, wrong) = (AccessKey::new([1; 32]), AccessKey::new([2; 32]));
        let access = Access::Keys([right.clone()].into_iter().collect());
        let (here, elsewhere) = ([3; EXPORTER_BYTES], [4; EXPORTER_BYTES]);
        let shown =
            |key: &AccessKey, id: &AccessKey, exporter| Some((access_key_id(id), proof(key, exporter)));
        assert!(access.admits(shown(&right, &right, &here).as_ref(), &here));
        assert!(!access.admits(shown(&right, &right, &here).as_ref(), &elsewhere));
        assert!(!access.admits(shown(&wrong, &right, &here).as_ref(), &here));
        assert!(!access.admits(shown(&wrong, &wrong, &here).as_ref(), &here));
        assert!(!access.admits(None, &here));
        assert!(Access::Open.admits(None, &here));
        assert!(!Access::Keys(AccessKeys::new()).admits(shown(&right, &right, &here).as_ref(), &here));
    }

    #[test]
    fn keys_are_not_printed() {
        assert_eq!(format!("{:?}", AccessKeys::generate().unwrap()), "AccessKeys(1)");
    }
}
