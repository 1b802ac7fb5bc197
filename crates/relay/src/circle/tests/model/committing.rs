//! Newcomers, commits and endorsements.

use super::*;

impl Model {
    /// There is no group to do it in.
    pub(super) fn without_group(&self, connection: ConnectionId) -> Option<Outcome> {
        let cause = if self.people.contains_key(&connection) {
            RefusalCause::Unexpected
        } else {
            RefusalCause::NotSeated
        };
        (!self.has_group()).then_some(Err(cause))
    }

    pub(in crate::circle::tests) fn join_lease(&mut self, now: Instant, connection: ConnectionId) -> Outcome {
        if let Some(refused) = self.without_group(connection) {
            return refused;
        }
        match self.standing(connection) {
            None => return Err(RefusalCause::NotSeated),
            Some(Standing::Join) if self.people[&connection].generation < self.generation => {
                return Err(RefusalCause::InvitationOutdated);
            }
            Some(Standing::Join) => {}
            Some(Standing::Seated | Standing::CreateGroup | Standing::Wait) => {
                return Err(RefusalCause::Unexpected);
            }
        }
        let group = self.group();
        if group.turn.holder() == Some(connection) {
            match group.turn {
                Turn::Reserved { to, served, .. } => group.turn = Turn::Wanted { to, served, kept: true },
                Turn::Given { served, .. } if served >= SERVED_PER_LEASE => {
                    return Err(RefusalCause::Unexpected);
                }
                Turn::Given { to, served, kept, .. } => {
                    group.information = None;
                    group.turn = Turn::Wanted { to, served, kept };
                }
                Turn::Nobody | Turn::Wanted { .. } | Turn::Committing { .. } => {}
            }
        } else if !group.queue.contains(&connection) {
            group.queue.push(connection);
        }
        self.serve(now);
        Ok(())
    }

    pub(in crate::circle::tests) fn answer(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        answer: GroupInfoResponse,
    ) -> Outcome {
        if let Some(refused) = self.without_group(connection) {
            return refused;
        }
        if !self.is_seated(connection) {
            return Err(RefusalCause::NotSeated);
        }
        if answer.epoch != self.epoch() {
            return Ok(());
        }
        if !self.group().asked.contains(&(answer.ask_id, connection)) {
            return Err(RefusalCause::Unexpected);
        }
        let bytes = answer.group_information.len();
        if bytes > self.rules.group_information_bytes {
            self.asked_gone(now, connection);
            return Err(RefusalCause::TooLarge);
        }
        self.note(connection, true);
        let travel = bytes / usize::try_from(SLOW_LINE_BYTES_PER_SECOND).unwrap();
        let ttl = self.rules.lease_ttl + Duration::from_secs(travel as u64);
        let group = self.group();
        if group.information.is_none() {
            group.information = Some(Leased {
                circle: CIRCLE,
                epoch: group.epoch,
                ttl,
                group_information: answer.group_information,
            });
            group.question = None;
            self.serve(now);
        }
        Ok(())
    }

    pub(super) fn serve(&mut self, now: Instant) {
        if self.seated().next().is_none() {
            return;
        }
        let group = self.group();
        if group.turn == Turn::Nobody && !group.queue.is_empty() {
            group.turn = Turn::Wanted { to: group.queue.remove(0), served: 0, kept: false };
        }
        let Turn::Wanted { to, served, kept } = group.turn else { return };
        if let Some(leased) = group.information.clone() {
            let (epoch, until) = (group.epoch, now + leased.ttl);
            group.turn = Turn::Given { to, epoch, until, served: served + 1, kept };
            self.tell(to, 0, RelayToClient::Leased(leased));
        } else if group.question.is_none() {
            self.ask_for_information(now);
        }
    }

