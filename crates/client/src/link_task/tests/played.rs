//! Two circles on one link, beside a relay that the test plays.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind and passes over the others")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use shepot_protocol::message::{Entered, Refusal, RequestKind, Standing};
use shepot_protocol::{
    AccessKey, CircleId, CircleSecret, ClientToRelay, FrameReader, Invitation, LogId, Pin,
};
use shepot_relay::Rules;
use tokio::sync::mpsc::Receiver;

use super::super::*;
use crate::clock::tests::Hands;
use crate::limits::{BREAK_OFF_INTERVAL, EVENT_QUEUE};
use crate::session::checked_profile;
use crate::session::tests::usual_limits;

const FIRST: ServerId = ServerId(1);
const SECOND: ServerId = ServerId(2);
const ADDRESS: &str = "127.0.0.1:7667";

fn entry(circle: u8) -> Entry {
    let invitation = Invitation {
        address: ADDRESS.parse().unwrap(),
        pin: Pin([7; 32]),
        access_key: Some(AccessKey::new([9; 32])),
        circle_secret: Some(CircleSecret::new([circle; 32])),
        owner: None,
        owner_seed: None,
        expires_at: None,
        succession: None,
    };
    Entry::parse(&invitation.to_link(), None).unwrap()
}

/// A link with two circles, and both its ends.
struct Play {
    task: LinkTask,
    hands: Hands,
    events: Receiver<Event>,
    to_relay: Receiver<Bytes>,
    /// Pings that the relay has not answered.
    pings: Vec<u64>,
    /// The id of the second circle.
    second: CircleId,
}

impl Play {
    /// Both circles are being entered.
    async fn begun() -> Self {
        let hands = Hands::new();
        let profile = checked_profile("anna", None).unwrap();
        let (queue, events) = mpsc::channel(EVENT_QUEUE);
        let clock: Arc<dyn Clock> = Arc::new(hands.clone());
        let mut task = LinkTask::new(FIRST, entry(1), profile, Arc::clone(&clock), EventSender::to(queue));
        let (link, to_relay) = Link::watched(entry(1).target, clock);
        task.link = link;
        let second = entry(2).circle_id().unwrap();
        let mut play = Self { task, hands, events, to_relay, pings: Vec::new(), second };
        play.gives(LinkCommand::AddCircle(SECOND, Box::new(entry(2)))).await;
        for server in [FIRST, SECOND] {
            play.does(server, Action::Connect).await;
            assert!(matches!(play.sent()[..], [ClientToRelay::Enter(_)]), "{server:?}");
            assert_eq!(play.states(), [(server, ConnectionState::Connecting)]);
        }
        play
    }

    /// The link has another connection, by which all enter again.
    fn stands_again(&mut self) {
        self.to_relay = self.task.link.stands_again();
        self.task.settle();
        let is_enter = |frame: &ClientToRelay| matches!(frame, ClientToRelay::Enter(_));
        assert!(self.sent().iter().all(is_enter));
        self.states();
    }

    fn link_stands(&self) -> bool {
        self.task.link.admission().is_some()
    }

    async fn gives(&mut self, command: LinkCommand) {
        self.task.command(command).await;
        self.task.settle();
    }

    async fn does(&mut self, server: ServerId, action: Action) {
        self.gives(LinkCommand::Do(server, None, action)).await;
    }

    fn passes(&mut self, time: Duration) {
        self.hands.pass(time);
        self.task.settle();
    }

    /// The relay says something about a circle.
    fn is_told(&mut self, frame: RelayToClient) {
        self.task.frame(self.hands.now(), frame);
        self.task.settle();
    }

    fn has_entered(&mut self, circle: CircleId, standing: Standing) {
        let (log_id, present) = (LogId([1; 16]), Vec::new());
        let entered = Entered { circle, standing, epoch: 0, log_id, next_sequence: 1, present, head: 0 };
        self.is_told(RelayToClient::Entered(entered));
    }

    fn is_let_into_the_ante_room(&mut self) {
        self.has_entered(self.second, Standing::Join);
        assert!(matches!(self.sent()[..], [ClientToRelay::JoinLease { circle }] if circle == self.second));
    }

