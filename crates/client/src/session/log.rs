//! The entries of the log, in their order.

use std::sync::Arc;

use bytes::Bytes;
use shepot_group::{Agreement, Continuity, EntryKind, GroupError, MemberKey, Received};
use shepot_protocol::message::{Delivery, Entry, Gap, Published, Signal};
use shepot_sanitise::Sanitised;

use super::membership::Membership;
use super::{Now, Session, SessionEvent, shown_nick};
use crate::content::{CircleProfile, Content, DirectoryRoom, Text};
use crate::model::{
    self, CircleName, ConnectionError, ConversationId, Message, MessageId, PersonKey, RoomId, SystemEvent,
};
use crate::outbox::Outgoing;

/// The system event that tells people about a content. `None`: there is none.
fn about_the_circle(content: &Content, nick: Sanitised, key: PersonKey) -> Option<SystemEvent> {
    match content {
        Content::RoomMade { room, name } => {
            Some(SystemEvent::RoomMade { room: *room, name: name.clone(), nick, key })
        }
        Content::RoomRenamed { room, name } => {
            Some(SystemEvent::RoomRenamed { room: *room, name: name.clone(), nick, key })
        }
        Content::Timer { room, seconds } => {
            Some(SystemEvent::TimerSet { room: *room, seconds: *seconds, nick, key })
        }
        Content::CircleProfile(profile) => Some(SystemEvent::CircleNamed { circle: profile.shown() }),
        // A deleted room has no name any more, so the caller tells about it.
        Content::RoomDeleted { .. }
        | Content::CirclePicture { .. }
        | Content::Text(_)
        | Content::Edit { .. }
        | Content::Delete { .. }
        | Content::Reaction { .. }
        | Content::Typing { .. }
        | Content::Acknowledgement { .. }
        | Content::Avatar { .. }
        | Content::Unknown => None,
    }
}

impl Session {
    pub(super) fn delivery(&mut self, now: Now, delivery: Delivery) {
        if !self.comes_next(now, delivery.sequence) {
            return;
        }
        match delivery.entry {
            Entry::Message { epoch, blob } => self.message_entry(now, delivery.sequence, epoch, &blob),
            Entry::Commit { base_epoch, blob } => {
                self.commit_entry(now, delivery.sequence, base_epoch, &blob);
            }
            Entry::Presence { seat, change } => self.presence_entry(now, delivery.sequence, seat, change),
        }
    }

    /// Whether this is the next entry. If not, does what follows from that. A number that is too high counts as a gap,
    /// although the relay announced none.
    pub(super) fn comes_next(&mut self, now: Now, sequence: u64) -> bool {
        let Some(member) = &self.member else { return false };
        let next = member.log.position() + 1;
        if sequence == u64::MAX {
            self.tell(SessionEvent::Over(ConnectionError::ServerMisbehaves));
        } else if sequence > next {
            self.entries_are_missing(now, sequence - next);
        } else if sequence < next {
            self.tell(SessionEvent::Reconnect);
        }
        sequence == next && sequence < u64::MAX
    }

    /// Joins again, because entries are lost. Among them may have been messages, rooms, timers and people. A member
    /// tells us about all but the messages when we join.
    fn entries_are_missing(&mut self, now: Now, entries: u64) {
        self.happened(now, SystemEvent::Gap { entries });
        self.resync();
    }

    fn message_entry(&mut self, now: Now, sequence: u64, epoch: u64, blob: &Bytes) {
        if let Some(outgoing) = self.outbox.confirm_blob(blob) {
            // Ours, from the connection before: this is its place.
            self.record(sequence, EntryKind::Message, epoch, blob);
            return self.confirmed(now, sequence, outgoing);
        }
        let Some(member) = &mut self.member else { return };
        let received = member.group.decrypt(epoch, blob);
        let mut is_lost = false;
        match received {
            Err(GroupError::OwnMessage) => {}
            Ok(received) => self.received(now, sequence, &received),
            // A commit that we did not get lies between.
            Err(GroupError::Epoch { theirs, ours }) if theirs > ours => is_lost = true,
            Err(GroupError::Epoch { theirs, .. }) if self.joined_after(theirs) => {}
            Err(_) => self.happened(now, SystemEvent::Unreadable),
        }
        self.record(sequence, EntryKind::Message, epoch, blob);
        if is_lost {
            self.resync();
        }
    }

