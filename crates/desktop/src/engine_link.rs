//! The engine on a runtime of its own, and the bridge between its events and the window's loop.
//!
//! Owns: the runtime, the queue of commands, the batches of events. Must never: let the window wait for the engine, or
//! give the window more events at once than it takes.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::rc::{Rc, Weak};

use shepot_client::model::ServerId;
use shepot_client::{Action, Command, Engine, Event, OnServer, Request, RequestId};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use crate::program::Program;

/// Events that are given to the window at once.
const BATCH: usize = 256;

/// Commands that wait for the engine.
const WAITING_COMMANDS: usize = 1_024;

/// Threads of the engine, and of the relay that is hosted.
const THREADS: usize = 2;

thread_local! {
    /// The programs of this thread: one, but for tests.
    static PROGRAMS: RefCell<HashMap<u32, Weak<Program>>> = RefCell::default();
}

/// Says that events of this number belong to a program.
pub(crate) fn register(number: u32, program: &Rc<Program>) {
    PROGRAMS.with_borrow_mut(|programs| {
        programs.insert(number, Rc::downgrade(program));
    });
}

/// Runs something on the window's thread with the program, if it is still there.
pub(crate) fn on_window(number: u32, run: impl FnOnce(&Rc<Program>) + Send + 'static) -> bool {
    slint::invoke_from_event_loop(move || {
        let program = PROGRAMS.with_borrow(|programs| programs.get(&number).and_then(Weak::upgrade));
        if let Some(program) = program {
            run(&program);
        }
    })
    .is_ok()
}

/// The engine, as the window sees it.
pub(crate) struct EngineLink {
    runtime: RefCell<Option<Runtime>>,
    engine: Engine,
    requests: mpsc::Sender<Request>,
    /// How many requests have names.
    named: Cell<u64>,
}

impl EngineLink {
    /// Starts an engine for somebody of this nick, whose events go to the program of this number.
    ///
    /// # Errors
    ///
    /// The system's reason when there are no threads to be had; a nick that is none.
    pub(crate) fn start(number: u32, nick: &str) -> Result<Self, StartError> {
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
        runtime.spawn(carry_events(number, events));
        Ok(Self { runtime: RefCell::new(Some(runtime)), engine, requests, named: Cell::new(0) })
    }

    /// Gives a command. False when too many wait, or the engine has ended.
    pub(crate) fn command(&self, command: Command) -> bool {
        self.requests.try_send(Request::from(command)).is_ok()
    }

    /// The same with a name under which it is answered; none where it was not given.
    pub(crate) fn request(&self, command: Command) -> Option<RequestId> {
        let id = RequestId(self.named.get() + 1);
        self.named.set(id.0);
        self.requests.try_send(Request { id: Some(id), command }).ok().map(|()| id)
    }

    /// Gives a command about one server.
    pub(crate) fn on(&self, server: ServerId, action: Action) -> bool {
        self.command(Command::On(OnServer { server, action }))
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
async fn carry_events(number: u32, mut events: mpsc::Receiver<Event>) {
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        if events.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        let (taken, done) = oneshot::channel();
        let given = on_window(number, move |program| {
            program.events(batch);
            // The receiver is gone only when the runtime is.
            let _ = taken.send(());
        });
        if !given || done.await.is_err() {
            return;
        }
    }
}
