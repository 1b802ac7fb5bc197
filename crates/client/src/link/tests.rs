//! The link to relays that hang, refuse, lie and say too much.

use bytes::Bytes;
use shepot_protocol::message::{Entered, Record, Refusal, RefusalCause, Standing, Welcome};
use shepot_protocol::{CircleId, LogId, RelayToClient};
use shepot_relay::Rules;
use tokio::sync::mpsc::Receiver;

use super::connection::Incoming;
use super::*;
use crate::clock::tests::Hands;
use crate::entry::Entry;
use crate::limits::{CLOSED_DOORS, FRAME_QUEUE, SEND_PATIENCE};
use crate::session::tests::{usual_limits, welcome};

const MILLISECOND: Duration = Duration::from_millis(1);

/// A link that has asked to be let in.
fn greeting(clock: Arc<dyn Clock>) -> Link {
    let mut link = Link::new(Entry::parse("127.0.0.1:7667", None).unwrap().target, clock);
    link.access.show();
    link.opened(Connection::hanging());
    link
}

impl Link {
    /// One to a relay that has let us in and takes nothing any more.
    pub(crate) fn hanging(clock: Arc<dyn Clock>) -> Self {
        let mut link = greeting(clock);
        link.is_let_in();
        link
    }

    /// One by this to a relay that has let us in and says nothing, and what it is sent.
    pub(crate) fn watched(target: Target, clock: Arc<dyn Clock>) -> (Self, Receiver<Bytes>) {
        let mut link = Self::new(target, clock);
        let (connection, to_relay) = Connection::watched();
        link.access.show();
        link.opened(connection);
        link.is_let_in();
        (link, to_relay)
    }

    /// Another connection stands in the place of the one that broke; gives what the relay is sent by it.
    pub(crate) fn stands_again(&mut self) -> Receiver<Bytes> {
        let (connection, to_relay) = Connection::watched();
        self.access.show();
        self.opened(connection);
        self.is_told(RelayToClient::Welcome(welcome(usual_limits(&Rules::default()))));
        to_relay
    }

    pub(crate) fn is_told(&mut self, message: RelayToClient) {
        self.heard(Incoming::Message(message));
    }

    fn is_let_in(&mut self) {
        let welcome = Welcome { renews_access_key: true, ..welcome(usual_limits(&Rules::default())) };
        self.heard(Incoming::Message(RelayToClient::Welcome(welcome)));
        self.events.clear();
    }
}

fn hanging() -> (Link, Hands) {
    let hands = Hands::new();
    (Link::hanging(Arc::new(hands.clone())), hands)
}

fn tell(link: &mut Link, message: RelayToClient) -> Vec<LinkEvent> {
    link.heard(Incoming::Message(message));
    link.take_events()
}

fn refusal(cause: RefusalCause, closing: bool) -> RelayToClient {
    let retry_after = Duration::ZERO;
    RelayToClient::Refused(Refusal {
        cause,
        request: None,
        circle: None,
        subject: None,
        retry_after,
        closing,
    })
}

#[tokio::test]
async fn a_relay_that_reads_nothing_counts_as_broken() {
    let (mut link, hands) = hanging();
    // More than the writer takes waits for the relay.
    link.send(hands.now().steady, &vec![ClientToRelay::Ping { nonce: 1 }; FRAME_QUEUE + 1]);
    hands.pass(SEND_PATIENCE - MILLISECOND);
    link.tick(hands.now().steady);
    assert!(matches!(link.way, Way::Open { .. }), "given up too early");
    hands.pass(MILLISECOND);
    link.tick(hands.now().steady);
    assert!(matches!(link.way, Way::Broken { .. }));
    assert!(matches!(link.take_events()[..], [LinkEvent::Broke { attempt: 1, .. }]));
}

#[tokio::test]
async fn who_is_never_welcomed_connects_again_whatever_it_is_told_meanwhile() {
    let hands = Hands::new();
    let mut link = greeting(Arc::new(hands.clone()));
    let mut is_broken = |after: Duration| {
        hands.pass(after);
        let told = tell(&mut link, RelayToClient::Pong { nonce: 1 });
        link.tick(hands.now().steady);
        assert!(told.is_empty());
        matches!(link.way, Way::Broken { .. })
    };
    assert!(!is_broken(CONNECT_DEADLINE / 2) && !is_broken(CONNECT_DEADLINE / 2 - MILLISECOND));
    assert!(is_broken(MILLISECOND));
}

