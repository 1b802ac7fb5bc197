//! Which sentence belongs to what the engine tells.

use shepot_client::EntryMistake;
use shepot_client::model::{ConnectionState, Happening, Mistake, Problem, Room, RoomId};
use shepot_words::Words;

use crate::desk::normal;
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
pub fn problem(words: &Words, problem: &Problem) -> String {
    let name = match problem {
        Problem::Unreachable => "problem-unreachable",
        Problem::UnknownHost => "problem-unknown-host",
        Problem::WrongIdentity => "problem-wrong-identity",
        Problem::NotShepot => "problem-not-shepot",
        Problem::NotAdmitted => "problem-not-admitted",
        Problem::ServerTooOld => "problem-server-too-old",
        Problem::ServerTooNew => "problem-server-too-new",
        Problem::ServerFull => "problem-server-full",
        Problem::AddressFull => "problem-address-full",
        Problem::CircleFull => "problem-circle-full",
        Problem::DisconnectedByOperator => "problem-disconnected-by-operator",
        Problem::Banned => "problem-banned",
        Problem::Replaced => "problem-replaced",
        Problem::Evicted => "problem-evicted",
        Problem::InvitationExpired => "problem-invitation-expired",
        Problem::InvitationUsedUp => "problem-invitation-used-up",
        Problem::InvitationRevoked => "problem-invitation-revoked",
        Problem::InvitationOutdated => "problem-invitation-outdated",
        Problem::WrongOwner => "problem-wrong-owner",
        Problem::SecretChanged => "problem-secret-changed",
        Problem::JoinRefused => "problem-join-refused",
        Problem::ShuttingDown => "problem-shutting-down",
        Problem::ServerMisbehaves => "problem-server-misbehaves",
        Problem::TooLargeForServer => "problem-too-large-for-server",
        Problem::TooFast => "problem-too-fast",
        Problem::NoRandomness => "problem-no-randomness",
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
pub fn mistake(words: &Words, mistake: &Mistake) -> String {
    let number = |name, most: &usize| words.say(name, &[("most", &most.to_string())]);
    match mistake {
        Mistake::NoSuchServer => words.say("mistake-no-such-server", &[]),
        Mistake::NotConnected => words.say("mistake-not-connected", &[]),
        Mistake::NoSuchRoom => words.say("mistake-no-such-room", &[]),
        Mistake::RoomExists => words.say("mistake-room-exists", &[]),
        Mistake::TooManyRooms => words.say("mistake-too-many-rooms", &[]),
        Mistake::RoomName { most } => number("mistake-room-name", most),
        Mistake::NoSuchMessage => words.say("mistake-no-such-message", &[]),
        Mistake::OnItsWay => words.say("mistake-on-its-way", &[]),
        Mistake::NotTheAuthor => words.say("mistake-not-the-author", &[]),
        Mistake::EmptyMessage => words.say("mistake-empty-message", &[]),
        Mistake::LongMessage { most } => number("mistake-long-message", most),
        Mistake::OutboxFull => words.say("mistake-outbox-full", &[]),
        Mistake::Nick { fewest, most } => {
            words.say("mistake-nick", &[("fewest", &fewest.to_string()), ("most", &most.to_string())])
        }
        Mistake::NoSuchPerson => words.say("mistake-no-such-person", &[]),
        Mistake::NotTheOwner => words.say("mistake-not-the-owner", &[]),
        Mistake::Reaction => words.say("mistake-reaction", &[]),
        Mistake::Address { typed } => words.say("entry-host", &[("typed", typed)]),
        Mistake::Avatar { most } => number("mistake-avatar", most),
    }
}

/// What is wrong with an invitation or an address.
#[must_use]
pub fn entry_mistake(words: &Words, mistake: &EntryMistake) -> String {
    match mistake {
        EntryMistake::Empty => words.say("entry-empty", &[]),
        EntryMistake::TooLong => words.say("entry-too-long", &[]),
        EntryMistake::NotAnInvitation => words.say("entry-not-an-invitation", &[]),
        EntryMistake::Damaged => words.say("entry-damaged", &[]),
        EntryMistake::Newer => words.say("entry-newer", &[]),
        EntryMistake::Expired => words.say("entry-expired", &[]),
        EntryMistake::Host { typed } => words.say("entry-host", &[("typed", typed)]),
        EntryMistake::Word { typed } => words.say("entry-word", &[("typed", typed)]),
        EntryMistake::Port { typed } => words.say("entry-port", &[("typed", typed)]),
        EntryMistake::Ipv6NeedsBrackets => words.say("entry-ipv6-needs-brackets", &[]),
        EntryMistake::Name => words.say("entry-name", &[]),
        EntryMistake::TooManyServers => words.say("entry-too-many-servers", &[]),
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

/// What happened.
#[must_use]
pub fn happening(words: &Words, happening: &Happening, rooms: &[Room]) -> String {
    let about = |name, nick: &str| words.say(name, &[("nick", nick)]);
    match happening {
        Happening::Entered { people } => words.say("happening-entered", &[("people", &people.to_string())]),
        Happening::Joined { nick, .. } => about("happening-joined", nick),
        Happening::Returned { nick, .. } => about("happening-returned", nick),
        Happening::Left { nick, .. } => about("happening-left", nick),
        Happening::Evicted { nick, .. } => about("happening-evicted", nick),
        Happening::Away { nick, .. } => about("happening-away", nick),
        Happening::Back { nick, .. } => about("happening-back", nick),
        Happening::Renamed { from, nick, .. } => {
            words.say("happening-renamed", &[("from", from), ("nick", nick)])
        }
        Happening::RoomMade { name, nick, .. } => {
            words.say("happening-room-made", &[("nick", nick), ("room", name)])
        }
        Happening::RoomRenamed { name, nick, .. } => {
            words.say("happening-room-renamed", &[("nick", nick), ("room", name)])
        }
        Happening::TimerSet { room, seconds: 0, nick } => {
            words.say("happening-timer-off", &[("nick", nick), ("room", &room_name(words, *room, rooms))])
        }
        Happening::TimerSet { room, seconds, nick } => words.say(
            "happening-timer-set",
            &[("nick", nick), ("room", &room_name(words, *room, rooms)), ("seconds", &seconds.to_string())],
        ),
        Happening::Gap { entries } => words.say("happening-gap", &[("entries", &entries.to_string())]),
        Happening::Missing { nick, messages } => {
            words.say("happening-missing", &[("nick", nick), ("messages", &messages.to_string())])
        }
        Happening::Fork { nick } => about("happening-fork", nick),
        Happening::Unreadable => words.say("happening-unreadable", &[]),
        Happening::Stranger { connections } => {
            words.say("happening-stranger", &[("n", &connections.to_string())])
        }
        Happening::Knocks { times } => words.say("happening-knocks", &[("n", &times.to_string())]),
        Happening::NeedsNewerVersion { nick } => about("happening-needs-newer-version", nick),
        Happening::RelayRestarted => words.say("happening-relay-restarted", &[]),
        Happening::Rejoined => words.say("happening-rejoined", &[]),
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
        let joined = Happening::Left { nick: "007".into(), key: shepot_client::model::PersonKey([0; 32]) };
        assert_eq!(happening(&words, &joined, &[]), "007 left.");
    }

    #[test]
    fn waits_are_whole_seconds() {
        let words = Words::new(Language::Russian);
        let waiting = ConnectionState::Reconnecting { retry_in: Duration::from_millis(1200), attempt: 1 };
        assert_eq!(state(&words, &waiting), "Нет связи. Повторим через 2 с.");
    }
}
