//! What has to be said about the connection of the server that is shown, and the way out that is offered with it.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use shepot_client::Action;
use shepot_client::model::{ConnectionState, Problem, ServerId};
use shepot_view::desk::{Comparison, Server};
use shepot_view::sentence;
use shepot_window as ui;
use slint::{ComponentHandle as _, Timer, TimerMode};

use crate::program::Program;
use crate::{dialogs, room, safety_code};

/// How often the seconds are looked at.
const STEP: Duration = Duration::from_millis(500);

/// What the banner's button does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Remedy {
    #[default]
    Nothing,
    Connect,
    Cancel,
    CheckCode,
    Remove,
}

/// A banner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Banner {
    kind: i32,
    icon: &'static str,
    title: String,
    text: String,
    action: String,
    closes: bool,
    remedy: Remedy,
}

/// What is offered now, and when servers are tried again.
#[derive(Default)]
pub(crate) struct BannerState {
    remedy: Remedy,
    retries: HashMap<ServerId, Instant>,
    timer: Timer,
}

const INFO: i32 = 0;
const WARNING: i32 = 1;
const GOOD: i32 = 2;
const DANGER: i32 = 3;

/// What has to be said about the connection, the most important first.
fn of(program: &Program, server: Option<&Server>) -> Option<Banner> {
    let server = server?;
    let say = |name: &str| program.say(name, &[]);
    let words = program.words();
    let about = |problem: &Problem| {
        if *problem == Problem::Unreachable {
            words.say("ui-cn-unreach", &[("addr", &server.address)])
        } else {
            sentence::problem(&words, problem)
        }
    };
    match &server.state {
        ConnectionState::Connecting | ConnectionState::Waiting => Some(Banner {
            kind: INFO,
            icon: "loader",
            title: words.say("ui-cn-connecting", &[("server", server.title())]),
            text: if server.state == ConnectionState::Waiting {
                sentence::state(&words, &server.state)
            } else {
                String::new()
            },
            action: say("ui-cancel"),
            remedy: Remedy::Cancel,
            ..Banner::default()
        }),
        ConnectionState::Reconnecting { .. } => {
            let left = program
                .banner
                .borrow()
                .retries
                .get(&server.id)
                .map_or(0, |at| at.saturating_duration_since(Instant::now()).as_millis().div_ceil(1_000));
            let next = if left == 0 {
                say("ui-st-conn")
            } else {
                words.say("ui-cn-retry-in", &[("n", &left.to_string())])
            };
            let (kind, icon, title, text) = match &server.problem {
                Some(problem) if !server.was_lost => {
                    (DANGER, problem_icon(problem), String::new(), format!("{} {next}", about(problem)))
                }
                _ => (WARNING, "wifi-off", say("ui-cn-lost"), next),
            };
            Some(Banner {
                kind,
                icon,
                title,
                text,
                action: say("ui-cn-now"),
                remedy: Remedy::Connect,
                ..Banner::default()
            })
        }
        ConnectionState::Disconnected | ConnectionState::Ended => {
            let problem = server.problem.as_ref()?;
            let (action, remedy) = match problem {
                Problem::WrongIdentity
                | Problem::InvitationExpired
                | Problem::InvitationUsedUp
                | Problem::InvitationRevoked
                | Problem::SecretChanged
                | Problem::NotAdmitted => (say("ui-remove"), Remedy::Remove),
                Problem::ServerTooNew | Problem::ServerTooOld => (String::new(), Remedy::Nothing),
                // A ban may have been lifted.
                Problem::Banned | Problem::DisconnectedByOperator | Problem::Evicted | Problem::Replaced => {
                    (say("ui-connect"), Remedy::Connect)
                }
                Problem::Unreachable
                | Problem::UnknownHost
                | Problem::NotShepot
                | Problem::ServerFull
                | Problem::AddressFull
                | Problem::CircleFull
                | Problem::WrongOwner
                | Problem::JoinRefused
                | Problem::ShuttingDown
                | Problem::ServerMisbehaves
                | Problem::TooLargeForServer
                | Problem::TooFast
                | Problem::NoRandomness => (say("ui-cn-now"), Remedy::Connect),
            };
            Some(Banner {
                kind: DANGER,
                icon: problem_icon(problem),
                text: about(problem),
                action,
                remedy,
                ..Banner::default()
            })
        }
        ConnectionState::Connected if server.is_back => Some(Banner {
            kind: GOOD,
            icon: "key-round",
            text: say("ui-cn-back"),
            action: say("ui-ev-check"),
            closes: true,
            remedy: Remedy::CheckCode,
            ..Banner::default()
        }),
        ConnectionState::Connected if server.is_open && server.comparison() == Comparison::NotYet => {
            Some(Banner {
                kind: WARNING,
                icon: "shield-alert",
                text: say("ui-open-warn"),
                action: say("ui-ev-check"),
                remedy: Remedy::CheckCode,
                ..Banner::default()
            })
        }
        ConnectionState::Connected => None,
    }
}

