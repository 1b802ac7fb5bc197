//! What is being written, with no interface.

use shepot_client::Event;
use shepot_client::model::{ConnectionState, Room};

use super::*;

const SERVER: ServerId = ServerId(1);
const MAIN: Place = Place { server: SERVER, room: RoomId::MAIN };
const HERE: Place = Place { server: SERVER, room: RoomId(1) };
const THERE: Place = Place { server: SERVER, room: RoomId(2) };
const OTHER: Place = Place { server: SERVER, room: RoomId(3) };

fn id(n: u8) -> MessageId {
    MessageId([n; 16])
}

/// A desk on which no message is, and what is written at it.
#[derive(Default)]
struct Table {
    desk: Desk,
    writing: Writing,
    requests: u64,
}

impl Table {
    fn new() -> Self {
        let mut table = Self::default();
        let (name, address) = ("Lighthouse".into(), "a:1".into());
        table.desk.apply(Event::Added { request: None, server: SERVER, name, address, is_open: false }, 0);
        table
    }

    /// In a circle that has these rooms.
    fn connected(rooms: &[Place]) -> Self {
        let mut table = Self::new();
        table.desk.apply(Event::State { server: SERVER, state: ConnectionState::Connected }, 0);
        table.has_rooms(rooms);
        table
    }

    fn has_rooms(&mut self, rooms: &[Place]) {
        let room = |place: &Place| Room { id: place.room, name: "".into(), disappears_after_s: 0 };
        let rooms = rooms.iter().map(room).collect();
        self.desk.apply(Event::Rooms { server: SERVER, rooms }, 0);
    }

    fn refused(&mut self, error: &CommandError, place: Place, text: &str) -> Option<String> {
        let shown = Shown { place: Some(place), text };
        self.writing.refused(&mut self.desk, RequestId(self.requests), error, shown)
    }

    /// Gives a text to the engine, under a name of its own.
    fn sends(&mut self, place: Place, text: &str) -> String {
        self.requests += 1;
        self.writing.is_sent(RequestId(self.requests), place, text.to_owned())
    }

    fn rooms_changed(&mut self, place: Option<Place>, text: &str) -> Option<String> {
        self.writing.rooms_changed(&mut self.desk, SERVER, Shown { place, text })
    }

    fn changed(&mut self, place: Place, text: &str) -> Option<String> {
        self.writing.changed(&mut self.desk, SERVER, Shown { place: Some(place), text })
    }

    fn write(&mut self, place: Place, draft: &str) {
        self.desk.conversation_mut(place).unwrap().draft = draft.into();
    }

    fn draft(&mut self, place: Place) -> String {
        std::mem::take(&mut self.desk.conversation_mut(place).unwrap().draft)
    }
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
    let full = CommandError::OutboxFull;
    let mut table = Table::new();
    table.writing.reply_to(id(1));
    assert_eq!(table.sends(HERE, "first"), "");
    assert_eq!(table.refused(&full, HERE, "next"), Some("first\nnext".into()));
    assert_eq!(table.writing.bar(), Bar::Reply(id(1)));
    assert_eq!(table.refused(&full, HERE, "next"), None, "once");
    // Another room is shown by now.
    table.sends(HERE, "second");
    table.write(HERE, "third");
    assert_eq!(table.refused(&full, THERE, ""), None);
    assert_eq!(table.draft(HERE), "second\nthird");
    table.writing.edit(id(2), String::new());
    table.sends(HERE, "changed");
    assert_eq!((table.refused(&full, THERE, ""), table.draft(HERE)), (None, String::new()));
    assert_eq!(table.writing.enter(HERE, "second"), "changed");
    assert_eq!(table.writing.step_back(), Back::Change("second".into()));
    // Another was meant, and it was taken.
    table.sends(HERE, "third");
    table.requests += 1;
    assert_eq!(table.refused(&CommandError::NotTheOwner, HERE, ""), None);
    table.requests -= 1;
    table.writing.done(RequestId(table.requests));
    assert_eq!(table.refused(&full, HERE, ""), None, "it was taken");
    // Several are on their way at once.
    let first = RequestId(table.requests + 1);
    table.sends(HERE, "one");
    table.sends(HERE, "two");
    let shown = Shown { place: Some(HERE), text: "" };
    assert_eq!(table.writing.refused(&mut table.desk, first, &full, shown), Some("one".into()));
    assert_eq!(table.refused(&full, HERE, "one"), Some("two\none".into()));
    // What is answered by now stays answered.
    table.sends(HERE, "fourth");
    table.writing.reply_to(id(5));
    assert_eq!(table.refused(&full, HERE, "an answer"), Some("fourth\nan answer".into()));
    assert_eq!(table.writing.bar(), Bar::Reply(id(5)));
    // And while a change is made.
    table.writing.clear();
    table.writing.reply_to(id(1));
    table.sends(HERE, "fifth");
    table.writing.reply_to(id(5));
    table.writing.edit(id(6), "an answer".into());
    assert_eq!(table.refused(&full, HERE, "a change"), None);
    assert_eq!(table.writing.step_back(), Back::Change("fifth\nan answer".into()));
    assert_eq!(table.writing.bar(), Bar::Reply(id(5)));
}

