//! What is looked for in everything that was said, where it stands beside the room.
//!
//! Must never: hold what was said. It is found anew when that changes, and gone with it.

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
        self.wanted = wanted;
        self.look_again(desk);
    }

    /// What was said is another.
    pub(crate) fn look_again(&mut self, desk: &Desk) {
        self.hits = desk.search(&self.wanted, MOST_HITS);
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
