//! What circles are called, and what goes with a room.

use shepot_client::model::{CircleName, SystemEvent};
use shepot_testkit::evening::{link_to, state};

use super::pages::{fresh, kept};
use super::window::window;
use super::*;
use crate::confirmation::Confirmation;

fn told(name: &str) -> Event {
    Event::Circle {
        server: LIGHTHOUSE, circle: CircleName { name: name.into(), owner: "Марина".into() }
    }
}

fn entered(people: usize) -> Event {
    let system_event = SystemEvent::Entered { people, circle: None };
    Event::SystemEvent { server: LIGHTHOUSE, at: EVENING, system_event }
}

fn describes(name: &str, image: &[u8]) -> Effect {
    on(LIGHTHOUSE, Action::DescribeCircle { name: name.into(), image: image.to_vec() })
}

#[test]
fn a_circle_is_called_as_its_owner_says_until_the_person_calls_it_otherwise() {
    let mut program = kept();
    program.tells(told("Книжный клуб"));
    let names = |program: &Played| {
        let kept = program.preferences.servers.first().unwrap();
        (program.shown().unwrap().name.to_string(), kept.name.clone(), kept.is_renamed)
    };
    assert_eq!(names(&program), ("Книжный клуб".into(), "Книжный клуб".into(), false));
    let address = "203.0.113.24:7443";
    program.effects();
    program.send(PageMsg::SaveServer(LIGHTHOUSE, "Наши".into(), address.into()));
    program.tells(told("Клуб"));
    assert_eq!(names(&program), ("Наши".into(), "Наши".into(), true));
    assert!(program.effects().is_empty(), "only the owner tells others");
    // Nothing written is: as the owner calls it.
    program.send(PageMsg::SaveServer(LIGHTHOUSE, " ".into(), address.into()));
    assert_eq!(names(&program), ("Клуб".into(), "Клуб".into(), false));
}

#[test]
fn the_owner_tells_everybody_what_the_circle_is_called() {
    let mut program = owned(Language::English);
    program.tells(entered(2));
    program.does(&[describes("Маяк", &[])]);
    program.types("/name Костёр");
    program.effects();
    program.send(Msg::Enter);
    program.does(&[describes("Костёр", &[])]);
    // What is known already is not told again, and holds.
    program.tells(told("Клуб"));
    program.tells(entered(2));
    program.does(&[]);
    assert_eq!(program.shown().unwrap().title(), "Клуб");
    // One that nobody has named has no name to be told.
    let mut program = owned(Language::English);
    program.types("/name 203.0.113.24");
    program.effects();
    program.send(Msg::Enter);
    program.tells(entered(2));
    program.does(&[]);
}

#[test]
fn a_picture_of_ones_own_circle_is_told_and_kept() {
    let mut program = fresh();
    program.send(PageMsg::GoIn("nika".into(), WayIn::Invitation(link_to("203.0.113.24:7443"))));
    for mut event in arrival(program.last_request()) {
        if let Event::Added { is_owner, .. } = &mut event {
            *is_owner = true;
        }
        program.tells(event);
    }
    program.effects();
    for image in [&[1, 2, 255][..], &[]] {
        program.send(PageMsg::SetCirclePicture(LIGHTHOUSE, image.to_vec()));
        program.does(&[describes("Маяк", image)]);
        assert_eq!(program.circle_picture(LIGHTHOUSE), image);
        program.send(PageMsg::ConnectAtStart(LIGHTHOUSE, true));
        assert_eq!(program.circle_picture(LIGHTHOUSE), image);
    }
}

#[test]
fn a_room_is_cleared_alone_and_taken_away_by_who_may() {
    let mut program = window();
    program.said(Message { conversation: ConversationId::MAIN, ..message(30, 1, 1, "elsewhere") });
    program.said(message(31, 1, 2, "here"));
    program.send(Msg::Run(Command::Clear));
    program.send(OverMsg::Answer(true));
    let there = |program: &Played, n: u8| program.desk.message_of(LIGHTHOUSE, &id(n)).is_some();
    assert_eq!((there(&program, 30), there(&program, 31)), (true, false));
    let here = Place::in_room(LIGHTHOUSE, HIKE);
    let offers = |program: &mut Played| {
        program.send(OverMsg::OpenMenu(MenuOf::Room(here)));
        let Some(Overlay::Menu(menu)) = &program.overlay else { panic!() };
        menu.lines.iter().any(|line| line.choice == Choice::Ask(Confirmation::DeleteRoom(here)))
    };
    assert!(!offers(&mut program), "somebody else made it");
    let rooms = |may_delete| {
        vec![evening::room(RoomId::MAIN, "", 0), Room { may_delete, ..evening::room(HIKE, "поход", 0) }]
    };
    program.tells(Event::Rooms { server: LIGHTHOUSE, rooms: rooms(true) });
    assert!(offers(&mut program));
    let mut program = evening(Language::Russian);
    program.types("/delete-room");
    program.send(Msg::Enter);
    assert!(program.toast.as_ref().is_some_and(Toast::is_problem));
    program.tells(Event::Rooms { server: LIGHTHOUSE, rooms: rooms(true) });
    program.types("/delete-room");
    program.effects();
    program.send(Msg::Enter);
    program.send(OverMsg::Answer(true));
    program.does(&[on(LIGHTHOUSE, Action::DeleteRoom { room: HIKE })]);
    program.tells(Event::Rooms { server: LIGHTHOUSE, rooms: vec![evening::room(RoomId::MAIN, "", 0)] });
    assert_eq!(program.place, Some(Place::main(LIGHTHOUSE)));
}

