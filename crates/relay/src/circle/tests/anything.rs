//! Whatever connections ask for, in whatever order: every answer, and every word that a connection reads, is the one
//! that the reference gives.

mod step;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use self::step::{OwnCommit, PEOPLE, Step, Who, Word, step};
use super::model::Model;
use super::*;

/// Games in one run of the test; `SHEPOT_GAMES` plays more.
const GAMES: u32 = 400;

/// Each thing that can happen does so in so many of a hundred games at least.
const LEAST_PERCENT: usize = 1;

fn rules() -> Rules {
    Rules {
        members: 4,
        newcomers: 2,
        blob_bytes: 60,
        group_information_bytes: 70_000,
        log: LogLimits { entries: 12, bytes: 3_000, age: Duration::from_secs(20) },
        waiting_answers: 6,
        ..Rules::default()
    }
}

/// What happened in one game.
type Happened = BTreeSet<&'static str>;

/// What has to happen in [`LEAST_PERCENT`] of the games, or the test looks at nothing.
const EVERYTHING: &[&str] = &[
    "a group is founded",
    "a newcomer's commit is final",
    "a member's commit is final",
    "a commit is STALE",
    "a commit is BUSY",
    "a commit is REJECTED",
    "a commit is UNANSWERED",
    "somebody is evicted",
    "a gap is read",
    "a circle is re-seated",
    "a circle is re-seated at a later epoch",
    "a member returns",
    "a connection is replaced",
    "a connection is too slow",
    "a message is confirmed",
    "a message of another is read",
    "a signal is read",
    "a circle is abandoned",
    "refused: NOT_SEATED",
    "refused: UNEXPECTED",
    "refused: TOO_LARGE",
    "refused: CIRCLE_FULL",
    "refused: INVITATION_OUTDATED",
];

/// The circle, the reference beside it, and those who ask.
struct Play {
    circle: Circle<ConnectionId>,
    means: Means,
    model: Model,
    now: Instant,
    logs: u64,
    commits: u64,
    /// The highest epoch that there was.
    last_epoch: u64,
    /// Who has read everything and was not woken since.
    asleep: BTreeSet<ConnectionId>,
    happened: Happened,
}

impl Play {
    fn new() -> Self {
        Self {
            circle: Circle::new(NAME, CIRCLE, Some(OwnerId(owner_id())), rules(), Arc::default(), ed25519),
            means: Means::unbounded(),
            model: Model::new(rules()),
            now: crate::clock::origin(),
            logs: 0,
            commits: 0,
            last_epoch: 0,
            asleep: BTreeSet::new(),
            happened: Happened::new(),
        }
    }

    fn fresh(&mut self) -> LogId {
        self.logs += 1;
        let mut id = [9; LogId::BYTES];
        id[..8].copy_from_slice(&self.logs.to_be_bytes());
        LogId(id)
    }

    fn fresh_blob(&mut self, what: &str) -> String {
        self.commits += 1;
        format!("{what} {}", self.commits)
    }

    fn pick(&self, who: Who, apt: Option<ConnectionId>) -> ConnectionId {
        apt.filter(|_| who.is_apt).unwrap_or(ConnectionId(who.anybody))
    }

    /// One of the members, by a number.
    fn member(&self, who: Who) -> ConnectionId {
        let members = self.model.seated_connections();
        let at = usize::try_from(who.anybody).unwrap() % members.len().max(1);
        self.pick(who, members.get(at).copied())
    }

