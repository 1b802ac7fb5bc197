//! The full-screen client: servers, rooms, members and messages in a terminal.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | the loop: events of the engine, the terminal and time in, effects out |
//! | `program.rs` | the program (`shepot_app`), and the state that only a terminal has |
//! | `input.rs`, `keys.rs`, `hits.rs` | the meaning of keys, clicks and pasted text |
//! | `list.rs`, `field.rs` | the position in the messages, and the text in a field |
//! | `draw/` | the look |

mod draw;
mod field;
mod hits;
mod input;
mod keys;
mod list;
mod program;
#[cfg(test)]
mod tests;

use std::io::Write as _;
use std::time::Duration;

use ratatui::crossterm::event::Event as Input;
use shepot_app::{Copied, Effect, Msg, Origin, OutsideMsg, OverMsg, PageMsg, Setup};
use shepot_client::limits::QUIT_PATIENCE;
use shepot_client::{Command as EngineCommand, Engine, Event, Request};

use shepot_console::screen::{self, Screen};
use shepot_console::theme::{Depth, Theme};
use shepot_console::{clipboard, input as terminal_input};
use shepot_hosting::{Hosted, LocalRelay};
use shepot_logs::Log;
use shepot_view::L10n;
use shepot_view::clock::{Clock, WallClock};
use shepot_view::command::Command;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::arguments::Arguments;
use crate::hosting;
use program::Program;

/// How often time is checked: who stopped typing, what disappears soon.
const TICK: Duration = Duration::from_millis(500);

/// The relay that was started in this process, or why it was not.
type Started = Result<Hosted, String>;

/// Runs the full-screen client until the person leaves.
pub(crate) async fn run(arguments: Arguments, l10n: L10n, log: Option<Log>) -> Result<(), String> {
    let entry = first_entry(&arguments, &l10n)?;
    let theme = Theme::new(Depth::of_environment(|name| std::env::var(name).ok()));
    let clock = Clock::of_system();
    let mut setup = Setup::over(l10n, WallClock::of_system(true));
    setup.preferences.lock_after_minutes = arguments.lock_after.unwrap_or_default();
    let mut program = Program::new(setup, theme, arguments.ascii, clock.now());
    let no_terminal = program.tr("terminal-no-screen", &[]);
    let screen = Screen::take("Shepot").map_err(|_| no_terminal)?;
    if log.is_some() {
        // Before the screen's own, which hides what other threads say.
        shepot_logs::log_panics_too();
    }
    let mut client = Client {
        screen,
        log,
        engine: None,
        relay: LocalRelay::default(),
        started: mpsc::channel(1),
        arguments,
        entry,
        clock,
        title: String::new(),
    };
    let nick = client.arguments.nick.clone();
    match nick {
        Some(nick) => program.effects.push(Effect::Start(nick)),
        None => program.send(OverMsg::AskNick),
    }
    let ended = client.converse(&mut program).await;
    // Nothing is left on the screen or in memory while the rest ends.
    program.wipe();
    client.screen.wipe();
    forget_copied(&mut program);
    client.leave().await;
    ended
}

/// The invitation or address from the arguments.
fn first_entry(arguments: &Arguments, l10n: &L10n) -> Result<Option<Zeroizing<String>>, String> {
    let is_input = arguments.invitation_file.as_ref().is_some_and(|file| file.as_os_str() == "-");
    if is_input {
        return Err(l10n.tr("terminal-no-screen", &[]));
    }
    hosting::entry_of(arguments, l10n)
}

/// What the loop works with.
struct Client {
    screen: Screen,
    log: Option<Log>,
    engine: Option<(Engine, mpsc::Receiver<Event>)>,
    relay: LocalRelay,
    started: (mpsc::Sender<Started>, mpsc::Receiver<Started>),
    arguments: Arguments,
    /// The entry to go to as soon as there is an engine.
    entry: Option<Zeroizing<String>>,
    /// The clock, which only the loop reads.
    clock: Clock,
    /// The current title of the terminal's window.
    title: String,
}

/// An event that woke the loop.
enum Wake {
    Input(Option<Input>),
    Engine(Option<Event>),
    Hosted(Option<Started>),
    Tick,
    Stop,
}

impl Client {
    async fn converse(&mut self, program: &mut Program) -> Result<(), String> {
        let mut keyboard = terminal_input::events_with_pastes();
        #[allow(clippy::disallowed_methods, reason = "the loop that beats")]
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut stop = std::pin::pin!(hosting::stop_signal());
        loop {
            if self.carry_out(program).await {
                return Ok(());
            }
            program.at(self.clock.now());
            if std::mem::take(&mut program.redraws) {
                self.screen.renew();
            }
            self.screen.draw(|frame| draw::draw(frame, program)).map_err(|error| error.to_string())?;
            self.name_window(program);
            let engine = async {
                match &mut self.engine {
                    Some((_, events)) => events.recv().await,
                    None => std::future::pending().await,
                }
            };
            let wake = tokio::select! {
                input = keyboard.recv() => Wake::Input(input),
                event = engine => Wake::Engine(event),
                hosted = self.started.1.recv() => Wake::Hosted(hosted),
                _ = ticks.tick() => Wake::Tick,
                () = &mut stop => Wake::Stop,
            };
            program.at(self.clock.now());
            match wake {
                // The terminal is gone, or the system wants us to end.
                Wake::Input(None) | Wake::Stop => return Ok(()),
                Wake::Input(Some(input)) => {
                    program.input(&input);
                    // What was typed meanwhile, before it is drawn.
                    while let Ok(input) = keyboard.try_recv() {
                        program.input(&input);
                    }
                }
                Wake::Engine(None) => return Ok(()),
                Wake::Engine(Some(event)) => {
                    program.send(OutsideMsg::Engine(event));
                    if let Some((_, events)) = &mut self.engine {
                        while let Ok(event) = events.try_recv() {
                            program.send(OutsideMsg::Engine(event));
                        }
                    }
                }
                Wake::Hosted(started) => {
                    if let Some(started) = started {
                        self.started(program, started);
                    }
                }
                Wake::Tick => program.send(OutsideMsg::Tick),
            }
        }
    }

