//! Actions on messages in the list: reply, react, edit, copy, send again.

use std::rc::Rc;

use shepot_app::{For, MenuOf, MessageAction, Msg, OverMsg};
use shepot_client::model::Delivery;
use shepot_view::markdown::{self, Block};
use shepot_window::MessageAct;

use super::standing::flash;
use crate::program::Program;

/// Does something with the message in a row. `place`: where a menu opens.
pub(super) fn act(program: &Rc<Program>, row: usize, what: MessageAct, place: (f32, f32)) {
    let Some(message) = program.list.borrow().message_at(row) else { return };
    program.frame.opens_at.set(place);
    let action = match what {
        MessageAct::React => {
            program.frame.opens_at.set((place.0 - 300.0, place.1 - 460.0));
            return program.send(OverMsg::OpenEmoji(For::Reaction(message)));
        }
        MessageAct::More => return program.send(OverMsg::OpenMenu(MenuOf::Message(message))),
        MessageAct::Reply => MessageAction::Reply,
        MessageAct::Edit => MessageAction::Edit,
        MessageAct::Discard => MessageAction::Discard,
    };
    program.send(Msg::Message(message, action));
    if matches!(action, MessageAction::Reply | MessageAction::Edit) {
        program.app.invoke_focus_composer();
    }
}

/// Scrolls to the message that a reply answers, and marks it for a moment.
pub(super) fn open_reply(program: &Rc<Program>, row: usize) {
    let target = {
        let (list, shown) = (program.list.borrow(), program.shown());
        let quoted = list.message_at(row).and_then(|id| shown.as_deref()?.timeline().get(&id)?.reply_to);
        quoted.and_then(|id| list.index_of(&id))
    };
    if let Some(target) = target {
        flash(program, target);
    }
}

pub(super) fn react_at(program: &Rc<Program>, row: usize, emoji: &str) {
    let message = program.list.borrow().message_at(row);
    if let Some(message) = message {
        program.send(Msg::React(message, emoji.to_owned()));
    }
}

/// Sends a message that was held back or failed.
pub(super) fn retry(program: &Rc<Program>, row: usize) {
    let message = program.list.borrow().message_at(row);
    let delivery =
        message.and_then(|id| program.shown()?.timeline().get(&id).map(|message| message.delivery));
    if let (Some(message), Some(Delivery::Held | Delivery::Failed)) = (message, delivery) {
        program.send(Msg::Message(message, MessageAction::SendAgain));
    }
}

pub(super) fn copy_code(program: &Rc<Program>, row: usize, block: usize) {
    let code = {
        let (list, shown) = (program.list.borrow(), program.shown());
        let message = list.message_at(row).and_then(|id| shown.as_deref()?.timeline().get(&id));
        message.and_then(|message| match markdown::read(&message.body, &[]).into_iter().nth(block)? {
            Block::Code { text, .. } => Some(text),
            Block::Text(_) | Block::Quote(_) | Block::Item { .. } => None,
        })
    };
    if let Some(code) = code {
        program.send(OverMsg::Copy(code));
    }
}
