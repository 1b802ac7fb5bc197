//! Carries out effects, and draws what changed.

use std::rc::Rc;
use std::time::Duration;

use shepot_app::{Changes, Effect, OutsideMsg, Page};
use shepot_preferences::{Density, Theme};
use shepot_view::desk::{Item, Place};
use shepot_window as ui;
use slint::winit_030::WinitWindowAccessor as _;
use slint::{ComponentHandle as _, TimerMode};

use crate::memory::{FieldMemory, PickerMemory};
use crate::program::Program;
use crate::shown::Shown as _;
use crate::timeline::Measures;
use crate::timeline::list::MessageList;
use crate::{
    banner, clipboard, completions, composer, connections, dialogs, first_run, hosting, keyboard, links,
    lock, members, notify, profile, rail, room, search, servers_page, settings, sidebar, timeline, toast,
    typing,
};

/// Draws what changed, and carries out the effects.
pub(crate) fn react(program: &Rc<Program>, effects: Vec<Effect>, changes: &Changes) {
    if effects.contains(&Effect::Panic) {
        // Nothing is drawn before the connections are cut.
        return panic(program, changes);
    }
    draw(program, changes);
    for effect in effects {
        carry_out(program, effect);
    }
    if changes.place {
        search::end_unseen(program);
    }
    wait(program);
}

/// Sets the timer for when the program next changes by time.
fn wait(program: &Rc<Program>) {
    let next = program.state().next_tick();
    let Some(next) = next.filter(|next| *next != Duration::MAX) else { return program.timers.tick.stop() };
    let here = Rc::downgrade(program);
    let left = next.saturating_sub(program.now().steady);
    program.timers.tick.start(TimerMode::SingleShot, left, move || {
        if let Some(program) = here.upgrade() {
            program.send(OutsideMsg::Tick);
        }
    });
}

fn carry_out(program: &Rc<Program>, effect: Effect) {
    match effect {
        Effect::Engine(request) => {
            let id = request.0.id;
            if !program.engine.request(request.0) {
                program.send(OutsideMsg::NotTaken(id));
            }
        }
        // The engine runs from the beginning.
        Effect::Start(_) => {}
        Effect::Copy(text) => clipboard::copy(program, &text),
        Effect::ForgetCopied => clipboard::forget(program),
        Effect::ForgetSelected => program.clipboard.borrow_mut().clear_selection(),
        Effect::Notify => {
            let with_sound = program.state().preferences.sound;
            let (title, text) = (program.tr("ui-app", &[]), program.tr("ui-n-text", &[]));
            program.notices.borrow().show(title, text, with_sound);
        }
        Effect::Keep => keep(program),
        Effect::OpenLink(link) => links::browse(program, &link),
        Effect::PaintAvatar(emoji) => program.send(OutsideMsg::AvatarPainted(profile::paint(&emoji))),
        Effect::Toggle(command) => keyboard::toggle(program, command),
        Effect::Quit => quit(program),
        // Done before all others.
        Effect::Panic => {}
        Effect::Host => hosting::start(program),
        Effect::StopHosting => hosting::stop(program),
        Effect::Relay(effect) => hosting::carry_out(program, &effect),
    }
}

/// Stores the preferences, if that is allowed.
fn keep(program: &Rc<Program>) {
    let kept = program.saved.borrow_mut().store(&program.state().preferences);
    if let Err(problem) = kept {
        tracing::warn!("preferences not written");
        program.send(OutsideMsg::Problem(problem.sentence(&program.l10n())));
    }
}

/// Forgets what was painted, searched for and picked in a session.
fn forget_session(program: &Rc<Program>) {
    program.painter.borrow_mut().forget();
    *program.picker.borrow_mut() = PickerMemory::default();
    search::put_away(program);
    program.app.global::<ui::Search>().set_wanted("".shown());
}

/// Forgets everything that the parts of the window keep to paint messages.
fn forget(program: &Rc<Program>) {
    program.list.borrow_mut().forget();
    forget_session(program);
    *program.field.borrow_mut() = FieldMemory::default();
    let mut clipboard = program.clipboard.borrow_mut();
    clipboard.clear();
    clipboard.clear_selection();
}

/// Ends the program. Hides the window first, while the others are told.
fn quit(program: &Rc<Program>) {
    keep(program);
    // Nothing that comes in any more changes what was kept.
    program.unregister();
    program.send(shepot_app::Msg::Wipe);
    forget(program);
    end(program);
}

