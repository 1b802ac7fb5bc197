//! The state of a member in one group.
//!
//! | operation | before `Joining::finish` | member | own commit pending |
//! |---|---|---|---|
//! | `encrypt`, `decrypt` | – | yes | yes |
//! | `examine_commit` | – | yes | yes |
//! | `process_commit` | – | yes | yes: ours is merged, or dropped when another's won |
//! | `commit_*` | – | yes | no |
//! | `discard_commit` | – | nothing to do | yes |
//!
//! A commit is validated on a copy, and merged by putting the copy in the state's place. A commit that the rules forbid
//! changes nothing.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;

use mls_rs::identity::SigningIdentity;
use mls_rs::identity::basic::BasicCredential;
use mls_rs::time::MlsTime;
use mls_rs::{Client, Group as MlsGroup};
use zeroize::Zeroizing;

use crate::chain::Chains;
use crate::config::Config;
use crate::entropy::Entropy;
use crate::epoch_key::EpochKey;
use crate::error::{GroupError, Violation};
use crate::extension::{CIRCLE_CONTEXT, CircleContext, JoinNonce, LEAF, Leaf, OwnerId, Profile};
use crate::identity::KeyIdentity;
use crate::keys::{BlobKind, BlobNonce, CircleKeys};
use crate::member::{Identity, Member, MemberKey};
use crate::owner::Succession;
use crate::ratchet::Ratchets;
use crate::reading::ReadingCopy;
use crate::rules::CircleRules;
use crate::safety::{Membership, SafetyCode};
use crate::store::{EpochStore, PAST_EPOCHS, PskStore};
use crate::suite::{SUITE, XWingProvider};

/// What a member needs to found or join a group.
#[derive(Clone, Debug)]
pub struct Entrant {
    /// The circle's keys.
    pub keys: CircleKeys,
    /// The member's signature key.
    pub identity: Identity,
    /// The member's seat at the relay.
    pub seat: u64,
    /// The nick and mood for the member's leaf.
    pub profile: Profile,
    /// The owner of the circle, according to the invitation. `None`: the invitation names none.
    pub owner: Option<OwnerId>,
    /// The succession of the keys' generation, according to the invitation. `None` in generation 0.
    pub succession: Option<Succession>,
    /// The time in seconds since 1970, for the lifetime of a founder's leaf.
    pub now: u64,
    /// The source of all randomness.
    pub entropy: Entropy,
}

/// The state of a member in one group.
pub struct Group {
    pub(crate) mls: MlsGroup<Config>,
    pub(crate) reading: ReadingCopy,
    pub(crate) keys: CircleKeys,
    /// The succession of the keys' generation. `None` in generation 0.
    pub(crate) succession: Option<Succession>,
    /// The keys of the previous generation, as long as past epochs may use them.
    pub(crate) previous_keys: Option<PreviousKeys>,
    pub(crate) psks: PskStore,
    #[cfg(test)]
    pub(crate) epochs: EpochStore,
    pub(crate) epoch_key: EpochKey,
    pub(crate) chains: Chains,
    /// Who had which leaf in the current and the past epochs. Leaf indices are reused.
    pub(crate) seating: VecDeque<Seating>,
    /// The members of the current epoch, in the order of their leaves.
    pub(crate) members: Vec<Member>,
    /// The last change of the members or of the secret.
    membership: Membership,
    pub(crate) own: Leaf,
    pub(crate) own_key: MemberKey,
    /// Our own commit, until it is final or dropped.
    pub(crate) pending: Option<Pending>,
    pub(crate) entropy: Entropy,
}

/// Our own commit that is not final yet.
pub(crate) struct Pending {
    /// The nonce of its blob, by which we recognise it.
    pub(crate) nonce: Option<BlobNonce>,
    /// The succession that it begins, if it is an owner's action.
    pub(crate) succession: Option<Succession>,
}

pub(crate) struct PreviousKeys {
    pub(crate) keys: CircleKeys,
    pub(crate) last_epoch: u64,
}

pub(crate) struct Seating {
    pub(crate) epoch: u64,
    pub(crate) members: HashMap<u32, MemberKey>,
    pub(crate) ratchets: Ratchets,
}

impl Group {
    /// Founds the group of an empty circle.
    ///
    /// # Errors
    ///
    /// [`GroupError`] if the random source fails or the profile does not fit into the leaf.
    pub fn found(entrant: &Entrant) -> Result<Self, GroupError> {
        let setup = Setup::new(entrant)?;
        let context =
            CircleContext { generation: entrant.keys.generation(), owner: entrant.owner }.to_extensions();
        let now = MlsTime::from(entrant.now);
        let circle = entrant.keys.circle().to_vec();
        let mls =
            setup.client.create_group_with_id(circle, context, setup.leaf.to_extensions(), Some(now))?;
        Self::assemble(mls, setup, entrant, Chains::default())
    }

