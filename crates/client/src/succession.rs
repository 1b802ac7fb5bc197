//! Successions: the owner's word that a generation has begun, as invitations and frames carry it and as groups check
//! it.

use shepot_group as group;
use shepot_protocol as protocol;

pub(crate) fn of_invitation(succession: &protocol::Succession) -> group::Succession {
    group::Succession {
        circle: succession.circle.0,
        generation: succession.generation,
        proof: succession.proof,
    }
}

pub(crate) fn for_others(succession: &group::Succession) -> protocol::Succession {
    protocol::Succession {
        circle: protocol::CircleId(succession.circle),
        generation: succession.generation,
        proof: succession.proof,
    }
}

/// Whether an invitation of a later generation has the valid word of its owner. True in generation 0.
pub(crate) fn is_right(invitation: &protocol::Invitation) -> bool {
    match (&invitation.succession, &invitation.owner) {
        (None, _) => true,
        (Some(succession), Some(owner)) => {
            succession.generation > 0 && of_invitation(succession).is_by(&owner.0)
        }
        (Some(_), None) => false,
    }
}