    fn is_refused(&mut self, request: RequestKind, cause: RefusalCause) {
        let (circle, request) = (Some(self.second), Some(request));
        let retry_after = Duration::ZERO;
        let refusal = Refusal { cause, request, circle, subject: None, retry_after, closing: false };
        self.is_told(RelayToClient::Refused(refusal));
    }

    /// The relay has read everything and said whatever was on its way.
    fn answers_pings(&mut self) {
        assert!(!self.pings.is_empty());
        for nonce in std::mem::take(&mut self.pings) {
            self.task.link.is_told(RelayToClient::Pong { nonce });
        }
        self.task.settle();
    }

    /// What the relay was sent since the last call, besides pings.
    fn sent(&mut self) -> Vec<ClientToRelay> {
        let mut frames = FrameReader::new();
        while let Ok(bytes) = self.to_relay.try_recv() {
            frames.extend(&bytes);
        }
        let next = || frames.next_frame(1 << 20).unwrap().map(|frame| ClientToRelay::decode(frame).unwrap());
        let mut sent = Vec::new();
        for frame in std::iter::from_fn(next) {
            match frame {
                ClientToRelay::Ping { nonce } => self.pings.push(nonce),
                other => sent.push(other),
            }
        }
        sent
    }

    /// The states that were told since the last call.
    fn states(&mut self) -> Vec<(ServerId, ConnectionState)> {
        let told = std::iter::from_fn(|| self.events.try_recv().ok());
        told.filter_map(|event| match event {
            Event::State { server, state } => Some((server, state)),
            _ => None,
        })
        .collect()
    }

