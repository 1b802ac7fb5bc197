//! The first page: a nick, and one of three ways in.

use std::rc::Rc;

use shepot_app::{Hosting, Origin, PageMsg, WayIn};
use shepot_view::Language;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::choices::{choices, chosen};
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{faces, profile};

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, FirstRun, on_takes_invitation, |program, nick| takes_invitation(&program, &nick));
    on!(program, FirstRun, on_nick_edited, |program, nick| nick_edited(&program, &nick));
    on!(program, FirstRun, on_nick_left, |program| nick_left(&program));
    let mends = |program: &Rc<Program>, origin| program.send(PageMsg::EntryEdited(origin));
    on!(program, FirstRun, on_invitation_edited, |program| mends(&program, Origin::Invitation));
    on!(program, FirstRun, on_address_edited, |program| mends(&program, Origin::Address));
    on!(program, FirstRun, on_join, |program| {
        let entry = program.app.global::<ui::FirstRun>().get_invitation();
        go_in(&program, WayIn::Invitation(entry.to_string()));
    });
    on!(program, FirstRun, on_connect, |program| {
        let entry = program.app.global::<ui::FirstRun>().get_address();
        go_in(&program, WayIn::Address(entry.to_string()));
    });
    on!(program, FirstRun, on_host, |program| go_in(&program, WayIn::Host));
    on!(program, FirstRun, on_language_chosen, |program| {
        let place = program.app.global::<ui::FirstRun>().get_language().current;
        let language = chosen(Language::OFFERED, place, program.l10n().language());
        program.send(PageMsg::SetLanguage(language));
    });
    on!(program, FirstRun, on_avatar, |program| profile::next_avatar(&program));
}

fn go_in(program: &Rc<Program>, way: WayIn) {
    let nick = program.app.global::<ui::FirstRun>().get_nick();
    program.send(PageMsg::GoIn(nick.to_string(), way));
    if !program.state().errors.nick.is_empty() {
        program.app.invoke_focus_page();
    }
}

/// Puts an invitation that was not typed into the field, so that the person can look at it.
pub(crate) fn fill_invitation(program: &Rc<Program>, text: &str) {
    program.app.global::<ui::FirstRun>().set_invitation(text.shown());
    program.send(PageMsg::EntryEdited(Origin::Invitation));
}

/// Fills in what is already known.
pub(crate) fn fill(program: &Program) {
    let page = program.app.global::<ui::FirstRun>();
    let language = program.l10n().language();
    page.set_language(choices(program, page.get_language(), Language::OFFERED, language));
    if page.get_nick().is_empty() {
        page.set_nick(program.state().nick.as_str().shown());
    }
    nick_edited(program, &page.get_nick());
}

/// Shows errors, and whether a relay is starting.
pub(crate) fn refresh(program: &Program) {
    let page = program.app.global::<ui::FirstRun>();
    let state = program.state();
    // It may have been mended since, or be told in another language.
    if !state.errors.nick.is_empty() || !page.get_nick_error().is_empty() {
        page.set_nick_error(state.nick_error(&page.get_nick()).unwrap_or_default().shown());
    }
    page.set_invitation_error(state.errors.invitation.as_str().shown());
    page.set_address_error(state.errors.address.as_str().shown());
    page.set_host_error(state.errors.hosting.as_str().shown());
    let note = match (state.may_keep(), state.preferences.hosting.is_some()) {
        (true, true) => "ui-fr-host-kept",
        (true, false) => "ui-fr-host-note",
        (false, _) => "ui-fr-host-gone",
    };
    page.set_host_note(state.tr(note, &[]).shown());
    page.set_is_busy(state.hosting == Hosting::Starting);
}

/// The letter of a nick, and how long it is.
fn nick_edited(program: &Program, nick: &str) {
    let page = program.app.global::<ui::FirstRun>();
    let most = *shepot_client::limits::NICK_CHARACTERS.end();
    page.set_counter(
        if nick.is_empty() { String::new() } else { format!("{} / {most}", nick.chars().count()) }.shown(),
    );
    if program.state().nick_error(nick).is_none() {
        page.set_nick_error("".shown());
    }
    page.set_face(faces::own(program, nick, 48.0));
}

fn nick_left(program: &Program) {
    let page = program.app.global::<ui::FirstRun>();
    let nick = page.get_nick();
    let error = if nick.is_empty() { None } else { program.state().nick_error(&nick) };
    page.set_nick_error(error.unwrap_or_default().shown());
}

/// Empties the form after a way in was found.
pub(crate) fn done(program: &Program) {
    let page = program.app.global::<ui::FirstRun>();
    page.set_invitation("".shown());
    page.set_address("".shown());
}

/// Whether the text in the nick's field is an invitation, which then stands in its own.
fn takes_invitation(program: &Rc<Program>, nick: &str) -> bool {
    let Some(Ok(link)) = shepot_client::invitation_in(nick) else { return false };
    fill_invitation(program, &link);
    true
}
