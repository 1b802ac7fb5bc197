//! The state machine of one circle (docs/PROTOCOL.md, sections 6, 9, 10 and 14).
//!
//! Owns: who founds, who is re-seated, who joins, the order of commits and messages, when the circle is forgotten.
//! Pure: the time and random log ids are parameters. What has to be done comes out as [`Effects`], what a connection is
//! told comes out of [`Circle::pull`].
//!
//! Must never: do input or output, read a clock, look into a blob, or know who a member is.
//!
//! | phase | begins with | ends with |
//! |---|---|---|
//! | empty | nobody is here | `Enter` |
//! | founding | `Enter` without state | `CreateGroup`, or a claim |
//! | re-seating | `Enter` with state | the window's end |
//! | grouped | `CreateGroup`, or a claim that won | the last `Leave`, or the ttl after the last loss |

mod absent;
mod commit;
mod deliver;
mod departing;
mod group;
mod join;
mod lease;
mod reseat;
mod room;
mod rules;
mod signals;
mod succession;
mod tentative;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use bytes::Bytes;
use shepot_protocol::message::{
    Commit, CreateGroup, Endorse, Enter, GroupInfoResponse, PresenceChange, Publish, RefusalCause,
    RequestKind, Signal, Standing,
};
use shepot_protocol::transcript::ChannelBinding;
use shepot_protocol::{CircleId, CircleName, LogId, OwnerId, RelayToClient};

pub use deliver::Pulled;
use group::{Entering, Estate, Group, seat_proof_holds};
use reseat::{Claim, Claims};
pub use room::{Effects, Expulsion, Newcomer, Removed};
use room::{NO_LOG, Room};
pub use rules::Rules;
use rules::{ABSENT_SEAT_BYTES, MOST_EPOCHS, PRESENCE_BYTES};
pub(crate) use rules::{ENTRY_FIELDS_BYTES, MEMORY_FULL_RETRY};

use crate::id::ConnectionId;
use crate::log::Log;
use crate::signature::Verify;

/// `Ok`, or the cause of the refusal that the asker is told.
pub type Outcome = Result<(), RefusalCause>;

#[derive(Debug)]
enum Phase<H> {
    Empty,
    Founding { founder: ConnectionId, until: Instant },
    Reseating(Claims),
    Grouped(Box<Group<H>>),
}

/// A circle. `H` identifies a connection to the shell.
#[derive(Debug)]
pub struct Circle<H> {
    room: Room<H>,
    phase: Phase<H>,
    /// The number of log entries of all circles.
    entries_in_total: Arc<AtomicUsize>,
    verify: Verify,
}

impl<H: Clone> Circle<H> {
    /// An empty circle. `circle`: its id in frames. `entries_in_total`: the number of log entries of all circles.
    #[must_use]
    pub fn new(
        name: CircleName,
        circle: CircleId,
        owner: Option<OwnerId>,
        rules: Rules,
        entries_in_total: Arc<AtomicUsize>,
        verify: Verify,
    ) -> Self {
        let room = Room::new(name, circle, owner, rules);
        Self { room, phase: Phase::Empty, entries_in_total, verify }
    }

    /// What the shell has to do. It takes the effects out.
    pub const fn effects(&mut self) -> &mut Effects<H> {
        &mut self.room.effects
    }

    /// The holders of seats, in no particular order.
    pub fn seated(&self) -> impl Iterator<Item = &H> {
        self.room.seated().map(|(_, participant)| &participant.handle)
    }

