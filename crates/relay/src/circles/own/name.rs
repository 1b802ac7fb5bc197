//! The names by which circles are found.

use shepot_protocol::message::Enter;
use shepot_protocol::{CircleId, CircleName, OwnerId};

/// What a circle is found by. With another owner or another id, the same name leads to another circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name {
    pub called: CircleName,
    /// The id by which frames name the circle.
    pub circle: CircleId,
    pub owner: Option<OwnerId>,
}

impl Name {
    /// The name in an `Enter`.
    pub(crate) fn of(enter: &Enter) -> Self {
        Self { called: enter.name, circle: enter.circle(), owner: enter.owner }
    }
}
