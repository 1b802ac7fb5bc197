//! The full-screen client on a screen of its own making: every picture, and what keys, clicks and pasted text do.

use std::time::{Duration, SystemTime};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use shepot_app::confirmation::{Confirmation, Hosted};
use shepot_client::model::{
    CommandError, ConnectionError, ConnectionState, Delivery, Fingerprint, Message, MessageId, Person,
    PersonKey, Reaction, Room, RoomId, ServerId, ServerRecord, SystemEvent,
};
use shepot_client::{Action, Command, Event, OnServer};
use shepot_console::theme::{Depth, Theme};
use shepot_hosting::{Standing, Visitor, Visitors};
use shepot_relay::{ConnectionId, ConnectionStatistics, DeliveryLatency, RefusedAttempts, Statistics};
use shepot_view::Language;
use shepot_view::clock::{Now, WallClock};
use shepot_view::desk::Place;
use shepot_view::passphrase::Passphrase;

use super::overlay::{For, Invited, Picker};
use super::program::{COPIED_FOR, EngineCommand, Focus, Locked, TOAST, TWICE};
use super::questions::LOOK_AT_LEAST;
use super::*;

mod time;

/// The least time that counts.
const MILLISECOND: Duration = Duration::from_millis(1);

const EVENING: u64 = 1_795_631_880;
const LIGHTHOUSE: ServerId = ServerId(1);
const HOME: ServerId = ServerId(2);
const HIKE: RoomId = RoomId(7);
const SIZES: [(u16, u16); 3] = [(100, 30), (80, 24), (42, 18)];

const LINK: &str = "shepot://203.0.113.5:7443/#AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";

const PEOPLE: [(&str, [u8; 4]); 7] = [
    ("nika", [0x9D, 0x1E, 0x44, 0xD0]),
    ("Марина", [0x5F, 0x03, 0x8A, 0xF1]),
    ("лис_на_луне", [0xE7, 0x71, 0x0B, 0x2C]),
    ("Tomas", [0x22, 0xC9, 0xF6, 0x5A]),
    ("Ёжик", [0xBC, 0x0D, 0x31, 0xE7]),
    ("Alex", [0x7B, 0x2A, 0x91, 0xC0]),
    ("Alex", [0xC7, 0x1E, 0x0D, 0x77]),
];

fn key(n: usize) -> PersonKey {
    PersonKey([u8::try_from(n).unwrap(); 32])
}

fn people() -> Vec<Person> {
    PEOPLE
        .iter()
        .enumerate()
        .map(|(n, (nick, fingerprint))| Person {
            key: key(n),
            fingerprint: Fingerprint(*fingerprint),
            nick: (*nick).into(),
            mood: (n == 4).then_some(14),
            is_self: n == 0,
            is_present: n != 3,
            is_silent: false,
        })
        .collect()
}

fn id(n: u8) -> MessageId {
    MessageId([n; 16])
}

