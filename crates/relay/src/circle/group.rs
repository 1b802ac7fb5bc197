//! The group that a circle has: its epoch and keys, its log, who holds a seat.
//!
//! Owns: taking and losing a seat, presence as of any place of the log, return by seat proof.
//! Must never: know more of a member than its seat number.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use shepot_protocol::message::{
    Delivery, Enter, Entered, Entry, PresenceChange, RefusalCause, Resume, Standing,
};
use shepot_protocol::transcript::{self, EXPORTER_BYTES};
use shepot_protocol::{CircleId, LogId, RelayToClient, Seat, SeatSecret, VerificationKey};

use super::absent::AbsentSeats;
use super::commit::Tentative;
use super::deliver::Signals;
use super::join::Joining;
use super::room::{Expulsion, Room};
use super::rules::{EXPIRY_SLACK, REMEMBERED_EPOCHS};
use crate::id::ConnectionId;
use crate::log::{Authorship, Budget, Log};
use crate::signature::{Verify, same_secret};

#[derive(Debug)]
pub(super) struct Group<H> {
    pub log_id: LogId,
    pub log: Log,
    pub budget: Arc<Budget>,
    pub epoch: u64,
    /// The verification keys of the last epochs, the current one last.
    keys: VecDeque<(u64, VerificationKey)>,
    /// The presence entries that are still in the log.
    presence: VecDeque<(u64, Seat, PresenceChange)>,
    pub seated: usize,
    /// Whose connections were lost: they may come back.
    pub absent: AbsentSeats,
    /// Who is not known here may come back with the key of this epoch or a later one: the first after an eviction.
    strangers_return_from: u64,
    /// Set while nobody holds a seat, because the last was lost: until then the group is kept.
    pub abandoned_until: Option<Instant>,
    pub joining: Joining,
    pub tentative: Option<Tentative>,
    pub signals: Signals,
    /// Readers that have read everything and wait to be woken.
    pub sleepers: Vec<H>,
    pub generation: u64,
}

impl<H: Clone> Group<H> {
    pub(super) fn new(
        log_id: LogId,
        log: Log,
        budget: Arc<Budget>,
        epoch: u64,
        key: VerificationKey,
    ) -> Self {
        Self {
            log_id,
            log,
            budget,
            epoch,
            keys: VecDeque::from([(epoch, key)]),
            presence: VecDeque::new(),
            seated: 0,
            absent: AbsentSeats::default(),
            strangers_return_from: 0,
            abandoned_until: None,
            joining: Joining::default(),
            tentative: None,
            signals: Signals::default(),
            sleepers: Vec::new(),
            generation: 1,
        }
    }

    /// The verification key of the current epoch.
    pub(super) fn key(&self) -> Option<&VerificationKey> {
        self.keys.back().map(|(_, key)| key)
    }

    /// Begins the next epoch.
    pub(super) fn advance(&mut self, key: VerificationKey) {
        self.epoch += 1;
        if self.keys.len() >= REMEMBERED_EPOCHS {
            self.keys.pop_front();
        }
        self.keys.push_back((self.epoch, key));
    }

    /// Gives a connection that is already in the room a seat, reading from `cursor` on.
    pub(super) fn seat(&mut self, room: &mut Room<H>, connection: ConnectionId, cursor: u64) {
        let signal_cursor = self.signals.next();
        if let Some(participant) = room.participants.get_mut(&connection) {
            participant.standing = Standing::Seated;
            participant.cursor = cursor;
            // It may have slept in a group before this one, which counted its generations as this one does.
            participant.slept = 0;
            participant.signal_cursor = signal_cursor;
            self.absent.take(participant.seat);
            self.seated += 1;
            self.abandoned_until = None;
        }
    }

    /// Whether this seat is free, or this client's own.
    pub(super) fn may_take(&self, room: &Room<H>, seat: Seat, secret: SeatSecret) -> bool {
        self.secret_of(room, seat).is_none_or(|known| same_secret(known, secret))
    }

    /// What was shown for this seat, by who holds it or held it last.
    fn secret_of(&self, room: &Room<H>, seat: Seat) -> Option<SeatSecret> {
        let holder = room.holder(seat).and_then(|holder| room.seat_of(holder));
        holder.map(|(_, secret)| secret).or_else(|| self.absent.secret(seat))
    }

