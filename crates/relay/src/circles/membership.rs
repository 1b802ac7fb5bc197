//! All that connections know of circles: what one may ask of a circle that it is in, and what it reads from it.
//!
//! Owns: a connection's membership. What goes in are requests of the protocol; what comes out are refusals, frames and
//! bells. Nothing of that tells where the circle is, so that one could be somebody else's, on another machine.
//!
//! Must never: hand a circle, or its lock, to a connection.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use shepot_protocol::message::{Commit, Enter, RefusalCause};
use shepot_protocol::transcript::ChannelBinding;
use shepot_protocol::{CircleId, ClientToRelay, Succession};

use super::{Cell, Circles};
use crate::circle::{Circle, Newcomer, Pulled};
use crate::connection::record::{Reader, Record};
use crate::id::ConnectionId;

/// A connection is in a circle.
#[derive(Debug)]
pub(crate) struct Membership {
    /// By what frames name it.
    pub circle: CircleId,
    cell: Arc<Cell>,
}

/// Why somebody did not get what was asked for.
#[derive(Debug)]
pub(crate) struct NotDone {
    pub cause: RefusalCause,
    /// The owner's word that a later generation has begun.
    pub later: Option<Succession>,
}

impl From<RefusalCause> for NotDone {
    fn from(cause: RefusalCause) -> Self {
        Self { cause, later: None }
    }
}

impl Circles {
    /// Lets somebody into the circle that it names; the circle is made if it is not there. Who has to be woken for it goes
    /// to `woken`, here and below.
    pub(crate) fn enter(
        &self,
        now: Instant,
        newcomer: &Newcomer<Reader>,
        enter: &Enter,
        binding: &ChannelBinding,
        woken: &mut Vec<Reader>,
    ) -> Result<Membership, NotDone> {
        let step = |circle: &mut Circle<Reader>| circle.enter(now, newcomer.clone(), enter, binding);
        let cell = self.let_in(enter, &newcomer.means.memory, woken, step)?;
        Ok(Membership { circle: cell.name.circle, cell })
    }

    /// Does what a connection asks of a circle that it is in.
    pub(crate) fn ask(
        &self,
        membership: &Membership,
        now: Instant,
        id: ConnectionId,
        request: ClientToRelay,
        woken: &mut Vec<Reader>,
    ) -> Result<(), NotDone> {
        let done = self.with(&membership.cell, woken, |circle| match request {
            ClientToRelay::CreateGroup(created) => {
                circle.create_group(now, id, &created, self.fresh_log_id())
            }
            ClientToRelay::JoinLease { .. } => circle.join_lease(now, id),
            ClientToRelay::GroupInfoResponse(answer) => circle.answer(now, id, answer),
            ClientToRelay::Endorse(endorse) => circle.endorse(now, id, &endorse),
            ClientToRelay::Publish(publish) => circle.publish(now, id, publish),
            ClientToRelay::Signal(signal) => circle.signal(now, id, signal),
            ClientToRelay::Leave { .. } => circle.leave(now, id),
            ClientToRelay::Commit(_)
            | ClientToRelay::Enter(_)
            | ClientToRelay::Hello(_)
            | ClientToRelay::Ping { .. }
            | ClientToRelay::ShowRecord => Err(RefusalCause::Unexpected),
        });
        Ok(done.unwrap_or(Err(RefusalCause::NotSeated))?)
    }

    /// Takes a commit, which may give the circle another name.
    pub(crate) fn commit(
        &self,
        membership: &Membership,
        now: Instant,
        id: ConnectionId,
        commit: Commit,
        woken: &mut Vec<Reader>,
    ) -> Result<(), NotDone> {
        let cell = &membership.cell;
        let removal = commit.eviction.as_ref();
        // Only the owner's word keeps a name free.
        let begins =
            removal.filter(|removal| self.read(cell, |circle| circle.may_begin(&removal.succession)));
        let elsewhere = begins.and_then(|removal| self.lives_elsewhere(cell, &removal.succession));
        if elsewhere.is_some() {
            return Err(NotDone { cause: RefusalCause::InvitationOutdated, later: elsewhere });
        }
        let next = begins.map(|removal| removal.next_name);
        let step = |circle: &mut Circle<Reader>| circle.commit(now, id, commit);
        let done = match next {
            Some(next) => self.with_next_name(cell, next, woken, step),
            None => self.with(cell, woken, step),
        };
        Ok(done.unwrap_or(Err(RefusalCause::NotSeated))?)
    }

    /// The connection is gone.
    pub(crate) fn lost(
        &self,
        membership: &Membership,
        now: Instant,
        id: ConnectionId,
        woken: &mut Vec<Reader>,
    ) {
        // Forgotten meanwhile: then nobody is there to be told.
        let _ = self.with(&membership.cell, woken, |circle| circle.lost(now, id));
    }

    /// Takes what there is to read for a connection, of about `room` bytes.
    pub(crate) fn pull(
        &self,
        membership: &Membership,
        id: ConnectionId,
        room: usize,
        batch: &mut Vec<Bytes>,
    ) -> Pulled {
        self.read(&membership.cell, |circle| circle.pull(id, room, batch))
    }

    /// Whether a connection holds a seat in a circle.
    pub(crate) fn is_seated(&self, membership: &Membership, record: &Arc<Record>) -> bool {
        let is_it = |reader: &Reader| Arc::ptr_eq(&reader.record, record);
        self.read(&membership.cell, |circle| circle.seated().any(is_it))
    }

    /// How many seats each connection holds that holds any.
    pub(crate) fn seats(&self) -> HashMap<ConnectionId, usize> {
        let mut seats = HashMap::new();
        for cell in self.cells() {
            self.read(&cell, |circle| {
                for reader in circle.seated() {
                    *seats.entry(reader.record.id).or_default() += 1;
                }
            });
        }
        seats
    }
}
