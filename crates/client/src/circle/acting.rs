//! What is asked of a circle, and how it is answered.

use shepot_protocol::PublishId;

use super::{Circle, Standing, Wish};
use crate::command::RequestId;
use crate::event::{Event, Outcome};
use crate::model::{CommandError, ConversationId, PersonKey};
use crate::session::Session;
use crate::session::remains::Remains;

/// The answer to an action.
pub(crate) enum Answer {
    /// The outcome is known at once.
    Now(Outcome),
    /// The outcome, to be told once this publication has its place in the log.
    Later(PublishId, Outcome),
}

impl Answer {
    pub(crate) const NOTHING: Self = Self::Now(Outcome::Nothing);

    pub(crate) const fn later(asked: PublishId) -> Self {
        Self::Later(asked, Outcome::Nothing)
    }
}

impl Circle {
    /// Answers an action: now, or when its publication has its place in the log.
    pub(crate) fn answer(&mut self, request: Option<RequestId>, answer: Result<Answer, CommandError>) {
        match answer {
            Ok(Answer::Now(outcome)) => self.events.done(request, outcome),
            Ok(Answer::Later(asked, outcome)) => {
                if let Some(request) = request {
                    self.asked.insert(asked, (request, outcome));
                }
            }
            Err(error) => self.events.refuse(request, Some(self.server), error),
        }
    }

    /// The session, for what is only possible in one.
    pub(crate) fn in_session(&mut self) -> Result<&mut Session, CommandError> {
        self.session_mut().ok_or(CommandError::NotConnected)
    }

    pub(crate) fn tell_memory(&self) {
        let remains = self.remains().map_or(0, Remains::held_bytes);
        let bytes = self.session().map_or(remains, Session::held_bytes);
        self.tell(Event::Memory { server: self.server, bytes });
    }

    /// Tells the whole state. After the session has ended, this is what remains of it, which may be nothing.
    pub(crate) fn tell_snapshot(&mut self) {
        let (people, rooms, items) = match self.session() {
            Some(session) => {
                // That it was told so may have been lost.
                let snapshot = (session.people(), session.rooms(), session.items());
                self.wishes.push_back(Wish::TellRenewed);
                snapshot
            }
            None => self.remains().map(Remains::snapshot).unwrap_or_default(),
        };
        self.tell(Event::Snapshot { server: self.server, state: self.state.clone(), people, rooms, items });
        if let Some(session) = self.session_mut() {
            session.tell_circle();
        }
    }

    /// Discards everything that was said.
    pub(crate) fn clear(&mut self) {
        match &mut self.standing {
            Standing::Left => {}
            Standing::Session(session) => session.clear(),
            Standing::Ended(remains) => *remains = None,
        }
    }

    /// Discards what was said in a conversation.
    pub(crate) fn clear_conversation(&mut self, conversation: ConversationId) {
        match &mut self.standing {
            Standing::Left | Standing::Ended(None) => {}
            Standing::Session(session) => session.clear_conversation(conversation),
            Standing::Ended(Some(remains)) => remains.clear_conversation(conversation),
        }
    }

    pub(crate) fn tell_safety_code(&self) -> Result<(), CommandError> {
        let (code, epoch) = self.session().ok_or(CommandError::NotConnected)?.safety_code()?;
        self.tell(Event::SafetyCode { server: self.server, symbols: code.symbols(), epoch });
        Ok(())
    }

    pub(crate) fn tell_pair_code(&self, person: PersonKey) -> Result<(), CommandError> {
        let symbols = self.session().ok_or(CommandError::NotConnected)?.pair_code(person)?.symbols();
        self.tell(Event::PairCode { server: self.server, person, symbols });
        Ok(())
    }

    fn remains(&self) -> Option<&Remains> {
        match &self.standing {
            Standing::Ended(remains) => remains.as_ref(),
            Standing::Left | Standing::Session(_) => None,
        }
    }
}
