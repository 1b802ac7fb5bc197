//! The group of a circle: its epoch and keys, its log, who holds a seat.
//!
//! Owns: taking and losing seats, presence as of any place of the log, return by seat proof. Must never: know more of a
//! member than its seat.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::time::Instant;

use bytes::Bytes;
use shepot_protocol::message::{
    Delivery, Enter, Entered, Entry, PresenceChange, RefusalCause, Resume, Standing,
};
use shepot_protocol::transcript::{self, ChannelBinding};
use shepot_protocol::{CircleName, LogId, RelayToClient, Seat, VerificationKey};

use super::absent::AbsentSeats;
use super::lease::Joining;
use super::room::{Expulsion, Newcomer, Removed, Room};
use super::rules::{EXPIRY_SLACK, GROUP_BYTES, PRESENCE_BYTES, REMEMBERED_EPOCHS};
use super::signals::Signals;
use super::tentative::Tentative;
use crate::budget::{Account, Means, Reservation};
use crate::id::ConnectionId;
use crate::log::{Authorship, Log};
use crate::signature::Verify;

/// What a group costs apart from its log. One of its first members pays.
#[derive(Debug)]
pub(super) struct Estate {
    _circle: Reservation,
    _memory: Reservation,
}

impl Estate {
    /// # Errors
    ///
    /// `CIRCLES_FULL`, `MEMORY_FULL`.
    pub(super) fn acquire(means: &Means) -> Result<Self, RefusalCause> {
        let circle = means.circles.reserve(1).ok_or(RefusalCause::CirclesFull)?;
        let memory = means.memory.reserve(GROUP_BYTES).ok_or(RefusalCause::MemoryFull)?;
        Ok(Self { _circle: circle, _memory: memory })
    }
}

#[derive(Debug)]
pub(super) struct Group<H> {
    pub log_id: LogId,
    pub log: Log,
    /// The group's place in the budget of circles, and its memory.
    _estate: Estate,
    pub epoch: u64,
    /// The verification keys of the last [`REMEMBERED_EPOCHS`] epochs, the current one last.
    keys: VecDeque<(u64, VerificationKey)>,
    /// The presence entries that are still in the log.
    presence: VecDeque<(u64, Seat, PresenceChange)>,
    pub seated: usize,
    /// The seats that were lost or left.
    pub absent: AbsentSeats,
    /// Set while nobody holds a seat because the last was lost. The group is kept until then.
    pub abandoned_until: Option<Instant>,
    pub joining: Joining,
    pub tentative: Option<Tentative>,
    pub signals: Signals,
    /// Readers that have read everything and wait to be woken.
    pub sleepers: Vec<H>,
    pub generation: u64,
}

