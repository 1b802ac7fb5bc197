//! What keys, clicks and pasted text do, and how it looks then.

use super::*;

#[test]
fn messages_are_chosen_answered_changed_deleted_and_reacted_to() {
    let mut program = evening(Language::English);
    screen(&mut program, SIZES[0]);
    plain(&mut program, KeyCode::F(6));
    assert_eq!(program.selected, Some(id(6)));
    plain(&mut program, KeyCode::Up);
    plain(&mut program, KeyCode::Char('к'));
    type_text(&mut program, "it does");
    plain(&mut program, KeyCode::Enter);
    let reply = Action::Send {
        conversation: ConversationId::Room(HIKE),
        body: "it does".into(),
        reply_to: Some(id(5)),
        mentions: Vec::new(),
    };
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
    assert!(matches!(program.overlay, Some(Overlay::Help)));
    plain(&mut program, KeyCode::Esc);
    click(&mut program, find("does the"));
    assert_eq!(program.selected, Some(id(5)));
    click(&mut program, find("# book-club"));
    assert_eq!(program.place.map(Place::room), Some(RoomId(9)));
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
fn locked_nothing_is_shown_and_only_the_passphrase_opens() {
    let mut program = evening(Language::English);
    ctrl(&mut program, 'l');
    for again in ["тихо", "тихо"] {
        type_text(&mut program, again);
        plain(&mut program, KeyCode::Enter);
    }
    assert!(program.lock.is_locked());
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
    assert!(program.lock.is_locked() && program.overlay.is_none());
    type_text(&mut program, "wrong");
    plain(&mut program, KeyCode::Enter);
    assert!(screen(&mut program, SIZES[0]).contains("4 attempts are left"));
    type_text(&mut program, "тихо");
    plain(&mut program, KeyCode::Enter);
    assert!(!program.lock.is_locked());
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
        if is_locked {
            locks(&mut program);
        }
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
    tells(&mut program, Event::State { server: LIGHTHOUSE, state: ConnectionState::Disconnected });
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
    assert_eq!(program.place.map(Place::room), Some(RoomId(9)), "the list goes round");
    press(&mut program, KeyCode::Down, KeyModifiers::ALT | KeyModifiers::SHIFT);
    assert_eq!(program.place.map(Place::room), Some(RoomId::MAIN), "the unread one");
    assert!(!screen(&mut program, SIZES[0]).contains("@1"));
    press(&mut program, KeyCode::Char('2'), KeyModifiers::ALT);
    assert_eq!(program.server, Some(HOME));
    press(&mut program, KeyCode::Left, KeyModifiers::ALT);
    assert_eq!(program.server, Some(LIGHTHOUSE));
    type_text(&mut program, "/room ПОХОД");
    plain(&mut program, KeyCode::Enter);
    assert_eq!(program.place.map(Place::room), Some(HIKE));
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
    tells(&mut program, code(33, 6));
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
            plain(&mut program, KeyCode::F(3));
            while program.shown().unwrap().people[program.overlay.as_ref().unwrap().chosen().unwrap()].key
                != other.key
            {
                plain(&mut program, KeyCode::Down);
            }
            plain(&mut program, KeyCode::Char('с'));
        }
        does(&mut program, &[on(LIGHTHOUSE, Action::PairCode { person: other.key })]);
        let symbols = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        tells(&mut program, Event::PairCode { server: LIGHTHOUSE, person: other.key, symbols });
        let shown = screen(&mut program, SIZES[0]);
        assert!(shown.contains(&format!("Код на двоих: {}", other.nick)), "{shown}");
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

#[test]
fn a_code_that_differs_is_said_above_everything_until_it_is_compared_anew() {
    let mut program = evening(Language::English);
    loses_and_finds(&mut program);
    plain(&mut program, KeyCode::F(4));
    plain(&mut program, KeyCode::Char('n'));
    plain(&mut program, KeyCode::Esc);
    passes(&mut program, TOAST);
    let shown = screen(&mut program, SIZES[0]);
    assert!(shown.contains("did not match") && !shown.contains("Connected again"), "{shown}");
    plain(&mut program, KeyCode::F(4));
    plain(&mut program, KeyCode::Char('y'));
    passes(&mut program, TOAST);
    assert!(!screen(&mut program, SIZES[0]).contains("did not match"));
    // The code of one server is not asked about on another.
    plain(&mut program, KeyCode::F(4));
    program.send(Msg::GoToServer(HOME));
    assert!(program.overlay.is_none());
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
    program.send(Msg::GoToServer(HOME));
    effects(&mut program);
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[on(LIGHTHOUSE, Action::MakeRoom { name: "kino".into() })]);
}

