//! The engine on a runtime of its own, and the bridge between its events and the window's loop.
//!
//! Owns: the runtime, the queue of commands, the batches of events. Must never: let the window wait for the engine, or
//! give the window more events at once than it takes.

use std::cell::RefCell;
use std::future::Future;

use shepot_client::{Command, Engine, Event, Request};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

/// Events that are given to the window at once.
const BATCH: usize = 256;

/// Commands that wait for the engine.
const WAITING_COMMANDS: usize = 1_024;

/// Threads of the engine, and of the relay that is hosted.
const THREADS: usize = 2;

/// Gives events to the program of this number; false where it is gone. The sender says that they were dealt with.
pub(crate) type Deliver = fn(u32, Vec<Event>, oneshot::Sender<()>) -> bool;

/// The engine, as the window sees it.
pub(crate) struct EngineLink {
    runtime: RefCell<Option<Runtime>>,
    engine: Engine,
    requests: mpsc::Sender<Request>,
}

impl EngineLink {
    /// Starts an engine for somebody of this nick, whose events are delivered to the program of this number.
    ///
    /// # Errors
    ///
    /// The system's reason when there are no threads to be had; a nick that is none.
    pub(crate) fn start(number: u32, nick: &str, deliver: Deliver) -> Result<Self, StartError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("engine")
            .enable_all()
            .build()
            .map_err(|_| StartError::Runtime)?;
        let (requests, waiting) = mpsc::channel(WAITING_COMMANDS);
        let (engine, events) = {
            let _inside = runtime.enter();
            Engine::start(nick, None).map_err(|_| StartError::Nick)?
        };
        runtime.spawn(carry_commands(engine.clone(), waiting));
        runtime.spawn(carry_events(number, events, deliver));
        Ok(Self { runtime: RefCell::new(Some(runtime)), engine, requests })
    }

    /// Gives a request. False when too many wait, or the engine has ended.
    pub(crate) fn request(&self, request: Request) -> bool {
        self.requests.try_send(request).is_ok()
    }

    /// The engine is to end.
    pub(crate) fn quit(&self) -> bool {
        self.request(Request::from(Command::Quit))
    }

    /// Waits until the engine has ended.
    pub(crate) async fn ended(&self) {
        self.engine.ended().await;
    }

    /// Runs something beside the engine.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &*self.runtime.borrow() {
            runtime.spawn(future);
        }
    }

    /// Waits for something: only where the window is about to close.
    pub(crate) fn wait_for<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.runtime.borrow().as_ref().map(|runtime| runtime.block_on(future))
    }

    /// Ends everything at once; whoever is connected is cut off.
    pub(crate) fn stop(&self) {
        if let Some(runtime) = self.runtime.borrow_mut().take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for EngineLink {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The engine does not start.
#[derive(Debug)]
pub(crate) enum StartError {
    /// The system gives no threads.
    Runtime,
    /// The nick is none.
    Nick,
}

async fn carry_commands(engine: Engine, mut waiting: mpsc::Receiver<Request>) {
    while let Some(request) = waiting.recv().await {
        if engine.request(request).await.is_err() {
            return;
        }
    }
}

/// The window gets the next batch when it has dealt with the last one: until then events wait in the engine's queue,
/// and beyond that the engine says "reload".
async fn carry_events(number: u32, mut events: mpsc::Receiver<Event>, deliver: Deliver) {
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        if events.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        let (taken, done) = oneshot::channel();
        let given = deliver(number, batch, taken);
        if !given || done.await.is_err() {
            return;
        }
    }
}
