//! Questions that have to be answered, one at a time.

use std::collections::HashSet;
use std::rc::Rc;

use shepot_app::confirmation::{Confirmation, Hosted};
use shepot_client::Action;
use shepot_client::model::{ConnectionError, ServerId};
use shepot_view::desk::{Code, Place};
use shepot_view::link::{self, Doubt};
use shepot_view::sentence;
use shepot_view::timer::TIMERS;
use shepot_window as ui;
use slint::{ComponentHandle as _, SharedString};

use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{adding, connections, hosting, invitation, lock, panic_button, room, toast};

type Answer = Box<dyn FnMut(&Rc<Program>, &str, &str) -> Result<(), String>>;

/// The question that is open.
#[derive(Default)]
pub(crate) struct DialogState {
    answer: Option<Answer>,
    /// Sites whose links the person has agreed to open in the browser.
    opened_sites: HashSet<String>,
    /// The code that stands in the dialog, and whose it is.
    pub(crate) compares: Option<(ServerId, Code)>,
    /// A room that was asked for here: it is opened when it is there.
    pub(crate) made: Option<(ServerId, String)>,
}

impl DialogState {
    /// Forgets what was agreed to: it was for a session.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Dialogs, on_accept, |program| accept(&program));
    on!(program, Dialogs, on_field_edited, |program, _text| {
        program.app.global::<ui::Dialogs>().set_field_error("".shown());
    });
    on!(program, Shell, on_dialog_closed, |program| {
        close(&program);
    });
}

fn dialogs(program: &Program) -> ui::Dialogs<'_> {
    program.app.global::<ui::Dialogs>()
}

/// What a question says.
#[derive(Default)]
struct Question {
    title: String,
    body: String,
    yes: String,
    mono: String,
    field: String,
    choices: Vec<SharedString>,
    choice: i32,
}

fn ask(
    program: &Rc<Program>,
    dialog: ui::Dialog,
    question: Question,
    answer: impl FnMut(&Rc<Program>, &str, &str) -> Result<(), String> + 'static,
) {
    let box_ = dialogs(program);
    box_.set_question(question.title.shown());
    box_.set_body(question.body.shown());
    box_.set_yes(question.yes.shown());
    box_.set_mono(question.mono.shown());
    box_.set_field(question.field.shown());
    box_.set_field2("".shown());
    box_.set_field_error("".shown());
    box_.set_choices(model(question.choices));
    box_.set_choice(question.choice);
    program.dialogs.borrow_mut().answer = Some(Box::new(answer));
    let shell = program.app.global::<ui::Shell>();
    shell.set_dialog(ui::Dialog::None);
    shell.set_dialog(dialog);
}

/// Whether a question that nobody asked for may come up now.
pub(crate) fn may_ask(program: &Program) -> bool {
    let shell = program.app.global::<ui::Shell>();
    shell.get_dialog() == ui::Dialog::None && !shell.get_is_locked()
}

fn accept(program: &Rc<Program>) {
    let box_ = dialogs(program);
    let (field, field2) = (box_.get_field(), box_.get_field2());
    let Some(mut answer) = program.dialogs.borrow_mut().answer.take() else { return };
    // The question goes first: what is done may ask another.
    let before = program.app.global::<ui::Shell>().get_dialog();
    program.app.global::<ui::Shell>().set_dialog(ui::Dialog::None);
    match answer(program, &field, &field2) {
        Ok(()) => {
            if program.app.global::<ui::Shell>().get_dialog() == ui::Dialog::None {
                wipe(program);
                program.app.invoke_focus_page();
            }
        }
        Err(error) => {
            // It is asked again, with what was typed.
            program.dialogs.borrow_mut().answer = Some(answer);
            program.app.global::<ui::Shell>().set_dialog(before);
            box_.set_field_error(error.shown());
        }
    }
}

