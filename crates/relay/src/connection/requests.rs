//! What a client asks for, and what it is told at once.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use shepot_protocol::message::{self, Enter, Refusal, RefusalCause, RequestKind};
use shepot_protocol::{CircleId, ClientToRelay, RelayToClient};
use shepot_transport::binding;

use super::rate::{Kind, TooFast};
use super::{Connection, Ending, Reader, Scratch};
use crate::circle::{MEMORY_FULL_RETRY, Newcomer, Outcome};
use crate::circles::{Membership, NotDone};
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
        ClientToRelay::Enter(enter) => (Kind::Commit, 0, about(&enter.circle())),
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
            ClientToRelay::Commit(commit) => self.commit(commit, now, scratch),
            ClientToRelay::JoinLease { circle } => {
                self.shared.note_knocks(now);
                if let Some(wait) = self.shared.knocks.wait(now, self.record.knocker()) {
                    let subject = Subject(Some(circle), None);
                    self.refuse(RequestKind::JoinLease, RefusalCause::TooFast, subject, wait);
                    return Ok(());
                }
                self.ask(circle, request, now, scratch)
            }
            ClientToRelay::Publish(message::Publish { circle, .. }) => {
                self.ask(circle, request, now, scratch)?;
                self.shared.counters.published.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            ClientToRelay::Leave { circle } => {
                self.ask(circle, request, now, scratch)?;
                self.forget(circle);
                Ok(())
            }
            ClientToRelay::CreateGroup(message::CreateGroup { circle, .. })
            | ClientToRelay::GroupInfoResponse(message::GroupInfoResponse { circle, .. })
            | ClientToRelay::Endorse(message::Endorse { circle, .. })
            | ClientToRelay::Signal(message::Signal { circle, .. }) => {
                self.ask(circle, request, now, scratch)
            }
        }
    }

    fn commit(&mut self, commit: message::Commit, now: Instant, scratch: &mut Scratch) -> Outcome {
        let circle = commit.circle;
        let membership = self.membership(circle)?;
        let done = self.shared.circles.commit(membership, now, self.record.id, commit, &mut scratch.woken);
        self.shared.note_removals();
        done.map_err(|refused| self.not_done(circle, &refused))
    }

    /// What the operator can see of this connection: the numbers of [`Shared::statistics`], and nothing else.
    fn told_record(&self, now: Instant) -> message::Record {
        let record = &self.record;
        let is_seated = |membership: &&Membership| self.shared.circles.is_seated(membership, record);
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
            refused_attempts: self.shared.ban_list.attempts(record.origin),
        }
    }

    /// Asks something of a circle that this connection is in.
    fn ask(&self, circle: CircleId, request: ClientToRelay, now: Instant, scratch: &mut Scratch) -> Outcome {
        let membership = self.membership(circle)?;
        let done = self.shared.circles.ask(membership, now, self.record.id, request, &mut scratch.woken);
        done.map_err(|refused| refused.cause)
    }

    /// What this connection is in a circle.
    fn membership(&self, circle: CircleId) -> Result<&Membership, RefusalCause> {
        let mut memberships = self.circles.iter().flatten();
        memberships.find(|membership| membership.circle == circle).ok_or(RefusalCause::NotSeated)
    }

    /// Shows the owner's word, where that is why.
    fn not_done(&mut self, circle: CircleId, refused: &NotDone) -> RefusalCause {
        if let Some(succession) = refused.later {
            self.answer(&RelayToClient::Superseded { circle, succession });
        }
        refused.cause
    }

    fn enter(&mut self, enter: &Enter, now: Instant, scratch: &mut Scratch) -> Outcome {
        if enter.seat != seat_of(enter.seat_secret) {
            // Another's: numbers are known to all members, secrets to their own alone.
            return Err(RefusalCause::Unexpected);
        }
        if self.membership(enter.circle()).is_ok() {
            return Err(RefusalCause::Unexpected);
        }
        let place = self.circles.iter().position(Option::is_none).unwrap_or(self.circles.len());
        if place >= self.shared.limits().circles_per_connection {
            return Err(RefusalCause::CirclesFull);
        }
        let slot = u8::try_from(place).map_err(|_| RefusalCause::CirclesFull)?;
        let binding = binding::for_seat(&self.tls).map_err(|_| RefusalCause::Unexpected)?;
        let newcomer = Newcomer {
            connection: self.record.id,
            handle: Reader { record: Arc::clone(&self.record), slot },
            means: self.record.means.clone(),
            only_returns: self.record.access_key.is_some_and(|id| self.shared.access().is_retired(id)),
        };
        let entered = self.shared.circles.enter(now, &newcomer, enter, &binding, &mut scratch.woken);
        let membership = Some(entered.map_err(|refused| self.not_done(enter.circle(), &refused))?);
        match self.circles.get_mut(place) {
            Some(free) => *free = membership,
            None => self.circles.push(membership),
        }
        self.record.circles.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn forget(&mut self, circle: CircleId) {
        let is_it = |membership: &mut Membership| membership.circle == circle;
        if self.circles.iter_mut().any(|place| place.take_if(is_it).is_some()) {
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
