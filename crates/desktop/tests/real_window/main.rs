//! The real program in a real window on a screen of its own: hosting with the mouse, a conversation by keyboard with a
//! second process, notifications, and what is left in memory and on disk after disconnecting and after panic.
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod screen;

use std::path::Path;

use screen::{Screen, Surroundings, Window};
use serde_json::json;
use shepot_testkit::Actor;
use shepot_testkit::scan::{find, marker};

const MESSAGES: usize = 60;
const TOKENS: usize = 7;

fn token(message: usize, at: usize) -> String {
    marker(message * TOKENS + at + 7_001)
}

fn body(message: usize) -> String {
    (0..TOKENS).map(|at| format!("слово {}", token(message, at))).collect::<Vec<_>>().join(" ")
}

fn markers() -> Vec<String> {
    (0..MESSAGES).flat_map(|message| (0..TOKENS).map(move |at| token(message, at))).collect()
}

fn starts_hosting(window: &Window<'_>) -> String {
    // First run: the nick, then the button of the third card.
    window.clicks(900, 266);
    window.types("nika");
    window.clicks(1122, 579);
    // The invitation, copied by the button that has the focus. The dialog comes when the relay has answered. It is not
    // asked for in every round: a second one would come over what is typed next.
    let mut round = 0_u32;
    let link = window.waits("an invitation in the clipboard", || {
        if round.is_multiple_of(20) {
            window.presses(&["ctrl+i"]);
        }
        round += 1;
        window.presses(&["Return"]);
        let link = window.clipboard();
        link.starts_with("shepot://").then_some(link)
    });
    // Once for each time that it was asked for.
    for _ in 0..round.div_ceil(20) {
        window.presses(&["Escape"]);
    }
    link
}

/// Looking into another process is for root alone: programs forbid it to everybody else, which is the point.
fn may_look() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn a_window_hosts_talks_and_leaves_nothing() {
    let screen = Screen::start();
    let folder = tempfile::tempdir().unwrap();
    let window = Window::open(&screen, folder.path());
    let link = starts_hosting(&window);
    let mut boris = Actor::join("boris", &link);

    // By keyboard, in two layouts, and by what comes back.
    window.types("hello from the window");
    window.presses(&["Return"]);
    boris.wait_for("the first words", |event| event["message"]["body"] == "hello from the window");
    screen.tool("setxkbmap", &["ru"]);
    window.types("привет");
    // Ctrl+A, Ctrl+C, Ctrl+V by the same keys in the Russian layout: the word is there twice.
    window.presses(&["ctrl+Cyrillic_ef", "ctrl+Cyrillic_es", "End", "ctrl+Cyrillic_em", "Return"]);
    boris.wait_for("copied by Russian keys", |event| event["message"]["body"] == "приветпривет");
    // Ctrl+A, Ctrl+X: it is in the clipboard and nowhere else.
    window.types("долой");
    window.presses(&["ctrl+Cyrillic_ef", "ctrl+Cyrillic_che"]);
    window.waits("what was cut", || (window.clipboard() == "долой").then_some(()));
    window.types("пусто");
    window.presses(&["Return"]);
    boris.wait_for("what was written then", |event| event["message"]["body"] == "пусто");
    screen.tool("setxkbmap", &["us"]);
    window.types("caps");
    window.presses(&["Caps_Lock", "ctrl+a", "ctrl+x", "Caps_Lock"]);
    window.waits("what was cut with Caps Lock on", || (window.clipboard() == "caps").then_some(()));
    for message in 0..MESSAGES {
        boris.says(&body(message));
    }
    let heard = boris.wait_for("the last to be sent", |event| {
        event["message"]["body"] == body(MESSAGES - 1) && event["message"]["delivery"] == "sent"
    });
    boris.does(&json!({"do": "react", "server": 1, "message": heard["message"]["id"], "emoji": "👍"}));

    let process = window.program.id();
    if may_look() {
        window.waits("everything to have arrived", || {
            let (found, _) = find(process, &markers()).unwrap();
            (found.len() > MESSAGES * TOKENS / 2).then_some(())
        });
        // Disconnect: from the menu of commands, with its question.
        window.presses(&["ctrl+k"]);
        window.types("disconnect");
        window.presses(&["Return"]);
        window.presses(&["Tab", "Return"]);
        boris.wait_for("nika to leave", |event| event["what"] == "left" && event["nick"] == "nika");
        window.waits("an empty clipboard", || window.clipboard().is_empty().then_some(()));
        window.waits("nothing of it in memory", || {
            find(process, &markers()).unwrap().0.is_empty().then_some(())
        });
    }
    let written: Vec<_> = walk(folder.path());
    for path in &written {
        // What other starts are heard by is no file.
        let text = if path.is_file() { std::fs::read(path).unwrap() } else { Vec::new() };
        assert!(
            !markers().iter().any(|marker| text.windows(marker.len()).any(|w| w == marker.as_bytes())),
            "{path:?}"
        );
    }
    assert!(
        written.iter().all(|path| path.starts_with(folder.path().join("kept"))
            || path.starts_with(folder.path().join("logs")))
    );
}

