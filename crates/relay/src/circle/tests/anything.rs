//! Whatever connections ask for, in whatever order: nothing panics, and what holds always holds.

use proptest::prelude::*;

use super::*;
use shepot_protocol::message::Gap;

#[derive(Clone, Debug)]
enum Step {
    Enter { who: u64, seat: u64 },
    Return { who: u64, seat: u64, epoch_back: u64, cursor: u64, same_log: bool },
    Found { who: u64 },
    Lease { who: u64 },
    Answer { who: u64 },
    Join { who: u64 },
    OwnCommit { who: u64 },
    Verdict { who: u64, good: bool },
    Publish { who: u64, id: u8 },
    Signal { who: u64 },
    Look { who: u64, bytes: usize },
    Leave { who: u64 },
    Lost { who: u64 },
    Wait { milliseconds: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 1_u64..6;
    let seat = || 1_u64..5;
    prop_oneof![
        2 => (who(), seat()).prop_map(|(who, seat)| Step::Enter { who, seat }),
        2 => (who(), seat(), 0_u64..3, 0_u64..40, any::<bool>()).prop_map(
            |(who, seat, epoch_back, cursor, same_log)| Step::Return { who, seat, epoch_back, cursor, same_log }
        ),
        2 => who().prop_map(|who| Step::Found { who }),
        2 => who().prop_map(|who| Step::Lease { who }),
        3 => who().prop_map(|who| Step::Answer { who }),
        3 => who().prop_map(|who| Step::Join { who }),
        1 => who().prop_map(|who| Step::OwnCommit { who }),
        3 => (who(), any::<bool>()).prop_map(|(who, good)| Step::Verdict { who, good }),
        3 => (who(), any::<u8>()).prop_map(|(who, id)| Step::Publish { who, id }),
        1 => who().prop_map(|who| Step::Signal { who }),
        4 => (who(), 1_usize..2000).prop_map(|(who, bytes)| Step::Look { who, bytes }),
        1 => who().prop_map(|who| Step::Leave { who }),
        1 => who().prop_map(|who| Step::Lost { who }),
        2 => (0_u64..4_000).prop_map(|milliseconds| Step::Wait { milliseconds }),
    ]
}

/// A world, and what each connection has read.
struct Play {
    world: World,
    /// The next sequence number that each reader has to read, in this log.
    next: std::collections::HashMap<ConnectionId, u64>,
    last_asked: Option<(ConnectionId, Asked)>,
    tentative: Option<(String, u64)>,
    commits: u64,
}

impl Play {
    fn epoch(&self) -> u64 {
        match &self.world.circle.phase {
            Phase::Grouped(group) => group.epoch,
            Phase::Empty | Phase::Founding { .. } | Phase::Reseating(_) => 0,
        }
    }

    fn log_id(&self) -> LogId {
        match &self.world.circle.phase {
            Phase::Grouped(group) => group.log_id,
            Phase::Empty | Phase::Founding { .. } | Phase::Reseating(_) => NO_LOG,
        }
    }

    fn play(&mut self, step: Step) {
        let world = &mut self.world;
        match step {
            Step::Enter { who, seat } => {
                let _ = world.enter_with(ConnectionId(who), seat, None);
            }
            Step::Return { who, seat, epoch_back, cursor, same_log } => {
                let epoch = self.epoch().saturating_sub(epoch_back);
                let log_id = if same_log { self.log_id() } else { LogId([77; 16]) };
                let resume = resume(0, epoch, seat, log_id, cursor);
                let _ = self.world.enter_with(ConnectionId(who), seat, Some(resume));
            }
            Step::Found { who } => {
                let found = Found { circle: CIRCLE, epoch: 0, verification_key: key(0, 0) };
                let fresh = world.fresh();
                let _ = world.circle.found(world.now, ConnectionId(who), &found, fresh);
            }
            Step::Lease { who } => {
                let _ = world.circle.join_lease(world.now, ConnectionId(who));
            }
            Step::Answer { who } => {
                if let Some((_, asked)) = self.last_asked.take() {
                    let _ = world.answer(ConnectionId(who), &asked, "information");
                }
            }
            Step::Join { who } => {
                let base = self.epoch();
                self.commits += 1;
                let blob = format!("join {}", self.commits);
                if self.world.commit(ConnectionId(who), base, &blob, None).is_ok() {
                    self.tentative = Some((blob, base));
                }
            }
            Step::OwnCommit { who } => {
                let base = self.epoch();
                self.commits += 1;
                let blob = format!("own {}", self.commits);
                let vouch = vouch(base, blob.as_bytes());
                let _ = self.world.commit(ConnectionId(who), base, &blob, Some(vouch));
            }
            Step::Verdict { who, good } => {
                if let Some((blob, base)) = self.tentative.clone() {
                    let word = good.then(|| vouch(base, blob.as_bytes()));
                    let _ = world.verdict(ConnectionId(who), &blob, word);
                }
            }
            Step::Publish { who, id } => {
                let _ = world.publish(ConnectionId(who), id, "something said");
            }
            Step::Signal { who } => {
                let signal = Signal { circle: CIRCLE, epoch: 0, blob: "typing".into() };
                let _ = world.circle.signal(world.now, ConnectionId(who), signal);
            }
            Step::Look { who, bytes } => self.look(ConnectionId(who), bytes),
            Step::Leave { who } => {
                let _ = world.circle.leave(world.now, ConnectionId(who));
            }
            Step::Lost { who } => world.circle.lost(world.now, ConnectionId(who)),
            Step::Wait { milliseconds } => world.pass(Duration::from_millis(milliseconds)),
        }
        // The shell closes who was expelled.
        let expelled = std::mem::take(&mut self.world.circle.effects().expel);
        for (connection, _) in expelled {
            self.world.circle.lost(self.world.now, connection);
        }
        self.check();
    }

