//! What is being written: drafts, replies, edits, and the emoji in between.

pub(crate) mod field;

use std::collections::HashMap;
use std::rc::Rc;

use shepot_client::model::{CommandError, MessageId, PersonKey, RoomId, ServerId};
use shepot_client::{Action, RequestId};
use shepot_typeset::{Colour, Weight};
use shepot_view::desk::{Desk, Place, Server};
use shepot_view::writing::{Back, Bar, Shown, Writing};
use shepot_view::{markdown, people, sentence};
use shepot_window as ui;
use slint::ComponentHandle as _;
use slint::platform::Key as Named;

use crate::completions::{self, Offer};
use crate::program::Program;
use crate::shown::{Shown as _, typed};
use crate::{emoji_picker, first_run, keys, profile, sidebar, toast, typing};

/// The state of the composer.
#[derive(Default)]
pub(crate) struct ComposerState {
    writing: Writing,
    last_rooms: HashMap<ServerId, RoomId>,
    field: field::Field,
    pub(super) completions: Offer,
}

impl ComposerState {
    pub(crate) fn last_room(&self, server: ServerId) -> Option<RoomId> {
        self.last_rooms.get(&server).copied()
    }
}

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Composer, on_edited, |program, text, cursor| edited(&program, &text, cursor));
    on!(program, Composer, on_send, |program| send(&program));
    on!(program, Composer, on_close_bar, |program| {
        step_back(&program);
    });
    on!(program, Composer, on_avatar_clicked, |program| match program.mood.get() {
        Some(mood) => profile::turn_mood(&program, mood),
        None => sidebar::toggle_moods(&program),
    });
    on!(program, Composer, on_open_emoji, |program| open_emoji(&program));
    on!(program, Composer, on_laid_out, |program, width| {
        program.composer.borrow_mut().field.width = width;
        field::paint_emoji(&program, &program.app.global::<ui::Composer>().get_text());
    });
    on!(program, Composer, on_complete, |program, index| {
        completions::choose(&program, index);
    });
    on!(program, Composer, on_key, |program, text, shift, control| key(&program, &text, shift, control));
    let here = Rc::downgrade(program);
    program.app.on_composer_put(move |text| {
        if let Some(program) = here.upgrade() {
            field::put(&program, &text);
        }
    });
}

pub(super) fn composer(program: &Program) -> ui::Composer<'_> {
    program.app.global::<ui::Composer>()
}

pub(crate) fn open_emoji(program: &Rc<Program>) {
    let shell = program.app.global::<ui::Shell>();
    let (width, top) = (shell.get_width(), program.app.get_composer_top());
    let right = if shell.get_side() == ui::Side::None || shell.get_side_floats() { 0.0 } else { 232.0 };
    emoji_picker::open(program, emoji_picker::For::Text, (width - right - 355.0, top - 475.0));
}

/// The room is left: what is written stays with it.
pub(crate) fn leave(program: &Program) {
    completions::close(program);
    let Some(place) = program.place.get() else { return };
    let text = field::text(program);
    let kept = program.composer.borrow_mut().writing.leave(place, text);
    if let Some(conversation) = program.desk.borrow_mut().conversation_mut(place) {
        conversation.draft = kept;
    }
}

/// A room is entered: what was written there is there again.
pub(crate) fn enter(program: &Rc<Program>, place: Place) {
    let draft =
        program.desk.borrow_mut().conversation_mut(place).map(|conversation| conversation.draft.clone());
    let shown = {
        let mut state = program.composer.borrow_mut();
        state.last_rooms.insert(place.server, place.room);
        state.writing.enter(place, &draft.unwrap_or_default())
    };
    field::write(program, &shown);
    refresh(program);
    typing::refresh(program);
}

/// Nothing of a session outlives it.
pub(crate) fn forget(program: &Rc<Program>, server: ServerId) {
    {
        let mut state = program.composer.borrow_mut();
        state.writing.forget(server);
        state.last_rooms.remove(&server);
    }
    if program.server.get() == Some(server) {
        clear(program);
    }
}

/// No room is open: nothing is being written.
pub(crate) fn clear(program: &Rc<Program>) {
    program.composer.borrow_mut().writing.clear();
    completions::close(program);
    field::write(program, "");
    let box_ = composer(program);
    box_.set_bar(0);
    box_.set_bar_text(ui::Name::default());
    box_.set_bar_nick(ui::Name::default());
    box_.set_description("".shown());
    box_.set_typing_nicks(ui::Name::default());
    box_.set_typing("".shown());
}

