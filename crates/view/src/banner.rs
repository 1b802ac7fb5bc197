//! What has to be said about the connection of a server, and the way out that is offered with it.

use shepot_client::model::{ConnectionState, Problem};
use shepot_words::Words;

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
    /// A problem.
    Problem(&'a Problem),
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
pub fn of<'a>(words: &Words, server: &'a Server, seconds_left: u64) -> Option<Banner<'a>> {
    let say = |name: &str| words.say(name, &[]);
    let sentence_of = |problem: &Problem| {
        if *problem == Problem::Unreachable {
            words.say("ui-cn-unreach", &[("addr", &server.address)])
        } else {
            sentence::problem(words, problem)
        }
    };
    match &server.state {
        ConnectionState::Connecting | ConnectionState::Waiting => Some(Banner {
            kind: Kind::Info,
            about: About::Connecting,
            title: words.say("ui-cn-connecting", &[("server", server.title())]),
            text: if server.state == ConnectionState::Waiting {
                sentence::state(words, &server.state)
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
                words.say("ui-cn-retry-in", &[("n", &seconds_left.to_string())])
            };
            let (kind, about, title, text) = match &server.problem {
                Some(problem) if !server.was_lost => {
                    let text = format!("{} {next}", sentence_of(problem));
                    (Kind::Danger, About::Problem(problem), String::new(), text)
                }
                _ => (Kind::Warning, About::Lost, say("ui-cn-lost"), next),
            };
            Some(Banner { kind, about, title, text, remedy: Remedy::Connect, action: say("ui-cn-now") })
        }
        ConnectionState::Disconnected | ConnectionState::Ended => {
            let problem = server.problem.as_ref()?;
            let (remedy, action) = way_out_of(problem);
            Some(Banner {
                kind: Kind::Danger,
                about: About::Problem(problem),
                title: String::new(),
                text: sentence_of(problem),
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

/// What can be done about a problem that ended a session, and the name of its words.
/// Whoever was removed, or has an invitation that opens nothing any more, is not sent to connect: what was said would be
/// destroyed for that.
const fn way_out_of(problem: &Problem) -> (Remedy, &'static str) {
    match problem {
        Problem::WrongIdentity
        | Problem::InvitationExpired
        | Problem::InvitationUsedUp
        | Problem::InvitationRevoked
        | Problem::InvitationOutdated
        | Problem::Evicted
        | Problem::SecretChanged
        | Problem::NotAdmitted => (Remedy::Remove, "ui-remove"),
        Problem::ServerTooNew | Problem::ServerTooOld => (Remedy::Nothing, ""),
        // A ban may have been lifted.
        Problem::Banned | Problem::DisconnectedByOperator | Problem::Replaced => {
            (Remedy::Connect, "ui-connect")
        }
        Problem::Unreachable
        | Problem::UnknownHost
        | Problem::NotShepot
        | Problem::ServerFull
        | Problem::AddressFull
        | Problem::CircleFull
        | Problem::WrongOwner
        | Problem::JoinRefused
        | Problem::ShuttingDown
        | Problem::ServerMisbehaves
        | Problem::TooLargeForServer
        | Problem::TooFast
        | Problem::NoRandomness => (Remedy::Connect, "ui-cn-now"),
    }
}
