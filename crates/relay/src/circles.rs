//! All circles of a relay, and the clock that wakes them.
//!
//! Owns: which circles there are, their locks, their deadlines. The order of locks: the map, a circle, the clock;
//! what was shown of successions, and what came to nothing, stand behind the map and a circle.
//!
//! Must never: hold a lock while a socket is written or anything is waited for.

mod membership;

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use shepot_protocol::id::AccessKeyId;
use shepot_protocol::message::{Enter, RefusalCause};
use shepot_protocol::{CircleName, LogId, Succession};
use tokio::sync::Notify;

use crate::budget::{Account, Budget, Means, Reservation};
use crate::circle::{Circle, Expulsion, Outcome, Removed, Rules};
use crate::clock::Clock;
use crate::connection::record::{CloseReason, Reader};
use crate::name::Name;
use crate::origin::Origin;
use crate::signature::ed25519;
use crate::successions::{Line, Successions};
pub(crate) use membership::{Membership, NotDone};

/// Locks that a panic of another connection has poisoned stay usable: that connection is closed, the circle goes on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a circle was called that is not forgotten: its first name, and so many of the last.
const NAMES_OF_A_CIRCLE: usize = 4;

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

/// The present name goes last; gives the one by which the circle is not found any more. The first always stays: by that
/// the circle is kept.
fn renamed(names: &mut Vec<Name>, next: Name) -> Option<Name> {
    let first = names.first().copied();
    names.retain(|name| Some(*name) == first || *name != next);
    if first != Some(next) {
        names.push(next);
    }
    (names.len() > NAMES_OF_A_CIRCLE).then(|| names.remove(1))
}

/// Bytes that a circle takes without who is in it and what is said: its fields, its names, what it may have shown of
/// successions, its place on the clock.
const CIRCLE_BYTES: usize = 3 * 1024;

/// So many bytes every address may use, whatever others do: enough to come, to be told what is due, and to speak.
const LEAST_BYTES: usize = 64 * 1024;

/// So many circles everybody may have a group in, as long as there are some: a small server is worth something.
const LEAST_CIRCLES: usize = 16;

#[derive(Debug)]
pub(crate) struct Circles {
    /// By all their names.
    map: Mutex<HashMap<Name, Arc<Cell>>>,
    successions: Mutex<Successions>,
    /// Whose turns came to nothing, until somebody looks: see [`Circles::take_unfinished`].
    unfinished: Mutex<Vec<Reader>>,
    /// Whom owners have removed, until somebody looks: see [`Circles::take_removed`].
    removed: Mutex<Vec<Removed>>,
    clock: Mutex<BTreeSet<(Instant, Name)>>,
    earlier: Notify,
    rules: Mutex<Rules>,
    /// Circles that have a group.
    grouped: Arc<Budget>,
    /// What all circles take.
    memory: Arc<Budget>,
    entries: Arc<AtomicUsize>,
    log_id_prefix: [u8; 8],
    log_ids: AtomicU64,
}

