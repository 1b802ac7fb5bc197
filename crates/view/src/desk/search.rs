//! Finding what was said in this session.

use std::ops::Range;

use shepot_client::model::MessageId;

use super::{Desk, Item, Place};
use crate::markdown;

/// A message that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Where.
    pub place: Place,
    /// Which.
    pub message: MessageId,
}

/// A text as it is compared: small letters, ё as е. Every character stays one character.
#[must_use]
pub fn normal(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'ё' | 'Ё' => 'е',
            _ => {
                let mut small = c.to_lowercase();
                match (small.next(), small.next()) {
                    (Some(one), None) => one,
                    _ => c,
                }
            }
        })
        .collect()
}

/// Where a text has what is looked for: byte ranges of the text itself. `wanted` has to be [`normal`].
#[must_use]
pub fn matches(text: &str, wanted: &str) -> Vec<Range<usize>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let compared = normal(text);
    // The same number of characters, but not of bytes.
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let length = wanted.chars().count();
    compared
        .match_indices(wanted)
        .filter_map(|(at, _)| {
            let first = compared.get(..at)?.chars().count();
            Some(*starts.get(first)?..*starts.get(first + length)?)
        })
        .collect()
}

impl Desk {
    /// Messages that have what is looked for, the newest first.
    #[must_use]
    pub fn search(&self, wanted: &str, most: usize) -> Vec<Hit> {
        let wanted = normal(wanted.trim());
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut hits: Vec<(u64, Hit)> = Vec::new();
        for server in self.servers() {
            let found = server.timeline().iter().rev().filter_map(|(_, item)| match item {
                Item::Message(message)
                    if normal(&message.body).contains(&wanted)
                        && !matches(&markdown::plain(&message.body), &wanted).is_empty() =>
                {
                    let place = Place { server: server.id, room: message.room };
                    Some((message.at, Hit { place, message: message.id }))
                }
                Item::Message(_) | Item::Happening { .. } => None,
            });
            hits.extend(found.take(most));
        }
        hits.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        hits.into_iter().take(most).map(|(_, hit)| hit).collect()
    }
}