    /// When [`Self::tick`] is due at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Empty => None,
            Phase::Founding { until, .. } => Some(*until),
            Phase::Reseating(claims) => Some(claims.until),
            Phase::Grouped(group) => group.next_deadline(),
        }
    }

    /// Whether the circle can be dropped without losing anything.
    #[must_use]
    pub fn is_forgettable(&self) -> bool {
        let kept = match &self.phase {
            Phase::Empty | Phase::Founding { .. } | Phase::Reseating(_) => false,
            Phase::Grouped(group) => group.abandoned_until.is_some(),
        };
        self.room.participants.is_empty() && !kept
    }

    /// Whether this connection holds a seat.
    #[must_use]
    pub fn is_seated(&self, connection: ConnectionId) -> bool {
        self.room.is_seated(connection)
    }

    /// Lets a connection enter.
    ///
    /// # Errors
    ///
    /// `UNEXPECTED` if the connection is in the circle already, its seat is not available, or its succession is not the
    /// owner's word. `INVITATION_OUTDATED` if it has no seat and comes by an earlier generation or a replaced access
    /// key. `CIRCLE_FULL` or `MEMORY_FULL` if there is no room.
    pub fn enter(
        &mut self,
        now: Instant,
        newcomer: Newcomer<H>,
        enter: &Enter,
        binding: &ChannelBinding,
    ) -> Outcome {
        let connection = newcomer.connection;
        if self.room.participants.contains_key(&connection) {
            return Err(RefusalCause::Unexpected);
        }
        let word = enter.succession.filter(|word| self.room.is_owners_word(word, self.verify));
        if word.is_none() && enter.succession.is_some() {
            return Err(RefusalCause::Unexpected);
        }
        self.take_in(now, newcomer, enter, binding)?;
        // Only after it was taken in: a removed member has the word, too.
        if let Some(word) = word {
            let before = self.room.generation();
            self.room.succeed(word);
            self.room.came_by_this_generation(connection);
            if self.room.generation() > before {
                // Even if the connection that shows it is not of that generation: anybody may be told the word.
                self.tell_superseded(&word);
                self.turn_outsiders_away(now);
            }
        }
        Ok(())
    }

    /// Ends what connections without a seat do that came by an earlier generation: they may not found or join.
    fn turn_outsiders_away(&mut self, now: Instant) {
        match &mut self.phase {
            Phase::Grouped(group) => group.turn_outsiders_away(&mut self.room, now),
            Phase::Founding { founder, .. } if self.room.is_outside(*founder) => self.appoint(now),
            Phase::Founding { .. } | Phase::Empty | Phase::Reseating(_) => {}
        }
    }

    fn take_in(
        &mut self,
        now: Instant,
        newcomer: Newcomer<H>,
        enter: &Enter,
        binding: &ChannelBinding,
    ) -> Outcome {
        let (connection, verify) = (newcomer.connection, self.verify);
        if let Phase::Grouped(group) = &mut self.phase {
            let entering = Entering { newcomer, enter, binding, verify };
            return group.enter(&mut self.room, now, entering);
        }
        // Nobody holds a seat here.
        if newcomer.only_returns || self.room.is_outdated(enter) {
            return Err(RefusalCause::InvitationOutdated);
        }
        let most = self.room.rules.members.saturating_add(self.room.rules.newcomers);
        if !self.room.has_room_to_wait(&newcomer.means, most) {
            return Err(RefusalCause::CircleFull);
        }
        self.room.admit(newcomer, enter, Standing::Wait)?;
        let claim = enter
            .resume
            .as_ref()
            .filter(|resume| resume.epoch <= MOST_EPOCHS)
            .filter(|resume| seat_proof_holds(enter.name, enter.seat, resume, binding, verify))
            .map(|resume| Claim { epoch: resume.epoch, key: resume.verification_key });
        match claim {
            Some(claim) => self.claim(now, connection, claim),
            None if matches!(self.phase, Phase::Empty) => self.appoint(now),
            None => self.room.stand(connection, Standing::Wait, 0, NO_LOG),
        }
        Ok(())
    }

    /// Handles the claim of a member that has come back to a circle unknown here.
    fn claim(&mut self, now: Instant, connection: ConnectionId, claim: Claim) {
        match &mut self.phase {
            Phase::Reseating(claims) => claims.add(connection, claim),
            Phase::Empty | Phase::Founding { .. } | Phase::Grouped(_) => {
                // Who was about to found it anew gives way: there is a group already.
                if let Phase::Founding { founder, .. } = self.phase {
                    self.room.stand(founder, Standing::Wait, 0, NO_LOG);
                }
                let mut claims = Claims::new(now + self.room.rules.reseat_window);
                claims.add(connection, claim);
                self.phase = Phase::Reseating(claims);
            }
        }
        self.room.stand(connection, Standing::Wait, 0, NO_LOG);
    }

    /// Tells the first connection that may found the group to do so, since there is none.
    fn appoint(&mut self, now: Instant) {
        // Whoever was removed begins nothing in the name of those who stayed.
        let is_outside = |connection: &ConnectionId| self.room.is_outside(*connection);
        let (outside, waiting): (Vec<_>, Vec<_>) = self.room.unseated().into_iter().partition(is_outside);
        for connection in outside {
            self.room.refuse(
                connection,
                RequestKind::Enter,
                RefusalCause::InvitationOutdated,
                Duration::ZERO,
            );
        }
        let founder = waiting.first().copied();
        self.phase = Phase::Empty;
        if let Some(founder) = founder {
            self.phase = Phase::Founding { founder, until: now + self.room.rules.founding_deadline };
            self.room.stand(founder, Standing::CreateGroup, 0, NO_LOG);
        }
        for connection in waiting.into_iter().filter(|connection| Some(*connection) != founder) {
            if self.room.standing(connection) != Some(Standing::Wait) {
                self.room.stand(connection, Standing::Wait, 0, NO_LOG);
            }
        }
    }

    /// Creates the group. `fresh`: the id of its log.
    ///
    /// # Errors
    ///
    /// `NOT_SEATED` if the connection is not in the circle. `UNEXPECTED` if it was not told CREATE_GROUP, is late, or
    /// names too high an epoch. `CIRCLES_FULL` or `MEMORY_FULL` if there is no room for another group.
    pub fn create_group(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        created: &CreateGroup,
        fresh: LogId,
    ) -> Outcome {
        match (&self.phase, self.room.standing(connection)) {
            (Phase::Founding { founder, .. }, _) if *founder == connection => {}
            (_, None) => return Err(RefusalCause::NotSeated),
            (_, Some(_)) => return Err(RefusalCause::Unexpected),
        }
        if created.epoch > MOST_EPOCHS {
            return Err(RefusalCause::Unexpected);
        }
        let claim = Claim { epoch: created.epoch, key: created.verification_key };
        self.begin(now, claim, &[connection], fresh)
    }

    /// Begins a group with these connections in their seats. All others may join.
    fn begin(&mut self, now: Instant, claim: Claim, seated: &[ConnectionId], fresh: LogId) -> Outcome {
        let estate = self.acquire_estate(seated)?;
        let log = Log::new(self.room.rules.log, Arc::clone(&self.entries_in_total));
        let mut group = Group::new(fresh, log, estate, claim.epoch, claim.key);
        for connection in seated {
            let Some(seat) = self.room.seat_of(*connection) else { continue };
            let memory = self.room.memory_of(*connection).and_then(|memory| memory.reserve(PRESENCE_BYTES));
            let Some(farewell) = memory else { continue };
            // The same member by two connections: the later one holds the seat.
            group.replace(&mut self.room, now, seat);
            group.seat(&mut self.room, *connection, 1, farewell);
        }
        if group.seated == 0 {
            return Err(RefusalCause::MemoryFull);
        }
        let seated: Vec<_> = self.room.seated().map(|(connection, _)| connection).collect();
        for connection in seated {
            group.tell_seated(&mut self.room, connection);
        }
        for connection in self.room.unseated() {
            self.room.stand(connection, Standing::Join, group.epoch, group.log_id);
        }
        self.phase = Phase::Grouped(Box::new(group));
        Ok(())
    }

    /// Reserves what a group costs from the first of these connections that can pay.
    fn acquire_estate(&self, seated: &[ConnectionId]) -> Result<Estate, RefusalCause> {
        let mut outcome = Err(RefusalCause::NotSeated);
        for connection in seated {
            let Some(participant) = self.room.participants.get(connection) else { continue };
            outcome = Estate::acquire(&participant.means);
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    /// Closes the window of re-seating. The best claim wins.
    fn settle(&mut self, now: Instant, fresh: LogId) {
        let Phase::Reseating(claims) = &self.phase else { return };
        match claims.winner() {
            Some(winner) => {
                let sharing = claims.sharing(winner);
                if self.begin(now, winner, &sharing, fresh).is_err()
                    && let Phase::Reseating(claims) = &mut self.phase
                {
                    // No place for it now: they go on waiting.
                    claims.until = now + self.room.rules.reseat_window;
                }
            }
            None => self.appoint(now),
        }
    }

    /// Changes bounds and deadlines from the next step on. Nobody is removed.
    pub fn set_rules(&mut self, rules: Rules) {
        self.room.rules = rules;
        if let Phase::Grouped(group) = &mut self.phase {
            group.log.set_limits(rules.log);
        }
    }

    /// Does what has become due. `fresh`: the id for the log of a group that may begin.
    pub fn tick(&mut self, now: Instant, fresh: LogId) {
        match &mut self.phase {
            Phase::Empty => {}
            Phase::Founding { founder, until } => {
                if *until <= now {
                    let late = *founder;
                    self.room.send_to_the_back(late);
                    self.appoint(now);
                }
            }
            Phase::Reseating(claims) => {
                if claims.until <= now {
                    self.settle(now, fresh);
                }
            }
            Phase::Grouped(group) => {
                if group.abandoned_until.is_some_and(|until| until <= now) {
                    self.appoint(now);
                } else {
                    group.tick(&mut self.room, now);
                }
            }
        }
    }

    /// Handles `Leave`.
    ///
    /// # Errors
    ///
    /// `NOT_SEATED` if the connection is not in the circle.
    pub fn leave(&mut self, now: Instant, connection: ConnectionId) -> Outcome {
        self.depart(now, connection, PresenceChange::Left)
    }

    /// Handles the loss of a connection.
    pub fn lost(&mut self, now: Instant, connection: ConnectionId) {
        // A connection that was taken out earlier has nothing to lose here.
        let _ = self.depart(now, connection, PresenceChange::Lost);
    }

    /// Tells the members about knocks.
    pub fn tell_knocks(&mut self, times: u32) {
        let circle = self.room.circle;
        let mut seated: Vec<ConnectionId> = self.room.seated().map(|(connection, _)| connection).collect();
        seated.sort_unstable();
        for connection in seated {
            self.room.tell(connection, 0, &RelayToClient::Knocks { circle, times });
        }
    }

    /// Handles `JoinLease`.
    ///
    /// # Errors
    ///
    /// `NOT_SEATED` if it is not in the circle, `UNEXPECTED` if it was not told JOIN, `INVITATION_OUTDATED` if a later
    /// generation has begun since it came.
    pub fn join_lease(&mut self, now: Instant, connection: ConnectionId) -> Outcome {
        self.with_group(connection, |group, room, _| group.join_lease(room, now, connection))
    }

    /// Handles `GroupInfoResponse`.
    ///
    /// # Errors
    ///
    /// `NOT_SEATED`, `TOO_LARGE`, or `UNEXPECTED` if the member was not asked.
    pub fn answer(&mut self, now: Instant, connection: ConnectionId, answer: GroupInfoResponse) -> Outcome {
        self.with_group(connection, |group, room, _| group.answer(room, now, connection, answer))
    }

    /// Handles `Commit`.
    ///
    /// # Errors
    ///
    /// `NOT_SEATED`, `TOO_LARGE`, or `UNEXPECTED` for a newcomer without a turn. Everything else becomes a `Conflict`.
    pub fn commit(&mut self, now: Instant, connection: ConnectionId, commit: Commit) -> Outcome {
        self.with_group(connection, |group, room, verify| group.commit(room, now, connection, commit, verify))
    }

    /// Handles `Endorse`.
    ///
    /// # Errors
    ///
    /// `NOT_SEATED`, or `UNEXPECTED` if the member was not asked.
    pub fn endorse(&mut self, now: Instant, connection: ConnectionId, endorse: &Endorse) -> Outcome {
        self.with_group(connection, |group, room, verify| {
            group.endorse(room, now, connection, endorse, verify)
        })
    }

    /// Handles `Publish`.
    ///
    /// # Errors
    ///
    /// `NOT_SEATED`, also for an epoch that has not begun, or `TOO_LARGE`.
    pub fn publish(&mut self, now: Instant, connection: ConnectionId, publish: Publish) -> Outcome {
        self.with_group(connection, |group, room, _| group.publish(room, now, connection, publish))
            .map_err(not_seated)
    }

    /// Handles `Signal`.
    ///
    /// # Errors
    ///
    /// `NOT_SEATED` or `TOO_LARGE`.
    pub fn signal(&mut self, now: Instant, connection: ConnectionId, signal: Signal) -> Outcome {
        self.with_group(connection, |group, room, _| group.signal(room, now, connection, signal))
            .map_err(not_seated)
    }

    fn with_group(
        &mut self,
        connection: ConnectionId,
        step: impl FnOnce(&mut Group<H>, &mut Room<H>, Verify) -> Outcome,
    ) -> Outcome {
        match &mut self.phase {
            Phase::Grouped(group) => step(group, &mut self.room, self.verify),
            Phase::Empty | Phase::Founding { .. } | Phase::Reseating(_) => {
                match self.room.standing(connection) {
                    Some(_) => Err(RefusalCause::Unexpected),
                    None => Err(RefusalCause::NotSeated),
                }
            }
        }
    }

    /// Takes what a connection has to be told, in order, until there are `bytes` of it (the last frame may exceed
    /// that). A seated connection that got everything is woken when there is more.
    pub fn pull(&mut self, connection: ConnectionId, bytes: usize, frames: &mut Vec<Bytes>) -> Pulled {
        if let Phase::Grouped(group) = &mut self.phase
            && self.room.is_seated(connection)
        {
            return group.pull(&mut self.room, connection, bytes, frames);
        }
        let (mut pulled, mut taken) = (Pulled::default(), 0);
        let Some(participant) = self.room.participants.get_mut(&connection) else {
            pulled.is_over = true;
            return pulled;
        };
        while taken < bytes {
            let Some(frame) = deliver::due_answer(participant) else { return pulled };
            taken += frame.len();
            frames.push(frame);
        }
        pulled.more = true;
        pulled
    }
}

/// The cause of a refusal for requests that need a seat: a circle that is being founded is as good as none.
fn not_seated(cause: RefusalCause) -> RefusalCause {
    if cause == RefusalCause::Unexpected { RefusalCause::NotSeated } else { cause }
}

#[cfg(test)]
#[allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one message and passes over the others")]
mod tests;
