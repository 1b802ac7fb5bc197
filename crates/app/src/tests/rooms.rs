//! Rooms, and what is typed behind a slash.

use super::*;

#[test]
fn what_is_typed_behind_a_slash_is_obeyed() {
    let cases: [(&str, Action); 6] = [
        ("/invite owner", Action::Invite { owner: true }),
        ("/new кино", Action::MakeRoom { name: "кино".into() }),
        ("/rename Поход!", Action::RenameRoom { room: HIKE, name: "Поход!".into() }),
        ("/connect", Action::Connect),
        ("/seen", Action::ShowRecord),
        ("/code", Action::SafetyCode),
    ];
    for (line, action) in cases {
        let mut program = evening(Language::English);
        program.types(line);
        program.send(Msg::Enter);
        program.does(&[on(LIGHTHOUSE, action)]);
    }
    let mut program = evening(Language::English);
    for (line, sentence) in
        [("/nope", "nope"), ("/room", "/room NAME"), ("/mention Nobody", "Nobody in this circle")]
    {
        program.types(line);
        program.send(Msg::Enter);
        if program.toast.is_none() {
            // The first took what was offered.
            program.send(Msg::Enter);
        }
        let shown = program.toast.as_ref().map(|toast| toast.text.clone()).unwrap_or_default();
        assert!(shown.contains(sentence), "{line}: {shown}");
        program.passes(TOAST);
        program.send(Msg::Edit(Edit::DeleteLine));
    }
}

#[test]
fn a_room_is_renamed_from_its_own_name() {
    let mut program = evening(Language::English);
    let room = Room { id: HIKE, name: "main".into(), disappears_after_s: 0, may_delete: false };
    program.tells(Event::Rooms { server: LIGHTHOUSE, rooms: vec![room] });
    assert_eq!(program.room_name(), "main (2)");
    program.types("/rename");
    program.send(Msg::Enter);
    assert!(
        matches!(&program.overlay, Some(Overlay::Ask(Ask::RoomName(_), field, _)) if field.text() == "main")
    );
}

#[test]
fn a_room_that_was_made_is_entered_and_a_refused_name_can_be_mended() {
    let mut program = evening(Language::English);
    program.types("/new поход");
    program.send(Msg::Enter);
    program.refuses(CommandError::RoomExists);
    let Some(Overlay::Ask(Ask::Room(_), field, error)) = &program.overlay else { panic!() };
    assert!(field.text() == "поход" && !error.is_empty());
    program.types("-2");
    program.send(Msg::Enter);
    let request = program.last_request().unwrap();
    program.tells(Event::Done { request, outcome: Outcome::RoomMade { room: RoomId(20) } });
    assert_eq!(program.place.map(Place::room), Some(HIKE), "it is not there yet");
    let mut rooms = program.desk.server(LIGHTHOUSE).unwrap().rooms.clone();
    rooms
        .push(Room { id: RoomId(20), name: "поход-2".into(), disappears_after_s: 0, may_delete: false });
    program.tells(Event::Rooms { server: LIGHTHOUSE, rooms });
    assert_eq!(program.place.map(Place::room), Some(RoomId(20)));
}
