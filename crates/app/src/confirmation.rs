//! Questions before something is lost for good.
//!
//! Owns: the questions and their words. Must never: do what they ask about.

use shepot_client::model::{MessageId, PersonKey, ServerId};
use shepot_relay::operator::Visitor;
use shepot_view::clock::{WallClock, seconds};
use shepot_view::desk::{Desk, Place, Server};
use shepot_view::{L10n, markdown, people, sentence};

/// The most characters of a message that a question quotes.
const MOST_QUOTED: usize = 80;

/// What happens to the relay here when the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosted {
    /// No relay runs here.
    Nothing,
    /// It starts again with the program.
    Kept,
    /// It is gone for good.
    Forgotten,
}

/// What the person has to confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Clear the messages of a room on this screen.
    Clear(Place),
    /// Clear all rooms of a server on this screen.
    ClearServer(ServerId),
    /// Clear all rooms of all servers on this screen.
    ClearAll,
    /// Disconnect from a server.
    Leave(ServerId),
    /// Connect anew, which destroys the messages of the session that is over.
    Connect(ServerId),
    /// The same with a new invitation, which replaces the stored one.
    Replace(ServerId),
    /// The same with an invitation that leads to another address or relay.
    ReplaceElsewhere(ServerId),
    /// Take a server off the list.
    Remove(ServerId),
    /// The identity of the server is not the one in the invitation. There is no way to proceed anyway.
    WrongIdentity(ServerId),
    /// Delete a message for everybody.
    Delete(ServerId, MessageId),
    /// Delete a room for everybody, with its messages.
    DeleteRoom(Place),
    /// Renew the invitations: the existing ones no longer work.
    RenewInvitations(ServerId),
    /// Remove a member from the circle.
    Evict(ServerId, PersonKey),
    /// Stop the relay here.
    StopHosting,
    /// Stop the relay here and forget its identity, so that the next one is another.
    ForgetHosting,
    /// End a connection to the relay here.
    Disconnect(Visitor),
    /// Ban an address from the relay here, where so many are connected from it.
    Ban(Visitor, usize),
    /// End the program, with this effect on the relay here.
    Quit(Hosted),
}

/// The words of a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The question.
    pub title: String,
    /// What happens then.
    pub body: String,
    /// The label of the button that does it.
    pub yes: String,
    /// The label of the button for the alternative. Empty: none.
    pub also: String,
    /// What it is about, in the words of somebody else. Empty: nothing.
    pub quoted: String,
}

impl Confirmation {
    /// The question before quitting. `None` if nothing would be lost.
    #[must_use]
    pub fn quit(desk: &Desk, hosted: Hosted) -> Option<Self> {
        let would_lose =
            hosted != Hosted::Nothing || desk.servers().iter().any(Server::has_something_to_lose);
        would_lose.then_some(Self::Quit(hosted))
    }

    /// The question before connecting. `None` if nothing is left of the last session.
    #[must_use]
    pub fn connect(desk: &Desk, server: ServerId) -> Option<Self> {
        desk.server(server).filter(|server| server.has_remains()).map(|_| Self::Connect(server))
    }

    /// The question before removing a member. `None` if that person is gone.
    #[must_use]
    pub fn evict(desk: &Desk, server: ServerId, person: PersonKey) -> Option<Self> {
        desk.server(server)?.person(&person).map(|_| Self::Evict(server, person))
    }

