//! The clipboard: what was copied here leaves it after a minute, if the person wants that, and with the program.

use std::rc::Rc;
use std::time::Duration;

use shepot_client::model::ServerId;
use shepot_sanitise::Sanitised;
use shepot_view::sentence;
use shepot_view::writing::MOST_WRITTEN;
use slint::{ComponentHandle as _, Timer, TimerMode};
use zeroize::Zeroizing;

use crate::program::Program;
use crate::toast;

/// How long what was copied stays.
const KEPT: Duration = Duration::from_secs(60);

/// Selections that are remembered; the oldest are forgotten.
const MOST_SELECTED: usize = 256;

/// The system's clipboard, as far as this program uses it.
pub(crate) struct Clipboard {
    system: Option<arboard::Clipboard>,
    ours: Option<Zeroizing<String>>,
    /// Where it was copied: it goes with that session.
    from: Option<ServerId>,
    /// What was selected in a field: some systems give that to others as well.
    selected: Vec<Zeroizing<String>>,
    timer: Timer,
    selection_timer: Timer,
}

impl Clipboard {
    /// `is_real`: the windowing system has one. Tests have none.
    pub(crate) fn new(is_real: bool) -> Self {
        Self {
            system: if is_real { arboard::Clipboard::new().ok() } else { None },
            ours: None,
            from: None,
            selected: Vec::new(),
            timer: Timer::default(),
            selection_timer: Timer::default(),
        }
    }

    /// A picture: width, height, pixels (red, green, blue, alpha).
    pub(crate) fn picture(&mut self) -> Option<(u32, u32, Vec<u8>)> {
        let picture = self.system.as_mut()?.get_image().ok()?;
        let (width, height) = (u32::try_from(picture.width).ok()?, u32::try_from(picture.height).ok()?);
        Some((width, height, picture.bytes.into_owned()))
    }

    /// How many characters of text there are.
    fn characters(&mut self) -> usize {
        self.system.as_mut().and_then(|system| system.get_text().ok()).map_or(0, |text| text.chars().count())
    }

    /// How many characters of text are selected, where the system pastes those by the mouse.
    fn selected_characters(&mut self) -> usize {
        #[cfg(target_os = "linux")]
        if let Some(system) = &mut self.system {
            use arboard::{GetExtLinux as _, LinuxClipboardKind::Primary};
            let selected = system.get().clipboard(Primary).text().map(Zeroizing::new);
            return selected.map_or(0, |text| text.chars().count());
        }
        0
    }

    fn put(&mut self, text: &Sanitised) -> bool {
        self.ours = Some(Zeroizing::new(text.to_string()));
        let Some(system) = &mut self.system else { return true };
        let set = system.set();
        // Managers that keep a history are asked not to keep this.
        #[cfg(target_os = "linux")]
        let set = arboard::SetExtLinux::exclude_from_history(set);
        #[cfg(target_os = "macos")]
        let set = arboard::SetExtApple::exclude_from_history(set);
        #[cfg(windows)]
        let set = arboard::SetExtWindows::exclude_from_history(set);
        set.text(&**text).is_ok()
    }

    /// Empties the system's selection if what is in it is still ours.
    pub(crate) fn clear_selection(&mut self) {
        self.selection_timer.stop();
        let selected = std::mem::take(&mut self.selected);
        if selected.is_empty() {
            return;
        }
        #[cfg(target_os = "linux")]
        if let Some(system) = &mut self.system {
            use arboard::{ClearExtLinux as _, GetExtLinux as _, LinuxClipboardKind::Primary};
            let now = system.get().clipboard(Primary).text().map(Zeroizing::new);
            if now.is_ok_and(|now| selected.contains(&now)) {
                // Gone already, or another's by now: nothing to clear.
                let _ = system.clear_with().clipboard(Primary);
            }
        }
        drop(selected);
    }

    /// Empties the clipboard if what is in it is still ours.
    pub(crate) fn clear(&mut self) {
        self.timer.stop();
        self.from = None;
        let Some(ours) = self.ours.take() else { return };
        if let Some(system) = &mut self.system
            && system.get_text().is_ok_and(|text| text == *ours)
        {
            // Gone already, or another's by now: nothing to clear.
            let _ = system.clear();
        }
    }
}

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Shell, on_copy_part, |program, text, from, to| {
        if let Some(part) = part(&text, from, to) {
            copy(&program, &Sanitised::of(part));
        }
    });
    on!(program, Shell, on_is_too_long_to_paste, |program, text| {
        let pasted = program.clipboard.borrow_mut().characters();
        let is_too_long = text.chars().count() + pasted > MOST_WRITTEN;
        if is_too_long {
            toast::problem(&program, &sentence::too_long_to_paste(&program.l10n()));
        }
        is_too_long
    });
    on!(program, Shell, on_selected_part, |program, text, from, to| {
        if !program.preferences().clears_clipboard {
            return;
        }
        let Some(part) = part(&text, from, to).map(|part| Zeroizing::new(part.to_owned())) else { return };
        let here = Rc::downgrade(&program);
        let mut clipboard = program.clipboard.borrow_mut();
        // The toolkit gives away one of them, and does not say which.
        if clipboard.selected.len() >= MOST_SELECTED {
            clipboard.selected.remove(0);
        }
        clipboard.selected.push(part);
        clipboard.selection_timer.start(TimerMode::SingleShot, KEPT, move || {
            if let Some(program) = here.upgrade() {
                program.clipboard.borrow_mut().clear_selection();
            }
        });
    });
}

/// What is selected elsewhere is longer than anything that can be written here: the person is told.
pub(crate) fn refuses_selection(program: &Program) -> bool {
    let is_too_long = program.clipboard.borrow_mut().selected_characters() > MOST_WRITTEN;
    if is_too_long {
        toast::problem(program, &sentence::too_long_to_paste(&program.l10n()));
    }
    is_too_long
}

/// The part of a text between two places, in bytes.
fn part(text: &str, from: i32, to: i32) -> Option<&str> {
    text.get(usize::try_from(from.min(to)).ok()?..usize::try_from(from.max(to)).ok()?)
}

/// Copies a text.
pub(crate) fn copy(program: &Rc<Program>, text: &Sanitised) {
    if !program.clipboard.borrow_mut().put(text) {
        return toast::problem(program, &program.tr("ui-copy-failed", &[]));
    }
    if !program.preferences().clears_clipboard {
        return toast::say(program, &program.tr("ui-copied", &[]), "check");
    }
    let seconds = KEPT.as_secs().to_string();
    let said = format!("{}. {}", program.tr("ui-copied", &[]), program.tr("ui-inv-clip", &[("n", &seconds)]));
    toast::say(program, &said, "check");
    let here = Rc::downgrade(program);
    let mut clipboard = program.clipboard.borrow_mut();
    clipboard.from = program.server.get();
    clipboard.timer.start(TimerMode::SingleShot, KEPT, move || {
        if let Some(program) = here.upgrade() {
            program.clipboard.borrow_mut().clear();
        }
    });
}

/// A session is over: what was copied in it goes at once.
pub(crate) fn session_over(program: &Program, server: ServerId) {
    let mut clipboard = program.clipboard.borrow_mut();
    clipboard.clear_selection();
    if clipboard.from == Some(server) {
        clipboard.clear();
    }
}