    /// Of the seated who are not among `asked`: who answered, then who has read most, then who is here for longest.
    pub(super) fn whom_to_ask(&self, asked: &[ConnectionId]) -> Option<ConnectionId> {
        let mut candidates: Vec<_> =
            self.seated().filter(|(connection, _)| !asked.contains(connection)).collect();
        candidates.sort_by_key(|(connection, person)| {
            (person.unanswered, std::cmp::Reverse(person.cursor), *connection)
        });
        candidates.first().map(|(connection, _)| *connection)
    }

    pub(super) fn ask_for_information(&mut self, now: Instant) {
        let asked = |model: &Self| -> Vec<ConnectionId> {
            model.grouped().unwrap().asked.iter().map(|(_, to)| *to).collect()
        };
        if self.whom_to_ask(&asked(self)).is_none() {
            self.group().asked.clear();
        }
        let Some(to) = self.whom_to_ask(&asked(self)) else { return };
        let until = now + self.rules.answer_deadline;
        let group = self.group();
        group.asks += 1;
        group.asked.push((group.asks, to));
        group.question = Some((to, until));
        let (ask_id, epoch, behind) = (group.asks, group.epoch, group.next());
        self.tell(
            to,
            behind,
            RelayToClient::GroupInfoRequest(GroupInfoRequest { circle: CIRCLE, ask_id, epoch }),
        );
    }

    pub(super) fn end_turn(&mut self, now: Instant) {
        self.group().turn = Turn::Nobody;
        self.serve(now);
    }

    // Commits.

    pub(in crate::circle::tests) fn commit(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        commit: Commit,
    ) -> Outcome {
        if let Some(refused) = self.without_group(connection) {
            return refused;
        }
        let is_newcomer = match self.standing(connection) {
            None => return Err(RefusalCause::NotSeated),
            Some(Standing::Seated) => false,
            Some(_) if self.has_the_turn() == Some(connection) => true,
            Some(_) => return Err(RefusalCause::Unexpected),
        };
        let id = commit_id(&commit.blob);
        let seat = self.people[&connection].seat;
        if is_newcomer && (self.is_closed(seat) || self.is_full() && self.holder(seat).is_none()) {
            self.conflict(connection, id, ConflictCause::Rejected);
            self.end_turn(now);
            return Ok(());
        }
        let largest_entry = self.rules.log.bytes / PARTS_OF_A_LOG - ENTRY_OVERHEAD_BYTES - ENTRY_FIELDS_BYTES;
        if commit.blob.len() > self.rules.group_information_bytes.min(largest_entry) {
            return Err(RefusalCause::TooLarge);
        }
        if commit.base_epoch != self.epoch() {
            self.stale(now, connection, id, commit.base_epoch, is_newcomer);
            return Ok(());
        }
        if !is_newcomer && self.group().last_change().is_some_and(|at| at > commit.seen) {
            self.conflict(connection, id, ConflictCause::Stale);
            return Ok(());
        }
        let owner = OwnerId(owner_id());
        let is_next = |succession: &Succession| {
            succession.generation > self.generation && is_owners_word(succession, owner, ed25519)
        };
        if commit.eviction.as_ref().is_some_and(|eviction| !is_next(&eviction.succession)) {
            self.conflict(connection, id, ConflictCause::Rejected);
            return Ok(());
        }
        if self.group().undecided.is_some() {
            self.conflict(connection, id, ConflictCause::Busy);
            return Ok(());
        }
        let endorsed = commit.endorsement.as_ref().map(|endorsement| self.endorsed(id, endorsement));
        match endorsed {
            Some(Some(key)) => self.finish(now, connection, commit, key),
            Some(None) => {
                self.conflict(connection, id, ConflictCause::Rejected);
                if is_newcomer {
                    self.end_turn(now);
                }
            }
            None if is_newcomer => {
                self.await_endorsement(connection, id, commit);
                self.ask_for_endorsement(now);
            }
            None => self.conflict(connection, id, ConflictCause::Rejected),
        }
        Ok(())
    }

