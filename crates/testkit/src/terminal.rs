//! A program in its own terminal, which tests type into, resize and read frame by frame.

use std::io::{Read as _, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::termios::LocalFlags;
pub use portable_pty::CommandBuilder;
use portable_pty::{Child, MasterPty, PtySize, SlavePty, native_pty_system};

use crate::actor::PATIENCE;

/// The lines that the terminal keeps above its screen.
const SCROLLBACK: usize = 1_000;

/// The private mode of synchronised output: what is drawn while it is set appears when it is reset.
const SYNCHRONIZED_OUTPUT: u16 = 2026;

/// A program in its own terminal. It is killed when dropped.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<Mutex<Seen>>,
    /// The program's side of the terminal. Kept open: when its last holder closes it, the terminal's modes are lost.
    _slave: Box<dyn SlavePty + Send>,
}

/// What the terminal shows, and every byte that it was given.
struct Seen {
    screen: vt100::Parser<Frames>,
    raw: Vec<u8>,
}

/// Shows only whole frames, as a terminal with synchronised output does.
#[derive(Default)]
struct Frames {
    /// The frame that is shown while the next is drawn.
    before: Option<String>,
}

impl vt100::Callbacks for Frames {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        private: Option<u8>,
        _: Option<u8>,
        modes: &[&[u16]],
        verb: char,
    ) {
        if private != Some(b'?') || !modes.iter().any(|mode| *mode == [SYNCHRONIZED_OUTPUT]) {
            return;
        }
        match verb {
            // A frame that never ends stays hidden, whatever begins after it.
            'h' => _ = self.before.get_or_insert_with(|| screen.contents()),
            'l' => self.before = None,
            _ => {}
        }
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a terminal has cells")
}

impl Terminal {
    /// Runs a program in a terminal with this many columns and rows.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[must_use]
    pub fn start(mut command: CommandBuilder, (columns, rows): (u16, u16)) -> Self {
        command.env("TERM", "xterm-256color");
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("the system has terminals");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let mut output = pair.master.try_clone_reader().expect("its output is there");
        let keyboard = pair.master.take_writer().expect("its keyboard is there");
        let seen = Arc::new(Mutex::new(Seen {
            screen: vt100::Parser::new_with_callbacks(
                cells(rows),
                cells(columns),
                SCROLLBACK,
                Frames::default(),
            ),
            raw: Vec::new(),
        }));
        let here = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(length) = output.read(&mut bytes)
                && let Some(bytes) = bytes.get(..length).filter(|bytes| !bytes.is_empty())
            {
                let mut seen = here.lock().expect("nobody panics while holding it");
                seen.screen.process(bytes);
                seen.raw.extend(bytes);
            }
        });
        Self { master: pair.master, keyboard, child, seen, _slave: pair.slave }
    }

    /// Types what a keyboard would send.
    ///
    /// # Panics
    ///
    /// If the terminal takes nothing.
    pub fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).expect("the terminal takes it");
        self.keyboard.flush().expect("the terminal takes it");
    }

    /// Pastes a text between the marks of bracketed paste.
    pub fn paste(&mut self, text: &str) {
        self.types(&format!("\u{1b}[200~{text}\u{1b}[201~"));
    }

    /// Resizes the terminal, as somebody does who drags the edge of its window.
    ///
    /// # Panics
    ///
    /// If the system refuses.
    pub fn resize(&mut self, (columns, rows): (u16, u16)) {
        self.seen().screen.screen_mut().set_size(cells(rows), cells(columns));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("it has another size");
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().expect("nobody panics while holding it")
    }

    /// The last whole frame.
    #[must_use]
    pub fn shown(&self) -> String {
        let seen = self.seen();
        seen.screen.callbacks().before.clone().unwrap_or_else(|| seen.screen.screen().contents())
    }

    /// The screen at this moment, even in the middle of a frame, with its modes and scrollback.
    #[must_use]
    pub fn screen(&self) -> vt100::Screen {
        self.seen().screen.screen().clone()
    }

    /// Every byte that the program has written.
    #[must_use]
    pub fn raw(&self) -> Vec<u8> {
        self.seen().raw.clone()
    }

    /// The terminal's local flags, such as echo.
    ///
    /// # Panics
    ///
    /// If the terminal is gone.
    #[must_use]
    pub fn local_flags(&self) -> LocalFlags {
        self.master.get_termios().expect("the terminal is there").local_flags
    }

    /// Waits for a whole frame that is as wanted.
    ///
    /// # Panics
    ///
    /// If it never comes.
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

    /// Waits until this text is shown.
    ///
    /// # Panics
    ///
    /// If it never is.
    #[track_caller]
    pub fn sees(&self, text: &str) {
        self.until(text, |shown| shown.contains(text));
    }

    /// Sends the program a signal, named as for `kill`: `-TERM`.
    ///
    /// # Panics
    ///
    /// If the program is gone.
    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().expect("it runs").to_string();
        let sent = std::process::Command::new("kill").args([name, &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{name} was not sent");
    }

    /// Waits until the program has ended and its screen is given back. Returns true if it exited successfully and the
    /// terminal echoes again.
    ///
    /// # Panics
    ///
    /// If it does not end.
    #[track_caller]
    pub fn ends(&mut self) -> bool {
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                break status;
            }
            assert!(Instant::now() < end, "it does not end\n{}", self.shown());
            std::thread::sleep(Duration::from_millis(10));
        };
        let is_given_back = |screen: vt100::Screen| {
            !screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor()
        };
        while !is_given_back(self.screen()) {
            assert!(Instant::now() < end, "the screen was not given back");
            std::thread::sleep(Duration::from_millis(10));
        }
        status.success() && self.local_flags().contains(LocalFlags::ECHO)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Gone already, most often.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Terminal {
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", script]);
        Terminal::start(command, (40, 4))
    }

    #[test]
    fn half_a_frame_is_not_shown() {
        let mut terminal = shell(
            "printf 'before'; read go; printf '\\033[?2026hhalf'; read go; printf ' whole\\033[?2026l'",
        );
        terminal.sees("before");
        terminal.types("\n");
        let end = Instant::now() + PATIENCE;
        while !terminal.screen().contents().contains("half") {
            assert!(Instant::now() < end, "it is never drawn");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(!terminal.shown().contains("half"), "{}", terminal.shown());
        terminal.types("\n");
        terminal.sees("whole");
        assert!(terminal.shown().contains("half"), "{}", terminal.shown());
        assert!(terminal.ends());
    }
}
