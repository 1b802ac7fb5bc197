//! The reference for the circle: docs/PROTOCOL.md, sections 6, 9, 10 and 14, in the plainest form that can be run.
//!
//! Owns: what every connection is to be told, word for word, and which answer every request gets. It keeps the whole
//! history of a group and computes from it what the circle keeps in cursors, counters and bounded tables.
//! Must never: share code with the circle but the types of the wire, `Claim` and the signature check.

mod committing;
mod entering;
mod leaving;
mod reading;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use shepot_protocol::message::{Gap, Published, Refusal, RequestKind};

use super::*;

// The figures of docs/PROTOCOL.md, sections 6, 9, 10 and 14, and of the comments at the circle's own: written here once
// more, so that a change of one shows.
const ABSENT_SEATS: usize = 1_024;
const REMEMBERED_EPOCHS: usize = 32;
const SERVED_PER_LEASE: u8 = 3;
const SLOW_LINE_BYTES_PER_SECOND: u32 = 64 * 1024;
const SIGNALS_KEPT: usize = 64;
const SIGNAL_AGE: Duration = Duration::from_secs(3);
const EXPIRY_SLACK: Duration = Duration::from_secs(1);
const ENTRY_OVERHEAD_BYTES: usize = 256;
const ENTRY_FIELDS_BYTES: usize = 64;
const PARTS_OF_A_LOG: usize = 4;

/// Something that is said to one connection when it has read everything below `behind`.
struct Said {
    behind: u64,
    message: RelayToClient,
}

struct Person {
    seat: Seat,
    standing: Standing,
    arrival: u64,
    /// The circle's, when it came.
    generation: u32,
    /// It returned to a seat of which nothing was known.
    is_unknown: bool,
    cursor: u64,
    signal_cursor: usize,
    unanswered: u32,
    said: VecDeque<Said>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Absent {
    Lost,
    Left,
}

enum Stage {
    Empty,
    Founding { founder: ConnectionId, until: Instant },
    Reseating { until: Instant, claims: Vec<(ConnectionId, Claim)> },
    Grouped(Box<Grouped>),
}

/// What the author of an entry reads in its place.
#[derive(Clone)]
enum Own {
    Published(PublishId),
    Final { commit: CommitId, epoch: u64 },
    Nothing,
}

struct Logged {
    at: Instant,
    entry: Entry,
    author: Option<Seat>,
    own: Own,
    /// Who was here before it.
    present: BTreeSet<Seat>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Nobody,
    Wanted { to: ConnectionId, served: u8, kept: bool },
    Given { to: ConnectionId, epoch: u64, until: Instant, served: u8, kept: bool },
    Committing { to: ConnectionId },
    Reserved { to: ConnectionId, until: Instant, served: u8 },
}

impl Turn {
    fn holder(self) -> Option<ConnectionId> {
        match self {
            Self::Nobody => None,
            Self::Wanted { to, .. }
            | Self::Given { to, .. }
            | Self::Committing { to }
            | Self::Reserved { to, .. } => Some(to),
        }
    }
}

struct Undecided {
    id: CommitId,
    author: ConnectionId,
    commit: Commit,
    asked: Vec<ConnectionId>,
    waiting: Option<(ConnectionId, Instant)>,
    opposed: bool,
}

struct Grouped {
    log_id: LogId,
    epoch: u64,
    /// Of every epoch since this log began.
    keys: Vec<(u64, VerificationKey)>,
    /// Every entry since this log began: number 1 comes first.
    history: Vec<Logged>,
    /// How many of them are gone.
    gone: usize,
    /// Who is here behind the last entry.
    present: BTreeSet<Seat>,
    /// Seats whose members are not here: which were lost, and which were left and are taken by nobody any more.
    absent: Vec<(Seat, Absent)>,
    abandoned_until: Option<Instant>,
    queue: Vec<ConnectionId>,
    turn: Turn,
    question: Option<(ConnectionId, Instant)>,
    asked: Vec<(u64, ConnectionId)>,
    asks: u64,
    information: Option<Leased>,
    undecided: Option<Undecided>,
    /// Every signal since this log began.
    signals: Vec<(Instant, ConnectionId, Signal)>,
    signals_gone: usize,
}

/// What the circle is compared with.
pub(super) struct Model {
    rules: Rules,
    people: BTreeMap<ConnectionId, Person>,
    arrivals: u64,
    /// How often the owner has removed somebody.
    pub generation: u32,
    stage: Stage,
    /// Whose connections are to be closed.
    pub expelled: Vec<(ConnectionId, Expulsion)>,
}

fn length(message: &RelayToClient) -> usize {
    message.to_frame().unwrap().len()
}

impl Grouped {
    fn begin(claim: Claim, log_id: LogId) -> Self {
        Self {
            log_id,
            epoch: claim.epoch,
            keys: vec![(claim.epoch, claim.key)],
            history: Vec::new(),
            gone: 0,
            present: BTreeSet::new(),
            absent: Vec::new(),
            abandoned_until: None,
            queue: Vec::new(),
            turn: Turn::Nobody,
            question: None,
            asked: Vec::new(),
            asks: 0,
            information: None,
            undecided: None,
            signals: Vec::new(),
            signals_gone: 0,
        }
    }