#[test]
fn the_owner_makes_a_new_link_and_is_shown_it() {
    for (mut program, may) in [(owned(Language::English), true), (evening(Language::English), false)] {
        program.send(Msg::Run(Command::Invite));
        program.tells(Event::Invitation { server: LIGHTHOUSE, link: LINK.into() });
        program.effects();
        program.send(OverMsg::RenewInvitations);
        let asked =
            matches!(program.overlay, Some(Overlay::Confirm(Confirmation::RenewInvitations(LIGHTHOUSE))));
        assert_eq!(asked, may);
        if !may {
            continue;
        }
        program.send(OverMsg::Answer(true));
        program.does(&[on(LIGHTHOUSE, Action::RenewInvitations)]);
        let link = link_to("203.0.113.24:7443");
        program.tells(Event::Renewed { server: LIGHTHOUSE, link });
        // Not the person's own, which makes an owner.
        assert!(program.effects().contains(&on(LIGHTHOUSE, Action::Invite { owner: false })));
        program.send(Msg::Back);
        program.tells(Event::Invitation { server: LIGHTHOUSE, link: LINK.into() });
        assert!(matches!(&program.overlay, Some(Overlay::Invitation(invited)) if invited.can_renew));
    }
}

#[test]
fn what_stood_on_a_page_does_not_float_over_another() {
    let mut program = window();
    program.send(PageMsg::OpenPage(Page::Settings));
    program.send(Msg::Run(Command::Emoji));
    assert_eq!(program.page, Page::Room);
    program.send(PageMsg::OpenPage(Page::Servers));
    assert!(program.overlay.is_none());
    program.send(OverMsg::OpenMenu(MenuOf::Server(LIGHTHOUSE)));
    program.send(PageMsg::OpenPage(Page::Settings));
    assert!(program.overlay.is_none());
    for command in [Command::Search, Command::Members] {
        program.send(PageMsg::OpenPage(Page::Settings));
        program.send(Msg::Run(command));
        assert_eq!(program.page, Page::Room);
    }
}

#[test]
fn nobody_is_offered_what_they_may_not_do() {
    let offered = |program: &mut Played| -> Vec<Command> {
        Command::ALL
            .iter()
            .copied()
            .filter(|command| {
                let word = program.tr(command.word(), &[]);
                program.send(Msg::Run(Command::Switcher));
                program.send(OverMsg::Wanted(word));
                let Some(Offered::Switcher(entries)) = program.overlay.as_ref().and_then(Overlay::offered)
                else {
                    panic!()
                };
                let target = shepot_view::palette::Target::Command(*command);
                let is_offered = entries.iter().any(|entry| entry.target == target);
                program.send(Msg::Back);
                is_offered
            })
            .collect()
    };
    use Command::{Clear, Connect, Connections, Disconnect, Host, Invite, NewRoom};
    let of_interest = [Invite, NewRoom, Connect, Disconnect, Clear, Host, Connections];
    let mut program = window();
    let offers = |program: &mut Played| {
        let all = offered(program);
        of_interest.map(|command| all.contains(&command))
    };
    assert_eq!(offers(&mut program), [true, true, false, true, true, true, false]);
    program.starts_hosting();
    assert_eq!(offers(&mut program), [true, true, false, true, true, false, true]);
    program.tells(state(LIGHTHOUSE, ConnectionState::Disconnected));
    assert_eq!(offers(&mut program), [false, false, true, false, false, false, true]);
    let evicts = |program: &mut Played, person| {
        program.send(OverMsg::OpenMenu(MenuOf::Person(person)));
        let Some(Overlay::Menu(menu)) = &program.overlay else { panic!() };
        menu.lines.iter().any(|line| line.choice == Choice::Evict(person))
    };
    let somebody = evening::key(1);
    assert!(
        !evicts(&mut evening(Language::English), somebody) && evicts(&mut owned(Language::English), somebody)
    );
    // Whoever is not the owner removes nobody.
    let mut program = evening(Language::English);
    program.send(Msg::Run(Command::Members));
    program.send(OverMsg::Move(1));
    program.send(OverMsg::EvictChosen);
    assert!(!matches!(program.overlay, Some(Overlay::Confirm(_))));
}

#[test]
fn what_the_owner_decides_while_nobody_hears_it_is_told_later() {
    let mut program = fresh();
    program.send(PageMsg::GoIn("nika".into(), WayIn::Invitation(link_to("203.0.113.24:7443"))));
    let request = program.last_request();
    for mut event in arrival(request) {
        if let Event::Added { is_owner, .. } = &mut event {
            *is_owner = true;
        }
        program.tells(event);
    }
    program.goes(Place::in_room(LIGHTHOUSE, HIKE));
    program.tells(state(LIGHTHOUSE, ConnectionState::Disconnected));
    program.effects();
    program.send(PageMsg::SaveServer(LIGHTHOUSE, "Костёр".into(), "203.0.113.24:7443".into()));
    program.send(PageMsg::SetCirclePicture(LIGHTHOUSE, b"png".to_vec()));
    assert!(!program.effects().contains(&describes("Костёр", &[])), "nobody would hear it");
    assert!(
        program.preferences.servers.first().unwrap().look.is_untold,
        "not even after the program was started anew"
    );
    // The others still know the name of before.
    program.tells(state(LIGHTHOUSE, ConnectionState::Connected));
    program.tells(told("Клуб"));
    assert_eq!(&*program.shown().unwrap().name, "Костёр");
    program.tells(entered(2));
    assert!(program.effects().contains(&describes("Костёр", b"png")));
    assert!(!program.preferences.servers.first().unwrap().look.is_untold);
    // From now on what is told holds, as from another program of the owner's.
    program.tells(told("Клуб"));
    assert_eq!(&*program.shown().unwrap().name, "Клуб");
}
