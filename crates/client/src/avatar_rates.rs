//! How often a person may show another picture, since everybody else has to decode each one.
//!
//! Must never: remember more people than are in a circle.

use std::collections::HashMap;
use std::time::Duration;

use shepot_protocol::limits::CIRCLE_MEMBERS;

use crate::limits::{AVATAR_INTERVAL, AVATARS_AT_ONCE};
use crate::model::PersonKey;

/// How many more pictures each person may show now.
#[derive(Debug, Default)]
pub(crate) struct AvatarRates {
    people: HashMap<PersonKey, Allowance>,
}

#[derive(Debug)]
struct Allowance {
    left: u32,
    /// The moment up to which the allowance was counted, by the steady clock.
    at: Duration,
}

impl AvatarRates {
    /// Whether a picture of this person is accepted at this moment of the steady clock. If so, it counts.
    pub(crate) fn take(&mut self, person: PersonKey, now: Duration) -> bool {
        if self.people.len() >= CIRCLE_MEMBERS && !self.people.contains_key(&person) {
            // A person with a full allowance need not be remembered.
            self.people.retain(|_, one| now.saturating_sub(one.at) < AVATAR_INTERVAL * AVATARS_AT_ONCE);
            if self.people.len() >= CIRCLE_MEMBERS {
                return false;
            }
        }
        let one = self.people.entry(person).or_insert(Allowance { left: AVATARS_AT_ONCE, at: now });
        while one.left < AVATARS_AT_ONCE && now.saturating_sub(one.at) >= AVATAR_INTERVAL {
            one.left += 1;
            one.at += AVATAR_INTERVAL;
        }
        if one.left == AVATARS_AT_ONCE {
            one.at = now;
        }
        let is_allowed = one.left > 0;
        one.left = one.left.saturating_sub(1);
        is_allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_at_once_and_then_one_from_time_to_time() {
        let (mut rates, second) = (AvatarRates::default(), Duration::from_secs(1));
        let (ann, ben) = (PersonKey([1; 32]), PersonKey([2; 32]));
        let shown =
            |rates: &mut AvatarRates, at: u32| (0..10).filter(|_| rates.take(ann, second * at)).count();
        assert_eq!(shown(&mut rates, 100), 4);
        assert!(rates.take(ben, second * 100), "others have their own");
        assert_eq!(shown(&mut rates, 129), 0);
        assert_eq!(shown(&mut rates, 130), 1);
        assert_eq!(shown(&mut rates, 1_000), 4);
    }

    #[test]
    fn so_many_people_are_remembered() {
        let mut rates = AvatarRates::default();
        for n in 0_u32..5_000 {
            let key = PersonKey(std::array::from_fn(|at| n.to_be_bytes().get(at).copied().unwrap_or(0)));
            rates.take(key, Duration::from_secs(u64::from(n) / 100));
            assert!(rates.people.len() <= CIRCLE_MEMBERS);
        }
    }
}
