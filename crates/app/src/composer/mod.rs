//! The composer: its field, completions, the message that a text replies to or edits, in every conversation, and texts
//! that the engine has not confirmed yet.
//!
//! Must never: lose a text, or keep one from a session that the person has left.

use std::collections::HashMap;

use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_client::model::{CommandError, MessageId, ServerId};
use shepot_client::{Action, RequestId};
use shepot_view::completion::Completions;
use shepot_view::desk::{Desk, Place};
use shepot_view::{emoji, people};

use crate::field::Field;

/// The most characters in the field: more than a message may have, so that it can be shortened there, and few enough to
/// lay out at every key.
pub const MOST_WRITTEN: usize = 2 * MESSAGE_CHARACTERS;

/// What a text in the composer is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bar {
    /// A new message.
    #[default]
    None,
    /// A reply to this message.
    Reply(MessageId),
    /// A new version of our own message.
    Edit(MessageId),
}

/// The texts that are being written, in the open conversation and in others.
#[derive(Default)]
pub struct Composer {
    /// The field of the open conversation.
    pub field: Field,
    bar: Bar,
    /// The text before editing began, and what it was for.
    before_edit: Option<(Bar, String)>,
    /// What the drafts of other conversations are for.
    bars: HashMap<Place, Bar>,
    /// Messages that are being edited in other conversations, with the text so far.
    edits: HashMap<Place, (MessageId, String)>,
    /// Texts that the engine has and has not confirmed, with their conversation.
    sent: HashMap<RequestId, (Place, Bar, String)>,
    /// The completions for the word at the cursor.
    pub completions: Completions,
    /// The position of the chosen completion.
    pub chosen: usize,
    /// The person chose it by keys, so Enter takes it.
    pub(crate) is_chosen: bool,
}

impl Composer {
    /// What the text is for.
    #[must_use]
    pub const fn bar(&self) -> Bar {
        self.bar
    }

    /// Puts another text into the field, without completions.
    fn show(&mut self, text: &str) {
        self.completions = Completions::default();
        self.field.set(text);
    }

    /// Leaves a conversation. Returns the draft that stays with it.
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

    /// Enters a conversation: its draft is back in the field, and editing continues.
    pub(crate) fn enter(&mut self, place: Place, draft: &str) {
        // What was written before a change elsewhere belongs there.
        self.before_edit = None;
        self.bar = self.bars.get(&place).copied().unwrap_or_default();
        self.field.set(draft);
        if let Some((message, text)) = self.edits.remove(&place) {
            self.edit(message, &text);
        }
    }

    /// Forgets everything written on a server, since nothing of a session outlives it.
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

    /// Gives up what is being written here.
    pub(crate) fn begin_anew(&mut self) {
        self.before_edit = None;
        self.bar = Bar::None;
        self.show("");
    }

    pub(crate) fn write(&mut self, text: &str) {
        self.field.insert(text, MOST_WRITTEN, true);
    }

    /// Inserts a whole text. Returns false, and inserts nothing, if it does not fit, so that nothing is cut off
    /// silently.
    pub(crate) fn paste(&mut self, text: &str) -> bool {
        let fits = self.field.text().chars().count() + text.chars().count() <= MOST_WRITTEN;
        if fits {
            self.write(text);
        }
        fits
    }

    /// The number of characters that are too many. Negative: how many still fit.
    #[must_use]
    pub fn excess(&self) -> isize {
        let signed = |count: usize| isize::try_from(count).unwrap_or(isize::MAX);
        signed(self.field.text().trim().chars().count()) - signed(MESSAGE_CHARACTERS)
    }

    /// Starts a reply to a message. Gives up editing.
    pub(crate) fn reply_to(&mut self, message: MessageId) {
        self.completions = Completions::default();
        self.give_up();
        self.bar = Bar::Reply(message);
    }

    /// Starts editing a message: the field contains its text.
    pub(crate) fn edit(&mut self, message: MessageId, body: &str) {
        let now = self.field.take();
        if !matches!(self.bar, Bar::Edit(_)) {
            self.before_edit = Some((self.bar, now));
        }
        self.bar = Bar::Edit(message);
        self.field.set(body);
    }

    /// Gives up completions, a reply or an edit. Returns false if there was none.
    pub(crate) fn step_back(&mut self) -> bool {
        if !self.completions.offered.is_empty() {
            self.completions = Completions::default();
            return true;
        }
        self.give_up()
    }