fn message(n: u8, author: usize, minutes: u64, body: &str) -> Message {
    Message {
        id: id(n),
        room: HIKE,
        author: key(author),
        nick: PEOPLE[author].0.into(),
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

fn program(language: Language) -> Program {
    let theme = Theme::new(Depth::True);
    let now = Now { steady: Duration::ZERO, unix: EVENING + 3_600 };
    let mut program = Program::new(L10n::new(language), WallClock::universal(), theme, false, now);
    program.is_called("nika");
    program
}

/// Time passes, and the loop turns.
fn passes(program: &mut Program, time: Duration) {
    let Now { steady, unix } = program.now;
    program.at(Now { steady: steady + time, unix: unix + time.as_secs() });
    program.tick();
}

fn said(program: &mut Program, message: Message) {
    program.event(Event::Message { server: LIGHTHOUSE, message });
}

/// An evening: two servers, three rooms, seven people, and what they say.
fn evening(language: Language) -> Program {
    let mut program = program(language);
    let added = |server, name: &str, address: &str| Event::Added {
        server,
        name: name.into(),
        address: address.into(),
        is_open: false,
    };
    program.event(added(LIGHTHOUSE, "Маяк", "203.0.113.24:7443"));
    program.event(added(HOME, "Дом", "192.0.2.7:7443"));
    let connected = |server| Event::State { server, state: ConnectionState::Connected };
    program.event(connected(LIGHTHOUSE));
    program.event(Event::People { server: LIGHTHOUSE, people: people() });
    let room = |id, name: &str, seconds| Room { id, name: name.into(), disappears_after_s: seconds };
    let rooms = vec![room(RoomId::MAIN, "", 0), room(HIKE, "поход", 3_600), room(RoomId(9), "book-club", 0)];
    program.event(Event::Rooms { server: LIGHTHOUSE, rooms });
    program.go(Place { server: LIGHTHOUSE, room: HIKE });
    let event = SystemEvent::Joined { nick: "Ёжик".into(), key: key(4) };
    said(
        &mut program,
        Message {
            reactions: vec![
                Reaction { emoji: "👍".into(), people: vec![key(0), key(3), key(4), key(5)] },
                Reaction { emoji: "☕".into(), people: vec![key(5), key(6)] },
            ],
            ..message(
                1,
                1,
                0,
                "Посмотрела прогноз: в субботу сухо до четырёх, потом гроза. Электричка в 7:12?",
            )
        },
    );
    said(&mut program, message(2, 3, 1, "7:12 is brutal, but fine. Who has a stove?"));
    said(
        &mut program,
        Message {
            reply_to: Some(id(2)),
            ..message(3, 2, 2, "Горелка у меня. Нужен ещё **один** баллон.\n- баллон\n- аптечка")
        },
    );
    program.event(Event::SystemEvent { server: LIGHTHOUSE, at: EVENING + 300, system_event: event });
    said(&mut program, message(4, 4, 6, "Всем привет! Баллон и аптечку беру 🎒"));
    said(
        &mut program,
        Message {
            mentions_self: true,
            ..message(5, 5, 7, "@nika does the `trail` still cross the old bridge? https://example.org/map")
        },
    );
    said(
        &mut program,
        Message {
            is_edited: true, ..message(6, 0, 8, "Мост починили: 14 км. @Alex·7B2A yes, it is open")
        },
    );
    let other = Message { room: RoomId::MAIN, mentions_self: true, ..message(7, 1, 9, "@nika где ты?") };
    said(&mut program, other);
    program.event(code(12, 5));
    program.event(Event::Typing { server: LIGHTHOUSE, room: HIKE, person: key(2) });
    program.effects.clear();
    program
}

fn code(first: u8, epoch: u64) -> Event {
    let symbols = [first, 10, 13, 9, 0, 1, 6, 5, 4, 8, 11, 7, 20, 21, 22, 23];
    Event::SafetyCode { server: LIGHTHOUSE, symbols, epoch }
}

fn screen(program: &mut Program, (columns, lines): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
    terminal.draw(|frame| draw::draw(frame, program)).unwrap();
    terminal.backend().to_string()
}

fn press(program: &mut Program, code: KeyCode, modifiers: KeyModifiers) {
    program.input(&Input::Key(KeyEvent::new(code, modifiers)));
}

fn plain(program: &mut Program, code: KeyCode) {
    press(program, code, KeyModifiers::NONE);
}

fn ctrl(program: &mut Program, c: char) {
    press(program, KeyCode::Char(c), KeyModifiers::CONTROL);
}

fn type_text(program: &mut Program, text: &str) {
    for c in text.chars() {
        plain(program, KeyCode::Char(c));
    }
}

/// The effects since the last call, without the signals of typing.
fn effects(program: &mut Program) -> Vec<Effect> {
    let is_typing = |effect: &Effect| {
        matches!(effect, Effect::Engine(command)
            if matches!(&command.0, Command::On(OnServer { action: Action::Typing { .. }, .. })))
    };
    std::mem::take(&mut program.effects).into_iter().filter(|effect| !is_typing(effect)).collect()
}

fn on(server: ServerId, action: Action) -> Effect {
    Effect::Engine(Box::new(EngineCommand(Command::On(OnServer { server, action }))))
}

fn told(effects: &[Effect]) -> String {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::Engine(command) => {
                if let Command::On(on) = &command.0 {
                    serde_json::to_string(on).unwrap()
                } else {
                    serde_json::to_string(&command.0).unwrap()
                }
            }
            Effect::Start(_) => "start".into(),
            Effect::Host => "host".into(),
            Effect::HostRenewed(_) => "host renewed".into(),
            Effect::StopHosting => "stop hosting".into(),
            Effect::LookAtVisitors => "look at visitors".into(),
            Effect::Disconnect(connection) => format!("disconnect {connection:?}"),
            Effect::Ban(address) => format!("ban {address}"),
            Effect::LiftBan(address) => format!("lift the ban of {address}"),
            Effect::Copy(_) => "copy".into(),
            Effect::ForgetCopied => "forget what was copied".into(),
            Effect::Ring => "ring".into(),
            Effect::Quit => "quit".into(),
            Effect::Panic => "panic".into(),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[track_caller]
fn does(program: &mut Program, expected: &[Effect]) {
    let done = effects(program);
    assert!(done == expected, "done:\n{}\nexpected:\n{}", told(&done), told(expected));
}

/// Every picture, in both languages and three widths.
#[test]
fn every_screen_looks_as_it_did() {
    type Prepare = fn(&mut Program);
    let pictures: [(&str, Prepare); 28] = [
        ("room", |_| {}),
        ("help", |program| plain(program, KeyCode::F(1))),
        ("rooms", |program| plain(program, KeyCode::F(2))),
        ("members", |program| plain(program, KeyCode::F(3))),
        ("code", |program| plain(program, KeyCode::F(4))),
        ("numbers", |program| {
            plain(program, KeyCode::F(4));
            plain(program, KeyCode::Tab);
        }),
        ("emoji", |program| {
            plain(program, KeyCode::F(5));
            type_text(program, "cat");
        }),
        ("moods", |program| plain(program, KeyCode::F(7))),
        ("switcher", |program| {
            ctrl(program, 'k');
            type_text(program, "al");
        }),
        ("search", |program| {
            ctrl(program, 'f');
            type_text(program, "баллон");
        }),
        ("timer", |program| {
            type_text(program, "/timer");
            plain(program, KeyCode::Enter);
        }),
        ("ask", |program| {
            ctrl(program, 'n');
            type_text(program, "192.0.2.7:99999");
            plain(program, KeyCode::Enter);
            program
                .event(Event::NotAdded { error: shepot_client::EntryError::Port { typed: "99999".into() } });
        }),
        ("confirm", |program| ctrl(program, 'q')),
        ("invitation", |program| {
            program.overlay = Some(Overlay::Invitation(Invited::plain(LINK.to_owned().into())));
        }),
        ("qr", |program| {
            program.overlay = Some(Overlay::Invitation(Invited::plain(LINK.to_owned().into())));
            plain(program, KeyCode::Tab);
        }),
        ("unreached", |program| {
            program.go_to_server(HOME);
            let state = ConnectionState::Reconnecting { retry_in: Duration::ZERO, attempt: 2 };
            program.event(Event::ConnectionError { server: HOME, error: ConnectionError::Unreachable });
            program.event(Event::State { server: HOME, state });
        }),
        ("open", |program| {
            program.event(Event::Added {
                server: ServerId(3),
                name: "Площадь".into(),
                address: "203.0.113.9:7443".into(),
                is_open: true,
            });
            program.event(Event::State { server: ServerId(3), state: ConnectionState::Connected });
        }),
        ("outdated", |program| {
            plain(program, KeyCode::F(4));
            program.event(code(20, 8));
        }),
        ("toast", |program| {
            let about = sentence::connection_error(&program.l10n, &ConnectionError::NotAdmitted);
            program.complain(about);
        }),
        ("record", |program| {
            program.event(Event::Record {
                server: LIGHTHOUSE,
                record: ServerRecord {
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
                },
            });
        }),
        ("locked", |program| {
            program.passphrase = Passphrase::new("x");
            program.locked = Some(Locked::default());
            type_text(program, "tiho");
            program.event(Event::Message {
                server: LIGHTHOUSE,
                message: message(20, 1, 20, "a secret of the room"),
            });
        }),
        ("writing", |program| {
            plain(program, KeyCode::F(6));
            plain(program, KeyCode::Char('r'));
            type_text(program, "Беру термос и @al");
        }),
        ("slash", |program| type_text(program, "/re")),
        ("selected", |program| {
            for code in [KeyCode::F(6), KeyCode::Up, KeyCode::Up] {
                plain(program, code);
            }
        }),
        ("lost", |program| {
            program.event(Event::State {
                server: LIGHTHOUSE,
                state: ConnectionState::Reconnecting { retry_in: Duration::from_secs(4), attempt: 2 },
            });
            said(program, Message { delivery: Delivery::Pending, ..message(8, 0, 10, "Ждёт связи") });
            said(program, Message { delivery: Delivery::Held, ..message(9, 0, 10, "Задержано") });
            said(program, Message { delivery: Delivery::Failed, ..message(10, 0, 10, "Не ушло") });
        }),
        ("ended", |program| {
            program.event(Event::ConnectionError {
                server: LIGHTHOUSE,
                error: ConnectionError::InvitationRevoked,
            });
            program.event(Event::State { server: LIGHTHOUSE, state: ConnectionState::Ended });
            program.toast = None;
        }),
        ("connections", |program| {
            program.hosting = Hosting::On(LIGHTHOUSE, hosted());
            plain(program, KeyCode::F(9));
            program.looked_at(visitors());
            plain(program, KeyCode::Down);
        }),
        ("first", |program| {
            *program = self::program(program.l10n.language());
            program.is_called("");
            program.overlay = Some(Overlay::ask(Ask::Nick));
        }),
    ];
    for (name, prepare) in pictures {
        for language in Language::ALL {
            for size in SIZES {
                let mut program = evening(language);
                screen(&mut program, size);
                prepare(&mut program);
                let picture = screen(&mut program, size);
                insta::assert_snapshot!(format!("{name}-{}-{}", language.code(), size.0), picture);
            }
        }
    }
}

#[test]
fn without_colours_and_with_letters_alone_everything_is_still_said() {
    let mut program = evening(Language::English);
    program.theme = Theme::new(Depth::None);
    program.is_ascii = true;
    let picture = screen(&mut program, (100, 30));
    insta::assert_snapshot!("room-ascii", &picture);
    program.hosting = Hosting::On(LIGHTHOUSE, hosted());
    for code in [1, 2, 3, 4, 5, 7, 9] {
        plain(&mut program, KeyCode::F(code));
        program.looked_at(visitors());
        let picture = screen(&mut program, (100, 30));
        let strange: String = picture.chars().filter(|c| !c.is_ascii() && !c.is_alphabetic()).collect();
        assert_eq!(strange, "", "nothing but letters: {picture}");
        plain(&mut program, KeyCode::Esc);
    }
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
    terminal.draw(|frame| draw::draw(frame, &mut program)).unwrap();
    let buffer = terminal.backend().buffer();
    let coloured = buffer
        .content()
        .iter()
        .filter(|cell| cell.fg != ratatui::style::Color::Reset || cell.bg != ratatui::style::Color::Reset);
    assert_eq!(coloured.count(), 0);
}

#[test]
fn nothing_of_what_others_send_is_obeyed_by_the_terminal() {
    let nasty = [
        "\u{1b}[2J\u{1b}[31mred",
        "\u{9b}31m",
        "\u{1b}]0;title\u{7}",
        "\u{1b}]52;c;AAAA\u{7}",
        "\u{90}payload\u{9c}",
        "a\u{8}\u{8}\u{8}b",
        "\u{202e}txt.exe",
        "\u{200b}\u{2066}x\u{2069}",
        "\r\n\u{1b}c",
        "\u{0}\u{7f}",
    ];
    for text in nasty {
        let mut program = evening(Language::English);
        let mut crowd = people();
        crowd[1].nick = text.into();
        program.event(Event::People { server: LIGHTHOUSE, people: crowd });
        said(&mut program, Message { nick: text.into(), ..message(30, 1, 20, text) });
        let rooms = vec![Room { id: HIKE, name: text.into(), disappears_after_s: 0 }];
        program.event(Event::Rooms { server: LIGHTHOUSE, rooms });
        program.input(&Input::Paste(text.into()));
        // What people send is sanitised by its type; these are not.
        program.desk.server_mut(LIGHTHOUSE).unwrap().address = text.into();
        for size in SIZES {
            for f in [0, 2, 3] {
                program.overlay = None;
                program.tell(text.into());
                if f > 0 {
                    plain(&mut program, KeyCode::F(f));
                }
                let picture = screen(&mut program, size);
                let bad = |c: char| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
                assert!(!picture.contains(bad), "{text:?} at {size:?}");
            }
        }
    }
}

#[test]
fn what_is_typed_is_said_and_what_is_pasted_is_never_a_command() {
    let mut program = evening(Language::English);
    type_text(&mut program, "see you :crab: ");
    let sent = |body: &str, reply_to| {
        on(LIGHTHOUSE, Action::Send { room: HIKE, body: body.into(), reply_to, mentions: Vec::new() })
    };
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[sent("see you 🦀", None)]);
    assert!(program.composer.field.is_empty());
    program.input(&Input::Paste("/quit\nline two\u{1b}[201~".into()));
    assert_eq!(program.composer.field.text(), "/quit\nline two[201~");
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[sent("/quit\nline two[201~", None)]);
    press(&mut program, KeyCode::Enter, KeyModifiers::ALT);
    type_text(&mut program, "//etc");
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[sent("//etc", None)]);
    type_text(&mut program, "//etc");
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[sent("/etc", None)]);
}

