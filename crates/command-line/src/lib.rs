//! What the programs say about their command line, in the person's language: the parser itself speaks English only.
//!
//! Owns: the help, and what is wrong with a command line. Must never: know what an argument does.

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches};

use shepot_l10n::L10n;

/// The sentences about a program, by the ids that its parser has for commands and arguments.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// What the program is.
    pub about: &'static str,
    /// What each command does.
    pub commands: &'static [(&'static str, &'static str)],
    /// The arguments that say how the program is set up. Where they may stand behind every command, they have a place
    /// of their own in the help.
    pub settings: &'static [&'static str],
    /// What each argument is for, and what stands for its value: nothing where it has none.
    pub arguments: &'static [(&'static str, &'static str, &'static str)],
}

/// Reads the command line of this process.
///
/// # Errors
///
/// What is wrong with it ([`wrong_arguments`]), or the help or the version that was asked for.
pub fn parse<A: CommandFactory + FromArgMatches>(words: &Words, l10n: &L10n) -> Result<A, clap::Error> {
    let matches = translated(A::command(), words, l10n).try_get_matches()?;
    A::from_arg_matches(&matches)
}

/// The parser with a language's words in the place of its own.
#[must_use]
pub fn translated(command: Command, words: &Words, l10n: &L10n) -> Command {
    let own = |id: &'static str, action, sentence| {
        Arg::new(id)
            .long(id)
            .action(action)
            .help(l10n.tr(sentence, &[]))
            .help_heading(l10n.tr("help-options", &[]))
    };
    let name = command.get_name().to_owned();
    let command = command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .arg(own("help", ArgAction::Help, "help-print").short('h').global(true))
        .arg(own("version", ArgAction::Version, "help-version").short('V'));
    let mut command = dressed(command, &name, words, l10n).about(l10n.tr(words.about, &[]));
    for (id, sentence) in words.commands {
        command = command.mut_subcommand(id, |one| {
            dressed(one, &format!("{name} {id}"), words, l10n).about(l10n.tr(sentence, &[]))
        });
    }
    command
}

fn dressed(command: Command, name: &str, words: &Words, l10n: &L10n) -> Command {
    let command = command
        .mut_args(|argument| {
            let id = argument.get_id().as_str();
            let Some((_, sentence, value)) = words.arguments.iter().find(|(known, ..)| *known == id) else {
                return argument;
            };
            let is_setting = words.settings.contains(&id);
            let heading = match (argument.is_positional(), is_setting) {
                (true, _) => "help-arguments",
                (false, true) => "help-settings",
                (false, false) => "help-options",
            };
            let argument = argument
                .help(l10n.tr(sentence, &[]))
                .long_help(Resettable::Reset)
                .help_heading(l10n.tr(heading, &[]));
            if value.is_empty() {
                argument
            } else {
                argument.value_name(l10n.tr(value, &[])).hide_possible_values(true)
            }
        })
        .long_about(Resettable::Reset)
        .subcommand_help_heading(l10n.tr("help-commands", &[]))
        .help_template(format!(
            "{{about}}\n\n{}: {{usage}}\n\n{{all-args}}{{after-help}}",
            l10n.tr("help-usage", &[])
        ));
    let usage = usage(&command, name, l10n);
    command.override_usage(usage)
}

/// The program, and what may stand behind it.
fn usage(command: &Command, name: &str, l10n: &L10n) -> String {
    let mut usage = format!("{name} {}", l10n.tr("help-options-place", &[]));
    for argument in command.get_positionals() {
        let value =
            argument.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
        if argument.is_required_set() {
            usage.push_str(&format!(" <{value}>"));
        } else {
            usage.push_str(&format!(" [{value}]"));
        }
    }
    if command.has_subcommands() {
        usage.push(' ');
        usage.push_str(&l10n.tr("help-command-place", &[]));
    }
    usage
}

/// The program, with the command that a command line is about: whose help says how to write it.
#[must_use]
pub fn with_command(program: &str, words: &Words, arguments: impl Iterator<Item = OsString>) -> String {
    let text = arguments.skip(1).filter_map(|argument| argument.into_string().ok());
    let known = |argument: String| words.commands.iter().find(|(id, _)| *id == argument);
    match text.filter_map(known).next() {
        Some((command, _)) => format!("{program} {command}"),
        None => program.to_owned(),
    }
}

