//! Pages of a window: the first, servers, settings; and what is told of what is new.

use shepot_preferences::{About, AvatarKind, Preferences, SavedServer, SecretText};
use shepot_testkit::evening::{HOME, key, link_to};

use super::*;

/// A window of somebody who never used it.
pub(super) fn fresh() -> Played {
    let now = Now { steady: Duration::ZERO, unix: EVENING };
    let setup = Setup {
        layout: Layout::Pages,
        preferences: Preferences::default(),
        is_incognito: false,
        ..Setup::over(L10n::new(Language::English), WallClock::universal())
    };
    let mut program = Played { app: App::new(setup, now), now, effects: Vec::new() };
    program.send(OutsideMsg::Begin);
    program.effects();
    program
}

/// A window with one server that is kept.
pub(super) fn kept() -> Played {
    let mut program = fresh();
    program.send(PageMsg::GoIn("nika".into(), WayIn::Invitation(link_to("203.0.113.24:7443"))));
    let request = program.last_request();
    arrival(request).into_iter().for_each(|event| program.tells(event));
    program.goes(Place::in_room(LIGHTHOUSE, HIKE));
    program.effects();
    program
}

#[test]
fn who_comes_first_says_a_nick_and_takes_one_of_three_ways() {
    let mut program = fresh();
    assert_eq!(program.page, Page::FirstRun);
    program.send(PageMsg::GoIn(" ".into(), WayIn::Host));
    assert!(!program.errors.nick.is_empty() && program.hosting == Hosting::Off);
    let profile = || engine(ClientCommand::SetProfile { nick: "nika".into(), mood: None });
    program.send(PageMsg::GoIn(" nika ".into(), WayIn::Host));
    program.does(&[profile(), Effect::Host]);
    assert!(program.errors.nick.is_empty());
    for (way, typed) in [
        (WayIn::Invitation("shepot://nonsense".into()), "shepot://nonsense"),
        (WayIn::Address("host:1".into()), "host:1"),
    ] {
        let mut program = fresh();
        program.send(PageMsg::GoIn("nika".into(), way.clone()));
        let add = ClientCommand::Add { entry: typed.into(), name: None, connect: true, link_of: None };
        program.does(&[profile(), engine(add)]);
        let mut program = fresh();
        program.send(PageMsg::GoIn("nika".into(), way.clone()));
        let request = program.last_request();
        program.tells(Event::NotAdded { request, error: EntryError::TooManyServers });
        let errors = (program.errors.invitation.is_empty(), program.errors.address.is_empty());
        let is_invitation = matches!(way, WayIn::Invitation(_));
        assert_eq!(errors, (!is_invitation, is_invitation), "beside what was typed");
        let (ours, other) = match way {
            WayIn::Invitation(_) => (Origin::Invitation, Origin::Address),
            WayIn::Address(_) | WayIn::Host => (Origin::Address, Origin::Invitation),
        };
        // Another way is tried: what is wrong with the first is still there to be mended.
        let errors = program.errors.clone();
        program.send(PageMsg::EntryEdited(other));
        program.send(PageMsg::GoIn("nika".into(), WayIn::Host));
        assert_eq!(program.errors, errors);
        program.send(PageMsg::EntryEdited(ours));
        assert_eq!(program.errors, EntryErrors::default());
        program.tells(Event::NotAdded { request, error: EntryError::TooManyServers });
        program.send(PageMsg::GoIn("nika".into(), way));
        assert_eq!(program.errors, EntryErrors::default(), "it is tried again");
    }
    let program = kept();
    assert_eq!((program.page, program.server), (Page::Room, Some(LIGHTHOUSE)));
    assert_eq!(program.preferences.servers.len(), 1);
    assert_eq!(program.preferences.profile.nick, "nika");
}

