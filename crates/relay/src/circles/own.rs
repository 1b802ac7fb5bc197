//! The circles that this relay keeps itself, and the clock that wakes them.
//!
//! Owns: which circles there are, their locks, their deadlines. Locks are taken in this order: the map, a circle, the
//! clock. The rules come after the map. Successions, unfinished turns and notable events come after the map and a
//! circle, and no other lock is taken while they are held.
//!
//! Must never: hold a lock while it writes to a socket or waits for anything.

mod generations;
mod knocks;
mod membership;
mod name;
mod successions;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use shepot_protocol::id::AccessKeyId;
use shepot_protocol::message::{Enter, RefusalCause};
use shepot_protocol::{CircleName, LogId};
use tokio::sync::Notify;

use crate::budget::{Account, Budget, Means, Reservation};
use crate::circle::{Circle, Outcome, Removed, Rules};
use crate::circles::{NotDone, Peer, Reader};
use crate::clock::Clock;
use crate::origin::Origin;
use crate::signature::ed25519;
use knocks::{KNOCKS, Knocks};
use name::Name;
use successions::Successions;

/// Locks a mutex. One that was poisoned by a panic stays usable: the connection that panicked is closed, the circle
/// goes on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A circle and its lock.
#[derive(Debug)]
struct Cell {
    /// Its first name.
    name: Name,
    state: Mutex<State>,
}

impl Cell {
    /// The circle's name in another generation.
    fn called(&self, called: CircleName) -> Name {
        Name { called, ..self.name }
    }
}

#[derive(Debug)]
struct State {
    circle: Circle<Reader>,
    /// Its names, the present one last. Members who were away come back by an earlier one.
    names: Vec<Name>,
    /// The circle is no longer in the map. Anybody who still holds it has to look again.
    forgotten: bool,
    /// When the clock will wake it.
    scheduled: Option<Instant>,
    /// Paid for by the connection that made the circle.
    _memory: Reservation,
}

/// The size of a circle without its participants and its log, in bytes: fields, names, successions, its place on the
/// clock.
const CIRCLE_BYTES: usize = 3 * 1024;

/// How many bytes every address may use, whatever others do: enough to enter, to be told what is due, and to speak.
const LEAST_BYTES: usize = 64 * 1024;

/// How many circles of everybody may have a group, as long as there is room. A small server is useful, too.
const LEAST_CIRCLES: usize = 16;

/// Something that happened in a circle and concerns the operator.
#[derive(Debug)]
pub(crate) enum Notable {
    /// Too many turns by one access key and from one address came to nothing.
    Knocked { peer: Arc<dyn Peer>, times: u32 },
    /// An owner has removed these members.
    Removed(Vec<Removed>),
}

#[derive(Debug)]
pub(crate) struct OwnCircles {
    /// Every circle, by each of its names.
    map: Mutex<HashMap<Name, Arc<Cell>>>,
    successions: Mutex<Successions>,
    /// The newcomers whose turns came to nothing, until they are counted.
    unfinished: Mutex<Vec<Reader>>,
    knocks: Knocks,
    /// What the operator has to be told, until [`OwnCircles::take_notable`] takes it.
    notable: Mutex<Vec<Notable>>,
    clock: Mutex<BTreeSet<(Instant, Name)>>,
    earlier: Notify,
    rules: Mutex<Rules>,
    /// The budget of circles that have a group.
    grouped: Arc<Budget>,
    /// The budget of bytes of all circles.
    memory: Arc<Budget>,
    entries: Arc<AtomicUsize>,
    /// The number of messages that were accepted.
    published: AtomicU64,
    log_id_prefix: [u8; 8],
    log_ids: AtomicU64,
}

impl OwnCircles {
    /// `limit`: the most circles that have a group. `memory`: the most bytes of all circles.
    pub(crate) fn new(rules: Rules, limit: usize, memory: usize, log_id_prefix: [u8; 8]) -> Self {
        Self {
            map: Mutex::default(),
            successions: Mutex::default(),
            unfinished: Mutex::default(),
            knocks: Knocks::default(),
            notable: Mutex::default(),
            clock: Mutex::default(),
            earlier: Notify::new(),
            rules: Mutex::new(rules),
            grouped: Budget::new(limit, LEAST_CIRCLES),
            memory: Budget::new(memory, LEAST_BYTES),
            entries: Arc::default(),
            published: AtomicU64::new(0),
            log_id_prefix,
            log_ids: AtomicU64::new(0),
        }
    }

    /// The accounts of a connection with this access key and address.
    pub(crate) fn means(&self, key: Option<AccessKeyId>, address: Origin) -> Means {
        Means { memory: self.memory.account(key, address), circles: self.grouped.account(key, address) }
    }

