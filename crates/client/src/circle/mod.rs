//! One circle that the person is in, was in, or wants to be in: what lasts from one session in it to the next.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | whether the person is in it, and what its session tells |
//! | `acting.rs` | requests to it, and the answers |
//! | `inviting.rs` | invitations to it |
//!
//! Owns what the invitation says of the circle, the session while there is one, what remains of one that ended by
//! itself, and the requests whose publication has no place in the log yet. Tells the interface what happens in it. Must
//! never: know the link. It asks things of the link as a [`Wish`].

mod acting;
mod inviting;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use shepot_group::Profile;
use shepot_protocol::message::Limits;
use shepot_protocol::transcript::ChannelBinding;
use shepot_protocol::{AccessKey, CircleId, ClientToRelay, Pin, PublishId, RelayToClient};

pub(crate) use self::acting::Answer;
use crate::backoff::Backoff;
use crate::clock::{Now, system_entropy};
use crate::command::RequestId;
use crate::entry::{CircleInvitation, keys_of_open_circle};
use crate::event::{Event, EventSender, Outcome};
use crate::limits::BREAK_OFF_INTERVAL;
use crate::model::{CommandError, ConnectionError, ConnectionState, ServerId};
use crate::session::remains::Remains;
use crate::session::{Effects, Session, SessionEvent};

/// What a circle asks of the link.
pub(crate) enum Wish {
    /// Send these frames to the relay.
    Send(Vec<ClientToRelay>),
    /// Show this access key from now on. It came with another secret of the circle.
    RenewAccessKey(AccessKey),
    /// Tell the interface the invitation by which we come back from now on.
    TellRenewed,
    /// Open another connection.
    BreakOff,
    /// Enter the circle again later, since the relay has no place for us now.
    EnterLater,
    /// Enter the circle by the existing connection. The pause is over.
    Enter,
    /// Close the link. If other circles keep it, leave only this circle on it. `None`: the circle's id was never known.
    Close(Option<CircleId>),
}

/// A pause in which the circle does not use a link that other circles keep.
struct Away {
    until: Duration,
    /// What it asks for at the end.
    then: Wish,
}

/// The person's relation to the circle.
enum Standing {
    /// Not in it, and nothing remains of it.
    Left,
    /// In it or on the way in, also while the connection is lost.
    Session(Box<Session>),
    /// The session ended by itself. What was said in it remains, if there is anything left.
    Ended(Option<Remains>),
}

/// A circle on the list. Interfaces know it as a server.
pub(crate) struct Circle {
    server: ServerId,
    invitation: CircleInvitation,
    profile: Profile,
    events: EventSender,
    standing: Standing,
    /// Requests whose publication has no place in the log yet. Never more than the outbox holds.
    asked: HashMap<PublishId, (RequestId, Outcome)>,
    /// The state that the interface was told last.
    state: ConnectionState,
    /// Events of the session that have not been dealt with yet.
    told: VecDeque<SessionEvent>,
    wishes: VecDeque<Wish>,
    /// The pauses after the relay had no place for the circle while others keep the link.
    backoff: Backoff,
    away: Option<Away>,
    /// When the circle last cost the others their connection, by the steady clock.
    broke_off_at: Option<Duration>,
}

impl Circle {
    pub(crate) fn new(
        server: ServerId,
        invitation: CircleInvitation,
        profile: Profile,
        events: EventSender,
    ) -> Self {
        Self {
            server,
            invitation,
            profile,
            events,
            standing: Standing::Left,
            asked: HashMap::new(),
            state: ConnectionState::Disconnected,
            told: VecDeque::new(),
            wishes: VecDeque::new(),
            backoff: Backoff::default(),
            away: None,
            broke_off_at: None,
        }
    }

    const fn session(&self) -> Option<&Session> {
        match &self.standing {
            Standing::Session(session) => Some(session),
            Standing::Left | Standing::Ended(_) => None,
        }
    }

    const fn session_mut(&mut self) -> Option<&mut Session> {
        match &mut self.standing {
            Standing::Session(session) => Some(session),
            Standing::Left | Standing::Ended(_) => None,
        }
    }

    /// The id by which frames name it. `None` without a session, and while an open relay's identity is unknown.
    pub(crate) fn id(&self) -> Option<CircleId> {
        self.session().and_then(Session::circle)
    }

    /// Whether there is a session, connected or not.
    pub(crate) const fn has_session(&self) -> bool {
        self.session().is_some()
    }

    /// Whether we are in the circle by the present connection.
    pub(crate) fn is_connected(&self) -> bool {
        self.state == ConnectionState::Connected
    }

    /// Whether it still has to be entered. A circle that pauses, or that waits for others, does not count.
    pub(crate) fn is_on_its_way(&self) -> bool {
        let is_trying =
            matches!(self.state, ConnectionState::Connecting | ConnectionState::Reconnecting { .. });
        is_trying && self.has_session() && self.away.is_none()
    }

    pub(crate) fn set_profile(&mut self, profile: Profile) {
        self.profile = profile.clone();
        if let Some(session) = self.session_mut() {
            session.set_profile(profile);
        }
    }

