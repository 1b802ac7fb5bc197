//! Slash commands, on the full screen and in plain lines. One table has their names, arguments and explanations, and
//! which of them do what a key does.

use shepot_l10n::L10n;
use thiserror::Error;

use crate::command::Command;
use crate::completion::{Completion, Completions};
use crate::mood;

/// Where a command is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// On the full screen: a command acts on the selected message, and the program asks for what is missing.
    Screen,
    /// In plain lines: messages have numbers, and the line contains everything.
    Lines,
}

/// A slash command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is explained in the table")]
pub enum Slash {
    /// Does what a key or the switcher does.
    Do(Command),
    /// Makes an invitation whose holder becomes an owner too.
    InviteOwner,
    Join,
    Remove,
    Servers,
    Server,
    Name,
    Address,
    Room,
    New,
    Rename,
    DeleteRoom,
    Say,
    Timer,
    Reply,
    React,
    Edit,
    Delete,
    Undo,
    Held,
    Resend,
    Discard,
    Mention,
    Evict,
    Nick,
    Mood,
    PairCode,
    Posture,
    Mute,
    SearchFor,
    LockAfter,
    Stop,
}

impl Slash {
    /// Whether it acts on a message. In plain lines its number names the message.
    #[must_use]
    pub const fn is_about_a_message(self) -> bool {
        matches!(self, Self::Reply | Self::React | Self::Edit | Self::Delete | Self::Resend | Self::Discard)
    }
}

/// A command with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlashLine {
    /// The command.
    pub slash: Slash,
    /// The number: a message's or a server's, seconds, minutes, or a mood.
    pub number: Option<u64>,
    /// The text. Never an empty string.
    pub text: Option<String>,
}

/// What a line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Text to say. May be empty.
    Said(String),
    /// A slash command.
    Command(SlashLine),
}

/// Why a line is not a valid command.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SlashError {
    /// There is no command with this name, of which at most 40 characters are kept.
    #[error("no such command")]
    Unknown(String),
    /// The arguments are wrong. Contains the correct usage.
    #[error("used otherwise")]
    Usage {
        /// Its name, without the slash.
        name: &'static str,
        /// What stands behind it, as the table has it.
        arguments: &'static str,
    },
}

/// The arguments as they are explained and parsed (`[…]` is optional, `N` and the like are numbers), and the name of
/// the explanation in `l10n`.
type Form = (&'static str, &'static str);

struct Row {
    slash: Slash,
    /// What it does without arguments, if that is something else.
    alone: Option<Command>,
    /// Its names. Help shows the first.
    names: &'static [&'static str],
    /// On the screen and in lines; `None` if it is not available there.
    forms: [Option<Form>; 2],
}

const fn row(slash: Slash, names: &'static [&'static str], forms: [Option<Form>; 2]) -> Row {
    Row { slash, alone: None, names, forms }
}

const fn both(arguments: &'static str, help: &'static str) -> [Option<Form>; 2] {
    [Some((arguments, help)), Some((arguments, help))]
}

const fn screen(arguments: &'static str, help: &'static str) -> [Option<Form>; 2] {
    [Some((arguments, help)), None]
}

const fn lines(arguments: &'static str, help: &'static str) -> [Option<Form>; 2] {
    [None, Some((arguments, help))]
}

/// What stands for a value in a [`Form`], and the names of the words that people read there.
const VALUES: &[(&str, &str)] = &[
    ("ADDRESS", "help-value-address"),
    ("EMOJI", "slash-value-emoji"),
    ("LINK", "slash-value-link"),
    ("MINUTES", "help-value-minutes"),
    ("N", "slash-value-number"),
    ("NAME", "help-value-name"),
    ("NICK", "help-value-nick"),
    ("SECONDS", "slash-value-seconds"),
    ("TEXT", "slash-value-text"),
];

