//! Access keys and the operator's decisions about each.

use std::collections::HashMap;

use shepot_protocol::AccessKey;
use shepot_protocol::id::{AccessKeyId, AccessProof};
use shepot_protocol::transcript::ChannelBinding;
use shepot_transport::admission::AccessVerifier;
use zeroize::Zeroizing;

use super::{Closed, Judgement};

/// The most access keys of one relay.
pub const MOST_ACCESS_KEYS: usize = 10_000;

/// The most bytes of a label. Longer ones are truncated.
pub const MOST_LABEL_BYTES: usize = 63;

/// The most retired keys, which only holders of a seat may use. Beyond that the oldest is dropped.
const MOST_RETIRED_KEYS: usize = 64;

/// Connections at the same time for each use of a counted key: the one in use, and a lost one that the relay still
/// takes for alive.
const CONNECTIONS_PER_USE: usize = 2;

/// An access key that was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedKey {
    /// The access key.
    pub key: AccessKey,
    /// The operator's name for it, at most [`MOST_LABEL_BYTES`] bytes.
    pub label: String,
    /// When it was made, in seconds since 1970.
    pub issued_at: u64,
    /// When it expires, in seconds since 1970. It admits no new client from then on. `None`: never.
    pub expires_at: Option<u64>,
    /// How many clients it may admit. A returning client does not count again. `None`: any number.
    pub most_uses: Option<u32>,
    /// How many clients it has admitted, if [`Self::most_uses`] is set.
    pub uses: u32,
}

impl IssuedKey {
    /// A key without a name, an expiry or a bound on its uses.
    #[must_use]
    pub const fn unbounded(key: AccessKey, issued_at: u64) -> Self {
        Self { key, label: String::new(), issued_at, expires_at: None, most_uses: None, uses: 0 }
    }

    /// Generates a key without a name, an expiry or a bound on its uses.
    ///
    /// # Errors
    ///
    /// If the system supplies no random bytes.
    pub fn generate(issued_at: u64) -> Result<Self, aws_lc_rs::error::Unspecified> {
        let mut bytes = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(bytes.as_mut_slice())?;
        Ok(Self::unbounded(AccessKey::new(*bytes), issued_at))
    }

    /// The same key with a name, which is truncated if it is too long.
    #[must_use]
    pub fn named(mut self, label: &str) -> Self {
        let end = (0..=MOST_LABEL_BYTES.min(label.len())).rev().find(|end| label.is_char_boundary(*end));
        self.label = label.get(..end.unwrap_or_default()).unwrap_or_default().to_owned();
        self
    }

    /// The id by which clients refer to the key.
    #[must_use]
    pub fn id(&self) -> AccessKeyId {
        AccessVerifier::new(&self.key).id()
    }

    /// Whether it admits new clients. `now`: seconds since 1970.
    #[must_use]
    pub fn is_good(&self, now: u64) -> bool {
        !self.is_expired(now) && !self.is_used_up()
    }

    fn is_expired(&self, now: u64) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }

    fn is_used_up(&self) -> bool {
        self.most_uses.is_some_and(|most| self.uses >= most)
    }
}

#[derive(Clone)]
struct Entry {
    verifier: AccessVerifier,
    issued: IssuedKey,
    /// Set when the key was replaced, so that only holders of a seat may use it. The number orders keys by that time.
    retired: Option<u64>,
}

/// A set of access keys, found by their ids.
#[derive(Clone, Default)]
pub struct AccessKeys {
    entries: HashMap<AccessKeyId, Entry>,
    are_renewed: bool,
}

impl AccessKeys {
    /// An empty set, which admits nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A set with one new key, without an expiry or a bound. `now`: seconds since 1970.
    ///
    /// # Errors
    ///
    /// If the system supplies no random bytes.
    pub fn generate(now: u64) -> Result<Self, aws_lc_rs::error::Unspecified> {
        Ok([IssuedKey::generate(now)?].into_iter().collect())
    }

    /// Marks the set as that of an owner's own relay. Clients are told that the key changes with the secret of the
    /// circle, and the program that hosts replaces it ([`crate::RelayHandle::replace_key`]).
    #[must_use]
    pub fn renewed(self) -> Self {
        Self { are_renewed: true, ..self }
    }

    pub(super) const fn are_renewed(&self) -> bool {
        self.are_renewed
    }

    /// Adds a key. False: there are [`MOST_ACCESS_KEYS`] already.
    pub fn insert(&mut self, issued: IssuedKey) -> bool {
        if self.entries.len() >= MOST_ACCESS_KEYS {
            return false;
        }
        let verifier = AccessVerifier::new(&issued.key);
        self.entries.insert(verifier.id(), Entry { verifier, issued, retired: None });
        true
    }