impl<H: Clone> Group<H> {
    pub(super) fn new(log_id: LogId, log: Log, estate: Estate, epoch: u64, key: VerificationKey) -> Self {
        Self {
            log_id,
            log,
            _estate: estate,
            epoch,
            keys: VecDeque::from([(epoch, key)]),
            presence: VecDeque::new(),
            seated: 0,
            absent: AbsentSeats::default(),
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

    /// Begins the next epoch, with this verification key.
    pub(super) fn advance(&mut self, key: VerificationKey) {
        self.epoch += 1;
        if self.keys.len() >= REMEMBERED_EPOCHS {
            self.keys.pop_front();
        }
        self.keys.push_back((self.epoch, key));
    }

    /// Seats a connection that is in the room already. It reads from `cursor` on. `farewell`: the memory for the entry
    /// that will announce its departure.
    pub(super) fn seat(
        &mut self,
        room: &mut Room<H>,
        connection: ConnectionId,
        cursor: u64,
        farewell: Reservation,
    ) {
        let signal_cursor = self.signals.next();
        if let Some(participant) = room.participants.get_mut(&connection) {
            participant.standing = Standing::Seated;
            participant.farewell = Some(farewell);
            participant.cursor = cursor;
            participant.signal_cursor = signal_cursor;
            self.absent.take(participant.seat);
            self.seated += 1;
            self.abandoned_until = None;
        }
    }

    /// Whether somebody holds this seat or lost it.
    fn is_known(&self, room: &Room<H>, seat: Seat) -> bool {
        room.holder(seat).is_some() || self.absent.is_kept(seat)
    }

    /// Removes all other seats for good and renames the circle. Their holders read up to here and are outside then.
    /// They cannot come back with the keys that they have.
    pub(super) fn evict_all_but(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        staying: &HashSet<Seat>,
        next_name: CircleName,
    ) {
        let away = self.absent.keep_only(staying).into_iter();
        room.effects.removed.extend(away.map(|account| Removed { account, was_here: false }));
        let mut leaving: Vec<(ConnectionId, Seat)> = room
            .seated()
            .filter(|(_, participant)| !staying.contains(&participant.seat))
            .map(|(connection, participant)| (connection, participant.seat))
            .collect();
        leaving.sort_unstable();
        // First all read up to here, as it was while all were here; then they are out; then it is told who is.
        let keeps_up: Vec<bool> =
            leaving.iter().map(|(connection, _)| self.hand_over_the_rest(room, *connection)).collect();
        room.rename(next_name);
        let farewells: Vec<Option<Reservation>> = leaving
            .iter()
            .map(|(connection, _)| room.participants.get_mut(connection)?.farewell.take())
            .collect();
        let removed = leaving.iter().filter_map(|(connection, _)| room.memory_of(*connection));
        let removed = removed.map(|account| Removed { account, was_here: true }).collect::<Vec<_>>();
        room.effects.removed.extend(removed);
        for ((connection, _), keeps_up) in leaving.iter().zip(keeps_up) {
            if keeps_up {
                room.stand(*connection, Standing::Join, self.epoch, self.log_id);
            } else {
                room.expel(*connection, Expulsion::TooSlow);
            }
            self.seated -= 1;
        }
        for ((connection, seat), farewell) in leaving.into_iter().zip(farewells) {
            self.log_presence(room, now, seat, PresenceChange::Left, farewell);
            self.member_gone(room, now, connection);
        }
        self.turn_outsiders_away(room, now);
    }

    /// Closes the connection that holds this seat without an entry in the log. False: nobody holds it.
    pub(super) fn replace(&mut self, room: &mut Room<H>, now: Instant, seat: Seat) -> bool {
        let Some(holder) = room.holder(seat) else { return false };
        room.expel(holder, Expulsion::Replaced);
        self.seated -= 1;
        self.member_gone(room, now, holder);
        true
    }

    /// Tells a connection that it is seated, and who is present.
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

    /// The seats that were present before this entry (or before the first in the log): those of now, with later
    /// presence entries undone.
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

    /// Whether presence changed after this place of the log.
    pub(super) fn presence_changed_after(&self, sequence: u64) -> bool {
        self.presence.back().is_some_and(|(at, _, _)| *at > sequence)
    }

    pub(super) fn log_presence(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        seat: Seat,
        change: PresenceChange,
        memory: Option<Reservation>,
    ) {
        if let Some(sequence) = self.append_presence(room, now, seat, change, memory) {
            self.presence.push_back((sequence, seat, change));
        }
    }

    /// Logs that a newcomer is here. If it held the seat by another connection until now, it was present all along, so
    /// the entry does not change who was present before.
    pub(super) fn log_entered(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        seat: Seat,
        was_here: bool,
        memory: Reservation,
    ) {
        if was_here {
            self.append_presence(room, now, seat, PresenceChange::Entered, Some(memory));
        } else {
            self.log_presence(room, now, seat, PresenceChange::Entered, Some(memory));
        }
    }

    fn append_presence(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        seat: Seat,
        change: PresenceChange,
        memory: Option<Reservation>,
    ) -> Option<u64> {
        debug_assert!(memory.is_some(), "who holds a seat has paid for this when it was given");
        let (memory, frame) = (memory?, self.frame_of(room, Entry::Presence { seat, change })?);
        let paid_by = memory.account().clone();
        Some(self.append(room, now, memory.keep_with(frame), Authorship::Presence, paid_by))
    }

    /// The frame of the next entry.
    pub(super) fn frame_of(&self, room: &Room<H>, entry: Entry) -> Option<Bytes> {
        // Expiry moves nothing behind the end: this is the number that the log will give.
        let delivery = Delivery { circle: room.circle, sequence: self.log.next(), entry };
        RelayToClient::Delivery(delivery).to_frame().ok()
    }

    /// Appends an entry whose frame is paid for, and wakes the readers.
    pub(super) fn append(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        frame: Bytes,
        authorship: Authorship,
        paid_by: Account,
    ) -> u64 {
        let sequence = self.log.append(now, frame, authorship, paid_by);
        self.forget_old_presence();
        self.wake_readers(room);
        sequence
    }

    /// Memory for the entries that announce a seat's arrival and its departure.
    ///
    /// # Errors
    ///
    /// `MEMORY_FULL`.
    pub(super) fn reserve_presence(account: &Account) -> Result<[Reservation; 2], RefusalCause> {
        let reserve = || account.reserve(PRESENCE_BYTES).ok_or(RefusalCause::MemoryFull);
        Ok([reserve()?, reserve()?])
    }

    fn forget_old_presence(&mut self) {
        let first = self.log.first();
        while self.presence.front().is_some_and(|(at, _, _)| *at < first) {
            self.presence.pop_front();
        }
        if self.presence.capacity() > 4 * self.presence.len() {
            self.presence.shrink_to(2 * self.presence.len());
        }
    }

    pub(super) fn wake_readers(&mut self, room: &mut Room<H>) {
        if !self.sleepers.is_empty() {
            room.effects.wake.append(&mut self.sleepers);
        }
        self.generation += 1;
    }

    /// Lets a connection enter: a returning member is seated, everybody else may join.
    pub(super) fn enter(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        entering: Entering<'_, H>,
    ) -> Result<(), RefusalCause> {
        let Entering { newcomer, enter, binding, verify } = entering;
        let connection = newcomer.connection;
        if self.absent.is_closed(enter.seat) {
            return Err(RefusalCause::Unexpected);
        }
        let is_known = self.is_known(room, enter.seat);
        // Also by another connection it stays what it was.
        let is_unknown = room.holder_is_unknown(enter.seat).unwrap_or(!is_known);
        let returns = enter.resume.as_ref().filter(|resume| {
            let known = (resume.epoch, resume.verification_key);
            // Of whom nothing is known here may have left long ago, and still have the keys of then.
            (is_known || (resume.epoch == self.epoch && !newcomer.only_returns))
                && self.keys.contains(&known)
                && seat_proof_holds(enter.name, enter.seat, resume, binding, verify)
        });
        let has_a_seat_free = self.seated < room.rules.members;
        let Some(resume) = returns else {
            if newcomer.only_returns || room.is_outdated(enter) {
                // It has no seat here, and its secret opens nothing.
                return Err(RefusalCause::InvitationOutdated);
            }
            let most = room.rules.newcomers;
            if !has_a_seat_free || !self.makes_room_to_wait(room, now, &newcomer.means, most) {
                return Err(RefusalCause::CircleFull);
            }
            room.admit(newcomer, enter, Standing::Join)?;
            room.stand(connection, Standing::Join, self.epoch, self.log_id);
            return Ok(());
        };
        if !has_a_seat_free && room.holder(enter.seat).is_none() {
            return Err(RefusalCause::CircleFull);
        }
        let [greeting, farewell] = Self::reserve_presence(&newcomer.means.memory)?;
        room.admit(newcomer, enter, Standing::Join)?;
        if let Some(participant) = room.participants.get_mut(&connection) {
            participant.is_unknown = is_unknown;
        }
        let replaced = self.replace(room, now, enter.seat);
        let cursor = if resume.log_id == self.log_id { resume.cursor.clamp(1, self.log.next()) } else { 1 };
        self.seat(room, connection, cursor, farewell);
        if !replaced {
            self.log_presence(room, now, enter.seat, PresenceChange::Entered, Some(greeting));
        }
        self.tell_seated(room, connection);
        self.serve(room, now);
        Ok(())
    }

    fn makes_room_to_wait(&mut self, room: &mut Room<H>, now: Instant, means: &Means, most: usize) -> bool {
        let before = room.unseated();
        let has_room = room.makes_room_to_wait(means, most);
        let gone = before.into_iter().find(|one| !room.participants.contains_key(one));
        if let Some(gone) = gone {
            self.joiner_gone(room, now, gone);
        }
        has_room
    }

    /// Handles a connection that left the room. It may have been asked something, or be joining.
    pub(super) fn member_gone(&mut self, room: &mut Room<H>, now: Instant, connection: ConnectionId) {
        self.joiner_gone(room, now, connection);
        self.asked_gone(room, now, connection);
        self.verifier_gone(room, now, connection);
    }

    /// Does what has become due.
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

/// A connection that wants to enter.
pub(super) struct Entering<'a, H> {
    pub newcomer: Newcomer<H>,
    pub enter: &'a Enter,
    pub binding: &'a ChannelBinding,
    pub verify: Verify,
}

/// Whether the seat proof verifies under the key that it names, for this seat and this connection.
pub(super) fn seat_proof_holds(
    name: CircleName,
    seat: Seat,
    resume: &Resume,
    binding: &ChannelBinding,
    verify: Verify,
) -> bool {
    let transcript = transcript::seat(binding, &name, seat, resume.epoch);
    verify(&resume.verification_key, &transcript, &resume.proof)
}
