//! What is to be done outside.

use std::net::IpAddr;

use shepot_client::{Command as EngineCommand, Request};
use shepot_relay::ConnectionId;
use shepot_sanitise::Sanitised;
use shepot_view::command::Command;
use zeroize::Zeroizing;

/// What an interface is to do.
#[derive(Clone, PartialEq, Eq)]
pub enum Effect {
    /// The person has a nick: the engine can start. [`OutsideMsg::Started`](crate::OutsideMsg::Started) answers, or
    /// [`OutsideMsg::NotStarted`](crate::OutsideMsg::NotStarted).
    Start(String),
    /// Something for the engine.
    Engine(Box<EngineRequest>),
    /// Start a relay in this process: [`OutsideMsg::Hosted`](crate::OutsideMsg::Hosted) answers, or
    /// [`OutsideMsg::NotHosted`](crate::OutsideMsg::NotHosted).
    Host,
    /// Stop the relay in this process.
    StopHosting,
    /// Something with the relay in this process: [`local_relay::carry_out`](crate::local_relay::carry_out) does it.
    Relay(RelayEffect),
    /// Into the clipboard: [`OutsideMsg::Copied`](crate::OutsideMsg::Copied) answers.
    Copy(Sanitised),
    /// Out of the clipboard, where something of ours is there.
    ForgetCopied,
    /// What is selected is not the system's selection any more.
    ForgetSelected,
    /// Something came in that the person wants to be told of.
    Notify,
    /// The preferences are to be kept, as far as the person lets them be.
    Keep,
    /// A link, in the browser.
    OpenLink(String),
    /// An emoji as a picture to be sent: [`OutsideMsg::AvatarPainted`](crate::OutsideMsg::AvatarPainted) answers.
    PaintAvatar(String),
    /// What stands beside the room comes, or goes: people, what is searched, moods.
    Toggle(Command),
    /// The end, with a farewell.
    Quit,
    /// The end, at once.
    Panic,
}

/// What is to be done with the relay in this process.
#[derive(Clone, PartialEq, Eq)]
pub enum RelayEffect {
    /// A circle has another secret: where it is that of this relay, its owner comes by this invitation.
    Renew(Zeroizing<String>),
    /// Forget what would make it the same one when it comes back.
    Forget,
    /// Look who is connected: [`OutsideMsg::Visitors`](crate::OutsideMsg::Visitors) answers.
    Look,
    /// End a connection.
    Disconnect(ConnectionId),
    /// Shut an address out.
    Ban(IpAddr),
    /// Let an address in again.
    LiftBan(IpAddr),
}

/// Something for the engine. Compared by what is asked, not by its name: the command itself is not comparable, and holds
/// secrets.
#[derive(Clone)]
pub struct EngineRequest(pub Request);

impl PartialEq for EngineRequest {
    fn eq(&self, other: &Self) -> bool {
        let written = |command: &EngineCommand| {
            if let EngineCommand::On(on) = command {
                serde_json::to_string(on)
            } else {
                serde_json::to_string(command)
            }
        };
        written(&self.0.command).ok() == written(&other.0.command).ok()
    }
}

impl Eq for EngineRequest {}