    /// Carries out the program's effects. Returns true if it has to end.
    async fn carry_out(&mut self, program: &mut Program) -> bool {
        while !program.effects.is_empty() {
            let effect = program.effects.remove(0);
            // What came before may have taken its time.
            program.at(self.clock.now());
            match effect {
                Effect::Start(nick) => self.start(program, &nick).await,
                Effect::Engine(request) => self.request(request.0).await,
                Effect::Host => self.host(program),
                // The loop does not wait for it.
                Effect::StopHosting => {
                    tokio::spawn(self.relay.stop());
                }
                Effect::Relay(effect) => {
                    let told = shepot_app::local_relay::carry_out(&self.relay, &effect);
                    told.into_iter().for_each(|msg| program.send(msg));
                }
                // Nothing is kept, selected or made here that others see.
                Effect::ForgetSelected
                | Effect::Keep
                | Effect::OpenLink(_)
                | Effect::PaintAvatar(_)
                | Effect::Toggle(_) => {}
                Effect::Copy(text) => {
                    let copied = if clipboard::ask(&text) {
                        Copied::Asked(clipboard::asked(&program.l10n, |name| std::env::var(name).ok()))
                    } else {
                        Copied::TooLong
                    };
                    program.send(OutsideMsg::Copied(copied));
                }
                Effect::ForgetCopied => forget_copied(program),
                Effect::Notify => write_out("\u{7}"),
                Effect::Quit => return true,
                Effect::Panic => {
                    // Nobody waits for a farewell: the process is the session, and its end is the end of both.
                    self.screen.wipe();
                    forget_copied(program);
                    screen::give_back();
                    if let Some(log) = &self.log {
                        log.set(false, tracing::Level::ERROR);
                        let _ = log.clear();
                    }
                    std::process::exit(0);
                }
            }
        }
        false
    }

    async fn request(&self, request: Request) {
        if let Some((engine, _)) = &self.engine {
            // Ended already: the events say so.
            let _ = engine.request(request).await;
        }
    }

    async fn start(&mut self, program: &mut Program, nick: &str) {
        match Engine::start(nick, None) {
            Ok(engine) => {
                self.engine = Some(engine);
                program.send(OutsideMsg::Started(nick.to_owned()));
                if !terminal_input::speaks_utf8(|name| std::env::var(name).ok()) {
                    program.send(OutsideMsg::Problem(program.tr("terminal-not-utf8", &[])));
                }
                if let Some(entry) = self.entry.take() {
                    program.send(PageMsg::Add(entry.to_string(), Origin::Asked));
                } else if self.arguments.host {
                    program.send(Msg::Run(Command::Host));
                }
            }
            Err(error) => program.send(OutsideMsg::NotStarted(error)),
        }
    }

    fn host(&mut self, program: &Program) {
        let to_loop = self.started.0.clone();
        let l10n = L10n::new(program.l10n.language());
        let starting = self.relay.start(hosting::options(&self.arguments));
        tokio::spawn(async move {
            let started = starting.await.map_err(|error| hosting::sentence(&l10n, error));
            // The loop is gone only when the program ends.
            let _ = to_loop.send(started).await;
        });
    }

    fn started(&mut self, program: &mut Program, started: Started) {
        match started {
            Ok(hosted) => {
                let told = shepot_app::local_relay::started(&mut self.relay, hosted);
                told.into_iter().for_each(|msg| program.send(msg));
            }
            Err(why) => program.send(OutsideMsg::NotHosted(why)),
        }
    }

    /// Shows in the window's title how much is unread, since the window may be hidden.
    fn name_window(&mut self, program: &Program) {
        let (unread, mentions) = program.desk.unread();
        let title = match (unread, mentions) {
            (0, _) => "Shepot".to_owned(),
            (_, 0) => format!("({unread}) Shepot"),
            (_, 1..) => format!("(@{mentions}) Shepot"),
        };
        if title != self.title {
            write_out(&format!("\u{1b}]0;{title}\u{7}"));
            self.title = title;
        }
    }

    /// Leaves all circles, and stops the relay here.
    #[allow(clippy::disallowed_methods, reason = "guards against a server that hangs")]
    async fn leave(mut self) {
        if let Some((engine, mut events)) = self.engine.take() {
            let left = async {
                let _ = engine.command(EngineCommand::Quit).await;
                while events.recv().await.is_some_and(|event| event != Event::Ended) {}
            };
            // A server that hangs is left without.
            let _ = tokio::time::timeout(QUIT_PATIENCE, left).await;
        }
        self.relay.stop().await;
    }
}

fn forget_copied(program: &mut Program) {
    if program.has_copied() {
        clipboard::empty();
        program.send(OutsideMsg::ForgotCopied);
    }
}

/// Writes to the terminal without drawing. Ignores a terminal that is gone.
fn write_out(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