    /// The question in words.
    #[must_use]
    pub fn question(&self, desk: &Desk, l10n: &L10n, clock: &WallClock) -> Question {
        let named = |title: &str, server: &ServerId| {
            let name = desk.server(*server).map(Server::title).unwrap_or_default();
            l10n.tr(title, &[("server", name)])
        };
        let plain = |title: &str| l10n.tr(title, &[]);
        let of_room = |title: &str, place: Place| {
            let rooms = desk.server(place.server).map(|server| server.rooms.as_slice()).unwrap_or_default();
            l10n.tr(title, &[("room", &sentence::room_name(l10n, place.room(), rooms))])
        };
        let (title, body, yes) = match self {
            Self::Clear(place) => (of_room("ui-cl-room-title", *place), plain("ui-cl-body"), "ui-cl-btn"),
            Self::ClearServer(server) => (named("ui-cl-title", server), plain("ui-cl-body"), "ui-cl-btn"),
            Self::DeleteRoom(place) => {
                (of_room("ui-room-del-title", *place), plain("ui-room-del-body"), "ui-delete")
            }
            Self::ClearAll => (plain("ui-cl-all-title"), plain("ui-cl-body"), "ui-cl-btn"),
            Self::Leave(server) => (named("ui-lv-title", server), plain("ui-lv-body"), "ui-disconnect"),
            Self::ReplaceElsewhere(server) => {
                (named("ui-elsewhere-title", server), plain("ui-elsewhere-body"), "ui-elsewhere-yes")
            }
            Self::Connect(server) | Self::Replace(server) => {
                (named("ui-again-title", server), plain("ui-again-body"), "ui-connect")
            }
            Self::Remove(server) => {
                (named("ui-rm-title", server), plain(way_back(desk, *server)), "ui-remove")
            }
            Self::WrongIdentity(server) => {
                let address = desk.server(*server).map(|known| known.address.as_str()).unwrap_or_default();
                let body = l10n.tr("ui-cn-ident-body", &[("addr", address)]);
                (plain("ui-cn-ident"), body, "ui-remove")
            }
            Self::Delete(..) => (plain("ui-del-title"), plain("ui-del-body"), "ui-delete"),
            Self::RenewInvitations(server) => {
                (named("ui-renew-title", server), plain("ui-renew-body"), "ui-renew-yes")
            }
            Self::Evict(server, person) => {
                let nick = nick_of(desk, *server, person, l10n);
                (l10n.tr("ui-evict-title", &[("nick", &nick)]), plain("ui-evict-body"), "ui-evict")
            }
            Self::StopHosting => (plain("ui-stop-title"), plain("ui-stop-body"), "ui-op-stop"),
            Self::ForgetHosting => (plain("ui-forget-title"), plain("ui-forget-body"), "ui-forget-yes"),
            Self::Disconnect(visitor) => disconnecting(visitor, l10n, clock),
            Self::Ban(visitor, concerned) => {
                let address = visitor.address.to_canonical().to_string();
                let concerned = u64::try_from(*concerned).unwrap_or(u64::MAX);
                let body = l10n.tr_count("ui-ban-body", concerned);
                (l10n.tr("ui-ban-title", &[("addr", &address)]), body, "ui-op-ban")
            }
            Self::Quit(hosted) => {
                let hosted = match hosted {
                    Hosted::Nothing => String::new(),
                    Hosted::Kept => plain("ui-qt-host"),
                    Hosted::Forgotten => plain("ui-qt-host-ends"),
                };
                let body = format!("{} {hosted}", plain("ui-qt-body"));
                (plain("ui-qt-title"), body.trim_end().to_owned(), "ui-qt-btn")
            }
        };
        Question { title, body, yes: plain(yes), quoted: self.quoted(desk), ..Question::default() }
    }

    fn quoted(&self, desk: &Desk) -> String {
        let Self::Delete(server, message) = self else { return String::new() };
        let message = desk.message_of(*server, message);
        message
            .map(|message| markdown::plain(&message.body).chars().take(MOST_QUOTED).collect())
            .unwrap_or_default()
    }
}

fn nick_of(desk: &Desk, server: ServerId, person: &PersonKey, l10n: &L10n) -> String {
    let known = desk.server(server).and_then(|server| Some((server, server.person(person)?)));
    known.map_or_else(String::new, |(server, known)| {
        people::in_a_sentence(l10n, &known.nick, person, &server.people)
    })
}

/// Title, body and button label of the question whether to disconnect somebody from the relay here.
fn disconnecting(visitor: &Visitor, l10n: &L10n, clock: &WallClock) -> (String, String, &'static str) {
    // Several may come from one address.
    let number = visitor.connection().map(|connection| connection.id.to_string()).unwrap_or_default();
    let address = visitor.address.to_canonical().to_string();
    let title = l10n.tr("top-disconnect-ask", &[("number", &number), ("address", &address)]);
    let since = clock.time_with_seconds(seconds(visitor.since));
    (title, l10n.tr("full-disconnect-body", &[("t", &since)]), "ui-op-disc")
}