#[test]
fn messages_are_chosen_answered_changed_deleted_and_reacted_to() {
    let mut program = evening(Language::English);
    screen(&mut program, SIZES[0]);
    plain(&mut program, KeyCode::F(6));
    assert_eq!(program.list.selected, Some(id(6)));
    plain(&mut program, KeyCode::Up);
    plain(&mut program, KeyCode::Char('к'));
    type_text(&mut program, "it does");
    plain(&mut program, KeyCode::Enter);
    let reply =
        Action::Send { room: HIKE, body: "it does".into(), reply_to: Some(id(5)), mentions: Vec::new() };
    does(&mut program, &[on(LIGHTHOUSE, reply)]);
    // An empty field and an arrow: the last own message.
    plain(&mut program, KeyCode::Up);
    assert!(program.composer.field.text().starts_with("Мост починили"));
    type_text(&mut program, "!");
    plain(&mut program, KeyCode::Esc);
    assert!(program.composer.field.is_empty(), "given up");
    plain(&mut program, KeyCode::Up);
    type_text(&mut program, "!");
    plain(&mut program, KeyCode::Enter);
    let body = "Мост починили: 14 км. @Alex·7B2A yes, it is open!".into();
    let mentions = vec![key(5)];
    does(&mut program, &[on(LIGHTHOUSE, Action::Edit { message: id(6), body, mentions })]);
    plain(&mut program, KeyCode::F(6));
    plain(&mut program, KeyCode::Delete);
    assert!(matches!(program.overlay, Some(Overlay::Confirm(Confirmation::Delete(..)))));
    plain(&mut program, KeyCode::Char('y'));
    does(&mut program, &[on(LIGHTHOUSE, Action::Delete { message: id(6) })]);
    type_text(&mut program, "/react :fire:");
    plain(&mut program, KeyCode::Enter);
    let fire = |taken_back| Action::React { message: id(6), emoji: "🔥".into(), taken_back };
    does(&mut program, &[on(LIGHTHOUSE, fire(false))]);
    // Somebody else's is neither changed nor deleted.
    plain(&mut program, KeyCode::F(6));
    plain(&mut program, KeyCode::Up);
    plain(&mut program, KeyCode::Char('d'));
    assert!(program.overlay.is_none() && program.toast.is_some());
    does(&mut program, &[]);
}

#[test]
fn the_mouse_reaches_what_is_drawn() {
    let mut program = evening(Language::English);
    let picture = screen(&mut program, SIZES[0]);
    let find = |wanted: &str| {
        let rows: Vec<&str> = picture.lines().collect();
        let (row, line) = rows.iter().enumerate().find(|(_, line)| line.contains(wanted)).unwrap();
        let before = line.trim_start_matches('"').split(wanted).next().unwrap();
        (u16::try_from(shepot_console::cells::width(before)).unwrap(), u16::try_from(row).unwrap())
    };
    let click = |program: &mut Program, (column, row): (u16, u16)| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        program.input(&Input::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    };
    click(&mut program, find("[☕ 2]"));
    let coffee = Action::React { message: id(1), emoji: "☕".into(), taken_back: false };
    does(&mut program, &[on(LIGHTHOUSE, coffee)]);
    click(&mut program, find("F1 Help"));
    assert!(matches!(program.overlay, Some(Overlay::Help(_))));
    plain(&mut program, KeyCode::Esc);
    click(&mut program, find("does the"));
    assert_eq!((program.list.selected, program.focus), (Some(id(5)), Focus::List));
    click(&mut program, find("# book-club"));
    assert_eq!(program.place.map(|place| place.room), Some(RoomId(9)));
    screen(&mut program, SIZES[0]);
    click(&mut program, find("2 Дом"));
    assert_eq!(program.server, Some(HOME));
}

