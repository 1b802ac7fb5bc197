//! Getting into the circle: founding it, joining it, coming back to it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use shepot_group::{Entrant, Group, GroupError, Joining, LogTranscript, Violation};
use shepot_protocol::message::{
    Commit, Conflict, ConflictCause, CreateGroup, Entered, Final, Leased, Standing,
};
use shepot_protocol::{ClientToRelay, LogId, Seat, SeatSecret, VerificationKey, transcript};

use super::leafless_seats::LeaflessSeats;
use super::membership::{Awaited, CatchingUp, Membership, Stage};
use super::{Now, Phase, Session, SessionEvent};
use crate::content::{CircleProfile, Content};
use crate::limits::{ACKNOWLEDGEMENT_DEADLINE, JOIN_ATTEMPTS};
use crate::model::{CommandError, ConnectionError, SystemEvent};

/// How long a newcomer waits after a refusal before it tries again, times the number of its attempts.
const JOIN_PAUSE: Duration = Duration::from_millis(700);

impl Session {
    pub(super) fn entered(&mut self, now: Now, entered: &Entered) {
        match entered.standing {
            Standing::Wait => {
                self.phase = Phase::Entering;
                self.tell(SessionEvent::Waiting);
            }
            Standing::CreateGroup => self.found(now),
            Standing::Join => {
                self.carry_over();
                self.ask_for_lease();
            }
            Standing::Seated => self.seated(now, entered),
        }
    }

    fn entrant(&self, now: Now) -> Option<Entrant> {
        Some(Entrant {
            keys: self.config.keys.clone()?,
            identity: self.identity.clone(),
            seat: self.seat,
            profile: self.profile.clone(),
            owner: self.config.owner,
            succession: self.config.succession,
            now: now.unix,
            entropy: self.entropy.clone(),
        })
    }

    fn found(&mut self, now: Now) {
        // What we knew of a group under this name is over: nobody else does.
        self.rejoining = self.member.take().is_some() || self.resync_state.take().is_some();
        self.outbox.unseal();
        // Another group, another key: somebody may remember the numbers of the old one's messages.
        match shepot_group::Identity::generate(&self.entropy) {
            Ok(identity) => self.identity = identity,
            Err(_) => return self.tell(SessionEvent::Over(ConnectionError::NoRandomness)),
        }
        let Some(entrant) = self.entrant(now) else { return };
        match Group::found(&entrant) {
            Ok(group) => {
                self.send(ClientToRelay::CreateGroup(CreateGroup {
                    circle: shepot_protocol::CircleId(*entrant.keys.circle()),
                    epoch: group.epoch(),
                    verification_key: VerificationKey(group.verification_key()),
                }));
                self.phase = Phase::Founding(Box::new(group));
            }
            Err(_) => self.tell(SessionEvent::Over(ConnectionError::NoRandomness)),
        }
    }

    /// Keeps what a resync needs of a group that we can no longer follow.
    fn carry_over(&mut self) {
        if let Some(member) = self.member.take() {
            self.outbox.all_stale();
            // The circle's keys may have been changed since the invitation was made.
            self.config.keys = Some(member.group.keys().clone());
            self.config.succession = member.group.succession().copied();
            self.resync_state = Some(member.group.into_resync_state());
            self.rejoining = true;
        }
    }

    fn ask_for_lease(&mut self) {
        let Some(circle) = self.circle() else { return };
        self.phase = Phase::Queued;
        self.join_again_at = None;
        self.tell(SessionEvent::Waiting);
        self.send(ClientToRelay::JoinLease { circle });
    }