    /// Begins a session. False: that is impossible, and the person was told why.
    pub(crate) fn begin(&mut self, now: Now) -> bool {
        let config = self.invitation.config();
        let session = if self.invitation.expires_at.is_some_and(|at| at <= now.unix) {
            Err(ConnectionError::InvitationExpired)
        } else {
            Session::new(config, self.profile.clone(), system_entropy())
                .map_err(|_| ConnectionError::NoRandomness)
        };
        match session {
            Ok(session) => {
                self.standing = Standing::Session(Box::new(session));
                self.backoff.reset();
            }
            Err(error) => self.tell(Event::ConnectionError { server: self.server, error }),
        }
        self.has_session()
    }

    /// When [`Circle::tick`] is to be called at the latest, by the steady clock.
    pub(crate) fn next_wake(&self, now: Now) -> Option<Duration> {
        match &self.standing {
            Standing::Left | Standing::Ended(None) => None,
            Standing::Session(session) => {
                let wake = now.steady.saturating_add(session.next_wake(now));
                Some(self.away.as_ref().map_or(wake, |away| away.until.min(wake)))
            }
            Standing::Ended(Some(remains)) => remains.next_expiry(),
        }
    }

    /// Does what has become due.
    pub(crate) fn tick(&mut self, now: Now) {
        if let Some(away) = self.away.take_if(|away| away.until <= now.steady) {
            self.wishes.push_back(away.then);
        }
        match &mut self.standing {
            Standing::Left | Standing::Ended(None) => {}
            Standing::Session(session) => session.tick(now),
            Standing::Ended(Some(remains)) => {
                let messages = remains.expire(now);
                if !messages.is_empty() {
                    self.tell(Event::Gone { server: self.server, messages });
                }
            }
        }
    }

    /// The circle begins to use a link that is open or being opened already.
    pub(crate) fn joins_link(&mut self) {
        self.dialling(self.backoff.attempt());
    }

    /// The relay is being dialled. `attempt`: how many waits came before.
    pub(crate) fn dialling(&mut self, attempt: u32) {
        let Some(session) = self.session() else { return };
        let is_first = attempt == 0 && !session.was_member();
        self.tell_state(if is_first {
            ConnectionState::Connecting
        } else {
            ConnectionState::Reconnecting { retry_in: Duration::ZERO, attempt }
        });
    }

    /// The relay admitted us. `binding`: what a seat proof on this connection is made over.
    pub(crate) fn admitted(&mut self, now: Now, pin: Option<Pin>, binding: &ChannelBinding, limits: Limits) {
        self.away = None;
        let Some(session) = self.session_mut() else { return };
        if let Some(pin) = pin {
            session.open_circle(keys_of_open_circle(&pin));
        }
        session.connected(now, binding, limits);
    }

    /// The connection is lost. The link dials again after `retry_in`.
    pub(crate) fn lost(&mut self, retry_in: Duration, attempt: u32) {
        self.away = None;
        if let Some(session) = self.session_mut() {
            session.disconnected();
            self.tell_state(ConnectionState::Reconnecting { retry_in, attempt });
        }
    }

    /// Pauses, because the relay has no place for us now and others use the connection too. Returns the circle to
    /// leave, if its id is known.
    pub(crate) fn enter_later(&mut self, now: Now) -> Option<CircleId> {
        let retry_in = self.backoff.next();
        self.stay_away(now, retry_in, Wish::Enter);
        self.id()
    }

    /// Whether the others may lose their connection because this circle needs another. If not, it pauses until they
    /// may: being in one circle must not keep anybody out of another.
    pub(crate) fn may_break_off(&mut self, now: Now) -> bool {
        let until = self.broke_off_at.map(|at| at + BREAK_OFF_INTERVAL);
        let wait = until.and_then(|until| until.checked_sub(now.steady)).filter(|wait| !wait.is_zero());
        match wait {
            None => self.broke_off_at = Some(now.steady),
            Some(wait) => self.stay_away(now, wait, Wish::BreakOff),
        }
        wait.is_none()
    }

    fn stay_away(&mut self, now: Now, retry_in: Duration, then: Wish) {
        let Some(session) = self.session_mut() else { return };
        session.disconnected();
        self.away = Some(Away { until: now.steady + retry_in, then });
        self.tell_state(ConnectionState::Reconnecting { retry_in, attempt: self.backoff.attempt() });
    }

    pub(crate) const fn is_away(&self) -> bool {
        self.away.is_some()
    }

    /// Ends the pause, if there is one.
    pub(crate) fn try_now(&mut self, now: Now) {
        if let Some(away) = &mut self.away {
            away.until = now.steady;
        }
    }

    /// Sets this circle's share of the messages per second that the relay accepts.
    pub(crate) fn share(&mut self, publishes_per_second: u32) {
        if let Some(session) = self.session_mut() {
            session.share(publishes_per_second);
        }
    }

    /// Tells the person about trouble with the link.
    pub(crate) fn trouble(&self, error: ConnectionError) {
        self.tell(Event::ConnectionError { server: self.server, error });
    }

