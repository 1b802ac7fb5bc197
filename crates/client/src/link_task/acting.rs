//! What a person does in a circle or for it: every [`Action`], once.

use super::LinkTask;
use crate::circle::{Answer, Circle};
use crate::clock::Now;
use crate::command::{Action, RequestId};
use crate::entry::{parse_address, without_secrets};
use crate::event::{Event, Outcome};
use crate::model::{CommandError, ServerId};
use crate::session::Session;

impl LinkTask {
    /// Carries out an action and answers it.
    pub(super) async fn act(&mut self, server: ServerId, request: Option<RequestId>, action: Action) {
        let answer = self.done(server, action).await;
        match self.circle(server) {
            Ok(circle) => circle.answer(request, answer),
            Err(error) => self.events.refuse(request, Some(server), error),
        }
    }

    #[allow(clippy::too_many_lines, reason = "an arm for each kind")]
    async fn done(&mut self, server: ServerId, action: Action) -> Result<Answer, CommandError> {
        let now = self.clock.now();
        let done: Result<(), CommandError> = match action {
            Action::Connect => self.connect(now, server),
            Action::Disconnect => {
                self.leave(&[server]).await;
                Ok(())
            }
            Action::SetAddress { address } => self.set_address(now, &address),
            Action::ShowRecord => self.ask_for_record(now, server),
            Action::Invite { owner } => {
                let relay = self.target(server);
                self.circle(server)?.invite(relay, owner)
            }
            Action::Send { conversation, body, reply_to, mentions } => {
                let message = self.session(server)?.speak(now, conversation, &body, reply_to, &mentions);
                return message.map(|message| Answer::Now(Outcome::Said { message }));
            }
            Action::Edit { message, body, mentions } => {
                return self.session(server)?.edit(now, message, &body, &mentions).map(Answer::later);
            }
            Action::Delete { message } => {
                return self.session(server)?.delete(now, message).map(Answer::later);
            }
            Action::React { message, emoji, taken_back } => {
                return self.session(server)?.react(now, message, &emoji, taken_back).map(Answer::later);
            }
            Action::Typing { conversation } => {
                self.session(server).map(|session| session.typing(now, conversation))
            }
            Action::MakeRoom { name } => {
                let made = self.session(server)?.make_room(now, &name);
                return made.map(|(room, asked)| Answer::Later(asked, Outcome::RoomMade { room }));
            }
            Action::RenameRoom { room, name } => {
                return self.session(server)?.rename_room(now, room, &name).map(Answer::later);
            }
            Action::DeleteRoom { room } => {
                return self.session(server)?.delete_room(now, room).map(Answer::later);
            }
            Action::DescribeCircle { name, image } => {
                let said = self.session(server)?.describe_circle(now, &name, image)?;
                return Ok(said.map_or(Answer::NOTHING, Answer::later));
            }
            Action::SetTimer { room, seconds } => {
                return self.session(server)?.set_timer(now, room, seconds).map(Answer::later);
            }
            Action::SetAvatar { image } => {
                return self.session(server)?.show_avatar(now, image).map(Answer::later);
            }
            Action::Evict { person } => self.session(server)?.evict(person),
            Action::RenewInvitations => self.session(server)?.renew_invitations(),
            Action::Release { message } => self.session(server)?.release(now, message),
            Action::Discard { message } => self.session(server)?.discard(message),
            Action::SafetyCode => self.circle(server)?.tell_safety_code(),
            Action::PairCode { person } => self.circle(server)?.tell_pair_code(person),
            Action::ShowMemory => self.circle(server).map(|circle| circle.tell_memory()),
            Action::Clear => self.circle(server).map(Circle::clear),
            Action::ClearConversation { conversation } => {
                self.circle(server).map(|circle| circle.clear_conversation(conversation))
            }
            Action::Snapshot => self.circle(server).map(Circle::tell_snapshot),
        };
        done.map(|()| Answer::NOTHING)
    }

    pub(super) fn circle(&mut self, server: ServerId) -> Result<&mut Circle, CommandError> {
        self.circles.get_mut(&server).map(|circle| &mut **circle).ok_or(CommandError::NoSuchServer)
    }

    fn session(&mut self, server: ServerId) -> Result<&mut Session, CommandError> {
        self.circle(server)?.in_session()
    }

    /// Begins a session over the link. If there is one, ends its pauses instead.
    fn connect(&mut self, now: Now, server: ServerId) -> Result<(), CommandError> {
        let circle = self.circle(server)?;
        let begins = !circle.has_session();
        if begins && !circle.begin(now) {
            // The person was told why.
            return Ok(());
        }
        if self.link.is_closed() {
            self.link.begin();
        } else if !self.link.try_now() {
            // It is tried already, or stands.
            if begins {
                self.join_link(now, server);
            } else {
                self.circle(server)?.try_now(now);
            }
        }
        self.follow_link(now);
        Ok(())
    }

    /// Changes the address of the link. Sessions continue over the new one.
    fn set_address(&mut self, now: Now, typed: &str) -> Result<(), CommandError> {
        let address =
            parse_address(typed).map_err(|_| CommandError::Address { typed: without_secrets(typed) })?;
        if self.link.set_address(address) {
            self.circles.keys().for_each(|server| self.tell_address(*server));
            self.follow_link(now);
        }
        Ok(())
    }

    pub(super) fn tell_address(&self, server: ServerId) {
        self.events.send(Event::Address { server, address: self.link.address().to_string() });
    }

    fn ask_for_record(&mut self, now: Now, server: ServerId) -> Result<(), CommandError> {
        if !self.circle(server)?.has_session() || !self.link.ask_for_record(now.steady) {
            return Err(CommandError::NotConnected);
        }
        self.record_asked_by.insert(server);
        Ok(())
    }
}