    /// Replaces all keys by this one. The earlier ones are retired, so that only holders of a seat may use them. False:
    /// the set has this key already, and nothing changes.
    pub(crate) fn replace(&mut self, next: IssuedKey) -> bool {
        if self.entries.contains_key(&next.id()) {
            return false;
        }
        let order = self.entries.values().filter_map(|entry| entry.retired).max().unwrap_or_default() + 1;
        for entry in self.entries.values_mut().filter(|entry| entry.retired.is_none()) {
            entry.retired = Some(order);
        }
        let retired = || self.entries.iter().filter_map(|(id, entry)| Some((entry.retired?, *id)));
        let mut retired: Vec<_> = retired().collect();
        retired.sort_unstable();
        let beyond = retired.len().saturating_sub(MOST_RETIRED_KEYS);
        for (_, oldest) in retired.into_iter().take(beyond) {
            self.entries.remove(&oldest);
        }
        self.insert(next)
    }

    /// Whether this key is retired, so that only holders of a seat may use it.
    pub(crate) fn is_retired(&self, id: AccessKeyId) -> bool {
        self.entries.get(&id).is_some_and(|entry| entry.retired.is_some())
    }

    /// Revokes a key and returns it. `None`: there is no key with this id.
    pub fn revoke(&mut self, id: AccessKeyId) -> Option<IssuedKey> {
        self.entries.remove(&id).map(|entry| entry.issued)
    }

    /// The key with this id.
    #[must_use]
    pub fn get(&self, id: AccessKeyId) -> Option<&IssuedKey> {
        self.entries.get(&id).map(|entry| &entry.issued)
    }

    /// All keys, the oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<&IssuedKey> {
        let mut list: Vec<_> = self.entries.iter().map(|(id, entry)| (*id, &entry.issued)).collect();
        list.sort_by_key(|(id, issued)| (issued.issued_at, *id));
        list.into_iter().map(|(_, issued)| issued).collect()
    }

    /// The oldest key without a name, an expiry or a bound, for invitations for which the operator asks nothing else.
    #[must_use]
    pub fn standing(&self) -> Option<&IssuedKey> {
        self.list().into_iter().find(|issued| {
            issued.expires_at.is_none() && issued.most_uses.is_none() && issued.label.is_empty()
        })
    }

    /// Number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the proof is by the key with this id, over the binding of this connection. Takes constant time for a
    /// given id, which is not a secret.
    pub(super) fn is_proved(&self, id: &AccessKeyId, proof: &AccessProof, binding: &ChannelBinding) -> bool {
        self.entries.get(id).is_some_and(|entry| entry.verifier.is_proved_by(proof, binding))
    }

    pub(super) fn judge(&self, id: AccessKeyId, returns: bool, now: u64) -> Judgement {
        match self.get(id) {
            None => Judgement::Stranger,
            Some(_) if returns => Judgement::Welcome(Some(id)),
            Some(issued) if issued.is_expired(now) => Judgement::Expired,
            Some(issued) if issued.is_used_up() => Judgement::UsedUp,
            Some(_) => Judgement::Welcome(Some(id)),
        }
    }

    /// Takes a use of this key, if the client needs one. Returns whether it did.
    pub(super) fn spend(&mut self, id: AccessKeyId, returns: bool, here: usize) -> Result<bool, Closed> {
        let issued = &mut self.entries.get_mut(&id).ok_or(Closed::UsedUp)?.issued;
        let Some(most) = issued.most_uses else { return Ok(false) };
        let room = usize::try_from(most).unwrap_or(usize::MAX).saturating_mul(CONNECTIONS_PER_USE);
        if !returns && issued.is_used_up() {
            return Err(Closed::UsedUp);
        }
        if here >= room {
            // A ticket can be passed on like the key; more than these cannot have come by themselves.
            return Err(Closed::Crowded);
        }
        if returns {
            return Ok(false);
        }
        issued.uses += 1;
        Ok(true)
    }

    pub(super) fn give_back(&mut self, id: AccessKeyId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.issued.uses = entry.issued.uses.saturating_sub(1);
        }
    }
}

/// Makes a set of keys without names, expiries or bounds.
impl FromIterator<AccessKey> for AccessKeys {
    fn from_iter<T: IntoIterator<Item = AccessKey>>(keys: T) -> Self {
        keys.into_iter().map(|key| IssuedKey::unbounded(key, 0)).collect()
    }
}

impl FromIterator<IssuedKey> for AccessKeys {
    fn from_iter<T: IntoIterator<Item = IssuedKey>>(keys: T) -> Self {
        let mut set = Self::new();
        for issued in keys {
            set.insert(issued);
        }
        set
    }
}

impl std::fmt::Debug for AccessKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccessKeys({})", self.entries.len())
    }
}
