//! Several circles on one link, at a real relay.
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind and passes over the others")]

use std::collections::BTreeSet;
use std::time::Duration;

use shepot_group::OwnerKey;
use shepot_protocol::{AccessKey, CircleSecret, Invitation, OwnerId, OwnerSeed};
use shepot_relay::{Access, Configuration, ConnectionId, Identity, Limits, Relay, RelayHandle};

use crate::clock::tests::PATIENCE;
use crate::entry::EntryError;
use crate::limits::CIRCLES_ON_A_LINK;
use crate::model::{CommandError, ConnectionError, ConnectionState, ConversationId, ServerId, SystemEvent};
use crate::{Action, Command, Engine, Event, Request, RequestId};

use tokio::sync::mpsc;

const HOME: ServerId = ServerId(1);
const SECOND: ServerId = ServerId(2);

/// The seed of the key of every circle's owner.
const OWNER: [u8; 32] = [7; 32];

/// A relay, and invitations to circles on it.
struct House {
    relay: RelayHandle,
    identity: Identity,
}

/// Each circle's invitations show an access key of their own.
fn access_key(circle: u8) -> AccessKey {
    AccessKey::new([circle; 32])
}

impl House {
    async fn of(members: usize) -> Self {
        let identity = Identity::generate().unwrap();
        let relay = Self::start("127.0.0.1:0", members, &identity).await;
        Self { relay, identity }
    }

    async fn start(at: &str, members: usize, identity: &Identity) -> RelayHandle {
        let mut limits = Limits::default();
        limits.circle.members = members;
        let configuration = Configuration { listen: vec![at.parse().unwrap()], limits };
        let access = Access::Keys([1, 2].map(access_key).into_iter().collect());
        Relay::start(configuration, identity, access).await.unwrap()
    }

    /// The relay forgets everything.
    async fn restart(&mut self) {
        let at = self.relay.local_addresses()[0].to_string();
        self.relay.shutdown().await;
        self.relay = Self::start(&at, 10, &self.identity).await;
    }

    fn invitation(&self, circle: u8) -> String {
        self.invitation_with(circle, None)
    }

    /// `owner_seed`: whoever has it is the circle's owner.
    fn invitation_with(&self, circle: u8, owner_seed: Option<OwnerSeed>) -> String {
        let invitation = Invitation {
            address: self.relay.local_addresses()[0].to_string().parse().unwrap(),
            pin: self.relay.pin(),
            access_key: Some(access_key(circle)),
            circle_secret: Some(CircleSecret::new([circle; 32])),
            owner: Some(OwnerId(OwnerKey::from_seed(&OWNER).id())),
            owner_seed,
            expires_at: None,
            succession: None,
        };
        invitation.to_link().to_string()
    }

