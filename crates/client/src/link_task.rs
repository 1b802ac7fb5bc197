//! The task of one link: carries between the link and the circles that use it.
//!
//! Owns the list of these circles, and which frame is for which. Must never: look into what is said in a circle, or let
//! one circle cost the others their connection if that can be avoided.

mod acting;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shepot_group::Profile;
use shepot_protocol::message::{RefusalCause, RequestKind};
use shepot_protocol::{AccessKey, CircleId, ClientToRelay, RelayToClient};
use tokio::sync::{mpsc, oneshot};

use crate::circle::{Circle, Wish};
use crate::clock::{Clock, Now};
use crate::command::{Action, RequestId};
use crate::entry::{Entry, Target};
use crate::event::{Event, EventSender};
use crate::link::{Link, LinkEvent, LinkTurn};
use crate::model::{ConnectionError, ConnectionState, ServerId};

/// A command from the engine. Boxed in the queue, which has room for many from the start.
pub(crate) enum LinkCommand {
    /// An action in a circle or for it.
    Do(ServerId, Option<RequestId>, Action),
    SetProfile(Profile),
    /// Adds a circle to the link. The interface knows the address of the entry. If the link has another one, it is told
    /// that.
    AddCircle(ServerId, Box<Entry>),
    /// Leaves a circle and forgets it, then drops the sender.
    RemoveCircle(ServerId, oneshot::Sender<()>),
}

pub(crate) struct LinkTask {
    clock: Arc<dyn Clock>,
    events: EventSender,
    profile: Profile,
    link: Link,
    /// The circles on this link. Interfaces know each as a server of its own.
    /// Boxed: a map has room for eleven, even of one, and most servers of a long list are not connected.
    circles: BTreeMap<ServerId, Box<Circle>>,
    /// The circle whose access key the link shows: at first the one that it was made for.
    first: ServerId,
    /// The access keys of the other circles.
    access_keys: BTreeMap<ServerId, OwnAccessKey>,
    /// Circles that were refused as outdated once already, so that another access key was tried for them.
    outdated: BTreeSet<ServerId>,
    /// Circles that were left while the link goes on, each until the relay has read that. What it says of them before
    /// is ignored.
    marks: BTreeMap<CircleId, u64>,
    /// The circles that asked for the operator's view and have no answer yet.
    record_asked_by: BTreeSet<ServerId>,
}

/// The access key of a circle on a link that shows another circle's key.
struct OwnAccessKey {
    key: Option<AccessKey>,
    /// The key came with another secret of the circle, not with its invitation.
    is_renewed: bool,
}

/// What woke the task.
enum Wake {
    Command(Option<Box<LinkCommand>>),
    Link(LinkTurn),
    Time,
}

impl LinkTask {
    pub(crate) fn new(
        id: ServerId,
        entry: Entry,
        profile: Profile,
        clock: Arc<dyn Clock>,
        events: EventSender,
    ) -> Self {
        let circle = Circle::new(id, entry.circle, profile.clone(), events.clone());
        Self {
            link: Link::new(entry.target, Arc::clone(&clock)),
            circles: BTreeMap::from([(id, Box::new(circle))]),
            first: id,
            access_keys: BTreeMap::new(),
            outdated: BTreeSet::new(),
            marks: BTreeMap::new(),
            record_asked_by: BTreeSet::new(),
            profile,
            clock,
            events,
        }
    }

    /// Runs until the engine drops the queue, then leaves all circles.
    pub(crate) async fn run(mut self, mut commands: mpsc::Receiver<Box<LinkCommand>>) {
        loop {
            match self.wait(&mut commands).await {
                Wake::Command(None) => break,
                // Boxed: a person commands seldom, and all that it may take would be held all the time.
                Wake::Command(Some(command)) => Box::pin(self.command(*command)).await,
                Wake::Link(turn) => self.link.take_turn(turn),
                Wake::Time => {}
            }
            self.settle();
        }
        let all: Vec<ServerId> = self.circles.keys().copied().collect();
        Box::pin(self.leave(&all)).await;
    }

    /// Does what follows from whatever happened, and what has become due.
    fn settle(&mut self) {
        let now = self.clock.now();
        self.link.tick(now.steady);
        self.follow_link(now);
        for circle in self.circles.values_mut() {
            circle.tick(now);
        }
        self.carry_out(now);
        self.share_out(now);
        self.outdated.retain(|server| !self.circles.get(server).is_some_and(|circle| circle.is_connected()));
        let is_connected = self.circles.values().any(|circle| circle.is_connected());
        // One that gets in each time must not hide that another never does.
        if is_connected && !self.circles.values().any(|circle| circle.is_on_its_way()) {
            self.link.succeeded();
        }
    }

    /// Divides the rate that the relay allows one connection among the circles.
    fn share_out(&mut self, now: Now) {
        let Some((_, limits)) = self.link.admission() else { return };
        let sharing = self.circles.values().filter(|circle| circle.has_session()).count();
        if sharing == 1 {
            // Nobody else keeps it from anything any more.
            self.on_each(|circle| circle.try_now(now));
        }
        let share = limits.publishes_per_second / u32::try_from(sharing.max(1)).unwrap_or(u32::MAX);
        self.on_each(|circle| circle.share(share));
    }

