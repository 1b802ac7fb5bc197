//! What is being written: which message a text answers or changes, in each room, and what was given to the engine until
//! it has taken it.
//!
//! Owns: everything about it but the text of the room that is shown, which is in the interface's field: it goes in and
//! comes out. Must never: lose a text, or keep one of a session that the person has left.

use std::collections::HashMap;

use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_client::model::{CommandError, MessageId, RoomId, ServerId};
use shepot_client::{Action, RequestId};

use crate::desk::{Desk, Place};
use crate::{emoji, people};

/// Characters that a field takes: more than a message has, so that one can be shortened there, and few enough to be laid out
/// for every key.
pub const MOST_WRITTEN: usize = 2 * MESSAGE_CHARACTERS;

/// What a message that is being written belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bar {
    /// It is a new one.
    #[default]
    None,
    /// It answers another.
    Reply(MessageId),
    /// It takes the place of an own one.
    Edit(MessageId),
}

/// One step back in what is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// There was none.
    Nothing,
    /// It answers nothing any more.
    Answer,
    /// A change was given up: the field shows what was written before.
    Change(String),
}

/// What is shown while something about the writing changes.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The room that is shown.
    pub place: Option<Place>,
    /// What stands in its field.
    pub text: &'a str,
}

/// What is being written, in the room that is shown and in others.
#[derive(Default)]
pub struct Writing {
    bar: Bar,
    /// What was written before a change began, and what it answered.
    before_edit: Option<(Bar, String)>,
    /// Answers that are being written in other rooms.
    bars: HashMap<Place, Bar>,
    /// Changes that are being written in other rooms.
    edits: HashMap<Place, (MessageId, String)>,
    /// What was given to the engine, and where, until it has answered.
    sent: HashMap<RequestId, (Place, Bar, String)>,
}

impl Writing {
    /// What is written in the room that is shown belongs to this.
    #[must_use]
    pub const fn bar(&self) -> Bar {
        self.bar
    }

    /// The room is left with this in its field. The draft that stays with it.
    pub fn leave(&mut self, place: Place, text: String) -> String {
        let (bar, draft) = match std::mem::take(&mut self.bar) {
            Bar::Edit(message) => {
                self.edits.insert(place, (message, text));
                self.before_edit.take().unwrap_or_default()
            }
            bar @ (Bar::None | Bar::Reply(_)) => (bar, text),
        };
        if bar == Bar::None {
            self.bars.remove(&place);
        } else {
            self.bars.insert(place, bar);
        }
        draft
    }

    /// A room with this draft is entered. What its field shows: a change that was being written goes on.
    pub fn enter(&mut self, place: Place, draft: &str) -> String {
        // What was written before a change elsewhere belongs there.
        self.before_edit = None;
        self.bar = self.bars.get(&place).copied().unwrap_or_default();
        match self.edits.remove(&place) {
            Some((message, text)) => {
                self.edit(message, draft.to_owned());
                text
            }
            None => draft.to_owned(),
        }
    }

    /// Nothing of a session outlives it. What is in the field is not touched: see [`Self::clear`].
    pub fn forget(&mut self, server: ServerId) {
        self.bars.retain(|place, _| place.server != server);
        self.edits.retain(|place, _| place.server != server);
        self.sent.retain(|_, (place, ..)| place.server != server);
    }

    /// Nothing is being written in the room that is shown.
    pub fn clear(&mut self) {
        self.bar = Bar::None;
        self.before_edit = None;
    }

    /// Begins to answer a message. A change that is given up for it: the field shows what was written before.
    pub fn reply_to(&mut self, message: MessageId) -> Option<String> {
        let back = self.step_back();
        self.bar = Bar::Reply(message);
        if let Back::Change(text) = back { Some(text) } else { None }
    }

    /// Begins to change a message, with this in the field; it shows the message's text then.
    pub fn edit(&mut self, message: MessageId, now: String) {
        if !matches!(self.bar, Bar::Edit(_)) {
            self.before_edit = Some((self.bar, now));
        }
        self.bar = Bar::Edit(message);
    }

    /// Gives up an answer or a change.
    pub fn step_back(&mut self) -> Back {
        match std::mem::take(&mut self.bar) {
            Bar::None => Back::Nothing,
            Bar::Reply(_) => Back::Answer,
            Bar::Edit(_) => Back::Change(self.before()),
        }
    }

