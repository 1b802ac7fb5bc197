//! The composer: drafts, replies, edits, and emoji in the text.

pub(crate) mod field;

use std::rc::Rc;

use shepot_app::{Bar, Msg};
use shepot_typeset::{Colour, Weight};
use shepot_view::command::Command;
use shepot_view::layouts::latin;
use shepot_view::markdown;
use shepot_window as ui;
use slint::ComponentHandle as _;
use slint::platform::Key as Named;

use crate::program::Program;
use crate::shown::Shown as _;
use crate::{clipboard, completions, faces, keys};

/// The most characters shown of the message that is replied to or edited.
const QUOTED: usize = 120;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Composer, on_edited, |program, text, cursor| edited(&program, &text, cursor));
    on!(program, Composer, on_send, |program| send(&program));
    on!(program, Composer, on_close_bar, |program| program.send(Msg::Back));
    on!(program, Composer, on_open_emoji, |program| open_emoji(&program));
    on!(program, Composer, on_laid_out, |program, width| {
        program.field.borrow_mut().width = width;
        field::paint_emoji(&program, &composer(&program).get_text());
    });
    on!(program, Composer, on_complete, |program, index| {
        program.send(Msg::TakeCompletion(usize::try_from(index).unwrap_or_default()));
    });
    on!(program, Composer, on_key, |program, text, shift, control| key(&program, &text, shift, control));
    let here = Rc::downgrade(program);
    program.app.on_composer_put(move |text| {
        if let Some(program) = here.upgrade() {
            field::put(&program, &text);
            tell(&program);
        }
    });
}

fn composer(program: &Program) -> ui::Composer<'_> {
    program.app.global::<ui::Composer>()
}

/// Opens the emoji picker above the field, or closes it.
pub(crate) fn open_emoji(program: &Rc<Program>) {
    let shell = program.app.global::<ui::Shell>();
    let (width, top) = (shell.get_width(), program.app.get_composer_top());
    let right = if shell.get_side() == ui::Side::None || shell.get_side_floats() { 0.0 } else { 232.0 };
    program.frame.opens_at.set((width - right - 355.0, top - 475.0));
    program.send(Msg::Run(Command::Emoji));
}

/// Tells the program what is in the field.
fn tell(program: &Rc<Program>) {
    let text = field::text(program);
    let cursor = usize::try_from(program.app.get_cursor()).unwrap_or_default().min(text.len());
    program.send(Msg::Written(text, cursor));
}

fn edited(program: &Rc<Program>, text: &str, cursor: i32) {
    match field::edited(program, text, cursor) {
        Some((text, cursor)) => {
            let cursor = usize::try_from(cursor).unwrap_or_default().min(text.len());
            program.send(Msg::Written(text, cursor));
        }
        None => clipboard::refuse(program),
    }
}

/// Brings the field into view after a text was inserted from elsewhere.
pub(crate) fn go_on(program: &Program) {
    let shell = program.app.global::<ui::Shell>();
    if shell.get_is_narrow() {
        shell.set_side(ui::Side::None);
    }
    program.app.invoke_focus_composer();
}

fn send(program: &Rc<Program>) {
    tell(program);
    program.send(Msg::Enter);
}

fn key(program: &Rc<Program>, text: &str, shift: bool, control: bool) -> bool {
    let is = |named: Named| keys::is(text, named);
    if completions::key(program, text) {
        return true;
    }
    if is(Named::Return) && !shift {
        send(program);
        return true;
    }
    if is(Named::UpArrow) && field::text(program).is_empty() {
        program.send(Msg::EditLast);
        return true;
    }
    if is(Named::PageUp) {
        program.app.invoke_focus_list();
        return true;
    }
    if control {
        let marks = match text.chars().next().map(latin) {
            Some('b') if !shift => "**",
            Some('i') if shift => "*",
            Some('x') if shift => "`",
            _ => return false,
        };
        surround(program, marks);
        return true;
    }
    false
}

/// Puts marks around the selection. Where the same marks stand behind the cursor, it goes behind them.
fn surround(program: &Rc<Program>, marks: &str) {
    let now = field::text(program);
    let (cursor, anchor) = (program.app.get_cursor(), program.app.get_anchor());
    let at = |offset: i32| usize::try_from(offset).unwrap_or_default().min(now.len());
    let selected = now.get(at(cursor.min(anchor))..at(cursor.max(anchor))).unwrap_or_default().to_owned();
    let behind = now.get(at(cursor)..).unwrap_or_default();
    let ends = behind.len() - behind.trim_start_matches(|c| marks.starts_with(c)).len() == marks.len();
    if selected.is_empty() && ends {
        // Written to their end: the same keys lead out.
        let outside = at(cursor) + marks.len();
        return program.app.invoke_set_cursor(i32::try_from(outside).unwrap_or(i32::MAX));
    }
    // Marks beside a space are none.
    let inside = selected.trim();
    let (before, after) = match selected.find(inside) {
        Some(from) => (selected.get(..from), selected.get(from + inside.len()..)),
        None => (None, None),
    };
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    field::put(program, &format!("{before}{marks}{inside}{marks}{after}"));
    if selected.is_empty() {
        let inside = at(cursor.min(anchor)) + marks.len();
        program.app.invoke_set_cursor(i32::try_from(inside).unwrap_or(i32::MAX));
    }
    tell(program);
}

/// Puts the program's text into the field.
pub(crate) fn put_text(program: &Rc<Program>) {
    let (text, cursor) = {
        let state = program.state();
        (state.composer.field.text().to_owned(), state.composer.field.cursor())
    };
    field::write(program, &text, cursor);
}

/// Updates what is around the field.
pub(crate) fn refresh(program: &Program) {
    let box_ = composer(program);
    let state = program.state();
    box_.set_face(faces::own(program, &state.nick, 36.0));
    box_.set_has_mood(state.mood.is_some());
    let Some(server) = state.place.and_then(|_| state.shown()) else {
        box_.set_bar(ui::WritingBar::None);
        box_.set_bar_text(ui::Name::default());
        box_.set_bar_nick(ui::Name::default());
        return box_.set_description("".shown());
    };
    let mut painter = program.painter.borrow_mut();
    let faint = Colour::of(painter.palette().t3);
    box_.set_placeholder(painter.name(&state.placeholder(), field::SIZE, Weight::Regular, faint));
    let (kind, title, message) = match state.composer.bar() {
        Bar::None => (ui::WritingBar::None, String::new(), None),
        Bar::Reply(id) => (ui::WritingBar::Reply, state.tr("ui-reply-for", &[]), server.timeline().get(&id)),
        Bar::Edit(id) => (ui::WritingBar::Edit, state.tr("ui-editing", &[]), server.timeline().get(&id)),
    };
    box_.set_bar_title(title.as_str().shown());
    let text = message.map(|message| markdown::plain(&message.body).chars().take(QUOTED).collect::<String>());
    let colour = message.map_or(0, |message| server.colour_of(&message.author));
    let nick =
        message.filter(|_| kind == ui::WritingBar::Reply).map(|message| &*message.nick).unwrap_or_default();
    let ink = painter.person(colour);
    box_.set_bar_nick(painter.name(nick, 13.0, Weight::SemiBold, ink));
    box_.set_bar_colour(i32::from(colour));
    box_.set_bar_text(painter.name(&text.unwrap_or_default(), 13.0, Weight::Regular, faint));
    box_.set_bar(kind);
    box_.set_description(title.shown());
}
