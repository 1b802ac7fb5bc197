//! The control socket: how an operator's commands reach the running server.
//!
//! Owns: what is asked and answered, one line of JSON each, over a socket in the file system. Who may open the file may
//! operate the server: it is made for its owner only. There is no network port for it.
//!
//! Must never: carry anything that was said, or a secret that was not asked for.

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
    /// How the server is.
    Status,
    /// Who is connected.
    Connections,
    /// Ends connections: one by its number, or all of an address.
    Kick { who: String },
    /// Closes the server to an address.
    Ban {
        address: String,
        /// How long; without it until it is lifted.
        seconds: Option<u64>,
    },
    /// Opens the server to an address again.
    Unban { address: String },
    /// The bans and pauses.
    Bans,
    /// What an invitation to a new circle takes from the server.
    Invite(Wish),
    /// The access keys of the invitations.
    Invites,
    /// Takes an access key back: by its id or its name.
    Revoke { invitation: String },
    /// Reads the settings again.
    Reload,
    /// Ends the server.
    Stop,
    /// Everything that the dashboard shows, with what happened after the entry of this number.
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