fn wipe(program: &Program) {
    let box_ = dialogs(program);
    box_.set_field("".shown());
    box_.set_field2("".shown());
    box_.set_link("".shown());
    box_.set_qr(slint::Image::default());
    box_.set_public_address("".shown());
    box_.set_mono("".shown());
    box_.set_title("".shown());
    box_.set_body("".shown());
    box_.set_symbols(model(Vec::new()));
    box_.set_numbers("".shown());
    box_.set_history(model(Vec::new()));
    program.dialogs.borrow_mut().compares = None;
    invitation::forget(program);
}

/// Closes whatever is open; false when nothing is.
pub(crate) fn close(program: &Rc<Program>) -> bool {
    let shell = program.app.global::<ui::Shell>();
    if shell.get_dialog() == ui::Dialog::None {
        return false;
    }
    program.dialogs.borrow_mut().answer = None;
    shell.set_dialog(ui::Dialog::None);
    wipe(program);
    program.app.invoke_focus_page();
    true
}

/// A session is over: what was asked about it is not asked any more.
pub(crate) fn close_for_session(program: &Rc<Program>) {
    let dialog = program.app.global::<ui::Shell>().get_dialog();
    let is_about_session = matches!(
        dialog,
        ui::Dialog::Invitation
            | ui::Dialog::SafetyCode
            | ui::Dialog::Record
            | ui::Dialog::Clear
            | ui::Dialog::NewRoom
            | ui::Dialog::Timer
            | ui::Dialog::Link
            | ui::Dialog::Leave
    );
    if is_about_session {
        close(program);
    }
    program.dialogs.borrow_mut().opened_sites.clear();
}

/// Asks before something is taken away.
pub(crate) fn confirm(program: &Rc<Program>, confirmation: Confirmation) {
    let question = confirmation.question(&program.desk.borrow(), &program.l10n(), &program.clock.borrow());
    let dialog = match confirmation {
        Confirmation::Clear(_) | Confirmation::ClearAll | Confirmation::Delete(..) => ui::Dialog::Clear,
        Confirmation::Remove(_) => ui::Dialog::RemoveServer,
        Confirmation::WrongIdentity(_) => ui::Dialog::Identity,
        Confirmation::Quit(_) => ui::Dialog::Quit,
        Confirmation::Leave(_)
        | Confirmation::Connect(_)
        | Confirmation::Evict(..)
        | Confirmation::StopHosting
        | Confirmation::ForgetHosting
        | Confirmation::Disconnect(_)
        | Confirmation::Ban(..) => ui::Dialog::Leave,
    };
    let question = Question {
        title: question.title,
        body: question.body,
        yes: question.yes,
        mono: question.quoted,
        ..Question::default()
    };
    ask(program, dialog, question, move |program, _, _| {
        confirmed(program, &confirmation);
        Ok(())
    });
}

/// The person said yes.
fn confirmed(program: &Rc<Program>, confirmation: &Confirmation) {
    if let Some((server, action)) = confirmation.action() {
        program.on(server, action);
    }
    match confirmation {
        Confirmation::Clear(server) => room::clear(program, *server),
        Confirmation::ClearAll => {
            let servers: Vec<ServerId> =
                program.desk.borrow().servers().iter().map(|server| server.id).collect();
            for server in servers {
                room::clear(program, server);
            }
            crate::settings::refresh_memory(program);
        }
        Confirmation::Remove(server) | Confirmation::WrongIdentity(server) => room::remove(program, *server),
        Confirmation::StopHosting => hosting::stop(program),
        Confirmation::ForgetHosting => {
            hosting::forget(program);
            connections::refresh(program);
        }
        Confirmation::Disconnect(visitor) => connections::disconnect_now(program, visitor),
        Confirmation::Ban(visitor, _) => connections::ban_now(program, visitor.address),
        Confirmation::Quit(_) => panic_button::quit(program),
        Confirmation::Leave(_)
        | Confirmation::Connect(_)
        | Confirmation::Delete(..)
        | Confirmation::Evict(..) => {}
    }
}