/// How somebody who removes a server comes back to it.
fn way_back(desk: &Desk, server: ServerId) -> &'static str {
    if desk.server(server).is_some_and(|known| known.is_open) { "ui-rm-open-body" } else { "ui-rm-body" }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::{Duration, SystemTime};

    use shepot_client::Event;
    use shepot_client::model::{
        ConnectionState, ConversationId, Delivery, Fingerprint, Message, Person, Room, RoomId,
    };
    use shepot_relay::operator::Presence;
    use shepot_view::Language;

    use super::*;

    const SERVER: ServerId = ServerId(1);
    const MESSAGE: MessageId = MessageId([7; 16]);

    fn key(n: u8) -> PersonKey {
        PersonKey([n; 32])
    }

    /// A server where somebody said something long.
    fn desk() -> Desk {
        let mut desk = Desk::default();
        let (name, address) = ("Lighthouse".into(), "192.0.2.1:7543".to_owned());
        let person = |n: u8, nick: &str| Person {
            key: key(n),
            fingerprint: Fingerprint([n; 4]),
            nick: nick.into(),
            mood: None,
            is_self: n == 1,
            is_present: true,
            is_silent: false,
        };
        let message = Message {
            id: MESSAGE,
            conversation: ConversationId::MAIN,
            author: key(2),
            nick: "Olga, the owner".into(),
            mood: None,
            body: format!("**bold** {}", "x".repeat(200)).into(),
            reply_to: None,
            mentions: Vec::new(),
            mentions_self: false,
            at: 0,
            is_edited: false,
            is_deleted: false,
            reactions: Vec::new(),
            delivery: Delivery::Received,
            disappears_at: None,
        };
        let rooms =
            vec![Room { id: RoomId::MAIN, name: "".into(), disappears_after_s: 0, may_delete: false }];
        for event in [
            Event::Added {
                request: None,
                server: SERVER,
                name,
                address,
                is_open: false,
                is_owner: false,
                link_of: None,
            },
            Event::State { server: SERVER, state: ConnectionState::Connecting },
            Event::State { server: SERVER, state: ConnectionState::Connected },
            Event::People { server: SERVER, people: vec![person(1, "nika"), person(2, "Olga, the owner")] },
            Event::Rooms { server: SERVER, rooms },
            Event::Message { server: SERVER, message: message.into() },
        ] {
            desk.apply(event, 0);
        }
        desk
    }

    fn visitor(address: &str) -> Visitor {
        Visitor {
            address: address.parse::<IpAddr>().unwrap(),
            since: SystemTime::UNIX_EPOCH + Duration::from_secs(5),
            refused: 0,
            until: None,
            presence: Presence::Refused,
            is_own: false,
            can_be_banned: true,
        }
    }

    fn asked(confirmation: Confirmation, language: Language) -> Question {
        confirmation.question(&desk(), &L10n::new(language), &WallClock::of_system(true))
    }

    #[test]
    fn every_question_is_whole_in_both_languages() {
        let ours = visitor("::ffff:192.0.2.7");
        for confirmation in [
            Confirmation::Clear(Place::main(SERVER)),
            Confirmation::ClearServer(SERVER),
            Confirmation::RenewInvitations(SERVER),
            Confirmation::DeleteRoom(Place::main(SERVER)),
            Confirmation::ClearAll,
            Confirmation::Leave(SERVER),
            Confirmation::ReplaceElsewhere(SERVER),
            Confirmation::Connect(SERVER),
            Confirmation::Remove(SERVER),
            Confirmation::WrongIdentity(SERVER),
            Confirmation::Delete(SERVER, MESSAGE),
            Confirmation::Evict(SERVER, key(2)),
            Confirmation::StopHosting,
            Confirmation::ForgetHosting,
            Confirmation::Disconnect(ours),
            Confirmation::Ban(ours, 2),
            Confirmation::Quit(Hosted::Nothing),
            Confirmation::Quit(Hosted::Kept),
            Confirmation::Quit(Hosted::Forgotten),
        ] {
            let [english, russian] =
                [Language::English, Language::Russian].map(|language| asked(confirmation, language));
            for (one, other) in [
                (&english.title, &russian.title),
                (&english.body, &russian.body),
                (&english.yes, &russian.yes),
            ] {
                assert!(!one.is_empty() && one != other, "{confirmation:?}: {one:?} {other:?}");
                assert!(!one.contains('{') && !other.contains('{'), "{one:?} {other:?}");
            }
            assert_ne!(english.title, english.body);
        }
    }

    #[test]
    fn what_it_is_about_is_named() {
        let asked = |confirmation| asked(confirmation, Language::English);
        assert_eq!(asked(Confirmation::Leave(SERVER)).title, "Disconnect from “Lighthouse”?");
        let evict = asked(Confirmation::Evict(SERVER, key(2))).title;
        assert_eq!(evict, "Remove “Olga, the owner” from the circle?", "a name, and no part of the question");
        assert!(asked(Confirmation::WrongIdentity(SERVER)).body.contains("192.0.2.1:7543"));
        let delete = asked(Confirmation::Delete(SERVER, MESSAGE));
        assert!(delete.quoted.starts_with("bold xxx") && delete.quoted.chars().count() == MOST_QUOTED);
        assert_eq!(asked(Confirmation::ClearServer(SERVER)).quoted, "");
        let ban = asked(Confirmation::Ban(visitor("::ffff:192.0.2.7"), 2));
        assert!(ban.title.contains("192.0.2.7") && !ban.title.contains("ffff") && ban.body.contains('2'));
        let quit = |hosted| asked(Confirmation::Quit(hosted)).body;
        assert!(quit(Hosted::Kept).len() > quit(Hosted::Nothing).len());
        assert_ne!(quit(Hosted::Kept), quit(Hosted::Forgotten));
    }

    #[test]
    fn nothing_is_asked_where_nothing_would_be_lost() {
        let (empty, desk) = (Desk::default(), desk());
        assert_eq!(Confirmation::quit(&empty, Hosted::Nothing), None);
        assert_eq!(Confirmation::quit(&empty, Hosted::Kept), Some(Confirmation::Quit(Hosted::Kept)));
        assert_eq!(Confirmation::quit(&desk, Hosted::Nothing), Some(Confirmation::Quit(Hosted::Nothing)));
        assert_eq!(Confirmation::connect(&desk, SERVER), None, "nothing is over");
        let mut over = desk;
        over.apply(Event::State { server: SERVER, state: ConnectionState::Ended }, 0);
        assert_eq!(Confirmation::connect(&over, SERVER), Some(Confirmation::Connect(SERVER)));
    }
}