    /// Moves a message to the end: its author was not told of its place and published it again.
    fn said_again(&mut self, author: PersonKey, id: &MessageId) {
        if self.timeline.get(id).is_some_and(|message| message.author == author)
            && let Some(message) = self.timeline.move_to_end(id).cloned()
        {
            self.tell(SessionEvent::Message(message));
        }
    }

    /// Whether we joined after this epoch. A newcomer cannot read earlier messages, and does not miss them.
    fn joined_after(&self, epoch: u64) -> bool {
        self.member.as_ref().is_some_and(|member| epoch < member.joined_epoch)
    }

    pub(super) fn record(&mut self, sequence: u64, kind: EntryKind, number: u64, payload: &[u8]) {
        if let Some(member) = &mut self.member {
            member.log.record(sequence, kind, number, payload);
        }
    }

    fn received(&mut self, now: Now, sequence: u64, received: &Received) {
        let Some(member) = &mut self.member else { return };
        member.last_heard.insert(received.sender, now.steady);
        if let Some(seat) = member.group.member(&received.sender).map(|someone| someone.seat) {
            member.present.insert(seat);
            member.absent.remove(&received.sender);
        }
        // What waited during the relay's restart was encrypted anew for this log, so another log id means a fork.
        let is_of_another_log = received.log != member.log_id.0;
        let is_fork = is_of_another_log || member.log.compare(&received.view) == Agreement::Different;
        let ((nick, _), key) = (self.nick_of(&received.sender), PersonKey(received.sender.0));
        match received.continuity {
            Continuity::Repeated => {
                if let Ok(Content::Text(text)) = Content::decode(&received.body) {
                    self.said_again(key, &text.message);
                }
                return;
            }
            Continuity::Missing(messages) => {
                self.happened(now, SystemEvent::Missing { nick: nick.clone(), key, messages });
            }
            Continuity::Broken => self.happened(now, SystemEvent::Fork { nick: nick.clone(), key }),
            Continuity::First | Continuity::Next | Continuity::Late => {}
        }
        if is_fork {
            self.happened(now, SystemEvent::Fork { nick: nick.clone(), key });
        }
        if received.body.is_empty() {
            return;
        }
        match Content::decode(&received.body) {
            Ok(content) => self.content(now, sequence, received, content),
            Err(_) => self.happened(now, SystemEvent::Unreadable),
        }
    }

    /// Handles what somebody else said.
    fn content(&mut self, now: Now, sequence: u64, received: &Received, content: Content) {
        let author = PersonKey(received.sender.0);
        let (nick, mood) = self.nick_of(&received.sender);
        match content {
            Content::Text(text) => {
                let mentions_self = self.mentions_self(&text.mentions);
                let message = Arc::new(self.message(now, &text, author, (nick, mood), mentions_self));
                if self.timeline.add(Arc::clone(&message), text.expiry(now)) {
                    self.tell(SessionEvent::Message(message));
                } else {
                    self.said_again(author, &text.message);
                }
            }
            Content::Edit { message, body, mentions } => {
                let mentions_self = self.mentions_self(&mentions);
                let changed = self.timeline.edit(author, &message, body, mentions, mentions_self).cloned();
                if let Some(changed) = changed {
                    self.tell(SessionEvent::Changed(changed));
                }
            }
            Content::Delete { message } => {
                if let Some(changed) = self.timeline.delete(author, &message).cloned() {
                    self.tell(SessionEvent::Changed(changed));
                }
            }
            Content::Reaction { message, emoji, taken_back } => {
                if let Some(changed) = self.timeline.react(author, &message, &emoji, taken_back).cloned() {
                    self.tell(SessionEvent::Changed(changed));
                }
            }
            Content::RoomMade { .. }
            | Content::RoomRenamed { .. }
            | Content::RoomDeleted { .. }
            | Content::CircleProfile(_)
            | Content::CirclePicture { .. }
            | Content::Timer { .. } => {
                self.remember_for_acknowledgement(sequence, author, &content);
                self.about_the_circle(now, &content, nick, author);
            }
            Content::Acknowledgement { nonce, rooms, profile } => {
                let position = received.view.position();
                self.acknowledged(now, &nonce, position, rooms, profile.as_deref());
            }
            Content::Avatar { image } => {
                if self.avatars.take(author, now.steady) {
                    self.tell(SessionEvent::Avatar { person: author, image });
                }
            }
            // Typing is a signal: in the log it says nothing.
            Content::Typing { .. } => {}
            Content::Unknown => self.happened(now, SystemEvent::NeedsNewerVersion { nick, key: author }),
        }
    }

