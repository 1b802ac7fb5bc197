//! What is being written: drafts, replies, edits, and the emoji in between.

pub(crate) mod field;

use std::collections::HashMap;
use std::rc::Rc;

use shepot_client::Action;
use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_client::model::{MessageId, Mistake, PersonKey, RoomId, ServerId};
use shepot_typeset::{Colour, Weight};
use shepot_view::desk::{Place, Server};
use shepot_view::{emoji, markdown, people, sentence};
use shepot_window as ui;
use slint::ComponentHandle as _;
use slint::platform::Key as Named;

use crate::completions::{self, Offer};
use crate::program::Program;
use crate::{emoji_picker, first_run, profile, sidebar, toast, typing};

/// What a message that is being written belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Bar {
    #[default]
    None,
    Reply(MessageId),
    Edit(MessageId),
}

/// The state of the composer.
pub(crate) struct ComposerState {
    bar: Bar,
    /// What was written before an edit began.
    before_edit: Option<String>,
    bars: HashMap<Place, Bar>,
    last_rooms: HashMap<ServerId, RoomId>,
    field: field::Field,
    pub(super) completions: Offer,
    /// What was given to the engine, and where, until it is in the list or refused.
    sent: Option<(Place, Bar, String)>,
}

impl Default for ComposerState {
    fn default() -> Self {
        Self {
            bar: Bar::None,
            before_edit: None,
            bars: HashMap::new(),
            last_rooms: HashMap::new(),
            field: field::Field::default(),
            completions: Offer::default(),
            sent: None,
        }
    }
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
    let mut state = program.composer.borrow_mut();
    let kept = match (state.bar, state.before_edit.take()) {
        (Bar::Edit(_), before) => before.unwrap_or_default(),
        _ => text,
    };
    let bar = if matches!(state.bar, Bar::Reply(_)) { state.bar } else { Bar::None };
    state.bars.insert(place, bar);
    state.bar = Bar::None;
    drop(state);
    if let Some(conversation) = program.desk.borrow_mut().conversation_mut(place) {
        conversation.draft = kept;
    }
}

/// A room is entered: what was written there is there again.
pub(crate) fn enter(program: &Rc<Program>, place: Place) {
    let draft =
        program.desk.borrow_mut().conversation_mut(place).map(|conversation| conversation.draft.clone());
    {
        let mut state = program.composer.borrow_mut();
        state.last_rooms.insert(place.server, place.room);
        state.bar = state.bars.get(&place).copied().unwrap_or_default();
    }
    field::write(program, &draft.unwrap_or_default());
    refresh(program);
    typing::refresh(program);
}

/// Nothing of a session outlives it.
pub(crate) fn forget(program: &Rc<Program>, server: ServerId) {
    {
        let mut state = program.composer.borrow_mut();
        state.bars.retain(|place, _| place.server != server);
        state.last_rooms.remove(&server);
        state.sent.take_if(|(place, ..)| place.server == server);
    }
    if program.server.get() == Some(server) {
        clear(program);
    }
}

/// No room is open: nothing is being written.
pub(crate) fn clear(program: &Rc<Program>) {
    {
        let mut state = program.composer.borrow_mut();
        state.bar = Bar::None;
        state.before_edit = None;
    }
    completions::close(program);
    field::write(program, "");
    let box_ = composer(program);
    box_.set_bar(0);
    box_.set_bar_text(ui::Name::default());
    box_.set_bar_nick(ui::Name::default());
    box_.set_description("".into());
    box_.set_typing_nicks(ui::Name::default());
    box_.set_typing("".into());
}

