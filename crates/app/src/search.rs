//! Search in everything that was said, beside the room or over it.
//!
//! Must never: hold what was said, or keep hits that are gone.

use shepot_client::model::MessageId;
use shepot_view::desk::{Desk, Hit};

/// The most hits of a search.
const MOST_HITS: usize = 100;

/// The search: its text and hits.
#[derive(Default)]
pub struct Search {
    wanted: String,
    hits: Vec<Hit>,
    chosen: Option<MessageId>,
}

impl Search {
    /// The text that is searched for. Empty: no search.
    #[must_use]
    pub fn wanted(&self) -> &str {
        &self.wanted
    }

    /// The hits, newest first.
    #[must_use]
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// The position of the hit that the person went to last.
    #[must_use]
    pub fn chosen(&self) -> Option<usize> {
        self.hits.iter().position(|hit| Some(hit.message) == self.chosen)
    }

    /// Searches for this text. Empty: no search.
    pub(crate) fn look_for(&mut self, desk: &Desk, wanted: String) {
        let chosen = self.chosen.filter(|_| !wanted.is_empty());
        let hits = desk.search(&wanted, MOST_HITS);
        *self = Self { wanted, hits, chosen };
    }

    /// Drops hits that are gone. Others stay in place, and new ones come only with another search. Returns true if any
    /// was dropped.
    pub(crate) fn keep(&mut self, desk: &Desk) -> bool {
        let before = self.hits.len();
        let is_there = |hit: &Hit| {
            desk.message_of(hit.place.server, &hit.message).is_some_and(|message| !message.is_deleted)
        };
        self.hits.retain(is_there);
        self.hits.len() < before
    }

    /// Notes that the person goes to this hit, and returns it.
    pub(crate) fn choose(&mut self, at: usize) -> Option<Hit> {
        let hit = self.hits.get(at).copied()?;
        self.chosen = Some(hit.message);
        Some(hit)
    }

    /// The position of the next or previous hit. `None` if there are no hits.
    pub(crate) fn next(&self, back: bool) -> Option<usize> {
        let last = self.hits.len().checked_sub(1)?;
        Some(match self.chosen() {
            None => 0,
            Some(at) if back => at.saturating_sub(1),
            Some(at) => (at + 1).min(last),
        })
    }
}
