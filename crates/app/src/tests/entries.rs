//! What becomes of invitations and addresses: of new ones to a circle that is known, of those that lead nowhere.

use shepot_client::model::ConnectionError;
use shepot_testkit::evening::{HOME, added, link_to, link_until, state};

use super::pages::{fresh, kept};
use super::*;
use crate::confirmation::Confirmation;

/// Where the server of [`kept`] is.
const THERE: &str = "203.0.113.24:7443";

fn add(entry: &str, name: Option<&str>) -> Effect {
    let (entry, name) = (entry.to_owned(), name.map(str::to_owned));
    engine(ClientCommand::Add { entry, name, connect: true, link_of: None })
}

fn order(program: &Played) -> Vec<u32> {
    program.desk.servers().iter().map(|server| server.id.0).collect()
}

/// The session is over: the invitation opens nothing any more.
fn shut_out(program: &mut Played) {
    program.tells(Event::ConnectionError { server: LIGHTHOUSE, error: ConnectionError::InvitationRevoked });
    program.tells(state(LIGHTHOUSE, ConnectionState::Ended));
    program.effects();
}

#[test]
fn a_new_invitation_takes_the_place_of_the_one_that_opens_nothing_any_more() {
    let mut program = kept();
    talk().into_iter().for_each(|event| program.tells(event));
    shut_out(&mut program);
    // Its menu offers it, and the banner.
    program.send(OverMsg::OpenMenu(MenuOf::Server(LIGHTHOUSE)));
    let Some(Overlay::Menu(menu)) = &program.overlay else { panic!() };
    let at = menu.lines.iter().position(|line| line.choice == Choice::NewInvitation(LIGHTHOUSE)).unwrap();
    program.send(OverMsg::Pick(at));
    assert!(matches!(&program.overlay, Some(Overlay::Ask(Ask::Invitation(LIGHTHOUSE), ..))));
    program.send(Msg::Back);
    program.send(Msg::Remedy);
    assert!(matches!(&program.overlay, Some(Overlay::Ask(Ask::Invitation(LIGHTHOUSE), ..))));
    let newer = link_until(THERE, Some(EVENING * 2));
    for (typed, has_error) in
        [("", true), ("192.0.2.1:1", true), ("shepot://x", true), (newer.as_str(), false)]
    {
        program.send(OverMsg::Wanted(typed.into()));
        program.send(Msg::Enter);
        let error = if let Some(Overlay::Ask(_, field, error)) = &program.overlay {
            assert_eq!(field.text(), typed, "it can be mended");
            !error.is_empty()
        } else {
            false
        };
        assert_eq!(error, has_error, "{typed}");
    }
    // What was said there would be destroyed.
    assert!(matches!(program.overlay, Some(Overlay::Confirm(Confirmation::Replace(LIGHTHOUSE)))));
    assert!(program.effects().is_empty());
    program.send(OverMsg::Answer(true));
    assert!(program.effects.contains(&add(&newer, Some("Маяк"))));
    let request = program.last_request();
    program.tells(added(request, ServerId(3), "Маяк", THERE));
    assert_eq!(program.server, Some(ServerId(3)));
    assert!(program.effects().contains(&engine(ClientCommand::Remove { server: LIGHTHOUSE })));
    program.tells(Event::Removed { server: LIGHTHOUSE });
    assert_eq!(order(&program), [3, HOME.0], "where the other stood");
    let entries: Vec<&str> = program.preferences.servers.iter().map(|kept| kept.entry.expose()).collect();
    assert_eq!(entries, [newer.as_str()]);
    assert!(program.preferences.servers[0].connects_at_start, "as it was");
    assert!(program.overlay.is_none());
}

#[test]
fn who_was_asked_and_said_no_loses_nothing() {
    let mut program = kept();
    talk().into_iter().for_each(|event| program.tells(event));
    shut_out(&mut program);
    program.send(PageMsg::Add(link_until(THERE, Some(EVENING * 2)), Origin::List));
    assert!(matches!(program.overlay, Some(Overlay::Confirm(Confirmation::Replace(LIGHTHOUSE)))));
    program.send(OverMsg::Answer(false));
    assert!(program.effects().is_empty() && program.overlay.is_none());
    assert!(program.desk.messages() > 0 && program.preferences.servers[0].entry.expose() == link_to(THERE));
}

#[test]
fn nobody_is_in_one_circle_twice() {
    let mut program = kept();
    let newer = link_until("198.51.100.1:7443", Some(EVENING * 2));
    program.send(PageMsg::Add(newer.clone(), Origin::List));
    assert!(program.effects().is_empty() && program.toast.is_some(), "it is connected");
    // Where it has to come in anew, it is by the newer one, from wherever that was pasted.
    shut_out(&mut program);
    program.send(PageMsg::Add(newer.clone(), Origin::List));
    // It leads elsewhere, under a name that is known.
    assert!(matches!(program.overlay, Some(Overlay::Confirm(Confirmation::ReplaceElsewhere(LIGHTHOUSE)))));
    program.does(&[]);
    program.send(OverMsg::Answer(true));
    program.does(&[add(&newer, Some("Маяк"))]);
}

