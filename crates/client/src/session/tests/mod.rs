//! Real sessions with real MLS around the relay's real circle, without sockets and with a clock of our own: whatever
//! order things happen in can be played, and played again.

mod anything;
mod carrying;
mod eviction;
mod misbehaviour;
mod owning;
mod promises;
mod returning;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Instant;

use shepot_group::{EntropyFailed, RandomSource};
use shepot_protocol::message::{Delivery as Delivered, Entry, RequestKind, Welcome};
use shepot_protocol::version::Version;
use shepot_protocol::{LogId, RelayToClient};
use shepot_relay::budget::Means;
use shepot_relay::circle::{Circle, Newcomer};
use shepot_relay::signature::ed25519;
use shepot_relay::{ConnectionId, Rules};

use super::*;
use crate::model::{CommandError, Delivery, MessageId};

/// Longer than any grace or deadline of a member.
const LONG: Duration = Duration::from_secs(150);
const STEP: Duration = Duration::from_millis(250);

/// Reproducible numbers (xorshift64*): for the order of things and for keys that protect nobody.
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() >> 33).unwrap() % end.max(1)
    }
}

impl RandomSource for Dice {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyFailed> {
        bytes.iter_mut().for_each(|byte| *byte = self.roll().to_be_bytes()[0]);
        Ok(())
    }
}

/// What a client was told, kept for comparison.
#[derive(Default)]
struct Told {
    /// Messages in the order in which each got its place, by their text.
    messages: Vec<String>,
    /// Their names, in the same order.
    ids: Vec<MessageId>,
    happenings: Vec<SystemEvent>,
    problems: Vec<ConnectionError>,
    over: Option<ConnectionError>,
    /// Publications that were asked for and are not made.
    refused: Vec<(PublishId, CommandError)>,
    /// How often it was told that it has to keep another invitation.
    renewals: usize,
}

struct Client {
    session: Session,
    connection: Option<ConnectionId>,
    /// The last one that the person was told.
    epoch: Option<u64>,
    /// The epoch that the safety code is of, as it was told.
    code_epoch: Option<u64>,
    to_relay: VecDeque<ClientToRelay>,
    told: Told,
    wants_reconnect: bool,
}

/// What the relay does to a frame on its way to a client: gives it on, or something else.
type Relabel = Box<dyn FnMut(usize, RelayToClient) -> Vec<RelayToClient>>;

/// Why a request is refused, if it is.
type Refuse = Box<dyn FnMut(usize, &ClientToRelay) -> Option<RefusalCause>>;

struct World {
    circle: Circle<ConnectionId>,
    clients: Vec<Client>,
    start: Instant,
    now: Duration,
    connections: u64,
    logs: u64,
    dice: Dice,
    rules: Rules,
    limits: Limits,
    relabel: Option<Relabel>,
    /// Refuses what a client asks for, before the relay hears of it.
    refuse: Option<Refuse>,
    /// What does not reach the relay.
    withheld: Option<fn(usize, &ClientToRelay) -> bool>,
    /// Whose program hangs: time does not pass for it, and it reads nothing.
    hanging: Option<usize>,
    /// How many messages of each the relay was given.
    published: BTreeMap<usize, usize>,
    /// The relay died, or forgot before everybody had read.
    is_lossy: bool,
    /// Over everything that was sent and told, in order: the same dice play the same game.
    trace: DefaultHasher,
}

const NICKS: [&str; 8] = ["Аня", "Boris", "Вера", "Gleb", "Даша", "Egor", "Жанна", "Zoe"];

/// Where the time of a game begins.
#[allow(clippy::disallowed_methods, reason = "somewhere it has to begin")]
fn origin() -> Instant {
    Instant::now()
}

