//! What is on its way between the clients and the circle.

use super::*;

impl World {
    /// Takes what a session wants.
    pub(super) fn collect(&mut self, who: usize) {
        let client = &mut self.clients[who];
        let Effects { frames, events } = client.session.take_effects();
        if client.connection.is_some() {
            client.to_relay.extend(frames);
        }
        for event in events {
            (who, words_of(&event)).hash(&mut self.trace);
            match event {
                SessionEvent::Message(message) => {
                    if matches!(message.delivery, Delivery::Sent | Delivery::Received) {
                        // In its place: behind all others.
                        if let Some(at) = client.told.ids.iter().position(|id| *id == message.id) {
                            client.told.ids.remove(at);
                            client.told.messages.remove(at);
                        }
                        client.told.ids.push(message.id);
                        client.told.messages.push(message.body.to_string());
                    }
                }
                SessionEvent::SystemEvent { event, .. } => {
                    client.told.happenings.push(event);
                }
                SessionEvent::ConnectionError(error) => client.told.problems.push(error),
                SessionEvent::Over(error) => client.told.over = Some(error),
                SessionEvent::Epoch { epoch, has_new_code } => {
                    client.epoch = Some(epoch);
                    if has_new_code {
                        client.code_epoch = Some(epoch);
                    }
                }
                SessionEvent::Reconnect | SessionEvent::EnterLater => client.wants_reconnect = true,
                SessionEvent::Settled { asked, result: Err(error) } => {
                    client.told.refused.push((asked, error));
                }
                SessionEvent::Renewed => client.told.renewals += 1,
                SessionEvent::Circle(_)
                | SessionEvent::CirclePicture(_)
                | SessionEvent::Waiting
                | SessionEvent::Settled { .. }
                | SessionEvent::Connected
                | SessionEvent::Changed(_)
                | SessionEvent::Gone(_)
                | SessionEvent::Discarded(_)
                | SessionEvent::People(_)
                | SessionEvent::Rooms(_)
                | SessionEvent::Typing { .. }
                | SessionEvent::Avatar { .. } => {}
            }
        }
        let leaves = client.wants_reconnect || client.told.over.is_some();
        if leaves && client.connection.is_some() {
            self.cut(who);
        }
    }

    /// One frame of a client reaches the relay; false when there was none.
    pub(super) fn hear(&mut self, who: usize) -> bool {
        let Some(connection) = self.clients[who].connection else { return false };
        let Some(frame) = self.clients[who].to_relay.pop_front() else { return false };
        if self.withheld.is_some_and(|is_withheld| is_withheld(who, &frame)) {
            return true;
        }
        let now = self.instant();
        let subject = match &frame {
            ClientToRelay::Publish(publish) => {
                *self.published.entry(who).or_default() += 1;
                Some(publish.publish_id.0)
            }
            ClientToRelay::Commit(commit) => Some(shepot_relay::signature::commit_id(&commit.blob).0),
            _ => None,
        };
        let fresh = self.fresh_log();
        let request = Some(RequestKind::from(&frame));
        if let Some(refuse) = &mut self.refuse
            && let Some(cause) = refuse(who, &frame)
        {
            let (circle, retry_after) = (None, Duration::from_secs(1));
            let refusal = Refusal { cause, request, circle, subject, retry_after, closing: false };
            self.give(who, RelayToClient::Refused(refusal));
            return true;
        }
        (who, format!("{frame:?}")).hash(&mut self.trace);
        let circle = &mut self.circle;
        let done = match frame {
            ClientToRelay::Enter(enter) => {
                let means = Means::unbounded();
                let newcomer = Newcomer { connection, handle: connection, means, only_returns: false };
                circle.enter(now, newcomer, &enter, &Self::binding(connection))
            }
            ClientToRelay::CreateGroup(created) => circle.create_group(now, connection, &created, fresh),
            ClientToRelay::JoinLease { .. } => circle.join_lease(now, connection),
            ClientToRelay::GroupInfoResponse(answer) => circle.answer(now, connection, answer),
            ClientToRelay::Commit(commit) => circle.commit(now, connection, commit),
            ClientToRelay::Endorse(endorse) => circle.endorse(now, connection, &endorse),
            ClientToRelay::Publish(publish) => circle.publish(now, connection, publish),
            ClientToRelay::Signal(signal) => circle.signal(now, connection, signal),
            ClientToRelay::Leave { .. } => circle.leave(now, connection),
            ClientToRelay::Hello(_) | ClientToRelay::Ping { .. } | ClientToRelay::ShowRecord => Ok(()),
        };
        if let Err(cause) = done {
            if cause == RefusalCause::InvitationOutdated {
                let succession = *self.circle.succession().unwrap();
                let circle = CircleId(succession.circle.0);
                self.give(who, RelayToClient::Superseded { circle, succession });
            }
            let retry_after = Duration::ZERO;
            let refusal = Refusal { cause, request, circle: None, subject, retry_after, closing: false };
            self.give(who, RelayToClient::Refused(refusal));
        }
        self.expel();
        true
    }

    /// Closes the connections that the circle wants closed.
    pub(super) fn expel(&mut self) {
        for (connection, _) in std::mem::take(&mut self.circle.effects().expel) {
            let whose = self.clients.iter().position(|client| client.connection == Some(connection));
            if let Some(who) = whose {
                self.cut(who);
                self.clients[who].wants_reconnect = true;
            }
        }
    }

    /// A client reads one frame; false when there was none.
    pub(super) fn read(&mut self, who: usize) -> bool {
        if self.hanging == Some(who) {
            return false;
        }
        let Some(connection) = self.clients[who].connection else { return false };
        let mut frames = Vec::new();
        self.circle.pull(connection, 1, &mut frames);
        let something = !frames.is_empty();
        for frame in frames {
            let message = RelayToClient::decode(frame.slice(4..)).unwrap();
            assert_eq!(message.circle(), self.clients[who].session.circle(), "{message:?}");
            let given = match &mut self.relabel {
                Some(relabel) => relabel(who, message),
                None => vec![message],
            };
            for message in given {
                self.give(who, message);
            }
        }
        something
    }

    pub(super) fn give(&mut self, who: usize, message: RelayToClient) {
        (who, format!("{message:?}")).hash(&mut self.trace);
        if self.clients[who].connection.is_some() {
            let now = self.time();
            // As the link's task does: a look at what is due after every frame.
            self.clients[who].session.frame(now, message);
            self.clients[who].session.tick(now);
            self.collect(who);
        }
    }

    /// Everything that is on its way arrives, in an order that the dice choose.
    pub(super) fn exchange(&mut self) {
        loop {
            let mut idle = true;
            for _ in 0..self.clients.len() * 4 {
                let who = self.dice.below(self.clients.len());
                idle &= !if self.dice.roll() & 1 == 0 { self.hear(who) } else { self.read(who) };
            }
            let quiet = idle && (0..self.clients.len()).all(|who| !self.hear(who) && !self.read(who));
            if quiet {
                return;
            }
        }
    }
}
