//! Dialogs over the room: questions, fields, things to read. One at a time.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::mem::discriminant;
use std::rc::Rc;

use shepot_app::confirmation::{Confirmation, Question};
use shepot_app::{Ask, List, Msg, Offered, OverMsg, Overlay, PageMsg, joining, links};
use shepot_window as ui;
use slint::ComponentHandle as _;
use zeroize::Zeroizing;

use crate::asking::{Asked, ask, question};
use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{emoji_picker, invitation, menu, safety_code, server_dialog, server_record, switcher};

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Dialogs, on_accept, |program| accept(&program));
    on!(program, Dialogs, on_accept_also, |program| program.send(OverMsg::AnswerAlso));
    on!(program, Dialogs, on_field_edited, |program, _text| {
        program.app.global::<ui::Dialogs>().set_field_error("".shown());
    });
    on!(program, Shell, on_dialog_closed, |program| program.send(Msg::Back));
}

fn dialogs(program: &Program) -> ui::Dialogs<'_> {
    program.app.global::<ui::Dialogs>()
}

/// Takes what is in the fields of the dialog.
fn accept(program: &Rc<Program>) {
    let box_ = dialogs(program);
    let (field, field2) = (Zeroizing::new(box_.get_field().to_string()), box_.get_field2().to_string());
    let choice = usize::try_from(box_.get_choice());
    let (is_asked, is_passphrase, edited, is_timer) = {
        let state = program.state();
        let passphrase = matches!(state.overlay, Some(Overlay::Ask(Ask::Passphrase { .. }, ..)));
        let edited = if let Some(Overlay::EditServer(id, _)) = &state.overlay { Some(*id) } else { None };
        let is_timer = matches!(state.overlay.as_ref().and_then(Overlay::offered), Some(Offered::Timers(_)));
        (matches!(state.overlay, Some(Overlay::Ask(..))), passphrase, edited, is_timer)
    };
    if let Some(server) = edited {
        program.send(PageMsg::SaveServer(server, field.to_string(), field2));
    } else if is_passphrase {
        program.send(OverMsg::Passphrases(field, Zeroizing::new(field2)));
    } else if is_timer {
        program.send(choice.map_or(Msg::Back, |line| Msg::from(OverMsg::Pick(line))));
    } else if is_asked {
        program.send(OverMsg::Wanted(field.to_string()));
        program.send(Msg::Enter);
    } else if matches!(program.state().overlay, Some(Overlay::Link(_))) {
        program.send(Msg::Enter);
    } else {
        program.send(OverMsg::Answer(true));
    }
}

/// Shows the dialog for the overlay.
pub(crate) fn refresh(program: &Rc<Program>) {
    menu::refresh(program);
    switcher::refresh(program);
    emoji_picker::refresh(program);
    let (dialog, is_new) = {
        let state = program.state();
        let is_new = program.frame.drawn_over.replace(kind_of(state.overlay.as_ref()))
            != kind_of(state.overlay.as_ref());
        (fill(program, state.overlay.as_ref(), is_new), is_new)
    };
    let shell = program.app.global::<ui::Shell>();
    let before = shell.get_dialog();
    if is_new && before != ui::Dialog::None && before == dialog {
        // Another question of the same look: what had the focus is asked for anew.
        shell.set_dialog(ui::Dialog::None);
    }
    shell.set_dialog(dialog);
    if dialog == ui::Dialog::None && before != ui::Dialog::None {
        wipe(program);
        program.app.invoke_focus_page();
    }
}

/// A number that distinguishes one kind of dialog from another.
fn kind_of(overlay: Option<&Overlay>) -> u64 {
    let mut hasher = DefaultHasher::new();
    overlay.map(discriminant).hash(&mut hasher);
    match overlay {
        Some(Overlay::Ask(ask, ..)) => discriminant(ask).hash(&mut hasher),
        Some(Overlay::Confirm(confirmation)) => format!("{confirmation:?}").hash(&mut hasher),
        Some(_) | None => {}
    }
    hasher.finish()
}

