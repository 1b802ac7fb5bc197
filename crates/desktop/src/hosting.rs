//! What the program wants of the relay here.

use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use shepot_app::{HostedAt, OutsideMsg};
use shepot_hosting::{Hosted, HostingError};
use shepot_relay::ConnectionId;

use crate::connections;
use crate::program::{Program, on_window};

/// Stops it; whoever is connected is told.
pub(crate) fn stop(program: &Rc<Program>) {
    let stopped = program.hosts.borrow_mut().stop();
    program.engine.spawn(stopped);
    connections::forget(program);
    keep(program);
}

/// Its circle has another secret.
pub(crate) fn renewed(program: &Rc<Program>, link: &str) {
    if program.hosts.borrow().renewed(link) {
        keep(program);
    }
}

/// Has a visitor disconnected.
pub(crate) fn disconnect(program: &Rc<Program>, connection: ConnectionId) {
    // Who is gone already needs nothing.
    with_hosted(program, |hosted| hosted.disconnect(connection));
    look(program);
}

/// Shuts an address out.
pub(crate) fn ban(program: &Rc<Program>, address: IpAddr) {
    if with_hosted(program, |hosted| hosted.ban(address)) == Some(false) {
        program.send(OutsideMsg::OwnAddress);
    }
    look(program);
}

/// Lets an address in again.
pub(crate) fn lift_ban(program: &Rc<Program>, address: IpAddr) {
    with_hosted(program, |hosted| hosted.lift_ban(address));
    look(program);
}

/// Tells who is connected.
pub(crate) fn look(program: &Rc<Program>) {
    if let Some(visitors) = with_hosted(program, Hosted::visitors) {
        program.send(OutsideMsg::Visitors(visitors));
    }
}

fn with_hosted<T>(program: &Program, read: impl FnOnce(&Hosted) -> T) -> Option<T> {
    program.hosts.borrow().hosted().map(read)
}

/// Has it written down what makes the relay the same one when it comes back, and whether it runs.
fn keep(program: &Rc<Program>) {
    let kept = program.hosts.borrow().kept();
    program.send(OutsideMsg::KeptHosting(kept));
}

/// Starts it; what came of it is told.
pub(crate) fn start(program: &Rc<Program>) {
    let number = program.number;
    let starting = program.hosts.borrow_mut().start(program.options.listen.clone());
    program.engine.spawn(async move {
        let started = starting.await;
        on_window(number, move |program| is_started(program, started));
    });
}

fn is_started(program: &Rc<Program>, started: Result<Hosted, HostingError>) {
    let hosted = match started {
        Ok(hosted) => hosted,
        Err(error) => return program.send(OutsideMsg::NotHosted(sentence(program, &error))),
    };
    tracing::info!("hosting");
    let address = hosted.public_address.clone();
    let at = HostedAt { address, port: hosted.port(), reach: hosted.reach };
    let (invitation, moved_from) = (hosted.local_invitation.clone(), hosted.moved_from);
    program.hosts.borrow_mut().started(hosted);
    connections::watch(program);
    program.send(OutsideMsg::Hosted { at, invitation, moved_from });
    keep(program);
}

fn sentence(program: &Program, error: &HostingError) -> String {
    match error {
        HostingError::NoRandomness => program.tr("connection-error-no-randomness", &[]),
        HostingError::Kept => program.tr("hosting-kept-damaged", &[]),
        HostingError::PublicAddress { typed } => program.tr("terminal-public-address", &[("typed", typed)]),
        HostingError::Start(error) => program.tr("ui-host-failed", &[("error", &error.to_string())]),
    }
}

/// Waits for the end of the engine, which was told to quit, and then stops the relay: the others hear that we leave.
#[allow(clippy::disallowed_methods, reason = "guards against a server that hangs")]
pub(crate) fn stop_and_wait(program: &Program, at_most: Duration) {
    connections::forget(program);
    let stopped = program.hosts.borrow_mut().stop();
    program.engine.wait_for(async {
        // A server that hangs is left without.
        let _ = tokio::time::timeout(at_most, program.engine.ended()).await;
        stopped.await;
    });
}
