//! What a client asks for, and what it is told at once.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use shepot_protocol::message::{self, Enter, Refusal, RefusalCause, RequestKind};
use shepot_protocol::{CircleId, ClientToRelay, RelayToClient};
use shepot_transport::binding;

use super::rate::{Kind, TooFast};
use super::{Connection, Ending, Membership, Reader, Scratch};
use crate::circle::{Circle, MEMORY_FULL_RETRY, Newcomer, Outcome};
use crate::circles::Cell;
use crate::signature::{commit_id, seat_of};
use crate::statistics::read;

/// A ping that makes the connection panic, to show in a test what that costs.
#[cfg(test)]
pub(super) const PANIC_NONCE: u64 = 0x7061_6e69_6321;

/// What a request is about: the circle, and the publish id or commit id.
#[derive(Clone, Copy)]
struct Subject(Option<CircleId>, Option<[u8; 16]>);

/// How a request is limited, and what it is about.
fn measure(request: &ClientToRelay) -> (Kind, usize, Subject) {
    let about = |circle: &CircleId| Subject(Some(*circle), None);
    match request {
        ClientToRelay::Hello(_) | ClientToRelay::Ping { .. } => (Kind::Other, 0, Subject(None, None)),
        // To count its seats, every circle of it is locked once.
        ClientToRelay::ShowRecord => (Kind::Commit, 0, Subject(None, None)),
        // Coming and going is an entry that all read, as a commit is.
        ClientToRelay::Enter(enter) => (Kind::Commit, 0, about(&enter.circle)),
        ClientToRelay::Leave { circle } => (Kind::Commit, 0, about(circle)),
        ClientToRelay::CreateGroup(created) => (Kind::Other, 0, about(&created.circle)),
        ClientToRelay::JoinLease { circle } => (Kind::Other, 0, about(circle)),
        // It was asked for, so it is not too much.
        ClientToRelay::GroupInfoResponse(answer) => (Kind::Other, 0, about(&answer.circle)),
        ClientToRelay::Commit(commit) => {
            let id = commit_id(&commit.blob).0;
            (Kind::Commit, commit.blob.len(), Subject(Some(commit.circle), Some(id)))
        }
        ClientToRelay::Endorse(endorse) => {
            (Kind::Other, 0, Subject(Some(endorse.circle), Some(endorse.commit.0)))
        }
        ClientToRelay::Publish(publish) => {
            (Kind::Publish, publish.blob.len(), Subject(Some(publish.circle), Some(publish.publish_id.0)))
        }
        ClientToRelay::Signal(signal) => (Kind::Signal, signal.blob.len(), about(&signal.circle)),
    }
}

impl Connection {
    pub(super) fn serve_frame(
        &mut self,
        frame: Bytes,
        now: Instant,
        scratch: &mut Scratch,
    ) -> Result<(), Ending> {
        let request = ClientToRelay::decode(frame).map_err(|_| Ending::Refused(RefusalCause::Malformed))?;
        if let Some(passage) = &mut self.passage {
            passage.confirm();
        }
        let (kind, bytes, subject) = measure(&request);
        let asked = RequestKind::from(&request);
        let limits = self.shared.limits();
        if let Err(TooFast { retry_after, closing }) =
            self.rates.take(self.shared.nanoseconds(now), &limits, kind, bytes)
        {
            if closing {
                return Err(Ending::Refused(RefusalCause::TooFast));
            }
            self.refuse(asked, RefusalCause::TooFast, subject, retry_after);
            return Ok(());
        }
        if let Err(cause) = self.serve_request(request, now, scratch) {
            let is_worth_asking_again = cause == RefusalCause::MemoryFull;
            let retry_after = if is_worth_asking_again { MEMORY_FULL_RETRY } else { Duration::ZERO };
            self.refuse(asked, cause, subject, retry_after);
        }
        Ok(())
    }

