//! Which sentence belongs to what the engine tells.

use shepot_client::EntryError;
use shepot_client::model::{
    CommandError, ConnectionError, ConnectionState, Person, PersonKey, Room, RoomId, SystemEvent,
};
use shepot_words::Words;

use crate::desk::normal;
use crate::people;
use crate::writing::MOST_WRITTEN;

/// What a connection's state means to a person.
#[must_use]
pub fn state(words: &Words, state: &ConnectionState) -> String {
    match state {
        ConnectionState::Disconnected => words.say("state-disconnected", &[]),
        ConnectionState::Connecting => words.say("state-connecting", &[]),
        ConnectionState::Waiting => words.say("state-waiting", &[]),
        ConnectionState::Connected => words.say("state-connected", &[]),
        ConnectionState::Reconnecting { retry_in, .. } => {
            let seconds = retry_in.as_millis().div_ceil(1000).to_string();
            words.say("state-reconnecting", &[("seconds", &seconds)])
        }
        ConnectionState::Ended => words.say("state-ended", &[]),
    }
}

/// What does not work, and what to do next.
#[must_use]
pub fn connection_error(words: &Words, error: &ConnectionError) -> String {
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
    words.say(name, &[])
}

/// What is pasted does not fit into a field.
#[must_use]
pub fn too_long_to_paste(words: &Words) -> String {
    words.say("paste-too-long", &[("most", &MOST_WRITTEN.to_string())])
}

/// Why something was not done.
#[must_use]
pub fn command_error(words: &Words, error: &CommandError) -> String {
    let number = |name, most: &usize| words.say(name, &[("most", &most.to_string())]);
    match error {
        CommandError::NoSuchServer => words.say("command-error-no-such-server", &[]),
        CommandError::NotConnected => words.say("command-error-not-connected", &[]),
        CommandError::NoSuchRoom => words.say("command-error-no-such-room", &[]),
        CommandError::RoomExists => words.say("command-error-room-exists", &[]),
        CommandError::TooManyRooms => words.say("command-error-too-many-rooms", &[]),
        CommandError::RoomName { most } => number("command-error-room-name", most),
        CommandError::NoSuchMessage => words.say("command-error-no-such-message", &[]),
        CommandError::OnItsWay => words.say("command-error-on-its-way", &[]),
        CommandError::NotTheAuthor => words.say("command-error-not-the-author", &[]),
        CommandError::EmptyMessage => words.say("command-error-empty-message", &[]),
        CommandError::LongMessage { most } => number("command-error-long-message", most),
        CommandError::OutboxFull => words.say("command-error-outbox-full", &[]),
        CommandError::Nick { fewest, most } => {
            words.say("command-error-nick", &[("fewest", &fewest.to_string()), ("most", &most.to_string())])
        }
        CommandError::NoSuchPerson => words.say("command-error-no-such-person", &[]),
        CommandError::NotTheOwner => words.say("command-error-not-the-owner", &[]),
        CommandError::Reaction => words.say("command-error-reaction", &[]),
        CommandError::Address { typed } => words.say("entry-host", &[("typed", typed)]),
        CommandError::Avatar { most } => number("command-error-avatar", most),
    }
}

/// What is wrong with an invitation or an address.
#[must_use]
pub fn entry_error(words: &Words, error: &EntryError) -> String {
    match error {
        EntryError::Empty => words.say("entry-empty", &[]),
        EntryError::TooLong => words.say("entry-too-long", &[]),
        EntryError::NotAnInvitation => words.say("entry-not-an-invitation", &[]),
        EntryError::Damaged => words.say("entry-damaged", &[]),
        EntryError::Newer => words.say("entry-newer", &[]),
        EntryError::Expired => words.say("entry-expired", &[]),
        EntryError::Host { typed } => words.say("entry-host", &[("typed", typed)]),
        EntryError::Word { typed } => words.say("entry-word", &[("typed", typed)]),
        EntryError::Port { typed } => words.say("entry-port", &[("typed", typed)]),
        EntryError::Ipv6NeedsBrackets => words.say("entry-ipv6-needs-brackets", &[]),
        EntryError::Name => words.say("entry-name", &[]),
        EntryError::TooManyServers => words.say("entry-too-many-servers", &[]),
    }
}

/// The name of a room; the main room is named by us.
#[must_use]
pub fn room_name(words: &Words, room: RoomId, rooms: &[Room]) -> String {
    match rooms.iter().find(|other| other.id == room) {
        Some(known) if !known.name.is_empty() => {
            // Anybody can give a room the name that the main room has: it is not taken for it.
            let is_alike =
                known.id != RoomId::MAIN && normal(&words.say("main-room", &[])) == normal(&known.name);
            if is_alike { format!("{} (2)", known.name) } else { known.name.to_string() }
        }
        Some(_) | None => words.say("main-room", &[]),
    }
}

