//! Every picture.

use super::*;

/// Every picture, in both languages and three widths.
#[test]
#[allow(clippy::too_many_lines, reason = "an entry for each picture")]
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
            let error = EntryError::Port { typed: "99999".into() };
            let request = last_request(program);
            tells(program, Event::NotAdded { request, error });
        }),
        ("confirm", |program| ctrl(program, 'q')),
        ("invitation", |program| {
            invited(program);
        }),
        ("qr", |program| {
            invited(program);
            plain(program, KeyCode::Tab);
        }),
        ("unreached", |program| {
            program.send(Msg::GoToServer(HOME));
            let state = ConnectionState::Reconnecting { retry_in: Duration::ZERO, attempt: 2 };
            tells(program, Event::ConnectionError { server: HOME, error: ConnectionError::Unreachable });
            tells(program, Event::State { server: HOME, state });
        }),
        ("open", |program| {
            tells(
                program,
                Event::Added {
                    request: None,
                    server: ServerId(3),
                    name: "Площадь".into(),
                    address: "203.0.113.9:7443".into(),
                    is_open: true,
                    is_owner: false,
                    link_of: None,
                },
            );
            tells(program, Event::State { server: ServerId(3), state: ConnectionState::Connected });
        }),
        ("outdated", |program| {
            plain(program, KeyCode::F(4));
            tells(program, code(20, 8));
        }),
        ("toast", |program| {
            tells(
                program,
                Event::ConnectionError { server: LIGHTHOUSE, error: ConnectionError::NotAdmitted },
            );
        }),
        ("record", |program| {
            tells(program, Event::Record { server: LIGHTHOUSE, record: shepot_testkit::evening::record() });
        }),
        ("locked", |program| {
            locks(program);
            type_text(program, "tiho");
            tells(
                program,
                Event::Message {
                    server: LIGHTHOUSE,
                    message: message(20, 1, 20, "a secret of the room").into(),
                },
            );
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
            tells(
                program,
                Event::State {
                    server: LIGHTHOUSE,
                    state: ConnectionState::Reconnecting { retry_in: Duration::from_secs(4), attempt: 2 },
                },
            );
            said(program, Message { delivery: Delivery::Pending, ..message(8, 0, 10, "Ждёт связи") });
            said(program, Message { delivery: Delivery::Held, ..message(9, 0, 10, "Задержано") });
            said(program, Message { delivery: Delivery::Failed, ..message(10, 0, 10, "Не ушло") });
        }),
        ("ended", |program| {
            tells(
                program,
                Event::ConnectionError { server: LIGHTHOUSE, error: ConnectionError::InvitationRevoked },
            );
            tells(program, Event::State { server: LIGHTHOUSE, state: ConnectionState::Ended });
            passes(program, TOAST);
        }),
        ("connections", |program| {
            *program = hosting_evening(program.l10n.language());
            plain(program, KeyCode::F(9));
            sees(program, visitors());
            plain(program, KeyCode::Down);
        }),
        ("first", |program| {
            *program = stranger(program.l10n.language());
            program.send(OverMsg::AskNick);
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
    let mut program = hosting_evening(Language::English);
    program.theme = Theme::new(Depth::None);
    program.is_ascii = true;
    for code in [1, 2, 3, 4, 5, 7, 9] {
        plain(&mut program, KeyCode::F(code));
        sees(&mut program, visitors());
        let picture = screen(&mut program, (100, 30));
        let strange: String = picture.chars().filter(|c| !c.is_ascii() && !c.is_alphabetic()).collect();
        assert_eq!(strange, "", "nothing but letters: {picture}");
        plain(&mut program, KeyCode::Esc);
    }
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
    terminal.draw(|frame| drop(draw::draw(frame, &mut program))).unwrap();
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
        tells(&mut program, Event::People { server: LIGHTHOUSE, people: crowd });
        said(&mut program, Message { nick: text.into(), ..message(30, 1, 20, text) });
        let rooms = vec![Room { id: HIKE, name: text.into(), disappears_after_s: 0, may_delete: false }];
        tells(&mut program, Event::Rooms { server: LIGHTHOUSE, rooms });
        program.input(&Input::Paste(text.into()));
        // What people send is sanitised by its type; these are not.
        tells(&mut program, Event::Address { server: LIGHTHOUSE, address: text.into() });
        for size in SIZES {
            for f in [0, 2, 3] {
                plain(&mut program, KeyCode::Esc);
                program.send(Msg::Run(Command::Host));
                program.send(OutsideMsg::NotHosted(text.into()));
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
            for line in ["/timer", "/timer 30", "/invite", "/quit", "/join", "/new", "/stop"] {
                type_text(&mut program, line);
                plain(&mut program, KeyCode::Enter);
                plain(&mut program, KeyCode::Enter);
                screen(&mut program, size);
                plain(&mut program, KeyCode::Esc);
                ctrl(&mut program, 'u');
            }
            invited(&mut program);
            screen(&mut program, size);
            plain(&mut program, KeyCode::Tab);
            screen(&mut program, size);
            plain(&mut program, KeyCode::Esc);
            program.send(Msg::Run(Command::Host));
            let why = "so much has gone wrong that it needs more than one line to say";
            program.send(OutsideMsg::NotHosted(why.into()));
            screen(&mut program, size);
            locks(&mut program);
            screen(&mut program, size);
            type_text(&mut program, "x");
            plain(&mut program, KeyCode::Enter);
            type_text(&mut program, "日本語 в маленьком окне 👨‍👩‍👧 :cra");
            screen(&mut program, size);
            plain(&mut program, KeyCode::PageUp);
            plain(&mut program, KeyCode::F(6));
            screen(&mut program, size);
        }
    }
}

#[test]
fn many_servers_leave_room_for_rooms() {
    let mut program = evening(Language::English);
    for n in 3..30 {
        tells(
            &mut program,
            Event::Added {
                request: None,
                server: ServerId(n),
                name: "127.0.0.1".into(),
                address: format!("127.0.0.1:{}", 7_000 + n),
                is_open: false,
                is_owner: false,
                link_of: None,
            },
        );
    }
    let shown = screen(&mut program, SIZES[1]);
    assert!(shown.contains("127.0.0.1:7029"), "the one that is shown: {shown}");
    program.send(Msg::GoToServer(LIGHTHOUSE));
    let shown = screen(&mut program, SIZES[1]);
    assert!(shown.contains("Rooms") && shown.contains("# поход") && shown.contains("▌1 Маяк"), "{shown}");
}

#[test]
fn where_not_everything_is_seen_it_says_so() {
    let mut program = evening(Language::Russian);
    plain(&mut program, KeyCode::F(1));
    let shown = screen(&mut program, SIZES[1]);
    assert!(shown.contains(" 1–"), "{shown}");
    plain(&mut program, KeyCode::End);
    let shown = screen(&mut program, SIZES[1]);
    let note = L10n::new(Language::Russian).tr("full-help-note", &[]);
    assert!(!shown.contains(" 1–") && shown.contains(note.split(' ').next_back().unwrap()), "{shown}");
    plain(&mut program, KeyCode::Home);
    assert!(screen(&mut program, SIZES[1]).contains(" 1–"));
    // All rooms of a short list are there, however many lines the keys below take.
    for size in SIZES {
        let mut program = evening(Language::Russian);
        plain(&mut program, KeyCode::F(2));
        let shown = screen(&mut program, size);
        assert!(["общая", "поход", "book-club"].iter().all(|room| shown.contains(room)), "{shown}");
        assert!(!shown.contains(" 1–"), "{shown}");
    }
}

#[test]
fn what_is_wrong_is_read_in_a_small_window() {
    for language in Language::ALL {
        let mut program = stranger(language);
        program.send(OutsideMsg::Started("nika-with-a-nick".into()));
        let damaged = link_to("198.51.100.7:7443").replace('7', "8");
        program.input(&Input::Paste(damaged));
        plain(&mut program, KeyCode::Enter);
        let request = last_request(&program);
        tells(&mut program, Event::NotAdded { request, error: EntryError::Damaged });
        let shown = screen(&mut program, (60, 20));
        let words = program.tr("entry-damaged", &[]);
        for word in words.split_whitespace() {
            assert!(shown.contains(word), "{word}: {shown}");
        }
    }
}

#[test]
fn in_the_smallest_window_the_chosen_line_is_still_seen() {
    for language in Language::ALL {
        let mut program = hosting_evening(language);
        plain(&mut program, KeyCode::F(9));
        sees(&mut program, visitors());
        for address in ["127.0.0.1", "198.51.100.23", "2001:db8", "203.0.113.9", "203.0.113.200"] {
            let shown = screen(&mut program, (40, 12));
            let line = shown.lines().find(|line| line.contains("▌ ")).unwrap_or_default();
            assert!(line.contains(address), "{shown}");
            plain(&mut program, KeyCode::Down);
        }
    }
}

#[test]
fn a_link_leads_where_it_says_wherever_its_line_is_broken_and_under_nothing_else() {
    let links = |program: &mut Program, size: (u16, u16)| {
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        let mut links = Vec::new();
        terminal.draw(|frame| links = draw::draw(frame, program)).unwrap();
        let buffer = terminal.backend().buffer().clone();
        let text = |link: &Hyperlink| link.area.positions().map(|at| buffer[at].symbol()).collect::<String>();
        links.iter().map(|link| (text(link), link.address.clone())).collect::<Vec<_>>()
    };
    let mut program = evening(Language::English);
    let said_link = "https://example.org/about/the/weather/in/the/mountains";
    said(
        &mut program,
        message(250, 1, 0, &format!("> {said_link}\n- see {said_link}, and gооgle: https://gооgle.example/")),
    );
    let address = WebAddress::new(said_link).unwrap();
    for size in SIZES {
        let all = links(&mut program, size);
        assert!(!all.iter().any(|(text, _)| text.contains('о')), "what may deceive leads nowhere: {all:?}");
        let found: Vec<_> = all.iter().filter(|(_, leads_to)| *leads_to == address).collect();
        let whole: String = found.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(whole, said_link.repeat(2), "at {size:?}");
    }
    // A small question lies beside the links: what somebody wrote is not what it is about.
    ctrl(&mut program, 'q');
    assert!(program.overlay.is_some(), "control");
    assert_eq!(links(&mut program, SIZES[0]), []);
    plain(&mut program, KeyCode::Esc);
    assert_ne!(links(&mut program, SIZES[0]), []);
    // Where its beginning is not seen, the rest leads nowhere. Nor does what lies under completions.
    for line in 0..30 {
        said(&mut program, message(251, 1, line, "later"));
    }
    for _ in 0..40 {
        program.input(&Input::Mouse(MouseEvent {
            kind: MouseEventKind::ScrollUp,
            column: 60,
            row: 8,
            modifiers: KeyModifiers::NONE,
        }));
        let texts: Vec<String> = links(&mut program, (42, 8)).into_iter().map(|(text, _)| text).collect();
        assert!(texts.first().is_none_or(|text| text.starts_with("https://")), "{texts:?}");
    }
    ctrl(&mut program, 'r');
    // What is drawn over the messages leads nowhere.
    plain(&mut program, KeyCode::F(1));
    assert_eq!(links(&mut program, SIZES[0]), []);
    plain(&mut program, KeyCode::Esc);
    locks(&mut program);
    assert_eq!(links(&mut program, SIZES[0]), []);
}
