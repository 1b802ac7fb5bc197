//! What has to be said about the connection of a server, and the way out that is offered with it.

use shepot_client::model::{ConnectionError, ConnectionState};
use shepot_l10n::L10n;

use crate::desk::{Comparison, Server};
use crate::sentence;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something goes its way.
    Info,
    /// Something is in the way.
    Warning,
    /// Something is well again.
    Good,
    /// It goes no further by itself.
    Danger,
}

/// What the banner is about: interfaces with pictures have one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About<'a> {
    /// A connection is being made.
    Connecting,
    /// The connection was lost.
    Lost,
    /// An error of the connection.
    ConnectionError(&'a ConnectionError),
    /// The connection came back with new keys.
    Back,
    /// The server's identity is not known.
    Open,
    /// The person said that others see another safety code.
    Differs,
}

/// The way out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Remedy {
    /// There is none here.
    #[default]
    Nothing,
    /// Connect, or try at once.
    Connect,
    /// Give it up.
    Cancel,
    /// Compare the safety code.
    CheckCode,
    /// Come in by a new invitation.
    NewInvitation,
    /// Take the server off the list.
    Remove,
}

/// A banner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner<'a> {
    /// How much it matters.
    pub kind: Kind,
    /// What it is about.
    pub about: About<'a>,
    /// A few words before the text; may be empty.
    pub title: String,
    /// What there is to say; may be empty.
    pub text: String,
    /// The way out.
    pub remedy: Remedy,
    /// What the way out is called; empty where there is none.
    pub action: String,
}

/// What has to be said about the connection of a server, the most important first. `seconds_left`: until the next try.
#[must_use]
#[allow(clippy::too_many_lines, reason = "one state after the other, the most important first")]
pub fn of<'a>(l10n: &L10n, server: &'a Server, seconds_left: u64) -> Option<Banner<'a>> {
    let say = |name: &str| l10n.tr(name, &[]);
    let sentence_of = |error: &ConnectionError| {
        if *error == ConnectionError::Unreachable {
            l10n.tr("ui-cn-unreach", &[("addr", &server.address)])
        } else {
            sentence::connection_error(l10n, error)
        }
    };
    match &server.state {
        ConnectionState::Connecting | ConnectionState::Waiting => Some(Banner {
            kind: Kind::Info,
            about: About::Connecting,
            title: l10n.tr("ui-cn-connecting", &[("server", server.title())]),
            text: if server.state == ConnectionState::Waiting {
                sentence::state(l10n, &server.state)
            } else {
                String::new()
            },
            remedy: Remedy::Cancel,
            action: say("ui-cancel"),
        }),
        ConnectionState::Reconnecting { .. } => {
            let next = if seconds_left == 0 {
                say("ui-st-conn")
            } else {
                l10n.tr("ui-cn-retry-in", &[("n", &seconds_left.to_string())])
            };
            let (kind, about, title, text) = match &server.error {
                Some(error) if !server.was_lost => {
                    let text = format!("{} {next}", sentence_of(error));
                    (Kind::Danger, About::ConnectionError(error), String::new(), text)
                }
                _ => (Kind::Warning, About::Lost, say("ui-cn-lost"), next),
            };
            Some(Banner { kind, about, title, text, remedy: Remedy::Connect, action: say("ui-cn-now") })
        }
        ConnectionState::Disconnected | ConnectionState::Ended => {
            let error = server.error.as_ref()?;
            let (remedy, action) = way_out_of(error);
            Some(Banner {
                kind: Kind::Danger,
                about: About::ConnectionError(error),
                title: String::new(),
                text: sentence_of(error),
                remedy,
                action: if action.is_empty() { String::new() } else { say(action) },
            })
        }
        ConnectionState::Connected if matches!(server.comparison(), Comparison::Differs { .. }) => {
            Some(Banner {
                kind: Kind::Danger,
                about: About::Differs,
                title: String::new(),
                text: say("ui-sc-differs-warn"),
                remedy: Remedy::CheckCode,
                action: say("ui-ev-check"),
            })
        }
        ConnectionState::Connected if server.is_open && server.comparison() == Comparison::NotYet => {
            Some(Banner {
                kind: Kind::Warning,
                about: About::Open,
                title: String::new(),
                text: say("ui-open-warn"),
                remedy: Remedy::CheckCode,
                action: say("ui-ev-check"),
            })
        }
        ConnectionState::Connected if server.is_back => Some(Banner {
            kind: Kind::Good,
            about: About::Back,
            title: String::new(),
            text: say("ui-cn-back"),
            remedy: Remedy::CheckCode,
            action: say("ui-ev-check"),
        }),
        ConnectionState::Connected => None,
    }
}

/// What can be done about an error that ended a session, and the name of its words.
/// Whoever was removed, or has an invitation that opens nothing any more, is not sent to connect: what was said would be
/// destroyed for that.
const fn way_out_of(error: &ConnectionError) -> (Remedy, &'static str) {
    match error {
        ConnectionError::WrongIdentity => (Remedy::Remove, "ui-remove"),
        ConnectionError::InvitationExpired
        | ConnectionError::InvitationUsedUp
        | ConnectionError::InvitationRevoked
        | ConnectionError::InvitationOutdated
        | ConnectionError::Evicted
        | ConnectionError::SecretChanged
        | ConnectionError::NotAdmitted => (Remedy::NewInvitation, "ui-new-invitation"),
        ConnectionError::ServerTooNew | ConnectionError::ServerTooOld => (Remedy::Nothing, ""),
        // A ban may have been lifted.
        ConnectionError::Banned | ConnectionError::DisconnectedByOperator | ConnectionError::Replaced => {
            (Remedy::Connect, "ui-connect")
        }
        ConnectionError::Unreachable
        | ConnectionError::UnknownHost
        | ConnectionError::NotShepot
        | ConnectionError::ServerFull
        | ConnectionError::AddressFull
        | ConnectionError::CircleFull
        | ConnectionError::WrongOwner
        | ConnectionError::JoinRefused
        | ConnectionError::ShuttingDown
        | ConnectionError::ServerMisbehaves
        | ConnectionError::TooLargeForServer
        | ConnectionError::TooFast
        | ConnectionError::NoRandomness => (Remedy::Connect, "ui-cn-now"),
    }
}
