//! What a line means: a message, or a command behind a slash.

use thiserror::Error;

/// A line of the plain mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LineCommand {
    Say(String),
    Help,
    Who,
    Rooms,
    Room(String),
    NewRoom(String),
    RenameRoom(String),
    Timer(u32),
    Reply(u64, String),
    Edit(u64, String),
    Delete(u64),
    React(u64, String),
    Nick(String),
    Mood(u8),
    Invite { owner: bool },
    Code(Option<String>),
    Evict(String),
    Resend(u64),
    Discard(u64),
    Servers,
    Add(String),
    Server(u32),
    Remove(u32),
    Connect,
    Disconnect,
    Posture,
    Seen,
    Clear,
    Leave,
    Nothing,
}

/// What is wrong with a command.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum LineCommandError {
    #[error("no such command")]
    Unknown(String),
    /// The command needs more, or something else; the name of its line in the help.
    #[error("used otherwise")]
    Usage(&'static str),
}

/// Every command: how it is written, and the name of its explanation. The help is made from it.
pub(crate) const COMMANDS: &[(&str, &str)] = &[
    ("/help", "help-help"),
    ("/who", "help-who"),
    ("/rooms", "help-rooms"),
    ("/room NAME", "help-room"),
    ("/new NAME", "help-new"),
    ("/rename NAME", "help-rename"),
    ("/timer SECONDS", "help-timer"),
    ("/reply N TEXT", "help-reply"),
    ("/edit N TEXT", "help-edit"),
    ("/delete N", "help-delete"),
    ("/react N EMOJI", "help-react"),
    ("/nick NICK", "help-nick"),
    ("/mood 0-15", "help-mood"),
    ("/invite [owner]", "help-invite"),
    ("/code [NICK]", "help-code"),
    ("/evict NICK", "help-evict"),
    ("/resend N", "help-resend"),
    ("/discard N", "help-discard"),
    ("/servers", "help-servers"),
    ("/add INVITATION", "help-add"),
    ("/server N", "help-server"),
    ("/remove N", "help-remove"),
    ("/connect", "help-connect"),
    ("/disconnect", "help-disconnect"),
    ("/posture", "help-posture"),
    ("/seen", "help-seen"),
    ("/clear", "help-clear"),
    ("/leave", "help-leave"),
];

impl LineCommand {
    pub(crate) fn parse(line: &str) -> Result<Self, LineCommandError> {
        let line = line.trim();
        if line.is_empty() {
            return Ok(Self::Nothing);
        }
        let Some(command) = line.strip_prefix('/') else {
            return Ok(Self::Say(line.to_owned()));
        };
        // Two slashes begin a message that begins with one.
        if command.starts_with('/') {
            return Ok(Self::Say(command.to_owned()));
        }
        let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        let rest = rest.trim();
        let text = |usage| {
            if rest.is_empty() { Err(LineCommandError::Usage(usage)) } else { Ok(rest.to_owned()) }
        };
        let number = |usage| rest.parse().map_err(|_| LineCommandError::Usage(usage));
        match name {
            "help" | "h" | "?" => Ok(Self::Help),
            "who" | "w" => Ok(Self::Who),
            "rooms" => Ok(Self::Rooms),
            "room" | "r" => text("/room NAME").map(Self::Room),
            "new" => text("/new NAME").map(Self::NewRoom),
            "rename" => text("/rename NAME").map(Self::RenameRoom),
            "timer" => rest.parse().map(Self::Timer).map_err(|_| LineCommandError::Usage("/timer SECONDS")),
            "reply" => numbered(rest, "/reply N TEXT").map(|(n, text)| Self::Reply(n, text)),
            "edit" => numbered(rest, "/edit N TEXT").map(|(n, text)| Self::Edit(n, text)),
            "delete" => number("/delete N").map(Self::Delete),
            "react" => numbered(rest, "/react N EMOJI").map(|(n, text)| Self::React(n, text)),
            "nick" => text("/nick NICK").map(Self::Nick),
            "mood" => rest.parse().map(Self::Mood).map_err(|_| LineCommandError::Usage("/mood 0-15")),
            "invite" => match rest {
                "" => Ok(Self::Invite { owner: false }),
                "owner" => Ok(Self::Invite { owner: true }),
                _ => Err(LineCommandError::Usage("/invite [owner]")),
            },
            "code" => Ok(Self::Code(Some(rest.to_owned()).filter(|rest| !rest.is_empty()))),
            "evict" => text("/evict NICK").map(Self::Evict),
            "resend" => number("/resend N").map(Self::Resend),
            "discard" => number("/discard N").map(Self::Discard),
            "servers" => Ok(Self::Servers),
            "add" => text("/add INVITATION").map(Self::Add),
            "remove" => rest.parse().map(Self::Remove).map_err(|_| LineCommandError::Usage("/remove N")),
            "server" => rest.parse().map(Self::Server).map_err(|_| LineCommandError::Usage("/server N")),
            "connect" => Ok(Self::Connect),
            "disconnect" => Ok(Self::Disconnect),
            "posture" => Ok(Self::Posture),
            "seen" => Ok(Self::Seen),
            "clear" => Ok(Self::Clear),
            "leave" | "quit" | "exit" | "q" => Ok(Self::Leave),
            _ => Err(LineCommandError::Unknown(name.chars().take(40).collect())),
        }
    }
}

fn numbered(rest: &str, usage: &'static str) -> Result<(u64, String), LineCommandError> {
    let (number, text) = rest.split_once(char::is_whitespace).ok_or(LineCommandError::Usage(usage))?;
    let number = number.parse().map_err(|_| LineCommandError::Usage(usage))?;
    let text = text.trim();
    if text.is_empty() { Err(LineCommandError::Usage(usage)) } else { Ok((number, text.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_messages_and_slashes_are_commands() {
        assert_eq!(LineCommand::parse(" привет "), Ok(LineCommand::Say("привет".into())));
        assert_eq!(LineCommand::parse("//etc"), Ok(LineCommand::Say("/etc".into())));
        assert_eq!(LineCommand::parse("/reply 3  да "), Ok(LineCommand::Reply(3, "да".into())));
        assert_eq!(LineCommand::parse("/react 3 👍"), Ok(LineCommand::React(3, "👍".into())));
        assert_eq!(LineCommand::parse("/invite owner"), Ok(LineCommand::Invite { owner: true }));
        assert_eq!(LineCommand::parse("  "), Ok(LineCommand::Nothing));
    }

    #[test]
    fn mistakes_say_how_it_is_written() {
        assert_eq!(LineCommand::parse("/reply 3"), Err(LineCommandError::Usage("/reply N TEXT")));
        assert_eq!(LineCommand::parse("/edit x y"), Err(LineCommandError::Usage("/edit N TEXT")));
        assert_eq!(LineCommand::parse("/timer soon"), Err(LineCommandError::Usage("/timer SECONDS")));
        assert_eq!(LineCommand::parse("/frobnicate"), Err(LineCommandError::Unknown("frobnicate".into())));
    }

    #[test]
    fn every_command_of_the_help_is_understood_and_explained() {
        let l10n = shepot_view::L10n::new(shepot_view::Language::Russian);
        for (usage, help) in COMMANDS {
            let name = usage.split_whitespace().next().unwrap();
            assert!(!matches!(LineCommand::parse(name), Err(LineCommandError::Unknown(_))), "{name}");
            assert!(l10n.has(help), "{help}");
        }
    }
}