/// An event in words, all that is in it.
fn words_of(event: &SessionEvent) -> String {
    let (name, contents) = match event {
        SessionEvent::Waiting => ("waiting", None),
        SessionEvent::Connected => ("connected", None),
        SessionEvent::Reconnect => ("reconnect", None),
        SessionEvent::EnterLater => ("enter later", None),
        SessionEvent::Message(message) => ("message", Some(serde_json::to_value(message))),
        SessionEvent::Changed(message) => ("changed", Some(serde_json::to_value(message))),
        SessionEvent::Gone(ids) => ("gone", Some(serde_json::to_value(ids))),
        SessionEvent::Discarded(id) => ("discarded", Some(serde_json::to_value(id))),
        SessionEvent::SystemEvent { at, event } => ("event", Some(serde_json::to_value((at, event)))),
        SessionEvent::Epoch { epoch, has_new_code } => {
            ("epoch", Some(serde_json::to_value((epoch, has_new_code))))
        }
        SessionEvent::Renewed => ("renewed", None),
        SessionEvent::People(people) => ("people", Some(serde_json::to_value(people))),
        SessionEvent::Rooms(rooms) => ("rooms", Some(serde_json::to_value(rooms))),
        SessionEvent::Circle(circle) => ("circle", Some(serde_json::to_value(circle))),
        SessionEvent::CirclePicture(image) => ("circle picture", Some(serde_json::to_value(image))),
        SessionEvent::Typing { conversation, person } => {
            ("typing", Some(serde_json::to_value((conversation, person))))
        }
        SessionEvent::Avatar { person, image } => ("avatar", Some(serde_json::to_value((person, image)))),
        SessionEvent::Settled { result, .. } => ("settled", Some(serde_json::to_value(result.is_ok()))),
        SessionEvent::ConnectionError(error) => ("connection_error", Some(serde_json::to_value(error))),
        SessionEvent::Over(error) => ("over", Some(serde_json::to_value(error))),
    };
    format!("{name} {:?}", contents.map(Result::unwrap))
}

/// What a relay says of itself.
pub(crate) fn usual_limits(rules: &Rules) -> Limits {
    Limits {
        blob_bytes: u32::try_from(rules.blob_bytes).unwrap(),
        group_information_bytes: u32::try_from(rules.group_information_bytes).unwrap(),
        circles_per_connection: 8,
        ping_interval: Duration::from_secs(10),
        dead_after: Duration::from_secs(25),
        log_entries: 4096,
        log_bytes: 1 << 22,
        log_age: Duration::from_secs(600),
        publishes_per_second: 100,
    }
}

pub(crate) fn welcome(limits: Limits) -> Welcome {
    let seen_address = "127.0.0.1:1".into();
    let (return_ticket, renews_access_key) = (None, false);
    Welcome { version: Version(1), limits, seen_address, return_ticket, renews_access_key }
}

impl World {
    fn new(seed: u64) -> Self {
        let rules = Rules::default();
        Self {
            circle: Self::empty_circle(rules, &CircleKeys::new(&[7; 32])),
            clients: Vec::new(),
            start: origin(),
            now: Duration::ZERO,
            connections: 0,
            logs: 0,
            dice: Dice::new(seed),
            rules,
            limits: usual_limits(&rules),
            relabel: None,
            refuse: None,
            withheld: None,
            hanging: None,
            published: BTreeMap::new(),
            is_lossy: false,
            trace: DefaultHasher::new(),
        }
    }

    fn empty_circle(rules: Rules, keys: &CircleKeys) -> Circle<ConnectionId> {
        let owner = shepot_protocol::OwnerId(Self::owner_key().id());
        let (name, circle) = (CircleName(*keys.name()), CircleId(*keys.circle()));
        Circle::new(name, circle, Some(owner), rules, Arc::default(), ed25519)
    }

    /// The keys of the last generation that anybody knows.
    fn last_keys(&self) -> CircleKeys {
        let known = self.clients.iter().filter_map(|client| client.session.config.keys.as_ref());
        known.max_by_key(|keys| keys.generation()).cloned().unwrap_or_else(|| CircleKeys::new(&[7; 32]))
    }

    /// So many people in one circle.
    fn of(seed: u64, people: usize) -> Self {
        Self::new(seed).with(people)
    }

    fn with(self, people: usize) -> Self {
        let mut world = self;
        for _ in 0..people {
            world.newcomer();
            world.settle();
        }
        world.forget_what_was_told();
        world
    }

    fn newcomer(&mut self) -> usize {
        self.newcomer_with(None)
    }

    fn newcomer_with(&mut self, owner_key: Option<OwnerKey>) -> usize {
        let who = self.clients.len();
        let owner = self.owner();
        let keys = Some(CircleKeys::new(&[7; 32]));
        let config = SessionConfig { keys, succession: None, owner, owner_key };
        let profile = Profile::new(NICKS[who % NICKS.len()], None).unwrap();
        let entropy = Entropy::new(Dice::new(self.dice.roll()));
        let session = Session::new(config, profile, entropy).unwrap();
        self.clients.push(Client {
            session,
            connection: None,
            to_relay: VecDeque::new(),
            epoch: None,
            code_epoch: None,
            told: Told::default(),
            wants_reconnect: false,
        });
        self.connect(who);
        who
    }

