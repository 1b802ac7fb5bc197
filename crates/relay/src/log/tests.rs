use proptest::prelude::*;

use super::*;
use crate::budget::Budget;
use crate::origin::Origin;

const LIMITS: LogLimits =
    LogLimits { entries: 8, bytes: 8 * (ENTRY_OVERHEAD_BYTES + 40), age: Duration::from_secs(10) };

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
                    let sequence = log.append(now, vec![id; length].into(), message(id));
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
                logs[n % 2].append(now, frame, message(id));
            } else {
                prop_assert_eq!(logs[n % 2].bytes(), 0, "only where its own entries make no room");
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
    log.append(now, Bytes::from_static(b"x"), message(1));
    assert_eq!(log.published(&PublishId([1; 16])), Some(1));
    log.expire(now + LIMITS.age);
    assert_eq!(log.published(&PublishId([1; 16])), None);
    assert_eq!(log.bytes(), 0);
    assert_eq!(log.next(), 2);
}
