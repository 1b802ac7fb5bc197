//! One server's task: carries frames between its link and its session, tells the interface, answers commands.

mod inviting;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use shepot_group::{CircleKeys, Profile};
use shepot_protocol::message::RefusalCause;
use shepot_protocol::{Pin, PublishId, RelayToClient};
use tokio::sync::mpsc;

use crate::clock::{Clock, Now, system_entropy};
use crate::command::{Action, RequestId};
use crate::entry::{CircleInvitation, Entry, parse_address};
use crate::event::{Event, EventSender, Outcome};
use crate::link::{Link, LinkEvent, LinkTurn};
use crate::model::{CommandError, ConnectionError, ConnectionState, ServerId};
use crate::session::remains::Remains;
use crate::session::{Effects, Session, SessionEvent};

/// What came of an action.
enum Answer {
    /// This.
    Now(Outcome),
    /// This, when what was said for it has its place in the log.
    Later(PublishId, Outcome),
}

impl Answer {
    const NOTHING: Self = Self::Now(Outcome::Nothing);

    const fn later(asked: PublishId) -> Self {
        Self::Later(asked, Outcome::Nothing)
    }
}

/// From the engine.
pub(crate) enum ServerCommand {
    Do(Option<RequestId>, Action),
    SetProfile(Profile),
}

pub(crate) struct Server {
    id: ServerId,
    circle: CircleInvitation,
    profile: Profile,
    clock: Arc<dyn Clock>,
    events: EventSender,
    /// What was asked for and has no place in the log yet. Never more than the outbox has.
    asked: HashMap<PublishId, (RequestId, Outcome)>,
    /// As the interface was told last.
    state: ConnectionState,
    link: Link,
    session: Option<Session>,
    /// Of the session before, which ended without the person.
    remains: Option<Remains>,
}

/// What woke the task.
enum Wake {
    Command(Option<ServerCommand>),
    Link(LinkTurn),
    Time,
}

impl Server {
    pub(crate) fn new(
        id: ServerId,
        entry: Entry,
        profile: Profile,
        clock: Arc<dyn Clock>,
        events: EventSender,
    ) -> Self {
        Self {
            id,
            link: Link::new(entry.target, Arc::clone(&clock)),
            circle: entry.circle,
            profile,
            clock,
            events,
            asked: HashMap::new(),
            state: ConnectionState::Disconnected,
            session: None,
            remains: None,
        }
    }

    /// Runs until the engine drops the queue.
    pub(crate) async fn run(mut self, mut commands: mpsc::Receiver<ServerCommand>) {
        loop {
            match self.wait(&mut commands).await {
                Wake::Command(None) => break,
                Wake::Command(Some(ServerCommand::Do(request, action))) => self.act(request, action).await,
                Wake::Command(Some(ServerCommand::SetProfile(profile))) => {
                    self.profile = profile.clone();
                    if let Some(session) = &mut self.session {
                        session.set_profile(profile);
                    }
                }
                Wake::Link(turn) => self.link.take_turn(turn),
                Wake::Time => {}
            }
            let now = self.clock.now();
            self.link.tick(now.steady);
            self.follow_link(now);
            if let Some(session) = &mut self.session {
                session.tick(now);
            }
            let gone = self.remains.as_mut().map(|remains| remains.expire(now)).unwrap_or_default();
            if !gone.is_empty() {
                self.tell(Event::Gone { server: self.id, messages: gone });
            }
            self.carry_out(now);
        }
        self.disconnect().await;
    }