    fn key(&self) -> VerificationKey {
        self.keys.last().unwrap().1
    }

    /// The number that the next entry gets.
    fn next(&self) -> u64 {
        self.history.len() as u64 + 1
    }

    /// The number of the first entry that is left.
    fn first(&self) -> u64 {
        self.gone as u64 + 1
    }

    fn logged(&self, sequence: u64) -> &Logged {
        &self.history[usize::try_from(sequence - 1).unwrap()]
    }

    fn delivery(&self, sequence: u64) -> RelayToClient {
        let entry = self.logged(sequence).entry.clone();
        RelayToClient::Delivery(Delivery { circle: CIRCLE, sequence, entry })
    }

    fn cost(&self, sequence: u64) -> usize {
        length(&self.delivery(sequence)) + ENTRY_OVERHEAD_BYTES
    }

    fn expire(&mut self, now: Instant, limits: &LogLimits) {
        while self.first() < self.next() && now - self.logged(self.first()).at >= limits.age {
            self.gone += 1;
        }
        while self.signals.get(self.signals_gone).is_some_and(|(at, _, _)| now - *at >= SIGNAL_AGE) {
            self.signals_gone += 1;
        }
    }

    fn append(&mut self, now: Instant, limits: &LogLimits, entry: Entry, author: Option<Seat>, own: Own) {
        let present = self.present.clone();
        if let Entry::Presence { seat, change } = &entry {
            match change {
                PresenceChange::Entered => self.present.insert(*seat),
                PresenceChange::Left | PresenceChange::Lost => self.present.remove(seat),
            };
        }
        self.history.push(Logged { at: now, entry, author, own, present });
        while self.first() < self.next() - 1 && now - self.logged(self.first()).at >= limits.age {
            self.gone += 1;
        }
        let left = |group: &Self| group.history.len() - group.gone;
        let bytes = |group: &Self| -> usize { (group.first()..group.next()).map(|at| group.cost(at)).sum() };
        while left(self) > 1 && (left(self) > limits.entries || bytes(self) > limits.bytes) {
            self.gone += 1;
        }
    }

    /// Who was here before the entry with this number, or before the first that is left.
    fn present_at(&self, sequence: u64) -> BTreeSet<Seat> {
        let sequence = sequence.max(self.first());
        if sequence < self.next() { self.logged(sequence).present.clone() } else { self.present.clone() }
    }

    /// The last entry that is left by which somebody came or went.
    fn last_change(&self) -> Option<u64> {
        (self.first()..self.next()).rev().find(|sequence| {
            let before = &self.logged(*sequence).present;
            *before != self.present_at(sequence + 1)
        })
    }

    fn remembers(&self, epoch: u64, key: &VerificationKey) -> bool {
        self.keys.iter().rev().take(REMEMBERED_EPOCHS).any(|(at, known)| *at == epoch && known == key)
    }

