//! The relay in this process, on the screen.

use super::*;

#[test]
fn whoever_hosts_sees_who_is_connected_and_has_the_say() {
    let mut program = evening(Language::English);
    plain(&mut program, KeyCode::F(9));
    assert!(screen(&mut program, SIZES[0]).contains("No server runs in this program"));
    assert!(program.overlay.is_none());
    let mut program = hosting_evening(Language::English);
    type_text(&mut program, "/connections");
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[Effect::Relay(RelayEffect::Look)]);
    sees(&mut program, visitors());
    program.send(OutsideMsg::Tick);
    does(&mut program, &[Effect::Relay(RelayEffect::Look)]);
    // The one who hosts is neither shut out nor disconnected.
    plain(&mut program, KeyCode::Char('b'));
    plain(&mut program, KeyCode::Char('d'));
    does(&mut program, &[]);
    assert!(screen(&mut program, SIZES[1]).contains("This is your own computer"));
    // Who is chosen stays chosen while the list changes, and while something is asked.
    plain(&mut program, KeyCode::Down);
    plain(&mut program, KeyCode::Down);
    let mut later = visitors();
    later.list.remove(1);
    sees(&mut program, later);
    assert_eq!(chosen_connection(&program), Some(1));
    for no in [KeyCode::Esc, KeyCode::Char('n')] {
        plain(&mut program, KeyCode::Char('d'));
        let shown = screen(&mut program, SIZES[0]);
        assert!(shown.contains("Disconnect no. 3, 2001:db8:85a3:8d3:1319:8a2e:370:7348?"), "{shown}");
        assert!(shown.contains("since 18:38:00"), "{shown}");
        plain(&mut program, KeyCode::Enter);
        plain(&mut program, no);
        assert_eq!(chosen_connection(&program), Some(1));
        does(&mut program, &[Effect::Relay(RelayEffect::Look)]);
    }
    plain(&mut program, KeyCode::Char('d'));
    plain(&mut program, KeyCode::Char('y'));
    does(
        &mut program,
        &[Effect::Relay(RelayEffect::Disconnect(ConnectionId(3))), Effect::Relay(RelayEffect::Look)],
    );
    // Nobody takes the place of who is gone.
    let mut later = visitors();
    later.list.remove(2);
    sees(&mut program, later);
    assert_eq!(chosen_connection(&program), Some(0));
}

#[test]
fn a_ban_says_whom_it_concerns_and_is_lifted() {
    let mut program = hosting_evening(Language::English);
    type_text(&mut program, "/connections");
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[Effect::Relay(RelayEffect::Look)]);
    let mut later = visitors();
    later.list.remove(2);
    sees(&mut program, later);
    // In the other layout as well.
    plain(&mut program, KeyCode::Down);
    plain(&mut program, KeyCode::Char('и'));
    let shown = screen(&mut program, SIZES[0]);
    assert!(shown.contains("Ban 198.51.100.23?") && shown.contains("ban. One"), "{shown}");
    plain(&mut program, KeyCode::Char('y'));
    let address = "198.51.100.23".parse().unwrap();
    does(&mut program, &[Effect::Relay(RelayEffect::Ban(address)), Effect::Relay(RelayEffect::Look)]);
    // What was banned and comes again is the same, lifted or not.
    sees(&mut program, visitors());
    for _ in 0..2 {
        plain(&mut program, KeyCode::Down);
    }
    assert_eq!(chosen_connection(&program), Some(3));
    plain(&mut program, KeyCode::Char('u'));
    does(&mut program, &[Effect::Relay(RelayEffect::LiftBan("203.0.113.9".parse().unwrap()))]);
    let mut later = visitors();
    later.list[3].presence = Presence::Refused;
    later.list.swap(3, 4);
    sees(&mut program, later);
    assert_eq!(chosen_connection(&program), Some(4));
    plain(&mut program, KeyCode::Char('u'));
    does(&mut program, &[]);
    // Its key takes it away, and nothing of it stays.
    plain(&mut program, KeyCode::F(9));
    program.send(OutsideMsg::Tick);
    assert!(program.overlay.is_none() && program.visitors.is_none());
    // It goes with the relay.
    plain(&mut program, KeyCode::F(9));
    sees(&mut program, visitors());
    tells(&mut program, Event::Removed { server: LIGHTHOUSE });
    assert!(program.overlay.is_none() && program.visitors.is_none());
}

/// Nobody is asked for another circle's invitation while the own one is not there yet.
#[test]
fn until_the_own_circle_is_there_nobody_is_invited_from_the_list() {
    let mut program = evening(Language::English);
    program.send(Msg::Run(Command::Host));
    plain(&mut program, KeyCode::F(9));
    assert!(screen(&mut program, SIZES[0]).contains("Your server is starting"));
    program.send(OutsideMsg::Hosted { at: hosted(), invitation: LINK.to_owned().into(), moved_from: None });
    effects(&mut program);
    plain(&mut program, KeyCode::F(9));
    sees(&mut program, visitors());
    plain(&mut program, KeyCode::Char('i'));
    does(&mut program, &[Effect::Relay(RelayEffect::Look)]);
    program.send(Msg::Wipe);
    assert!(program.visitors.is_none());
}

#[test]
fn the_hosted_circle_is_shown_with_the_address_of_others_and_goes_with_its_relay() {
    let link = link_to("127.0.0.1:7443");
    let mut program = hosting_evening(Language::English);
    ctrl(&mut program, 'g');
    tells(&mut program, Event::Invitation { server: LIGHTHOUSE, link });
    let shown = screen(&mut program, SIZES[0]);
    assert!(shown.contains("shepot://192.0.2.2:7443/#") && shown.contains("network"), "{shown}");
    plain(&mut program, KeyCode::Char('a'));
    type_text(&mut program, "not an address");
    plain(&mut program, KeyCode::Enter);
    assert!(matches!(program.overlay, Some(Overlay::Ask(Ask::HostAddress(_), ..))));
    for _ in 0..20 {
        plain(&mut program, KeyCode::Backspace);
    }
    type_text(&mut program, "203.0.113.77");
    plain(&mut program, KeyCode::Enter);
    let shown = screen(&mut program, SIZES[0]);
    assert!(shown.contains("shepot://203.0.113.77:7443/#"), "{shown}");
    plain(&mut program, KeyCode::Esc);
    effects(&mut program);
    type_text(&mut program, "/stop");
    plain(&mut program, KeyCode::Enter);
    plain(&mut program, KeyCode::Enter);
    plain(&mut program, KeyCode::Char('y'));
    let remove = Effect::Engine(Box::new(EngineRequest(ClientCommand::Remove { server: LIGHTHOUSE }.into())));
    does(&mut program, &[remove, Effect::StopHosting]);
    assert_eq!(program.hosting, Hosting::Off);
    tells(&mut program, Event::Removed { server: LIGHTHOUSE });
    assert_eq!(program.server, Some(HOME));
}

/// The line of the list of connections that is chosen.
fn chosen_connection(program: &Program) -> Option<usize> {
    let over = program.overlay.as_ref()?;
    over.chosen().filter(|_| matches!(over.offered(), Some(Offered::Connections)))
}
