//! The composer: the field, what it is offered, which message a text answers or changes, in each conversation, and what was given
//! to the engine until it has taken it.
//!
//! Must never: lose a text, or keep one of a session that the person has left.

use std::collections::HashMap;

use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_client::model::{CommandError, MessageId, ServerId};
use shepot_client::{Action, RequestId};
use shepot_view::completion::Completions;
use shepot_view::desk::{Desk, Place};
use shepot_view::{emoji, people};

use crate::field::Field;

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

/// What is written in the conversation that is shown, and in others.
#[derive(Default)]
pub struct Composer {
    /// What stands there.
    pub field: Field,
    bar: Bar,
    /// What was written before a change began, and what it answered.
    before_edit: Option<(Bar, String)>,
    /// Answers that are being written in other conversations.
    bars: HashMap<Place, Bar>,
    /// Changes that are being written in other conversations.
    edits: HashMap<Place, (MessageId, String)>,
    /// What was given to the engine, and where, until it has answered.
    sent: HashMap<RequestId, (Place, Bar, String)>,
    /// What the word at the cursor may become.
    pub completions: Completions,
    /// Which of them is chosen.
    pub chosen: usize,
    /// The person has chosen it by keys: Enter takes it.
    pub(crate) is_chosen: bool,
}

impl Composer {
    /// What is written belongs to this.
    #[must_use]
    pub const fn bar(&self) -> Bar {
        self.bar
    }

    /// Another text stands in the field, and nothing is offered for it.
    fn show(&mut self, text: &str) {
        self.completions = Completions::default();
        self.field.set(text);
    }