/// Ends the program; asks when something would be lost.
pub(crate) fn quit(program: &Rc<Program>) {
    let hosted = match (hosting::is_hosting(program), program.may_keep()) {
        (false, _) => Hosted::Nothing,
        (true, true) => Hosted::Kept,
        (true, false) => Hosted::Forgotten,
    };
    let confirmation = Confirmation::quit(&program.desk.borrow(), hosted);
    // A locked window asks nothing: whoever closes it is believed, and nothing is shown.
    let is_locked = program.app.global::<ui::Shell>().get_is_locked();
    match confirmation.filter(|_| !is_locked) {
        Some(confirmation) => confirm(program, confirmation),
        None => panic_button::quit(program),
    }
}

/// Connects; asks where that destroys what was said in a session that is over.
pub(crate) fn connect(program: &Rc<Program>, id: ServerId) {
    let confirmation = Confirmation::connect(&program.desk.borrow(), id);
    match confirmation {
        Some(confirmation) => confirm(program, confirmation),
        None => drop(program.on(id, Action::Connect)),
    }
}

pub(crate) fn new_room(program: &Rc<Program>) {
    let Some(server) = program.server.get().filter(|_| program.is_online()) else { return };
    let question = Question {
        title: program.tr("ui-new-room", &[]),
        yes: program.tr("ui-create", &[]),
        ..Question::default()
    };
    ask(program, ui::Dialog::NewRoom, question, move |program, name, _| {
        checked_room_name(program, name)?;
        let name = name.trim().to_owned();
        if program.on(server, Action::MakeRoom { name: name.clone() }) {
            program.dialogs.borrow_mut().made = Some((server, name));
        }
        Ok(())
    });
}

pub(crate) fn rename_room(program: &Rc<Program>, place: Place) {
    let name = {
        let desk = program.desk.borrow();
        let Some(server) = desk.server(place.server) else { return };
        sentence::room_name(&program.l10n(), place.room, &server.rooms)
    };
    let question = Question {
        title: program.tr("ui-rename", &[]),
        yes: program.tr("ui-save", &[]),
        field: name,
        ..Question::default()
    };
    ask(program, ui::Dialog::NewRoom, question, move |program, name, _| {
        checked_room_name(program, name)?;
        program.on(place.server, Action::RenameRoom { room: place.room, name: name.trim().to_owned() });
        Ok(())
    });
}

fn checked_room_name(program: &Program, name: &str) -> Result<(), String> {
    let most = shepot_client::limits::ROOM_NAME_CHARACTERS;
    let count = name.trim().chars().count();
    if (1..=most).contains(&count) {
        return Ok(());
    }
    Err(program.error(&shepot_client::model::CommandError::RoomName { most }))
}

pub(crate) fn edit_server(program: &Rc<Program>, id: ServerId) {
    let (name, address) = {
        let desk = program.desk.borrow();
        let Some(server) = desk.server(id) else { return };
        (server.name.to_string(), server.address.clone())
    };
    let question = Question {
        title: program.tr("ui-edit", &[]),
        yes: program.tr("ui-save", &[]),
        field: name,
        ..Question::default()
    };
    ask(program, ui::Dialog::EditServer, question, move |program, name, address| {
        if !(1..=64).contains(&name.trim().chars().count()) {
            return Err(program.tr("entry-name", &[]));
        }
        if !hosting::is_hosted(program, id) {
            adding::set_address(program, id, address)?;
        }
        adding::rename(program, id, name);
        Ok(())
    });
    let box_ = dialogs(program);
    box_.set_field2(address.shown());
    box_.set_can_readdress(!hosting::is_hosted(program, id));
}

/// Sites that are remembered; about more the person is asked each time.
const MOST_SITES: usize = 256;

