//! What is being written: drafts, replies, edits, completions.

use std::collections::HashMap;

use shepot_client::Action;
use shepot_client::limits::MESSAGE_CHARACTERS;
use shepot_client::model::{MessageId, Mistake, ServerId};
use shepot_view::completion::Completions;
use shepot_view::desk::{Desk, Place};
use shepot_view::{emoji, people};

use super::field::Field;

/// Characters that the field takes: more than a message may have, so that what is too long can be shortened.
pub(super) const MOST_WRITTEN: usize = 4 * MESSAGE_CHARACTERS;

/// What a message that is being written belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Bar {
    #[default]
    None,
    Reply(MessageId),
    Edit(MessageId),
}

/// The composer of the room that is shown, and what waits in others.
#[derive(Default)]
pub(super) struct Composer {
    pub(super) field: Field,
    pub(super) bar: Bar,
    /// What was written before an edit began, and what it answered.
    before_edit: Option<(Bar, String)>,
    /// Answers that are being written in other rooms.
    bars: HashMap<Place, Bar>,
    /// Changes that are being written in other rooms.
    edits: HashMap<Place, (MessageId, String)>,
    pub(super) completions: Completions,
    pub(super) chosen: usize,
    /// What was given to the engine, and where, until it is in the list or refused.
    sent: Option<(Place, Bar, String)>,
}

impl Composer {
    /// The room is left: the draft that stays with it.
    pub(super) fn leave(&mut self, place: Place) -> String {
        self.completions = Completions::default();
        let text = self.field.take();
        let (bar, kept) = match std::mem::take(&mut self.bar) {
            Bar::Edit(id) => {
                self.edits.insert(place, (id, text));
                self.before_edit.take().unwrap_or_default()
            }
            bar @ (Bar::None | Bar::Reply(_)) => (bar, text),
        };
        self.wait(place, bar);
        kept
    }

    fn wait(&mut self, place: Place, bar: Bar) {
        if bar == Bar::None {
            self.bars.remove(&place);
        } else {
            self.bars.insert(place, bar);
        }
    }

    /// A room is entered: what was written there is there again.
    pub(super) fn enter(&mut self, place: Place, draft: &str) {
        self.bar = self.bars.get(&place).copied().unwrap_or_default();
        self.field.set(draft);
        if let Some((message, text)) = self.edits.remove(&place) {
            self.edit(message, &text);
        }
    }

    /// Nothing of a session outlives it.
    pub(super) fn forget(&mut self, server: ServerId, shown: Option<Place>) {
        self.bars.retain(|place, _| place.server != server);
        self.edits.retain(|place, _| place.server != server);
        self.sent.take_if(|(place, ..)| place.server == server);
        if shown.is_some_and(|place| place.server == server) {
            self.bar = Bar::None;
            self.before_edit = None;
            self.completions = Completions::default();
            self.field.clear();
        }
    }

    pub(super) fn write(&mut self, text: &str) {
        self.field.insert(text, MOST_WRITTEN, true);
    }

    /// A whole text at once. False where it is more than the field takes: nothing is written then, so that nothing is
    /// lost without a word.
    pub(super) fn paste(&mut self, text: &str) -> bool {
        let fits = self.field.text().chars().count() + text.chars().count() <= MOST_WRITTEN;
        if fits {
            self.write(text);
        }
        fits
    }

    /// How many characters are too many; negative: how many there is still room for.
    pub(super) fn excess(&self) -> isize {
        let signed = |count: usize| isize::try_from(count).unwrap_or(isize::MAX);
        signed(self.field.text().trim().chars().count()) - signed(MESSAGE_CHARACTERS)
    }

    pub(super) fn reply_to(&mut self, message: MessageId) {
        self.step_back();
        self.bar = Bar::Reply(message);
    }

    /// Begins to change a message.
    pub(super) fn edit(&mut self, message: MessageId, body: &str) {
        if !matches!(self.bar, Bar::Edit(_)) {
            self.before_edit = Some((self.bar, self.field.text().to_owned()));
        }
        self.bar = Bar::Edit(message);
        self.field.set(body);
    }

    /// Gives up completions, a reply or an edit; false when there is none.
    pub(super) fn step_back(&mut self) -> bool {
        if !self.completions.offered.is_empty() {
            self.completions = Completions::default();
            return true;
        }
        let bar = std::mem::take(&mut self.bar);
        if let Bar::Edit(_) = bar {
            self.back_to_before();
        }
        bar != Bar::None
    }

    /// What was written before an edit is there again.
    fn back_to_before(&mut self) {
        let (bar, text) = self.before_edit.take().unwrap_or_default();
        self.bar = bar;
        self.field.set(&text);
    }

