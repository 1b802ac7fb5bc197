//! The first page: a nick, and one of three ways in.

use std::rc::Rc;

use shepot_client::Command;
use shepot_view::Language;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::adding::{self, Origin};
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{hosting, profile, settings};

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, FirstRun, on_nick_edited, |program, nick| nick_edited(&program, &nick));
    on!(program, FirstRun, on_nick_left, |program| nick_left(&program));
    on!(program, FirstRun, on_join, |program| {
        let entry = program.app.global::<ui::FirstRun>().get_invitation();
        invitation_error(&program, "");
        if use_nick(&program) {
            adding::add(&program, &entry, Origin::Invitation);
        }
    });
    on!(program, FirstRun, on_connect, |program| {
        let entry = program.app.global::<ui::FirstRun>().get_address();
        address_error(&program, "");
        if use_nick(&program) {
            adding::add(&program, &entry, Origin::Address);
        }
    });
    on!(program, FirstRun, on_host, |program| {
        if use_nick(&program) {
            hosting::start(&program);
        }
    });
    on!(program, FirstRun, on_language_chosen, |program, index| {
        let language = if index == 0 { Language::Russian } else { Language::English };
        program.change_preferences(|preferences| preferences.language = Some(language.code().to_owned()));
        program.restyle();
        settings::fill(&program);
        fill(&program);
        program.refresh_all();
    });
    on!(program, FirstRun, on_avatar, |program| profile::next_avatar(&program));
}

/// What is known already.
pub(crate) fn fill(program: &Program) {
    let page = program.app.global::<ui::FirstRun>();
    page.set_language(if program.l10n().language() == Language::Russian { 0 } else { 1 });
    if page.get_nick().is_empty() {
        page.set_nick(program.preferences().profile.nick.shown());
    }
    nick_edited(program, &page.get_nick());
}

fn nick_edited(program: &Program, nick: &str) {
    let page = program.app.global::<ui::FirstRun>();
    let most = *shepot_client::limits::NICK_CHARACTERS.end();
    page.set_counter(
        if nick.is_empty() { String::new() } else { format!("{} / {most}", nick.chars().count()) }.shown(),
    );
    if program.nick_error(nick).is_none() {
        page.set_nick_error("".shown());
    }
    page.set_face(profile::own_face(program, nick, 48.0));
}

fn nick_left(program: &Program) {
    let page = program.app.global::<ui::FirstRun>();
    let nick = page.get_nick();
    let error = if nick.is_empty() { None } else { program.nick_error(&nick) };
    page.set_nick_error(error.unwrap_or_default().shown());
}

/// Takes the nick; false when it is none, and then it is said beside the field.
fn use_nick(program: &Program) -> bool {
    let page = program.app.global::<ui::FirstRun>();
    let nick = page.get_nick().trim().to_owned();
    if let Some(error) = program.nick_error(&nick) {
        page.set_nick_error(error.shown());
        return false;
    }
    profile::call_oneself(program, &nick);
    program.engine.command(Command::SetProfile { nick, mood: program.mood.get() })
}

/// A nick that only the engine finds wrong.
pub(crate) fn nick_error(program: &Program, text: &str) {
    program.app.global::<ui::FirstRun>().set_nick_error(text.shown());
}

pub(crate) fn invitation_error(program: &Program, text: &str) {
    program.app.global::<ui::FirstRun>().set_invitation_error(text.shown());
}

pub(crate) fn address_error(program: &Program, text: &str) {
    program.app.global::<ui::FirstRun>().set_address_error(text.shown());
}

pub(crate) fn host_error(program: &Program, text: &str) {
    program.app.global::<ui::FirstRun>().set_host_error(text.shown());
}

/// A way in was found: what was typed is not kept here.
pub(crate) fn done(program: &Program) {
    let page = program.app.global::<ui::FirstRun>();
    page.set_invitation("".shown());
    page.set_address("".shown());
    page.set_is_busy(false);
}