#[test]
fn a_change_that_comes_too_late_or_finds_another_is_not_lost() {
    let mut table = Table::new();
    table.writing.edit(id(1), String::new());
    table.sends(HERE, "of what is gone");
    assert_eq!(table.refused(&CommandError::NoSuchMessage, HERE, ""), Some("of what is gone".into()));
    assert_eq!(table.writing.bar(), Bar::None);
    table.writing.edit(id(1), String::new());
    table.sends(HERE, "first");
    table.writing.edit(id(2), String::new());
    table.writing.leave(HERE, "second".into());
    table.writing.enter(THERE, "");
    assert_eq!(table.refused(&CommandError::OutboxFull, THERE, ""), None);
    assert_eq!(table.draft(HERE), "first");
    assert_eq!(table.writing.enter(HERE, "first"), "second");
}

#[test]
fn what_belongs_to_messages_that_are_gone_is_there_without_them() {
    let mut table = Table::new();
    let writing = &mut table.writing;
    writing.reply_to(id(1));
    writing.leave(HERE, "an answer".into());
    writing.enter(THERE, "");
    writing.edit(id(2), "a draft".into());
    assert_eq!(writing.leave(THERE, "a change".into()), "a draft");
    writing.enter(OTHER, "");
    writing.reply_to(id(3));
    writing.edit(id(4), "half an answer".into());
    table.write(THERE, "a draft");
    assert_eq!(table.changed(OTHER, "another change"), Some("half an answer\nanother change".into()));
    assert_eq!(table.draft(THERE), "a draft\na change");
    let writing = &mut table.writing;
    assert_eq!(writing.bar(), Bar::None);
    assert_eq!((writing.enter(HERE, "an answer"), writing.bar()), ("an answer".to_owned(), Bar::None));
    assert_eq!((writing.enter(THERE, "a draft"), writing.bar()), ("a draft".to_owned(), Bar::None));
}

#[test]
fn what_was_written_in_a_room_that_is_gone_stands_in_the_main_room() {
    let mut table = Table::new();
    table.has_rooms(&[MAIN]);
    table.write(MAIN, "to all");
    table.write(HERE, "here");
    table.write(THERE, "there");
    assert_eq!(table.rooms_changed(None, ""), None);
    assert_eq!(table.desk.conversation_mut(HERE).unwrap().draft, "here", "it may come back");
    table.desk.apply(Event::State { server: SERVER, state: ConnectionState::Connected }, 0);
    assert_eq!(table.rooms_changed(None, ""), None);
    assert_eq!(table.draft(MAIN), "to all\nhere\nthere");
    assert!(table.draft(HERE).is_empty());
    // Where the main room is shown, its text is in the field.
    table.write(HERE, "again");
    table.write(THERE, "and again");
    assert_eq!(table.rooms_changed(Some(MAIN), "now"), Some("now\nagain\nand again".into()));
    table.write(HERE, "more");
    table.writing.edit(id(2), "a draft".into());
    assert_eq!(table.rooms_changed(Some(MAIN), "a change"), None);
    assert_eq!(table.writing.step_back(), Back::Change("a draft\nmore".into()));
}

#[test]
fn no_change_is_left_behind_in_a_room_that_is_gone_and_nothing_comes_back_there() {
    let mut table = Table::connected(&[MAIN, HERE]);
    table.writing.edit(id(1), String::new());
    table.writing.leave(HERE, "a change".into());
    table.writing.enter(MAIN, "");
    table.has_rooms(&[MAIN]);
    assert_eq!(table.rooms_changed(Some(MAIN), "now"), Some("now\na change".into()));
    // What was on its way there is refused afterwards.
    for edited in [None, Some(id(1))] {
        if let Some(message) = edited {
            table.writing.edit(message, String::new());
        }
        table.sends(HERE, "on its way");
        assert_eq!(table.refused(&CommandError::NoSuchRoom, MAIN, "now"), Some("now\non its way".into()));
        assert_eq!(table.writing.bar(), Bar::None);
    }
    table.sends(HERE, "on its way");
    assert_eq!(table.refused(&CommandError::NoSuchRoom, OTHER, ""), None);
    assert_eq!((table.draft(MAIN), table.draft(HERE)), ("on its way".into(), String::new()));
    // And a change of what is gone with the room.
    let mut table = Table::connected(&[MAIN, HERE]);
    table.writing.edit(id(1), String::new());
    table.writing.leave(HERE, "a change".into());
    table.writing.enter(MAIN, "");
    table.has_rooms(&[MAIN]);
    assert_eq!(table.changed(MAIN, "now"), Some("now\na change".into()));
}