/// Ends the program within a second, after everything was wiped.
fn panic(program: &Rc<Program>, wiped: &Changes) {
    program.unregister();
    // Connections first: nobody waits for a farewell.
    program.relay.borrow_mut().cut();
    program.engine.stop();
    connections::forget(program);
    // Hidden first. What stands in the tree goes by being drawn: nothing is left to draw.
    let _ = program.app.hide();
    draw(program, wiped);
    forget(program);
    if program.state().preferences.panic_forgets {
        // The process ends; there is nobody left to be told.
        let _ = program.saved.borrow_mut().forget();
        if let Some(log) = &program.options.log {
            log.set(false, tracing::Level::ERROR);
            let _ = log.clear();
        }
    }
    end(program);
}

fn end(program: &Program) {
    // Hidden first: what was on it is not seen while the rest ends.
    let _ = program.app.hide();
    let _ = slint::quit_event_loop();
}

fn draw(program: &Rc<Program>, changes: &Changes) {
    if changes.session_over {
        forget_session(program);
    }
    let all;
    let changes = if changes.settings {
        settings::fill(program);
        // Its emoji take long to paint, and it is painted when it is opened.
        if program.state().page == Page::Settings {
            profile::refresh(program);
        }
        first_run::fill(program);
        restyle(program);
        all = look_of_everything(changes.clone());
        &all
    } else {
        changes
    };
    if changes.came_in {
        first_run::done(program);
        servers_page::clear(program);
        // A narrow window shows where one went in, or why not.
        program.app.global::<ui::Shell>().set_narrow_shows_room(true);
    }
    draw_timeline(program, changes);
    if changes.servers || changes.place {
        rail::refresh(program);
        servers_page::refresh(program);
        notify::refresh(program);
    }
    if changes.shown || changes.place {
        sidebar::refresh(program);
        room::refresh(program);
        members::refresh(program);
    } else if changes.timeline {
        // It tells of what waits there.
        banner::refresh(program);
    }
    if changes.composer || changes.shown || changes.place || changes.timeline {
        composer::refresh(program);
    }
    if changes.field {
        composer::put_text(program);
    }
    if changes.completions || changes.field {
        completions::refresh(program);
    }
    if changes.typing || changes.place || changes.shown {
        typing::refresh(program);
    }
    // Where it was said is told in terms of the room that is shown.
    if changes.search || changes.place {
        search::refresh(program);
    }
    draw_over(program, changes);
}

/// Draws dialogs, pages and toasts.
fn draw_over(program: &Rc<Program>, changes: &Changes) {
    if changes.overlay {
        lock::refresh(program);
        dialogs::refresh(program);
    } else if changes.servers && program.state().lock.is_locked() {
        lock::refresh(program);
    }
    if changes.page {
        draw_page(program);
    }
    if changes.visitors || changes.page {
        connections::refresh(program);
    }
    if let Some(section) = changes.section {
        settings::open_section(program, settings::section_of(section));
    }
    if changes.toast {
        toast::refresh(program);
    }
    if changes.memory {
        settings::refresh_posture(program);
    }
}

fn draw_page(program: &Rc<Program>) {
    let (page, has_servers) = {
        let state = program.state();
        (state.page, !state.desk.servers().is_empty() || !state.preferences.servers.is_empty())
    };
    let shown = match page {
        Page::FirstRun => ui::Page::FirstRun,
        Page::Room => ui::Page::Chat,
        Page::Servers => ui::Page::Servers,
        Page::Connections => ui::Page::Connections,
        Page::Settings => ui::Page::Settings,
    };
    first_run::refresh(program);
    servers_page::refresh_errors(program);
    servers_page::refresh(program);
    let shell = program.app.global::<ui::Shell>();
    shell.set_can_switch(has_servers);
    let before = shell.get_page();
    shell.set_page(shown);
    if before == shown {
        return;
    }
    if shown == ui::Page::Settings {
        settings::opened(program);
    }
    if before == ui::Page::Settings {
        first_run::fill(program);
    }
    program.app.invoke_focus_page();
}

