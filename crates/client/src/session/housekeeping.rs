//! What a member does for the circle without its person's request (docs/PROTOCOL.md, section 13).

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use shepot_group::{EpochChange, JoinNonce, MemberKey, OwnCommit, Profile};
use shepot_protocol::message::{
    Commit, Endorse, Endorsement, Eviction, GroupInfoRequest, GroupInfoResponse, Refusal, RequestKind,
    Tentative,
};
use shepot_protocol::transcript;
use shepot_protocol::{CircleName, ClientToRelay, CommitId, Seat, Signature, VerificationKey};

use super::membership::{AcknowledgementDue, Membership, OwnCommitOnItsWay};
use super::{Now, Phase, Session};
use crate::content::Content;
use crate::limits::{DEPARTURE_GRACE, DUTY_STEP, HEARTBEAT, HEARTBEAT_CROWD, SILENT_AFTER_HEARTBEATS};
use crate::succession;

impl Session {
    /// Answers a request for group information, which a newcomer needs.
    pub(super) fn asked(&mut self, asked: &GroupInfoRequest) {
        let Some(member) = &self.member else { return };
        if asked.epoch > member.group.epoch() {
            // It comes behind the commit that began that epoch, and we did not get it.
            return self.resync();
        }
        if asked.epoch != member.group.epoch() || !member.is_acknowledged() {
            return;
        }
        if let Ok(information) = member.group.seal_group_information() {
            self.send(ClientToRelay::GroupInfoResponse(GroupInfoResponse {
                circle: asked.circle,
                ask_id: asked.ask_id,
                epoch: asked.epoch,
                group_information: information.into(),
            }));
        }
    }

    /// Examines a newcomer's commit, and endorses it or speaks against it.
    pub(super) fn tentative(&mut self, tentative: &Tentative) {
        let Some(member) = &mut self.member else { return };
        let present = &member.present;
        let examined = member
            .group
            .examine_commit(tentative.base_epoch, &tentative.blob, |seat| present.contains(&seat));
        let endorsement = examined.ok().map(|next| {
            let next_verification_key = VerificationKey(next);
            let transcript = transcript::endorsement(
                &tentative.circle,
                tentative.base_epoch,
                &tentative.commit,
                &next_verification_key,
            );
            Endorsement { next_verification_key, signature: Signature(member.group.sign(&transcript)) }
        });
        if endorsement.is_some() {
            member.endorsed.insert(tentative.commit);
        }
        self.send(ClientToRelay::Endorse(Endorse {
            circle: tentative.circle,
            commit: tentative.commit,
            endorsement,
        }));
    }

    /// Plans the acknowledgements of newcomers: at once if we endorsed the commit, otherwise later, by rank.
    pub(super) fn acknowledgements_are_due(&mut self, now: Now, change: &EpochChange, blob: &[u8]) {
        let rank = self.rank();
        let Some(member) = &mut self.member else { return };
        let endorsed = member.endorsed.contains(&commit_id(blob));
        member.endorsed.clear();
        let at = if endorsed { now.steady } else { now.steady + DUTY_STEP * (rank + 1) };
        let new = change.joined.iter().chain(&change.returned);
        let own = member.group.own_key();
        member.acknowledgements.extend(
            new.filter(|someone| someone.key != own)
                .map(|someone| AcknowledgementDue { nonce: someone.nonce, at }),
        );
        if endorsed {
            self.acknowledge(now);
        }
    }

    pub(super) fn do_housekeeping(&mut self, now: Now) {
        self.check_awaited(now);
        if !self.member.as_ref().is_some_and(Membership::is_acknowledged) {
            return;
        }
        self.acknowledge(now);
        self.commit_what_is_due(now);
        self.beat(now);
        self.watch_silence(now);
        self.look_for_leafless_seats(now);
    }

    /// Notices members who are present but have missed several heartbeats: they hang, or the relay withholds them.
    fn watch_silence(&mut self, now: Now) {
        let Some(member) = &mut self.member else { return };
        let limit = HEARTBEAT * crowd(member.group.size()) * SILENT_AFTER_HEARTBEATS;
        let own = member.group.own_key();
        let heard = |key: &MemberKey| member.last_heard.get(key).copied().unwrap_or(now.steady);
        let silent: BTreeSet<MemberKey> = member
            .group
            .members()
            .iter()
            .filter(|m| m.key != own && member.present.contains(&m.seat))
            .filter(|m| now.steady.saturating_sub(heard(&m.key)) >= limit)
            .map(|m| m.key)
            .collect();
        if silent != member.silent {
            member.silent = silent;
            self.people_changed();
        }
    }

    fn acknowledge(&mut self, now: Now) {
        let Some(member) = &mut self.member else { return };
        let due: Vec<JoinNonce> =
            member.acknowledgements.iter().filter(|due| due.at <= now.steady).map(|due| due.nonce).collect();
        member.acknowledgements.retain(|due| due.at > now.steady);
        let is_anybody_new = !due.is_empty();
        for nonce in due {
            let (rooms, profile) = (self.directory.to_content(), self.directory.profile().cloned());
            let profile = profile.map(Box::new);
            self.say(now, Content::Acknowledgement { nonce, rooms, profile }, None);
        }
        // It is large: once for all of them.
        if is_anybody_new && !self.directory.picture().is_empty() {
            let image = self.directory.picture().to_vec();
            self.say(now, Content::CirclePicture { image }, None);
        }
    }

