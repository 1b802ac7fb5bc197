//! Commits: making our own, examining a newcomer's, merging final ones.
//!
//! Every receiver of a commit checks for itself whether its author may do what it does ([`crate::Violation`]).

use std::collections::BTreeMap;

use mls_rs::group::proposal::Proposal;
use mls_rs::group::{CommitEffect, CommitMessageDescription, ContentType, ReceivedMessage};
use mls_rs::{Group as MlsGroup, MlsMessage, MlsMessageDescription};

use crate::config::Config;
use crate::epoch_key::EpochKey;
use crate::error::{GroupError, Violation};
use crate::extension::{CircleContext, JoinNonce, Leaf, Profile};
use crate::group::{Group, Pending, rotated_keys};
use crate::keys::{BlobKind, blob_nonce};
use crate::member::{Member, MemberKey};
use crate::owner::{OwnerAction, OwnerKey, Succession};

/// Our own commit, to be sent to the relay. It is merged when the relay reports it as final.
#[derive(Debug)]
pub struct OwnCommit {
    /// The epoch that it ends.
    pub base_epoch: u64,
    /// The sealed blob.
    pub blob: Vec<u8>,
    /// The verification key of the epoch that it begins.
    pub next_verification_key: [u8; 32],
    /// In an owner's action: what the relay needs to know. `None` in other commits.
    pub eviction: Option<Eviction>,
}

/// What the relay is told about an owner's action (docs/PROTOCOL.md, section 15.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eviction {
    /// The seats of all leaves that remain.
    pub staying: Vec<u64>,
    /// The circle name of the generation that begins.
    pub next_name: [u8; 16],
    /// The owner's word for the generation that begins.
    pub succession: Succession,
}

/// What a final commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochChange {
    /// The epoch that began.
    pub epoch: u64,
    /// Members who joined.
    pub joined: Vec<Member>,
    /// Members who joined again with the same signature key.
    pub returned: Vec<Member>,
    /// Members who were removed.
    pub removed: Vec<Member>,
    /// Members whose nick or mood changed, as they are now.
    pub changed: Vec<Member>,
    /// Whether the owner changed the secret of the circle, with or without a removal.
    pub rotated: bool,
    /// Whether our own pending commit lost against this one.
    pub own_commit_lost: bool,
}

impl EpochChange {
    /// Whether the safety code changed ([`Group::safety_code`]).
    #[must_use]
    pub fn changes_safety_code(&self) -> bool {
        self.rotated || !(self.joined.is_empty() && self.returned.is_empty() && self.removed.is_empty())
    }
}

impl Group {
    /// Makes a commit that renews our keys and, if `profile` is given, our profile.
    ///
    /// # Errors
    ///
    /// [`GroupError::Misuse`] if another commit of ours is pending.
    pub fn commit_update(&mut self, profile: Option<Profile>) -> Result<OwnCommit, GroupError> {
        let leaf = Leaf { profile: profile.unwrap_or_else(|| self.own.profile.clone()), ..self.own.clone() };
        self.commit(&[], None, Some(&leaf))
    }

    /// Makes a commit that removes departed members.
    ///
    /// # Errors
    ///
    /// [`GroupError::Misuse`] if another commit of ours is pending or somebody is not a member.
    pub fn commit_removal(&mut self, departed: &[MemberKey]) -> Result<OwnCommit, GroupError> {
        self.commit(departed, None, None)
    }

    /// Makes the owner's commit that removes members, possibly none, and changes the secret of the circle.
    ///
    /// # Errors
    ///
    /// [`GroupError::Misuse`] if another commit of ours is pending or somebody is not a member. [`Violation::Owner`] if
    /// the key is not the owner's.
    pub fn commit_eviction(
        &mut self,
        evicted: &[MemberKey],
        owner: &OwnerKey,
    ) -> Result<OwnCommit, GroupError> {
        if self.context()?.owner != Some(owner.id()) {
            return Err(Violation::Owner.into());
        }
        self.commit(evicted, Some(owner), None)
    }