    /// Every circle of these tests has the same owner.
    fn owner(&self) -> Option<OwnerId> {
        Some(Self::owner_key().id())
    }

    fn owner_key() -> OwnerKey {
        OwnerKey::from_seed(&[9; 32])
    }

    fn time(&self) -> Now {
        Now { steady: self.now, unix: 1_800_000_000 + self.now.as_secs() }
    }

    fn instant(&self) -> Instant {
        self.start + self.now
    }

    fn fresh_log(&mut self) -> LogId {
        self.logs += 1;
        let mut id = [0x10; 16];
        id[..8].copy_from_slice(&self.logs.to_le_bytes());
        LogId(id)
    }

    fn connect(&mut self, who: usize) {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let now = self.time();
        let client = &mut self.clients[who];
        assert!(client.connection.is_none());
        client.connection = Some(connection);
        client.wants_reconnect = false;
        client.session.connected(now, &Self::binding(connection), self.limits);
        self.collect(who);
    }

    fn binding(connection: ConnectionId) -> ChannelBinding {
        let mut binding = ChannelBinding([3; 32]);
        binding.0[..8].copy_from_slice(&connection.0.to_be_bytes());
        binding
    }

    /// The connection is gone, and with it what was on its way in both directions.
    fn cut(&mut self, who: usize) {
        let now = self.instant();
        if let Some(connection) = self.clients[who].connection.take() {
            self.circle.lost(now, connection);
            self.clients[who].to_relay.clear();
            self.clients[who].session.disconnected();
        }
    }

    /// The relay forgets everything.
    fn restart_relay(&mut self) {
        for who in 0..self.clients.len() {
            self.cut(who);
        }
        self.circle = Self::empty_circle(self.rules, &self.last_keys());
        self.is_lossy = true;
    }

    /// Time goes on by one step; everything that is on its way arrives.
    fn step(&mut self) {
        self.now += STEP;
        let (now, time, fresh) = (self.instant(), self.time(), self.fresh_log());
        self.circle.tick(now, fresh);
        for who in 0..self.clients.len() {
            let client = &mut self.clients[who];
            if client.told.over.is_some() || self.hanging == Some(who) {
                continue;
            }
            client.session.tick(time);
            self.collect(who);
            if self.clients[who].wants_reconnect && self.clients[who].connection.is_none() {
                self.connect(who);
            }
        }
        self.exchange();
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while self.now < until {
            self.step();
        }
    }

    /// Until everybody who is connected is a member and nothing is on its way, at most [`LONG`].
    fn settle(&mut self) {
        let until = self.now + LONG;
        loop {
            self.step();
            let settled = self.here().into_iter().all(|who| {
                let session = &self.clients[who].session;
                let inside = session.member.as_ref().is_some_and(|member| member.is_acknowledged());
                session.is_seated() && inside && !session.outbox.is_waiting()
            });
            if settled {
                return;
            }
            assert!(self.now < until, "nobody gets anywhere: {}", self.describe());
        }
    }

    /// Who is connected, or about to be.
    fn here(&self) -> Vec<usize> {
        let is_here = |client: &Client| {
            client.told.over.is_none() && (client.connection.is_some() || client.wants_reconnect)
        };
        (0..self.clients.len()).filter(|who| is_here(&self.clients[*who])).collect()
    }

    fn describe(&self) -> String {
        let states = self.clients.iter().map(|client| {
            let session = &client.session;
            let phase = match &session.phase {
                Phase::Offline => "offline",
                Phase::Entering => "entering",
                Phase::Founding(_) => "founding",
                Phase::Queued => "queued",
                Phase::Joining(_) => "joining",
                Phase::Seated => "seated",
            };
            let epoch = session.member.as_ref().map(|member| member.group.epoch());
            format!("{phase} {epoch:?} {:?}", client.told.over)
        });
        states.collect::<Vec<_>>().join(", ")
    }

    fn forget_what_was_told(&mut self) {
        self.clients.iter_mut().for_each(|client| client.told = Told::default());
    }

