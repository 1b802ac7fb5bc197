//! Names of servers, rooms, conversations, messages and people. Most are written as hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The text is not a name of this kind: it has the wrong length, or characters other than hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchName;

fn bytes_of<const N: usize>(digits: &str) -> Result<[u8; N], NoSuchName> {
    let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| NoSuchName)?;
    bytes.try_into().map_err(|_| NoSuchName)
}

/// Declares a name that is shown and written as hexadecimal digits.
macro_rules! hex_name {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; $bytes]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                HEXLOWER.encode_display(&self.0).fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = NoSuchName;

            fn from_str(digits: &str) -> Result<Self, NoSuchName> {
                bytes_of(digits).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let digits = String::deserialize(deserializer)?;
                digits
                    .parse()
                    .map_err(|_| serde::de::Error::custom(format!("expected {} hexadecimal digits", $bytes * 2)))
            }
        }
    };
}

hex_name!(
    /// The id of a message, which its author chose.
    MessageId, 16
);
hex_name!(
    /// A person in a circle: the public key made for this session. The nick proves nothing.
    PersonKey, 32
);
hex_name!(
    /// The short form of a key, for people to compare.
    Fingerprint, 4
);

impl PersonKey {
    /// The short form of the key, also for somebody who has left the circle.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(shepot_group::MemberKey(self.0).fingerprint())
    }
}

/// A server on the person's list. Valid for as long as the engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServerId(pub u32);

/// A room of a circle. [`RoomId::MAIN`] always exists, and is meant if none is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub u64);

impl RoomId {
    /// The room that every circle has.
    pub const MAIN: Self = Self(0);
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for RoomId {
    type Err = NoSuchName;

    fn from_str(digits: &str) -> Result<Self, NoSuchName> {
        bytes_of(digits).map(|bytes| Self(u64::from_be_bytes(bytes)))
    }
}

impl Serialize for RoomId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RoomId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        digits.parse().map_err(|_| serde::de::Error::custom("expected 16 hexadecimal digits"))
    }
}

/// The place where people talk. Everything said, written, unread or counted belongs to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "NamedConversation")]
pub enum ConversationId {
    /// A room, which contains everybody in the circle.
    Room(RoomId),
}

impl ConversationId {
    /// The conversation that every circle has.
    pub const MAIN: Self = Self::Room(RoomId::MAIN);

    /// The room that it stands for.
    #[must_use]
    pub const fn room(self) -> RoomId {
        let Self::Room(room) = self;
        room
    }
}

/// A conversation as programs write it. Without a name the main one is meant.
#[derive(Deserialize)]
struct NamedConversation {
    #[serde(default)]
    room: RoomId,
}

impl From<NamedConversation> for ConversationId {
    fn from(named: NamedConversation) -> Self {
        Self::Room(named.room)
    }
}