    async fn wait(&mut self, commands: &mut mpsc::Receiver<Box<LinkCommand>>) -> Wake {
        let now = self.clock.now();
        let circles = self.circles.values().filter_map(|circle| circle.next_wake(now));
        let wake = circles.chain(self.link.next_wake()).min();
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

    async fn command(&mut self, command: LinkCommand) {
        match command {
            LinkCommand::Do(server, request, action) => self.act(server, request, action).await,
            LinkCommand::SetProfile(profile) => {
                for circle in self.circles.values_mut() {
                    circle.set_profile(profile.clone());
                }
                self.profile = profile;
            }
            LinkCommand::AddCircle(id, entry) => self.add(id, *entry),
            LinkCommand::RemoveCircle(id, _removing) => {
                self.leave(&[id]).await;
                self.circles.remove(&id);
                self.access_keys.remove(&id);
                if self.first == id {
                    self.hand_on();
                }
            }
        }
    }

    fn add(&mut self, id: ServerId, Entry { target, circle, .. }: Entry) {
        let circle = Circle::new(id, circle, self.profile.clone(), self.events.clone());
        self.circles.insert(id, Box::new(circle));
        self.access_keys.insert(id, OwnAccessKey { key: target.access_key, is_renewed: false });
        if *self.link.address() != target.address {
            self.tell_address(id);
        }
    }

    /// Makes the next circle the one that the link belongs to, with its access key.
    fn hand_on(&mut self) {
        let Some(next) = self.circles.keys().next() else { return };
        self.first = *next;
        if let Some(own) = self.access_keys.remove(next)
            && (own.is_renewed || !self.link.renews_access_key())
        {
            self.link.belongs_to(own.key);
        }
    }

    /// The address, the identity and the access key for an invitation to this circle.
    fn target(&self, server: ServerId) -> Target {
        let target = self.link.target();
        match self.access_keys.get(&server) {
            // A relay that is its owner's own is opened by the newest key alone.
            Some(own) if own.is_renewed || !self.link.renews_access_key() => {
                Target { access_key: own.key.clone(), ..target }
            }
            Some(_) | None => target,
        }
    }

    /// Does what the circles ask of the link, and what follows from that on the link, until nothing is left.
    fn carry_out(&mut self, now: Now) {
        loop {
            let mut is_more = false;
            while let Some((server, wish)) = self.next_wish() {
                self.grant(now, server, wish);
                is_more = true;
            }
            if !is_more {
                return;
            }
            self.follow_link(now);
        }
    }

    fn next_wish(&mut self) -> Option<(ServerId, Wish)> {
        self.circles.iter_mut().find_map(|(server, circle)| Some((*server, circle.next_wish()?)))
    }

    fn grant(&mut self, now: Now, server: ServerId, wish: Wish) {
        match wish {
            Wish::Send(frames) => self.link.send(now.steady, &frames),
            Wish::RenewAccessKey(key) => self.renew_access_key(server, key),
            Wish::TellRenewed => {
                let relay = self.target(server);
                self.on_circle(server, |circle| circle.tell_renewed(relay));
            }
            Wish::BreakOff if self.is_wanted_besides(server) => {
                let stands = self.link.admission().is_some();
                let circle = self.circles.get_mut(&server).filter(|_| stands);
                if circle.is_some_and(|circle| circle.may_break_off(now)) {
                    self.link.break_off();
                }
            }
            Wish::BreakOff => self.link.break_off(),
            Wish::EnterLater if self.is_wanted_besides(server) => {
                let circle = self.circles.get_mut(&server);
                let left = circle.and_then(|circle| circle.enter_later(now));
                self.say_farewell(now, left);
            }
            Wish::EnterLater => self.link.break_off(),
            Wish::Enter => self.join_link(now, server),
            Wish::Close(left) if self.is_wanted_besides(server) => self.say_farewell(now, left),
            Wish::Close(_) => self.link.close(),
        }
    }

    /// Tells the relay which circles are left while the link goes on.
    fn say_farewell(&mut self, now: Now, left: impl IntoIterator<Item = CircleId>) {
        for circle in left {
            if self.link.admission().is_none() {
                return;
            }
            self.link.send(now.steady, &[ClientToRelay::Leave { circle }]);
            self.marks.insert(circle, self.link.mark(now.steady));
        }
    }

    fn renew_access_key(&mut self, server: ServerId, key: AccessKey) {
        if server == self.first {
            self.access_keys.remove(&server);
            self.link.renew_access_key(key);
        } else if self.link.renews_access_key() {
            // Whether it opens the relay shows when the circle comes by a link of its own.
            self.access_keys.insert(server, OwnAccessKey { key: Some(key), is_renewed: true });
        }
    }

    fn on_circle(&mut self, server: ServerId, does: impl FnOnce(&mut Circle)) {
        if let Some(circle) = self.circles.get_mut(&server) {
            does(circle);
        }
    }

    /// Whether circles other than this one use the link.
    fn is_wanted_besides(&self, server: ServerId) -> bool {
        self.circles.iter().any(|(other, circle)| *other != server && circle.has_session())
    }

    /// Tells a circle that begins to use the link what the others were told before.
    fn join_link(&mut self, now: Now, server: ServerId) {
        let Some(circle) = self.circles.get_mut(&server) else { return };
        circle.joins_link();
        if let Some((binding, limits)) = self.link.admission() {
            circle.admitted(now, self.link.pin(), binding, limits);
        }
    }

    /// Does what follows from the events of the link.
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
        match event {
            LinkEvent::Opening { attempt } => self.on_each(|circle| circle.dialling(attempt)),
            LinkEvent::Admitted { binding, limits } => {
                // What was asked of the connection before is not answered by this one.
                self.record_asked_by.clear();
                self.marks.clear();
                let pin = self.link.pin();
                self.on_each(|circle| circle.admitted(now, pin, &binding, limits));
            }
            LinkEvent::Frame(frame) => self.frame(now, frame),
            LinkEvent::Marked(mark) => self.marks.retain(|_, awaited| *awaited != mark),
            LinkEvent::Record(record) => {
                for server in std::mem::take(&mut self.record_asked_by) {
                    self.events.send(Event::Record { server, record: record.clone() });
                }
            }
            LinkEvent::Trouble(error) => self.on_each(|circle| circle.trouble(error.clone())),
            LinkEvent::Broke { retry_in, attempt } => {
                self.on_each(|circle| circle.lost(retry_in, attempt));
            }
            LinkEvent::Failed(error) => {
                self.on_each(|circle| circle.over(error.clone()));
            }
        }
    }

