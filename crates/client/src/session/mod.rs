//! The membership of one circle: a state machine without I/O. Frames, ticks and commands in; frames and events out.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | the state, connections that come and go |
//! | `event.rs` | what the session wants to be done and told |
//! | `entering.rs` | standings: founding, joining, returning |
//! | `log.rs` | the entries of the log: what was said |
//! | `composition.rs` | commits and presence: who is in the circle |
//! | `housekeeping.rs` | what a member does for the others: answers, endorsements, acknowledgements, removals |
//! | `speech.rs` | what the person says |
//! | `membership.rs` | the state that these work on |
//!
//! Must never: read a clock, touch a socket, or believe the relay about anything but order.

mod changing;
mod composition;
mod entering;
mod event;
mod housekeeping;
mod leafless_seats;
mod log;
mod membership;
pub(crate) mod remains;
mod speech;

pub(crate) use event::{Effects, SessionEvent};
pub use speech::check_nick;
pub(crate) use speech::checked_profile;

#[cfg(test)]
#[allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one message and passes over the others")]
pub(crate) mod tests;

use std::time::Duration;

use shepot_group::{
    CircleKeys, Entropy, Group, GroupError, Identity, Joining, MemberKey, OwnerId, OwnerKey, Profile,
    ResyncState, Succession,
};
use shepot_protocol::message::{Enter, Limits, Refusal, RefusalCause, RequestKind, Resume};
use shepot_protocol::transcript::{self, ChannelBinding};
use shepot_protocol::{
    CircleId, CircleName, ClientToRelay, PublishId, RelayToClient, Seat, SeatSecret, Signature,
    VerificationKey,
};
use shepot_sanitise::Sanitised;

use crate::avatar_rates::AvatarRates;
use crate::budget::Budget;
pub(crate) use crate::clock::Now;
use crate::content::{CircleProfile, Owned};
use crate::directory::Directory;
use crate::limits::{
    HOUSEKEEPING_INTERVAL, KNOCKS_SHOWN_EVERY, LONGEST_RETRY, NICK_CHARACTERS, SHORTEST_WAIT,
};
use crate::model::{
    ConnectionError, ConversationId, Fingerprint, Person, PersonKey, Room, SystemEvent, TimelineItem,
};
use crate::outbox::Outbox;
use crate::succession;
use crate::timeline::Timeline;
use membership::Membership;

/// What a session begins with.
pub(crate) struct SessionConfig {
    /// The circle's keys. `None` until the open relay's identity is known.
    pub(crate) keys: Option<CircleKeys>,
    /// The succession of their generation. `None` in generation 0.
    pub(crate) succession: Option<Succession>,
    pub(crate) owner: Option<OwnerId>,
    pub(crate) owner_key: Option<OwnerKey>,
}

/// The membership of one circle, which outlives lost connections.
pub(crate) struct Session {
    config: SessionConfig,
    profile: Profile,
    entropy: Entropy,
    identity: Identity,
    seat: u64,
    seat_secret: SeatSecret,
    phase: Phase,
    member: Option<Membership>,
    resync_state: Option<ResyncState>,
    /// We were in the circle before, so the person is told that we are back.
    rejoining: bool,
    join_attempts: u32,
    /// How often members rejected our commit since we were last in the circle.
    rejections: u32,
    join_again_at: Option<Duration>,
    limits: Option<Limits>,
    timeline: Timeline,
    directory: Directory,
    outbox: Outbox,
    budget: Budget,
    resume_sending_at: Option<Duration>,
    next_housekeeping: Duration,
    last_typing: Option<(ConversationId, Duration)>,
    avatars: AvatarRates,
    /// Knocks that people were not told about yet.
    knocks_untold: u32,
    next_knocks: Duration,
    /// The members that the owner wants to remove. Kept over a resync.
    evictions: Vec<MemberKey>,
    /// The owner wants another secret, even if nobody is removed. Kept over a resync.
    wants_new_secret: bool,
    effects: Effects,
}

/// The phase of a connection.
enum Phase {
    Offline,
    /// `Enter` was sent, or the relay told us to wait.
    Entering,
    /// `CreateGroup` was sent.
    Founding(Box<Group>),
    /// `JoinLease` was sent, or will be sent again.
    Queued,
    /// A newcomer's commit was sent.
    Joining(Box<Joining>),
    /// The connection holds a member's seat.
    Seated,
}

