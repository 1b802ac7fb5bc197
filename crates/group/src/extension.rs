//! Our MLS extensions: in every leaf the seat, nonce and profile of the member, in the group context the owner and the
//! generation of the secret.

use std::fmt;

use mls_rs::extension::ExtensionType;
use mls_rs::{Extension, ExtensionList};
use thiserror::Error;

use crate::error::Violation;

/// The extension of the group context, [`CircleContext`]. From the range for private use (RFC 9420, section 17.3).
pub(crate) const CIRCLE_CONTEXT: ExtensionType = ExtensionType::new(0xF0A1);

/// The extension of a leaf node, [`Leaf`].
pub(crate) const LEAF: ExtensionType = ExtensionType::new(0xF0A2);

const VERSION: u8 = 1;
const NO_MOOD: u8 = 0;

/// The longest nick in bytes of UTF-8: 20 characters of 4.
pub const NICK_BYTES: usize = 80;

/// A random value in the leaf of a newcomer. The acknowledgement of its join repeats it.
pub type JoinNonce = [u8; 16];

/// What a member tells people about itself in its leaf.
#[derive(Clone, PartialEq, Eq)]
pub struct Profile {
    nick: String,
    mood: Option<u8>,
}

/// The profile does not fit into a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a nick has 1 to {NICK_BYTES} bytes, a mood is not 0")]
pub struct ProfileTooLarge;

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Profile(…)")
    }
}

impl Profile {
    /// A nick of 1 to [`NICK_BYTES`] bytes and a mood, numbered from 1. The interface decides whether people may have
    /// such a nick.
    ///
    /// # Errors
    ///
    /// [`ProfileTooLarge`] if a bound is violated or the nick contains a zero byte.
    pub fn new(nick: impl Into<String>, mood: Option<u8>) -> Result<Self, ProfileTooLarge> {
        let nick = nick.into();
        if nick.is_empty() || nick.len() > NICK_BYTES || nick.contains('\0') || mood == Some(NO_MOOD) {
            return Err(ProfileTooLarge);
        }
        Ok(Self { nick, mood })
    }

    /// The nick as the member wrote it. It is not sanitised and proves nothing.
    #[must_use]
    pub fn nick(&self) -> &str {
        &self.nick
    }

    /// The number of the mood. `None`: no mood.
    #[must_use]
    pub const fn mood(&self) -> Option<u8> {
        self.mood
    }
}

/// The extension of a leaf (docs/PROTOCOL.md, section 7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) seat: u64,
    pub(crate) nonce: JoinNonce,
    pub(crate) profile: Profile,
}

impl Leaf {
    pub(crate) fn to_extensions(&self) -> ExtensionList {
        let mood = self.profile.mood.unwrap_or(NO_MOOD);
        let nick = self.profile.nick.as_bytes();
        // A leaf is as long whatever its nick: commits and group information tell nothing of it by their size.
        let zeros = [0; NICK_BYTES];
        let padding = zeros.get(nick.len()..).unwrap_or_default();
        let data = [&[VERSION, mood][..], &self.seat.to_be_bytes(), &self.nonce, nick, padding].concat();
        vec![Extension::new(LEAF, data)].into()
    }

    pub(crate) fn from_extensions(extensions: &ExtensionList) -> Result<Self, Violation> {
        let extension = extensions.iter().find(|e| e.extension_type == LEAF).ok_or(Violation::Leaf)?;
        Self::parse(&extension.extension_data).ok_or(Violation::Leaf)
    }

    fn parse(data: &[u8]) -> Option<Self> {
        let (&[version, mood], rest) = data.split_first_chunk()?;
        let (seat, rest) = rest.split_first_chunk()?;
        let (nonce, nick) = rest.split_first_chunk()?;
        let nick: &[u8; NICK_BYTES] = nick.try_into().ok()?;
        // Whatever stands behind the first zero has to be zeros; no nick has one in it.
        let length = nick.iter().position(|byte| *byte == 0).unwrap_or(NICK_BYTES);
        let (nick, padding) = nick.split_at(length);
        if padding.iter().any(|byte| *byte != 0) {
            return None;
        }
        let nick = std::str::from_utf8(nick).ok()?;
        let profile = Profile::new(nick, Some(mood).filter(|mood| *mood != NO_MOOD)).ok()?;
        (version == VERSION).then_some(Self { seat: u64::from_be_bytes(*seat), nonce: *nonce, profile })
    }
}

/// The id of an owner: the first 16 bytes of the SHA-256 of the owner's Ed25519 public key.
pub type OwnerId = [u8; 16];

/// The extension of the group context (docs/PROTOCOL.md, section 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CircleContext {
    pub(crate) generation: u32,
    pub(crate) owner: Option<OwnerId>,
}

impl CircleContext {
    pub(crate) fn to_extensions(self) -> ExtensionList {
        let mut data = vec![VERSION];
        data.extend_from_slice(&self.generation.to_be_bytes());
        data.extend_from_slice(self.owner.as_ref().map_or(&[][..], |owner| owner));
        vec![Extension::new(CIRCLE_CONTEXT, data)].into()
    }

    pub(crate) fn from_extensions(extensions: &ExtensionList) -> Result<Self, Violation> {
        if extensions.len() != 1 {
            return Err(Violation::ContextChange);
        }
        let extension =
            extensions.iter().find(|e| e.extension_type == CIRCLE_CONTEXT).ok_or(Violation::ContextChange)?;
        Self::parse(&extension.extension_data).ok_or(Violation::ContextChange)
    }

    fn parse(data: &[u8]) -> Option<Self> {
        let (&[version, a, b, c, d], owner) = data.split_first_chunk()?;
        let owner = if owner.is_empty() { None } else { Some(owner.try_into().ok()?) };
        (version == VERSION).then_some(Self { generation: u32::from_be_bytes([a, b, c, d]), owner })
    }
}
