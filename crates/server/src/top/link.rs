//! The connection to the server, in a thread of its own, so that keys work whatever the server does.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use tokio::sync::mpsc;

use crate::control::{Answer, Caller, Request};

/// How many requests may wait. A person asks no faster.
const WAITING: usize = 16;

/// What came back from the server.
#[derive(Debug)]
pub(super) enum Heard {
    Answer(Answer),
    /// Nobody answers. `was_act`: the request was to do something rather than to look.
    Lost {
        was_act: bool,
    },
    /// Another run of the server answers. The answer follows.
    Another,
}

pub(super) struct Link {
    questions: SyncSender<Request>,
    answers: mpsc::Receiver<Heard>,
    unanswered: usize,
}

impl Link {
    /// Goes on with an existing connection. If it breaks, every request tries to connect again.
    pub(super) fn start(server: Caller, socket: PathBuf) -> Self {
        let (questions, asked) = sync_channel(WAITING);
        let (told, answers) = mpsc::channel(2 * WAITING);
        std::thread::spawn(move || converse(server, &socket, &asked, &told));
        Self { questions, answers, unanswered: 0 }
    }

    /// Whether a request has not been answered yet.
    pub(super) const fn is_busy(&self) -> bool {
        self.unanswered > 0
    }

    /// Sends a request. False: too many wait already, and this one is dropped.
    pub(super) fn ask(&mut self, request: Request) -> bool {
        match self.questions.try_send(request) {
            Ok(()) => {
                self.unanswered += 1;
                true
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }

    pub(super) async fn hear(&mut self) -> Heard {
        let Some(heard) = self.answers.recv().await else { return std::future::pending().await };
        if !matches!(heard, Heard::Another) {
            self.unanswered = self.unanswered.saturating_sub(1);
        }
        heard
    }
}

fn converse(server: Caller, socket: &Path, asked: &Receiver<Request>, told: &mpsc::Sender<Heard>) {
    let mut server = Some(server);
    while let Ok(mut request) = asked.recv() {
        if server.is_none() {
            server = Caller::connect(socket).ok();
            if server.is_some() {
                // Its entries are counted from the beginning.
                if let Request::Watch { after } = &mut request {
                    *after = 0;
                }
                if told.blocking_send(Heard::Another).is_err() {
                    return;
                }
            }
        }
        let answer = server.as_mut().and_then(|server| server.ask(&request).ok());
        let is_refused_look =
            matches!((&request, &answer), (Request::Watch { .. }, Some(Answer::Refused(_))));
        let heard = match answer {
            // A server of another version.
            Some(answer) if !is_refused_look => Heard::Answer(answer),
            Some(_) | None => {
                server = None;
                Heard::Lost { was_act: !matches!(request, Request::Watch { .. }) }
            }
        };
        if told.blocking_send(heard).is_err() {
            return;
        }
    }
}