#[test]
fn servers_are_moved_turned_opened_and_kept_as_the_person_says() {
    let mut program = kept();
    program.send(PageMsg::MoveServer(HOME, 0));
    let order: Vec<ServerId> = program.desk.servers().iter().map(|server| server.id).collect();
    assert_eq!(order, [HOME, LIGHTHOUSE]);
    program.send(PageMsg::TurnServer(HOME));
    program.does(&[on(HOME, Action::Connect)]);
    program.send(PageMsg::TurnServer(LIGHTHOUSE));
    assert!(matches!(program.overlay, Some(Overlay::Confirm(_))), "leaving is asked");
    program.send(Msg::Back);
    program.effects();
    program.send(PageMsg::OpenServer(HOME));
    assert_eq!(program.server, Some(HOME));
    program.does(&[on(HOME, Action::Connect)]);
    program.send(PageMsg::OpenServer(LIGHTHOUSE));
    assert_eq!(program.server, Some(LIGHTHOUSE));
    assert!(!program.effects().contains(&on(LIGHTHOUSE, Action::Connect)), "it would lose something");
    program.send(PageMsg::ConnectAtStart(LIGHTHOUSE, false));
    program.send(PageMsg::NotifyAbout(LIGHTHOUSE, Some(About::Nothing)));
    let saved = program.preferences.servers.first().unwrap();
    assert!(!saved.connects_at_start && saved.about == Some(About::Nothing));
    assert_eq!(saved.entry.expose(), link_to("203.0.113.24:7443"));
    assert!(program.effects.contains(&Effect::Keep));
    // By its menu.
    let pick = |program: &mut Played, choice: &Choice| {
        program.send(OverMsg::OpenMenu(MenuOf::Server(LIGHTHOUSE)));
        let Some(Overlay::Menu(menu)) = &program.overlay else { panic!() };
        let at = menu.lines.iter().position(|line| line.choice == *choice);
        program.send(OverMsg::Pick(at.expect("it is offered")));
    };
    pick(&mut program, &Choice::ConnectAtStart(LIGHTHOUSE, true));
    assert!(program.preferences.servers.first().unwrap().connects_at_start);
    program.effects();
    pick(&mut program, &Choice::CopyOwnLink(LIGHTHOUSE));
    program.does(&[Effect::Copy(shepot_sanitise::Sanitised::of(&link_to("203.0.113.24:7443")))]);
    // By the way it is in already.
    program.effects();
    program.send(PageMsg::Add(link_to("203.0.113.24:7443"), Origin::List));
    assert!(program.effects().is_empty() && program.toast.is_some(), "nobody is there twice");
}

#[test]
fn kept_servers_come_back_as_they_were_kept() {
    let saved = SavedServer {
        name: "Маяк".into(),
        entry: SecretText::new(LINK),
        connects_at_start: false,
        ..SavedServer::default()
    };
    let mut preferences = Preferences { servers: vec![saved], ..Preferences::default() };
    preferences.profile.nick = "nika".into();
    let now = Now { steady: Duration::ZERO, unix: EVENING };
    let setup = Setup {
        layout: Layout::Pages,
        preferences,
        is_incognito: false,
        ..Setup::over(L10n::new(Language::English), WallClock::universal())
    };
    let mut program = Played { app: App::new(setup, now), now, effects: Vec::new() };
    program.send(OutsideMsg::Begin);
    let name = Some("Маяк".to_owned());
    let add = engine(ClientCommand::Add { entry: LINK.into(), name, connect: false, link_of: None });
    assert!(program.effects().contains(&add));
}

