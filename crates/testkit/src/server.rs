//! A server: the real `shepot-server` with a state folder of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::binaries::program;

/// A server process. Killed when dropped; its folder goes with it.
pub struct Server {
    process: Option<Child>,
    /// State, logs and output.
    pub folder: PathBuf,
    address: String,
    /// The invitation that the first start printed.
    pub invitation: String,
    wrapper: Vec<String>,
}

impl Server {
    /// Starts a server on this address of the loopback, with its files in `folder`.
    ///
    /// # Panics
    ///
    /// When it does not start and print an invitation.
    #[must_use]
    pub fn start(folder: &Path, address: &str) -> Self {
        Self::start_by(&[], folder, address)
    }

    /// The same through another program, for example a tracer.
    ///
    /// # Panics
    ///
    /// When it does not start and print an invitation.
    #[must_use]
    pub fn start_by(wrapper: &[String], folder: &Path, address: &str) -> Self {
        let mut server = Self {
            process: None,
            folder: folder.to_path_buf(),
            address: address.to_owned(),
            invitation: String::new(),
            wrapper: wrapper.to_vec(),
        };
        server.invitation = server.run();
        server
    }

    /// Starts it again after [`Server::kill`], with what is on its disk; gives the invitation that it prints now.
    pub fn restart(&mut self) -> String {
        self.run()
    }

    fn run(&mut self) -> String {
        let output = self.folder.join("output");
        let file = File::create(&output).expect("a file for the output");
        let server = program("shepot-server", "shepot-server");
        let mut command = match self.wrapper.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(server);
                command
            }
            None => Command::new(server),
        };
        let process = command
            .args(["--listen", &self.address, "--language", "en"])
            .arg("--state-dir")
            .arg(self.folder.join("state"))
            .arg("--log-dir")
            .arg(self.folder.join("logs"))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stderr(file.try_clone().expect("a second handle"))
            .stdout(file)
            .spawn()
            .expect("the server starts");
        self.process = Some(process);
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let text = std::fs::read_to_string(&output).unwrap_or_default();
            let link = text.split_whitespace().find(|word| word.starts_with("shepot://"));
            if let Some(link) = link.filter(|_| text.ends_with('\n')) {
                return link.to_owned();
            }
            let ended = self.process.as_mut().and_then(|process| process.try_wait().expect("a child"));
            assert!(ended.is_none(), "the server ended: {text}");
            assert!(Instant::now() < deadline, "the server printed no invitation: {text}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The number of the process.
    ///
    /// # Panics
    ///
    /// When it does not run.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.as_ref().expect("running").id()
    }

    /// Ends it as a power cut would.
    ///
    /// # Panics
    ///
    /// When it does not run.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("running");
        process.kill().expect("it runs");
        process.wait().expect("it ended");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Ended already: nothing to kill.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