    pub(super) fn leased(&mut self, now: Now, leased: &Leased) {
        if !matches!(self.phase, Phase::Queued) {
            return;
        }
        let Some(entrant) = self.entrant(now) else { return };
        match Joining::new(&entrant, leased.epoch, &leased.group_information, &mut self.resync_state) {
            Ok(joining) => {
                self.send(ClientToRelay::Commit(Commit {
                    circle: leased.circle,
                    base_epoch: joining.base_epoch(),
                    blob: joining.commit().to_vec().into(),
                    endorsement: None,
                    seen: u64::MAX,
                    eviction: None,
                }));
                self.phase = Phase::Joining(Box::new(joining));
            }
            Err(GroupError::Forbidden(Violation::Owner)) => {
                self.tell(SessionEvent::Over(ConnectionError::WrongOwner));
            }
            Err(GroupError::Entropy(_)) => self.tell(SessionEvent::Over(ConnectionError::NoRandomness)),
            // Whatever several members give does not open: it is not their fault.
            Err(GroupError::Seal) if self.join_attempts > 1 => {
                self.tell(SessionEvent::Over(ConnectionError::SecretChanged));
            }
            Err(_) => self.join_later(now),
        }
    }

    pub(super) fn conflict(&mut self, now: Now, conflict: &Conflict) {
        if matches!(self.phase, Phase::Joining(_)) {
            if conflict.cause == ConflictCause::Stale {
                self.abandon_joining();
                self.ask_for_lease();
            } else if conflict.cause == ConflictCause::Rejected && self.counts_second_rejection() {
                // Another's leaf may name our seat, which all know who saw ours: then nobody takes a second one.
                self.abandon_joining();
                self.join_attempts += 1;
                self.take_another_seat();
            } else {
                self.joining_refused(now);
            }
        } else if let Some(member) = &mut self.member
            && member.own_commit.as_ref().is_some_and(|own| own.id == conflict.commit)
        {
            // The duty that it was for is still due and is looked at again at the next tick.
            member.group.discard_commit();
            member.own_commit = None;
        }
    }

    /// Counts a rejection. True for every second one.
    const fn counts_second_rejection(&mut self) -> bool {
        self.rejections += 1;
        self.rejections.is_multiple_of(2)
    }

    /// Draws another seat and comes back by another connection, as a newcomer with the same signature key.
    pub(super) fn take_another_seat(&mut self) {
        let Ok(secret) = self.entropy.bytes() else {
            return self.tell(SessionEvent::Over(ConnectionError::NoRandomness));
        };
        self.seat_secret = SeatSecret(secret);
        self.seat = seat_of(self.seat_secret);
        self.resync();
    }

    fn abandon_joining(&mut self) {
        if let Phase::Joining(joining) = std::mem::replace(&mut self.phase, Phase::Queued) {
            self.resync_state = Some(joining.abandon());
        }
    }

    pub(super) fn joining_refused(&mut self, now: Now) {
        self.abandon_joining();
        self.join_later(now);
    }

    fn join_later(&mut self, now: Now) {
        self.join_attempts += 1;
        if self.join_attempts >= JOIN_ATTEMPTS {
            return self.tell(SessionEvent::Over(ConnectionError::JoinRefused));
        }
        self.phase = Phase::Queued;
        self.join_again_at = Some(now.steady + JOIN_PAUSE * self.join_attempts);
    }

    pub(super) fn try_join_again(&mut self, now: Now) {
        if matches!(self.phase, Phase::Queued) && self.join_again_at.is_some_and(|at| at <= now.steady) {
            self.ask_for_lease();
        }
    }

    /// Our external commit is in the log.
    pub(super) fn joined(&mut self, now: Now, last: &Final) {
        if last.sequence == 0 || last.sequence == u64::MAX {
            return self.tell(SessionEvent::Over(ConnectionError::ServerMisbehaves));
        }
        let Phase::Joining(joining) = std::mem::replace(&mut self.phase, Phase::Seated) else { return };
        let nonce = joining.nonce();
        let Ok(group) = joining.finish() else {
            return self.tell(SessionEvent::Reconnect);
        };
        let log = LogTranscript::from_middle(&last.log_id.0, last.sequence);
        let awaited = Awaited { nonce, until: now.steady + ACKNOWLEDGEMENT_DEADLINE, later: Vec::new() };
        let stage = Stage::AwaitingAcknowledgement(awaited, None);
        self.become_member(now, group, log, last.log_id, &last.present, stage);
    }