    async fn wait(&mut self, commands: &mut mpsc::Receiver<ServerCommand>) -> Wake {
        let now = self.clock.now();
        let session = self.session.as_ref().map(|session| now.steady.saturating_add(session.next_wake(now)));
        let expiry = self.remains.as_ref().and_then(Remains::next_expiry);
        let wake = [session, expiry, self.link.next_wake()].into_iter().flatten().min();
        let clock = &*self.clock;
        let time = async {
            match wake {
                Some(wake) => clock.until(wake).await,
                // Nothing can become due.
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            command = commands.recv() => Wake::Command(command),
            turn = self.link.turn() => Wake::Link(turn),
            () = time => Wake::Time,
        }
    }

    /// Sends and tells what the session wants, and does what the link has to say about it, until there is nothing more.
    fn carry_out(&mut self, now: Now) {
        while let Some(session) = &mut self.session {
            let Effects { frames, events } = session.take_effects();
            if frames.is_empty() && events.is_empty() {
                return;
            }
            self.link.send(now.steady, &frames);
            for event in events {
                // What comes behind its end is nobody's any more.
                if self.session.is_none() {
                    return;
                }
                self.session_event(event);
            }
            self.follow_link(now);
        }
    }

    /// Does what follows from what became of the link.
    fn follow_link(&mut self, now: Now) {
        // What is done about one may bring another.
        loop {
            let events = self.link.take_events();
            if events.is_empty() {
                return;
            }
            for event in events {
                self.link_event(now, event);
            }
        }
    }

    fn link_event(&mut self, now: Now, event: LinkEvent) {
        let server = self.id;
        match event {
            LinkEvent::Opening { attempt } => {
                let is_first = attempt == 0 && !self.was_member();
                self.tell_state(if is_first {
                    ConnectionState::Connecting
                } else {
                    ConnectionState::Reconnecting { retry_in: Duration::ZERO, attempt }
                });
            }
            LinkEvent::Admitted { binding, limits } => {
                let open_circle = self.link.pin().map(|pin| open_circle(&pin));
                if let Some(session) = &mut self.session {
                    if let Some(keys) = open_circle {
                        session.open_circle(keys);
                    }
                    session.connected(now, &binding, limits);
                }
            }
            LinkEvent::Frame(frame) => self.frame(now, frame),
            LinkEvent::Record(record) => self.tell(Event::Record { server, record }),
            LinkEvent::Trouble(error) => self.tell(Event::ConnectionError { server, error }),
            LinkEvent::Broke { retry_in, attempt } => {
                if let Some(session) = &mut self.session {
                    session.disconnected();
                    self.tell_state(ConnectionState::Reconnecting { retry_in, attempt });
                }
            }
            LinkEvent::Failed(error) => self.over(error),
        }
    }

    /// A frame about a circle.
    fn frame(&mut self, now: Now, frame: RelayToClient) {
        if let RelayToClient::Refused(refusal) = &frame
            && refusal.cause == RefusalCause::InvitationOutdated
            && self.refused_as_outdated()
        {
            return;
        }
        if let Some(session) = &mut self.session {
            session.frame(now, frame);
        }
    }

    /// The relay says that our invitation is outdated; by another key it may not be: this one was replaced, perhaps, and the
    /// relay has not been told the newest yet. False: the session is to deal with it.
    fn refused_as_outdated(&mut self) -> bool {
        if self.link.tries_another_key() {
            return true;
        }
        // Where there are no such keys, the session looks for a later generation. Who is in has a seat: it is about
        // something else.
        let is_over = self.link.renews_access_key() && self.state != ConnectionState::Connected;
        if is_over {
            self.over(ConnectionError::InvitationOutdated);
        }
        is_over
    }

    fn session_event(&mut self, event: SessionEvent) {
        let server = self.id;
        let event = match event {
            SessionEvent::Waiting => return self.tell_state(ConnectionState::Waiting),
            SessionEvent::Seated => {
                self.link.succeeded();
                return self.tell_state(ConnectionState::Connected);
            }
            SessionEvent::Message(message) => Event::Message { server, message },
            SessionEvent::Changed(message) => Event::Changed { server, message },
            SessionEvent::Gone(messages) => Event::Gone { server, messages },
            SessionEvent::SystemEvent { at, event } => Event::SystemEvent { server, at, system_event: event },
            SessionEvent::Epoch { epoch, has_new_code } => Event::Epoch { server, epoch, has_new_code },
            SessionEvent::Renewed => {
                self.renew_access_key();
                return self.tell_renewed();
            }
            SessionEvent::People(people) => Event::People { server, people },
            SessionEvent::Rooms(rooms) => Event::Rooms { server, rooms },
            SessionEvent::Typing { conversation, person } => Event::Typing { server, conversation, person },
            SessionEvent::Avatar { person, image } => Event::Avatar { server, person, image },
            SessionEvent::ConnectionError(error) => Event::ConnectionError { server, error },
            SessionEvent::Settled { asked, is_done } => return self.settled(&asked, is_done),
            SessionEvent::Over(error) => return self.over(error),
            SessionEvent::Reconnect => return self.link.break_off(),
        };
        self.tell(event);
    }

    async fn act(&mut self, request: Option<RequestId>, action: Action) {
        let done = if matches!(action, Action::Disconnect) {
            self.disconnect().await;
            Ok(Answer::NOTHING)
        } else if let Action::SetAddress { address } = action {
            self.set_address(&address).map(|()| Answer::NOTHING)
        } else if self.act_without_session(&action) {
            Ok(Answer::NOTHING)
        } else {
            self.act_in_circle(action)
        };
        match done {
            Ok(Answer::Now(outcome)) => self.events.done(request, outcome),
            Ok(Answer::Later(asked, outcome)) => {
                if let Some(request) = request {
                    self.asked.insert(asked, (request, outcome));
                }
            }
            Err(error) => self.events.refuse(request, Some(self.id), error),
        }
    }

    /// What was asked for is done, or never will be.
    fn settled(&mut self, asked: &PublishId, is_done: bool) {
        match self.asked.remove(asked) {
            Some((request, outcome)) if is_done => self.events.done(Some(request), outcome),
            Some((request, _)) => {
                self.events.refuse(Some(request), Some(self.id), CommandError::TooLargeForServer);
            }
            None => {}
        }
    }

    /// The session is over: what was asked for in it is not done any more.
    fn nothing_is_settled(&mut self) {
        for (request, _) in std::mem::take(&mut self.asked).into_values() {
            self.events.refuse(Some(request), Some(self.id), CommandError::NotConnected);
        }
    }

    fn connect(&mut self) {
        let now = self.clock.now();
        if self.session.is_some() {
            self.link.try_now();
            return self.follow_link(now);
        }
        if self.circle.expires_at.is_some_and(|at| at <= now.unix) {
            self.tell(Event::ConnectionError { server: self.id, error: ConnectionError::InvitationExpired });
            return;
        }
        match Session::new(self.circle.config(), self.profile.clone(), system_entropy()) {
            Ok(session) => {
                self.session = Some(session);
                self.remains = None;
                self.link.begin();
                self.follow_link(now);
            }
            Err(_) => {
                self.tell(Event::ConnectionError { server: self.id, error: ConnectionError::NoRandomness })
            }
        }
    }

    /// A session that goes on is taken up again at the new address.
    fn set_address(&mut self, typed: &str) -> Result<(), CommandError> {
        let address =
            parse_address(typed).map_err(|_| CommandError::Address { typed: typed.trim().to_owned() })?;
        if self.link.set_address(address) {
            self.tell(Event::Address { server: self.id, address: self.link.address().to_string() });
            self.follow_link(self.clock.now());
        }
        Ok(())
    }

    /// What needs no session; true: it was that.
    fn act_without_session(&mut self, action: &Action) -> bool {
        let server = self.id;
        if matches!(action, Action::Connect) {
            self.connect();
        } else if matches!(action, Action::ShowMemory) {
            let remains = self.remains.as_ref().map_or(0, Remains::held_bytes);
            let bytes = self.session.as_ref().map_or(0, Session::held_bytes) + remains;
            self.tell(Event::Memory { server, bytes });
        } else if self.session.is_some() {
            return false;
        } else if matches!(action, Action::Snapshot) {
            // What is left of a session that is over; nothing is an answer, too.
            let state = self.state.clone();
            let (people, rooms, items) = self.remains.as_ref().map(Remains::snapshot).unwrap_or_default();
            self.tell(Event::Snapshot { server, state, people, rooms, items });
        } else if matches!(action, Action::Clear) {
            self.remains = None;
        } else {
            return false;
        }
        true
    }

    fn act_in_circle(&mut self, action: Action) -> Result<Answer, CommandError> {
        let now = self.clock.now();
        let server = self.id;
        let session = self.session.as_mut().ok_or(CommandError::NotConnected)?;
        match action {
            // They were dealt with before a session was asked for.
            Action::Connect | Action::Disconnect | Action::SetAddress { .. } | Action::ShowMemory => {}
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
            Action::Invite { owner } => {
                let invitation = self.invitation(owner)?;
                self.tell(Event::Invitation { server, link: invitation });
            }
            Action::SafetyCode => {
                let (code, epoch) = session.safety_code()?;
                self.tell(Event::SafetyCode { server, symbols: code.symbols(), epoch });
            }
            Action::PairCode { person } => {
                let symbols = session.pair_code(person)?.symbols();
                self.tell(Event::PairCode { server, person, symbols });
            }
            Action::ShowRecord => {
                if !self.link.ask_for_record(now.steady) {
                    return Err(CommandError::NotConnected);
                }
            }
            Action::Clear => session.clear(),
            Action::Snapshot => {
                let (people, rooms, items) = (session.people(), session.rooms(), session.items());
                let state = self.state.clone();
                self.tell(Event::Snapshot { server, state, people, rooms, items });
                // That it was told so may have been lost.
                self.tell_renewed();
            }
        }
        Ok(Answer::NOTHING)
    }

    /// It ends and is not tried again. The keys are gone at once, what was said when the person lets it go.
    fn over(&mut self, error: ConnectionError) {
        self.keep_keys();
        self.nothing_is_settled();
        self.link.close();
        if let Some((remains, failed)) = self.session.take().and_then(Remains::of) {
            self.remains = Some(remains);
            for message in failed {
                self.tell(Event::Changed { server: self.id, message });
            }
        }
        self.tell(Event::ConnectionError { server: self.id, error });
        self.tell_state(ConnectionState::Ended);
    }

    /// Leaves; everything of the session is gone.
    async fn disconnect(&mut self) {
        self.keep_keys();
        self.nothing_is_settled();
        self.remains = None;
        let Some(mut session) = self.session.take() else {
            // The person lets go of what ended by itself.
            if self.state == ConnectionState::Ended {
                self.tell_state(ConnectionState::Disconnected);
            }
            return;
        };
        session.leave();
        let farewell = session.take_effects();
        drop(session);
        self.link.take_leave(&farewell.frames).await;
        self.tell_state(ConnectionState::Disconnected);
    }

    fn was_member(&self) -> bool {
        self.session.as_ref().is_some_and(Session::was_member)
    }

    fn tell(&self, event: Event) {
        self.events.send(event);
    }

    fn tell_state(&mut self, state: ConnectionState) {
        self.state = state.clone();
        self.tell(Event::State { server: self.id, state });
    }
}

/// The circle of an open relay: whoever knows the address can be in it, and so can the operator, as a member whom
/// everybody sees.
fn open_circle(pin: &Pin) -> CircleKeys {
    let mut hash = Context::new(&SHA256);
    hash.update(b"shepot open circle v1");
    hash.update(&pin.0);
    let digest = hash.finish();
    let secret = digest.as_ref().first_chunk().copied().unwrap_or([0; 32]);
    CircleKeys::new(&secret)
}

#[cfg(test)]
mod tests;
