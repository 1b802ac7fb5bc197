//! The sentence for everything the engine tells.

use shepot_client::EntryError;
use shepot_client::model::{
    CircleName, CommandError, ConnectionError, ConnectionState, Person, PersonKey, Reaction, Room, RoomId,
    SystemEvent,
};
use shepot_l10n::{L10n, size};

use crate::desk::normal;
use crate::people;

/// The state of a connection in words.
#[must_use]
pub fn state(l10n: &L10n, state: &ConnectionState) -> String {
    match state {
        ConnectionState::Disconnected => l10n.tr("state-disconnected", &[]),
        ConnectionState::Connecting => l10n.tr("state-connecting", &[]),
        ConnectionState::Waiting => l10n.tr("state-waiting", &[]),
        ConnectionState::Connected => l10n.tr("state-connected", &[]),
        ConnectionState::Reconnecting { retry_in, .. } => {
            let seconds = retry_in.as_millis().div_ceil(1000).to_string();
            l10n.tr("state-reconnecting", &[("seconds", &seconds)])
        }
        ConnectionState::Ended => l10n.tr("state-ended", &[]),
    }
}

/// What went wrong with a connection, and what to do next.
#[must_use]
pub fn connection_error(l10n: &L10n, error: &ConnectionError) -> String {
    let name = match error {
        ConnectionError::Unreachable => "connection-error-unreachable",
        ConnectionError::UnknownHost => "connection-error-unknown-host",
        ConnectionError::WrongIdentity => "connection-error-wrong-identity",
        ConnectionError::NotShepot => "connection-error-not-shepot",
        ConnectionError::NotAdmitted => "connection-error-not-admitted",
        ConnectionError::ServerTooOld => "connection-error-server-too-old",
        ConnectionError::ServerTooNew => "connection-error-server-too-new",
        ConnectionError::ServerFull => "connection-error-server-full",
        ConnectionError::AddressFull => "connection-error-address-full",
        ConnectionError::CircleFull => "connection-error-circle-full",
        ConnectionError::DisconnectedByOperator => "connection-error-disconnected-by-operator",
        ConnectionError::Banned => "connection-error-banned",
        ConnectionError::Replaced => "connection-error-replaced",
        ConnectionError::Evicted => "connection-error-evicted",
        ConnectionError::InvitationExpired => "connection-error-invitation-expired",
        ConnectionError::InvitationUsedUp => "connection-error-invitation-used-up",
        ConnectionError::InvitationRevoked => "connection-error-invitation-revoked",
        ConnectionError::InvitationOutdated => "connection-error-invitation-outdated",
        ConnectionError::WrongOwner => "connection-error-wrong-owner",
        ConnectionError::SecretChanged => "connection-error-secret-changed",
        ConnectionError::JoinRefused => "connection-error-join-refused",
        ConnectionError::ShuttingDown => "connection-error-shutting-down",
        ConnectionError::ServerMisbehaves => "connection-error-server-misbehaves",
        ConnectionError::TooLargeForServer => "connection-error-too-large-for-server",
        ConnectionError::TooFast => "connection-error-too-fast",
        ConnectionError::NoRandomness => "connection-error-no-randomness",
    };
    l10n.tr(name, &[])
}

fn counted(l10n: &L10n, most: usize) -> String {
    size::number(l10n.language(), u64::try_from(most).unwrap_or(u64::MAX))
}

/// Says that a pasted text does not fit into a field of `most` characters.
#[must_use]
pub fn too_long_to_paste(l10n: &L10n, most: usize) -> String {
    l10n.tr("paste-too-long", &[("most", &counted(l10n, most))])
}

