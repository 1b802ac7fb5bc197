//! What time does by itself: with a clock that goes on when it is told to.

use super::*;

#[test]
fn a_word_goes_when_its_time_is_over_and_not_before() {
    let mut program = evening(Language::English);
    program.send(OutsideMsg::Copied(Copied::Done));
    passes(&mut program, TOAST - MILLISECOND);
    assert!(program.toast.is_some());
    passes(&mut program, MILLISECOND);
    assert!(program.toast.is_none());
}

#[test]
fn the_keys_of_panic_count_together_for_a_moment_only() {
    let mut program = evening(Language::English);
    ctrl(&mut program, '4');
    passes(&mut program, TWICE + MILLISECOND);
    ctrl(&mut program, '4');
    // The first of two again.
    does(&mut program, &[]);
    passes(&mut program, TWICE);
    ctrl(&mut program, '4');
    does(&mut program, &[Effect::Panic]);
}

#[test]
fn the_seconds_to_the_next_try_count_down() {
    let mut program = evening(Language::English);
    let state = ConnectionState::Reconnecting { retry_in: Duration::from_secs(4), attempt: 2 };
    tells(&mut program, Event::State { server: LIGHTHOUSE, state });
    assert_eq!(program.seconds_left(LIGHTHOUSE), 4);
    passes(&mut program, MILLISECOND);
    assert_eq!(program.seconds_left(LIGHTHOUSE), 4, "not fewer than are left");
    passes(&mut program, Duration::from_secs(1));
    assert_eq!(program.seconds_left(LIGHTHOUSE), 3);
    passes(&mut program, Duration::from_secs(60));
    assert_eq!(program.seconds_left(LIGHTHOUSE), 0);
}

#[test]
fn what_was_copied_is_forgotten_after_a_while_and_once() {
    let mut program = evening(Language::English);
    program.send(OutsideMsg::Copied(Copied::Done));
    passes(&mut program, COPIED_FOR - MILLISECOND);
    does(&mut program, &[]);
    passes(&mut program, MILLISECOND);
    does(&mut program, &[Effect::ForgetCopied]);
    program.send(OutsideMsg::ForgotCopied);
    passes(&mut program, COPIED_FOR);
    does(&mut program, &[]);
}

#[test]
fn who_stopped_writing_is_not_shown_as_writing() {
    let mut program = evening(Language::English);
    let writes = |program: &mut Program| screen(program, SIZES[0]).contains("typing");
    assert!(writes(&mut program));
    passes(&mut program, Duration::from_secs(10));
    assert!(!writes(&mut program));
}

#[test]
fn a_message_that_disappears_tells_what_is_left_of_the_clock_that_it_is_given() {
    let mut program = evening(Language::English);
    let now = program.now.unix;
    let message = Message { disappears_at: Some(now + 150), ..message(200, 1, 0, "gone soon") };
    said(&mut program, message);
    assert!(screen(&mut program, SIZES[0]).contains("2 min"), "by the minute");
    passes(&mut program, Duration::from_secs(100));
    assert!(screen(&mut program, SIZES[0]).contains("50 s"));
}

#[test]
fn it_locks_by_itself_when_nobody_has_pressed_a_key_for_so_long() {
    let mut setup = Setup::over(L10n::new(Language::English), WallClock::universal());
    setup.preferences.lock_after_minutes = 5;
    let now = Now { steady: Duration::ZERO, unix: EVENING + 3_600 };
    let mut program = Program::new(setup, Theme::new(Depth::True), false, now);
    program.send(OutsideMsg::Started("nika".into()));
    // Nothing keeps a passphrase: it is asked for at the start.
    assert!(screen(&mut program, SIZES[0]).contains("Lock passphrase"));
    for _ in 0..2 {
        type_text(&mut program, "x");
        plain(&mut program, KeyCode::Enter);
    }
    assert!(screen(&mut program, SIZES[0]).contains("The screen locks after 5 idle minutes."));
    spend(&mut program, None);
    let five = Duration::from_secs(5 * 60);
    passes(&mut program, five - MILLISECOND);
    plain(&mut program, KeyCode::Down);
    passes(&mut program, five - MILLISECOND);
    assert!(!program.lock.is_locked(), "a key was pressed");
    passes(&mut program, MILLISECOND);
    assert!(program.lock.is_locked());
    assert!(!screen(&mut program, SIZES[0]).contains("boris"));
    type_text(&mut program, "x");
    plain(&mut program, KeyCode::Enter);
    type_text(&mut program, "/lock 0");
    plain(&mut program, KeyCode::Enter);
    passes(&mut program, five * 100);
    assert!(!program.lock.is_locked());
}

