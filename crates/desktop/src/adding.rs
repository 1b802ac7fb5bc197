//! Adding servers: from the first page, from the list, from what is kept, from a picture.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::rc::Rc;

use shepot_app::confirmation::Confirmation;
use shepot_client::model::ServerId;
use shepot_client::{Action, Command, EntryError, RequestId};
use shepot_preferences::{SavedServer, SecretText};
use shepot_sanitise::Sanitised;
use shepot_view::sentence;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::engine_link::on_window;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{dialogs, first_run, hosting, picture_file, qr, rail, room, servers_page, toast};

/// Where a server was added from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The first page, by an invitation.
    Invitation,
    /// The first page, by an address.
    Address,
    /// The list of servers.
    List,
    /// A relay on this computer.
    Host,
    /// It was kept.
    Kept,
}

/// Servers that are being added, and what is kept of those that are there.
#[derive(Default)]
pub(crate) struct Adding {
    waiting: BTreeMap<RequestId, (Origin, SavedServer)>,
    kept: BTreeMap<ServerId, SavedServer>,
    /// Kept ones that the engine has not been given yet.
    pending: VecDeque<SavedServer>,
    /// Kept ones that the engine did not take: they stay in the file.
    refused: Vec<SavedServer>,
}

/// Kept servers that the engine is given at once.
const AT_ONCE: usize = 256;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, FirstRun, on_paste, |program| paste_picture(&program));
    on!(program, Servers, on_paste, |program| paste_picture(&program));
    on!(program, FirstRun, on_open_picture, |program| choose_picture(&program));
    on!(program, Servers, on_open_picture, |program| choose_picture(&program));
}

/// Adds a server by what was typed.
pub(crate) fn add(program: &Rc<Program>, entry: &str, origin: Origin) {
    // What is wrong with it the engine says.
    let normal = shepot_client::normal(entry).ok();
    let entry = normal.as_ref().map_or(entry, |link| link.as_str());
    // Who has it already goes there: a second connection would be a second person.
    let known = {
        let adding = program.adding.borrow();
        adding.kept.iter().find(|(_, kept)| kept.entry.expose() == entry.trim()).map(|(id, _)| *id)
    };
    if let Some(known) = known.filter(|id| program.desk.borrow().server(*id).is_some()) {
        first_run::done(program);
        servers_page::done(program);
        room::show_server(program, known);
        program.app.invoke_focus_page();
        if !program.is_online() {
            dialogs::connect(program, known);
        }
        return toast::say(program, &program.tr("ui-known-server", &[]), "info");
    }
    let server = SavedServer {
        entry: SecretText::new(entry.trim()),
        connects_at_start: true,
        ..SavedServer::default()
    };
    give(program, server, origin, true);
}

fn give(program: &Program, server: SavedServer, origin: Origin, connect: bool) {
    let name = Some(server.name.clone()).filter(|name| !name.is_empty());
    let entry = server.entry.expose().to_owned();
    if let Some(request) = program.engine.request(Command::Add { entry, name, connect }) {
        program.adding.borrow_mut().waiting.insert(request, (origin, server));
    } else {
        // A kept one stays in the file.
        if origin == Origin::Kept {
            program.adding.borrow_mut().refused.push(server);
        }
        toast::problem(program, &program.tr("ui-busy", &[]));
    }
}

/// Adds the servers that are kept.
pub(crate) fn saved(program: &Program) {
    program.adding.borrow_mut().pending = VecDeque::from(program.preferences().servers);
    for _ in 0..AT_ONCE {
        next_saved(program);
    }
}

fn next_saved(program: &Program) {
    let next = program.adding.borrow_mut().pending.pop_front();
    if let Some(server) = next {
        let connect = server.connects_at_start;
        give(program, server, Origin::Kept, connect);
    }
}

