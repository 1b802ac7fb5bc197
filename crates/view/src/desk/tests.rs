#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind")]

use shepot_client::model::{Delivery, Fingerprint, Person, Room};
use shepot_l10n::{L10n, Language};
use shepot_sanitise::Sanitised;

use super::*;
use crate::clock::WallClock;
use crate::command::Command;
use crate::palette::{self, Kind, Target};

const SERVER: ServerId = ServerId(1);
const MAIN: Place = Place::main(SERVER);

fn key(n: u8) -> PersonKey {
    PersonKey([n; 32])
}

fn person(n: u8, nick: &str) -> Person {
    Person {
        key: key(n),
        fingerprint: Fingerprint([n; 4]),
        nick: nick.into(),
        mood: None,
        is_self: n == 1,
        is_present: true,
        is_silent: false,
    }
}

fn message(n: u8, author: u8, at: u64, body: &str) -> Message {
    Message {
        id: MessageId([n; 16]),
        conversation: ConversationId::MAIN,
        author: key(author),
        nick: "nick".into(),
        mood: None,
        body: body.into(),
        reply_to: None,
        mentions: vec![],
        mentions_self: false,
        at,
        is_edited: false,
        is_deleted: false,
        reactions: vec![],
        delivery: if author == 1 { Delivery::Pending } else { Delivery::Received },
        disappears_at: None,
    }
}

struct Table {
    desk: Desk,
    l10n: L10n,
    clock: WallClock,
}

impl Table {
    fn new() -> Self {
        let mut table =
            Self { desk: Desk::default(), l10n: L10n::new(Language::English), clock: WallClock::universal() };
        table.tell(Event::Added {
            request: None,
            server: SERVER,
            name: "Lighthouse".into(),
            address: "a:1".into(),
            is_open: false,
            is_owner: false,
            link_of: None,
        });
        table.tell(Event::State { server: SERVER, state: ConnectionState::Connected });
        table.tell(Event::People { server: SERVER, people: vec![person(1, "anna"), person(2, "boris")] });
        let rooms = vec![Room {
            id: RoomId::MAIN,
            name: Sanitised::default(),
            disappears_after_s: 0,
            may_delete: false,
        }];
        table.tell(Event::Rooms { server: SERVER, rooms });
        table
    }

    fn tell(&mut self, event: Event) -> Vec<Update> {
        self.desk.apply(event, 0)
    }

    fn says(&mut self, message: Message) -> Vec<Update> {
        self.tell(Event::Message { server: SERVER, message: message.into() })
    }

    fn rows(&self) -> Rows {
        let writing = Writing { l10n: &self.l10n, clock: &self.clock };
        Rows::of(self.desk.server(SERVER).unwrap(), ConversationId::MAIN, writing)
    }

    fn shapes(&self) -> String {
        self.rows()
            .list()
            .iter()
            .map(|row| match &row.kind {
                RowKind::Message { begins_group: true, .. } => "M",
                RowKind::Message { .. } => "m",
                RowKind::Day { .. } => "D",
                RowKind::New => "N",
                RowKind::Event { .. } => "e",
                RowKind::Gap { .. } => "G",
            })
            .collect()
    }
}

#[test]
fn messages_are_grouped_by_author_time_and_mood() {
    let mut table = Table::new();
    table.desk.look_at(Some(MAIN));
    table.says(message(1, 2, 1000, "a"));
    table.says(message(2, 2, 1100, "b"));
    table.says(message(3, 1, 1110, "c"));
    table.says(Message { mood: Some(3), ..message(4, 1, 1120, "d") });
    table.says(Message { mood: Some(3), ..message(5, 1, 1120 + 301, "late") });
    table.says(Message { mood: Some(3), reply_to: Some(MessageId([1; 16])), ..message(6, 1, 1430, "reply") });
    assert_eq!(table.shapes(), "MmMMMM");
}

#[test]
fn days_events_and_gaps_stand_between_messages() {
    let mut table = Table::new();
    table.desk.look_at(Some(MAIN));
    let happens = |event| Event::SystemEvent { server: SERVER, at: 86_300, system_event: event };
    table.tell(happens(SystemEvent::Entered { people: 2, circle: None }));
    table.says(message(1, 2, 86_350, "before midnight"));
    table.says(message(2, 2, 86_450, "after"));
    table.tell(Event::SystemEvent {
        server: SERVER,
        at: 86_500,
        system_event: SystemEvent::Gap { entries: 3 },
    });
    table.says(message(3, 2, 86_510, "later"));
    table.tell(Event::SystemEvent {
        server: SERVER,
        at: 86_510,
        system_event: SystemEvent::Away { nick: "b".into(), key: key(2) },
    });
    assert_eq!(table.shapes(), "eMDMGM");
    let gap = table.rows().list()[4].kind.clone();
    assert_eq!(
        gap,
        RowKind::Gap { text: "Gap 00:00–00:01. What was said then was not kept for you.".into() }
    );
}

