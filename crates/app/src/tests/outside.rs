//! What the system does: it looks elsewhere, moves to another time zone, wants the program to end.

use shepot_client::model::Person;
use shepot_testkit::evening::people;

use super::pages::kept;
use super::window::window;
use super::*;

#[test]
fn a_small_circle_is_told_of_and_a_large_one_where_the_person_is_meant() {
    let told = |circle: usize, is_meant: bool| {
        let mut program = kept();
        let one = people().into_iter().next_back().unwrap();
        let people = (0..circle).map(|n| Person { key: evening::key(n), ..one.clone() }).collect();
        program.tells(Event::People { server: LIGHTHOUSE, people });
        program.send(Msg::Active(false));
        program.effects();
        program.said(Message { mentions_self: is_meant, ..message(90, 1, 80, "new") });
        program.effects().contains(&Effect::Notify)
    };
    assert!(told(SMALL_CIRCLE, false) && !told(SMALL_CIRCLE + 1, false), "who decided nothing");
    assert!(told(SMALL_CIRCLE + 1, true));
    for language in Language::ALL {
        let note = L10n::new(language).tr("ui-n-size-note", &[("n", "10")]);
        assert!(note.contains("10"), "{note}");
    }
}

#[test]
fn the_end_that_the_system_wants_is_not_asked_about() {
    let mut program = window();
    program.effects();
    program.send(OutsideMsg::Ending);
    program.does(&[Effect::Quit]);
    program.locks();
    program.effects();
    program.send(OutsideMsg::Ending);
    program.does(&[Effect::Quit]);
}

#[test]
fn times_are_told_where_the_computer_is_now() {
    let mut program = window();
    let before = program.clock.time(0);
    program.changes();
    program.send(OutsideMsg::Zone(WallClock::east(9)));
    assert_eq!((before.as_str(), program.clock.time(0).as_str()), ("00:00", "09:00"));
    assert!(program.changes().timeline);
    assert!(WallClock::east(9).where_the_system_is().is_none_or(|system| system.time(0) != "09:00"));
}

#[test]
fn what_was_deleted_can_be_said_again_for_a_moment() {
    let deletes = |program: &mut Played| {
        program.said(Message { delivery: shepot_client::model::Delivery::Sent, ..message(60, 0, 71, "own") });
        program.effects();
        program.send(Msg::Message(id(60), MessageAction::Delete));
        program.send(OverMsg::Answer(true));
        program.does(&[on(LIGHTHOUSE, Action::Delete { message: id(60) })]);
    };
    let mut program = window();
    deletes(&mut program);
    assert!(program.toast.as_ref().is_some_and(Toast::can_be_undone));
    program.send(Msg::Undo);
    let conversation = ConversationId::Room(HIKE);
    let send = Action::Send { conversation, body: "own".into(), reply_to: None, mentions: Vec::new() };
    program.does(&[on(LIGHTHOUSE, send)]);
    program.send(Msg::Undo);
    program.does(&[]);
    let mut program = window();
    deletes(&mut program);
    program.passes(TOAST);
    program.effects();
    program.send(Msg::Undo);
    program.does(&[]);
    let mut program = window();
    deletes(&mut program);
    program.tells(evening::state(LIGHTHOUSE, ConnectionState::Disconnected));
    program.effects();
    program.send(Msg::Undo);
    program.does(&[]);
}

#[test]
fn settings_and_what_was_typed_in_the_other_layout_are_found() {
    use shepot_view::palette::Target;
    use shepot_view::settings::Section;
    let found = |program: &mut Played, typed: &str| -> Vec<Target> {
        if program.overlay.is_some() {
            program.send(Msg::Back);
        }
        program.send(Msg::Run(Command::Switcher));
        program.send(OverMsg::Wanted(typed.into()));
        let Some(Offered::Switcher(entries)) = program.overlay.as_ref().and_then(Overlay::offered) else {
            panic!()
        };
        entries.iter().map(|entry| entry.target.clone()).collect()
    };
    let mut program = window();
    let hike = Target::Room(Place::in_room(LIGHTHOUSE, HIKE));
    assert!(found(&mut program, "gj[jl").contains(&hike), "поход");
    assert_eq!(found(&mut program, "clipboard"), [Target::Setting(Section::Privacy)]);
    program.changes();
    program.send(Msg::Enter);
    assert_eq!((program.page, program.changes().section), (Page::Settings, Some(Section::Privacy)));
    let mut program = evening(Language::English);
    assert!(found(&mut program, "clipboard").is_empty(), "there is no such page");
}

#[test]
fn nothing_takes_the_place_of_what_is_in_the_clipboard() {
    let mut program = window();
    program.effects();
    program.send(OverMsg::Copy(shepot_sanitise::Sanitised::default()));
    program.does(&[]);
}