/// The engine has added a server.
pub(crate) fn added(program: &Rc<Program>, request: Option<RequestId>, id: ServerId) {
    let Some((origin, mut server)) = take_waiting(program, request) else { return };
    if let Some(known) = program.desk.borrow().server(id) {
        server.name = known.name.to_string();
    }
    let shell = program.app.global::<ui::Shell>();
    shell.set_can_switch(true);
    if origin == Origin::Host {
        hosting::is_added(program, id);
    } else {
        program.adding.borrow_mut().kept.insert(id, server);
    }
    match origin {
        Origin::Kept => {
            next_saved(program);
            if program.server.get().is_none() {
                room::show_server(program, id);
            }
        }
        Origin::Invitation | Origin::Address | Origin::List | Origin::Host => {
            first_run::done(program);
            servers_page::done(program);
            shell.set_page(ui::Page::Chat);
            room::show_server(program, id);
            program.app.invoke_focus_page();
            keep(program);
        }
    }
}

/// What was asked for by this name.
fn take_waiting(program: &Program, request: Option<RequestId>) -> Option<(Origin, SavedServer)> {
    program.adding.borrow_mut().waiting.remove(&request?)
}

/// The engine has not added a server.
pub(crate) fn not_added(program: &Program, request: Option<RequestId>, error: &EntryError) {
    let Some((origin, server)) = take_waiting(program, request) else { return };
    if origin == Origin::Kept {
        program.adding.borrow_mut().refused.push(server);
        next_saved(program);
    }
    let text = sentence::entry_error(&program.l10n(), error);
    match origin {
        Origin::Invitation => first_run::invitation_error(program, &text),
        Origin::Address => first_run::address_error(program, &text),
        Origin::List => servers_page::error(program, &text),
        Origin::Host | Origin::Kept => toast::problem(program, &text),
    }
}

/// Writes down which servers there are, in the person's order.
pub(crate) fn keep(program: &Program) {
    let servers = {
        let desk = program.desk.borrow();
        let adding = program.adding.borrow();
        let known = desk.servers().iter().filter_map(|server| {
            let kept = adding.kept.get(&server.id)?;
            Some(SavedServer { name: server.name.to_string(), ..kept.clone() })
        });
        let waiting = adding.waiting.values().filter(|(origin, _)| *origin == Origin::Kept);
        known
            .chain(waiting.map(|(_, server)| server.clone()))
            .chain(adding.pending.iter().cloned())
            .chain(adding.refused.iter().cloned())
            .collect()
    };
    program.change_preferences(|preferences| preferences.servers = servers);
}

/// What is kept of a server; nothing of one that is hosted here.
pub(crate) fn kept(program: &Program, id: ServerId) -> Option<SavedServer> {
    program.adding.borrow().kept.get(&id).cloned()
}

/// Changes what is kept of a server.
pub(crate) fn change(program: &Program, id: ServerId, change: impl FnOnce(&mut SavedServer)) {
    if let Some(server) = program.adding.borrow_mut().kept.get_mut(&id) {
        change(server);
    }
    keep(program);
}

/// The owner removed somebody: the invitation that is kept opens nothing any more, and this one takes its place.
pub(crate) fn renewed(program: &Rc<Program>, id: ServerId, link: &str) {
    if hosting::renewed(program, link) {
        return;
    }
    let is_news = kept(program, id).is_some_and(|known| known.entry.expose() != link);
    if !is_news {
        return;
    }
    change(program, id, |server| server.entry = SecretText::new(link));
    if !program.may_keep() {
        let name = program.desk.borrow().server(id).map(|server| server.name.clone()).unwrap_or_default();
        toast::say(program, &program.tr("ui-renewed", &[("server", &name)]), "link");
    }
}

/// The invitation by which the person comes back, and whether it makes an owner. None for a bare address, and for a server
/// that is hosted here.
pub(crate) fn own_link(program: &Program, id: ServerId) -> Option<(SecretText, bool)> {
    let entry = kept(program, id).filter(|_| !hosting::is_hosted(program, id))?.entry;
    let preview = shepot_client::preview(entry.expose(), program.now().unix).ok()?;
    entry.expose().starts_with("shepot:").then_some((entry, preview.is_owner))
}

