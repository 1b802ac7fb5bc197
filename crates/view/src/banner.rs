//! The banner about a server's connection, with the remedy that it offers.

use shepot_client::model::{ConnectionError, ConnectionState};
use shepot_l10n::L10n;

use crate::desk::{Comparison, Server};
use crate::sentence;

/// The severity of a banner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The connection is being made and nothing is wrong.
    Info,
    /// Something needs attention: a lost connection or an unknown identity of the server.
    Warning,
    /// The connection has come back.
    Good,
    /// Something failed: connecting, the session, or the comparison of the safety code.
    Danger,
}

/// The subject of a banner. Interfaces with pictures have one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About<'a> {
    /// The engine is dialling, or waits for the relay to let it in.
    Connecting,
    /// The connection was lost and is being made again.
    Lost,
    /// Connecting failed, or the session ended with this error.
    ConnectionError(&'a ConnectionError),
    /// The connection came back, and the safety code is worth comparing.
    Back,
    /// Messages were not sent, because somebody came in meanwhile: the person has to decide.
    Held,
    /// The server was added without a pin, and nobody has compared the safety code yet.
    Open,
    /// The person said that others see a different safety code.
    Differs,
}

/// The remedy that a banner offers as a button.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Remedy {
    /// No button: the person can do nothing here.
    #[default]
    Nothing,
    /// Connects, or tries again at once.
    Connect,
    /// Gives up connecting.
    Cancel,
    /// Opens the safety code for comparison.
    CheckCode,
    /// Shows the first message that was held back, to send or drop it.
    ShowHeld,
    /// Asks for a new invitation to enter with.
    NewInvitation,
}

/// A banner above a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner<'a> {
    /// The severity.
    pub kind: Kind,
    /// The subject.
    pub about: About<'a>,
    /// A few words before the text. Empty if there are none.
    pub title: String,
    /// The sentence. Empty if the title says it all.
    pub text: String,
    /// The remedy behind the button.
    pub remedy: Remedy,
    /// The label of the button. Empty if there is no remedy.
    pub action: String,
}

/// The most important banner about a server's connection; `None` if all is well. `seconds_left`: until the next try.
#[must_use]
#[allow(clippy::too_many_lines, reason = "one state after the other, the most important first")]
pub fn of<'a>(l10n: &L10n, server: &'a Server, seconds_left: u64) -> Option<Banner<'a>> {
    let say = |name: &str| l10n.tr(name, &[]);
    let sentence_of = |error: &ConnectionError| {
        if *error == ConnectionError::Unreachable {
            l10n.tr("ui-cn-unreach", &[("addr", &server.address)])
        } else if *error == ConnectionError::NotAdmitted && server.is_open {
            // No invitation was shown.
            say("ui-cn-closed")
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
        ConnectionState::Connected if server.timeline().held().next().is_some() => Some(Banner {
            kind: Kind::Warning,
            about: About::Held,
            title: String::new(),
            text: l10n
                .tr_count("ui-cn-held", u64::try_from(server.timeline().held().count()).unwrap_or(u64::MAX)),
            remedy: Remedy::ShowHeld,
            action: say("ui-cn-show"),
        }),
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

/// The remedy for an error that ended a session, and the name of its label in `l10n`. A person who was removed, or
/// whose invitation no longer works, is not offered to connect: that would destroy what was said.
const fn way_out_of(error: &ConnectionError) -> (Remedy, &'static str) {
    match error {
        ConnectionError::WrongIdentity
        | ConnectionError::InvitationExpired
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
