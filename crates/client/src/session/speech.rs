//! What the person says and does.

use std::sync::Arc;

use shepot_group::{BODY_BYTES, MemberKey, Profile, SafetyCode, Succession};
use shepot_protocol::message::{Publish, Signal};
use shepot_protocol::{ClientToRelay, PublishId};
use shepot_sanitise::{self as sanitise, Sanitised};

use super::membership::{Membership, Stage};
use super::{Now, Session, SessionEvent, shown_nick};
use crate::content::{CircleProfile, Content, Text, deletion};
use crate::limits::{
    AVATAR_BYTES, CIRCLE_NAME_CHARACTERS, MENTIONS_PER_MESSAGE, MESSAGE_CHARACTERS, NICK_CHARACTERS,
    REACTION_CHARACTERS, ROOM_NAME_CHARACTERS, TYPING_SHOWN,
};
use crate::model::{CommandError, ConnectionError, ConversationId, Delivery, MessageId, PersonKey, RoomId};
use crate::outbox::Outgoing;

impl Session {
    /// Says something in a conversation. Returns the id of the message.
    pub(crate) fn speak(
        &mut self,
        now: Now,
        ConversationId::Room(room): ConversationId,
        body: &str,
        reply_to: Option<MessageId>,
        mentions: &[PersonKey],
    ) -> Result<MessageId, CommandError> {
        self.must_be_member()?;
        let body = checked_body(body)?;
        let disappears_after_s = self.directory.get(room).ok_or(CommandError::NoSuchRoom)?.disappears_after_s;
        if self.outbox.is_full() {
            return Err(CommandError::OutboxFull);
        }
        let message = self.new_message_id()?;
        let mentions = as_sent(mentions);
        let text = Text { message, room, body, reply_to, mentions, disappears_after_s };
        let own = self.identity.key();
        let author = (shown_nick(self.profile.nick(), &own), self.profile.mood());
        let mut shown = self.message(now, &text, PersonKey(own.0), author, false);
        shown.delivery = Delivery::Pending;
        let shown = Arc::new(shown);
        self.timeline.add(Arc::clone(&shown), text.expiry(now));
        self.tell(SessionEvent::Message(shown));
        self.say(now, Content::Text(text), Some(message));
        Ok(message)
    }

    /// Adds a reaction to a message, or takes it back.
    pub(crate) fn react(
        &mut self,
        now: Now,
        id: MessageId,
        emoji: &str,
        taken_back: bool,
    ) -> Result<PublishId, CommandError> {
        self.must_be_member()?;
        self.timeline.get(&id).filter(|message| !message.is_deleted).ok_or(CommandError::NoSuchMessage)?;
        let emoji = sanitise::reaction(emoji, REACTION_CHARACTERS).ok_or(CommandError::Reaction)?;
        self.queue(now, Content::Reaction { message: id, emoji, taken_back })
    }

    /// Makes a room. Returns its id, which the room has once the publication is in the log.
    pub(crate) fn make_room(&mut self, now: Now, name: &str) -> Result<(RoomId, PublishId), CommandError> {
        self.must_be_member()?;
        let name = self.checked_room_name(name)?;
        if self.directory.is_full() {
            return Err(CommandError::TooManyRooms);
        }
        let room = self.entropy.bytes().map(u64::from_be_bytes).map_err(|_| CommandError::NotConnected)?;
        let room = RoomId(room.max(1));
        let asked = self.queue(now, Content::RoomMade { room, name })?;
        Ok((room, asked))
    }

    /// Renames a room.
    pub(crate) fn rename_room(
        &mut self,
        now: Now,
        room: RoomId,
        name: &str,
    ) -> Result<PublishId, CommandError> {
        self.must_be_member()?;
        self.directory
            .get(room)
            .filter(|known| known.room != RoomId::MAIN)
            .ok_or(CommandError::NoSuchRoom)?;
        let name = self.checked_room_name(name)?;
        self.queue(now, Content::RoomRenamed { room, name })
    }

    /// Deletes a room, as its maker or as the owner.
    pub(crate) fn delete_room(&mut self, now: Now, room: RoomId) -> Result<PublishId, CommandError> {
        self.must_be_member()?;
        let known = self.directory.get(room).filter(|known| known.room != RoomId::MAIN);
        let maker = known.ok_or(CommandError::NoSuchRoom)?.maker;
        let circle = self.owned().circle;
        let word = self.owner_key().map(|key| key.sign_statement(&circle, &deletion(room)));
        if word.is_none() && maker != Some(PersonKey(self.identity.key().0)) {
            return Err(CommandError::NotTheMaker);
        }
        self.queue(now, Content::RoomDeleted { room, word })
    }

