//! What is being written: which message a text answers or changes, in each room, and what was given to the engine until
//! it has taken it.
//!
//! Owns: everything about it but the text of the room that is shown, which is in the interface's field: it goes in and
//! comes out. Must never: lose a text, or keep one of a session that the person has left.

use std::collections::HashMap;

use shepot_client::Action;
use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_client::model::{MessageId, Mistake, RoomId, ServerId};

use crate::desk::{Desk, Place};
use crate::{emoji, people};

/// Characters that a field takes: more than a message has, so that one can be shortened there, and few enough to be laid out
/// for every key.
pub const MOST_WRITTEN: usize = 2 * MESSAGE_CHARACTERS;

/// What a message that is being written belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bar {
    /// It is a new one.
    #[default]
    None,
    /// It answers another.
    Reply(MessageId),
    /// It takes the place of an own one.
    Edit(MessageId),
}

/// One step back in what is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// There was none.
    Nothing,
    /// It answers nothing any more.
    Answer,
    /// A change was given up: the field shows what was written before.
    Change(String),
}

/// Where a text that the engine did not take is again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    /// It was not about a text, or the text waits by itself.
    Nothing,
    /// In the field, which shows this.
    Field(String),
    /// In the draft of a room that is not shown.
    Draft(Place, String),
}

/// What of it was about messages that are gone: none of the texts is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenUp {
    /// A change in the room that is shown: the field shows this.
    pub field: Option<String>,
    /// Changes that waited in other rooms: each belongs to the draft there.
    pub drafts: Vec<(Place, String)>,
}

/// What is being written, in the room that is shown and in others.
#[derive(Default)]
pub struct Writing {
    bar: Bar,
    /// What was written before a change began, and what it answered.
    before_edit: Option<(Bar, String)>,
    /// Answers that are being written in other rooms.
    bars: HashMap<Place, Bar>,
    /// Changes that are being written in other rooms.
    edits: HashMap<Place, (MessageId, String)>,
    /// What was given to the engine, and where, until it is in the list or refused.
    sent: Option<(Place, Bar, String)>,
}

impl Writing {
    /// What is written in the room that is shown belongs to this.
    #[must_use]
    pub const fn bar(&self) -> Bar {
        self.bar
    }

    /// The room is left with this in its field. The draft that stays with it.
    pub fn leave(&mut self, place: Place, text: String) -> String {
        let (bar, draft) = match std::mem::take(&mut self.bar) {
            Bar::Edit(message) => {
                self.edits.insert(place, (message, text));
                self.before_edit.take().unwrap_or_default()
            }
            bar @ (Bar::None | Bar::Reply(_)) => (bar, text),
        };
        if bar == Bar::None {
            self.bars.remove(&place);
        } else {
            self.bars.insert(place, bar);
        }
        draft
    }

    /// A room with this draft is entered. What its field shows: a change that was being written goes on.
    pub fn enter(&mut self, place: Place, draft: &str) -> String {
        // What was written before a change elsewhere belongs there.
        self.before_edit = None;
        self.bar = self.bars.get(&place).copied().unwrap_or_default();
        match self.edits.remove(&place) {
            Some((message, text)) => {
                self.edit(message, draft.to_owned());
                text
            }
            None => draft.to_owned(),
        }
    }

    /// Nothing of a session outlives it. What is in the field is not touched: see [`Self::clear`].
    pub fn forget(&mut self, server: ServerId) {
        self.bars.retain(|place, _| place.server != server);
        self.edits.retain(|place, _| place.server != server);
        self.sent.take_if(|(place, ..)| place.server == server);
    }

    /// Nothing is being written in the room that is shown.
    pub fn clear(&mut self) {
        self.bar = Bar::None;
        self.before_edit = None;
    }

    /// Begins to answer a message. A change that is given up for it: the field shows what was written before.
    pub fn reply_to(&mut self, message: MessageId) -> Option<String> {
        let back = self.step_back();
        self.bar = Bar::Reply(message);
        if let Back::Change(text) = back { Some(text) } else { None }
    }

    /// Begins to change a message, with this in the field; it shows the message's text then.
    pub fn edit(&mut self, message: MessageId, now: String) {
        if !matches!(self.bar, Bar::Edit(_)) {
            self.before_edit = Some((self.bar, now));
        }
        self.bar = Bar::Edit(message);
    }

