//! Who is in a circle, and what waits for each.
//!
//! Owns: the participants with their cursors and waiting answers, and the effects that the shell is to execute.
//! Must never: decide anything about a group.

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

/// Why the circle wants a connection closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expulsion {
    /// The same member came by another connection.
    Replaced,
    /// It does not read its answers.
    TooSlow,
    /// There is no memory for what it would have to be told.
    MemoryFull,
    /// Too many of its address wait, and others want to.
    Crowded,
}

/// What the shell is to do once the circle is unlocked. `H` is how the shell finds a connection.
#[derive(Debug)]
pub struct Effects<H> {
    /// There is something to read.
    pub wake: Vec<H>,
    /// Close these connections.
    pub expel: Vec<(H, Expulsion)>,
    /// What the circle is called from now on.
    pub renamed: Option<CircleName>,
    /// By the owner's word this is the circle's generation now.
    pub succeeded: Option<Succession>,
    /// Newcomers who had the members work for them and did not join by it: once for each time.
    pub unfinished: Vec<H>,
    /// Who lost a seat by the owner's removal.
    pub removed: Vec<Removed>,
}

/// Somebody who lost a seat by the removal of a circle's owner.
#[derive(Clone, Debug)]
pub struct Removed {
    /// Who paid for the seat: by which access key and from where it came.
    pub account: Account,
    /// It was here. Of who was not, the members may have taken leave long ago.
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

/// An answer that waits for a connection until its cursor has reached the place where it was given: so everything
/// that the circle says to one connection comes in the order in which it happened.
#[derive(Debug)]
pub(super) struct Waiting {
    /// The log's next sequence number when it was given; 0 for those who read no log.
    pub at: u64,
    pub frame: Bytes,
    /// The commit that it asks about: of no use any more when that is decided.
    pub about: Option<CommitId>,
}

/// Somebody at the door. `H` is how the shell finds a connection.
#[derive(Clone, Debug)]
pub struct Newcomer<H> {
    /// Number of its connection.
    pub connection: ConnectionId,
    /// How the shell finds its connection.
    pub handle: H,
    /// The account that pays for what it brings.
    pub means: Means,
    /// It may take up a seat that it holds, and nothing else.
    pub only_returns: bool,
}

#[derive(Debug)]
pub(super) struct Participant<H> {
    pub handle: H,
    pub seat: Seat,
    pub standing: Standing,
    /// The account that pays for what it brings.
    pub means: Means,
    /// The memory of its place here.
    place: Reservation,
    /// While it holds a seat: the memory to tell the others when it is gone.
    pub farewell: Option<Reservation>,
    /// The circle's generation when it came.
    generation: u32,
    /// Nothing was known of its seat when it returned: that is not kept for it.
    pub is_unknown: bool,
    /// Who came first waits first.
    pub arrival: u64,
    /// The next sequence number to read; of the seated.
    pub cursor: u64,
    pub signal_cursor: u64,
    /// How often it was asked something and did not answer, since it last did.
    pub unanswered: u32,
    /// The generation of sleepers in which it is already listed.
    pub slept: u64,
    pub waiting: VecDeque<Waiting>,
}

impl<H> Participant<H> {
    /// The memory of its place, of which so much is kept.
    pub(super) fn into_kept_place(self, bytes: usize) -> Reservation {
        let mut place = self.place;
        place.shrink_to(bytes);
        place
    }
}

/// Whose circle it is, and which of its generations.
#[derive(Debug)]
struct Lineage {
    owner: Option<OwnerId>,
    latest: Option<Succession>,
}

#[derive(Debug)]
pub(super) struct Room<H> {
    /// By what frames name the circle.
    pub circle: CircleId,
    /// What it is called in its present generation.
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

    /// Takes somebody in.
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

    /// Whether one more without a seat may come, where there may be `most`: those of one address leave room for others.
    pub(super) fn has_room_to_wait(&self, means: &Means, most: usize) -> bool {
        let waiting = || self.participants.values().filter(|one| one.standing != Standing::Seated);
        let free = most.saturating_sub(waiting().count());
        let same = waiting().filter(|one| one.means.memory.is_of_the_same_address(&means.memory)).count();
        free > 0 && same < free.max(NEWCOMERS_OF_AN_ADDRESS)
    }

    /// Makes room for one more without a seat, where there may be `most`: those of one address leave room for others,
    /// and when there is none, one of the address that has most of them goes. False: it is this one's own.
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

    /// Who pays for what a connection brings.
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

    /// Whom to ask next: of those with a seat and not among `asked` one that answered last time, then the one furthest
    /// in the log, then the one that has been here longest.
    pub(super) fn to_ask(&self, asked: impl Fn(ConnectionId) -> bool) -> Option<ConnectionId> {
        self.seated()
            .filter(|(connection, _)| !asked(*connection))
            .min_by_key(|(connection, participant)| {
                (participant.unanswered, Reverse(participant.cursor), *connection)
            })
            .map(|(connection, _)| connection)
    }