#[test]
fn the_mouse_pastes_what_can_be_written_and_nothing_longer() {
    let screen = Screen::start();
    let folder = tempfile::tempdir().unwrap();
    let window = Window::open(&screen, folder.path());
    let mut boris = Actor::join("boris", &starts_hosting(&window));
    // In the composer, at the bottom of the window.
    let (x, y) = (640, 762);
    window.pastes_selected("selected elsewhere", x, y);
    window.presses(&["Return"]);
    boris.hears("selected elsewhere");
    // By keys, while one reads.
    window.clicks(640, 400);
    window.is_to_be_pasted("clipboard", "copied elsewhere");
    window.presses(&["ctrl+v", "Return"]);
    boris.hears("copied elsewhere");
    // In a field that takes any length.
    window.presses(&["ctrl+k"]);
    window.types("ab");
    window.pastes_selected(&"x".repeat(20_000), 500, 124);
    window.types("c");
    window.presses(&["ctrl+a", "ctrl+c"]);
    window.waits("what stands there", || (window.clipboard() == "abc").then_some(()));
    window.pastes_selected("de", 500, 124);
    window.presses(&["ctrl+a", "ctrl+c"]);
    window.waits("what can be pasted", || window.clipboard().contains("de").then_some(()));
}

#[test]
fn a_key_for_an_open_list_does_nothing_behind_it() {
    let screen = Screen::start();
    let folder = tempfile::tempdir().unwrap();
    let window = Window::open(&screen, folder.path());
    let mut boris = Actor::join("boris", &starts_hosting(&window));
    // The settings, “Privacy”, the first list there.
    window.presses(&["ctrl+comma"]);
    window.clicks(154, 212);
    window.clicks(995, 222);
    window.presses(&["Escape"]);
    // It closes the list alone: these letters do not reach a room.
    window.types("unsaid");
    window.presses(&["Return", "Escape"]);
    window.types("said");
    window.presses(&["Return"]);
    let was_said = std::cell::Cell::new(false);
    boris.wait_for("what was said in the room", |event| {
        was_said.set(was_said.get() || event["message"]["body"] == "unsaid");
        event["message"]["body"] == "said"
    });
    assert!(!was_said.get(), "the page was left");
}

#[test]
fn an_invitation_in_the_place_of_the_nick_goes_where_it_belongs() {
    let screen = Screen::start();
    let (folder, of_server) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = shepot_testkit::Server::start(of_server.path());
    let mut boris = Actor::join("boris", &server.invitation);
    let window = Window::open(&screen, folder.path());
    window.pastes_selected(&server.invitation, 900, 266);
    // The field is as it was: one goes on typing in it.
    window.clicks(900, 266);
    window.types("nika");
    window.clicks(1122, 393);
    boris.wait_for("nika", |event| event["what"] == "joined" && event["nick"] == "nika");
}

#[test]
fn who_put_the_window_away_is_told_of_what_is_new_and_a_signal_is_a_farewell() {
    let screen = Screen::start();
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(&screen, folder.path());
    let mut boris = Actor::join("boris", &starts_hosting(&window));
    let title = |window: &Window<'_>| screen.tool("xdotool", &["getwindowname", &window.id]);
    boris.says("seen");
    boris.wait_for("it", |event| event["message"]["delivery"] == "sent");
    assert_eq!(title(&window), "Shepot");
    // As a window manager does it: the property, and the keyboard goes to whatever the pointer is over.
    let hidden =
        ["-id", &window.id, "-f", "_NET_WM_STATE", "32a", "-set", "_NET_WM_STATE", "_NET_WM_STATE_HIDDEN"];
    screen.tool("xprop", &hidden);
    window.clicks(640, 400);
    screen.tool("xdotool", &["windowfocus", "1"]);
    boris.says("unseen");
    window.waits("the count in the title", || (title(&window) == "(1) Shepot").then_some(()));
    let end = window.ends_by_signal();
    assert!(end.success(), "{end}");
    boris.wait_for("the relay to say that it stops", |event| event["error"] == "shutting_down");
}

