//! Locking: nothing is shown until the passphrase is given. The session goes on.

use std::rc::Rc;
use std::time::Duration;

use shepot_view::passphrase::{ATTEMPTS, Passphrase};
use shepot_window as ui;
use slint::{ComponentHandle as _, Timer, TimerMode};
use zeroize::Zeroizing;

use crate::program::Program;
use crate::shown::Shown as _;
use crate::{dialogs, emoji_picker, menu, panic_button, room, switcher};

/// How often idleness is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Whether the window is locked, and how it opens.
#[derive(Default)]
pub(crate) struct LockState {
    passphrase: Option<Passphrase>,
    wrong: u32,
    /// By the steady clock.
    active_at: Duration,
    timer: Timer,
}

impl LockState {
    pub(crate) const fn has_passphrase(&self) -> bool {
        self.passphrase.is_some()
    }

    /// Whether nobody was there for so long, and there is a passphrase to open it again.
    fn is_idle(&self, now: Duration, idle: Duration) -> bool {
        self.has_passphrase() && now.saturating_sub(self.active_at) >= idle
    }

    /// Forgets the passphrase.
    pub(crate) fn forget(&mut self) {
        self.passphrase = None;
    }
}

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Shell, on_lock, |program| lock(&program));
    on!(program, Shell, on_activity, |program| is_active(&program));
    on!(program, Lock, on_unlock, |program| unlock(&program));
    watch(program);
}

/// Takes a passphrase for this session; false when the system gives no randomness for it.
pub(crate) fn set_passphrase(program: &Rc<Program>, passphrase: &str) -> bool {
    let Some(passphrase) = Passphrase::new(passphrase) else { return false };
    program.lock.borrow_mut().passphrase = Some(passphrase);
    program.app.global::<ui::Settings>().set_has_passphrase(true);
    true
}

/// Locks; asks for a passphrase first when there is none.
pub(crate) fn lock(program: &Rc<Program>) {
    let shell = program.app.global::<ui::Shell>();
    if shell.get_is_locked() {
        return;
    }
    if !program.lock.borrow().has_passphrase() {
        return dialogs::passphrase(program, true);
    }
    menu::close(program);
    switcher::close(program);
    emoji_picker::close_if_open(program);
    dialogs::close(program);
    program.lock.borrow_mut().wrong = 0;
    let page = program.app.global::<ui::Lock>();
    page.set_passphrase("".shown());
    page.set_error("".shown());
    program.app.global::<ui::Timeline>().set_news("".shown());
    shell.set_is_locked(true);
    program.app.invoke_park_focus();
    room::looked(program);
    refresh(program);
    tracing::info!("locked");
}

/// How much came in meanwhile.
pub(crate) fn refresh(program: &Program) {
    let (unread, _) = program.desk.borrow().unread();
    let text =
        if unread > 0 { program.tr("ui-lk-unread", &[("n", &unread.to_string())]) } else { String::new() };
    program.app.global::<ui::Lock>().set_unread(text.shown());
}

fn unlock(program: &Rc<Program>) {
    let page = program.app.global::<ui::Lock>();
    let typed = Zeroizing::new(page.get_passphrase().to_string());
    let is_right = {
        let state = program.lock.borrow();
        state.passphrase.as_ref().is_some_and(|kept| kept.is_right(&typed))
    };
    page.set_passphrase("".shown());
    if is_right {
        is_active(program);
        page.set_error("".shown());
        program.app.global::<ui::Shell>().set_is_locked(false);
        tracing::info!("unlocked");
        program.refresh_all();
        program.app.invoke_focus_page();
        room::looked(program);
        return;
    }
    let wrong = {
        let mut state = program.lock.borrow_mut();
        state.wrong += 1;
        state.wrong
    };
    let wipes = program.preferences().wipe_after_wrong;
    if wipes && wrong >= ATTEMPTS {
        return panic_button::panic(program);
    }
    let text = if wipes {
        program.l10n().tr_count("ui-lk-wrong", u64::from(ATTEMPTS - wrong))
    } else {
        program.tr("ui-lk-wrong-only", &[])
    };
    page.set_error(text.shown());
}

/// Somebody is there.
pub(crate) fn is_active(program: &Program) {
    program.lock.borrow_mut().active_at = program.now().steady;
}

/// Locks after idleness, as the person set it.
pub(crate) fn watch(program: &Rc<Program>) {
    let minutes = program.preferences().lock_after_minutes;
    is_active(program);
    let state = program.lock.borrow();
    if minutes == 0 {
        return state.timer.stop();
    }
    let idle = Duration::from_secs(u64::from(minutes) * 60);
    let here = Rc::downgrade(program);
    state.timer.start(TimerMode::Repeated, LOOK, move || {
        let Some(program) = here.upgrade() else { return };
        let is_idle = program.lock.borrow().is_idle(program.now().steady, idle);
        if is_idle {
            lock(&program);
        }
    });
}