#[test]
fn joins_within_seconds_are_one_line() {
    let mut table = Table::new();
    for (n, at) in [(5, 100), (6, 105), (7, 200)] {
        let event = SystemEvent::Joined { nick: format!("guest{n}").into(), key: key(n) };
        let updates = table.tell(Event::Epoch { server: SERVER, epoch: at, has_new_code: true });
        assert!(updates.contains(&Update::KeysChanged(SERVER)));
        table.tell(Event::SystemEvent { server: SERVER, at, system_event: event });
    }
    let rows = table.rows();
    let texts = rows.list().iter().map(|row| match &row.kind {
        RowKind::Event { text, .. } => text.as_str(),
        _ => "",
    });
    assert_eq!(
        texts.collect::<Vec<_>>(),
        ["guest5, guest6 joined · new key, new safety code", "guest7 joined · new key, new safety code"]
    );
}

#[test]
fn what_nobody_looked_at_is_counted_and_the_line_stands_before_it() {
    let mut table = Table::new();
    table.desk.look_at(Some(MAIN));
    table.says(message(1, 2, 10, "seen"));
    table.desk.look_at(None);
    let updates = table.says(Message { mentions_self: true, ..message(2, 2, 20, "unseen") });
    assert!(updates.contains(&Update::News { place: MAIN, is_mention: true }));
    table.says(message(3, 2, 30, "unseen too"));
    assert_eq!(table.desk.unread(), (2, 1));
    assert_eq!(table.shapes(), "MNMm");
    table.desk.look_at(Some(MAIN));
    assert_eq!(table.desk.unread(), (0, 0));
    assert_eq!(table.shapes(), "MNMm", "the line stays while one reads");
    table.desk.conversation_mut(MAIN).unwrap().first_unread = None;
    assert_eq!(table.shapes(), "Mmm");
}

#[test]
fn the_line_before_what_is_new_stands_once() {
    let mut table = Table::new();
    table.says(message(1, 2, 10, "unseen"));
    table.desk.look_at(Some(MAIN));
    table.desk.look_at(None);
    let updates = table.says(message(2, 2, 20, "unseen again"));
    assert!(updates.contains(&Update::Timeline(SERVER)), "the rows are built anew");
    assert_eq!(table.shapes(), "MNM");
    let updates = table.says(message(3, 2, 30, "and again"));
    assert!(!updates.contains(&Update::Timeline(SERVER)), "it stays where it is");
}

#[test]
fn what_disappears_unread_is_not_unread_any_more() {
    let mut table = Table::new();
    table.desk.look_at(Some(MAIN));
    table.says(message(1, 2, 10, "seen"));
    table.desk.look_at(None);
    table.says(Message { mentions_self: true, ..message(2, 2, 20, "unseen") });
    table.says(message(3, 1, 25, "one's own"));
    table.says(message(4, 2, 30, "unseen too"));
    let gone = |ids: &[u8]| Event::Gone {
        server: SERVER,
        messages: ids.iter().map(|n| MessageId([*n; 16])).collect(),
    };
    table.tell(gone(&[1, 3]));
    assert_eq!(table.desk.unread(), (2, 1), "what was read, and what oneself said");
    let updates = table.desk.apply(gone(&[2]), 0);
    assert!(updates.contains(&Update::Rooms(SERVER)), "the count is seen");
    assert_eq!(
        (table.desk.unread(), table.shapes().as_str()),
        ((1, 0), "NM"),
        "the line stands before the next"
    );
    table.tell(gone(&[4]));
    assert_eq!((table.desk.unread(), table.shapes().as_str()), ((0, 0), ""));
    table.says(message(5, 2, 40, "new"));
    assert_eq!((table.desk.unread(), table.shapes().as_str()), ((1, 0), "NM"));
}