    fn serve_request(&mut self, request: ClientToRelay, now: Instant, scratch: &mut Scratch) -> Outcome {
        let id = self.record.id;
        match request {
            ClientToRelay::Hello(_) => Err(RefusalCause::Unexpected),
            ClientToRelay::Ping { nonce } => {
                #[cfg(test)]
                assert!(nonce != PANIC_NONCE, "a test asked for it");
                self.answer(&RelayToClient::Pong { nonce });
                Ok(())
            }
            ClientToRelay::ShowRecord => {
                let record = self.told_record(now);
                self.answer(&RelayToClient::Record(record));
                Ok(())
            }
            ClientToRelay::Enter(enter) => self.enter(&enter, now, scratch),
            ClientToRelay::CreateGroup(created) => {
                let fresh = self.shared.circles.fresh_log_id();
                self.within(created.circle, scratch, |circle| circle.create_group(now, id, &created, fresh))
            }
            ClientToRelay::JoinLease { circle } => {
                self.shared.note_knocks(now);
                if let Some(wait) = self.shared.knocks.wait(now, self.record.knocker()) {
                    let subject = Subject(Some(circle), None);
                    self.refuse(RequestKind::JoinLease, RefusalCause::TooFast, subject, wait);
                    return Ok(());
                }
                self.within(circle, scratch, |circle| circle.join_lease(now, id))
            }
            ClientToRelay::GroupInfoResponse(answer) => {
                self.within(answer.circle, scratch, |circle| circle.answer(now, id, answer))
            }
            ClientToRelay::Commit(commit) => self.commit(commit, now, scratch),
            ClientToRelay::Endorse(endorse) => {
                self.within(endorse.circle, scratch, |circle| circle.endorse(now, id, &endorse))
            }
            ClientToRelay::Publish(publish) => {
                self.within(publish.circle, scratch, |circle| circle.publish(now, id, publish))?;
                self.shared.counters.published.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            ClientToRelay::Signal(signal) => {
                self.within(signal.circle, scratch, |circle| circle.signal(now, id, signal))
            }
            ClientToRelay::Leave { circle } => {
                // It may be forgotten with the last who leaves, and its other names with it.
                let place = self.place_of(circle);
                self.within(circle, scratch, |circle| circle.leave(now, id))?;
                self.forget(place);
                Ok(())
            }
        }
    }

    fn commit(&mut self, commit: message::Commit, now: Instant, scratch: &mut Scratch) -> Outcome {
        let id = self.record.id;
        let cell = Arc::clone(self.cell_of(commit.circle)?);
        let circles = &self.shared.circles;
        let removal = commit.eviction.as_ref();
        // Only the owner's word keeps a name free.
        let begins =
            removal.filter(|removal| circles.read(&cell, |circle| circle.may_begin(&removal.succession)));
        let elsewhere = begins.and_then(|removal| circles.lives_elsewhere(&cell, &removal.succession));
        if let Some(succession) = elsewhere {
            self.answer(&RelayToClient::Superseded { circle: commit.circle, succession });
            return Err(RefusalCause::InvitationOutdated);
        }
        let next = begins.map(|removal| removal.next_circle);
        let step = |circle: &mut Circle<Reader>| circle.commit(now, id, commit);
        let circles = &self.shared.circles;
        let done = match next {
            Some(next) => circles.with_next_name(&cell, next, &mut scratch.woken, step),
            None => circles.with(&cell, &mut scratch.woken, step),
        };
        self.shared.note_removals();
        done.unwrap_or(Err(RefusalCause::NotSeated))
    }

    /// What the operator can see of this connection: the numbers of [`Shared::statistics`], and nothing else.
    fn told_record(&self, now: Instant) -> message::Record {
        let record = &self.record;
        let is_seated = |membership: &&Membership| {
            let seated = |circle: &mut Circle<Reader>| {
                circle.seated().any(|reader| Arc::ptr_eq(&reader.record, record))
            };
            self.shared.circles.read(&membership.cell, seated)
        };
        let seats = self.circles.iter().flatten().filter(is_seated).count();
        let since = |at: u64| Duration::from_millis(self.shared.milliseconds(now).saturating_sub(at));
        message::Record {
            connection: record.id.0,
            address: record.address.to_string(),
            connected: now.saturating_duration_since(record.since),
            silent: since(self.heard_before),
            circles: record.circles.load(Ordering::Relaxed),
            seats: u32::try_from(seats).unwrap_or(u32::MAX),
            bytes_in: read(&record.bytes_in),
            bytes_out: read(&record.bytes_out),
            access_label: record.access_key.map(|id| self.shared.access().label(id)).unwrap_or_default(),
            refused_attempts: self.shared.ban_list.attempts(record.address.ip()),
        }
    }

    /// Does something in a circle that this connection is in.
    fn within(
        &self,
        circle: CircleId,
        scratch: &mut Scratch,
        step: impl FnOnce(&mut Circle<Reader>) -> Outcome,
    ) -> Outcome {
        let cell = self.cell_of(circle)?;
        self.shared.circles.with(cell, &mut scratch.woken, step).unwrap_or(Err(RefusalCause::NotSeated))
    }

    /// The circle of this name that this connection is in.
    fn cell_of(&self, circle: CircleId) -> Result<&Arc<Cell>, RefusalCause> {
        let place = self.place_of(circle).ok_or(RefusalCause::NotSeated)?;
        let membership = self.circles.get(place).and_then(Option::as_ref);
        Ok(&membership.ok_or(RefusalCause::NotSeated)?.cell)
    }

    fn enter(&mut self, enter: &Enter, now: Instant, scratch: &mut Scratch) -> Outcome {
        if enter.seat != seat_of(enter.seat_secret) {
            // Another's: numbers are known to all members, secrets to their own alone.
            return Err(RefusalCause::Unexpected);
        }
        if self.circles.iter().flatten().any(|membership| membership.circle == enter.circle) {
            return Err(RefusalCause::Unexpected);
        }
        let place = self.circles.iter().position(Option::is_none).unwrap_or(self.circles.len());
        if place >= self.shared.limits().circles_per_connection {
            return Err(RefusalCause::CirclesFull);
        }
        let slot = u8::try_from(place).map_err(|_| RefusalCause::CirclesFull)?;
        let binding = binding::for_seat(&self.tls).map_err(|_| RefusalCause::Unexpected)?;
        let reader = Reader { record: Arc::clone(&self.record), slot };
        let id = self.record.id;
        let means = self.record.means.clone();
        let only_returns = self.record.access_key.is_some_and(|id| self.shared.access().is_retired(id));
        let entered = self.shared.circles.enter(enter, &means.memory, &mut scratch.woken, |circle| {
            let newcomer =
                Newcomer { connection: id, handle: reader.clone(), means: means.clone(), only_returns };
            circle.enter(now, newcomer, enter, &binding)
        });
        let cell = entered.map_err(|refused| {
            if let Some(succession) = refused.later {
                self.answer(&RelayToClient::Superseded { circle: enter.circle, succession });
            }
            refused.cause
        })?;
        let membership = Some(Membership { circle: enter.circle, cell });
        match self.circles.get_mut(place) {
            Some(free) => *free = membership,
            None => self.circles.push(membership),
        }
        self.record.circles.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Where a circle that this connection is in stands among its circles, by any of the circle's names.
    fn place_of(&self, circle: CircleId) -> Option<usize> {
        let find = |is_it: &dyn Fn(&Membership) -> bool| {
            self.circles.iter().position(|place| place.as_ref().is_some_and(is_it))
        };
        find(&|membership| membership.circle == circle).or_else(|| {
            find(&|membership| {
                let called = self.shared.circles.named(membership.cell.called(circle));
                called.is_some_and(|cell| Arc::ptr_eq(&membership.cell, &cell))
            })
        })
    }

    fn forget(&mut self, place: Option<usize>) {
        let place = place.and_then(|place| self.circles.get_mut(place));
        if place.is_some_and(|place| place.take().is_some()) {
            self.record.circles.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn refuse(
        &mut self,
        request: RequestKind,
        cause: RefusalCause,
        Subject(circle, subject): Subject,
        retry_after: Duration,
    ) {
        let request = Some(request);
        let refusal = Refusal { cause, request, circle, subject, retry_after, closing: false };
        self.answer(&RelayToClient::Refused(refusal));
    }

    /// Puts an answer behind those that wait already.
    fn answer(&mut self, message: &RelayToClient) {
        if let Ok(frame) = message.to_frame() {
            self.outbox.push_back(frame);
        }
    }
}