    /// Puts the chosen completion in; false when none is offered.
    pub(super) fn complete(&mut self) -> bool {
        let Some(chosen) = self.completions.offered.get(self.chosen) else { return false };
        let (at, written) = (self.completions.word_at, chosen.written.clone());
        self.field.replace_from(at, &written);
        self.completions = Completions::default();
        true
    }

    /// Chooses another completion; false when none is offered.
    pub(super) fn choose(&mut self, down: bool) -> bool {
        let count = self.completions.offered.len();
        if count == 0 {
            return false;
        }
        self.chosen = (self.chosen + if down { 1 } else { count - 1 }) % count;
        true
    }

    /// What the engine is to do with what is written; nothing where there is nothing. The field is empty then.
    pub(super) fn send(&mut self, desk: &Desk, place: Place) -> Result<Option<Action>, Mistake> {
        let body = emoji::with_short_names(self.field.text().trim());
        let count = body.chars().count();
        if count == 0 {
            return Ok(None);
        }
        if count > MESSAGE_CHARACTERS {
            return Err(Mistake::LongMessage { most: MESSAGE_CHARACTERS });
        }
        let people = desk.server(place.server).map(|server| server.people.as_slice()).unwrap_or_default();
        let mentions = people::mentioned(&body, people);
        let bar = std::mem::take(&mut self.bar);
        let action = match bar {
            Bar::Edit(message) => Action::Edit { message, body },
            Bar::Reply(message) => Action::Send { room: place.room, body, reply_to: Some(message), mentions },
            Bar::None => Action::Send { room: place.room, body, reply_to: None, mentions },
        };
        // It comes back if the engine does not take it.
        self.sent = Some((place, bar, self.field.take()));
        self.bars.remove(&place);
        self.completions = Completions::default();
        self.back_to_before();
        Ok(Some(action))
    }

    /// The engine did not do something: what was written is there again. For another room than the one that is shown
    /// it is given back, to wait there.
    pub(super) fn refused(
        &mut self,
        server: Option<ServerId>,
        mistake: &Mistake,
        shown: Option<Place>,
    ) -> Option<(Place, String)> {
        let concerns_text = matches!(
            mistake,
            Mistake::NotConnected | Mistake::OutboxFull | Mistake::LongMessage { .. } | Mistake::NoSuchRoom
        );
        if !concerns_text {
            return None;
        }
        let (place, bar, text) = self.sent.take_if(|(place, ..)| Some(place.server) == server)?;
        if shown != Some(place) {
            if let Bar::Edit(message) = bar {
                self.edits.insert(place, (message, text));
                return None;
            }
            self.wait(place, bar);
            return Some((place, text));
        }
        if matches!(self.bar, Bar::Edit(_)) {
            // A change goes on: what comes back waits until it is done.
            let (_, before) = self.before_edit.take().unwrap_or_default();
            let bar = if matches!(bar, Bar::Edit(_)) { Bar::None } else { bar };
            self.before_edit = Some((bar, behind(&text, &before)));
        } else if matches!(bar, Bar::Edit(_)) {
            self.before_edit = Some((self.bar, self.field.take()));
            self.bar = bar;
            self.field.set(&text);
        } else {
            self.bar = bar;
            let both = behind(&text, self.field.text());
            self.field.set(&both);
        }
        None
    }

    /// The engine has taken what was written.
    pub(super) fn taken(&mut self, server: ServerId) {
        self.sent.take_if(|(place, ..)| place.server == server);
    }

    /// Something in a timeline is another: the change that was sent may be, and what is answered may be gone.
    pub(super) fn changed(&mut self, desk: &Desk, server: ServerId, is_shown: bool) {
        self.sent.take_if(|(place, bar, text)| {
            let message = match bar {
                Bar::Edit(id) if place.server == server => desk.message_of(server, id),
                Bar::Edit(_) | Bar::None | Bar::Reply(_) => None,
            };
            message.is_some_and(|message| message.body == emoji::with_short_names(text.trim()))
        });
        let is_there =
            |id: &MessageId| desk.message_of(server, id).is_some_and(|message| !message.is_deleted);
        self.edits.retain(|place, (id, _)| place.server != server || is_there(id));
        match self.bar {
            _ if !is_shown => {}
            Bar::Reply(id) if !is_there(&id) => self.bar = Bar::None,
            Bar::Edit(id) if !is_there(&id) => {
                self.completions = Completions::default();
                self.step_back();
            }
            Bar::None | Bar::Reply(_) | Bar::Edit(_) => {}
        }
    }
}

/// What is written now stands behind what came back.
pub(super) fn behind(text: &str, now: &str) -> String {
    if now.is_empty() { text.to_owned() } else { format!("{text}\n{now}") }
}
