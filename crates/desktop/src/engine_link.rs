//! The engine on its own runtime, and the bridge from its events to the window's loop.
//!
//! Owns: the runtime, the queue of commands, the batches of events. Must never: let the window wait for the engine, or
//! give the window more events at once than it can handle.

use std::cell::RefCell;
use std::future::Future;

use shepot_client::{Command, Engine, Event, Request};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

/// The most events given to the window at once.
const BATCH: usize = 256;

/// The most commands that wait for the engine.
const WAITING_COMMANDS: usize = 1_024;

/// The number of threads for the engine and the relay here.
const THREADS: usize = 2;

/// Gives events to the program with this number. Returns false if it is gone. The sender reports that they were
/// handled.
pub(crate) type Deliver = fn(u32, Vec<Event>, oneshot::Sender<()>) -> bool;

/// The window's handle to the engine.
pub(crate) struct EngineLink {
    runtime: RefCell<Option<Runtime>>,
    engine: Engine,
    requests: mpsc::Sender<Request>,
}

impl EngineLink {
    /// Starts an engine with this nick. Its events go to the program with this number.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the system has no threads to give, or the nick is not valid.
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

    /// Gives the engine a request. Returns false if too many wait, or the engine has ended.
    pub(crate) fn request(&self, request: Request) -> bool {
        self.requests.try_send(request).is_ok()
    }

    /// Asks the engine to end.
    pub(crate) fn quit(&self) -> bool {
        self.request(Request::from(Command::Quit))
    }

    /// Waits until the engine has ended.
    pub(crate) async fn ended(&self) {
        self.engine.ended().await;
    }

    /// Runs a task on the engine's runtime.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &*self.runtime.borrow() {
            runtime.spawn(future);
        }
    }

    /// Blocks until a task is done. Only for a window that is about to close.
    pub(crate) fn wait_for<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.runtime.borrow().as_ref().map(|runtime| runtime.block_on(future))
    }

    /// Stops the runtime at once. Connections are cut.
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

/// Why the engine did not start.
#[derive(Debug)]
pub(crate) enum StartError {
    /// The system has no threads to give.
    Runtime,
    /// The nick is not valid.
    Nick,
}

async fn carry_commands(engine: Engine, mut waiting: mpsc::Receiver<Request>) {
    while let Some(request) = waiting.recv().await {
        if engine.request(request).await.is_err() {
            return;
        }
    }
}

/// Gives the window the next batch once it has handled the last. Until then events wait in the engine's queue. If that
/// is full, the engine says "reload".
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
