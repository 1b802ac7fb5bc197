//! What can be done with a message, and with a connection to the relay here.

/// An action on a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageAction {
    /// The action that fits: edit our own message, go to the one it answers, or reply.
    Open,
    /// Reply to it.
    Reply,
    /// Choose a reaction to it.
    React,
    /// Edit it.
    Edit,
    /// Copy its text.
    Copy,
    /// Delete it for everybody.
    Delete,
    /// Send a message that was held back or failed.
    SendAgain,
    /// Discard a message that waits to be sent.
    Discard,
}

/// What the operator does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionAction {
    /// End the connection.
    Disconnect,
    /// Ban its address.
    Ban,
    /// Lift the ban on its address.
    LiftBan,
    /// Invite somebody to the circle that is hosted here.
    Invite,
}
