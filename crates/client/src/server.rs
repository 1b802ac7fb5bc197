//! One server's task: carries frames between its connection and its session, connects again, answers commands.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use shepot_group::{CircleKeys, Profile};
use shepot_protocol::message::RefusalCause;
use shepot_protocol::{
    AccessKey, CircleSecret, ClientToRelay, Invitation, Pin, PublishId, RelayToClient, ReturnTicket,
};
use shepot_transport::Credentials;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::access::Access;
use crate::backoff::Backoff;
use crate::clock::{Clock, system_entropy, within};
use crate::command::{Action, RequestId};
use crate::connection::{Connection, Incoming, Turn};
use crate::entry::{Entry, parse_address};
use crate::event::{Event, EventSender, Outcome};
use crate::limits::{CLOSED_DOORS, FAREWELL};
use crate::model::{CommandError, ConnectionError, ConnectionState, ServerId};
use crate::session::remains::Remains;
use crate::session::{Session, SessionEvent};
use crate::succession;
use crate::unsent::WriterEnded;

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
    entry: Entry,
    profile: Profile,
    clock: Arc<dyn Clock>,
    events: EventSender,
    /// What was asked for and has no place in the log yet. Never more than the outbox has.
    asked: HashMap<PublishId, (RequestId, Outcome)>,
    /// As the interface was told last.
    state: ConnectionState,
    /// By which access key it is entered.
    access: Access,
    /// What the relay gave us to come back with.
    return_ticket: Option<ReturnTicket>,
    /// With the circle's secret its access key changes, too.
    renews_access_key: bool,
    session: Option<Session>,
    /// Of the session before, which ended without the person.
    remains: Option<Remains>,
    /// The relay has let this session in before: when it closes without a word now, it is tried again.
    was_admitted: bool,
    /// How often in succession it closed without a word.
    closed_at_the_door: u32,
    link: Link,
    backoff: Backoff,
}

/// The way to the relay.
enum Link {
    /// Nobody wants it.
    Idle,
    Opening(JoinHandle<Result<Connection, ConnectionError>>),
    Open {
        connection: Connection,
        welcomed: bool,
    },
    /// It broke; it is tried again then.
    Broken {
        /// Since the engine started.
        retry_at: Duration,
    },
}

