//! The dialog with what the server's operator can see of the person, as the server reports it.

use shepot_view::server_record;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;

pub(crate) fn fill(program: &Program) {
    let l10n = program.l10n();
    let shown = program.shown();
    let record = shown.as_deref().and_then(|server| server.record.as_ref());
    let facts = record.map(|record| server_record::facts(&l10n, record)).unwrap_or_default();
    let box_ = program.app.global::<ui::Dialogs>();
    box_.set_title(l10n.tr("record-title", &[]).shown());
    let lines = facts.into_iter().map(|fact| ui::KeyLine {
        name: fact.name.shown(),
        keys: fact.value.shown(),
        headline: false,
    });
    box_.set_facts(model(lines.collect()));
}