impl Session {
    pub(crate) fn new(config: SessionConfig, profile: Profile, entropy: Entropy) -> Result<Self, GroupError> {
        let seat_secret = SeatSecret(entropy.bytes()?);
        Ok(Self {
            config,
            profile,
            identity: Identity::generate(&entropy)?,
            seat: entering::seat_of(seat_secret),
            seat_secret,
            entropy,
            phase: Phase::Offline,
            member: None,
            resync_state: None,
            rejoining: false,
            join_attempts: 0,
            rejections: 0,
            join_again_at: None,
            limits: None,
            timeline: Timeline::default(),
            directory: Directory::default(),
            outbox: Outbox::default(),
            budget: Budget::default(),
            resume_sending_at: None,
            next_housekeeping: Duration::ZERO,
            last_typing: None,
            avatars: AvatarRates::default(),
            knocks_untold: 0,
            next_knocks: Duration::ZERO,
            evictions: Vec::new(),
            wants_new_secret: false,
            effects: Effects::default(),
        })
    }

    /// Everything to be done and told since the last call.
    pub(crate) fn take_effects(&mut self) -> Effects {
        std::mem::take(&mut self.effects)
    }

    /// The relay admitted us. `binding`: what a seat proof on this connection is made over.
    pub(crate) fn connected(&mut self, now: Now, binding: &ChannelBinding, limits: Limits) {
        self.budget = Budget::new(limits.publishes_per_second, now.steady);
        self.limits = Some(limits);
        self.enter(binding);
    }

    /// Sets how many messages per second it may send, since others share the connection.
    pub(crate) fn share(&mut self, publishes_per_second: u32) {
        self.budget.set_rate(publishes_per_second);
    }

    /// Sets the keys of an open relay's circle, which come from the relay's identity.
    pub(crate) fn open_circle(&mut self, keys: CircleKeys) {
        self.config.keys.get_or_insert(keys);
    }

    pub(crate) fn disconnected(&mut self) {
        if let Phase::Joining(joining) = std::mem::replace(&mut self.phase, Phase::Offline) {
            self.resync_state = Some(joining.abandon());
        }
        self.limits = None;
        self.join_again_at = None;
        self.outbox.none_in_flight();
        if let Some(member) = &mut self.member {
            // Our own commit may be in the log: whether it is shows after the return.
            member.renew_keys_at = None;
        }
    }

    /// Whether it has a member's state now.
    pub(crate) fn was_member(&self) -> bool {
        self.member.is_some()
    }

    /// What was said. Everything else is wiped.
    pub(crate) fn into_timeline(self) -> Timeline {
        self.timeline
    }

    pub(crate) fn is_seated(&self) -> bool {
        matches!(self.phase, Phase::Seated)
    }

    /// Takes a frame about this circle from a relay that has admitted us.
    pub(crate) fn frame(&mut self, now: Now, frame: RelayToClient) {
        match frame {
            RelayToClient::Entered(entered) => self.entered(now, &entered),
            RelayToClient::Leased(leased) => self.leased(now, &leased),
            RelayToClient::Final(last) => self.own_commit_is_final(now, &last),
            RelayToClient::Conflict(conflict) => self.conflict(now, &conflict),
            RelayToClient::GroupInfoRequest(asked) => self.asked(&asked),
            RelayToClient::Tentative(tentative) => self.tentative(&tentative),
            RelayToClient::Published(published) => self.published(now, &published),
            RelayToClient::Delivery(delivery) => self.delivery(now, delivery),
            RelayToClient::Gap(gap) => self.gap(now, &gap),
            RelayToClient::Signal(signal) => self.signal(now, &signal),
            RelayToClient::Refused(refusal) => self.refused(now, &refusal),
            RelayToClient::Superseded { succession, .. } => self.superseded(now, &succession),
            RelayToClient::Knocks { times, .. } => self.knocks(now, times),
            // They are about the link.
            RelayToClient::Welcome(_)
            | RelayToClient::Notice(_)
            | RelayToClient::Record(_)
            | RelayToClient::Pong { .. } => {}
        }
        self.check_caught_up(now);
    }

    /// Does what is due. Called at [`Session::next_wake`] and whenever something happened.
    pub(crate) fn tick(&mut self, now: Now) {
        self.expire(now);
        self.try_join_again(now);
        self.knocks(now, 0);
        if self.is_seated() {
            if now.steady >= self.next_housekeeping {
                self.next_housekeeping = now.steady + HOUSEKEEPING_INTERVAL;
                self.do_housekeeping(now);
            }
            self.flush(now);
        }
    }

    /// After how long [`Session::tick`] has to be called at the latest.
    pub(crate) fn next_wake(&self, now: Now) -> Duration {
        let look = match self.phase {
            Phase::Offline => Duration::from_secs(3600),
            Phase::Entering | Phase::Founding(_) | Phase::Queued | Phase::Joining(_) | Phase::Seated => {
                HOUSEKEEPING_INTERVAL
            }
        };
        let expiry = self.timeline.next_expiry().map(|at| at.saturating_sub(now.steady));
        let look = look.min(expiry.unwrap_or(look)).max(SHORTEST_WAIT);
        if self.is_seated() && self.outbox.is_waiting() { SHORTEST_WAIT } else { look }
    }