    pub(super) fn message(
        &self,
        now: Now,
        text: &Text,
        author: PersonKey,
        (nick, mood): (Sanitised, Option<u8>),
        mentions_self: bool,
    ) -> Message {
        Message {
            id: text.message,
            // A room that we never heard of: what is said there is shown in the main one rather than lost.
            conversation: ConversationId::Room(
                self.directory.get(text.room).map_or(RoomId::MAIN, |room| room.room),
            ),
            author,
            nick,
            mood,
            body: text.body.clone(),
            reply_to: text.reply_to,
            mentions: text.mentions.clone(),
            mentions_self,
            at: now.unix,
            is_edited: false,
            is_deleted: false,
            reactions: Vec::new(),
            delivery: model::Delivery::Received,
            disappears_at: Some(text.disappears_after_s)
                .filter(|seconds| *seconds > 0)
                .map(|seconds| now.unix + u64::from(seconds)),
        }
    }

    fn mentions_self(&self, mentions: &[PersonKey]) -> bool {
        mentions.iter().any(|key| key.0 == self.identity.key().0)
    }

    fn remember_for_acknowledgement(&mut self, sequence: u64, author: PersonKey, content: &Content) {
        let Some(awaited) = self.member.as_mut().and_then(Membership::awaited_mut) else { return };
        if matches!(content, Content::CirclePicture { .. }) {
            // Keeps only the last one: they are large, and the last that the owner signed holds.
            awaited.later.retain(|(_, _, other)| !matches!(other, Content::CirclePicture { .. }));
        }
        if awaited.later.len() < crate::limits::ROOMS {
            awaited.later.push((sequence, author, content.clone()));
        }
    }

    /// Applies what somebody, or we, said about the circle and its rooms.
    fn about_the_circle(&mut self, now: Now, content: &Content, nick: Sanitised, key: PersonKey) {
        let deleted = if let Content::RoomDeleted { room, .. } = content { Some(*room) } else { None };
        let name = deleted.and_then(|room| self.directory.get(room)).map(|room| room.name.clone());
        let called = self.directory.profile().map(CircleProfile::shown);
        if !self.directory.apply(content, key, &self.owned()) {
            return;
        }
        if let Some((room, name)) = deleted.zip(name) {
            self.room_is_gone(room);
            self.happened(now, SystemEvent::RoomDeleted { name, nick, key });
        } else if let Some(event) = about_the_circle(content, nick, key)
            && !self.is_known_already(&event, called.as_ref())
        {
            self.happened(now, event);
        }
        if matches!(content, Content::CircleProfile(_) | Content::CirclePicture { .. }) {
            return self.tell_circle();
        }
        let rooms = self.rooms();
        self.tell(SessionEvent::Rooms(rooms));
    }

    /// Whether it only says what the circle is called anyway: its owner says that anew wherever it was founded anew.
    fn is_known_already(&self, event: &SystemEvent, called: Option<&CircleName>) -> bool {
        let SystemEvent::CircleNamed { circle } = event else { return false };
        match called {
            Some(before) => before == circle,
            None => self.owner_key().is_some(),
        }
    }

    /// Removes what was said in a deleted room. What waits to be sent to it moves to the main room, where others will
    /// show it.
    fn room_is_gone(&mut self, room: RoomId) {
        let (gone, moved) =
            self.timeline.close_conversation(ConversationId::Room(room), ConversationId::MAIN);
        if !gone.is_empty() {
            self.tell(SessionEvent::Gone(gone));
        }
        for message in moved {
            self.tell(SessionEvent::Changed(message));
        }
    }