#[test]
fn the_list_is_held_where_the_person_reads() {
    let mut program = evening(Language::English);
    for n in 40..140 {
        said(&mut program, message(n, 1, 30, &format!("line {n}")));
    }
    let bottom = screen(&mut program, SIZES[1]);
    assert!(bottom.contains("line 139"));
    for _ in 0..3 {
        plain(&mut program, KeyCode::PageUp);
    }
    let held = screen(&mut program, SIZES[1]);
    assert!(!held.contains("line 139") && held.contains("To the newest"));
    said(&mut program, message(200, 1, 31, "something new"));
    let still = screen(&mut program, SIZES[1]);
    let messages = |shown: &str| {
        let lines =
            shown.lines().filter_map(|line| line.split("│  ").nth(1)?.trim_start().split("  ").next());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(messages(&still), messages(&held), "nothing moves");
    for _ in 0..60 {
        plain(&mut program, KeyCode::PageUp);
    }
    let top = screen(&mut program, SIZES[1]);
    assert!(top.contains("Посмотрела прогноз"), "{top}");
    for _ in 0..80 {
        plain(&mut program, KeyCode::PageDown);
    }
    assert!(screen(&mut program, SIZES[1]).contains("something new"));
    assert_eq!(program.list.anchor, None);
    // A message that was found comes into sight.
    ctrl(&mut program, 'f');
    type_text(&mut program, "line 77");
    plain(&mut program, KeyCode::Enter);
    let found = screen(&mut program, SIZES[1]);
    assert!(found.contains("▌   line 77"), "{found}");
}

#[test]
fn drafts_and_refused_messages_come_back_where_they_were_written() {
    let mut program = evening(Language::English);
    type_text(&mut program, "half a thought");
    program.go(Place { server: LIGHTHOUSE, room: RoomId::MAIN });
    assert!(program.composer.field.is_empty());
    program.go(Place { server: LIGHTHOUSE, room: HIKE });
    assert_eq!(program.composer.field.text(), "half a thought");
    plain(&mut program, KeyCode::Enter);
    type_text(&mut program, "next");
    program.event(Event::Refused { server: Some(LIGHTHOUSE), error: CommandError::OutboxFull });
    assert_eq!(program.composer.field.text(), "half a thought\nnext");
    assert!(screen(&mut program, SIZES[0]).contains('!'));
}

#[test]
fn locked_nothing_is_shown_and_only_the_passphrase_opens() {
    let mut program = evening(Language::English);
    ctrl(&mut program, 'l');
    for again in ["тихо", "тихо"] {
        type_text(&mut program, again);
        plain(&mut program, KeyCode::Enter);
    }
    assert!(program.locked.is_some());
    ctrl(&mut program, 'c');
    ctrl(&mut program, 'c');
    assert!(program.overlay.is_none());
    does(&mut program, &[]);
    let picture = screen(&mut program, SIZES[0]);
    assert!(
        !picture.contains("nika") && !picture.contains("поход") && !picture.contains("Tomas"),
        "{picture}"
    );
    for code in [KeyCode::F(1), KeyCode::Esc, KeyCode::F(2)] {
        plain(&mut program, code);
    }
    assert!(program.locked.is_some() && program.overlay.is_none());
    type_text(&mut program, "wrong");
    plain(&mut program, KeyCode::Enter);
    assert!(screen(&mut program, SIZES[0]).contains("4 attempts left"));
    type_text(&mut program, "тихо");
    plain(&mut program, KeyCode::Enter);
    assert!(program.locked.is_none());
    does(&mut program, &[]);
    // Five wrong ones in succession wipe everything.
    ctrl(&mut program, 'l');
    for _ in 0..5 {
        type_text(&mut program, "wrong");
        plain(&mut program, KeyCode::Enter);
    }
    does(&mut program, &[Effect::Panic]);
    assert!(program.desk.servers().is_empty());
}

#[test]
fn panic_needs_its_keys_twice_and_works_from_everywhere() {
    for (open, is_locked) in
        [(None, true), (None, false), (Some(KeyCode::F(1)), false), (Some(KeyCode::F(5)), false)]
    {
        let mut program = evening(Language::English);
        program.locked = is_locked.then(Locked::default);
        if let Some(code) = open {
            plain(&mut program, code);
        }
        ctrl(&mut program, '4');
        assert!(screen(&mut program, SIZES[0]).contains('!'), "once more");
        effects(&mut program);
        ctrl(&mut program, '\\');
        does(&mut program, &[Effect::Panic]);
        let picture = screen(&mut program, SIZES[0]);
        assert!(!picture.contains("Tomas") && !picture.contains("поход"), "{picture}");
    }
}

#[test]
fn a_session_that_is_over_leaves_nothing_on_the_screen() {
    let mut program = evening(Language::English);
    type_text(&mut program, "unsent");
    plain(&mut program, KeyCode::F(3));
    program.event(Event::State { server: LIGHTHOUSE, state: ConnectionState::Disconnected });
    let picture = screen(&mut program, SIZES[0]);
    for gone in ["Tomas", "поход", "unsent", "brutal", "🦉"] {
        assert!(!picture.contains(gone), "{gone}: {picture}");
    }
}

#[test]
fn rooms_and_servers_are_reached_by_keys_and_their_counters_go() {
    let mut program = evening(Language::English);
    assert!(screen(&mut program, SIZES[0]).contains("@1"));
    press(&mut program, KeyCode::Up, KeyModifiers::ALT);
    assert_eq!(program.place.map(|place| place.room), Some(RoomId(9)), "the list goes round");
    press(&mut program, KeyCode::Down, KeyModifiers::ALT | KeyModifiers::SHIFT);
    assert_eq!(program.place.map(|place| place.room), Some(RoomId::MAIN), "the unread one");
    assert!(!screen(&mut program, SIZES[0]).contains("@1"));
    press(&mut program, KeyCode::Char('2'), KeyModifiers::ALT);
    assert_eq!(program.server, Some(HOME));
    press(&mut program, KeyCode::Left, KeyModifiers::ALT);
    assert_eq!(program.server, Some(LIGHTHOUSE));
    type_text(&mut program, "/room ПОХОД");
    plain(&mut program, KeyCode::Enter);
    assert_eq!(program.place.map(|place| place.room), Some(HIKE));
}

#[test]
fn what_is_typed_behind_a_slash_is_obeyed() {
    let cases: [(&str, Action); 6] = [
        ("/invite owner", Action::Invite { owner: true }),
        ("/new кино", Action::MakeRoom { name: "кино".into() }),
        ("/rename Поход!", Action::RenameRoom { room: HIKE, name: "Поход!".into() }),
        ("/connect", Action::Connect),
        ("/seen", Action::ShowRecord),
        ("/code", Action::SafetyCode),
    ];
    for (line, action) in cases {
        let mut program = evening(Language::English);
        type_text(&mut program, line);
        plain(&mut program, KeyCode::Enter);
        does(&mut program, &[on(LIGHTHOUSE, action)]);
    }
    let mut program = evening(Language::English);
    for (line, sentence) in
        [("/nope", "nope"), ("/room", "/room NAME"), ("/mention Nobody", "nobody like that")]
    {
        type_text(&mut program, line);
        plain(&mut program, KeyCode::Enter);
        if program.toast.is_none() {
            // The first took what was offered.
            plain(&mut program, KeyCode::Enter);
        }
        let shown = program.toast.take().map(|toast| toast.text).unwrap_or_default();
        assert!(shown.contains(sentence), "{line}: {shown}");
        program.composer.field.clear();
    }
}

/// In the Russian layout the letter of "нет" is on the key of "y", and Enter is pressed by habit.
#[test]
fn no_is_no_on_whatever_key_it_is() {
    for language in Language::ALL {
        let mut program = evening(language);
        plain(&mut program, KeyCode::F(4));
        plain(&mut program, KeyCode::Char('н'));
        assert!(
            matches!(program.overlay, Some(Overlay::Confirm(Confirmation::Leave(_)))),
            "the code differs"
        );
        let comparison = program.desk.server(LIGHTHOUSE).unwrap().comparison();
        assert!(
            matches!(comparison, shepot_view::desk::Comparison::Differs { .. }),
            "and that is remembered"
        );
        for no in [KeyCode::Enter, KeyCode::Char('т'), KeyCode::Char('l'), KeyCode::Char('н')] {
            plain(&mut program, no);
        }
        assert!(program.overlay.is_none());
        ctrl(&mut program, 'q');
        plain(&mut program, KeyCode::Enter);
        plain(&mut program, KeyCode::Char('n'));
        does(&mut program, &[on(LIGHTHOUSE, Action::SafetyCode)]);
        ctrl(&mut program, 'q');
        plain(&mut program, KeyCode::Char('д'));
        does(&mut program, &[Effect::Quit]);
    }
}

#[test]
fn the_code_that_was_compared_is_the_one_that_stands_there() {
    use shepot_view::desk::Comparison;
    let comparison = |program: &Program| program.desk.server(LIGHTHOUSE).unwrap().comparison();
    let mut program = evening(Language::English);
    plain(&mut program, KeyCode::F(4));
    let before = screen(&mut program, SIZES[0]);
    program.event(code(33, 6));
    let meanwhile = screen(&mut program, SIZES[0]);
    assert!(meanwhile.contains("changed while you compared"), "{meanwhile}");
    plain(&mut program, KeyCode::Char('y'));
    assert_eq!(comparison(&program), Comparison::NotYet, "it is the code of before");
    assert!(program.overlay.is_some());
    // Pressed twice, or held: the new one cannot have been looked at.
    plain(&mut program, KeyCode::Char('y'));
    assert_eq!(comparison(&program), Comparison::NotYet);
    passes(&mut program, LOOK_AT_LEAST - MILLISECOND);
    plain(&mut program, KeyCode::Char('y'));
    assert_eq!(comparison(&program), Comparison::NotYet);
    passes(&mut program, TOAST);
    let now = screen(&mut program, SIZES[0]);
    assert!(now != before && !now.contains("changed while you compared"), "{now}");
    plain(&mut program, KeyCode::Char('y'));
    assert!(matches!(comparison(&program), Comparison::Same { .. }) && program.overlay.is_none());
}

#[test]
fn two_people_see_the_code_of_theirs() {
    let mut program = evening(Language::Russian);
    let other = program.shown().unwrap().people.iter().find(|person| !person.is_self).unwrap().clone();
    for way in 0..2 {
        if way == 0 {
            type_text(&mut program, &format!("/code {}", other.nick));
            plain(&mut program, KeyCode::Enter);
        } else {
            program.run(shepot_view::command::Command::Members);
            while !matches!(program.overlay, Some(Overlay::Members(at)) if program.shown().unwrap().people[at].key == other.key)
            {
                plain(&mut program, KeyCode::Down);
            }
            plain(&mut program, KeyCode::Char('с'));
        }
        does(&mut program, &[on(LIGHTHOUSE, Action::PairCode { person: other.key })]);
        let symbols = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        program.event(Event::PairCode { server: LIGHTHOUSE, person: other.key, symbols });
        let shown = screen(&mut program, SIZES[0]);
        assert!(shown.contains(&format!("Ваш код с {}", other.nick)), "{shown}");
        assert!(shown.contains("🔑 Ключ") && shown.contains("🎩 Шляпа"), "{shown}");
        plain(&mut program, KeyCode::Tab);
        let shown = screen(&mut program, SIZES[0]);
        let numbers = shepot_view::safety::as_numbers(&symbols);
        assert!(shown.contains(&numbers), "{numbers} {shown}");
        // It is not about the code of the circle.
        plain(&mut program, KeyCode::Char('y'));
        assert_eq!(
            program.desk.server(LIGHTHOUSE).unwrap().comparison(),
            shepot_view::desk::Comparison::NotYet
        );
        plain(&mut program, KeyCode::Esc);
        assert!(program.overlay.is_none());
    }
}

fn hosted() -> HostedAt {
    let local = "127.0.0.1:7443".into();
    HostedAt { local, address: "192.0.2.2:7443".into(), port: 7443, reach: shepot_relay::Reach::Network }
}

/// The one who hosts, two guests, a banned address and a refused one.
fn visitors() -> Visitors {
    let evening = SystemTime::UNIX_EPOCH + Duration::from_secs(EVENING);
    let connection = |id, address: &str, idle_s, bytes_out| ConnectionStatistics {
        id: ConnectionId(id),
        address: address.parse().unwrap(),
        age: Duration::from_secs(600),
        idle: Duration::from_secs(idle_s),
        circles: 1,
        seats: 1,
        bytes_in: 41_000,
        bytes_out,
        access_key: None,
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
            standing: Standing::Connected(connection),
            is_own: connection.id == ConnectionId(1),
            can_be_banned: connection.id != ConnectionId(1),
        })
        .collect();
    for (address, standing) in [("203.0.113.9", Standing::Banned), ("203.0.113.200", Standing::Refused)] {
        list.push(Visitor {
            address: address.parse().unwrap(),
            since: evening,
            refused: 3,
            standing,
            is_own: false,
            can_be_banned: standing == Standing::Refused,
        });
    }
    Visitors { statistics, list }
}