    /// Gives up an answer or a change.
    pub fn step_back(&mut self) -> Back {
        match std::mem::take(&mut self.bar) {
            Bar::None => Back::Nothing,
            Bar::Reply(_) => Back::Answer,
            Bar::Edit(_) => Back::Change(self.before()),
        }
    }

    /// What was written before a change is there again.
    fn before(&mut self) -> String {
        let (bar, text) = self.before_edit.take().unwrap_or_default();
        self.bar = bar;
        text
    }

    /// What the engine is to do with this text; None where there is nothing in it.
    ///
    /// # Errors
    ///
    /// [`Mistake::LongMessage`]: it stays as it is.
    pub fn action(&self, desk: &Desk, place: Place, text: &str) -> Result<Option<Action>, Mistake> {
        // The first line keeps its indentation, as all others do.
        let body = emoji::with_short_names(text.trim_end().trim_start_matches('\n'));
        let count = body.chars().count();
        if body.trim().is_empty() {
            return Ok(None);
        }
        if count > MESSAGE_CHARACTERS {
            return Err(Mistake::LongMessage { most: MESSAGE_CHARACTERS });
        }
        let people = desk.server(place.server).map(|server| server.people.as_slice()).unwrap_or_default();
        let mentions = people::mentioned(&body, people);
        Ok(Some(match self.bar {
            Bar::Edit(message) => Action::Edit { message, body, mentions },
            Bar::Reply(message) => Action::Send { room: place.room, body, reply_to: Some(message), mentions },
            Bar::None => Action::Send { room: place.room, body, reply_to: None, mentions },
        }))
    }

    /// This was given to the engine. What the field shows then.
    pub fn is_sent(&mut self, place: Place, text: String) -> String {
        let bar = std::mem::take(&mut self.bar);
        // It comes back if the engine does not take it.
        self.sent = Some((place, bar, text));
        self.bars.remove(&place);
        self.before()
    }

    /// Something was given to the engine that was not in the field: it comes back there if it is not taken.
    pub fn is_sent_again(&mut self, place: Place, reply_to: Option<MessageId>, text: String) {
        self.sent = Some((place, reply_to.map_or(Bar::None, Bar::Reply), text));
    }

    /// The engine did not do something, with this in the field of the room that is shown.
    pub fn refused(
        &mut self,
        desk: &Desk,
        server: Option<ServerId>,
        mistake: &Mistake,
        shown: Option<Place>,
        now: &str,
    ) -> Returned {
        // A change of a message that is gone is a text of its own. Reactions are refused so as well: what is there still
        // will be changed.
        let is_gone = *mistake == Mistake::NoSuchMessage;
        let concerns_text = is_gone
            || matches!(
                mistake,
                Mistake::NotConnected
                    | Mistake::OutboxFull
                    | Mistake::LongMessage { .. }
                    | Mistake::NoSuchRoom
            );
        if !concerns_text {
            return Returned::Nothing;
        }
        let sent = self.sent.take_if(|(place, bar, _)| {
            let is_meant = match bar {
                Bar::Edit(id) => desk.message_of(place.server, id).is_none_or(|message| message.is_deleted),
                Bar::None | Bar::Reply(_) => false,
            };
            Some(place.server) == server && (!is_gone || is_meant)
        });
        let Some((place, bar, text)) = sent else { return Returned::Nothing };
        let bar = if is_gone { Bar::None } else { bar };
        match (bar, self.bar) {
            (Bar::Edit(message), _) if shown != Some(place) => {
                // Another change may wait there by now.
                if self.edits.contains_key(&place) {
                    return Returned::Draft(place, text);
                }
                self.edits.insert(place, (message, text));
                Returned::Nothing
            }
            (Bar::None | Bar::Reply(_), _) if shown != Some(place) => {
                if bar != Bar::None {
                    // A draft that answers something goes on answering it.
                    self.bars.entry(place).or_insert(bar);
                }
                Returned::Draft(place, text)
            }
            (_, Bar::Edit(_)) => {
                // A change goes on: what comes back waits until it is done.
                let (before_bar, before) = self.before_edit.take().unwrap_or_default();
                let bar = match (before_bar, bar) {
                    (Bar::None, Bar::Reply(_)) => bar,
                    _ => before_bar,
                };
                self.before_edit = Some((bar, behind(&text, &before)));
                Returned::Nothing
            }
            (Bar::Edit(_), _) => {
                // What is written now waits until the change is done.
                self.before_edit = Some((self.bar, now.to_owned()));
                self.bar = bar;
                Returned::Field(text)
            }
            (Bar::None | Bar::Reply(_), _) => {
                // What answers something goes on answering it.
                if self.bar == Bar::None {
                    self.bar = bar;
                }
                Returned::Field(behind(&text, now))
            }
        }
    }

