//! Invitations to new circles: what whoever hosts a relay gives to the first who come.
//!
//! The relay never keeps a circle secret. The one made here exists in the two links and nowhere else, and is wiped with
//! them.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use shepot_protocol::OwnerId;
use shepot_protocol::{AccessKey, Address, CircleSecret, Invitation, OwnerSeed, Pin};
use zeroize::Zeroizing;

/// The invitations to a circle that does not exist yet.
#[derive(Debug)]
pub struct NewCircle {
    /// For everybody.
    pub invitation: Invitation,
    /// For the one who is to own the circle: opens the same circle.
    pub owner_invitation: Invitation,
}

impl NewCircle {
    /// Makes a circle secret and an owner's key, and invitations with them.
    /// A relay that is open has no access key; then the circle's secret alone keeps strangers out of the circle.
    ///
    /// # Errors
    ///
    /// [`Unspecified`] when the system gives no randomness.
    pub fn generate(address: Address, pin: Pin, access_key: Option<AccessKey>) -> Result<Self, Unspecified> {
        let mut secret = Zeroizing::new([0; 32]);
        let mut seed = Zeroizing::new([0; 32]);
        rand::fill(&mut *secret)?;
        rand::fill(&mut *seed)?;
        let owner = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| Unspecified)?;
        let hash = digest(&SHA256, owner.public_key().as_ref());
        let owner = hash.as_ref().first_chunk().copied().map(OwnerId).ok_or(Unspecified)?;
        let invitation = Invitation {
            address,
            pin,
            access_key,
            circle_secret: Some(CircleSecret::new(*secret)),
            owner: Some(owner),
            owner_seed: None,
            expires_at: None,
            succession: None,
        };
        let owner_invitation = Invitation { owner_seed: Some(OwnerSeed::new(*seed)), ..invitation.clone() };
        Ok(Self { invitation, owner_invitation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_links_open_the_same_circle_and_one_owns_it() {
        let address: Address = "203.0.113.5:7443".parse().unwrap();
        let circle = NewCircle::generate(address.clone(), Pin([1; 32]), None).unwrap();
        assert_eq!(circle.invitation.circle_secret, circle.owner_invitation.circle_secret);
        assert!(circle.invitation.owner_seed.is_none() && circle.owner_invitation.owner_seed.is_some());
        let other = NewCircle::generate(address, Pin([1; 32]), None).unwrap();
        assert_ne!(circle.invitation.circle_secret, other.invitation.circle_secret);
    }
}
