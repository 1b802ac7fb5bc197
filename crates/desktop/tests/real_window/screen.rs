//! A screen of its own, what people have there beside a window, and the window.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// A screen without a monitor.
pub(crate) struct Screen {
    pub(crate) server: Child,
    pub(crate) name: String,
}

impl Screen {
    pub(crate) fn start() -> Self {
        let (read, write) = std::io::pipe().unwrap();
        // The child inherits it by its number.
        let number = write.as_raw_fd();
        let flags = rustix::io::fcntl_getfd(&write).unwrap();
        rustix::io::fcntl_setfd(&write, flags - rustix::io::FdFlags::CLOEXEC).unwrap();
        let server = Command::new("Xvfb")
            .args(["-displayfd", &number.to_string(), "-screen", "0", "1280x800x24", "-noreset"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed: see README");
        drop(write);
        let mut line = String::new();
        BufReader::new(read).read_line(&mut line).unwrap();
        assert!(!line.trim().is_empty(), "Xvfb does not start");
        Self { server, name: format!(":{}", line.trim()) }
    }

    pub(crate) fn tool(&self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(program).args(arguments).env("DISPLAY", &self.name).output();
        let output = output.unwrap_or_else(|error| panic!("{program} is needed, see README: {error}"));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// What people have beside a window: somebody who manages it, and a daemon that shows notifications (openbox, dunst).
pub(crate) struct Surroundings {
    programs: Vec<Child>,
    pub(crate) bus: String,
}

impl Surroundings {
    pub(crate) fn start(screen: &Screen) -> Self {
        let quietly = |program: &str, arguments: &[&str], bus: &str, out: Stdio| {
            Command::new(program)
                .args(arguments)
                .envs([("DISPLAY", &*screen.name), ("DBUS_SESSION_BUS_ADDRESS", bus)])
                .env_remove("WAYLAND_DISPLAY")
                .stdout(out)
                .stderr(Stdio::null())
                .spawn()
                .unwrap_or_else(|error| panic!("{program} is needed, see README: {error}"))
        };
        let arguments = ["--session", "--nofork", "--nopidfile", "--print-address=1"];
        let mut daemon = quietly("dbus-daemon", &arguments, "", Stdio::piped());
        let mut bus = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut bus).unwrap();
        let bus = bus.trim().to_owned();
        let programs = vec![
            daemon,
            quietly("openbox", &[], &bus, Stdio::null()),
            quietly("dunst", &[], &bus, Stdio::null()),
        ];
        Self { programs, bus }
    }

    /// Asks the notification daemon.
    pub(crate) fn dunst(&self, arguments: &[&str]) -> String {
        let object = ["org.freedesktop.Notifications", "/org/freedesktop/Notifications"];
        let (verb, rest) = arguments.split_first().unwrap();
        let output = Command::new("busctl")
            .args([&*format!("--address={}", self.bus), "--json=short", verb])
            .args(object)
            .args(rest)
            .output()
            .expect("busctl is needed, see README");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// How many notifications are seen; none while the daemon does not answer.
    pub(crate) fn count(&self) -> Option<u64> {
        let told = self.dunst(&["get-property", "org.dunstproject.cmd0", "displayedLength"]);
        serde_json::from_str::<serde_json::Value>(&told).ok()?["data"].as_u64()
    }

    /// All that was ever shown, after it was put away.
    pub(crate) fn history(&self) -> String {
        self.dunst(&["call", "org.dunstproject.cmd0", "NotificationCloseAll"]);
        self.dunst(&["call", "org.dunstproject.cmd0", "NotificationListHistory"])
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        for program in self.programs.iter_mut().rev() {
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

pub(crate) struct Window<'a> {
    pub(crate) screen: &'a Screen,
    pub(crate) program: Child,
    pub(crate) id: String,
}

impl<'a> Window<'a> {
    pub(crate) fn open(screen: &'a Screen, folder: &Path) -> Self {
        Self::open_with(screen, folder, &[])
    }

    pub(crate) fn open_with(screen: &'a Screen, folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_shepot"));
        program.envs(variables.iter().copied());
        Self::open_by(screen, folder, program)
    }

    pub(crate) fn open_with_entry(screen: &'a Screen, folder: &Path, entry: &str) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_shepot"));
        program.arg(entry);
        Self::open_by(screen, folder, program)
    }

    pub(crate) fn open_by(screen: &'a Screen, folder: &Path, mut program: Command) -> Self {
        let program = program
            .args(["--language", "en", "--listen", "127.0.0.1:0", "--renderer", "software"])
            .arg("--config-dir")
            .arg(folder.join("kept"))
            .arg("--log-dir")
            .arg(folder.join("logs"))
            .env("DISPLAY", &screen.name)
            .env_remove("WAYLAND_DISPLAY")
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut window = Self { screen, program, id: String::new() };
        window.id = window.waits("the window", || {
            let found = screen.tool("xdotool", &["search", "--onlyvisible", "--class", "shepot"]);
            found.lines().next().map(str::to_owned)
        });
        screen.tool("xdotool", &["windowfocus", "--sync", &window.id]);
        window
    }

    /// Starts the program once more on this profile, with an entry; how that ends.
    pub(crate) fn starts_again(&self, folder: &Path, entry: &str) -> std::process::ExitStatus {
        Command::new(env!("CARGO_BIN_EXE_shepot"))
            .args(["--language", "en", entry])
            .arg("--config-dir")
            .arg(folder.join("kept"))
            .arg("--log-dir")
            .arg(folder.join("logs"))
            .env("DISPLAY", &self.screen.name)
            .env_remove("WAYLAND_DISPLAY")
            .status()
            .unwrap()
    }

    pub(crate) fn waits<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(Instant::now() < deadline, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    pub(crate) fn is_seen(&self) -> bool {
        let found = self.screen.tool("xdotool", &["search", "--onlyvisible", "--class", "shepot"]);
        found.lines().any(|id| id == self.id)
    }

    pub(crate) fn ends_by_signal(&mut self) -> std::process::ExitStatus {
        let process = rustix::process::Pid::from_child(&self.program);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        self.waits_for_the_end()
    }

    /// Presses these, and again a few times where the program does not end: they have to come quickly.
    pub(crate) fn ends_by(&mut self, keys: &[&str]) -> std::process::ExitStatus {
        let begin = Instant::now();
        let mut times = 0;
        loop {
            if begin.elapsed() >= times * PATIENCE / 4 {
                self.presses(keys);
                times += 1;
            }
            if let Some(status) = self.program.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < PATIENCE, "waited in vain for the end");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    pub(crate) fn waits_for_the_end(&mut self) -> std::process::ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.program.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < PATIENCE, "waited in vain for the end");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    pub(crate) fn clicks(&self, x: u32, y: u32) {
        let (x, y) = (x.to_string(), y.to_string());
        self.screen.tool("xdotool", &["mousemove", "--window", &self.id, &x, &y, "click", "1"]);
    }

    /// Another program has this text to paste.
    pub(crate) fn is_to_be_pasted(&self, selection: &str, text: &str) {
        let mut other = Command::new("xclip")
            .args(["-selection", selection])
            .env("DISPLAY", &self.screen.name)
            .stdin(Stdio::piped())
            .spawn()
            .expect("xclip is installed: see README");
        other.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        // It goes on in the background, with the selection.
        assert!(other.wait().unwrap().success());
    }

    /// Another program's selection, and the button of the mouse that pastes it.
    pub(crate) fn pastes_selected(&self, text: &str, x: u32, y: u32) {
        self.is_to_be_pasted("primary", text);
        let (x, y) = (x.to_string(), y.to_string());
        self.screen.tool("xdotool", &["mousemove", "--window", &self.id, &x, &y, "click", "2"]);
    }

    pub(crate) fn types(&self, text: &str) {
        self.screen.tool("xdotool", &["type", "--delay", "8", text]);
    }

    pub(crate) fn presses(&self, keys: &[&str]) {
        self.screen.tool("xdotool", &[&["key", "--delay", "40"], keys].concat());
    }

    pub(crate) fn clipboard(&self) -> String {
        self.screen.tool("xclip", &["-selection", "clipboard", "-o"])
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
