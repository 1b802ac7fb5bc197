//! The connections in a circle, and what waits for each.
//!
//! Owns: the participants with their cursors and waiting answers, and the effects that the shell has to carry out. Must
//! never: decide anything about a group.

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use shepot_protocol::message::{Enter, Entered, Refusal, RefusalCause, RequestKind, Standing};
use shepot_protocol::{CircleId, CircleName, CommitId, LogId, OwnerId, RelayToClient, Seat, Succession};

use super::rules::{
    ANSWER_OVERHEAD_BYTES, NEWCOMERS_OF_AN_ADDRESS, PLACE_BYTES, Rules, SMALL_ANSWER_BYTES, SMALL_ANSWERS,
};
use crate::budget::{Account, Means, Reservation};
use crate::id::ConnectionId;
use crate::signature::{Verify, is_owners_word};

/// Why a circle wants a connection to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expulsion {
    /// The same member connected by another connection.
    Replaced,
    /// It does not read its answers.
    TooSlow,
    /// There is no memory for what it would have to be told.
    MemoryFull,
    /// Too many connections from its address wait, and others want to.
    Crowded,
}

/// What the shell has to do after unlocking the circle. `H` identifies a connection to the shell.
#[derive(Debug)]
pub struct Effects<H> {
    /// Connections that have something to read.
    pub wake: Vec<H>,
    /// Connections to close.
    pub expel: Vec<(H, Expulsion)>,
    /// The new name of the circle.
    pub renamed: Option<CircleName>,
    /// The succession of the generation that has begun.
    pub succeeded: Option<Succession>,
    /// Newcomers who made members work without joining, once for each time.
    pub unfinished: Vec<H>,
    /// The holders of seats that the owner removed.
    pub removed: Vec<Removed>,
}

/// A member that lost its seat because the owner removed it.
#[derive(Clone, Debug)]
pub struct Removed {
    /// The account that paid for the seat, which tells access key and origin.
    pub account: Account,
    /// Whether it was present. Those who were not may have been removed as departed long ago.
    pub was_here: bool,
}

impl<H> Default for Effects<H> {
    fn default() -> Self {
        Self {
            wake: Vec::new(),
            expel: Vec::new(),
            renamed: None,
            succeeded: None,
            unfinished: Vec::new(),
            removed: Vec::new(),
        }
    }
}

/// An answer that waits until the cursor of a connection has reached the place where it was given. So a connection
/// hears about the circle in the order in which things happened.
#[derive(Debug)]
pub(super) struct Waiting {
    /// The next sequence number of the log when the answer was given. 0 for connections that read no log.
    pub at: u64,
    pub frame: Bytes,
    /// The commit that it asks about. The answer is dropped when that is decided.
    pub about: Option<CommitId>,
}

/// A connection that wants to enter. `H` identifies it to the shell.
#[derive(Clone, Debug)]
pub struct Newcomer<H> {
    /// Number of its connection.
    pub connection: ConnectionId,
    /// How the shell finds the connection.
    pub handle: H,
    /// The accounts that pay for what it brings.
    pub means: Means,
    /// Whether it may only take up a seat that it holds.
    pub only_returns: bool,
}

#[derive(Debug)]
pub(super) struct Participant<H> {
    pub handle: H,
    pub seat: Seat,
    pub standing: Standing,
    /// The accounts that pay for what it brings.
    pub means: Means,
    /// The memory of its place in the circle.
    place: Reservation,
    /// While it holds a seat: the memory for the entry that will announce its departure.
    pub farewell: Option<Reservation>,
    /// The generation of the circle by which it came.
    generation: u32,
    /// The relay knew nothing about its seat when it returned, so the seat is not kept for it.
    pub is_unknown: bool,
    /// Its position in the order of arrival, which decides who waits first.
    pub arrival: u64,
    /// The next sequence number to read, if it is seated.
    pub cursor: u64,
    pub signal_cursor: u64,
    /// How many requests in a row it has left unanswered.
    pub unanswered: u32,
    /// The generation of sleepers in which it is listed already.
    pub slept: u64,
    pub waiting: VecDeque<Waiting>,
}