    /// As the owner: publishes the name and the picture of the circle. `None`: they are known already.
    pub(crate) fn describe_circle(
        &mut self,
        now: Now,
        name: &str,
        image: Vec<u8>,
    ) -> Result<Option<PublishId>, CommandError> {
        self.must_be_member()?;
        let most = CIRCLE_NAME_CHARACTERS;
        let name = sanitise::line(name, most).ok_or(CommandError::CircleName { most })?;
        if image.len() > AVATAR_BYTES {
            return Err(CommandError::Avatar { most: AVATAR_BYTES });
        }
        let owner = shown_nick(self.profile.nick(), &self.identity.key());
        let known = self.directory.profile();
        let is_known = known.is_some_and(|known| {
            let looks_so =
                if image.is_empty() { known.picture_digest.is_none() } else { known.is_picture(&image) };
            (&known.name, &known.owner) == (&name, &owner) && looks_so && self.directory.picture() == image
        });
        let revision = known.map_or(0, |known| known.revision.saturating_add(1)).max(now.unix);
        let circle = self.owned().circle;
        let key = self.owner_key().ok_or(CommandError::NotTheOwner)?;
        if is_known {
            return Ok(None);
        }
        let profile = CircleProfile::signed(key, &circle, revision, (name, owner), &image);
        let asked = self.queue(now, Content::CircleProfile(Box::new(profile)))?;
        if !image.is_empty() {
            self.queue(now, Content::CirclePicture { image })?;
        }
        Ok(Some(asked))
    }

    /// Sets after how many seconds the new messages of a room disappear. 0: never.
    pub(crate) fn set_timer(
        &mut self,
        now: Now,
        room: RoomId,
        seconds: u32,
    ) -> Result<PublishId, CommandError> {
        self.must_be_member()?;
        self.directory.get(room).ok_or(CommandError::NoSuchRoom)?;
        self.queue(now, Content::Timer { room, seconds })
    }

    /// Publishes our picture. Empty: none.
    pub(crate) fn show_avatar(&mut self, now: Now, image: Vec<u8>) -> Result<PublishId, CommandError> {
        self.must_be_member()?;
        if image.len() > AVATAR_BYTES {
            return Err(CommandError::Avatar { most: AVATAR_BYTES });
        }
        self.queue(now, Content::Avatar { image })
    }

    /// Signals that we are writing, at most once in half of [`TYPING_SHOWN`].
    pub(crate) fn typing(&mut self, now: Now, conversation: ConversationId) {
        let just_told = self.last_typing.is_some_and(|(told, at)| {
            told == conversation && now.steady.saturating_sub(at) < TYPING_SHOWN / 2
        });
        if !self.is_seated() || just_told {
            return;
        }
        self.last_typing = Some((conversation, now.steady));
        let Some(circle) = self.circle() else { return };
        let Some(member) = self.member.as_mut().filter(|member| member.is_caught_up()) else { return };
        let body = Content::Typing { room: conversation.room() }.encode();
        if let Ok(sealed) = member.group.encrypt_signal(&body, &member.log) {
            self.send(ClientToRelay::Signal(Signal {
                circle,
                epoch: sealed.epoch,
                blob: sealed.blob.into(),
            }));
        }
    }

    /// As the owner: removes somebody by the next commit. The others get a new secret.
    pub(crate) fn evict(&mut self, person: PersonKey) -> Result<(), CommandError> {
        self.must_be_member()?;
        let key = MemberKey(person.0);
        if !self.is_member(&key) || key == self.identity.key() {
            return Err(CommandError::NoSuchPerson);
        }
        self.owner_key().ok_or(CommandError::NotTheOwner)?;
        if !self.evictions.contains(&key) {
            self.evictions.push(key);
        }
        Ok(())
    }

    /// As the owner: changes the secret of the circle by the next commit. Earlier invitations open nothing any more.
    pub(crate) fn renew_invitations(&mut self) -> Result<(), CommandError> {
        self.must_be_member()?;
        self.owner_key().ok_or(CommandError::NotTheOwner)?;
        self.wants_new_secret = true;
        Ok(())
    }

    /// Clears this person's screen. The others keep what they have.
    pub(crate) fn clear(&mut self) {
        self.timeline.clear();
        self.drop_held_unseen();
    }

    /// Clears a conversation from this person's screen.
    pub(crate) fn clear_conversation(&mut self, conversation: ConversationId) {
        self.timeline.clear_conversation(conversation);
        self.drop_held_unseen();
    }

