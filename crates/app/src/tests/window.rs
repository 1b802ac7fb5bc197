//! The program as a window shows it, and what comes in while something else is done.

use shepot_preferences::Preferences;
use shepot_testkit::evening::HOME;
use zeroize::Zeroizing;

use super::*;

const MAIN: Place = Place::main(LIGHTHOUSE);
const TALK: Place = Place::in_room(LIGHTHOUSE, HIKE);

/// A window in the room where people talk.
pub(super) fn window() -> Played {
    let now = Now { steady: Duration::ZERO, unix: EVENING + 3_600 };
    let mut preferences = Preferences::default();
    preferences.profile.nick = "nika".into();
    let setup = Setup {
        layout: Layout::Pages,
        preferences,
        ..Setup::over(L10n::new(Language::English), WallClock::universal())
    };
    let mut program = Played { app: App::new(setup, now), now, effects: Vec::new() };
    program.send(OutsideMsg::Begin);
    program.send(Msg::Active(true));
    arrival(None).into_iter().for_each(|event| program.tells(event));
    program.goes(TALK);
    talk().into_iter().for_each(|event| program.tells(event));
    program.send(Msg::Looks(true));
    program.changes();
    program
}

fn unread(program: &Played, place: Place) -> u64 {
    let conversation = program.desk.conversation(place);
    conversation.map_or(0, |conversation| conversation.unread)
}

impl Played {
    pub(super) fn changes(&mut self) -> Changes {
        self.effects.clear();
        self.app.take_changes()
    }

    pub(super) fn locks(&mut self) {
        self.send(OverMsg::AskPassphrase);
        let passphrase = || Zeroizing::new("одуванчик".to_owned());
        self.send(OverMsg::Passphrases(passphrase(), passphrase()));
        self.send(Msg::Run(Command::Lock));
        assert!(self.lock.is_locked());
    }

    pub(super) fn writes(&mut self, text: &str) {
        self.send(Msg::Written(text.to_owned(), text.len()));
    }
}

#[test]
fn a_room_is_read_when_its_end_is_seen_and_not_before() {
    let mut program = window();
    program.goes(MAIN);
    program.said(message(51, 1, 70, "unread"));
    assert_eq!(unread(&program, TALK), 1);
    program.goes(TALK);
    assert_eq!(unread(&program, TALK), 1, "the window opens it where the new begins");
    program.goes(MAIN);
    assert!(program.desk.conversation(TALK).unwrap().first_unread.is_some(), "it was not read");
    program.goes(TALK);
    program.send(Msg::Looks(true));
    assert_eq!(unread(&program, TALK), 0);
}

#[test]
fn what_went_wrong_before_goes_off_the_screen() {
    let mut program = window();
    program.send(OutsideMsg::Problem("not written".into()));
    assert!(program.changes().toast && program.toast.is_some());
    program.writes("again");
    program.send(Msg::Enter);
    assert!(program.changes().toast && program.toast.is_none());
}

#[test]
fn nothing_that_is_read_moves_where_it_only_looks_otherwise() {
    let mut program = window();
    program.send(PageMsg::SetNick("veronika".into()));
    let changes = program.changes();
    assert!(changes.timeline && !changes.place);
    program.locks();
    assert!(!program.changes().place);
    program.send(OverMsg::Unlock(Zeroizing::new("одуванчик".to_owned())));
    assert!(!program.lock.is_locked() && !program.changes().place);
}

#[test]
fn what_the_engine_has_no_time_for_is_there_again() {
    let mut program = window();
    program.writes("do not lose this");
    program.send(Msg::Enter);
    assert!(program.composer.field.is_empty());
    let request = program.last_request();
    program.send(OutsideMsg::NotTaken(request));
    assert_eq!(program.composer.field.text(), "do not lose this");
    assert!(program.toast.as_ref().is_some_and(|toast| toast.is_problem()));
    // A room that was asked for, and a server.
    program.send(Msg::Run(Command::NewRoom));
    program.send(OverMsg::Wanted("kitchen".into()));
    program.send(Msg::Enter);
    let request = program.last_request();
    program.send(OutsideMsg::NotTaken(request));
    assert!(matches!(&program.overlay, Some(Overlay::Ask(Ask::Room(_), field, error))
        if field.text() == "kitchen" && !error.is_empty()));
    program.send(Msg::Back);
    program.send(PageMsg::Add(LINK.into(), Origin::List));
    let request = program.last_request();
    program.send(OutsideMsg::NotTaken(request));
    assert!(!program.errors.list.is_empty());
}