    fn expire(&mut self, now: Now) {
        let gone = self.timeline.expire(now.steady);
        if !gone.is_empty() {
            self.tell(SessionEvent::Gone(gone));
            self.drop_held_unseen();
        }
    }

    fn refused(&mut self, now: Now, refusal: &Refusal) {
        let error = match refusal.cause {
            RefusalCause::CirclesFull | RefusalCause::CircleFull => ConnectionError::CircleFull,
            RefusalCause::InvitationOutdated => ConnectionError::InvitationOutdated,
            cause @ (RefusalCause::TooFast | RefusalCause::MemoryFull) => {
                if self.awaits() == refusal.request && matches!(self.phase, Phase::Queued) {
                    // Nobody else would wake us.
                    self.join_again_at = Some(now.steady + refusal.retry_after.min(LONGEST_RETRY));
                }
                if let Some(subject) = refusal.subject {
                    self.outbox.again(&PublishId(subject));
                    self.resume_sending_at = Some(now.steady + refusal.retry_after.min(LONGEST_RETRY));
                }
                if cause == RefusalCause::TooFast {
                    ConnectionError::TooFast
                } else {
                    ConnectionError::ServerFull
                }
            }
            RefusalCause::Unexpected
                if self.awaits() == refusal.request && matches!(self.phase, Phase::Entering) =>
            {
                // We have left our seat, by another connection: come back to another.
                return self.take_another_seat();
            }
            RefusalCause::NotSeated | RefusalCause::Unexpected => {
                // We and the relay see our standing differently: begin anew.
                return self.tell(SessionEvent::Reconnect);
            }
            RefusalCause::TooLarge => {
                if let Some(subject) = refusal.subject {
                    self.give_up(&PublishId(subject));
                }
                ConnectionError::ServerMisbehaves
            }
            // What follows is about connections, and no circle's.
            RefusalCause::ClientTooOld
            | RefusalCause::ClientTooNew
            | RefusalCause::RelayFull
            | RefusalCause::AddressFull
            | RefusalCause::Banned
            | RefusalCause::InvitationExpired
            | RefusalCause::InvitationUsedUp
            | RefusalCause::InvitationRevoked
            | RefusalCause::Malformed
            | RefusalCause::TooSlow => ConnectionError::ServerMisbehaves,
        };
        if self.refused_commit(now, refusal) {
            return;
        }
        // What is waited for does not come: it is asked for again from the beginning, later each time.
        let awaits = self.awaits();
        let waits_in_vain = awaits.is_some() && awaits == refusal.request && self.join_again_at.is_none();
        if error == ConnectionError::InvitationOutdated && !self.was_member() && !self.rejoining {
            return self.tell(SessionEvent::Over(error));
        }
        let is_no_place = matches!(error, ConnectionError::CircleFull | ConnectionError::InvitationOutdated);
        if waits_in_vain || is_no_place && !self.is_seated() {
            self.tell(SessionEvent::ConnectionError(error));
            return self.tell(SessionEvent::EnterLater);
        }
        self.tell(SessionEvent::ConnectionError(error));
        if refusal.closing {
            self.tell(SessionEvent::Reconnect);
        }
    }

    /// The request whose answer ends the present phase. `None`: no answer does.
    const fn awaits(&self) -> Option<RequestKind> {
        match self.phase {
            Phase::Offline | Phase::Seated => None,
            Phase::Entering => Some(RequestKind::Enter),
            Phase::Founding(_) => Some(RequestKind::CreateGroup),
            Phase::Queued => Some(RequestKind::JoinLease),
            Phase::Joining(_) => Some(RequestKind::Commit),
        }
    }

    fn enter(&mut self, binding: &ChannelBinding) {
        let Some(keys) = &self.config.keys else { return };
        let name = CircleName(*keys.name());
        let seat = Seat(self.seat);
        let resume = self.member.as_ref().map(|member| {
            let epoch = member.group.epoch();
            Resume {
                log_id: member.log_id,
                cursor: member.log.position() + 1,
                epoch,
                verification_key: VerificationKey(member.group.verification_key()),
                proof: Signature(member.group.sign(&transcript::seat(binding, &name, seat, epoch))),
            }
        });
        self.phase = Phase::Entering;
        let succession = self.config.succession.as_ref().map(succession::for_others);
        self.send(ClientToRelay::Enter(Enter {
            name,
            seat,
            seat_secret: self.seat_secret,
            resume,
            succession,
            owner: self.config.owner.map(shepot_protocol::OwnerId),
        }));
    }

