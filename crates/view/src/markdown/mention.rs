//! Mentions: names after an `@`.

use std::ops::Range;

use shepot_client::model::PersonKey;

/// A name that mentions somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentionable {
    /// The name with its `@`.
    pub name: String,
    /// The person whom it mentions.
    pub person: PersonKey,
}

/// Characters that join the parts of a name: "@Anna-Maria" does not mention Anna.
const JOINTS: &str = "-_·'’";

/// The mentions in a line, in order.
pub(super) fn find(line: &str, people: &[Mentionable]) -> Vec<(Range<usize>, PersonKey)> {
    let mut found: Vec<(Range<usize>, PersonKey)> = Vec::new();
    for (at, _) in line.match_indices('@') {
        let is_inside = found.last().is_some_and(|(range, _)| at < range.end);
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        if is_inside || before.is_some_and(|c| c.is_alphanumeric() || "_@".contains(c)) {
            continue;
        }
        let from = line.get(at..).unwrap_or_default();
        let longest = people
            .iter()
            .filter_map(|one| Some((length_of(from, &one.name)?, one.person)))
            .max_by_key(|(length, _)| *length);
        if let Some((length, person)) = longest {
            found.push((at..at + length, person));
        }
    }
    found
}

/// Whether a text is exactly this name, in any case.
pub(super) fn is(text: &str, name: &str) -> bool {
    length_of(text, name) == Some(text.len())
}

/// The length in bytes of this name at the beginning of a text, in any case and as a whole word.
fn length_of(text: &str, name: &str) -> Option<usize> {
    let mut rest = text.chars();
    for expected in name.chars() {
        let found = rest.next()?;
        if found != expected && !found.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    let behind = rest.as_str();
    let mut next = behind.chars();
    let is_word = match next.next() {
        None => true,
        Some(c) if c.is_alphanumeric() => false,
        Some(c) if JOINTS.contains(c) => next.next().is_none_or(|c| !c.is_alphanumeric()),
        Some(_) => true,
    };
    is_word.then_some(text.len() - behind.len())
}
