//! Names of people, unambiguous where nicks collide.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use shepot_client::model::{Fingerprint, Person, PersonKey};
use shepot_l10n::L10n;
use unicode_normalization::char::is_combining_mark;
use unicode_security::skeleton;

use crate::markdown::{self, Mentionable};

/// Whether somebody else in the circle has a nick that looks the same.
#[must_use]
pub fn collides(nick: &str, key: &PersonKey, people: &[Person]) -> bool {
    people.iter().any(|other| other.key != *key && looks_like(&other.nick, nick))
}

/// The nick, with the beginning of the fingerprint if another nick looks the same: "Alex ·7B2A". No nick has the dot.
#[must_use]
pub fn shown(nick: &str, key: &PersonKey, people: &[Person]) -> String {
    if !collides(nick, key, people) {
        return nick.to_owned();
    }
    format!("{nick} ·{}", short_mark(&fingerprint(key, people)))
}

/// The same within a sentence. A nick of more than one word gets quotation marks, so that it reads as a name.
#[must_use]
pub fn in_a_sentence(l10n: &L10n, nick: &str, key: &PersonKey, people: &[Person]) -> String {
    let shown = shown(nick, key, people);
    if is_word(nick) { shown } else { quoted(l10n, &shown) }
}

/// Any name that people choose, such as a room's, within a sentence.
#[must_use]
pub fn name_in_a_sentence(l10n: &L10n, name: &str) -> String {
    if is_word(name) { name.to_owned() } else { quoted(l10n, name) }
}

/// Whether a name has only letters, digits and signs that occur within words.
fn is_word(name: &str) -> bool {
    let is_sign = |c: char| !(c.is_alphanumeric() || is_combining_mark(c) || shepot_sanitise::is_unseen(c));
    !name.contains(|c: char| is_sign(c) && !matches!(c, '-' | '_' | '\'' | '’'))
}

/// The text in quotation marks. None within it ends the quote.
fn quoted(l10n: &L10n, text: &str) -> String {
    l10n.tr("quoted", &[("text", &inside_quotes(text))])
}

/// The text with its quotation marks replaced, so that none ends a quote around it.
#[must_use]
pub fn inside_quotes(text: &str) -> String {
    let is_mark = |c: char| shepot_sanitise::is_quotation_mark(c) && !c.is_alphabetic();
    text.chars().map(|c| if is_mark(c) { '\'' } else { c }).collect()
}

/// The fingerprint of somebody who is or was in the circle.
fn fingerprint(key: &PersonKey, people: &[Person]) -> Fingerprint {
    people
        .iter()
        .find(|person| person.key == *key)
        .map_or_else(|| key.fingerprint(), |person| person.fingerprint)
}

/// The short mark beside a nick, the first two bytes of a fingerprint: "7B2A".
#[must_use]
pub fn short_mark(fingerprint: &Fingerprint) -> String {
    let [first, second, ..] = fingerprint.0;
    format!("{first:02X}{second:02X}")
}

/// A whole fingerprint in readable form: "7B2A 91C0".
#[must_use]
pub fn mark(fingerprint: &Fingerprint) -> String {
    let [first, second, third, fourth] = fingerprint.0;
    format!("{first:02X}{second:02X} {third:02X}{fourth:02X}")
}

/// The text that mentions somebody: "@Alex", or "@Alex·7B2A" if another nick looks the same.
#[must_use]
pub fn mention(person: &Person, people: &[Person]) -> String {
    if collides(&person.nick, &person.key, people) {
        format!("@{}·{}", person.nick, short_mark(&person.fingerprint))
    } else {
        format!("@{}", person.nick)
    }
}

/// The names that [`crate::markdown::read`] recognises, one for each person.
#[must_use]
pub fn mentionables(people: &[Person]) -> Vec<Mentionable> {
    people.iter().map(|person| Mentionable { name: mention(person, people), person: person.key }).collect()
}

/// The letter shown for somebody without a picture. "?" if the nick has none.
#[must_use]
pub fn initial(nick: &str) -> String {
    nick.chars().find(|c| c.is_alphanumeric()).map_or_else(|| "?".to_owned(), |c| c.to_uppercase().collect())
}

