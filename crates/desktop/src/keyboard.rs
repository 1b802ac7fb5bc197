//! Keys for the whole window: their commands, and going one step back.

use std::rc::Rc;

use shepot_app::Bar;
use shepot_app::{Msg, Page, PageMsg};
use shepot_view::command::Command;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::program::Program;
use crate::shown::typed;
use crate::{composer, connections, keys, search, settings, sidebar};

/// The number of parts of the window that F6 goes through.
const REGIONS: i32 = 5;

/// The number of the part with the messages.
const MESSAGES: i32 = 2;

/// The number of the part with the composer.
const COMPOSER: i32 = 3;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Shell, on_key, |program, text, control, shift, alt, again| {
        heard(&program);
        match keys::chord(&text, control, shift, alt) {
            // A key that is held: going through rooms goes on, everything else was meant once.
            Some(chord) if again && Command::by(chord).is_some_and(|command| !goes_on(command)) => true,
            Some(_) | None => key(&program, &text, control, shift, alt),
        }
    });
    on!(program, Shell, on_step_back, |program| {
        back(&program);
    });
    on!(program, Shell, on_letter, |program, text| letter(&program, &text));
    on!(program, Shell, on_paste, |program| {
        let is_for_composer = is_for_composer(&program);
        if is_for_composer {
            program.app.invoke_paste();
        }
        is_for_composer
    });
    on!(program, Popups, on_heard, |program| heard(&program));
    on!(program, Shell, on_open_page, |program, page| {
        match page {
            ui::Page::Settings => program.send(PageMsg::OpenPage(Page::Settings)),
            ui::Page::Connections => program.send(Msg::Run(Command::Connections)),
            ui::Page::Servers => program.send(PageMsg::OpenPage(Page::Servers)),
            ui::Page::Chat | ui::Page::FirstRun => program.send(PageMsg::OpenPage(Page::Room)),
        }
        program.app.invoke_focus_page();
    });
}

/// Counts a key that reached something.
fn heard(program: &Program) {
    program.frame.keys_heard.set(program.frame.keys_heard.get().wrapping_add(1));
}

fn key(program: &Rc<Program>, text: &str, control: bool, shift: bool, alt: bool) -> bool {
    let Some(chord) = keys::chord(text, control, shift, alt) else { return false };
    if let Some(digit) = keys::digit(text).filter(|_| control && !shift && !alt) {
        program.send(Msg::GoToServerAt(digit - 1));
        write_on(program);
        return true;
    }
    Command::by(chord).is_some_and(|command| run(program, command))
}

/// Whether the command repeats while its keys are held.
const fn goes_on(command: Command) -> bool {
    matches!(
        command,
        Command::NextServer
            | Command::PreviousServer
            | Command::NextRoom
            | Command::PreviousRoom
            | Command::NextUnread
            | Command::PreviousUnread
    )
}

/// Runs a command. Returns false if there was nothing to do.
fn run(program: &Rc<Program>, command: Command) -> bool {
    let (is_locked, is_asked, page) = {
        let state = program.state();
        let is_asked = state.overlay.as_ref().is_some_and(|over| over.is_question() || over.is_read());
        (state.lock.is_locked(), is_asked, state.page)
    };
    // That page has ways of its own to go where there is nothing yet.
    let leads_in = matches!(
        command,
        Command::AddServer
            | Command::Connections
            | Command::Connect
            | Command::Emoji
            | Command::Host
            | Command::Members
            | Command::Moods
            | Command::Search
            | Command::Switcher
    );
    if leads_in && page == Page::FirstRun {
        return true;
    }
    // The program knows what works without the passphrase.
    if is_locked {
        program.send(Msg::Run(command));
    } else if command == Command::Rooms {
        // The list of rooms is always there, or behind its button.
        return false;
    } else if command == Command::Back {
        return back(program);
    } else if command == Command::Emoji {
        let shell = program.app.global::<ui::Shell>();
        if shell.get_is_narrow() && !shell.get_narrow_shows_room() {
            // The field is not seen.
            return true;
        }
        composer::open_emoji(program);
    } else if matches!(command, Command::NextRegion | Command::PreviousRegion) {
        if is_asked {
            // What is asked, or read, is all that the keyboard reaches.
            return false;
        }
        region(program, if command == Command::NextRegion { 1 } else { REGIONS - 1 });
    } else {
        program.send(Msg::Run(command));
    }
    if matches!(command, Command::NextServer | Command::PreviousServer) {
        write_on(program);
    }
    true
}