    /// Drops our own pending commit, because the relay did not accept it.
    pub fn discard_commit(&mut self) {
        self.mls.clear_pending_commit();
        self.pending = None;
    }

    /// Whether a commit of ours is pending.
    #[must_use]
    pub const fn has_pending_commit(&self) -> bool {
        self.pending.is_some()
    }

    /// The succession of our pending commit, if it is an owner's action.
    #[must_use]
    pub fn pending_succession(&self) -> Option<&Succession> {
        self.pending.as_ref()?.succession.as_ref()
    }

    /// Validates a commit without merging it, and returns the verification key of the epoch that it begins.
    /// `is_present` says whether a seat is present, as of the commit's place in the log.
    ///
    /// # Errors
    ///
    /// [`GroupError`], which means that the commit must not be endorsed.
    pub fn examine_commit(
        &self,
        base_epoch: u64,
        blob: &[u8],
        is_present: impl Fn(u64) -> bool,
    ) -> Result<[u8; 32], GroupError> {
        let staged = self.stage(base_epoch, blob, is_present)?;
        Ok(EpochKey::of(&staged.next)?.verification_key())
    }

    /// Merges a final commit: our own, or another member's after validating it.
    ///
    /// # Errors
    ///
    /// [`GroupError::Removed`] or [`GroupError::Evicted`] if it removes us. After any other error the state is
    /// unchanged, and this member can follow the group only by a resync.
    pub fn process_commit(
        &mut self,
        base_epoch: u64,
        blob: &[u8],
        is_present: impl Fn(u64) -> bool,
    ) -> Result<EpochChange, GroupError> {
        let before = self.roster();
        let own = self.pending.as_ref().filter(|own| own.nonce.is_some() && own.nonce == blob_nonce(blob));
        let own_commit_lost = if let Some(own) = own {
            let succession = own.succession;
            let mut next = self.mls.clone();
            next.apply_pending_commit()?;
            self.advance(next, succession)?;
            false
        } else {
            let lost = self.pending.is_some();
            let staged = self.stage(base_epoch, blob, is_present)?;
            if staged.removes_us {
                // The owner's word for it was checked: nobody else changes the secret.
                let is_eviction = staged.succession.is_some();
                return Err(if is_eviction { GroupError::Evicted } else { GroupError::Removed });
            }
            self.advance(staged.next, staged.succession)?;
            lost
        };
        let generation_before = before.generation;
        let after = self.roster();
        if let Some(own) = after.members.get(&self.own_key) {
            self.own.profile = own.profile.clone();
        }
        let mut change = before.changes_to(after);
        change.epoch = self.epoch();
        change.rotated = self.keys.generation() != generation_before;
        change.own_commit_lost = own_commit_lost;
        Ok(change)
    }

    fn commit(
        &mut self,
        removed: &[MemberKey],
        owner: Option<&OwnerKey>,
        leaf: Option<&Leaf>,
    ) -> Result<OwnCommit, GroupError> {
        if self.pending.is_some() {
            return Err(GroupError::Misuse("a commit is pending"));
        }
        let base_epoch = self.epoch();
        let context = self.context()?;
        let indices = self.indices_of(removed)?;
        let mut builder = self.mls.commit_builder();
        for index in indices {
            builder = builder.remove_member(index)?;
        }
        if let Some(leaf) = leaf {
            builder = builder.set_leaf_node_extensions(leaf.to_extensions());
        }
        let mut succession = None;
        if let Some(owner) = owner {
            let generation = context.generation.checked_add(1).ok_or(Violation::ContextChange)?;
            let removed = sorted(removed);
            let action = OwnerAction {
                circle: self.keys.circle(),
                base_epoch,
                next_generation: generation,
                removed: &removed,
            };
            let word = owner.authorise(&action);
            succession = action.authorised(&owner.id(), &word);
            builder = builder
                .set_group_context_ext(CircleContext { generation, ..context }.to_extensions())?
                .authenticated_data(word);
        }
        let message = builder.build()?.commit_message().to_bytes()?;
        let mut next = self.mls.clone();
        next.apply_pending_commit()?;
        let next_verification_key = EpochKey::of(&next)?.verification_key();
        let blob = self.keys.seal_padded(BlobKind::Commit, base_epoch, &message, &self.entropy)?;
        self.pending = Some(Pending { nonce: blob_nonce(&blob), succession });
        let eviction = match succession {
            Some(succession) => {
                let Succession { circle, generation, .. } = succession;
                let stays = |member: &&Member| !removed.contains(&member.key);
                let staying = self.members().iter().filter(stays).map(|member| member.seat).collect();
                let next_name = *rotated_keys(&next, generation, circle)?.name();
                Some(Eviction { staying, next_name, succession })
            }
            None => None,
        };
        Ok(OwnCommit { base_epoch, blob, next_verification_key, eviction })
    }

