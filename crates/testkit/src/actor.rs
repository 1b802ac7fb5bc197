//! A person in a test: a real client process in its JSON mode.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::binaries::program;

/// How long an actor waits for an event that has to come.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A client process. It is killed when dropped.
pub struct Actor {
    /// The nick.
    pub nick: String,
    process: Child,
    input: Option<ChildStdin>,
    events: Receiver<Value>,
    /// All events so far.
    pub log: Vec<Value>,
}

impl Actor {
    /// Starts a client with these further arguments.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[must_use]
    pub fn start(nick: &str, arguments: &[&str]) -> Self {
        Self::start_by(Command::new(program("shepot-terminal", "shepot-tui")), nick, arguments)
    }

    /// Starts a client through another program, for example a tracer.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[must_use]
    pub fn start_by(mut command: Command, nick: &str, arguments: &[&str]) -> Self {
        let mut process = command
            .args(["--json", "--nick", nick])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the client starts");
        let output = BufReader::new(process.stdout.take().expect("piped"));
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in output.lines() {
                let Ok(line) = line else { return };
                let event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        let input = process.stdin.take();
        Self { nick: nick.to_owned(), process, input, events, log: Vec::new() }
    }

    /// Starts a client, and waits until it is in the circle of this invitation.
    #[must_use]
    pub fn join(nick: &str, invitation: &str) -> Self {
        let mut actor = Self::start(nick, &[]);
        actor.enter(invitation);
        actor
    }

    /// Starts a client that hosts on this machine, and waits until it is in its circle. Returns its invitation, too.
    ///
    /// # Panics
    ///
    /// If it reports no invitation.
    #[must_use]
    pub fn host(nick: &str) -> (Self, String) {
        let mut host = Self::start(nick, &["--host", "--listen", "127.0.0.1:0"]);
        let hosting = host.wait_for("to host", |event| event["event"] == "hosting");
        host.wait_for("to be in", |event| event["what"] == "entered");
        (host, hosting["invitation"].as_str().expect("an invitation").to_owned())
    }

    /// Adds a server, and waits until the actor is in its circle.
    pub fn enter(&mut self, entry: &str) {
        self.does(&json!({"do": "add", "entry": entry, "connect": true}));
        self.wait_for("to be in", |event| event["what"] == "entered");
    }

    /// Gives the client a command.
    ///
    /// # Panics
    ///
    /// If the client does not take it.
    pub fn does(&mut self, command: &Value) {
        let input = self.input.as_mut().expect("not quitting");
        writeln!(input, "{command}").and_then(|()| input.flush()).expect("the client reads");
    }

    /// Says something in the main room of the first server.
    pub fn says(&mut self, body: &str) {
        self.does(&json!({"do": "send", "server": 1, "body": body}));
    }

    /// Waits for an event.
    ///
    /// # Panics
    ///
    /// If it does not come within [`PATIENCE`].
    pub fn wait_for(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait_within(PATIENCE, what, wanted)
    }

    /// The same for an event that takes its own time.
    ///
    /// # Panics
    ///
    /// If it does not come within `patience`.
    pub fn wait_within(&mut self, patience: Duration, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + patience;
        loop {
            match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(event) => {
                    self.log.push(event.clone());
                    if wanted(&event) {
                        return event;
                    }
                }
                Err(error) => {
                    let ended = error == RecvTimeoutError::Disconnected;
                    let tail: Vec<String> = self.log.iter().rev().take(15).map(brief).collect();
                    panic!("{} waited in vain {what} (ended: {ended}). Last: {tail:#?}", self.nick);
                }
            }
        }
    }

    /// Waits for a message with this body, sent or received.
    pub fn hears(&mut self, body: &str) -> Value {
        self.wait_for(&format!("to hear {body}"), |event| {
            event["event"] == "message"
                && event["message"]["body"] == body
                && event["message"]["delivery"] != "pending"
        })
    }

    /// The bodies of all messages with a place in the log, in the order of the events.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        let messages = self.log.iter().filter(|event| {
            let delivery = &event["message"]["delivery"];
            event["event"] == "message" && (delivery == "sent" || delivery == "received")
        });
        messages.filter_map(|event| event["message"]["body"].as_str().map(str::to_owned)).collect()
    }

    /// All events so far whose field `what` is this.
    #[must_use]
    pub fn happened(&self, what: &str) -> Vec<&Value> {
        self.log.iter().filter(|event| event["what"] == what).collect()
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Kills the process.
    pub fn kill(mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ended");
    }

    /// Quits, and waits for the process to end.
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub fn quit(mut self) -> ExitStatus {
        drop(self.input.take());
        let deadline = Instant::now() + PATIENCE;
        while self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())).is_ok() {}
        self.process.wait().expect("it ends")
    }
}

fn brief(event: &Value) -> String {
    event.to_string().chars().take(300).collect()
}

impl Drop for Actor {
    fn drop(&mut self) {
        // Ended already: nothing to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