/// What happened. `people`: who is in the circle, so that nobody is taken for another.
#[must_use]
pub fn system_event(words: &Words, event: &SystemEvent, rooms: &[Room], people: &[Person]) -> String {
    let called = |nick: &str, key: &PersonKey| people::in_a_sentence(words, nick, key, people);
    let of_room = |name: &str| people::name_in_a_sentence(words, name);
    let about = |name, nick: &str, key: &PersonKey| words.say(name, &[("nick", &called(nick, key))]);
    match event {
        SystemEvent::Entered { people } => {
            words.say("system-event-entered", &[("people", &people.to_string())])
        }
        SystemEvent::Joined { nick, key } => about("system-event-joined", nick, key),
        SystemEvent::Returned { nick, key } => about("system-event-returned", nick, key),
        SystemEvent::Left { nick, key } => about("system-event-left", nick, key),
        SystemEvent::Evicted { nick, key } => about("system-event-evicted", nick, key),
        SystemEvent::Away { nick, key } => about("system-event-away", nick, key),
        SystemEvent::Back { nick, key } => about("system-event-back", nick, key),
        SystemEvent::Renamed { from, nick, key } => {
            words.say("system-event-renamed", &[("from", &called(from, key)), ("nick", &called(nick, key))])
        }
        SystemEvent::RoomMade { name, nick, key, .. } => {
            words.say("system-event-room-made", &[("nick", &called(nick, key)), ("room", &of_room(name))])
        }
        SystemEvent::RoomRenamed { name, nick, key, .. } => {
            words.say("system-event-room-renamed", &[("nick", &called(nick, key)), ("room", &of_room(name))])
        }
        SystemEvent::TimerSet { room, seconds: 0, nick, key } => words.say(
            "system-event-timer-off",
            &[("nick", &called(nick, key)), ("room", &of_room(&room_name(words, *room, rooms)))],
        ),
        SystemEvent::TimerSet { room, seconds, nick, key } => words.say(
            "system-event-timer-set",
            &[
                ("nick", &called(nick, key)),
                ("room", &of_room(&room_name(words, *room, rooms))),
                ("seconds", &seconds.to_string()),
            ],
        ),
        SystemEvent::Gap { entries } => words.say("system-event-gap", &[("entries", &entries.to_string())]),
        SystemEvent::Missing { nick, key, messages } => words.say(
            "system-event-missing",
            &[("nick", &called(nick, key)), ("messages", &messages.to_string())],
        ),
        SystemEvent::Fork { nick, key } => about("system-event-fork", nick, key),
        SystemEvent::Unreadable => words.say("system-event-unreadable", &[]),
        SystemEvent::Stranger { connections } => {
            words.say("system-event-stranger", &[("n", &connections.to_string())])
        }
        SystemEvent::Knocks { times } => words.say("system-event-knocks", &[("n", &times.to_string())]),
        SystemEvent::NeedsNewerVersion { nick, key } => about("system-event-needs-newer-version", nick, key),
        SystemEvent::RelayRestarted => words.say("system-event-relay-restarted", &[]),
        SystemEvent::Rejoined => words.say("system-event-rejoined", &[]),
    }
}

/// What made the safety code another one, at this time of the day.
#[must_use]
pub fn key_change(
    words: &Words,
    time: &str,
    event: &SystemEvent,
    rooms: &[Room],
    people: &[Person],
) -> String {
    if let SystemEvent::Joined { nick, key } = event {
        let nick = people::in_a_sentence(words, nick, key, people);
        words.say("ui-sc-changed", &[("t", time), ("nick", &nick)])
    } else {
        format!("{time}: {}", system_event(words, event, rooms, people))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shepot_words::Language;

    use super::*;

    #[test]
    fn a_nick_that_looks_like_a_number_stays_what_it_is() {
        let words = Words::new(Language::English);
        let joined = SystemEvent::Left { nick: "007".into(), key: PersonKey([0; 32]) };
        assert_eq!(system_event(&words, &joined, &[], &[]), "007 left.");
    }

    #[test]
    fn waits_are_whole_seconds() {
        let words = Words::new(Language::Russian);
        let waiting = ConnectionState::Reconnecting { retry_in: Duration::from_millis(1200), attempt: 1 };
        assert_eq!(state(&words, &waiting), "Нет связи. Повторим через 2 с.");
    }
}