/// Why a command was refused.
#[must_use]
pub fn command_error(l10n: &L10n, error: &CommandError) -> String {
    let number = |name, most: &usize| l10n.tr(name, &[("most", &counted(l10n, *most))]);
    match error {
        CommandError::NoSuchServer => l10n.tr("command-error-no-such-server", &[]),
        CommandError::NotConnected => l10n.tr("command-error-not-connected", &[]),
        CommandError::CircleChanged => l10n.tr("command-error-circle-changed", &[]),
        CommandError::NoSuchRoom => l10n.tr("command-error-no-such-room", &[]),
        CommandError::RoomExists => l10n.tr("command-error-room-exists", &[]),
        CommandError::TooManyRooms => l10n.tr("command-error-too-many-rooms", &[]),
        CommandError::RoomName { most } => number("command-error-room-name", most),
        CommandError::NoSuchMessage => l10n.tr("command-error-no-such-message", &[]),
        CommandError::OnItsWay => l10n.tr("command-error-on-its-way", &[]),
        CommandError::NotTheAuthor => l10n.tr("command-error-not-the-author", &[]),
        CommandError::EmptyMessage => l10n.tr("command-error-empty-message", &[]),
        CommandError::LongMessage { most } => number("command-error-long-message", most),
        CommandError::OutboxFull => l10n.tr("command-error-outbox-full", &[]),
        CommandError::Nick { fewest, most } => {
            l10n.tr("command-error-nick", &[("fewest", &fewest.to_string()), ("most", &most.to_string())])
        }
        CommandError::NoSuchPerson => l10n.tr("command-error-no-such-person", &[]),
        CommandError::NotTheOwner => l10n.tr("command-error-not-the-owner", &[]),
        CommandError::Reaction => l10n.tr("command-error-reaction", &[]),
        CommandError::Address { typed } => l10n.tr("entry-host", &[("typed", typed)]),
        CommandError::TooLargeForServer => l10n.tr("connection-error-too-large-for-server", &[]),
        CommandError::CircleName { most } => number("command-error-circle-name", most),
        CommandError::NotTheMaker => l10n.tr("command-error-not-the-maker", &[]),
        CommandError::Avatar { most } => number("command-error-avatar", most),
    }
}

/// What is wrong with an invitation or an address.
#[must_use]
pub fn entry_error(l10n: &L10n, error: &EntryError) -> String {
    match error {
        EntryError::Empty => l10n.tr("entry-empty", &[]),
        EntryError::TooLong => l10n.tr("entry-too-long", &[]),
        EntryError::NotAnInvitation => l10n.tr("entry-not-an-invitation", &[]),
        EntryError::Damaged => l10n.tr("entry-damaged", &[]),
        EntryError::Newer => l10n.tr("entry-newer", &[]),
        EntryError::Expired { host } => l10n.tr("entry-expired", &[("host", host)]),
        EntryError::Host { typed } => l10n.tr("entry-host", &[("typed", typed)]),
        EntryError::Word { typed } => l10n.tr("entry-word", &[("typed", typed)]),
        EntryError::Port { typed } => l10n.tr("entry-port", &[("typed", typed)]),
        EntryError::Ipv6NeedsBrackets => l10n.tr("entry-ipv6-needs-brackets", &[]),
        EntryError::Name => l10n.tr("entry-name", &[]),
        EntryError::TooManyServers => l10n.tr("entry-too-many-servers", &[]),
        EntryError::NotOnThisLink => l10n.tr("entry-not-on-this-link", &[]),
        EntryError::SameCircle => l10n.tr("entry-same-circle", &[]),
        EntryError::TooManyCircles => l10n.tr("entry-too-many-circles", &[]),
    }
}

/// The name of a room. The main room has ours.
#[must_use]
pub fn room_name(l10n: &L10n, room: RoomId, rooms: &[Room]) -> String {
    match rooms.iter().find(|other| other.id == room) {
        Some(known) if !known.name.is_empty() => {
            // Anybody can give a room the name that the main room has: it is not taken for it.
            let is_alike =
                known.id != RoomId::MAIN && normal(&l10n.tr("main-room", &[])) == normal(&known.name);
            if is_alike { format!("{} (2)", known.name) } else { known.name.to_string() }
        }
        Some(_) | None => l10n.tr("main-room", &[]),
    }
}

