//! Keys for the whole window: which command they give, and one step back.

use std::rc::Rc;

use shepot_app::confirmation::Confirmation;
use shepot_app::navigation::{self, Way};
use shepot_view::command::Command;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::program::Program;
use crate::shown::typed;
use crate::{
    composer, connections, dialogs, emoji_picker, hosting, invitation, keys, lock, menu, panic_button, room,
    safety_code, search, server_record, servers_page, settings, sidebar, switcher, timeline,
};

/// Parts of the window between which F6 goes.
const REGIONS: i32 = 5;

/// The part with the messages.
const MESSAGES: i32 = 2;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Shell, on_key, |program, text, control, shift, alt, again| {
        program.hears_keys();
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
    on!(program, Shell, on_open_page, |program, page| open_page(&program, page));
}

fn key(program: &Rc<Program>, text: &str, control: bool, shift: bool, alt: bool) -> bool {
    let shell = program.app.global::<ui::Shell>();
    let Some(chord) = keys::chord(text, control, shift, alt) else { return false };
    let command = Command::by(chord);
    if shell.get_is_locked() {
        // Panic is the only thing that works without the passphrase.
        if command == Some(Command::Panic) {
            panic_button::chord(program);
        }
        return command.is_some();
    }
    if control
        && !shift
        && !alt
        && let Some(digit) = keys::digit(text)
    {
        if shell.get_dialog() == ui::Dialog::None {
            room::server_at(program, digit - 1);
        }
        return true;
    }
    let Some(command) = command else { return false };
    // Whoever has no nick yet cannot go anywhere.
    let needs_nick = matches!(
        command,
        Command::AddServer | Command::Connections | Command::Host | Command::Switcher | Command::Connect
    );
    if needs_nick && shell.get_page() == ui::Page::FirstRun {
        return true;
    }
    // A question has to be answered first.
    let is_asked = shell.get_dialog() != ui::Dialog::None;
    let works_always = matches!(command, Command::Panic | Command::Back | Command::Lock | Command::Quit);
    if is_asked && !works_always {
        return !matches!(command, Command::NextRegion | Command::PreviousRegion);
    }
    run(program, command)
}

/// Done again and again while its keys are held.
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

/// Does what a command says; false when there was nothing to do.
pub(crate) fn run(program: &Rc<Program>, command: Command) -> bool {
    match command {
        Command::Switcher => {
            if !switcher::close(program) {
                switcher::open(program);
            }
        }
        Command::NextServer => room::next_server(program, Way::Forward),
        Command::PreviousServer => room::next_server(program, Way::Backward),
        Command::NextRoom => room::go(program, navigation::next_room, Way::Forward),
        Command::PreviousRoom => room::go(program, navigation::next_room, Way::Backward),
        Command::NextUnread => room::go(program, navigation::next_unread, Way::Forward),
        Command::PreviousUnread => room::go(program, navigation::next_unread, Way::Backward),
        Command::AddServer => open_page(program, ui::Page::Servers),
        Command::Invite => invitation::open(program),
        Command::NewRoom => dialogs::new_room(program),
        Command::Search => {
            if program.place.get().is_some() {
                search::toggle(program);
            }
        }
        Command::Emoji => {
            if !emoji_picker::close_if_open(program) && program.place.get().is_some() {
                composer::open_emoji(program);
            }
        }
        Command::Moods => sidebar::toggle_moods(program),
        Command::SafetyCode => safety_code::open(program),
        Command::Members => room::toggle_members(program),
        Command::Connections => open_page(program, ui::Page::Connections),
        Command::ServerRecord => server_record::open(program),
        // The list of rooms is always there, or behind its button.
        Command::Rooms => return false,
        Command::Clear => room::ask_to_clear(program),
        Command::Settings => {
            if !settings::close(program) {
                settings::open(program);
            }
        }
        Command::Lock => lock::lock(program),
        Command::Panic => panic_button::chord(program),
        Command::NextRegion => region(program, 1),
        Command::PreviousRegion => region(program, REGIONS - 1),
        Command::Keys => settings::open_page(program, settings::KEYS),
        Command::Connect => {
            if let Some(id) = program.server.get() {
                dialogs::connect(program, id);
            }
        }
        Command::Disconnect => {
            if let Some(id) = program.server.get() {
                dialogs::confirm(program, Confirmation::Leave(id));
            }
        }
        Command::Host => hosting::start(program),
        Command::Quit => dialogs::quit(program),
        Command::Back => return back(program),
    }
    true
}

