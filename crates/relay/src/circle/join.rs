//! The queue of newcomers: one turn at a time, with group information that a member provides.
//!
//! Owns: the turn, the request to a member, the group information of the current epoch. Must never: keep group
//! information beyond its epoch.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use shepot_protocol::RelayToClient;
use shepot_protocol::message::{
    GroupInfoRequest, GroupInfoResponse, Leased, RefusalCause, RequestKind, Standing,
};

use super::group::Group;
use super::lease::{Information, Lease, Question, Turn};
use super::room::{Room, Waiting};
use super::rules::{ANSWER_OVERHEAD_BYTES, MEMORY_FULL_RETRY, SERVED_PER_LEASE, SLOW_LINE_BYTES_PER_SECOND};
use super::tentative::Tentative;
use crate::id::ConnectionId;

impl<H: Clone> Group<H> {
    /// Queues a newcomer for its turn.
    pub(super) fn join_lease(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        connection: ConnectionId,
    ) -> Result<(), RefusalCause> {
        match room.standing(connection) {
            Some(Standing::Join) if room.is_outside(connection) => {
                return Err(RefusalCause::InvitationOutdated);
            }
            Some(Standing::Join) => {}
            Some(Standing::Seated | Standing::Wait | Standing::CreateGroup) => {
                return Err(RefusalCause::Unexpected);
            }
            None => return Err(RefusalCause::NotSeated),
        }
        let joining = &mut self.joining;
        match joining.lease {
            Lease::Reserved { to, turn, .. } if to == connection => {
                joining.lease = Lease::Wanted { to, turn };
            }
            // Asking again within its turn says: what was served is of no use. Somebody may have given garbage.
            Lease::Given { to, turn, .. } if to == connection => {
                if turn.served >= SERVED_PER_LEASE {
                    return Err(RefusalCause::Unexpected);
                }
                joining.information = None;
                joining.lease = Lease::Wanted { to, turn };
                room.note_unfinished(connection);
            }
            Lease::Wanted { to, .. } | Lease::Committing { to } if to == connection => {}
            Lease::Free
            | Lease::Wanted { .. }
            | Lease::Given { .. }
            | Lease::Committing { .. }
            | Lease::Reserved { .. } => {
                if !joining.queue.contains(&connection) {
                    joining.queue.push_back(connection);
                }
            }
        }
        self.serve(room, now);
        Ok(())
    }

    /// Handles group information from a member that was asked for it.
    pub(super) fn answer(
        &mut self,
        room: &mut Room<H>,
        now: Instant,
        connection: ConnectionId,
        answer: GroupInfoResponse,
    ) -> Result<(), RefusalCause> {
        if !room.is_seated(connection) {
            return Err(RefusalCause::NotSeated);
        }
        if answer.epoch != self.epoch {
            // The epoch ended while it answered: it was asked again, or will be.
            return Ok(());
        }
        if !self.joining.asked.contains(&(answer.ask_id, connection)) {
            return Err(RefusalCause::Unexpected);
        }
        if answer.group_information.len() > room.rules.group_information_bytes {
            self.asked_gone(room, now, connection);
            return Err(RefusalCause::TooLarge);
        }
        room.note_answer(connection, true);
        if self.joining.information.is_none() {
            // Also from one that was passed over: late is better than never.
            self.joining.question = None;
            self.keep_information(room, connection, answer.group_information);
            self.serve(room, now);
        }
        Ok(())
    }

    /// Keeps the group information. The newcomer whose turn it is pays for it, or the giver if it is nobody's turn. If
    /// there is no memory for it, the turn ends.
    fn keep_information(&mut self, room: &mut Room<H>, given_by: ConnectionId, group_information: Bytes) {
        let holder = self.joining.lease.holder();
        let ttl = lease_ttl(room.rules.lease_ttl, group_information.len());
        let leased = Leased { circle: room.circle, epoch: self.epoch, ttl, group_information };
        let frame = RelayToClient::Leased(leased).to_frame().ok();
        let account = room.memory_of(holder.unwrap_or(given_by));
        let paid =
            account.zip(frame).and_then(|(account, frame)| account.frame(frame, ANSWER_OVERHEAD_BYTES));
        match (paid, self.joining.lease) {
            (Some(frame), _) => self.joining.information = Some(Information { frame, ttl }),
            (None, Lease::Wanted { to, .. }) => {
                room.refuse(to, RequestKind::JoinLease, RefusalCause::MemoryFull, MEMORY_FULL_RETRY);
                self.joining.lease = Lease::Free;
            }
            (None, Lease::Free | Lease::Given { .. } | Lease::Committing { .. } | Lease::Reserved { .. }) => {
            }
        }
    }

    /// Gives the next newcomer its turn if none has it, and serves it or asks a member.
    pub(super) fn serve(&mut self, room: &mut Room<H>, now: Instant) {
        if self.seated == 0 {
            // Nobody could answer or endorse: leases wait for a member to come back.
            return;
        }
        let joining = &mut self.joining;
        if joining.lease == Lease::Free {
            let Some(to) = joining.queue.pop_front() else { return };
            joining.lease = Lease::Wanted { to, turn: Turn::default() };
        }
        let Lease::Wanted { to, turn } = joining.lease else { return };
        if let Some(information) = &joining.information {
            let frame = information.frame.clone();
            let turn = Turn { served: turn.served.saturating_add(1), ..turn };
            joining.lease = Lease::Given { to, epoch: self.epoch, until: now + information.ttl, turn };
            room.tell_frame(to, Waiting { at: 0, frame, about: None });
        } else if joining.question.is_none() {
            self.ask_next(room, now);
        }
    }