/// What woke the task.
enum Wake {
    Command(Option<ServerCommand>),
    Opened(Result<Connection, ConnectionError>),
    Relay(Turn),
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
        let access = Access::by(entry.access_key.clone());
        Self {
            id,
            entry,
            access,
            return_ticket: None,
            renews_access_key: false,
            profile,
            clock,
            events,
            asked: HashMap::new(),
            state: ConnectionState::Disconnected,
            session: None,
            remains: None,
            was_admitted: false,
            closed_at_the_door: 0,
            link: Link::Idle,
            backoff: Backoff::default(),
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
                Wake::Opened(Ok(connection)) => self.opened(connection),
                Wake::Opened(Err(error)) => self.did_not_open(error),
                Wake::Relay(Turn::Said(incoming)) => self.incoming(incoming),
                Wake::Relay(Turn::Reads) | Wake::Time => {}
            }
            let now = self.clock.now();
            self.keep_link(now.steady);
            if let Some(session) = &mut self.session {
                session.tick(now);
            }
            let gone = self.remains.as_mut().map(|remains| remains.expire(now)).unwrap_or_default();
            if !gone.is_empty() {
                self.tell(Event::Gone { server: self.id, messages: gone });
            }
            self.carry_out(now.steady);
        }
        self.disconnect().await;
    }

    async fn wait(&mut self, commands: &mut mpsc::Receiver<ServerCommand>) -> Wake {
        let now = self.clock.now();
        let look = self.session.as_ref().map_or(Duration::from_secs(3600), |session| session.next_wake(now));
        let wake = now.steady.saturating_add(look);
        let expiry = self.remains.as_ref().and_then(Remains::next_expiry);
        let wake = expiry.map_or(wake, |expiry| expiry.min(wake));
        let clock = &*self.clock;
        match &mut self.link {
            // Nothing can become due.
            Link::Idle if self.session.is_none() && self.remains.is_none() => {
                Wake::Command(commands.recv().await)
            }
            Link::Idle => tokio::select! {
                command = commands.recv() => Wake::Command(command),
                () = clock.until(wake) => Wake::Time,
            },
            Link::Opening(opening) => tokio::select! {
                command = commands.recv() => Wake::Command(command),
                // A panic while connecting is told as what the person can do something about.
                opened = opening => Wake::Opened(opened.unwrap_or(Err(ConnectionError::Unreachable))),
                // What disappears does so while the connection is away too.
                () = clock.until(wake) => Wake::Time,
            },
            Link::Open { connection, .. } => tokio::select! {
                command = commands.recv() => Wake::Command(command),
                () = clock.until(connection.patience_ends().map_or(wake, |end| end.min(wake))) => Wake::Time,
                turn = connection.turn() => Wake::Relay(turn),
            },
            Link::Broken { retry_at } => tokio::select! {
                command = commands.recv() => Wake::Command(command),
                () = clock.until(wake.min(*retry_at)) => Wake::Time,
            },
        }
    }

    fn open(&mut self) {
        let state = if self.backoff.attempt() == 0 && !self.was_member() {
            ConnectionState::Connecting
        } else {
            ConnectionState::Reconnecting { retry_in: Duration::ZERO, attempt: self.backoff.attempt() }
        };
        self.tell_state(state);
        let credentials = Credentials {
            return_ticket: self.return_ticket,
            ..Credentials::new(self.access.to_show().cloned())
        };
        let (address, pin) = (self.entry.address.clone(), self.entry.pin);
        let opening = Connection::open(address, pin, credentials, Arc::clone(&self.clock));
        self.link = Link::Opening(tokio::spawn(opening));
    }

    fn opened(&mut self, connection: Connection) {
        let now = self.clock.now();
        // The first key seen is the one for this session; another one later is refused by TLS.
        self.entry.pin.get_or_insert(connection.pin);
        if let Some(session) = &mut self.session {
            session.open_circle(open_circle(&connection.pin));
            session.connected(now, connection.binding.clone());
        }
        self.link = Link::Open { connection, welcomed: false };
    }

    fn did_not_open(&mut self, error: ConnectionError) {
        // A server that was never reached is likelier mistyped than down.
        let mistyped =
            matches!(error, ConnectionError::NotShepot | ConnectionError::NotAdmitted) && !self.was_member();
        let hopeless = error == ConnectionError::WrongIdentity || mistyped;
        if hopeless {
            self.over(error);
        } else {
            if self.backoff.attempt() == 0 {
                self.tell(Event::ConnectionError { server: self.id, error });
            }
            self.break_off();
        }
    }

    /// The relay says that our invitation is outdated; by another key it may not be: this one was replaced, perhaps, and the
    /// relay has not been told the newest yet. False: the session is to deal with it.
    fn refused_as_outdated(&mut self) -> bool {
        if self.access.was_not_taken() {
            self.break_off();
            return true;
        }
        // Where there are no such keys, the session looks for a later generation. Who is in has a seat: it is about
        // something else.
        let is_over = self.renews_access_key && self.state != ConnectionState::Connected;
        if is_over {
            self.over(ConnectionError::InvitationOutdated);
        }
        is_over
    }

    fn incoming(&mut self, incoming: Incoming) {
        let now = self.clock.now();
        match incoming {
            Incoming::Message(message) => {
                if let RelayToClient::Welcome(welcome) = &message {
                    self.return_ticket = welcome.return_ticket;
                    self.renews_access_key = welcome.renews_access_key;
                    self.access.was_taken();
                }
                if let RelayToClient::Refused(refusal) = &message
                    && refusal.cause == RefusalCause::InvitationOutdated
                    && self.refused_as_outdated()
                {
                    return;
                }
                if let Link::Open { welcomed, .. } = &mut self.link {
                    *welcomed = true;
                    self.was_admitted = true;
                    self.closed_at_the_door = 0;
                }
                if let Some(session) = &mut self.session {
                    session.frame(now, message);
                }
            }
            Incoming::Garbage => self.over(ConnectionError::ServerMisbehaves),
            Incoming::Closed => {
                let mut has_another_key = false;
                if !matches!(self.link, Link::Open { welcomed: true, .. }) {
                    has_another_key = self.access.was_not_taken();
                    self.closed_at_the_door += 1;
                }
                if has_another_key || self.was_admitted && self.closed_at_the_door < CLOSED_DOORS {
                    self.break_off();
                } else {
                    self.over(ConnectionError::NotAdmitted);
                }
            }
        }
    }

    /// Tries again what broke, when it is time; gives up what hangs.
    fn keep_link(&mut self, now: Duration) {
        match &mut self.link {
            Link::Broken { retry_at } if *retry_at <= now => self.open(),
            Link::Open { connection, .. } => {
                if connection.send_waiting(now).is_err() || connection.is_stuck(now) {
                    self.break_off();
                }
            }
            Link::Idle | Link::Opening(_) | Link::Broken { .. } => {}
        }
    }

    /// Sends and tells what the session wants, until it wants nothing more.
    fn carry_out(&mut self, now: Duration) {
        while let Some(session) = &mut self.session {
            let effects = session.take_effects();
            if effects.frames.is_empty() && effects.events.is_empty() {
                return;
            }
            let sent = self.send(now, &effects.frames);
            for event in effects.events {
                // What comes behind its end is nobody's any more.
                if self.session.is_none() {
                    return;
                }
                self.session_event(event);
            }
            if sent.is_err() && self.session.is_some() {
                self.break_off();
            }
        }
    }

    fn send(&mut self, now: Duration, frames: &[ClientToRelay]) -> Result<(), WriterEnded> {
        let Link::Open { connection, .. } = &mut self.link else { return Ok(()) };
        frames.iter().try_for_each(|frame| connection.send(now, frame))
    }

    fn session_event(&mut self, event: SessionEvent) {
        let server = self.id;
        let event = match event {
            SessionEvent::Waiting => return self.tell_state(ConnectionState::Waiting),
            SessionEvent::Seated => {
                self.backoff.reset();
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
            SessionEvent::Typing { room, person } => Event::Typing { server, room, person },
            SessionEvent::Avatar { person, image } => Event::Avatar { server, person, image },
            SessionEvent::Record(record) => Event::Record { server, record },
            SessionEvent::ConnectionError(error) => Event::ConnectionError { server, error },
            SessionEvent::Settled { asked, is_done } => return self.settled(&asked, is_done),
            SessionEvent::Over(error) => return self.over(error),
            SessionEvent::Reconnect => return self.break_off(),
        };
        self.tell(event);
    }

    async fn act(&mut self, request: Option<RequestId>, action: Action) {
        let done = if matches!(action, Action::Disconnect) {
            self.disconnect().await;
            Ok(Answer::NOTHING)
        } else if let Action::SetAddress { address } = action {
            self.set_address(&address).map(|()| Answer::NOTHING)
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
            // "Try again now" while it waits.
            if matches!(self.link, Link::Broken { .. }) {
                self.open();
            }
            return;
        }
        if self.entry.expires_at.is_some_and(|at| at <= now.unix) {
            self.tell(Event::ConnectionError { server: self.id, error: ConnectionError::InvitationExpired });
            return;
        }
        match Session::new(self.entry.config(), self.profile.clone(), system_entropy()) {
            Ok(session) => {
                self.session = Some(session);
                self.remains = None;
                self.was_admitted = false;
                self.closed_at_the_door = 0;
                self.access.begin();
                self.backoff.reset();
                self.open();
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
        if address == self.entry.address {
            return Ok(());
        }
        self.tell(Event::Address { server: self.id, address: address.to_string() });
        self.entry.address = address;
        if self.session.is_some() {
            if let Link::Opening(opening) = &self.link {
                opening.abort();
            }
            self.break_off();
            self.backoff.reset();
            self.closed_at_the_door = 0;
            self.open();
        }
        Ok(())
    }

    fn act_in_circle(&mut self, action: Action) -> Result<Answer, CommandError> {
        let now = self.clock.now();
        let server = self.id;
        if matches!(action, Action::Connect) {
            self.connect();
            return Ok(Answer::NOTHING);
        }
        if matches!(action, Action::Snapshot) && self.session.is_none() {
            // What is left of a session that is over; nothing is an answer, too.
            let state = self.state.clone();
            let (people, rooms, items) = self.remains.as_ref().map(Remains::snapshot).unwrap_or_default();
            self.tell(Event::Snapshot { server, state, people, rooms, items });
            return Ok(Answer::NOTHING);
        }
        if matches!(action, Action::ShowMemory) {
            let remains = self.remains.as_ref().map_or(0, Remains::held_bytes);
            let bytes = self.session.as_ref().map_or(0, Session::held_bytes) + remains;
            self.tell(Event::Memory { server, bytes });
            return Ok(Answer::NOTHING);
        }
        if matches!(action, Action::Clear) && self.session.is_none() {
            self.remains = None;
            return Ok(Answer::NOTHING);
        }
        let session = self.session.as_mut().ok_or(CommandError::NotConnected)?;
        match action {
            // They were dealt with before a session was asked for.
            Action::Connect | Action::Disconnect | Action::SetAddress { .. } | Action::ShowMemory => {}
            Action::Send { room, body, reply_to, mentions } => {
                let message = session.speak(now, room, &body, reply_to, &mentions)?;
                return Ok(Answer::Now(Outcome::Said { message }));
            }
            Action::Edit { message, body, mentions } => {
                return session.edit(now, message, &body, &mentions).map(Answer::later);
            }
            Action::Delete { message } => return session.delete(now, message).map(Answer::later),
            Action::React { message, emoji, taken_back } => {
                return session.react(now, message, &emoji, taken_back).map(Answer::later);
            }
            Action::Typing { room } => session.typing(now, room),
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
                let link = self.invitation(owner)?;
                self.tell(Event::Invitation { server, link });
            }
            Action::SafetyCode => {
                let (code, epoch) = session.safety_code()?;
                self.tell(Event::SafetyCode { server, symbols: code.symbols(), epoch });
            }
            Action::PairCode { person } => {
                let symbols = session.pair_code(person)?.symbols();
                self.tell(Event::PairCode { server, person, symbols });
            }
            Action::ShowRecord => session.ask_for_record()?,
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

    /// The invitation by which we come back from now on, where the one by which we came opens nothing any more.
    fn tell_renewed(&self) {
        let is_owner = self.entry.owner_seed.is_some();
        let keys = self.session.as_ref().and_then(|session| session.circle_keys().ok());
        if keys.is_some_and(|keys| keys.generation() > 0)
            && let Ok(link) = self.invitation(is_owner)
        {
            self.tell(Event::Renewed { server: self.id, link });
        }
    }

    /// An invitation to the circle as it is now.
    fn invitation(&self, owner: bool) -> Result<String, CommandError> {
        let session = self.session.as_ref().ok_or(CommandError::NotConnected)?;
        let keys = session.circle_keys()?;
        let pin = self.entry.pin.ok_or(CommandError::NotConnected)?;
        let owner_seed = match (&self.entry.owner_seed, owner) {
            (Some(seed), true) => Some(seed.clone()),
            (None, true) => return Err(CommandError::NotTheOwner),
            (_, false) => None,
        };
        let is_open_circle = self.entry.circle_secret.is_none() && keys.generation() == 0;
        let invitation = Invitation {
            address: self.entry.address.clone(),
            pin,
            access_key: self.access.newest().cloned(),
            circle_secret: (!is_open_circle).then(|| CircleSecret::new(*keys.secret())),
            owner: self.entry.owner,
            owner_seed,
            expires_at: None,
            succession: session.succession().map(succession::for_others),
        };
        Ok(invitation.to_link().to_string())
    }

    /// A relay that is its circle's owner's takes another access key with another secret.
    fn renew_access_key(&mut self) {
        let keys = self.session.as_ref().and_then(|session| session.circle_keys().ok());
        if let Some(keys) = keys.filter(|keys| self.renews_access_key && keys.generation() > 0) {
            self.access.renew(AccessKey::new(*keys.access_key()));
        }
    }

    fn break_off(&mut self) {
        // Nobody wants a connection without one.
        let Some(session) = &mut self.session else { return };
        session.disconnected();
        let random = system_entropy().bytes::<2>().map(u16::from_be_bytes).unwrap_or(u16::MAX / 2);
        let retry_in = self.backoff.next(random);
        let attempt = self.backoff.attempt();
        self.link = Link::Broken { retry_at: self.clock.now().steady + retry_in };
        self.tell_state(ConnectionState::Reconnecting { retry_in, attempt });
    }

    /// It ends and is not tried again. The keys are gone at once, what was said when the person lets it go.
    fn over(&mut self, error: ConnectionError) {
        self.keep_keys();
        self.nothing_is_settled();
        self.link = Link::Idle;
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
        match std::mem::replace(&mut self.link, Link::Idle) {
            Link::Open { mut connection, .. } => {
                let now = self.clock.now().steady;
                let said = farewell.frames.iter().try_for_each(|frame| connection.send(now, frame));
                if said.is_ok() {
                    // A connection that hangs is left without.
                    let _ = within(connection.finish(), self.clock.after(FAREWELL)).await;
                }
            }
            Link::Opening(opening) => opening.abort(),
            Link::Idle | Link::Broken { .. } => {}
        }
        self.tell_state(ConnectionState::Disconnected);
    }

    /// After an eviction the circle has another secret than the invitation by which we came.
    fn keep_keys(&mut self) {
        self.renew_access_key();
        let Some(session) = &self.session else { return };
        if let Ok(keys) = session.circle_keys()
            && keys.generation() > 0
        {
            self.entry.circle_secret = Some(CircleSecret::new(*keys.secret()));
            self.entry.succession = session.succession().map(succession::for_others);
        }
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
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    use shepot_relay::Rules;

    use super::*;
    use crate::clock::tests::{Hands, PATIENCE};
    use crate::limits::{COMMAND_QUEUE, EVENT_QUEUE, FRAME_QUEUE, SEND_PATIENCE};
    use crate::model::RoomId;
    use crate::session::checked_profile;
    use crate::session::tests::{usual_limits, welcome};

    /// A server that hangs, and the clock that its guards go by.
    fn hanging() -> (Server, Hands) {
        let hands = Hands::new();
        let entry = Entry::parse("127.0.0.1:7667", None, 0).unwrap();
        let profile = checked_profile("anna", None).unwrap();
        let events = EventSender::to(mpsc::channel(EVENT_QUEUE).0);
        let session = Session::new(entry.config(), profile.clone(), system_entropy()).unwrap();
        let mut server = Server::new(ServerId(1), entry, profile, Arc::new(hands.clone()), events);
        server.session = Some(session);
        server.opened(Connection::hanging());
        (server, hands)
    }

    /// Does not end before the time is over, and does when it is.
    #[allow(clippy::disallowed_methods, reason = "a guard against waiting for ever")]
    async fn ends_after<T>(time: Duration, hands: &Hands, doing: impl Future<Output = T>) -> T {
        let mut doing = pin!(doing);
        // All the other tasks run once.
        for _ in 0..3 {
            let begun = poll_fn(|context| Poll::Ready(doing.as_mut().poll(context).is_ready())).await;
            assert!(!begun, "it did not wait");
            tokio::task::yield_now().await;
        }
        hands.pass(time - Duration::from_millis(1));
        tokio::task::yield_now().await;
        let early = poll_fn(|context| Poll::Ready(doing.as_mut().poll(context).is_ready())).await;
        assert!(!early, "it gave up too early");
        hands.pass(Duration::from_millis(1));
        tokio::time::timeout(PATIENCE, doing).await.expect("it waits for ever")
    }

    #[tokio::test]
    async fn a_server_that_hangs_is_left_without_a_farewell() {
        let (mut server, hands) = hanging();
        ends_after(FAREWELL, &hands, server.disconnect()).await;
        assert!(matches!(server.link, Link::Idle) && server.session.is_none());
    }

    /// More than the writer takes waits for the relay.
    fn fill(server: &mut Server) {
        let now = server.clock.now().steady;
        let full = vec![ClientToRelay::Ping { nonce: 1 }; FRAME_QUEUE + 1];
        server.send(now, &full).unwrap();
    }

    #[tokio::test]
    async fn a_server_that_reads_nothing_counts_as_broken() {
        let (mut server, hands) = hanging();
        fill(&mut server);
        hands.pass(SEND_PATIENCE - Duration::from_millis(1));
        server.keep_link(server.clock.now().steady);
        assert!(matches!(server.link, Link::Open { .. }), "given up too early");
        hands.pass(Duration::from_millis(1));
        server.keep_link(server.clock.now().steady);
        assert!(matches!(server.link, Link::Broken { .. }));
    }

    #[tokio::test]
    async fn a_server_that_reads_nothing_keeps_no_command_waiting() {
        let (mut server, hands) = hanging();
        let welcome = welcome(usual_limits(&Rules::default()));
        server.incoming(Incoming::Message(RelayToClient::Welcome(welcome)));
        fill(&mut server);
        let (commands, from_engine) = mpsc::channel(COMMAND_QUEUE);
        let task = tokio::spawn(server.run(from_engine));
        for _ in 0..COMMAND_QUEUE * 4 {
            commands.send(ServerCommand::Do(None, Action::Typing { room: RoomId::MAIN })).await.unwrap();
        }
        drop(commands);
        ends_after(FAREWELL, &hands, task).await.unwrap();
    }

    #[tokio::test]
    async fn another_address_is_gone_to_at_once() {
        let (mut server, _hands) = hanging();
        server.set_address("127.0.0.1:7668").unwrap();
        assert_eq!(server.entry.address.to_string(), "127.0.0.1:7668");
        assert!(matches!(server.link, Link::Opening(_)));
        // The same once more: what is on its way goes on.
        server.link = Link::Idle;
        server.set_address("127.0.0.1:7668").unwrap();
        assert!(matches!(server.link, Link::Idle));
    }

    #[tokio::test]
    async fn what_was_asked_for_is_answered_when_the_session_is_over() {
        let (mut server, _hands) = hanging();
        let (queue, mut events) = mpsc::channel(EVENT_QUEUE);
        server.events = EventSender::to(queue);
        server.asked.insert(PublishId([1; 16]), (RequestId(7), Outcome::Nothing));
        server.asked.insert(PublishId([2; 16]), (RequestId(8), Outcome::Nothing));
        server.settled(&PublishId([1; 16]), true);
        server.settled(&PublishId([3; 16]), true);
        server.over(ConnectionError::Evicted);
        let done = Event::Done { request: RequestId(7), outcome: Outcome::Nothing };
        let request = Some(RequestId(8));
        let refused = Event::Refused { request, server: Some(server.id), error: CommandError::NotConnected };
        assert!(events.recv().await == Some(done));
        assert!(events.recv().await == Some(refused), "before it is said that the session is over");
        assert!(matches!(events.recv().await, Some(Event::ConnectionError { .. })));
    }
}