#[test]
fn a_room_begins_where_it_was_made_and_where_it_was_cleared() {
    let mut table = Table::new();
    table.desk.look_at(Some(MAIN));
    let at = |seconds, system_event| Event::SystemEvent { server: SERVER, at: seconds, system_event };
    table.tell(at(10, SystemEvent::Joined { nick: "early".into(), key: key(3) }));
    let kitchen = RoomId(5);
    let made =
        SystemEvent::RoomMade { room: kitchen, name: "kitchen".into(), nick: "olga".into(), key: key(2) };
    table.tell(at(20, made));
    table.tell(at(60, SystemEvent::Left { nick: "early".into(), key: key(3) }));
    let keys = |table: &Table, conversation| -> Vec<RowKey> {
        let writing = Writing { l10n: &table.l10n, clock: &table.clock };
        let rows = Rows::of(table.desk.server(SERVER).unwrap(), conversation, writing);
        rows.list().iter().map(|row| row.key).collect()
    };
    assert_eq!(keys(&table, ConversationId::Room(kitchen)), [RowKey::Event(1), RowKey::Event(2)]);
    let all = [RowKey::Event(0), RowKey::Event(1), RowKey::Event(2)];
    assert_eq!(keys(&table, ConversationId::MAIN), all, "who sees no list of rooms learns of it");
    table.says(message(1, 2, 70, "in the main room"));
    let server = table.desk.server_mut(SERVER).unwrap();
    server.clear_conversation(ConversationId::Room(kitchen));
    assert!(keys(&table, ConversationId::Room(kitchen)).is_empty());
    assert_eq!(keys(&table, ConversationId::MAIN).len(), 4, "the others stay as they are");
    table.desk.look_at(Some(Place::in_room(SERVER, kitchen)));
    let said = Message { conversation: ConversationId::Room(kitchen), ..message(2, 2, 80, "again") };
    table.says(said);
    assert_eq!(keys(&table, ConversationId::Room(kitchen)), [RowKey::Message(MessageId([2; 16]))]);
}

#[test]
fn rows_that_grow_are_those_that_are_built_anew() {
    let mut table = Table::new();
    table.desk.look_at(Some(MAIN));
    let writing = |table: &Table, rows: &mut Rows, serial| {
        let writing = Writing { l10n: &table.l10n, clock: &table.clock };
        rows.append(table.desk.server(SERVER).unwrap(), ConversationId::MAIN, serial, writing);
    };
    let mut grown = table.rows();
    for n in 1..60_u8 {
        let updates = match n % 7 {
            0 => {
                let event = SystemEvent::Joined { nick: format!("g{n}").into(), key: key(n) };
                table.tell(Event::SystemEvent {
                    server: SERVER,
                    at: u64::from(n) * 3000,
                    system_event: event,
                })
            }
            3 => table.tell(Event::SystemEvent {
                server: SERVER,
                at: u64::from(n) * 3000,
                system_event: SystemEvent::Unreadable,
            }),
            _ => table.says(message(n, n % 2 + 1, u64::from(n) * 3000, "x")),
        };
        for update in updates {
            if let Update::Appended { serial, .. } = update {
                writing(&table, &mut grown, serial);
            }
        }
        assert_eq!(grown.list(), table.rows().list());
    }
}

#[test]
fn our_message_is_confirmed_where_it_stands_or_moves_to_the_end() {
    let mut table = Table::new();
    table.desk.look_at(Some(MAIN));
    table.says(message(1, 1, 10, "mine"));
    let confirmed = || Message { delivery: Delivery::Sent, ..message(1, 1, 10, "mine") };
    assert_eq!(table.says(confirmed())[0], Update::Timeline(SERVER));
    table.says(message(2, 2, 20, "theirs"));
    table.says(confirmed());
    assert_eq!(table.rows().list()[1].key, RowKey::Message(MessageId([1; 16])));
    assert_eq!(table.desk.messages(), 2);
}

#[test]
fn all_that_is_kept_of_a_server_counts_as_memory() {
    let mut table = Table::new();
    let mut before = 0;
    let mut grows_by_at_least = |desk: &Desk, bytes: usize| {
        let now = desk.held_bytes();
        assert!(now >= before + bytes, "{before}, and then {now}");
        before = now;
    };
    table.says(message(1, 2, 10, "said"));
    grows_by_at_least(&table.desk, 4);
    table.tell(Event::Avatar { server: SERVER, person: key(2), image: vec![1; 1_000] });
    grows_by_at_least(&table.desk, 1_000);
    table.desk.conversation_mut(MAIN).unwrap().draft = "x".repeat(2_000);
    grows_by_at_least(&table.desk, 2_000);
    // Messages, which both have, and what waits to be sent.
    let said = table.desk.server(SERVER).unwrap().timeline().held_bytes();
    let updates = table.tell(Event::Memory { server: SERVER, bytes: said + 3_000 });
    assert_eq!(updates, [Update::Memory]);
    let with_drafts = table.desk.held_bytes();
    grows_by_at_least(&table.desk, 3_000);
    table.tell(Event::Memory { server: SERVER, bytes: said });
    assert_eq!(table.desk.held_bytes() + 3_000, with_drafts, "what both have counts once");
    table.tell(Event::State { server: SERVER, state: ConnectionState::Disconnected });
    assert_eq!(table.desk.held_bytes(), 0);
}