    pub(crate) fn assemble(
        mls: MlsGroup<Config>,
        setup: Setup,
        entrant: &Entrant,
        chains: Chains,
    ) -> Result<Self, GroupError> {
        let epoch_key = EpochKey::of(&mls)?;
        let seating = VecDeque::from([Seating::of(&mls)?]);
        let members = members_of(&mls)?;
        let membership = Membership::since_now(&mls)?;
        Ok(Self {
            mls,
            reading: ReadingCopy::default(),
            keys: entrant.keys.clone(),
            succession: entrant.succession,
            previous_keys: None,
            psks: setup.psks,
            #[cfg(test)]
            epochs: setup.epochs,
            epoch_key,
            chains,
            seating,
            members,
            membership,
            own: setup.leaf,
            own_key: entrant.identity.key(),
            pending: None,
            entropy: entrant.entropy.clone(),
        })
    }

    /// The current epoch.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.mls.current_epoch()
    }

    /// The keys of the circle in the current epoch, for invitations.
    #[must_use]
    pub const fn keys(&self) -> &CircleKeys {
        &self.keys
    }

    /// The succession of the keys' generation. `None` in generation 0.
    #[must_use]
    pub const fn succession(&self) -> Option<&Succession> {
        self.succession.as_ref()
    }

    /// The owner of the circle. `None`: it has no owner.
    #[must_use]
    pub fn owner(&self) -> Option<OwnerId> {
        self.context().ok().and_then(|context| context.owner)
    }

    /// Our own signature key.
    #[must_use]
    pub const fn own_key(&self) -> MemberKey {
        self.own_key
    }

    /// Our own seat.
    #[must_use]
    pub const fn own_seat(&self) -> u64 {
        self.own.seat
    }

    /// The nick and mood in our leaf.
    #[must_use]
    pub const fn own_profile(&self) -> &Profile {
        &self.own.profile
    }

    /// All members, in the order of their leaves.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member with this key, if there is one.
    #[must_use]
    pub fn member(&self, key: &MemberKey) -> Option<&Member> {
        self.members.iter().find(|member| member.key == *key)
    }

    /// The number of members.
    #[must_use]
    pub fn size(&self) -> usize {
        self.members.len()
    }

    /// The verification key of the current epoch, with which the relay checks endorsements and seat proofs.
    #[must_use]
    pub fn verification_key(&self) -> [u8; 32] {
        self.epoch_key.verification_key()
    }

    /// Signs with the epoch key of the current epoch.
    #[must_use]
    pub fn sign(&self, transcript: &[u8]) -> [u8; 64] {
        self.epoch_key.sign(transcript)
    }

    /// The sealed group information of the current epoch, for a newcomer.
    ///
    /// # Errors
    ///
    /// [`GroupError`] if the random source fails.
    pub fn seal_group_information(&self) -> Result<Vec<u8>, GroupError> {
        let information = self.mls.group_info_message_allowing_ext_commit(true)?.to_bytes()?;
        self.keys.seal_padded(BlobKind::GroupInformation, self.epoch(), &information, &self.entropy)
    }

    /// The safety code. It changes with every join, resync, removal and change of the secret, and with nothing else.
    ///
    /// # Errors
    ///
    /// [`GroupError::Misuse`] if the parameters are wrong, which tests exclude.
    pub fn safety_code(&self) -> Result<SafetyCode, GroupError> {
        SafetyCode::of_group(self.mls.group_id(), &self.membership)
    }

    /// The epoch of the safety code: the last one that changed the set of members or the secret.
    #[must_use]
    pub const fn membership_epoch(&self) -> u64 {
        self.membership.epoch
    }

    /// Exports a secret of the current epoch for another use (RFC 9420, section 8.5).
    ///
    /// # Errors
    ///
    /// [`GroupError`] if more bytes are asked for than HKDF gives.
    pub fn export(
        &self,
        label: &[u8],
        context: &[u8],
        bytes: usize,
    ) -> Result<Zeroizing<Vec<u8>>, GroupError> {
        let label = [b"shepot export ", label].concat();
        Ok(Zeroizing::new(self.mls.export_secret(&label, context, bytes)?.as_bytes().to_vec()))
    }

    /// What a resync keeps: our own numbering. What others say in the meantime is not for us and does not count as
    /// missing.
    #[must_use]
    pub fn into_resync_state(self) -> ResyncState {
        ResyncState(self.chains.into_own())
    }

    pub(crate) fn context(&self) -> Result<CircleContext, Violation> {
        CircleContext::from_extensions(&self.mls.context().extensions)
    }

    /// The keys that seal the blobs of an epoch.
    pub(crate) fn keys_of(&self, epoch: u64) -> &CircleKeys {
        match &self.previous_keys {
            Some(previous) if epoch <= previous.last_epoch => &previous.keys,
            Some(_) | None => &self.keys,
        }
    }

    /// Replaces the state by one that is an epoch ahead.
    pub(crate) fn advance(
        &mut self,
        mut next: MlsGroup<Config>,
        succession: Option<Succession>,
    ) -> Result<(), GroupError> {
        next.write_to_storage()?;
        let context = CircleContext::from_extensions(&next.context().extensions)?;
        let epoch_key = EpochKey::of(&next)?;
        let seating = Seating::of(&next)?;
        let members = members_of(&next)?;
        let is_rotated = context.generation != self.keys.generation();
        let joined = |members: &[Member]| -> HashSet<(MemberKey, JoinNonce)> {
            members.iter().map(|member| (member.key, member.nonce)).collect()
        };
        if is_rotated || joined(&members) != joined(&self.members) {
            self.membership = Membership::since_now(&next)?;
        }
        if is_rotated {
            let keys = rotated_keys(&next, context.generation, *self.keys.circle())?;
            self.psks.set(&keys);
            self.succession = succession;
            let keys = std::mem::replace(&mut self.keys, keys);
            self.previous_keys = Some(PreviousKeys { keys, last_epoch: self.epoch() });
        }
        self.mls = next;
        self.reading.forget();
        self.members = members;
        self.epoch_key = epoch_key;
        self.chains.retain(|key| seating.members.values().any(|member| member == key));
        self.seating.push_back(seating);
        while self.seating.len() > PAST_EPOCHS + 1 {
            self.seating.pop_front();
        }
        let epoch = self.epoch();
        self.previous_keys.take_if(|previous| epoch > previous.last_epoch + PAST_EPOCHS as u64);
        self.pending = None;
        Ok(())
    }
}

