//! Invitations where people talk.

use shepot_testkit::evening::link_to;

use super::window::window;
use super::*;

fn asked(program: &Played) -> Option<(String, bool)> {
    match &program.overlay {
        Some(Overlay::Join(joining)) => Some((joining.link.to_string(), joining.is_written)),
        _ => None,
    }
}

fn says(body: &str) -> Effect {
    let conversation = ConversationId::Room(HIKE);
    on(LIGHTHOUSE, Action::Send { conversation, body: body.into(), reply_to: None, mentions: Vec::new() })
}

fn add(link: &str) -> Effect {
    engine(ClientCommand::Add { entry: link.to_owned(), name: None, connect: true, link_of: None })
}

#[test]
fn an_invitation_is_never_said_unasked() {
    let link = link_to("198.51.100.7:7443");
    let written = format!("вот оно: {link}");
    for mut program in [window(), evening(Language::Russian)] {
        program.send(Msg::Paste(written.clone()));
        program.effects();
        program.send(Msg::Enter);
        assert_eq!(asked(&program), Some((link.clone(), true)));
        assert!(program.effects().is_empty(), "neither said nor gone to");
        // A step back, and it can be written on.
        program.send(Msg::Back);
        assert_eq!(program.composer.field.text(), written);
        program.send(Msg::Enter);
        program.send(OverMsg::AnswerAlso);
        program.does(&[says(&written)]);
        program.send(Msg::Paste(link.clone()));
        program.send(Msg::Enter);
        program.effects();
        program.send(OverMsg::Answer(true));
        program.does(&[add(&link)]);
        assert!(program.composer.field.is_empty(), "it was no message");
    }
}

#[test]
fn one_that_is_damaged_is_a_secret_all_the_same_and_one_that_is_spoken_of_is_none() {
    let mut program = window();
    let mut damaged = link_to("198.51.100.7:7443");
    // The end was not copied with it.
    damaged.truncate(damaged.len() - 3);
    program.writes(&damaged);
    program.effects();
    program.send(Msg::Enter);
    assert_eq!(asked(&program), Some((damaged.clone(), true)));
    // It leads nowhere: to join by it is not offered, only to say it.
    let Some(Overlay::Join(joining)) = &program.overlay else { panic!("nothing is asked") };
    let question = crate::joining::question(&program.l10n, joining, program.now.unix);
    assert_eq!((question.title.as_str(), question.yes.as_str()), ("Damaged invitation", ""));
    program.send(OverMsg::Answer(true));
    assert!(program.effects().is_empty(), "the letter that joins by others sends nothing");
    assert_eq!(program.composer.field.text(), damaged);
    program.send(Msg::Enter);
    program.send(OverMsg::AnswerAlso);
    program.does(&[says(&damaged)]);
    program.said(message(9, 1, 20, &format!("сюда: {damaged}")));
    program.effects();
    program.send(OverMsg::OpenLink(damaged));
    assert!(asked(&program).is_none() && program.toast.is_some() && program.effects().is_empty());
    program.writes("приглашение начинается с shepot://…");
    program.effects();
    program.send(Msg::Enter);
    program.does(&[says("приглашение начинается с shepot://…")]);
}

#[test]
fn one_that_somebody_said_is_followed_after_the_same_question() {
    let link = link_to("198.51.100.7:7443");
    let mut program = window();
    program.said(message(9, 1, 20, &format!("сюда: {link}")));
    program.effects();
    program.send(OverMsg::OpenLink(link.clone()));
    assert_eq!(asked(&program), Some((link.clone(), false)));
    program.send(OverMsg::AnswerAlso);
    assert!(asked(&program).is_some() && program.effects().is_empty(), "there is nothing to be said");
    program.send(Msg::Back);
    program.send(Msg::Message(id(9), MessageAction::Open));
    // A line end that was pasted with it is no answer.
    program.send(Msg::Enter);
    assert!(asked(&program).is_some() && program.effects().is_empty());
    program.send(OverMsg::Answer(true));
    program.does(&[add(&link)]);
}

#[test]
fn what_is_said_as_it_is_needs_no_question() {
    let link = link_to("198.51.100.7:7443");
    let mut program = evening(Language::English);
    program.types(&format!("/say {link}"));
    program.effects();
    program.send(Msg::Enter);
    program.does(&[says(&link)]);
}

#[test]
fn what_another_start_hands_over_is_asked_about_as_soon_as_somebody_can_be_asked() {
    let link = link_to("198.51.100.7:7443");
    let handed = |text: &str| OutsideMsg::Handed(text.to_owned().into());
    let mut program = window();
    program.effects();
    program.send(handed(""));
    assert!(asked(&program).is_none() && program.toast.is_none(), "it only wants to be seen");
    program.send(handed(&link));
    assert_eq!(asked(&program), Some((link.clone(), false)));
    program.send(OverMsg::Answer(true));
    program.does(&[add(&link)]);
    program.send(handed("shepot://nonsense"));
    assert!(asked(&program).is_none() && program.toast.is_some());
    program.locks();
    program.effects();
    program.send(handed(&link));
    assert!(asked(&program).is_none() && program.effects().is_empty());
    program.send(OverMsg::Unlock("одуванчик".to_owned().into()));
    assert_eq!(asked(&program), Some((link.clone(), false)));
}

#[test]
fn what_cannot_be_done_is_said() {
    let mut program = evening(Language::English);
    let types = |program: &mut Played, line: &str| {
        program.types(line);
        program.send(Msg::Enter);
        program.toast.as_ref().map(|toast| toast.text.clone()).unwrap_or_default()
    };
    assert_eq!(types(&mut program, "/undo"), "There is nothing to undo.");
    assert_eq!(types(&mut program, "/timer 2592001"), "From 1 to 2592000 seconds; 0: messages stay.");
    let question = |program: &Played, is_open: bool| {
        let mut desk = shepot_view::desk::Desk::default();
        let (server, name, address) = (LIGHTHOUSE, "Маяк".into(), String::new());
        let (request, is_owner, link_of) = (None, false, None);
        desk.apply(Event::Added { request, server, name, address, is_open, is_owner, link_of }, 0);
        confirmation::Confirmation::Remove(server).question(&desk, &program.l10n, &program.clock).body
    };
    assert!(question(&program, true).starts_with("You can come back by its address."));
    assert!(question(&program, false).starts_with("Without its invitation you cannot come back."));
    let ended = Event::State { server: LIGHTHOUSE, state: ConnectionState::Disconnected };
    program.tells(ended);
    assert!(types(&mut program, "/invite").contains("/connect"), "it says what to do");
}