/// Takes a server off the list.
pub(crate) fn remove(program: &Program, id: ServerId) {
    program.adding.borrow_mut().kept.remove(&id);
    program.engine.command(Command::Remove { server: id });
    keep(program);
}

/// Goes to a server by another address from now on.
///
/// # Errors
///
/// A sentence when it is none.
pub(crate) fn set_address(program: &Program, id: ServerId, address: &str) -> Result<(), String> {
    let Some(known) = kept(program, id) else { return Ok(()) };
    let now_known = program.desk.borrow().server(id).map(|server| server.address.clone());
    if now_known.as_deref() == Some(address.trim()) {
        return Ok(());
    }
    let entry = shepot_client::with_address(known.entry.expose(), address)
        .map_err(|error| sentence::entry_error(&program.l10n(), &error))?;
    if !program.on(id, Action::SetAddress { address: address.trim().to_owned() }) {
        return Err(program.tr("ui-busy", &[]));
    }
    change(program, id, |server| server.entry = SecretText::new(&entry));
    Ok(())
}

/// Calls a server otherwise.
pub(crate) fn rename(program: &Rc<Program>, id: ServerId, name: &str) {
    let name = name.trim();
    if name.is_empty() {
        return;
    }
    if let Some(server) = program.desk.borrow_mut().server_mut(id) {
        server.name = Sanitised::in_one_line(name);
    }
    change(program, id, |server| name.clone_into(&mut server.name));
    if hosting::is_hosted(program, id) {
        hosting::renamed(program);
    }
    rail::refresh(program);
    program.refresh_all();
}

/// Connects or leaves.
pub(crate) fn turn(program: &Rc<Program>, id: ServerId) {
    let has_session = program.desk.borrow().server(id).is_some_and(shepot_view::desk::Server::has_session);
    if has_session {
        dialogs::confirm(program, Confirmation::Leave(id));
    } else {
        dialogs::connect(program, id);
    }
}

/// Asks for a picture with an invitation.
fn choose_picture(program: &Rc<Program>) {
    let chosen = picture_file::choose(program.tr("ui-open-qr", &[]));
    let number = program.number;
    program.engine.spawn(async move {
        if let Some(path) = chosen.await {
            on_window(number, move |program| dropped(program, &path));
        }
    });
}

/// A file that was dropped on the window: a picture with an invitation.
pub(crate) fn dropped(program: &Rc<Program>, path: &Path) {
    if !dialogs::may_ask(program) {
        return;
    }
    let text = picture_file::read(path).and_then(|bytes| qr::read_file(&bytes));
    match text {
        Some(text) => found(program, &text),
        None => toast::problem(program, &program.tr("ui-no-qr", &[])),
    }
}

/// A picture in the clipboard, if there is one: true when it was one.
fn paste_picture(program: &Rc<Program>) -> bool {
    let picture = program.clipboard.borrow_mut().picture();
    let Some((width, height, pixels)) = picture else { return false };
    match qr::read_pixels(width, height, pixels) {
        Some(text) => found(program, &text),
        None => toast::problem(program, &program.tr("ui-no-qr", &[])),
    }
    true
}

/// The text of a code stands in the field where it can be looked at.
fn found(program: &Rc<Program>, text: &str) {
    let shell = program.app.global::<ui::Shell>();
    if shell.get_page() == ui::Page::FirstRun {
        program.app.global::<ui::FirstRun>().set_invitation(text.shown());
        first_run::invitation_error(program, "");
    } else {
        shell.set_page(ui::Page::Servers);
        program.app.global::<ui::Servers>().set_entry(text.shown());
        servers_page::edited(program, text);
    }
    program.app.invoke_focus_page();
}
