//! What is being written, with no interface.

use shepot_client::Event;
use shepot_client::model::{ConnectionState, Room, RoomId};

use super::*;

const SERVER: ServerId = ServerId(1);
const MAIN: Place = Place::main(SERVER);
const HERE: Place = Place::in_room(SERVER, RoomId(1));
const THERE: Place = Place::in_room(SERVER, RoomId(2));
const OTHER: Place = Place::in_room(SERVER, RoomId(3));

fn id(n: u8) -> MessageId {
    MessageId([n; 16])
}

/// A desk on which no message is, and what is written at it.
#[derive(Default)]
struct Table {
    desk: Desk,
    composer: Composer,
    requests: u64,
}

impl Table {
    fn new() -> Self {
        let mut table = Self::default();
        let (name, address) = ("Lighthouse".into(), "a:1".into());
        table.desk.apply(
            Event::Added {
                request: None,
                server: SERVER,
                name,
                address,
                is_open: false,
                is_owner: false,
                link_of: None,
            },
            0,
        );
        table
    }

    /// In a circle that has these rooms.
    fn connected(rooms: &[Place]) -> Self {
        let mut table = Self::new();
        table.desk.apply(Event::State { server: SERVER, state: ConnectionState::Connected }, 0);
        table.gets_rooms(rooms);
        table
    }

    fn gets_rooms(&mut self, rooms: &[Place]) {
        let room = |place: &Place| Room {
            id: place.room(),
            name: "".into(),
            disappears_after_s: 0,
            may_delete: false,
        };
        let rooms = rooms.iter().map(room).collect();
        self.desk.apply(Event::Rooms { server: SERVER, rooms }, 0);
    }

    /// What the field shows then, if it is another text.
    fn refused(&mut self, error: &CommandError, place: Place, text: &str) -> Option<String> {
        self.refused_as(RequestId(self.requests), error, place, text)
    }

    fn refused_as(
        &mut self,
        request: RequestId,
        error: &CommandError,
        place: Place,
        text: &str,
    ) -> Option<String> {
        self.composer.field.set(text);
        let is_another = self.composer.refused(&mut self.desk, request, error, Some(place));
        is_another.then(|| self.shown())
    }

    /// Gives a text to the engine, under a name of its own.
    fn sends(&mut self, place: Place, text: &str) -> String {
        self.requests += 1;
        self.composer.field.set(text);
        self.composer.sent(RequestId(self.requests), place);
        self.shown()
    }

    fn rooms_changed(&mut self, place: Option<Place>, text: &str) -> Option<String> {
        self.composer.field.set(text);
        self.composer.rooms_changed(&mut self.desk, SERVER, place).then(|| self.shown())
    }

    fn changed(&mut self, place: Place, text: &str) -> Option<String> {
        self.composer.field.set(text);
        self.composer.changed(&mut self.desk, SERVER, Some(place)).then(|| self.shown())
    }

    fn shown(&self) -> String {
        self.composer.field.text().to_owned()
    }

    fn write(&mut self, place: Place, draft: &str) {
        self.desk.conversation_mut(place).unwrap().draft = draft.into();
    }

    fn draft(&mut self, place: Place) -> String {
        std::mem::take(&mut self.desk.conversation_mut(place).unwrap().draft)
    }
}

impl Composer {
    fn leave_with(&mut self, place: Place, text: &str) -> String {
        self.field.set(text);
        self.leave(place)
    }

    fn enter_with(&mut self, place: Place, draft: &str) -> String {
        self.enter(place, draft);
        self.field.text().to_owned()
    }

    /// Begins to change a message with this in the field.
    fn edit_over(&mut self, message: MessageId, now: &str) {
        self.field.set(now);
        self.edit(message, "as it was said");
    }

    /// What the field shows one step back; none where there was none.
    fn back(&mut self) -> Option<String> {
        self.step_back().then(|| self.field.text().to_owned())
    }
}

