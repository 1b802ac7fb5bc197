//! A server in a test: the real `shepot-server` with its own state folder.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;

use crate::actor::PATIENCE;
use crate::binaries::program;

/// A loopback address with a free port, for a server that will be restarted there. The port lies outside the ranges
/// from which Linux, macOS and Windows assign ports by default. Every process has a few of its own, which are reused
/// only after very many processes.
///
/// # Panics
///
/// If ten thousand ports are taken.
#[must_use]
pub fn address_to_restart() -> String {
    const FIRST: u32 = 20_000;
    const PORTS: u32 = 10_000;
    const OF_A_PROCESS: u32 = 16;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let free = (0..PORTS).find_map(|_| {
        let first = std::process::id().wrapping_mul(OF_A_PROCESS);
        let next = first.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % PORTS;
        let port = u16::try_from(FIRST + next).ok()?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", port)).ok()?;
        listener.local_addr().ok()
    });
    free.expect("a port is free").to_string()
}

/// A server process. It is killed when dropped, and its folder is removed.
pub struct Server {
    process: Option<Child>,
    /// The folder with its state and logs.
    pub folder: PathBuf,
    /// The address where it listens, also after a restart.
    pub address: String,
    /// An invitation that was made after the first start.
    pub invitation: String,
    wrapper: Vec<String>,
}

impl Server {
    /// Starts a server on a free loopback port, with its files in `folder`.
    ///
    /// # Panics
    ///
    /// If it does not start, or no invitation can be made.
    #[must_use]
    pub fn start(folder: &Path) -> Self {
        Self::start_by(&[], folder)
    }

    /// The same through another program, for example a tracer.
    ///
    /// # Panics
    ///
    /// If it does not start, or no invitation can be made.
    #[must_use]
    pub fn start_by(wrapper: &[String], folder: &Path) -> Self {
        Self::start_at("127.0.0.1:0".to_owned(), wrapper, folder)
    }

    /// Starts a server that will be killed and restarted, on a port that stays free in the meantime.
    ///
    /// # Panics
    ///
    /// If it does not start, or no invitation can be made.
    #[must_use]
    pub fn start_to_restart(folder: &Path) -> Self {
        Self::start_at(address_to_restart(), &[], folder)
    }

    /// Starts another server at the address of one that is gone.
    ///
    /// # Panics
    ///
    /// If it does not start, or no invitation can be made.
    #[must_use]
    pub fn start_in_place_of(gone: &Self, folder: &Path) -> Self {
        Self::start_at(gone.address.clone(), &[], folder)
    }

    fn start_at(address: String, wrapper: &[String], folder: &Path) -> Self {
        let mut server = Self {
            process: None,
            folder: folder.to_path_buf(),
            address,
            invitation: String::new(),
            wrapper: wrapper.to_vec(),
        };
        server.run();
        server.invitation = server.invite();
        server
    }

    /// Starts it again after [`Server::kill`], with what is on its disk. Returns an invitation to another circle.
    pub fn restart(&mut self) -> String {
        self.run();
        self.invite()
    }

    /// Makes an invitation to a new circle in a separate process, as every operator does.
    ///
    /// # Panics
    ///
    /// If none is made.
    #[must_use]
    pub fn invite(&self) -> String {
        let made = Command::new(program("shepot-server", "shepot-server"))
            .args(["invite", "--language", "en", "--state-dir"])
            .arg(self.folder.join("state"))
            .stdin(Stdio::null())
            .output()
            .expect("the command runs");
        let printed = String::from_utf8_lossy(&made.stdout);
        let link = printed.lines().find(|line| line.starts_with("shepot://"));
        link.unwrap_or_else(|| panic!("no invitation: {}", String::from_utf8_lossy(&made.stderr))).to_owned()
    }

    fn run(&mut self) {
        let server = program("shepot-server", "shepot-server");
        let mut command = match self.wrapper.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(server);
                command
            }
            None => Command::new(server),
        };
        // What runs under a tracer is in a group of its own and ends with it. Alone it stays in the test's group: when
        // the test hangs and is killed, it goes too.
        #[cfg(unix)]
        if self.is_wrapped() {
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
        }
        let mut process = command
            .args(["--listen", &self.address, "--language", "en"])
            .arg("--state-dir")
            .arg(self.folder.join("state"))
            .arg("--log-dir")
            .arg(self.folder.join("logs"))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let output = process.stdout.take().expect("piped");
        self.process = Some(process);
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Nobody listens when it runs; the pipe is emptied all the same.
                let _ = sender.send(line);
            }
        });
        let mut said = Vec::new();
        loop {
            match lines.recv_timeout(PATIENCE) {
                // The last that it says before it waits.
                Ok(line) if line.contains("shepot-server invite") => return,
                Ok(line) => {
                    if let Some(address) = line.strip_prefix("Listening on ") {
                        self.address = address.trim_end_matches('.').to_owned();
                    }
                    said.push(line);
                }
                Err(error) => panic!("the server does not run ({error}): {said:#?}"),
            }
        }
    }

    /// The process id.
    ///
    /// # Panics
    ///
    /// If it does not run.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.as_ref().expect("running").id()
    }

    /// Kills it, as a power failure would.
    ///
    /// # Panics
    ///
    /// If it does not run.
    pub fn kill(&mut self) {
        let process = self.process.take().expect("running");
        self.end(process);
    }

    const fn is_wrapped(&self) -> bool {
        !self.wrapper.is_empty()
    }

    fn end(&self, mut process: Child) {
        #[cfg(unix)]
        if self.is_wrapped() {
            crate::scan::kill_group(process.id());
        }
        // Ended already: nothing to kill.
        let _ = process.kill();
        let _ = process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            self.end(process);
        }
    }
}
