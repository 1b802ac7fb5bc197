//! A program that panics while it has the screen, in a real terminal: the terminal is given back, and the words of the
//! panic can be read.
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]
#![cfg(unix)]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies
)]

use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::termios::LocalFlags;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use shepot_console::screen::{self, Screen};

const COLUMNS: u16 = 80;
const ROWS: u16 = 24;
const PATIENCE: Duration = Duration::from_secs(60);

/// What a child has on its screen when it may be looked at: it goes on when it was.
const SECRET: &str = "secret words";

/// What the tests below run in a terminal: this very program, asked for one of these.
#[test]
#[ignore = "panics by intention; run by the tests of this file in a terminal of its own"]
fn child_panics_where_it_draws() {
    let mut screen = taken();
    shows_and_waits(&mut screen);
    panic!("the pen broke");
}

#[test]
#[ignore = "panics by intention; run by the tests of this file in a terminal of its own"]
#[allow(clippy::print_stdout, reason = "what a program says when it has given the screen back")]
fn child_panics_elsewhere() {
    let mut screen = taken();
    let elsewhere = std::thread::spawn(|| panic!("another pen broke"));
    assert!(elsewhere.join().is_err());
    shows_and_waits(&mut screen);
    drop(screen);
    println!("went on");
}

/// Draws, and waits until the parent has seen it.
fn shows_and_waits(screen: &mut Screen) {
    screen.terminal().draw(|frame| frame.render_widget(SECRET, frame.area())).unwrap();
    std::io::stdin().read_exact(&mut [0]).unwrap();
}

fn taken() -> Screen {
    Screen::take("Shepot").unwrap()
}

struct Ended {
    shown_while_taken: String,
    shown: String,
    has_alternate_screen: bool,
    hides_cursor: bool,
    has_mouse: bool,
    has_paste_marks: bool,
    echoes: bool,
    reads_lines: bool,
}

fn run(child: &str) -> Ended {
    let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", child, "--ignored", "--nocapture"]);
    command.env("TERM", "xterm-256color");
    command.env("RUST_BACKTRACE", "0");
    let mut process = pair.slave.spawn_command(command).unwrap();
    // The other end stays open: whoever closes it last takes the modes of the terminal along.
    let slave = pair.slave;
    let mut output = pair.master.try_clone_reader().unwrap();
    let wide = |cells| NonZero::new(cells).unwrap();
    let parser = Arc::new(Mutex::new(vt100::Parser::new(wide(ROWS), wide(COLUMNS), 100)));
    let here = Arc::clone(&parser);
    std::thread::spawn(move || {
        let mut bytes = [0; 4_096];
        while let Ok(length) = output.read(&mut bytes)
            && length > 0
        {
            here.lock().unwrap().process(&bytes[..length]);
        }
    });
    let end = Instant::now() + PATIENCE;
    let shown_while_taken = loop {
        let parser = parser.lock().unwrap();
        let (screen, shown) = (parser.screen(), parser.screen().contents());
        if screen.alternate_screen() && shown.contains(SECRET) {
            break shown;
        }
        drop(parser);
        assert!(Instant::now() < end, "it never takes the screen");
        std::thread::sleep(Duration::from_millis(5));
    };
    // It was seen.
    pair.master.take_writer().unwrap().write_all(b" ").unwrap();
    while process.try_wait().unwrap().is_none() {
        assert!(Instant::now() < end, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
    // Its last words are on their way: libtest's own come last of all.
    loop {
        let parser = parser.lock().unwrap();
        if parser.screen().contents().contains("test result") {
            break;
        }
        assert!(Instant::now() < end, "{}", parser.screen().contents());
        drop(parser);
        std::thread::sleep(Duration::from_millis(5));
    }
    let modes = pair.master.get_termios().unwrap().local_flags;
    drop(slave);
    let parser = parser.lock().unwrap();
    let screen = parser.screen();
    Ended {
        shown_while_taken,
        shown: screen.contents(),
        has_alternate_screen: screen.alternate_screen(),
        hides_cursor: screen.hide_cursor(),
        has_mouse: screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None,
        has_paste_marks: screen.bracketed_paste(),
        echoes: modes.contains(LocalFlags::ECHO),
        reads_lines: modes.contains(LocalFlags::ICANON),
    }
}

#[track_caller]
fn is_given_back(ended: &Ended) {
    assert!(ended.shown_while_taken.contains(SECRET));
    assert!(!ended.has_alternate_screen && !ended.hides_cursor && !ended.has_mouse && !ended.has_paste_marks);
    assert!(ended.echoes && ended.reads_lines);
    assert!(!ended.shown.contains(SECRET), "{}", ended.shown);
}

#[test]
fn a_panic_gives_the_terminal_back_and_can_be_read() {
    let ended = run("child_panics_where_it_draws");
    is_given_back(&ended);
    assert!(ended.shown.contains("the pen broke"), "{}", ended.shown);
    // It is on the screen that stays, not on the one that was given back.
    assert!(!ended.shown_while_taken.contains("the pen broke"), "{}", ended.shown_while_taken);
}

#[test]
fn a_panic_elsewhere_is_not_written_over_what_is_drawn() {
    let ended = run("child_panics_elsewhere");
    is_given_back(&ended);
    assert!(ended.shown.contains("went on"), "{}", ended.shown);
    assert!(!ended.shown_while_taken.contains("another pen broke"), "{}", ended.shown_while_taken);
}

/// Whoever ends the program may call it, however often.
#[test]
fn nothing_is_given_back_that_was_not_taken() {
    screen::give_back();
    screen::give_back();
}
