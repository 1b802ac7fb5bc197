//! The reference for the circle: docs/PROTOCOL.md, section 2, in the plainest form that can be run.
//!
//! Owns: what every connection is to be told, word for word, and which answer every request gets. It keeps the whole
//! history of a group and computes from it what the circle keeps in cursors, counters and bounded tables.
//! Must never: share code with the circle but the types of the wire, `Claim` and the signature check.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use shepot_protocol::message::{Gap, Published, Refusal, RequestKind};

use super::*;

// The figures of docs/PROTOCOL.md, section 2, and of the comments at the circle's own: written here once more, so that a
// change of one shows.
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
    is_stranger: bool,
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

    // Coming in.

    fn admit(&mut self, connection: ConnectionId, enter: &Enter, standing: Standing) {
        self.arrivals += 1;
        let person = Person {
            seat: enter.seat,
            standing,
            arrival: self.arrivals,
            generation: self.generation,
            is_stranger: false,
            cursor: 0,
            signal_cursor: 0,
            unanswered: 0,
            said: VecDeque::new(),
        };
        self.people.insert(connection, person);
    }

    fn proof_holds(enter: &Enter, resume: &Resume) -> bool {
        let signed = transcript::seat(&BINDING, &CIRCLE, enter.seat, resume.epoch);
        ed25519(&resume.verification_key, &signed, &resume.proof)
    }

    pub(super) fn enter(&mut self, now: Instant, connection: ConnectionId, enter: &Enter) -> Outcome {
        if self.people.contains_key(&connection) {
            return Err(RefusalCause::Unexpected);
        }
        if self.has_group() {
            return self.enter_group(now, connection, enter);
        }
        if self.is_outdated(enter) {
            return Err(RefusalCause::InvitationOutdated);
        }
        if self.people.len() >= self.rules.members + self.rules.newcomers {
            return Err(RefusalCause::CircleFull);
        }
        self.admit(connection, enter, Standing::Wait);
        let resume = enter.resume.as_ref();
        let resume = resume.filter(|resume| resume.epoch <= MOST_EPOCHS && Self::proof_holds(enter, resume));
        let Some(resume) = resume else {
            if matches!(self.stage, Stage::Empty) {
                self.appoint(now);
            } else {
                self.stand(connection, Standing::Wait);
            }
            return Ok(());
        };
        let claim = Claim { epoch: resume.epoch, key: resume.verification_key };
        if let Some(founder) = self.founder() {
            self.stand(founder, Standing::Wait);
        }
        if let Stage::Reseating { claims, .. } = &mut self.stage {
            claims.push((connection, claim));
        } else {
            let until = now + self.rules.reseat_window;
            self.stage = Stage::Reseating { until, claims: vec![(connection, claim)] };
        }
        self.stand(connection, Standing::Wait);
        Ok(())
    }

    /// Somebody comes by an invitation of before a removal.
    fn is_outdated(&self, enter: &Enter) -> bool {
        enter.succession.map_or(0, |shown| shown.generation) < self.generation
    }

    /// As many hold a seat as may.
    fn is_full(&self) -> bool {
        self.seated_connections().len() >= self.rules.members
    }

    fn enter_group(&mut self, now: Instant, connection: ConnectionId, enter: &Enter) -> Outcome {
        let (is_full, waiting) = (self.is_full(), self.unseated().len());
        let is_known = self.is_known(enter.seat);
        let held = self.holder(enter.seat).map(|holder| self.people[&holder].is_stranger);
        if self.is_closed(enter.seat) {
            return Err(RefusalCause::Unexpected);
        }
        let group = self.group();
        let resume = enter.resume.as_ref().filter(|resume| {
            (is_known || resume.epoch == group.epoch)
                && group.remembers(resume.epoch, &resume.verification_key)
                && Self::proof_holds(enter, resume)
        });
        let Some(resume) = resume else {
            if self.is_outdated(enter) {
                return Err(RefusalCause::InvitationOutdated);
            }
            if is_full || waiting >= self.rules.newcomers {
                return Err(RefusalCause::CircleFull);
            }
            self.admit(connection, enter, Standing::Join);
            self.stand(connection, Standing::Join);
            return Ok(());
        };
        let cursor = if resume.log_id == group.log_id { resume.cursor.clamp(1, group.next()) } else { 1 };
        let replaced = self.replace(now, enter.seat);
        if !replaced && is_full {
            return Err(RefusalCause::CircleFull);
        }
        // Nobody is asked twice for one seat: what the replaced connection's end changed is in the log already.
        self.admit(connection, enter, Standing::Seated);
        self.people.get_mut(&connection).unwrap().is_stranger = held.unwrap_or(!is_known);
        self.take_seat(connection, cursor);
        if !replaced {
            self.log_presence(now, enter.seat, PresenceChange::Entered);
        }
        self.tell_seated(connection);
        self.serve(now);
        Ok(())
    }

    fn take_seat(&mut self, connection: ConnectionId, cursor: u64) {
        let seat = self.people[&connection].seat;
        let group = self.group();
        group.absent.retain(|(kept, _)| *kept != seat);
        group.abandoned_until = None;
        let signal_cursor = group.signals.len();
        let person = self.people.get_mut(&connection).unwrap();
        person.standing = Standing::Seated;
        person.cursor = cursor;
        person.signal_cursor = signal_cursor;
    }

    /// The same member came by another connection.
    fn replace(&mut self, now: Instant, seat: Seat) -> bool {
        let Some(holder) = self.holder(seat) else { return false };
        self.people.remove(&holder);
        self.expelled.push((holder, Expulsion::Replaced));
        self.gone(now, holder);
        true
    }

    fn unseated(&self) -> Vec<ConnectionId> {
        let unseated = self.people.iter().filter(|(_, person)| person.standing != Standing::Seated);
        let mut waiting: Vec<_> =
            unseated.map(|(connection, person)| (person.arrival, *connection)).collect();
        waiting.sort_unstable();
        waiting.into_iter().map(|(_, connection)| connection).collect()
    }

    /// Nobody has a group: who waits for longest is to found one.
    fn appoint(&mut self, now: Instant) {
        self.stage = Stage::Empty;
        let (outside, waiting): (Vec<_>, Vec<_>) = self
            .unseated()
            .into_iter()
            .partition(|connection| self.people[connection].generation < self.generation);
        for connection in outside {
            self.refuse(connection, RequestKind::Enter);
        }
        for connection in waiting {
            if matches!(self.stage, Stage::Empty) {
                let until = now + self.rules.founding_deadline;
                self.stage = Stage::Founding { founder: connection, until };
                self.stand(connection, Standing::CreateGroup);
            } else if self.standing(connection) != Some(Standing::Wait) {
                self.stand(connection, Standing::Wait);
            }
        }
    }

    pub(super) fn found(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        found: &CreateGroup,
        fresh: LogId,
    ) -> Outcome {
        if self.standing(connection).is_none() {
            return Err(RefusalCause::NotSeated);
        }
        if self.founder() != Some(connection) || found.epoch > MOST_EPOCHS {
            return Err(RefusalCause::Unexpected);
        }
        let claim = Claim { epoch: found.epoch, key: found.verification_key };
        self.begin(now, claim, &[connection], fresh);
        Ok(())
    }

    fn begin(&mut self, now: Instant, claim: Claim, members: &[ConnectionId], fresh: LogId) {
        self.stage = Stage::Grouped(Box::new(Grouped::begin(claim, fresh)));
        for connection in members {
            let seat = self.people[connection].seat;
            self.replace(now, seat);
            self.take_seat(*connection, 1);
            self.group().present.insert(seat);
        }
        for connection in self.seated_connections() {
            self.tell_seated(connection);
        }
        for connection in self.unseated() {
            self.stand(connection, Standing::Join);
        }
    }

    // Time.

    pub(super) fn tick(&mut self, now: Instant, fresh: LogId) {
        match &self.stage {
            Stage::Empty => {}
            Stage::Founding { founder, until } if *until <= now => {
                let founder = *founder;
                self.arrivals += 1;
                self.people.get_mut(&founder).unwrap().arrival = self.arrivals;
                self.appoint(now);
            }
            Stage::Reseating { until, claims } if *until <= now => {
                // The most frequent claim, then the highest epoch, then the smallest key.
                let shared = |claim: &Claim| claims.iter().filter(|(_, other)| other == claim).count();
                let mut best: Vec<Claim> = claims.iter().map(|(_, claim)| *claim).collect();
                best.sort_by_key(|claim| (std::cmp::Reverse((shared(claim), claim.epoch)), claim.key));
                match best.first() {
                    Some(winner) => {
                        let sharing = claims.iter().filter(|(_, claim)| claim == winner);
                        let sharing: Vec<_> = sharing.map(|(connection, _)| *connection).collect();
                        let winner = *winner;
                        self.begin(now, winner, &sharing, fresh);
                    }
                    None => self.appoint(now),
                }
            }
            Stage::Founding { .. } | Stage::Reseating { .. } => {}
            Stage::Grouped(group) => {
                if group.abandoned_until.is_some_and(|until| until <= now) {
                    self.appoint(now);
                } else {
                    self.tick_group(now);
                }
            }
        }
    }

    fn tick_group(&mut self, now: Instant) {
        let log = self.rules.log;
        self.group().expire(now, &log);
        let waiting = self.group().undecided.as_mut().and_then(|undecided| undecided.waiting);
        if let Some((late, _)) = waiting.filter(|(_, until)| *until <= now) {
            self.note(late, false);
            self.ask_for_endorsement(now);
        }
        if let Some((late, _)) = self.group().question.filter(|(_, until)| *until <= now) {
            self.note(late, false);
            self.group().question = None;
            self.serve(now);
        }
        if let Turn::Given { until, .. } | Turn::Reserved { until, .. } = self.group().turn
            && until <= now
        {
            self.end_turn(now);
        }
    }

    fn note(&mut self, connection: ConnectionId, answered: bool) {
        if let Some(person) = self.people.get_mut(&connection) {
            person.unanswered = if answered { 0 } else { person.unanswered + 1 };
        }
    }

    // Going.

    pub(super) fn leave(&mut self, now: Instant, connection: ConnectionId) -> Outcome {
        self.depart(now, connection, PresenceChange::Left)
    }

    pub(super) fn lost(&mut self, now: Instant, connection: ConnectionId) {
        let _ = self.depart(now, connection, PresenceChange::Lost);
    }

    fn depart(&mut self, now: Instant, connection: ConnectionId, change: PresenceChange) -> Outcome {
        let gone = self.people.remove(&connection).ok_or(RefusalCause::NotSeated)?;
        match &mut self.stage {
            Stage::Empty => {}
            Stage::Founding { founder, .. } => {
                if *founder == connection {
                    self.appoint(now);
                }
            }
            Stage::Reseating { claims, .. } => claims.retain(|(claimant, _)| *claimant != connection),
            Stage::Grouped(_) if gone.standing != Standing::Seated => self.joiner_gone(now, connection),
            Stage::Grouped(group) => {
                if change == PresenceChange::Left || !gone.is_stranger {
                    group.absent.retain(|(kept, _)| *kept != gone.seat);
                    let why = if change == PresenceChange::Lost { Absent::Lost } else { Absent::Left };
                    group.absent.push((gone.seat, why));
                    assert!(group.absent.len() <= ABSENT_SEATS, "games are shorter");
                }
                if self.seated().next().is_some() {
                    self.log_presence(now, gone.seat, change);
                    self.gone(now, connection);
                } else {
                    self.last_gone(now, gone.seat, change);
                }
            }
        }
        Ok(())
    }

    fn last_gone(&mut self, now: Instant, seat: Seat, change: PresenceChange) {
        self.drop_undecided(now);
        if change == PresenceChange::Left {
            self.appoint(now);
            return;
        }
        self.log_presence(now, seat, change);
        let until = now + self.rules.abandoned_ttl;
        let group = self.group();
        group.question = None;
        group.asked.clear();
        group.abandoned_until = Some(until);
    }

    /// A connection that held a seat is out.
    fn gone(&mut self, now: Instant, connection: ConnectionId) {
        self.joiner_gone(now, connection);
        self.asked_gone(now, connection);
        let undecided = self.group().undecided.as_ref();
        if undecided.and_then(|undecided| undecided.waiting).is_some_and(|(to, _)| to == connection) {
            self.ask_for_endorsement(now);
        }
    }

    fn asked_gone(&mut self, now: Instant, connection: ConnectionId) {
        if self.group().question.is_some_and(|(to, _)| to == connection) {
            self.group().question = None;
            self.serve(now);
        }
    }

    fn joiner_gone(&mut self, now: Instant, connection: ConnectionId) {
        let group = self.group();
        group.queue.retain(|waiting| *waiting != connection);
        if group.turn.holder() != Some(connection) {
            return;
        }
        if matches!(group.turn, Turn::Committing { .. })
            && let Some(undecided) = group.undecided.take()
        {
            self.take_back(&undecided);
        }
        self.end_turn(now);
    }

    // The log.

    fn log_presence(&mut self, now: Instant, seat: Seat, change: PresenceChange) {
        let log = self.rules.log;
        self.group().append(now, &log, Entry::Presence { seat, change }, None, Own::Nothing);
    }

    pub(super) fn publish(&mut self, now: Instant, connection: ConnectionId, publish: Publish) -> Outcome {
        if !self.is_seated(connection) {
            return Err(RefusalCause::NotSeated);
        }
        if publish.epoch > self.epoch() {
            return Err(RefusalCause::NotSeated);
        }
        if publish.blob.len() > self.rules.blob_bytes {
            return Err(RefusalCause::TooLarge);
        }
        let Person { seat, cursor, .. } = self.people[&connection];
        let Publish { publish_id, epoch, blob, .. } = publish;
        if let Some(sequence) = self.group().published(&publish_id) {
            if sequence < cursor {
                let published = Published { circle: CIRCLE, publish_id, sequence };
                self.tell(connection, 0, RelayToClient::Published(published));
            }
            return Ok(());
        }
        let log = self.rules.log;
        let entry = Entry::Message { epoch, blob };
        self.group().append(now, &log, entry, Some(seat), Own::Published(publish_id));
        Ok(())
    }

    pub(super) fn signal(&mut self, now: Instant, connection: ConnectionId, signal: Signal) -> Outcome {
        if !self.is_seated(connection) {
            return Err(RefusalCause::NotSeated);
        }
        if signal.blob.len() > self.rules.blob_bytes {
            return Err(RefusalCause::TooLarge);
        }
        let group = self.group();
        while group.signals.get(group.signals_gone).is_some_and(|(at, _, _)| now - *at >= SIGNAL_AGE) {
            group.signals_gone += 1;
        }
        group.signals.push((now, connection, signal));
        group.signals_gone = group.signals_gone.max(group.signals.len().saturating_sub(SIGNALS_KEPT));
        Ok(())
    }

    /// Everything that a look yields, in order, and whether there may be more.
    pub(super) fn look(&mut self, connection: ConnectionId, bytes: usize) -> (Vec<RelayToClient>, bool) {
        let (mut read, mut taken) = (Vec::new(), 0);
        while taken < bytes {
            let Some(message) = self.read_next(connection) else { return (read, false) };
            taken += length(&message);
            read.push(message);
        }
        (read, self.people.contains_key(&connection))
    }

    /// Whether a look would yield something.
    pub(super) fn has_something_for(&self, connection: ConnectionId) -> bool {
        let Some(person) = self.people.get(&connection) else { return false };
        if person.said.front().is_some_and(|said| said.behind <= person.cursor) {
            return true;
        }
        let Some(group) = self.grouped().filter(|_| person.standing == Standing::Seated) else {
            return false;
        };
        let unread = &group.signals[person.signal_cursor.max(group.signals_gone)..];
        person.cursor < group.next() || unread.iter().any(|(_, author, _)| *author != connection)
    }

    fn read_next(&mut self, connection: ConnectionId) -> Option<RelayToClient> {
        let person = self.people.get_mut(&connection)?;
        if person.said.front().is_some_and(|said| said.behind <= person.cursor) {
            return person.said.pop_front().map(|said| said.message);
        }
        let group = match &self.stage {
            Stage::Grouped(group) if person.standing == Standing::Seated => group,
            Stage::Empty | Stage::Founding { .. } | Stage::Reseating { .. } | Stage::Grouped(_) => {
                return None;
            }
        };
        let at = person.cursor;
        if at < group.first() {
            person.cursor = group.first();
            return Some(RelayToClient::Gap(Gap { circle: CIRCLE, from: at, to: group.first() - 1 }));
        }
        if at < group.next() {
            person.cursor += 1;
            return Some(Self::entry_for(group, person.seat, at));
        }
        person.signal_cursor = person.signal_cursor.max(group.signals_gone);
        while let Some((_, author, signal)) = group.signals.get(person.signal_cursor) {
            person.signal_cursor += 1;
            if *author != connection {
                return Some(RelayToClient::Signal(signal.clone()));
            }
        }
        None
    }

    fn entry_for(group: &Grouped, reader: Seat, sequence: u64) -> RelayToClient {
        let logged = group.logged(sequence);
        match logged.own.clone() {
            Own::Published(publish_id) if logged.author == Some(reader) => {
                RelayToClient::Published(Published { circle: CIRCLE, publish_id, sequence })
            }
            Own::Final { commit, epoch } if logged.author == Some(reader) => {
                let mut present = group.present_at(sequence);
                present.insert(reader);
                let (log_id, present) = (group.log_id, present.into_iter().collect());
                RelayToClient::Final(Final { circle: CIRCLE, commit, sequence, epoch, log_id, present })
            }
            Own::Published(_) | Own::Final { .. } | Own::Nothing => group.delivery(sequence),
        }
    }

    // Newcomers.

    /// There is no group to do it in.
    fn without_group(&self, connection: ConnectionId) -> Option<Outcome> {
        let cause = if self.people.contains_key(&connection) {
            RefusalCause::Unexpected
        } else {
            RefusalCause::NotSeated
        };
        (!self.has_group()).then_some(Err(cause))
    }

    pub(super) fn join_lease(&mut self, now: Instant, connection: ConnectionId) -> Outcome {
        if let Some(refused) = self.without_group(connection) {
            return refused;
        }
        match self.standing(connection) {
            None => return Err(RefusalCause::NotSeated),
            Some(Standing::Join) if self.people[&connection].generation < self.generation => {
                return Err(RefusalCause::InvitationOutdated);
            }
            Some(Standing::Join) => {}
            Some(Standing::Seated | Standing::CreateGroup | Standing::Wait) => {
                return Err(RefusalCause::Unexpected);
            }
        }
        let group = self.group();
        if group.turn.holder() == Some(connection) {
            match group.turn {
                Turn::Reserved { to, served, .. } => group.turn = Turn::Wanted { to, served, kept: true },
                Turn::Given { served, .. } if served >= SERVED_PER_LEASE => {
                    return Err(RefusalCause::Unexpected);
                }
                Turn::Given { to, served, kept, .. } => {
                    group.information = None;
                    group.turn = Turn::Wanted { to, served, kept };
                }
                Turn::Nobody | Turn::Wanted { .. } | Turn::Committing { .. } => {}
            }
        } else if !group.queue.contains(&connection) {
            group.queue.push(connection);
        }
        self.serve(now);
        Ok(())
    }

    pub(super) fn answer(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        answer: GroupInfoResponse,
    ) -> Outcome {
        if let Some(refused) = self.without_group(connection) {
            return refused;
        }
        if !self.is_seated(connection) {
            return Err(RefusalCause::NotSeated);
        }
        if answer.epoch != self.epoch() {
            return Ok(());
        }
        if !self.group().asked.contains(&(answer.ask_id, connection)) {
            return Err(RefusalCause::Unexpected);
        }
        let bytes = answer.group_information.len();
        if bytes > self.rules.group_information_bytes {
            self.asked_gone(now, connection);
            return Err(RefusalCause::TooLarge);
        }
        self.note(connection, true);
        let travel = bytes / usize::try_from(SLOW_LINE_BYTES_PER_SECOND).unwrap();
        let ttl = self.rules.lease_ttl + Duration::from_secs(travel as u64);
        let group = self.group();
        if group.information.is_none() {
            group.information = Some(Leased {
                circle: CIRCLE,
                epoch: group.epoch,
                ttl,
                group_information: answer.group_information,
            });
            group.question = None;
            self.serve(now);
        }
        Ok(())
    }

    fn serve(&mut self, now: Instant) {
        if self.seated().next().is_none() {
            return;
        }
        let group = self.group();
        if group.turn == Turn::Nobody && !group.queue.is_empty() {
            group.turn = Turn::Wanted { to: group.queue.remove(0), served: 0, kept: false };
        }
        let Turn::Wanted { to, served, kept } = group.turn else { return };
        if let Some(leased) = group.information.clone() {
            let (epoch, until) = (group.epoch, now + leased.ttl);
            group.turn = Turn::Given { to, epoch, until, served: served + 1, kept };
            self.tell(to, 0, RelayToClient::Leased(leased));
        } else if group.question.is_none() {
            self.ask_for_information(now);
        }
    }

    /// Of the seated who are not among `asked`: who answered, then who has read most, then who is here for longest.
    fn whom_to_ask(&self, asked: &[ConnectionId]) -> Option<ConnectionId> {
        let mut candidates: Vec<_> =
            self.seated().filter(|(connection, _)| !asked.contains(connection)).collect();
        candidates.sort_by_key(|(connection, person)| {
            (person.unanswered, std::cmp::Reverse(person.cursor), *connection)
        });
        candidates.first().map(|(connection, _)| *connection)
    }

    fn ask_for_information(&mut self, now: Instant) {
        let asked = |model: &Self| -> Vec<ConnectionId> {
            model.grouped().unwrap().asked.iter().map(|(_, to)| *to).collect()
        };
        if self.whom_to_ask(&asked(self)).is_none() {
            self.group().asked.clear();
        }
        let Some(to) = self.whom_to_ask(&asked(self)) else { return };
        let until = now + self.rules.answer_deadline;
        let group = self.group();
        group.asks += 1;
        group.asked.push((group.asks, to));
        group.question = Some((to, until));
        let (ask_id, epoch, behind) = (group.asks, group.epoch, group.next());
        self.tell(
            to,
            behind,
            RelayToClient::GroupInfoRequest(GroupInfoRequest { circle: CIRCLE, ask_id, epoch }),
        );
    }

    fn end_turn(&mut self, now: Instant) {
        self.group().turn = Turn::Nobody;
        self.serve(now);
    }

    // Commits.

    pub(super) fn commit(&mut self, now: Instant, connection: ConnectionId, commit: Commit) -> Outcome {
        if let Some(refused) = self.without_group(connection) {
            return refused;
        }
        let is_newcomer = match self.standing(connection) {
            None => return Err(RefusalCause::NotSeated),
            Some(Standing::Seated) => false,
            Some(_) if self.has_the_turn() == Some(connection) => true,
            Some(_) => return Err(RefusalCause::Unexpected),
        };
        let id = commit_id(&commit.blob);
        let seat = self.people[&connection].seat;
        if is_newcomer && (self.is_closed(seat) || self.is_full() && self.holder(seat).is_none()) {
            self.conflict(connection, id, ConflictCause::Rejected);
            self.end_turn(now);
            return Ok(());
        }
        let largest_entry = self.rules.log.bytes / PARTS_OF_A_LOG - ENTRY_OVERHEAD_BYTES - ENTRY_FIELDS_BYTES;
        if commit.blob.len() > self.rules.group_information_bytes.min(largest_entry) {
            return Err(RefusalCause::TooLarge);
        }
        if commit.base_epoch != self.epoch() {
            self.stale(now, connection, id, commit.base_epoch, is_newcomer);
            return Ok(());
        }
        if !is_newcomer && self.group().last_change().is_some_and(|at| at > commit.seen) {
            self.conflict(connection, id, ConflictCause::Stale);
            return Ok(());
        }
        let owner = OwnerId(owner_id());
        let is_next = |succession: &Succession| {
            succession.generation > self.generation && is_owners_word(succession, owner, ed25519)
        };
        if commit.eviction.as_ref().is_some_and(|eviction| !is_next(&eviction.succession)) {
            self.conflict(connection, id, ConflictCause::Rejected);
            return Ok(());
        }
        if self.group().undecided.is_some() {
            self.conflict(connection, id, ConflictCause::Busy);
            return Ok(());
        }
        let endorsed = commit.endorsement.as_ref().map(|endorsement| self.endorsed(id, endorsement));
        match endorsed {
            Some(Some(key)) => self.finish(now, connection, commit, key),
            Some(None) => {
                self.conflict(connection, id, ConflictCause::Rejected);
                if is_newcomer {
                    self.end_turn(now);
                }
            }
            None if is_newcomer => {
                self.await_endorsement(connection, id, commit);
                self.ask_for_endorsement(now);
            }
            None => self.conflict(connection, id, ConflictCause::Rejected),
        }
        Ok(())
    }

    /// The commit begins where the group is not.
    fn stale(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        id: CommitId,
        base_epoch: u64,
        is_newcomer: bool,
    ) {
        self.conflict(connection, id, ConflictCause::Stale);
        if is_newcomer {
            let until = now + self.rules.answer_deadline;
            match self.group().turn {
                Turn::Given { to, epoch, served, kept: false, .. } if epoch == base_epoch => {
                    self.group().turn = Turn::Reserved { to, until, served };
                }
                _ => self.end_turn(now),
            }
        }
    }

    /// A newcomer's commit waits for a member's endorsement.
    fn await_endorsement(&mut self, connection: ConnectionId, id: CommitId, commit: Commit) {
        let group = self.group();
        group.turn = Turn::Committing { to: connection };
        group.undecided = Some(Undecided {
            id,
            author: connection,
            commit,
            asked: Vec::new(),
            waiting: None,
            opposed: false,
        });
    }

    /// The key of the next epoch, if the endorsement is a member's.
    fn endorsed(&self, id: CommitId, endorsement: &Endorsement) -> Option<VerificationKey> {
        let group = self.grouped()?;
        let next = endorsement.next_verification_key;
        let signed = transcript::endorsement(&CIRCLE, group.epoch, &id, &next);
        ed25519(&group.key(), &signed, &endorsement.signature).then_some(next)
    }

    pub(super) fn endorse(&mut self, now: Instant, connection: ConnectionId, endorse: &Endorse) -> Outcome {
        if let Some(refused) = self.without_group(connection) {
            return refused;
        }
        if !self.is_seated(connection) {
            return Err(RefusalCause::NotSeated);
        }
        let Some(undecided) = self.group().undecided.as_ref().filter(|known| known.id == endorse.commit)
        else {
            return Ok(());
        };
        if !undecided.asked.contains(&connection) {
            return Err(RefusalCause::Unexpected);
        }
        let is_waited_for = undecided.waiting.is_some_and(|(to, _)| to == connection);
        self.note(connection, true);
        if let Some(key) =
            endorse.endorsement.as_ref().and_then(|endorsement| self.endorsed(endorse.commit, endorsement))
        {
            let undecided = self.group().undecided.take().unwrap();
            self.take_back(&undecided);
            self.finish(now, undecided.author, undecided.commit, key);
            return Ok(());
        }
        self.group().undecided.as_mut().unwrap().opposed = true;
        if is_waited_for {
            self.ask_for_endorsement(now);
        }
        Ok(())
    }

    fn ask_for_endorsement(&mut self, now: Instant) {
        let asked = self.group().undecided.as_ref().unwrap().asked.clone();
        let next = self.whom_to_ask(&asked).filter(|_| asked.len() < self.rules.endorsers_asked);
        let until = now + self.rules.answer_deadline;
        let Some(to) = next else {
            self.drop_undecided(now);
            return;
        };
        let group = self.group();
        let behind = group.next();
        let undecided = group.undecided.as_mut().unwrap();
        undecided.asked.push(to);
        undecided.waiting = Some((to, until));
        let tentative = Tentative {
            circle: CIRCLE,
            commit: undecided.id,
            base_epoch: undecided.commit.base_epoch,
            blob: undecided.commit.blob.clone(),
        };
        self.tell(to, behind, RelayToClient::Tentative(tentative));
    }

    /// Who was asked about a commit that is decided need not be asked any more.
    fn take_back(&mut self, decided: &Undecided) {
        for (_, person) in self.people.iter_mut().filter(|(connection, _)| decided.asked.contains(connection))
        {
            person.said.retain(|said| {
                !matches!(&said.message, RelayToClient::Tentative(asked) if asked.commit == decided.id)
            });
        }
    }

    fn drop_undecided(&mut self, now: Instant) {
        if let Some(undecided) = self.group().undecided.take() {
            self.take_back(&undecided);
            let cause = if undecided.opposed { ConflictCause::Rejected } else { ConflictCause::Unanswered };
            self.conflict(undecided.author, undecided.id, cause);
            self.end_turn(now);
        }
    }

    fn finish(&mut self, now: Instant, connection: ConnectionId, commit: Commit, key: VerificationKey) {
        let author = self.people[&connection].seat;
        let is_newcomer = !self.is_seated(connection);
        if is_newcomer {
            self.replace(now, author);
        }
        let log = self.rules.log;
        let group = self.group();
        let (sequence, epoch) = (group.next(), group.epoch + 1);
        let own = Own::Final { commit: commit_id(&commit.blob), epoch };
        let entry = Entry::Commit { base_epoch: commit.base_epoch, blob: commit.blob };
        group.append(now, &log, entry, Some(author), own);
        group.epoch = epoch;
        group.keys.push((epoch, key));
        group.information = None;
        group.question = None;
        group.asked.clear();
        if is_newcomer {
            self.take_seat(connection, sequence);
            self.log_presence(now, author, PresenceChange::Entered);
            self.end_turn(now);
            return;
        }
        if let Some(eviction) = &commit.eviction {
            self.generation = eviction.succession.generation;
            self.evict(now, connection, &eviction.staying);
        }
        self.serve(now);
    }

    /// Everybody else is out, reads what there is up to here and is told so.
    fn evict(&mut self, now: Instant, author: ConnectionId, staying: &[Seat]) {
        let group = self.group();
        group.absent.retain(|(kept, _)| staying.contains(kept));
        let head = group.next();
        let leaving: Vec<_> = self
            .seated()
            .filter(|(connection, person)| *connection != author && !staying.contains(&person.seat))
            .map(|(connection, person)| (connection, person.seat))
            .collect();
        let mut out = Vec::new();
        for (connection, seat) in leaving {
            let person = &self.people[&connection];
            let behind = usize::try_from(head - person.cursor).unwrap();
            out.push((connection, seat, person.said.len() + behind < self.rules.waiting_answers));
        }
        for (connection, _, keeps_up) in &out {
            if !keeps_up {
                self.people.remove(connection);
                self.expelled.push((*connection, Expulsion::TooSlow));
                continue;
            }
            let mut unread = Vec::new();
            while self.people[connection].cursor < head {
                unread.extend(self.read_next(*connection));
            }
            let person = self.people.get_mut(connection).unwrap();
            let told = unread.into_iter().chain(person.said.drain(..).map(|said| said.message));
            person.said = told.map(|message| Said { behind: 0, message }).collect();
            self.stand(*connection, Standing::Join);
        }
        for (connection, seat, _) in out {
            self.log_presence(now, seat, PresenceChange::Left);
            self.gone(now, connection);
        }
        self.turn_outsiders_away(now);
    }

    fn refuse(&mut self, to: ConnectionId, request: RequestKind) {
        let refusal = Refusal {
            cause: RefusalCause::InvitationOutdated,
            request: Some(request),
            circle: Some(CIRCLE),
            subject: None,
            retry_after: Duration::ZERO,
            closing: false,
        };
        self.tell(to, 0, RelayToClient::Refused(refusal));
    }

    /// Who came before the removal, and holds no seat, does not join any more.
    fn turn_outsiders_away(&mut self, now: Instant) {
        let is_outside =
            |person: &Person| person.standing != Standing::Seated && person.generation < self.generation;
        let outside: Vec<_> = self
            .people
            .iter()
            .filter(|(_, person)| is_outside(person))
            .map(|(connection, _)| *connection)
            .collect();
        let group = self.group();
        let mut refused: Vec<_> = group.queue.extract_if(.., |waiting| outside.contains(waiting)).collect();
        let holder = group.turn.holder().filter(|holder| outside.contains(holder));
        refused.extend(holder);
        for connection in refused {
            self.refuse(connection, RequestKind::JoinLease);
        }
        if let Some(holder) = holder {
            self.joiner_gone(now, holder);
        }
    }
}
