//! Encoding and decoding of [`Succession`] in frames.

use super::field::{DecodeError, exact, out};
use crate::id::CircleId;
use crate::succession::Succession;
use crate::wire;

pub(super) fn from_wire(succession: &wire::Succession) -> Result<Succession, DecodeError> {
    Ok(Succession {
        circle: CircleId(exact(&succession.circle, "circle")?),
        generation: succession.generation,
        proof: exact(&succession.proof, "proof")?,
    })
}

pub(super) fn to_wire(succession: &Succession) -> wire::Succession {
    wire::Succession {
        circle: out(&succession.circle.0),
        generation: succession.generation,
        proof: out(&succession.proof),
    }
}
