//! Commits: tentative until a member endorses them, then final.
//!
//! Owns: the one tentative commit, who is asked about it, the end of an epoch. Must never: accept a commit without an
//! endorsement that verifies under the key of the base epoch.

use std::collections::HashSet;
use std::time::Instant;

use bytes::Bytes;
use shepot_protocol::message::{
    Commit, Conflict, ConflictCause, Endorse, Endorsement, Entry, Eviction, RefusalCause, Standing,
    Tentative as Message,
};
use shepot_protocol::{CircleId, CommitId, RelayToClient, Seat, VerificationKey, transcript};

use super::group::Group;
use super::lease::Lease;
use super::room::{Room, Waiting};
use super::rules::ANSWER_OVERHEAD_BYTES;
use super::tentative::Tentative;
use crate::budget::{Account, Reservation};
use crate::id::ConnectionId;
use crate::log::{Authorship, ENTRY_OVERHEAD_BYTES};
use crate::signature::{Verify, commit_id};

impl<H: Clone> Group<H> {
    /// Handles a commit: a member's with its endorsement, or a newcomer's without one.
    #[allow(clippy::too_many_lines, reason = "the checks stand in the order in which they hold")]
    pub(super) fn commit(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        connection: ConnectionId,
        commit: Commit,
        verify: Verify,
    ) -> Result<(), RefusalCause> {
        let id = commit_id(&commit.blob);
        let newcomer = match room.standing(connection) {
            Some(Standing::Seated) => false,
            Some(Standing::Join) => match self.joining.lease {
                Lease::Given { to, .. } if to == connection => true,
                Lease::Given { .. }
                | Lease::Free
                | Lease::Wanted { .. }
                | Lease::Committing { .. }
                | Lease::Reserved { .. } => return Err(RefusalCause::Unexpected),
            },
            Some(Standing::Wait | Standing::CreateGroup) => return Err(RefusalCause::Unexpected),
            None => return Err(RefusalCause::NotSeated),
        };
        let is_closed = room.seat_of(connection).is_none_or(|seat| self.absent.is_closed(seat));
        if newcomer && (is_closed || !self.has_a_seat_for(room, connection)) {
            // It left by another connection since it entered, or the last seat was taken.
            self.conflict(room, connection, id, ConflictCause::Rejected);
            room.note_unfinished(connection);
            self.end_lease(room, now);
            return Ok(());
        }
        if commit.blob.len() > room.rules.commit_bytes() {
            return Err(RefusalCause::TooLarge);
        }
        let account = room.memory_of(connection).ok_or(RefusalCause::NotSeated)?;
        if commit.base_epoch != self.epoch {
            self.conflict(room, connection, id, ConflictCause::Stale);
            if newcomer {
                self.came_too_late(room, now, commit.base_epoch);
            }
            return Ok(());
        }
        if !newcomer && self.presence_changed_after(commit.seen) {
            // It may take somebody for departed who is back.
            self.conflict(room, connection, id, ConflictCause::Stale);
            return Ok(());
        }
        let is_unfounded = |eviction: &Eviction| {
            let succession = &eviction.succession;
            succession.generation <= room.generation() || !room.is_owners_word(succession, verify)
        };
        if commit.eviction.as_ref().is_some_and(is_unfounded) {
            // Only the owner takes seats away and changes the name.
            self.conflict(room, connection, id, ConflictCause::Rejected);
            return Ok(());
        }
        if self.tentative.is_some() {
            self.conflict(room, connection, id, ConflictCause::Busy);
            return Ok(());
        }
        match &commit.endorsement {
            Some(endorsement) => match self.checked_endorsement(room.circle, &id, endorsement, verify) {
                Some(key) => self.finish(room, now, connection, commit, id, key),
                None => {
                    self.conflict(room, connection, id, ConflictCause::Rejected);
                    if newcomer {
                        room.note_unfinished(connection);
                        self.end_lease(room, now);
                    }
                }
            },
            None if newcomer => {
                let Some(memory) = account.reserve(commit.blob.len()) else {
                    self.conflict(room, connection, id, ConflictCause::Busy);
                    return Ok(());
                };
                // Not a part of a larger buffer that it came in.
                let blob = Bytes::copy_from_slice(&commit.blob);
                let commit = Commit { blob, ..commit };
                self.joining.lease = Lease::Committing { to: connection };
                self.tentative = Some(Tentative {
                    id,
                    author: connection,
                    commit,
                    asked: Vec::new(),
                    waiting: None,
                    opposed: false,
                    account,
                    memory,
                });
                self.ask_for_endorsement(room, now);
            }
            // A member that does not endorse its own commit speaks against it.
            None => self.conflict(room, connection, id, ConflictCause::Rejected),
        }
        Ok(())
    }