    fn say(&mut self, who: usize, body: &str) -> Result<MessageId, CommandError> {
        let now = self.time();
        let said = self.clients[who].session.speak(now, ConversationId::MAIN, body, None, &[]);
        self.collect(who);
        said
    }

    fn heard(&self, who: usize) -> &[String] {
        &self.clients[who].told.messages
    }

    fn happened(&self, who: usize, what: impl Fn(&SystemEvent) -> bool) -> usize {
        self.clients[who].told.happenings.iter().filter(|event| what(event)).count()
    }

    /// Everybody who is here is in one group at one epoch, and sees the same people.
    fn assert_one_circle(&self) {
        let here = self.here();
        let states: Vec<_> = here
            .iter()
            .map(|who| {
                let member = self.clients[*who].session.member.as_ref().unwrap();
                let people: BTreeSet<MemberKey> = member.group.members().iter().map(|m| m.key).collect();
                assert_eq!(
                    self.clients[*who].epoch,
                    Some(member.group.epoch()),
                    "told of the keys of now: {}",
                    self.describe()
                );
                assert_eq!(
                    self.clients[*who].code_epoch,
                    Some(member.group.membership_epoch()),
                    "told of the safety code of now: {}",
                    self.describe()
                );
                (member.group.epoch(), member.group.safety_code().unwrap().symbols(), people)
            })
            .collect();
        assert!(states.windows(2).all(|pair| pair[0] == pair[1]), "not one circle: {}", self.describe());
        assert_eq!(states[0].2.len(), here.len(), "who is gone is gone: {}", self.describe());
    }

    /// Nobody is out, or was told of anything that an honest relay and honest members do not bring about.
    fn assert_nothing_wrong(&self) {
        self.assert_no_alarm();
        for (who, client) in self.clients.iter().enumerate() {
            assert_eq!(client.told.over, None, "{who}");
        }
    }

    fn assert_no_alarm(&self) {
        for (who, client) in self.clients.iter().enumerate() {
            let wrong = client.told.happenings.iter().find(|event| {
                // What somebody had not read when the relay forgot it is gone, and is said to be.
                let lost = matches!(event, SystemEvent::Missing { .. } | SystemEvent::Gap { .. });
                let wrong = matches!(event, SystemEvent::Unreadable | SystemEvent::Fork { .. });
                wrong || (lost && !self.is_lossy)
            });
            let wrong = wrong.map(kind_of);
            assert_eq!(wrong, None, "{who} was told so");
        }
    }

    /// What two people both saw they saw in the same order, and everything once.
    fn assert_one_order(&self) {
        for one in &self.clients {
            let once: BTreeSet<&String> = one.told.messages.iter().collect();
            assert_eq!(once.len(), one.told.messages.len(), "twice: {:?}", one.told.messages);
            // Who came behind what was said again after the relay's restart keeps it where it saw it first.
            let came_later =
                |client: &Client| self.is_lossy && client.told.happenings.contains(&SystemEvent::Rejoined);
            for other in self.clients.iter().filter(|other| !came_later(one) && !came_later(other)) {
                let theirs: Vec<_> =
                    other.told.messages.iter().filter(|body| one.told.messages.contains(body)).collect();
                let ours: Vec<_> =
                    one.told.messages.iter().filter(|body| other.told.messages.contains(body)).collect();
                assert_eq!(ours, theirs);
            }
        }
    }
}

/// The owner and so many others.
fn circle_of(seed: u64, others: usize) -> World {
    let mut world = World::new(seed);
    world.newcomer_with(Some(World::owner_key()));
    world.settle();
    for _ in 0..others {
        world.newcomer();
        world.settle();
    }
    world.forget_what_was_told();
    world
}

/// What happened, without what was said in it.
fn kind_of(event: &SystemEvent) -> &'static str {
    match event {
        SystemEvent::Unreadable => "unreadable",
        SystemEvent::Fork { .. } => "fork",
        SystemEvent::Missing { .. } => "missing",
        SystemEvent::Gap { .. } => "gap",
        _ => "something else",
    }
}

/// A frame that brings an entry of the log with somebody's message.
fn is_message(frame: &RelayToClient) -> bool {
    matches!(frame, RelayToClient::Delivery(Delivered { entry: Entry::Message { .. }, .. }))
}
