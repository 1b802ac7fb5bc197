//! Joining a group, and joining it again after losing track of it (resync).

use mls_rs::MlsMessage;
use mls_rs::extension::built_in::RatchetTreeExt;
use mls_rs::psk::ExternalPskId;

use crate::error::{GroupError, Violation};
use crate::extension::{CircleContext, JoinNonce};
use crate::group::{Entrant, Group, Pending, ResyncState, Setup};
use crate::keys::{BlobKind, CircleKeys, blob_nonce};
use crate::member::{Member, MemberKey};

/// A newcomer whose commit is not final yet.
#[derive(Debug)]
pub struct Joining {
    group: Group,
    base_epoch: u64,
    commit: Vec<u8>,
}

impl Joining {
    /// Makes an external commit (RFC 9420, section 12.4.3.2) with the circle's PSK, from the sealed group information
    /// of `epoch`. If the tree has a leaf with the same key, the commit removes it. `resync_state` is taken on success
    /// only.
    ///
    /// # Errors
    ///
    /// [`GroupError::Seal`] if the information does not open. Other errors if it is not of this circle, or its owner is
    /// not the invitation's.
    pub fn new(
        entrant: &Entrant,
        epoch: u64,
        group_information: &[u8],
        resync_state: &mut Option<ResyncState>,
    ) -> Result<Self, GroupError> {
        let information = entrant.keys.open_padded(BlobKind::GroupInformation, epoch, group_information)?;
        let setup = Setup::new(entrant)?;
        let psk = CircleKeys::psk_id(entrant.keys.circle(), entrant.keys.generation());
        let mut builder = setup
            .client
            .external_commit_builder()?
            .with_external_psk(ExternalPskId::new(psk))
            .with_leaf_node_extensions(setup.leaf.to_extensions());
        if let Some(old) = old_leaf(&information, &entrant.identity.key()) {
            builder = builder.with_removal(old);
        }
        let (mls, commit) = builder.build(information)?;
        let context = CircleContext::from_extensions(&mls.context().extensions)?;
        if mls.group_id() != entrant.keys.circle() || mls.current_epoch() != epoch.wrapping_add(1) {
            return Err(Violation::Label.into());
        }
        if entrant.owner.is_some() && context.owner != entrant.owner {
            return Err(Violation::Owner.into());
        }
        if context.generation != entrant.keys.generation() {
            return Err(Violation::ContextChange.into());
        }
        for member in mls.roster().members_iter() {
            Member::of(&member)?;
        }
        let commit = commit.to_bytes()?;
        let commit = entrant.keys.seal_padded(BlobKind::Commit, epoch, &commit, &entrant.entropy)?;
        let chains = resync_state.take().map(|resync_state| resync_state.0).unwrap_or_default();
        let mut group = Group::assemble(mls, setup, entrant, chains)?;
        group.pending = Some(Pending { nonce: blob_nonce(&commit), succession: None });
        Ok(Self { group, base_epoch: epoch, commit })
    }

    /// The sealed commit, to be sent to the relay.
    #[must_use]
    pub fn commit(&self) -> &[u8] {
        &self.commit
    }

    /// The epoch that the commit ends.
    #[must_use]
    pub const fn base_epoch(&self) -> u64 {
        self.base_epoch
    }

    /// The nonce that a member has to echo before the join counts.
    #[must_use]
    pub const fn nonce(&self) -> JoinNonce {
        self.group.own.nonce
    }

    /// Takes the new state, because the commit is final.
    ///
    /// # Errors
    ///
    /// [`GroupError`] if the state cannot be stored.
    pub fn finish(mut self) -> Result<Group, GroupError> {
        self.group.mls.write_to_storage()?;
        self.group.pending = None;
        Ok(self.group)
    }

    /// Gives the commit up, because it was not accepted. Returns what a resync keeps, for the next attempt.
    #[must_use]
    pub fn abandon(self) -> ResyncState {
        self.group.into_resync_state()
    }
}

/// The index of the leaf with this key, if the tree in the group information has one.
fn old_leaf(information: &MlsMessage, key: &MemberKey) -> Option<u32> {
    let tree: RatchetTreeExt = information.as_group_info()?.extensions().get_as().ok()??;
    let mut members = tree.tree_data.roster().members_iter();
    members.find(|member| member.signing_identity.signature_key.as_ref() == key.0).map(|member| member.index)
}