/// The nick, with the whole fingerprint if another nick looks the same.
#[must_use]
pub fn called(nick: &str, key: &PersonKey, people: &[Person]) -> String {
    if !collides(nick, key, people) {
        return nick.to_owned();
    }
    format!("{nick} ·{}", fingerprint(key, people))
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

/// Everybody but the person whose `@nick` occurs in a text. If several share the nick, the mark after it picks one;
/// without a mark all are meant.
#[must_use]
pub fn mentioned(text: &str, people: &[Person]) -> Vec<PersonKey> {
    let others = people.iter().filter(|person| !person.is_self);
    let names: Vec<Mentionable> = others
        .flat_map(|person| {
            let plain = format!("@{}", person.nick);
            let marked = format!("{plain}·{}", short_mark(&person.fingerprint));
            [plain, marked].map(|name| Mentionable { name, person: person.key })
        })
        .collect();
    markdown::mentioned(text, &names)
}

/// Whether two nicks look the same or nearly so. Case, look-alikes from other scripts (UTS 39, section 4) and invisible
/// characters do not count.
fn looks_like(one: &str, other: &str) -> bool {
    one == other || Look::of(one).is_like(&Look::of(other))
}

/// How a nick looks: its skeleton (UTS 39) as it is written, and in lower case.
#[derive(Clone)]
struct Look {
    written: Rc<str>,
    small: Rc<str>,
}

/// The most nicks whose look is cached, since every row that is drawn asks for it.
const LOOKS_REMEMBERED: usize = 4_096;

thread_local! {
    static LOOKS: RefCell<HashMap<String, Look>> = RefCell::default();
}

impl Look {
    fn of(nick: &str) -> Self {
        LOOKS.with_borrow_mut(|looks| {
            if let Some(known) = looks.get(nick) {
                return known.clone();
            }
            if looks.len() >= LOOKS_REMEMBERED {
                looks.clear();
            }
            let seen = |text: &str| -> Rc<str> {
                skeleton(text).filter(|c| !shepot_sanitise::is_unseen(*c)).collect::<String>().into()
            };
            let look = Self { written: seen(nick), small: seen(&nick.to_lowercase()) };
            looks.insert(nick.to_owned(), look.clone());
            look
        })
    }

    fn is_like(&self, other: &Self) -> bool {
        self.written == other.written || self.small == other.small
    }
}

#[cfg(test)]
mod tests {
    use shepot_client::model::{Fingerprint, SystemEvent};

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
    fn nicks_that_look_alike_collide() {
        for (one, other) in [
            // Cyrillic in the place of Latin letters, and the other way round.
            ("Anna", "\u{410}nna"),
            ("Anna", "Ann\u{430}"),
            ("paypal", "p\u{430}yp\u{430}l"),
            ("Ivan", "lvan"),
            ("Ben0", "BenO"),
            ("anna", "ANNA"),
            ("ann\u{e9}e", "anne\u{301}e"),
            ("\u{645}\u{6cc}\u{200c}\u{62e}\u{648}", "\u{645}\u{6cc}\u{62e}\u{648}"),
            ("\u{2764}\u{fe0f}Ann", "\u{2764}Ann"),
        ] {
            let people = [person(1, one), person(2, other)];
            assert!(collides(one, &people[0].key, &people), "{one} {other}");
            assert!(collides(other, &people[1].key, &people), "{other} {one}");
            assert_ne!(shown(one, &people[0].key, &people), one, "both are shown with their fingerprints");
        }
        for (one, other) in [("Anna", "Hanna"), ("Аня", "Ася"), ("Bob", "Bobby")] {
            let people = [person(1, one), person(2, other)];
            assert!(!collides(one, &people[0].key, &people), "{one} {other}");
        }
    }

    #[test]
    fn whoever_left_is_not_taken_for_another_and_a_nick_says_nothing() {
        let l10n = L10n::new(shepot_l10n::Language::English);
        let people = [person(1, "me!"), person(2, "Anna")];
        let left = |nick: &str, key: u8| {
            let event = SystemEvent::Left { nick: nick.into(), key: PersonKey([key; 32]) };
            crate::sentence::system_event(&l10n, &event, &[], &people)
        };
        let gone = short_mark(&PersonKey([9; 32]).fingerprint());
        assert_eq!(left("Anna", 9), format!("Anna ·{gone} left."), "that was another Anna");
        assert_eq!(left("Ben", 9), "Ben left.");
        assert_eq!(left("Olga left. * Anna", 9), "“Olga left. * Anna” left.");
        let made = SystemEvent::RoomMade {
            room: shepot_client::model::RoomId(7),
            name: "x”. ── Anna left".into(),
            nick: "Ben".into(),
            key: PersonKey([9; 32]),
        };
        let said = crate::sentence::system_event(&l10n, &made, &[], &people);
        assert_eq!(said, "Ben created the room “x'. ── Anna left”.");
        assert_eq!(left("Olga and Anna", 9), "“Olga and Anna” left.");
        for plain in ["Анна-Мария", "o'neil", "лис_на_луне", "می\u{200c}خواهم", "Ann2"]
        {
            assert_eq!(left(plain, 9), format!("{plain} left."));
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
        assert_eq!(
            mentioned("hi @Ben and @Анна", &people),
            [people[2].key, people[1].key],
            "nobody mentions itself"
        );
        let twins = [person(1, "me!"), person(2, "Alex"), person(3, "alex"), person(4, "Al")];
        assert_eq!(mention(&twins[1], &twins), "@Alex·0202");
        assert_eq!(mentioned("hi @Alex·0202", &twins), [twins[1].key]);
        assert_eq!(mentioned("hi @Alexander", &twins), []);
        assert_eq!((mark(&twins[1].fingerprint), initial("_Ёж")), ("0202 0202".into(), "Ё".into()));
    }
}