#[tokio::test]
async fn a_relay_that_says_nothing_is_given_up_and_dialled_again() {
    let (mut link, hands) = hanging();
    let dead_after = usual_limits(&Rules::default()).dead_after;
    hands.pass(dead_after - MILLISECOND);
    assert!(tell(&mut link, RelayToClient::Pong { nonce: 1 }).is_empty());
    hands.pass(dead_after - MILLISECOND);
    link.tick(hands.now().steady);
    assert!(link.take_events().is_empty(), "it was heard");
    hands.pass(MILLISECOND);
    link.tick(hands.now().steady);
    let [LinkEvent::Broke { retry_in, .. }] = link.take_events()[..] else { panic!("it is dead") };
    assert_eq!(link.next_wake(), Some(hands.now().steady + retry_in));
    hands.pass(retry_in);
    link.tick(hands.now().steady);
    assert!(matches!(link.take_events()[..], [LinkEvent::Opening { attempt: 1 }]));
}

#[tokio::test]
async fn a_frame_that_takes_its_time_is_no_silence() {
    let hands = Hands::new();
    let mut link = greeting(Arc::new(hands.clone()));
    let (connection, _to_relay) = Connection::watched();
    link.opened(connection);
    let limits = usual_limits(&Rules::default());
    tell(&mut link, RelayToClient::Welcome(welcome(limits)));
    let dead_after = limits.dead_after;
    let is_given_up = |link: &mut Link| {
        hands.pass(dead_after - MILLISECOND);
        link.tick(hands.now().steady);
        hands.pass(MILLISECOND);
        link.tick(hands.now().steady);
        matches!(link.take_events()[..], [LinkEvent::Broke { .. }])
    };
    for _ in 0..3 {
        let Way::Open { connection, .. } = &link.way else { panic!("it is open") };
        connection.hears_a_part();
        assert!(!is_given_up(&mut link), "it arrives, slowly");
    }
    assert!(is_given_up(&mut link), "nothing arrives");
}

#[tokio::test]
async fn a_relay_that_says_nothing_is_asked_whether_it_is_there() {
    let hands = Hands::new();
    let mut link = greeting(Arc::new(hands.clone()));
    let (connection, mut to_relay) = Connection::watched();
    link.opened(connection);
    let limits = usual_limits(&Rules::default());
    tell(&mut link, RelayToClient::Welcome(welcome(limits)));
    hands.pass(limits.ping_interval - MILLISECOND);
    link.tick(hands.now().steady);
    assert!(to_relay.try_recv().is_err(), "too soon");
    hands.pass(MILLISECOND);
    link.tick(hands.now().steady);
    let mut frames = shepot_protocol::FrameReader::new();
    frames.extend(&to_relay.try_recv().unwrap());
    let asked = ClientToRelay::decode(frames.next_frame(100).unwrap().unwrap()).unwrap();
    assert!(matches!(asked, ClientToRelay::Ping { .. }), "{asked:?}");
}

#[tokio::test]
async fn what_became_of_it_before_is_nobody_s_when_it_begins_again() {
    let (mut link, _hands) = hanging();
    link.break_off();
    link.close();
    link.begin();
    assert!(matches!(link.take_events()[..], [LinkEvent::Opening { attempt: 0 }]));
}

#[tokio::test]
async fn who_was_let_in_once_is_dialled_again_whatever_answers_there_and_nobody_else() {
    let mut link = greeting(Arc::new(Hands::new()));
    tell(&mut link, refusal(RefusalCause::RelayFull, true));
    link.did_not_open(ConnectionError::NotShepot);
    assert!(matches!(link.take_events()[..], [LinkEvent::Failed(ConnectionError::NotShepot)]));
    let (mut link, _) = hanging();
    link.break_off();
    link.open();
    link.take_events();
    link.did_not_open(ConnectionError::NotShepot);
    assert!(matches!(link.take_events()[..], [LinkEvent::Broke { .. }]));
    link.open();
    link.take_events();
    link.did_not_open(ConnectionError::WrongIdentity);
    assert!(matches!(link.take_events()[..], [LinkEvent::Failed(ConnectionError::WrongIdentity)]));
}

#[tokio::test]
async fn nothing_of_a_circle_is_believed_before_a_welcome() {
    let circle = CircleId([7; 16]);
    for standing in [Standing::Wait, Standing::Join, Standing::CreateGroup, Standing::Seated] {
        let mut link = greeting(Arc::new(Hands::new()));
        let entered = Entered {
            circle,
            standing,
            epoch: 0,
            log_id: LogId([1; 16]),
            next_sequence: 1,
            present: Vec::new(),
            head: 0,
        };
        let told = tell(&mut link, RelayToClient::Entered(entered));
        assert!(matches!(told[..], [LinkEvent::Failed(ConnectionError::ServerMisbehaves)]));
        assert!(matches!(link.way, Way::Closed));
    }
}