    /// The number of circles that have a group.
    pub(crate) fn count(&self) -> usize {
        self.grouped.used()
    }

    /// The size of all circles, as it is counted, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.memory.used()
    }

    /// The size of the accounting and of the memory of knocks, in bytes.
    pub(crate) fn accounting_bytes(&self) -> usize {
        self.memory.held_bytes() + self.grouped.held_bytes() + self.knocks.held_bytes()
    }

    pub(crate) fn log_entries(&self) -> usize {
        self.entries.load(Ordering::Relaxed)
    }

    /// The number of messages that were accepted.
    pub(crate) fn published(&self) -> u64 {
        self.published.load(Ordering::Relaxed)
    }

    fn note_published(&self) {
        self.published.fetch_add(1, Ordering::Relaxed);
    }

    /// Sets other bounds, also for existing circles.
    pub(crate) fn set_limits(&self, rules: Rules, limit: usize, memory: usize) {
        self.grouped.set_limit(limit);
        self.memory.set_limit(memory);
        *lock(&self.rules) = rules;
        let mut woken = Vec::new();
        for cell in self.cells() {
            self.with(&cell, &mut woken, |circle| circle.set_rules(rules));
        }
        woken.iter().for_each(Reader::ring);
    }

    /// An id that no other log has: a random part for this run of the relay, and a counter.
    fn fresh_log_id(&self) -> LogId {
        let mut bytes = [0; LogId::BYTES];
        let (prefix, number) = bytes.split_at_mut(8);
        prefix.copy_from_slice(&self.log_id_prefix);
        number.copy_from_slice(&self.log_ids.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        LogId(bytes)
    }

    /// Lets a connection enter the circle that it names, by `step`. The circle is made if it does not exist.
    ///
    /// # Errors
    ///
    /// Those of `step`, and `INVITATION_OUTDATED` with the succession if a later generation is known.
    fn let_in(
        &self,
        enter: &Enter,
        account: &Account,
        woken: &mut Vec<Reader>,
        mut step: impl FnMut(&mut Circle<Reader>) -> Outcome,
    ) -> Result<Arc<Cell>, NotDone> {
        let name = Name::of(enter);
        loop {
            let cell = self.cell(name, account)?;
            let entered = self.with(&cell, woken, |circle| {
                // Within the circle's lock: if a later generation begins after this look, all who are here by then are
                // told.
                if let Some(later) = self.later_generation(enter, cell.name) {
                    return Err(NotDone {
                        later: Some(Box::new(later)),
                        ..RefusalCause::InvitationOutdated.into()
                    });
                }
                step(circle).map_err(|cause| {
                    let is_outdated = cause == RefusalCause::InvitationOutdated;
                    NotDone {
                        later: circle.succession().filter(|_| is_outdated).map(|later| Box::new(*later)),
                        ..cause.into()
                    }
                })
            });
            // Forgotten between the map and the lock: look again.
            if let Some(entered) = entered {
                return entered.map(|()| cell);
            }
        }
    }

    fn cell(&self, name: Name, account: &Account) -> Result<Arc<Cell>, RefusalCause> {
        let mut map = lock(&self.map);
        if let Some(cell) = map.get(&name) {
            return Ok(Arc::clone(cell));
        }
        let memory = account.reserve(CIRCLE_BYTES).ok_or(RefusalCause::MemoryFull)?;
        let entries = Arc::clone(&self.entries);
        let Name { called, circle, owner } = name;
        let circle = Circle::new(called, circle, owner, *lock(&self.rules), entries, ed25519);
        let state = State { circle, names: vec![name], forgotten: false, scheduled: None, _memory: memory };
        let cell = Arc::new(Cell { name, state: Mutex::new(state) });
        map.insert(name, Arc::clone(&cell));
        Ok(cell)
    }

    /// Does something in a circle and carries out what follows. Readers to wake are added to `woken`. `None`: the
    /// circle is forgotten.
    fn with<R>(
        &self,
        cell: &Arc<Cell>,
        woken: &mut Vec<Reader>,
        step: impl FnOnce(&mut Circle<Reader>) -> R,
    ) -> Option<R> {
        let mut expelled = Vec::new();
        let (value, renamed, succeeded, forgettable) = {
            let mut state = lock(&cell.state);
            if state.forgotten {
                return None;
            }
            let value = step(&mut state.circle);
            let mut unfinished = std::mem::take(&mut state.circle.effects().unfinished);
            if !unfinished.is_empty() {
                state.circle.tell_knocks(unfinished.len().try_into().unwrap_or(u32::MAX));
                lock(&self.unfinished).append(&mut unfinished);
            }
            let removed = std::mem::take(&mut state.circle.effects().removed);
            if !removed.is_empty() {
                lock(&self.notable).push(Notable::Removed(removed));
            }
            let effects = state.circle.effects();
            woken.append(&mut effects.wake);
            expelled.append(&mut effects.expel);
            let (renamed, succeeded) = (effects.renamed.take(), effects.succeeded.take());
            self.schedule(cell.name, &mut state);
            (value, renamed, succeeded, state.circle.is_forgettable())
        };
        if let Some(next) = renamed {
            self.name(cell, cell.called(next));
        }
        if let Some(succession) = succeeded {
            self.succeed(cell, &succession, woken);
        }
        for (reader, why) in expelled {
            reader.peer.expel(why);
        }
        if forgettable {
            self.forget(cell);
        }
        Some(value)
    }

    /// Reads from a circle without changing anything that others would notice.
    fn read<R>(&self, cell: &Cell, step: impl FnOnce(&mut Circle<Reader>) -> R) -> R {
        step(&mut lock(&cell.state).circle)
    }

    fn cells(&self) -> Vec<Arc<Cell>> {
        let map = lock(&self.map);
        map.iter().filter(|(name, cell)| **name == cell.name).map(|(_, cell)| Arc::clone(cell)).collect()
    }

    /// What the operator has to be told since the last call.
    pub(crate) fn take_notable(&self, now: Instant) -> Vec<Notable> {
        self.count_knocks(now);
        std::mem::take(&mut *lock(&self.notable))
    }

    /// Counts the turns to join that came to nothing since the last call.
    fn count_knocks(&self, now: Instant) {
        let unfinished = std::mem::take(&mut *lock(&self.unfinished));
        for Reader { peer, .. } in unfinished {
            let times = self.knocks.knocked(now, peer.means().memory.came_by());
            if times.is_multiple_of(KNOCKS) {
                lock(&self.notable).push(Notable::Knocked { peer, times });
            }
        }
    }

    /// The circle that has or had this name.
    fn named(&self, name: Name) -> Option<Arc<Cell>> {
        lock(&self.map).get(&name).cloned()
    }

    fn forget(&self, cell: &Arc<Cell>) {
        let mut map = lock(&self.map);
        let mut state = lock(&cell.state);
        if state.circle.is_forgettable() && !state.forgotten {
            state.forgotten = true;
            for name in &state.names {
                map.remove(name);
            }
            lock(&self.successions).forget(cell.name);
            self.schedule(cell.name, &mut state);
        }
    }

    /// Sets the clock for a circle if it has to wake it earlier than planned.
    fn schedule(&self, name: Name, state: &mut State) {
        let due = if state.forgotten { None } else { state.circle.next_deadline() };
        let sooner = match (due, state.scheduled) {
            (Some(due), Some(scheduled)) => due < scheduled,
            (Some(_), None) => true,
            // A bell too many finds nothing to do; only what is forgotten is taken out.
            (None, Some(_)) => state.forgotten,
            (None, None) => false,
        };
        if !sooner {
            return;
        }
        let mut clock = lock(&self.clock);
        if let Some(scheduled) = state.scheduled.take() {
            clock.remove(&(scheduled, name));
        }
        if let Some(due) = due {
            let first = clock.first().is_none_or(|(first, _)| due < *first);
            clock.insert((due, name));
            state.scheduled = Some(due);
            if first {
                self.earlier.notify_one();
            }
        }
    }

    /// Wakes circles whose deadlines have passed, for as long as the relay runs.
    pub(crate) async fn run_clock(self: Arc<Self>, clock: Arc<dyn Clock>) {
        loop {
            let next = lock(&self.clock).first().map(|(due, _)| *due);
            match next {
                None => self.earlier.notified().await,
                Some(due) => {
                    tokio::select! {
                        () = clock.until(due) => self.ring_due(clock.now()),
                        () = self.earlier.notified() => {}
                    }
                }
            }
        }
    }

    fn ring_due(&self, now: Instant) {
        let mut woken = Vec::new();
        while let Some(name) = self.take_due(now) {
            let Some(cell) = self.named(name) else { continue };
            lock(&cell.state).scheduled = None;
            let fresh = self.fresh_log_id();
            self.with(&cell, &mut woken, |circle| circle.tick(now, fresh));
            woken.drain(..).for_each(|reader| reader.ring());
        }
    }

    fn take_due(&self, now: Instant) -> Option<Name> {
        let mut clock = lock(&self.clock);
        if clock.first().is_none_or(|(due, _)| *due > now) {
            return None;
        }
        clock.pop_first().map(|(_, name)| name)
    }
}
