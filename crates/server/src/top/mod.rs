//! `shepot-server top`: the dashboard. It watches the running server through its control socket, draws what it sees,
//! and passes on what the operator decides.
//!
//! Must never: stop the server by ending itself, or show anything that the control socket does not provide.

mod board;
mod draw;
mod link;

use std::time::Duration;

use ratatui::crossterm::event::{Event, MouseEvent, MouseEventKind};
use shepot_console::clipboard;
use shepot_console::input::{events, pressed};
use shepot_console::screen::Screen;
use shepot_console::theme::{Depth, Theme};
use shepot_l10n::L10n;
use shepot_l10n::clock::WallClock;
use shepot_sanitise::Sanitised;

use crate::control::{Answer, Caller, Request};
use crate::invite;
use crate::problem::Problem;
use crate::settings::Settings;
use board::{Board, Wanted};
use draw::Look;
use link::{Heard, Link};

/// How often the dashboard looks at the server.
const REFRESH: Duration = Duration::from_secs(1);

/// After how many looks a link is removed from the clipboard: a minute.
const COPIED_FOR: u32 = 60;

/// How many lines one step of the mouse wheel moves.
const WHEEL_LINES: isize = 3;

/// Shows the dashboard until the operator quits it.
pub(crate) fn run(settings: &Settings, l10n: &L10n) -> Result<(), Problem> {
    let socket = &settings.control_socket;
    let mut server = Caller::connect(socket).map_err(|error| Problem::call(l10n, socket, &error))?;
    let mut board = Board::default();
    // Before the screen is taken: a server that does not answer is told in plain words.
    let seen =
        server.ask(&Request::Watch { after: 0 }).map_err(|error| Problem::call(l10n, socket, &error))?;
    let Answer::Watched(watched) = seen else {
        return Err(Problem::new(l10n.tr("server-other-version", &[])));
    };
    board.take(*watched);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::cannot_start(l10n, &error))?;
    let look = Look {
        l10n,
        clock: WallClock::of_system(true),
        theme: Theme::new(Depth::of_environment(|name| std::env::var(name).ok())),
    };
    let link = Link::start(server, settings.control_socket.clone());
    let screen =
        Screen::take("shepot-server").map_err(|_| Problem::new(l10n.tr("server-no-terminal", &[])))?;
    runtime.block_on(show(screen, board, link, &look)).map_err(|error| Problem::cannot_start(l10n, &error))
}

#[allow(clippy::disallowed_methods, reason = "the loop that beats")]
async fn show(mut screen: Screen, mut board: Board, mut link: Link, look: &Look<'_>) -> std::io::Result<()> {
    let mut input = events();
    let mut ticks = tokio::time::interval(REFRESH);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut is_bare = false;
    let mut clipboard = Clipboard::default();
    let mut stop = std::pin::pin!(crate::system::told_to_end());
    loop {
        show_board(&mut screen, &mut board, &mut is_bare, look)?;
        tokio::select! {
            event = input.recv() => match event {
                // The terminal is gone.
                None => return Ok(()),
                Some(Event::Mouse(mouse)) => point(&mut board, mouse),
                Some(event) => {
                    let wanted = pressed(&event).map_or(Wanted::Nothing, |key| board.key(key));
                    match wanted {
                        Wanted::Nothing => {}
                        Wanted::Quit => return Ok(()),
                        Wanted::Copy => clipboard.take(board.link()),
                        Wanted::Ask(request) => {
                            if !link.ask(request) {
                                board.was_not_heard(look.l10n);
                            }
                            link.ask(Request::Watch { after: board.last_entry() });
                        }
                    }
                }
            },
            // A look that has not come back yet is not asked for again.
            _ = ticks.tick() => {
                clipboard.beat();
                if !link.is_busy() {
                    link.ask(Request::Watch { after: board.last_entry() });
                }
            }
            heard = link.hear() => match heard {
                Heard::Lost { was_act } => {
                    board.is_lost = true;
                    if was_act {
                        board.was_not_heard(look.l10n);
                    }
                }
                Heard::Another => board.starts_anew(),
                Heard::Answer(Answer::Watched(watched)) => {
                    board.is_lost = false;
                    board.take(*watched);
                }
                Heard::Answer(Answer::Invited(server)) => {
                    board.invited(invite::to_new_circle(&server, false), look.l10n);
                }
                Heard::Answer(answer) => board.answered(answer, look.l10n),
            },
            () = &mut stop => return Ok(()),
        }
    }
}

/// Handles the mouse.
fn point(board: &mut Board, mouse: MouseEvent) {
    match mouse.kind {
        MouseEventKind::ScrollDown => board.select(WHEEL_LINES),
        MouseEventKind::ScrollUp => board.select(-WHEEL_LINES),
        MouseEventKind::Down(_) => board.click(mouse.column, mouse.row),
        MouseEventKind::Up(_)
        | MouseEventKind::Drag(_)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => {}
    }
}

/// Draws the board. A link alone is drawn once and stays until another key is pressed.
fn show_board(
    screen: &mut Screen,
    board: &mut Board,
    is_bare: &mut bool,
    look: &Look<'_>,
) -> std::io::Result<()> {
    match board.bare() {
        Some(_) if *is_bare => return Ok(()),
        Some(link) => {
            *is_bare = true;
            return screen.bare(&Sanitised::of(link), &Sanitised::of(&look.l10n.tr("top-bare-back", &[])));
        }
        None if *is_bare => screen.dress()?,
        None => {}
    }
    *is_bare = false;
    screen.draw(|frame| {
        draw::draw(frame, board, look);
        Vec::new()
    })
}

/// The link in the terminal's clipboard. It is removed after a minute, and when the dashboard ends.
#[derive(Default)]
struct Clipboard {
    /// How many more looks it may stay.
    left: u32,
}

impl Clipboard {
    fn take(&mut self, link: Option<&str>) {
        if link.is_some_and(|link| clipboard::ask(&Sanitised::of(link))) {
            self.left = COPIED_FOR;
        }
    }

    /// Counts a look, and empties the clipboard at the last one.
    fn beat(&mut self) {
        if self.left == 1 {
            clipboard::empty();
        }
        self.left = self.left.saturating_sub(1);
    }
}

impl Drop for Clipboard {
    fn drop(&mut self) {
        if self.left > 0 {
            clipboard::empty();
        }
    }
}