#[test]
fn whoever_hosts_sees_who_is_connected_and_has_the_say() {
    let mut program = evening(Language::English);
    plain(&mut program, KeyCode::F(9));
    assert!(screen(&mut program, SIZES[0]).contains("No server runs on this computer"));
    assert!(program.overlay.is_none());
    program.hosting = Hosting::On(LIGHTHOUSE, hosted());
    type_text(&mut program, "/connections");
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[Effect::LookAtVisitors]);
    program.looked_at(visitors());
    program.tick();
    does(&mut program, &[Effect::LookAtVisitors]);
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
    program.looked_at(later);
    assert!(matches!(program.overlay, Some(Overlay::Connections(1))));
    for no in [KeyCode::Esc, KeyCode::Char('n')] {
        plain(&mut program, KeyCode::Char('d'));
        let shown = screen(&mut program, SIZES[0]);
        assert!(shown.contains("Disconnect 2001:db8:85a3:8d3:1319:8a2e:370:7348?"), "{shown}");
        assert!(shown.contains("since 18:38:00"), "{shown}");
        plain(&mut program, KeyCode::Enter);
        plain(&mut program, no);
        assert!(matches!(program.overlay, Some(Overlay::Connections(1))));
        does(&mut program, &[Effect::LookAtVisitors]);
    }
    plain(&mut program, KeyCode::Char('d'));
    plain(&mut program, KeyCode::Char('y'));
    does(&mut program, &[Effect::Disconnect(ConnectionId(3)), Effect::LookAtVisitors]);
    // Nobody takes the place of who is gone.
    let mut later = visitors();
    later.list.remove(2);
    program.looked_at(later);
    assert!(matches!(program.overlay, Some(Overlay::Connections(0))));
    // A ban says whom it concerns; in the other layout as well.
    plain(&mut program, KeyCode::Down);
    plain(&mut program, KeyCode::Char('и'));
    let shown = screen(&mut program, SIZES[0]);
    assert!(shown.contains("Ban 198.51.100.23?") && shown.contains("ban. One"), "{shown}");
    plain(&mut program, KeyCode::Char('y'));
    let address = "198.51.100.23".parse().unwrap();
    does(&mut program, &[Effect::Ban(address), Effect::LookAtVisitors]);
    // What was banned and comes again is the same, lifted or not.
    program.looked_at(visitors());
    for _ in 0..2 {
        plain(&mut program, KeyCode::Down);
    }
    assert!(matches!(program.overlay, Some(Overlay::Connections(3))));
    plain(&mut program, KeyCode::Char('u'));
    does(&mut program, &[Effect::LiftBan("203.0.113.9".parse().unwrap())]);
    let mut later = visitors();
    later.list[3].standing = Standing::Refused;
    later.list.swap(3, 4);
    program.looked_at(later);
    assert!(matches!(program.overlay, Some(Overlay::Connections(4))));
    plain(&mut program, KeyCode::Char('u'));
    does(&mut program, &[]);
    // Its key takes it away, and nothing of it stays.
    plain(&mut program, KeyCode::F(9));
    program.tick();
    assert!(program.overlay.is_none() && program.visitors.is_none());
    // It goes with the relay.
    plain(&mut program, KeyCode::F(9));
    program.looked_at(visitors());
    program.stop_hosting();
    assert!(program.overlay.is_none() && program.visitors.is_none());
}

