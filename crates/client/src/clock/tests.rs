//! The engine goes by the clock that it is given: here the test turns it.
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::{Clock, Now, SystemClock, Until, within};
use crate::model::ConnectionState;
use crate::{Command, Engine, Event};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A clock that stands still until it is turned.
#[derive(Clone)]
pub(crate) struct Hands(Arc<watch::Sender<Now>>);

impl Hands {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Now { steady: Duration::ZERO, unix: 1_795_632_360 })))
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.send_modify(|now| now.steady += time);
    }
}

impl Clock for Hands {
    fn now(&self) -> Now {
        *self.0.borrow()
    }

    fn until(&self, at: Duration) -> Until<'_> {
        let mut now = self.0.subscribe();
        Box::pin(async move {
            // The sender is here as long as the clock is.
            let _ = now.wait_for(|now| now.steady >= at).await;
        })
    }
}

/// The next word about connecting again: how long until then, and the how many-th time it is.
async fn reconnecting(events: &mut mpsc::Receiver<Event>) -> (Duration, u32) {
    loop {
        let event = events.recv().await.expect("the engine runs");
        let Event::State { state, .. } = event else { continue };
        assert_ne!(state, ConnectionState::Ended, "it gave up");
        if let ConnectionState::Reconnecting { retry_in, attempt } = state {
            return (retry_in, attempt);
        }
    }
}

#[tokio::test]
async fn an_attempt_that_is_always_busy_ends_at_the_deadline() {
    let clock = SystemClock::start();
    let busy = async {
        loop {
            tokio::task::consume_budget().await;
        }
    };
    let trying = within(busy, clock.after(Duration::from_millis(20)));
    let ended: Option<()> = tokio::time::timeout(PATIENCE, trying).await.expect("the deadline is looked at");
    assert!(ended.is_none());
    assert_eq!(within(async { 7 }, clock.until(clock.now().steady)).await, Some(7), "in time is in time");
}

#[tokio::test]
async fn it_connects_again_when_the_clock_says_so() {
    // An address that nobody else can have, and where nobody listens.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let entry = taken.local_addr().unwrap().to_string();
    let hands = Hands::new();
    let (engine, mut events) = Engine::start_by(hands.clone(), "anna", None).unwrap();
    engine.command(Command::Add { entry, name: None, connect: true, link_of: None }).await.unwrap();
    let attempts = async {
        // By the system's clock these waits would take more than a quarter of an hour.
        for attempt in 1..=150 {
            let (wait, told) = reconnecting(&mut events).await;
            assert_eq!(told, attempt);
            assert!(wait >= Duration::from_millis(250), "{wait:?}");
            hands.pass(wait);
            assert_eq!(reconnecting(&mut events).await, (Duration::ZERO, attempt), "it is being tried");
        }
    };
    tokio::time::timeout(PATIENCE, attempts).await.expect("the clock is what it waits for");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_when_the_clock_says_so() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let entry = listener.local_addr().unwrap().to_string();
    let hands = Hands::new();
    let (engine, mut events) = Engine::start_by(hands.clone(), "anna", None).unwrap();
    engine.command(Command::Add { entry, name: None, connect: true, link_of: None }).await.unwrap();
    let given_up = async {
        // It waits for an answer now.
        let (_silent, _) = listener.accept().await.unwrap();
        hands.pass(Duration::from_secs(3_600));
        let (wait, attempt) = reconnecting(&mut events).await;
        assert!(wait > Duration::ZERO && attempt == 1, "{wait:?}, {attempt}");
    };
    tokio::time::timeout(PATIENCE, given_up).await.expect("the clock is what it waits for");
}