    /// Waits until the connections have so many seats, each in another circle.
    async fn has_seats(&self, wanted: &[usize]) {
        let seats = async {
            loop {
                let connections = self.relay.statistics().connections;
                let mut seats: Vec<_> = connections.iter().map(|connection| connection.seats).collect();
                seats.sort_unstable();
                if seats == wanted {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, seats).await.expect("as many seats as there should be");
    }

    fn connections(&self) -> BTreeSet<ConnectionId> {
        self.relay.statistics().connections.iter().map(|connection| connection.id).collect()
    }
}

/// A person and what it was told.
struct Person {
    engine: Engine,
    events: mpsc::Receiver<Event>,
    told: Vec<Event>,
    /// Those that came while another was waited for.
    passed_over: Vec<Event>,
}

impl Person {
    fn new(nick: &str) -> Self {
        let (engine, events) = Engine::start(nick, None).unwrap();
        Self { engine, events, told: Vec::new(), passed_over: Vec::new() }
    }

    async fn add(&self, entry: String, link_of: Option<ServerId>) {
        let add = Command::Add { entry, name: None, connect: true, link_of };
        self.engine.command(add).await.unwrap();
    }

    /// One that is in this circle by a link of its own.
    async fn inside(nick: &str, house: &House, circle: u8) -> Self {
        let mut person = Self::new(nick);
        person.add(house.invitation(circle), None).await;
        person.is_in(HOME).await;
        person
    }

    /// One that is in the circles 1 and 2 by one link.
    async fn in_both(nick: &str, house: &House) -> Self {
        let mut person = Self::inside(nick, house, 1).await;
        person.add(house.invitation(2), Some(HOME)).await;
        person.is_in(SECOND).await;
        person
    }

    /// Waits for an event that was not waited for before.
    async fn is_told(&mut self, what: &str, wanted: impl Fn(&Event) -> bool) -> Event {
        if let Some(at) = self.passed_over.iter().position(&wanted) {
            return self.passed_over.remove(at);
        }
        let waiting = async {
            loop {
                let event = self.events.recv().await.expect("the engine runs");
                self.told.push(event.clone());
                if wanted(&event) {
                    return event;
                }
                self.passed_over.push(event);
            }
        };
        let told = tokio::time::timeout(PATIENCE, waiting).await;
        told.unwrap_or_else(|_| panic!("waited in vain: {what}"))
    }

    async fn has_state(&mut self, of: ServerId, wanted: ConnectionState) {
        let what = format!("{of:?} {wanted:?}");
        let is_it = |event: &Event| matches!(event, Event::State { server, state } if (*server, state) == (of, &wanted));
        self.is_told(&what, is_it).await;
    }

    async fn is_in(&mut self, of: ServerId) {
        self.has_state(of, ConnectionState::Connected).await;
    }

    async fn says(&self, of: ServerId, body: &str) {
        let (conversation, body) = (ConversationId::MAIN, body.to_owned());
        let send = Action::Send { conversation, body, reply_to: None, mentions: Vec::new() };
        self.engine.on(of, send).await.unwrap();
    }

    async fn hears(&mut self, of: ServerId, body: &str) {
        let is_it = |event: &Event| matches!(event, Event::Message { server, message } if *server == of && *message.body == *body);
        self.is_told(body, is_it).await;
    }

    async fn sees_leave(&mut self) {
        let left = |event: &Event| {
            matches!(event, Event::SystemEvent { system_event: SystemEvent::Left { .. }, .. })
        };
        self.is_told("somebody leaves", left).await;
    }

    /// What it was told of a server, whether it was so.
    fn was_told(&self, wanted: impl Fn(&Event) -> bool) -> bool {
        self.told.iter().any(wanted)
    }
}

#[tokio::test]
async fn two_circles_on_one_link_are_one_connection_and_two_worlds() {
    let house = House::of(10).await;
    let (mut boris, mut vera) =
        (Person::inside("boris", &house, 1).await, Person::inside("vera", &house, 2).await);
    let mut anna = Person::in_both("anna", &house).await;
    house.has_seats(&[1, 1, 2]).await;
    anna.says(HOME, "to the first").await;
    anna.says(SECOND, "to vera").await;
    boris.hears(HOME, "to the first").await;
    vera.hears(HOME, "to vera").await;
    vera.says(HOME, "from vera").await;
    boris.says(HOME, "from boris").await;
    anna.hears(SECOND, "from vera").await;
    anna.hears(HOME, "from boris").await;
    let other =
        |event: &Event| matches!(event, Event::Message { message, .. } if message.body.contains("second"));
    assert!(!boris.was_told(other));
    // The operator's view is told to whoever asked, and it is the connection's.
    anna.engine.on(SECOND, Action::ShowRecord).await.unwrap();
    let record = anna.is_told("the record", |event| matches!(event, Event::Record { .. })).await;
    assert!(matches!(record, Event::Record { server: SECOND, record } if record.seats == 2));
    anna.engine.on(HOME, Action::ShowRecord).await.unwrap();
    let record = anna.is_told("the record", |event| matches!(event, Event::Record { .. })).await;
    assert!(matches!(record, Event::Record { server: HOME, .. }));
    // An invitation to the second is to the second.
    anna.engine.on(SECOND, Action::Invite { owner: false }).await.unwrap();
    let invited = anna.is_told("the invitation", |event| matches!(event, Event::Invitation { .. })).await;
    let Event::Invitation { server: SECOND, link } = invited else { panic!("of the other") };
    let shown = link.parse::<Invitation>().unwrap().access_key;
    assert!(shown == Some(access_key(2)), "whoever comes by it is counted as invited to the second");
    let mut olga = Person::new("olga");
    olga.add(link, None).await;
    olga.is_in(HOME).await;
    olga.says(HOME, "vera asked me in").await;
    vera.hears(HOME, "vera asked me in").await;
    olga.engine.command(Command::Quit).await.unwrap();
    // Who leaves one stays in the other.
    anna.engine.on(HOME, Action::Disconnect).await.unwrap();
    boris.sees_leave().await;
    vera.says(HOME, "vera asks").await;
    anna.hears(SECOND, "vera asks").await;
    // The one that the link was made for comes back to it, as somebody new.
    anna.engine.on(HOME, Action::Connect).await.unwrap();
    anna.is_in(HOME).await;
    house.has_seats(&[1, 1, 2]).await;
    anna.engine.command(Command::Remove { server: HOME }).await.unwrap();
    anna.is_told("removed", |event| matches!(event, Event::Removed { server: HOME })).await;
    anna.says(SECOND, "the last to vera").await;
    vera.hears(HOME, "the last to vera").await;
    anna.engine.command(Command::Remove { server: SECOND }).await.unwrap();
    vera.sees_leave().await;
    anna.engine.command(Command::Quit).await.unwrap();
    anna.is_told("the end", |event| matches!(event, Event::Ended)).await;
    let crossed = |event: &Event| match event {
        Event::Message { server, message } => (*server == HOME) == (*message.body).contains("vera"),
        _ => false,
    };
    assert!(!anna.was_told(crossed), "what is said in one circle is not told of the other");
}

#[tokio::test]
async fn all_circles_of_a_link_come_back_with_it_and_end_with_it() {
    let mut house = House::of(10).await;
    let mut vera = Person::inside("vera", &house, 2).await;
    let mut anna = Person::in_both("anna", &house).await;
    house.restart().await;
    anna.is_in(HOME).await;
    anna.is_in(SECOND).await;
    vera.is_in(HOME).await;
    house.has_seats(&[1, 2]).await;
    let connections = house.relay.statistics().connections;
    let hers = connections.iter().find(|connection| connection.seats == 2).unwrap();
    house.relay.disconnect(hers.id);
    anna.has_state(SECOND, ConnectionState::Ended).await;
    for of in [HOME, SECOND] {
        let why = ConnectionError::DisconnectedByOperator;
        let told = |event: &Event| matches!(event, Event::ConnectionError { server, error } if (*server, error) == (of, &why));
        assert!(anna.was_told(told), "{of:?}");
    }
    // Either opens the link again, for itself alone.
    anna.engine.on(SECOND, Action::Connect).await.unwrap();
    anna.is_in(SECOND).await;
    house.has_seats(&[1, 1]).await;
}

#[tokio::test]
async fn who_is_removed_from_one_circle_stays_in_the_other() {
    let house = House::of(10).await;
    let mut vera = Person::new("vera");
    vera.add(house.invitation_with(2, Some(OwnerSeed::new(OWNER))), None).await;
    vera.is_in(HOME).await;
    let mut anna = Person::in_both("anna", &house).await;
    let joined =
        |event: &Event| matches!(event, Event::SystemEvent { system_event: SystemEvent::Joined { .. }, .. });
    let joined = vera.is_told("anna joins", joined).await;
    let Event::SystemEvent { system_event: SystemEvent::Joined { key: person, .. }, .. } = joined else {
        unreachable!("it was looked for")
    };
    vera.engine.on(HOME, Action::Evict { person }).await.unwrap();
    anna.has_state(SECOND, ConnectionState::Ended).await;
    let removed = |event: &Event| {
        matches!(event, Event::ConnectionError { server: SECOND, error: ConnectionError::Evicted })
    };
    assert!(anna.was_told(removed));
    let before = house.connections();
    let mut boris = Person::inside("boris", &house, 1).await;
    anna.says(HOME, "still here").await;
    boris.hears(HOME, "still here").await;
    // By the same connection, which has no seat in the other circle any more.
    house.has_seats(&[1, 1, 1]).await;
    assert!(house.connections().is_superset(&before));
}

#[tokio::test]
async fn a_circle_that_was_removed_can_come_back_to_its_link_at_once() {
    let house = House::of(10).await;
    let mut vera = Person::inside("vera", &house, 2).await;
    let mut anna = Person::in_both("anna", &house).await;
    house.has_seats(&[1, 2]).await;
    let before = house.connections();
    // Nobody waits for what comes of each.
    anna.engine.command(Command::Remove { server: SECOND }).await.unwrap();
    anna.engine.command(Command::SetProfile { nick: "anya".into(), mood: None }).await.unwrap();
    anna.add(house.invitation(2), Some(HOME)).await;
    anna.is_in(ServerId(3)).await;
    anna.says(ServerId(3), "here again").await;
    vera.hears(HOME, "here again").await;
    let anya = |event: &Event| matches!(event, Event::Message { message, .. } if *message.nick == *"anya");
    assert!(vera.was_told(anya), "it has the nick of now");
    assert_eq!(house.connections(), before, "and costs nobody the connection");
}

#[tokio::test]
async fn a_circle_that_is_full_costs_the_other_nothing() {
    let house = House::of(1).await;
    let vera = Person::inside("vera", &house, 2).await;
    let mut anna = Person::inside("anna", &house, 1).await;
    let before = house.connections();
    anna.add(house.invitation(2), Some(HOME)).await;
    for attempt in 1..=2 {
        let waits = |event: &Event| matches!(event, Event::State { server: SECOND, state: ConnectionState::Reconnecting { attempt: told, .. } } if *told == attempt);
        anna.is_told("it tries again", waits).await;
    }
    let full = |event: &Event| {
        matches!(event, Event::ConnectionError { server: SECOND, error: ConnectionError::CircleFull })
    };
    assert!(anna.was_told(full));
    vera.engine.command(Command::Quit).await.unwrap();
    anna.is_in(SECOND).await;
    let of_home = |event: &Event| {
        matches!(event, Event::State { server: HOME, state: ConnectionState::Reconnecting { .. } })
            || matches!(event, Event::ConnectionError { server: HOME, .. })
    };
    assert!(!anna.was_told(of_home));
    assert!(house.connections().is_subset(&before), "no connection was made anew");
}

#[tokio::test]
async fn a_link_takes_other_circles_of_its_relay_and_no_more_than_it_can() {
    let (house, other) = (House::of(10).await, House::of(10).await);
    let mut anna = Person::new("anna");
    let add = |entry: String, link_of| Request {
        id: Some(RequestId(7)),
        command: Command::Add { entry, name: None, connect: false, link_of },
    };
    anna.engine.request(add(house.invitation(0), None)).await.unwrap();
    let at = house.relay.local_addresses()[0].to_string();
    for (entry, error) in [
        (house.invitation(0), EntryError::SameCircle),
        (other.invitation(1), EntryError::NotOnThisLink),
        (at, EntryError::NotOnThisLink),
    ] {
        anna.engine.request(add(entry, Some(HOME))).await.unwrap();
        let is_refused =
            |event: &Event| matches!(event, Event::NotAdded { error: told, .. } if *told == error);
        anna.is_told("it is not added", is_refused).await;
    }
    anna.engine.request(add(house.invitation(1), Some(ServerId(9)))).await.unwrap();
    let nobody = |event: &Event| {
        matches!(event, Event::Refused { server: Some(ServerId(9)), error: CommandError::NoSuchServer, .. })
    };
    anna.is_told("there is none", nobody).await;
    for circle in 1..=u8::try_from(CIRCLES_ON_A_LINK).unwrap() {
        // By any of them.
        anna.engine.request(add(house.invitation(circle), Some(ServerId(u32::from(circle))))).await.unwrap();
    }
    let full = |event: &Event| matches!(event, Event::NotAdded { error: EntryError::TooManyCircles, .. });
    anna.is_told("the link is full", full).await;
    let added = anna.told.iter().filter(|event| matches!(event, Event::Added { .. })).count();
    assert_eq!(added, CIRCLES_ON_A_LINK);
    // All of them enter at once when they come back, and a relay takes that.
    let limits = Limits::default();
    assert!(CIRCLES_ON_A_LINK <= limits.circles_per_connection);
    assert!(CIRCLES_ON_A_LINK <= usize::try_from(limits.commits.burst).unwrap());
}
