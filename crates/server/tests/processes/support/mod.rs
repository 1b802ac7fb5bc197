//! A home and a running server, for the tests of the real program.
#![allow(unreachable_pub, dead_code, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]

#[path = "../../../../relay/tests/sockets/support/mod.rs"]
pub mod relay;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use relay::PATIENCE;
use shepot_protocol::Invitation;
use shepot_testkit::Terminal;
use shepot_testkit::terminal::CommandBuilder;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_shepot-server");

/// A home of its own, in which everything that the program makes can be seen.
pub struct Home(pub tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        self.prepare(&mut command);
        command.args(arguments);
        command
    }

    /// The program on the screen of a terminal.
    pub fn terminal(&self, arguments: &[&str], size: (u16, u16)) -> Terminal {
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(arguments);
        command.env_clear();
        command.env("HOME", self.path());
        command.env("LANG", "en_US.UTF-8");
        command.env("SHEPOT_STATE_DIR", self.state());
        Terminal::start(command, size)
    }

    pub fn prepare(&self, command: &mut Command) {
        command
            .env_clear()
            .env("HOME", self.path())
            .env("LANG", "en_US.UTF-8")
            .env("SHEPOT_STATE_DIR", self.state())
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    }

    /// Runs a command to its end: its code, output and complaints.
    pub fn run(&self, arguments: &[&str]) -> (ExitStatus, String, String) {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status, text(output.stdout), text(output.stderr))
    }

    pub fn files(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.insert(path.strip_prefix(self.path()).unwrap().display().to_string());
                }
            }
        }
        found
    }
}

/// A running server.
pub struct Server {
    pub child: Child,
    pub output: BufReader<ChildStdout>,
    pub address: SocketAddr,
    pub printed: String,
}

impl Server {
    pub fn start(home: &Home, arguments: &[&str]) -> Self {
        let flags = ["run", "--listen", "127.0.0.1:0"].iter().chain(arguments).copied();
        let child = home.command(&flags.collect::<Vec<_>>()).spawn().unwrap();
        Self::of(child)
    }

    pub fn of(mut child: Child) -> Self {
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        // The last line before it waits tells how to get an invitation.
        while !printed.contains("shepot-server invite") {
            let read = output.read_line(&mut printed).unwrap();
            assert!(read > 0, "it ended: {printed}");
        }
        let listening = printed.lines().find_map(|line| line.strip_prefix("Listening on ")).unwrap();
        let address = listening.trim_end_matches('.').parse().unwrap();
        Self { child, output, address, printed }
    }

    /// The invitation that another terminal makes.
    pub fn links(&self, home: &Home) -> Vec<Invitation> {
        let (status, printed, complaints) = home.run(&["invite"]);
        assert!(status.success(), "{complaints}");
        links(&printed)
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Ends it by a signal and gives all that it printed.
    pub fn stop(mut self, signal: &str) -> String {
        self.signal(signal);
        let status = wait(&mut self.child);
        assert!(status.success(), "{status}");
        self.output.read_to_string(&mut self.printed).unwrap();
        std::mem::take(&mut self.printed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn wait(child: &mut Child) -> ExitStatus {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < end, "it does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub fn links(printed: &str) -> Vec<Invitation> {
    printed.lines().filter(|line| line.starts_with("shepot://")).map(|line| line.parse().unwrap()).collect()
}
