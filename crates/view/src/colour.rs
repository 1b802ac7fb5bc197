//! Colours of people. They depend on the key, not on the nick.

use std::collections::HashMap;

use shepot_client::model::{Fingerprint, Person, PersonKey};

/// The number of colours. A colour is a number below it.
pub const COLOURS: u8 = 10;

/// The colour that somebody prefers, and gets if nobody else in the circle has it.
#[must_use]
pub const fn of(fingerprint: &Fingerprint) -> u8 {
    let [first, ..] = fingerprint.0;
    first % COLOURS
}

/// The colour of somebody without a remembered one. It depends on the first byte of the key, not of the fingerprint.
const fn of_gone(key: &PersonKey) -> u8 {
    let [first, ..] = key.0;
    first % COLOURS
}

/// The colours of everybody on a server. No two people in the circle share one while any are left.
#[derive(Default)]
pub(crate) struct Colours(HashMap<PersonKey, u8>);

impl Colours {
    /// The colour of somebody who is or was in the circle.
    pub(crate) fn of(&self, key: &PersonKey) -> u8 {
        self.0.get(key).copied().unwrap_or_else(|| of_gone(key))
    }

    /// Gives colours to the people in the circle `now`. Those who were there `before` keep theirs.
    pub(crate) fn give(&mut self, before: &[Person], now: &[Person]) {
        let was_there = |person: &&Person| before.iter().any(|other| other.key == person.key);
        let (stay, come): (Vec<_>, Vec<_>) = now.iter().partition(was_there);
        let mut taken = [false; COLOURS as usize];
        for person in stay.into_iter().chain(come) {
            let own = self.0.get(&person.key).copied().unwrap_or_else(|| of(&person.fingerprint));
            let is_free = |colour: &u8| taken.get(usize::from(*colour)).is_some_and(|taken| !taken);
            let colour = (own..COLOURS).chain(0..own).find(is_free).unwrap_or(own);
            if let Some(taken) = taken.get_mut(usize::from(colour)) {
                *taken = true;
            }
            self.0.insert(person.key, colour);
        }
    }

    /// Forgets the colour of everybody for whom `is_known` is false.
    pub(crate) fn retain(&mut self, is_known: impl Fn(&PersonKey) -> bool) {
        self.0.retain(|key, _| is_known(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody whose key says the first colour, as everybody's here does.
    fn person(number: u8) -> Person {
        Person {
            key: PersonKey([number; 32]),
            fingerprint: Fingerprint([0; 4]),
            nick: "anna".into(),
            mood: None,
            is_self: false,
            is_present: true,
            is_silent: false,
        }
    }

    fn colours_of(colours: &Colours, people: &[Person]) -> Vec<u8> {
        people.iter().map(|person| colours.of(&person.key)).collect()
    }

    #[test]
    fn no_two_share_a_colour_while_there_are_any_left() {
        let everybody: Vec<Person> = (0..=COLOURS).map(person).collect();
        let mut colours = Colours::default();
        let mut before: &[Person] = &[];
        for size in 1..=everybody.len() {
            let now = &everybody[..size];
            colours.give(before, now);
            before = now;
        }
        let given = colours_of(&colours, &everybody);
        assert_eq!(given[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "who was there keeps its own");
        assert_eq!(given[10], 0, "none is left");
        // Two go: one of those who share a colour gets another, and whoever comes then the one that is left.
        let mut now: Vec<Person> =
            everybody.iter().filter(|one| ![3, 7].contains(&one.key.0[0])).cloned().collect();
        colours.give(&everybody, &now);
        let before = now.clone();
        // In the group a newcomer takes the place of who left: ahead of others.
        now.insert(1, person(50));
        colours.give(&before, &now);
        let mut given = colours_of(&colours, &now);
        assert_eq!((given[0], given[1]), (0, 7));
        given.sort_unstable();
        assert_eq!(given, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        // Who left is seen in what it said as it was.
        assert_eq!(colours.of(&person(7).key), 7);
        colours.retain(|key| *key != person(7).key);
        assert_eq!(colours.of(&PersonKey([7; 32])), of_gone(&PersonKey([7; 32])));
    }
}