#[test]
fn settings_take_effect_at_once() {
    let mut program = kept();
    program.send(Msg::Run(Command::Settings));
    assert_eq!(program.page, Page::Settings);
    let changed =
        Preferences { twenty_four_hours: false, lock_after_minutes: 5, ..program.preferences.clone() };
    program.send(PageMsg::SetPreferences(Box::new(changed)));
    assert!(!program.clock.twenty_four_hours && program.effects.contains(&Effect::Keep));
    assert!(
        matches!(program.overlay, Some(Overlay::Ask(Ask::Passphrase { locks: false }, ..))),
        "to open it"
    );
    program.send(Msg::Back);
    program.send(PageMsg::SetLanguage(Language::Russian));
    assert_eq!(program.l10n.language(), Language::Russian);
    assert_eq!(program.preferences.language.as_deref(), Some("ru"));
    program.send(PageMsg::ShowMoods(true));
    program.send(PageMsg::Resized(800, 600));
    assert!(program.preferences.moods_open && program.preferences.window == Some((800, 600)));
    program.effects();
    program.send(PageMsg::AskForMemory);
    program.does(&[on(LIGHTHOUSE, Action::ShowMemory)]);
    program.tells(Event::Memory { server: LIGHTHOUSE, bytes: 7 });
    assert!(program.changes().memory);
    assert!(!program.remember_note().is_empty());
    program.send(Msg::Run(Command::Keys));
    assert_eq!(program.changes().section, Some(shepot_view::settings::Section::Keys));
    program.send(PageMsg::OpenPage(Page::Connections));
    program.effects();
    program.passes(Duration::from_secs(1));
    program.does(&[Effect::Relay(RelayEffect::Look)]);
    program.send(PageMsg::OpenPage(Page::Servers));
    program.send(Msg::Run(Command::Settings));
    program.send(Msg::Run(Command::Settings));
    assert_eq!(program.page, Page::Servers, "back to where it was opened");
}

#[test]
fn the_lock_closes_when_nobody_is_there() {
    let mut program = kept();
    program.locks();
    program.send(OverMsg::Unlock(zeroize::Zeroizing::new("одуванчик".to_owned())));
    let changed = Preferences { lock_after_minutes: 5, ..program.preferences.clone() };
    program.send(PageMsg::SetPreferences(Box::new(changed)));
    program.passes(Duration::from_secs(4 * 60));
    program.send(Msg::Activity);
    program.passes(Duration::from_secs(4 * 60));
    assert!(!program.lock.is_locked(), "somebody was there");
    program.passes(Duration::from_secs(60));
    assert!(program.lock.is_locked());
}

#[test]
fn how_the_person_looks_is_shown_to_everybody() {
    let mut program = kept();
    let mood = |mood| engine(ClientCommand::SetProfile { nick: "nika".into(), mood });
    program.send(PageMsg::TurnMood(3));
    program.does(&[mood(Some(3))]);
    program.send(PageMsg::TurnMood(3));
    program.does(&[mood(None)]);
    program.send(PageMsg::Look(AvatarKind::Emoji, Some("🦊".into()), None));
    program.does(&[Effect::PaintAvatar("🦊".into())]);
    program.send(OutsideMsg::AvatarPainted(vec![1, 2, 3]));
    program.does(&[on(LIGHTHOUSE, Action::SetAvatar { image: vec![1, 2, 3] })]);
    assert!(program.desk.server(LIGHTHOUSE).unwrap().avatar_of(&key(0)).is_some(), "as others see it");
    program.send(OverMsg::PickEmoji(For::Avatar, "🐱".into()));
    program.does(&[Effect::PaintAvatar("🐱".into())]);
    program.send(PageMsg::Look(AvatarKind::Letter, None, None));
    program.does(&[on(LIGHTHOUSE, Action::SetAvatar { image: Vec::new() })]);
}

#[test]
fn what_is_new_is_told_while_nobody_looks() {
    let told = |change: fn(&mut Played), mentions: bool| {
        let mut program = kept();
        program.goes(Place::main(LIGHTHOUSE));
        program.send(Msg::Active(false));
        program.passes(Duration::from_secs(10));
        change(&mut program);
        program.effects();
        program.said(Message { mentions_self: mentions, ..message(90, 1, 80, "new") });
        program.effects().contains(&Effect::Notify)
    };
    let sets = |program: &mut Played, about| {
        let changed = Preferences { notifies: true, about, ..program.preferences.clone() };
        program.send(PageMsg::SetPreferences(Box::new(changed)));
    };
    assert!(told(|_| {}, true), "the control: by default a mention is told");
    for (about, said, meant) in
        [(About::Everything, true, true), (About::Mentions, false, true), (About::Nothing, false, false)]
    {
        for (mentions, expected) in [(false, said), (true, meant)] {
            let mut program = kept();
            program.goes(Place::main(LIGHTHOUSE));
            program.send(Msg::Active(false));
            sets(&mut program, about);
            program.effects();
            program.said(Message { mentions_self: mentions, ..message(90, 1, 80, "new") });
            assert_eq!(program.effects().contains(&Effect::Notify), expected, "{about:?} {mentions}");
        }
    }
    assert!(!told(|program| program.send(Msg::Active(true)), true), "it is looked at");
    let mute = |program: &mut Played| {
        program.send(OverMsg::OpenMenu(MenuOf::Room(Place::in_room(LIGHTHOUSE, HIKE))));
        program.send(OverMsg::Pick(2));
    };
    assert!(!told(mute, true), "the room is muted");
    assert!(!told(|program| program.send(PageMsg::NotifyAbout(LIGHTHOUSE, Some(About::Nothing))), true));
    let again =
        |program: &mut Played| program.said(Message { mentions_self: true, ..message(89, 1, 80, "first") });
    assert!(!told(again, true), "not twice within a moment");
}