    /// Does something to each circle that has a session.
    fn on_each(&mut self, does: impl Fn(&mut Circle)) {
        self.circles.values_mut().filter(|circle| circle.has_session()).for_each(|circle| does(circle));
    }

    /// Passes a frame to the circle that it is about. Frames about other circles are ignored.
    fn frame(&mut self, now: Now, frame: RelayToClient) {
        let Some(id) = frame.circle() else { return };
        if let RelayToClient::Refused(refusal) = &frame
            && (refusal.request, refusal.cause) == (Some(RequestKind::Leave), RefusalCause::TooFast)
        {
            // Otherwise the seat stays.
            return self.link.break_off();
        }
        if self.marks.contains_key(&id) {
            return;
        }
        let is_its = |circle: &Circle| circle.id() == Some(id) && !circle.is_away();
        let found = self.circles.iter().find_map(|(server, circle)| is_its(circle).then_some(*server));
        let Some(server) = found else { return };
        if let RelayToClient::Refused(refusal) = &frame
            && refusal.cause == RefusalCause::InvitationOutdated
            && self.refused_as_outdated(server)
        {
            return;
        }
        self.on_circle(server, |circle| circle.frame(now, frame));
    }

    /// The relay says that a circle's invitation is outdated. Another access key may help: the one that we showed may
    /// have been replaced, or the relay has not been told the newest yet. False: the circle has to deal with it.
    fn refused_as_outdated(&mut self, server: ServerId) -> bool {
        // Once for each that would cost others their connection.
        let is_first_time = !self.is_wanted_besides(server) || self.outdated.insert(server);
        if is_first_time && self.link.tries_another_key() {
            return true;
        }
        let Some(circle) = self.circles.get_mut(&server).filter(|_| server == self.first) else {
            return false;
        };
        // Without such keys, the session looks for a later generation. A circle that is connected has a seat, so the
        // refusal is about something else.
        let is_over = self.link.renews_access_key() && !circle.is_connected();
        if is_over {
            circle.over(ConnectionError::InvitationOutdated);
        }
        is_over
    }

    /// Leaves circles and wipes their sessions. If no other circle uses the link, it is closed.
    async fn leave(&mut self, leaving: &[ServerId]) {
        let (mut left, mut ids) = (Vec::new(), Vec::new());
        for server in leaving {
            self.record_asked_by.remove(server);
            self.outdated.remove(server);
            let Some(circle) = self.circles.get_mut(server) else { continue };
            let id = circle.id();
            if circle.leave() {
                left.push(*server);
                ids.extend(id);
            }
        }
        let now = self.clock.now();
        self.carry_out(now);
        if left.is_empty() {
            return;
        }
        if self.circles.values().any(|circle| circle.has_session()) {
            self.say_farewell(now, ids);
        } else {
            let farewell: Vec<_> = ids.into_iter().map(|circle| ClientToRelay::Leave { circle }).collect();
            self.link.take_leave(&farewell).await;
        }
        for server in left {
            self.on_circle(server, |circle| circle.tell_state(ConnectionState::Disconnected));
        }
    }
}

#[cfg(test)]
mod tests;
