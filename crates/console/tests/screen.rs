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

use nix::sys::termios::LocalFlags;
use shepot_console::screen::{self, Screen};
use shepot_testkit::Terminal;
use shepot_testkit::terminal::CommandBuilder;

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
#[ignore = "needs a terminal; run by the tests of this file in one of its own"]
#[allow(clippy::print_stdout, reason = "a frame that its program does not end")]
fn child_wipes_a_frame_that_broke_off() {
    let mut screen = taken();
    shows_and_waits(&mut screen);
    print!("\u{1b}[?2026hhalf");
    std::io::stdout().flush().unwrap();
    screen.wipe();
    std::io::stdin().read_exact(&mut [0]).unwrap();
}

#[test]
#[ignore = "panics by intention; run by the tests of this file in a terminal of its own"]
fn child_panics_within_a_frame() {
    let mut screen = taken();
    shows_and_waits(&mut screen);
    let _ = screen.draw(|_| panic!("the ink ran out"));
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
    let draw = |frame: &mut ratatui::Frame<'_>| {
        frame.render_widget(SECRET, frame.area());
        Vec::new()
    };
    screen.draw(draw).unwrap();
    std::io::stdin().read_exact(&mut [0]).unwrap();
}

fn taken() -> Screen {
    Screen::take("Shepot").unwrap()
}

struct Ended {
    shown_while_taken: String,
    drawn_while_taken: String,
    /// All that the terminal was ever given.
    drawn: String,
    shown: String,
    has_alternate_screen: bool,
    hides_cursor: bool,
    has_mouse: bool,
    has_paste_marks: bool,
    echoes: bool,
    reads_lines: bool,
}

fn start(child: &str) -> Terminal {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", child, "--ignored", "--nocapture"]);
    command.env("RUST_BACKTRACE", "0");
    Terminal::start(command, (80, 24))
}

fn run(child: &str) -> Ended {
    let mut terminal = start(child);
    terminal.sees(SECRET);
    assert!(terminal.screen().alternate_screen());
    let shown_while_taken = terminal.shown();
    let drawn_while_taken = String::from_utf8(terminal.raw()).unwrap();
    // It was seen.
    terminal.types(" ");
    terminal.ends();
    // Its last words are on their way: libtest's own come last of all.
    terminal.sees("test result");
    let (screen, modes) = (terminal.screen(), terminal.local_flags());
    Ended {
        shown_while_taken,
        drawn_while_taken,
        drawn: String::from_utf8(terminal.raw()).unwrap(),
        shown: terminal.shown(),
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
    let (_, frame) = ended.drawn_while_taken.split_once("\u{1b}[?2026h").unwrap();
    let (frame, _) = frame.split_once("\u{1b}[?2026l").unwrap();
    // Empty cells are skipped.
    assert!(SECRET.split(' ').all(|word| frame.contains(word)), "the frame is one piece: {frame}");
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

#[test]
fn a_panic_within_a_frame_leaves_no_frame_open() {
    let ended = run("child_panics_within_a_frame");
    is_given_back(&ended);
    assert!(ended.shown.contains("the ink ran out"), "{}", ended.shown);
    let (_, broken_off) = ended.drawn.rsplit_once("\u{1b}[?2026h").unwrap();
    let (given_back, shown) = (broken_off.find("\u{1b}[?1049l"), broken_off.find("\u{1b}[?2026l"));
    assert!(
        given_back.unwrap() < shown.unwrap(),
        "it is shown before the screen is given back: {broken_off}"
    );
}

#[test]
fn a_wipe_shows_nothing_of_a_frame_that_broke_off() {
    let mut terminal = start("child_wipes_a_frame_that_broke_off");
    terminal.sees(SECRET);
    terminal.types(" ");
    terminal.until("it is wiped", |shown| !shown.contains(SECRET));
    assert!(!terminal.shown().contains("half"), "{}", terminal.shown());
    terminal.types(" ");
    assert!(terminal.ends());
}

/// Whoever ends the program may call it, however often.
#[test]
fn nothing_is_given_back_that_was_not_taken() {
    screen::give_back();
    screen::give_back();
}