    /// Gives up a reply or an edit. After an edit the field has the text from before.
    fn give_up(&mut self) -> bool {
        let bar = std::mem::take(&mut self.bar);
        if let Bar::Edit(_) = bar {
            let before = self.before();
            self.field.set(&before);
        }
        bar != Bar::None
    }

    /// Takes the text from before editing, and restores what it was for.
    fn before(&mut self) -> String {
        let (bar, text) = self.before_edit.take().unwrap_or_default();
        self.bar = bar;
        text
    }

    /// Inserts the chosen completion. Returns false if there is none.
    pub(crate) fn complete(&mut self) -> bool {
        let Some(chosen) = self.completions.offered.get(self.chosen) else { return false };
        let (at, written) = (self.completions.word_at, chosen.written.clone());
        self.field.replace_from(at, &written);
        self.completions = Completions::default();
        true
    }

    /// Chooses the next completion or the previous one.
    pub(crate) fn choose(&mut self, back: bool) {
        if let Some(last) = self.completions.offered.len().checked_sub(1) {
            self.chosen = (self.chosen + if back { last } else { 1 }) % (last + 1);
            self.is_chosen = true;
        }
    }

    /// The action that says what is written. `None` if nothing is.
    ///
    /// # Errors
    ///
    /// [`CommandError::LongMessage`]: the text stays in the field.
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

    /// Notes that the text was given to the engine. The field then has the text from before editing, or nothing.
    pub(crate) fn sent(&mut self, request: RequestId, place: Place) {
        let bar = std::mem::take(&mut self.bar);
        // It comes back if the engine does not take it.
        self.sent.insert(request, (place, bar, self.field.take()));
        self.bars.remove(&place);
        let before = self.before();
        self.show(&before);
    }

    /// Notes that the text of an existing message was given to the engine again.
    pub(crate) fn sent_again(
        &mut self,
        request: RequestId,
        place: Place,
        reply_to: Option<MessageId>,
        text: String,
    ) {
        self.sent.insert(request, (place, reply_to.map_or(Bar::None, Bar::Reply), text));
    }

    /// The engine confirmed a request.
    pub(crate) fn done(&mut self, request: RequestId) {
        self.sent.remove(&request);
    }

    /// Answers of the engine were lost, so no text comes back.
    pub(crate) fn answers_are_lost(&mut self) {
        self.sent.clear();
    }

    /// The engine refused a request: its text, if it had one, comes back. Returns true if that is in the field.
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

    /// Puts a text back into its conversation, joined with what is written there. Uses the main room if the
    /// conversation is gone. Returns true if it is in the field.
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

    /// Puts several texts back, each after what is written there.
    fn put_all(&mut self, desk: &mut Desk, texts: Vec<(Place, String)>, shown: Option<Place>) -> bool {
        // All of them.
        texts
            .into_iter()
            .fold(false, |is_shown, (place, text)| self.put(desk, place, &text, behind, shown) || is_shown)
    }

    /// The rooms of a server changed: texts from deleted rooms move to the main room. Returns true if one is in the
    /// field.
    pub(crate) fn rooms_changed(&mut self, desk: &mut Desk, server: ServerId, shown: Option<Place>) -> bool {
        self.bars.retain(|place, _| place.server != server || !desk.is_gone(*place));
        let edits = self.edits.extract_if(|place, _| place.server == server && desk.is_gone(*place));
        let mut texts: Vec<(Place, String)> = edits.map(|(place, (_, text))| (place, text)).collect();
        texts.extend(desk.take_drafts_of_the_gone(server));
        self.put_all(desk, texts, shown)
    }

    /// A timeline changed: a message that is replied to or edited may be gone. What was an edit becomes a text of its
    /// own. Returns true if the field has another text.
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

/// The body of the message with this text. Its first line keeps its indentation, like all others.
fn body_of(text: &str) -> String {
    emoji::with_short_names(text.trim_end().trim_start_matches('\n'))
}

/// `first`, then `then` on its own line.
fn ahead(then: &str, first: &str) -> String {
    behind(first, then)
}

/// `first`, then `then` on its own line.
fn behind(first: &str, then: &str) -> String {
    match (first, then) {
        (text, "") | ("", text) => text.to_owned(),
        _ => format!("{first}\n{then}"),
    }
}

#[cfg(test)]
mod tests;
