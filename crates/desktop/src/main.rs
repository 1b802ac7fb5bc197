//! `shepot`: wires arguments, logs and the window together.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use shepot_command_line::{self as command_line, Words};
use shepot_desktop::{Fitting, Instance, OpenError, Options, Program, Start};
use shepot_preferences::{PreferencesFile, Renderer, configuration_folder, log_folder};
use shepot_view::clock::Clock;
use shepot_view::{L10n, Language};

#[global_allocator]
static ALLOCATOR: shepot_hygiene::WipingAllocator = shepot_hygiene::WipingAllocator;

/// The log file's name.
const LOG_FILE: &str = "shepot.log";

/// Shepot: a private messenger that you host yourself and that remembers nothing.
#[derive(Parser)]
#[command(name = "shepot", version)]
struct Arguments {
    /// An invitation or an address; `-` is standard input's first line. You are asked before anything is sent there.
    entry: Option<String>,
    /// Keep nothing on this computer, not even servers and settings.
    #[arg(long)]
    incognito: bool,
    /// The language: ru or en. [default: the system's]
    #[arg(long, value_parser = language)]
    language: Option<Language>,
    /// What draws the window. [default: as set, or what suits the machine]
    #[arg(long)]
    renderer: Option<Drawing>,
    /// The folder for servers and settings. [default: the system's]
    #[arg(long)]
    config_dir: Option<PathBuf>,
    /// The folder for logs. [default: the system's]
    #[arg(long)]
    log_dir: Option<PathBuf>,
    /// Where a server that is hosted here listens, for example 0.0.0.0:7443. May be given several times.
    #[arg(long)]
    listen: Vec<SocketAddr>,
}

/// What draws the window.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Drawing {
    /// The processor.
    Software,
    /// The graphics card.
    Graphics,
}

/// What the help says of them.
const WORDS: Words = Words {
    about: "help-window",
    commands: &[],
    settings: &[],
    arguments: &[
        ("entry", "help-entry", "help-value-entry"),
        ("incognito", "help-incognito", ""),
        ("language", "help-language", "help-value-language"),
        ("renderer", "help-renderer", "help-value-renderer"),
        ("config_dir", "help-config-dir", "help-value-folder"),
        ("log_dir", "help-window-log-dir", "help-value-folder"),
        ("listen", "help-window-listen", "help-value-ip-port"),
    ],
};

fn language(code: &str) -> Result<Language, String> {
    code.parse().map_err(|_| Language::ALL.map(Language::code).join(", "))
}

fn main() -> ExitCode {
    let hardened = shepot_hygiene::harden_process();
    let asked = command_line::asked_language(std::env::args_os()).and_then(|code| code.parse().ok());
    let spoken = L10n::new(asked.unwrap_or_else(system_language));
    let mut arguments = match command_line::parse::<Arguments>(&WORDS, &spoken) {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            complain(&command_line::wrong_arguments(&spoken, &error, "shepot"));
            return ExitCode::from(2);
        }
        // The help, or the version.
        Err(error) => error.exit(),
    };
    let log = start_log(&arguments);
    let preferences = if arguments.incognito {
        None
    } else {
        arguments.config_dir.clone().or_else(configuration_folder).map(PreferencesFile::in_folder)
    };
    let Ok(entry) = shepot_desktop::entry(arguments.entry.take()) else {
        complain(&spoken.tr("ui-no-entry", &[]));
        return ExitCode::from(2);
    };
    let instance = match preferences.as_ref().map(|profile| Instance::begin(profile, &entry)) {
        Some(Start::First(instance)) => Some(instance),
        Some(Start::HandedOver) => {
            complain(&spoken.tr("ui-handed-over", &[]));
            return ExitCode::SUCCESS;
        }
        Some(Start::NoAnswer) => {
            complain(&spoken.tr("ui-no-answer", &[]));
            return ExitCode::FAILURE;
        }
        None => None,
    };
    choose_renderer(&arguments, preferences.as_ref());
    shepot_window::install_fonts();
    let options = Options {
        preferences,
        instance,
        entry,
        language: arguments.language,
        log,
        listen: arguments.listen,
        uses_system: true,
        is_hardened: hardened.is_ok(),
        clock: Clock::of_system(),
    };
    run(options, &spoken)
}

/// Opens the window, until it ends.
fn run(options: Options, spoken: &L10n) -> ExitCode {
    let opened = Program::open(options).and_then(|program| {
        program.show().map_err(OpenError::Window)?;
        slint::run_event_loop().map_err(OpenError::Window)?;
        Ok(program)
    });
    match opened {
        Ok(program) => {
            program.leave();
            ExitCode::SUCCESS
        }
        Err(OpenError::Window(reason)) => {
            complain(&spoken.tr("ui-no-window", &[("error", &reason.to_string())]));
            ExitCode::FAILURE
        }
        Err(OpenError::Engine) => {
            complain(&spoken.tr("ui-no-engine", &[]));
            ExitCode::FAILURE
        }
    }
}

fn start_log(arguments: &Arguments) -> Option<shepot_logs::Log> {
    let folder = arguments.log_dir.clone().or_else(log_folder)?;
    let log = shepot_logs::begin(&folder, LOG_FILE, tracing::Level::WARN);
    shepot_logs::log_panics();
    if arguments.incognito {
        log.set(false, tracing::Level::ERROR);
    }
    Some(log)
}

/// Tells the toolkit what to draw with, by its environment variable. Uses software rendering unless there is a graphics
/// card: OpenGL without one takes several times as much processor time.
fn choose_renderer(arguments: &Arguments, preferences: Option<&PreferencesFile>) {
    let set = preferences
        .and_then(|file| file.read().ok().flatten())
        .map_or(Renderer::Automatic, |kept| kept.renderer);
    let uses_graphics = match (arguments.renderer, set) {
        (Some(Drawing::Software), _) | (None, Renderer::Software) => false,
        (Some(Drawing::Graphics), _) | (None, Renderer::Graphics) => true,
        (None, Renderer::Automatic) => has_graphics_card(),
    };
    if std::env::var_os("SLINT_BACKEND").is_none()
        && slint::BackendSelector::new()
            .backend_name("winit".to_owned())
            .renderer_name(if uses_graphics { "femtovg" } else { "software" }.to_owned())
            .with_winit_custom_application_handler(Fitting)
            .select()
            .is_err()
    {
        // The toolkit chooses by itself.
        tracing::warn!("problem");
    }
}

/// Whether there is a render node whose driver is not a software one.
fn has_graphics_card() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let Ok(devices) = std::fs::read_dir("/sys/class/drm") else { return false };
    devices.filter_map(Result::ok).any(|device| {
        let is_render_node = device.file_name().to_string_lossy().starts_with("renderD");
        let driver = std::fs::read_link(device.path().join("device/driver")).ok();
        let name = driver.and_then(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()));
        is_render_node
            && name.is_some_and(|name| !matches!(name.as_str(), "vgem" | "vkms" | "virtio_gpu" | "bochs-drm"))
    })
}

#[allow(clippy::print_stderr, reason = "there is no window to say it in")]
fn complain(sentence: &str) {
    eprintln!("{sentence}");
}

fn system_language() -> Language {
    Language::of_system(["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).ok()))
}
