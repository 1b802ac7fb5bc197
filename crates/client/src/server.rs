//! One server's task: carries between its link and the circle that it is for, and answers what is asked of the link.

use std::sync::Arc;

use shepot_group::Profile;
use shepot_protocol::RelayToClient;
use shepot_protocol::message::RefusalCause;
use tokio::sync::mpsc;

use crate::circle::{Answer, Circle, Wish};
use crate::clock::{Clock, Now};
use crate::command::{Action, RequestId};
use crate::entry::{Entry, parse_address};
use crate::event::{Event, EventSender};
use crate::link::{Link, LinkEvent, LinkTurn};
use crate::model::{CommandError, ConnectionError, ConnectionState, ServerId};

/// From the engine.
pub(crate) enum ServerCommand {
    Do(Option<RequestId>, Action),
    SetProfile(Profile),
}

pub(crate) struct Server {
    id: ServerId,
    clock: Arc<dyn Clock>,
    events: EventSender,
    link: Link,
    circle: Circle,
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
        let circle = Circle::new(id, entry.circle, profile, events.clone());
        Self { id, link: Link::new(entry.target, Arc::clone(&clock)), circle, clock, events }
    }

    /// Runs until the engine drops the queue.
    pub(crate) async fn run(mut self, mut commands: mpsc::Receiver<ServerCommand>) {
        loop {
            match self.wait(&mut commands).await {
                Wake::Command(None) => break,
                Wake::Command(Some(ServerCommand::Do(request, action))) => self.act(request, action).await,
                Wake::Command(Some(ServerCommand::SetProfile(profile))) => self.circle.set_profile(profile),
                Wake::Link(turn) => self.link.take_turn(turn),
                Wake::Time => {}
            }
            let now = self.clock.now();
            self.link.tick(now.steady);
            self.follow_link(now);
            self.circle.tick(now);
            self.carry_out(now);
        }
        self.disconnect().await;
    }

    async fn wait(&mut self, commands: &mut mpsc::Receiver<ServerCommand>) -> Wake {
        let now = self.clock.now();
        let wake = [self.circle.next_wake(now), self.link.next_wake()].into_iter().flatten().min();
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

    /// Does for the circle what it wants of the link, and what the link has to say about it, until there is nothing more.
    fn carry_out(&mut self, now: Now) {
        loop {
            let mut is_more = false;
            while let Some(wish) = self.circle.next_wish() {
                self.grant(now, wish);
                is_more = true;
            }
            if !is_more {
                return;
            }
            self.follow_link(now);
        }
    }

    fn grant(&mut self, now: Now, wish: Wish) {
        match wish {
            Wish::Send(frames) => self.link.send(now.steady, &frames),
            Wish::CountAnew => self.link.succeeded(),
            Wish::RenewAccessKey(key) => self.link.renew_access_key(key),
            Wish::TellRenewed => self.circle.tell_renewed(self.link.target()),
            Wish::BreakOff => self.link.break_off(),
            Wish::Close => self.link.close(),
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
            LinkEvent::Opening { attempt } => self.circle.dialling(attempt),
            LinkEvent::Admitted { binding, limits } => {
                self.circle.admitted(now, self.link.pin(), &binding, limits);
            }
            LinkEvent::Frame(frame) => self.frame(now, frame),
            LinkEvent::Record(record) => self.events.send(Event::Record { server, record }),
            LinkEvent::Trouble(error) => self.events.send(Event::ConnectionError { server, error }),
            LinkEvent::Broke { retry_in, attempt } => self.circle.lost(retry_in, attempt),
            LinkEvent::Failed(error) => self.circle.over(error),
        }
    }

    /// A frame goes to the circle that it is about. Of others nothing was asked: what a relay says of them is nobody's.
    fn frame(&mut self, now: Now, frame: RelayToClient) {
        if frame.circle() != self.circle.id() {
            return;
        }
        if let RelayToClient::Refused(refusal) = &frame
            && refusal.cause == RefusalCause::InvitationOutdated
            && self.refused_as_outdated()
        {
            return;
        }
        self.circle.frame(now, frame);
    }

    /// The relay says that our invitation is outdated; by another key it may not be: this one was replaced, perhaps, and the
    /// relay has not been told the newest yet. False: the circle is to deal with it.
    fn refused_as_outdated(&mut self) -> bool {
        if self.link.tries_another_key() {
            return true;
        }
        // Where there are no such keys, the session looks for a later generation. Who is in has a seat: it is about
        // something else.
        let is_over = self.link.renews_access_key() && !self.circle.is_connected();
        if is_over {
            self.circle.over(ConnectionError::InvitationOutdated);
        }
        is_over
    }

    async fn act(&mut self, request: Option<RequestId>, action: Action) {
        let now = self.clock.now();
        let answer = match action {
            Action::Connect => {
                self.connect(now);
                Ok(Answer::NOTHING)
            }
            Action::Disconnect => {
                self.disconnect().await;
                Ok(Answer::NOTHING)
            }
            Action::SetAddress { address } => self.set_address(now, &address).map(|()| Answer::NOTHING),
            Action::ShowRecord if self.circle.has_session() && self.link.ask_for_record(now.steady) => {
                Ok(Answer::NOTHING)
            }
            Action::ShowRecord => Err(CommandError::NotConnected),
            Action::Invite { owner } => {
                self.circle.invite(self.link.target(), owner).map(|()| Answer::NOTHING)
            }
            action @ (Action::Send { .. }
            | Action::Edit { .. }
            | Action::Delete { .. }
            | Action::React { .. }
            | Action::Typing { .. }
            | Action::MakeRoom { .. }
            | Action::RenameRoom { .. }
            | Action::SetTimer { .. }
            | Action::SetAvatar { .. }
            | Action::Evict { .. }
            | Action::Release { .. }
            | Action::Discard { .. }
            | Action::SafetyCode
            | Action::PairCode { .. }
            | Action::ShowMemory
            | Action::Clear
            | Action::Snapshot) => self.circle.act(now, action),
        };
        self.circle.answer(request, answer);
    }

    fn connect(&mut self, now: Now) {
        if self.circle.has_session() {
            self.link.try_now();
        } else if self.circle.begin(now) {
            self.link.begin();
        }
        self.follow_link(now);
    }

    /// A session that goes on is taken up again at the new address.
    fn set_address(&mut self, now: Now, typed: &str) -> Result<(), CommandError> {
        let address =
            parse_address(typed).map_err(|_| CommandError::Address { typed: typed.trim().to_owned() })?;
        if self.link.set_address(address) {
            let address = self.link.address().to_string();
            self.events.send(Event::Address { server: self.id, address });
            self.follow_link(now);
        }
        Ok(())
    }

    /// Leaves; everything of the session is gone.
    async fn disconnect(&mut self) {
        let farewell = self.circle.leave();
        self.carry_out(self.clock.now());
        if let Some(frames) = farewell {
            self.link.take_leave(&frames).await;
            self.circle.tell_state(ConnectionState::Disconnected);
        }
    }
}

#[cfg(test)]
mod tests;