/// Opens a link in the browser; the first to a site only after the person has seen the whole address and the site's name,
/// and always where it may deceive.
pub(crate) fn open_link(program: &Rc<Program>, link: &str) {
    // What a browser does not understand it is not given.
    let Some(site) = link::site(link) else {
        return toast::problem(program, &program.tr("ui-link-no-site", &[]));
    };
    let doubt = link::doubt(link);
    if doubt.is_none() && program.dialogs.borrow().opened_sites.contains(&site) {
        return browse(program, link);
    }
    let warning = match doubt {
        None => program.tr("ui-link-once", &[]),
        Some(Doubt::UserInformation) => program.tr("ui-link-user", &[("site", &site)]),
        Some(Doubt::LookAlike) => program.tr("ui-link-look-alike", &[]),
    };
    let question = Question {
        title: program.tr("ui-link-title", &[]),
        body: if doubt.is_some() {
            format!("{warning} {}", program.tr("ui-link-body", &[("site", &site)]))
        } else {
            format!("{} {warning}", program.tr("ui-link-body", &[("site", &site)]))
        },
        yes: program.tr("ui-link-open", &[]),
        mono: link.to_owned(),
        ..Question::default()
    };
    let link = link.to_owned();
    ask(program, ui::Dialog::Link, question, move |program, _, _| {
        {
            let mut dialogs = program.dialogs.borrow_mut();
            if doubt.is_none() && dialogs.opened_sites.len() < MOST_SITES {
                dialogs.opened_sites.insert(site.clone());
            }
        }
        browse(program, &link);
        Ok(())
    });
}

fn browse(program: &Rc<Program>, link: &str) {
    if !program.options.uses_system {
        return toast::say(program, &program.tr("ui-link-open", &[]), "external-link");
    }
    let opened = if cfg!(target_os = "windows") {
        std::process::Command::new("rundll32").arg("url.dll,FileProtocolHandler").arg(link).spawn()
    } else if cfg!(target_os = "macos") {
        std::process::Command::new("open").arg(link).spawn()
    } else {
        std::process::Command::new("xdg-open").arg(link).spawn()
    };
    match opened {
        // Somebody has to hear that it has ended.
        Ok(mut browser) => drop(std::thread::spawn(move || browser.wait())),
        Err(_) => toast::problem(program, &program.tr("ui-link-failed", &[])),
    }
}

fn to_number(place: usize) -> i32 {
    i32::try_from(place).unwrap_or(-1)
}

/// After how long messages of the room disappear.
pub(crate) fn timer(program: &Rc<Program>) {
    let Some(place) = program.place.get() else { return };
    let now = {
        let desk = program.desk.borrow();
        desk.server(place.server)
            .and_then(|server| server.room(place.room))
            .map_or(0, |room| room.disappears_after_s)
    };
    // Another program may have set what is not offered here: nothing is chosen then.
    let choice = TIMERS.iter().position(|(seconds, _)| *seconds == now).map_or(-1, to_number);
    let question = Question {
        title: program.tr("ui-cmd-timer", &[]),
        body: program.tr("ui-timer-body", &[]),
        yes: program.tr("ui-apply", &[]),
        choices: TIMERS.iter().map(|(_, word)| program.tr(word, &[]).shown()).collect(),
        choice,
        ..Question::default()
    };
    ask(program, ui::Dialog::Timer, question, move |program, _, _| {
        let chosen = usize::try_from(dialogs(program).get_choice()).unwrap_or(usize::MAX);
        if let Some((seconds, _)) = TIMERS.get(chosen) {
            program.on(place.server, Action::SetTimer { room: place.room, seconds: *seconds });
        }
        Ok(())
    });
}

/// A passphrase for locking. `then_lock`: because there was none when the person wanted to lock.
pub(crate) fn passphrase(program: &Rc<Program>, then_lock: bool) {
    let question = Question {
        title: program.tr("ui-v-pass", &[]),
        body: program.tr("ui-v-pass-note", &[]),
        yes: program.tr("ui-v-set", &[]).trim_end_matches('…').to_owned(),
        ..Question::default()
    };
    ask(program, ui::Dialog::Passphrase, question, move |program, one, other| {
        if one.is_empty() {
            return Err(program.tr("ui-lk-empty", &[]));
        }
        if one != other {
            return Err(program.tr("ui-lk-differ", &[]));
        }
        if !lock::set_passphrase(program, one) {
            return Err(sentence::connection_error(&program.l10n(), &ConnectionError::NoRandomness));
        }
        if then_lock {
            lock::lock(program);
        }
        Ok(())
    });
}
