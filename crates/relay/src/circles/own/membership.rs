//! The membership of a connection in a circle of this relay.
//!
//! Must never: keep the circle locked for longer than one request or one read.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use shepot_protocol::message::{Commit, Eviction, RefusalCause};
use shepot_protocol::{CircleId, CircleName, ClientToRelay};

use super::{Cell, OwnCircles};
use crate::circle::{Circle, Newcomer, Pulled};
use crate::circles::{Circles, Entrant, Membership, NotDone, Peer, Reader};
use crate::id::ConnectionId;

struct OwnMembership {
    circles: Arc<OwnCircles>,
    cell: Arc<Cell>,
    peer: Arc<dyn Peer>,
}

impl Circles for Arc<OwnCircles> {
    fn enter(
        &self,
        now: Instant,
        entrant: Entrant<'_>,
        woken: &mut Vec<Reader>,
    ) -> Result<Box<dyn Membership>, NotDone> {
        let Entrant { reader, enter, binding, only_returns } = entrant;
        let means = reader.peer.means().clone();
        let peer = Arc::clone(&reader.peer);
        let newcomer = Newcomer { connection: peer.id(), handle: reader, means, only_returns };
        let step = |circle: &mut Circle<Reader>| circle.enter(now, newcomer.clone(), enter, binding);
        let cell = self.let_in(enter, &newcomer.means.memory, woken, step)?;
        Ok(Box::new(OwnMembership { circles: Self::clone(self), cell, peer }))
    }

    fn seats(&self) -> HashMap<ConnectionId, usize> {
        let mut seats = HashMap::new();
        for cell in self.cells() {
            self.read(&cell, |circle| {
                for reader in circle.seated() {
                    *seats.entry(reader.peer.id()).or_default() += 1;
                }
            });
        }
        seats
    }
}

impl Membership for OwnMembership {
    fn circle(&self) -> CircleId {
        self.cell.name.circle
    }

    fn ask(&mut self, now: Instant, request: ClientToRelay, woken: &mut Vec<Reader>) -> Result<(), NotDone> {
        let next = if let ClientToRelay::Commit(Commit { eviction: Some(removal), .. }) = &request {
            self.next_name(removal)?
        } else {
            None
        };
        if matches!(request, ClientToRelay::JoinLease { .. }) {
            self.check_knocks(now)?;
        }
        let (circles, id) = (&self.circles, self.peer.id());
        let step = |circle: &mut Circle<Reader>| match request {
            ClientToRelay::CreateGroup(created) => {
                circle.create_group(now, id, &created, circles.fresh_log_id())
            }
            ClientToRelay::JoinLease { .. } => circle.join_lease(now, id),
            ClientToRelay::GroupInfoResponse(answer) => circle.answer(now, id, answer),
            ClientToRelay::Commit(commit) => circle.commit(now, id, commit),
            ClientToRelay::Endorse(endorse) => circle.endorse(now, id, &endorse),
            ClientToRelay::Publish(publish) => {
                circle.publish(now, id, publish).inspect(|()| circles.note_published())
            }
            ClientToRelay::Signal(signal) => circle.signal(now, id, signal),
            ClientToRelay::Enter(_)
            | ClientToRelay::Hello(_)
            | ClientToRelay::Leave { .. }
            | ClientToRelay::Ping { .. }
            | ClientToRelay::ShowRecord => Err(RefusalCause::Unexpected),
        };
        let done = match next {
            Some(next) => circles.with_next_name(&self.cell, next, woken, step),
            None => circles.with(&self.cell, woken, step),
        };
        Ok(done.unwrap_or(Err(RefusalCause::NotSeated))?)
    }

    fn is_full(&self) -> bool {
        // What is asked is done at once.
        false
    }

    fn pull(&mut self, room: usize, batch: &mut Vec<Bytes>) -> Pulled {
        self.circles.read(&self.cell, |circle| circle.pull(self.peer.id(), room, batch))
    }

    fn is_seated(&self) -> bool {
        self.circles.read(&self.cell, |circle| circle.is_seated(self.peer.id()))
    }

    fn leave(self: Box<Self>, now: Instant, woken: &mut Vec<Reader>) {
        // Forgotten, or closed to it, meanwhile: then nobody is there to be told.
        let _ = self.circles.with(&self.cell, woken, |circle| circle.leave(now, self.peer.id()));
    }

    fn lose(self: Box<Self>, now: Instant, woken: &mut Vec<Reader>) {
        let _ = self.circles.with(&self.cell, woken, |circle| circle.lost(now, self.peer.id()));
    }
}

impl OwnMembership {
    /// # Errors
    ///
    /// `TOO_FAST` if too many turns by this access key and from this address came to nothing.
    fn check_knocks(&self, now: Instant) -> Result<(), NotDone> {
        self.circles.count_knocks(now);
        match self.circles.knocks.wait(now, self.peer.means().memory.came_by()) {
            Some(wait) => Err(NotDone { retry_after: wait, ..RefusalCause::TooFast.into() }),
            None => Ok(()),
        }
    }

    /// The name that the circle has after an owner's action.
    ///
    /// # Errors
    ///
    /// `INVITATION_OUTDATED` if the generation that it begins, or a later one, lives elsewhere.
    fn next_name(&self, removal: &Eviction) -> Result<Option<CircleName>, NotDone> {
        let Self { circles, cell, .. } = self;
        // Only the owner's word keeps a name free.
        if !circles.read(cell, |circle| circle.may_begin(&removal.succession)) {
            return Ok(None);
        }
        match circles.lives_elsewhere(cell, &removal.succession) {
            Some(later) => {
                Err(NotDone { later: Some(Box::new(later)), ..RefusalCause::InvitationOutdated.into() })
            }
            None => Ok(Some(removal.next_name)),
        }
    }
}