#[test]
fn a_relay_that_is_kept_starts_with_the_program() {
    let mut program = fresh();
    program.send(PageMsg::SetNick("nika".into()));
    program.starts_hosting();
    let request = program.last_request();
    program.tells(added(request, ServerId(9), "127.0.0.1", "127.0.0.1:7443"));
    let secrets = || Some((SecretText::new("identity"), SecretText::new(LINK)));
    program.send(OutsideMsg::KeptHosting(secrets()));
    let hosting = program.preferences.hosting.clone().unwrap();
    assert!(hosting.starts_with_program && !hosting.name.is_empty());
    // Where it stands among others is kept, too.
    program.send(Msg::Line(shepot_view::slash::Meaning::Said(String::new()), None));
    program.tells(added(None, ServerId(12), "other", "192.0.2.7:7443"));
    program.send(PageMsg::MoveServer(ServerId(9), 1));
    assert_eq!(program.preferences.hosting.as_ref().and_then(|hosting| hosting.place), Some(1));
    let preferences = program.preferences.clone();
    let now = program.now;
    let setup = Setup {
        layout: Layout::Pages,
        preferences,
        is_incognito: false,
        ..Setup::over(L10n::new(Language::English), WallClock::universal())
    };
    let mut again = Played { app: App::new(setup, now), now, effects: Vec::new() };
    again.send(OutsideMsg::Begin);
    assert!(again.effects().contains(&Effect::Host));
    program.send(OutsideMsg::KeptHosting(None));
    assert!(program.preferences.hosting.is_none());
}

#[test]
fn a_word_stays_while_somebody_reads_it() {
    let mut program = kept();
    program.send(OutsideMsg::Told("saved".into()));
    program.send(Msg::HoldToast(true));
    program.passes(10 * TOAST);
    assert!(program.toast.is_some());
    program.send(Msg::HoldToast(false));
    program.passes(TOAST);
    assert!(program.toast.is_none());
    // And the word that a connection is back, until it was read.
    program.tells(evening::state(
        LIGHTHOUSE,
        ConnectionState::Reconnecting { retry_in: Duration::ZERO, attempt: 1 },
    ));
    program.tells(evening::state(LIGHTHOUSE, ConnectionState::Connected));
    assert!(program.shown().unwrap().is_back);
    program.send(Msg::CloseBanner);
    assert!(!program.shown().unwrap().is_back);
}

#[test]
fn messages_and_completions_are_chosen_by_hand() {
    let mut program = kept();
    talk().into_iter().for_each(|event| program.tells(event));
    program.send(Msg::Select(Some(id(2))));
    assert_eq!(program.selected, Some(id(2)));
    program.send(Msg::Mention(key(1)));
    assert_eq!(program.composer.field.text(), "@Марина ");
    for takes in [Msg::Complete, Msg::TakeCompletion(0)] {
        program.writes("@то");
        program.writes("@Tom");
        program.send(takes);
        assert!(program.composer.field.text().starts_with("@Tomas"), "{}", program.composer.field.text());
    }
    program.writes("");
    program.send(Msg::EditLast);
    assert_eq!(program.composer.bar(), Bar::Edit(id(6)));
}
