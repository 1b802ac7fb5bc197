//! The full-screen client in a real terminal: typed into, pasted into, resized, ended in every way, while somebody
//! else talks through the real server.

use serde_json::json;
use shepot_testkit::binaries::program;
use shepot_testkit::terminal::CommandBuilder;
use shepot_testkit::{Actor, Server, Terminal};

/// A client in a terminal of this many columns and rows.
fn client(arguments: &[&str], size: (u16, u16)) -> Terminal {
    let mut command = CommandBuilder::new(program("shepot-terminal", "shepot-tui"));
    command.args(arguments);
    command.env("LANG", "en_US.UTF-8");
    command.env_remove("NO_COLOR");
    command.env_remove("LC_ALL");
    Terminal::start(command, size)
}

/// In the circle of this invitation, which is never an argument.
fn joined(nick: &str, invitation: &str, size: (u16, u16)) -> Terminal {
    let mut client = client(&["--nick", nick], size);
    client.sees("Paste an invitation");
    client.paste(invitation);
    client.types("\r");
    client.sees("Connected");
    client
}

/// The own message stands in the room: the composer is empty again, so what is seen is in the list.
#[track_caller]
fn sees_sent(client: &Terminal, text: &str) {
    client.until(text, |shown| shown.contains(text) && shown.contains("Message #main"));
}

/// The terminal is as it was: echoing, without mouse and brackets, with nothing left on it or above it.
#[track_caller]
fn is_given_back(client: &Terminal, secrets: &[&str]) {
    use nix::sys::termios::LocalFlags;
    assert!(client.local_flags().contains(LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG));
    let wanted = ["\u{1b}[?1049l", "\u{1b}[?2004l", "\u{1b}[?1000l", "\u{1b}[?25h"];
    client.until("it was given back", |_| {
        let raw = client.raw();
        wanted.iter().all(|sequence| raw.windows(sequence.len()).any(|bytes| bytes == sequence.as_bytes()))
    });
    let mut screen = client.screen();
    assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
    for back in [0, 1, 5, 1_000] {
        screen.set_scrollback(back);
        let contents = screen.contents();
        for secret in secrets {
            assert!(!contents.contains(secret), "{secret} is left at {back}: {contents}");
        }
    }
}

#[test]
fn two_people_talk_and_the_window_changes_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut anna = joined("Анна-tui", &server.invitation, (100, 30));
    let mut boris = Actor::join("boris", &server.invitation);
    anna.sees("boris");
    anna.types("привет, мир 👨‍👩‍👧 e\u{301}\r");
    boris.hears("привет, мир 👨‍👩‍👧 e\u{301}");
    boris.says("hello from the other side");
    anna.sees("hello from the other side");
    // What is pasted is one message, whatever is in it.
    anna.paste("/quit\nsecond line");
    anna.sees("second line");
    anna.types("\r");
    boris.hears("/quit\nsecond line");
    sees_sent(&anna, "second line");
    // Also where the terminal does not say that it was pasted.
    anna.types("one\rtwo\rthree");
    anna.sees("three");
    anna.types("\r");
    boris.hears("one\ntwo\nthree");
    // Whatever stands there is drawn anew.
    let before = anna.raw().len();
    anna.types("\u{12}");
    anna.until("all of it again", |_| {
        let raw = anna.raw();
        let again = String::from_utf8_lossy(raw.get(before..).unwrap_or_default()).into_owned();
        again.contains("\u{1b}[2J") && again.contains("hello from the other side")
    });
    // A reply by keys, an edit by keys.
    anna.types("\u{1b}[17~\u{1b}[A\u{1b}[A");
    anna.sees("▌   hello from the other side");
    anna.types("r");
    anna.sees("Reply to boris");
    anna.types("indeed\r");
    boris.hears("indeed");
    sees_sent(&anna, "indeed");
    anna.types("\u{1b}[A");
    anna.sees("Editing message");
    anna.types("!\r");
    anna.sees("indeed!");
    anna.sees("edited");
    for size in [(42, 14), (70, 20), (200, 50), (100, 30)] {
        anna.resize(size);
        boris.says(&format!("at {} columns", size.0));
        anna.sees(&format!("at {} columns", size.0));
        let shown = anna.shown();
        assert!(shown.contains("Анна-tui"), "{shown}");
        assert_eq!(shown.contains("Members ·"), size.0 >= 100, "{shown}");
    }
    // The server goes and comes: it is said, and what is written meanwhile is sent.
    anna.types("/leave\r");
    anna.sees("Disconnect");
    anna.types("y");
    anna.until("nothing is left of the session", |shown| {
        !shown.contains("hello from") && !shown.contains("boris")
    });
    // Nothing would be lost any more: nothing is asked.
    anna.types("/quit\r");
    assert!(anna.ends());
    is_given_back(&anna, &["hello from", "boris", "indeed", "shepot://"]);
}