#[test]
fn nothing_of_a_session_outlives_it() {
    let mut table = Table::new();
    table.says(message(1, 2, 10, "secret"));
    table.desk.conversation_mut(MAIN).unwrap().draft = "draft".into();
    table.desk.conversation_mut(MAIN).unwrap().is_muted = true;
    table.tell(Event::Avatar { server: SERVER, person: key(2), image: vec![1] });
    let updates = table.tell(Event::State { server: SERVER, state: ConnectionState::Disconnected });
    assert!(updates.contains(&Update::Timeline(SERVER)));
    let server = table.desk.server(SERVER).unwrap();
    assert!(server.people.is_empty() && server.rooms.is_empty() && server.timeline().messages() == 0);
    assert!(server.avatar_of(&key(2)).is_none());
    let conversation = server.conversation(ConversationId::MAIN).unwrap();
    assert!(conversation.is_muted && conversation.draft.is_empty() && conversation.unread == 0);
}

#[test]
fn a_comparison_holds_until_somebody_else_comes_in() {
    let mut table = Table::new();
    let code = |n| Event::SafetyCode { server: SERVER, symbols: [n; 16], epoch: u64::from(n) };
    let epoch = |epoch, has_new_code| Event::Epoch { server: SERVER, epoch, has_new_code };
    let people = |numbers: &[u8]| Event::People {
        server: SERVER,
        people: numbers.iter().map(|n| person(*n, &format!("p{n}"))).collect(),
    };
    let comparison = |table: &Table| table.desk.server(SERVER).unwrap().comparison();
    table.tell(people(&[1, 2, 3]));
    table.tell(code(1));
    assert_eq!(comparison(&table), Comparison::NotYet);
    let compared = table.desk.server(SERVER).unwrap().code.unwrap();
    assert!(table.desk.server_mut(SERVER).unwrap().code_is_the_same(compared, 50));
    assert_eq!(comparison(&table), Comparison::Same { at: 50 });
    // Another mood, fresh keys: the code is the same, and nothing has to be asked for.
    assert!(table.tell(epoch(2, false)).is_empty());
    assert_eq!(table.desk.server(SERVER).unwrap().code, Some(compared));
    // Somebody left: the code is another, and what was compared is true of who is here.
    assert_eq!(table.tell(epoch(3, true)), [Update::KeysChanged(SERVER)]);
    assert!(table.desk.server(SERVER).unwrap().code.is_none());
    table.tell(people(&[1, 2]));
    table.tell(code(3));
    assert_eq!(comparison(&table), Comparison::Same { at: 50 });
    // In no group for a moment: nobody is in who was not, and we are not either.
    table.tell(people(&[]));
    assert_eq!(comparison(&table), Comparison::Outdated);
    table.tell(people(&[1, 2]));
    assert_eq!(comparison(&table), Comparison::Same { at: 50 });
    // Who went is somebody to compare with again.
    table.tell(epoch(4, true));
    table.tell(people(&[1, 2, 3]));
    assert_eq!(comparison(&table), Comparison::Outdated);
    table.tell(code(4));
    // Joined anew, it may be another group.
    let now = table.desk.server(SERVER).unwrap().code.unwrap();
    assert!(table.desk.server_mut(SERVER).unwrap().code_is_the_same(now, 60));
    assert_eq!(comparison(&table), Comparison::Same { at: 60 });
    table.tell(Event::SystemEvent { server: SERVER, at: 61, system_event: SystemEvent::Rejoined });
    assert_eq!(comparison(&table), Comparison::Outdated);
    // What was lost may be another code.
    assert_eq!(table.tell(Event::Reload), [Update::Reload]);
    assert!(table.desk.server(SERVER).unwrap().code.is_none());
    // Somebody came in while the old one was compared.
    let server = table.desk.server_mut(SERVER).unwrap();
    assert!(!server.code_is_the_same(compared, 70));
    assert_eq!(server.comparison(), Comparison::Outdated);
    // Who sits between lets somebody leave: a code that was another stays said.
    server.code_differs(80);
    table.tell(epoch(5, true));
    table.tell(people(&[1, 2]));
    table.tell(code(5));
    let server = table.desk.server_mut(SERVER).unwrap();
    assert_eq!(server.comparison(), Comparison::Differs { at: 80 });
    // Nor does it help to end the session.
    table.tell(Event::State { server: SERVER, state: ConnectionState::Ended });
    table.tell(Event::State { server: SERVER, state: ConnectionState::Connecting });
    table.tell(people(&[1, 2]));
    assert_eq!(comparison(&table), Comparison::Differs { at: 80 });
    table.tell(code(6));
    let server = table.desk.server_mut(SERVER).unwrap();
    let now = server.code.unwrap();
    assert!(server.code_is_the_same(now, 90));
    assert_eq!(server.comparison(), Comparison::Same { at: 90 });
}

