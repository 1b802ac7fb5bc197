//! What can be done to a message: replying, reacting, changing, copying, sending again.

use std::rc::Rc;

use shepot_client::Action;
use shepot_client::model::MessageId;
use shepot_view::desk::Place;
use shepot_view::markdown::{self, Block};

use crate::program::Program;
use crate::{clipboard, composer, emoji_picker, menu};

/// What can be done to a message, as the component tree numbers it.
pub(super) const REACT: i32 = 1;
pub(super) const REPLY: i32 = 2;
pub(super) const EDIT: i32 = 3;
pub(super) const MORE: i32 = 4;
pub(super) const COPY: i32 = 5;
pub(super) const DISCARD: i32 = 6;
pub(super) const DELETE: i32 = 7;

/// Does something to the message of a row. `place`: where a menu opens.
pub(super) fn act(program: &Rc<Program>, row: usize, what: i32, place: (f32, f32)) {
    let message = program.list.borrow().message_at(row);
    if let Some(message) = message {
        act_on(program, message, what, place);
    }
}

fn act_on(program: &Rc<Program>, message: MessageId, what: i32, place: (f32, f32)) {
    match what {
        REACT => emoji_picker::open(
            program,
            emoji_picker::For::Reaction(message),
            (place.0 - 300.0, place.1 - 460.0),
        ),
        REPLY => composer::reply_to(program, message),
        EDIT => composer::edit(program, message),
        MORE => open_menu(program, message, place),
        COPY => copy_message(program, &message),
        DISCARD => {
            program.on_server(Action::Discard { message });
        }
        DELETE => {
            program.on_server(Action::Delete { message });
        }
        _ => {}
    }
}

fn open_menu(program: &Rc<Program>, id: MessageId, place: (f32, f32)) {
    let (is_own, has_session) = {
        let desk = program.desk.borrow();
        let Some(server) = program.place.get().and_then(|place| desk.server(place.server)) else { return };
        let Some(message) = server.timeline().get(&id) else { return };
        if message.is_deleted {
            return;
        }
        (server.is_own(message), server.has_session())
    };
    let mut items = vec![(menu::Item::new("ui-copy-text", "copy").keys("Ctrl+C"), COPY)];
    if has_session {
        let first = [
            (menu::Item::new("ui-reply", "reply").keys("R"), REPLY),
            (menu::Item::new("ui-react", "smile-plus").keys("E"), REACT),
        ];
        items.splice(0..0, first);
    }
    if is_own && has_session {
        items.push((menu::Item::new("ui-edit", "pencil").keys("↑"), EDIT));
        items.push((menu::Item::new("ui-delete", "trash-2").keys("Del").danger(), DELETE));
    }
    let (items, acts): (Vec<menu::Item>, Vec<i32>) = items.into_iter().unzip();
    menu::open(program, items, place, move |program, chosen| {
        if let Some(what) = acts.get(chosen) {
            act_on(program, id, *what, place);
        }
    });
}

/// The message that a reply answers, into the middle and marked for a moment.
pub(super) fn open_reply(program: &Rc<Program>, row: usize) {
    let target = {
        let list = program.list.borrow();
        let desk = program.desk.borrow();
        let server = program.place.get().and_then(|place| desk.server(place.server));
        let quoted = list.message_at(row).and_then(|id| server?.timeline().get(&id)?.reply_to);
        quoted.and_then(|id| list.index_of(&id))
    };
    if let Some(target) = target {
        program.flash(target);
    }
}

pub(super) fn react_at(program: &Rc<Program>, row: usize, emoji: &str) {
    let Some(message) = program.list.borrow().message_at(row) else { return };
    react(program, message, emoji);
}

/// Reacts, or takes the same reaction back.
pub(crate) fn react(program: &Program, message: MessageId, emoji: &str) {
    let is_there = {
        let desk = program.desk.borrow();
        let server = program.place.get().and_then(|place| desk.server(place.server));
        server.is_some_and(|server| server.has_reacted(&message, emoji))
    };
    program.on_server(Action::React { message, emoji: emoji.to_owned(), taken_back: is_there });
}

pub(super) fn retry(program: &Program, row: usize) {
    let Some(message) = program.list.borrow().message_at(row) else { return };
    let failed = {
        let desk = program.desk.borrow();
        let server = program.place.get().and_then(|place| desk.server(place.server));
        server.and_then(|server| {
            let message = server.timeline().get(&message)?;
            let is_failed = message.delivery == shepot_client::model::Delivery::Failed;
            is_failed
                .then(|| (message.room, message.body.to_string(), message.reply_to, message.mentions.clone()))
        })
    };
    match failed {
        Some((room, body, reply_to, mentions)) => {
            let (text, Some(server)) = (body.clone(), program.server.get()) else { return };
            let asked = program.request_on(server, Action::Send { room, body, reply_to, mentions });
            if let Some(request) = asked {
                composer::is_sent(program, request, Place { server, room }, reply_to, text);
                program.on_server(Action::Discard { message });
            }
        }
        // Held back because the circle changed.
        None => {
            program.on_server(Action::Release { message });
        }
    }
}

pub(super) fn copy_message(program: &Rc<Program>, message: &MessageId) {
    let body = {
        let desk = program.desk.borrow();
        let place = program.place.get();
        place.and_then(|place| desk.message_of(place.server, message).map(|message| message.body.clone()))
    };
    if let Some(body) = body {
        clipboard::copy(program, &body);
    }
}

pub(super) fn copy_code(program: &Rc<Program>, row: usize, block: usize) {
    let code = {
        let list = program.list.borrow();
        let desk = program.desk.borrow();
        let place = program.place.get();
        let message = list.message_at(row).and_then(|id| desk.message_of(place?.server, &id));
        message.and_then(|message| match markdown::read(&message.body, &[]).into_iter().nth(block)? {
            Block::Code { text, .. } => Some(text),
            Block::Text(_) | Block::Quote(_) | Block::Item { .. } => None,
        })
    };
    if let Some(code) = code {
        clipboard::copy(program, &code);
    }
}