    #[allow(clippy::too_many_lines, reason = "an arm for each move of the game")]
    fn play(&mut self, step: Step) {
        let epoch = self.model.epoch();
        let (real, expected) = match step.clone() {
            Step::Enter { who, seat, is_outdated } => {
                let succession = self.succession().filter(|_| !is_outdated);
                self.enter(ConnectionId(who), seat, None, succession)
            }
            Step::Return { who, seat, cursor_back, same_log, shown } => {
                // Where there is no group, members come with the state of the last one.
                let last = if self.model.has_group() { epoch } else { self.last_epoch };
                let epoch = last.saturating_sub(shown.epoch_back);
                let log_id = if same_log { self.model.log_id() } else { LogId([77; 16]) };
                let cursor = self.model.next_sequence().saturating_sub(cursor_back);
                let signer = signer(shown.line, epoch.saturating_sub(shown.key_back));
                let verification_key = VerificationKey::from_slice(signer.public_key().as_ref()).unwrap();
                let proof = signed(&signer, &transcript::seat(&BINDING, &NAME, Seat(seat), epoch));
                let resume = Resume { log_id, cursor, epoch, verification_key, proof };
                let succession = self.succession().filter(|_| same_log);
                self.enter(ConnectionId(who), seat, Some(resume), succession)
            }
            Step::CreateGroup { who } => {
                let connection = self.pick(who, self.model.founder());
                let found = CreateGroup { circle: CIRCLE, epoch: 0, verification_key: key(0, 0) };
                let fresh = self.fresh();
                let real = self.circle.create_group(self.now, connection, &found, fresh);
                (real, self.model.found(self.now, connection, &found, fresh))
            }
            Step::Lease { who } => {
                let connection = self.pick(who, self.model.joiner());
                let real = self.circle.join_lease(self.now, connection);
                (real, self.model.join_lease(self.now, connection))
            }
            Step::Answer { who, bytes, is_stale, is_older } => {
                let asked = self.model.asked();
                let connection = self.pick(who, asked.map(|(_, to)| to));
                let ask_id = asked.map_or(7, |(ask_id, _)| ask_id - u64::from(is_older));
                let epoch = epoch.wrapping_sub(u64::from(is_stale));
                let group_information = vec![b'i'; bytes].into();
                let answer = GroupInfoResponse { circle: CIRCLE, ask_id, epoch, group_information };
                let real = self.circle.answer(self.now, connection, answer.clone());
                (real, self.model.answer(self.now, connection, answer))
            }
            Step::Join { who, is_stale, word } => {
                let connection = self.pick(who, self.model.has_the_turn());
                let base_epoch = epoch + u64::from(is_stale);
                let blob = self.fresh_blob("join");
                let word = match word {
                    Word::None => None,
                    Word::Right => Some(endorsement(epoch, blob.as_bytes())),
                    Word::Wrong => Some(endorsement(epoch + 1, blob.as_bytes())),
                };
                self.commit(connection, base_epoch, blob, word, u64::MAX, None)
            }
            Step::OwnCommit { who, commit } => self.own_commit(self.member(who), epoch, commit),
            Step::Endorse { who, is_good } => {
                let undecided = self.model.undecided();
                let connection = self.pick(who, undecided.as_ref().map(|(_, _, to)| *to));
                let (base_epoch, blob) =
                    undecided.map_or_else(|| (epoch, "nothing".into()), |(base, blob, _)| (base, blob));
                let word = is_good.then(|| endorsement(base_epoch, &blob));
                let endorse = Endorse { circle: CIRCLE, commit: commit_id(&blob), endorsement: word };
                let real = self.circle.endorse(self.now, connection, &endorse);
                let expected = self.model.endorse(self.now, connection, &endorse);
                if self.model.epoch() > epoch {
                    self.happened.insert("a newcomer's commit is final");
                }
                (real, expected)
            }
            Step::Publish { who, id, epoch_ahead, bytes } => {
                let connection = self.member(who);
                let publish = Publish {
                    circle: CIRCLE,
                    publish_id: PublishId([id; 16]),
                    epoch: epoch + epoch_ahead,
                    blob: format!("{id:>bytes$}").into(),
                };
                let real = self.circle.publish(self.now, connection, publish.clone());
                (real, self.model.publish(self.now, connection, publish))
            }
            Step::Signal { who, bytes } => {
                let connection = self.member(who);
                let blob = format!("{:>bytes$}", who.anybody).into();
                let signal = Signal { circle: CIRCLE, epoch: 0, blob };
                let real = self.circle.signal(self.now, connection, signal.clone());
                (real, self.model.signal(self.now, connection, signal))
            }
            Step::Look { who, bytes } => {
                self.look(ConnectionId(who), bytes);
                (Ok(()), Ok(()))
            }
            Step::Leave { who } => {
                let real = self.circle.leave(self.now, ConnectionId(who));
                (real, self.model.leave(self.now, ConnectionId(who)))
            }
            Step::Lost { who } => {
                self.lose(ConnectionId(who));
                (Ok(()), Ok(()))
            }
            Step::Wait { milliseconds } => {
                self.wait(Duration::from_millis(milliseconds));
                (Ok(()), Ok(()))
            }
        };
        assert_eq!(real, expected, "the answer to {step:?}");
        if let Err(cause) = real {
            self.note_refusal(cause);
        }
        self.close_the_expelled();
        self.check();
    }

    fn enter(
        &mut self,
        connection: ConnectionId,
        seat: u64,
        resume: Option<Resume>,
        succession: Option<Succession>,
    ) -> (Outcome, Outcome) {
        let had_group = self.model.has_group();
        let is_return = resume.is_some();
        let owner = Some(OwnerId(owner_id()));
        let enter = Enter { name: NAME, seat: Seat(seat), seat_secret: SECRET, resume, succession, owner };
        let newcomer =
            Newcomer { connection, handle: connection, means: self.means.clone(), only_returns: false };
        let real = self.circle.enter(self.now, newcomer, &enter, &BINDING);
        let expected = self.model.enter(self.now, connection, &enter);
        if had_group && is_return && real.is_ok() && self.circle.is_seated(connection) {
            self.happened.insert("a member returns");
        }
        (real, expected)
    }

