//! What was asked of the engine, until its answer is known.

use shepot_client::RequestId;
use shepot_client::model::{RoomId, ServerId};

use crate::overlay::Ask;

/// A room that was asked for, or another name of one.
pub(crate) struct RoomAsked {
    /// By this name.
    pub(crate) request: RequestId,
    /// Where.
    pub(crate) server: ServerId,
    /// As what.
    pub(crate) ask: Ask,
    /// What it is to be called.
    pub(crate) name: String,
    /// It is made, and not among the rooms yet.
    pub(crate) made: Option<RoomId>,
}