impl<H> Participant<H> {
    /// The memory of its place, reduced to `bytes`.
    pub(super) fn into_kept_place(self, bytes: usize) -> Reservation {
        let mut place = self.place;
        place.shrink_to(bytes);
        place
    }
}

/// The owner of a circle and its latest known succession.
#[derive(Debug)]
struct Lineage {
    owner: Option<OwnerId>,
    latest: Option<Succession>,
}

#[derive(Debug)]
pub(super) struct Room<H> {
    /// The id by which frames name the circle.
    pub circle: CircleId,
    /// Its name in the present generation.
    name: CircleName,
    lineage: Lineage,
    pub rules: Rules,
    pub participants: HashMap<ConnectionId, Participant<H>>,
    pub effects: Effects<H>,
    arrivals: u64,
}

impl<H: Clone> Room<H> {
    pub(super) fn new(name: CircleName, circle: CircleId, owner: Option<OwnerId>, rules: Rules) -> Self {
        let lineage = Lineage { owner, latest: None };
        Self {
            circle,
            name,
            lineage,
            rules,
            participants: HashMap::new(),
            effects: Effects::default(),
            arrivals: 0,
        }
    }

    /// Takes a connection in.
    ///
    /// # Errors
    ///
    /// `MEMORY_FULL`.
    pub(super) fn admit(
        &mut self,
        newcomer: Newcomer<H>,
        enter: &Enter,
        standing: Standing,
    ) -> Result<(), RefusalCause> {
        let Newcomer { connection, handle, means, .. } = newcomer;
        let place = means.memory.reserve(PLACE_BYTES).ok_or(RefusalCause::MemoryFull)?;
        self.arrivals += 1;
        let participant = Participant {
            handle,
            means,
            place,
            farewell: None,
            generation: self.generation(),
            is_unknown: false,
            seat: enter.seat,
            standing,
            arrival: self.arrivals,
            cursor: 0,
            signal_cursor: 0,
            unanswered: 0,
            slept: 0,
            waiting: VecDeque::new(),
        };
        self.participants.insert(connection, participant);
        Ok(())
    }

    /// Whether one more connection without a seat may wait, if `most` may. Those of one address leave room for others.
    pub(super) fn has_room_to_wait(&self, means: &Means, most: usize) -> bool {
        let waiting = || self.participants.values().filter(|one| one.standing != Standing::Seated);
        let free = most.saturating_sub(waiting().count());
        let same = waiting().filter(|one| one.means.memory.is_of_the_same_address(&means.memory)).count();
        free > 0 && same < free.max(NEWCOMERS_OF_AN_ADDRESS)
    }

    /// Makes room for one more connection without a seat, if `most` may wait. If none is free, closes one of the
    /// address that has the most. False: no other address has more than this one.
    pub(super) fn makes_room_to_wait(&mut self, means: &Means, most: usize) -> bool {
        // How many there are of each address, and who of them came last.
        let mut crowds: HashMap<_, (usize, u64, ConnectionId)> = HashMap::new();
        let mut waiting = 0;
        for (connection, one) in self.participants.iter().filter(|(_, one)| one.standing != Standing::Seated)
        {
            waiting += 1;
            let crowd = crowds.entry(one.means.memory.address_tag()).or_insert((0, one.arrival, *connection));
            crowd.0 += 1;
            if one.arrival > crowd.1 {
                (crowd.1, crowd.2) = (one.arrival, *connection);
            }
        }
        if waiting < most {
            return self.has_room_to_wait(means, most);
        }
        let same = crowds.get(&means.memory.address_tag()).map_or(0, |(count, ..)| *count);
        match crowds.into_values().max_by_key(|(count, arrival, _)| (*count, *arrival)) {
            Some((count, _, connection)) if count > same + 1 => {
                self.expel(connection, Expulsion::Crowded);
                true
            }
            Some(_) | None => false,
        }
    }

    /// The account that pays for what a connection brings.
    pub(super) fn memory_of(&self, connection: ConnectionId) -> Option<Account> {
        self.participants.get(&connection).map(|participant| participant.means.memory.clone())
    }

    pub(super) fn standing(&self, connection: ConnectionId) -> Option<Standing> {
        self.participants.get(&connection).map(|participant| participant.standing)
    }