#[test]
fn that_a_connection_is_back_is_said_until_it_is_put_away() {
    let mut program = evening(Language::English);
    loses_and_finds(&mut program);
    let is_said = |program: &mut Program| screen(program, SIZES[0]).contains("Connected again");
    assert!(is_said(&mut program), "{}", screen(&mut program, SIZES[0]));
    plain(&mut program, KeyCode::Esc);
    assert!(!is_said(&mut program));
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
    passes(&mut program, TOAST * 3);
    assert!(screen(&mut program, SIZES[0]).contains(" -1 "));
    plain(&mut program, KeyCode::Backspace);
    plain(&mut program, KeyCode::Enter);
    assert_eq!(effects(&mut program).len(), 1);
    program.input(&Input::Paste("x".repeat(100_000)));
    assert!(program.composer.field.is_empty() && program.toast.is_some());
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
        may_delete: false,
    });
    tells(&mut program, Event::Rooms { server: LIGHTHOUSE, rooms: rooms.to_vec() });
    let shown = screen(&mut program, SIZES[1]);
    assert!(shown.contains("# main ") && shown.contains("# Main (2)"), "{shown}");
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
    let chosen = program.selected;
    plain(&mut program, KeyCode::Up);
    plain(&mut program, KeyCode::Down);
    assert_eq!(program.selected, chosen);
    assert_ne!(chosen, Some(id(200)));
}

#[test]
fn an_invitation_that_comes_before_the_nick_is_not_lost() {
    for is_pasted in [true, false] {
        let mut program = stranger(Language::English);
        program.send(OverMsg::AskNick);
        let link = link_to("198.51.100.7:7443");
        if is_pasted {
            program.input(&Input::Paste(link.clone()));
        } else {
            type_text(&mut program, &link);
            plain(&mut program, KeyCode::Enter);
        }
        assert!(
            matches!(&program.overlay, Some(Overlay::Ask(Ask::Nick, field, error)) if field.is_empty() && !error.is_empty())
        );
        type_text(&mut program, "nika");
        plain(&mut program, KeyCode::Enter);
        does(&mut program, &[Effect::Start("nika".into())]);
        program.send(OutsideMsg::Started("nika".into()));
        let add = ClientCommand::Add { entry: link, name: None, connect: true, link_of: None };
        does(&mut program, &[Effect::Engine(Box::new(EngineRequest(add.into())))]);
    }
}

#[test]
fn the_screen_is_drawn_anew_whatever_stands_on_it_and_letters_that_are_none_are_not_written() {
    for letter in ['r', 'к'] {
        let mut program = evening(Language::English);
        ctrl(&mut program, letter);
        assert!(program.redraws && program.composer.field.is_empty());
    }
    let mut program = evening(Language::English);
    program.input(&Input::Paste("caf\u{fffd}".into()));
    assert!(program.composer.field.is_empty());
    assert!(program.toast.as_ref().is_some_and(|toast| toast.is_problem() && toast.text.contains("UTF-8")));
}

#[test]
fn whoever_has_no_nick_is_asked_until_there_is_one() {
    let mut program = stranger(Language::English);
    program.send(OverMsg::AskNick);
    // Nothing would be lost.
    ctrl(&mut program, 'c');
    does(&mut program, &[Effect::Quit]);
    plain(&mut program, KeyCode::Esc);
    assert!(matches!(program.overlay, Some(Overlay::Ask(Ask::Nick, ..))));
    type_text(&mut program, "nika");
    plain(&mut program, KeyCode::Enter);
    does(&mut program, &[Effect::Start("nika".into())]);
}
