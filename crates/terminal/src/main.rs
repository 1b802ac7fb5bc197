//! `shepot-tui`: wires together arguments, the engine and an interface: full screen, plain lines, or JSON.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use shepot_command_line as command_line;
use shepot_view::{L10n, Language};

mod arguments;
mod full;
mod hosting;
mod input;
mod json;
mod output;
mod plain;
mod transcript;

use arguments::{Arguments, WORDS};

const LOG_FILE: &str = "shepot-tui.log";

#[global_allocator]
static ALLOCATOR: shepot_hygiene::WipingAllocator = shepot_hygiene::WipingAllocator;

fn main() -> ExitCode {
    let hardened = shepot_hygiene::harden_process();
    let asked = command_line::asked_language(std::env::args_os());
    let spoken = L10n::new(language(asked.as_deref()).unwrap_or_else(|_| system_language()));
    let arguments = match command_line::parse::<Arguments>(&WORDS, &spoken) {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            output::error(&command_line::wrong_arguments(&spoken, &error, "shepot-tui"));
            return ExitCode::from(2);
        }
        // The help, or the version.
        Err(error) => error.exit(),
    };
    let language = match language(arguments.language.as_deref()) {
        Ok(language) => language,
        Err(code) => {
            let l10n = L10n::new(system_language());
            output::error(&l10n.tr("terminal-unknown-language", &[("code", &code)]));
            return ExitCode::from(2);
        }
    };
    let l10n = L10n::new(language);
    let log =
        arguments.log_dir.as_deref().map(|folder| shepot_logs::begin(folder, LOG_FILE, tracing::Level::INFO));
    if hardened.is_err() {
        output::error(&l10n.tr("terminal-not-hardened", &[]));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::error(&l10n.tr("terminal-no-runtime", &[("error", &error.to_string())]));
            return ExitCode::FAILURE;
        }
    };
    let has_screen = has_screen();
    if arguments.lock_after.is_some() && !has_screen {
        // Lines cannot be hidden again.
        output::error(&l10n.tr("terminal-no-lock", &[]));
        return ExitCode::from(2);
    }
    let ended = runtime.block_on(async {
        if arguments.json {
            json::run(arguments, l10n).await
        } else if arguments.plain || !has_screen {
            if log.is_some() {
                shepot_logs::log_panics_too();
            }
            plain::run(arguments, l10n).await
        } else {
            full::run(arguments, l10n, log).await
        }
    });
    // The thread that reads standard input cannot be interrupted.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            output::error(&sentence);
            ExitCode::FAILURE
        }
    }
}

/// Whether there is a screen to draw on. Where there is none, there are lines: in a pipe, in a script, in a test.
fn has_screen() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal() && !is_dumb
}

fn language(wanted: Option<&str>) -> Result<Language, String> {
    match wanted {
        Some(code) => code.parse().map_err(|_| code.to_owned()),
        None => Ok(system_language()),
    }
}

fn system_language() -> Language {
    Language::of_system(["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).ok()))
}
