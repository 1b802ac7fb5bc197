//! Which generations of circles live, for clients that come by earlier invitations.
//!
//! Owns: the latest succession of each living circle. Must never: record anything but the owner's word. The caller has
//! verified it.

use std::collections::HashMap;

use shepot_protocol::{CircleId, OwnerId, Succession};

use super::name::Name;

/// All generations of one circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Line {
    pub owner: OwnerId,
    /// The circle id, which the first secret gave.
    pub circle: CircleId,
}

/// The successions of living circles.
#[derive(Debug, Default)]
pub(crate) struct Successions {
    by_line: HashMap<Line, Vec<(Name, Succession)>>,
    lines: HashMap<Name, Line>,
}

impl Successions {
    /// Records the generation of the circle with this first name. Returns the circles of earlier generations in the
    /// same line.
    pub(crate) fn show(&mut self, by: Name, line: Line, succession: Succession) -> Vec<Name> {
        let known = self.by_line.get(&line).into_iter().flatten().find(|(name, _)| *name == by);
        if known.is_some_and(|(_, known)| known.generation >= succession.generation) {
            return Vec::new();
        }
        self.forget(by);
        self.lines.insert(by, line);
        let living = self.by_line.entry(line).or_default();
        let is_earlier = |(_, other): &&(Name, Succession)| other.generation < succession.generation;
        let earlier = living.iter().filter(is_earlier).map(|(name, _)| *name).collect();
        living.push((by, succession));
        earlier
    }

    /// The latest generation of the line that lives in another circle than `than`. `None` if it is not later than
    /// `generation` and than what `than` has shown itself.
    pub(crate) fn later(&self, line: Line, generation: u32, than: Name) -> Option<Succession> {
        let living = || self.by_line.get(&line).into_iter().flatten();
        let own = living().find(|(name, _)| *name == than).map_or(0, |(_, own)| own.generation);
        let later = living().filter(|(_, one)| one.generation > generation.max(own));
        later.map(|(_, succession)| *succession).max_by_key(|succession| succession.generation)
    }

    /// Forgets a circle.
    pub(crate) fn forget(&mut self, by: Name) {
        let Some(line) = self.lines.remove(&by) else { return };
        let Some(living) = self.by_line.get_mut(&line) else { return };
        living.retain(|(name, _)| *name != by);
        if living.is_empty() {
            self.by_line.remove(&line);
        }
    }
}

#[cfg(test)]
mod tests {
    use shepot_protocol::CircleName;

    use super::*;

    const OWNER: OwnerId = OwnerId([9; 16]);
    const LINE: Line = Line { owner: OWNER, circle: CircleId([1; 16]) };

    fn name(number: u8) -> Name {
        Name { called: CircleName([number; 16]), circle: LINE.circle, owner: Some(OWNER) }
    }

    fn succession(generation: u32) -> Succession {
        Succession { circle: LINE.circle, generation, proof: [7; 96] }
    }

    #[test]
    fn who_comes_by_an_earlier_generation_is_told_of_the_latest_elsewhere() {
        let mut successions = Successions::default();
        assert_eq!(successions.show(name(2), LINE, succession(1)), []);
        assert_eq!(successions.show(name(3), LINE, succession(2)), [name(2)]);
        assert_eq!(successions.later(LINE, 0, name(1)), Some(succession(2)));
        assert_eq!(successions.later(LINE, 1, name(2)), Some(succession(2)));
        assert_eq!(successions.later(LINE, 0, name(3)), None, "it knows of that and of a later one");
        assert_eq!(successions.later(LINE, 2, name(4)), None);
        let others = Line { owner: OwnerId([8; 16]), ..LINE };
        assert_eq!(successions.later(others, 0, name(1)), None, "another owner's");
    }

    #[test]
    fn a_circle_has_one_generation_and_takes_it_along() {
        let mut successions = Successions::default();
        for generation in 1..100 {
            successions.show(name(2), LINE, succession(generation));
        }
        assert_eq!(successions.later(LINE, 98, name(1)), Some(succession(99)));
        assert_eq!(successions.by_line[&LINE].len(), 1);
        successions.forget(name(2));
        assert!(successions.by_line.is_empty() && successions.lines.is_empty());
    }
}