impl Circles {
    /// `limit`: circles that have a group. `memory`: bytes of all circles.
    pub(crate) fn new(rules: Rules, limit: usize, memory: usize, log_id_prefix: [u8; 8]) -> Self {
        Self {
            map: Mutex::default(),
            successions: Mutex::default(),
            unfinished: Mutex::default(),
            removed: Mutex::default(),
            clock: Mutex::default(),
            earlier: Notify::new(),
            rules: Mutex::new(rules),
            grouped: Budget::new(limit, LEAST_CIRCLES),
            memory: Budget::new(memory, LEAST_BYTES),
            entries: Arc::default(),
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

    /// Bytes that it takes to know who uses how much.
    pub(crate) fn accounting_bytes(&self) -> usize {
        self.memory.held_bytes() + self.grouped.held_bytes()
    }

    pub(crate) fn log_entries(&self) -> usize {
        self.entries.load(Ordering::Relaxed)
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
        for reader in woken {
            reader.record.ring(reader.slot);
        }
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
                // Within the circle's lock: if a later generation begins after this look, all who are here by then are told.
                if let Some(later) = self.later_generation(enter, cell.name) {
                    return Err(NotDone { cause: RefusalCause::InvitationOutdated, later: Some(later) });
                }
                step(circle).map_err(|cause| {
                    let is_outdated = cause == RefusalCause::InvitationOutdated;
                    NotDone { cause, later: circle.succession().filter(|_| is_outdated).copied() }
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
            let mut removed = std::mem::take(&mut state.circle.effects().removed);
            if !removed.is_empty() {
                lock(&self.removed).append(&mut removed);
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
            reader.record.close(match why {
                Expulsion::Replaced => CloseReason::Replaced,
                Expulsion::TooSlow => CloseReason::TooSlow,
                Expulsion::MemoryFull => CloseReason::MemoryFull,
                Expulsion::Crowded => CloseReason::Crowded,
            });
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

    /// Whom owners of circles have removed since somebody looked.
    pub(crate) fn take_removed(&self) -> Vec<Removed> {
        std::mem::take(&mut *lock(&self.removed))
    }

    /// Whose turns to join came to nothing since somebody looked, once for each turn.
    pub(crate) fn take_unfinished(&self) -> Vec<Reader> {
        std::mem::take(&mut *lock(&self.unfinished))
    }

    /// The same where the circle may be called `next` afterwards. Nobody finds, or founds, another by that name meanwhile.
    fn with_next_name<R>(
        &self,
        cell: &Arc<Cell>,
        next: CircleName,
        woken: &mut Vec<Reader>,
        step: impl FnOnce(&mut Circle<Reader>) -> R,
    ) -> Option<R> {
        let name = cell.called(next);
        let is_free = match lock(&self.map).entry(name) {
            Entry::Vacant(free) => {
                free.insert(Arc::clone(cell));
                true
            }
            Entry::Occupied(_) => false,
        };
        let value = self.with(cell, woken, step);
        if is_free {
            let mut map = lock(&self.map);
            if !lock(&cell.state).names.contains(&name) {
                map.remove(&name);
            }
        }
        value
    }

    /// The circle that is, or was, called so.
    fn named(&self, name: Name) -> Option<Arc<Cell>> {
        lock(&self.map).get(&name).cloned()
    }

    /// A circle has another name from now on. Where another circle is called so already, it cannot be found by it.
    fn name(&self, cell: &Arc<Cell>, next: Name) {
        let mut map = lock(&self.map);
        let mut state = lock(&cell.state);
        if state.forgotten || map.get(&next).is_some_and(|other| !Arc::ptr_eq(other, cell)) {
            return;
        }
        map.insert(next, Arc::clone(cell));
        if let Some(gone) = renamed(&mut state.names, next) {
            map.remove(&gone);
        }
    }

    /// The latest generation of the circle that somebody is about to enter, which was first called `first`, if that is a
    /// later one than it knows of and lives by another name.
    fn later_generation(&self, enter: &Enter, first: Name) -> Option<Succession> {
        let (circle, generation) = (first.circle, enter.succession.map_or(0, |own| own.generation));
        lock(&self.successions).later(Line { owner: enter.owner?, circle }, generation, first)
    }

    /// Whether a generation that a circle's owner wants to begin in it, or a later one, lives elsewhere already: the relay
    /// was restarted while it began.
    fn lives_elsewhere(&self, cell: &Cell, succession: &Succession) -> Option<Succession> {
        let line = Line { owner: cell.name.owner?, circle: succession.circle };
        lock(&self.successions).later(line, succession.generation.saturating_sub(1), cell.name)
    }

    /// A generation of a circle has begun, by its owner's word: who is in a circle of an earlier one is told.
    fn succeed(&self, cell: &Arc<Cell>, succession: &Succession, woken: &mut Vec<Reader>) {
        let Some(owner) = cell.name.owner else { return };
        let line = Line { owner, circle: succession.circle };
        let earlier = {
            let state = lock(&cell.state);
            if state.forgotten {
                return;
            }
            lock(&self.successions).show(cell.name, line, *succession)
        };
        // One that began elsewhere while this was on its way did not know of this circle yet.
        let later = lock(&self.successions).later(line, succession.generation, cell.name);
        if let Some(later) = later {
            let _ = self.with(cell, woken, |circle| circle.supersede(&later));
        }
        let mut outdated: Vec<Arc<Cell>> = Vec::new();
        for name in earlier.into_iter().chain([cell.called(CircleName(succession.circle.0))]) {
            let Some(other) = self.named(name) else { continue };
            if !Arc::ptr_eq(&other, cell) && !outdated.iter().any(|known| Arc::ptr_eq(known, &other)) {
                outdated.push(other);
            }
        }
        for other in outdated {
            // Forgotten meanwhile: then nobody is there to be told.
            let _ = self.with(&other, woken, |circle| circle.supersede(succession));
        }
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
            for reader in woken.drain(..) {
                reader.record.ring(reader.slot);
            }
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

#[cfg(test)]
mod tests {
    use shepot_protocol::CircleId;

    use super::*;

    #[test]
    fn a_circle_keeps_its_first_name_however_often_it_is_called_otherwise() {
        let circle = CircleId([1; 16]);
        let name = |id: u8| Name { called: CircleName([id; 16]), circle, owner: None };
        let mut names = vec![name(1)];
        let mut found = std::collections::HashSet::from([name(1)]);
        for next in [2, 1, 2, 3, 4, 5, 5, 1, 6, 7, 2, 8] {
            found.insert(name(next));
            if let Some(gone) = renamed(&mut names, name(next)) {
                found.remove(&gone);
            }
            assert_eq!(found, names.iter().copied().collect(), "what is listed is what is found");
            assert!(names.len() <= NAMES_OF_A_CIRCLE && names.first() == Some(&name(1)));
            assert!(found.contains(&name(next)), "by its present name too");
        }
    }
}