/// The keys of the next generation. Its secret is exported from the epoch that the owner's action begins, so the
/// remaining members agree on it without another message.
pub(crate) fn rotated_keys(
    mls: &MlsGroup<Config>,
    generation: u32,
    circle: [u8; 16],
) -> Result<CircleKeys, GroupError> {
    let exported = mls.export_secret(b"shepot circle secret", &generation.to_be_bytes(), 32)?;
    let secret = exported.as_bytes().try_into().map_err(|_| GroupError::Misuse("exporter length"))?;
    Ok(CircleKeys::rotated(&Zeroizing::new(secret), generation, circle))
}

fn members_of(mls: &MlsGroup<Config>) -> Result<Vec<Member>, Violation> {
    mls.roster().members_iter().map(|member| Member::of(&member)).collect()
}

impl Seating {
    pub(crate) fn of(mls: &MlsGroup<Config>) -> Result<Self, Violation> {
        let members = mls
            .roster()
            .members_iter()
            .map(|member| Ok((member.index, MemberKey::of(&member.signing_identity.signature_key)?)))
            .collect::<Result<_, Violation>>()?;
        Ok(Self { epoch: mls.current_epoch(), members, ratchets: Ratchets::default() })
    }
}

/// What a resync keeps of a group.
#[derive(Debug)]
pub struct ResyncState(pub(crate) Chains);

/// What an MLS client for one group is made from.
pub(crate) struct Setup {
    pub(crate) client: Client<Config>,
    pub(crate) psks: PskStore,
    #[cfg(test)]
    pub(crate) epochs: EpochStore,
    pub(crate) leaf: Leaf,
}

impl Setup {
    pub(crate) fn new(entrant: &Entrant) -> Result<Self, GroupError> {
        let psks = PskStore::default();
        let epochs = EpochStore::default();
        psks.set(&entrant.keys);
        let (secret, public) = entrant.identity.signature_key();
        let identity = SigningIdentity::new(BasicCredential::new(Vec::new()).into_credential(), public);
        let client = Client::builder()
            .identity_provider(KeyIdentity)
            .crypto_provider(XWingProvider::new(entrant.entropy.clone()))
            .mls_rules(CircleRules)
            .psk_store(psks.clone())
            .group_state_storage(epochs.clone())
            .extension_types([CIRCLE_CONTEXT, LEAF])
            .signing_identity(identity, secret, SUITE)
            .build();
        let nonce = entrant.entropy.bytes()?;
        let leaf = Leaf { seat: entrant.seat, nonce, profile: entrant.profile.clone() };
        Ok(Self {
            client,
            psks,
            #[cfg(test)]
            epochs,
            leaf,
        })
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("epoch", &self.epoch())
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}
