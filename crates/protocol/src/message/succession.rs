//! [`Succession`] in frames.

use super::field::{DecodeError, exact, out};
use crate::id::CircleId;
use crate::succession::Succession;
use crate::wire;

pub(super) fn from_wire(succession: &wire::Succession) -> Result<Succession, DecodeError> {
    Ok(Succession {
        root: CircleId(exact(&succession.root, "root")?),
        generation: succession.generation,
        proof: exact(&succession.proof, "proof")?,
    })
}

pub(super) fn to_wire(succession: &Succession) -> wire::Succession {
    wire::Succession {
        root: out(&succession.root.0),
        generation: succession.generation,
        proof: out(&succession.proof),
    }
}