/// Nobody is asked for another circle's invitation while the own one is not there yet.
#[test]
fn until_the_own_circle_is_there_nobody_is_invited_from_the_list() {
    let mut program = evening(Language::English);
    program.hosting = Hosting::Starting;
    plain(&mut program, KeyCode::F(9));
    assert!(screen(&mut program, SIZES[0]).contains("Your server is starting"));
    program.hosting = Hosting::Started(hosted());
    program.wants_invitation = true;
    plain(&mut program, KeyCode::F(9));
    program.looked_at(visitors());
    plain(&mut program, KeyCode::Char('i'));
    does(&mut program, &[Effect::LookAtVisitors]);
    program.wipe();
    assert!(program.visitors.is_none());
}

#[test]
fn in_the_smallest_window_the_chosen_line_is_still_seen() {
    for language in Language::ALL {
        let mut program = evening(language);
        program.hosting = Hosting::On(LIGHTHOUSE, hosted());
        plain(&mut program, KeyCode::F(9));
        program.looked_at(visitors());
        for address in ["127.0.0.1", "198.51.100.23", "2001:db8", "203.0.113.9", "203.0.113.200"] {
            let shown = screen(&mut program, (40, 12));
            let line = shown.lines().find(|line| line.contains("▌ ")).unwrap_or_default();
            assert!(line.contains(address), "{shown}");
            plain(&mut program, KeyCode::Down);
        }
    }
}

/// An invitation to a server there.
fn link_of(address: &str) -> String {
    let invitation = shepot_protocol::Invitation {
        address: address.parse().unwrap(),
        pin: shepot_protocol::Pin([7; 32]),
        access_key: None,
        circle_secret: Some(shepot_protocol::CircleSecret::new([9; 32])),
        owner: None,
        owner_seed: None,
        expires_at: None,
        succession: None,
    };
    invitation.to_link().to_string()
}

#[test]
fn the_hosted_circle_is_shown_with_the_address_of_others_and_goes_with_its_relay() {
    let link = link_of("127.0.0.1:7443");
    let mut program = evening(Language::English);
    program.hosting = Hosting::On(LIGHTHOUSE, hosted());
    ctrl(&mut program, 'g');
    program.event(Event::Invitation { server: LIGHTHOUSE, link });
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
    let remove = Effect::Engine(Box::new(EngineCommand(Command::Remove { server: LIGHTHOUSE })));
    does(&mut program, &[remove, Effect::StopHosting]);
    assert_eq!(program.hosting, Hosting::Off);
    program.event(Event::Removed { server: LIGHTHOUSE });
    assert_eq!(program.server, Some(HOME));
}

#[test]
fn only_the_relay_here_is_taken_for_it() {
    let mut program = evening(Language::English);
    program.hosting = Hosting::Started(hosted());
    let added = |server, address: &str| Event::Added {
        server,
        name: "someone".into(),
        address: address.into(),
        is_open: false,
    };
    program.event(added(ServerId(8), "203.0.113.8:7443"));
    assert_eq!(program.hosting, Hosting::Started(hosted()), "another server");
    program.event(added(ServerId(9), "127.0.0.1:7443"));
    assert_eq!(program.hosting, Hosting::On(ServerId(9), hosted()));
    // Stopped before its server was on the list: it does not stay there.
    program.hosting = Hosting::Started(hosted());
    program.stop_hosting();
    effects(&mut program);
    program.event(added(ServerId(10), "127.0.0.1:7443"));
    let remove = Effect::Engine(Box::new(EngineCommand(Command::Remove { server: ServerId(10) })));
    does(&mut program, &[remove]);
    // The next one is wanted.
    program.stop_hosting();
    program.host();
    program.hosting = Hosting::Started(hosted());
    program.overlay = Some(Overlay::asks_again(Ask::Server, "half an addr"));
    program.event(added(ServerId(11), "127.0.0.1:7443"));
    assert_eq!(program.hosting, Hosting::On(ServerId(11), hosted()));
    assert!(
        matches!(&program.overlay, Some(Overlay::Ask(Ask::Server, field, _)) if field.text() == "half an addr")
    );
    program.wants_invitation = true;
    program.event(Event::Invitation { server: ServerId(11), link: LINK.into() });
    assert!(
        matches!(&program.overlay, Some(Overlay::Ask(Ask::Server, field, _)) if field.text() == "half an addr")
    );
    // Where there is no place for its server nobody would be in its circle.
    program.hosting = Hosting::Started(hosted());
    effects(&mut program);
    program.event(Event::NotAdded { error: shepot_client::EntryError::TooManyServers });
    assert_eq!(program.hosting, Hosting::Off);
    does(&mut program, &[Effect::StopHosting]);
}

#[test]
fn a_code_that_differs_is_said_above_everything_until_it_is_compared_anew() {
    let mut program = evening(Language::English);
    if let Some(server) = program.desk.server_mut(LIGHTHOUSE) {
        server.is_open = true;
        server.is_back = true;
    }
    plain(&mut program, KeyCode::F(4));
    plain(&mut program, KeyCode::Char('n'));
    plain(&mut program, KeyCode::Esc);
    program.toast = None;
    let shown = screen(&mut program, SIZES[0]);
    assert!(shown.contains("did not match") && !shown.contains("Connected again"), "{shown}");
    plain(&mut program, KeyCode::F(4));
    plain(&mut program, KeyCode::Char('y'));
    program.toast = None;
    assert!(!screen(&mut program, SIZES[0]).contains("did not match"));
    // The code of one server is not asked about on another.
    plain(&mut program, KeyCode::F(4));
    program.go_to_server(HOME);
    assert!(program.overlay.is_none());
}

