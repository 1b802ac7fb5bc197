//! The switcher finds rooms, servers, people, commands, settings and messages by a few letters.

use std::ops::Range;

use shepot_client::model::{MessageId, PersonKey, ServerId};
use shepot_l10n::L10n;

use crate::command::Command;
use crate::desk::{Desk, Place, matches, normal};
use crate::settings::{self, Section};
use crate::{layouts, markdown, sentence, slash};

/// The most entries of each kind.
const MOST_OF_A_KIND: usize = 6;

/// The most characters of a message shown before the first hit.
const BEFORE: usize = 24;

/// The most characters of a message shown.
const SHOWN: usize = 90;

/// What an entry leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Opens the room.
    Room(Place),
    /// Opens the server.
    Server(ServerId),
    /// Mentions the person in the open room.
    Person(ServerId, PersonKey),
    /// Goes to the message.
    Message(Place, MessageId),
    /// Carries out the command.
    Command(Command),
    /// Opens this page of the settings.
    Setting(Section),
}

/// The part of the list that an entry belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Rooms, servers and people.
    Rooms,
    /// Messages of this session.
    Messages,
    /// Commands.
    Commands,
    /// Settings.
    Settings,
}

/// An entry of the switcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it leads to.
    pub target: Target,
    /// The part of the list that it belongs to.
    pub kind: Kind,
    /// Its name, or an excerpt of the message.
    pub title: String,
    /// The byte ranges of `title` that match.
    pub hits: Vec<Range<usize>>,
    /// The details beside the title: server, address, room or time. May be empty.
    pub beside: String,
}

/// The entries that match `typed`. Those of the server `here` come first among equals. `time` formats a message's time.
#[must_use]
pub fn entries(
    desk: &Desk,
    typed: &str,
    here: Option<ServerId>,
    l10n: &L10n,
    time: &dyn Fn(u64) -> String,
) -> Vec<Entry> {
    let find = |wanted: &str| {
        let mut found = places(desk, wanted, here, l10n);
        if !wanted.is_empty() {
            found.extend(messages(desk, wanted, l10n, time));
        }
        found.extend(commands(wanted, l10n));
        if !wanted.is_empty() {
            found.extend(settings(wanted, l10n));
        }
        found
    };
    let found = find(&normal(typed.trim()));
    if !found.is_empty() {
        return found;
    }
    // The other layout was on.
    layouts::other(typed.trim()).map(|meant| find(&normal(&meant))).unwrap_or_default()
}

fn settings(wanted: &str, l10n: &L10n) -> Vec<Entry> {
    let mut ranked: Vec<(u8, Entry)> = settings::ALL
        .iter()
        .filter_map(|(word, section)| {
            let title = l10n.tr(word, &[]);
            let beside = if section.word() == *word { String::new() } else { l10n.tr(section.word(), &[]) };
            let hits = matches(&title, wanted);
            let rank = rank(&title, wanted)?;
            Some((
                rank,
                Entry { target: Target::Setting(*section), kind: Kind::Settings, hits, title, beside },
            ))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(MOST_OF_A_KIND).map(|(_, entry)| entry).collect()
}

fn places(desk: &Desk, wanted: &str, here: Option<ServerId>, l10n: &L10n) -> Vec<Entry> {
    let mut ranked: Vec<((u8, bool), Entry)> = Vec::new();
    let mut offer = |server: ServerId, target: Target, title: String, beside: String| {
        let Some(rank) = rank(&title, wanted) else { return };
        let entry = Entry { target, kind: Kind::Rooms, hits: matches(&title, wanted), title, beside };
        ranked.push(((rank, Some(server) != here), entry));
    };
    for server in desk.servers() {
        offer(server.id, Target::Server(server.id), server.title().to_owned(), server.address.clone());
        for room in &server.rooms {
            let place = Place::in_room(server.id, room.id);
            let name = sentence::room_name(l10n, room.id, &server.rooms);
            offer(server.id, Target::Room(place), name, server.title().to_owned());
        }
        if !wanted.is_empty() {
            for person in server.people.iter().filter(|person| !person.is_self) {
                let target = Target::Person(server.id, person.key);
                offer(server.id, target, person.nick.to_string(), server.title().to_owned());
            }
        }
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(MOST_OF_A_KIND).map(|(_, entry)| entry).collect()
}

fn messages(desk: &Desk, wanted: &str, l10n: &L10n, time: &dyn Fn(u64) -> String) -> Vec<Entry> {
    let hits = desk.search(wanted, MOST_OF_A_KIND);
    hits.into_iter()
        .filter_map(|hit| {
            let server = desk.server(hit.place.server)?;
            let message = server.timeline().get(&hit.message)?;
            let title = excerpt(&markdown::plain(&message.body), wanted);
            let room = sentence::room_name(l10n, message.conversation.room(), &server.rooms);
            Some(Entry {
                target: Target::Message(hit.place, hit.message),
                kind: Kind::Messages,
                hits: matches(&title, wanted),
                title,
                beside: format!("{room} · {}", time(message.at)),
            })
        })
        .collect()
}

fn commands(wanted: &str, l10n: &L10n) -> Vec<Entry> {
    // The words that do the same behind a slash.
    let typed = wanted.trim_start_matches('/');
    let mut ranked: Vec<(u8, Entry)> = Command::ALL
        .iter()
        .filter(|command| command.is_offered())
        .filter_map(|command| {
            let title = l10n.tr(command.word(), &[]);
            let entry = Entry {
                target: Target::Command(*command),
                kind: Kind::Commands,
                hits: matches(&title, wanted),
                title,
                beside: String::new(),
            };
            let is_typed_so =
                !typed.is_empty() && slash::names_of(*command).iter().any(|name| name.starts_with(typed));
            Some((rank(&entry.title, wanted).or(is_typed_so.then_some(1))?, entry))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(MOST_OF_A_KIND).map(|(_, entry)| entry).collect()
}

/// How well a title matches: 0 is best, `None` no match.
fn rank(title: &str, wanted: &str) -> Option<u8> {
    let title = normal(title);
    if wanted.is_empty() || title == wanted {
        Some(0)
    } else if title.starts_with(wanted) {
        Some(1)
    } else if title.split(|c: char| !c.is_alphanumeric()).any(|word| word.starts_with(wanted)) {
        Some(2)
    } else {
        title.contains(wanted).then_some(3)
    }
}

/// The part of a text around the first match.
#[must_use]
pub fn excerpt(text: &str, wanted: &str) -> String {
    let first = matches(text, wanted).first().map_or(0, |range| range.start);
    let before = text.get(..first).unwrap_or_default().chars().count();
    let skipped = before.saturating_sub(BEFORE);
    let mut part: String = text.chars().skip(skipped).take(SHOWN).collect();
    if skipped > 0 {
        part.insert(0, '…');
    }
    if text.chars().count() > skipped + SHOWN {
        part.push('…');
    }
    part
}
