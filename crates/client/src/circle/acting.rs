//! What the person does in a circle.

use shepot_protocol::PublishId;

use super::{Circle, Standing, Wish};
use crate::clock::Now;
use crate::command::{Action, RequestId};
use crate::event::{Event, Outcome};
use crate::model::CommandError;
use crate::session::Session;
use crate::session::remains::Remains;

/// What came of an action.
pub(crate) enum Answer {
    /// This.
    Now(Outcome),
    /// This, when what was said for it has its place in the log.
    Later(PublishId, Outcome),
}

impl Answer {
    pub(crate) const NOTHING: Self = Self::Now(Outcome::Nothing);

    const fn later(asked: PublishId) -> Self {
        Self::Later(asked, Outcome::Nothing)
    }
}

impl Circle {
    /// Answers an action, now or when it has its place in the log.
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

    /// Does what needs no link.
    pub(crate) fn act(&mut self, now: Now, action: Action) -> Result<Answer, CommandError> {
        let server = self.server;
        match (&mut self.standing, &action) {
            (_, Action::ShowMemory) => {
                let bytes = self.held_bytes();
                self.tell(Event::Memory { server, bytes });
                return Ok(Answer::NOTHING);
            }
            (Standing::Session(_), _) => {}
            (Standing::Left | Standing::Ended(_), Action::Snapshot) => {
                // What is left of a session that is over; nothing is an answer, too.
                let (people, rooms, items) = self.remains().map(Remains::snapshot).unwrap_or_default();
                self.tell(Event::Snapshot { server, state: self.state.clone(), people, rooms, items });
                return Ok(Answer::NOTHING);
            }
            (Standing::Ended(remains), Action::Clear) => {
                *remains = None;
                return Ok(Answer::NOTHING);
            }
            (Standing::Left, Action::Clear) => return Ok(Answer::NOTHING),
            (Standing::Left | Standing::Ended(_), _) => {}
        }
        self.act_in_session(now, action)
    }

    fn remains(&self) -> Option<&Remains> {
        match &self.standing {
            Standing::Ended(remains) => remains.as_ref(),
            Standing::Left | Standing::Session(_) => None,
        }
    }

    /// Bytes of what was said, and of what waits to be.
    fn held_bytes(&self) -> usize {
        let remains = self.remains().map_or(0, Remains::held_bytes);
        self.session().map_or(remains, Session::held_bytes)
    }

    fn act_in_session(&mut self, now: Now, action: Action) -> Result<Answer, CommandError> {
        let (server, state) = (self.server, self.state.clone());
        let session = self.session_mut().ok_or(CommandError::NotConnected)?;
        match action {
            // Those are not about a session, and do not come here.
            Action::Connect
            | Action::Disconnect
            | Action::SetAddress { .. }
            | Action::ShowRecord
            | Action::Invite { .. }
            | Action::ShowMemory => return Err(CommandError::NotConnected),
            Action::Send { conversation, body, reply_to, mentions } => {
                let message = session.speak(now, conversation, &body, reply_to, &mentions)?;
                return Ok(Answer::Now(Outcome::Said { message }));
            }
            Action::Edit { message, body, mentions } => {
                return session.edit(now, message, &body, &mentions).map(Answer::later);
            }
            Action::Delete { message } => return session.delete(now, message).map(Answer::later),
            Action::React { message, emoji, taken_back } => {
                return session.react(now, message, &emoji, taken_back).map(Answer::later);
            }
            Action::Typing { conversation } => session.typing(now, conversation),
            Action::MakeRoom { name } => {
                let (room, asked) = session.make_room(now, &name)?;
                return Ok(Answer::Later(asked, Outcome::RoomMade { room }));
            }
            Action::RenameRoom { room, name } => {
                return session.rename_room(now, room, &name).map(Answer::later);
            }
            Action::SetTimer { room, seconds } => {
                return session.set_timer(now, room, seconds).map(Answer::later);
            }
            Action::SetAvatar { image } => return session.show_avatar(now, image).map(Answer::later),
            Action::Evict { person } => session.evict(person)?,
            Action::Release { message } => session.release(now, message)?,
            Action::Discard { message } => session.discard(message)?,
            Action::SafetyCode => {
                let (code, epoch) = session.safety_code()?;
                self.tell(Event::SafetyCode { server, symbols: code.symbols(), epoch });
            }
            Action::PairCode { person } => {
                let symbols = session.pair_code(person)?.symbols();
                self.tell(Event::PairCode { server, person, symbols });
            }
            Action::Clear => session.clear(),
            Action::Snapshot => {
                let (people, rooms, items) = (session.people(), session.rooms(), session.items());
                self.tell(Event::Snapshot { server, state, people, rooms, items });
                // That it was told so may have been lost.
                self.wishes.push_back(Wish::TellRenewed);
            }
        }
        Ok(Answer::NOTHING)
    }
}
