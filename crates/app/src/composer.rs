//! The composer: the field, what it is offered, and what is being written in which room.

use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_client::model::{CommandError, MessageId, ServerId};
use shepot_client::{Action, RequestId};
use shepot_view::completion::Completions;
use shepot_view::desk::{Desk, Place};
use shepot_view::writing::{Back, Bar, MOST_WRITTEN, Shown, Writing};

use crate::field::Field;

/// What is written in the room that is shown, and in others.
#[derive(Default)]
pub struct Composer {
    /// What stands there.
    pub field: Field,
    writing: Writing,
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
        self.writing.bar()
    }

    /// The room is left: the draft that stays with it.
    pub(crate) fn leave(&mut self, place: Place) -> String {
        self.completions = Completions::default();
        let text = self.field.take();
        self.writing.leave(place, text)
    }

    /// A room is entered: what was written there is there again.
    pub(crate) fn enter(&mut self, place: Place, draft: &str) {
        let shown = self.writing.enter(place, draft);
        self.field.set(&shown);
    }

    /// Nothing of a session outlives it.
    pub(crate) fn forget(&mut self, server: ServerId, shown: Option<Place>) {
        self.writing.forget(server);
        if shown.is_some_and(|place| place.server == server) {
            self.writing.clear();
            self.completions = Completions::default();
            self.field.clear();
        }
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

    pub(crate) fn reply_to(&mut self, message: MessageId) {
        self.completions = Completions::default();
        if let Some(before) = self.writing.reply_to(message) {
            self.field.set(&before);
        }
    }

    /// Begins to change a message.
    pub(crate) fn edit(&mut self, message: MessageId, body: &str) {
        let now = self.field.take();
        self.writing.edit(message, now);
        self.field.set(body);
    }

    /// Gives up completions, a reply or an edit; false when there is none.
    pub(crate) fn step_back(&mut self) -> bool {
        if !self.completions.offered.is_empty() {
            self.completions = Completions::default();
            return true;
        }
        match self.writing.step_back() {
            Back::Nothing => false,
            Back::Answer => true,
            Back::Change(before) => {
                self.field.set(&before);
                true
            }
        }
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
    pub(crate) fn action(&self, desk: &Desk, place: Place) -> Result<Option<Action>, CommandError> {
        self.writing.action(desk, place, self.field.text())
    }

    /// What is written was given to the engine. The field is empty then.
    pub(crate) fn is_sent(&mut self, request: RequestId, place: Place) {
        let text = self.field.take();
        let shown = self.writing.is_sent(request, place, text);
        self.field.set(&shown);
        self.completions = Completions::default();
    }

    /// A message that is there already was given to the engine once more.
    pub(crate) fn is_sent_again(
        &mut self,
        request: RequestId,
        place: Place,
        reply_to: Option<MessageId>,
        text: String,
    ) {
        self.writing.is_sent_again(request, place, reply_to, text);
    }

    /// The engine did it.
    pub(crate) fn done(&mut self, request: RequestId) {
        self.writing.done(request);
    }

    /// Answers of the engine are lost.
    pub(crate) fn answers_are_lost(&mut self) {
        self.writing.answers_are_lost();
    }

    /// The engine did not do something: what was written is there again.
    pub(crate) fn refused(
        &mut self,
        desk: &mut Desk,
        request: RequestId,
        error: &CommandError,
        shown: Option<Place>,
    ) {
        let shown = Shown { place: shown, text: self.field.text() };
        let text = self.writing.refused(desk, request, error, shown);
        self.shows(text);
    }

    /// A server has other rooms: what was written in one that is gone is not lost. True: it is in the field now.
    pub(crate) fn rooms_changed(&mut self, desk: &mut Desk, server: ServerId, shown: Option<Place>) -> bool {
        let shown = Shown { place: shown, text: self.field.text() };
        let text = self.writing.rooms_changed(desk, server, shown);
        self.shows(text)
    }

    fn shows(&mut self, text: Option<String>) -> bool {
        let Some(text) = text else { return false };
        self.completions = Completions::default();
        self.field.set(&text);
        true
    }

    /// Something in a timeline is another: what is answered or changed may be gone. True: a change was given up.
    pub(crate) fn changed(&mut self, desk: &mut Desk, server: ServerId, shown: Option<Place>) -> bool {
        let shown = Shown { place: shown, text: self.field.text() };
        let text = self.writing.changed(desk, server, shown);
        self.shows(text)
    }
}