    /// The size of what was said here and of what waits to be sent, in bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        self.timeline.held_bytes() + self.outbox.held_bytes() + self.directory.held_bytes()
    }

    /// The safety code and its epoch.
    pub(crate) fn safety_code(&self) -> Result<(SafetyCode, u64), CommandError> {
        let member = self.member.as_ref().ok_or(CommandError::NotConnected)?;
        let code = member.group.safety_code().map_err(|_| CommandError::NotConnected)?;
        Ok((code, member.group.membership_epoch()))
    }

    /// The code that we share with another member, constant while both stay.
    pub(crate) fn pair_code(&self, person: PersonKey) -> Result<SafetyCode, CommandError> {
        self.must_be_member()?;
        let key = MemberKey(person.0);
        if !self.is_member(&key) || key == self.identity.key() {
            return Err(CommandError::NoSuchPerson);
        }
        SafetyCode::of_pair(&self.identity.key(), &key).map_err(|_| CommandError::NotConnected)
    }

    /// The present keys of the circle, for invitations.
    pub(crate) fn circle_keys(&self) -> Result<&shepot_group::CircleKeys, CommandError> {
        let of_member = self.member.as_ref().map(|member| member.group.keys());
        // While it joins again the session keeps the last that it had.
        of_member.or(self.config.keys.as_ref().filter(|_| self.rejoining)).ok_or(CommandError::NotConnected)
    }

    /// The succession of the present generation. `None` in generation 0.
    pub(crate) const fn succession(&self) -> Option<&Succession> {
        self.config.succession.as_ref()
    }

    /// Queues a content and sends it if the connection holds a seat. `None`: it is dropped.
    pub(super) fn say(
        &mut self,
        now: Now,
        content: Content,
        message: Option<MessageId>,
    ) -> Option<PublishId> {
        // People are refused before; what the program itself says beyond that is left out.
        if self.outbox.is_overfull() {
            return None;
        }
        let publish_id = self.entropy.bytes().map(PublishId).ok()?;
        let audience = self
            .member
            .as_ref()
            .map(|member| member.group.members().iter().map(|someone| someone.key).collect())
            .unwrap_or_default();
        let audience = Arc::new(audience);
        self.outbox.push(Outgoing {
            publish_id,
            content,
            message,
            sealed: None,
            is_stale: false,
            in_flight: false,
            audience,
            held: false,
        });
        self.flush(now);
        Some(publish_id)
    }

    /// Sends a heartbeat.
    pub(super) fn say_nothing(&mut self, now: Now) {
        self.say_unseen(now, &[]);
    }

    /// Sends a body that no message here shows.
    pub(super) fn say_unseen(&mut self, now: Now, body: &[u8]) {
        let Some(circle) = self.circle() else { return };
        let Ok(publish_id) = self.entropy.bytes().map(PublishId) else { return };
        let Some(member) = &mut self.member else { return };
        let Ok(sealed) = member.group.encrypt(body, &member.log) else { return };
        member.last_said = now.steady;
        let (epoch, blob) = (sealed.epoch, bytes::Bytes::from(sealed.blob.clone()));
        self.outbox.push(Outgoing {
            publish_id,
            content: Content::Unknown,
            message: None,
            sealed: Some(sealed),
            is_stale: false,
            in_flight: true,
            audience: Arc::default(),
            held: false,
        });
        self.send(ClientToRelay::Publish(Publish { circle, publish_id, epoch, blob }));
    }

    /// Sends what waits, in order, as far as rate and window allow.
    pub(super) fn flush(&mut self, now: Now) {
        if !self.is_seated() || self.resume_sending_at.is_some_and(|at| at > now.steady) {
            return;
        }
        self.resume_sending_at = None;
        let Some(circle) = self.circle() else { return };
        let is_active = |member: &&mut Membership| matches!(member.stage, Stage::Active);
        let Some(member) = self.member.as_mut().filter(is_active) else { return };
        let largest =
            self.limits.map_or(usize::MAX, |limits| usize::try_from(limits.blob_bytes).unwrap_or(usize::MAX));
        let (mut frames, mut too_large) = (Vec::new(), Vec::new());
        while self.outbox.is_waiting()
            && self.outbox.in_flight() < self.budget.window()
            && self.budget.take(now.steady)
        {
            let Some(outgoing) = self.outbox.next_to_send() else { break };
            let epoch = member.group.epoch();
            match &outgoing.sealed {
                Some(sealed) if sealed.epoch == epoch && !outgoing.is_stale => {}
                Some(sealed) => match member.group.seal_again(sealed, &member.log) {
                    Ok(sealed) => outgoing.sealed = Some(sealed),
                    Err(_) => break,
                },
                None => match member.group.encrypt(&outgoing.content.encode(), &member.log) {
                    Ok(sealed) if sealed.blob.len() <= largest => outgoing.sealed = Some(sealed),
                    Ok(sealed) => {
                        member.group.take_back(&sealed, 1);
                        too_large.push(outgoing.publish_id);
                        outgoing.in_flight = true;
                        continue;
                    }
                    Err(_) => break,
                },
            }
            outgoing.is_stale = false;
            outgoing.in_flight = true;
            member.last_said = now.steady;
            if let Some(sealed) = &outgoing.sealed {
                frames.push(ClientToRelay::Publish(Publish {
                    circle,
                    publish_id: outgoing.publish_id,
                    epoch: sealed.epoch,
                    blob: sealed.blob.clone().into(),
                }));
            }
        }
        self.effects.frames.append(&mut frames);
        for refused in too_large {
            self.give_up(&refused);
            self.tell(SessionEvent::ConnectionError(ConnectionError::TooLargeForServer));
        }
    }

    /// Drops a content that the server refuses as too large, and tells that its message failed.
    pub(super) fn give_up(&mut self, id: &PublishId) {
        let Some(outgoing) = self.outbox.confirm(id) else { return };
        let failed = outgoing.message.and_then(|id| self.timeline.settle(&id, Delivery::Failed).cloned());
        if let Some(message) = failed {
            self.tell(SessionEvent::Changed(message));
        }
        let result = Err(CommandError::TooLargeForServer);
        self.tell(SessionEvent::Settled { asked: *id, result });
    }

    /// Queues a content. [`SessionEvent::Settled`] reports its fate under the returned id.
    pub(super) fn queue(&mut self, now: Now, content: Content) -> Result<PublishId, CommandError> {
        self.must_be_member()?;
        if self.outbox.is_full() {
            return Err(CommandError::OutboxFull);
        }
        debug_assert!(content.encode().len() <= BODY_BYTES);
        self.say(now, content, None).ok_or(CommandError::OutboxFull)
    }

    fn must_be_member(&self) -> Result<(), CommandError> {
        let inside = self.member.as_ref().is_some_and(Membership::is_acknowledged);
        if inside { Ok(()) } else { Err(CommandError::NotConnected) }
    }

    pub(super) fn must_be_own(&self, id: &MessageId) -> Result<(), CommandError> {
        self.must_be_member()?;
        let message = self.timeline.get(id).filter(|m| !m.is_deleted).ok_or(CommandError::NoSuchMessage)?;
        if message.author.0 == self.identity.key().0 { Ok(()) } else { Err(CommandError::NotTheAuthor) }
    }

    fn checked_room_name(&self, name: &str) -> Result<Sanitised, CommandError> {
        let name = sanitise::line(name, ROOM_NAME_CHARACTERS)
            .ok_or(CommandError::RoomName { most: ROOM_NAME_CHARACTERS })?;
        if self.directory.by_name(&name).is_some() {
            return Err(CommandError::RoomExists);
        }
        Ok(name)
    }

    fn new_message_id(&self) -> Result<MessageId, CommandError> {
        self.entropy.bytes().map(MessageId).map_err(|_| CommandError::NotConnected)
    }
}

