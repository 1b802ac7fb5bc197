//! What has to be said about the connection of the server that is shown, and the way out that is offered with it.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use shepot_app::confirmation::Confirmation;
use shepot_client::Action;
use shepot_client::model::{ConnectionError, ConnectionState, ServerId};
use shepot_view::banner::{self, About, Banner, Kind, Remedy};
use shepot_view::desk::Server;
use shepot_window as ui;
use slint::{ComponentHandle as _, Timer, TimerMode};

use crate::program::Program;
use crate::shown::Shown as _;
use crate::{dialogs, room, safety_code};

/// How often the seconds are looked at.
const STEP: Duration = Duration::from_millis(500);

/// What is offered now, and when servers are tried again.
#[derive(Default)]
pub(crate) struct BannerState {
    remedy: Remedy,
    /// By the steady clock.
    retries: HashMap<ServerId, Duration>,
    timer: Timer,
}

/// What has to be said about the connection.
fn of<'a>(program: &Program, server: &'a Server) -> Option<Banner<'a>> {
    let retries = &program.banner.borrow().retries;
    let now = program.now().steady;
    let left = retries.get(&server.id).map_or(0, |at| at.saturating_sub(now).as_millis().div_ceil(1_000));
    banner::of(&program.l10n(), server, u64::try_from(left).unwrap_or(u64::MAX))
}

const fn number_of(kind: Kind) -> i32 {
    match kind {
        Kind::Info => 0,
        Kind::Warning => 1,
        Kind::Good => 2,
        Kind::Danger => 3,
    }
}

const fn icon_of(about: About<'_>) -> &'static str {
    match about {
        About::Connecting => "loader",
        About::Lost => "wifi-off",
        About::ConnectionError(error) => error_icon(error),
        About::Back => "key-round",
        About::Open | About::Differs => "shield-alert",
    }
}

/// What stands where there is no room: that there is no connection, and the same way out as the banner's.
fn emptiness(program: &Program, server: Option<&Server>, banner: Option<&Banner<'_>>) -> (String, String) {
    let Some(server) = server else { return (String::new(), String::new()) };
    match &server.state {
        // What was said is still there.
        ConnectionState::Ended if server.has_remains() => (String::new(), String::new()),
        ConnectionState::Disconnected | ConnectionState::Ended => {
            let title = program.tr("ui-off-body", &[("server", server.title())]);
            let action = banner.map_or_else(|| program.tr("ui-connect", &[]), |banner| banner.action.clone());
            (title, action)
        }
        ConnectionState::Connected => (String::new(), String::new()),
        ConnectionState::Connecting | ConnectionState::Waiting | ConnectionState::Reconnecting { .. } => {
            (program.tr("ui-cn-connecting", &[("server", server.title())]), String::new())
        }
    }
}

const fn error_icon(error: &ConnectionError) -> &'static str {
    match error {
        ConnectionError::Unreachable | ConnectionError::UnknownHost | ConnectionError::ShuttingDown => {
            "server-off"
        }
        ConnectionError::WrongIdentity | ConnectionError::WrongOwner => "shield-x",
        ConnectionError::ServerFull | ConnectionError::AddressFull | ConnectionError::CircleFull => "users",
        ConnectionError::DisconnectedByOperator | ConnectionError::Evicted | ConnectionError::Replaced => {
            "log-out"
        }
        ConnectionError::Banned => "ban",
        ConnectionError::ServerTooNew | ConnectionError::ServerTooOld => "circle-arrow-up",
        ConnectionError::NotShepot
        | ConnectionError::NotAdmitted
        | ConnectionError::InvitationExpired
        | ConnectionError::InvitationUsedUp
        | ConnectionError::InvitationRevoked
        | ConnectionError::InvitationOutdated
        | ConnectionError::SecretChanged
        | ConnectionError::JoinRefused
        | ConnectionError::ServerMisbehaves
        | ConnectionError::TooLargeForServer
        | ConnectionError::TooFast
        | ConnectionError::NoRandomness => "circle-slash",
    }
}

/// Shows it, and what an empty page says instead of a room.
pub(crate) fn refresh(program: &Program, server: Option<&Server>) {
    let banner = server.and_then(|server| of(program, server));
    let head = program.app.global::<ui::Room>();
    let (title, action) = emptiness(program, server, banner.as_ref());
    head.set_empty_title(title.shown());
    head.set_empty_action(action.shown());
    let Some(banner) = banner else {
        head.set_banner_kind(-1);
        // An empty page without a banner offers to connect.
        program.banner.borrow_mut().remedy = Remedy::Connect;
        return;
    };
    head.set_banner_icon(icon_of(banner.about).shown());
    head.set_banner_title(banner.title.as_str().shown());
    head.set_banner_text(banner.text.as_str().shown());
    head.set_banner_action(banner.action.as_str().shown());
    head.set_banner_closes(banner.about == About::Back);
    head.set_banner_kind(number_of(banner.kind));
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
        Remedy::Connect => dialogs::connect(program, id),
        Remedy::Cancel => {
            let has_history =
                program.desk.borrow().server(id).is_some_and(|server| server.timeline().messages() > 0);
            if has_history {
                dialogs::confirm(program, Confirmation::Leave(id));
            } else {
                program.on(id, Action::Disconnect);
            }
        }
        Remedy::CheckCode => safety_code::open(program),
        Remedy::Remove => dialogs::confirm(program, Confirmation::Remove(id)),
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
        Some(retry_in) => state.retries.insert(id, program.now().steady + retry_in),
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