/// Whether nothing lies over the page.
fn is_free(program: &Program) -> bool {
    let state = program.state();
    state.overlay.is_none() && !state.lock.is_locked()
}

/// Focuses the composer.
fn write_on(program: &Program) {
    if is_free(program) {
        program.app.invoke_focus_composer();
    }
}

/// Goes exactly one step back.
fn back(program: &Rc<Program>) -> bool {
    let shell = program.app.global::<ui::Shell>();
    let (is_covered, page, has_step) = {
        let state = program.state();
        let has_step = !state.composer.completions.offered.is_empty() || state.composer.bar() != Bar::None;
        (state.overlay.is_some(), state.page, has_step)
    };
    if is_covered {
        program.send(Msg::Back);
        return true;
    }
    if settings::step_back(program) || connections::step_back(program) {
        return true;
    }
    if !matches!(page, Page::Room | Page::FirstRun) {
        program.send(Msg::Back);
        program.app.invoke_focus_page();
        return true;
    }
    if page == Page::FirstRun {
        return false;
    }
    let moods_float = program.app.global::<ui::Sidebar>().get_moods_open() && program.app.get_moods_float();
    if moods_float {
        sidebar::toggle_moods(program);
    } else if has_step {
        program.send(Msg::Back);
        program.app.invoke_focus_composer();
    } else if search::close(program) {
        program.app.invoke_focus_composer();
    } else if shell.get_drawer_open() {
        shell.set_drawer_open(false);
    } else if shell.get_side_floats() && shell.get_side() != ui::Side::None {
        shell.set_side(ui::Side::None);
    } else if program.app.global::<ui::Sidebar>().get_moods_open() {
        sidebar::toggle_moods(program);
        program.app.invoke_focus_composer();
    } else if shell.get_is_narrow() && shell.get_narrow_shows_room() && program.list.borrow().sticks() {
        // On a narrow window the list of rooms is a step before the room.
        shell.set_narrow_shows_room(false);
        program.app.invoke_focus_page();
    } else if program.has_room() {
        program.send(Msg::Back);
        program.app.invoke_focus_composer();
    } else {
        return false;
    }
    true
}

/// Shows or hides what stands beside the room.
pub(crate) fn toggle(program: &Rc<Program>, command: Command) {
    if command == Command::Moods {
        sidebar::toggle_moods(program);
    } else if command == Command::Members {
        let shell = program.app.global::<ui::Shell>();
        let is_open = shell.get_side() == ui::Side::Members;
        if !shell.get_side_floats() {
            program.frame.wants_members.set(!is_open);
        }
        shell.set_side(if is_open { ui::Side::None } else { ui::Side::Members });
        search::end_unseen(program);
    } else if command == Command::Search && program.has_room() {
        search::toggle(program);
    }
}

fn region(program: &Rc<Program>, by: i32) {
    let app = &program.app;
    if app.global::<ui::Shell>().get_page() != ui::Page::Chat {
        return app.invoke_focus_page();
    }
    let now = now(program);
    let next = (now + by).rem_euclid(REGIONS);
    program.frame.region_before.set(next);
    program.list.borrow_mut().rings |= next == MESSAGES;
    app.invoke_focus_region(next);
}

/// The part of the window that has the focus, or had it last.
fn now(program: &Program) -> i32 {
    if program.app.get_composer_focused() {
        COMPOSER
    } else if program.app.get_list_focused() {
        MESSAGES
    } else {
        program.frame.region_before.get()
    }
}

/// Whether what is typed or pasted while nothing else takes it is meant for the composer.
fn is_for_composer(program: &Program) -> bool {
    let shell = program.app.global::<ui::Shell>();
    let is_seen = !shell.get_is_narrow() || shell.get_narrow_shows_room();
    is_free(program) && program.state().page == Page::Room && is_seen && program.has_room()
}

/// Sends a typed letter to the composer, whatever has the focus.
fn letter(program: &Rc<Program>, text: &str) -> bool {
    // Keys without a letter are control characters or stand in a private area.
    let is_letter = text.chars().all(|c| !c.is_control() && !('\u{E000}'..='\u{F8FF}').contains(&c));
    if !is_for_composer(program) || !is_letter || text.trim().is_empty() {
        return false;
    }
    program.app.invoke_insert(typed(text));
    true
}
