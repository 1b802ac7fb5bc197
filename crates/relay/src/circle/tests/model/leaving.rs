//! Time that passes, and who goes.

use super::*;

impl Model {
    pub(in crate::circle::tests) fn tick(&mut self, now: Instant, fresh: LogId) {
        match &self.stage {
            Stage::Empty => {}
            Stage::Founding { founder, until } if *until <= now => {
                let founder = *founder;
                self.arrivals += 1;
                self.people.get_mut(&founder).unwrap().arrival = self.arrivals;
                self.appoint(now);
            }
            Stage::Reseating { until, claims } if *until <= now => {
                // The most frequent claim, then the highest epoch, then the smallest key.
                let shared = |claim: &Claim| claims.iter().filter(|(_, other)| other == claim).count();
                let mut best: Vec<Claim> = claims.iter().map(|(_, claim)| *claim).collect();
                best.sort_by_key(|claim| (std::cmp::Reverse((shared(claim), claim.epoch)), claim.key));
                match best.first() {
                    Some(winner) => {
                        let sharing = claims.iter().filter(|(_, claim)| claim == winner);
                        let sharing: Vec<_> = sharing.map(|(connection, _)| *connection).collect();
                        let winner = *winner;
                        self.begin(now, winner, &sharing, fresh);
                    }
                    None => self.appoint(now),
                }
            }
            Stage::Founding { .. } | Stage::Reseating { .. } => {}
            Stage::Grouped(group) => {
                if group.abandoned_until.is_some_and(|until| until <= now) {
                    self.appoint(now);
                } else {
                    self.tick_group(now);
                }
            }
        }
    }

    pub(super) fn tick_group(&mut self, now: Instant) {
        let log = self.rules.log;
        self.group().expire(now, &log);
        let waiting = self.group().undecided.as_mut().and_then(|undecided| undecided.waiting);
        if let Some((late, _)) = waiting.filter(|(_, until)| *until <= now) {
            self.note(late, false);
            self.ask_for_endorsement(now);
        }
        if let Some((late, _)) = self.group().question.filter(|(_, until)| *until <= now) {
            self.note(late, false);
            self.group().question = None;
            self.serve(now);
        }
        if let Turn::Given { until, .. } | Turn::Reserved { until, .. } = self.group().turn
            && until <= now
        {
            self.end_turn(now);
        }
    }

    pub(super) fn note(&mut self, connection: ConnectionId, answered: bool) {
        if let Some(person) = self.people.get_mut(&connection) {
            person.unanswered = if answered { 0 } else { person.unanswered + 1 };
        }
    }

    // Going.

    pub(in crate::circle::tests) fn leave(&mut self, now: Instant, connection: ConnectionId) -> Outcome {
        self.depart(now, connection, PresenceChange::Left)
    }

    pub(in crate::circle::tests) fn lost(&mut self, now: Instant, connection: ConnectionId) {
        let _ = self.depart(now, connection, PresenceChange::Lost);
    }

    pub(super) fn depart(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        change: PresenceChange,
    ) -> Outcome {
        let gone = self.people.remove(&connection).ok_or(RefusalCause::NotSeated)?;
        match &mut self.stage {
            Stage::Empty => {}
            Stage::Founding { founder, .. } => {
                if *founder == connection {
                    self.appoint(now);
                }
            }
            Stage::Reseating { claims, .. } => claims.retain(|(claimant, _)| *claimant != connection),
            Stage::Grouped(_) if gone.standing != Standing::Seated => self.joiner_gone(now, connection),
            Stage::Grouped(group) => {
                if change == PresenceChange::Left || !gone.is_unknown {
                    group.absent.retain(|(kept, _)| *kept != gone.seat);
                    let why = if change == PresenceChange::Lost { Absent::Lost } else { Absent::Left };
                    group.absent.push((gone.seat, why));
                    assert!(group.absent.len() <= ABSENT_SEATS, "games are shorter");
                }
                if self.seated().next().is_some() {
                    self.log_presence(now, gone.seat, change);
                    self.gone(now, connection);
                } else {
                    self.last_gone(now, gone.seat, change);
                }
            }
        }
        Ok(())
    }

    pub(super) fn last_gone(&mut self, now: Instant, seat: Seat, change: PresenceChange) {
        self.drop_undecided(now);
        if change == PresenceChange::Left {
            self.appoint(now);
            return;
        }
        self.log_presence(now, seat, change);
        let until = now + self.rules.abandoned_ttl;
        let group = self.group();
        group.question = None;
        group.asked.clear();
        group.abandoned_until = Some(until);
    }

    /// A connection that held a seat is out.
    pub(super) fn gone(&mut self, now: Instant, connection: ConnectionId) {
        self.joiner_gone(now, connection);
        self.asked_gone(now, connection);
        let undecided = self.group().undecided.as_ref();
        if undecided.and_then(|undecided| undecided.waiting).is_some_and(|(to, _)| to == connection) {
            self.ask_for_endorsement(now);
        }
    }

    pub(super) fn asked_gone(&mut self, now: Instant, connection: ConnectionId) {
        if self.group().question.is_some_and(|(to, _)| to == connection) {
            self.group().question = None;
            self.serve(now);
        }
    }

    pub(super) fn joiner_gone(&mut self, now: Instant, connection: ConnectionId) {
        let group = self.group();
        group.queue.retain(|waiting| *waiting != connection);
        if group.turn.holder() != Some(connection) {
            return;
        }
        if matches!(group.turn, Turn::Committing { .. })
            && let Some(undecided) = group.undecided.take()
        {
            self.take_back(&undecided);
        }
        self.end_turn(now);
    }
}