    /// Takes a frame about this circle.
    pub(crate) fn frame(&mut self, now: Now, frame: RelayToClient) {
        if let Some(session) = self.session_mut() {
            session.frame(now, frame);
        }
    }

    /// Deals with what happened until something is asked of the link, and returns that. `None`: nothing more is asked.
    pub(crate) fn next_wish(&mut self) -> Option<Wish> {
        loop {
            if let Some(wish) = self.wishes.pop_front() {
                return Some(wish);
            }
            if let Some(event) = self.told.pop_front() {
                self.session_event(event);
            } else {
                let Effects { frames, events } = self.session_mut()?.take_effects();
                if frames.is_empty() && events.is_empty() {
                    return None;
                }
                self.told.extend(events);
                if !frames.is_empty() {
                    return Some(Wish::Send(frames));
                }
            }
        }
    }

    fn session_event(&mut self, event: SessionEvent) {
        let server = self.server;
        let event = match event {
            // Told before it was known that there is no place.
            SessionEvent::Waiting if self.away.is_some() => return,
            SessionEvent::Waiting => return self.tell_state(ConnectionState::Waiting),
            SessionEvent::Connected => {
                self.backoff.reset();
                return self.tell_state(ConnectionState::Connected);
            }
            SessionEvent::Message(message) => Event::Message { server, message },
            SessionEvent::Changed(message) => Event::Changed { server, message },
            SessionEvent::Gone(messages) => Event::Gone { server, messages },
            SessionEvent::Discarded(message) => Event::Discarded { server, message },
            SessionEvent::SystemEvent { at, event } => Event::SystemEvent { server, at, system_event: event },
            SessionEvent::Epoch { epoch, has_new_code } => Event::Epoch { server, epoch, has_new_code },
            SessionEvent::Renewed => {
                self.renew_access_key();
                return self.wishes.push_back(Wish::TellRenewed);
            }
            SessionEvent::People(people) => Event::People { server, people },
            SessionEvent::Rooms(rooms) => Event::Rooms { server, rooms },
            SessionEvent::Circle(circle) => Event::Circle { server, circle },
            SessionEvent::CirclePicture(image) => Event::CirclePicture { server, image },
            SessionEvent::Typing { conversation, person } => Event::Typing { server, conversation, person },
            SessionEvent::Avatar { person, image } => Event::Avatar { server, person, image },
            SessionEvent::ConnectionError(error) => Event::ConnectionError { server, error },
            SessionEvent::Settled { asked, result } => return self.settled(&asked, result),
            SessionEvent::Over(error) => return self.over(error),
            SessionEvent::Reconnect => return self.wishes.push_back(Wish::BreakOff),
            SessionEvent::EnterLater => return self.wishes.push_back(Wish::EnterLater),
        };
        self.tell(event);
    }

    /// A request's publication has its place in the log, or never will have one.
    fn settled(&mut self, asked: &PublishId, result: Result<(), CommandError>) {
        let Some((request, outcome)) = self.asked.remove(asked) else { return };
        match result {
            Ok(()) => self.events.done(Some(request), outcome),
            Err(error) => self.events.refuse(Some(request), Some(self.server), error),
        }
    }

    /// Refuses the pending requests, because the session is over.
    fn refuse_asked(&mut self) {
        for (request, _) in std::mem::take(&mut self.asked).into_values() {
            self.events.refuse(Some(request), Some(self.server), CommandError::NotConnected);
        }
    }

    /// Ends the session for good. Its keys are wiped at once. What was said stays until the person discards it.
    pub(crate) fn over(&mut self, error: ConnectionError) {
        self.keep_keys();
        self.refuse_asked();
        // What came after its end is for nobody.
        self.told.clear();
        self.away = None;
        self.wishes.push_back(Wish::Close(self.id()));
        self.standing = match std::mem::replace(&mut self.standing, Standing::Left) {
            Standing::Session(session) => {
                let (remains, failed) = Remains::of(*session).unzip();
                for message in failed.into_iter().flatten() {
                    self.tell(Event::Changed { server: self.server, message });
                }
                Standing::Ended(remains)
            }
            Standing::Left => Standing::Ended(None),
            ended @ Standing::Ended(_) => ended,
        };
        self.tell(Event::ConnectionError { server: self.server, error });
        self.tell_state(ConnectionState::Ended);
    }

    /// Leaves: everything of the session is wiped. False: there was no session.
    pub(crate) fn leave(&mut self) -> bool {
        self.keep_keys();
        self.refuse_asked();
        self.told.clear();
        self.away = None;
        match std::mem::replace(&mut self.standing, Standing::Left) {
            Standing::Session(_) => true,
            Standing::Ended(_) => {
                // The person lets go of what ended by itself.
                self.tell_state(ConnectionState::Disconnected);
                false
            }
            Standing::Left => false,
        }
    }

    fn tell(&self, event: Event) {
        self.events.send(event);
    }

    /// Changes the state of the connection and tells it.
    pub(crate) fn tell_state(&mut self, state: ConnectionState) {
        self.state = state.clone();
        self.tell(Event::State { server: self.server, state });
    }
}

#[cfg(test)]
mod tests;