    /// The engine has taken what was written.
    pub fn taken(&mut self, server: ServerId) {
        self.sent.take_if(|(place, ..)| place.server == server);
    }

    /// A server has other rooms. What was written in one that is gone stands in the main room, behind what is written there;
    /// what the field shows then, if it is another text.
    pub fn rooms_changed(
        &mut self,
        desk: &mut Desk,
        server: ServerId,
        shown: Option<Place>,
        now: &str,
    ) -> Option<String> {
        let texts = desk.take_homeless_drafts(server);
        let text = texts.iter().fold(String::new(), |all, text| behind(&all, text));
        if text.is_empty() {
            return None;
        }
        let main = Place { server, room: RoomId::MAIN };
        if shown != Some(main) {
            let conversation = desk.conversation_mut(main)?;
            conversation.draft = behind(&conversation.draft, &text);
            return None;
        }
        if let Bar::Edit(_) = self.bar {
            let (bar, before) = self.before_edit.take().unwrap_or_default();
            self.before_edit = Some((bar, behind(&before, &text)));
            return None;
        }
        Some(behind(now, &text))
    }

    /// Something in a timeline is another: the change that was sent may be, and what is answered or changed may be gone.
    /// A change that is given up for it stands behind what was written before.
    pub fn changed(&mut self, desk: &Desk, server: ServerId, shown: Option<Place>, now: &str) -> GivenUp {
        self.sent.take_if(|(place, bar, text)| {
            let message = match bar {
                Bar::Edit(id) if place.server == server => desk.message_of(server, id),
                Bar::Edit(_) | Bar::None | Bar::Reply(_) => None,
            };
            message.is_some_and(|message| message.body == emoji::with_short_names(text.trim()))
        });
        let is_there =
            |id: &MessageId| desk.message_of(server, id).is_some_and(|message| !message.is_deleted);
        let answers_what_is_gone = |bar: &Bar| matches!(bar, Bar::Reply(id) if !is_there(id));
        let gone = self.edits.extract_if(|place, (id, _)| place.server == server && !is_there(id));
        let drafts = gone.map(|(place, (_, text))| (place, text)).collect();
        self.bars.retain(|place, bar| place.server != server || !answers_what_is_gone(bar));
        if shown.is_none_or(|place| place.server != server) {
            return GivenUp { field: None, drafts };
        }
        if let Some((bar, _)) = &mut self.before_edit
            && answers_what_is_gone(bar)
        {
            *bar = Bar::None;
        }
        let field = match self.bar {
            Bar::Reply(id) if !is_there(&id) => {
                self.bar = Bar::None;
                None
            }
            Bar::Edit(id) if !is_there(&id) => {
                let before = self.before();
                Some(behind(&before, now))
            }
            Bar::None | Bar::Reply(_) | Bar::Edit(_) => None,
        };
        GivenUp { field, drafts }
    }
}

/// One text behind the other, in a line of its own.
#[must_use]
pub fn behind(first: &str, then: &str) -> String {
    match (first, then) {
        (text, "") | ("", text) => text.to_owned(),
        _ => format!("{first}\n{then}"),
    }
}

#[cfg(test)]
mod tests {
    use shepot_client::Event;
    use shepot_client::model::{ConnectionState, Room};

    use super::*;

    const SERVER: ServerId = ServerId(1);
    const HERE: Place = Place { server: SERVER, room: RoomId(1) };
    const THERE: Place = Place { server: SERVER, room: RoomId(2) };
    const OTHER: Place = Place { server: SERVER, room: RoomId(3) };

