//! Who comes in, and what the group begins with.

use super::*;

impl Model {
    pub(super) fn admit(&mut self, connection: ConnectionId, enter: &Enter, standing: Standing) {
        self.arrivals += 1;
        let person = Person {
            seat: enter.seat,
            standing,
            arrival: self.arrivals,
            generation: self.generation,
            is_unknown: false,
            cursor: 0,
            signal_cursor: 0,
            unanswered: 0,
            said: VecDeque::new(),
        };
        self.people.insert(connection, person);
    }

    pub(super) fn proof_holds(enter: &Enter, resume: &Resume) -> bool {
        let signed = transcript::seat(&BINDING, &NAME, enter.seat, resume.epoch);
        ed25519(&resume.verification_key, &signed, &resume.proof)
    }

    pub(in crate::circle::tests) fn enter(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        enter: &Enter,
    ) -> Outcome {
        if self.people.contains_key(&connection) {
            return Err(RefusalCause::Unexpected);
        }
        if self.has_group() {
            return self.enter_group(now, connection, enter);
        }
        if self.is_outdated(enter) {
            return Err(RefusalCause::InvitationOutdated);
        }
        if self.people.len() >= self.rules.members + self.rules.newcomers {
            return Err(RefusalCause::CircleFull);
        }
        self.admit(connection, enter, Standing::Wait);
        let resume = enter.resume.as_ref();
        let resume = resume.filter(|resume| resume.epoch <= MOST_EPOCHS && Self::proof_holds(enter, resume));
        let Some(resume) = resume else {
            if matches!(self.stage, Stage::Empty) {
                self.appoint(now);
            } else {
                self.stand(connection, Standing::Wait);
            }
            return Ok(());
        };
        let claim = Claim { epoch: resume.epoch, key: resume.verification_key };
        if let Some(founder) = self.founder() {
            self.stand(founder, Standing::Wait);
        }
        if let Stage::Reseating { claims, .. } = &mut self.stage {
            claims.push((connection, claim));
        } else {
            let until = now + self.rules.reseat_window;
            self.stage = Stage::Reseating { until, claims: vec![(connection, claim)] };
        }
        self.stand(connection, Standing::Wait);
        Ok(())
    }

    /// Somebody comes by an invitation of before a removal.
    pub(super) fn is_outdated(&self, enter: &Enter) -> bool {
        enter.succession.map_or(0, |shown| shown.generation) < self.generation
    }

    /// As many hold a seat as may.
    pub(super) fn is_full(&self) -> bool {
        self.seated_connections().len() >= self.rules.members
    }

    pub(super) fn enter_group(&mut self, now: Instant, connection: ConnectionId, enter: &Enter) -> Outcome {
        let (is_full, waiting) = (self.is_full(), self.unseated().len());
        let is_known = self.is_known(enter.seat);
        let held = self.holder(enter.seat).map(|holder| self.people[&holder].is_unknown);
        if self.is_closed(enter.seat) {
            return Err(RefusalCause::Unexpected);
        }
        let group = self.group();
        let resume = enter.resume.as_ref().filter(|resume| {
            (is_known || resume.epoch == group.epoch)
                && group.remembers(resume.epoch, &resume.verification_key)
                && Self::proof_holds(enter, resume)
        });
        let Some(resume) = resume else {
            if self.is_outdated(enter) {
                return Err(RefusalCause::InvitationOutdated);
            }
            if is_full || waiting >= self.rules.newcomers {
                return Err(RefusalCause::CircleFull);
            }
            self.admit(connection, enter, Standing::Join);
            self.stand(connection, Standing::Join);
            return Ok(());
        };
        let cursor = if resume.log_id == group.log_id { resume.cursor.clamp(1, group.next()) } else { 1 };
        let replaced = self.replace(now, enter.seat);
        if !replaced && is_full {
            return Err(RefusalCause::CircleFull);
        }
        // Nobody is asked twice for one seat: what the replaced connection's end changed is in the log already.
        self.admit(connection, enter, Standing::Seated);
        self.people.get_mut(&connection).unwrap().is_unknown = held.unwrap_or(!is_known);
        self.take_seat(connection, cursor);
        if !replaced {
            self.log_presence(now, enter.seat, PresenceChange::Entered);
        }
        self.tell_seated(connection);
        self.serve(now);
        Ok(())
    }

    pub(super) fn take_seat(&mut self, connection: ConnectionId, cursor: u64) {
        let seat = self.people[&connection].seat;
        let group = self.group();
        group.absent.retain(|(kept, _)| *kept != seat);
        group.abandoned_until = None;
        let signal_cursor = group.signals.len();
        let person = self.people.get_mut(&connection).unwrap();
        person.standing = Standing::Seated;
        person.cursor = cursor;
        person.signal_cursor = signal_cursor;
    }

    /// The same member came by another connection.
    pub(super) fn replace(&mut self, now: Instant, seat: Seat) -> bool {
        let Some(holder) = self.holder(seat) else { return false };
        self.people.remove(&holder);
        self.expelled.push((holder, Expulsion::Replaced));
        self.gone(now, holder);
        true
    }

    pub(super) fn unseated(&self) -> Vec<ConnectionId> {
        let unseated = self.people.iter().filter(|(_, person)| person.standing != Standing::Seated);
        let mut waiting: Vec<_> =
            unseated.map(|(connection, person)| (person.arrival, *connection)).collect();
        waiting.sort_unstable();
        waiting.into_iter().map(|(_, connection)| connection).collect()
    }

    /// Nobody has a group: who waits for longest is to found one.
    pub(super) fn appoint(&mut self, now: Instant) {
        self.stage = Stage::Empty;
        let (outside, waiting): (Vec<_>, Vec<_>) = self
            .unseated()
            .into_iter()
            .partition(|connection| self.people[connection].generation < self.generation);
        for connection in outside {
            self.refuse(connection, RequestKind::Enter);
        }
        for connection in waiting {
            if matches!(self.stage, Stage::Empty) {
                let until = now + self.rules.founding_deadline;
                self.stage = Stage::Founding { founder: connection, until };
                self.stand(connection, Standing::CreateGroup);
            } else if self.standing(connection) != Some(Standing::Wait) {
                self.stand(connection, Standing::Wait);
            }
        }
    }

    pub(in crate::circle::tests) fn found(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        found: &CreateGroup,
        fresh: LogId,
    ) -> Outcome {
        if self.standing(connection).is_none() {
            return Err(RefusalCause::NotSeated);
        }
        if self.founder() != Some(connection) || found.epoch > MOST_EPOCHS {
            return Err(RefusalCause::Unexpected);
        }
        let claim = Claim { epoch: found.epoch, key: found.verification_key };
        self.begin(now, claim, &[connection], fresh);
        Ok(())
    }

    pub(super) fn begin(&mut self, now: Instant, claim: Claim, members: &[ConnectionId], fresh: LogId) {
        self.stage = Stage::Grouped(Box::new(Grouped::begin(claim, fresh)));
        for connection in members {
            let seat = self.people[connection].seat;
            self.replace(now, seat);
            self.take_seat(*connection, 1);
            self.group().present.insert(seat);
        }
        for connection in self.seated_connections() {
            self.tell_seated(connection);
        }
        for connection in self.unseated() {
            self.stand(connection, Standing::Join);
        }
    }
}