    /// What was written before a change is there again.
    fn before(&mut self) -> String {
        let (bar, text) = self.before_edit.take().unwrap_or_default();
        self.bar = bar;
        text
    }

    /// What the engine is to do with this text; None where there is nothing in it.
    ///
    /// # Errors
    ///
    /// [`CommandError::LongMessage`]: it stays as it is.
    pub fn action(&self, desk: &Desk, place: Place, text: &str) -> Result<Option<Action>, CommandError> {
        let body = body_of(text);
        let count = body.chars().count();
        if body.trim().is_empty() {
            return Ok(None);
        }
        if count > MESSAGE_CHARACTERS {
            return Err(CommandError::LongMessage { most: MESSAGE_CHARACTERS });
        }
        let people = desk.server(place.server).map(|server| server.people.as_slice()).unwrap_or_default();
        let mentions = people::mentioned(&body, people);
        Ok(Some(match self.bar {
            Bar::Edit(message) => Action::Edit { message, body, mentions },
            Bar::Reply(message) => Action::Send { room: place.room, body, reply_to: Some(message), mentions },
            Bar::None => Action::Send { room: place.room, body, reply_to: None, mentions },
        }))
    }

    /// This was given to the engine. What the field shows then.
    pub fn is_sent(&mut self, request: RequestId, place: Place, text: String) -> String {
        let bar = std::mem::take(&mut self.bar);
        // It comes back if the engine does not take it.
        self.sent.insert(request, (place, bar, text));
        self.bars.remove(&place);
        self.before()
    }

    /// Something was given to the engine that was not in the field: it comes back there if it is not taken.
    pub fn is_sent_again(
        &mut self,
        request: RequestId,
        place: Place,
        reply_to: Option<MessageId>,
        text: String,
    ) {
        self.sent.insert(request, (place, reply_to.map_or(Bar::None, Bar::Reply), text));
    }

    /// The engine has taken what was asked for.
    pub fn done(&mut self, request: RequestId) {
        self.sent.remove(&request);
    }

    /// Answers of the engine are lost: nothing comes back.
    pub fn answers_are_lost(&mut self) {
        self.sent.clear();
    }

    /// The engine did not do something. If it was about a text, that is where it was written again; what the field shows
    /// then, if it is another text.
    pub fn refused(
        &mut self,
        desk: &mut Desk,
        request: RequestId,
        error: &CommandError,
        shown: Shown<'_>,
    ) -> Option<String> {
        // A change of a message that is gone is a text of its own.
        let is_gone = *error == CommandError::NoSuchMessage;
        let (place, bar, text) = self.sent.remove(&request)?;
        let bar = if is_gone { Bar::None } else { bar };
        if desk.is_gone(place) {
            return self.put(desk, place, &text, behind, shown);
        }
        match (bar, self.bar) {
            (Bar::Edit(message), _) if shown.place != Some(place) => {
                // Another change may wait there by now.
                if self.edits.contains_key(&place) {
                    return self.put(desk, place, &text, ahead, shown);
                }
                self.edits.insert(place, (message, text));
                None
            }
            (Bar::None | Bar::Reply(_), _) if shown.place != Some(place) => {
                if bar != Bar::None {
                    // A draft that answers something goes on answering it.
                    self.bars.entry(place).or_insert(bar);
                }
                self.put(desk, place, &text, ahead, shown)
            }
            (_, Bar::Edit(_)) => {
                // A change goes on: what comes back waits until it is done.
                let (before_bar, before) = self.before_edit.take().unwrap_or_default();
                let bar = match (before_bar, bar) {
                    (Bar::None, Bar::Reply(_)) => bar,
                    _ => before_bar,
                };
                self.before_edit = Some((bar, behind(&text, &before)));
                None
            }
            (Bar::Edit(_), _) => {
                // What is written now waits until the change is done.
                self.before_edit = Some((self.bar, shown.text.to_owned()));
                self.bar = bar;
                Some(text)
            }
            (Bar::None | Bar::Reply(_), _) => {
                // What answers something goes on answering it.
                if self.bar == Bar::None {
                    self.bar = bar;
                }
                Some(behind(&text, shown.text))
            }
        }
    }