/// Every command, in the order of the help.
const TABLE: &[Row] = &[
    row(Slash::Do(Command::Keys), &["help", "h", "?"], both("", "slash-help")),
    row(Slash::InviteOwner, &["invite"], both("[owner]", "slash-invite")).or(Command::Invite),
    row(Slash::Join, &["join", "add"], [Some(("[LINK]", "slash-join")), Some(("LINK", "slash-join"))])
        .or(Command::AddServer),
    row(Slash::Do(Command::Host), &["host"], screen("", "slash-host")),
    row(Slash::Do(Command::Connect), &["connect"], both("", "slash-connect")),
    row(Slash::Do(Command::Disconnect), &["leave", "disconnect"], both("", "slash-leave")),
    row(Slash::Remove, &["remove"], both("", "slash-remove")),
    row(Slash::Servers, &["servers"], lines("", "slash-servers")),
    row(Slash::Server, &["server"], lines("N", "slash-server")),
    row(Slash::Name, &["name"], screen("NAME", "slash-name")),
    row(Slash::Address, &["address"], screen("ADDRESS", "slash-address")),
    row(Slash::Say, &["say"], both("TEXT", "slash-say")),
    row(Slash::Room, &["room", "r"], both("NAME", "slash-room")),
    row(Slash::Do(Command::Rooms), &["rooms"], both("", "slash-rooms")),
    row(Slash::New, &["new"], [Some(("[NAME]", "slash-new")), Some(("NAME", "slash-new"))])
        .or(Command::NewRoom),
    row(Slash::Rename, &["rename"], [Some(("[NAME]", "slash-rename")), Some(("NAME", "slash-rename"))]),
    row(Slash::Timer, &["timer"], [Some(("[SECONDS]", "slash-timer")), Some(("SECONDS", "slash-timer"))]),
    row(
        Slash::Reply,
        &["reply"],
        [Some(("[TEXT]", "slash-reply")), Some(("N TEXT", "slash-reply-to-number"))],
    ),
    row(
        Slash::React,
        &["react"],
        [Some(("[EMOJI]", "slash-react")), Some(("N EMOJI", "slash-react-to-number"))],
    ),
    row(Slash::Edit, &["edit"], [Some(("", "slash-edit")), Some(("N TEXT", "slash-edit-number"))]),
    row(Slash::Delete, &["delete"], [Some(("", "slash-delete")), Some(("N", "slash-delete-number"))]),
    row(Slash::Undo, &["undo"], both("", "slash-undo")),
    row(Slash::Held, &["held"], screen("", "slash-held")),
    row(Slash::Resend, &["resend"], lines("N", "slash-resend")),
    row(Slash::Discard, &["discard"], lines("N", "slash-discard")),
    row(Slash::Do(Command::Members), &["who", "members", "w"], both("", "slash-who")),
    row(Slash::Mention, &["mention"], screen("NICK", "slash-mention")),
    row(Slash::Evict, &["evict"], both("NICK", "slash-evict")),
    row(Slash::Nick, &["nick"], both("NICK", "slash-nick")),
    row(Slash::Mood, &["mood"], [Some(("[0-15]", "slash-mood")), Some(("0-15", "slash-mood"))])
        .or(Command::Moods),
    row(Slash::PairCode, &["code"], both("[NICK]", "slash-code")).or(Command::SafetyCode),
    row(Slash::Do(Command::ServerRecord), &["seen"], both("", "slash-seen")),
    row(Slash::Posture, &["posture"], lines("", "slash-posture")),
    row(Slash::SearchFor, &["search"], screen("[TEXT]", "slash-search")).or(Command::Search),
    row(Slash::Mute, &["mute"], screen("", "slash-mute")),
    row(Slash::Do(Command::Clear), &["clear"], both("", "slash-clear-room")),
    row(Slash::Do(Command::ClearServer), &["clear-all"], both("", "slash-clear")),
    row(Slash::DeleteRoom, &["delete-room"], both("", "slash-delete-room")),
    row(Slash::LockAfter, &["lock"], screen("[MINUTES]", "slash-lock")).or(Command::Lock),
    row(Slash::Do(Command::Connections), &["connections"], screen("", "slash-connections")),
    row(Slash::Stop, &["stop"], both("", "slash-stop")),
    row(Slash::Do(Command::Quit), &["quit", "exit", "q"], both("", "slash-quit")),
];