/// What stands where there is no room: that there is no connection, and the same way out as the banner's.
fn emptiness(program: &Program, server: Option<&Server>, banner: Option<&Banner>) -> (String, String) {
    let Some(server) = server else { return (String::new(), String::new()) };
    match &server.state {
        ConnectionState::Disconnected | ConnectionState::Ended => {
            let title = program.say("ui-off-body", &[("server", server.title())]);
            let action =
                banner.map_or_else(|| program.say("ui-connect", &[]), |banner| banner.action.clone());
            (title, action)
        }
        ConnectionState::Connected => (String::new(), String::new()),
        ConnectionState::Connecting | ConnectionState::Waiting | ConnectionState::Reconnecting { .. } => {
            (program.say("ui-cn-connecting", &[("server", server.title())]), String::new())
        }
    }
}

const fn problem_icon(problem: &Problem) -> &'static str {
    match problem {
        Problem::Unreachable | Problem::UnknownHost | Problem::ShuttingDown => "server-off",
        Problem::WrongIdentity | Problem::WrongOwner => "shield-x",
        Problem::ServerFull | Problem::AddressFull | Problem::CircleFull => "users",
        Problem::DisconnectedByOperator | Problem::Evicted | Problem::Replaced => "log-out",
        Problem::Banned => "ban",
        Problem::ServerTooNew | Problem::ServerTooOld => "circle-arrow-up",
        Problem::NotShepot
        | Problem::NotAdmitted
        | Problem::InvitationExpired
        | Problem::InvitationUsedUp
        | Problem::InvitationRevoked
        | Problem::SecretChanged
        | Problem::JoinRefused
        | Problem::ServerMisbehaves
        | Problem::TooLargeForServer
        | Problem::TooFast
        | Problem::NoRandomness => "circle-slash",
    }
}

/// Shows it, and what an empty page says instead of a room.
pub(crate) fn refresh(program: &Program, server: Option<&Server>) {
    let banner = of(program, server);
    let head = program.app.global::<ui::Room>();
    let (title, action) = emptiness(program, server, banner.as_ref());
    head.set_empty_title(title.into());
    head.set_empty_action(action.into());
    let Some(banner) = banner else {
        head.set_banner_kind(-1);
        // An empty page without a banner offers to connect.
        program.banner.borrow_mut().remedy = Remedy::Connect;
        return;
    };
    head.set_banner_icon(banner.icon.into());
    head.set_banner_title(banner.title.as_str().into());
    head.set_banner_text(banner.text.as_str().into());
    head.set_banner_action(banner.action.as_str().into());
    head.set_banner_closes(banner.closes);
    head.set_banner_kind(banner.kind);
    program.banner.borrow_mut().remedy = banner.remedy;
}

/// Does what the banner offers, or the page that is empty.
pub(crate) fn act(program: &Rc<Program>) {
    let remedy = program.banner.borrow().remedy;
    apply(program, remedy);
    room::refresh_head(program);
}

fn apply(program: &Rc<Program>, remedy: Remedy) {
    let Some(id) = program.server.get() else { return };
    match remedy {
        Remedy::Nothing => {}
        Remedy::Connect => {
            program.on(id, Action::Connect);
        }
        Remedy::Cancel => {
            let has_history =
                program.desk.borrow().server(id).is_some_and(|server| server.timeline().messages() > 0);
            if has_history {
                dialogs::leave(program, id);
            } else {
                program.on(id, Action::Disconnect);
            }
        }
        Remedy::CheckCode => safety_code::open(program),
        Remedy::Remove => dialogs::remove_server(program, id),
    }
}

pub(crate) fn close(program: &Rc<Program>) {
    if let Some(id) = program.server.get()
        && let Some(server) = program.desk.borrow_mut().server_mut(id)
    {
        server.is_back = false;
    }
    room::refresh_head(program);
}

/// Seconds until the next try count down in the banner. `id`: its state has changed.
pub(crate) fn state_changed(program: &Rc<Program>, id: ServerId) {
    let retry_in = match program.desk.borrow().server(id).map(|server| server.state.clone()) {
        Some(ConnectionState::Reconnecting { retry_in, .. }) => Some(retry_in),
        Some(_) | None => None,
    };
    let mut state = program.banner.borrow_mut();
    match retry_in {
        Some(retry_in) => state.retries.insert(id, Instant::now() + retry_in),
        None => state.retries.remove(&id),
    };
    drop(state);
    count_down(program);
}

/// Runs while the server that is shown is tried again.
pub(crate) fn count_down(program: &Rc<Program>) {
    let is_waiting = |program: &Program| {
        program.server.get().is_some_and(|id| program.banner.borrow().retries.contains_key(&id))
    };
    if !is_waiting(program) || program.banner.borrow().timer.running() {
        return;
    }
    let here = Rc::downgrade(program);
    program.banner.borrow().timer.start(TimerMode::Repeated, STEP, move || {
        let Some(program) = here.upgrade() else { return };
        if is_waiting(&program) {
            room::refresh_head(&program);
        } else {
            program.banner.borrow().timer.stop();
        }
    });
}
