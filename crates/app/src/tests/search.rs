//! What is looked for, beside the room or over it.

use shepot_testkit::evening::HOME;

use super::window::window;
use super::*;

fn hits(program: &Played) -> Vec<u8> {
    program.search.hits().iter().map(|hit| hit.message.0[0]).collect()
}

/// The chosen hit, and what has to be seen for it.
fn went(program: &mut Played) -> (Option<usize>, Option<u8>) {
    let reveals = program.changes().reveals.map(|message| message.0[0]);
    (program.search.chosen(), reveals)
}

#[test]
fn the_person_goes_from_hit_to_hit_and_stays_at_one_when_others_speak() {
    let mut program = window();
    program.said(message(80, 1, 75, "dandelion one"));
    program.said(message(81, 2, 76, "Dandelion two"));
    program.send(PageMsg::LookFor("dandelion".into()));
    assert_eq!((hits(&program), program.search.chosen()), (vec![81, 80], None));
    program.changes();
    for (back, expected) in
        [(false, (Some(0), Some(81))), (false, (Some(1), Some(80))), (false, (Some(1), Some(80)))]
    {
        program.send(PageMsg::GoToNextHit { back });
        assert_eq!(went(&mut program), expected);
    }
    program.send(PageMsg::GoToNextHit { back: true });
    assert_eq!(went(&mut program), (Some(0), Some(81)));
    program.said(Message { conversation: ConversationId::MAIN, ..message(82, 2, 77, "dandelion three") });
    program.tells(Event::Gone { server: LIGHTHOUSE, messages: vec![id(1)] });
    assert_eq!((hits(&program), program.search.chosen()), (vec![81, 80], Some(0)), "nothing moves by itself");
    program.send(PageMsg::LookFor("dandelion".into()));
    assert_eq!((hits(&program), program.search.chosen()), (vec![82, 81, 80], Some(1)));
    program.send(PageMsg::GoToHit(0));
    assert_eq!(program.place, Some(Place::main(LIGHTHOUSE)), "it was said elsewhere");
    program.send(PageMsg::GoToHit(9));
    assert_eq!(program.search.chosen(), Some(0), "there is no such hit");
}

#[test]
fn nothing_is_found_that_is_gone() {
    let mut program = window();
    program.said(message(80, 1, 75, "dandelion"));
    program.send(PageMsg::LookFor("dandelion".into()));
    program.send(PageMsg::GoToHit(0));
    program.changes();
    program.tells(Event::Gone { server: LIGHTHOUSE, messages: vec![id(80)] });
    let here = program.place;
    program.send(PageMsg::GoToHit(0));
    assert!(
        program.place == here && program.app.take_changes().reveals.is_none(),
        "it is not there any more"
    );
    assert!(hits(&program).is_empty() && program.search.chosen().is_none());
    program.send(PageMsg::LookFor("дождь".into()));
    program.tells(Event::State { server: LIGHTHOUSE, state: ConnectionState::Disconnected });
    assert_eq!(program.search.wanted(), "", "and nothing is looked for in what is left");
    assert!(program.changes().search);
}

#[test]
fn what_was_found_is_told_anew_when_it_says_something_else() {
    let mut program = window();
    program.said(message(80, 1, 75, "the password is dandelion"));
    program.send(PageMsg::LookFor("dandelion".into()));
    program.changes();
    let message = Message { is_edited: true, ..message(80, 1, 75, "it was a mistake") }.into();
    program.tells(Event::Changed { server: LIGHTHOUSE, message });
    assert!(program.changes().search, "nobody reads it there any more");
}

#[test]
fn what_is_looked_for_goes_with_everything_else() {
    let mut program = window();
    program.said(message(80, 1, 75, "dandelion"));
    program.send(PageMsg::LookFor("dandelion".into()));
    assert_eq!(hits(&program), [80]);
    program.send(Msg::Wipe);
    assert!(program.search.wanted().is_empty() && program.search.hits().is_empty());
}

#[test]
fn a_line_of_the_list_is_the_hit_of_its_number_also_when_another_is_gone() {
    let mut program = evening(Language::English);
    for (number, server) in [(80, LIGHTHOUSE), (81, HOME), (82, LIGHTHOUSE)] {
        let told = message(number, 1, u64::from(number), "dandelion");
        let told = Message { conversation: ConversationId::MAIN, ..told };
        program.tells(Event::Message { server, message: told.into() });
    }
    program.send(Msg::Run(Command::Search));
    program.types("dandelion");
    assert_eq!(hits(&program), [82, 81, 80]);
    program.send(OverMsg::Move(2));
    // On a server that is not shown.
    program.tells(Event::Gone { server: HOME, messages: vec![id(81)] });
    assert_eq!((hits(&program), program.found().len()), (vec![82, 80], 2));
    program.send(Msg::Enter);
    assert_eq!((program.place, program.selected), (Some(Place::main(LIGHTHOUSE)), Some(id(80))), "the same");
    program.send(Msg::Activity);
    assert_eq!(program.search.wanted(), "", "nothing is looked for behind a list that is gone");
}