fn fill(program: &Program, overlay: Option<&Overlay>, is_new: bool) -> ui::Dialog {
    let state = program.state();
    match overlay {
        Some(Overlay::Confirm(confirmation)) => {
            let question = confirmation.question(&state.desk, &state.l10n, &state.clock);
            ask(program, Asked { question, ..Asked::default() }, is_new);
            dialog_of(confirmation)
        }
        Some(Overlay::Link(link)) => {
            let question = links::question(&state.l10n, link);
            ask(program, Asked { question, ..Asked::default() }, is_new);
            ui::Dialog::Link
        }
        Some(Overlay::Join(joining)) => {
            let question = joining::question(&state.l10n, joining, state.now.unix);
            ask(program, Asked { question, ..Asked::default() }, is_new);
            ui::Dialog::Link
        }
        Some(Overlay::Ask(wanted, field, error)) => ask_for(program, wanted, field.text(), error, is_new),
        Some(Overlay::EditServer(id, error)) => server_dialog::fill(program, *id, error, is_new),
        Some(Overlay::List(List { offered: Offered::Timers(_), chosen, .. })) => {
            let question = Question {
                body: program.tr("ui-timer-body", &[]),
                ..question(program.tr("ui-cmd-timer", &[]), program.tr("ui-apply", &[]))
            };
            let choices = state.timers().into_iter().map(|(_, name)| name.shown()).collect();
            let choice = i32::try_from(*chosen).unwrap_or(-1);
            ask(program, Asked { question, choices, choice, ..Asked::default() }, is_new);
            ui::Dialog::Timer
        }
        Some(Overlay::Code(comparing)) => {
            safety_code::fill(program, comparing, is_new);
            ui::Dialog::SafetyCode
        }
        Some(Overlay::PairCode(paired)) => {
            safety_code::fill_pair(program, paired, is_new);
            ui::Dialog::SafetyCode
        }
        Some(Overlay::Invitation(invited)) => {
            invitation::fill(program, invited, is_new);
            ui::Dialog::Invitation
        }
        Some(Overlay::Record) => {
            server_record::fill(program);
            ui::Dialog::Record
        }
        Some(Overlay::Help | Overlay::List(_) | Overlay::Menu(_)) | None => ui::Dialog::None,
    }
}

fn ask_for(program: &Program, wanted: &Ask, typed: &str, error: &str, is_new: bool) -> ui::Dialog {
    let (question, field, dialog) = match wanted {
        Ask::RoomName(_) => {
            let question = question(program.tr("ui-rename", &[]), program.tr("ui-save", &[]));
            (question, typed.to_owned(), ui::Dialog::NewRoom)
        }
        Ask::Passphrase { .. } | Ask::PassphraseAgain { .. } => {
            let yes = program.tr("ui-v-set", &[]).trim_end_matches('…').to_owned();
            let body = program.tr("ui-v-pass-note", &[]);
            let question = Question { body, ..question(program.tr("ui-v-pass", &[]), yes) };
            (question, String::new(), ui::Dialog::Passphrase)
        }
        Ask::Invitation(_) => {
            let question = question(program.tr("ui-new-invitation", &[]), program.tr("ui-join", &[]));
            (question, typed.to_owned(), ui::Dialog::NewInvitation)
        }
        Ask::Room(_) | Ask::Nick | Ask::Server | Ask::HostAddress(_) => {
            let question = question(program.tr("ui-new-room", &[]), program.tr("ui-create", &[]));
            (question, typed.to_owned(), ui::Dialog::NewRoom)
        }
    };
    ask(program, Asked { question, field, error: error.to_owned(), ..Asked::default() }, is_new);
    dialog
}

const fn dialog_of(confirmation: &Confirmation) -> ui::Dialog {
    match confirmation {
        Confirmation::Clear(_)
        | Confirmation::ClearServer(_)
        | Confirmation::ClearAll
        | Confirmation::DeleteRoom(_)
        | Confirmation::Delete(..) => ui::Dialog::Clear,
        Confirmation::Remove(_) => ui::Dialog::RemoveServer,
        Confirmation::WrongIdentity(_) => ui::Dialog::Identity,
        Confirmation::Quit(_) => ui::Dialog::Quit,
        Confirmation::Leave(_)
        | Confirmation::Connect(_)
        | Confirmation::Replace(_)
        | Confirmation::ReplaceElsewhere(_)
        | Confirmation::Evict(..)
        | Confirmation::RenewInvitations(_)
        | Confirmation::StopHosting
        | Confirmation::ForgetHosting
        | Confirmation::Disconnect(_)
        | Confirmation::Ban(..) => ui::Dialog::Leave,
    }
}

/// Removes everything that was asked or shown from the component tree.
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
}