/// Exactly one step back.
fn back(program: &Rc<Program>) -> bool {
    let shell = program.app.global::<ui::Shell>();
    if menu::close(program) || switcher::close(program) {
        return true;
    }
    if emoji_picker::close_if_open(program) {
        return true;
    }
    if dialogs::close(program) || settings::step_back(program) {
        return true;
    }
    if matches!(shell.get_page(), ui::Page::Servers | ui::Page::Connections) {
        let is_empty = program.desk.borrow().servers().is_empty();
        open_page(program, if is_empty { ui::Page::FirstRun } else { ui::Page::Chat });
        return true;
    }
    let sidebar = program.app.global::<ui::Sidebar>();
    if shell.get_page() == ui::Page::Chat && sidebar.get_moods_open() && program.app.get_moods_float() {
        sidebar::toggle_moods(program);
        return true;
    }
    if composer::step_back(program) || search::close(program) {
        program.app.invoke_focus_composer();
        return true;
    }
    if shell.get_drawer_open() {
        shell.set_drawer_open(false);
        return true;
    }
    if shell.get_side_floats() && shell.get_side() != ui::Side::None {
        shell.set_side(ui::Side::None);
        return true;
    }
    // On a narrow window the list of rooms is a step before the room.
    if shell.get_page() == ui::Page::Chat
        && shell.get_is_narrow()
        && shell.get_narrow_shows_room()
        && program.list.borrow().sticks()
    {
        shell.set_narrow_shows_room(false);
        program.app.invoke_focus_page();
        return true;
    }
    if shell.get_page() == ui::Page::Chat && program.place.get().is_some() {
        timeline::to_newest(program);
        program.app.invoke_focus_composer();
        return true;
    }
    false
}

fn region(program: &Rc<Program>, by: i32) {
    let app = &program.app;
    if app.global::<ui::Shell>().get_page() != ui::Page::Chat {
        return app.invoke_focus_page();
    }
    let now = program.region();
    let next = (now + by).rem_euclid(REGIONS);
    program.set_region(next);
    program.list.borrow_mut().rings |= next == MESSAGES;
    app.invoke_focus_region(next);
}

/// Typing anywhere goes to the composer.
fn letter(program: &Rc<Program>, text: &str) -> bool {
    let shell = program.app.global::<ui::Shell>();
    let is_free = shell.get_page() == ui::Page::Chat
        && shell.get_dialog() == ui::Dialog::None
        && !shell.get_is_locked()
        && !program.app.global::<ui::Menu>().get_open()
        && (!shell.get_is_narrow() || shell.get_narrow_shows_room())
        && program.place.get().is_some();
    // Keys without a letter are control characters or stand in a private area.
    let is_letter = text.chars().all(|c| !c.is_control() && !('\u{E000}'..='\u{F8FF}').contains(&c));
    if !is_free || !is_letter || text.trim().is_empty() {
        return false;
    }
    program.app.invoke_insert(typed(text));
    true
}

/// Shows a page.
pub(crate) fn open_page(program: &Rc<Program>, page: ui::Page) {
    let shell = program.app.global::<ui::Shell>();
    switcher::close(program);
    menu::close(program);
    match page {
        ui::Page::Settings => return settings::open(program),
        ui::Page::Connections => connections::opened(program),
        ui::Page::Servers => servers_page::refresh(program),
        ui::Page::Chat | ui::Page::FirstRun => {}
    }
    shell.set_page(page);
    room::looked(program);
    program.app.invoke_focus_page();
}