    /// The commit begins where the group is not.
    pub(super) fn stale(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        id: CommitId,
        base_epoch: u64,
        is_newcomer: bool,
    ) {
        self.conflict(connection, id, ConflictCause::Stale);
        if is_newcomer {
            let until = now + self.rules.answer_deadline;
            match self.group().turn {
                Turn::Given { to, epoch, served, kept: false, .. } if epoch == base_epoch => {
                    self.group().turn = Turn::Reserved { to, until, served };
                }
                _ => self.end_turn(now),
            }
        }
    }

    /// A newcomer's commit waits for a member's endorsement.
    pub(super) fn await_endorsement(&mut self, connection: ConnectionId, id: CommitId, commit: Commit) {
        let group = self.group();
        group.turn = Turn::Committing { to: connection };
        group.undecided = Some(Undecided {
            id,
            author: connection,
            commit,
            asked: Vec::new(),
            waiting: None,
            opposed: false,
        });
    }

    /// The key of the next epoch, if the endorsement is a member's.
    pub(super) fn endorsed(&self, id: CommitId, endorsement: &Endorsement) -> Option<VerificationKey> {
        let group = self.grouped()?;
        let next = endorsement.next_verification_key;
        let signed = transcript::endorsement(&CIRCLE, group.epoch, &id, &next);
        ed25519(&group.key(), &signed, &endorsement.signature).then_some(next)
    }

    pub(in crate::circle::tests) fn endorse(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        endorse: &Endorse,
    ) -> Outcome {
        if let Some(refused) = self.without_group(connection) {
            return refused;
        }
        if !self.is_seated(connection) {
            return Err(RefusalCause::NotSeated);
        }
        let Some(undecided) = self.group().undecided.as_ref().filter(|known| known.id == endorse.commit)
        else {
            return Ok(());
        };
        if !undecided.asked.contains(&connection) {
            return Err(RefusalCause::Unexpected);
        }
        let is_waited_for = undecided.waiting.is_some_and(|(to, _)| to == connection);
        self.note(connection, true);
        if let Some(key) =
            endorse.endorsement.as_ref().and_then(|endorsement| self.endorsed(endorse.commit, endorsement))
        {
            let undecided = self.group().undecided.take().unwrap();
            self.take_back(&undecided);
            self.finish(now, undecided.author, undecided.commit, key);
            return Ok(());
        }
        self.group().undecided.as_mut().unwrap().opposed = true;
        if is_waited_for {
            self.ask_for_endorsement(now);
        }
        Ok(())
    }

    pub(super) fn ask_for_endorsement(&mut self, now: Instant) {
        let asked = self.group().undecided.as_ref().unwrap().asked.clone();
        let next = self.whom_to_ask(&asked).filter(|_| asked.len() < self.rules.endorsers_asked);
        let until = now + self.rules.answer_deadline;
        let Some(to) = next else {
            self.drop_undecided(now);
            return;
        };
        let group = self.group();
        let behind = group.next();
        let undecided = group.undecided.as_mut().unwrap();
        undecided.asked.push(to);
        undecided.waiting = Some((to, until));
        let tentative = Tentative {
            circle: CIRCLE,
            commit: undecided.id,
            base_epoch: undecided.commit.base_epoch,
            blob: undecided.commit.blob.clone(),
        };
        self.tell(to, behind, RelayToClient::Tentative(tentative));
    }

    /// Who was asked about a commit that is decided need not be asked any more.
    pub(super) fn take_back(&mut self, decided: &Undecided) {
        for (_, person) in self.people.iter_mut().filter(|(connection, _)| decided.asked.contains(connection))
        {
            person.said.retain(|said| {
                !matches!(&said.message, RelayToClient::Tentative(asked) if asked.commit == decided.id)
            });
        }
    }

    pub(super) fn drop_undecided(&mut self, now: Instant) {
        if let Some(undecided) = self.group().undecided.take() {
            self.take_back(&undecided);
            let cause = if undecided.opposed { ConflictCause::Rejected } else { ConflictCause::Unanswered };
            self.conflict(undecided.author, undecided.id, cause);
            self.end_turn(now);
        }
    }