fn edited(program: &Rc<Program>, text: &str, cursor: i32) {
    let (text, cursor) = field::edited(program, text, cursor);
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
    let is = |named: Named| text == slint::SharedString::from(named).as_str();
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
        let marks = match text.chars().next().map(crate::keys::latin) {
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
    let body = emoji::with_short_names(text.trim());
    let Some(place) = program.place.get() else { return };
    let count = body.chars().count();
    if count == 0 {
        return;
    }
    if count > MESSAGE_CHARACTERS {
        return toast::problem(program, &program.mistake(&Mistake::LongMessage { most: MESSAGE_CHARACTERS }));
    }
    let bar = program.composer.borrow().bar;
    let mentions = {
        let desk = program.desk.borrow();
        desk.server(place.server).map(|server| people::mentioned(&body, &server.people)).unwrap_or_default()
    };
    let action = match bar {
        Bar::Edit(message) => Action::Edit { message, body },
        Bar::Reply(message) => Action::Send { room: place.room, body, reply_to: Some(message), mentions },
        Bar::None => Action::Send { room: place.room, body, reply_to: None, mentions },
    };
    if !program.on(place.server, action) {
        return;
    }
    let before = {
        let mut state = program.composer.borrow_mut();
        // It comes back if the engine does not take it.
        state.sent = Some((place, bar, text));
        state.bar = Bar::None;
        state.bars.remove(&place);
        state.before_edit.take()
    };
    completions::close(program);
    field::write(program, &before.unwrap_or_default());
    // Whoever answers has read what was new.
    if let Some(conversation) = program.desk.borrow_mut().conversation_mut(place) {
        conversation.first_unread = None;
    }
    crate::timeline::to_newest(program);
    refresh(program);
}

/// Something was given to the engine that was not in the field: there it comes back if the engine does not take it.
pub(crate) fn is_sent(program: &Program, room: RoomId, reply_to: Option<MessageId>, text: String) {
    let Some(server) = program.server.get() else { return };
    let bar = reply_to.map_or(Bar::None, Bar::Reply);
    program.composer.borrow_mut().sent = Some((Place { server, room }, bar, text));
}

/// The engine did not do something: what was written is there again.
pub(crate) fn refused(program: &Rc<Program>, server: Option<ServerId>, mistake: &Mistake) {
    if let Mistake::Nick { .. } = mistake {
        first_run::nick_error(program, &program.mistake(mistake));
        return toast::problem(program, &program.mistake(mistake));
    }
    let concerns_text = matches!(
        mistake,
        Mistake::NotConnected | Mistake::OutboxFull | Mistake::LongMessage { .. } | Mistake::NoSuchRoom
    );
    if concerns_text {
        let sent = program.composer.borrow_mut().sent.take_if(|(place, ..)| Some(place.server) == server);
        if let Some((place, bar, text)) = sent {
            put_back(program, place, bar, &text);
        }
    }
    toast::problem(program, &program.mistake(mistake));
}

/// What was written stands in the field again, or waits in its room.
fn put_back(program: &Rc<Program>, place: Place, bar: Bar, text: &str) {
    if program.place.get() == Some(place) {
        if matches!(program.composer.borrow().bar, Bar::Edit(_)) {
            // A change goes on: what comes back waits until it is done.
            let mut state = program.composer.borrow_mut();
            let before = state.before_edit.take().unwrap_or_default();
            state.before_edit = Some(behind(text, &before));
            return;
        }
        let now = field::text(program);
        let both = if matches!(bar, Bar::Edit(_)) {
            // What is written now waits until the change is done.
            program.composer.borrow_mut().before_edit = Some(now);
            text.to_owned()
        } else {
            behind(text, &now)
        };
        program.composer.borrow_mut().bar = bar;
        field::write(program, &both);
        refresh(program);
    } else if let Some(conversation) = program.desk.borrow_mut().conversation_mut(place) {
        let is_alone = conversation.draft.is_empty();
        conversation.draft = behind(text, &conversation.draft);
        // An edit does not wait in a room that was left, and a draft keeps the message that it answers.
        if is_alone && !matches!(bar, Bar::Edit(_)) {
            program.composer.borrow_mut().bars.insert(place, bar);
        }
    }
}

/// What is written now stands behind what came back.
fn behind(text: &str, now: &str) -> String {
    if now.is_empty() { text.to_owned() } else { format!("{text}\n{now}") }
}

/// The engine has taken what was written.
pub(crate) fn taken(program: &Program, server: ServerId) {
    program.composer.borrow_mut().sent.take_if(|(place, ..)| place.server == server);
}

/// Something in a timeline is another: the change that was sent may be.
pub(crate) fn changed(program: &Program, server: ServerId) {
    let desk = program.desk.borrow();
    program.composer.borrow_mut().sent.take_if(|(place, bar, text)| {
        let message = match bar {
            Bar::Edit(id) if place.server == server => desk.message_of(server, id),
            Bar::Edit(_) | Bar::None | Bar::Reply(_) => None,
        };
        message.is_some_and(|message| message.body == emoji::with_short_names(text.trim()))
    });
}

pub(crate) fn reply_to(program: &Rc<Program>, message: MessageId) {
    step_back(program);
    program.composer.borrow_mut().bar = Bar::Reply(message);
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
    let before = field::text(program);
    {
        let mut state = program.composer.borrow_mut();
        if !matches!(state.bar, Bar::Edit(_)) {
            state.before_edit = Some(before);
        }
        state.bar = Bar::Edit(message);
    }
    field::write(program, &body);
    refresh(program);
    program.app.invoke_focus_composer();
}

/// Gives up a reply or an edit; false when there is none.
pub(crate) fn step_back(program: &Rc<Program>) -> bool {
    if completions::close(program) {
        return true;
    }
    let (bar, before) = {
        let mut state = program.composer.borrow_mut();
        (std::mem::take(&mut state.bar), state.before_edit.take())
    };
    if let Bar::Edit(_) = bar {
        field::write(program, &before.unwrap_or_default());
    }
    refresh(program);
    bar != Bar::None
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
        program.app.invoke_insert(text.into());
    }
}