    fn seated(&mut self, now: Now, entered: &Entered) {
        match std::mem::replace(&mut self.phase, Phase::Seated) {
            Phase::Founding(group) => {
                let log = log_from(&entered.log_id, entered.next_sequence);
                self.become_member(now, *group, log, entered.log_id, &entered.present, Stage::Active);
                self.in_the_circle(now);
            }
            Phase::Entering if self.member.is_some() => self.returned(now, entered),
            Phase::Offline | Phase::Entering | Phase::Queued | Phase::Joining(_) | Phase::Seated => {
                self.tell(SessionEvent::Reconnect)
            }
        }
    }

    /// The relay knows our seat. The log continues, or begins anew after a restart of the relay.
    fn returned(&mut self, now: Now, entered: &Entered) {
        let Some(member) = &mut self.member else { return };
        let restarted = member.log_id != entered.log_id;
        if restarted {
            member.log = log_from(&entered.log_id, entered.next_sequence);
            member.log_id = entered.log_id;
            member.leafless_seats.clear();
            member.present = seats(&entered.present);
            member.endorsed.clear();
            let own = member.group.own_key();
            for someone in member.group.members() {
                if member.present.contains(&someone.seat) || someone.key == own {
                    member.absent.remove(&someone.key);
                } else {
                    member.absent.entry(someone.key).or_insert((now.steady, false));
                }
            }
        }
        member.leafless_seats.returned(now.steady);
        // A fresh group key after every connection: one commit serves all who came back meanwhile.
        let jitter = u64::from(self.entropy.bytes::<2>().map(u16::from_be_bytes).unwrap_or_default());
        let spread = 1 + member.group.size() as u64 / 8;
        member.renew_keys_at = Some(now.steady + Duration::from_millis(1500 + jitter % (2000 * spread)));
        member.last_heard.values_mut().for_each(|heard| *heard = now.steady);
        if restarted {
            self.happened(now, SystemEvent::RelayRestarted);
        }
        if let Some(member) = &mut self.member {
            member.catch_up(CatchingUp { head: entered.head, epoch: entered.epoch, same_log: !restarted });
        }
        self.tell(SessionEvent::Connected);
        self.people_changed();
        self.check_caught_up(now);
    }

    /// Once everything missed is read, sends what waits. Only then do we know who can read it.
    pub(super) fn check_caught_up(&mut self, now: Now) {
        let Some(member) = &mut self.member else { return };
        let Some(caught_up) = member.caught_up() else { return };
        if member.group.epoch() < caught_up.epoch {
            // A commit that began it was not among what we read.
            return self.resync();
        }
        // What is not in the log never arrived. But in another log, after a restart of the relay, others may have read
        // our removal of somebody in the earlier log. The same commit leads to their epoch.
        let epoch = member.group.epoch();
        let is_removal = member.group.pending_succession().is_some() && !caught_up.same_log;
        let again = member.own_commit.as_ref().filter(|own| is_removal && own.base_epoch == epoch);
        match again.map(|own| own.frame.clone()) {
            Some(frame) => self.send(ClientToRelay::Commit(frame)),
            None => {
                if member.own_commit.take().is_some() {
                    member.group.discard_commit();
                }
            }
        }
        self.after_return(caught_up.same_log);
        self.flush(now);
    }

    fn become_member(
        &mut self,
        now: Now,
        group: Group,
        log: LogTranscript,
        log_id: LogId,
        present: &[Seat],
        stage: Stage,
    ) {
        let mut present = seats(present);
        present.insert(self.seat);
        let own = group.own_key();
        let joined_epoch = group.epoch();
        let mut absent = BTreeMap::new();
        let mut last_heard = HashMap::new();
        for someone in group.members() {
            last_heard.insert(someone.key, now.steady);
            if !present.contains(&someone.seat) && someone.key != own {
                absent.insert(someone.key, (now.steady, false));
            }
        }
        let jitter = u64::from(self.entropy.bytes::<1>().map(|[byte]| byte).unwrap_or_default());
        self.member = Some(Membership {
            group,
            log,
            log_id,
            present,
            absent,
            last_heard,
            silent: BTreeSet::new(),
            last_said: now.steady,
            own_commit: None,
            stage,
            acknowledgements: Vec::new(),
            endorsed: HashSet::new(),
            joined_epoch,
            leafless_seats: LeaflessSeats::default(),
            renew_keys_at: None,
            new_profile: None,
            rank_jitter: Duration::from_millis(jitter * 2),
        });
    }

