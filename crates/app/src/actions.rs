//! What can be done with a message, and with a connection.

/// What can be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageAction {
    /// What fits: change an own one, go to what is answered, or answer.
    Open,
    /// Answer it.
    Reply,
    /// Choose a reaction.
    React,
    /// Change it.
    Edit,
    /// Copy its text.
    Copy,
    /// Delete it for everybody.
    Delete,
    /// One that was held back, or was not sent, is to be.
    SendAgain,
    /// One that waits is not to be sent.
    Discard,
}

/// What the operator does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionAction {
    /// End it.
    Disconnect,
    /// Shut its address out.
    Ban,
    /// Let the address in again.
    LiftBan,
    /// Invite somebody to the circle.
    Invite,
}