/// The field and what is around it.
pub(crate) fn refresh(program: &Rc<Program>) {
    let box_ = composer(program);
    let words = program.words();
    let nick = program.preferences().profile.nick;
    box_.set_face(profile::own_face(program, &nick, 36.0));
    box_.set_has_mood(program.mood.get().is_some());
    let desk = program.desk.borrow();
    let Some((place, server)) =
        program.place.get().and_then(|place| Some((place, desk.server(place.server)?)))
    else {
        return;
    };
    let is_gone = match program.composer.borrow().bar {
        Bar::Edit(id) => server.timeline().get(&id).is_none_or(|message| message.is_deleted),
        Bar::None | Bar::Reply(_) => false,
    };
    if is_gone {
        // What was being changed has disappeared; what was written before it is there again.
        drop(desk);
        completions::close(program);
        step_back(program);
        return;
    }
    let room = sentence::room_name(&words, place.room, &server.rooms);
    let placeholder = if server.is_connected() {
        words.say("ui-placeholder", &[("room", &room)])
    } else {
        words.say("ui-ph-off", &[])
    };
    {
        let mut painter = program.painter.borrow_mut();
        let ink = Colour::of(painter.palette().t3);
        box_.set_placeholder(painter.name(&placeholder, field::SIZE, Weight::Regular, ink));
    }
    // What was answered may be gone by now.
    let is_there = |id: &MessageId| server.timeline().get(id).is_some_and(|message| !message.is_deleted);
    let bar = {
        let mut state = program.composer.borrow_mut();
        if let Bar::Reply(id) = state.bar
            && !is_there(&id)
        {
            state.bar = Bar::None;
        }
        state.bar
    };
    let (kind, title, message) = match bar {
        Bar::None => (0, String::new(), None),
        Bar::Reply(id) => (1, words.say("ui-reply-for", &[]), server.timeline().get(&id)),
        Bar::Edit(id) => (2, words.say("ui-editing", &[]), server.timeline().get(&id)),
    };
    box_.set_bar_title(title.as_str().into());
    let text = message.map(|message| markdown::plain(&message.body).chars().take(120).collect::<String>());
    let mut painter = program.painter.borrow_mut();
    let colour = message.map_or(0, |message| server.colour_of(&message.author));
    let nick = message.filter(|_| kind == 1).map(|message| message.nick.as_str()).unwrap_or_default();
    let ink = painter.person(colour);
    box_.set_bar_nick(painter.name(nick, 13.0, Weight::SemiBold, ink));
    box_.set_bar_colour(i32::from(colour));
    let ink = Colour::of(painter.palette().t3);
    box_.set_bar_text(painter.name(&text.unwrap_or_default(), 13.0, Weight::Regular, ink));
    box_.set_bar(kind);
    box_.set_description(title.into());
}
