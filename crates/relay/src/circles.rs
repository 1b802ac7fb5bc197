//! What connections know of circles, wherever these are kept: in this process ([`own`]) or elsewhere.
//!
//! Owns: what may be asked of circles, and what circles know of the askers. Requests of the protocol go in. Refusals,
//! frames and bells come out. A request that is not refused at once is on its way, and its result may come later as a
//! frame. That can be a refusal, too.
//!
//! Must never: hand a circle, or its lock, to a connection, or the socket or task of a connection to a circle.

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

/// A connection as circles know it: its number, its accounts, a bell, and a way to end it. None of these may block.
pub(crate) trait Peer: Debug + Send + Sync {
    /// Its number, which no other peer of the same circles has.
    fn id(&self) -> ConnectionId;

    /// The address and port that it comes from.
    fn address(&self) -> SocketAddr;

    /// The accounts that pay for what it brings. They also tell its access key and origin.
    fn means(&self) -> &Means;

    /// Rings the bell: there may be something to read in the circle with this place in its list.
    fn ring(&self, slot: u8);

    /// A circle wants it closed. Called before its membership is over.
    fn expel(&self, why: Expulsion);
}

/// A reader of a circle: the peer, and which of the peer's circles it is.
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

/// A connection that wants to enter a circle.
pub(crate) struct Entrant<'a> {
    pub reader: Reader,
    pub enter: &'a Enter,
    /// The channel binding of its connection, which a seat proof is made over.
    pub binding: &'a ChannelBinding,
    /// Whether it may only take up a seat that it holds.
    pub only_returns: bool,
}

/// Why a request was not carried out.
#[derive(Debug)]
pub(crate) struct NotDone {
    pub cause: RefusalCause,
    /// The succession of a later generation, if that is the cause.
    pub later: Option<Box<Succession>>,
    /// After how long the request may be repeated. Zero: not for this cause.
    pub retry_after: Duration,
}

impl From<RefusalCause> for NotDone {
    fn from(cause: RefusalCause) -> Self {
        let is_worth_asking_again = cause == RefusalCause::MemoryFull;
        let retry_after = if is_worth_asking_again { MEMORY_FULL_RETRY } else { Duration::ZERO };
        Self { cause, later: None, retry_after }
    }
}

/// The circles that connections may enter. Here and below, readers who have to be woken are added to `woken`.
pub(crate) trait Circles: Send + Sync {
    /// Lets a connection enter the circle that it names, which is made if it does not exist.
    ///
    /// # Errors
    ///
    /// Why not. If that is not known yet, a frame says it later, and the membership may be over then.
    fn enter(
        &self,
        now: Instant,
        entrant: Entrant<'_>,
        woken: &mut Vec<Reader>,
    ) -> Result<Box<dyn Membership>, NotDone>;

    /// How many seats each connection holds, if it holds any, as far as is known here.
    fn seats(&self) -> HashMap<ConnectionId, usize>;
}

/// A connection's membership of a circle, or its way into one. A membership that is over ([`Pulled::is_over`]) is
/// dropped, and so are all when the relay stops. If the circle goes on, dropping the membership counts as a loss.
pub(crate) trait Membership: Send {
    /// The id by which frames name the circle.
    fn circle(&self) -> CircleId;

    /// Asks something of the circle.
    ///
    /// # Errors
    ///
    /// Why not, if that is known at once.
    fn ask(&mut self, now: Instant, request: ClientToRelay, woken: &mut Vec<Reader>) -> Result<(), NotDone>;

    /// Whether it accepts no request now. The bell rings when it does again. Until then nothing is read from the
    /// connection, which counts as silent if that lasts. This bounds what is on the way to a circle.
    fn is_full(&self) -> bool;

    /// Takes what there is to read, of about `room` bytes.
    fn pull(&mut self, room: usize, batch: &mut Vec<Bytes>) -> Pulled;

    /// Whether the connection holds a seat, as far as is known here.
    fn is_seated(&self) -> bool;

    /// Leaves the circle.
    fn leave(self: Box<Self>, now: Instant, woken: &mut Vec<Reader>);

    /// Ends the membership because the connection is lost.
    fn lose(self: Box<Self>, now: Instant, woken: &mut Vec<Reader>);
}

#[cfg(test)]
mod tests;
