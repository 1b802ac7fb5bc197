//! The names of circles, and which of their generations have begun.
//!
//! Must never: let two circles be found by the same name, or an earlier generation pass for a later one.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use shepot_protocol::message::Enter;
use shepot_protocol::{CircleName, Succession};

use super::name::Name;
use super::successions::Line;
use super::{Cell, OwnCircles, lock};
use crate::circle::Circle;
use crate::circles::Reader;

/// How many names of a circle are remembered: the first and the last three.
const NAMES_OF_A_CIRCLE: usize = 4;

/// Adds the present name at the end. Returns the name by which the circle is no longer found. The first name stays,
/// because the circle is kept under it.
fn renamed(names: &mut Vec<Name>, next: Name) -> Option<Name> {
    let first = names.first().copied();
    names.retain(|name| Some(*name) == first || *name != next);
    if first != Some(next) {
        names.push(next);
    }
    (names.len() > NAMES_OF_A_CIRCLE).then(|| names.remove(1))
}

impl OwnCircles {
    /// Does something in a circle that may have the name `next` afterwards. In the meantime nobody finds or founds
    /// another circle under that name.
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

    /// Gives a circle another name. If another circle has that name already, this one is not found by it.
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

    /// The latest generation of the circle that is about to be entered and whose first name is `first`. `None` if it is
    /// not later than the one that is shown, or lives in this very circle.
    pub(super) fn later_generation(&self, enter: &Enter, first: Name) -> Option<Succession> {
        let (circle, generation) = (first.circle, enter.succession.map_or(0, |own| own.generation));
        lock(&self.successions).later(Line { owner: enter.owner?, circle }, generation, first)
    }

    /// The later generation that lives elsewhere, if there is one that an owner wants to begin in this circle, or one
    /// after it. That happens if the relay was restarted while the generation began.
    pub(super) fn lives_elsewhere(&self, cell: &Cell, succession: &Succession) -> Option<Succession> {
        let line = Line { owner: cell.name.owner?, circle: succession.circle };
        lock(&self.successions).later(line, succession.generation.saturating_sub(1), cell.name)
    }

    /// Records that a generation of a circle has begun, and tells those who are in a circle of an earlier one.
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
