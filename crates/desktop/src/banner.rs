//! The banner about the connection of the open server, and the button that it offers.

use std::rc::Rc;
use std::time::Duration;

use shepot_client::model::{ConnectionError, ConnectionState};
use shepot_view::banner::{self, About, Banner, Kind};
use shepot_view::desk::Server;
use shepot_window as ui;
use slint::{ComponentHandle as _, TimerMode};

use crate::program::Program;
use crate::shown::Shown as _;

/// How often the seconds are checked.
const STEP: Duration = Duration::from_millis(500);

const fn shown_as(kind: Kind) -> ui::BannerKind {
    match kind {
        Kind::Info => ui::BannerKind::Info,
        Kind::Warning => ui::BannerKind::Warning,
        Kind::Good => ui::BannerKind::Good,
        Kind::Danger => ui::BannerKind::Danger,
    }
}

const fn icon_of(about: About<'_>) -> &'static str {
    match about {
        About::Connecting => "loader",
        About::Lost => "wifi-off",
        About::ConnectionError(error) => error_icon(error),
        About::Back => "key-round",
        About::Held => "circle-alert",
        About::Open | About::Differs => "shield-alert",
    }
}

/// The title of a page without a room, and the label of its button, which does what the banner's does.
fn emptiness(program: &Program, server: &Server, banner: Option<&Banner<'_>>) -> (String, String) {
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

/// Shows the banner, and what an empty page says instead of a room.
pub(crate) fn refresh(program: &Rc<Program>) {
    let head = program.app.global::<ui::Room>();
    {
        let state = program.state();
        let server = state.shown();
        let banner =
            server.and_then(|server| banner::of(&state.l10n, server, program.seconds_left(server.id)));
        let (title, action) =
            server.map(|server| emptiness(program, server, banner.as_ref())).unwrap_or_default();
        head.set_empty_title(title.shown());
        head.set_empty_action(action.shown());
        let leads_nowhere = |server: &Server| {
            matches!(server.error, Some(ConnectionError::Unreachable | ConnectionError::UnknownHost))
        };
        head.set_empty_edits(server.is_some_and(|it| leads_nowhere(it) && !state.hosting.is_of(it.id)));
        match banner {
            None => head.set_banner_kind(ui::BannerKind::None),
            Some(banner) => {
                head.set_banner_icon(icon_of(banner.about).shown());
                head.set_banner_title(banner.title.as_str().shown());
                head.set_banner_text(banner.text.as_str().shown());
                head.set_banner_action(banner.action.as_str().shown());
                head.set_banner_closes(banner.about == About::Back);
                head.set_banner_kind(shown_as(banner.kind));
            }
        }
    }
    count_down(program);
}

/// Counts down the seconds to the next try while the open server is tried again.
fn count_down(program: &Rc<Program>) {
    let is_waiting = |program: &Program| {
        program.shown().is_some_and(|server| matches!(server.state, ConnectionState::Reconnecting { .. }))
    };
    if !is_waiting(program) {
        return program.timers.countdown.stop();
    }
    if program.timers.countdown.running() {
        return;
    }
    let here = Rc::downgrade(program);
    program.timers.countdown.start(TimerMode::Repeated, STEP, move || {
        if let Some(program) = here.upgrade() {
            refresh(&program);
        }
    });
}