#[test]
fn a_lost_connection_that_comes_back_is_told() {
    let mut table = Table::new();
    let reconnecting = ConnectionState::Reconnecting { retry_in: std::time::Duration::ZERO, attempt: 1 };
    table.tell(Event::State { server: SERVER, state: reconnecting });
    assert!(table.desk.server(SERVER).unwrap().was_lost);
    table.tell(Event::State { server: SERVER, state: ConnectionState::Waiting });
    table.tell(Event::State { server: SERVER, state: ConnectionState::Connected });
    let server = table.desk.server(SERVER).unwrap();
    assert!(server.is_back && !server.was_lost);
}

#[test]
fn what_was_said_is_found_whatever_the_case() {
    let mut table = Table::new();
    table.says(message(1, 2, 10, "Мост **починили**"));
    table.says(message(2, 2, 20, "ещё ЁЛКА"));
    table.says(message(3, 2, 30, "Пла`н`: 10\u{a0}000 `it`’s"));
    let found =
        |wanted: &str| table.desk.search(wanted, 10).iter().map(|hit| hit.message.0[0]).collect::<Vec<_>>();
    assert_eq!(found("мост"), [1]);
    assert_eq!(found("починили"), [1]);
    assert_eq!(found("елка"), [2]);
    assert_eq!(found("план"), [3], "markup splits it");
    assert_eq!((found("10 000"), found("it's")), (vec![3], vec![3]));
    assert_eq!(found("**"), Vec::<u8>::new());
    assert_eq!(matches("Ещё ёлка", &normal("ЕЛКА")).first(), Some(&(7..15)));
}

#[test]
fn the_switcher_finds_rooms_people_messages_and_commands() {
    let mut table = Table::new();
    table.says(message(1, 2, 10, "the lock on the door"));
    let find =
        |typed: &str| palette::entries(&table.desk, typed, Some(SERVER), &table.l10n, &|at| at.to_string());
    assert_eq!(find("bor")[0].target, Target::Person(SERVER, key(2)));
    let lock = find("lock");
    let of = |kind| {
        lock.iter().filter(|entry| entry.kind == kind).map(|entry| entry.target.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of(Kind::Messages), [Target::Message(MAIN, MessageId([1; 16]))]);
    assert_eq!(of(Kind::Commands), [Target::Command(Command::Lock)]);
    assert_eq!(find("light")[0].hits.first(), Some(&(0..5)));
    assert!(find("").iter().any(|entry| entry.target == Target::Room(MAIN)));
    assert!(find("qqqq").is_empty());
    // By the words that do the same behind a slash.
    let first = |typed: &str| find(typed).first().map(|entry| entry.target.clone());
    assert_eq!(first("/leave"), Some(Target::Command(Command::Disconnect)));
    assert_eq!(first("who"), Some(Target::Command(Command::Members)));
}

#[test]
fn nobody_is_told_of_messages_in_rooms_that_are_gone() {
    let mut table = Table::new();
    let room = RoomId(7);
    let rooms = |ids: &[RoomId]| {
        ids.iter()
            .map(|id| Room { id: *id, name: "kitchen".into(), disappears_after_s: 0, may_delete: false })
            .collect::<Vec<_>>()
    };
    table.tell(Event::Rooms { server: SERVER, rooms: rooms(&[RoomId::MAIN, room]) });
    table.says(Message { conversation: ConversationId::Room(room), ..message(1, 2, 10, "unread") });
    assert_eq!(table.desk.unread(), (1, 0));
    table.tell(Event::Rooms { server: SERVER, rooms: rooms(&[RoomId::MAIN]) });
    assert_eq!(table.desk.unread(), (0, 0));
}
