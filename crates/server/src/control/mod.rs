//! The control socket: how an operator's commands reach the running server.
//!
//! Owns: requests and answers, one line of JSON each, over a socket in the file system. Anybody who may open the file
//! may operate the server, so it is made for its owner only. There is no network port for it.
//!
//! Must never: carry anything that was said in a circle, or a secret that was not asked for.

mod answers;
mod caller;
mod listener;

pub(crate) use answers::{
    Ban, Change, Connection, Invitation, Key, Pause, Refusal, Reloaded, Revoked, Row, ServerInvitation,
    Status, Watched, Wish,
};
pub(crate) use caller::{CallError, Caller};
pub(crate) use listener::{ControlSocket, SocketError};

use serde::{Deserialize, Serialize};

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Request {
    /// Asks for the state of the server.
    Status,
    /// Asks who is connected.
    Connections,
    /// Ends one connection by its number, or all from an address.
    Kick { who: String },
    /// Bans an address.
    Ban {
        address: String,
        /// For how long. `None`: until the ban is lifted.
        seconds: Option<u64>,
    },
    /// Lifts the ban or the pause of an address.
    Unban { address: String },
    /// Asks for the bans and pauses.
    Bans,
    /// Asks for what an invitation to a new circle needs from the server.
    Invite(Wish),
    /// Asks for the access keys of the invitations.
    Invites,
    /// Revokes an access key by its id or its name.
    Revoke { invitation: String },
    /// Reads the settings again.
    Reload,
    /// Ends the server.
    Stop,
    /// Asks for everything that the dashboard shows, with the journal after the entry with this number.
    Watch { after: u64 },
}

/// What the server answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Status(Box<Status>),
    Connections(Vec<Connection>),
    Kicked(Vec<u64>),
    Banned(Ban),
    Unbanned { address: std::net::IpAddr },
    Bans { bans: Vec<Ban>, pauses: Vec<Pause> },
    Invited(ServerInvitation),
    Invites(Vec<Key>),
    Revoked(Revoked),
    Reloaded(Reloaded),
    Stopping,
    Watched(Box<Watched>),
    Refused(Refusal),
}