    /// Handles a member's answer about the tentative commit.
    pub(super) fn endorse(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        connection: ConnectionId,
        endorse: &Endorse,
        verify: Verify,
    ) -> Result<(), RefusalCause> {
        if !room.is_seated(connection) {
            return Err(RefusalCause::NotSeated);
        }
        let Some(tentative) = self.tentative.as_mut().filter(|tentative| tentative.id == endorse.commit)
        else {
            // It is decided already: another's word came first.
            return Ok(());
        };
        if !tentative.asked.contains(&connection) {
            return Err(RefusalCause::Unexpected);
        }
        room.note_answer(connection, true);
        let asked_now = tentative.waiting.is_some_and(|(to, _)| to == connection);
        let endorsement = endorse.endorsement.as_ref();
        if let Some(key) = endorsement.and_then(|endorsement| {
            self.checked_endorsement(room.circle, &endorse.commit, endorsement, verify)
        }) {
            if let Some(Tentative { id, author, commit, asked, memory, .. }) = self.tentative.take() {
                // The entry is paid for anew.
                drop(memory);
                room.take_back_questions(&asked, id);
                self.finish(room, now, author, commit, id, key);
            }
            return Ok(());
        }
        if let Some(tentative) = &mut self.tentative {
            tentative.opposed = true;
            if asked_now {
                tentative.waiting = None;
                self.ask_for_endorsement(room, now);
            }
        }
        Ok(())
    }

    /// The verification key of the next epoch, if the endorsement verifies under that of this one.
    fn checked_endorsement(
        &self,
        circle: CircleId,
        id: &CommitId,
        endorsement: &Endorsement,
        verify: Verify,
    ) -> Option<VerificationKey> {
        let next = endorsement.next_verification_key;
        let transcript = transcript::endorsement(&circle, self.epoch, id, &next);
        verify(self.key()?, &transcript, &endorsement.signature).then_some(next)
    }

    /// Asks one more member. Drops the commit if enough were asked.
    fn ask_for_endorsement(&mut self, room: &mut Room<H>, now: Instant) {
        let Some(tentative) = &mut self.tentative else { return };
        let asked = &tentative.asked;
        let enough = asked.len() >= room.rules.endorsers_asked;
        let next = room.to_ask(|connection| asked.contains(&connection)).filter(|_| !enough);
        let Some(to) = next else {
            self.drop_tentative(room, now);
            return;
        };
        tentative.asked.push(to);
        tentative.waiting = Some((to, now + room.rules.answer_deadline));
        let about = tentative.id;
        let message = Message {
            circle: room.circle,
            commit: about,
            base_epoch: tentative.commit.base_epoch,
            blob: tentative.commit.blob.clone(),
        };
        let frame = RelayToClient::Tentative(message).to_frame().ok();
        // It is the newcomer's commit, so the member that is asked does not pay for it.
        match frame.and_then(|frame| tentative.account.frame(frame, ANSWER_OVERHEAD_BYTES)) {
            Some(frame) => room.tell_frame(to, Waiting { at: self.log.next(), frame, about: Some(about) }),
            None => self.drop_tentative(room, now),
        }
    }

    /// Drops the tentative commit because nobody endorsed it.
    pub(super) fn drop_tentative(&mut self, room: &mut Room<H>, now: Instant) {
        if let Some(tentative) = self.tentative.take() {
            room.take_back_questions(&tentative.asked, tentative.id);
            if tentative.opposed {
                room.note_unfinished(tentative.author);
            }
            let cause = if tentative.opposed { ConflictCause::Rejected } else { ConflictCause::Unanswered };
            self.conflict(room, tentative.author, tentative.id, cause);
            self.end_lease(room, now);
        }
    }