    /// The person is in the circle, as its founder or as an acknowledged newcomer.
    pub(super) fn in_the_circle(&mut self, now: Now) {
        let rejoined = std::mem::take(&mut self.rejoining);
        self.join_attempts = 0;
        self.rejections = 0;
        let people = self.member.as_ref().map_or(0, |member| member.group.size());
        self.tell(SessionEvent::Connected);
        self.keys_changed(true);
        let circle = self.directory.profile().map(CircleProfile::shown);
        let entered = SystemEvent::Entered { people, circle };
        self.tell_circle();
        self.happened(now, if rejoined { SystemEvent::Rejoined } else { entered });
        let rooms = self.rooms();
        self.tell(SessionEvent::Rooms(rooms));
        self.after_return(false);
        self.people_changed();
        self.flush(now);
    }

    /// Holds what waits for fewer members than there are now. `nothing_arrived`: what is still in the outbox is not in
    /// the log.
    fn after_return(&mut self, nothing_arrived: bool) {
        let Some(member) = &mut self.member else { return };
        let members = member.group.members().iter().map(|someone| someone.key).collect();
        let held = self.outbox.returned(&members);
        if nothing_arrived {
            if let Some((first, messages)) = self.outbox.unseal_from_first_held() {
                member.group.take_back(&first, messages);
            }
        } else {
            // What was encrypted for the log of before is encrypted anew for this one.
            self.outbox.all_stale();
            self.outbox.unseal_held();
        }
        for change in self.outbox.take_changes_of_held() {
            let changed = change.content.changed();
            if let Content::Edit { message, body, mentions } = change.content {
                self.change_unsent(&message, body, mentions);
            } else if let Some(message) = changed {
                self.outbox.remove_message(&message);
                self.timeline.remove(&message);
                self.tell(SessionEvent::Discarded(message));
            }
            self.tell(SessionEvent::Settled { asked: change.publish_id, result: Ok(()) });
        }
        for asked in self.outbox.take_held_unseen() {
            self.tell(SessionEvent::Settled { asked, result: Err(CommandError::CircleChanged) });
        }
        for id in held {
            if let Some(message) = self.timeline.settle(&id, crate::model::Delivery::Held).cloned() {
                self.tell(SessionEvent::Changed(message));
            }
        }
    }

    /// Comes back by another connection as a newcomer with the same key, because this state cannot follow the group.
    /// Does not send `Leave`: when the last seat leaves, the relay forgets the circle, and others may still return to
    /// it.
    pub(super) fn resync(&mut self) {
        self.carry_over();
        self.tell(SessionEvent::Reconnect);
    }

    /// Joins again if nobody acknowledged us in time.
    pub(super) fn check_awaited(&mut self, now: Now) {
        let awaited = self.member.as_ref().and_then(Membership::awaited);
        if awaited.is_some_and(|awaited| awaited.until <= now.steady) {
            self.join_attempts += 1;
            if self.join_attempts >= JOIN_ATTEMPTS {
                self.tell(SessionEvent::Over(ConnectionError::JoinRefused));
            } else {
                self.resync();
            }
        }
    }
}

fn seats(present: &[Seat]) -> BTreeSet<u64> {
    present.iter().map(|seat| seat.0).collect()
}

fn log_from(log_id: &LogId, next_sequence: u64) -> LogTranscript {
    if next_sequence <= 1 {
        LogTranscript::from_start(&log_id.0)
    } else {
        LogTranscript::from_middle(&log_id.0, next_sequence - 1)
    }
}

/// The number of the seat that belongs to a secret (docs/PROTOCOL.md, section 6.2).
pub(super) fn seat_of(secret: SeatSecret) -> u64 {
    let digest = digest(&SHA256, &transcript::seat_number(secret));
    u64::from_be_bytes(digest.as_ref().first_chunk().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_named_by_its_secret() {
        // The same as in `relay::signature`: by `sha256sum` of `shepot seat number v1` and 16 bytes of 7.
        assert_eq!(seat_of(SeatSecret([7; 16])), 0x0e94_a659_7745_0a45);
    }
}