    /// How long the second circle stays away, being told so for the so many-eth time.
    fn stays_away(&mut self, attempt: u32) -> Duration {
        match self.states()[..] {
            [(SECOND, ConnectionState::Reconnecting { retry_in, attempt: told })] => {
                assert_eq!(told, attempt);
                retry_in
            }
            ref other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn who_finds_no_place_leaves_and_enters_again_by_the_same_connection() {
    let mut play = Play::begun().await;
    play.is_let_into_the_ante_room();
    play.states();
    play.is_refused(RequestKind::JoinLease, RefusalCause::CircleFull);
    let wait = play.stays_away(1);
    assert!(matches!(play.sent()[..], [ClientToRelay::Leave { circle }] if circle == play.second));
    // What was on its way is nobody's.
    play.is_refused(RequestKind::JoinLease, RefusalCause::NotSeated);
    play.passes(wait - Duration::from_millis(1));
    assert!(play.sent().is_empty() && play.states().is_empty());
    play.passes(Duration::from_millis(1));
    assert!(matches!(play.sent()[..], [ClientToRelay::Enter(_)]));
    let tries = |retry_in, attempt| (SECOND, ConnectionState::Reconnecting { retry_in, attempt });
    assert_eq!(play.states(), [tries(Duration::ZERO, 1)]);
    // Still is not.
    play.is_refused(RequestKind::Enter, RefusalCause::CircleFull);
    assert!(play.states().is_empty());
    play.answers_pings();
    play.is_refused(RequestKind::Enter, RefusalCause::CircleFull);
    play.stays_away(2);
    assert!(matches!(play.sent()[..], [ClientToRelay::Leave { .. }]));
    // The person does not want to wait.
    play.does(SECOND, Action::Connect).await;
    assert!(matches!(play.sent()[..], [ClientToRelay::Enter(_)]));
    assert_eq!(play.states(), [tries(Duration::ZERO, 2)]);
    play.answers_pings();
    play.is_refused(RequestKind::Enter, RefusalCause::CircleFull);
    let wait = play.stays_away(3);
    // Leaving ends the waiting.
    play.does(SECOND, Action::Disconnect).await;
    assert_eq!(play.states(), [(SECOND, ConnectionState::Disconnected)]);
    play.sent();
    play.passes(wait);
    assert!(play.sent().is_empty());
}

#[tokio::test]
async fn a_circle_that_is_over_is_left_and_can_be_entered_again() {
    let mut play = Play::begun().await;
    play.is_let_into_the_ante_room();
    play.states();
    play.is_refused(RequestKind::JoinLease, RefusalCause::InvitationOutdated);
    assert_eq!(play.states(), [(SECOND, ConnectionState::Ended)]);
    assert!(matches!(play.sent()[..], [ClientToRelay::Leave { circle }] if circle == play.second));
    play.does(SECOND, Action::Connect).await;
    assert!(matches!(play.sent()[..], [ClientToRelay::Enter(_)]));
    play.states();
    // Answers to the session before.
    play.is_refused(RequestKind::JoinLease, RefusalCause::NotSeated);
    play.is_refused(RequestKind::Leave, RefusalCause::NotSeated);
    assert!(play.states().is_empty() && play.task.link.admission().is_some());
    play.answers_pings();
    play.is_let_into_the_ante_room();
}

#[tokio::test]
async fn one_circle_does_not_cost_the_other_its_connection_again_and_again() {
    let mut play = Play::begun().await;
    play.is_let_into_the_ante_room();
    play.is_refused(RequestKind::JoinLease, RefusalCause::NotSeated);
    assert!(!play.link_stands());
    play.stands_again();
    play.is_let_into_the_ante_room();
    play.states();
    play.is_refused(RequestKind::JoinLease, RefusalCause::NotSeated);
    assert!(play.link_stands());
    let states = play.states();
    let waits = |state: &ConnectionState| matches!(state, ConnectionState::Reconnecting { retry_in, .. } if *retry_in == BREAK_OFF_INTERVAL);
    assert!(matches!(&states[..], [(SECOND, state)] if waits(state)), "{states:?}");
    // Nothing that is said of it meanwhile counts.
    play.is_refused(RequestKind::JoinLease, RefusalCause::InvitationOutdated);
    assert!(play.link_stands() && play.states().is_empty());
    // Its time comes; the relay is there all the while.
    play.passes(BREAK_OFF_INTERVAL / 2);
    assert!(play.sent().is_empty());
    play.answers_pings();
    play.passes(BREAK_OFF_INTERVAL / 2);
    assert!(!play.link_stands());
    // Whoever is alone on the link waits for nothing, and for nobody who is gone.
    play.stands_again();
    play.is_let_into_the_ante_room();
    play.is_refused(RequestKind::JoinLease, RefusalCause::NotSeated);
    assert!(play.link_stands());
    play.does(FIRST, Action::Disconnect).await;
    play.passes(Duration::ZERO);
    assert!(!play.link_stands());
}

#[tokio::test]
async fn one_circle_that_gets_in_does_not_hide_that_the_other_never_does() {
    let mut play = Play::begun().await;
    let first = entry(1).circle_id().unwrap();
    let breaks = |play: &mut Play| {
        play.states();
        play.task.link.break_off();
        play.task.settle();
        match play.states()[..] {
            [(FIRST, ConnectionState::Reconnecting { attempt, .. }), ..] => attempt,
            ref other => panic!("{other:?}"),
        }
    };
    play.has_entered(first, Standing::CreateGroup);
    play.has_entered(first, Standing::Seated);
    assert!(play.states().contains(&(FIRST, ConnectionState::Connected)));
    assert_eq!(breaks(&mut play), 1);
    play.stands_again();
    play.has_entered(first, Standing::Seated);
    assert!(play.states().contains(&(FIRST, ConnectionState::Connected)));
    assert_eq!(breaks(&mut play), 2, "the second was on its way");
    // Who waits for others is not.
    play.stands_again();
    play.has_entered(first, Standing::Seated);
    play.has_entered(play.second, Standing::Wait);
    assert_eq!(breaks(&mut play), 1);
}

#[tokio::test]
async fn a_mark_that_was_refused_is_passed_with_the_next_ping() {
    let mut play = Play::begun().await;
    play.does(SECOND, Action::Disconnect).await;
    play.does(SECOND, Action::Connect).await;
    play.sent();
    assert_eq!(play.pings.len(), 1);
    play.pings.clear();
    play.passes(usual_limits(&Rules::default()).ping_interval);
    assert!(play.sent().is_empty());
    assert_eq!(play.pings.len(), 1, "the link's own");
    play.answers_pings();
    play.is_let_into_the_ante_room();
}

#[tokio::test]
async fn a_seat_that_may_not_be_left_goes_with_the_connection() {
    let mut play = Play::begun().await;
    play.does(SECOND, Action::Disconnect).await;
    play.is_refused(RequestKind::Leave, RefusalCause::TooFast);
    assert!(!play.link_stands());
}

#[tokio::test]
async fn a_circle_that_cannot_be_followed_takes_all_to_another_connection() {
    let mut play = Play::begun().await;
    play.is_let_into_the_ante_room();
    play.states();
    play.is_refused(RequestKind::JoinLease, RefusalCause::NotSeated);
    let states = play.states();
    assert!(
        matches!(
            states[..],
            [
                (FIRST, ConnectionState::Reconnecting { attempt: 1, .. }),
                (SECOND, ConnectionState::Reconnecting { attempt: 1, .. })
            ]
        ),
        "{states:?}"
    );
}

#[tokio::test]
async fn by_another_access_key_a_second_circle_may_be_let_in() {
    let mut play = Play::begun().await;
    // The first circle's owner has removed somebody: the connection came by a key that is replaced.
    play.task.link.renew_access_key(AccessKey::new([8; 32]));
    play.is_refused(RequestKind::Enter, RefusalCause::InvitationOutdated);
    assert!(!play.link_stands() && !play.task.link.is_closed());
    let servers: Vec<_> = play.states().into_iter().map(|(server, _)| server).collect();
    assert_eq!(servers, [FIRST, SECOND]);
    // It costs the first its connection once, not again and again.
    play.stands_again();
    play.task.link.renew_access_key(AccessKey::new([7; 32]));
    play.is_refused(RequestKind::Enter, RefusalCause::InvitationOutdated);
    assert!(play.link_stands());
    assert_eq!(play.states(), [(SECOND, ConnectionState::Ended)]);
}

#[tokio::test]
async fn invitations_show_the_key_that_opens_the_relay_for_their_circle() {
    let mut play = Play::begun().await;
    let key = |n| AccessKey::new([n; 32]);
    let shown = |play: &Play| [FIRST, SECOND].map(|server| play.task.target(server).access_key.unwrap());
    // The relay is its owner's own: whoever is invited comes by its newest key.
    play.task.renew_access_key(FIRST, key(8));
    assert!(shown(&play) == [key(8), key(8)]);
    // Or it was the second one's, and the link shows the key of before.
    play.task.renew_access_key(SECOND, key(6));
    assert!(shown(&play) == [key(8), key(6)]);
    // The first goes, and the link is the second one's.
    let (removing, _removed) = oneshot::channel();
    play.gives(LinkCommand::RemoveCircle(FIRST, removing)).await;
    assert!(play.task.link.target().access_key == Some(key(6)));
    play.task.renew_access_key(SECOND, key(5));
    assert!(play.task.link.target().access_key == Some(key(5)));
    assert!(play.task.target(SECOND).access_key == Some(key(5)));
}

#[tokio::test]
async fn all_on_a_link_are_told_where_it_leads() {
    let mut play = Play::begun().await;
    let addresses = |play: &mut Play| -> Vec<_> {
        let told = std::iter::from_fn(|| play.events.try_recv().ok());
        let address = |event| match event {
            Event::Address { server, address } => Some((server.0, address)),
            _ => None,
        };
        told.filter_map(address).collect()
    };
    let address = "127.0.0.1:7668".to_owned();
    play.does(SECOND, Action::SetAddress { address: address.clone() }).await;
    assert_eq!(addresses(&mut play), [(1, address.clone()), (2, address.clone())]);
    play.gives(LinkCommand::AddCircle(ServerId(3), Box::new(entry(3)))).await;
    assert_eq!(addresses(&mut play), [(3, address.clone())], "it was told the one of before");
    let mut moved = entry(4);
    moved.target.address = address.parse().unwrap();
    play.gives(LinkCommand::AddCircle(ServerId(4), Box::new(moved))).await;
    assert!(addresses(&mut play).is_empty());
}
