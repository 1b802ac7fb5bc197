//! What only the owner of a circle may say. It carries a signature, whoever passes it on.

use aws_lc_rs::digest::{SHA256, digest};
use shepot_group::{OWNER_WORD_BYTES, OwnerId, OwnerKey, is_owners_statement};
use shepot_sanitise::Sanitised;

use crate::model::{CircleName, RoomId, unprinted};

/// The owner's public key (32 bytes) and signature (64 bytes).
pub(crate) type OwnerWord = [u8; OWNER_WORD_BYTES];

/// The circle that a statement is about: the id that its first secret gave, and its owner.
#[derive(Clone, Copy)]
pub(crate) struct Owned {
    pub(crate) circle: [u8; 16],
    /// `None`: the circle has no owner, and no statement counts.
    pub(crate) owner: Option<OwnerId>,
}

impl Owned {
    fn is_said(&self, statement: &[u8], word: &OwnerWord) -> bool {
        self.owner.is_some_and(|owner| is_owners_statement(&owner, &self.circle, statement, word))
    }

    /// Whether `word` is the owner's signed statement that this room is deleted.
    pub(crate) fn deletes(&self, room: RoomId, word: &OwnerWord) -> bool {
        self.is_said(&deletion(room), word)
    }
}

/// The statement that the owner signs to delete a room (docs/PROTOCOL.md, section 15.1).
pub(crate) fn deletion(room: RoomId) -> Vec<u8> {
    [&[DELETION][..], &room.0.to_be_bytes()].concat()
}

/// The first byte of a statement, which says its kind.
const PROFILE: u8 = 1;
const DELETION: u8 = 2;

/// The name and the look of a circle.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CircleProfile {
    /// The highest revision holds.
    pub(crate) revision: u64,
    pub(crate) name: Sanitised,
    /// What the owner is called.
    pub(crate) owner: Sanitised,
    pub(crate) picture_digest: Option<[u8; 32]>,
    pub(crate) word: OwnerWord,
}

unprinted!(CircleProfile);

impl CircleProfile {
    /// Makes a profile and signs it with the owner's key.
    pub(crate) fn signed(
        key: &OwnerKey,
        circle: &[u8; 16],
        revision: u64,
        (name, owner): (Sanitised, Sanitised),
        image: &[u8],
    ) -> Self {
        let picture_digest = if image.is_empty() { None } else { Some(digest_of(image)) };
        let unsigned = Self { revision, name, owner, picture_digest, word: [0; OWNER_WORD_BYTES] };
        Self { word: key.sign_statement(circle, &unsigned.statement()), ..unsigned }
    }

    /// Whether the circle's owner signed it.
    pub(crate) fn is_of(&self, owned: &Owned) -> bool {
        owned.is_said(&self.statement(), &self.word)
    }

    pub(crate) fn is_picture(&self, image: &[u8]) -> bool {
        self.picture_digest == Some(digest_of(image))
    }

    /// The part that people see.
    pub(crate) fn shown(&self) -> CircleName {
        CircleName { name: self.name.clone(), owner: self.owner.clone() }
    }

    /// Size of what people put into it, in bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        size_of::<Self>() + self.name.len() + self.owner.len()
    }

    fn statement(&self) -> Vec<u8> {
        let digest = self.picture_digest.as_ref().map_or(&[][..], |digest| &digest[..]);
        let mut statement = vec![PROFILE];
        statement.extend(self.revision.to_be_bytes());
        for part in [self.name.as_bytes(), self.owner.as_bytes(), digest] {
            // No part is longer than some hundred bytes.
            statement.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            statement.extend(part);
        }
        statement
    }
}

fn digest_of(image: &[u8]) -> [u8; 32] {
    digest(&SHA256, image).as_ref().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CIRCLE: [u8; 16] = [7; 16];

    #[test]
    fn only_the_owner_says_what_a_circle_is_called_and_that_a_room_goes() {
        let (key, other) = (OwnerKey::from_seed(&[1; 32]), OwnerKey::from_seed(&[2; 32]));
        let owned = Owned { circle: CIRCLE, owner: Some(key.id()) };
        let signed = |key: &OwnerKey, circle: &[u8; 16]| {
            CircleProfile::signed(key, circle, 5, ("Маяк".into(), "Марина".into()), b"png")
        };
        let profile = signed(&key, &CIRCLE);
        assert!(profile.is_of(&owned) && profile.is_picture(b"png") && !profile.is_picture(b"gif"));
        assert!(!signed(&other, &CIRCLE).is_of(&owned), "by somebody else");
        assert!(!signed(&key, &[8; 16]).is_of(&owned), "of another circle");
        assert!(!profile.is_of(&Owned { owner: None, ..owned }), "nobody owns it");
        for changed in [
            CircleProfile { revision: 6, ..profile.clone() },
            CircleProfile { name: "Мая".into(), owner: "кМарина".into(), ..profile.clone() },
            CircleProfile { picture_digest: None, ..profile.clone() },
        ] {
            assert!(!changed.is_of(&owned));
        }
        let word = key.sign_statement(&CIRCLE, &deletion(RoomId(9)));
        assert!(owned.deletes(RoomId(9), &word) && !owned.deletes(RoomId(8), &word));
        assert!(!owned.deletes(RoomId(9), &profile.word));
    }
}