    /// Takes all seats away for good but these: who holds one reads up to here and is outside then, and does not come
    /// back with the keys that it has. The circle is called otherwise from then on.
    pub(super) fn evict_all_but(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        staying: &HashSet<Seat>,
        next_circle: CircleId,
    ) {
        self.strangers_return_from = self.epoch;
        self.absent.keep_only(staying);
        let mut leaving: Vec<(ConnectionId, Seat)> = room
            .seated()
            .filter(|(_, participant)| !staying.contains(&participant.seat))
            .map(|(connection, participant)| (connection, participant.seat))
            .collect();
        leaving.sort_unstable();
        // First all read up to here, as it was while all were here; then they are out; then it is told who is.
        let keeps_up: Vec<bool> =
            leaving.iter().map(|(connection, _)| self.hand_over_the_rest(room, *connection)).collect();
        room.rename(next_circle);
        for ((connection, _), keeps_up) in leaving.iter().zip(keeps_up) {
            if keeps_up {
                room.stand(*connection, Standing::Join, self.epoch, self.log_id);
            } else {
                room.expel(*connection, Expulsion::TooSlow);
            }
            self.seated -= 1;
        }
        for (connection, seat) in leaving {
            self.log_presence(room, now, seat, PresenceChange::Left);
            self.member_gone(room, now, connection);
        }
    }

    /// Closes the connection that holds this seat, if one does, without an entry in the log.
    pub(super) fn replace(&mut self, room: &mut Room<H>, now: Instant, seat: Seat) -> bool {
        let Some(holder) = room.holder(seat) else { return false };
        room.expel(holder, Expulsion::Replaced);
        self.seated -= 1;
        self.member_gone(room, now, holder);
        true
    }

    /// Tells a connection that it is seated, and who is here.
    pub(super) fn tell_seated(&self, room: &mut Room<H>, connection: ConnectionId) {
        let Some(cursor) = room.participants.get(&connection).map(|participant| participant.cursor) else {
            return;
        };
        let entered = Entered {
            circle: room.circle,
            standing: Standing::Seated,
            epoch: self.epoch,
            log_id: self.log_id,
            next_sequence: cursor,
            present: self.present_at(room, cursor).into_iter().collect(),
            head: self.log.next().saturating_sub(1),
        };
        // Before everything that it will read.
        room.tell(connection, 0, &RelayToClient::Entered(entered));
    }

    /// Who was here before the entry with this number (or before the first that is left): today's seats with the
    /// presence entries from there on undone.
    pub(super) fn present_at(&self, room: &Room<H>, sequence: u64) -> BTreeSet<Seat> {
        let mut present: BTreeSet<Seat> = room.seated().map(|(_, participant)| participant.seat).collect();
        for (_, seat, change) in self.presence.iter().rev().take_while(|(at, _, _)| *at >= sequence) {
            match change {
                PresenceChange::Entered => present.remove(seat),
                PresenceChange::Left | PresenceChange::Lost => present.insert(*seat),
            };
        }
        present
    }

    /// Whether somebody came or went behind this place of the log.
    pub(super) fn presence_changed_after(&self, sequence: u64) -> bool {
        self.presence.back().is_some_and(|(at, _, _)| *at > sequence)
    }

    pub(super) fn log_presence(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        seat: Seat,
        change: PresenceChange,
    ) {
        let entry = Entry::Presence { seat, change };
        if let Some(sequence) = self.append(room, now, entry, Authorship::Presence) {
            self.presence.push_back((sequence, seat, change));
        }
    }

    /// A newcomer is here. With a seat that it held until now by another connection it was here all along: the entry
    /// changes nobody's view of who was here before it.
    pub(super) fn log_entered(&mut self, room: &mut Room<H>, now: Instant, seat: Seat, was_here: bool) {
        if was_here {
            let entry = Entry::Presence { seat, change: PresenceChange::Entered };
            self.append(room, now, entry, Authorship::Presence);
        } else {
            self.log_presence(room, now, seat, PresenceChange::Entered);
        }
    }