impl Row {
    /// Makes it do what a key does if it has no arguments.
    const fn or(self, alone: Command) -> Self {
        Self { alone: Some(alone), ..self }
    }

    const fn form(&self, prompt: Prompt) -> Option<Form> {
        let [screen, lines] = self.forms;
        match prompt {
            Prompt::Screen => screen,
            Prompt::Lines => lines,
        }
    }

    fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }
}

/// How a command is written, in the person's language: `[МИНУТЫ]`.
fn usage(l10n: &L10n, name: &str, arguments: &str) -> String {
    let mut usage = format!("/{name}");
    for argument in arguments.split_whitespace() {
        let word = argument.trim_matches(['[', ']']);
        let shown = VALUES.iter().find(|(value, _)| *value == word).map(|(_, name)| plain(l10n, name));
        usage.push(' ');
        usage.push_str(&shown.map_or_else(|| argument.to_owned(), |shown| argument.replace(word, &shown)));
    }
    usage
}

fn plain(l10n: &L10n, name: &str) -> String {
    l10n.tr(name, &[])
}

/// Every command available there: its usage and its purpose.
#[must_use]
pub fn explained(l10n: &L10n, prompt: Prompt) -> Vec<(String, String)> {
    let forms = TABLE.iter().filter_map(|row| Some((row, row.form(prompt)?)));
    forms.map(|(row, (arguments, help))| (usage(l10n, row.name(), arguments), plain(l10n, help))).collect()
}

/// Parses a line. Two slashes begin a text that begins with one slash.
///
/// # Errors
///
/// [`SlashError`] for an unknown command or wrong arguments.
pub fn parse(prompt: Prompt, line: &str) -> Result<Meaning, SlashError> {
    let line = line.trim();
    let Some(command) = line.strip_prefix('/') else { return Ok(Meaning::Said(line.to_owned())) };
    if command.starts_with('/') {
        return Ok(Meaning::Said(command.to_owned()));
    }
    let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let name = &*name.to_lowercase();
    let found = TABLE.iter().filter(|row| row.names.contains(&name));
    let Some((row, (arguments, _))) = found.filter_map(|row| Some((row, row.form(prompt)?))).next() else {
        return Err(SlashError::Unknown(name.chars().take(40).collect()));
    };
    let (number, text) =
        behind(arguments, rest.trim()).ok_or_else(|| SlashError::Usage { name: row.name(), arguments })?;
    let is_alone = number.is_none() && text.is_none();
    let slash = row.alone.filter(|_| is_alone).map_or(row.slash, Slash::Do);
    Ok(Meaning::Command(SlashLine { slash, number, text }))
}

/// The names of the slash command that does this; empty if there is none.
pub(crate) fn names_of(command: Command) -> &'static [&'static str] {
    let does = |row: &&Row| row.slash == Slash::Do(command) || row.alone == Some(command);
    TABLE.iter().find(does).map_or(&[], |row| row.names)
}

/// The number and the text of the arguments; `None` if they are wrong.
fn behind(arguments: &str, rest: &str) -> Option<(Option<u64>, Option<String>)> {
    if rest.is_empty() {
        return (arguments.is_empty() || arguments.starts_with('[')).then_some((None, None));
    }
    let number = |text: &str| text.parse::<u64>().ok();
    match arguments.trim_matches(['[', ']']) {
        // It takes nothing, and what stands there was meant to do something.
        "" => None,
        "owner" => (rest == "owner").then(|| (None, Some(rest.to_owned()))),
        "N" | "SECONDS" | "MINUTES" => Some((Some(number(rest)?), None)),
        "0-15" => {
            let number =
                rest.parse::<u8>().ok().filter(|number| *number == 0 || mood::emoji(*number).is_some());
            Some((Some(number?.into()), None))
        }
        numbered if numbered.starts_with("N ") => {
            let (first, text) = rest.split_once(char::is_whitespace)?;
            Some((Some(number(first)?), Some(text.trim().to_owned())))
        }
        _ => Some((None, Some(rest.to_owned()))),
    }
}

