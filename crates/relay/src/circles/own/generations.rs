//! What circles are called, and which of their generations have begun.
//!
//! Must never: let another circle have a name by which one is found, or an earlier generation stand for a later one.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use shepot_protocol::message::Enter;
use shepot_protocol::{CircleName, Succession};

use super::name::Name;
use super::successions::Line;
use super::{Cell, OwnCircles, lock};
use crate::circle::Circle;
use crate::circles::Reader;

/// What a circle was called that is not forgotten: its first name, and so many of the last.
const NAMES_OF_A_CIRCLE: usize = 4;

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

impl OwnCircles {
    /// Does something in a circle that may be called `next` afterwards. Nobody finds, or founds, another by that name
    /// meanwhile.
    pub(super) fn with_next_name<R>(
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

    /// A circle has another name from now on. Where another circle is called so already, it cannot be found by it.
    pub(super) fn name(&self, cell: &Arc<Cell>, next: Name) {
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

    /// The latest generation of the circle that somebody is about to enter, which was first called `first`, if that is
    /// a later one than it knows of and lives by another name.
    pub(super) fn later_generation(&self, enter: &Enter, first: Name) -> Option<Succession> {
        let (circle, generation) = (first.circle, enter.succession.map_or(0, |own| own.generation));
        lock(&self.successions).later(Line { owner: enter.owner?, circle }, generation, first)
    }

    /// Whether a generation that a circle's owner wants to begin in it, or a later one, lives elsewhere already: the
    /// relay was restarted while it began.
    pub(super) fn lives_elsewhere(&self, cell: &Cell, succession: &Succession) -> Option<Succession> {
        let line = Line { owner: cell.name.owner?, circle: succession.circle };
        lock(&self.successions).later(line, succession.generation.saturating_sub(1), cell.name)
    }

    /// A generation of a circle has begun, by its owner's word: who is in a circle of an earlier one is told.
    pub(super) fn succeed(&self, cell: &Arc<Cell>, succession: &Succession, woken: &mut Vec<Reader>) {
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
