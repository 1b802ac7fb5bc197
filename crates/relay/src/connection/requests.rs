//! The requests of a client, and the answers to those that are not about a circle.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use shepot_protocol::message::{self, Enter, RefusalCause};
use shepot_protocol::{CircleId, ClientToRelay, RelayToClient};
use shepot_transport::binding;

use super::rate::{Kind, TooFast};
use super::record::Record;
use super::{Connection, Ending, Scratch};
use crate::circles::refusal::Subject;
use crate::circles::{Entrant, Membership, NotDone, Peer, Reader};
use crate::signature::seat_of;
use crate::statistics::read;

/// A ping with this nonce makes the connection panic, so that tests can show what a panic costs.
#[cfg(test)]
pub(super) const PANIC_NONCE: u64 = 0x7061_6e69_6321;

/// The rate that a request counts against, and the size of its blob.
fn measure(request: &ClientToRelay) -> (Kind, usize) {
    match request {
        // To count its seats, every circle of it is locked once.
        ClientToRelay::ShowRecord => (Kind::Commit, 0),
        // Coming is an entry that all read, as a commit is. So is going, but nobody goes who did not come.
        ClientToRelay::Enter(_) => (Kind::Commit, 0),
        ClientToRelay::Commit(commit) => (Kind::Commit, commit.blob.len()),
        ClientToRelay::Publish(publish) => (Kind::Publish, publish.blob.len()),
        ClientToRelay::Signal(signal) => (Kind::Signal, signal.blob.len()),
        ClientToRelay::Hello(_)
        | ClientToRelay::Ping { .. }
        | ClientToRelay::CreateGroup(_)
        | ClientToRelay::JoinLease { .. }
        | ClientToRelay::Leave { .. }
        // It was asked for, so it is not too much.
        | ClientToRelay::GroupInfoResponse(_)
        | ClientToRelay::Endorse(_) => (Kind::Other, 0),
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
        let (kind, bytes) = measure(&request);
        let subject = Subject::of(&request);
        let limits = self.shared.limits();
        if let Err(TooFast { retry_after, closing }) =
            self.rates.take(self.shared.nanoseconds(now), &limits, kind, bytes)
        {
            if closing {
                return Err(Ending::Refused(RefusalCause::TooFast));
            }
            self.refuse(subject, &NotDone { retry_after, ..RefusalCause::TooFast.into() });
            return Ok(());
        }
        if let Err(refused) = self.serve_request(request, now, scratch) {
            self.refuse(subject, &refused);
        }
        Ok(())
    }

    fn serve_request(
        &mut self,
        request: ClientToRelay,
        now: Instant,
        scratch: &mut Scratch,
    ) -> Result<(), NotDone> {
        match request {
            ClientToRelay::Hello(_) => Err(RefusalCause::Unexpected.into()),
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
            ClientToRelay::Commit(message::Commit { circle, .. }) | ClientToRelay::JoinLease { circle } => {
                let done = self.ask(circle, request, now, scratch);
                // The operator learns of it at once.
                self.shared.note_circles(now);
                done
            }
            ClientToRelay::Leave { circle } => {
                let place = self.place_of(circle)?;
                if let Some(membership) = self.forget(place) {
                    membership.leave(now, &mut scratch.woken);
                }
                Ok(())
            }
            ClientToRelay::CreateGroup(message::CreateGroup { circle, .. })
            | ClientToRelay::GroupInfoResponse(message::GroupInfoResponse { circle, .. })
            | ClientToRelay::Endorse(message::Endorse { circle, .. })
            | ClientToRelay::Publish(message::Publish { circle, .. })
            | ClientToRelay::Signal(message::Signal { circle, .. }) => {
                self.ask(circle, request, now, scratch)
            }
        }
    }

    /// What the operator can see of this connection: the numbers of [`Shared::statistics`], and nothing else.
    fn told_record(&self, now: Instant) -> message::Record {
        let record = &self.record;
        let seats = self.circles.iter().flatten().filter(|membership| membership.is_seated()).count();
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

    /// Passes a request to the circle that it is about, if the connection is in it.
    fn ask(
        &mut self,
        circle: CircleId,
        request: ClientToRelay,
        now: Instant,
        scratch: &mut Scratch,
    ) -> Result<(), NotDone> {
        let place = self.place_of(circle)?;
        let membership = self.circles.get_mut(place).and_then(Option::as_mut);
        let membership = membership.ok_or(RefusalCause::NotSeated)?;
        membership.ask(now, request, &mut scratch.woken)
    }

    /// The position of a circle among those of this connection.
    fn place_of(&self, circle: CircleId) -> Result<usize, RefusalCause> {
        let is_it = |place: &Option<Box<dyn Membership>>| {
            place.as_ref().is_some_and(|membership| membership.circle() == circle)
        };
        self.circles.iter().position(is_it).ok_or(RefusalCause::NotSeated)
    }

    fn enter(&mut self, enter: &Enter, now: Instant, scratch: &mut Scratch) -> Result<(), NotDone> {
        if enter.seat != seat_of(enter.seat_secret) {
            // Another's: numbers are known to all members, secrets to their own alone.
            return Err(RefusalCause::Unexpected.into());
        }
        // Who is being closed comes into no circle by the place of the one that it was put out of.
        if self.place_of(enter.circle()).is_ok() || self.record.close_reason().is_some() {
            return Err(RefusalCause::Unexpected.into());
        }
        let place = self.circles.iter().position(Option::is_none).unwrap_or(self.circles.len());
        if place >= self.shared.limits().circles_per_connection {
            return Err(RefusalCause::CirclesFull.into());
        }
        let slot = u8::try_from(place).map_err(|_| RefusalCause::CirclesFull)?;
        let binding = binding::for_seat(&self.tls).map_err(|_| RefusalCause::Unexpected)?;
        let peer: Arc<dyn Peer> = Arc::<Record>::clone(&self.record);
        let only_returns = self.record.access_key.is_some_and(|id| self.shared.access().is_retired(id));
        let entrant = Entrant { reader: Reader { peer, slot }, enter, binding: &binding, only_returns };
        let membership = Some(self.shared.circles.enter(now, entrant, &mut scratch.woken)?);
        match self.circles.get_mut(place) {
            Some(free) => *free = membership,
            None => self.circles.push(membership),
        }
        self.record.circles.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Removes a circle from those that the connection is in.
    pub(super) fn forget(&mut self, place: usize) -> Option<Box<dyn Membership>> {
        let membership = self.circles.get_mut(place)?.take()?;
        self.record.circles.fetch_sub(1, Ordering::Relaxed);
        Some(membership)
    }

    fn refuse(&mut self, subject: Subject, refused: &NotDone) {
        for said in subject.refusal(refused) {
            self.answer(&said);
        }
    }

    /// Queues an answer that is not about a circle.
    fn answer(&mut self, message: &RelayToClient) {
        if let Ok(frame) = message.to_frame() {
            self.outbox.push_back(frame);
        }
    }
}
