//! A circle without a link.

use tokio::sync::mpsc;

use super::*;
use crate::clock::Clock as _;
use crate::clock::tests::Hands;
use crate::entry::Entry;
use crate::limits::EVENT_QUEUE;
use crate::session::checked_profile;

/// A circle with a session, and what it tells.
fn begun() -> (Circle, mpsc::Receiver<Event>) {
    let entry = Entry::parse("127.0.0.1:7667", None).unwrap();
    let (queue, events) = mpsc::channel(EVENT_QUEUE);
    let profile = checked_profile("anna", None).unwrap();
    let mut circle = Circle::new(ServerId(1), entry.circle, profile, EventSender::to(queue));
    assert!(circle.begin(Hands::new().now()));
    (circle, events)
}

#[tokio::test]
async fn what_was_asked_for_is_answered_when_the_session_is_over() {
    let (mut circle, mut events) = begun();
    circle.asked.insert(PublishId([1; 16]), (RequestId(7), Outcome::Nothing));
    circle.asked.insert(PublishId([2; 16]), (RequestId(8), Outcome::Nothing));
    circle.settled(&PublishId([1; 16]), Ok(()));
    circle.settled(&PublishId([3; 16]), Ok(()));
    circle.over(ConnectionError::Evicted);
    let done = Event::Done { request: RequestId(7), outcome: Outcome::Nothing };
    let request = Some(RequestId(8));
    let refused = Event::Refused { request, server: Some(circle.server), error: CommandError::NotConnected };
    assert!(events.recv().await == Some(done));
    assert!(events.recv().await == Some(refused), "before it is said that the session is over");
    assert!(matches!(events.recv().await, Some(Event::ConnectionError { .. })));
    assert!(matches!(circle.next_wish(), Some(Wish::Close(_))) && circle.next_wish().is_none());
}