#[test]
fn an_invitation_whose_time_is_over_is_named_and_stays_on_the_list() {
    let mut program = fresh();
    program.send(PageMsg::GoIn("nika".into(), WayIn::Invitation(link_until(THERE, Some(EVENING)))));
    assert!(program.errors.invitation.contains("203.0.113.24"), "{}", program.errors.invitation);
    assert!(!program.effects.iter().any(|effect| *effect == add(&link_until(THERE, Some(EVENING)), None)));
    // One that was kept is on the list, and says it there.
    let expired = link_until(THERE, Some(EVENING));
    let saved = shepot_preferences::SavedServer {
        name: "Маяк".into(),
        entry: shepot_preferences::SecretText::new(&expired),
        connects_at_start: true,
        ..Default::default()
    };
    let preferences = shepot_preferences::Preferences { servers: vec![saved], ..Default::default() };
    let setup = Setup {
        layout: Layout::Pages,
        preferences,
        is_incognito: false,
        ..Setup::over(L10n::new(Language::English), WallClock::universal())
    };
    let now = Now { steady: Duration::ZERO, unix: EVENING };
    let mut program = Played { app: App::new(setup, now), now, effects: Vec::new() };
    program.send(OutsideMsg::Begin);
    assert!(program.effects().contains(&add(&expired, Some("Маяк"))));
}

#[test]
fn what_is_wrong_is_said_in_the_language_of_now() {
    let mut program = fresh();
    program.send(PageMsg::GoIn("nika".into(), WayIn::Invitation("shepot://nonsense".into())));
    let request = program.last_request();
    program.tells(Event::NotAdded { request, error: EntryError::Damaged });
    assert_eq!(program.errors.invitation, L10n::new(Language::English).tr("entry-damaged", &[]));
    program.send(PageMsg::SetLanguage(Language::Russian));
    assert_eq!(program.errors.invitation, L10n::new(Language::Russian).tr("entry-damaged", &[]));
    program.send(PageMsg::EntryEdited(Origin::Invitation));
    program.send(PageMsg::SetLanguage(Language::English));
    assert!(program.errors.invitation.is_empty(), "it was mended");
}

#[test]
fn what_is_written_where_nobody_was_yet_is_the_next_try() {
    let mut program = program(Language::English);
    program.types("192.0.2.1");
    program.send(Msg::Enter);
    let request = program.last_request();
    program.tells(added(request, ServerId(1), "192.0.2.1", "192.0.2.1:7443"));
    program.tells(state(ServerId(1), ConnectionState::Connecting));
    program.effects();
    program.types("192.0.2.9:7443");
    program.send(Msg::Enter);
    assert!(program.effects().contains(&add("192.0.2.9:7443", None)));
    assert!(program.composer.field.is_empty());
}

#[test]
fn addresses_that_lead_nowhere_do_not_pile_up() {
    let mut program = fresh();
    let mut tries = |typed: &str, id: u32, is_open: bool| {
        program.send(PageMsg::GoIn("nika".into(), WayIn::Address(typed.into())));
        let request = program.last_request();
        let (name, address, server) = (typed.into(), typed.to_owned(), ServerId(id));
        program.tells(Event::Added {
            request,
            server,
            name,
            address,
            is_open,
            is_owner: false,
            link_of: None,
        });
        program.tells(state(server, ConnectionState::Connecting));
        program.tells(Event::ConnectionError { server, error: ConnectionError::Unreachable });
        let kept: Vec<(String, bool)> = program
            .preferences
            .servers
            .iter()
            .map(|kept| (kept.entry.expose().to_owned(), kept.connects_at_start))
            .collect();
        kept
    };
    tries("192.0.2.1:1", 1, true);
    tries(&link_to(THERE), 2, false);
    let kept = tries("192.0.2.1:3", 3, true);
    // An invitation is not mistyped: it may lead there tomorrow.
    assert_eq!(kept, [(link_to(THERE), false), ("192.0.2.1:3".to_owned(), false)]);
    // It may be mistyped: it is tried once. An invitation is not.
    let disconnects = |server: u32| on(ServerId(server), Action::Disconnect);
    assert_eq!([1, 2, 3].map(|server| program.effects.contains(&disconnects(server))), [true, false, true]);
    // Who gets in is there again at the next start.
    program.tells(state(ServerId(3), ConnectionState::Connected));
    assert!(program.preferences.servers.iter().any(|kept| kept.connects_at_start));
    program.send(PageMsg::GoIn("nika".into(), WayIn::Address("192.0.2.1:4".into())));
    let request = program.last_request();
    program.tells(added(request, ServerId(4), "x", "192.0.2.1:4"));
    assert_eq!(program.preferences.servers.len(), 3, "it is connected");
    // What the person decides holds, whatever becomes of it.
    program.send(PageMsg::ConnectAtStart(ServerId(4), false));
    program.tells(state(ServerId(4), ConnectionState::Connected));
    assert!(!program.preferences.servers[2].connects_at_start);
}

#[test]
fn an_address_that_leads_nowhere_can_be_mended() {
    let mut program = window::window();
    program.send(PageMsg::EditServer(LIGHTHOUSE));
    assert!(matches!(&program.overlay, Some(Overlay::EditServer(LIGHTHOUSE, error)) if error.is_empty()));
}