    pub(super) fn is_seated(&self, connection: ConnectionId) -> bool {
        self.standing(connection) == Some(Standing::Seated)
    }

    pub(super) fn seated(&self) -> impl Iterator<Item = (ConnectionId, &Participant<H>)> {
        self.participants
            .iter()
            .filter(|(_, participant)| participant.standing == Standing::Seated)
            .map(|(connection, participant)| (*connection, participant))
    }

    /// The seated connection to ask next, other than those already `asked`: with the fewest unanswered requests, then
    /// the furthest in the log, then the one that was accepted first.
    pub(super) fn to_ask(&self, asked: impl Fn(ConnectionId) -> bool) -> Option<ConnectionId> {
        self.seated()
            .filter(|(connection, _)| !asked(*connection))
            .min_by_key(|(connection, participant)| {
                (participant.unanswered, Reverse(participant.cursor), *connection)
            })
            .map(|(connection, _)| connection)
    }

    /// Notes that a connection answered a request or let its deadline pass.
    pub(super) fn note_answer(&mut self, connection: ConnectionId, answered: bool) {
        if let Some(participant) = self.participants.get_mut(&connection) {
            participant.unanswered = if answered { 0 } else { participant.unanswered.saturating_add(1) };
        }
    }

    /// The connections without a seat, in the order of arrival.
    pub(super) fn unseated(&self) -> Vec<ConnectionId> {
        let mut unseated: Vec<_> = self
            .participants
            .iter()
            .filter(|(_, participant)| participant.standing != Standing::Seated)
            .map(|(connection, participant)| (participant.arrival, *connection))
            .collect();
        unseated.sort_unstable();
        unseated.into_iter().map(|(_, connection)| connection).collect()
    }

    /// The seat that a connection has or wants.
    pub(super) fn seat_of(&self, connection: ConnectionId) -> Option<Seat> {
        self.participants.get(&connection).map(|participant| participant.seat)
    }

    pub(super) fn holder(&self, seat: Seat) -> Option<ConnectionId> {
        self.seated().find(|(_, participant)| participant.seat == seat).map(|(connection, _)| connection)
    }

    /// Whether the relay knew nothing about this seat when its holder came. `None`: nobody holds it.
    pub(super) fn holder_is_unknown(&self, seat: Seat) -> Option<bool> {
        self.seated().find(|(_, participant)| participant.seat == seat).map(|(_, holder)| holder.is_unknown)
    }

    /// Puts a connection behind all others that wait.
    pub(super) fn send_to_the_back(&mut self, connection: ConnectionId) {
        self.arrivals += 1;
        let arrival = self.arrivals;
        if let Some(participant) = self.participants.get_mut(&connection) {
            participant.arrival = arrival;
        }
    }

    /// Tells one connection something, behind the entries below `at`.
    pub(super) fn tell(&mut self, to: ConnectionId, at: u64, message: &RelayToClient) {
        let frame = message.to_frame();
        debug_assert!(frame.is_ok(), "what a relay says fits a frame: its parts are bounded");
        let (Ok(frame), Some(participant)) = (frame, self.participants.get(&to)) else { return };
        if frame.len() <= SMALL_ANSWER_BYTES && participant.waiting.len() < SMALL_ANSWERS {
            return self.tell_frame(to, Waiting { at, frame, about: None });
        }
        match participant.means.memory.frame(frame, ANSWER_OVERHEAD_BYTES) {
            Some(frame) => self.tell_frame(to, Waiting { at, frame, about: None }),
            None => self.effects.expel.push((participant.handle.clone(), Expulsion::MemoryFull)),
        }
    }

    /// Queues a frame that is paid for.
    pub(super) fn tell_frame(&mut self, to: ConnectionId, waiting: Waiting) {
        let limit = self.rules.waiting_answers;
        let Some(participant) = self.participants.get_mut(&to) else { return };
        if participant.waiting.len() >= limit {
            self.effects.expel.push((participant.handle.clone(), Expulsion::TooSlow));
            return;
        }
        participant.waiting.push_back(waiting);
        self.effects.wake.push(participant.handle.clone());
    }

