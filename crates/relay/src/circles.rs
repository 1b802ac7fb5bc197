//! What connections know of circles, wherever these are kept: in this process ([`own`]), or elsewhere.
//!
//! Owns: what may be asked of circles, and what circles know of who asks. What goes in are requests of the protocol;
//! what comes out are refusals, frames and bells. A request that is not refused at once is on its way: what comes of it
//! may be a frame later, a refusal too.
//!
//! Must never: hand a circle, or its lock, to a connection, or a connection's socket or task to a circle.

pub(crate) mod own;
pub(crate) mod refusal;

use std::collections::HashMap;
use std::fmt::Debug;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use shepot_protocol::message::{Enter, RefusalCause};
use shepot_protocol::transcript::ChannelBinding;
use shepot_protocol::{CircleId, ClientToRelay, Succession};

use crate::budget::Means;
use crate::circle::{Expulsion, MEMORY_FULL_RETRY, Pulled};
use crate::id::ConnectionId;

/// A connection as circles know it: who it is, who pays for it, a bell, and a way to end it. None of these may block.
pub(crate) trait Peer: Debug + Send + Sync {
    /// Its number, which no other peer of the same circles has: who keeps circles numbers the connections of others.
    fn id(&self) -> ConnectionId;

    /// From where it comes.
    fn address(&self) -> SocketAddr;

    /// What it brings into circles is paid from this; it tells by which access key and from where it comes, too.
    fn means(&self) -> &Means;

    /// There may be something to read in the circle at this place of its list.
    fn ring(&self, slot: u8);

    /// A circle wants it closed. Said before its membership is over.
    fn expel(&self, why: Expulsion);
}

/// How a circle finds who reads it: the peer, and which of the peer's circles it is.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub peer: Arc<dyn Peer>,
    pub slot: u8,
}

impl Reader {
    pub(crate) fn ring(&self) {
        self.peer.ring(self.slot);
    }
}

/// Somebody who wants into a circle.
pub(crate) struct Entrant<'a> {
    pub reader: Reader,
    pub enter: &'a Enter,
    /// Of its connection: what shows that a seat is its own is bound to that.
    pub binding: &'a ChannelBinding,
    /// It may take up a seat that it holds, and nothing else.
    pub only_returns: bool,
}

/// Why somebody did not get what was asked for.
#[derive(Debug)]
pub(crate) struct NotDone {
    pub cause: RefusalCause,
    /// The owner's word that a later generation has begun.
    pub later: Option<Box<Succession>>,
    /// When it is worth asking again; zero: not for this cause.
    pub retry_after: Duration,
}

impl From<RefusalCause> for NotDone {
    fn from(cause: RefusalCause) -> Self {
        let is_worth_asking_again = cause == RefusalCause::MemoryFull;
        let retry_after = if is_worth_asking_again { MEMORY_FULL_RETRY } else { Duration::ZERO };
        Self { cause, later: None, retry_after }
    }
}

/// The circles that connections may enter. Who has to be woken for what is asked goes to `woken`, here and below.
pub(crate) trait Circles: Send + Sync {
    /// Lets somebody into the circle that it names; the circle is made if it is not there.
    ///
    /// # Errors
    ///
    /// Why not. Where that is not known yet, a frame says it later, and the membership may be over then.
    fn enter(
        &self,
        now: Instant,
        entrant: Entrant<'_>,
        woken: &mut Vec<Reader>,
    ) -> Result<Box<dyn Membership>, NotDone>;

    /// How many seats each connection holds that holds any, as far as it is known here.
    fn seats(&self) -> HashMap<ConnectionId, usize>;
}

/// A connection is in a circle, or on its way into it. One that is over ([`Pulled::is_over`]) is dropped, as are all
/// when the relay stops: where its circle goes on, that is a loss, and dropping it says so.
pub(crate) trait Membership: Send {
    /// By what frames name the circle.
    fn circle(&self) -> CircleId;

    /// Asks something of the circle.
    ///
    /// # Errors
    ///
    /// Why not, where that is known at once.
    fn ask(&mut self, now: Instant, request: ClientToRelay, woken: &mut Vec<Reader>) -> Result<(), NotDone>;

    /// Whether it takes no request now; the bell rings when it does. Until then nothing is read of the connection,
    /// which is taken for silent if that lasts. So what is on the way to a circle is bounded, by whoever carries it.
    fn is_full(&self) -> bool;

    /// Takes what there is to read, of about `room` bytes.
    fn pull(&mut self, room: usize, batch: &mut Vec<Bytes>) -> Pulled;

    /// Whether the connection holds a seat, as far as it is known here.
    fn is_seated(&self) -> bool;

    /// The member takes leave.
    fn leave(self: Box<Self>, now: Instant, woken: &mut Vec<Reader>);

    /// The connection is gone.
    fn lose(self: Box<Self>, now: Instant, woken: &mut Vec<Reader>);
}

#[cfg(test)]
mod tests;