    /// Our rank: how many present members have leaves before ours. Rank 0 does a duty first.
    fn rank(&self) -> u32 {
        let Some(member) = &self.member else { return 0 };
        let own = member.group.own_key();
        let here = member.group.members().iter().filter(|m| member.present.contains(&m.seat));
        u32::try_from(here.take_while(|someone| someone.key != own).count()).unwrap_or(u32::MAX)
    }

    /// Sends a commit that is due, one at a time: removals by the owner, the departed, our profile, fresh keys after a
    /// return.
    fn commit_what_is_due(&mut self, now: Now) {
        let rank = self.rank();
        let departed = self.departed(now, rank);
        let owner_key = self.config.owner_key.clone();
        let Some(member) = &mut self.member else { return };
        let busy = member.own_commit.is_some() || member.group.has_pending_commit();
        if busy || !member.is_caught_up() {
            return;
        }
        self.evictions.retain(|key| member.group.member(key).is_some());
        let mut seen = u64::MAX;
        let wants_new_secret = self.wants_new_secret || !self.evictions.is_empty();
        let made = if let (true, Some(owner)) = (wants_new_secret, &owner_key) {
            member.group.commit_eviction(&self.evictions, owner)
        } else if !departed.is_empty() {
            seen = member.log.position();
            member.group.commit_removal(&departed)
        } else if let Some(profile) = member.new_profile.take() {
            let made = member.group.commit_update(Some(profile.clone()));
            member.new_profile = Some(profile);
            made
        } else if member.renew_keys_at.is_some_and(|at| at <= now.steady) {
            member.group.commit_update(None)
        } else {
            return;
        };
        if let Ok(commit) = made {
            self.send_own_commit(commit, seen);
        }
    }

    /// The members that we have to remove now.
    fn departed(&self, now: Now, rank: u32) -> Vec<MemberKey> {
        let Some(member) = &self.member else { return Vec::new() };
        let is_due = |since: Duration, left: bool| {
            let grace = if left { Duration::from_millis(300) } else { DEPARTURE_GRACE };
            now.steady >= since + grace + DUTY_STEP * rank + member.rank_jitter
        };
        let mut due: Vec<MemberKey> = Vec::new();
        for (key, (since, left)) in &member.absent {
            let is_gone = member.group.member(key).is_some_and(|gone| !member.present.contains(&gone.seat));
            if is_gone && is_due(*since, *left) {
                due.push(*key);
            }
        }
        due
    }

    /// `seen`: our position in the log if the commit depends on who is present, otherwise 2^64 − 1.
    fn send_own_commit(&mut self, commit: OwnCommit, seen: u64) {
        let Some(circle) = self.circle() else { return };
        let Some(member) = &mut self.member else { return };
        let id = commit_id(&commit.blob);
        let next_verification_key = VerificationKey(commit.next_verification_key);
        let transcript = transcript::endorsement(&circle, commit.base_epoch, &id, &next_verification_key);
        let endorsement =
            Endorsement { next_verification_key, signature: Signature(member.group.sign(&transcript)) };
        let blob = bytes::Bytes::from(commit.blob);
        let frame = Commit {
            circle,
            base_epoch: commit.base_epoch,
            blob: blob.clone(),
            endorsement: Some(endorsement),
            seen,
            eviction: commit.eviction.map(|eviction| Eviction {
                staying: eviction.staying.into_iter().map(Seat).collect(),
                next_name: CircleName(eviction.next_name),
                succession: succession::for_others(&eviction.succession),
            }),
        };
        let base_epoch = commit.base_epoch;
        member.own_commit = Some(OwnCommitOnItsWay { id, base_epoch, blob, frame: frame.clone() });
        self.send(ClientToRelay::Commit(frame));
    }

    /// Sends a heartbeat if we have said nothing for long. It shows others what the relay withheld.
    fn beat(&mut self, now: Now) {
        let Some(member) = self.member.as_ref().filter(|member| member.is_caught_up()) else { return };
        let quiet = now.steady.saturating_sub(member.last_said);
        if quiet >= HEARTBEAT * crowd(member.group.size()) + member.rank_jitter
            && self.outbox.in_flight() == 0
        {
            self.say_nothing(now);
        }
    }

    /// Drops our commit that the relay refused. False: the refusal is about something else.
    pub(super) fn refused_commit(&mut self, now: Now, refusal: &Refusal) -> bool {
        let is_join = matches!(self.phase, Phase::Joining(_)) && refusal.request == Some(RequestKind::Commit);
        if is_join && !refusal.closing {
            self.joining_refused(now);
            return true;
        }
        let Some(member) = &mut self.member else { return false };
        let ours = |own: &mut OwnCommitOnItsWay| refusal.subject == Some(own.id.0);
        let refused = member.own_commit.take_if(ours).is_some();
        if refused {
            member.group.discard_commit();
        }
        refused
    }

    /// Changes our nick or mood by a commit, because both are in the leaf.
    pub(crate) fn set_profile(&mut self, profile: Profile) {
        self.profile = profile.clone();
        if let Some(member) = &mut self.member {
            let told = member.group.own_profile() == &profile;
            member.new_profile = Some(profile).filter(|_| !told);
        }
    }
}

/// The factor by which heartbeats are rarer in a group of this size.
fn crowd(members: usize) -> u32 {
    u32::try_from(members.div_ceil(HEARTBEAT_CROWD)).unwrap_or(u32::MAX).max(1)
}

/// The id of a commit: the first 16 bytes of the SHA-256 of its blob.
fn commit_id(blob: &[u8]) -> CommitId {
    let hash = digest(&SHA256, blob);
    hash.as_ref().first_chunk().map_or(CommitId([0; 16]), |bytes| CommitId(*bytes))
}
