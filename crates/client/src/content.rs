//! What members say to each other: bytes to content and back. Sizes are checked and text is sanitised here, once, on
//! the way in. On the way out the same rules refuse what others would cut.

use std::time::Duration;

use prost::Message as _;
use shepot_sanitise::{self as sanitise, Sanitised};
use thiserror::Error;

use crate::clock::Now;
use crate::limits::{
    AVATAR_BYTES, CIRCLE_NAME_CHARACTERS, MENTIONS_PER_MESSAGE, MESSAGE_CHARACTERS, NICK_CHARACTERS,
    REACTION_CHARACTERS, ROOM_NAME_CHARACTERS, ROOMS,
};
use crate::model::{MessageId, PersonKey, RoomId, unprinted};

/// The code generated from `proto/content.proto`. It checks neither sizes nor required fields. This module does.
#[rustfmt::skip]
#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub)]
mod wire;
use wire::content::Kind;

mod owner;
pub(crate) use owner::{CircleProfile, Owned, OwnerWord, deletion};

/// A content that follows the grammar, with its text sanitised.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Text(Text),
    Edit {
        message: MessageId,
        body: Sanitised,
        mentions: Vec<PersonKey>,
    },
    Delete {
        message: MessageId,
    },
    Reaction {
        message: MessageId,
        emoji: Sanitised,
        taken_back: bool,
    },
    RoomMade {
        room: RoomId,
        name: Sanitised,
    },
    RoomRenamed {
        room: RoomId,
        name: Sanitised,
    },
    Timer {
        room: RoomId,
        seconds: u32,
    },
    Typing {
        room: RoomId,
    },
    Acknowledgement {
        nonce: [u8; 16],
        rooms: Vec<DirectoryRoom>,
        profile: Option<Box<CircleProfile>>,
    },
    Avatar {
        image: Vec<u8>,
    },
    CircleProfile(Box<CircleProfile>),
    CirclePicture {
        image: Vec<u8>,
    },
    RoomDeleted {
        room: RoomId,
        /// The owner's word. `None`: the room's maker deletes it.
        word: Option<OwnerWord>,
    },
    /// A kind that only newer programs know.
    Unknown,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) message: MessageId,
    pub(crate) room: RoomId,
    pub(crate) body: Sanitised,
    pub(crate) reply_to: Option<MessageId>,
    pub(crate) mentions: Vec<PersonKey>,
    pub(crate) disappears_after_s: u32,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DirectoryRoom {
    pub(crate) room: RoomId,
    pub(crate) name: Sanitised,
    pub(crate) disappears_after_s: u32,
    pub(crate) maker: Option<PersonKey>,
}

impl DirectoryRoom {
    pub(crate) const fn named(room: RoomId, name: Sanitised, maker: Option<PersonKey>) -> Self {
        Self { room, name, disappears_after_s: 0, maker }
    }
}

impl Text {
    /// When it disappears here, by the steady clock, which nobody can set. `None`: never.
    pub(crate) fn expiry(&self, now: Now) -> Option<Duration> {
        let after = Duration::from_secs(self.disappears_after_s.into());
        (!after.is_zero()).then(|| now.steady.saturating_add(after))
    }
}

unprinted!(Content, Text, DirectoryRoom);

/// The sender did not follow the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a content that does not follow the grammar")]
pub(crate) struct Malformed;