    /// A member echoed a nonce. If it is ours, we are in the circle.
    fn acknowledged(
        &mut self,
        now: Now,
        nonce: &[u8; 16],
        position: u64,
        rooms: Vec<DirectoryRoom>,
        profile: Option<&CircleProfile>,
    ) {
        let Some(member) = &mut self.member else { return };
        member.acknowledgements.retain(|due| due.nonce != *nonce);
        let Some(awaited) = member.acknowledged(nonce) else { return };
        let owned = self.owned();
        let known = self.directory.names();
        self.directory.replace(rooms, profile, &owned);
        for (sequence, author, content) in awaited.later {
            if sequence > position {
                // Told by whoever acknowledged us, and by nobody again.
                self.directory.apply(&content, author, &owned);
            }
        }
        for (room, name) in known {
            if self.directory.get(room).is_none() {
                self.happened(now, SystemEvent::RoomLost { name });
            }
        }
        self.in_the_circle(now);
    }

    pub(super) fn gap(&mut self, now: Now, gap: &Gap) {
        let Some(member) = &self.member else { return };
        let is_next = gap.from == member.log.position() + 1;
        if !is_next || gap.to < gap.from || gap.to == u64::MAX {
            return self.tell(SessionEvent::Over(ConnectionError::ServerMisbehaves));
        }
        self.entries_are_missing(now, gap.to - gap.from + 1);
    }

    pub(super) fn published(&mut self, now: Now, published: &Published) {
        let Some(member) = &self.member else { return };
        // What was confirmed before is confirmed again after it was given again.
        let is_next = published.sequence > member.log.position();
        if is_next && !self.comes_next(now, published.sequence) {
            return;
        }
        let Some(outgoing) = self.outbox.confirm(&published.publish_id) else { return };
        if is_next && let Some(sealed) = &outgoing.sealed {
            let (epoch, blob) = (sealed.epoch, sealed.blob.clone());
            self.record(published.sequence, EntryKind::Message, epoch, &blob);
        }
        self.confirmed(now, published.sequence, outgoing);
    }

    /// Our own content has its place in the log.
    fn confirmed(&mut self, now: Now, sequence: u64, outgoing: Outgoing) {
        if let Some(id) = outgoing.message
            && let Some(message) = self.timeline.settle(&id, model::Delivery::Sent).cloned()
        {
            self.tell(SessionEvent::Message(message));
        }
        let own = PersonKey(self.identity.key().0);
        match &outgoing.content {
            Content::Edit { message, body, mentions } => {
                // People are not notified about mentions of themselves.
                let (body, mentions) = (body.clone(), mentions.clone());
                if let Some(changed) = self.timeline.edit(own, message, body, mentions, false).cloned() {
                    self.tell(SessionEvent::Changed(changed));
                }
            }
            Content::Delete { message } => {
                if let Some(changed) = self.timeline.delete(own, message).cloned() {
                    self.tell(SessionEvent::Changed(changed));
                }
            }
            Content::Reaction { message, emoji, taken_back } => {
                if let Some(changed) = self.timeline.react(own, message, emoji, *taken_back).cloned() {
                    self.tell(SessionEvent::Changed(changed));
                }
            }
            Content::RoomMade { .. }
            | Content::RoomRenamed { .. }
            | Content::RoomDeleted { .. }
            | Content::CircleProfile(_)
            | Content::CirclePicture { .. }
            | Content::Timer { .. } => {
                self.remember_for_acknowledgement(sequence, own, &outgoing.content);
                let nick = shown_nick(self.profile.nick(), &self.identity.key());
                self.about_the_circle(now, &outgoing.content, nick, own);
            }
            Content::Text(_)
            | Content::Typing { .. }
            | Content::Acknowledgement { .. }
            | Content::Avatar { .. }
            | Content::Unknown => {}
        }
        self.tell(SessionEvent::Settled { asked: outgoing.publish_id, result: Ok(()) });
    }

    pub(super) fn signal(&mut self, now: Now, signal: &Signal) {
        let Some(member) = &mut self.member else { return };
        let Ok(received) = member.group.decrypt_signal(signal.epoch, &signal.blob) else { return };
        member.last_heard.insert(received.sender, now.steady);
        if let Ok(Content::Typing { room }) = Content::decode(&received.body)
            && self.directory.get(room).is_some()
        {
            let conversation = ConversationId::Room(room);
            self.tell(SessionEvent::Typing { conversation, person: PersonKey(received.sender.0) });
        }
    }

    /// Whether this key belongs to a member now.
    pub(super) fn is_member(&self, key: &MemberKey) -> bool {
        self.member.as_ref().is_some_and(|member| member.group.member(key).is_some())
    }
}
