//! What is wrong with a command line, in the person's language: the parser itself speaks English only.

use clap::error::{ContextKind, ErrorKind};

use shepot_l10n::L10n;

/// Why a command line cannot be understood, and where to look.
#[must_use]
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "the parser's kinds grow; for what is not told apart there is the help"
)]
pub fn wrong_arguments(l10n: &L10n, error: &clap::Error, program: &str) -> String {
    let about = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
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
pub fn asked_language(arguments: impl Iterator<Item = String>) -> Option<String> {
    let mut arguments = arguments.skip_while(|argument| !argument.starts_with("--language"));
    let first = arguments.next()?;
    first.split_once('=').map(|(_, code)| code.to_owned()).or_else(|| arguments.next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shepot_l10n::Language;

    fn told(arguments: &[&str]) -> String {
        let command = clap::Command::new("program")
            .arg(clap::Arg::new("listen").long("listen").value_parser(clap::value_parser!(u16)))
            .arg(clap::Arg::new("host").long("host").action(clap::ArgAction::SetTrue))
            .arg(
                clap::Arg::new("plain").long("plain").action(clap::ArgAction::SetTrue).conflicts_with("host"),
            );
        let error = command.try_get_matches_from(arguments).unwrap_err();
        wrong_arguments(&L10n::new(Language::Russian), &error, "program")
    }

    #[test]
    fn mistakes_are_named_in_the_persons_language() {
        assert!(told(&["program", "--bogus"]).starts_with("Нет параметра или команды «--bogus».\n"));
        assert!(told(&["program", "--listen", "x"]).starts_with("«x» не годится для --listen"));
        assert!(told(&["program", "--host", "--plain"]).contains("не сочетается с"));
        assert!(told(&["program", "--listen"]).starts_with("Не хватает: --listen"));
        assert!(told(&["program", "--listen"]).ends_with("program --help"));
    }

    #[test]
    fn the_language_is_found_in_what_cannot_be_parsed() {
        let of = |line: &str| asked_language(line.split(' ').map(str::to_owned));
        assert_eq!(of("--bogus --language ru").as_deref(), Some("ru"));
        assert_eq!(of("--language=en --bogus").as_deref(), Some("en"));
        assert_eq!(of("--bogus"), None);
    }
}
