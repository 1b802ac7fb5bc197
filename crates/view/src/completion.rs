//! Completes the word at the cursor: `@` to a person's name, `:` to an emoji.

use shepot_client::model::Person;
use shepot_l10n::L10n;

use crate::{emoji, people};

/// The most completions offered at once.
const MOST: usize = 6;

/// The fewest characters of an emoji's name before any is offered. Less could be a smiley or a time.
const FEWEST_OF_A_NAME: usize = 2;

/// One completion of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The emoji, if it is one.
    pub picture: Option<&'static str>,
    /// The text in the list.
    pub shown: String,
    /// The text that replaces the word.
    pub written: String,
}

/// The completions for the word at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// The completions, best first. Empty if there are none.
    pub offered: Vec<Completion>,
    /// The byte at which the word begins.
    pub word_at: usize,
}

/// The completions for the word at the cursor. `cursor`: bytes of `text` before it.
#[must_use]
pub fn offer(l10n: &L10n, people: &[Person], text: &str, cursor: usize) -> Completions {
    let before = text.get(..cursor.min(text.len())).unwrap_or_default();
    let word_at = before.char_indices().rev().find(|(_, c)| c.is_whitespace());
    let word_at = word_at.map_or(0, |(at, c)| at + c.len_utf8());
    let word = before.get(word_at..).unwrap_or_default();
    let offered = if let Some(typed) = word.strip_prefix('@') {
        people_for(people, typed)
    } else if let Some(typed) =
        word.strip_prefix(':').filter(|typed| typed.chars().count() >= FEWEST_OF_A_NAME)
    {
        emoji_for(l10n, typed)
    } else {
        Vec::new()
    };
    Completions { offered, word_at }
}

fn people_for(people: &[Person], typed: &str) -> Vec<Completion> {
    let typed = typed.to_lowercase();
    let fits =
        people.iter().filter(|person| !person.is_self && person.nick.to_lowercase().starts_with(&typed));
    fits.take(MOST)
        .map(|person| {
            let mention = people::mention(person, people);
            Completion { picture: None, shown: mention.clone(), written: format!("{mention} ") }
        })
        .collect()
}

fn emoji_for(l10n: &L10n, typed: &str) -> Vec<Completion> {
    let typed = typed.to_lowercase();
    let mut found = emoji::search(&typed);
    // Whoever writes a name writes the shortest that fits.
    found.sort_by_key(|emoji| (!emoji.short_name.starts_with(&typed), emoji.short_name.len()));
    found
        .into_iter()
        .take(MOST)
        .map(|found| Completion {
            picture: Some(found.text),
            shown: format!(":{}:  {}", found.short_name, found.name(l10n.language())),
            written: format!("{} ", found.text),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use shepot_client::model::{Fingerprint, PersonKey};
    use shepot_l10n::Language;

    use super::*;

    #[test]
    fn names_and_emoji_are_offered_for_the_word_at_the_cursor() {
        let l10n = L10n::new(Language::Russian);
        let person = |n: u8, nick: &str| Person {
            key: PersonKey([n; 32]),
            fingerprint: Fingerprint([n; 4]),
            nick: nick.into(),
            mood: None,
            is_self: n == 1,
            is_present: true,
            is_silent: false,
        };
        let people = [person(1, "Аня"), person(2, "Антон"), person(3, "Ben")];
        let written = |text: &str| {
            let completions = offer(&l10n, &people, text, text.len());
            (completions.word_at, completions.offered.into_iter().map(|one| one.written).collect::<Vec<_>>())
        };
        assert_eq!(
            written("привет, @ан"),
            ("привет, ".len(), vec!["@Антон ".to_owned()]),
            "nobody mentions itself"
        );
        assert_eq!(written("line\n@b").1, ["@Ben "]);
        assert_eq!(written("at 10:3").1, Vec::<String>::new());
        assert_eq!(written(":d").1, Vec::<String>::new());
        assert_eq!(written("so :cra").1[0], "🦀 ");
        assert_eq!(
            offer(&l10n, &people, "@b and more", 2).offered.len(),
            1,
            "what is behind the cursor stays"
        );
    }
}