/// What is wrong with a line, in words.
#[must_use]
pub fn error(l10n: &L10n, error: &SlashError) -> String {
    match error {
        SlashError::Unknown(name) => l10n.tr("terminal-unknown-command", &[("name", name)]),
        SlashError::Usage { name, arguments } => {
            l10n.tr("terminal-usage", &[("usage", &usage(l10n, name, arguments))])
        }
    }
}

/// Commands that begin with `typed`. None if it is a complete command that needs no arguments.
#[must_use]
pub fn completions(l10n: &L10n, typed: &str) -> Completions {
    /// The most commands offered at once.
    const MOST: usize = 8;
    // Nothing is to be completed: Enter runs it, or says what is missing.
    let is_whole = |usage: &str| usage.split(' ').next() == Some(typed);
    let commands = explained(l10n, Prompt::Screen);
    if commands.iter().any(|(usage, _)| is_whole(usage)) {
        return Completions::default();
    }
    let fits = commands.iter().filter(|(usage, _)| usage.starts_with(typed));
    let offered = fits.take(MOST).map(|(usage, explanation)| Completion {
        picture: None,
        shown: format!("{usage}  {explanation}"),
        written: usage.split_once(' ').map_or_else(|| usage.clone(), |(name, _)| format!("{name} ")),
    });
    Completions { offered: offered.collect(), word_at: 0 }
}

#[cfg(test)]
mod tests {
    use shepot_l10n::Language;

    use super::*;

    const PROMPTS: [Prompt; 2] = [Prompt::Screen, Prompt::Lines];

    fn command(slash: Slash, number: Option<u64>, text: Option<&str>) -> Result<Meaning, SlashError> {
        Ok(Meaning::Command(SlashLine { slash, number, text: text.map(str::to_owned) }))
    }

    fn usage_of<T>(name: &'static str, arguments: &'static str) -> Result<T, SlashError> {
        Err(SlashError::Usage { name, arguments })
    }

    #[test]
    fn lines_are_messages_and_slashes_are_commands() {
        for prompt in PROMPTS {
            assert_eq!(parse(prompt, " привет "), Ok(Meaning::Said("привет".into())));
            assert_eq!(parse(prompt, "//etc"), Ok(Meaning::Said("/etc".into())));
            assert_eq!(parse(prompt, "  "), Ok(Meaning::Said(String::new())));
            assert_eq!(parse(prompt, "/Invite owner"), command(Slash::InviteOwner, None, Some("owner")));
            assert_eq!(parse(prompt, "/r book-club"), command(Slash::Room, None, Some("book-club")));
        }
        assert_eq!(parse(Prompt::Screen, "/reply да, 3"), command(Slash::Reply, None, Some("да, 3")));
        assert_eq!(parse(Prompt::Lines, "/reply 3  да "), command(Slash::Reply, Some(3), Some("да")));
        assert_eq!(parse(Prompt::Lines, "/delete 3"), command(Slash::Delete, Some(3), None));
        assert_eq!(parse(Prompt::Lines, "/w"), command(Slash::Do(Command::Members), None, None));
        assert_eq!(parse(Prompt::Screen, "/mood"), command(Slash::Do(Command::Moods), None, None));
        assert_eq!(parse(Prompt::Screen, "/mood 0"), command(Slash::Mood, Some(0), None));
    }

    #[test]
    fn what_stands_behind_a_command_is_explained_in_the_language() {
        let russian = L10n::new(Language::Russian);
        assert_eq!(usage(&russian, "timer", "[SECONDS]"), "/timer [СЕКУНДЫ]");
        assert_eq!(usage(&russian, "reply", "N TEXT"), "/reply N ТЕКСТ");
        let forms = TABLE.iter().flat_map(|row| row.forms.into_iter().flatten());
        for word in forms.flat_map(|(arguments, _)| arguments.split_whitespace()) {
            let value = word.trim_matches(['[', ']']);
            let is_typed = matches!(value, "owner" | "0-15");
            assert!(is_typed || VALUES.iter().any(|(known, _)| *known == value), "{word}");
        }
    }