/// Why a command line cannot be understood, and where to look. `program`: see [`with_command`].
#[must_use]
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "the parser's kinds grow; for what is not told apart there is the help"
)]
pub fn wrong_arguments(l10n: &L10n, error: &clap::Error, program: &str) -> String {
    let about = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    // It was read by enough people already.
    let is_secret = |kind| about(kind).to_ascii_lowercase().contains("shepot:");
    if [ContextKind::InvalidArg, ContextKind::InvalidSubcommand, ContextKind::InvalidValue]
        .into_iter()
        .any(is_secret)
    {
        return explained(l10n, l10n.tr("arguments-invitation", &[]), program);
    }
    let (name, value) = match error.kind() {
        ErrorKind::UnknownArgument => ("arguments-unknown", String::new()),
        ErrorKind::InvalidSubcommand => {
            let named = [("argument", &*about(ContextKind::InvalidSubcommand))];
            return explained(l10n, l10n.tr("arguments-unknown", &named), program);
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => match about(ContextKind::InvalidValue) {
            value if value.is_empty() => ("arguments-missing", value),
            value => ("arguments-value", value),
        },
        ErrorKind::MissingRequiredArgument => ("arguments-missing", String::new()),
        ErrorKind::ArgumentConflict if about(ContextKind::PriorArg) == about(ContextKind::InvalidArg) => {
            ("arguments-twice", String::new())
        }
        ErrorKind::ArgumentConflict => ("arguments-conflict", about(ContextKind::PriorArg)),
        _ => ("arguments-wrong", String::new()),
    };
    let values = [("argument", &*about(ContextKind::InvalidArg)), ("value", &*value)];
    explained(l10n, l10n.tr(name, &values), program)
}

fn explained(l10n: &L10n, sentence: String, program: &str) -> String {
    format!("{sentence}\n{}", l10n.tr("arguments-help", &[("program", program)]))
}

/// The language that a command line asks for, where the rest of it cannot be understood.
#[must_use]
pub fn asked_language(arguments: impl Iterator<Item = OsString>) -> Option<String> {
    let text = arguments.filter_map(|argument| argument.into_string().ok());
    let mut arguments = text.skip_while(|argument| !argument.starts_with("--language"));
    let first = arguments.next()?;
    first.split_once('=').map(|(_, code)| code.to_owned()).or_else(|| arguments.next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shepot_l10n::Language;

    fn told(arguments: &[&str]) -> String {
        let command = Command::new("program")
            .arg(Arg::new("listen").long("listen").value_parser(clap::value_parser!(u16)))
            .arg(Arg::new("host").long("host").action(ArgAction::SetTrue))
            .arg(Arg::new("plain").long("plain").action(ArgAction::SetTrue).conflicts_with("host"));
        let error = command.try_get_matches_from(arguments).unwrap_err();
        wrong_arguments(&L10n::new(Language::Russian), &error, "program")
    }

    #[test]
    fn the_help_is_in_the_persons_language() {
        const WORDS: Words = Words {
            about: "help-server",
            commands: &[("ban", "help-ban")],
            settings: &["listen"],
            arguments: &[
                ("open", "help-open", ""),
                ("address", "help-ban-address", "help-value-address"),
                ("listen", "help-listen", "help-value-ip-port"),
            ],
        };
        let command = || {
            Command::new("program")
                .version("1")
                .about("English")
                .arg(Arg::new("open").long("open").action(ArgAction::SetTrue).global(true))
                .arg(Arg::new("listen").long("listen").global(true).help("English"))
                .subcommand(Command::new("ban").about("English").arg(Arg::new("address").required(true)))
        };
        let l10n = L10n::new(Language::Russian);
        let told = |arguments: &[&str]| {
            translated(command(), &WORDS, &l10n).try_get_matches_from(arguments).unwrap_err().to_string()
        };
        let whole = told(&["program", "--help"]);
        assert!(whole.contains("Использование: program [ПАРАМЕТРЫ] [КОМАНДА]"), "{whole}");
        assert!(whole.contains("--listen <IP:ПОРТ>") && whole.contains("Показать версию"), "{whole}");
        let one = told(&["program", "ban", "--help"]);
        assert!(one.contains("Использование: program ban [ПАРАМЕТРЫ] <АДРЕС>"), "{one}");
        assert!(one.contains("Впускать всех") && one.contains("Показать эту справку"), "{one}");
        let settings = one.split("Настройки сервера:").nth(1).unwrap_or_default();
        assert!(settings.contains("--listen") && !settings.contains("--open"), "{one}");
        let named = |line: &[&str]| with_command("program", &WORDS, line.iter().map(OsString::from));
        assert_eq!(named(&["program", "--open", "ban", "--fro", "1h"]), "program ban");
        assert_eq!((named(&["ban", "who"]), named(&["ban"])), ("program".into(), "program".into()));
        for text in [whole, one] {
            assert!(
                !["English", "Usage", "Options", "Print"].iter().any(|word| text.contains(word)),
                "{text}"
            );
        }
    }

    #[test]
    fn mistakes_are_named_in_the_persons_language() {
        assert!(told(&["program", "--bogus"]).starts_with("Нет параметра или команды «--bogus».\n"));
        assert!(told(&["program", "--listen", "x"]).starts_with("«x» не годится для --listen"));
        assert!(told(&["program", "--host", "--plain"]).contains("не сочетается с"));
        assert!(told(&["program", "--listen"]).starts_with("Не хватает: --listen"));
        assert!(told(&["program", "--listen"]).ends_with("program --help"));
        for arguments in [&["program", "shepot://secret"][..], &["program", "--listen", "Shepot://secret"]] {
            let told = told(arguments);
            assert!(told.starts_with("Приглашению не место") && !told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn the_language_is_found_in_what_cannot_be_parsed() {
        let of = |line: &str| asked_language(line.split(' ').map(OsString::from));
        assert_eq!(of("--bogus --language ru").as_deref(), Some("ru"));
        assert_eq!(of("--language=en --bogus").as_deref(), Some("en"));
        assert_eq!(of("--bogus"), None);
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStringExt as _;
            let arguments = [OsString::from_vec(vec![0xcf, 0xf0]), "--language".into(), "ru".into()];
            assert_eq!(asked_language(arguments.into_iter()).as_deref(), Some("ru"));
        }
    }
}
