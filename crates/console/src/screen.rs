//! The screen: taken as a whole, and given back as it was, however the program ends.
//!
//! Owns: raw mode, the alternate screen, bracketed paste, the mouse, the cursor. The alternate screen has no
//! scrollback: what was shown there is gone with it. Must never: leave a terminal behind that does not echo.

use std::io::{self, Stdout, Write as _};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};

use ratatui::backend::Backend as _;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::style::{Print, ResetColor, force_color_output};
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate,
    EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute, queue};
use ratatui::{Frame, Terminal};
use shepot_sanitise::Sanitised;

use crate::hyperlink::{self, Hyperlink};
use crate::placed::{Hyperlinks, Placed, renew_uncertain_lines, settle};

/// Whether the screen is taken.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// The thread that took it last.
static TAKER: Mutex<Option<ThreadId>> = Mutex::new(None);

/// The whole screen, taken for as long as this exists.
pub struct Screen {
    terminal: Terminal<Placed<Stdout>>,
    /// The links of the frame that is shown.
    hyperlinks: Hyperlinks,
}

impl Screen {
    /// Takes the screen.
    ///
    /// # Errors
    ///
    /// If standard output is not a terminal, or does not obey.
    pub fn take(title: &str) -> io::Result<Self> {
        give_back_after_panics();
        // What is coloured the theme decides, which knows what the person wants (`NO_COLOR`); a code has its colours
        // anyway.
        force_color_output(true);
        *TAKER.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current().id());
        enable_raw_mode()?;
        IS_TAKEN.store(true, Ordering::SeqCst);
        let hyperlinks = Hyperlinks::default();
        let taken = execute!(
            io::stdout(),
            EnterAlternateScreen,
            SetTitle(title),
            EnableBracketedPaste,
            EnableMouseCapture,
            // What a terminal takes for wider than it is does not run into the next line.
            DisableLineWrap,
            Clear(ClearType::All),
            cursor::Hide
        )
        .and_then(|()| Terminal::new(Placed::new(io::stdout(), Rc::clone(&hyperlinks))));
        match taken {
            Ok(terminal) => Ok(Self { terminal, hyperlinks }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Draws a frame, which the terminal shows when it is whole (mode 2026, synchronized output): nobody sees the half
    /// of a lock screen with the half of the conversation that it hides. A terminal that does not know the mode ignores
    /// it. What draws gives the links that are in the frame.
    ///
    /// # Errors
    ///
    /// When the terminal is gone, or does not obey.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>) -> Vec<Hyperlink>) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| {
            let hyperlinks = draw(frame);
            settle(frame.buffer_mut());
            renew_uncertain_lines(frame.buffer_mut());
            let before = self.hyperlinks.replace(hyperlinks);
            hyperlink::renew_changed(frame.buffer_mut(), &before, &self.hyperlinks.borrow());
        })?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Forgets what is shown and clears the screen, in the terminal and in our memory.
    pub fn wipe(&mut self) {
        self.hyperlinks.borrow_mut().clear();
        // A frame that broke off may have left one open.
        let _ = execute!(self.terminal.backend_mut(), Print(hyperlink::ENDS));
        self.renew();
        // The empty screen is shown also when the last frame broke off.
        let _ = execute!(self.terminal.backend_mut(), EndSynchronizedUpdate);
    }

    /// Shows a text alone, which the terminal itself breaks into lines, so that the mouse selects it as one line.
    /// [`Screen::dress`] goes back.
    ///
    /// # Errors
    ///
    /// If the terminal is gone, or does not obey.
    pub fn bare(&mut self, text: &Sanitised, note: &Sanitised) -> io::Result<()> {
        execute!(
            self.terminal.backend_mut(),
            DisableMouseCapture,
            EnableLineWrap,
            Clear(ClearType::All),
            cursor::MoveTo(0, 0),
            Print(&**text),
            Print("\r\n\r\n"),
            Print(&**note)
        )
    }

    /// Goes back from [`Screen::bare`]. The next frame is written in full.
    ///
    /// # Errors
    ///
    /// If the terminal is gone, or does not obey.
    pub fn dress(&mut self) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), EnableMouseCapture, DisableLineWrap)?;
        self.renew();
        Ok(())
    }

    /// Writes the next frame in full, whatever another program may have put on the screen.
    pub fn renew(&mut self) {
        // A terminal that is gone shows nothing either. The library's own clearing asks the terminal where its cursor
        // is and waits for the answer: at an end nobody may be there to give it.
        let _ = self.terminal.backend_mut().clear();
        // Two buffers: the one that is shown, and the one that is drawn next.
        for _ in 0..2 {
            self.terminal.current_buffer_mut().reset();
            self.terminal.swap_buffers();
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Given back already after a panic: what stands there now are its words.
        if IS_TAKEN.load(Ordering::SeqCst) {
            self.wipe();
        }
        give_back();
    }
}

/// Gives the screen back if it is taken. Any thread may call it at any time.
pub fn give_back() {
    if !IS_TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    // A terminal that is gone needs nothing back.
    let _ = execute!(
        out,
        Print(hyperlink::ENDS),
        DisableMouseCapture,
        DisableBracketedPaste,
        EnableLineWrap,
        ResetColor,
        Clear(ClearType::All),
        LeaveAlternateScreen,
        SetTitle(""),
        // A frame that broke off is never seen.
        EndSynchronizedUpdate,
        cursor::Show
    );
    let _ = disable_raw_mode();
    let _ = out.flush();
}

/// Gives the screen back before the message of a panic in the thread that draws, which ends the program. A panic in
/// another thread ends only that thread, and its message is not written over the screen.
fn give_back_after_panics() {
    static IS_SET: AtomicBool = AtomicBool::new(false);
    if IS_SET.swap(true, Ordering::SeqCst) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_taker = *TAKER.lock().unwrap_or_else(PoisonError::into_inner) == Some(thread::current().id());
        if is_taker {
            give_back();
        }
        if !IS_TAKEN.load(Ordering::SeqCst) {
            before(panic);
        }
    }));
}