    /// The relay shows a later generation of our circle. If the owner began it, ours is over, and whoever is in it with
    /// us may be the one who was removed.
    fn superseded(&mut self, now: Now, later: &shepot_protocol::Succession) {
        let (Some(keys), Some(owner)) = (&self.config.keys, &self.config.owner) else { return };
        let later = succession::of_invitation(later);
        if later.circle != *keys.circle() || later.generation <= keys.generation() || !later.is_by(owner) {
            return;
        }
        let is_our_own = |member: &Membership| member.group.pending_succession() == Some(&later);
        if self.member.as_ref().is_some_and(is_our_own) {
            return self.own_removal_was_final(now);
        }
        self.tell(SessionEvent::Over(ConnectionError::InvitationOutdated));
    }

    /// Tells about knocks, at most once in [`KNOCKS_SHOWN_EVERY`]: the relay may invent them, and a newcomer could
    /// flood the room.
    fn knocks(&mut self, now: Now, times: u32) {
        self.knocks_untold = self.knocks_untold.saturating_add(times);
        if self.knocks_untold > 0 && self.is_seated() && self.next_knocks <= now.steady {
            self.next_knocks = now.steady + KNOCKS_SHOWN_EVERY;
            let times = std::mem::take(&mut self.knocks_untold);
            self.happened(now, SystemEvent::Knocks { times });
        }
    }

    /// The circle's id in frames. `None` until the open relay's identity is known.
    pub(crate) fn circle(&self) -> Option<CircleId> {
        self.config.keys.as_ref().map(|keys| CircleId(*keys.circle()))
    }

    fn send(&mut self, frame: ClientToRelay) {
        self.effects.frames.push(frame);
    }

    fn tell(&mut self, event: SessionEvent) {
        self.effects.events.push(event);
    }

    fn happened(&mut self, now: Now, event: SystemEvent) {
        self.timeline.note(now.unix, event.clone());
        self.tell(SessionEvent::SystemEvent { at: now.unix, event });
    }

    fn keys_changed(&mut self, has_new_code: bool) {
        if let Some(member) = &self.member {
            let epoch = member.group.epoch();
            self.tell(SessionEvent::Epoch { epoch, has_new_code });
        }
    }

    fn people_changed(&mut self) {
        let people = self.people();
        self.tell(SessionEvent::People(people));
    }

    /// The members of the circle, in the order of their leaves.
    pub(crate) fn people(&self) -> Vec<Person> {
        let Some(member) = &self.member else { return Vec::new() };
        member
            .group
            .members()
            .iter()
            .map(|someone| Person {
                key: PersonKey(someone.key.0),
                fingerprint: Fingerprint(someone.key.fingerprint()),
                nick: shown_nick(someone.profile.nick(), &someone.key),
                mood: someone.profile.mood(),
                is_self: someone.key == member.group.own_key(),
                is_present: someone.key == member.group.own_key() || member.present.contains(&someone.seat),
                is_silent: member.silent.contains(&someone.key),
            })
            .collect()
    }

    pub(crate) fn rooms(&self) -> Vec<Room> {
        self.directory.rooms(PersonKey(self.identity.key().0), self.owner_key().is_some())
    }

    /// The owner's key, if we are the owner of the group.
    fn owner_key(&self) -> Option<&OwnerKey> {
        let key = self.config.owner_key.as_ref()?;
        let owner = self.member.as_ref().and_then(|member| member.group.owner());
        (owner == Some(key.id())).then_some(key)
    }

    /// The circle and its owner, as statements are verified against.
    fn owned(&self) -> Owned {
        let circle = self.circle().map(|circle| circle.0).unwrap_or_default();
        Owned { circle, owner: self.member.as_ref().and_then(|member| member.group.owner()) }
    }

    /// Tells the name and the picture of the circle, if the owner gave them.
    pub(crate) fn tell_circle(&mut self) {
        let Some(circle) = self.directory.profile().map(CircleProfile::shown) else { return };
        let image = self.directory.picture().to_vec();
        self.tell(SessionEvent::Circle(circle));
        self.tell(SessionEvent::CirclePicture(image));
    }

    pub(crate) fn items(&self) -> Vec<TimelineItem> {
        self.timeline.snapshot()
    }

    fn nick_of(&self, key: &MemberKey) -> (Sanitised, Option<u8>) {
        let someone = self.member.as_ref().and_then(|member| member.group.member(key));
        someone.map_or_else(
            || (shown_nick("", key), None),
            |someone| (shown_nick(someone.profile.nick(), key), someone.profile.mood()),
        )
    }
}

/// A nick after cleaning, or the fingerprint of the key if nothing presentable is left.
fn shown_nick(nick: &str, key: &MemberKey) -> Sanitised {
    let fingerprint = || Sanitised::of(&Fingerprint(key.fingerprint()).to_string());
    shepot_sanitise::nick(nick, &NICK_CHARACTERS).unwrap_or_else(fingerprint)
}
