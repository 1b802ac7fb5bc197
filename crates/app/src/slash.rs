//! What stands behind a slash: the commands that are typed.

use shepot_view::L10n;
use shepot_view::completion::{Completion, Completions};
use thiserror::Error;

/// A command that is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slash {
    Help,
    Invite { owner: bool },
    Join(Option<String>),
    Leave,
    Remove,
    Connect,
    Host,
    StopHosting,
    Connections,
    Room(String),
    New(Option<String>),
    Rename(Option<String>),
    Timer(Option<u32>),
    Reply(Option<String>),
    Edit,
    Delete,
    React(Option<String>),
    Mention(String),
    Evict(String),
    Nick(String),
    Mood(Option<String>),
    Rooms,
    Who,
    Name(String),
    Address(String),
    Code(Option<String>),
    Seen,
    Search,
    Mute,
    Clear,
    Lock,
    Quit,
    Text(String),
}

/// It is no command, or it needs something else.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum SlashError {
    #[error("no such command")]
    Unknown(String),
    /// How it is written.
    #[error("used otherwise")]
    Usage(&'static str),
}

/// Every command: how it is written, and the name of its explanation. The help and the completion are made from it.
pub const SLASHES: &[(&str, &str)] = &[
    ("/help", "slash-help"),
    ("/invite [owner]", "slash-invite"),
    ("/join [LINK]", "slash-join"),
    ("/host", "slash-host"),
    ("/connect", "slash-connect"),
    ("/leave", "slash-leave"),
    ("/remove", "slash-remove"),
    ("/name NAME", "slash-name"),
    ("/address ADDRESS", "slash-address"),
    ("/room NAME", "slash-room"),
    ("/rooms", "slash-rooms"),
    ("/new [NAME]", "slash-new"),
    ("/rename [NAME]", "slash-rename"),
    ("/timer [SECONDS]", "slash-timer"),
    ("/reply [TEXT]", "slash-reply"),
    ("/react [EMOJI]", "slash-react"),
    ("/edit", "slash-edit"),
    ("/delete", "slash-delete"),
    ("/who", "slash-who"),
    ("/mention NICK", "slash-mention"),
    ("/evict NICK", "slash-evict"),
    ("/nick NICK", "slash-nick"),
    ("/mood [0-15]", "slash-mood"),
    ("/code [NICK]", "slash-code"),
    ("/seen", "slash-seen"),
    ("/search", "slash-search"),
    ("/mute", "slash-mute"),
    ("/clear", "slash-clear"),
    ("/lock", "slash-lock"),
    ("/connections", "slash-connections"),
    ("/stop", "slash-stop"),
    ("/quit", "slash-quit"),
];