/// The name of a circle, and its owner's.
#[must_use]
pub fn whose(l10n: &L10n, circle: &CircleName) -> String {
    let owner = people::name_in_a_sentence(l10n, &circle.owner);
    l10n.tr("whose-circle", &[("name", &people::inside_quotes(&circle.name)), ("owner", &owner)])
}

/// A system event in words. `people`: the members, so that equal nicks can be distinguished.
#[must_use]
pub fn system_event(l10n: &L10n, event: &SystemEvent, rooms: &[Room], people: &[Person]) -> String {
    let called = |nick: &str, key: &PersonKey| people::in_a_sentence(l10n, nick, key, people);
    let of_room = |name: &str| people::name_in_a_sentence(l10n, name);
    let about = |name, nick: &str, key: &PersonKey| l10n.tr(name, &[("nick", &called(nick, key))]);
    match event {
        SystemEvent::Entered { people, circle } => {
            let entered = l10n.tr("system-event-entered", &[("people", &people.to_string())]);
            circle.as_ref().map_or(entered.clone(), |circle| format!("{entered} {}", whose(l10n, circle)))
        }
        SystemEvent::CircleNamed { circle } => {
            let name = people::inside_quotes(&circle.name);
            l10n.tr("system-event-circle-named", &[("nick", &of_room(&circle.owner)), ("name", &name)])
        }
        SystemEvent::RoomDeleted { name, nick, key } => l10n.tr(
            "system-event-room-deleted",
            &[("nick", &called(nick, key)), ("room", &people::inside_quotes(name))],
        ),
        SystemEvent::RoomLost { name } => {
            l10n.tr("system-event-room-lost", &[("room", &people::inside_quotes(name))])
        }
        SystemEvent::Joined { nick, key } => about("system-event-joined", nick, key),
        SystemEvent::Returned { nick, key } => about("system-event-returned", nick, key),
        SystemEvent::Left { nick, key } => about("system-event-left", nick, key),
        SystemEvent::Evicted { nick, key } => about("system-event-evicted", nick, key),
        SystemEvent::InvitationsRenewed => l10n.tr("system-event-invitations-renewed", &[]),
        SystemEvent::Away { nick, key } => about("system-event-away", nick, key),
        SystemEvent::Back { nick, key } => about("system-event-back", nick, key),
        SystemEvent::Renamed { from, nick, key } => {
            l10n.tr("system-event-renamed", &[("from", &called(from, key)), ("nick", &called(nick, key))])
        }
        SystemEvent::RoomMade { name, nick, key, .. } => l10n.tr(
            "system-event-room-made",
            &[("nick", &called(nick, key)), ("room", &people::inside_quotes(name))],
        ),
        SystemEvent::RoomRenamed { name, nick, key, .. } => l10n.tr(
            "system-event-room-renamed",
            &[("nick", &called(nick, key)), ("room", &people::inside_quotes(name))],
        ),
        SystemEvent::TimerSet { room, seconds, nick, key } => {
            timer_set(l10n, &called(nick, key), &of_room(&room_name(l10n, *room, rooms)), *seconds)
        }
        SystemEvent::Gap { entries } => l10n.tr("system-event-gap", &[("entries", &entries.to_string())]),
        SystemEvent::Missing { nick, key, messages } => l10n
            .tr("system-event-missing", &[("nick", &called(nick, key)), ("messages", &messages.to_string())]),
        SystemEvent::Fork { nick, key } => about("system-event-fork", nick, key),
        SystemEvent::Unreadable => l10n.tr("system-event-unreadable", &[]),
        SystemEvent::LeaflessSeats { connections } => {
            l10n.tr("system-event-leafless-seats", &[("n", &connections.to_string())])
        }
        SystemEvent::Knocks { times } => l10n.tr("system-event-knocks", &[("n", &times.to_string())]),
        SystemEvent::NeedsNewerVersion { nick, key } => about("system-event-needs-newer-version", nick, key),
        SystemEvent::RelayRestarted => l10n.tr("system-event-relay-restarted", &[]),
        SystemEvent::Rejoined => l10n.tr("system-event-rejoined", &[]),
    }
}

