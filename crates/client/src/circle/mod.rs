//! One circle that the person is in, was in, or wants to be in: what lasts from one session in it to the next.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | how the person stands to it, and what its session tells |
//! | `acting.rs` | what is asked of it, and the answers |
//! | `inviting.rs` | invitations to it |
//!
//! Owns what the invitation says of the circle, the session while there is one, what is left of one that ended by itself,
//! and what was asked for and has no place in the log yet. Tells the interface what happens in it. Must never: know the
//! link. What it wants of that is a [`Wish`].

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

/// What a circle wants of the link.
pub(crate) enum Wish {
    /// To say this to the relay.
    Send(Vec<ClientToRelay>),
    /// To show this key from now on: it came with another secret of the circle.
    RenewAccessKey(AccessKey),
    /// To tell the interface the invitation by which we come back from now on.
    TellRenewed,
    /// Another connection.
    BreakOff,
    /// To be entered again later: the relay has no place for us now.
    EnterLater,
    /// To be entered by the connection that there is: the pause is over.
    Enter,
    /// To let it go. If others keep it, this is what is left: nothing, where it was never known.
    Close(Option<CircleId>),
}

/// It stays away from a link that others keep.
struct Away {
    until: Duration,
    /// What it wants then.
    then: Wish,
}

/// How the person stands to the circle.
enum Standing {
    /// Not in it, and nothing of it is left.
    Left,
    /// In it, or on the way, over lost connections.
    Session(Box<Session>),
    /// The session ended by itself: what was said in it is left.
    Ended(Option<Remains>),
}

/// A circle on the list; interfaces know it as a server.
pub(crate) struct Circle {
    server: ServerId,
    invitation: CircleInvitation,
    profile: Profile,
    events: EventSender,
    standing: Standing,
    /// What was asked for and has no place in the log yet. Never more than the outbox has.
    asked: HashMap<PublishId, (RequestId, Outcome)>,
    /// As the interface was told last.
    state: ConnectionState,
    /// What its session told and was not dealt with yet.
    told: VecDeque<SessionEvent>,
    wishes: VecDeque<Wish>,
    /// How long it stays away when the relay has no place for it, and others keep the link.
    backoff: Backoff,
    away: Option<Away>,
    /// When it cost the others their connection last.
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

    /// By what frames name it; none while nobody can be in it: before a session, and before an open relay said who it is.
    pub(crate) fn id(&self) -> Option<CircleId> {
        self.session().and_then(Session::circle)
    }

    /// A session is there, whether the relay is or not.
    pub(crate) const fn has_session(&self) -> bool {
        self.session().is_some()
    }

    /// We are in, by the present connection.
    pub(crate) fn is_connected(&self) -> bool {
        self.state == ConnectionState::Connected
    }

    /// It wants to be entered and is not yet; who stays away does not count, or waits for others.
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

    /// Begins a session. False: that cannot be, and the person was told why.
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

    /// Time passes.
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

    /// It comes to a link that is dialled already, or stands.
    pub(crate) fn joins_link(&mut self) {
        self.dialling(self.backoff.attempt());
    }

    /// The relay is dialled.
    pub(crate) fn dialling(&mut self, attempt: u32) {
        let Some(session) = self.session() else { return };
        let is_first = attempt == 0 && !session.was_member();
        self.tell_state(if is_first {
            ConnectionState::Connecting
        } else {
            ConnectionState::Reconnecting { retry_in: Duration::ZERO, attempt }
        });
    }

    /// The relay let us in.
    pub(crate) fn admitted(&mut self, now: Now, pin: Option<Pin>, binding: &ChannelBinding, limits: Limits) {
        self.away = None;
        let Some(session) = self.session_mut() else { return };
        if let Some(pin) = pin {
            session.open_circle(keys_of_open_circle(&pin));
        }
        session.connected(now, binding, limits);
    }

    /// The connection is lost; another is tried then.
    pub(crate) fn lost(&mut self, retry_in: Duration, attempt: u32) {
        self.away = None;
        if let Some(session) = self.session_mut() {
            session.disconnected();
            self.tell_state(ConnectionState::Reconnecting { retry_in, attempt });
        }
    }

    /// The relay has no place for us now, and the connection is others', too: we stay away from it for a while. Gives the
    /// circle to leave, if it is known.
    pub(crate) fn enter_later(&mut self, now: Now) -> Option<CircleId> {
        let retry_in = self.backoff.next();
        self.stay_away(now, retry_in, Wish::Enter);
        self.id()
    }

    /// Whether the others may lose their connection because this circle wants another. If not, it stays away until they may:
    /// whoever is in one circle shall not keep somebody from another.
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

    /// Who stays away does not any more.
    pub(crate) fn try_now(&mut self, now: Now) {
        if let Some(away) = &mut self.away {
            away.until = now.steady;
        }
    }

    /// So many messages a second are its, of those that the relay takes.
    pub(crate) fn share(&mut self, publishes_per_second: u32) {
        if let Some(session) = self.session_mut() {
            session.share(publishes_per_second);
        }
    }

    /// The person is told about the link.
    pub(crate) fn trouble(&self, error: ConnectionError) {
        self.tell(Event::ConnectionError { server: self.server, error });
    }

    /// The relay says something about this circle.
    pub(crate) fn frame(&mut self, now: Now, frame: RelayToClient) {
        if let Some(session) = self.session_mut() {
            session.frame(now, frame);
        }
    }

    /// Tells what happened until something is wanted of the link, and gives that; none: nothing more is.
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
            SessionEvent::Settled { asked, is_done } => return self.settled(&asked, is_done),
            SessionEvent::Over(error) => return self.over(error),
            SessionEvent::Reconnect => return self.wishes.push_back(Wish::BreakOff),
            SessionEvent::EnterLater => return self.wishes.push_back(Wish::EnterLater),
        };
        self.tell(event);
    }

    /// What was asked for is done, or never will be.
    fn settled(&mut self, asked: &PublishId, is_done: bool) {
        match self.asked.remove(asked) {
            Some((request, outcome)) if is_done => self.events.done(Some(request), outcome),
            Some((request, _)) => {
                self.events.refuse(Some(request), Some(self.server), CommandError::TooLargeForServer);
            }
            None => {}
        }
    }

    /// The session is over: what was asked for in it is not done any more.
    fn refuse_asked(&mut self) {
        for (request, _) in std::mem::take(&mut self.asked).into_values() {
            self.events.refuse(Some(request), Some(self.server), CommandError::NotConnected);
        }
    }

    /// It ends and is not tried again. The keys are gone at once, what was said when the person lets it go.
    pub(crate) fn over(&mut self, error: ConnectionError) {
        self.keep_keys();
        self.refuse_asked();
        // What comes behind its end is nobody's any more.
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

    /// Everything of the session is gone. False: there was none.
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

    /// How it stands with the connection, from now on.
    pub(crate) fn tell_state(&mut self, state: ConnectionState) {
        self.state = state.clone();
        self.tell(Event::State { server: self.server, state });
    }
}

#[cfg(test)]
mod tests;