    /// What an invitation of this moment says.
    fn succession(&self) -> Option<Succession> {
        (self.model.generation > 0).then(|| word_for(self.model.generation))
    }

    fn own_commit(&mut self, from: ConnectionId, epoch: u64, commit: OwnCommit) -> (Outcome, Outcome) {
        let mut blob = self.fresh_blob("own");
        if matches!(commit, OwnCommit::TooLarge) {
            blob = blob.repeat(70_000 / blob.len() + 1);
        }
        let good = endorsement(epoch, blob.as_bytes());
        let (mut base_epoch, mut word, mut seen, mut eviction) = (epoch, Some(good), u64::MAX, None);
        match commit {
            OwnCommit::Good | OwnCommit::TooLarge => {}
            OwnCommit::Evicting { staying: seats, is_owner } => {
                let generation = self.model.generation + u32::from(is_owner);
                let staying = seats.into_iter().map(Seat).collect();
                eviction = Some(Eviction { staying, next_name: NAME, succession: word_for(generation) });
            }
            OwnCommit::Removing { seen_back } => {
                seen = self.model.next_sequence().saturating_sub(seen_back + 1);
            }
            OwnCommit::Stale => base_epoch = epoch.wrapping_sub(1),
            OwnCommit::Unendorsed => word = None,
            OwnCommit::BadlyVouched => word = Some(endorsement(epoch + 1, blob.as_bytes())),
        }
        let were_here = self.model.seats().len();
        let is_eviction = eviction.is_some();
        let outcomes = self.commit(from, base_epoch, blob, word, seen, eviction);
        if self.model.epoch() > epoch {
            self.happened.insert("a member's commit is final");
            if is_eviction && self.model.seats().len() < were_here {
                self.happened.insert("somebody is evicted");
            }
        }
        outcomes
    }

    fn commit(
        &mut self,
        from: ConnectionId,
        base_epoch: u64,
        blob: String,
        endorsement: Option<Endorsement>,
        seen: u64,
        eviction: Option<Eviction>,
    ) -> (Outcome, Outcome) {
        // The games know one name of the circle: what becomes of others is asked in `renaming`.
        let commit = Commit { circle: CIRCLE, base_epoch, blob: blob.into(), endorsement, seen, eviction };
        let real = self.circle.commit(self.now, from, commit.clone());
        (real, self.model.commit(self.now, from, commit))
    }

