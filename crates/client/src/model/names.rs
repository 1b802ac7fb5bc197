//! By what interfaces name things: servers, rooms, conversations, messages, people. As text most are hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text is no name of this kind: it has other characters than hexadecimal digits, or not as many as there are.
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
    /// Names a message.
    MessageId, 16
);
hex_name!(
    /// A person in a circle: the public key made for this connection. The nick proves nothing.
    PersonKey, 32
);
hex_name!(
    /// The short form of a key, for people.
    Fingerprint, 4
);

impl PersonKey {
    /// Its short form, also of somebody who is not in the circle any more.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(shepot_group::MemberKey(self.0).fingerprint())
    }
}

/// A server in the person's list, for as long as the engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServerId(pub u32);

/// A room of a circle. [`RoomId::MAIN`] is always there, and meant where none is named.
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

/// Where people talk: what is said, written and counted belongs to one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "NamedConversation")]
pub enum ConversationId {
    /// A room of the circle: whoever is in the circle is in it.
    Room(RoomId),
}

impl ConversationId {
    /// The conversation that every circle has.
    pub const MAIN: Self = Self::Room(RoomId::MAIN);

    /// The room that it is.
    #[must_use]
    pub const fn room(self) -> RoomId {
        let Self::Room(room) = self;
        room
    }
}

/// A conversation as programs name it; the main one has no need of a name.
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
