//! What is looked for in everything that was said: beside the room, or over it.
//!
//! Must never: hold what was said, or keep what is gone.

use shepot_client::model::MessageId;
use shepot_view::desk::{Desk, Hit};

/// Hits of a search.
const MOST_HITS: usize = 100;

/// What is looked for, and where it was found.
#[derive(Default)]
pub struct Search {
    wanted: String,
    hits: Vec<Hit>,
    chosen: Option<MessageId>,
}

impl Search {
    /// What is looked for.
    #[must_use]
    pub fn wanted(&self) -> &str {
        &self.wanted
    }

    /// Where it was found, the newest first.
    #[must_use]
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// Which of them the person went to last.
    #[must_use]
    pub fn chosen(&self) -> Option<usize> {
        self.hits.iter().position(|hit| Some(hit.message) == self.chosen)
    }

    /// This is looked for; nothing, where it is empty.
    pub(crate) fn look_for(&mut self, desk: &Desk, wanted: String) {
        let chosen = self.chosen.filter(|_| !wanted.is_empty());
        let hits = desk.search(&wanted, MOST_HITS);
        *self = Self { wanted, hits, chosen };
    }

    /// What is gone is not found any more. Nothing else moves under the eyes of who reads: it is found anew when something
    /// is typed. False: all is still there.
    pub(crate) fn keep(&mut self, desk: &Desk) -> bool {
        let before = self.hits.len();
        let is_there = |hit: &Hit| {
            desk.message_of(hit.place.server, &hit.message).is_some_and(|message| !message.is_deleted)
        };
        self.hits.retain(is_there);
        self.hits.len() < before
    }

    /// The person goes to what was found there.
    pub(crate) fn choose(&mut self, at: usize) -> Option<Hit> {
        let hit = self.hits.get(at).copied()?;
        self.chosen = Some(hit.message);
        Some(hit)
    }

    /// The next that was found, or the one before; none where nothing was.
    pub(crate) fn next(&self, back: bool) -> Option<usize> {
        let last = self.hits.len().checked_sub(1)?;
        Some(match self.chosen() {
            None => 0,
            Some(at) if back => at.saturating_sub(1),
            Some(at) => (at + 1).min(last),
        })
    }
}
