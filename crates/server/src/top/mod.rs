//! `shepot-server top`: the dashboard. It looks at the running server through its control socket, draws what it sees,
//! and passes on what the operator decides.
//!
//! Must never: stop the server by ending itself, or show anything that the control socket does not.

mod board;
mod draw;

use std::time::Duration;

use ratatui::crossterm::event::{Event, MouseEventKind};
use shepot_console::input::{events, pressed};
use shepot_console::screen::Screen;
use shepot_console::theme::{Depth, Theme};
use shepot_words::Words;
use shepot_words::clock::WallClock;

use crate::control::{Answer, Caller, Request};
use crate::problem::Problem;
use crate::settings::Settings;
use board::{Board, Wanted};
use draw::Look;

/// How often the server is looked at.
const REFRESH: Duration = Duration::from_secs(1);

/// Lines of a turn of the mouse wheel.
const WHEEL_LINES: isize = 3;

/// Shows the dashboard until the operator leaves it.
pub(crate) fn run(settings: &Settings, words: &Words) -> Result<(), Problem> {
    let socket = &settings.control_socket;
    let mut server = Caller::connect(socket).map_err(|error| Problem::call(words, socket, &error))?;
    let mut board = Board::default();
    // Before the screen is taken: a server that does not answer is told in plain words.
    look(&mut board, &mut server).map_err(|error| Problem::call(words, socket, &error))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::cannot_start(words, &error))?;
    let look = Look {
        words,
        clock: WallClock::of_system(true),
        theme: Theme::new(Depth::of_environment(|name| std::env::var(name).ok())),
    };
    let screen = Screen::take("shepot-server").map_err(|_| Problem(words.say("server-no-terminal", &[])))?;
    runtime
        .block_on(show(screen, board, Some(server), settings, &look))
        .map_err(|error| Problem::cannot_start(words, &error))
}

fn look(board: &mut Board, server: &mut Caller) -> Result<(), crate::control::CallError> {
    if let Answer::Watched(watched) = server.ask(&Request::Watch { after: board.last_entry() })? {
        board.take(*watched);
    }
    Ok(())
}

async fn show(
    mut screen: Screen,
    mut board: Board,
    mut server: Option<Caller>,
    settings: &Settings,
    look_of: &Look<'_>,
) -> std::io::Result<()> {
    let mut input = events();
    let mut ticks = tokio::time::interval(REFRESH);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut stop = std::pin::pin!(crate::system::told_to_end());
    loop {
        screen.terminal().draw(|frame| draw::draw(frame, &mut board, look_of))?;
        tokio::select! {
            event = input.recv() => match event {
                // The terminal is gone.
                None => return Ok(()),
                Some(Event::Mouse(mouse)) => match mouse.kind {
                    MouseEventKind::ScrollDown => board.select(WHEEL_LINES),
                    MouseEventKind::ScrollUp => board.select(-WHEEL_LINES),
                    MouseEventKind::Down(_) => board.click(mouse.column, mouse.row),
                    MouseEventKind::Up(_)
                    | MouseEventKind::Drag(_)
                    | MouseEventKind::Moved
                    | MouseEventKind::ScrollLeft
                    | MouseEventKind::ScrollRight => {}
                },
                Some(event) => {
                    let wanted = pressed(&event).map_or(Wanted::Nothing, |key| board.key(key));
                    match wanted {
                        Wanted::Nothing => {}
                        Wanted::Quit => return Ok(()),
                        Wanted::Ask(request) => {
                            let answer = server.as_mut().map(|server| server.ask(&request));
                            match answer {
                                Some(Ok(answer)) => board.answered(answer, look_of.words),
                                Some(Err(_)) | None => server = None,
                            }
                            ticks.reset_immediately();
                        }
                    }
                }
            },
            _ = ticks.tick() => {
                if server.is_none() {
                    server = Caller::connect(&settings.control_socket).ok();
                    if server.is_some() {
                        board.starts_anew();
                    }
                }
                let seen = server.as_mut().map(|server| look(&mut board, server));
                if !matches!(seen, Some(Ok(()))) {
                    server = None;
                }
                board.is_lost = server.is_none();
            }
            () = &mut stop => return Ok(()),
        }
    }
}