    /// Asks a member that was not asked yet. If all were, begins again.
    fn ask_next(&mut self, room: &mut Room<H>, now: Instant) {
        let already =
            |asked: &[(u64, ConnectionId)], connection| asked.iter().any(|(_, to)| *to == connection);
        if room.seated().all(|(connection, _)| already(&self.joining.asked, connection)) {
            self.joining.asked.clear();
        }
        let Some(to) = room.to_ask(|connection| already(&self.joining.asked, connection)) else { return };
        self.joining.next_ask_id += 1;
        let ask_id = self.joining.next_ask_id;
        self.joining.asked.push((ask_id, to));
        self.joining.question = Some(Question { to, until: now + room.rules.answer_deadline });
        let asked = GroupInfoRequest { circle: room.circle, ask_id, epoch: self.epoch };
        room.tell(to, self.log.next(), &RelayToClient::GroupInfoRequest(asked));
    }

    /// Handles a commit that names another epoch than the present one. The newcomer keeps its place once, if it named
    /// the epoch that it was served. With any other epoch it did not lose a race, and after a second loss it queues
    /// like the others.
    pub(super) fn came_too_late(&mut self, room: &mut Room<H>, now: Instant, base_epoch: u64) {
        match self.joining.lease {
            Lease::Given { to, epoch, turn, .. } if epoch == base_epoch && !turn.kept => {
                let until = now + room.rules.answer_deadline;
                self.joining.lease = Lease::Reserved { to, until, turn: Turn { kept: true, ..turn } };
            }
            Lease::Given { to, .. } => {
                room.note_unfinished(to);
                self.end_lease(room, now);
            }
            Lease::Free | Lease::Wanted { .. } | Lease::Committing { .. } | Lease::Reserved { .. } => {}
        }
    }

    /// Ends the turn and serves the next newcomer.
    pub(super) fn end_lease(&mut self, room: &mut Room<H>, now: Instant) {
        self.joining.lease = Lease::Free;
        self.serve(room, now);
    }

    /// Ends the turns of connections without a seat that came by an earlier generation.
    pub(super) fn turn_outsiders_away(&mut self, room: &mut Room<H>, now: Instant) {
        let is_outside = |waiting: &ConnectionId| room.is_outside(*waiting);
        let (outside, waiting): (VecDeque<_>, _) = self.joining.queue.drain(..).partition(is_outside);
        self.joining.queue = waiting;
        let holder = self.joining.lease.holder().filter(|holder| room.is_outside(*holder));
        for connection in outside.into_iter().chain(holder) {
            room.refuse(connection, RequestKind::JoinLease, RefusalCause::InvitationOutdated, Duration::ZERO);
        }
        if let Some(holder) = holder {
            if self.joining.is_served(holder) {
                room.note_unfinished(holder);
            }
            self.joiner_gone(room, now, holder);
        }
    }

    /// Handles the loss of a connection that may have been asked for group information.
    pub(super) fn asked_gone(&mut self, room: &mut Room<H>, now: Instant, connection: ConnectionId) {
        if self.joining.question.is_some_and(|question| question.to == connection) {
            self.joining.question = None;
            self.serve(room, now);
        }
    }

    /// Handles the loss of a connection that may have queued or had the turn.
    pub(super) fn joiner_gone(&mut self, room: &mut Room<H>, now: Instant, connection: ConnectionId) {
        self.joining.queue.retain(|waiting| *waiting != connection);
        if self.joining.lease.holder() == Some(connection) {
            if self.joining.lease == (Lease::Committing { to: connection })
                && let Some((asked, id)) = self.tentative.take().map(Tentative::into_asked)
            {
                room.take_back_questions(&asked, id);
            }
            self.end_lease(room, now);
        }
    }

    /// Forgets whom it asked, because the last member is lost.
    pub(super) fn suspend_joining(&mut self) {
        self.joining.question = None;
        self.joining.asked.clear();
    }

    pub(super) fn tick_joining(&mut self, room: &mut Room<H>, now: Instant) {
        if let Some(question) = self.joining.question.filter(|question| question.until <= now) {
            room.note_answer(question.to, false);
            self.joining.question = None;
            self.serve(room, now);
        }
        let ended = match self.joining.lease {
            Lease::Given { until, .. } | Lease::Reserved { until, .. } => until <= now,
            Lease::Free | Lease::Wanted { .. } | Lease::Committing { .. } => false,
        };
        if ended {
            if let Some(holder) = self.joining.lease.holder() {
                room.note_unfinished(holder);
            }
            self.end_lease(room, now);
        }
    }
}

/// The length of a turn, extended by the time that the group information takes over a slow line.
fn lease_ttl(base: Duration, bytes: usize) -> Duration {
    let seconds = u32::try_from(bytes).unwrap_or(u32::MAX) / SLOW_LINE_BYTES_PER_SECOND;
    base + Duration::from_secs(u64::from(seconds))
}
