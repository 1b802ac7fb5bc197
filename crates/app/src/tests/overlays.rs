//! What lies over the room: every list, question and reading, opened as the person opens it and answered.

use shepot_client::model::{ConnectionError, PersonKey};
use shepot_preferences::Preferences;
use shepot_relay::operator::Presence;
use shepot_testkit::evening::{HOME, code, key, link_to};
use shepot_view::mood;
use zeroize::Zeroizing;

use super::window::window;
use super::*;
use crate::confirmation::{Confirmation, Hosted};

fn secret(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

/// The question that is asked.
fn asked(program: &Played) -> Option<Confirmation> {
    if let Some(Overlay::Confirm(confirmation)) = &program.overlay { Some(*confirmation) } else { None }
}

#[track_caller]
fn offers(program: &Played, fits: fn(&Offered) -> bool) {
    assert!(program.overlay.as_ref().and_then(Overlay::offered).is_some_and(fits));
}

#[test]
fn lists_open_by_their_commands_and_close_by_them() {
    let mut program = evening(Language::English);
    type Fits = fn(&Offered) -> bool;
    let lists: [(Command, Fits); 6] = [
        (Command::Rooms, |offered| matches!(offered, Offered::Rooms)),
        (Command::Members, |offered| matches!(offered, Offered::Members)),
        (Command::Emoji, |offered| matches!(offered, Offered::Emoji(For::Text))),
        (Command::Moods, |offered| matches!(offered, Offered::Moods)),
        (Command::Switcher, |offered| matches!(offered, Offered::Switcher(_))),
        (Command::Search, |offered| matches!(offered, Offered::Search)),
    ];
    for (command, fits) in lists {
        program.send(Msg::Run(command));
        offers(&program, fits);
        program.send(Msg::Run(command));
        assert!(program.overlay.is_none(), "{command:?} done again takes it away");
    }
    program.send(Msg::Run(Command::Keys));
    assert!(matches!(program.overlay, Some(Overlay::Help)));
}

#[test]
fn what_is_taken_from_a_list_is_done() {
    let mut program = evening(Language::English);
    program.effects();
    program.send(Msg::Run(Command::Moods));
    program.send(OverMsg::Move(2));
    program.send(Msg::Enter);
    let nick = "nika".to_owned();
    let second = mood::all().nth(1);
    program.does(&[engine(ClientCommand::SetProfile { nick, mood: second })]);
    program.send(Msg::Run(Command::Members));
    program.send(OverMsg::Pick(1));
    assert_eq!(program.composer.field.text(), "@Марина ");
    program.send(Msg::Edit(Edit::DeleteLine));
    program.send(Msg::Run(Command::Emoji));
    program.send(OverMsg::Wanted("thumbs up".into()));
    program.send(Msg::Enter);
    assert_eq!(program.composer.field.text(), "👍");
    program.send(Msg::Edit(Edit::DeleteLine));
    program.send(OverMsg::PickEmoji(For::Text, "🎒".into()));
    assert_eq!(program.composer.field.text(), "🎒");
    program.send(Msg::Run(Command::Rooms));
    program.send(OverMsg::Move(isize::MIN));
    program.send(OverMsg::Move(1));
    program.send(Msg::Enter);
    assert_eq!(program.place, Some(Place::main(LIGHTHOUSE)), "below its server");
    program.send(Msg::GoToServerAt(1));
    assert_eq!(program.server, Some(HOME));
    program.send(Msg::Run(Command::Switcher));
    program.send(OverMsg::Wanted("stove".into()));
    program.send(Msg::Enter);
    assert_eq!((program.place.map(Place::room), program.selected), (Some(HIKE), Some(id(2))));
    program.send(Msg::Run(Command::Search));
    program.send(OverMsg::Wanted("nothing like that".into()));
    program.send(Msg::Enter);
    offers(&program, |offered| matches!(offered, Offered::Search));
}

#[test]
fn a_reaction_is_picked_given_and_taken_back() {
    let mut program = evening(Language::English);
    let react = |emoji: &str, taken_back| {
        on(LIGHTHOUSE, Action::React { message: id(1), emoji: emoji.into(), taken_back })
    };
    program.send(Msg::Message(id(1), MessageAction::React));
    offers(&program, |offered| matches!(offered, Offered::Emoji(For::Reaction(_))));
    program.send(OverMsg::PickEmoji(For::Reaction(id(1)), "☕".into()));
    program.does(&[react("☕", false)]);
    program.send(Msg::React(id(1), "👍".into()));
    program.does(&[react("👍", true)]);
    program.send(OverMsg::OpenEmoji(For::Reaction(id(1))));
    offers(&program, |offered| matches!(offered, Offered::Emoji(For::Reaction(_))));
}

#[test]
fn the_timer_of_a_room_is_chosen() {
    let mut program = evening(Language::English);
    program.send(Msg::SetTimer);
    offers(&program, |offered| matches!(offered, Offered::Timers(place) if place.room() == HIKE));
    let at = program.timers().iter().position(|(seconds, _)| *seconds == 0).unwrap();
    program.send(OverMsg::Pick(at));
    program.does(&[on(LIGHTHOUSE, Action::SetTimer { room: HIKE, seconds: 0 })]);
}

#[test]
fn the_code_is_read_as_pictures_and_numbers_and_compared() {
    let mut program = evening(Language::English);
    program.send(Msg::Run(Command::SafetyCode));
    program.effects();
    let numbers = |program: &Played| match &program.overlay {
        Some(Overlay::Code(comparing)) => Some(comparing.as_numbers),
        Some(Overlay::PairCode(paired)) => Some(paired.as_numbers),
        _ => None,
    };
    assert_eq!(numbers(&program), Some(false));
    program.send(OverMsg::Toggle);
    assert_eq!(numbers(&program), Some(true));
    program.send(OverMsg::Answer(true));
    assert!(program.overlay.is_none() && program.toast.is_some());
    // Of two people.
    program.send(Msg::Run(Command::Members));
    program.send(OverMsg::PairCodeOfChosen);
    program.does(&[]);
    program.send(OverMsg::Move(1));
    program.send(OverMsg::PairCodeOfChosen);
    program.does(&[on(LIGHTHOUSE, Action::PairCode { person: key(1) })]);
    program.send(Msg::Back);
    program.tells(Event::PairCode { server: LIGHTHOUSE, person: key(1), symbols: [1; 16] });
    assert!(matches!(&program.overlay, Some(Overlay::PairCode(paired)) if paired.nick == "Марина"));
    program.send(OverMsg::Toggle);
    assert_eq!(numbers(&program), Some(true));
    program.send(Msg::Back);
    // Another code than the one that is known: said so, until it is compared anew.
    program.tells(code(13, 6));
    program.send(Msg::Run(Command::SafetyCode));
    program.send(OverMsg::Answer(false));
    assert_eq!(asked(&program), Some(Confirmation::Leave(LIGHTHOUSE)));
    let comparison = program.shown().unwrap().comparison();
    assert!(matches!(comparison, shepot_view::desk::Comparison::Differs { .. }), "until it is compared anew");
    let mut program = window();
    program.send(Msg::Run(Command::SafetyCode));
    program.send(OverMsg::Answer(false));
    assert!(matches!(&program.overlay, Some(Overlay::Code(comparing)) if comparing.differs));
}

#[test]
fn what_takes_something_away_is_asked_and_done_by_its_own_answer() {
    let evict = |person: PersonKey| Confirmation::Evict(LIGHTHOUSE, person);
    type Opens = fn() -> Msg;
    let here = Place::in_room(LIGHTHOUSE, HIKE);
    let conversation = here.conversation;
    let opened: [(Opens, Confirmation, &[Effect]); 8] = [
        (
            || Msg::Run(Command::Clear),
            Confirmation::Clear(here),
            &[on(LIGHTHOUSE, Action::ClearConversation { conversation })],
        ),
        (
            || Msg::Run(Command::ClearServer),
            Confirmation::ClearServer(LIGHTHOUSE),
            &[on(LIGHTHOUSE, Action::Clear)],
        ),
        (
            || OverMsg::AskToClearAll.into(),
            Confirmation::ClearAll,
            &[on(LIGHTHOUSE, Action::Clear), on(HOME, Action::Clear)],
        ),
        (
            || Msg::Run(Command::Disconnect),
            Confirmation::Leave(LIGHTHOUSE),
            &[on(LIGHTHOUSE, Action::Disconnect)],
        ),
        (
            || Msg::Message(id(6), MessageAction::Delete),
            Confirmation::Delete(LIGHTHOUSE, id(6)),
            &[on(LIGHTHOUSE, Action::Delete { message: id(6) })],
        ),
        (|| Msg::Run(Command::Quit), Confirmation::Quit(Hosted::Nothing), &[Effect::Quit]),
        (|| Msg::Close, Confirmation::Quit(Hosted::Nothing), &[Effect::Quit]),
        (|| OverMsg::EvictChosen.into(), evict(key(1)), &[on(LIGHTHOUSE, Action::Evict { person: key(1) })]),
    ];
    for (msg, question, done) in opened {
        for yes in [false, true] {
            let mut program = owned(Language::English);
            if question == evict(key(1)) {
                program.send(Msg::Run(Command::Members));
                program.send(OverMsg::Move(1));
            }
            program.effects();
            program.send(msg());
            assert_eq!(asked(&program), Some(question));
            program.send(Msg::Enter);
            assert_eq!(asked(&program), Some(question), "Enter alone answers nothing");
            program.does(&[]);
            program.send(OverMsg::Answer(yes));
            assert_eq!(asked(&program), None);
            program.does(if yes { done } else { &[] });
        }
    }
}

#[test]
fn connecting_asks_where_it_destroys_what_was_said() {
    let mut program = evening(Language::English);
    program.tells(evening::state(LIGHTHOUSE, ConnectionState::Ended));
    program.effects();
    program.send(Msg::Remedy);
    assert_eq!(asked(&program), Some(Confirmation::Connect(LIGHTHOUSE)));
    program.send(OverMsg::Answer(true));
    program.does(&[on(LIGHTHOUSE, Action::Connect)]);
    program.send(Msg::GoToServer(HOME));
    program.effects();
    program.send(Msg::Run(Command::Connect));
    program.does(&[on(HOME, Action::Connect)]);
}

#[test]
fn a_server_of_another_identity_can_only_be_removed() {
    // In a terminal the first letter of what somebody is about to write would be an answer.
    let mut terminal = evening(Language::English);
    let error = ConnectionError::WrongIdentity;
    terminal.tells(Event::ConnectionError { server: LIGHTHOUSE, error });
    assert_eq!(asked(&terminal), None);
    terminal.types("да");
    assert_eq!(terminal.composer.field.text(), "да");
    let mut program = window();
    program.effects();
    let error = ConnectionError::WrongIdentity;
    program.tells(Event::ConnectionError { server: LIGHTHOUSE, error });
    assert_eq!(asked(&program), Some(Confirmation::WrongIdentity(LIGHTHOUSE)));
    program.effects();
    program.send(Msg::Enter);
    program.send(OverMsg::Answer(false));
    program.does(&[]);
    let error = ConnectionError::WrongIdentity;
    program.tells(Event::ConnectionError { server: LIGHTHOUSE, error });
    program.send(OverMsg::Answer(true));
    program.does(&[engine(ClientCommand::Remove { server: LIGHTHOUSE })]);
    terminal.send(Msg::Edit(Edit::DeleteLine));
    terminal.types("/remove");
    terminal.send(Msg::Enter);
    terminal.send(Msg::Enter);
    assert_eq!(asked(&terminal), Some(Confirmation::Remove(LIGHTHOUSE)));
}

#[test]
fn who_is_called_otherwise_is_told_to_everybody() {
    let mut program = evening(Language::English);
    program.send(OverMsg::AskNick);
    program.types(" ");
    program.send(Msg::Enter);
    assert!(
        matches!(&program.overlay, Some(Overlay::Ask(Ask::Nick, field, error)) if field.text() == " " && !error.is_empty())
    );
    program.types("Ия");
    program.send(Msg::Enter);
    let nick = "Ия".to_owned();
    program.does(&[engine(ClientCommand::SetProfile { nick, mood: None })]);
    // The engine does not start with such a nick.
    let mut program = evening(Language::English);
    program.send(OutsideMsg::NotStarted(CommandError::Nick { fewest: 1, most: 20 }));
    assert!(matches!(&program.overlay, Some(Overlay::Ask(Ask::Nick, _, error)) if !error.is_empty()));
    assert!(program.nick.is_empty());
}

#[test]
fn a_passphrase_is_asked_twice_and_what_is_locked_stays_so() {
    let mut program = evening(Language::English);
    program.send(Msg::Run(Command::Lock));
    assert!(matches!(program.overlay, Some(Overlay::Ask(Ask::Passphrase { locks: true }, ..))));
    for (first, second) in [("", ""), ("one", "two")] {
        program.send(OverMsg::Passphrases(secret(first), secret(second)));
        assert!(
            matches!(&program.overlay, Some(Overlay::Ask(Ask::Passphrase { .. }, _, error)) if !error.is_empty())
        );
        assert!(!program.lock.has_passphrase());
    }
    program.types("тихо");
    program.send(Msg::Enter);
    assert!(matches!(program.overlay, Some(Overlay::Ask(Ask::PassphraseAgain { .. }, ..))));
    program.types("тихо");
    program.send(Msg::Enter);
    assert!(program.lock.is_locked() && program.overlay.is_none());
    program.effects();
    for msg in [Msg::Run(Command::Keys), Msg::Run(Command::Invite), OverMsg::AskToClearAll.into()] {
        program.send(msg);
        assert!(program.overlay.is_none(), "nothing lies over the lock");
        program.does(&[]);
    }
    program.tells(Event::Renewed { server: LIGHTHOUSE, link: LINK.into() });
    assert!(program.overlay.is_none(), "an invitation to come back by waits");
    program.effects();
    program.send(OverMsg::Unlock(secret("громко")));
    assert!(program.lock.is_locked() && !program.lock.error.is_empty());
    // Whoever closes what is locked is believed.
    program.send(Msg::Close);
    program.does(&[Effect::Quit]);
    program.send(OverMsg::Unlock(secret("тихо")));
    assert!(!program.lock.is_locked());
}

#[test]
fn the_keys_of_panic_count_twice_and_wipe_first() {
    let mut program = evening(Language::English);
    program.effects();
    program.send(Msg::Run(Command::Panic));
    program.does(&[]);
    assert!(program.toast.as_ref().is_some_and(|toast| toast.sign == Sign::Panic));
    program.send(Msg::Run(Command::Panic));
    assert!(program.desk.servers().is_empty() && program.effects().contains(&Effect::Panic));
    let mut program = evening(Language::English);
    program.send(Msg::Panic);
    assert!(program.desk.servers().is_empty() && program.effects().contains(&Effect::Panic));
}

#[test]
fn an_invitation_is_copied_and_shown_as_a_code() {
    let mut program = evening(Language::English);
    program.send(Msg::Run(Command::Invite));
    program.effects();
    program.tells(Event::Invitation { server: LIGHTHOUSE, link: LINK.into() });
    program.send(OverMsg::CopyInvitation);
    program.does(&[Effect::Copy(shepot_sanitise::Sanitised::of(LINK))]);
    program.send(OverMsg::Toggle);
    assert!(matches!(&program.overlay, Some(Overlay::Invitation(invited)) if invited.shows_code));
    program.send(OverMsg::ChangeAddress);
    assert!(
        matches!(program.overlay, Some(Overlay::Invitation(_))),
        "of another's relay it cannot be changed"
    );
    program.send(OutsideMsg::Copied(Copied::Done));
    assert!(program.toast.as_ref().is_some_and(|toast| !toast.is_problem()));
    program.send(OutsideMsg::Copied(Copied::TooLong));
    assert!(program.toast.as_ref().is_some_and(Toast::is_problem));
    program.send(OutsideMsg::Copied(Copied::Done));
    program.send(OutsideMsg::ForgotCopied);
    program.passes(COPIED_FOR);
    program.does(&[]);
    // What was copied last goes out of the clipboard by itself, if the person wants that.
    for forgets in [true, false] {
        let changed = Preferences { clears_clipboard: forgets, ..program.preferences.clone() };
        program.send(PageMsg::SetPreferences(Box::new(changed)));
        program.send(OutsideMsg::Copied(Copied::Done));
        program.passes(COPIED_FOR);
        assert_eq!(program.effects().contains(&Effect::ForgetCopied), forgets);
    }
    program.send(OverMsg::Copy("text".into()));
    program.does(&[Effect::Copy("text".into())]);
}

#[test]
fn what_the_operator_sees_is_read() {
    let mut program = evening(Language::English);
    program.send(Msg::Run(Command::ServerRecord));
    program.does(&[on(LIGHTHOUSE, Action::ShowRecord)]);
    program.tells(Event::Record { server: LIGHTHOUSE, record: evening::record() });
    assert!(matches!(program.overlay, Some(Overlay::Record)));
}

#[test]
fn connections_to_the_relay_here_are_looked_at_and_acted_on() {
    let mut program = evening(Language::English);
    program.send(Msg::Run(Command::Connections));
    assert!(program.overlay.is_none() && program.toast.as_ref().is_some_and(Toast::is_problem));
    program.starts_hosting();
    let request = program.last_request();
    program.tells(added(request, ServerId(9), "127.0.0.1", "127.0.0.1:7443"));
    program.effects();
    program.send(Msg::Run(Command::Connections));
    program.does(&[Effect::Relay(RelayEffect::Look)]);
    program.send(OutsideMsg::Visitors(Box::new(evening::visitors())));
    let list = program.visitors.as_ref().unwrap().list.clone();
    let at =
        list.iter().position(|one| matches!(one.presence, Presence::Connected(_)) && !one.is_own).unwrap();
    program.send(OverMsg::Move(isize::try_from(at).unwrap()));
    program.send(OverMsg::Connection(ConnectionAction::Disconnect));
    assert_eq!(asked(&program), Some(Confirmation::Disconnect(list[at])));
    program.effects();
    program.send(OverMsg::Answer(true));
    let id = list[at].connection().unwrap().id;
    program.does(&[Effect::Relay(RelayEffect::Disconnect(id)), Effect::Relay(RelayEffect::Look)]);
    offers(&program, |offered| matches!(offered, Offered::Connections));
    program.send(OverMsg::Connection(ConnectionAction::Ban));
    assert!(matches!(asked(&program), Some(Confirmation::Ban(visitor, _)) if visitor == list[at]));
    program.send(OverMsg::Answer(true));
    program.does(&[Effect::Relay(RelayEffect::Ban(list[at].address)), Effect::Relay(RelayEffect::Look)]);
    let banned = list.iter().position(|one| matches!(one.presence, Presence::Banned)).unwrap();
    program.send(OverMsg::Move(isize::MIN));
    program.send(OverMsg::Move(isize::try_from(banned).unwrap()));
    program.send(OverMsg::Connection(ConnectionAction::LiftBan));
    program.does(&[Effect::Relay(RelayEffect::LiftBan(list[banned].address))]);
    program.send(OverMsg::Connection(ConnectionAction::Invite));
    program.does(&[on(ServerId(9), Action::Invite { owner: false })]);
    program.send(OutsideMsg::OwnAddress);
    assert!(program.toast.as_ref().is_some_and(Toast::is_problem));
    // And its end.
    program.send(OverMsg::AskToStopHosting { forgets: false });
    assert_eq!(asked(&program), Some(Confirmation::StopHosting));
    program.send(Msg::Back);
    program.does(&[]);
    program.send(OverMsg::AskToStopHosting { forgets: true });
    assert_eq!(asked(&program), Some(Confirmation::ForgetHosting));
    program.effects();
    program.send(OverMsg::Answer(true));
    let done = program.effects();
    assert!(done.contains(&Effect::Relay(RelayEffect::Forget)) && done.contains(&Effect::StopHosting));
}

#[test]
fn the_invitation_to_the_relay_here_names_the_address_that_is_typed() {
    let mut program = evening(Language::English);
    program.starts_hosting();
    let request = program.last_request();
    program.tells(added(request, ServerId(9), "127.0.0.1", "127.0.0.1:7443"));
    program.tells(evening::state(ServerId(9), ConnectionState::Connected));
    program.tells(Event::Invitation { server: ServerId(9), link: link_to("127.0.0.1:7443") });
    let link = |program: &Played| {
        if let Some(Overlay::Invitation(invited)) = &program.overlay {
            invited.link.to_string()
        } else {
            String::new()
        }
    };
    assert!(link(&program).starts_with("shepot://192.0.2.2:7443/"), "where others reach it");
    program.send(OverMsg::ChangeAddress);
    program.types("no address");
    program.send(Msg::Enter);
    assert!(
        matches!(&program.overlay, Some(Overlay::Ask(Ask::HostAddress(_), _, error)) if !error.is_empty())
    );
    program.send(OverMsg::Wanted("relay.example.org".into()));
    program.send(Msg::Enter);
    assert!(link(&program).starts_with("shepot://relay.example.org:7443/"), "{}", link(&program));
    let mut program = evening(Language::English);
    program.send(Msg::Run(Command::Host));
    program.send(OutsideMsg::NotHosted("the port is taken".into()));
    assert_eq!((program.errors.hosting.as_str(), &program.hosting), ("the port is taken", &Hosting::Off));
}

#[test]
fn the_fields_of_a_server_say_what_is_wrong_with_them() {
    let mut program = window();
    program.send(OverMsg::OpenMenu(MenuOf::Server(LIGHTHOUSE)));
    let edit = Choice::Edit(LIGHTHOUSE);
    let Some(Overlay::Menu(menu)) = &program.overlay else { panic!() };
    let at = menu.lines.iter().position(|line| line.choice == edit).unwrap();
    program.send(OverMsg::Pick(at));
    for (name, address) in [("", "203.0.113.24:7443"), ("Work", "no address")] {
        program.send(PageMsg::SaveServer(LIGHTHOUSE, name.into(), address.into()));
        assert!(
            matches!(&program.overlay, Some(Overlay::EditServer(_, error)) if !error.is_empty()),
            "{name}"
        );
    }
    program.effects();
    program.send(PageMsg::SaveServer(LIGHTHOUSE, "Work".into(), "203.0.113.9:1".into()));
    assert!(program.overlay.is_none());
    program.does(&[on(LIGHTHOUSE, Action::SetAddress { address: "203.0.113.9:1".into() })]);
    assert_eq!(program.desk.server(LIGHTHOUSE).unwrap().title(), "Work");
}

#[test]
fn what_was_said_is_copied_and_what_waits_is_sent_again_or_dropped() {
    use shepot_client::model::Delivery;
    let mut program = evening(Language::English);
    program.effects();
    program.send(Msg::Message(id(2), MessageAction::Copy));
    program.does(&[Effect::Copy("7:12 is brutal, but fine. Who has a stove?".into())]);
    program.said(Message { delivery: Delivery::Held, ..message(60, 0, 80, "held") });
    program.said(Message { delivery: Delivery::Failed, ..message(61, 0, 81, "failed") });
    program.effects();
    program.send(Msg::Message(id(60), MessageAction::SendAgain));
    program.does(&[on(LIGHTHOUSE, Action::Release { message: id(60) })]);
    program.send(Msg::Message(id(60), MessageAction::Discard));
    program.does(&[on(LIGHTHOUSE, Action::Discard { message: id(60) })]);
    program.send(Msg::Message(id(61), MessageAction::SendAgain));
    let conversation = ConversationId::Room(HIKE);
    let (body, reply_to, mentions) = ("failed".to_owned(), None, Vec::new());
    let send = Action::Send { conversation, body, reply_to, mentions };
    program.does(&[on(LIGHTHOUSE, send), on(LIGHTHOUSE, Action::Discard { message: id(61) })]);
}