#[test]
fn a_link_is_told_to_the_terminal_and_the_log_has_no_word() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    let server = Server::start(folder.path());
    let mut anna = client(&["--nick", "anna", "--log-dir", logs.to_str().unwrap()], (42, 20));
    anna.sees("Paste an invitation");
    anna.paste(&server.invitation);
    anna.types("\r");
    anna.sees("#main");
    let mut boris = Actor::join("boris", &server.invitation);
    let link = "https://example.org/a/rather/long/way/to/say/it";
    boris.says(&format!("look: {link}"));
    anna.sees("say/it");
    let raw = String::from_utf8_lossy(&anna.raw()).into_owned();
    let begins = format!(";{link}\u{1b}\\");
    assert!(raw.matches(&begins).count() >= 2, "each part leads there: {raw:?}");
    assert_eq!(raw.matches("\u{1b}]8;id=").count(), raw.matches("\u{1b}]8;;\u{1b}\\").count(), "each ends");
    drop(server);
    let log = logs.join("shepot-tui.log");
    let wanted = ["INFO connected server=1", "INFO connection lost server=1"];
    anna.until("the log", |_| {
        let written = std::fs::read_to_string(&log).unwrap_or_default();
        wanted.iter().all(|line| written.contains(line))
    });
    let written = std::fs::read_to_string(&log).unwrap();
    assert!(
        !["boris", "anna", "example", "main", "127.0.0.1"].iter().any(|word| written.contains(word)),
        "{written}"
    );
    anna.types("\u{3}\u{3}");
    assert!(anna.ends());
}

#[test]
fn whoever_hosts_here_sees_who_comes_and_disconnects_them() {
    let mut anna = client(&["--nick", "anna", "--host", "--listen", "127.0.0.1:0"], (200, 40));
    // What stands below the link is drawn after it.
    anna.until("the invitation is shown", |shown| shown.contains("shepot://") && shown.contains("Esc Close"));
    let shown = anna.shown();
    let link = shown.split_whitespace().find(|word| word.starts_with("shepot://")).unwrap();
    let mut boris = Actor::join("boris", link);
    anna.types("\u{1b}");
    anna.until("the invitation is put away", |shown| !shown.contains("shepot://") && shown.contains("boris"));
    anna.types("/connections\r");
    anna.until("both are seen", |shown| {
        shown.contains("127.0.0.1 (you)") && shown.matches(" Active ").count() == 2
    });
    anna.types("\u{1b}[B");
    anna.sees("▌ 127.0.0.1  ");
    anna.types("d");
    anna.until("the question", |shown| shown.contains("Disconnect no. ") && shown.contains(", 127.0.0.1?"));
    anna.types("y");
    boris.wait_for("that the operator ended it", |event| {
        event["event"] == "connection_error" && event["error"] == "disconnected_by_operator"
    });
    // It is seen without a key: who is gone is not on the list.
    anna.until("one is left", |shown| shown.matches(" Active ").count() == 1);
    anna.types("\u{11}");
    anna.sees("Your server");
    anna.types("y");
    assert!(anna.ends());
    is_given_back(&anna, &["boris", "shepot://", "127.0.0.1"]);
}

/// The ways to end: by signals, by keys, in a hurry.
#[test]
fn however_it_ends_the_terminal_is_given_back_and_nothing_stays() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut boris = Actor::join("boris-5b1", &server.invitation);
    type End = fn(&mut Terminal);
    let ways: [(&str, End); 6] = [
        ("TERM", |client| client.signal("-TERM")),
        ("HUP", |client| client.signal("-HUP")),
        ("INT", |client| client.signal("-INT")),
        ("keys", |client| client.types("\u{3}\u{3}")),
        ("panic", |client| client.types("\u{1c}\u{1c}")),
        ("locked panic", |client| {
            client.types("\u{c}");
            client.sees("passphrase");
            client.types("secret-7\r");
            client.sees("Repeat the passphrase");
            client.types("secret-7\r");
            client.sees("locked");
            assert!(!client.shown().contains("boris-5b1"));
            client.types("\u{1c}\u{1c}");
        }),
    ];
    for (n, (way, end)) in ways.into_iter().enumerate() {
        let mut client = joined(&format!("anna-{n}"), &server.invitation, (90, 24));
        let secret = format!("marked words {n}");
        boris.says(&secret);
        client.sees(&secret);
        end(&mut client);
        assert!(client.ends(), "{way}");
        is_given_back(&client, &[&secret, "boris-5b1", "anna-", "secret-7", "shepot://"]);
    }
}

