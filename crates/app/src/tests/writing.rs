//! What is written, and what becomes of it.

use super::*;
use crate::confirmation::Confirmation;

#[test]
fn a_change_that_is_on_its_way_is_not_given_back_for_something_else() {
    let mut program = evening(Language::English);
    program.send(Msg::Message(id(6), MessageAction::Edit));
    program.types(" and more");
    program.send(Msg::Enter);
    let change = program.last_request();
    // A reaction to another message, say.
    program.send(Msg::React(id(5), "🔥".into()));
    program.tells(Event::Refused {
        request: None,
        server: Some(LIGHTHOUSE),
        error: CommandError::NoSuchMessage,
    });
    assert!(program.composer.field.is_empty());
    program.tells(Event::Gone { server: LIGHTHOUSE, messages: vec![id(6)] });
    let error = CommandError::NoSuchMessage;
    program.tells(Event::Refused { request: change, server: Some(LIGHTHOUSE), error });
    assert!(program.composer.field.text().ends_with(" and more"));
}

#[test]
fn a_change_that_waits_elsewhere_is_a_draft_when_its_message_goes() {
    let mut program = evening(Language::English);
    program.send(Msg::Message(id(6), MessageAction::Edit));
    program.types(" and more");
    program.goes(Place::in_room(LIGHTHOUSE, RoomId(9)));
    program.tells(Event::Gone { server: LIGHTHOUSE, messages: vec![id(6)] });
    program.goes(Place::in_room(LIGHTHOUSE, HIKE));
    assert!(program.composer.field.text().ends_with(" and more"));
    assert_eq!(program.composer.bar(), Bar::None);
}

#[test]
fn what_was_written_in_a_room_that_does_not_come_back_stands_in_the_main_room() {
    let mut program = evening(Language::English);
    let main = Place::main(LIGHTHOUSE);
    let only_main = Room { id: RoomId::MAIN, name: "".into(), disappears_after_s: 0, may_delete: false };
    program.goes(main);
    program.types("to all");
    program.goes(Place::in_room(LIGHTHOUSE, HIKE));
    program.types("half a thought");
    // Whoever is first founds the circle anew, without the rooms of before.
    program.tells(Event::State { server: LIGHTHOUSE, state: ConnectionState::Ended });
    for state in [ConnectionState::Connecting, ConnectionState::Connected] {
        program.tells(Event::State { server: LIGHTHOUSE, state });
        assert_eq!(program.composer.field.text(), "to all", "whether the room comes back is not known yet");
    }
    program.tells(Event::Rooms { server: LIGHTHOUSE, rooms: vec![only_main.clone()] });
    assert_eq!((program.place, program.composer.field.text()), (Some(main), "to all\nhalf a thought"));
    program.tells(Event::Rooms { server: LIGHTHOUSE, rooms: vec![only_main] });
    assert_eq!(program.composer.field.text(), "to all\nhalf a thought", "once");
}

#[test]
fn an_address_that_is_not_taken_is_there_again() {
    let mut program = program(Language::English);
    program.types("203.0.113.5:99999");
    program.send(Msg::Enter);
    assert!(program.composer.field.is_empty());
    let request = program.last_request();
    program.tells(Event::NotAdded { request, error: EntryError::Port { typed: "99999".into() } });
    assert_eq!(program.composer.field.text(), "203.0.113.5:99999");
}