    /// Makes a commit final: an entry of the log, and the beginning of the next epoch.
    fn finish(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        connection: ConnectionId,
        commit: Commit,
        id: CommitId,
        key: VerificationKey,
    ) {
        let Some(author) = room.participants.get(&connection).map(|participant| participant.seat) else {
            return;
        };
        let newcomer = !room.is_seated(connection);
        let entry = Entry::Commit { base_epoch: commit.base_epoch, blob: commit.blob };
        let Some((frame, places, paid_by)) = self.pay_for_commit(room, now, connection, entry, newcomer)
        else {
            self.conflict(room, connection, id, ConflictCause::Busy);
            if newcomer {
                self.end_lease(room, now);
            }
            return;
        };
        let was_here = newcomer && self.replace(room, now, author);
        let epoch = self.epoch + 1;
        let authorship = Authorship::Commit { author, commit: id, epoch };
        let sequence = self.append(room, now, frame, authorship, paid_by);
        self.advance(key);
        self.joining.forget_information();
        if let Some([greeting, farewell]) = places {
            self.seat(room, connection, sequence, farewell);
            self.log_entered(room, now, author, was_here, greeting);
            if let Some(participant) = room.participants.get(&connection) {
                // It reads the log from now on.
                room.effects.wake.push(participant.handle.clone());
            }
            self.end_lease(room, now);
        } else {
            if let Some(Eviction { staying, next_name, succession }) = commit.eviction {
                room.succeed(succession);
                // Nobody evicts itself: somebody has to be left to let others in.
                let staying: HashSet<Seat> = staying.into_iter().chain([author]).collect();
                self.evict_all_but(room, now, &staying, next_name);
            }
            self.serve(room, now);
        }
    }

    /// The frame of the entry, and a newcomer's seat, paid for by the committer. `None`: there is no memory for all of
    /// it. Entries of others make way for a member's commit, not for a newcomer's.
    fn pay_for_commit(
        &mut self,
        room: &Room<H>,
        now: Instant,
        connection: ConnectionId,
        entry: Entry,
        newcomer: bool,
    ) -> Option<(Bytes, Option<[Reservation; 2]>, Account)> {
        let account = room.memory_of(connection)?;
        let frame = self.frame_of(room, entry)?;
        if newcomer {
            let frame = account.frame(frame, ENTRY_OVERHEAD_BYTES)?;
            return Some((frame, Some(Self::reserve_presence(&account).ok()?), account));
        }
        Some((self.log.pay(now, &account, frame)?, None, account))
    }

    /// Whether the newcomer could be seated now.
    fn has_a_seat_for(&self, room: &Room<H>, connection: ConnectionId) -> bool {
        let seat = room.seat_of(connection);
        self.seated < room.rules.members || seat.is_some_and(|seat| room.holder(seat).is_some())
    }

    fn conflict(&self, room: &mut Room<H>, to: ConnectionId, commit: CommitId, cause: ConflictCause) {
        let at = if room.is_seated(to) { self.log.next() } else { 0 };
        let conflict = Conflict { circle: room.circle, commit, cause, epoch: self.epoch };
        room.tell(to, at, &RelayToClient::Conflict(conflict));
    }

    /// Handles the loss of a connection that may have been asked for an endorsement.
    pub(super) fn verifier_gone(&mut self, room: &mut Room<H>, now: Instant, connection: ConnectionId) {
        if let Some(tentative) = &mut self.tentative
            && tentative.waiting.is_some_and(|(to, _)| to == connection)
        {
            tentative.waiting = None;
            self.ask_for_endorsement(room, now);
        }
    }

    pub(super) fn tick_tentative(&mut self, room: &mut Room<H>, now: Instant) {
        if let Some(tentative) = &mut self.tentative
            && let Some((late, _)) = tentative.waiting.filter(|(_, until)| *until <= now)
        {
            room.note_answer(late, false);
            tentative.waiting = None;
            self.ask_for_endorsement(room, now);
        }
    }
}