fn edited(program: &Rc<Program>, text: &str, cursor: i32) {
    let Some((text, cursor)) = field::edited(program, text, cursor) else {
        return toast::problem(program, &sentence::too_long_to_paste(&program.l10n()));
    };
    let text = text.as_str();
    completions::offer(program, text, usize::try_from(cursor).unwrap_or_default());
    let is_writing = !text.trim().is_empty() && program.preferences().shows_typing;
    if let Some(place) = program.place.get().filter(|_| is_writing) {
        let is_online = program.desk.borrow().server(place.server).is_some_and(Server::is_connected);
        if is_online {
            program.engine.on(place.server, Action::Typing { room: place.room });
        }
    }
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
        return edit_last(program);
    }
    if is(Named::PageUp) {
        program.app.invoke_focus_list();
        return true;
    }
    if control {
        let marks = match text.chars().next().map(keys::latin) {
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

/// Marks what is selected.
fn surround(program: &Rc<Program>, marks: &str) {
    let now = field::text(program);
    let (cursor, anchor) = (program.app.get_cursor(), program.app.get_anchor());
    let at = |offset: i32| usize::try_from(offset).unwrap_or_default().min(now.len());
    let selected = now.get(at(cursor.min(anchor))..at(cursor.max(anchor))).unwrap_or_default().to_owned();
    field::put(program, &format!("{marks}{selected}{marks}"));
    if selected.is_empty() {
        let inside = at(cursor.min(anchor)) + marks.len();
        program.app.invoke_set_cursor(i32::try_from(inside).unwrap_or(i32::MAX));
    }
}

fn edit_last(program: &Rc<Program>) -> bool {
    let last = program.place.get().and_then(|place| {
        let desk = program.desk.borrow();
        desk.server(place.server)?.last_own(place.room)
    });
    last.inspect(|last| edit(program, *last)).is_some()
}

/// Sends what is written, or the change of what was.
pub(crate) fn send(program: &Rc<Program>) {
    let text = field::text(program);
    let Some(place) = program.place.get() else { return };
    let action = program.composer.borrow().writing.action(&program.desk.borrow(), place, &text);
    let action = match action {
        Ok(Some(action)) => action,
        Ok(None) => return,
        Err(error) => return toast::problem(program, &program.error(&error)),
    };
    let Some(request) = program.request_on(place.server, action) else { return };
    let shown = program.composer.borrow_mut().writing.is_sent(request, place, text);
    completions::close(program);
    field::write(program, &shown);
    // Whoever answers has read what was new.
    if let Some(conversation) = program.desk.borrow_mut().conversation_mut(place) {
        conversation.first_unread = None;
    }
    crate::timeline::to_newest(program);
    refresh(program);
}

/// Something was given to the engine that was not in the field: there it comes back if the engine does not take it.
pub(crate) fn is_sent(
    program: &Program,
    request: RequestId,
    place: Place,
    reply_to: Option<MessageId>,
    text: String,
) {
    program.composer.borrow_mut().writing.is_sent_again(request, place, reply_to, text);
}

/// The engine did not do something: what was written is there again.
pub(crate) fn refused(program: &Rc<Program>, request: Option<RequestId>, error: &CommandError) {
    if let CommandError::Nick { .. } = error {
        first_run::nick_error(program, &program.error(error));
        return toast::problem(program, &program.error(error));
    }
    if let Some(request) = request {
        give_back(program, request, error);
    }
    toast::problem(program, &program.error(error));
}

/// What was given to the engine and not taken is there again.
fn give_back(program: &Rc<Program>, request: RequestId, error: &CommandError) {
    let text = writes(program, |writing, desk, shown| writing.refused(desk, request, error, shown));
    if let Some(text) = text {
        field::write(program, &text);
        refresh(program);
    }
}

/// A server has other rooms: what was written in one that is gone is not lost.
pub(crate) fn rooms_changed(program: &Rc<Program>, server: ServerId) {
    let text = writes(program, |writing, desk, shown| writing.rooms_changed(desk, server, shown));
    if let Some(text) = text {
        completions::close(program);
        field::write(program, &text);
        refresh(program);
        toast::say(program, &program.tr("ui-room-is-gone", &[]), "hash");
    }
}

/// Something happens to what is being written, with this in the field.
fn writes(
    program: &Program,
    change: impl FnOnce(&mut Writing, &mut Desk, Shown<'_>) -> Option<String>,
) -> Option<String> {
    let shown = Shown { place: program.place.get(), text: &field::text(program) };
    change(&mut program.composer.borrow_mut().writing, &mut program.desk.borrow_mut(), shown)
}

/// The engine did what it was asked.
pub(crate) fn done(program: &Program, request: RequestId) {
    program.composer.borrow_mut().writing.done(request);
}

/// Something in a timeline is another: the change that was sent may be, and what is answered or changed may be gone.
pub(crate) fn changed(program: &Rc<Program>, server: ServerId) {
    let before = program.composer.borrow().writing.bar();
    let text = writes(program, |writing, desk, shown| writing.changed(desk, server, shown));
    let after = program.composer.borrow().writing.bar();
    if let Some(text) = text {
        completions::close(program);
        field::write(program, &text);
        toast::problem(program, &program.error(&CommandError::NoSuchMessage));
    }
    if before != after {
        refresh(program);
    }
}

pub(crate) fn reply_to(program: &Rc<Program>, message: MessageId) {
    completions::close(program);
    let shown = program.composer.borrow_mut().writing.reply_to(message);
    if let Some(text) = shown {
        field::write(program, &text);
    }
    refresh(program);
    program.app.invoke_focus_composer();
}

pub(crate) fn edit(program: &Rc<Program>, message: MessageId) {
    let body = {
        let desk = program.desk.borrow();
        program
            .place
            .get()
            .and_then(|place| desk.message_of(place.server, &message))
            .map(|message| message.body.clone())
    };
    let Some(body) = body else { return };
    let now = field::text(program);
    program.composer.borrow_mut().writing.edit(message, now);
    field::write(program, &body);
    refresh(program);
    program.app.invoke_focus_composer();
}

/// Gives up a reply or an edit; false when there is none.
pub(crate) fn step_back(program: &Rc<Program>) -> bool {
    if completions::close(program) {
        return true;
    }
    let back = program.composer.borrow_mut().writing.step_back();
    if let Back::Change(text) = &back {
        field::write(program, text);
    }
    refresh(program);
    back != Back::Nothing
}

/// Writes somebody's name.
pub(crate) fn mention(program: &Rc<Program>, person: &PersonKey) {
    let text = {
        let desk = program.desk.borrow();
        let server = program.server.get().and_then(|id| desk.server(id));
        server.and_then(|server| {
            let person = server.person(person).filter(|person| !person.is_self)?;
            Some(format!("{} ", people::mention(person, &server.people)))
        })
    };
    if let Some(text) = text {
        program.app.invoke_insert(typed(text.as_str()));
    }
}

/// The field and what is around it.
pub(crate) fn refresh(program: &Rc<Program>) {
    let box_ = composer(program);
    let l10n = program.l10n();
    let nick = program.preferences().profile.nick;
    box_.set_face(profile::own_face(program, &nick, 36.0));
    box_.set_has_mood(program.mood.get().is_some());
    let desk = program.desk.borrow();
    let Some((place, server)) =
        program.place.get().and_then(|place| Some((place, desk.server(place.server)?)))
    else {
        return;
    };
    let room = sentence::room_name(&l10n, place.room, &server.rooms);
    let placeholder = if server.is_connected() {
        l10n.tr("ui-placeholder", &[("room", &room)])
    } else if server.has_remains() {
        l10n.tr("ui-ph-over", &[])
    } else {
        l10n.tr("ui-ph-off", &[])
    };
    {
        let mut painter = program.painter.borrow_mut();
        let ink = Colour::of(painter.palette().t3);
        box_.set_placeholder(painter.name(&placeholder, field::SIZE, Weight::Regular, ink));
    }
    let bar = program.composer.borrow().writing.bar();
    let (kind, title, message) = match bar {
        Bar::None => (0, String::new(), None),
        Bar::Reply(id) => (1, l10n.tr("ui-reply-for", &[]), server.timeline().get(&id)),
        Bar::Edit(id) => (2, l10n.tr("ui-editing", &[]), server.timeline().get(&id)),
    };
    box_.set_bar_title(title.as_str().shown());
    let text = message.map(|message| markdown::plain(&message.body).chars().take(120).collect::<String>());
    let mut painter = program.painter.borrow_mut();
    let colour = message.map_or(0, |message| server.colour_of(&message.author));
    let nick = message.filter(|_| kind == 1).map(|message| &*message.nick).unwrap_or_default();
    let ink = painter.person(colour);
    box_.set_bar_nick(painter.name(nick, 13.0, Weight::SemiBold, ink));
    box_.set_bar_colour(i32::from(colour));
    let ink = Colour::of(painter.palette().t3);
    box_.set_bar_text(painter.name(&text.unwrap_or_default(), 13.0, Weight::Regular, ink));
    box_.set_bar(kind);
    box_.set_description(title.shown());
}