#[test]
fn what_is_written_waits_in_its_room_with_what_it_belongs_to() {
    let mut composer = Composer::default();
    composer.reply_to(id(1));
    assert_eq!(composer.leave_with(HERE, "an answer"), "an answer");
    assert_eq!(composer.enter_with(THERE, ""), "");
    assert_eq!(composer.bar(), Bar::None);
    composer.edit_over(id(2), "a draft");
    assert_eq!(composer.leave_with(THERE, "a change"), "a draft");
    assert_eq!(composer.enter_with(HERE, "an answer"), "an answer");
    assert_eq!(composer.bar(), Bar::Reply(id(1)));
    composer.leave_with(HERE, "an answer");
    assert_eq!(composer.enter_with(THERE, "a draft"), "a change");
    assert_eq!(composer.bar(), Bar::Edit(id(2)));
    assert_eq!(composer.back(), Some("a draft".into()));
    composer.leave_with(THERE, "a draft");
    composer.forget(SERVER, None);
    assert_eq!((composer.enter_with(HERE, ""), composer.bar()), (String::new(), Bar::None));
}

#[test]
fn a_change_gives_back_what_was_written_before_and_what_it_answered() {
    let mut composer = Composer::default();
    composer.reply_to(id(1));
    composer.edit_over(id(2), "half an answer");
    assert_eq!(composer.back(), Some("half an answer".into()));
    assert!(composer.step_back() && !composer.step_back());
    composer.edit_over(id(2), "x");
    composer.reply_to(id(3));
    assert_eq!((composer.field.text(), composer.bar()), ("x", Bar::Reply(id(3))));
}

#[test]
fn what_the_engine_does_not_take_comes_back_where_it_was_written() {
    let full = CommandError::OutboxFull;
    let mut table = Table::new();
    table.composer.reply_to(id(1));
    assert_eq!(table.sends(HERE, "first"), "");
    assert_eq!(table.refused(&full, HERE, "next"), Some("first\nnext".into()));
    assert_eq!(table.composer.bar(), Bar::Reply(id(1)));
    assert_eq!(table.refused(&full, HERE, "next"), None, "once");
    // Another room is shown by now.
    table.sends(HERE, "second");
    table.write(HERE, "third");
    assert_eq!(table.refused(&full, THERE, ""), None);
    assert_eq!(table.draft(HERE), "second\nthird");
    table.composer.edit_over(id(2), "");
    table.sends(HERE, "changed");
    assert_eq!((table.refused(&full, THERE, ""), table.draft(HERE)), (None, String::new()));
    assert_eq!(table.composer.enter_with(HERE, "second"), "changed");
    assert_eq!(table.composer.back(), Some("second".into()));
    // Another was meant, and it was taken.
    table.sends(HERE, "third");
    table.requests += 1;
    assert_eq!(table.refused(&CommandError::NotTheOwner, HERE, ""), None);
    table.requests -= 1;
    table.composer.done(RequestId(table.requests));
    assert_eq!(table.refused(&full, HERE, ""), None, "it was taken");
    // Several are on their way at once.
    let first = RequestId(table.requests + 1);
    table.sends(HERE, "one");
    table.sends(HERE, "two");
    assert_eq!(table.refused_as(first, &full, HERE, ""), Some("one".into()));
    assert_eq!(table.refused(&full, HERE, "one"), Some("two\none".into()));
    // What is answered by now stays answered.
    table.sends(HERE, "fourth");
    table.composer.reply_to(id(5));
    assert_eq!(table.refused(&full, HERE, "an answer"), Some("fourth\nan answer".into()));
    assert_eq!(table.composer.bar(), Bar::Reply(id(5)));
    // And while a change is made.
    table.composer.forget(SERVER, Some(HERE));
    table.composer.reply_to(id(1));
    table.sends(HERE, "fifth");
    table.composer.reply_to(id(5));
    table.composer.edit_over(id(6), "an answer");
    assert_eq!(table.refused(&full, HERE, "a change"), None);
    assert_eq!(table.composer.back(), Some("fifth\nan answer".into()));
    assert_eq!(table.composer.bar(), Bar::Reply(id(5)));
}