#[test]
fn a_number_behind_lock_is_minutes_and_needs_a_passphrase() {
    let mut program = evening(Language::English);
    type_text(&mut program, "/lock 1441");
    plain(&mut program, KeyCode::Enter);
    assert!(screen(&mut program, SIZES[0]).contains("From 1 to 1440 minutes; 0 never locks."));
    type_text(&mut program, "/lock 1");
    plain(&mut program, KeyCode::Enter);
    assert!(screen(&mut program, SIZES[0]).contains("Lock passphrase"));
    plain(&mut program, KeyCode::Esc);
    assert!(screen(&mut program, SIZES[0]).contains("will not lock by itself"));
    passes(&mut program, Duration::from_secs(60));
    assert!(!program.lock.is_locked(), "nothing would open it");
    // The same number asks again. What comes over the question puts it off, too, and says so.
    type_text(&mut program, "/lock 1");
    plain(&mut program, KeyCode::Enter);
    assert!(screen(&mut program, SIZES[0]).contains("Lock passphrase"));
    ctrl(&mut program, 'q');
    type_text(&mut program, "n");
    assert!(screen(&mut program, SIZES[0]).contains("will not lock by itself"));
    type_text(&mut program, "/lock 2");
    plain(&mut program, KeyCode::Enter);
    for _ in 0..2 {
        type_text(&mut program, "x");
        plain(&mut program, KeyCode::Enter);
    }
    passes(&mut program, Duration::from_secs(120));
    assert!(program.lock.is_locked());
}

#[test]
fn a_machine_that_slept_finds_it_locked_and_a_mouse_that_is_pushed_is_nobody() {
    let mut program = evening(Language::English);
    locks(&mut program);
    type_text(&mut program, "x");
    plain(&mut program, KeyCode::Enter);
    type_text(&mut program, "/lock 5");
    plain(&mut program, KeyCode::Enter);
    let moved = MouseEvent { kind: MouseEventKind::Moved, column: 5, row: 5, modifiers: KeyModifiers::NONE };
    passes(&mut program, Duration::from_secs(200));
    program.input(&Input::Mouse(moved));
    passes(&mut program, Duration::from_secs(100));
    assert!(program.lock.is_locked(), "the mouse was moved by nobody");
    type_text(&mut program, "x");
    plain(&mut program, KeyCode::Enter);
    // The steady clock stands still while the machine sleeps; the first key comes before any tick.
    let Now { steady, unix } = program.now;
    program.at(Now { steady, unix: unix + 8 * 3_600 });
    plain(&mut program, KeyCode::Down);
    assert!(program.lock.is_locked());
}

#[test]
fn who_hosts_and_locks_does_both() {
    let mut setup = Setup::over(L10n::new(Language::English), WallClock::universal());
    setup.preferences.lock_after_minutes = 5;
    let now = Now { steady: Duration::ZERO, unix: EVENING + 3_600 };
    let mut program = Program::new(setup, Theme::new(Depth::True), false, now);
    program.send(OutsideMsg::Started("nika".into()));
    program.send(Msg::Run(Command::Host));
    assert!(program.effects.contains(&Effect::Host));
    assert!(screen(&mut program, SIZES[0]).contains("Lock passphrase"), "it is still asked");
}
