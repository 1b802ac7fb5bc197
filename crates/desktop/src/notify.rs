//! Telling the person of what is new: without a nick, a room or a word of it.

use std::rc::Rc;
use std::time::Duration;

use shepot_preferences::About;
use shepot_view::desk::Place;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::program::Program;
use crate::shown::Shown as _;
use crate::{adding, dialogs, lock};

/// Notifications are so far apart at least.
const APART: Duration = Duration::from_secs(3);

/// The system's notifications and tray.
pub(crate) struct Notices {
    is_real: bool,
    /// By the steady clock.
    last: Option<Duration>,
    tray: Option<ui::Tray>,
}

impl Notices {
    pub(crate) const fn new(is_real: bool) -> Self {
        Self { is_real, last: None, tray: None }
    }

    /// Whether the last one is long enough ago; this one is the last then.
    fn may_give(&mut self, now: Duration) -> bool {
        if self.last.is_some_and(|last| now.saturating_sub(last) < APART) {
            return false;
        }
        self.last = Some(now);
        true
    }
}

/// Something came in that the person has not seen.
pub(crate) fn news(program: &Rc<Program>, place: Place, is_mention: bool) {
    let kept = program.preferences();
    if program.app.global::<ui::Shell>().get_is_locked() {
        lock::refresh(program);
    }
    let is_muted = {
        let desk = program.desk.borrow();
        desk.server(place.server)
            .and_then(|server| server.conversation(place.room))
            .is_some_and(|known| known.is_muted)
    };
    let about = adding::kept(program, place.server).and_then(|server| server.about).unwrap_or(kept.about);
    let wants = match about {
        About::Everything => true,
        About::Mentions => is_mention,
        About::Nothing => false,
    };
    if !kept.notifies || is_muted || !wants || program.is_active.get() {
        return;
    }
    let mut notices = program.notices.borrow_mut();
    if notices.may_give(program.now().steady) && notices.is_real {
        show(program, kept.sound);
    }
}

fn show(program: &Program, with_sound: bool) {
    let (title, text) = (program.tr("ui-app", &[]), program.tr("ui-n-text", &[]));
    // The system may take its time, or have no such service.
    let shown = std::thread::Builder::new().name("notification".to_owned()).spawn(move || {
        let mut notification = notify_rust::Notification::new();
        notification.summary(&title).body(&text).appname("Shepot");
        if with_sound {
            notification.sound_name("message-new-instant");
        }
        let _ = notification.show();
    });
    drop(shown);
}

/// The dot on the icon, and the window's title.
pub(crate) fn refresh_badge(program: &Rc<Program>) {
    let (unread, _) = program.desk.borrow().unread();
    let has_news = unread > 0 && program.preferences().badge;
    let notices = program.notices.borrow();
    if let Some(tray) = &notices.tray {
        tray.set_has_news(has_news);
        tray.set_app_name(program.tr("ui-app", &[]).shown());
        tray.set_show_text(program.tr("ui-tray-show", &[]).shown());
        tray.set_lock_text(program.tr("ui-lock", &[]).shown());
        tray.set_quit_text(program.tr("ui-qt-btn", &[]).shown());
    }
}

/// Puts an icon into the system's tray, where it has one.
pub(crate) fn show_tray(program: &Rc<Program>) {
    if !program.options.uses_system {
        return;
    }
    let Ok(tray) = ui::Tray::new() else { return };
    let here = Rc::downgrade(program);
    tray.on_show_window(move || {
        if let Some(program) = here.upgrade() {
            program.app.window().set_minimized(false);
            let _ = program.app.show();
        }
    });
    let here = Rc::downgrade(program);
    tray.on_lock(move || {
        if let Some(program) = here.upgrade() {
            lock::lock(&program);
        }
    });
    let here = Rc::downgrade(program);
    tray.on_quit(move || {
        if let Some(program) = here.upgrade() {
            let _ = program.app.show();
            dialogs::quit(&program);
        }
    });
    program.notices.borrow_mut().tray = Some(tray);
    refresh_badge(program);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notifications_are_apart() {
        let mut notices = Notices::new(false);
        let begin = Duration::from_secs(100);
        assert!(notices.may_give(begin));
        let just_before = begin + APART - Duration::from_millis(1);
        assert!(!notices.may_give(just_before));
        assert!(notices.may_give(begin + APART), "one that was not given does not count");
        assert!(!notices.may_give(begin + APART));
    }
}