#[test]
fn a_change_that_comes_too_late_or_finds_another_is_not_lost() {
    let mut table = Table::new();
    table.composer.edit_over(id(1), "");
    table.sends(HERE, "of what is gone");
    assert_eq!(table.refused(&CommandError::NoSuchMessage, HERE, ""), Some("of what is gone".into()));
    assert_eq!(table.composer.bar(), Bar::None);
    table.composer.edit_over(id(1), "");
    table.sends(HERE, "first");
    table.composer.edit_over(id(2), "");
    table.composer.leave_with(HERE, "second");
    table.composer.enter_with(THERE, "");
    assert_eq!(table.refused(&CommandError::OutboxFull, THERE, ""), None);
    assert_eq!(table.draft(HERE), "first");
    assert_eq!(table.composer.enter_with(HERE, "first"), "second");
}

#[test]
fn what_belongs_to_messages_that_are_gone_is_there_without_them() {
    let mut table = Table::new();
    let composer = &mut table.composer;
    composer.reply_to(id(1));
    composer.leave_with(HERE, "an answer");
    composer.enter_with(THERE, "");
    composer.edit_over(id(2), "a draft");
    assert_eq!(composer.leave_with(THERE, "a change"), "a draft");
    composer.enter_with(OTHER, "");
    composer.reply_to(id(3));
    composer.edit_over(id(4), "half an answer");
    table.write(THERE, "a draft");
    assert_eq!(table.changed(OTHER, "another change"), Some("half an answer\nanother change".into()));
    assert_eq!(table.draft(THERE), "a draft\na change");
    let composer = &mut table.composer;
    assert_eq!(composer.bar(), Bar::None);
    assert_eq!((composer.enter_with(HERE, "an answer"), composer.bar()), ("an answer".to_owned(), Bar::None));
    assert_eq!((composer.enter_with(THERE, "a draft"), composer.bar()), ("a draft".to_owned(), Bar::None));
}

#[test]
fn what_was_written_in_a_room_that_is_gone_stands_in_the_main_room() {
    let mut table = Table::new();
    table.gets_rooms(&[MAIN]);
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
    table.composer.edit_over(id(2), "a draft");
    assert_eq!(table.rooms_changed(Some(MAIN), "a change"), None);
    assert_eq!(table.composer.back(), Some("a draft\nmore".into()));
}

#[test]
fn no_change_is_left_behind_in_a_room_that_is_gone_and_nothing_comes_back_there() {
    let mut table = Table::connected(&[MAIN, HERE]);
    table.composer.edit_over(id(1), "");
    table.composer.leave_with(HERE, "a change");
    table.composer.enter_with(MAIN, "");
    table.gets_rooms(&[MAIN]);
    assert_eq!(table.rooms_changed(Some(MAIN), "now"), Some("now\na change".into()));
    // What was on its way there is refused afterwards.
    for edited in [None, Some(id(1))] {
        if let Some(message) = edited {
            table.composer.edit_over(message, "");
        }
        table.sends(HERE, "on its way");
        assert_eq!(table.refused(&CommandError::NoSuchRoom, MAIN, "now"), Some("now\non its way".into()));
        assert_eq!(table.composer.bar(), Bar::None);
    }
    table.sends(HERE, "on its way");
    assert_eq!(table.refused(&CommandError::NoSuchRoom, OTHER, ""), None);
    assert_eq!((table.draft(MAIN), table.draft(HERE)), ("on its way".into(), String::new()));
    // And a change of what is gone with the room.
    let mut table = Table::connected(&[MAIN, HERE]);
    table.composer.edit_over(id(1), "");
    table.composer.leave_with(HERE, "a change");
    table.composer.enter_with(MAIN, "");
    table.gets_rooms(&[MAIN]);
    assert_eq!(table.changed(MAIN, "now"), Some("now\na change".into()));
}
