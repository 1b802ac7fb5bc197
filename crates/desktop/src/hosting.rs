//! Carries out what the program wants of the relay here.

use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;

use shepot_app::{OutsideMsg, RelayEffect};
use shepot_hosting::{Hosted, HostingError, Options};
use shepot_relay::StartError;

use crate::connections;
use crate::program::{Program, on_window};

/// Stops the relay, and tells those who are connected.
pub(crate) fn stop(program: &Rc<Program>) {
    let stopped = program.relay.borrow_mut().stop();
    program.engine.spawn(stopped);
    connections::forget(program);
    let kept = shepot_app::local_relay::keeping(&program.relay.borrow());
    program.send(kept);
}

/// Carries out an effect on the relay.
pub(crate) fn carry_out(program: &Rc<Program>, effect: &RelayEffect) {
    let told = shepot_app::local_relay::carry_out(&program.relay.borrow(), effect);
    told.into_iter().for_each(|msg| program.send(msg));
}

/// Starts the relay, and tells the program the result.
pub(crate) fn start(program: &Rc<Program>) {
    let number = program.number;
    let options = Options { listen: program.options.listen.clone(), public_address: None };
    let starting = program.relay.borrow_mut().start(options);
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
    let told = shepot_app::local_relay::started(&mut program.relay.borrow_mut(), hosted);
    connections::watch(program);
    told.into_iter().for_each(|msg| program.send(msg));
}

fn sentence(program: &Program, error: &HostingError) -> String {
    match error {
        HostingError::NoRandomness => program.tr("connection-error-no-randomness", &[]),
        HostingError::Kept => program.tr("hosting-kept-damaged", &[]),
        HostingError::PublicAddress { typed } => program.tr("terminal-public-address", &[("typed", typed)]),
        HostingError::Start(StartError::Listen { address, error })
            if error.kind() == ErrorKind::AddrInUse =>
        {
            program.tr("ui-host-port-taken", &[("address", &address.to_string())])
        }
        HostingError::Start(error) => program.tr("ui-host-failed", &[("error", &error.to_string())]),
    }
}

/// Waits until the engine, which was told to quit, has ended, so that others hear that we leave. Then stops the relay.
#[allow(clippy::disallowed_methods, reason = "guards against a server that hangs")]
pub(crate) fn stop_and_wait(program: &Program, at_most: Duration) {
    connections::forget(program);
    let stopped = program.relay.borrow_mut().stop();
    program.engine.wait_for(async {
        // A server that hangs is left without.
        let _ = tokio::time::timeout(at_most, program.engine.ended()).await;
        stopped.await;
    });
}
