//! An evening with two servers, three rooms and seven people, as events of the engine. For tests of the interfaces.

use std::time::{Duration, SystemTime};

use shepot_client::model::{
    ConnectionState, ConversationId, Delivery, Fingerprint, Message, MessageId, Person, PersonKey, Reaction,
    Room, RoomId, ServerId, ServerRecord, SystemEvent,
};
use shepot_client::{Event, RequestId};
use shepot_protocol::{CircleSecret, Invitation, OwnerSeed, Pin};
use shepot_relay::operator::{Presence, Visitor, Visitors};
use shepot_relay::{ConnectionId, ConnectionStatistics, DeliveryLatency, RefusedAttempts, Statistics};

/// The beginning of the evening, in seconds since 1970.
pub const EVENING: u64 = 1_795_631_880;

/// The server where people talk.
pub const LIGHTHOUSE: ServerId = ServerId(1);

/// The server that is not connected.
pub const HOME: ServerId = ServerId(2);

/// The room where they talk.
pub const HIKE: RoomId = RoomId(7);

/// An invitation with made-up secrets.
pub const LINK: &str = "shepot://203.0.113.5:7443/#AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";

/// A valid invitation to a circle at this address.
///
/// # Panics
///
/// If the address is not valid.
#[must_use]
pub fn link_to(address: &str) -> String {
    link_until(address, None)
}

/// The same, valid until this time in seconds since 1970. `None`: for ever.
///
/// # Panics
///
/// If the address is not valid.
#[must_use]
pub fn link_until(address: &str, expires_at: Option<u64>) -> String {
    invitation(address, expires_at, None)
}

/// The same, for an owner of the circle.
///
/// # Panics
///
/// If the address is not valid.
#[must_use]
pub fn owners_link_to(address: &str) -> String {
    invitation(address, None, Some(OwnerSeed::new([5; 32])))
}

fn invitation(address: &str, expires_at: Option<u64>, owner_seed: Option<OwnerSeed>) -> String {
    let invitation = Invitation {
        address: address.parse().expect("an address"),
        pin: Pin([7; 32]),
        access_key: None,
        circle_secret: Some(CircleSecret::new([9; 32])),
        owner: None,
        owner_seed,
        expires_at,
        succession: None,
    };
    invitation.to_link().to_string()
}

/// Nicks and fingerprints. The first is the person.
pub const PEOPLE: [(&str, [u8; 4]); 7] = [
    ("nika", [0x9D, 0x1E, 0x44, 0xD0]),
    ("Марина", [0x5F, 0x03, 0x8A, 0xF1]),
    ("лис_на_луне", [0xE7, 0x71, 0x0B, 0x2C]),
    ("Tomas", [0x22, 0xC9, 0xF6, 0x5A]),
    ("Ёжик", [0xBC, 0x0D, 0x31, 0xE7]),
    ("Alex", [0x7B, 0x2A, 0x91, 0xC0]),
    ("Alex", [0xC7, 0x1E, 0x0D, 0x77]),
];

/// The key of person `n`.
#[must_use]
pub fn key(n: usize) -> PersonKey {
    PersonKey([u8::try_from(n).unwrap_or(u8::MAX); 32])
}

/// All seven people.
#[must_use]
pub fn people() -> Vec<Person> {
    let person = |(n, (nick, fingerprint)): (usize, &(&str, [u8; 4]))| Person {
        key: key(n),
        fingerprint: Fingerprint(*fingerprint),
        nick: (*nick).into(),
        mood: (n == 4).then_some(14),
        is_self: n == 0,
        is_present: n != 3,
        is_silent: false,
    };
    PEOPLE.iter().enumerate().map(person).collect()
}

/// A room with these properties.
#[must_use]
pub fn room(id: RoomId, name: &str, disappears_after_s: u32) -> Room {
    Room { id, name: name.into(), disappears_after_s, may_delete: false }
}

/// The id of message `n`.
#[must_use]
pub const fn id(n: u8) -> MessageId {
    MessageId([n; 16])
}

/// Message `n` by this author in [`HIKE`], so many minutes after the beginning.
#[must_use]
pub fn message(n: u8, author: usize, minutes: u64, body: &str) -> Message {
    Message {
        id: id(n),
        conversation: ConversationId::Room(HIKE),
        author: key(author),
        nick: PEOPLE.get(author).map(|(nick, _)| *nick).unwrap_or_default().into(),
        mood: (author == 4).then_some(14),
        body: body.into(),
        reply_to: None,
        mentions: Vec::new(),
        mentions_self: false,
        at: EVENING + minutes * 60,
        is_edited: false,
        is_deleted: false,
        reactions: Vec::new(),
        delivery: if author == 0 { Delivery::Sent } else { Delivery::Received },
        disappears_at: None,
    }
}

/// The event that brings a message.
#[must_use]
pub fn said(message: Message) -> Event {
    Event::Message { server: LIGHTHOUSE, message: message.into() }
}

/// The event with a safety code that begins with this symbol.
#[must_use]
pub const fn code(first: u8, epoch: u64) -> Event {
    let symbols = [first, 10, 13, 9, 0, 1, 6, 5, 4, 8, 11, 7, 20, 21, 22, 23];
    Event::SafetyCode { server: LIGHTHOUSE, symbols, epoch }
}

/// What the operator of the server sees of the person.
#[must_use]
pub fn record() -> ServerRecord {
    ServerRecord {
        connection: 12,
        address: "198.51.100.23:50112".into(),
        connected: Duration::from_secs(1_500),
        silent: Duration::from_secs(4),
        circles: 1,
        seats: 1,
        bytes_in: 212_000,
        bytes_out: 3_100_000,
        access_label: "table".into(),
        refused_attempts: 0,
    }
}

