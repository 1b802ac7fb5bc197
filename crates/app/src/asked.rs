//! Requests to the engine whose answers are still awaited.

use shepot_client::RequestId;
use shepot_client::model::{RoomId, ServerId};

use crate::overlay::Ask;

/// A room that the person asked to make or rename.
pub(crate) struct RoomAsked {
    /// The number of the request.
    pub(crate) request: RequestId,
    /// The server of the room.
    pub(crate) server: ServerId,
    /// The question, to ask again if the engine refuses.
    pub(crate) ask: Ask,
    /// The name that was typed.
    pub(crate) name: String,
    /// The room, once the engine has made it. It may not be in the list of rooms yet.
    pub(crate) made: Option<RoomId>,
}
