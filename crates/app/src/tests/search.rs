//! What is looked for beside the room.

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
    assert!(hits(&program).is_empty() && program.search.chosen().is_none());
    assert!(program.changes().search);
    program.send(PageMsg::LookFor("дождь".into()));
    program.tells(Event::State { server: LIGHTHOUSE, state: ConnectionState::Disconnected });
    assert_eq!(program.search.wanted(), "", "and nothing is looked for in what is left");
    assert!(program.changes().search);
}

#[test]
fn what_is_looked_for_goes_with_everything_else() {
    let mut program = window();
    program.send(PageMsg::LookFor("a secret".into()));
    program.send(Msg::Wipe);
    assert!(program.search.wanted().is_empty() && program.search.hits().is_empty());
}

#[test]
fn nobody_goes_anywhere_behind_the_lock() {
    let mut program = window();
    let here = program.place;
    program.locks();
    program.send(Msg::GoToServerAt(1));
    assert!(program.place == here && program.lock.is_locked());
}