    /// Somebody answered what it was asked, or let the deadline pass.
    pub(super) fn note_answer(&mut self, connection: ConnectionId, answered: bool) {
        if let Some(participant) = self.participants.get_mut(&connection) {
            participant.unanswered = if answered { 0 } else { participant.unanswered.saturating_add(1) };
        }
    }

    /// Everybody who holds no seat, in order of arrival.
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

    /// Which seat a connection is for.
    pub(super) fn seat_of(&self, connection: ConnectionId) -> Option<Seat> {
        self.participants.get(&connection).map(|participant| participant.seat)
    }

    pub(super) fn holder(&self, seat: Seat) -> Option<ConnectionId> {
        self.seated().find(|(_, participant)| participant.seat == seat).map(|(connection, _)| connection)
    }

    /// Whether nothing was known of this seat when its holder came; none: nobody holds it.
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

    /// Says something to one connection, behind the entries below `at`.
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

    /// Says something whose frame is paid for.
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

    /// What a connection waits for does not come.
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

    /// A newcomer had its turn, or had a member give group information anew, and did not join by it.
    pub(super) fn note_unfinished(&mut self, connection: ConnectionId) {
        if let Some(participant) = self.participants.get(&connection) {
            self.effects.unfinished.push(participant.handle.clone());
        }
    }

    /// By what the circle's generation has begun, as far as anybody has shown; none: it is the first.
    pub(super) const fn succession(&self) -> Option<&Succession> {
        self.lineage.latest.as_ref()
    }

    pub(super) fn generation(&self) -> u32 {
        self.lineage.latest.map_or(0, |latest| latest.generation)
    }

    /// Whether somebody comes by an invitation of an earlier generation. The word alone, which anybody is told, is no
    /// invitation: that has the present name.
    pub(super) fn is_outdated(&self, enter: &Enter) -> bool {
        let generation = self.generation();
        enter.succession.map_or(0, |shown| shown.generation) < generation
            || (generation > 0 && enter.name != self.name)
    }

    /// Whether this one came before that generation.
    pub(super) fn came_before(&self, connection: ConnectionId, generation: u32) -> bool {
        self.participants.get(&connection).is_some_and(|one| one.generation < generation)
    }

    /// Whether this one holds no seat, and came before the owner's last removal.
    pub(super) fn is_outside(&self, connection: ConnectionId) -> bool {
        let generation = self.generation();
        let is_outside =
            |one: &Participant<H>| one.standing != Standing::Seated && one.generation < generation;
        self.participants.get(&connection).is_some_and(is_outside)
    }

    /// Whether it is the word of this circle's owner, for this circle.
    pub(super) fn is_owners_word(&self, succession: &Succession, verify: Verify) -> bool {
        let is_of_this_line = succession.circle == self.circle;
        let owner = self.lineage.owner;
        is_of_this_line && owner.is_some_and(|owner| is_owners_word(succession, owner, verify))
    }

    /// A generation has begun, by the owner's word; an earlier one than is known changes nothing.
    pub(super) fn succeed(&mut self, succession: Succession) {
        if succession.generation > self.generation() {
            self.lineage.latest = Some(succession);
            self.effects.succeeded = Some(succession);
        }
    }

    /// Somebody came by the generation of now.
    pub(super) fn came_by_this_generation(&mut self, connection: ConnectionId) {
        let generation = self.generation();
        if let Some(participant) = self.participants.get_mut(&connection) {
            participant.generation = generation;
        }
    }

    /// The circle is called otherwise from now on. Nobody is told how: the members find it in the commit, and with it
    /// and the owner's word, which everybody is told, anybody would get in.
    pub(super) fn rename(&mut self, next: CircleName) {
        if self.name != next {
            self.name = next;
            self.effects.renamed = Some(next);
        }
    }

    /// A commit is decided: nobody needs to be asked about it any more.
    pub(super) fn take_back_questions(&mut self, asked: &[ConnectionId], about: CommitId) {
        for connection in asked {
            if let Some(participant) = self.participants.get_mut(connection) {
                participant.waiting.retain(|waiting| waiting.about != Some(about));
            }
        }
    }

    /// Takes somebody out and closes its connection, without an entry in the log.
    pub(super) fn expel(&mut self, connection: ConnectionId, why: Expulsion) {
        if let Some(participant) = self.participants.remove(&connection) {
            self.effects.expel.push((participant.handle, why));
        }
    }
}

/// The log id that is told where there is no log.
pub(super) const NO_LOG: LogId = LogId([0; LogId::BYTES]);
