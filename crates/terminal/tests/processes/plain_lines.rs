//! The line mode as a person uses it: a real process, typed to and read line by line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use shepot_testkit::Actor;
use shepot_testkit::actor::PATIENCE;
use shepot_testkit::binaries::program;

struct Person {
    process: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    read: Vec<String>,
}

impl Person {
    fn start(nick: &str, language: &str) -> Self {
        Self::start_with(nick, language, &[])
    }

    fn start_with(nick: &str, language: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(program("shepot-terminal", "shepot-tui"))
            .args(["--plain", "--nick", nick, "--language", language])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let input = process.stdin.take().unwrap();
        Self { process, input, lines, read: Vec::new() }
    }

    fn types(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    /// The line in which this stands.
    fn reads(&mut self, part: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    let found = line.contains(part);
                    self.read.push(line.clone());
                    if found {
                        return line;
                    }
                }
                Err(error) => panic!("{part} never came ({error}): {:#?}", self.read),
            }
        }
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn what_was_said_on_another_server_is_printed_when_one_goes_there_and_once() {
    let (mut anna, first) = Actor::host("anna");
    let (mut boris, second) = Actor::host("boris");
    let mut vera = Person::start("Вера", "ru");
    vera.types(&first);
    vera.reads("Вы в круге");
    anna.says("seen at once");
    vera.reads("seen at once");
    vera.types(&format!("/add {second}"));
    boris.wait_for("vera", |event| event["what"] == "joined");
    vera.reads("Вы в круге");
    anna.says("said meanwhile");
    anna.hears("said meanwhile");
    boris.says("here");
    vera.reads("here");
    assert!(!vera.read.iter().any(|line| line.contains("said meanwhile")));
    vera.types("/server 1");
    vera.reads("said meanwhile");
    vera.types("/server 2");
    vera.types("/server 1");
    vera.types("в ответ");
    anna.hears("в ответ");
    vera.reads("в ответ");
    for once in ["seen at once", "said meanwhile", "here"] {
        assert_eq!(vera.read.iter().filter(|line| line.contains(once)).count(), 1, "{once}");
    }
    // A word does here what it does on a full screen: one circle is left, the other stays, and quitting ends all.
    vera.types("/leave");
    vera.reads("В программе от этого сеанса ничего не осталось");
    vera.types("/server 2");
    boris.says("still here");
    vera.reads("still here");
    vera.types("/quit");
    assert!(vera.process.wait().unwrap().success());
}

#[test]
fn posture_tells_how_much_of_what_was_said_is_in_memory() {
    let (mut anna, link) = Actor::host("anna");
    let mut vera = Person::start("vera", "en");
    vera.types(&link);
    vera.reads("You are in");
    anna.says(&"x".repeat(3_000));
    vera.reads("xxx");
    vera.types("/posture");
    vera.reads("Messages of this circle");
    let told = vera.read.last().unwrap();
    let kilobytes = told.split_once("sent: ").and_then(|(_, size)| size.split([' ', '.']).next());
    assert!(kilobytes.unwrap().parse::<u64>().unwrap() >= 3, "{told}");
    // Nothing is open, and nobody complains of that.
    vera.types("/remove");
    vera.reads("Paste an invitation");
    vera.types("/posture");
    vera.types("/help");
    vera.reads("/help");
    let since = vera.read.iter().rposition(|line| line.contains("Hibernation")).unwrap();
    assert!(
        vera.read[since..].iter().all(|line| !line.contains("There is no such server")),
        "{:#?}",
        vera.read
    );
}

#[test]
fn what_lies_over_the_room_elsewhere_is_printed_and_what_a_line_says_is_meant() {
    let mut owner = Person::start_with("owner", "en", &["--host", "--listen", "127.0.0.1:0"]);
    owner.reads("The server runs here");
    let link = owner.reads("shepot://");
    let mut vera = Person::start("vera", "en");
    vera.types(&link);
    vera.reads("You are in");
    let mut mallory = Actor::join("mallory", &link);
    vera.reads("mallory joined");
    // One makes a room and is in it.
    vera.types("/new books");
    vera.reads("You are in #books");
    vera.types("/rooms");
    vera.reads(" *#books");
    vera.types("/new books");
    vera.reads("A room with this name already exists");
    vera.types("/who");
    vera.reads("People: 3");
    vera.types("/code");
    vera.reads("Safety code: ");
    vera.types("/code mallory");
    vera.reads("Your code with mallory: ");
    vera.types("/seen");
    vera.reads("Connected for");
    vera.types("/evict mallory");
    vera.reads("Only the owner");
    // A number that names nothing is no message of its own.
    vera.types("/reply 7 да");
    vera.reads("There is no such message");
    owner.reads("mallory joined");
    owner.types("/evict mallory");
    owner.reads("/invite");
    mallory.wait_for("to be told", |event| event["error"] == "evicted");
    vera.reads("Your link");
    let renewed = vera.reads("shepot://");
    assert_ne!(renewed, link);
    owner.types("/quit");
    assert!(owner.process.wait().unwrap().success());
}

#[test]
fn who_comes_anew_is_told_of_being_in_the_main_room() {
    let mut owner = Person::start_with("owner", "en", &["--host", "--listen", "127.0.0.1:0"]);
    owner.reads("The server runs here");
    let link = owner.reads("shepot://");
    let mut vera = Person::start("vera", "en");
    vera.types(&link);
    vera.reads("You are in");
    vera.types("/new books");
    vera.reads("You are in #books");
    owner.reads("vera joined");
    let (_boris, other) = Actor::host("boris");
    vera.types(&format!("/add {other}"));
    vera.reads("You are in.");
    // Whoever comes back to a server is told of the room.
    vera.types("/server 1");
    vera.reads("You are in #books");
    vera.types("/leave");
    vera.reads("Nothing of this session");
    vera.types("/server 2");
    vera.types("/server 1");
    vera.types("/connect");
    vera.reads("You are in #main");
    vera.types("here again");
    vera.reads("here again");
    owner.reads("here again");
}
