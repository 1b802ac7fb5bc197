//! What happened on one server, in the order of the log: in memory, bounded, gone when the person discards it.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use shepot_sanitise::Sanitised;

use crate::limits::{REACTIONS_PER_MESSAGE, TIMELINE_BYTES, TIMELINE_ITEMS};
use crate::model::{
    ConversationId, Delivery, Message, MessageId, PersonKey, Reaction, SYSTEM_EVENT_BYTES, SystemEvent,
    TimelineItem,
};

/// Messages and system events in their order, at most [`TIMELINE_ITEMS`] and at most [`TIMELINE_BYTES`].
#[derive(Default)]
pub(crate) struct Timeline {
    order: VecDeque<Slot>,
    /// Shared with those who were told of them, so a change makes a copy.
    messages: HashMap<MessageId, Arc<Message>>,
    /// The disappearing messages and when each goes, by the steady clock, which nobody can set.
    disappearing: BTreeSet<(Duration, MessageId)>,
    expiries: HashMap<MessageId, Duration>,
    bytes: usize,
}

enum Slot {
    Message(MessageId),
    SystemEvent { at: u64, event: SystemEvent },
}

impl Timeline {
    /// Adds a message, which disappears at `expiry` by the steady clock. False: there is one with this id already.
    pub(crate) fn add(&mut self, message: Arc<Message>, expiry: Option<Duration>) -> bool {
        if self.messages.contains_key(&message.id) {
            return false;
        }
        self.order.push_back(Slot::Message(message.id));
        if let Some(expiry) = expiry {
            self.disappearing.insert((expiry, message.id));
            self.expiries.insert(message.id, expiry);
        }
        self.bytes += message.held_bytes();
        self.messages.insert(message.id, message);
        self.trim();
        true
    }

    pub(crate) fn note(&mut self, at: u64, event: SystemEvent) {
        self.order.push_back(Slot::SystemEvent { at, event });
        self.bytes += SYSTEM_EVENT_BYTES;
        self.trim();
    }

    /// The size of all items, in bytes.
    pub(crate) const fn held_bytes(&self) -> usize {
        self.bytes
    }

    /// Changes a message in its place. `None`: it does not exist, or fell off because it became too large.
    fn change(&mut self, id: &MessageId, change: impl FnOnce(&mut Message)) -> Option<&Arc<Message>> {
        let message = Arc::make_mut(self.messages.get_mut(id)?);
        let before = message.held_bytes();
        change(message);
        self.bytes = self.bytes - before + message.held_bytes();
        self.trim();
        self.messages.get(id)
    }