    fn published(&self, id: &PublishId) -> Option<u64> {
        (self.first()..self.next())
            .find(|sequence| matches!(&self.logged(*sequence).own, Own::Published(known) if known == id))
    }
}

impl Model {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            people: BTreeMap::new(),
            arrivals: 0,
            generation: 0,
            stage: Stage::Empty,
            expelled: Vec::new(),
        }
    }

    // What a driver may look at.

    pub(super) fn epoch(&self) -> u64 {
        self.grouped().map_or(0, |group| group.epoch)
    }

    pub(super) fn log_id(&self) -> LogId {
        self.grouped().map_or(NO_LOG, |group| group.log_id)
    }

    pub(super) fn has_group(&self) -> bool {
        self.grouped().is_some()
    }

    pub(super) fn is_reseating(&self) -> bool {
        matches!(self.stage, Stage::Reseating { .. })
    }

    pub(super) fn next_sequence(&self) -> u64 {
        self.grouped().map_or(1, Grouped::next)
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self.stage, Stage::Empty) && self.people.is_empty()
    }

    pub(super) fn seats(&self) -> Vec<Seat> {
        self.seated().map(|(_, person)| person.seat).collect()
    }

    pub(super) fn seated_connections(&self) -> Vec<ConnectionId> {
        self.seated().map(|(connection, _)| connection).collect()
    }

    pub(super) fn founder(&self) -> Option<ConnectionId> {
        match &self.stage {
            Stage::Founding { founder, .. } => Some(*founder),
            Stage::Empty | Stage::Reseating { .. } | Stage::Grouped(_) => None,
        }
    }

    /// Who may commit as a newcomer now.
    pub(super) fn has_the_turn(&self) -> Option<ConnectionId> {
        match self.grouped()?.turn {
            Turn::Given { to, .. } => Some(to),
            Turn::Nobody | Turn::Wanted { .. } | Turn::Committing { .. } | Turn::Reserved { .. } => None,
        }
    }

    pub(super) fn joiner(&self) -> Option<ConnectionId> {
        self.people.iter().find(|(_, person)| person.standing == Standing::Join).map(|(who, _)| *who)
    }

    /// The question that was asked last in this epoch, and to whom.
    pub(super) fn asked(&self) -> Option<(u64, ConnectionId)> {
        self.grouped()?.asked.last().copied()
    }

    /// The tentative commit, and who was asked about it last.
    pub(super) fn undecided(&self) -> Option<(u64, Bytes, ConnectionId)> {
        let undecided = self.grouped()?.undecided.as_ref()?;
        let to = *undecided.asked.last()?;
        Some((undecided.commit.base_epoch, undecided.commit.blob.clone(), to))
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Empty => None,
            Stage::Founding { until, .. } | Stage::Reseating { until, .. } => Some(*until),
            Stage::Grouped(group) => {
                let oldest = (group.first() < group.next()).then(|| group.logged(group.first()).at);
                let turn = match group.turn {
                    Turn::Given { until, .. } | Turn::Reserved { until, .. } => Some(until),
                    Turn::Nobody | Turn::Wanted { .. } | Turn::Committing { .. } => None,
                };
                let endorse = group.undecided.as_ref().and_then(|undecided| undecided.waiting);
                let signal = group.signals.get(group.signals_gone).map(|(at, _, _)| *at + SIGNAL_AGE);
                [
                    group.abandoned_until,
                    oldest.map(|at| at + self.rules.log.age + EXPIRY_SLACK),
                    signal,
                    endorse.map(|(_, until)| until),
                    group.question.map(|(_, until)| until),
                    turn,
                ]
                .into_iter()
                .flatten()
                .min()
            }
        }
    }

    fn grouped(&self) -> Option<&Grouped> {
        match &self.stage {
            Stage::Grouped(group) => Some(group),
            Stage::Empty | Stage::Founding { .. } | Stage::Reseating { .. } => None,
        }
    }

    fn group(&mut self) -> &mut Grouped {
        match &mut self.stage {
            Stage::Grouped(group) => group,
            Stage::Empty | Stage::Founding { .. } | Stage::Reseating { .. } => panic!("there is no group"),
        }
    }

    fn seated(&self) -> impl Iterator<Item = (ConnectionId, &Person)> {
        self.people
            .iter()
            .filter(|(_, person)| person.standing == Standing::Seated)
            .map(|(connection, person)| (*connection, person))
    }

    fn is_seated(&self, connection: ConnectionId) -> bool {
        self.standing(connection) == Some(Standing::Seated)
    }

    fn standing(&self, connection: ConnectionId) -> Option<Standing> {
        self.people.get(&connection).map(|person| person.standing)
    }

    fn holder(&self, seat: Seat) -> Option<ConnectionId> {
        self.seated().find(|(_, person)| person.seat == seat).map(|(connection, _)| connection)
    }

    /// Somebody holds it, or lost it.
    fn is_known(&self, seat: Seat) -> bool {
        self.holder(seat).is_some()
            || self.grouped().is_some_and(|group| group.absent.contains(&(seat, Absent::Lost)))
    }

    /// Of who left.
    fn is_closed(&self, seat: Seat) -> bool {
        self.grouped().is_some_and(|group| group.absent.contains(&(seat, Absent::Left)))
    }

    // What is said.

    fn tell(&mut self, to: ConnectionId, behind: u64, message: RelayToClient) {
        let Some(person) = self.people.get_mut(&to) else { return };
        if person.said.len() >= self.rules.waiting_answers {
            self.expelled.push((to, Expulsion::TooSlow));
            return;
        }
        person.said.push_back(Said { behind, message });
    }

    fn stand(&mut self, to: ConnectionId, standing: Standing) {
        self.people.get_mut(&to).unwrap().standing = standing;
        let (epoch, log_id) = match standing {
            Standing::Join => (self.epoch(), self.log_id()),
            Standing::CreateGroup | Standing::Wait | Standing::Seated => (0, NO_LOG),
        };
        let entered = Entered {
            circle: CIRCLE,
            standing,
            epoch,
            log_id,
            next_sequence: 0,
            present: Vec::new(),
            head: 0,
        };
        self.tell(to, 0, RelayToClient::Entered(entered));
    }

    fn tell_seated(&mut self, to: ConnectionId) {
        let cursor = self.people[&to].cursor;
        let group = self.grouped().unwrap();
        let entered = Entered {
            circle: CIRCLE,
            standing: Standing::Seated,
            epoch: group.epoch,
            log_id: group.log_id,
            next_sequence: cursor,
            present: group.present_at(cursor).into_iter().collect(),
            head: group.next() - 1,
        };
        self.tell(to, 0, RelayToClient::Entered(entered));
    }

    fn conflict(&mut self, to: ConnectionId, commit: CommitId, cause: ConflictCause) {
        let behind = if self.is_seated(to) { self.next_sequence() } else { 0 };
        let conflict = Conflict { circle: CIRCLE, commit, cause, epoch: self.epoch() };
        self.tell(to, behind, RelayToClient::Conflict(conflict));
    }
}