impl Content {
    /// Size of what people put into it, in bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        let keys = |mentions: &[PersonKey]| size_of_val(mentions);
        match self {
            Self::Text(text) => text.body.len() + keys(&text.mentions),
            Self::Edit { body, mentions, .. } => body.len() + keys(mentions),
            Self::Reaction { emoji, .. } => emoji.len(),
            Self::RoomMade { name, .. } | Self::RoomRenamed { name, .. } => name.len(),
            Self::Acknowledgement { rooms, profile, .. } => {
                let rooms: usize =
                    rooms.iter().map(|room| size_of::<DirectoryRoom>() + room.name.len()).sum();
                rooms + profile.as_ref().map_or(0, |profile| profile.held_bytes())
            }
            Self::Avatar { image } | Self::CirclePicture { image } => image.len(),
            Self::CircleProfile(profile) => profile.held_bytes(),
            Self::Delete { .. }
            | Self::Timer { .. }
            | Self::RoomDeleted { .. }
            | Self::Typing { .. }
            | Self::Unknown => 0,
        }
    }

    /// The message of its author that it edits or deletes.
    pub(crate) const fn changed(&self) -> Option<MessageId> {
        match self {
            Self::Edit { message, .. } | Self::Delete { message } => Some(*message),
            Self::Text(_)
            | Self::Reaction { .. }
            | Self::RoomMade { .. }
            | Self::RoomRenamed { .. }
            | Self::RoomDeleted { .. }
            | Self::Timer { .. }
            | Self::Typing { .. }
            | Self::Acknowledgement { .. }
            | Self::Avatar { .. }
            | Self::CircleProfile(_)
            | Self::CirclePicture { .. }
            | Self::Unknown => None,
        }
    }

    /// Whether it has words that were meant for those who were there.
    pub(crate) const fn has_words(&self) -> bool {
        match self {
            Self::Text(_) | Self::Edit { .. } => true,
            // Newcomers are told the rooms and the name of the circle anyway, and see everybody's picture.
            Self::RoomMade { .. }
            | Self::RoomRenamed { .. }
            | Self::Timer { .. }
            | Self::RoomDeleted { .. }
            | Self::Avatar { .. }
            | Self::Delete { .. }
            | Self::Reaction { .. }
            | Self::CircleProfile(_)
            | Self::CirclePicture { .. }
            | Self::Typing { .. }
            | Self::Acknowledgement { .. }
            | Self::Unknown => false,
        }
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let Some(kind) = wire::Content::decode(bytes).map_err(|_| Malformed)?.kind else {
            return Ok(Self::Unknown);
        };
        Ok(match kind {
            Kind::Text(text) => Self::Text(Text {
                message: id(&text.message_id)?,
                room: RoomId(text.room),
                body: body(&text.body)?,
                reply_to: if text.reply_to.is_empty() { None } else { Some(id(&text.reply_to)?) },
                mentions: mentions(&text.mentions)?,
                disappears_after_s: text.disappears_after_s,
            }),
            Kind::Edit(edit) => Self::Edit {
                message: id(&edit.message_id)?,
                body: body(&edit.body)?,
                mentions: mentions(&edit.mentions)?,
            },
            Kind::Delete(delete) => Self::Delete { message: id(&delete.message_id)? },
            Kind::Reaction(reaction) => Self::Reaction {
                message: id(&reaction.message_id)?,
                emoji: sanitise::reaction(&reaction.emoji, REACTION_CHARACTERS).ok_or(Malformed)?,
                taken_back: reaction.taken_back,
            },
            Kind::RoomMade(made) => Self::RoomMade { room: RoomId(made.room), name: room_name(&made.name)? },
            Kind::RoomRenamed(renamed) => {
                Self::RoomRenamed { room: RoomId(renamed.room), name: room_name(&renamed.name)? }
            }
            Kind::Timer(timer) => Self::Timer { room: RoomId(timer.room), seconds: timer.seconds },
            Kind::Typing(typing) => Self::Typing { room: RoomId(typing.room) },
            Kind::Acknowledgement(acknowledgement) => Self::Acknowledgement {
                nonce: acknowledgement.nonce.try_into().map_err(|_| Malformed)?,
                rooms: directory(&acknowledgement.rooms)?,
                profile: acknowledgement.circle.as_ref().map(circle_profile).transpose()?.map(Box::new),
            },
            Kind::CircleProfile(profile) => Self::CircleProfile(Box::new(circle_profile(&profile)?)),
            Kind::CirclePicture(picture) if picture.image.len() <= AVATAR_BYTES => {
                Self::CirclePicture { image: picture.image }
            }
            Kind::RoomDeleted(deleted) => Self::RoomDeleted {
                room: RoomId(deleted.room),
                word: if deleted.word.is_empty() { None } else { Some(exactly(&deleted.word)?) },
            },
            Kind::Avatar(avatar) if avatar.image.len() <= AVATAR_BYTES => {
                Self::Avatar { image: avatar.image }
            }
            Kind::Avatar(_) | Kind::CirclePicture(_) => return Err(Malformed),
        })
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let kind = match self {
            Self::Text(text) => Some(Kind::Text(wire::Text {
                message_id: text.message.0.to_vec(),
                room: text.room.0,
                body: text.body.to_string(),
                reply_to: text.reply_to.map(|id| id.0.to_vec()).unwrap_or_default(),
                mentions: keys(&text.mentions),
                disappears_after_s: text.disappears_after_s,
            })),
            Self::Edit { message, body, mentions } => Some(Kind::Edit(wire::Edit {
                message_id: message.0.to_vec(),
                body: body.to_string(),
                mentions: keys(mentions),
            })),
            Self::Delete { message } => Some(Kind::Delete(wire::Delete { message_id: message.0.to_vec() })),
            Self::Reaction { message, emoji, taken_back } => Some(Kind::Reaction(wire::Reaction {
                message_id: message.0.to_vec(),
                emoji: emoji.to_string(),
                taken_back: *taken_back,
            })),
            Self::RoomMade { room, name } => {
                Some(Kind::RoomMade(wire::RoomMade { room: room.0, name: name.to_string() }))
            }
            Self::RoomRenamed { room, name } => {
                Some(Kind::RoomRenamed(wire::RoomRenamed { room: room.0, name: name.to_string() }))
            }
            Self::Timer { room, seconds } => {
                Some(Kind::Timer(wire::Timer { room: room.0, seconds: *seconds }))
            }
            Self::Typing { room } => Some(Kind::Typing(wire::Typing { room: room.0 })),
            Self::Acknowledgement { nonce, rooms, profile } => {
                Some(Kind::Acknowledgement(wire::Acknowledgement {
                    nonce: nonce.to_vec(),
                    rooms: rooms.iter().map(to_wire_room).collect(),
                    circle: profile.as_deref().map(to_wire_profile),
                }))
            }
            Self::CircleProfile(profile) => Some(Kind::CircleProfile(to_wire_profile(profile))),
            Self::CirclePicture { image } => {
                Some(Kind::CirclePicture(wire::CirclePicture { image: image.clone() }))
            }
            Self::RoomDeleted { room, word } => Some(Kind::RoomDeleted(wire::RoomDeleted {
                room: room.0,
                word: word.map(|word| word.to_vec()).unwrap_or_default(),
            })),
            Self::Avatar { image } => Some(Kind::Avatar(wire::Avatar { image: image.clone() })),
            Self::Unknown => None,
        };
        wire::Content { kind }.encode_to_vec()
    }
}

fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Malformed> {
    bytes.try_into().map_err(|_| Malformed)
}

fn circle_profile(profile: &wire::CircleProfile) -> Result<CircleProfile, Malformed> {
    let digest = &profile.picture_digest;
    Ok(CircleProfile {
        revision: profile.revision,
        name: sanitise::line(&profile.name, CIRCLE_NAME_CHARACTERS).ok_or(Malformed)?,
        owner: sanitise::nick(&profile.owner, &NICK_CHARACTERS).ok_or(Malformed)?,
        picture_digest: if digest.is_empty() { None } else { Some(exactly(digest)?) },
        word: exactly(&profile.word)?,
    })
}

fn to_wire_profile(profile: &CircleProfile) -> wire::CircleProfile {
    wire::CircleProfile {
        revision: profile.revision,
        name: profile.name.to_string(),
        owner: profile.owner.to_string(),
        picture_digest: profile.picture_digest.map(|digest| digest.to_vec()).unwrap_or_default(),
        word: profile.word.to_vec(),
    }
}

fn to_wire_room(room: &DirectoryRoom) -> wire::Room {
    wire::Room {
        room: room.room.0,
        name: room.name.to_string(),
        disappears_after_s: room.disappears_after_s,
        maker: room.maker.map(|maker| maker.0.to_vec()).unwrap_or_default(),
    }
}

fn id(bytes: &[u8]) -> Result<MessageId, Malformed> {
    exactly(bytes).map(MessageId)
}

fn body(text: &str) -> Result<Sanitised, Malformed> {
    sanitise::text(text, MESSAGE_CHARACTERS).ok_or(Malformed)
}

fn room_name(text: &str) -> Result<Sanitised, Malformed> {
    sanitise::line(text, ROOM_NAME_CHARACTERS).ok_or(Malformed)
}

fn mentions(keys: &[Vec<u8>]) -> Result<Vec<PersonKey>, Malformed> {
    if keys.len() > MENTIONS_PER_MESSAGE {
        return Err(Malformed);
    }
    keys.iter().map(|key| exactly(key).map(PersonKey)).collect()
}

fn keys(people: &[PersonKey]) -> Vec<Vec<u8>> {
    people.iter().map(|key| key.0.to_vec()).collect()
}

fn directory(rooms: &[wire::Room]) -> Result<Vec<DirectoryRoom>, Malformed> {
    if rooms.len() > ROOMS {
        return Err(Malformed);
    }
    rooms
        .iter()
        .map(|room| {
            Ok(DirectoryRoom {
                room: RoomId(room.room),
                name: room_name(&room.name)?,
                disappears_after_s: room.disappears_after_s,
                maker: if room.maker.is_empty() { None } else { Some(PersonKey(exactly(&room.maker)?)) },
            })
        })
        .collect()
}

