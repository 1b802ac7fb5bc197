//! The owner's word that a generation of a circle has begun, as invitations and frames carry it. Whether it is right only
//! clients can tell.

use crate::id::CircleId;

/// The owner's word that a generation of a circle has begun: every invitation of an earlier one is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The id that the circle's first secret gave.
    pub root: CircleId,
    /// How many times the secret was changed.
    pub generation: u32,
    /// The owner's public key (32 bytes) and its signature (64).
    pub proof: [u8; Self::PROOF_BYTES],
}

impl Succession {
    /// Bytes of [`Succession::proof`].
    pub const PROOF_BYTES: usize = 96;
}