#[test]
fn an_invitation_puts_nothing_away_and_names_its_own_server() {
    let mut program = window();
    program.send(Msg::Run(Command::Invite));
    program.send(Msg::Run(Command::Clear));
    program.tells(Event::Invitation { server: LIGHTHOUSE, link: LINK.into() });
    assert!(matches!(program.overlay, Some(Overlay::Confirm(_))));
    program.send(Msg::Back);
    program.send(Msg::Run(Command::Invite));
    program.send(Msg::GoToServer(HOME));
    program.tells(Event::Invitation { server: LIGHTHOUSE, link: LINK.into() });
    assert!(matches!(&program.overlay, Some(Overlay::Invitation(of)) if of.server == LIGHTHOUSE));
}

#[test]
fn what_goes_with_a_session_goes_at_its_end() {
    let mut program = window();
    let site = "https://example.org/a";
    program.send(OverMsg::OpenLink(site.into()));
    program.send(Msg::Enter);
    program.effects.clear();
    program.send(OverMsg::OpenLink(site.into()));
    program.does(&[Effect::OpenLink(site.into())]);
    program.send(Msg::Run(Command::Switcher));
    program.changes();
    program.tells(evening::state(LIGHTHOUSE, ConnectionState::Disconnected));
    assert!(program.effects.contains(&Effect::ForgetSelected));
    assert!(program.overlay.is_none(), "lines of what was said stood in it");
    assert!(program.changes().session_over);
    program.send(OverMsg::OpenLink(site.into()));
    assert!(matches!(program.overlay, Some(Overlay::Link(_))), "whom one trusts is asked again");
}

#[test]
fn what_is_taken_from_the_switcher_is_what_was_seen() {
    let mut program = window();
    program.goes(MAIN);
    program.send(Msg::Run(Command::Switcher));
    let name = program.shown().and_then(|server| server.room(HIKE)).unwrap().name.to_string();
    program.send(OverMsg::Wanted(name.clone()));
    // Somebody makes a room that fits better, and Enter is pressed in this moment.
    let rooms = vec![
        evening::room(RoomId::MAIN, "", 0),
        evening::room(RoomId(8), &name, 0),
        evening::room(HIKE, &format!("the {name}"), 0),
    ];
    program.tells(Event::Rooms { server: LIGHTHOUSE, rooms });
    program.send(Msg::Enter);
    assert_eq!(program.place, Some(TALK));
}

#[test]
fn a_relay_that_is_not_wanted_any_more_is_not_started_twice() {
    let mut program = window();
    program.send(Msg::Run(Command::Host));
    program.does(&[Effect::Host]);
    program.send(OverMsg::AskToStopHosting { forgets: false });
    program.send(OverMsg::Answer(true));
    program.effects.clear();
    program.send(Msg::Run(Command::Host));
    program.does(&[]);
    let invitation = LINK.to_owned().into();
    program.send(OutsideMsg::Hosted { at: hosted(), invitation, moved_from: None });
    program.does(&[Effect::StopHosting]);
    program.send(Msg::Run(Command::Host));
    program.does(&[Effect::Host]);
}

#[test]
fn the_relay_here_is_told_of_every_new_secret() {
    let mut program = window();
    program.tells(Event::Renewed { server: LIGHTHOUSE, link: LINK.into() });
    assert!(program.effects.contains(&Effect::Relay(RelayEffect::Renew(LINK.to_owned().into()))));
}

#[test]
fn what_is_said_while_it_is_locked_is_told_afterwards() {
    let mut program = window();
    program.locks();
    program.send(OutsideMsg::Told("saved as holiday.png".into()));
    assert!(program.toast.is_none());
    program.send(OverMsg::Unlock(Zeroizing::new("одуванчик".to_owned())));
    assert!(program.toast.as_ref().is_some_and(|toast| toast.text.contains("holiday")));
    // Wiping opens nothing.
    program.send(Msg::Run(Command::Lock));
    program.send(Msg::Wipe);
    assert!(program.lock.is_locked() && !program.lock.has_passphrase());
}

#[test]
fn a_step_back_after_a_hit_goes_to_the_newest() {
    let mut program = window();
    program.send(PageMsg::LookFor("7:12".into()));
    program.send(PageMsg::GoToHit(0));
    assert!(program.changes().reveals.is_some());
    program.send(Msg::Back);
    assert!(program.changes().to_newest);
}

/// What a menu offers.
fn offered(program: &mut Played, of: MenuOf) -> Vec<Choice> {
    program.send(OverMsg::OpenMenu(of));
    let open = if let Some(Overlay::Menu(menu)) = &program.overlay { Some(&menu.lines) } else { None };
    let choices = open.into_iter().flat_map(|lines| lines.iter().map(|line| line.choice.clone())).collect();
    if matches!(program.overlay, Some(Overlay::Menu(_))) {
        program.send(Msg::Back);
    }
    choices
}

