//! The relay in this process.

use super::*;

#[test]
fn only_the_relay_here_is_taken_for_it() {
    let mut program = evening(Language::English);
    program.starts_hosting();
    let asked = program.last_request();
    program.tells(added(None, ServerId(8), "someone", "127.0.0.1:7443"));
    assert_eq!(program.hosting, Hosting::Started(hosted()), "another server");
    program.tells(added(asked, ServerId(9), "127.0.0.1", "127.0.0.1:7443"));
    assert_eq!(program.hosting, Hosting::On(ServerId(9), hosted()));
    // Stopped before its server was on the list: it does not stay there.
    program.stops_hosting();
    program.starts_hosting();
    let asked = program.last_request();
    program.stops_hosting();
    program.effects();
    program.tells(added(asked, ServerId(10), "127.0.0.1", "127.0.0.1:7443"));
    program.does(&[engine(ClientCommand::Remove { server: ServerId(10) })]);
    // The next one is wanted.
    program.starts_hosting();
    let asked = program.last_request();
    program.send(Msg::Run(Command::AddServer));
    program.types("half an addr");
    program.tells(added(asked, ServerId(11), "127.0.0.1", "127.0.0.1:7443"));
    assert_eq!(program.hosting, Hosting::On(ServerId(11), hosted()));
    assert!(
        matches!(&program.overlay, Some(Overlay::Ask(Ask::Server, field, _)) if field.text() == "half an addr")
    );
    program.tells(Event::Invitation { server: ServerId(11), link: LINK.into() });
    assert!(
        matches!(&program.overlay, Some(Overlay::Ask(Ask::Server, field, _)) if field.text() == "half an addr")
    );
    // Where there is no place for its server nobody would be in its circle.
    program.send(Msg::Back);
    program.stops_hosting();
    program.starts_hosting();
    let request = program.last_request();
    program.effects();
    program.tells(Event::NotAdded { request, error: EntryError::TooManyServers });
    assert_eq!(program.hosting, Hosting::Off);
    program.does(&[Effect::StopHosting]);
}