    /// Puts an entry into the log and wakes the readers.
    pub(super) fn append(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        entry: Entry,
        authorship: Authorship,
    ) -> Option<u64> {
        // Expiry first: it moves nothing behind the end, so the number below is the one that the log gives.
        let sequence = self.log.next();
        let delivery = Delivery { circle: room.circle, sequence, entry };
        let frame = RelayToClient::Delivery(delivery).to_frame().ok()?;
        self.log.append(now, frame, authorship);
        self.forget_old_presence();
        self.wake_readers(room);
        Some(sequence)
    }

    fn forget_old_presence(&mut self) {
        let first = self.log.first();
        while self.presence.front().is_some_and(|(at, _, _)| *at < first) {
            self.presence.pop_front();
        }
    }

    pub(super) fn wake_readers(&mut self, room: &mut Room<H>) {
        if !self.sleepers.is_empty() {
            room.effects.wake.append(&mut self.sleepers);
        }
        self.generation += 1;
    }

    /// Somebody enters: a member that returns is seated, everybody else is to join.
    pub(super) fn enter(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        entering: Entering<'_, H>,
    ) -> Result<(), RefusalCause> {
        let Entering { connection, handle, enter, exporter, verify } = entering;
        if !self.may_take(room, enter.seat, enter.seat_secret) {
            return Err(RefusalCause::Unexpected);
        }
        let is_stranger = self.secret_of(room, enter.seat).is_none();
        let returns = enter.resume.as_ref().filter(|resume| {
            let known = (resume.epoch, resume.verification_key);
            (!is_stranger || resume.epoch >= self.strangers_return_from)
                && self.keys.contains(&known)
                && seat_proof_holds(enter.circle, enter.seat, resume, exporter, verify)
        });
        let Some(resume) = returns else {
            if room.participants.len() >= room.rules.members {
                return Err(RefusalCause::CircleFull);
            }
            room.admit(connection, handle, enter, Standing::Join);
            room.stand(connection, Standing::Join, self.epoch, self.log_id);
            return Ok(());
        };
        let replaced = self.replace(room, now, enter.seat);
        if !replaced && room.participants.len() >= room.rules.members {
            return Err(RefusalCause::CircleFull);
        }
        room.admit(connection, handle, enter, Standing::Join);
        let cursor = if resume.log_id == self.log_id { resume.cursor.clamp(1, self.log.next()) } else { 1 };
        self.seat(room, connection, cursor);
        if !replaced {
            self.log_presence(room, now, enter.seat, PresenceChange::Entered);
        }
        self.tell_seated(room, connection);
        self.serve(room, now);
        Ok(())
    }

    /// A connection that may have been asked something, or joins, is out of the room.
    pub(super) fn member_gone(&mut self, room: &mut Room<H>, now: Instant, connection: ConnectionId) {
        self.joiner_gone(room, now, connection);
        self.asked_gone(room, now, connection);
        self.verifier_gone(room, now, connection);
    }

    /// Deadlines that have passed.
    pub(super) fn tick(&mut self, room: &mut Room<H>, now: Instant) {
        self.log.expire(now);
        self.forget_old_presence();
        self.signals.expire(now);
        self.tick_tentative(room, now);
        self.tick_joining(room, now);
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let expiry = self.log.next_expiry().map(|at| at + EXPIRY_SLACK);
        let tentative = self.tentative.as_ref().and_then(Tentative::deadline);
        [self.abandoned_until, expiry, self.signals.next_expiry(), tentative, self.joining.deadline()]
            .into_iter()
            .flatten()
            .min()
    }
}

/// Somebody at the door.
pub(super) struct Entering<'a, H> {
    pub connection: ConnectionId,
    pub handle: H,
    pub enter: &'a Enter,
    pub exporter: &'a [u8; EXPORTER_BYTES],
    pub verify: Verify,
}

/// The proof is by the key that it names, for this seat, over this connection.
pub(super) fn seat_proof_holds(
    circle: CircleId,
    seat: Seat,
    resume: &Resume,
    exporter: &[u8; EXPORTER_BYTES],
    verify: Verify,
) -> bool {
    let transcript = transcript::seat(exporter, &circle, seat, resume.epoch);
    verify(&resume.verification_key, &transcript, &resume.proof)
}