#[test]
fn the_menus_of_servers_and_rooms_offer_what_can_be_done() {
    use crate::confirmation::Confirmation::{Clear, ClearServer, ForgetHosting, Leave, Remove, StopHosting};
    let mut program = window();
    let leave = Choice::Ask(Leave(LIGHTHOUSE));
    let clear = Choice::Ask(Clear(TALK));
    assert_eq!(
        offered(&mut program, MenuOf::Server(LIGHTHOUSE)),
        [
            leave.clone(),
            Choice::Invite(LIGHTHOUSE),
            Choice::Run(Command::NewRoom),
            Choice::Ask(ClearServer(LIGHTHOUSE)),
            Choice::Notifications,
            Choice::Edit(LIGHTHOUSE),
            Choice::Ask(Remove(LIGHTHOUSE)),
        ]
    );
    let of_room = |muted: bool| {
        let mut choices = vec![
            Choice::Run(Command::Invite),
            Choice::Timer(TALK),
            Choice::Mute(TALK, !muted),
            Choice::Search(TALK),
            Choice::Run(Command::SafetyCode),
            Choice::Run(Command::ServerRecord),
        ];
        choices.push(Choice::Rename(TALK));
        choices.extend([clear.clone(), leave.clone()]);
        choices
    };
    assert_eq!(offered(&mut program, MenuOf::Room(TALK)), of_room(false));
    program.send(OverMsg::OpenMenu(MenuOf::Room(TALK)));
    program.send(OverMsg::Pick(2));
    assert_eq!(offered(&mut program, MenuOf::Room(TALK)), of_room(true));
    let of_main = offered(&mut program, MenuOf::Room(MAIN));
    assert!(!of_main.contains(&Choice::Rename(MAIN)), "the main room is always called so");
    // Of the relay here, and without a session.
    program.starts_hosting();
    let asked = program.last_request();
    program.tells(added(asked, ServerId(9), "127.0.0.1", "127.0.0.1:7443"));
    let of_hosted = offered(&mut program, MenuOf::Server(ServerId(9)));
    assert!(of_hosted.ends_with(&[Choice::Ask(StopHosting), Choice::Ask(ForgetHosting)]));
    program.tells(evening::state(LIGHTHOUSE, ConnectionState::Disconnected));
    let of_left = offered(&mut program, MenuOf::Server(LIGHTHOUSE));
    assert_eq!(of_left.first(), Some(&Choice::Connect(LIGHTHOUSE)));
    assert!(!of_left.contains(&Choice::Invite(LIGHTHOUSE)));
    let of_left = offered(&mut program, MenuOf::Room(MAIN));
    assert_eq!(of_left, [Choice::Mute(MAIN, true), Choice::Search(MAIN), Choice::Ask(Clear(MAIN))]);
}

#[test]
fn the_menus_of_people_and_messages_offer_what_can_be_done() {
    let mut program = window();
    let people: Vec<_> = program.shown().unwrap().people.iter().map(|one| (one.key, one.is_self)).collect();
    for (key, is_self) in people {
        let expected = [Choice::Mention(key), Choice::PairCode(key), Choice::CopyFingerprint(key)];
        let expected = if is_self { Vec::new() } else { expected.to_vec() };
        assert_eq!(offered(&mut program, MenuOf::Person(key)), expected);
    }
    program.said(message(60, 0, 71, "own"));
    program.said(message(61, 1, 72, "another's"));
    let on = |n: u8, actions: &[MessageAction]| -> Vec<Choice> {
        actions.iter().map(|action| Choice::Message(id(n), *action)).collect()
    };
    use MessageAction::{Copy, Delete, Edit, React, Reply};
    assert_eq!(offered(&mut program, MenuOf::Message(id(60))), on(60, &[Reply, React, Copy, Edit, Delete]));
    assert_eq!(offered(&mut program, MenuOf::Message(id(61))), on(61, &[Reply, React, Copy]));
    assert_eq!(offered(&mut program, MenuOf::Message(id(99))), [], "it is gone");
    // What was said is there to be copied when the session has ended, and nothing else.
    program.tells(evening::state(LIGHTHOUSE, ConnectionState::Ended));
    assert_eq!(offered(&mut program, MenuOf::Message(id(60))), on(60, &[Copy]));
}