    fn id(n: u8) -> MessageId {
        MessageId([n; 16])
    }

    #[test]
    fn what_is_written_waits_in_its_room_with_what_it_belongs_to() {
        let mut writing = Writing::default();
        writing.reply_to(id(1));
        assert_eq!(writing.leave(HERE, "an answer".into()), "an answer");
        assert_eq!(writing.enter(THERE, ""), "");
        assert_eq!(writing.bar(), Bar::None);
        writing.edit(id(2), "a draft".into());
        assert_eq!(writing.leave(THERE, "a change".into()), "a draft");
        assert_eq!(writing.enter(HERE, "an answer"), "an answer");
        assert_eq!(writing.bar(), Bar::Reply(id(1)));
        writing.leave(HERE, "an answer".into());
        assert_eq!(writing.enter(THERE, "a draft"), "a change");
        assert_eq!(writing.bar(), Bar::Edit(id(2)));
        assert_eq!(writing.step_back(), Back::Change("a draft".into()));
        writing.leave(THERE, "a draft".into());
        writing.forget(SERVER);
        assert_eq!((writing.enter(HERE, ""), writing.bar()), (String::new(), Bar::None));
    }

    #[test]
    fn a_change_gives_back_what_was_written_before_and_what_it_answered() {
        let mut writing = Writing::default();
        writing.reply_to(id(1));
        writing.edit(id(2), "half an answer".into());
        assert_eq!(writing.step_back(), Back::Change("half an answer".into()));
        assert_eq!(writing.step_back(), Back::Answer);
        assert_eq!(writing.step_back(), Back::Nothing);
        writing.edit(id(2), "x".into());
        assert_eq!(writing.reply_to(id(3)), Some("x".into()));
    }

    #[test]
    fn what_the_engine_does_not_take_comes_back_where_it_was_written() {
        let refuse = |writing: &mut Writing, shown, now| {
            writing.refused(&Desk::default(), Some(SERVER), &Mistake::OutboxFull, Some(shown), now)
        };
        let mut writing = Writing::default();
        writing.reply_to(id(1));
        assert_eq!(writing.is_sent(HERE, "first".into()), "");
        assert_eq!(refuse(&mut writing, HERE, "next"), Returned::Field("first\nnext".into()));
        assert_eq!(writing.bar(), Bar::Reply(id(1)));
        assert_eq!(refuse(&mut writing, HERE, "next"), Returned::Nothing, "once");
        // Another room is shown by now.
        writing.is_sent(HERE, "second".into());
        assert_eq!(refuse(&mut writing, THERE, ""), Returned::Draft(HERE, "second".into()));
        writing.edit(id(2), String::new());
        writing.is_sent(HERE, "changed".into());
        assert_eq!(refuse(&mut writing, THERE, ""), Returned::Nothing);
        assert_eq!(writing.enter(HERE, "second"), "changed");
        assert_eq!(writing.step_back(), Back::Change("second".into()));
        // Not about a text.
        writing.is_sent(HERE, "third".into());
        let other = writing.refused(&Desk::default(), Some(SERVER), &Mistake::NotTheOwner, Some(HERE), "");
        assert_eq!(other, Returned::Nothing);
        writing.taken(SERVER);
        assert_eq!(refuse(&mut writing, HERE, ""), Returned::Nothing, "it was taken");
        // What is answered by now stays answered.
        writing.is_sent(HERE, "fourth".into());
        writing.reply_to(id(5));
        assert_eq!(refuse(&mut writing, HERE, "an answer"), Returned::Field("fourth\nan answer".into()));
        assert_eq!(writing.bar(), Bar::Reply(id(5)));
        // And while a change is made.
        writing.clear();
        writing.reply_to(id(1));
        writing.is_sent(HERE, "fifth".into());
        writing.reply_to(id(5));
        writing.edit(id(6), "an answer".into());
        assert_eq!(refuse(&mut writing, HERE, "a change"), Returned::Nothing);
        assert_eq!(writing.step_back(), Back::Change("fifth\nan answer".into()));
        assert_eq!(writing.bar(), Bar::Reply(id(5)));
    }