    fn lose(&mut self, connection: ConnectionId) {
        let had_group = self.model.has_group();
        self.circle.lost(self.now, connection);
        self.model.lost(self.now, connection);
        self.asleep.remove(&connection);
        if had_group && self.model.has_group() && self.model.seats().is_empty() {
            self.happened.insert("a circle is abandoned");
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        let was_reseating = self.model.is_reseating();
        let fresh = self.fresh();
        self.circle.tick(self.now, fresh);
        self.model.tick(self.now, fresh);
        if was_reseating && self.model.has_group() {
            self.happened.insert("a circle is re-seated");
            if self.model.epoch() > 0 {
                self.happened.insert("a circle is re-seated at a later epoch");
            }
        }
    }

    /// Everything that a connection reads is what it is to be told, to the last byte.
    fn look(&mut self, who: ConnectionId, bytes: usize) {
        let mut frames = Vec::new();
        let pulled = self.circle.pull(who, bytes, &mut frames);
        let (expected, more) = self.model.look(who, bytes);
        let read: Vec<_> =
            frames.into_iter().map(|frame| RelayToClient::decode(frame.slice(4..)).unwrap()).collect();
        assert_eq!(read, expected, "what {who:?} reads");
        assert_eq!(pulled.more, more, "whether {who:?} is to look again");
        if more {
            self.asleep.remove(&who);
        } else {
            self.asleep.insert(who);
        }
        for message in &read {
            self.note(message);
        }
    }

    fn note(&mut self, message: &RelayToClient) {
        self.happened.insert(match message {
            RelayToClient::Conflict(conflict) => match conflict.cause {
                ConflictCause::Stale => "a commit is STALE",
                ConflictCause::Busy => "a commit is BUSY",
                ConflictCause::Rejected => "a commit is REJECTED",
                ConflictCause::Unanswered => "a commit is UNANSWERED",
            },
            RelayToClient::Gap(_) => "a gap is read",
            RelayToClient::Published(_) => "a message is confirmed",
            RelayToClient::Delivery(Delivery { entry: Entry::Message { .. }, .. }) => {
                "a message of another is read"
            }
            RelayToClient::Signal(_) => "a signal is read",
            _ => return,
        });
    }

    fn note_refusal(&mut self, cause: RefusalCause) {
        self.happened.insert(match cause {
            RefusalCause::NotSeated => "refused: NOT_SEATED",
            RefusalCause::Unexpected => "refused: UNEXPECTED",
            RefusalCause::TooLarge => "refused: TOO_LARGE",
            RefusalCause::CircleFull => "refused: CIRCLE_FULL",
            RefusalCause::InvitationOutdated => "refused: INVITATION_OUTDATED",
            other => panic!("no circle refuses with {other:?}"),
        });
    }

    /// The shell closes who was expelled, and wakes who has something to read.
    fn close_the_expelled(&mut self) {
        loop {
            for connection in std::mem::take(&mut self.circle.effects().wake) {
                self.asleep.remove(&connection);
            }
            let mut real = std::mem::take(&mut self.circle.effects().expel);
            let mut expected = std::mem::take(&mut self.model.expelled);
            real.sort_by_key(|(connection, why)| (*connection, format!("{why:?}")));
            expected.sort_by_key(|(connection, why)| (*connection, format!("{why:?}")));
            assert_eq!(real, expected, "whose connections are closed");
            if real.is_empty() {
                return;
            }
            for (connection, why) in real {
                self.happened.insert(match why {
                    Expulsion::Replaced => "a connection is replaced",
                    Expulsion::TooSlow => "a connection is too slow",
                    Expulsion::MemoryFull | Expulsion::Crowded => panic!("there is room enough"),
                });
                self.lose(connection);
            }
        }
    }

    fn check(&mut self) {
        let circle = &self.circle;
        let mut seats: Vec<_> = circle.room.seated().map(|(_, participant)| participant.seat).collect();
        let mut expected = self.model.seats();
        seats.sort_unstable();
        expected.sort_unstable();
        assert_eq!(seats, expected, "who holds a seat");
        assert!(seats.windows(2).all(|pair| pair[0] != pair[1]), "a seat is held by one");
        assert_eq!(circle.next_deadline(), self.model.next_deadline(), "when something is due");
        for connection in &self.asleep {
            assert!(!self.model.has_something_for(*connection), "{connection:?} was not woken");
        }
        self.last_epoch = self.last_epoch.max(self.model.epoch());
        if let Phase::Grouped(group) = &circle.phase {
            self.happened.insert("a group is founded");
            assert_eq!(group.epoch, self.model.epoch());
            assert_eq!(group.seated, seats.len());
            assert_eq!(group.abandoned_until.is_some(), group.seated == 0);
            assert!(group.sleepers.len() <= 2 * group.seated + 2);
        } else {
            assert!(!self.model.has_group());
        }
    }
}

/// One game; what happened in it.
fn game(steps: Vec<Step>) -> Happened {
    let mut play = Play::new();
    for step in steps {
        play.play(step);
    }
    // When everybody is gone, nothing stays longer than it has to.
    for who in 1..=PEOPLE {
        play.lose(ConnectionId(who));
        play.close_the_expelled();
    }
    play.wait(Rules::default().abandoned_ttl);
    assert!(play.model.is_empty() && play.circle.is_forgettable());
    assert_eq!(play.circle.next_deadline(), None);
    play.happened
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
#[allow(clippy::print_stdout, reason = "what the games reached")]
fn the_circle_does_what_the_reference_does() {
    // The same games each time; SHEPOT_SEED plays others, SHEPOT_GAMES more.
    let games = number("SHEPOT_GAMES").and_then(|games| games.try_into().ok()).unwrap_or(GAMES);
    let seed = number("SHEPOT_SEED").unwrap_or(1);
    let config = ProptestConfig {
        cases: games,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let reached: RefCell<BTreeMap<&str, usize>> = RefCell::default();
    let played = TestRunner::new(config).run(&prop::collection::vec(step(), 1..200), |steps| {
        for happened in game(steps) {
            *reached.borrow_mut().entry(happened).or_default() += 1;
        }
        Ok(())
    });
    if let Err(failed) = played {
        panic!("play it again with SHEPOT_GAMES={games} SHEPOT_SEED={seed}: {failed}");
    }
    let reached = reached.into_inner();
    let least = (games as usize * LEAST_PERCENT).div_ceil(100);
    for what in EVERYTHING {
        let times = reached.get(what).copied().unwrap_or_default();
        println!("{times:>5} of {games} games: {what}");
        assert!(games < GAMES || times >= least, "{what}: in {times} of {games} games");
    }
    assert!(reached.keys().all(|what| EVERYTHING.contains(what)), "{reached:?}");
}