/// Checks whether the engine accepts this nick.
///
/// # Errors
///
/// [`CommandError::Nick`] if it does not.
pub fn check_nick(nick: &str) -> Result<(), CommandError> {
    checked_profile(nick, None).map(|_| ())
}

/// The nick and the mood in the form in which the leaf has them.
pub(crate) fn checked_profile(nick: &str, mood: Option<u8>) -> Result<Profile, CommandError> {
    let error = CommandError::Nick { fewest: *NICK_CHARACTERS.start(), most: *NICK_CHARACTERS.end() };
    let nick = sanitise::nick(nick, &NICK_CHARACTERS).ok_or_else(|| error.clone())?;
    Profile::new(nick, mood.filter(|mood| *mood != 0)).map_err(|_| error)
}

pub(super) fn checked_body(body: &str) -> Result<Sanitised, CommandError> {
    match sanitise::text(body, MESSAGE_CHARACTERS) {
        Some(body) => Ok(body),
        None if sanitise::text(body, usize::MAX).is_none() => Err(CommandError::EmptyMessage),
        None => Err(CommandError::LongMessage { most: MESSAGE_CHARACTERS }),
    }
}

/// The mentions that fit into a message: the first [`MENTIONS_PER_MESSAGE`].
pub(super) fn as_sent(mentions: &[PersonKey]) -> Vec<PersonKey> {
    mentions.iter().copied().take(MENTIONS_PER_MESSAGE).collect()
}