    /// Gives a connection without a seat another standing, and tells it.
    pub(super) fn stand(&mut self, connection: ConnectionId, standing: Standing, epoch: u64, log_id: LogId) {
        if let Some(participant) = self.participants.get_mut(&connection) {
            participant.standing = standing;
        }
        let circle = self.circle;
        let entered =
            Entered { circle, standing, epoch, log_id, next_sequence: 0, present: Vec::new(), head: 0 };
        self.tell(connection, 0, &RelayToClient::Entered(entered));
    }

    /// Tells a connection that what it waits for does not come.
    pub(super) fn refuse(
        &mut self,
        to: ConnectionId,
        request: RequestKind,
        cause: RefusalCause,
        retry_after: Duration,
    ) {
        let circle = Some(self.circle);
        let refusal =
            Refusal { cause, request: Some(request), circle, subject: None, retry_after, closing: false };
        self.tell(to, 0, &RelayToClient::Refused(refusal));
    }

    /// Notes that a newcomer's turn ended without a join, or that it asked for group information again.
    pub(super) fn note_unfinished(&mut self, connection: ConnectionId) {
        if let Some(participant) = self.participants.get(&connection) {
            self.effects.unfinished.push(participant.handle.clone());
        }
    }

    /// The latest succession that anybody has shown. `None`: the first generation.
    pub(super) const fn succession(&self) -> Option<&Succession> {
        self.lineage.latest.as_ref()
    }

    pub(super) fn generation(&self) -> u32 {
        self.lineage.latest.map_or(0, |latest| latest.generation)
    }

    /// Whether a connection comes by an invitation of an earlier generation. The owner's word alone, which anybody may
    /// be told, is no invitation: that has the present name.
    pub(super) fn is_outdated(&self, enter: &Enter) -> bool {
        let generation = self.generation();
        enter.succession.map_or(0, |shown| shown.generation) < generation
            || (generation > 0 && enter.name != self.name)
    }

    /// Whether a connection came before this generation.
    pub(super) fn came_before(&self, connection: ConnectionId, generation: u32) -> bool {
        self.participants.get(&connection).is_some_and(|one| one.generation < generation)
    }

    /// Whether a connection has no seat and came by an earlier generation.
    pub(super) fn is_outside(&self, connection: ConnectionId) -> bool {
        let generation = self.generation();
        let is_outside =
            |one: &Participant<H>| one.standing != Standing::Seated && one.generation < generation;
        self.participants.get(&connection).is_some_and(is_outside)
    }

    /// Whether the succession is the word of this circle's owner, for this circle.
    pub(super) fn is_owners_word(&self, succession: &Succession, verify: Verify) -> bool {
        let is_of_this_line = succession.circle == self.circle;
        let owner = self.lineage.owner;
        is_of_this_line && owner.is_some_and(|owner| is_owners_word(succession, owner, verify))
    }

    /// Records a succession. One that is not later than the known one changes nothing.
    pub(super) fn succeed(&mut self, succession: Succession) {
        if succession.generation > self.generation() {
            self.lineage.latest = Some(succession);
            self.effects.succeeded = Some(succession);
        }
    }

    /// Records that a connection came by the present generation.
    pub(super) fn came_by_this_generation(&mut self, connection: ConnectionId) {
        let generation = self.generation();
        if let Some(participant) = self.participants.get_mut(&connection) {
            participant.generation = generation;
        }
    }

    /// Renames the circle. Nobody is told the new name, because with it and the owner's word anybody could enter.
    /// Members find it in the commit.
    pub(super) fn rename(&mut self, next: CircleName) {
        if self.name != next {
            self.name = next;
            self.effects.renamed = Some(next);
        }
    }

    /// Drops the questions about a commit that is decided.
    pub(super) fn take_back_questions(&mut self, asked: &[ConnectionId], about: CommitId) {
        for connection in asked {
            if let Some(participant) = self.participants.get_mut(connection) {
                participant.waiting.retain(|waiting| waiting.about != Some(about));
            }
        }
    }

    /// Removes a connection and has it closed, without an entry in the log.
    pub(super) fn expel(&mut self, connection: ConnectionId, why: Expulsion) {
        if let Some(participant) = self.participants.remove(&connection) {
            self.effects.expel.push((participant.handle, why));
        }
    }
}

/// The log id for standings without a log.
pub(super) const NO_LOG: LogId = LogId([0; LogId::BYTES]);
