//! Invitations in messages: those that the person writes, and those of others.
//!
//! Must never: say an invitation to a room, or go to its server, without asking.

use shepot_client::EntryError;
use shepot_view::L10n;
use zeroize::Zeroizing;

use crate::composer::MOST_WRITTEN;
use crate::confirmation::Question;
use crate::kept::Origin;
use crate::overlay::{Ask, Joining, Overlay};
use crate::state::State;

/// The invitation in a text. A damaged one is returned as it is written.
fn in_text(text: &str) -> Option<Zeroizing<String>> {
    match shepot_client::invitation_in(text)? {
        Ok(link) => Some(link),
        // Whoever mends it can join.
        Err(_) => Some(Zeroizing::new(text.to_owned())),
    }
}

/// Why an invitation opens no circle, whatever its server says. One whose time is over may be renewed.
fn damage(link: &str, now: u64) -> Option<EntryError> {
    shepot_client::preview(link, now).err().filter(|error| !matches!(error, EntryError::Expired { .. }))
}

impl State {
    /// Asks what to do with the invitation in a text. Returns false if there is none.
    pub(crate) fn asks_about_invitation(&mut self, text: &str, is_written: bool) -> bool {
        let Some(link) = in_text(text) else { return false };
        if let (false, Some(error)) = (is_written, damage(&link, self.now.unix)) {
            self.complain(shepot_view::sentence::entry_error(&self.l10n, &error));
            return true;
        }
        self.lay(Overlay::Join(Joining { link, is_written }));
        true
    }

    /// Takes an invitation that is pasted into some other question. Returns false if the text is none.
    pub(crate) fn takes_invitation(&mut self, text: &str) -> bool {
        if text.len() > MOST_WRITTEN {
            return false;
        }
        let Some(over) = self.overlay.as_ref().filter(|over| !self.lock.is_locked() && !over.is_adding())
        else {
            return false;
        };
        if over.asks_for_nick() && self.nick.is_empty() {
            return self.keep_until_named(text);
        }
        let is_free = !over.is_question();
        is_free && shepot_client::invitation_in(text).is_some() && self.asks_about_invitation(text, false)
    }

    /// Keeps an invitation until the person has given a nick, and asks for that.
    pub(crate) fn keep_until_named(&mut self, text: &str) -> bool {
        let Some(Ok(link)) = shepot_client::invitation_in(text) else { return false };
        self.adding.until_named = Some(link);
        self.lay(Overlay::mended(Ask::Nick, "", self.tr("full-nick-first", &[])));
        true
    }

    /// Takes what the program, or a second start of it, was started with. Asks about it as soon as possible.
    pub(crate) fn handed(&mut self, entry: Zeroizing<String>) {
        if entry.is_empty() {
            return;
        }
        self.adding.until_asked = Some(entry);
        self.ask_about_handed();
    }

    /// Asks about what was handed over, once nothing else is being asked.
    pub(crate) fn ask_about_handed(&mut self) {
        if self.lock.is_locked() || self.overlay.as_ref().is_some_and(Overlay::is_question) {
            return;
        }
        let Some(entry) = self.adding.until_asked.take() else { return };
        match damage(&entry, self.now.unix) {
            None => self.lay(Overlay::Join(Joining { link: entry, is_written: false })),
            Some(error) => self.complain(shepot_view::sentence::entry_error(&self.l10n, &error)),
        }
    }

    /// Goes to the server of the invitation, as the person agreed.
    pub(crate) fn join_agreed(&mut self, joining: &Joining) {
        if damage(&joining.link, self.now.unix).is_some() {
            // That is not offered. What was written stays where it is.
            return;
        }
        if joining.is_written {
            // It was no message.
            self.composer.begin_anew();
            self.changes.composer = true;
        }
        self.add(&joining.link, Origin::Asked);
    }

    /// Says the text with the invitation to the room, as the person decided.
    pub(crate) fn say_invitation(&mut self) {
        if matches!(&self.overlay, Some(Overlay::Join(joining)) if joining.is_written) {
            self.uncover_if(|_| true);
            self.say_written();
        }
    }
}

/// The question about an invitation, in words. `now`: seconds since 1970.
#[must_use]
pub fn question(l10n: &L10n, joining: &Joining, now: u64) -> Question {
    let leads = match shepot_client::preview(&joining.link, now) {
        Ok(preview) => l10n.tr("ui-join-body", &[("host", &format!("{}:{}", preview.host, preview.port))]),
        Err(EntryError::Expired { host }) => l10n.tr("entry-expired", &[("host", &host)]),
        Err(error) => {
            let why = shepot_view::sentence::entry_error(l10n, &error);
            return Question {
                title: l10n.tr("ui-join-damaged", &[]),
                body: format!("{why} {}", l10n.tr("ui-join-says-damaged", &[])),
                yes: String::new(),
                also: l10n.tr("ui-join-say", &[]),
                quoted: String::new(),
            };
        }
    };
    let says = if joining.is_written { l10n.tr("ui-join-says", &[]) } else { String::new() };
    Question {
        title: l10n.tr("ui-join-title", &[]),
        body: format!("{leads} {says}").trim_end().to_owned(),
        yes: l10n.tr("ui-join", &[]),
        also: if joining.is_written { l10n.tr("ui-join-say", &[]) } else { String::new() },
        quoted: String::new(),
    }
}