fn draw_timeline(program: &Rc<Program>, changes: &Changes) {
    let place = program.state().place;
    if changes.place {
        place_changed(program, place);
    } else if changes.timeline {
        // What was read aloud may be gone by now, or another.
        program.app.global::<ui::Timeline>().set_news("".shown());
        let is_online = is_online(program);
        timeline::renew(program, |list, tools| list.restyle(|measures| measures.online = is_online, tools));
    }
    let mut is_news = false;
    for serial in &changes.appended {
        is_news |= append(program, place, *serial, changes.place || changes.timeline);
    }
    if is_news {
        timeline::announce(program);
    }
    if let Some(message) = changes.reveals {
        let row = program.list.borrow().index_of(&message);
        if let Some(row) = row {
            timeline::flash(program, row);
        }
    }
    if changes.to_newest && !changes.place {
        timeline::renew(program, MessageList::show_end);
    }
    if changes.place || changes.timeline || !changes.appended.is_empty() {
        timeline::keep_time(program);
    }
}

fn is_online(program: &Program) -> bool {
    program.shown().is_some_and(|server| server.is_connected())
}

fn place_changed(program: &Rc<Program>, place: Option<Place>) {
    let is_online = is_online(program);
    program.app.global::<ui::Timeline>().set_news("".shown());
    timeline::renew(program, |list, tools| {
        list.restyle(|measures| measures.online = is_online, tools);
        list.open(place, tools)
    });
    timeline::looks(program);
    let shell = program.app.global::<ui::Shell>();
    // A narrow window shows the room that was gone to.
    let had_room = program.frame.had_room.replace(place.is_some());
    if place.is_some() && had_room {
        shell.set_narrow_shows_room(true);
    }
}

/// Draws a new item. Returns true if somebody else said it in the open room. `is_drawn`: it is in the list already.
fn append(program: &Rc<Program>, place: Option<Place>, serial: u64, is_drawn: bool) -> bool {
    let (is_own, is_here) = {
        let shown = program.shown();
        let item = shown.as_deref().and_then(|server| server.timeline().item(serial));
        let Some(Item::Message(message)) = item else {
            drop(shown);
            if !is_drawn {
                timeline::renew(program, |list, tools| list.append(serial, false, tools));
            }
            return true;
        };
        let is_own = message.delivery != shepot_client::model::Delivery::Received;
        (is_own, place.is_some_and(|place| place.conversation == message.conversation))
    };
    if !is_drawn {
        timeline::renew(program, |list, tools| list.append(serial, is_own, tools));
    }
    is_here && !is_own
}

/// The changes that include everything that depends on theme, language, size and scale.
fn look_of_everything(changes: Changes) -> Changes {
    Changes {
        servers: true,
        shown: true,
        composer: true,
        typing: true,
        page: true,
        overlay: true,
        search: true,
        ..changes
    }
}

/// The scale of the window or the theme of the system changed.
pub(crate) fn look_otherwise(program: &Rc<Program>) {
    restyle(program);
    draw(program, &look_of_everything(Changes::default()));
}

/// Applies the theme, the language and the sizes from the preferences.
fn restyle(program: &Rc<Program>) {
    let preferences = program.preferences();
    let is_dark = match preferences.theme {
        Theme::Dark => true,
        Theme::Light => false,
        Theme::System => system_is_dark(program),
    };
    let theme = program.app.global::<ui::Theme>();
    theme.set_dark(is_dark);
    theme.set_still(preferences.reduce_motion);
    let l10n = program.app.global::<ui::L10n>();
    l10n.set_revision(l10n.get_revision() + 1);
    let shell = program.app.global::<ui::Shell>();
    shell.set_has_frame(preferences.system_frame);
    let scale = program.app.window().scale_factor();
    program.painter.borrow_mut().set(scale, is_dark);
    sidebar::fill_moods(program);
    protect(program);
    let narrow = shell.get_is_narrow();
    timeline::renew(program, |list, tools| {
        let set = |measures: &mut Measures| {
            measures.size = f32::from(preferences.text_size);
            measures.compact = preferences.density == Density::Compact;
            measures.narrow = narrow;
        };
        list.restyle(set, tools)
    });
}

/// Whether the system's theme is dark.
fn system_is_dark(program: &Program) -> bool {
    let theme = program.app.window().with_winit_window(|window| window.theme()).flatten();
    !matches!(theme, Some(slint::winit_030::winit::window::Theme::Light))
}

/// Sets whether other programs see the window in screen recordings.
pub(crate) fn protect(program: &Program) {
    let hides = program.state().preferences.hides_window;
    // Nothing to do where the system cannot; the setting is not shown there.
    let _ = program.app.window().with_winit_window(|window| window.set_content_protected(hides));
}
