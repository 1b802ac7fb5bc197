//! The Shepot server: a relay of its own, with settings, logs and invitations. This file only parses, starts and
//! prints.

mod arguments;
mod bench;
mod commands;
mod control;
mod doctor;
mod folders;
mod invitations;
mod invite;
mod limits;
mod lockdown;
mod metrics;
mod offline;
mod operator;
mod problem;
mod run;
mod settings;
mod system;
mod terminal;
mod top;
mod wording;

use std::process::ExitCode;

use shepot_command_line as command_line;
use shepot_hygiene::{WipingAllocator, harden_process};
use shepot_l10n::{L10n, Language};

use arguments::{Arguments, Command, WORDS};
use problem::Problem;
use settings::{Settings, Sources};
use terminal::complain;

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

fn main() -> ExitCode {
    // Before anything is in memory that would be worth a dump.
    let hardened = harden_process();
    let environment = environment();
    let asked = language_of(command_line::asked_language(std::env::args_os()), &environment);
    let arguments = match command_line::parse::<Arguments>(&WORDS, &L10n::new(asked)) {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            let program = command_line::with_command("shepot-server", &WORDS, std::env::args_os());
            complain(&command_line::wrong_arguments(&L10n::new(asked), &error, &program));
            return ExitCode::from(2);
        }
        // The help, or the version.
        Err(error) => error.exit(),
    };
    let spoken = language_of(arguments.options.language.clone(), &environment);
    let Arguments { command, options } = arguments;
    let json = options.json;
    let sources = Sources::new(options, environment);
    let command = command.unwrap_or(Command::Run);
    let settings = match &command {
        Command::Run | Command::Doctor => sources.read(spoken),
        Command::Top | Command::Bench | Command::Ask(_) => sources.read_what_is_right(spoken),
    };
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => return end(&Problem::settings(&L10n::new(spoken), &error)),
    };
    let l10n = L10n::new(settings.language);
    if hardened.is_err() {
        complain(&l10n.tr("server-not-hardened", &[]));
    }
    carry_out(command, settings, sources, &l10n, json).unwrap_or_else(|problem| end(&problem))
}

fn end(problem: &Problem) -> ExitCode {
    complain(&problem.sentence);
    problem.code()
}

fn carry_out(
    command: Command,
    settings: Settings,
    sources: Sources,
    l10n: &L10n,
    json: bool,
) -> Result<ExitCode, Problem> {
    #[allow(clippy::disallowed_methods, reason = "a command is done at one moment")]
    let now = shepot_l10n::clock::now();
    match command {
        Command::Run | Command::Top if json => return Err(Problem::new(l10n.tr("server-no-json", &[]))),
        Command::Run => run::run(settings, sources, l10n, now)?,
        Command::Top => top::run(&settings, l10n)?,
        Command::Bench => bench::run(l10n, json)?,
        Command::Doctor => {
            let good = doctor::run(&settings, l10n, json, now)?;
            return Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Ask(ask) => commands::run(&settings, l10n, ask, json, now)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The environment variables that are valid text. Others cannot be ours.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The language for sentences about the settings themselves: the one that was asked for if it is known, otherwise the
/// system's.
fn language_of(asked: Option<String>, environment: &[(String, String)]) -> Language {
    let variable =
        |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    asked
        .or_else(|| variable("SHEPOT_LANGUAGE"))
        .and_then(|code| code.parse().ok())
        .unwrap_or_else(|| Language::of_system(["LC_ALL", "LC_MESSAGES", "LANG"].map(variable)))
}
