//! The entries of the log, as they come.

use bytes::Bytes;
use shepot_group::{
    Agreement, Continuity, EntryKind, EpochChange, GroupError, Member, MemberKey, Received, blob_nonce,
};
use shepot_protocol::Seat;
use shepot_protocol::message::{Delivery, Entry, Final, Gap, PresenceChange, Published, Signal};

use super::{Now, Phase, Session, SessionEvent, shown_nick};
use crate::content::{Content, Text};
use crate::directory::Directory;
use crate::model::{self, Happening, Message, PersonKey, RoomId};
use crate::outbox::Outgoing;

impl Session {
    pub(super) fn delivery(&mut self, now: Now, delivery: Delivery) {
        let Some(member) = &self.member else { return };
        if delivery.sequence <= member.log.position() {
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

    fn message_entry(&mut self, now: Now, sequence: u64, epoch: u64, blob: &Bytes) {
        if let Some(outgoing) = self.outbox.confirm_blob(blob) {
            // Ours, from the connection before: this is its place.
            self.record(sequence, EntryKind::Message, epoch, blob);
            return self.confirmed(now, sequence, outgoing);
        }
        let Some(member) = &mut self.member else { return };
        let repeated = blob_nonce(blob).is_some_and(|nonce| member.seen.set.contains(&nonce));
        let received = if repeated { None } else { Some(member.group.decrypt(epoch, blob)) };
        if let Some(nonce) = blob_nonce(blob) {
            member.seen.remember(nonce);
        }
        match received {
            None | Some(Err(GroupError::OwnMessage)) => {}
            Some(Ok(received)) => self.received(now, sequence, &received),
            Some(Err(GroupError::Epoch { theirs, ours })) if theirs > ours => {
                // A commit that we did not get lies between.
                self.record(sequence, EntryKind::Message, epoch, blob);
                return self.resync();
            }
            Some(Err(GroupError::Epoch { theirs, .. })) if self.joined_after(theirs) => {}
            Some(Err(_)) => self.happened(now, Happening::Unreadable),
        }
        self.record(sequence, EntryKind::Message, epoch, blob);
    }

    /// A newcomer cannot read what was encrypted before it came; nothing is missing then.
    fn joined_after(&self, epoch: u64) -> bool {
        self.member.as_ref().is_some_and(|member| epoch < member.joined_epoch)
    }

    fn record(&mut self, sequence: u64, kind: EntryKind, number: u64, payload: &[u8]) {
        if let Some(member) = &mut self.member {
            member.log.record(sequence, kind, number, payload);
        }
    }

    fn received(&mut self, now: Now, sequence: u64, received: &Received) {
        let Some(member) = &mut self.member else { return };
        member.last_heard.insert(received.sender, now.mono);
        if let Some(someone) = member.group.members().iter().find(|m| m.key == received.sender) {
            member.present.insert(someone.seat);
        }
        let agreement = member.log.compare(&received.view);
        let (nick, _) = self.nick_of(&received.sender);
        match received.continuity {
            Continuity::Repeated => return,
            Continuity::Missing(messages) => {
                self.happened(now, Happening::Missing { nick: nick.clone(), messages });
            }
            Continuity::Broken => self.happened(now, Happening::Fork { nick: nick.clone() }),
            Continuity::First | Continuity::Next | Continuity::Late => {}
        }
        if agreement == Agreement::Different {
            self.happened(now, Happening::Fork { nick: nick.clone() });
        }
        if received.body.is_empty() {
            return;
        }
        match Content::decode(&received.body) {
            Ok(content) => self.content(now, sequence, received, content),
            Err(_) => self.happened(now, Happening::Unreadable),
        }
    }

    /// Somebody else said something.
    fn content(&mut self, now: Now, sequence: u64, received: &Received, content: Content) {
        let author = PersonKey(received.sender.0);
        let (nick, mood) = self.nick_of(&received.sender);
        match content {
            Content::Text(text) => {
                let mentions_self = self.mentions_self(&text.mentions);
                let message = self.message(now, &text, author, (nick, mood), mentions_self);
                if self.timeline.add(message.clone()) {
                    self.tell(SessionEvent::Message(message));
                }
            }
            Content::Edit { message, body, mentions } => {
                let mentions_self = self.mentions_self(&mentions);
                if let Some(changed) = self.timeline.edit(author, &message, body, mentions) {
                    changed.mentions_self = mentions_self;
                    let changed = changed.clone();
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
            Content::RoomMade { .. } | Content::RoomRenamed { .. } | Content::Timer { .. } => {
                self.remember_for_acknowledgement(sequence, &content);
                self.room_content(now, &content, &nick);
            }
            Content::Acknowledgement { nonce, rooms } => {
                let position = received.view.position();
                self.acknowledged(now, &nonce, position, &Directory::from_content(&rooms));
            }
            Content::Avatar { image } => self.tell(SessionEvent::Avatar { person: author, image }),
            // Typing is a signal: in the log it says nothing.
            Content::Typing { .. } => {}
            Content::Unknown => self.happened(now, Happening::NeedsNewerVersion { nick }),
        }
    }

    pub(super) fn message(
        &self,
        now: Now,
        text: &Text,
        author: PersonKey,
        (nick, mood): (String, Option<u8>),
        mentions_self: bool,
    ) -> Message {
        Message {
            id: text.message,
            // A room that we never heard of: what is said there is shown in the main one rather than lost.
            room: self.directory.get(text.room).map_or(RoomId::MAIN, |room| room.id),
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

    fn remember_for_acknowledgement(&mut self, sequence: u64, content: &Content) {
        if let Some(awaited) = self.member.as_mut().and_then(|member| member.awaited.as_mut())
            && awaited.later.len() < crate::limits::ROOMS
        {
            awaited.later.push((sequence, content.clone()));
        }
    }

    /// What was said about rooms, by somebody or by us.
    pub(super) fn room_content(&mut self, now: Now, content: &Content, nick: &str) {
        if !self.directory.apply(content) {
            return;
        }
        let nick = nick.to_owned();
        let happening = match content {
            Content::RoomMade { room, name } => Happening::RoomMade { room: *room, name: name.clone(), nick },
            Content::RoomRenamed { room, name } => {
                Happening::RoomRenamed { room: *room, name: name.clone(), nick }
            }
            Content::Timer { room, seconds } => Happening::TimerSet { room: *room, seconds: *seconds, nick },
            Content::Text(_)
            | Content::Edit { .. }
            | Content::Delete { .. }
            | Content::Reaction { .. }
            | Content::Typing { .. }
            | Content::Acknowledgement { .. }
            | Content::Avatar { .. }
            | Content::Unknown => return,
        };
        self.happened(now, happening);
        let rooms = self.rooms();
        self.tell(SessionEvent::Rooms(rooms));
    }

    /// A member echoed a nonce: if it is ours, we are in.
    fn acknowledged(&mut self, now: Now, nonce: &[u8; 16], position: u64, rooms: &Directory) {
        let Some(member) = &mut self.member else { return };
        member.acknowledgements.retain(|due| due.nonce != *nonce);
        if member.awaited.as_ref().is_none_or(|awaited| awaited.nonce != *nonce) {
            return;
        }
        let Some(awaited) = member.awaited.take() else { return };
        self.directory = Directory::from_content(&rooms.to_content());
        for (sequence, content) in awaited.later {
            if sequence > position {
                self.directory.apply(&content);
            }
        }
        self.in_the_circle(now);
    }

    fn commit_entry(&mut self, now: Now, sequence: u64, base_epoch: u64, blob: &Bytes) {
        let Some(member) = &mut self.member else { return };
        let present = &member.present;
        let before = member.group.members();
        let changed = member.group.process_commit(base_epoch, blob, |seat| present.contains(&seat));
        self.record(sequence, EntryKind::Commit, base_epoch, blob);
        match changed {
            Ok(change) => self.epoch_began(now, &change, &before, blob),
            Err(GroupError::Removed) => self.removed(),
            Err(GroupError::Epoch { theirs, ours }) if theirs < ours => {}
            Err(_) => {
                self.happened(now, Happening::Unreadable);
                self.resync();
            }
        }
    }

    /// Removed as departed while we are here, we come back; removed by the owner, the group information does not open.
    fn removed(&mut self) {
        self.resync();
    }

    /// Our own commit, in its place of the log.
    pub(super) fn own_commit_is_final(&mut self, now: Now, last: &Final) {
        if matches!(self.phase, Phase::Joining(_)) {
            return self.joined(now, last);
        }
        let Some(member) = &mut self.member else { return };
        match member.own_commit.take_if(|own| own.id == last.commit) {
            Some(own) => self.commit_entry(now, last.sequence, own.base_epoch, &own.blob),
            // Ours, but we do not know it any more: what it began cannot be followed.
            None => self.resync(),
        }
    }

    fn epoch_began(&mut self, now: Now, change: &EpochChange, before: &[Member], blob: &Bytes) {
        if let Some(member) = &mut self.member {
            member.renew_keys_at = None;
            if change.own_commit_lost {
                member.own_commit = None;
            }
            for gone in &change.removed {
                member.absent.remove(&gone.key);
                member.last_heard.remove(&gone.key);
                member.present.remove(&gone.seat);
                member.evictions.retain(|key| *key != gone.key);
            }
            for new in change.joined.iter().chain(&change.returned) {
                member.last_heard.insert(new.key, now.mono);
                member.absent.remove(&new.key);
                // Its commit is in the log: its connection is here, as the relay's entry behind it says too.
                member.present.insert(new.seat);
            }
            self.purpose.keys = Some(member.group.keys().clone());
            let own = member.group.own_profile();
            member.new_profile.take_if(|new| new == own);
        }
        self.acknowledgements_are_due(now, change, blob);
        let name =
            |someone: &Member| (shown_nick(someone.profile.nick(), &someone.key), PersonKey(someone.key.0));
        for gone in &change.removed {
            let (nick, key) = name(gone);
            self.happened(
                now,
                if change.rotated { Happening::Evicted { nick, key } } else { Happening::Left { nick, key } },
            );
        }
        for new in &change.joined {
            let (nick, key) = name(new);
            self.happened(now, Happening::Joined { nick, key });
        }
        for new in &change.returned {
            let (nick, key) = name(new);
            self.happened(now, Happening::Returned { nick, key });
        }
        for now_called in &change.changed {
            let (nick, key) = name(now_called);
            let from = before.iter().find(|member| member.key == now_called.key).map(|member| name(member).0);
            if let Some(from) = from.filter(|from| *from != nick) {
                self.happened(now, Happening::Renamed { from, nick, key });
            }
        }
        let lists = [&change.joined, &change.returned, &change.removed, &change.changed];
        if lists.iter().any(|list| !list.is_empty()) {
            self.people_changed();
        }
    }

    fn presence_entry(&mut self, now: Now, sequence: u64, seat: Seat, change: PresenceChange) {
        self.record(sequence, EntryKind::Presence, seat.0, &[presence_byte(change)]);
        let Some(member) = &mut self.member else { return };
        let someone = member.group.members().into_iter().find(|someone| someone.seat == seat.0);
        let was_here = match change {
            PresenceChange::Entered => !member.present.insert(seat.0),
            PresenceChange::Left | PresenceChange::Lost => member.present.remove(&seat.0),
        };
        let Some(someone) = someone.filter(|someone| someone.key != member.group.own_key()) else { return };
        let (nick, key) = (shown_nick(someone.profile.nick(), &someone.key), PersonKey(someone.key.0));
        match change {
            PresenceChange::Entered => {
                member.last_heard.insert(someone.key, now.mono);
                if member.absent.remove(&someone.key).is_some() {
                    self.happened(now, Happening::Back { nick, key });
                }
            }
            PresenceChange::Left | PresenceChange::Lost => {
                let left = change == PresenceChange::Left;
                member.absent.insert(someone.key, (now.mono, left));
                if was_here && !left {
                    self.happened(now, Happening::Away { nick, key });
                }
            }
        }
        self.people_changed();
    }

    pub(super) fn gap(&mut self, now: Now, gap: Gap) {
        let Some(member) = &mut self.member else { return };
        member.log.skip_to(gap.to);
        // Who came and went meanwhile is not known: here is who speaks from now on.
        member.present = [self.seat].into();
        self.happened(now, Happening::Gap { entries: (gap.to - gap.from).saturating_add(1) });
    }

    pub(super) fn published(&mut self, now: Now, published: &Published) {
        let Some(member) = &self.member else { return };
        let position = member.log.position();
        if published.sequence > position.saturating_add(1) {
            // Said ahead of entries that we have not read: its entry comes in its place.
            return;
        }
        let Some(outgoing) = self.outbox.confirm(&published.publish_id) else { return };
        if published.sequence > position
            && let Some(sealed) = &outgoing.sealed
        {
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
        if let (Some(member), Some(sealed)) = (&mut self.member, &outgoing.sealed)
            && let Some(nonce) = blob_nonce(&sealed.blob)
        {
            member.seen.remember(nonce);
        }
        let own = PersonKey(self.identity.key().0);
        match &outgoing.content {
            Content::Edit { message, body, mentions } => {
                if let Some(changed) = self.timeline.edit(own, message, body.clone(), mentions.clone()) {
                    let changed = changed.clone();
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
            Content::RoomMade { .. } | Content::RoomRenamed { .. } | Content::Timer { .. } => {
                self.remember_for_acknowledgement(sequence, &outgoing.content);
                let nick = self.profile.nick().to_owned();
                self.room_content(now, &outgoing.content, &nick);
            }
            Content::Text(_)
            | Content::Typing { .. }
            | Content::Acknowledgement { .. }
            | Content::Avatar { .. }
            | Content::Unknown => {}
        }
    }

    pub(super) fn signal(&mut self, now: Now, signal: &Signal) {
        let Some(member) = &mut self.member else { return };
        let Ok(received) = member.group.decrypt_signal(signal.epoch, &signal.blob) else { return };
        member.last_heard.insert(received.sender, now.mono);
        if let Ok(Content::Typing { room }) = Content::decode(&received.body) {
            self.tell(SessionEvent::Typing { room, person: PersonKey(received.sender.0) });
        }
    }

    /// Whether somebody is a member now.
    pub(super) fn is_member(&self, key: &MemberKey) -> bool {
        self.member.as_ref().is_some_and(|member| member.group.members().iter().any(|m| m.key == *key))
    }
}

/// For the hash over the log.
const fn presence_byte(change: PresenceChange) -> u8 {
    match change {
        PresenceChange::Entered => 1,
        PresenceChange::Left => 2,
        PresenceChange::Lost => 3,
    }
}
