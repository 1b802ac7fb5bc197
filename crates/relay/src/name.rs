//! What circles are found by.

use shepot_protocol::{CircleId, OwnerId};

/// What a circle is found by: another owner's of the same id is another circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name {
    pub id: CircleId,
    pub owner: Option<OwnerId>,
}