    #[test]
    fn what_was_written_in_a_room_that_is_gone_stands_in_the_main_room() {
        let main = Place { server: SERVER, room: RoomId::MAIN };
        let mut desk = Desk::default();
        let (name, address) = ("Lighthouse".into(), "a:1".into());
        let room = Room { id: RoomId::MAIN, name: "".into(), disappears_after_s: 0 };
        desk.apply(Event::Added { server: SERVER, name, address, is_open: false }, 0);
        desk.apply(Event::Rooms { server: SERVER, rooms: vec![room] }, 0);
        let write =
            |desk: &mut Desk, place, text: &str| desk.conversation_mut(place).unwrap().draft = text.into();
        let mut writing = Writing::default();
        write(&mut desk, main, "to all");
        write(&mut desk, HERE, "here");
        write(&mut desk, THERE, "there");
        assert_eq!(writing.rooms_changed(&mut desk, SERVER, None, ""), None);
        assert_eq!(desk.conversation_mut(HERE).unwrap().draft, "here", "it may come back");
        desk.apply(Event::State { server: SERVER, state: ConnectionState::Connected }, 0);
        assert_eq!(writing.rooms_changed(&mut desk, SERVER, None, ""), None);
        assert_eq!(desk.conversation_mut(main).unwrap().draft, "to all\nhere\nthere");
        assert!(desk.conversation_mut(HERE).unwrap().draft.is_empty());
        // Where the main room is shown, its text is in the field.
        write(&mut desk, HERE, "again");
        assert_eq!(writing.rooms_changed(&mut desk, SERVER, Some(main), "now"), Some("now\nagain".into()));
        write(&mut desk, HERE, "more");
        writing.edit(id(2), "a draft".into());
        assert_eq!(writing.rooms_changed(&mut desk, SERVER, Some(main), "a change"), None);
        assert_eq!(writing.step_back(), Back::Change("a draft\nmore".into()));
    }

    #[test]
    fn a_change_that_comes_too_late_or_finds_another_is_not_lost() {
        let refused = |writing: &mut Writing, mistake, shown| {
            writing.refused(&Desk::default(), Some(SERVER), mistake, Some(shown), "")
        };
        let mut writing = Writing::default();
        writing.edit(id(1), String::new());
        writing.is_sent(HERE, "of what is gone".into());
        let returned = refused(&mut writing, &Mistake::NoSuchMessage, HERE);
        assert_eq!((returned, writing.bar()), (Returned::Field("of what is gone".into()), Bar::None));
        // A reaction to what is gone says nothing about a message.
        writing.is_sent(HERE, "a message".into());
        assert_eq!(refused(&mut writing, &Mistake::NoSuchMessage, HERE), Returned::Nothing);
        writing.edit(id(1), String::new());
        writing.is_sent(HERE, "first".into());
        writing.edit(id(2), String::new());
        writing.leave(HERE, "second".into());
        writing.enter(THERE, "");
        let returned = refused(&mut writing, &Mistake::OutboxFull, THERE);
        assert_eq!(returned, Returned::Draft(HERE, "first".into()));
        assert_eq!(writing.enter(HERE, "first"), "second");
    }

    /// Nothing is on this desk: every message is gone.
    #[test]
    fn what_belongs_to_messages_that_are_gone_is_there_without_them() {
        let mut writing = Writing::default();
        writing.reply_to(id(1));
        writing.leave(HERE, "an answer".into());
        writing.enter(THERE, "");
        writing.edit(id(2), "a draft".into());
        writing.leave(THERE, "a change".into());
        writing.enter(OTHER, "");
        writing.reply_to(id(3));
        writing.edit(id(4), "half an answer".into());
        let given_up = writing.changed(&Desk::default(), SERVER, Some(OTHER), "another change");
        assert_eq!(given_up.field.as_deref(), Some("half an answer\nanother change"));
        assert_eq!(given_up.drafts, [(THERE, "a change".to_owned())]);
        assert_eq!(writing.bar(), Bar::None);
        assert_eq!((writing.enter(HERE, "an answer"), writing.bar()), ("an answer".to_owned(), Bar::None));
        assert_eq!((writing.enter(THERE, "a draft"), writing.bar()), ("a draft".to_owned(), Bar::None));
    }
}
