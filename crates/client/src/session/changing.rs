//! Changes one's own messages, whether they were sent or wait to be.
//!
//! Must never: let anybody get what a message said before it was changed, if nobody had it yet.

use shepot_protocol::PublishId;
use shepot_sanitise::Sanitised;

use super::speech::{as_sent, checked_body};
use super::{Now, Session, SessionEvent};
use crate::content::Content;
use crate::model::{CommandError, Delivery, MessageId, PersonKey};

impl Session {
    /// Edits one of our messages.
    pub(crate) fn edit(
        &mut self,
        now: Now,
        id: MessageId,
        body: &str,
        mentions: &[PersonKey],
    ) -> Result<PublishId, CommandError> {
        self.must_be_own(&id)?;
        let (body, mentions) = (checked_body(body)?, as_sent(mentions));
        if self.outbox.unsent(&id).is_none() {
            return self.queue(now, Content::Edit { message: id, body, mentions });
        }
        // Nobody gets what it said before.
        self.change_unsent(&id, body, mentions);
        self.done_at_once()
    }

    /// Deletes one of our messages, here and by courtesy on the screens of others.
    pub(crate) fn delete(&mut self, now: Now, id: MessageId) -> Result<PublishId, CommandError> {
        self.must_be_own(&id)?;
        if self.outbox.unsent(&id).is_none() {
            return self.queue(now, Content::Delete { message: id });
        }
        self.discard(id)?;
        self.done_at_once()
    }

    /// Changes a message that is not encrypted yet.
    pub(super) fn change_unsent(&mut self, id: &MessageId, body: Sanitised, mentions: Vec<PersonKey>) {
        let own = PersonKey(self.identity.key().0);
        if let Some(text) = self.outbox.unsent(id) {
            (text.body, text.mentions) = (body.clone(), mentions.clone());
        }
        if let Some(changed) = self.timeline.edit(own, id, body, mentions, false).cloned() {
            self.tell(SessionEvent::Changed(changed));
        }
    }

    /// What was asked for is done without a publication.
    fn done_at_once(&mut self) -> Result<PublishId, CommandError> {
        let asked = self.entropy.bytes().map(PublishId).map_err(|_| CommandError::NotConnected)?;
        self.tell(SessionEvent::Settled { asked, result: Ok(()) });
        Ok(asked)
    }

    /// Sends a held message, so that those who joined since can read it.
    pub(crate) fn release(&mut self, now: Now, id: MessageId) -> Result<(), CommandError> {
        let members = self.member.as_ref().map(|m| m.group.members().iter().map(|p| p.key).collect());
        if !self.outbox.release(&id, members.unwrap_or_default()) {
            return Err(CommandError::NoSuchMessage);
        }
        if let Some(message) = self.timeline.settle(&id, Delivery::Pending).cloned() {
            self.tell(SessionEvent::Changed(message));
        }
        self.flush(now);
        Ok(())
    }

    /// Discards a message that waits to be sent or that failed.
    pub(crate) fn discard(&mut self, id: MessageId) -> Result<(), CommandError> {
        let failed = self.timeline.get(&id).is_some_and(|message| message.delivery == Delivery::Failed);
        match self.outbox.find_message(&id) {
            // It was given to a connection: it may be in the log already.
            Some(out) if out.sealed.is_some() => return Err(CommandError::OnItsWay),
            Some(_) => self.outbox.remove_message(&id),
            None if failed => {}
            None => return Err(CommandError::NoSuchMessage),
        }
        self.timeline.remove(&id);
        self.tell(SessionEvent::Discarded(id));
        Ok(())
    }

    /// What waits for a word that nobody can give any more is dropped.
    pub(super) fn drop_held_unseen(&mut self) {
        let timeline = &self.timeline;
        self.outbox.drop_held_unless(|id| timeline.get(id).is_some());
    }
}
