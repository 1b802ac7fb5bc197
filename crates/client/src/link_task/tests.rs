//! A link's task beside a relay that hangs.

mod one_link;
mod played;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use shepot_protocol::message::{Entered, Standing};
use shepot_protocol::transcript::ChannelBinding;
use shepot_protocol::{CircleId, ClientToRelay, LogId, Pin};
use shepot_relay::Rules;

use super::*;
use crate::clock::tests::{Hands, PATIENCE};
use crate::limits::{COMMAND_QUEUE, EVENT_QUEUE, FAREWELL, FRAME_QUEUE};
use crate::model::ConversationId;
use crate::session::checked_profile;
use crate::session::tests::usual_limits;

/// A server that hangs, and the clock that its guards go by.
fn hanging() -> (LinkTask, Hands) {
    let (server, hands, _) = heard();
    (server, hands)
}

/// The same, and what it tells.
fn heard() -> (LinkTask, Hands, mpsc::Receiver<Event>) {
    let hands = Hands::new();
    let entry = Entry::parse("127.0.0.1:7667", None).unwrap();
    let profile = checked_profile("anna", None).unwrap();
    let (queue, told) = mpsc::channel(EVENT_QUEUE);
    let events = EventSender::to(queue);
    let mut server = LinkTask::new(ServerId(1), entry, profile, Arc::new(hands.clone()), events);
    assert!(circle(&mut server).begin(hands.now()));
    server.link = Link::hanging(Arc::new(hands.clone()));
    (server, hands, told)
}

fn circle(server: &mut LinkTask) -> &mut Circle {
    server.circles.get_mut(&ServerId(1)).unwrap()
}

/// Does not end before the time is over, and does when it is.
#[allow(clippy::disallowed_methods, reason = "a guard against waiting for ever")]
async fn ends_after<T>(time: Duration, hands: &Hands, doing: impl Future<Output = T>) -> T {
    let mut doing = pin!(doing);
    // All the other tasks run once.
    for _ in 0..3 {
        let begun = poll_fn(|context| Poll::Ready(doing.as_mut().poll(context).is_ready())).await;
        assert!(!begun, "it did not wait");
        tokio::task::yield_now().await;
    }
    hands.pass(time - Duration::from_millis(1));
    tokio::task::yield_now().await;
    let early = poll_fn(|context| Poll::Ready(doing.as_mut().poll(context).is_ready())).await;
    assert!(!early, "it gave up too early");
    hands.pass(Duration::from_millis(1));
    tokio::time::timeout(PATIENCE, doing).await.expect("it waits for ever")
}

#[tokio::test]
async fn a_server_that_hangs_is_left_without_a_farewell() {
    let (mut server, hands) = hanging();
    ends_after(FAREWELL, &hands, server.leave(&[ServerId(1)])).await;
    assert!(server.link.next_wake().is_none() && !circle(&mut server).has_session());
}

#[tokio::test]
async fn a_server_that_reads_nothing_keeps_no_command_waiting() {
    let (mut server, hands) = hanging();
    // More than the writer takes waits for the relay.
    server.link.send(hands.now().steady, &vec![ClientToRelay::Ping { nonce: 1 }; FRAME_QUEUE + 1]);
    let (commands, from_engine) = mpsc::channel(COMMAND_QUEUE);
    let task = tokio::spawn(server.run(from_engine));
    for _ in 0..COMMAND_QUEUE * 4 {
        commands
            .send(Box::new(LinkCommand::Do(
                ServerId(1),
                None,
                Action::Typing { conversation: ConversationId::MAIN },
            )))
            .await
            .unwrap();
    }
    drop(commands);
    ends_after(FAREWELL, &hands, task).await.unwrap();
}

#[tokio::test]
async fn what_a_relay_says_of_another_circle_is_nobodys() {
    let (mut server, hands, _told) = heard();
    let limits = usual_limits(&Rules::default());
    circle(&mut server).admitted(hands.now(), Some(Pin([1; 32])), &ChannelBinding([1; 32]), limits);
    assert!(matches!(circle(&mut server).next_wish(), Some(Wish::Send(_))), "it enters");
    let own = circle(&mut server).id().unwrap();
    let is_told = |server: &mut LinkTask, told| {
        let (standing, log_id) = (Standing::Join, LogId([1; 16]));
        let entered = Entered {
            circle: told,
            standing,
            epoch: 0,
            log_id,
            next_sequence: 1,
            present: Vec::new(),
            head: 0,
        };
        server.link_event(hands.now(), LinkEvent::Frame(RelayToClient::Entered(entered)));
        circle(server).next_wish().is_some_and(|wish| matches!(wish, Wish::Send(_)))
    };
    assert!(!is_told(&mut server, CircleId([8; 16])));
    assert!(is_told(&mut server, own), "it asks for its turn");
}

#[tokio::test]
async fn what_ends_the_link_ends_the_session() {
    let (mut server, hands, mut events) = heard();
    server.link_event(hands.now(), LinkEvent::Failed(ConnectionError::Banned));
    server.carry_out(hands.now());
    assert!(!circle(&mut server).has_session() && server.link.next_wake().is_none());
    let over = Event::ConnectionError { server: ServerId(1), error: ConnectionError::Banned };
    assert!(events.recv().await == Some(over));
    assert!(matches!(events.recv().await, Some(Event::State { state: ConnectionState::Ended, .. })));
}