fn timer_set(l10n: &L10n, nick: &str, room: &str, seconds: u32) -> String {
    match seconds {
        0 => l10n.tr("system-event-timer-off", &[("nick", nick), ("room", room)]),
        _ => l10n.tr(
            "system-event-timer-set",
            &[("nick", nick), ("room", room), ("seconds", &seconds.to_string())],
        ),
    }
}

/// The most people named as having reacted.
const MOST_REACTED: usize = 8;

/// The nicks of those in the circle who reacted, the person first. The rest are counted.
#[must_use]
pub fn reacted(l10n: &L10n, reaction: &Reaction, people: &[Person]) -> String {
    let known = |key: &PersonKey| people.iter().find(|person| person.key == *key);
    let mut named: Vec<&Person> = reaction.people.iter().filter_map(known).collect();
    named.sort_by_key(|person| !person.is_self);
    let name = |person: &&Person| {
        if person.is_self { l10n.tr("ui-you", &[]) } else { people::shown(&person.nick, &person.key, people) }
    };
    let names: Vec<String> = named.iter().take(MOST_REACTED).map(name).collect();
    let rest = reaction.people.len() - names.len();
    let names = names.join(", ");
    match (names.is_empty(), rest) {
        (_, 0) => names,
        (true, rest) => format!("+{rest}"),
        (false, rest) => format!("{names} +{rest}"),
    }
}

/// What changed the safety code, with the time of day in `time`.
#[must_use]
pub fn key_change(l10n: &L10n, time: &str, event: &SystemEvent, rooms: &[Room], people: &[Person]) -> String {
    if let SystemEvent::Joined { nick, key } = event {
        let nick = people::in_a_sentence(l10n, nick, key, people);
        l10n.tr("ui-sc-changed", &[("t", time), ("nick", &nick)])
    } else {
        format!("{time}: {}", system_event(l10n, event, rooms, people))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shepot_l10n::Language;

    use super::*;

    #[test]
    fn a_nick_that_looks_like_a_number_stays_what_it_is() {
        let l10n = L10n::new(Language::English);
        let joined = SystemEvent::Left { nick: "007".into(), key: PersonKey([0; 32]) };
        assert_eq!(system_event(&l10n, &joined, &[], &[]), "007 left.");
    }

    #[test]
    fn who_reacted_is_named_and_counted() {
        let l10n = L10n::new(Language::English);
        let person = |n: u8| Person {
            key: PersonKey([n; 32]),
            fingerprint: shepot_client::model::Fingerprint([n; 4]),
            nick: format!("p{n}").into(),
            mood: None,
            is_self: n == 3,
            is_present: true,
            is_silent: false,
        };
        let people: Vec<Person> = (1..=12).map(person).collect();
        let by = |keys: &[u8]| {
            let keys = keys.iter().map(|n| PersonKey([*n; 32])).collect();
            reacted(&l10n, &Reaction { emoji: "👍".into(), people: keys }, &people)
        };
        assert_eq!(by(&[1, 3]), "you, p1");
        assert_eq!(by(&[1, 77]), "p1 +1", "who left is counted");
        assert_eq!(by(&[77]), "+1");
        assert_eq!(by(&(1..=12).collect::<Vec<_>>()), "you, p1, p2, p4, p5, p6, p7, p8 +4");
    }

    #[test]
    fn waits_are_whole_seconds() {
        let l10n = L10n::new(Language::Russian);
        let waiting = ConnectionState::Reconnecting { retry_in: Duration::from_millis(1200), attempt: 1 };
        assert_eq!(state(&l10n, &waiting), "Нет связи. Повторим через 2 с.");
    }
}