    /// Everything that a reader is told comes in order, without a hole that it is not told of.
    fn look(&mut self, who: ConnectionId, bytes: usize) {
        let mut frames = Vec::new();
        self.world.circle.pull(who, bytes, &mut frames);
        for frame in frames {
            match RelayToClient::decode(frame.slice(4..)).unwrap() {
                RelayToClient::Entered(entered) => {
                    if entered.standing == Standing::Seated {
                        self.next.insert(who, entered.next_sequence);
                    } else {
                        self.next.remove(&who);
                    }
                }
                RelayToClient::Delivery(delivery) => self.read(who, delivery.sequence),
                RelayToClient::Final(last) => {
                    // For a newcomer its Final is the beginning.
                    let next = *self.next.entry(who).or_insert(last.sequence);
                    assert_eq!(next, last.sequence);
                    assert!(last.present.len() <= 5);
                    self.read(who, last.sequence);
                }
                // In its place; at once it comes for an id that was logged before.
                RelayToClient::Published(published) if self.next.get(&who) == Some(&published.sequence) => {
                    self.read(who, published.sequence);
                }
                RelayToClient::Gap(Gap { from, to, .. }) => {
                    let next = self.next.entry(who).or_insert(from);
                    assert_eq!(*next, from);
                    *next = to + 1;
                }
                RelayToClient::Asked(asked) => self.last_asked = Some((who, asked)),
                _ => {}
            }
        }
    }

    fn read(&mut self, who: ConnectionId, sequence: u64) {
        let next = self.next.get_mut(&who).expect("only the seated read");
        assert_eq!(*next, sequence, "{who:?} has missed something, or reads it twice");
        *next += 1;
    }

    fn check(&self) {
        let circle = &self.world.circle;
        if let Phase::Grouped(group) = &circle.phase {
            assert_eq!(group.seated, circle.room.seated().count());
            assert_eq!(group.abandoned_until.is_some(), group.seated == 0);
            let seats: Vec<_> = circle.room.seated().map(|(_, participant)| participant.seat).collect();
            let different: std::collections::BTreeSet<_> = seats.iter().collect();
            assert_eq!(seats.len(), different.len(), "a seat is held by one");
            assert!(group.sleepers.len() <= 2 * group.seated + 2);
        } else {
            assert_eq!(circle.room.seated().count(), 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn what_holds_always_holds(steps in prop::collection::vec(step(), 1..200)) {
        let log = LogLimits { entries: 12, ..Rules::default().log };
        let mut play = Play {
            world: World::with(Rules { log, members: 4, ..Rules::default() }),
            next: Default::default(),
            last_asked: None,
            tentative: None,
            commits: 0,
        };
        for step in steps {
            play.play(step);
        }
        // When everybody is gone, nothing stays longer than it has to.
        for who in 1..6 {
            play.world.circle.lost(play.world.now, ConnectionId(who));
        }
        play.world.pass(Rules::default().abandoned_ttl);
        prop_assert!(play.world.circle.is_forgettable());
        prop_assert_eq!(play.world.circle.next_deadline(), None);
    }
}