    #[test]
    fn a_word_does_the_same_wherever_it_is_typed() {
        for row in TABLE {
            for name in row.names {
                assert_eq!(TABLE.iter().filter(|other| other.names.contains(name)).count(), 1, "{name}");
            }
        }
        for line in ["/leave", "/disconnect", "/quit", "/q", "/remove", "/who", "/w", "/timer 30", "/code"] {
            assert_eq!(parse(Prompt::Screen, line), parse(Prompt::Lines, line), "{line}");
        }
    }

    #[test]
    fn short_names_are_as_strict_as_long_ones() {
        for prompt in PROMPTS {
            for line in ["/q now", "/h me", "/disconnect x", "/members x", "/exit 1", "/leave now"] {
                assert!(matches!(parse(prompt, line), Err(SlashError::Usage { .. })), "{line}");
            }
        }
    }

    #[test]
    fn every_command_is_explained_and_read_as_it_is_explained() {
        for prompt in PROMPTS {
            for row in TABLE {
                let Some((arguments, help)) = row.form(prompt) else { continue };
                let filled = format!("/{} {arguments}", row.name());
                let filled = filled.replace("0-15", "3").replace("SECONDS", "30").replace("MINUTES", "5");
                let filled = filled.replace(['[', ']'], "").replace(" N", " 7");
                let filled = filled.replace(" 7AME", " NAME").replace(" 7ICK", " NICK");
                let Ok(Meaning::Command(line)) = parse(prompt, &filled) else { panic!("{filled}") };
                assert_eq!(line.slash, row.slash, "{filled}");
                for language in Language::ALL {
                    assert!(L10n::new(language).has(help), "{help}");
                }
            }
        }
    }

    /// What each of them lays over the room `terminal::plain::screen` prints: what is explained there is not passed
    /// over.
    #[test]
    fn plain_lines_have_few_of_the_commands_of_keys() {
        let rows = TABLE.iter().filter(|row| {
            row.form(Prompt::Lines).is_some_and(|(wanted, _)| wanted.is_empty() || wanted.starts_with('['))
        });
        let command = |row: &Row| if let Slash::Do(command) = row.slash { Some(command) } else { row.alone };
        let have: Vec<Command> = rows.filter_map(command).collect();
        use Command::{
            Clear, ClearServer, Connect, Disconnect, Invite, Keys, Members, Quit, Rooms, SafetyCode,
            ServerRecord,
        };
        assert_eq!(
            have,
            [
                Keys,
                Invite,
                Connect,
                Disconnect,
                Rooms,
                Members,
                SafetyCode,
                ServerRecord,
                Clear,
                ClearServer,
                Quit
            ]
        );
    }

    #[test]
    fn mistakes_are_named() {
        for prompt in PROMPTS {
            assert_eq!(parse(prompt, "/nope x"), Err(SlashError::Unknown("nope".into())));
            assert_eq!(parse(prompt, "/room"), usage_of("room", "NAME"));
            assert_eq!(parse(prompt, "/invite me"), usage_of("invite", "[owner]"));
        }
        assert_eq!(parse(Prompt::Screen, "/edit 1 x"), usage_of("edit", ""));
        assert_eq!(parse(Prompt::Screen, "/timer soon"), usage_of("timer", "[SECONDS]"));
        assert_eq!(parse(Prompt::Screen, "/mood 16"), usage_of("mood", "[0-15]"));
        assert_eq!(parse(Prompt::Screen, "/resend 1"), Err(SlashError::Unknown("resend".into())));
        assert_eq!(parse(Prompt::Lines, "/mood"), usage_of("mood", "0-15"));
        assert_eq!(parse(Prompt::Lines, "/reply 3"), usage_of("reply", "N TEXT"));
        assert_eq!(parse(Prompt::Lines, "/edit x y"), usage_of("edit", "N TEXT"));
        assert_eq!(parse(Prompt::Lines, "/lock"), Err(SlashError::Unknown("lock".into())));
    }
}