    pub(super) fn finish(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        commit: Commit,
        key: VerificationKey,
    ) {
        let author = self.people[&connection].seat;
        let is_newcomer = !self.is_seated(connection);
        if is_newcomer {
            self.replace(now, author);
        }
        let log = self.rules.log;
        let group = self.group();
        let (sequence, epoch) = (group.next(), group.epoch + 1);
        let own = Own::Final { commit: commit_id(&commit.blob), epoch };
        let entry = Entry::Commit { base_epoch: commit.base_epoch, blob: commit.blob };
        group.append(now, &log, entry, Some(author), own);
        group.epoch = epoch;
        group.keys.push((epoch, key));
        group.information = None;
        group.question = None;
        group.asked.clear();
        if is_newcomer {
            self.take_seat(connection, sequence);
            self.log_presence(now, author, PresenceChange::Entered);
            self.end_turn(now);
            return;
        }
        if let Some(eviction) = &commit.eviction {
            self.generation = eviction.succession.generation;
            self.evict(now, connection, &eviction.staying);
        }
        self.serve(now);
    }

    /// Everybody else is out, reads what there is up to here and is told so.
    pub(super) fn evict(&mut self, now: Instant, author: ConnectionId, staying: &[Seat]) {
        let group = self.group();
        group.absent.retain(|(kept, _)| staying.contains(kept));
        let head = group.next();
        let leaving: Vec<_> = self
            .seated()
            .filter(|(connection, person)| *connection != author && !staying.contains(&person.seat))
            .map(|(connection, person)| (connection, person.seat))
            .collect();
        let mut out = Vec::new();
        for (connection, seat) in leaving {
            let person = &self.people[&connection];
            let behind = usize::try_from(head - person.cursor).unwrap();
            out.push((connection, seat, person.said.len() + behind < self.rules.waiting_answers));
        }
        for (connection, _, keeps_up) in &out {
            if !keeps_up {
                self.people.remove(connection);
                self.expelled.push((*connection, Expulsion::TooSlow));
                continue;
            }
            let mut unread = Vec::new();
            while self.people[connection].cursor < head {
                unread.extend(self.read_next(*connection));
            }
            let person = self.people.get_mut(connection).unwrap();
            let told = unread.into_iter().chain(person.said.drain(..).map(|said| said.message));
            person.said = told.map(|message| Said { behind: 0, message }).collect();
            self.stand(*connection, Standing::Join);
        }
        for (connection, seat, _) in out {
            self.log_presence(now, seat, PresenceChange::Left);
            self.gone(now, connection);
        }
        self.turn_outsiders_away(now);
    }

    pub(super) fn refuse(&mut self, to: ConnectionId, request: RequestKind) {
        let refusal = Refusal {
            cause: RefusalCause::InvitationOutdated,
            request: Some(request),
            circle: Some(CIRCLE),
            subject: None,
            retry_after: Duration::ZERO,
            closing: false,
        };
        self.tell(to, 0, RelayToClient::Refused(refusal));
    }

    /// Who came before the removal, and holds no seat, does not join any more.
    pub(super) fn turn_outsiders_away(&mut self, now: Instant) {
        let is_outside =
            |person: &Person| person.standing != Standing::Seated && person.generation < self.generation;
        let outside: Vec<_> = self
            .people
            .iter()
            .filter(|(_, person)| is_outside(person))
            .map(|(connection, _)| *connection)
            .collect();
        let group = self.group();
        let mut refused: Vec<_> = group.queue.extract_if(.., |waiting| outside.contains(waiting)).collect();
        let holder = group.turn.holder().filter(|holder| outside.contains(holder));
        refused.extend(holder);
        for connection in refused {
            self.refuse(connection, RequestKind::JoinLease);
        }
        if let Some(holder) = holder {
            self.joiner_gone(now, holder);
        }
    }
}