#[test]
fn a_notification_comes_after_our_own_button_put_the_window_away_and_has_no_word_of_it() {
    let screen = Screen::start();
    let folder = tempfile::tempdir().unwrap();
    let around = Surroundings::start(&screen);
    let mut window =
        Window::open_with(&screen, folder.path(), &[("DBUS_SESSION_BUS_ADDRESS", around.bus.as_str())]);
    window.waits("the daemon", || around.count());
    let mut boris = Actor::join("boris", &starts_hosting(&window));
    boris.says("a word that is seen");
    boris.wait_for("it", |event| event["message"]["delivery"] == "sent");
    // What is answered came after it.
    window.clicks(640, 762);
    window.types("seen");
    window.presses(&["Return"]);
    boris.hears("seen");
    assert_eq!(around.count(), Some(0), "who reads it is told of nothing");
    // The first of the three buttons at the right.
    window.clicks(1_280 - 3 * 44 + 22, 20);
    window.waits("the window to be put away", || (!window.is_seen()).then_some(()));
    boris.says("a word that is not seen");
    window.waits("the notification", || around.count().filter(|shown| *shown == 1));
    let history = around.history();
    assert!(history.contains("Shepot"), "{history}");
    for secret in ["word", "boris", "nika", "main", "shepot://"] {
        assert!(!history.contains(secret), "{history}");
    }
    assert!(window.ends_by_signal().success());
}

#[test]
fn a_window_fits_into_the_screen_at_any_scale() {
    let screen = Screen::start();
    for scale in ["1", "1.5", "2"] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("kept")).unwrap();
        let kept = folder.path().join("kept/preferences.json");
        for wanted in [None, Some(r#"{"version": 1, "window": [3000, 2000]}"#)] {
            wanted.into_iter().for_each(|wanted| std::fs::write(&kept, wanted).unwrap());
            let window = Window::open_with(&screen, folder.path(), &[("SLINT_SCALE_FACTOR", scale)]);
            let size = screen.tool("xdotool", &["getwindowgeometry", "--shell", &window.id]);
            let number = |name: &str| -> u32 {
                size.lines()
                    .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
                    .unwrap()
                    .parse()
                    .unwrap()
            };
            assert_eq!((number("WIDTH"), number("HEIGHT")), (1280, 800), "{scale} {wanted:?}");
        }
    }
}

#[test]
fn panic_ends_everything() {
    let screen = Screen::start();
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(&screen, folder.path());
    let link = starts_hosting(&window);
    let mut boris = Actor::join("boris", &link);
    boris.says("before the panic");
    boris.wait_for("it", |event| event["message"]["delivery"] == "sent");
    assert!(folder.path().join("kept/preferences.json").exists(), "control: something was kept");
    // Twice in a short time; who is too slow presses again.
    let ended = window.ends_by(&["ctrl+shift+BackSpace", "ctrl+shift+BackSpace"]);
    assert!(ended.success(), "{ended}");
    assert!(walk(folder.path()).is_empty(), "{:?}", walk(folder.path()));
    assert_eq!(window.clipboard(), "");
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn another_start_brings_the_first_to_the_front_with_its_invitation() {
    let screen = Screen::start();
    let folder = tempfile::tempdir().unwrap();
    let link = shepot_testkit::evening::link_to("198.51.100.7:7443");
    let mut window = Window::open_with_entry(&screen, folder.path(), &link);
    let arguments =
        std::fs::read_to_string(format!("/proc/{}/cmdline", window.program.id())).unwrap_or_default();
    assert!(arguments.contains("--config-dir") && !arguments.contains("shepot://"), "{arguments}");
    // On the first page it stands where it can be looked at; there is a nick, and one goes in.
    let mut boris = Actor::join("boris", &starts_hosting(&window));
    let around = Surroundings::start(&screen);
    window.waits("the window to be put away", || {
        screen.tool("xdotool", &["windowminimize", &window.id]);
        (!window.is_seen()).then_some(())
    });
    assert!(window.starts_again(folder.path(), &link).success(), "it was handed over");
    window.waits("the window to be in front", || window.is_seen().then_some(()));
    drop(around);
    screen.tool("xdotool", &["windowfocus", "--sync", &window.id]);
    // The question is answered with no, and one talks on.
    window.presses(&["Escape"]);
    window.types("still here");
    window.presses(&["Return"]);
    boris.hears("still here");
    // Who has it may not answer: the other says so, and does not open a second window.
    let process = rustix::process::Pid::from_child(&window.program);
    rustix::process::kill_process(process, rustix::process::Signal::STOP).unwrap();
    assert_eq!(window.starts_again(folder.path(), "").code(), Some(1));
    rustix::process::kill_process(process, rustix::process::Signal::CONT).unwrap();
    assert!(window.ends_by(&["ctrl+shift+BackSpace", "ctrl+shift+BackSpace"]).success());
}
