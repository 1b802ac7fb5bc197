//! Lines that were typed as a whole: what they mean, and the message that they name.

use shepot_testkit::evening::HOME;
use shepot_view::slash::{self, Prompt};

use super::*;
use crate::confirmation::Confirmation;

impl Played {
    fn line(&mut self, line: &str, about: Option<u8>) {
        self.send(Msg::Line(slash::parse(Prompt::Lines, line).unwrap(), about.map(id)));
    }

    pub(super) fn toast(&self) -> &str {
        self.toast.as_ref().map(|toast| toast.text.as_str()).unwrap_or_default()
    }
}

fn says(body: &str, reply_to: Option<u8>) -> Effect {
    let (conversation, mentions) = (ConversationId::Room(HIKE), Vec::new());
    on(LIGHTHOUSE, Action::Send { conversation, body: body.into(), reply_to: reply_to.map(id), mentions })
}

#[test]
fn a_line_names_the_message_that_it_is_about() {
    let mut program = evening(Language::English);
    let (own, other) = (6, 5);
    let edit = Action::Edit { message: id(own), body: "better".into(), mentions: Vec::new() };
    let react = |taken_back| Action::React { message: id(other), emoji: "❤️".into(), taken_back };
    for (line, about, done) in [
        ("/reply 1 да", other, says("да", Some(other))),
        ("/edit 1 better", own, on(LIGHTHOUSE, edit)),
        ("/react 1 :heart:", other, on(LIGHTHOUSE, react(false))),
        ("/resend 1", own, on(LIGHTHOUSE, Action::Release { message: id(own) })),
        ("/discard 1", own, on(LIGHTHOUSE, Action::Discard { message: id(own) })),
    ] {
        program.line(line, Some(about));
        program.does(&[done]);
    }
    program.line("/delete 1", Some(own));
    let asked = Confirmation::Delete(LIGHTHOUSE, id(own));
    assert!(matches!(&program.overlay, Some(Overlay::Confirm(confirmation)) if *confirmation == asked));
}

#[test]
fn nothing_of_a_line_is_left_for_the_next() {
    let mut program = evening(Language::English);
    program.line("/edit 1 mine now", Some(5));
    assert!(program.toast().contains("author"), "{}", program.toast());
    program.does(&[]);
    program.line(&format!("/reply 1 {}", "x".repeat(8_001)), Some(5));
    assert!(program.toast().contains("8,000"), "{}", program.toast());
    program.does(&[]);
    program.line("a message of its own", None);
    program.does(&[says("a message of its own", None)]);
    program.line("", None);
    program.does(&[]);
}

#[test]
fn a_line_goes_to_a_server_by_its_number() {
    let mut program = evening(Language::English);
    let other = ServerId(LIGHTHOUSE.0 + 1);
    program.tells(added(None, other, "Other", "192.0.2.9:7543"));
    program.goes(Place::in_room(LIGHTHOUSE, HIKE));
    program.line(&format!("/server {}", other.0), None);
    assert_eq!(program.server, Some(other));
    for missing in ["/server 99", "/server 99999999999"] {
        program.line(missing, None);
        assert!(program.toast().contains("no such server"), "{}", program.toast());
        assert_eq!(program.server, Some(other));
        program.passes(TOAST);
    }
}

#[test]
fn what_is_said_where_there_is_no_server_is_an_address() {
    let mut program = program(Language::English);
    program.line("203.0.113.5:7543", None);
    let asked = program.effects();
    let Some(Effect::Engine(request)) = asked.last() else { panic!() };
    assert!(matches!(&request.0.command, ClientCommand::Add { entry, .. } if entry == "203.0.113.5:7543"));
    assert!(program.composer.field.is_empty(), "and no draft");
}

#[test]
fn every_invitation_that_was_asked_for_is_shown() {
    let mut program = evening(Language::English);
    program.line("/invite", None);
    program.line("/invite owner", None);
    for link in ["shepot://one#1", "shepot://two#2"] {
        program.tells(Event::Invitation { server: LIGHTHOUSE, link: link.into() });
        assert!(matches!(&program.overlay, Some(Overlay::Invitation(invited)) if *invited.link == link));
        program.send(Msg::Back);
    }
    // On two servers at once, and the second answers first.
    for state in [ConnectionState::Connecting, ConnectionState::Connected] {
        program.tells(Event::State { server: HOME, state });
    }
    program.send(Msg::GoToServer(HOME));
    program.line("/invite", None);
    program.send(Msg::GoToServer(LIGHTHOUSE));
    program.line("/invite owner", None);
    program.refuses(CommandError::NotTheOwner);
    program.tells(Event::Invitation { server: HOME, link: "shepot://home#4".into() });
    assert!(program.overlay.is_some(), "that of the first was asked for, too");
    program.send(Msg::Back);
    // One that is refused is waited for no longer.
    program.line("/invite owner", None);
    program.refuses(CommandError::NotTheOwner);
    program.tells(Event::Invitation { server: LIGHTHOUSE, link: "shepot://three#3".into() });
    assert!(program.overlay.is_none(), "nobody asked for it");
}

#[test]
fn what_cannot_be_done_is_said() {
    let mut program = evening(Language::English);
    program.line("/resend 1", Some(99));
    assert!(program.toast().contains("no such message"), "{}", program.toast());
    let mut program = super::program(Language::English);
    for line in ["/leave", "/remove", "/clear", "/connect", "/who"] {
        program.line(line, None);
        assert!(program.toast().contains("Join a server"), "{line}: {}", program.toast());
        program.passes(TOAST);
    }
}

#[test]
fn ones_own_server_is_stopped_rather_than_removed() {
    let mut program = program(Language::English);
    program.starts_hosting();
    let request = program.last_request();
    program.tells(added(request, ServerId(9), "127.0.0.1", "127.0.0.1:7443"));
    program.line("/remove", None);
    assert!(matches!(program.overlay, Some(Overlay::Confirm(Confirmation::StopHosting))));
    // Whoever removes somebody there is told once how to invite from now on.
    let renewed = || Event::Renewed { server: ServerId(9), link: LINK.into() };
    program.tells(renewed());
    assert!(program.toast().contains("/invite"), "{}", program.toast());
    program.passes(TOAST);
    program.tells(renewed());
    assert!(program.toast.is_none());
}
