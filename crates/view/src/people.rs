//! How people are called.

use shepot_client::model::{Person, PersonKey};

/// The nick; with the fingerprint where somebody else in the circle has the same, so that nobody is taken for another.
#[must_use]
pub fn called(nick: &str, key: &PersonKey, people: &[Person]) -> String {
    let collides = people.iter().any(|other| other.key != *key && looks_like(&other.nick, nick));
    match people.iter().find(|person| person.key == *key) {
        Some(person) if collides => format!("{nick} ·{}", person.fingerprint),
        Some(_) | None => nick.to_owned(),
    }
}

/// Everybody whom `typed` can mean: a nick, a fingerprint, or a nick with its fingerprint as [`called`] writes it.
#[must_use]
pub fn meant<'a>(typed: &str, people: &'a [Person]) -> Vec<&'a Person> {
    let typed = typed.trim().trim_start_matches(['@', '·']);
    people
        .iter()
        .filter(|person| {
            let fingerprint = person.fingerprint.to_string();
            looks_like(&person.nick, typed)
                || typed.eq_ignore_ascii_case(&fingerprint)
                || typed.split_once('·').is_some_and(|(nick, mark)| {
                    looks_like(nick.trim_end(), &person.nick) && mark.eq_ignore_ascii_case(&fingerprint)
                })
        })
        .collect()
}

/// Those whose `@nick` stands in a text.
#[must_use]
pub fn mentioned(text: &str, people: &[Person]) -> Vec<PersonKey> {
    people
        .iter()
        .filter(|person| !person.is_self && text.contains(&format!("@{}", person.nick)))
        .map(|person| person.key)
        .collect()
}

fn looks_like(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use shepot_client::model::Fingerprint;

    use super::*;

    fn person(n: u8, nick: &str) -> Person {
        Person {
            key: PersonKey([n; 32]),
            fingerprint: Fingerprint([n; 4]),
            nick: nick.into(),
            mood: None,
            is_self: n == 1,
            is_present: true,
            is_silent: false,
        }
    }

    #[test]
    fn the_fingerprint_shows_where_nicks_collide() {
        let people = [person(1, "Анна"), person(2, "анна"), person(3, "Ben")];
        assert_eq!(called("Анна", &people[0].key, &people), "Анна ·01010101");
        assert_eq!(called("Ben", &people[2].key, &people), "Ben");
        assert_eq!(meant("@анна", &people).len(), 2);
        assert_eq!(meant("02020202", &people)[0].key, people[1].key);
        for typed in ["Анна ·01010101", "Анна·01010101", "·01010101", "01010101"] {
            assert_eq!(meant(typed, &people)[0].key, people[0].key, "{typed}");
        }
        assert_eq!(mentioned("hi @Ben and @Анна", &people), [people[2].key], "nobody mentions itself");
    }
}
