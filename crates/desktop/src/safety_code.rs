//! The safety code: shown, compared, remembered while nobody else comes in; and the code of two people.

use std::rc::Rc;

use shepot_client::Action;
use shepot_client::model::{PersonKey, ServerId};
use shepot_view::desk::Comparison;
use shepot_view::safety::Symbols;
use shepot_view::{people, safety, sentence};
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{dialogs, room, toast};

/// Pixels of a symbol.
const SYMBOL: f32 = 36.0;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Dialogs, on_matches, |program| matches(&program));
    on!(program, Dialogs, on_differs_said, |program| {
        let box_ = program.app.global::<ui::Dialogs>();
        box_.set_differs(true);
        box_.set_title(program.tr("ui-sc-bad-title", &[]).shown());
        let (now, compares) = (program.now().unix, program.dialogs.borrow().compares);
        if let Some((id, _)) = compares
            && let Some(server) = program.desk.borrow_mut().server_mut(id)
        {
            server.code_differs(now);
        }
        room::refresh_head(&program);
    });
    on!(program, Dialogs, on_leave, |program| {
        dialogs::close(&program);
        program.on_server(Action::Disconnect);
    });
}

/// Asks the engine for the code of the keys of now, where it is shown.
pub(crate) fn ask(program: &Program, id: ServerId) {
    let wants = {
        let desk = program.desk.borrow();
        desk.server(id).is_some_and(|server| server.is_connected() && server.code.is_none())
    };
    if wants && program.server.get() == Some(id) {
        program.engine.on(id, Action::SafetyCode);
    }
}

/// The code is known.
pub(crate) fn known(program: &Rc<Program>, id: ServerId) {
    let is_open = program.app.global::<ui::Shell>().get_dialog() == ui::Dialog::SafetyCode;
    if is_open && !program.app.global::<ui::Dialogs>().get_of_pair() && program.server.get() == Some(id) {
        fill(program);
    }
}

/// Shows the code.
pub(crate) fn open(program: &Rc<Program>) {
    if !program.is_online() {
        return toast::problem(program, &program.tr("ui-inv-offline", &[]));
    }
    if let Some(id) = program.server.get() {
        ask(program, id);
    }
    show(program);
    fill(program);
}

/// Shows the code of the person and another, which was asked for.
pub(crate) fn of_pair(program: &Rc<Program>, id: ServerId, person: PersonKey, symbols: &Symbols) {
    let nick = program.desk.borrow().server(id).and_then(|server| {
        let known = server.person(&person)?;
        Some(people::in_a_sentence(&program.l10n(), &known.nick, &person, &server.people))
    });
    // What is being asked or typed is not taken away for it, and nothing is shown behind a lock.
    let may_show = program.server.get() == Some(id) && dialogs::may_ask(program);
    let Some(nick) = nick.filter(|_| may_show) else { return };
    let box_ = program.app.global::<ui::Dialogs>();
    program.dialogs.borrow_mut().compares = None;
    show(program);
    box_.set_of_pair(true);
    box_.set_title(program.tr("ui-pc-title", &[("nick", &nick)]).shown());
    set_symbols(program, symbols);
}

fn show(program: &Program) {
    let box_ = program.app.global::<ui::Dialogs>();
    box_.set_of_pair(false);
    box_.set_differs(false);
    box_.set_as_numbers(false);
    box_.set_history_open(false);
    program.app.global::<ui::Shell>().set_dialog(ui::Dialog::SafetyCode);
}

fn set_symbols(program: &Program, symbols: &Symbols) {
    let l10n = program.l10n();
    let mut painter = program.painter.borrow_mut();
    let cells = symbols.iter().map(|symbol| ui::CodeSymbol {
        picture: painter.emoji(safety::picture(*symbol), SYMBOL),
        name: safety::name(&l10n, *symbol).shown(),
    });
    let box_ = program.app.global::<ui::Dialogs>();
    box_.set_symbols(model(cells.collect()));
    box_.set_numbers(safety::as_numbers(symbols).shown());
}

fn fill(program: &Rc<Program>) {
    let l10n = program.l10n();
    let clock = program.clock.borrow();
    let desk = program.desk.borrow();
    let Some(server) = program.server.get().and_then(|id| desk.server(id)) else { return };
    let box_ = program.app.global::<ui::Dialogs>();
    if !box_.get_differs() {
        box_.set_title(l10n.tr("ui-sc-title", &[("room", server.title())]).shown());
    }
    program.dialogs.borrow_mut().compares = server.code.map(|code| (server.id, code));
    if let Some(code) = server.code {
        set_symbols(program, &code.symbols);
    }
    let changed = server.key_changes().next_back().map(|change| {
        let time = clock.time(change.at);
        sentence::key_change(&l10n, &time, &change.event, &server.rooms, &server.people)
    });
    box_.set_changed(changed.unwrap_or_default().shown());
    let history = server.key_changes().rev().map(|change| ui::KeyLine {
        name: sentence::system_event(&l10n, &change.event, &server.rooms, &server.people).shown(),
        keys: clock.time(change.at).shown(),
        headline: false,
    });
    box_.set_history(model(history.collect()));
    let (shield, compared) = match server.comparison() {
        Comparison::NotYet => (0, l10n.tr("ui-sc-unverified", &[])),
        Comparison::Same { at } => (1, l10n.tr("ui-sc-verified", &[("t", &clock.time(at))])),
        Comparison::Outdated => (2, l10n.tr("ui-sc-outdated", &[])),
        Comparison::Differs { at } => (2, l10n.tr("ui-sc-differed", &[("t", &clock.time(at))])),
    };
    box_.set_shield(shield);
    box_.set_compared(compared.shown());
}

fn matches(program: &Rc<Program>) {
    let now = program.now().unix;
    let Some((id, code)) = program.dialogs.borrow().compares else { return };
    let is_same = {
        let mut desk = program.desk.borrow_mut();
        let Some(server) = desk.server_mut(id) else { return };
        server.code_is_the_same(code, now)
    };
    if !is_same {
        // Somebody came or went while it was compared: the new one stands there now.
        fill(program);
        return toast::problem(program, &program.tr("ui-sc-meanwhile", &[]));
    }
    dialogs::close(program);
    room::refresh_head(program);
    toast::say(program, &program.tr("ui-sc-same", &[]), "shield-check");
}
