//! Shows that there is something new, without a nick, a room or a text.

use std::rc::Rc;

use shepot_app::Msg;
use shepot_view::command::Command;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::program::Program;
use crate::shown::Shown as _;

/// Updates the dot on the icon and the title of the window.
pub(crate) fn refresh(program: &Program) {
    let (unread, _) = program.state().desk.unread();
    program.app.global::<ui::Room>().set_news_elsewhere(unread > 0);
    let has_news = unread > 0 && program.state().preferences.badge;
    let name = program.tr("ui-app", &[]);
    let title = if has_news { format!("({unread}) {name}") } else { name };
    program.app.global::<ui::Shell>().set_title(title.shown());
    let notices = program.notices.borrow();
    if let Some(tray) = &notices.tray {
        tray.set_has_news(has_news);
        tray.set_app_name(program.tr("ui-app", &[]).shown());
        tray.set_show_text(program.tr("ui-tray-show", &[]).shown());
        tray.set_lock_text(program.tr("ui-lock", &[]).shown());
        tray.set_quit_text(program.tr("ui-qt-btn", &[]).shown());
    }
}

/// Puts an icon into the system's tray, if there is one.
pub(crate) fn show_tray(program: &Rc<Program>) {
    if !program.options.uses_system {
        return;
    }
    let Ok(tray) = ui::Tray::new() else { return };
    let here = Rc::downgrade(program);
    tray.on_show_window(move || {
        if let Some(program) = here.upgrade() {
            program.to_front();
        }
    });
    let here = Rc::downgrade(program);
    tray.on_lock(move || {
        if let Some(program) = here.upgrade() {
            program.send(Msg::Run(Command::Lock));
        }
    });
    let here = Rc::downgrade(program);
    tray.on_quit(move || {
        if let Some(program) = here.upgrade() {
            let _ = program.app.show();
            program.send(Msg::Close);
        }
    });
    program.notices.borrow_mut().tray = Some(tray);
    refresh(program);
}
