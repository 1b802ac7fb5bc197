//! What the server's operator can see of the person: asked of the server itself, shown as it says.

use std::rc::Rc;

use shepot_client::Action;
use shepot_client::model::ServerId;
use shepot_view::server_record;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::toast;

/// Asks the server; its answer opens the dialog.
pub(crate) fn open(program: &Rc<Program>) {
    if !program.is_online() {
        return toast::problem(program, &program.tr("ui-inv-offline", &[]));
    }
    program.on_server(Action::ShowRecord);
}

/// The server has answered.
pub(crate) fn arrived(program: &Rc<Program>, id: ServerId) {
    let shell = program.app.global::<ui::Shell>();
    let is_free = matches!(shell.get_dialog(), ui::Dialog::None | ui::Dialog::Record);
    if program.server.get() != Some(id) || !is_free || shell.get_is_locked() {
        return;
    }
    let l10n = program.l10n();
    let facts = {
        let desk = program.desk.borrow();
        let record = desk.server(id).and_then(|server| server.record.as_ref());
        record.map(|record| server_record::facts(&l10n, record)).unwrap_or_default()
    };
    let box_ = program.app.global::<ui::Dialogs>();
    box_.set_title(l10n.tr("record-title", &[]).shown());
    box_.set_facts(model(
        facts
            .into_iter()
            .map(|fact| ui::KeyLine { name: fact.name.shown(), keys: fact.value.shown(), headline: false })
            .collect(),
    ));
    shell.set_dialog(ui::Dialog::Record);
}