/// What a hostile program says: a text as it is.
#[cfg(test)]
pub(crate) fn unsanitised(message: MessageId, room: RoomId, body: &str) -> Vec<u8> {
    let text = wire::Text {
        message_id: message.0.to_vec(),
        room: room.0,
        body: body.to_owned(),
        ..Default::default()
    };
    wire::Content { kind: Some(Kind::Text(text)) }.encode_to_vec()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MESSAGE: MessageId = MessageId([7; 16]);

    fn profile(name: &str) -> CircleProfile {
        CircleProfile {
            revision: 5,
            name: name.into(),
            owner: "Марина".into(),
            picture_digest: Some([2; 32]),
            word: [3; 96],
        }
    }

    #[test]
    fn the_largest_acknowledgement_is_sent() {
        let room = |n| DirectoryRoom {
            room: RoomId(u64::MAX - n),
            name: "\u{1f3e1}".repeat(ROOM_NAME_CHARACTERS).as_str().into(),
            disappears_after_s: u32::MAX,
            maker: Some(PersonKey([3; 32])),
        };
        let rooms: Vec<DirectoryRoom> = (0..).map(room).take(ROOMS).collect();
        let profile = profile(&"\u{1f3e1}".repeat(CIRCLE_NAME_CHARACTERS));
        let largest = Content::Acknowledgement { nonce: [1; 16], rooms, profile: Some(Box::new(profile)) };
        assert!(largest.encode().len() <= shepot_group::BODY_BYTES);
    }

    fn every_kind() -> Vec<Content> {
        let room = RoomId(9);
        let key = PersonKey([3; 32]);
        vec![
            Content::Text(Text {
                message: MESSAGE,
                room,
                body: "Привет 👋🏽\nдва".into(),
                reply_to: Some(MessageId([8; 16])),
                mentions: vec![key],
                disappears_after_s: 60,
            }),
            Content::Edit { message: MESSAGE, body: "x".into(), mentions: vec![] },
            Content::Delete { message: MESSAGE },
            Content::Reaction { message: MESSAGE, emoji: "👍".into(), taken_back: true },
            Content::RoomMade { room, name: "кухня".into() },
            Content::RoomRenamed { room, name: "kitchen".into() },
            Content::Timer { room, seconds: 30 },
            Content::Typing { room },
            Content::Acknowledgement {
                nonce: [1; 16],
                rooms: vec![DirectoryRoom {
                    room,
                    name: "a".into(),
                    disappears_after_s: 5,
                    maker: Some(key),
                }],
                profile: Some(Box::new(profile("Маяк"))),
            },
            Content::Avatar { image: vec![1, 2, 3] },
            Content::CircleProfile(Box::new(CircleProfile { picture_digest: None, ..profile("Маяк") })),
            Content::CirclePicture { image: vec![1, 2, 3] },
            Content::RoomDeleted { room, word: None },
            Content::RoomDeleted { room, word: Some([4; 96]) },
            Content::Unknown,
        ]
    }

    #[test]
    fn every_kind_survives() {
        for content in every_kind() {
            assert_eq!(Content::decode(&content.encode()).unwrap(), content);
        }
    }

    #[test]
    fn a_kind_of_the_future_is_unknown_and_not_an_error() {
        let future = [0x62, 0x02, 0x0a, 0x00];
        assert_eq!(Content::decode(&future), Ok(Content::Unknown));
    }

    #[test]
    fn what_is_too_large_or_empty_is_malformed() {
        let text = |body: String| {
            Content::Text(Text {
                message: MESSAGE,
                room: RoomId(0),
                body: Sanitised::of(&body),
                reply_to: None,
                mentions: vec![],
                disappears_after_s: 0,
            })
        };
        assert!(Content::decode(&text("a".repeat(MESSAGE_CHARACTERS)).encode()).is_ok());
        assert_eq!(Content::decode(&text("a".repeat(MESSAGE_CHARACTERS + 1)).encode()), Err(Malformed));
        assert_eq!(Content::decode(&unsanitised(MESSAGE, RoomId(0), " \u{200b}")), Err(Malformed));
        let heard = Content::decode(&unsanitised(MESSAGE, RoomId(0), "\u{1b}[2J\u{202e}a"));
        let Ok(Content::Text(heard)) = heard else { panic!("a text") };
        assert_eq!(heard.body, "[2Ja");
        let avatar = Content::Avatar { image: vec![0; AVATAR_BYTES + 1] };
        assert_eq!(Content::decode(&avatar.encode()), Err(Malformed));
    }

    proptest! {
        #[test]
        fn garbage_is_an_error_or_a_content(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Content::decode(&bytes);
        }
    }
}
