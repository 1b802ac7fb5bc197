//! Search in what was said in this session.

use std::ops::Range;

use shepot_client::model::MessageId;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::{Desk, Item, Place};
use crate::markdown;

/// A message that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The conversation that it belongs to.
    pub place: Place,
    /// Its id.
    pub message: MessageId,
}

/// A text in the form in which texts are compared.
struct Folded {
    text: String,
    /// The bytes of the original for every character of `text`.
    from: Vec<Range<usize>>,
}

impl Folded {
    /// Compatibility decomposition without marks (UAX 15), lower case, all apostrophes alike, all white space a space.
    /// So "cafe" finds "Café", "елка" finds "Ёлка", and a space finds a no-break space.
    fn of(text: &str) -> Self {
        let mut folded =
            Self { text: String::with_capacity(text.len()), from: Vec::with_capacity(text.len()) };
        for (at, c) in text.char_indices() {
            let from = at..at + c.len_utf8();
            let parts = std::iter::once(c).nfkd().filter(|part| !is_combining_mark(*part));
            for part in parts.flat_map(char::to_lowercase).filter(|part| !is_combining_mark(*part)) {
                folded.text.push(match part {
                    '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{02BC}' | '\u{0060}' | '\u{00B4}' => '\'',
                    _ if part.is_whitespace() => ' ',
                    _ => part,
                });
                folded.from.push(from.clone());
            }
        }
        folded
    }
}

/// The form of a text in which texts are compared.
#[must_use]
pub fn normal(text: &str) -> String {
    Folded::of(text).text
}

/// Byte ranges of `text` that match `wanted`, which has to be [`normal`] already.
#[must_use]
pub fn matches(text: &str, wanted: &str) -> Vec<Range<usize>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let folded = Folded::of(text);
    let mut characters = folded.text.char_indices().map(|(at, _)| at).enumerate();
    let length = wanted.chars().count();
    folded
        .text
        .match_indices(wanted)
        .filter_map(|(found, _)| {
            let (first, _) = characters.by_ref().find(|(_, at)| *at == found)?;
            let start = folded.from.get(first)?.start;
            let last = folded.from.get(first + length - 1)?;
            // The marks behind its last letter belong to it.
            let next = folded.from.get(first + length).map_or(text.len(), |next| next.start);
            Some(start..if next > last.start { next } else { last.end })
        })
        .collect()
}

/// The text without spaces and marks of the grammar: if a shown text is found, its bare form is found in the bare
/// source.
fn without_marks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !"*_~`>'".contains(*c)).collect()
}

impl Desk {
    /// Messages that contain `wanted`, newest first, at most `most`.
    #[must_use]
    pub fn search(&self, wanted: &str, most: usize) -> Vec<Hit> {
        let wanted = normal(wanted.trim());
        if wanted.is_empty() {
            return Vec::new();
        }
        // Reading the marks of every message would take long.
        let bare = without_marks(&wanted);
        let mut hits: Vec<(u64, Hit)> = Vec::new();
        for server in self.servers() {
            let found = server.timeline().iter().rev().filter_map(|(_, item)| match item {
                Item::Message(message)
                    if without_marks(&normal(&message.body)).contains(&bare)
                        && !matches(&markdown::plain(&message.body), &wanted).is_empty() =>
                {
                    let place = Place { server: server.id, conversation: message.conversation };
                    Some((message.at, Hit { place, message: message.id }))
                }
                Item::Message(_) | Item::SystemEvent { .. } => None,
            });
            hits.extend(found.take(most));
        }
        hits.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        hits.into_iter().take(most).map(|(_, hit)| hit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a text, as it stands there.
    fn found<'a>(text: &'a str, typed: &str) -> Vec<&'a str> {
        matches(text, &normal(typed)).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn letters_are_found_however_they_are_written() {
        assert_eq!(found("Café, cafe\u{301}s, CAFÉ", "cafe"), ["Café", "cafe\u{301}", "CAFÉ"]);
        assert_eq!(found("cafe", "Café"), ["cafe"]);
        assert_eq!(found("Ёлка и ежи\u{306}", "елка"), ["Ёлка"]);
        assert_eq!(found("10\u{a0}000 км", "10 000"), ["10\u{a0}000"]);
        assert_eq!(found("it’s, it's, it`s", "it's"), ["it’s", "it's", "it`s"]);
        assert_eq!(found("Straße ﬁn", "fi"), ["ﬁ"]);
        assert_eq!(found("İstanbul", "istanbul"), ["İstanbul"]);
        assert_eq!(found("aaaa", "aa"), ["aa", "aa"]);
        assert_eq!(found("nothing", ""), [""; 0]);
    }
}