    fn indices_of(&self, keys: &[MemberKey]) -> Result<Vec<u32>, GroupError> {
        let seating = self.seating.back().ok_or(GroupError::Misuse("no epoch"))?;
        keys.iter()
            .map(|key| {
                let index = seating.members.iter().find(|(_, member)| *member == key);
                index.map(|(index, _)| *index).ok_or(GroupError::Misuse("no such member"))
            })
            .collect()
    }

    /// Opens a commit, applies it to a copy of the state, and checks it against the rules.
    fn stage(
        &self,
        base_epoch: u64,
        blob: &[u8],
        is_present: impl Fn(u64) -> bool,
    ) -> Result<Staged, GroupError> {
        if base_epoch != self.epoch() {
            return Err(GroupError::Epoch { theirs: base_epoch, ours: self.epoch() });
        }
        let message = self.keys.open_padded(BlobKind::Commit, base_epoch, blob)?;
        check_label(&message, self.mls.group_id(), base_epoch, ContentType::Commit)?;
        let mut next = self.mls.clone();
        next.clear_pending_commit();
        let ReceivedMessage::Commit(commit) = next.process_incoming_message(message)? else {
            return Err(Violation::Label.into());
        };
        let (removes_us, proposals) = match &commit.effect {
            CommitEffect::NewEpoch(epoch) => (false, &epoch.applied_proposals),
            CommitEffect::Removed { new_epoch, .. } => (true, &new_epoch.applied_proposals),
            CommitEffect::ReInit(_) => return Err(Violation::MemberProposal.into()),
        };
        let mut removed = Vec::new();
        let mut changes_context = false;
        for proposal in proposals {
            match &proposal.proposal {
                Proposal::Remove(remove) => {
                    removed.push(Member::of(&self.mls.roster().member_with_index(remove.to_remove())?)?);
                }
                Proposal::GroupContextExtensions(_) => changes_context = true,
                // Whether these may be here at all was decided by the rules.
                Proposal::Add(_) | Proposal::Psk(_) | Proposal::ReInit(_) | Proposal::ExternalInit(_) | _ => {
                }
            }
        }
        let mut succession = None;
        if !commit.is_external {
            succession = self.check_removals(&commit, &removed, changes_context, is_present)?;
        }
        if !removes_us {
            // A newcomer may take its own old leaf away (V2), and so come back with another seat.
            let rejoined = removed.first().filter(|_| commit.is_external).map(|member| member.key);
            self.check_leaves(&next, rejoined)?;
        }
        Ok(Staged { next, removes_us, succession })
    }

