//! What is looked for in everything that was said: beside the room, or over it.
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
    is_stale: bool,
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
        *self = Self { wanted, hits, chosen, is_stale: false };
    }

    /// What was said is another: what was found is found anew before it is looked at.
    pub(crate) const fn outdate(&mut self) {
        self.is_stale = !self.wanted.is_empty();
    }

    /// Finds it anew where that is due. False: it was not.
    pub(crate) fn look_again(&mut self, desk: &Desk) -> bool {
        let is_due = self.is_stale;
        if is_due {
            let wanted = std::mem::take(&mut self.wanted);
            self.look_for(desk, wanted);
        }
        is_due
    }

    /// The person goes to what was found there, where it still is.
    pub(crate) fn choose(&mut self, desk: &Desk, at: usize) -> Option<Hit> {
        let hit = self.hits.get(at).copied()?;
        desk.message_of(hit.place.server, &hit.message).filter(|message| !message.is_deleted)?;
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