#[test]
fn changes_that_are_being_written_wait_in_their_rooms() {
    let mut program = evening(Language::English);
    program.types("a thought");
    program.types(" of mine");
    program.send(Msg::Message(id(6), MessageAction::Edit));
    program.types(" EDITED");
    program.goes(Place::main(LIGHTHOUSE));
    assert!(program.composer.field.is_empty());
    program.types("elsewhere");
    program.goes(Place::in_room(LIGHTHOUSE, HIKE));
    assert!(program.composer.field.text().ends_with(" EDITED"), "{}", program.composer.field.text());
    program.send(Msg::Back);
    assert_eq!(program.composer.field.text(), "a thought of mine");
    program.send(Msg::Edit(Edit::DeleteLine));
    // What begins with a slash can be changed, and nothing left of it is asked about.
    program.said(message(50, 0, 20, "/etc/hosts"));
    program.send(Msg::EditLast);
    program.types("2");
    program.send(Msg::Enter);
    program.does(&[on(
        LIGHTHOUSE,
        Action::Edit { message: id(50), body: "/etc/hosts2".into(), mentions: Vec::new() },
    )]);
    program.send(Msg::EditLast);
    program.send(Msg::Edit(Edit::DeleteLine));
    program.send(Msg::Enter);
    assert!(matches!(program.overlay, Some(Overlay::Confirm(Confirmation::Delete(..)))));
}

#[test]
fn what_is_deleted_is_neither_answered_nor_changed() {
    let mut program = evening(Language::English);
    program.tells(Event::Message {
        server: LIGHTHOUSE,
        message: Message { is_deleted: true, body: "".into(), ..message(60, 0, 30, "") }.into(),
    });
    for action in [
        MessageAction::Reply,
        MessageAction::React,
        MessageAction::Edit,
        MessageAction::Delete,
        MessageAction::Open,
    ] {
        program.send(Msg::Message(id(60), action));
        assert!(program.overlay.is_none() && program.composer.bar() == Bar::None, "{action:?}");
        assert!(program.toast.is_some(), "{action:?}");
        program.passes(TOAST);
    }
    program.does(&[]);
}

#[test]
fn a_change_of_a_message_that_disappears_is_not_lost() {
    let mut program = evening(Language::English);
    program.send(Msg::Message(id(6), MessageAction::Edit));
    program.types(" and more");
    program.tells(Event::Gone { server: LIGHTHOUSE, messages: vec![id(6)] });
    assert!(program.composer.field.text().ends_with(" and more"));
    assert_eq!(program.composer.bar(), Bar::None);
    assert!(program.toast.is_some());
}

#[test]
fn drafts_and_refused_messages_come_back_where_they_were_written() {
    let mut program = evening(Language::English);
    program.types("half a thought");
    program.goes(Place::main(LIGHTHOUSE));
    assert!(program.composer.field.is_empty());
    program.goes(Place::in_room(LIGHTHOUSE, HIKE));
    assert_eq!(program.composer.field.text(), "half a thought");
    program.send(Msg::Enter);
    let request = program.last_request();
    program.types("next");
    program.tells(Event::Refused { request, server: Some(LIGHTHOUSE), error: CommandError::OutboxFull });
    assert_eq!(program.composer.field.text(), "half a thought\nnext");
    assert!(program.toast.as_ref().is_some_and(|toast| toast.is_problem()));
}

#[test]
fn what_is_typed_is_said_and_what_is_pasted_is_never_a_command() {
    let mut program = evening(Language::English);
    program.types("see you :crab: ");
    let sent = |body: &str, reply_to| {
        on(
            LIGHTHOUSE,
            Action::Send {
                conversation: ConversationId::Room(HIKE),
                body: body.into(),
                reply_to,
                mentions: Vec::new(),
            },
        )
    };
    program.send(Msg::Enter);
    program.does(&[sent("see you 🦀", None)]);
    assert!(program.composer.field.is_empty());
    program.send(Msg::Paste("/quit\nline two\u{1b}[201~".into()));
    assert_eq!(program.composer.field.text(), "/quit\nline two[201~");
    program.send(Msg::Enter);
    program.does(&[sent("/quit\nline two[201~", None)]);
    program.send(Msg::Edit(Edit::Insert("\n".into())));
    program.types("//etc");
    program.send(Msg::Enter);
    program.does(&[sent("//etc", None)]);
    program.types("//etc");
    program.send(Msg::Enter);
    program.does(&[sent("/etc", None)]);
}
