//! The lock: everything is hidden until the passphrase is entered. The session continues.

use std::rc::Rc;

use shepot_app::{Msg, OverMsg};
use shepot_view::command::Command;
use shepot_window as ui;
use slint::ComponentHandle as _;
use zeroize::Zeroizing;

use crate::program::Program;
use crate::shown::Shown as _;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Shell, on_lock, |program| program.send(Msg::Run(Command::Lock)));
    on!(program, Shell, on_activity, |program| program.send(Msg::Activity));
    on!(program, Lock, on_unlock, |program| {
        let page = program.app.global::<ui::Lock>();
        let typed = Zeroizing::new(page.get_passphrase().to_string());
        page.set_passphrase("".shown());
        program.send(OverMsg::Unlock(typed));
    });
}

pub(crate) fn refresh(program: &Rc<Program>) {
    let shell = program.app.global::<ui::Shell>();
    let page = program.app.global::<ui::Lock>();
    let (is_locked, error, unread) = {
        let state = program.state();
        (state.lock.is_locked(), state.lock.error.clone(), state.desk.unread().0)
    };
    // How much came in meanwhile.
    let unread =
        if unread > 0 { program.tr("ui-lk-unread", &[("n", &unread.to_string())]) } else { String::new() };
    page.set_unread(unread.shown());
    page.set_error(error.shown());
    let body = program.state().lock_body();
    page.set_body(body.shown());
    if shell.get_is_locked() == is_locked {
        return;
    }
    page.set_passphrase("".shown());
    shell.set_is_locked(is_locked);
    if is_locked {
        program.app.global::<ui::Timeline>().set_news("".shown());
        program.app.invoke_park_focus();
    } else {
        program.app.invoke_focus_page();
    }
}
