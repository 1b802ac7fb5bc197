//! The program in a terminal of its own.

use std::io::{Read as _, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::relay::PATIENCE;
use super::{Home, PROGRAM};

pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl Terminal {
    pub fn start(home: &Home, arguments: &[&str], (columns, rows): (u16, u16)) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(arguments);
        command.env_clear();
        let variables = [
            ("HOME", home.path().as_os_str()),
            ("LANG", "en_US.UTF-8".as_ref()),
            ("TERM", "xterm-256color".as_ref()),
            ("SHEPOT_STATE_DIR", home.state().as_os_str()),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let wide = |cells| NonZero::new(cells).unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(wide(rows), wide(columns), 1_000)));
        let here = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(length) = output.read(&mut bytes)
                && length > 0
            {
                here.lock().unwrap().process(&bytes[..length]);
            }
        });
        Self { master: pair.master, keyboard, child, screen }
    }

    pub fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    pub fn shown(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    #[track_caller]
    pub fn until(&self, what: &str, is_so: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let shown = self.shown();
            if is_so(&shown) {
                return;
            }
            assert!(Instant::now() < end, "never: {what}\n{shown}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    pub fn sees(&self, text: &str) {
        self.until(text, |shown| shown.contains(text));
    }

    /// Whether it ended well, and gave the screen back.
    pub fn ends(&mut self) -> bool {
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < end, "it does not end\n{}", self.shown());
            std::thread::sleep(Duration::from_millis(10));
        };
        while self.screen.lock().unwrap().screen().alternate_screen() {
            assert!(Instant::now() < end, "the screen was not given back");
            std::thread::sleep(Duration::from_millis(10));
        }
        let echoes =
            self.master.get_termios().unwrap().local_flags.contains(nix::sys::termios::LocalFlags::ECHO);
        status.success() && echoes
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