    /// Every message, in no particular order.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Arc<Message>> {
        self.messages.values()
    }

    pub(crate) fn get(&self, id: &MessageId) -> Option<&Arc<Message>> {
        self.messages.get(id)
    }

    /// Sets how far our own message has come. A message that is sent moves to the end, where the others see it.
    pub(crate) fn settle(&mut self, id: &MessageId, delivery: Delivery) -> Option<&Arc<Message>> {
        let message = Arc::make_mut(self.messages.get_mut(id)?);
        let before = std::mem::replace(&mut message.delivery, delivery);
        if before != Delivery::Sent && delivery == Delivery::Sent {
            return self.move_to_end(id);
        }
        self.messages.get(id)
    }

    /// Moves a message behind all others.
    pub(crate) fn move_to_end(&mut self, id: &MessageId) -> Option<&Arc<Message>> {
        let at = self.order.iter().rposition(|slot| matches!(slot, Slot::Message(other) if other == id))?;
        let slot = self.order.remove(at)?;
        self.order.push_back(slot);
        self.messages.get(id)
    }

    /// Edits a message. `None`: it does not exist, was deleted, or `author` did not write it.
    pub(crate) fn edit(
        &mut self,
        author: PersonKey,
        id: &MessageId,
        body: Sanitised,
        mentions: Vec<PersonKey>,
        mentions_self: bool,
    ) -> Option<&Arc<Message>> {
        self.messages.get(id).filter(|m| m.author == author && !m.is_deleted)?;
        self.change(id, |message| {
            message.body = body;
            message.mentions = mentions;
            message.mentions_self = mentions_self;
            message.is_edited = true;
        })
    }

    /// Deletes a message. `None`: it does not exist, was deleted before, or `author` did not write it.
    pub(crate) fn delete(&mut self, author: PersonKey, id: &MessageId) -> Option<&Arc<Message>> {
        self.messages.get(id).filter(|m| m.author == author && !m.is_deleted)?;
        self.change(id, |message| {
            message.body = Sanitised::default();
            message.mentions = Vec::new();
            message.mentions_self = false;
            message.reactions = Vec::new();
            message.is_deleted = true;
        })
    }

    /// Adds or takes back a reaction. `None`: the message does not exist or was deleted.
    pub(crate) fn react(
        &mut self,
        person: PersonKey,
        id: &MessageId,
        emoji: &Sanitised,
        taken_back: bool,
    ) -> Option<&Arc<Message>> {
        self.messages.get(id).filter(|m| !m.is_deleted)?;
        self.change(id, |message| {
            let kinds = message.reactions.len();
            match message.reactions.iter_mut().find(|reaction| reaction.emoji == *emoji) {
                Some(reaction) => {
                    reaction.people.retain(|other| *other != person);
                    if !taken_back {
                        reaction.people.push(person);
                    }
                }
                None if !taken_back && kinds < REACTIONS_PER_MESSAGE => {
                    message.reactions.push(Reaction { emoji: emoji.clone(), people: vec![person] });
                }
                None => {}
            }
            message.reactions.retain(|reaction| !reaction.people.is_empty());
        })
    }

    /// Removes the messages whose time is over, by the steady clock. Returns their ids.
    pub(crate) fn expire(&mut self, now: Duration) -> Vec<MessageId> {
        let mut gone = Vec::new();
        while let Some((_, id)) = self.disappearing.first().copied().filter(|(at, _)| *at <= now) {
            self.remove(&id);
            gone.push(id);
        }
        gone
    }

    /// When the next message disappears, by the steady clock.
    pub(crate) fn next_expiry(&self) -> Option<Duration> {
        self.disappearing.first().map(|(at, _)| *at)
    }

    pub(crate) fn remove(&mut self, id: &MessageId) {
        self.forget(id);
        self.order.retain(|slot| !matches!(slot, Slot::Message(other) if other == id));
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Removes what was said in a conversation. Returns the ids.
    pub(crate) fn clear_conversation(&mut self, conversation: ConversationId) -> Vec<MessageId> {
        self.take_out(|message| message.conversation == conversation)
    }

    /// Removes a conversation with what was said in it. Returns the ids. What waits to be sent moves to another
    /// conversation.
    pub(crate) fn close_conversation(
        &mut self,
        conversation: ConversationId,
        other: ConversationId,
    ) -> (Vec<MessageId>, Vec<Arc<Message>>) {
        let is_unsaid = |message: &Message| {
            matches!(message.delivery, Delivery::Pending | Delivery::Held | Delivery::Failed)
        };
        let gone = self.take_out(|message| message.conversation == conversation && !is_unsaid(message));
        let moves = self.messages.values().filter(|message| message.conversation == conversation);
        let moves: Vec<MessageId> = moves.map(|message| message.id).collect();
        let moved =
            moves.iter().filter_map(|id| self.change(id, |message| message.conversation = other).cloned());
        let moved = moved.collect();
        (gone, moved)
    }

    fn take_out(&mut self, goes: impl Fn(&Message) -> bool) -> Vec<MessageId> {
        let gone: Vec<MessageId> =
            self.messages.values().filter(|message| goes(message)).map(|message| message.id).collect();
        gone.iter().for_each(|id| self.forget(id));
        let messages = &self.messages;
        self.order.retain(|slot| !matches!(slot, Slot::Message(id) if !messages.contains_key(id)));
        gone
    }

    pub(crate) fn snapshot(&self) -> Vec<TimelineItem> {
        self.order
            .iter()
            .filter_map(|slot| match slot {
                Slot::Message(id) => self.messages.get(id).cloned().map(TimelineItem::Message),
                Slot::SystemEvent { at, event } => {
                    Some(TimelineItem::SystemEvent { at: *at, event: event.clone() })
                }
            })
            .collect()
    }

    fn trim(&mut self) {
        while self.order.len() > TIMELINE_ITEMS || self.bytes > TIMELINE_BYTES {
            match self.order.pop_front() {
                Some(Slot::Message(id)) => self.forget(&id),
                Some(Slot::SystemEvent { .. }) => self.bytes -= SYSTEM_EVENT_BYTES,
                None => return,
            }
        }
    }

    fn forget(&mut self, id: &MessageId) {
        let Some(message) = self.messages.remove(id) else { return };
        self.bytes -= message.held_bytes();
        if let Some(expiry) = self.expiries.remove(id) {
            self.disappearing.remove(&(expiry, *id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: PersonKey = PersonKey([1; 32]);
    const BEN: PersonKey = PersonKey([2; 32]);

    fn message(n: u8) -> Arc<Message> {
        Arc::new(Message {
            id: MessageId([n; 16]),
            conversation: ConversationId::MAIN,
            author: ANN,
            nick: "ann".into(),
            mood: None,
            body: Sanitised::of(&n.to_string()),
            reply_to: None,
            mentions: vec![],
            mentions_self: false,
            at: 0,
            is_edited: false,
            is_deleted: false,
            reactions: vec![],
            delivery: Delivery::Pending,
            disappears_at: None,
        })
    }

    fn order(timeline: &Timeline) -> Vec<String> {
        let items = timeline.snapshot().into_iter();
        items
            .map(|item| match item {
                TimelineItem::Message(message) => message.body.to_string(),
                TimelineItem::SystemEvent { .. } => "-".into(),
            })
            .collect()
    }

    #[test]
    fn our_message_moves_to_its_place_when_it_is_sent() {
        let mut timeline = Timeline::default();
        timeline.add(message(1), None);
        timeline.add(Arc::new(Message { delivery: Delivery::Received, ..(*message(2)).clone() }), None);
        assert_eq!(order(&timeline), ["1", "2"]);
        timeline.settle(&MessageId([1; 16]), Delivery::Sent);
        assert_eq!(order(&timeline), ["2", "1"]);
        assert!(!timeline.add(message(1), None), "the same message twice");
    }

    #[test]
    fn whoever_is_told_of_a_message_shares_it_and_keeps_it_as_it_was_told() {
        let mut timeline = Timeline::default();
        let told = message(1);
        timeline.add(Arc::clone(&told), None);
        let Some(TimelineItem::Message(shown)) = timeline.snapshot().pop() else { panic!("it is there") };
        assert!(Arc::ptr_eq(&told, &shown), "one copy");
        let edited = timeline.edit(ANN, &told.id, "another".into(), vec![], false).unwrap();
        assert_eq!((&*edited.body, &*told.body), ("another", "1"));
    }

    #[test]
    fn only_the_author_edits_and_deletes() {
        let mut timeline = Timeline::default();
        timeline.add(message(1), None);
        let id = MessageId([1; 16]);
        assert!(timeline.edit(BEN, &id, "x".into(), vec![], false).is_none());
        assert!(timeline.delete(BEN, &id).is_none());
        assert!(timeline.edit(ANN, &id, "x".into(), vec![], false).unwrap().is_edited);
        assert_eq!(timeline.delete(ANN, &id).unwrap().body, "");
        assert!(timeline.edit(ANN, &id, "back".into(), vec![], false).is_none(), "deleted is deleted");
    }

    #[test]
    fn a_reaction_counts_once_a_person_and_goes_with_its_last() {
        let mut timeline = Timeline::default();
        timeline.add(message(1), None);
        let id = MessageId([1; 16]);
        timeline.react(ANN, &id, &"👍".into(), false);
        timeline.react(ANN, &id, &"👍".into(), false);
        assert_eq!(timeline.react(BEN, &id, &"👍".into(), false).unwrap().reactions[0].people, [ANN, BEN]);
        timeline.react(ANN, &id, &"👍".into(), true);
        assert!(timeline.react(BEN, &id, &"👍".into(), true).unwrap().reactions.is_empty());
    }

    #[test]
    fn the_oldest_fall_off() {
        let mut timeline = Timeline::default();
        timeline.add(message(1), None);
        for _ in 0..TIMELINE_ITEMS {
            timeline.note(0, SystemEvent::Unreadable);
        }
        assert!(timeline.get(&MessageId([1; 16])).is_none());
        assert_eq!(timeline.snapshot().len(), TIMELINE_ITEMS);
    }

    #[test]
    fn the_oldest_fall_off_by_their_bytes_too() {
        let mut timeline = Timeline::default();
        let id = |n: u32| MessageId(std::array::from_fn(|at| n.to_be_bytes().get(at).copied().unwrap_or(7)));
        let body = Sanitised::of(&"ж".repeat(8_000));
        let large = |n| Arc::new(Message { id: id(n), body: body.clone(), ..(*message(1)).clone() });
        for n in 0..4_000 {
            timeline.add(large(n), None);
            assert!(timeline.bytes <= TIMELINE_BYTES);
        }
        let held: usize = timeline.messages.values().map(|message| message.held_bytes()).sum();
        assert_eq!(timeline.bytes, held);
        assert!(timeline.messages.len() < 4_000 && timeline.get(&id(3_999)).is_some());
        // What grows later counts as well.
        for n in 2_100..2_600 {
            for person in 0..200 {
                timeline.react(PersonKey([person; 32]), &id(n), &"👍".into(), false);
            }
            assert!(timeline.bytes <= TIMELINE_BYTES);
        }
        assert!(timeline.get(&id(2_100)).is_none(), "it gave way");
        timeline.note(0, SystemEvent::Unreadable);
        for n in 2_100..4_000 {
            timeline.delete(ANN, &id(n));
            timeline.remove(&id(n));
        }
        assert!(timeline.bytes <= SYSTEM_EVENT_BYTES + 600 * (8_000 * 2 + 1_000));
    }

    #[test]
    fn messages_disappear_in_time() {
        let mut timeline = Timeline::default();
        let at = Duration::from_secs;
        timeline.add(message(1), Some(at(10)));
        timeline.add(message(2), Some(at(5)));
        timeline.add(message(3), None);
        assert_eq!(timeline.next_expiry(), Some(at(5)));
        timeline.remove(&MessageId([2; 16]));
        assert_eq!(timeline.next_expiry(), Some(at(10)));
        assert!(timeline.expire(at(9)).is_empty());
        assert_eq!(timeline.expire(at(10)), [MessageId([1; 16])]);
        assert_eq!(order(&timeline), ["3"]);
        assert!(timeline.next_expiry().is_none() && timeline.expiries.is_empty());
    }
}