    /// A text that was written in a room is there again, joined with what is written there now; in the main room, where that
    /// one is gone. What the field shows then, if it is another text.
    fn put(
        &mut self,
        desk: &mut Desk,
        place: Place,
        text: &str,
        join: fn(&str, &str) -> String,
        shown: Shown<'_>,
    ) -> Option<String> {
        let place = if desk.is_gone(place) { Place { room: RoomId::MAIN, ..place } } else { place };
        if shown.place != Some(place) {
            let conversation = desk.conversation_mut(place)?;
            conversation.draft = join(&conversation.draft, text);
            return None;
        }
        if let Bar::Edit(_) = self.bar {
            let (bar, before) = self.before_edit.take().unwrap_or_default();
            self.before_edit = Some((bar, join(&before, text)));
            return None;
        }
        Some(join(shown.text, text))
    }

    /// The same for several texts, each behind what is written there now.
    fn put_all(
        &mut self,
        desk: &mut Desk,
        texts: impl IntoIterator<Item = (Place, String)>,
        shown: Shown<'_>,
    ) -> Option<String> {
        let mut field = None;
        for (place, text) in texts {
            let shown = Shown { text: field.as_deref().unwrap_or(shown.text), ..shown };
            field = self.put(desk, place, &text, behind, shown).or(field);
        }
        field
    }

    /// A server has other rooms. What was written in one that is gone is in the main room; what the field shows then, if it
    /// is another text.
    pub fn rooms_changed(&mut self, desk: &mut Desk, server: ServerId, shown: Shown<'_>) -> Option<String> {
        self.bars.retain(|place, _| place.server != server || !desk.is_gone(*place));
        let edits = self.edits.extract_if(|place, _| place.server == server && desk.is_gone(*place));
        let mut texts: Vec<(Place, String)> = edits.map(|(place, (_, text))| (place, text)).collect();
        texts.extend(desk.take_drafts_of_gone_rooms(server));
        self.put_all(desk, texts, shown)
    }

    /// Something in a timeline is another: what is answered or changed may be gone.
    /// A change that is given up for it is a text of its own where it was written. What the field shows then, if it is another
    /// text.
    pub fn changed(&mut self, desk: &mut Desk, server: ServerId, shown: Shown<'_>) -> Option<String> {
        let is_there =
            |id: &MessageId| desk.message_of(server, id).is_some_and(|message| !message.is_deleted);
        let answers_what_is_gone = |bar: &Bar| matches!(bar, Bar::Reply(id) if !is_there(id));
        self.bars.retain(|place, bar| place.server != server || !answers_what_is_gone(bar));
        let is_shown = shown.place.is_some_and(|place| place.server == server);
        if let Some((bar, _)) = self.before_edit.as_mut().filter(|_| is_shown)
            && answers_what_is_gone(bar)
        {
            *bar = Bar::None;
        }
        let gone = self.edits.extract_if(|place, (id, _)| place.server == server && !is_there(id));
        let texts: Vec<(Place, String)> = gone.map(|(place, (_, text))| (place, text)).collect();
        let (is_answer_over, is_change_over) = match self.bar {
            Bar::Reply(id) => (is_shown && !is_there(&id), false),
            Bar::Edit(id) => (false, is_shown && !is_there(&id)),
            Bar::None => (false, false),
        };
        if is_answer_over {
            self.bar = Bar::None;
        }
        let field = is_change_over.then(|| behind(&self.before(), shown.text));
        let shown = Shown { text: field.as_deref().unwrap_or(shown.text), ..shown };
        self.put_all(desk, texts, shown).or(field)
    }
}

/// What is said with this text. The first line keeps its indentation, as all others do.
fn body_of(text: &str) -> String {
    emoji::with_short_names(text.trim_end().trim_start_matches('\n'))
}

/// One text before the other.
fn ahead(then: &str, first: &str) -> String {
    behind(first, then)
}

/// One text behind the other, in a line of its own.
fn behind(first: &str, then: &str) -> String {
    match (first, then) {
        (text, "") | ("", text) => text.to_owned(),
        _ => format!("{first}\n{then}"),
    }
}

#[cfg(test)]
mod tests;