    /// The conversation is left: the draft that stays with it.
    pub(crate) fn leave(&mut self, place: Place) -> String {
        self.completions = Completions::default();
        let text = self.field.take();
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

    /// A conversation is entered: what was written there is there again, and a change goes on.
    pub(crate) fn enter(&mut self, place: Place, draft: &str) {
        // What was written before a change elsewhere belongs there.
        self.before_edit = None;
        self.bar = self.bars.get(&place).copied().unwrap_or_default();
        self.field.set(draft);
        if let Some((message, text)) = self.edits.remove(&place) {
            self.edit(message, &text);
        }
    }

    /// Nothing of a session outlives it.
    pub(crate) fn forget(&mut self, server: ServerId, shown: Option<Place>) {
        self.bars.retain(|place, _| place.server != server);
        self.edits.retain(|place, _| place.server != server);
        self.sent.retain(|_, (place, ..)| place.server != server);
        if shown.is_some_and(|place| place.server == server) {
            self.bar = Bar::None;
            self.before_edit = None;
            self.completions = Completions::default();
            self.field.clear();
        }
    }

    /// What was being written here is given up.
    pub(crate) fn begin_anew(&mut self) {
        self.before_edit = None;
        self.bar = Bar::None;
        self.show("");
    }

    pub(crate) fn write(&mut self, text: &str) {
        self.field.insert(text, MOST_WRITTEN, true);
    }

    /// A whole text at once. False where it is more than the field takes: nothing is written then, so that nothing is
    /// lost without a word.
    pub(crate) fn paste(&mut self, text: &str) -> bool {
        let fits = self.field.text().chars().count() + text.chars().count() <= MOST_WRITTEN;
        if fits {
            self.write(text);
        }
        fits
    }

    /// How many characters are too many; negative: how many there is still room for.
    #[must_use]
    pub fn excess(&self) -> isize {
        let signed = |count: usize| isize::try_from(count).unwrap_or(isize::MAX);
        signed(self.field.text().trim().chars().count()) - signed(MESSAGE_CHARACTERS)
    }

    /// Begins to answer a message; a change is given up for it.
    pub(crate) fn reply_to(&mut self, message: MessageId) {
        self.completions = Completions::default();
        self.give_up();
        self.bar = Bar::Reply(message);
    }

    /// Begins to change a message, whose text the field shows then.
    pub(crate) fn edit(&mut self, message: MessageId, body: &str) {
        let now = self.field.take();
        if !matches!(self.bar, Bar::Edit(_)) {
            self.before_edit = Some((self.bar, now));
        }
        self.bar = Bar::Edit(message);
        self.field.set(body);
    }

    /// Gives up completions, a reply or an edit; false when there is none.
    pub(crate) fn step_back(&mut self) -> bool {
        if !self.completions.offered.is_empty() {
            self.completions = Completions::default();
            return true;
        }
        self.give_up()
    }

    /// Gives up an answer or a change: then the field shows what was written before.
    fn give_up(&mut self) -> bool {
        let bar = std::mem::take(&mut self.bar);
        if let Bar::Edit(_) = bar {
            let before = self.before();
            self.field.set(&before);
        }
        bar != Bar::None
    }

    /// What was written before a change belongs to the conversation again.
    fn before(&mut self) -> String {
        let (bar, text) = self.before_edit.take().unwrap_or_default();
        self.bar = bar;
        text
    }

    /// Puts the chosen completion in; false when none is offered.
    pub(crate) fn complete(&mut self) -> bool {
        let Some(chosen) = self.completions.offered.get(self.chosen) else { return false };
        let (at, written) = (self.completions.word_at, chosen.written.clone());
        self.field.replace_from(at, &written);
        self.completions = Completions::default();
        true
    }

    /// Chooses another completion, where any is offered.
    pub(crate) fn choose(&mut self, back: bool) {
        if let Some(last) = self.completions.offered.len().checked_sub(1) {
            self.chosen = (self.chosen + if back { last } else { 1 }) % (last + 1);
            self.is_chosen = true;
        }
    }

    /// What the engine is to do with what is written; nothing where there is nothing.
    ///
    /// # Errors
    ///
    /// [`CommandError::LongMessage`]: it stays as it is.
    pub(crate) fn action(&self, desk: &Desk, place: Place) -> Result<Option<Action>, CommandError> {
        let body = body_of(self.field.text());
        let count = body.chars().count();
        if body.trim().is_empty() {
            return Ok(None);
        }
        if count > MESSAGE_CHARACTERS {
            return Err(CommandError::LongMessage { most: MESSAGE_CHARACTERS });
        }
        let people = desk.server(place.server).map(|server| server.people.as_slice()).unwrap_or_default();
        let mentions = people::mentioned(&body, people);
        let reply_to = match self.bar {
            Bar::Edit(message) => return Ok(Some(Action::Edit { message, body, mentions })),
            Bar::Reply(message) => Some(message),
            Bar::None => None,
        };
        Ok(Some(Action::Send { conversation: place.conversation, body, reply_to, mentions }))
    }

    /// What is written was given to the engine. The field shows what was written before a change, or nothing.
    pub(crate) fn sent(&mut self, request: RequestId, place: Place) {
        let bar = std::mem::take(&mut self.bar);
        // It comes back if the engine does not take it.
        self.sent.insert(request, (place, bar, self.field.take()));
        self.bars.remove(&place);
        let before = self.before();
        self.show(&before);
    }

    /// A message that is there already was given to the engine once more.
    pub(crate) fn sent_again(
        &mut self,
        request: RequestId,
        place: Place,
        reply_to: Option<MessageId>,
        text: String,
    ) {
        self.sent.insert(request, (place, reply_to.map_or(Bar::None, Bar::Reply), text));
    }

    /// The engine did it.
    pub(crate) fn done(&mut self, request: RequestId) {
        self.sent.remove(&request);
    }

    /// Answers of the engine are lost: nothing comes back.
    pub(crate) fn answers_are_lost(&mut self) {
        self.sent.clear();
    }

    /// The engine did not do something: if it was about a text, that is there again. True: it is in the field.
    pub(crate) fn refused(
        &mut self,
        desk: &mut Desk,
        request: RequestId,
        error: &CommandError,
        shown: Option<Place>,
    ) -> bool {
        // A change of a message that is gone is a text of its own.
        let is_gone = *error == CommandError::NoSuchMessage;
        let Some((place, bar, text)) = self.sent.remove(&request) else { return false };
        let bar = if is_gone { Bar::None } else { bar };
        if desk.is_gone(place) {
            return self.put(desk, place, &text, behind, shown);
        }
        match (bar, self.bar) {
            (Bar::Edit(message), _) if shown != Some(place) => {
                // Another change may wait there by now.
                if self.edits.contains_key(&place) {
                    return self.put(desk, place, &text, ahead, shown);
                }
                self.edits.insert(place, (message, text));
                false
            }
            (Bar::None | Bar::Reply(_), _) if shown != Some(place) => {
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
                false
            }
            (Bar::Edit(message), _) => {
                // What is written now waits until the change is done.
                self.completions = Completions::default();
                self.edit(message, &text);
                true
            }
            (Bar::None | Bar::Reply(_), _) => {
                // What answers something goes on answering it.
                if self.bar == Bar::None {
                    self.bar = bar;
                }
                self.show(&behind(&text, self.field.text()));
                true
            }
        }
    }

    /// A text that was written in a conversation is there again, joined with what is written there now; in the main room, where that
    /// one is gone. True: it is in the field.
    fn put(
        &mut self,
        desk: &mut Desk,
        place: Place,
        text: &str,
        join: fn(&str, &str) -> String,
        shown: Option<Place>,
    ) -> bool {
        let place = if desk.is_gone(place) { Place::main(place.server) } else { place };
        if shown != Some(place) {
            if let Some(conversation) = desk.conversation_mut(place) {
                conversation.draft = join(&conversation.draft, text);
            }
            return false;
        }
        if let Bar::Edit(_) = self.bar {
            let (bar, before) = self.before_edit.take().unwrap_or_default();
            self.before_edit = Some((bar, join(&before, text)));
            return false;
        }
        self.show(&join(self.field.text(), text));
        true
    }

    /// The same for several texts, each behind what is written there now.
    fn put_all(&mut self, desk: &mut Desk, texts: Vec<(Place, String)>, shown: Option<Place>) -> bool {
        // All of them.
        texts
            .into_iter()
            .fold(false, |is_shown, (place, text)| self.put(desk, place, &text, behind, shown) || is_shown)
    }

    /// A server has other rooms. What was written in one that is gone is in the main room. True: it is in the field now.
    pub(crate) fn rooms_changed(&mut self, desk: &mut Desk, server: ServerId, shown: Option<Place>) -> bool {
        self.bars.retain(|place, _| place.server != server || !desk.is_gone(*place));
        let edits = self.edits.extract_if(|place, _| place.server == server && desk.is_gone(*place));
        let mut texts: Vec<(Place, String)> = edits.map(|(place, (_, text))| (place, text)).collect();
        texts.extend(desk.take_drafts_of_the_gone(server));
        self.put_all(desk, texts, shown)
    }

    /// Something in a timeline is another: what is answered or changed may be gone. A change that is given up for it is a
    /// text of its own where it was written. True: the field shows another text.
    pub(crate) fn changed(&mut self, desk: &mut Desk, server: ServerId, shown: Option<Place>) -> bool {
        let is_there =
            |id: &MessageId| desk.message_of(server, id).is_some_and(|message| !message.is_deleted);
        let answers_what_is_gone = |bar: &Bar| matches!(bar, Bar::Reply(id) if !is_there(id));
        self.bars.retain(|place, bar| place.server != server || !answers_what_is_gone(bar));
        let is_shown = shown.is_some_and(|place| place.server == server);
        if let Some((bar, _)) = self.before_edit.as_mut().filter(|_| is_shown)
            && answers_what_is_gone(bar)
        {
            *bar = Bar::None;
        }
        let gone = self.edits.extract_if(|place, (id, _)| place.server == server && !is_there(id));
        let texts: Vec<(Place, String)> = gone.map(|(place, (_, text))| (place, text)).collect();
        let mut is_another = false;
        match self.bar {
            Bar::Reply(id) if is_shown && !is_there(&id) => self.bar = Bar::None,
            Bar::Edit(id) if is_shown && !is_there(&id) => {
                let before = self.before();
                self.show(&behind(&before, self.field.text()));
                is_another = true;
            }
            Bar::None | Bar::Reply(_) | Bar::Edit(_) => {}
        }
        self.put_all(desk, texts, shown) || is_another
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
