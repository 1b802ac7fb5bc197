//! The dialogs with the safety code of the circle and of two people.

use std::rc::Rc;

use shepot_app::{Comparing, OverMsg, Paired};
use shepot_view::desk::Comparison;
use shepot_view::safety::Symbols;
use shepot_view::{safety, sentence};
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;

/// The size of a symbol, in logical pixels.
const SYMBOL: f32 = 36.0;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Dialogs, on_matches, |program| program.send(OverMsg::Answer(true)));
    on!(program, Dialogs, on_differs_said, |program| program.send(OverMsg::Answer(false)));
    on!(program, Dialogs, on_leave, |program| program.send(OverMsg::Answer(false)));
}

/// Fills the dialog with the code between the person and a member.
pub(crate) fn fill_pair(program: &Program, paired: &Paired, is_new: bool) {
    begin(program, true, is_new);
    let title = program.tr("ui-pc-title", &[("nick", &paired.nick)]);
    program.app.global::<ui::Dialogs>().set_title(title.shown());
    set_symbols(program, &paired.symbols);
}

fn begin(program: &Program, is_of_pair: bool, is_new: bool) {
    let box_ = program.app.global::<ui::Dialogs>();
    box_.set_of_pair(is_of_pair);
    box_.set_differs(false);
    if is_new {
        box_.set_as_numbers(false);
        box_.set_history_open(false);
    }
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

/// Fills the dialog with the code of the open circle.
pub(crate) fn fill(program: &Program, comparing: &Comparing, is_new: bool) {
    begin(program, false, is_new);
    let state = program.state();
    let Some(server) = state.shown() else { return };
    let (l10n, clock) = (&state.l10n, &state.clock);
    let box_ = program.app.global::<ui::Dialogs>();
    box_.set_differs(comparing.differs);
    let title = if comparing.differs {
        l10n.tr("ui-sc-bad-title", &[])
    } else {
        l10n.tr("ui-sc-title", &[("room", server.title())])
    };
    box_.set_title(title.shown());
    if let Some(code) = comparing.shown {
        set_symbols(program, &code.symbols);
    }
    let changed = server.key_changes().next_back().map(|change| {
        let time = clock.time(change.at);
        sentence::key_change(l10n, &time, &change.event, &server.rooms, &server.people)
    });
    box_.set_changed(changed.unwrap_or_default().shown());
    let history = server.key_changes().rev().map(|change| ui::KeyLine {
        name: sentence::system_event(l10n, &change.event, &server.rooms, &server.people).shown(),
        keys: clock.time(change.at).shown(),
        headline: false,
    });
    box_.set_history(model(history.collect()));
    box_.set_shield(match server.comparison() {
        Comparison::NotYet => ui::Shield::NotCompared,
        Comparison::Same { .. } => ui::Shield::Compared,
        Comparison::Outdated | Comparison::Differs { .. } => ui::Shield::Changed,
    });
    box_.set_compared(state.compared(server.comparison()).shown());
}