impl Slash {
    /// What a line that begins with a slash means. Two slashes begin a text that begins with one.
    pub(crate) fn parse(line: &str) -> Result<Self, SlashError> {
        let command = line.trim().strip_prefix('/').unwrap_or(line);
        if command.starts_with('/') {
            return Ok(Self::Text(command.to_owned()));
        }
        let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        let rest = rest.trim();
        let name = match name {
            "h" | "?" => "help",
            "add" => "join",
            "disconnect" => "leave",
            "members" => "who",
            "r" => "room",
            "exit" | "q" => "quit",
            name => name,
        };
        let given = || Some(rest.to_owned()).filter(|rest| !rest.is_empty());
        let needed = |usage| given().ok_or(SlashError::Usage(usage));
        let is_known = |usage: &&(&'static str, &str)| usage.0.strip_prefix('/') == Some(name);
        if let Some((usage, _)) = SLASHES.iter().find(is_known)
            && !rest.is_empty()
        {
            // It takes nothing, and what stands there was meant to do something.
            return Err(SlashError::Usage(usage));
        }
        Ok(match name {
            "help" => Self::Help,
            "invite" => match rest {
                "" => Self::Invite { owner: false },
                "owner" => Self::Invite { owner: true },
                _ => return Err(SlashError::Usage("/invite [owner]")),
            },
            "join" => Self::Join(given()),
            "host" => Self::Host,
            "stop" => Self::StopHosting,
            "connections" => Self::Connections,
            "connect" => Self::Connect,
            "leave" => Self::Leave,
            "remove" => Self::Remove,
            "rooms" => Self::Rooms,
            "who" => Self::Who,
            "name" => Self::Name(needed("/name NAME")?),
            "address" => Self::Address(needed("/address ADDRESS")?),
            "room" => Self::Room(needed("/room NAME")?),
            "new" => Self::New(given()),
            "rename" => Self::Rename(given()),
            "timer" => match rest {
                "" => Self::Timer(None),
                seconds => {
                    Self::Timer(Some(seconds.parse().map_err(|_| SlashError::Usage("/timer [SECONDS]"))?))
                }
            },
            "reply" => Self::Reply(given()),
            "edit" => Self::Edit,
            "delete" => Self::Delete,
            "react" => Self::React(given()),
            "mention" => Self::Mention(needed("/mention NICK")?),
            "evict" => Self::Evict(needed("/evict NICK")?),
            "nick" => Self::Nick(needed("/nick NICK")?),
            "mood" => Self::Mood(given()),
            "code" => Self::Code(given()),
            "seen" => Self::Seen,
            "search" => Self::Search,
            "mute" => Self::Mute,
            "clear" => Self::Clear,
            "lock" => Self::Lock,
            "quit" => Self::Quit,
            _ => return Err(SlashError::Unknown(name.chars().take(40).collect())),
        })
    }
}

/// The commands that begin with what is typed; none where it is one of them already, and needs nothing more.
pub(crate) fn completions(l10n: &L10n, typed: &str) -> Completions {
    /// As many are offered.
    const MOST: usize = 8;
    let is_whole = |usage: &str| {
        let (name, wanted) = usage.split_once(' ').unwrap_or((usage, "["));
        name == typed && wanted.starts_with('[')
    };
    if SLASHES.iter().any(|(usage, _)| is_whole(usage)) {
        return Completions::default();
    }
    let fits = SLASHES.iter().filter(|(usage, _)| usage.starts_with(typed));
    let offered = fits.take(MOST).map(|(usage, explanation)| Completion {
        picture: None,
        shown: format!("{usage}  {}", l10n.tr(explanation, &[])),
        written: usage.split_once(' ').map_or_else(|| (*usage).to_owned(), |(name, _)| format!("{name} ")),
    });
    Completions { offered: offered.collect(), word_at: 0 }
}

#[cfg(test)]
mod tests {
    use shepot_view::{L10n, Language};

    use super::*;

    #[test]
    fn short_names_are_as_strict_as_long_ones() {
        for line in ["/q now", "/h me", "/disconnect x", "/members x", "/exit 1"] {
            assert!(matches!(Slash::parse(line), Err(SlashError::Usage(_))), "{line}");
        }
        assert_eq!(Slash::parse("/r book-club"), Ok(Slash::Room("book-club".into())));
        assert_eq!(Slash::parse("/q"), Ok(Slash::Quit));
    }

    #[test]
    fn every_command_of_the_help_is_one_and_is_explained() {
        for (usage, explanation) in SLASHES {
            let filled = usage
                .replace("[owner]", "owner")
                .replace("[LINK]", "x")
                .replace("[0-15]", "3")
                .replace("[SECONDS]", "30")
                .replace(['[', ']'], "");
            assert!(Slash::parse(&filled).is_ok(), "{usage}");
            for language in Language::ALL {
                assert!(L10n::new(language).has(explanation), "{explanation}");
            }
        }
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(Slash::parse("/nope x"), Err(SlashError::Unknown("nope".into())));
        assert_eq!(Slash::parse("/room"), Err(SlashError::Usage("/room NAME")));
        assert_eq!(Slash::parse("/edit 1 x"), Err(SlashError::Usage("/edit")));
        assert_eq!(Slash::parse("/timer soon"), Err(SlashError::Usage("/timer [SECONDS]")));
        assert_eq!(Slash::parse("//etc"), Ok(Slash::Text("/etc".into())));
        assert_eq!(Slash::parse("/reply да, конечно"), Ok(Slash::Reply(Some("да, конечно".into()))));
    }
}
