//! What circles are found by.

use shepot_protocol::message::Enter;
use shepot_protocol::{CircleId, CircleName, OwnerId};

/// What a circle is found by: another owner's, or another line's, of the same name is another circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name {
    pub called: CircleName,
    /// By what frames name it.
    pub circle: CircleId,
    pub owner: Option<OwnerId>,
}

impl Name {
    /// Of the circle that somebody wants to enter.
    pub(crate) fn of(enter: &Enter) -> Self {
        Self { called: enter.name, circle: enter.circle(), owner: enter.owner }
    }
}
