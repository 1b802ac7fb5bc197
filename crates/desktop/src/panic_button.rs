//! Panic: everything is wiped and the program is gone within a second. And the ordinary way out.

use std::rc::Rc;
use std::time::Duration;

use shepot_client::limits::QUIT_PATIENCE;
use shepot_window as ui;
use slint::{ComponentHandle as _, Timer, TimerMode};

use crate::program::Program;
use crate::shown::Shown as _;
use crate::{dialogs, hosting, invitation, menu, search, switcher, toast};

/// How long the button has to be held.
const HOLD: Duration = Duration::from_secs(1);

/// Within what time the keys have to be pressed twice.
const TWICE: Duration = Duration::from_millis(1_500);

/// How often the ring grows.
const STEP: Duration = Duration::from_millis(33);

/// The state of the button.
#[derive(Default)]
pub(crate) struct PanicState {
    timer: Timer,
    /// By the steady clock.
    pressed_once: Option<Duration>,
    /// Tests look at what is left instead of ending the process.
    pub(crate) has_panicked: bool,
}

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Shell, on_panic_held, |program, down| held(&program, down));
}

fn held(program: &Rc<Program>, down: bool) {
    let shell = program.app.global::<ui::Shell>();
    if !down {
        program.panic.borrow().timer.stop();
        shell.set_panic_progress(0.0);
        return;
    }
    let began = program.now().steady;
    let here = Rc::downgrade(program);
    program.panic.borrow().timer.start(TimerMode::Repeated, STEP, move || {
        let Some(program) = here.upgrade() else { return };
        let held_for = program.now().steady.saturating_sub(began);
        let part = held_for.as_secs_f32() / HOLD.as_secs_f32();
        program.app.global::<ui::Shell>().set_panic_progress(part.min(1.0));
        if part >= 1.0 {
            program.panic.borrow().timer.stop();
            panic(&program);
        }
    });
}

/// The keys: the second time within a moment counts.
pub(crate) fn chord(program: &Rc<Program>) {
    let now = program.now().steady;
    let is_second = program.panic.borrow().pressed_once.is_some_and(|at| now.saturating_sub(at) <= TWICE);
    if is_second {
        return panic(program);
    }
    program.panic.borrow_mut().pressed_once = Some(now);
    toast::say(program, &program.tr("ui-pn-again", &[]), "flame");
}

/// Wipes everything and quits.
pub(crate) fn panic(program: &Rc<Program>) {
    program.panic.borrow_mut().has_panicked = true;
    // Connections first: nobody waits for a farewell.
    hosting::cut(program);
    program.engine.stop();
    wipe(program);
    let forgets = program.preferences().panic_forgets;
    if forgets {
        // The process ends; there is nobody left to be told.
        let _ = program.saved.borrow_mut().forget();
        if let Some(log) = &program.options.log {
            log.set(false, tracing::Level::ERROR);
            let _ = log.clear();
        }
    }
    end(program);
}

/// Takes everything that was said or shown out of memory.
pub(crate) fn wipe(program: &Rc<Program>) {
    program.clipboard.borrow_mut().clear();
    program.clipboard.borrow_mut().clear_selection();
    search::close(program);
    switcher::close(program);
    menu::close(program);
    dialogs::close(program);
    program.place.set(None);
    program.server.set(None);
    *program.desk.borrow_mut() = shepot_view::desk::Desk::default();
    program.list.borrow_mut().forget();
    *program.composer.borrow_mut() = crate::composer::ComposerState::default();
    program.lock.borrow_mut().forget();
    program.dialogs.borrow_mut().forget();
    program.picker.borrow_mut().forget();
    program.painter.borrow_mut().forget();
    invitation::forget(program);
    hosting::forget_visitors(program);
    let app = &program.app;
    app.global::<ui::Composer>().set_text("".shown());
    app.global::<ui::Composer>().set_bar_text(ui::Name::default());
    app.global::<ui::Composer>().set_bar_nick(ui::Name::default());
    app.global::<ui::Timeline>().set_news("".shown());
    app.global::<ui::Search>().set_wanted("".shown());
    app.global::<ui::Switcher>().set_wanted("".shown());
    app.global::<ui::Dialogs>().set_link("".shown());
    app.global::<ui::Lock>().set_passphrase("".shown());
    program.refresh_all();
}

/// Ends the program. Nothing is on the screen any more while the others are told.
pub(crate) fn quit(program: &Rc<Program>) {
    program.change_preferences(|_| {});
    wipe(program);
    end(program);
}

/// Leaves every circle and stops the relay, within a bound: once the window's loop has ended. After a panic there is
/// nothing left to leave.
pub(crate) fn leave(program: &Program) {
    program.engine.command(shepot_client::Command::Quit);
    hosting::stop_and_wait(program, QUIT_PATIENCE);
}

fn end(program: &Program) {
    // Hidden first: what was on it is not seen while the rest ends.
    let _ = program.app.hide();
    let _ = slint::quit_event_loop();
}