    /// V6 and V7: anybody may remove the departed. Only the owner may remove members who are present, and changes the
    /// secret with that. Returns the succession of an owner's action.
    fn check_removals(
        &self,
        commit: &CommitMessageDescription,
        removed: &[Member],
        changes_context: bool,
        is_present: impl Fn(u64) -> bool,
    ) -> Result<Option<Succession>, GroupError> {
        if !changes_context {
            return if removed.iter().any(|member| is_present(member.seat)) {
                Err(Violation::RemovalOfPresent.into())
            } else {
                Ok(None)
            };
        }
        let context = self.context()?;
        let keys: Vec<MemberKey> = removed.iter().map(|member| member.key).collect();
        let removed = sorted(&keys);
        let action = OwnerAction {
            circle: self.keys.circle(),
            base_epoch: self.epoch(),
            next_generation: context.generation.wrapping_add(1),
            removed: &removed,
        };
        let succession =
            context.owner.and_then(|owner| action.authorised(&owner, &commit.authenticated_data));
        succession.map(Some).ok_or(Violation::ContextChange.into())
    }

    /// V9, V10 and V15: every leaf can be read, seats are unique, and seat and nonce under a key change only by a
    /// resync (`rejoined`).
    fn check_leaves(&self, next: &MlsGroup<Config>, rejoined: Option<MemberKey>) -> Result<(), GroupError> {
        let before: BTreeMap<MemberKey, (u64, JoinNonce)> =
            self.members().iter().map(|member| (member.key, (member.seat, member.nonce))).collect();
        let mut seats = BTreeMap::new();
        for member in next.roster().members_iter() {
            let member = Member::of(&member)?;
            if seats.insert(member.seat, member.key).is_some() {
                return Err(Violation::SeatTaken.into());
            }
            let Some((seat, nonce)) = before.get(&member.key) else { continue };
            // A member that joins anew must have another nonce, by which everybody sees that it came.
            let is_as_it_must_be = if rejoined == Some(member.key) {
                *nonce != member.nonce
            } else {
                (*seat, *nonce) == (member.seat, member.nonce)
            };
            if !is_as_it_must_be {
                return Err(Violation::SeatChanged.into());
            }
        }
        Ok(())
    }

    fn roster(&self) -> RosterSnapshot {
        let members = self.members().iter().map(|member| (member.key, member.clone())).collect();
        RosterSnapshot { members, generation: self.keys.generation() }
    }
}

struct Staged {
    next: MlsGroup<Config>,
    removes_us: bool,
    /// The succession that the commit begins, if it is an owner's action.
    succession: Option<Succession>,
}

/// V12: the message is what its seal says.
pub(crate) fn check_label(
    message: &MlsMessage,
    group: &[u8],
    epoch: u64,
    kind: ContentType,
) -> Result<(), GroupError> {
    let right = match message.description() {
        MlsMessageDescription::PrivateProtocolMessage { group_id, epoch_id, content_type } => {
            group_id == group && epoch_id == epoch && content_type == kind
        }
        MlsMessageDescription::PublicProtocolMessage { group_id, epoch_id, content_type, .. } => {
            // Only a newcomer's commit comes in the clear of MLS; the seal covers it.
            group_id == group && epoch_id == epoch && content_type == kind && kind == ContentType::Commit
        }
        MlsMessageDescription::Welcome { .. }
        | MlsMessageDescription::GroupInfo
        | MlsMessageDescription::KeyPackage => false,
    };
    if right { Ok(()) } else { Err(Violation::Label.into()) }
}

fn sorted(keys: &[MemberKey]) -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = keys.iter().map(|key| key.0.to_vec()).collect();
    keys.sort_unstable();
    keys
}

struct RosterSnapshot {
    members: BTreeMap<MemberKey, Member>,
    generation: u32,
}

impl RosterSnapshot {
    fn changes_to(mut self, after: Self) -> EpochChange {
        let mut change = EpochChange {
            epoch: 0,
            joined: Vec::new(),
            returned: Vec::new(),
            removed: Vec::new(),
            changed: Vec::new(),
            rotated: false,
            own_commit_lost: false,
        };
        for (key, now) in after.members {
            match self.members.remove(&key) {
                None => change.joined.push(now),
                Some(then) if then.nonce != now.nonce => change.returned.push(now),
                Some(then) if then.profile != now.profile => change.changed.push(now),
                Some(_) => {}
            }
        }
        change.removed = self.members.into_values().collect();
        change
    }
}
