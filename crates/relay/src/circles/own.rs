//! The circles that this relay keeps itself, and the clock that wakes them.
//!
//! Owns: which circles there are, their locks, their deadlines. The order of locks: the map, a circle, the clock; the
//! rules stand behind the map; what was shown of successions, what came to nothing and what is notable stand behind the
//! map and a circle, and are held with no other lock behind them.
//!
//! Must never: hold a lock while a socket is written or anything is waited for.

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

/// Locks that a panic of another connection has poisoned stay usable: that connection is closed, the circle goes on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A circle and its lock.
#[derive(Debug)]
struct Cell {
    /// What it was called first.
    name: Name,
    state: Mutex<State>,
}

impl Cell {
    /// Under this name.
    fn called(&self, called: CircleName) -> Name {
        Name { called, ..self.name }
    }
}

#[derive(Debug)]
struct State {
    circle: Circle<Reader>,
    /// What it was called, the present name last: by an earlier one members come back who were away.
    names: Vec<Name>,
    /// It is not in the map any more: who still holds it has to look again.
    forgotten: bool,
    /// When the clock will ring for it.
    scheduled: Option<Instant>,
    /// Paid for by who came first.
    _memory: Reservation,
}

/// Bytes that a circle takes without who is in it and what is said: its fields, its names, what it may have shown of
/// successions, its place on the clock.
const CIRCLE_BYTES: usize = 3 * 1024;

/// So many bytes every address may use, whatever others do: enough to come, to be told what is due, and to speak.
const LEAST_BYTES: usize = 64 * 1024;

/// So many circles everybody may have a group in, as long as there are some: a small server is worth something.
const LEAST_CIRCLES: usize = 16;

/// What happened in a circle and is the operator's business.
#[derive(Debug)]
pub(crate) enum Notable {
    /// Too many turns of those who come as this one does came to nothing.
    Knocked { peer: Arc<dyn Peer>, times: u32 },
    /// An owner has removed these.
    Removed(Vec<Removed>),
}

#[derive(Debug)]
pub(crate) struct OwnCircles {
    /// By all their names.
    map: Mutex<HashMap<Name, Arc<Cell>>>,
    successions: Mutex<Successions>,
    /// Whose turns came to nothing and are not counted yet.
    unfinished: Mutex<Vec<Reader>>,
    knocks: Knocks,
    /// What the operator is to be told, until somebody looks: see [`OwnCircles::take_notable`].
    notable: Mutex<Vec<Notable>>,
    clock: Mutex<BTreeSet<(Instant, Name)>>,
    earlier: Notify,
    rules: Mutex<Rules>,
    /// Circles that have a group.
    grouped: Arc<Budget>,
    /// What all circles take.
    memory: Arc<Budget>,
    entries: Arc<AtomicUsize>,
    /// Messages that were taken.
    published: AtomicU64,
    log_id_prefix: [u8; 8],
    log_ids: AtomicU64,
}

impl OwnCircles {
    /// `limit`: circles that have a group. `memory`: bytes of all circles.
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

    /// What somebody who comes by this access key from there draws on.
    pub(crate) fn means(&self, key: Option<AccessKeyId>, address: Origin) -> Means {
        Means { memory: self.memory.account(key, address), circles: self.grouped.account(key, address) }
    }

    /// How many have a group.
    pub(crate) fn count(&self) -> usize {
        self.grouped.used()
    }

    /// Bytes that all circles take, as they are counted.
    pub(crate) fn bytes(&self) -> usize {
        self.memory.used()
    }

    /// Bytes that it takes to know who uses how much, and who knocks.
    pub(crate) fn accounting_bytes(&self) -> usize {
        self.memory.held_bytes() + self.grouped.held_bytes() + self.knocks.held_bytes()
    }

    pub(crate) fn log_entries(&self) -> usize {
        self.entries.load(Ordering::Relaxed)
    }

    /// Messages that members sent.
    pub(crate) fn published(&self) -> u64 {
        self.published.load(Ordering::Relaxed)
    }

    fn note_published(&self) {
        self.published.fetch_add(1, Ordering::Relaxed);
    }

    /// Sets other bounds, for the circles that there are as well.
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

    /// A name for a log that no other log has: random for this run of the relay, counted within it.
    fn fresh_log_id(&self) -> LogId {
        let mut bytes = [0; LogId::BYTES];
        let (prefix, number) = bytes.split_at_mut(8);
        prefix.copy_from_slice(&self.log_id_prefix);
        number.copy_from_slice(&self.log_ids.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        LogId(bytes)
    }

    /// Lets somebody into the circle that it names, by `step`; the circle is made if it is not there.
    ///
    /// # Errors
    ///
    /// What `step` says; `INVITATION_OUTDATED` where a later generation is known, with the owner's word for it.
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

    /// Does something in a circle and sees to what follows: who has to be woken goes to `woken`. None: it is
    /// forgotten.
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

    /// Looks into a circle without changing anything that others would notice.
    fn read<R>(&self, cell: &Cell, step: impl FnOnce(&mut Circle<Reader>) -> R) -> R {
        step(&mut lock(&cell.state).circle)
    }

    fn cells(&self) -> Vec<Arc<Cell>> {
        let map = lock(&self.map);
        map.iter().filter(|(name, cell)| **name == cell.name).map(|(_, cell)| Arc::clone(cell)).collect()
    }

    /// What the operator is to be told that happened since somebody looked.
    pub(crate) fn take_notable(&self, now: Instant) -> Vec<Notable> {
        self.count_knocks(now);
        std::mem::take(&mut *lock(&self.notable))
    }

    /// Counts whose turns to join came to nothing since it was counted last.
    fn count_knocks(&self, now: Instant) {
        let unfinished = std::mem::take(&mut *lock(&self.unfinished));
        for Reader { peer, .. } in unfinished {
            let times = self.knocks.knocked(now, peer.means().memory.came_by());
            if times.is_multiple_of(KNOCKS) {
                lock(&self.notable).push(Notable::Knocked { peer, times });
            }
        }
    }

    /// The circle that is, or was, called so.
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

    /// Sets the clock for a circle, if it has to ring earlier than it will.
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

    /// Rings for circles whose deadlines have passed, as long as the relay runs.
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