#[test]
fn a_change_that_is_on_its_way_is_not_given_back_for_something_else() {
    let mut program = evening(Language::English);
    let refused = Event::Refused { server: Some(LIGHTHOUSE), error: CommandError::NoSuchMessage };
    program.edit(id(6));
    type_text(&mut program, " and more");
    plain(&mut program, KeyCode::Enter);
    // A reaction to another message, say.
    program.event(refused.clone());
    assert!(program.composer.field.is_empty());
    program.event(Event::Gone { server: LIGHTHOUSE, messages: vec![id(6)] });
    program.event(refused);
    assert!(program.composer.field.text().ends_with(" and more"));
}

#[test]
fn a_room_is_renamed_from_its_own_name() {
    let mut program = evening(Language::English);
    let room = Room { id: HIKE, name: "main".into(), disappears_after_s: 0 };
    program.event(Event::Rooms { server: LIGHTHOUSE, rooms: vec![room] });
    assert_eq!(program.room_name(), "main (2)");
    type_text(&mut program, "/rename");
    plain(&mut program, KeyCode::Enter);
    assert!(
        matches!(&program.overlay, Some(Overlay::Ask(Ask::RoomName(_), field, _)) if field.text() == "main")
    );
}

#[test]
fn a_change_that_waits_elsewhere_is_a_draft_when_its_message_goes() {
    let mut program = evening(Language::English);
    program.edit(id(6));
    type_text(&mut program, " and more");
    program.go(Place { server: LIGHTHOUSE, room: RoomId(9) });
    program.event(Event::Gone { server: LIGHTHOUSE, messages: vec![id(6)] });
    program.go(Place { server: LIGHTHOUSE, room: HIKE });
    assert!(program.composer.field.text().ends_with(" and more"));
    assert_eq!(program.composer.bar(), shepot_view::writing::Bar::None);
}

#[test]
fn what_was_written_in_a_room_that_does_not_come_back_stands_in_the_main_room() {
    let mut program = evening(Language::English);
    let main = Place { server: LIGHTHOUSE, room: RoomId::MAIN };
    let only_main = Room { id: RoomId::MAIN, name: "".into(), disappears_after_s: 0 };
    program.go(main);
    type_text(&mut program, "to all");
    program.go(Place { server: LIGHTHOUSE, room: HIKE });
    type_text(&mut program, "half a thought");
    // Whoever is first founds the circle anew, without the rooms of before.
    program.event(Event::State { server: LIGHTHOUSE, state: ConnectionState::Ended });
    for state in [ConnectionState::Connecting, ConnectionState::Connected] {
        program.event(Event::State { server: LIGHTHOUSE, state });
        assert_eq!(program.composer.field.text(), "to all", "whether the room comes back is not known yet");
    }
    program.event(Event::Rooms { server: LIGHTHOUSE, rooms: vec![only_main.clone()] });
    assert_eq!((program.place, program.composer.field.text()), (Some(main), "to all\nhalf a thought"));
    program.event(Event::Rooms { server: LIGHTHOUSE, rooms: vec![only_main] });
    assert_eq!(program.composer.field.text(), "to all\nhalf a thought", "once");
}

#[test]
fn what_lies_over_the_room_hides_it_from_the_mouse_and_is_about_its_own_server() {
    let mut program = evening(Language::English);
    screen(&mut program, SIZES[0]);
    type_text(&mut program, "/new");
    plain(&mut program, KeyCode::Enter);
    type_text(&mut program, "kino");
    let shown = screen(&mut program, SIZES[0]);
    let row = shown.lines().position(|line| line.contains("2 Дом")).unwrap();
    let kind = MouseEventKind::Down(MouseButton::Left);
    let row = u16::try_from(row).unwrap();
    program.input(&Input::Mouse(MouseEvent { kind, column: 4, row, modifiers: KeyModifiers::NONE }));
    assert_eq!(program.server, Some(LIGHTHOUSE), "nothing is reached through it");
    // However the server that is shown changes meanwhile.
    program.go_to_server(HOME);
    effects(&mut program);
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[on(LIGHTHOUSE, Action::MakeRoom { name: "kino".into() })]);
}

#[test]
fn that_a_connection_is_back_is_said_until_it_is_put_away() {
    let mut program = evening(Language::English);
    let state = |state| Event::State { server: LIGHTHOUSE, state };
    for state_of in [
        ConnectionState::Reconnecting { retry_in: Duration::from_secs(1), attempt: 1 },
        ConnectionState::Connected,
    ] {
        program.event(state(state_of));
    }
    let is_said = |program: &mut Program| screen(program, SIZES[0]).contains("Connected again");
    assert!(is_said(&mut program), "{}", screen(&mut program, SIZES[0]));
    plain(&mut program, KeyCode::Esc);
    assert!(!is_said(&mut program));
}

#[test]
fn an_address_that_is_not_taken_is_there_again() {
    let mut program = program(Language::English);
    type_text(&mut program, "203.0.113.5:99999");
    plain(&mut program, KeyCode::Enter);
    assert!(program.composer.field.is_empty());
    program.event(Event::NotAdded { error: shepot_client::EntryError::Port { typed: "99999".into() } });
    assert_eq!(program.composer.field.text(), "203.0.113.5:99999");
}

#[test]
fn what_is_too_long_is_kept_and_refused() {
    let mut program = evening(Language::English);
    let long = "я".repeat(8_001);
    program.input(&Input::Paste(long.clone()));
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[]);
    assert_eq!(program.composer.field.text(), long, "nothing is lost");
    let shown = screen(&mut program, SIZES[0]);
    assert!(shown.contains("8000") || shown.contains("8,000"), "{shown}");
    program.toast = None;
    assert!(screen(&mut program, SIZES[0]).contains(" -1 "));
    plain(&mut program, KeyCode::Backspace);
    plain(&mut program, KeyCode::Enter);
    assert_eq!(effects(&mut program).len(), 1);
    program.input(&Input::Paste("x".repeat(100_000)));
    assert!(program.composer.field.is_empty() && program.toast.is_some());
}

#[test]
fn changes_that_are_being_written_wait_in_their_rooms() {
    let mut program = evening(Language::English);
    type_text(&mut program, "a thought");
    type_text(&mut program, " of mine");
    program.edit(id(6));
    type_text(&mut program, " EDITED");
    program.go(Place { server: LIGHTHOUSE, room: RoomId::MAIN });
    assert!(program.composer.field.is_empty());
    type_text(&mut program, "elsewhere");
    program.go(Place { server: LIGHTHOUSE, room: HIKE });
    assert!(program.composer.field.text().ends_with(" EDITED"), "{}", program.composer.field.text());
    plain(&mut program, KeyCode::Esc);
    assert_eq!(program.composer.field.text(), "a thought of mine");
    program.composer.field.clear();
    // What begins with a slash can be changed, and nothing left of it is asked about.
    said(&mut program, message(50, 0, 20, "/etc/hosts"));
    plain(&mut program, KeyCode::Up);
    type_text(&mut program, "2");
    plain(&mut program, KeyCode::Enter);
    does(
        &mut program,
        &[on(LIGHTHOUSE, Action::Edit { message: id(50), body: "/etc/hosts2".into(), mentions: Vec::new() })],
    );
    plain(&mut program, KeyCode::Up);
    ctrl(&mut program, 'u');
    plain(&mut program, KeyCode::Enter);
    assert!(matches!(program.overlay, Some(Overlay::Confirm(Confirmation::Delete(..)))));
}