/// The event that a server was added, as this request asked.
#[must_use]
pub fn added(request: Option<RequestId>, server: ServerId, name: &str, address: &str) -> Event {
    Event::Added {
        request,
        server,
        name: name.into(),
        address: address.to_owned(),
        is_open: false,
        is_owner: false,
        link_of: None,
    }
}

/// The event with the state of a connection.
#[must_use]
pub const fn state(server: ServerId, state: ConnectionState) -> Event {
    Event::State { server, state }
}

/// The events that add both servers, and connect the first with its people and rooms. `request`: the one that asked for
/// it.
#[must_use]
pub fn arrival(request: Option<RequestId>) -> Vec<Event> {
    let rooms = vec![room(RoomId::MAIN, "", 0), room(HIKE, "поход", 3_600), room(RoomId(9), "book-club", 0)];
    vec![
        added(request, LIGHTHOUSE, "Маяк", "203.0.113.24:7443"),
        added(None, HOME, "Дом", "192.0.2.7:7443"),
        state(LIGHTHOUSE, ConnectionState::Connected),
        Event::People { server: LIGHTHOUSE, people: people() },
        Event::Rooms { server: LIGHTHOUSE, rooms },
    ]
}

/// The events of what people say.
#[must_use]
pub fn talk() -> Vec<Event> {
    let reactions = vec![
        Reaction { emoji: "👍".into(), people: vec![key(0), key(3), key(4), key(5)] },
        Reaction { emoji: "☕".into(), people: vec![key(5), key(6)] },
    ];
    let forecast = "Посмотрела прогноз: в субботу сухо до четырёх, потом гроза. Электричка в 7:12?";
    let stove = "Горелка у меня. Нужен ещё **один** баллон.\n- баллон\n- аптечка";
    let bridge = "@nika does the `trail` still cross the old bridge? https://example.org/map";
    let mended = "Мост починили: 14 км. @Alex·7B2A yes, it is open";
    let joined = SystemEvent::Joined { nick: "Ёжик".into(), key: key(4) };
    vec![
        said(Message { reactions, ..message(1, 1, 0, forecast) }),
        said(message(2, 3, 1, "7:12 is brutal, but fine. Who has a stove?")),
        said(Message { reply_to: Some(id(2)), ..message(3, 2, 2, stove) }),
        Event::SystemEvent { server: LIGHTHOUSE, at: EVENING + 300, system_event: joined },
        said(message(4, 4, 6, "Всем привет! Баллон и аптечку беру 🎒")),
        said(Message { mentions_self: true, ..message(5, 5, 7, bridge) }),
        said(Message { is_edited: true, ..message(6, 0, 8, mended) }),
        said(Message {
            conversation: ConversationId::MAIN,
            mentions_self: true,
            ..message(7, 1, 9, "@nika где ты?")
        }),
        code(12, 5),
        Event::Typing { server: LIGHTHOUSE, conversation: ConversationId::Room(HIKE), person: key(2) },
    ]
}

/// The connections to the relay here: the host, two guests, a banned address and a refused one.
#[must_use]
pub fn visitors() -> Visitors {
    let evening = SystemTime::UNIX_EPOCH + Duration::from_secs(EVENING);
    let connection = |id, address: &str, idle_s, bytes_out| ConnectionStatistics {
        id: ConnectionId(id),
        address: address.parse().unwrap_or(std::net::SocketAddr::from(([0, 0, 0, 0], 0))),
        age: Duration::from_secs(600),
        idle: Duration::from_secs(idle_s),
        circles: 1,
        seats: 1,
        bytes_in: 41_000,
        bytes_out,
        access_key: None,
        shares_address: false,
        refused_attempts: 0,
    };
    let connections = vec![
        connection(1, "127.0.0.1:40001", 4, 212_000),
        connection(2, "198.51.100.23:50112", 8, 3_100_000),
        connection(3, "[2001:db8:85a3:8d3:1319:8a2e:370:7348]:50113", 300, 9_000),
    ];
    let statistics = Statistics {
        started: evening,
        uptime: Duration::from_secs(4_000),
        taken: evening,
        connections: connections.clone(),
        unauthenticated: 0,
        circles: 1,
        log_entries: 12,
        circle_bytes: 48_000,
        held_bytes: 0,
        delivery: DeliveryLatency::default(),
        accepted: 9,
        admitted: 3,
        published: 1_204,
        bytes_in: 123_000,
        bytes_out: 3_321_000,
        refused: RefusedAttempts { wrong_proof: 3, ..RefusedAttempts::default() },
    };
    let mut list: Vec<Visitor> = connections
        .into_iter()
        .map(|connection| Visitor {
            address: connection.address.ip(),
            since: evening,
            refused: 0,
            until: None,
            presence: Presence::Connected(connection),
            is_own: connection.id == ConnectionId(1),
            can_be_banned: connection.id != ConnectionId(1),
        })
        .collect();
    for (address, standing) in [("203.0.113.9", Presence::Banned), ("203.0.113.200", Presence::Refused)] {
        list.push(Visitor {
            address: address.parse().unwrap_or(std::net::IpAddr::from([0, 0, 0, 0])),
            since: evening,
            refused: 3,
            until: None,
            presence: standing,
            is_own: false,
            can_be_banned: standing == Presence::Refused,
        });
    }
    Visitors { statistics, list }
}