#[tokio::test]
async fn a_second_welcome_is_a_lie() {
    let mut link = greeting(Arc::new(Hands::new()));
    let mut come = || tell(&mut link, RelayToClient::Welcome(welcome(usual_limits(&Rules::default()))));
    assert!(matches!(come()[..], [LinkEvent::Admitted { .. }]));
    assert!(matches!(come()[..], [LinkEvent::Failed(ConnectionError::ServerMisbehaves)]));
}

#[tokio::test]
async fn a_refusal_ends_what_cannot_mend_itself_and_nothing_else() {
    let ends = [
        (RefusalCause::ClientTooOld, ConnectionError::ServerTooNew),
        (RefusalCause::ClientTooNew, ConnectionError::ServerTooOld),
        (RefusalCause::Banned, ConnectionError::Banned),
        (RefusalCause::InvitationExpired, ConnectionError::InvitationExpired),
        (RefusalCause::InvitationUsedUp, ConnectionError::InvitationUsedUp),
        (RefusalCause::InvitationRevoked, ConnectionError::InvitationRevoked),
    ];
    for (cause, expected) in ends {
        let mut link = greeting(Arc::new(Hands::new()));
        let told = tell(&mut link, refusal(cause, true));
        assert!(matches!(&told[..], [LinkEvent::Failed(error)] if *error == expected), "{cause:?}");
    }
    let goes_on = [
        (RefusalCause::RelayFull, ConnectionError::ServerFull),
        (RefusalCause::AddressFull, ConnectionError::AddressFull),
        (RefusalCause::CircleFull, ConnectionError::CircleFull),
        (RefusalCause::TooFast, ConnectionError::TooFast),
    ];
    for (cause, expected) in goes_on {
        let mut link = greeting(Arc::new(Hands::new()));
        let told = tell(&mut link, refusal(cause, true));
        let is_right = |told: &[LinkEvent]| matches!(told, [LinkEvent::Trouble(error), LinkEvent::Broke { .. }] if *error == expected);
        assert!(is_right(&told), "{cause:?}");
        // Where it does not close, a connection that stands goes on.
        let (mut open, _) = hanging();
        let told = tell(&mut open, refusal(cause, false));
        assert!(matches!(&told[..], [LinkEvent::Trouble(error)] if *error == expected), "{cause:?}");
    }
}

#[tokio::test]
async fn who_closes_at_the_door_is_tried_again_only_if_it_was_there_before() {
    let mut link = greeting(Arc::new(Hands::new()));
    link.heard(Incoming::Closed);
    assert!(matches!(link.take_events()[..], [LinkEvent::Failed(ConnectionError::NotAdmitted)]));
    let (mut link, _) = hanging();
    for _ in 1..CLOSED_DOORS {
        link.opened(Connection::hanging());
        link.heard(Incoming::Closed);
        assert!(matches!(link.take_events()[..], [LinkEvent::Broke { .. }]));
    }
    link.opened(Connection::hanging());
    link.heard(Incoming::Closed);
    assert!(matches!(link.take_events()[..], [LinkEvent::Failed(ConnectionError::NotAdmitted)]));
}

#[tokio::test]
async fn another_address_is_gone_to_at_once() {
    let (mut link, _hands) = hanging();
    let other: Address = "127.0.0.1:7668".parse().unwrap();
    assert!(link.set_address(other.clone()));
    assert_eq!(link.address(), &other);
    assert!(matches!(link.way, Way::Opening(_)));
    assert!(matches!(link.take_events()[..], [LinkEvent::Broke { .. }, LinkEvent::Opening { attempt: 0 }]));
    // The same once more: what is on its way goes on.
    assert!(!link.set_address(other));
    assert!(link.take_events().is_empty());
    // Where nobody wants a connection, none is made.
    link.close();
    assert!(link.set_address("127.0.0.1:7669".parse().unwrap()));
    assert!(matches!(link.way, Way::Closed));
}

#[tokio::test]
async fn what_the_operator_sees_is_told_to_who_asked() {
    let record = || {
        RelayToClient::Record(Record {
            connection: 1,
            address: "192.0.2.1:1".into(),
            connected: Duration::ZERO,
            silent: Duration::ZERO,
            circles: 1,
            seats: 1,
            bytes_in: 1,
            bytes_out: 1,
            access_label: String::new(),
            refused_attempts: 0,
        })
    };
    let (mut link, hands) = hanging();
    assert!(tell(&mut link, record()).is_empty());
    assert!(link.ask_for_record(hands.now().steady));
    assert!(matches!(tell(&mut link, record())[..], [LinkEvent::Record(_)]));
    assert!(tell(&mut link, record()).is_empty());
    link.close();
    assert!(!link.ask_for_record(hands.now().steady), "there is nobody to ask");
}