#[test]
fn nothing_that_others_send_reaches_the_terminal_as_more_than_text() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut anna = joined("anna", &server.invitation, (100, 30));
    let mut boris = Actor::join("boris", &server.invitation);
    let corpus = [
        "\u{1b}[2J\u{1b}[Hgone",
        "\u{1b}]0;a title of theirs\u{7}",
        "\u{1b}]52;c;aGFja2Vk\u{7}",
        "\u{1b}]8;;https://example.org\u{1b}\\link\u{1b}]8;;\u{1b}\\",
        "\u{9b}31mred\u{9b}0m",
        "\u{90}q#0;2;0;0;0\u{9c}",
        "\u{1b}Pq\u{1b}\\",
        "\u{1b}c",
        "\u{1b}[6n\u{1b}[c\u{5}",
        "\u{1b}[?1049l\u{1b}[?1000h",
        "over\u{8}\u{8}\u{8}\u{8}written",
        "\u{202e}gnp.exe\u{202c}",
        "zero\u{200b}width\u{2066}\u{2069}",
        "bell\u{7}bell",
    ];
    for (n, text) in corpus.iter().enumerate() {
        let body = format!("{text} number {n}.");
        boris.does(&json!({"do": "send", "server": 1, "body": body}));
        anna.sees(&format!("number {n}."));
    }
    let rooms = "\u{1b}[31mroom\u{7}";
    boris.does(&json!({"do": "make_room", "server": 1, "name": rooms}));
    anna.sees("[31mroom");
    anna.types("\u{11}");
    anna.sees("Quit Shepot?");
    anna.types("y");
    assert!(anna.ends());
    is_given_back(&anna, &["number 3."]);
    let raw = anna.raw();
    // The only sequences are those that draw: CSI, OSC 0 for our own title, OSC 8 around web addresses, OSC 52 for
    // nobody.
    let text = String::from_utf8(raw).unwrap();
    for bad in [
        '\u{7f}', '\u{5}', '\u{8}', '\u{90}', '\u{9b}', '\u{9c}', '\u{9d}', '\u{202e}', '\u{200b}',
        '\u{2066}',
    ] {
        assert!(!text.contains(bad), "{:?}", bad);
    }
    only_draws(&text);
}

/// There is nothing in it that a terminal obeys but what draws.
#[track_caller]
fn only_draws(text: &str) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('\u{1b}') {
        let kind = after.chars().next().unwrap();
        match kind {
            '[' => {
                let end = after[1..].find(|c: char| ('@'..='~').contains(&c)).unwrap() + 1;
                let parameters = &after[1..end];
                assert!(parameters.chars().all(|c| c.is_ascii_digit() || ";?:".contains(c)), "{parameters}");
                let last = after[end..].chars().next().unwrap();
                assert!("HJKmhlrABCDGXPq".contains(last), "CSI {parameters}{last}");
            }
            ']' => {
                let end = after.find(['\u{7}', '\u{1b}']).unwrap();
                let told = &after[..end];
                let is_link = told == "]8;;"
                    || told.strip_prefix("]8;id=").and_then(|rest| rest.split_once(';')).is_some_and(
                        |(id, address)| {
                            id.chars().all(|c| c.is_ascii_hexdigit())
                                && address.starts_with("https://example.org")
                                && address.bytes().all(|byte| byte.is_ascii_graphic())
                        },
                    );
                assert!(is_link || ["]0;Shepot", "]0;"].contains(&told), "{told}");
                if is_link {
                    // Its own end.
                    rest = after[end..].strip_prefix("\u{1b}\\").unwrap();
                    continue;
                }
            }
            other => panic!("ESC {other}"),
        }
        rest = &after[1..];
    }
}
