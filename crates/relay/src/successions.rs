//! What was shown of later generations of circles, for whoever comes by an earlier invitation.
//!
//! Owns: which circle has shown what, as long as it lives, and the bound on that. Must never: believe it. The relay
//! cannot tell the owner's word from another's; clients can.

use std::collections::HashMap;

use shepot_protocol::{CircleId, Succession};

/// What one circle may have shown: its members all show the same, so more is somebody's invention.
const SHOWN_BY_A_CIRCLE: usize = 4;

/// What is kept for one root: the last that were shown.
const SHOWN_OF_A_ROOT: usize = 8;

#[derive(Debug)]
struct Shown {
    by: CircleId,
    succession: Succession,
}

/// What was shown, by the root of the circles' generations.
#[derive(Debug, Default)]
pub(crate) struct Successions {
    by_root: HashMap<CircleId, Vec<Shown>>,
    roots: HashMap<CircleId, Vec<CircleId>>,
}

impl Successions {
    /// A circle shows a generation; false when it has done so before. The oldest goes when there are too many.
    pub(crate) fn show(&mut self, by: CircleId, succession: Succession) -> bool {
        let shown = self.by_root.entry(succession.root).or_default();
        if shown.iter().any(|other| other.by == by && other.succession == succession) {
            return false;
        }
        shown.push(Shown { by, succession });
        if shown.len() > SHOWN_OF_A_ROOT {
            shown.remove(0);
        }
        let roots = self.roots.entry(by).or_default();
        roots.push(succession.root);
        if roots.len() > SHOWN_BY_A_CIRCLE {
            let oldest = roots.remove(0);
            self.take(oldest, |shown| shown.iter().position(|one| one.by == by));
        }
        true
    }

    /// What others than this circle have shown of generations later than this one.
    pub(crate) fn later(&self, root: CircleId, generation: u32, than: CircleId) -> Vec<Succession> {
        let shown = self.by_root.get(&root).into_iter().flatten();
        shown
            .filter(|one| one.by != than && one.succession.generation > generation)
            .map(|one| one.succession)
            .collect()
    }

    /// Circles that have shown an earlier generation than this.
    pub(crate) fn earlier(&self, succession: &Succession) -> Vec<CircleId> {
        let shown = self.by_root.get(&succession.root).into_iter().flatten();
        shown.filter(|one| one.succession.generation < succession.generation).map(|one| one.by).collect()
    }

    /// A circle is gone, and what it has shown.
    pub(crate) fn forget(&mut self, by: CircleId) {
        for root in self.roots.remove(&by).unwrap_or_default() {
            self.take(root, |shown| shown.iter().position(|one| one.by == by));
        }
    }

    fn take(&mut self, root: CircleId, find: impl FnOnce(&[Shown]) -> Option<usize>) {
        let Some(shown) = self.by_root.get_mut(&root) else { return };
        if let Some(at) = find(shown) {
            shown.remove(at);
        }
        if shown.is_empty() {
            self.by_root.remove(&root);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: CircleId = CircleId([1; 16]);

    fn circle(number: u8) -> CircleId {
        CircleId([number; 16])
    }

    fn succession(generation: u32, proof: u8) -> Succession {
        Succession { root: ROOT, generation, proof: [proof; 96] }
    }

    #[test]
    fn who_comes_by_an_earlier_generation_is_told_of_later_ones_by_others() {
        let mut successions = Successions::default();
        successions.show(circle(2), succession(1, 7));
        successions.show(circle(3), succession(2, 7));
        assert_eq!(successions.later(ROOT, 0, ROOT), [succession(1, 7), succession(2, 7)]);
        assert_eq!(successions.later(ROOT, 1, circle(2)), [succession(2, 7)]);
        assert_eq!(successions.later(ROOT, 2, circle(3)), []);
        assert_eq!(successions.later(ROOT, 0, circle(3)), [succession(1, 7)], "not by itself");
        assert_eq!(successions.later(circle(9), 0, circle(9)), []);
        assert_eq!(successions.earlier(&succession(2, 7)), [circle(2)]);
    }

    #[test]
    fn what_a_circle_has_shown_goes_with_it_and_is_bounded() {
        let mut successions = Successions::default();
        for proof in 0..100 {
            successions.show(circle(2), succession(1, proof));
            successions.show(circle(2), succession(1, proof));
        }
        for other in 10..100 {
            successions.show(circle(other), Succession { root: circle(9), ..succession(1, other) });
        }
        assert_eq!(successions.later(circle(9), 0, circle(9)).len(), SHOWN_OF_A_ROOT);
        (10..100).for_each(|other| successions.forget(circle(other)));
        let last: Vec<_> = (96..100).map(|proof| succession(1, proof)).collect();
        assert_eq!(successions.later(ROOT, 0, ROOT), last);
        successions.forget(circle(2));
        assert!(successions.by_root.is_empty() && successions.roots.is_empty());
    }
}
