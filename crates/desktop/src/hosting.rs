//! A relay on this computer: started with one click, stopped with the program, and the same one when it comes back.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use shepot_client::Action;
use shepot_client::model::{RoomId, ServerId};
use shepot_hosting::{Host, Hosted, HostingError, Kept, Options};
use shepot_preferences::{SavedHosting, SecretText};
use shepot_relay::Reach;
use shepot_sanitise::Sanitised;
use shepot_window as ui;
use slint::ComponentHandle as _;
use zeroize::Zeroizing;

use crate::adding::{self, Origin};
use crate::engine_link::on_window;
use crate::program::Program;
use crate::{connections, first_run, room, servers_page, toast};

/// The relay that is hosted.
#[derive(Default)]
pub(crate) struct HostState {
    host: Host,
    hosted: Option<Arc<Hosted>>,
    server: Option<ServerId>,
    is_starting: bool,
    /// The invitation that the dialog shows.
    pub(crate) link: Option<Zeroizing<String>>,
    /// What the page of connections remembers.
    pub(crate) charts: connections::Charts,
    pub(crate) timer: slint::Timer,
}

impl HostState {
    pub(crate) const fn hosted(&self) -> Option<&Arc<Hosted>> {
        self.hosted.as_ref()
    }

    pub(crate) const fn server(&self) -> Option<ServerId> {
        self.server
    }
}

pub(crate) fn is_hosting(program: &Program) -> bool {
    program.host.borrow().hosted.is_some()
}

pub(crate) fn is_hosted(program: &Program, id: ServerId) -> bool {
    program.host.borrow().server == Some(id)
}

/// The port of the relay.
pub(crate) fn port(program: &Program) -> u16 {
    program.host.borrow().hosted.as_ref().map_or(0, |hosted| hosted.port())
}

/// The address by which others in the network reach it.
pub(crate) fn address(program: &Program) -> String {
    program.host.borrow().hosted.as_ref().map(|hosted| hosted.public_address.clone()).unwrap_or_default()
}

/// The name of the sentence that says from where that address works.
pub(crate) fn reach_note(program: &Program) -> &'static str {
    match program.host.borrow().hosted.as_ref().map(|hosted| hosted.reach) {
        Some(Reach::Everywhere) | None => "ui-inv-everywhere",
        Some(Reach::Network) => "ui-inv-network",
        Some(Reach::Machine) => "ui-inv-machine",
    }
}

/// The relay that is kept, if one is; it starts where it ran when the program ended. At the beginning.
pub(crate) fn resume(program: &Rc<Program>) {
    let Some(kept) = program.preferences().hosting else { return };
    let identity = BASE64.decode(kept.identity.expose()).map(Zeroizing::new);
    let host = identity.ok().and_then(|identity| {
        let invitation = Zeroizing::new(kept.entry.expose().to_owned());
        Host::of(&Kept { identity, invitation }).ok()
    });
    let Some(host) = host else {
        tracing::error!("kept server not read");
        return toast::problem(program, &program.tr("hosting-kept-damaged", &[]));
    };
    program.host.borrow_mut().host = host;
    if kept.starts_with_program && !program.preferences().profile.nick.is_empty() {
        start(program);
    }
}

/// Whether there is a relay that comes back.
pub(crate) fn is_known(program: &Program) -> bool {
    let host = program.host.borrow();
    !host.is_starting && host.host.kept().is_some()
}

/// Writes down what makes the relay the same one when it comes back, and whether it runs.
fn keep(program: &Program) {
    let (kept, is_running, server) = {
        let host = program.host.borrow();
        (host.host.kept(), host.hosted.is_some(), host.server)
    };
    let known = program.preferences().hosting;
    let name = server.and_then(|id| Some(program.desk.borrow().server(id)?.name.to_string()));
    let hosting = kept.map(|kept| SavedHosting {
        name: name.or_else(|| known.map(|known| known.name)).unwrap_or_default(),
        identity: SecretText::new(&Zeroizing::new(BASE64.encode(&kept.identity))),
        entry: SecretText::new(&kept.invitation),
        starts_with_program: is_running,
    });
    program.change_preferences(|preferences| preferences.hosting = hosting);
}

/// The owner removed somebody: the circle has another secret, whether its relay still runs or not. False: it is not the
/// circle of the relay that is known here.
pub(crate) fn renewed(program: &Program, link: &str) -> bool {
    let is_ours = {
        let host = program.host.borrow();
        match &host.hosted {
            Some(hosted) => hosted.renewed(link),
            None => host.host.renewed(link),
        }
    };
    if is_ours {
        keep(program);
    }
    is_ours
}

/// The person calls it otherwise.
pub(crate) fn renamed(program: &Program) {
    keep(program);
}

