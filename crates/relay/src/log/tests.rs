use proptest::prelude::*;

use super::*;
use crate::budget::{Budget, Means};
use crate::origin::Origin;

const LIMITS: LogLimits =
    LogLimits { entries: 8, bytes: 8 * (ENTRY_OVERHEAD_BYTES + 40), age: Duration::from_secs(10) };

fn account() -> Account {
    Means::unbounded().memory
}

fn message(id: u8) -> Authorship {
    Authorship::Message { author: Seat(u64::from(id)), publish_id: PublishId([id; 16]) }
}

/// The simplest log that can be: everything that was ever appended, and a rule for what is left.
#[derive(Default)]
struct Model {
    all: Vec<(Instant, usize, u8)>,
    first: usize,
}

impl Model {
    fn append(&mut self, now: Instant, length: usize, id: u8) {
        self.all.push((now, length, id));
        self.expire(now);
        let cost = |m: &Self| -> usize {
            m.all[m.first..].iter().map(|(_, length, _)| length + ENTRY_OVERHEAD_BYTES).sum()
        };
        while self.all.len() - self.first > LIMITS.entries
            || (self.all.len() - self.first > 1 && cost(self) > LIMITS.bytes)
        {
            self.first += 1;
        }
    }

    fn expire(&mut self, now: Instant) {
        while self.first < self.all.len() && now - self.all[self.first].0 >= LIMITS.age {
            self.first += 1;
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Append { length: usize, id: u8 },
    Wait { seconds: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_usize..300, any::<u8>()).prop_map(|(length, id)| Step::Append { length, id }),
        1 => (0_u64..12).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

proptest! {
    #[test]
    fn the_log_does_what_the_model_does(steps in prop::collection::vec(step(), 1..120)) {
        let (mut log, mut model) = (Log::new(LIMITS, Arc::default()), Model::default());
        let mut now = crate::clock::origin();
        for step in steps {
            match step {
                Step::Append { length, id } => {
                    if log.published(&PublishId([id; 16])).is_some() {
                        continue;
                    }
                    let sequence = log.append(now, vec![id; length].into(), message(id), account());
                    model.append(now, length, id);
                    prop_assert_eq!(sequence, model.all.len() as u64);
                }
                Step::Wait { seconds } => {
                    now += Duration::from_secs(seconds);
                    log.expire(now);
                    model.expire(now);
                }
            }
            prop_assert_eq!(log.first(), model.first as u64 + 1);
            prop_assert_eq!(log.next(), model.all.len() as u64 + 1);
            for (index, (_, length, id)) in model.all.iter().enumerate() {
                match log.read(index as u64 + 1) {
                    Read::Entry(entry) => {
                        prop_assert!(index >= model.first);
                        prop_assert_eq!(&entry.frame[..], &vec![*id; *length][..]);
                        prop_assert_eq!(log.published(&PublishId([*id; 16])), Some(index as u64 + 1));
                    }
                    Read::Gone { first } => prop_assert!(index < model.first && first == log.first()),
                    Read::End => prop_assert!(false, "entry {index} is missing"),
                }
            }
            prop_assert!(matches!(log.read(log.next()), Read::End));
        }
    }

    #[test]
    fn what_is_taken_from_the_budget_is_what_the_logs_hold(lengths in prop::collection::vec(1_usize..500, 1..60)) {
        let (budget, entries) = (Budget::new(3_000, 3_000), Arc::<AtomicUsize>::default());
        let account = budget.account(None, Origin::of([127, 0, 0, 1].into()));
        let mut logs = [Log::new(LIMITS, Arc::clone(&entries)), Log::new(LIMITS, Arc::clone(&entries))];
        let now = crate::clock::origin();
        for (n, length) in lengths.into_iter().enumerate() {
            let id = u8::try_from(n).unwrap();
            if let Some(frame) = logs[n % 2].pay(now, &account, vec![0; length].into()) {
                logs[n % 2].append(now, frame, message(id), account.clone());
            } else {
                let all = logs[n % 2].bytes();
                prop_assert!(all < length + ENTRY_OVERHEAD_BYTES, "only where its own entries make no room: {all}");
            }
            prop_assert_eq!(budget.used(), logs[0].bytes() + logs[1].bytes());
            prop_assert!(budget.used() <= 3_000);
            let left: u64 = logs.iter().map(|log| log.next() - log.first()).sum();
            prop_assert_eq!(entries.load(Ordering::Relaxed) as u64, left);
        }
        drop(logs);
        prop_assert_eq!((budget.used(), entries.load(Ordering::Relaxed)), (0, 0));
    }
}

#[test]
fn a_cursor_from_the_future_reads_nothing() {
    let log = Log::new(LIMITS, Arc::default());
    assert!(matches!(log.read(u64::MAX), Read::End));
}

#[test]
fn an_id_that_fell_off_the_log_is_new_again() {
    let mut log = Log::new(LIMITS, Arc::default());
    let now = crate::clock::origin();
    log.append(now, Bytes::from_static(b"x"), message(1), account());
    assert_eq!(log.published(&PublishId([1; 16])), Some(1));
    log.expire(now + LIMITS.age);
    assert_eq!(log.published(&PublishId([1; 16])), None);
    assert_eq!(log.bytes(), 0);
    assert_eq!(log.next(), 2);
}

#[test]
fn what_others_have_said_is_not_given_up_where_that_helps_nobody() {
    let budget = Budget::new(100_000, 0);
    let from = |address: u8| budget.account(None, Origin::of([192, 0, 2, address].into()));
    let (ann, mallory, now) = (from(1), from(2), crate::clock::origin());
    let mut log = Log::new(LogLimits { entries: 1_000, bytes: 1 << 20, ..LIMITS }, Arc::default());
    for id in 0..20 {
        let frame = log.pay(now, &ann, vec![id; 100].into()).unwrap();
        log.append(now, frame, message(id), ann.clone());
    }
    // Mallory has used its share up elsewhere, to the last byte.
    let used: Vec<_> = std::iter::from_fn(|| mallory.reserve(100)).collect();
    for _ in 0..100 {
        assert!(log.pay(now, &mallory, vec![7; 400].into()).is_none());
    }
    assert_eq!((log.first(), log.next()), (1, 21), "nothing of it went");
    // Ann has used hers up: her own oldest give way, and no more than is needed.
    let more: Vec<_> = std::iter::from_fn(|| ann.reserve(100)).collect();
    let frame = log.pay(now, &ann, vec![7; 400].into()).unwrap();
    log.append(now, frame, message(99), ann);
    assert!((2..=5).contains(&log.first()), "{}", log.first());
    drop((used, more));
}

#[test]
fn what_was_grown_for_many_is_not_kept_for_few() {
    let mut log = Log::new(LogLimits { entries: 5_000, bytes: 1 << 24, ..LIMITS }, Arc::default());
    let mut now = crate::clock::origin();
    for n in 0_u32..4_096 {
        let id = PublishId(std::array::from_fn(|at| n.to_be_bytes().get(at).copied().unwrap_or(0)));
        log.append(
            now,
            vec![7; 10].into(),
            Authorship::Message { author: Seat(1), publish_id: id },
            account(),
        );
    }
    now += LIMITS.age;
    log.append(now, vec![7; 10].into(), message(1), account());
    log.expire(now);
    assert!(log.entries.capacity() <= 16 && log.published.capacity() <= 16);
}
