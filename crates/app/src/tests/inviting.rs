//! What is said of an invitation before it is given away, and what waits for the person's word.

use shepot_client::model::Delivery;
use shepot_testkit::evening::{LIGHTHOUSE, link_to, link_until, owners_link_to};
use zeroize::Zeroizing;

use super::pages::fresh;
use super::*;

fn note(program: &Played, link: String) -> String {
    program.invited(LIGHTHOUSE, Zeroizing::new(link)).note
}

#[test]
fn what_an_invitation_gives_away_and_for_how_long_is_said_beside_it() {
    let program = evening(Language::English);
    assert_eq!(note(&program, link_to("192.0.2.1:7443")), "");
    let now = program.now.unix;
    let for_a_day = note(&program, link_until("192.0.2.1:7443", Some(now + 86_400)));
    assert!(for_a_day.contains("another") && for_a_day.contains('d'), "{for_a_day}");
    let ended = note(&program, link_until("192.0.2.1:7443", Some(now - 1)));
    assert!(ended.contains("lets nobody new in"), "{ended}");
    let owners = program.invited(LIGHTHOUSE, Zeroizing::new(owners_link_to("192.0.2.1:7443")));
    assert!(owners.makes_owner && owners.note.contains("keep it to yourself"), "{}", owners.note);
}

#[test]
fn a_typed_address_is_not_praised_beyond_what_is_known_of_it() {
    for (typed, part) in [
        ("127.0.0.1", "this computer only"),
        ("localhost:7443", "this computer only"),
        ("192.168.1.5", "your own network"),
        ("relay.example.org", "as long as your router"),
    ] {
        let mut program = evening(Language::English);
        program.starts_hosting();
        let request = program.last_request();
        program.tells(added(request, ServerId(9), "127.0.0.1", "127.0.0.1:7443"));
        program.tells(evening::state(ServerId(9), ConnectionState::Connected));
        program.tells(Event::Invitation { server: ServerId(9), link: link_to("127.0.0.1:7443") });
        program.send(OverMsg::ChangeAddress);
        program.send(OverMsg::Wanted(typed.into()));
        program.send(Msg::Enter);
        let Some(Overlay::Invitation(invited)) = &program.overlay else { panic!("{typed}") };
        assert!(invited.note.contains(part), "{typed}: {}", invited.note);
    }
}

#[test]
fn a_message_that_waits_for_a_word_is_a_step_away() {
    let mut program = evening(Language::English);
    program.types("/held");
    program.send(Msg::Enter);
    assert!(program.toast().contains("Nothing of yours waits"), "{}", program.toast());
    program.said(Message {
        delivery: Delivery::Held,
        conversation: ConversationId::MAIN,
        ..message(90, 0, 90, "for those who were here")
    });
    program.goes(Place::in_room(LIGHTHOUSE, HIKE));
    let banner = shepot_view::banner::of(&program.l10n, program.shown().unwrap(), 0).unwrap();
    assert_eq!(banner.remedy, shepot_view::banner::Remedy::ShowHeld, "{}", banner.text);
    program.send(Msg::Remedy);
    assert_eq!((program.place, program.selected), (Some(Place::main(LIGHTHOUSE)), Some(id(90))));
}

#[test]
fn that_a_link_makes_an_owner_stays_said_when_it_is_copied() {
    let mut program = fresh();
    let link = owners_link_to("203.0.113.24:7443");
    program.send(PageMsg::GoIn("nika".into(), WayIn::Invitation(link)));
    let request = program.last_request();
    program.tells(added(request, LIGHTHOUSE, "Lighthouse", "203.0.113.24:7443"));
    program.send(OverMsg::OpenMenu(MenuOf::Server(LIGHTHOUSE)));
    let Some(Overlay::Menu(menu)) = &program.overlay else { panic!() };
    let at = menu.lines.iter().position(|line| line.choice == Choice::CopyOwnLink(LIGHTHOUSE)).unwrap();
    program.send(OverMsg::Pick(at));
    program.send(OutsideMsg::Copied(Copied::Done));
    assert!(program.toast().contains("keep it to yourself"), "{}", program.toast());
    program.passes(TOAST * 3);
    program.send(OutsideMsg::Copied(Copied::Done));
    assert!(program.toast().contains("Copied"), "{}", program.toast());
}