/// Starts a relay here and enters its circle.
pub(crate) fn start(program: &Rc<Program>) {
    {
        let mut host = program.host.borrow_mut();
        if host.hosted.is_some() || host.is_starting {
            return;
        }
        host.is_starting = true;
    }
    first_run::host_error(program, "");
    servers_page::hosting_error(program, "");
    program.app.global::<ui::FirstRun>().set_is_busy(true);
    let number = program.number;
    let host = program.host.borrow().host.clone();
    let listen = program.options.listen.clone();
    program.engine.spawn(async move {
        let started = host.start_anywhere(&Options { listen, public_address: None }).await;
        on_window(number, move |program| started_here(program, started));
    });
}

fn started_here(program: &Rc<Program>, started: Result<Hosted, HostingError>) {
    program.host.borrow_mut().is_starting = false;
    program.app.global::<ui::FirstRun>().set_is_busy(false);
    match started {
        Ok(hosted) => {
            tracing::info!("hosting");
            let entry = hosted.local_invitation.clone();
            if let Some(port) = hosted.moved_from {
                toast::problem(program, &program.tr("ui-host-moved", &[("port", &port.to_string())]));
            }
            program.host.borrow_mut().hosted = Some(Arc::new(hosted));
            keep(program);
            adding::add(program, &entry, Origin::Host);
            connections::watch(program);
        }
        Err(error) => {
            let text = match &error {
                HostingError::NoRandomness => program.tr("connection-error-no-randomness", &[]),
                HostingError::Kept => program.tr("hosting-kept-damaged", &[]),
                HostingError::PublicAddress { typed } => {
                    program.tr("terminal-public-address", &[("typed", typed)])
                }
                HostingError::Start(error) => program.tr("ui-host-failed", &[("error", &error.to_string())]),
            };
            first_run::host_error(program, &text);
            servers_page::hosting_error(program, &text);
            if program.app.global::<ui::Shell>().get_page() == ui::Page::Chat {
                toast::problem(program, &text);
            }
        }
    }
}

/// The server of the relay is on the list.
pub(crate) fn is_added(program: &Rc<Program>, id: ServerId) {
    program.host.borrow_mut().server = Some(id);
    let kept = program.preferences().hosting.map(|hosting| hosting.name);
    let name = kept.filter(|name| !name.is_empty()).unwrap_or_else(|| program.tr("ui-host-name", &[]));
    if let Some(server) = program.desk.borrow_mut().server_mut(id) {
        server.name = Sanitised::in_one_line(&name);
    }
    refresh(program);
}

/// The circle of a server was founded: whoever founds it says how long its messages stay.
pub(crate) fn is_founded(program: &Rc<Program>, id: ServerId) {
    if !is_hosted(program, id) {
        return;
    }
    let seconds = program.preferences().disappears_after_s;
    if seconds > 0 {
        program.on(id, Action::SetTimer { room: RoomId::MAIN, seconds });
    }
}

pub(crate) fn refresh(program: &Rc<Program>) {
    let is_hosting = is_hosting(program);
    program.app.global::<ui::Servers>().set_is_hosting(is_hosting);
    program.app.global::<ui::Connections>().set_is_hosting(is_hosting);
}

/// Stops the relay for good: whoever was invited cannot come back.
pub(crate) fn forget(program: &Rc<Program>) {
    // What is starting is not there to be forgotten yet.
    if program.host.borrow().is_starting {
        return;
    }
    program.host.borrow().host.forget();
    stop(program);
}

/// Stops the relay: everybody is told, and can come back when it starts again.
pub(crate) fn stop(program: &Rc<Program>) {
    let (hosted, server) = take(program);
    keep(program);
    let Some(hosted) = hosted else { return };
    if let Some(server) = server {
        adding::remove(program, server);
    }
    program.engine.spawn(async move {
        if let Ok(hosted) = Arc::try_unwrap(hosted) {
            hosted.stop().await;
        }
    });
    refresh(program);
    let first =
        program.desk.borrow().servers().iter().find(|known| Some(known.id) != server).map(|known| known.id);
    match first {
        Some(first) => room::show_server(program, first),
        None => room::show_nothing(program),
    }
}

fn take(program: &Program) -> (Option<Arc<Hosted>>, Option<ServerId>) {
    forget_visitors(program);
    let mut host = program.host.borrow_mut();
    (host.hosted.take(), host.server.take())
}

/// Who was connected is nobody's business when the relay is gone.
pub(crate) fn forget_visitors(program: &Program) {
    let mut host = program.host.borrow_mut();
    host.timer.stop();
    host.link = None;
    host.charts = connections::Charts::default();
}

/// Waits for the end of the engine, which was told to quit, and then stops the relay: the others hear that we leave.
#[allow(clippy::disallowed_methods, reason = "guards against a server that hangs")]
pub(crate) fn stop_and_wait(program: &Program, at_most: Duration) {
    let (hosted, _) = take(program);
    program.engine.wait_for(async {
        // A server that hangs is left without.
        let _ = tokio::time::timeout(at_most, program.engine.ended()).await;
        if let Some(Ok(hosted)) = hosted.map(Arc::try_unwrap) {
            hosted.stop().await;
        }
    });
}

/// Ends the relay at once and without a word.
pub(crate) fn cut(program: &Program) {
    drop(take(program));
}