#[test]
fn the_menu_of_a_visitor_offers_what_can_be_done() {
    let mut program = window();
    let visitors = evening::visitors();
    let mut seen = 0;
    for visitor in visitors.list {
        let choices = offered(&mut program, MenuOf::Visitor(visitor));
        let bans = choices.contains(&Choice::Visitor(visitor, ConnectionAction::Ban));
        assert_eq!(bans, visitor.can_be_banned);
        let first = match visitor.presence {
            shepot_relay::operator::Presence::Connected(_) => Some(ConnectionAction::Disconnect),
            shepot_relay::operator::Presence::Banned => Some(ConnectionAction::LiftBan),
            shepot_relay::operator::Presence::Refused => None,
        };
        assert_eq!(choices.len(), usize::from(first.is_some()) + usize::from(bans));
        if let Some(action) = first {
            assert_eq!(choices.first(), Some(&Choice::Visitor(visitor, action)));
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn enter_takes_the_completion_that_was_chosen_by_keys() {
    let mut program = window();
    program.writes(":smi");
    assert!(!program.composer.completions.offered.is_empty());
    program.send(Msg::NextCompletion { back: false });
    program.writes(":smi");
    program.send(Msg::Enter);
    program.does(&[]);
    assert_ne!(program.composer.field.text(), ":smi");
    // Nothing was chosen: what is written is said.
    program.writes("well :smi");
    program.effects();
    program.send(Msg::Enter);
    assert_eq!(program.effects().len(), 1);
}

#[test]
fn what_is_changed_about_a_server_is_seen_where_it_is_shown() {
    let mut program = window();
    program.send(PageMsg::SaveServer(LIGHTHOUSE, "Work".into(), String::from("203.0.113.5:7443")));
    let changes = program.changes();
    assert!(changes.servers && changes.shown);
}

#[test]
fn a_server_that_is_taken_off_the_list_has_nothing_more_to_say() {
    let mut program = window();
    program.send(OverMsg::OpenMenu(MenuOf::Server(LIGHTHOUSE)));
    program.send(OverMsg::Pick(6));
    program.send(OverMsg::Answer(true));
    let error = shepot_client::model::ConnectionError::ShuttingDown;
    program.tells(Event::ConnectionError { server: LIGHTHOUSE, error });
    assert!(program.toast.is_none());
}

#[test]
fn what_is_in_memory_is_asked_for_while_it_is_seen() {
    let mut program = window();
    let asks = on(LIGHTHOUSE, Action::ShowMemory);
    program.said(message(70, 1, 73, "not seen"));
    assert!(!program.effects.contains(&asks));
    program.send(PageMsg::OpenPage(Page::Settings));
    program.effects.clear();
    program.said(message(71, 1, 74, "seen"));
    assert!(program.effects.contains(&asks));
    program.send(OverMsg::AskToClearAll);
    program.effects.clear();
    program.send(OverMsg::Answer(true));
    assert!(program.effects.contains(&asks));
}

#[test]
fn nobody_is_disconnected_or_shut_out_unasked() {
    let mut program = window();
    for visitor in evening::visitors().list {
        let Some(id) = visitor.connection().map(|connection| connection.id) else { continue };
        for (action, done) in [
            (ConnectionAction::Disconnect, Effect::Relay(RelayEffect::Disconnect(id))),
            (ConnectionAction::Ban, Effect::Relay(RelayEffect::Ban(visitor.address))),
        ] {
            program.effects.clear();
            program.send(OverMsg::Visitor(visitor, action));
            assert!(!program.effects.contains(&done));
            let is_allowed = if done == Effect::Relay(RelayEffect::Disconnect(id)) {
                !visitor.is_own
            } else {
                visitor.can_be_banned
            };
            assert_eq!(matches!(program.overlay, Some(Overlay::Confirm(_))), is_allowed);
            program.send(OverMsg::Answer(true));
            assert_eq!(program.effects.contains(&done), is_allowed);
        }
    }
}

#[test]
fn what_is_deleted_is_not_seen_in_the_switcher() {
    let mut program = window();
    program.said(message(80, 1, 75, "dandelion"));
    program.send(Msg::Run(Command::Switcher));
    program.send(OverMsg::Wanted("dandelion".into()));
    let offers = |program: &Played| matches!(program.overlay.as_ref().and_then(Overlay::offered), Some(Offered::Switcher(lines)) if !lines.is_empty());
    assert!(offers(&program));
    let deleted = Message { is_deleted: true, body: String::new().into(), ..message(80, 1, 75, "") };
    program.tells(Event::Changed { server: LIGHTHOUSE, message: deleted.into() });
    assert!(!offers(&program));
    assert!(program.changes().overlay);
}

#[test]
fn nobody_goes_anywhere_behind_the_lock() {
    let mut program = window();
    let here = program.place;
    program.locks();
    program.send(Msg::GoToServerAt(1));
    assert!(program.place == here && program.lock.is_locked());
}
