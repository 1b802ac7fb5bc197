//! What an interface has to do outside the program.

use std::net::IpAddr;

use shepot_client::{Command as EngineCommand, Request};
use shepot_relay::ConnectionId;
use shepot_sanitise::Sanitised;
use shepot_view::command::Command;
use zeroize::Zeroizing;

/// Something for an interface to do.
#[derive(Clone, PartialEq, Eq)]
pub enum Effect {
    /// The person has a nick: the engine can start. [`OutsideMsg::Started`](crate::OutsideMsg::Started) answers, or
    /// [`OutsideMsg::NotStarted`](crate::OutsideMsg::NotStarted).
    Start(String),
    /// Give this to the engine.
    Engine(Box<EngineRequest>),
    /// Start a relay in this process: [`OutsideMsg::Hosted`](crate::OutsideMsg::Hosted) answers, or
    /// [`OutsideMsg::NotHosted`](crate::OutsideMsg::NotHosted).
    Host,
    /// Stop the relay in this process.
    StopHosting,
    /// Do something with the relay in this process: see [`local_relay::carry_out`](crate::local_relay::carry_out).
    Relay(RelayEffect),
    /// Copy a text into the clipboard: [`OutsideMsg::Copied`](crate::OutsideMsg::Copied) answers.
    Copy(Sanitised),
    /// Empty the clipboard if our text is still there.
    ForgetCopied,
    /// Give up the system's selection.
    ForgetSelected,
    /// Notify the person of a message.
    Notify,
    /// Store the preferences, if the person allows it.
    Keep,
    /// Open a link in the browser.
    OpenLink(String),
    /// Paint an emoji as a picture to send: [`OutsideMsg::AvatarPainted`](crate::OutsideMsg::AvatarPainted) answers.
    PaintAvatar(String),
    /// Show or hide what stands beside the room: members, search or moods.
    Toggle(Command),
    /// End the program, and leave the circles properly.
    Quit,
    /// End the program at once.
    Panic,
}

/// Something to do with the relay in this process.
#[derive(Clone, PartialEq, Eq)]
pub enum RelayEffect {
    /// A circle has new invitations. If it is the relay's, its owner comes back with this one.
    Renew(Zeroizing<String>),
    /// Forget the identity, so that the next relay is another one.
    Forget,
    /// List the connections: [`OutsideMsg::Visitors`](crate::OutsideMsg::Visitors) answers.
    Look,
    /// End a connection.
    Disconnect(ConnectionId),
    /// Ban an address.
    Ban(IpAddr),
    /// Lift the ban on an address.
    LiftBan(IpAddr),
}

/// A request for the engine. Equality ignores its number, and compares the command as JSON since commands have no `Eq`.
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
