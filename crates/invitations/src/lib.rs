//! Invitations to new circles, from the person who hosts a relay to the first members.
//!
//! Owns: making circle secrets and owners' keys, in the program that invites: a command, or the client that hosts. Must
//! never: be used by the relay. A standalone server gives its address, its identity and an access key, and never sees
//! the rest.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use shepot_protocol::{CircleSecret, Invitation, OwnerId, OwnerSeed};
use thiserror::Error;
use zeroize::Zeroizing;

/// The system supplies no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

/// The invitations to a circle that does not exist yet. The circle secret exists in these two links only and is wiped
/// with them.
#[derive(Debug)]
pub struct NewCircle {
    /// The invitation for all members.
    pub invitation: Invitation,
    /// The owner's invitation to the same circle.
    pub owner_invitation: Invitation,
}

impl NewCircle {
    /// Makes a circle secret and an owner's key for a circle on the relay of an invitation that opens no circle. On an
    /// open relay, which has no access key, only the circle secret keeps strangers out of the circle.
    ///
    /// # Errors
    ///
    /// [`NoRandomness`] if the system supplies no random bytes.
    pub fn on(relay: &Invitation) -> Result<Self, NoRandomness> {
        let mut secret = Zeroizing::new([0; 32]);
        let mut seed = Zeroizing::new([0; 32]);
        rand::fill(&mut *secret).map_err(|_| NoRandomness)?;
        rand::fill(&mut *seed).map_err(|_| NoRandomness)?;
        let owner = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| NoRandomness)?;
        let hash = digest(&SHA256, owner.public_key().as_ref());
        let owner = hash.as_ref().first_chunk().copied().map(OwnerId).ok_or(NoRandomness)?;
        let invitation = Invitation {
            circle_secret: Some(CircleSecret::new(*secret)),
            owner: Some(owner),
            owner_seed: None,
            succession: None,
            ..relay.clone()
        };
        let owner_invitation = Invitation { owner_seed: Some(OwnerSeed::new(*seed)), ..invitation.clone() };
        Ok(Self { invitation, owner_invitation })
    }
}

#[cfg(test)]
mod tests {
    use shepot_protocol::{AccessKey, Pin};

    use super::*;

    #[test]
    fn both_links_open_the_same_circle_and_one_owns_it() {
        let relay = Invitation {
            address: "203.0.113.5:7443".parse().unwrap(),
            pin: Pin([1; 32]),
            access_key: Some(AccessKey::new([2; 32])),
            circle_secret: None,
            owner: None,
            owner_seed: None,
            expires_at: Some(7),
            succession: None,
        };
        let circle = NewCircle::on(&relay).unwrap();
        assert_eq!(circle.invitation.circle_secret, circle.owner_invitation.circle_secret);
        assert!(circle.invitation.owner_seed.is_none() && circle.owner_invitation.owner_seed.is_some());
        assert_eq!(circle.invitation.owner, circle.owner_invitation.owner);
        assert_eq!(
            (circle.invitation.expires_at, &circle.invitation.access_key),
            (Some(7), &relay.access_key)
        );
        let other = NewCircle::on(&relay).unwrap();
        assert_ne!(circle.invitation.circle_secret, other.invitation.circle_secret);
    }
}