#[test]
fn what_is_deleted_is_neither_answered_nor_changed() {
    let mut program = evening(Language::English);
    program.event(Event::Message {
        server: LIGHTHOUSE,
        message: Message { is_deleted: true, body: "".into(), ..message(60, 0, 30, "") },
    });
    for act in ["r", "e", "d", "\n"] {
        program.list.selected = Some(id(60));
        program.focus = Focus::List;
        let code = if act == "\n" { KeyCode::Enter } else { KeyCode::Char(act.chars().next().unwrap()) };
        plain(&mut program, code);
        assert!(
            program.overlay.is_none() && program.composer.bar() == shepot_view::writing::Bar::None,
            "{act}"
        );
        assert!(program.toast.take().is_some(), "{act}");
    }
    does(&mut program, &[]);
}

#[test]
fn a_room_that_was_made_is_entered_and_a_refused_name_can_be_mended() {
    let mut program = evening(Language::English);
    type_text(&mut program, "/new поход");
    plain(&mut program, KeyCode::Enter);
    program.event(Event::Refused { server: Some(LIGHTHOUSE), error: CommandError::RoomExists });
    let Some(Overlay::Ask(Ask::Room(_), field, error)) = &program.overlay else { panic!() };
    assert!(field.text() == "поход" && !error.is_empty());
    type_text(&mut program, "-2");
    plain(&mut program, KeyCode::Enter);
    let mut rooms = program.desk.server(LIGHTHOUSE).unwrap().rooms.clone();
    rooms.push(Room { id: RoomId(20), name: "поход-2".into(), disappears_after_s: 0 });
    program.event(Event::Rooms { server: LIGHTHOUSE, rooms });
    assert_eq!(program.place.map(|place| place.room), Some(RoomId(20)));
}

#[test]
fn a_timer_is_chosen_from_what_is_set_and_a_room_is_not_taken_for_the_main_one() {
    let mut program = evening(Language::English);
    for _ in 0..2 {
        type_text(&mut program, "/timer");
        plain(&mut program, KeyCode::Enter);
        if program.overlay.is_none() {
            plain(&mut program, KeyCode::Enter);
        }
        plain(&mut program, KeyCode::Enter);
        does(&mut program, &[]);
    }
    type_text(&mut program, "/timer 30");
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[on(LIGHTHOUSE, Action::SetTimer { room: HIKE, seconds: 30 })]);
    let rooms = [(RoomId::MAIN, ""), (HIKE, "Main")].map(|(id, name)| Room {
        id,
        name: name.into(),
        disappears_after_s: 0,
    });
    program.event(Event::Rooms { server: LIGHTHOUSE, rooms: rooms.to_vec() });
    let shown = screen(&mut program, SIZES[1]);
    assert!(shown.contains("# main ") && shown.contains("# Main (2)"), "{shown}");
}

#[test]
fn a_change_of_a_message_that_disappears_is_not_lost() {
    let mut program = evening(Language::English);
    program.edit(id(6));
    type_text(&mut program, " and more");
    program.event(Event::Gone { server: LIGHTHOUSE, messages: vec![id(6)] });
    assert!(program.composer.field.text().ends_with(" and more"));
    assert_eq!(program.composer.bar(), shepot_view::writing::Bar::None);
    assert!(program.toast.is_some());
}

#[test]
fn what_is_above_the_end_is_not_read_yet() {
    let mut program = evening(Language::English);
    for n in 40..140 {
        said(&mut program, message(n, 1, 30, &format!("line {n}")));
    }
    screen(&mut program, SIZES[1]);
    plain(&mut program, KeyCode::PageUp);
    said(&mut program, message(200, 1, 31, "something new"));
    let shown = screen(&mut program, SIZES[1]);
    assert!(shown.contains("To the newest (1)"), "{shown}");
    press(&mut program, KeyCode::End, KeyModifiers::CONTROL);
    assert!(!screen(&mut program, SIZES[1]).contains("(1)"));
    // A screen further up with the choice, not without it.
    plain(&mut program, KeyCode::F(6));
    plain(&mut program, KeyCode::PageUp);
    let chosen = program.list.selected;
    plain(&mut program, KeyCode::Up);
    plain(&mut program, KeyCode::Down);
    assert_eq!(program.list.selected, chosen);
    assert_ne!(chosen, Some(id(200)));
}

#[test]
fn whoever_has_no_nick_is_asked_until_there_is_one() {
    let mut program = program(Language::English);
    program.is_called("");
    program.overlay = Some(Overlay::ask(Ask::Nick));
    ctrl(&mut program, 'c');
    assert!(matches!(program.overlay, Some(Overlay::Confirm(Confirmation::Quit(_)))));
    plain(&mut program, KeyCode::Char('n'));
    assert!(matches!(program.overlay, Some(Overlay::Ask(Ask::Nick, ..))));
    type_text(&mut program, "nika");
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[Effect::Start("nika".into())]);
}

#[test]
fn many_servers_leave_room_for_rooms() {
    let mut program = evening(Language::English);
    for n in 3..30 {
        program.event(Event::Added {
            server: ServerId(n),
            name: "127.0.0.1".into(),
            address: format!("127.0.0.1:{}", 7_000 + n),
            is_open: false,
        });
    }
    let shown = screen(&mut program, SIZES[1]);
    assert!(shown.contains("127.0.0.1:7029"), "the one that is shown: {shown}");
    program.go_to_server(LIGHTHOUSE);
    let shown = screen(&mut program, SIZES[1]);
    assert!(shown.contains("Rooms") && shown.contains("# поход") && shown.contains("▌1 Маяк"), "{shown}");
}

#[test]
fn nothing_falls_over_in_the_smallest_window() {
    for size in [(1, 1), (2, 2), (3, 3), (8, 3), (20, 5), (20, 6), (40, 10), (250, 80)] {
        for language in Language::ALL {
            let mut program = evening(language);
            for f in 1..=8 {
                plain(&mut program, KeyCode::F(f));
                screen(&mut program, size);
                plain(&mut program, KeyCode::PageDown);
                plain(&mut program, KeyCode::Esc);
            }
            let overs = [
                Overlay::ask(Ask::Nick),
                Overlay::ask(Ask::HostAddress(LINK.to_owned().into())),
                Overlay::Confirm(Confirmation::Quit(Hosted::Nothing)),
                Overlay::Invitation(Invited::plain(LINK.to_owned().into())),
                Overlay::Invitation(Invited { shows_code: true, ..Invited::plain(LINK.to_owned().into()) }),
                Overlay::Timer(Place { server: LIGHTHOUSE, room: HIKE }, 0),
                Overlay::Switcher(Picker::default()),
                Overlay::Search(Picker::default()),
                Overlay::Emoji(For::Text, Picker::default()),
            ];
            for over in overs {
                program.overlay = Some(over);
                screen(&mut program, size);
            }
            program.overlay = None;
            program.complain("so much has gone wrong that it needs more than one line to say".into());
            screen(&mut program, size);
            program.locked = Some(Locked::default());
            screen(&mut program, size);
            program.locked = None;
            type_text(&mut program, "日本語 в маленьком окне 👨‍👩‍👧 :cra");
            screen(&mut program, size);
            plain(&mut program, KeyCode::PageUp);
            plain(&mut program, KeyCode::F(6));
            screen(&mut program, size);
        }
    }
}
