//! What groups cost by their size: joining, processing a join, the sizes of what travels, saying and hearing 200 bytes,
//! and what the worst messages of a hostile member cost whoever reads them: one that cannot be read, with the message
//! after it, and one that skips as many messages as MLS lets it.
//!
//! `cargo bench -p shepot-group`; sizes may be given as arguments. CPU time of this one thread, so that other load on
//! the machine does not show; medians of several rounds.
#![allow(clippy::disallowed_methods, reason = "measuring time is what it is for")]
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use shepot_group::{
    CircleKeys, Entrant, Entropy, EntropyFailed, Group, Identity, Joining, LogTranscript, Profile,
    RandomSource,
};

const ROUNDS: usize = 7;

/// How far ahead of the last message MLS reads one.
const MOST_SKIPPED: usize = 1_024;

struct Seeded(StdRng);

impl RandomSource for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyFailed> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

fn entrant(seat: u64) -> Entrant {
    let entropy = Entropy::new(Seeded(StdRng::seed_from_u64(seat)));
    Entrant {
        keys: CircleKeys::new(&[0x5E; 32]),
        identity: Identity::generate(&entropy).unwrap(),
        seat,
        profile: Profile::new(format!("member {seat}"), None).unwrap(),
        owner: None,
        succession: None,
        now: 1_700_000_000,
        entropy,
    }
}

/// This thread does nothing but what is measured: its time is the CPU's but for what the system takes away.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let out = work();
    (out, start.elapsed())
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

fn main() {
    let given: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if given.is_empty() { vec![2, 10, 100, 1000] } else { given };
    println!(
        "members  join ms  process ms  commit B  group information B  say ms  hear ms  refuse and hear ms  skip ms"
    );
    let mut host = Group::found(&entrant(1)).unwrap();
    let mut seat = 1;
    for size in sizes {
        while host.size() < size - 1 {
            seat += 1;
            let joining = join(&host, seat).0;
            host.process_commit(joining.base_epoch(), joining.commit(), |_| true).unwrap();
        }
        measure(&mut host, &mut seat, size);
    }
}

fn join(host: &Group, seat: u64) -> (Joining, usize) {
    let information = host.seal_group_information().unwrap();
    let joining = Joining::new(&entrant(seat), host.epoch(), &information, &mut None).unwrap();
    (joining, information.len())
}

/// One join after another into a group of `size - 1`: every newcomer is removed again.
fn measure(host: &mut Group, seat: &mut u64, size: usize) {
    let (mut joins, mut processings, mut says, mut hears) = (vec![], vec![], vec![], vec![]);
    let (mut refusals, mut skips) = (vec![], vec![]);
    let (mut commit_bytes, mut information_bytes) = (0, 0);
    for round in 0..ROUNDS {
        *seat += 1;
        let information = host.seal_group_information().unwrap();
        let newcomer = entrant(*seat);
        let (joining, time) =
            timed(|| Joining::new(&newcomer, host.epoch(), &information, &mut None).unwrap());
        joins.push(time);
        (commit_bytes, information_bytes) = (joining.commit().len(), information.len());
        let commit = joining.commit().to_vec();
        let base = joining.base_epoch();
        processings.push(timed(|| host.process_commit(base, &commit, |_| true).unwrap()).1);
        assert_eq!(host.size(), size);
        let mut other = joining.finish().unwrap();
        let log = LogTranscript::from_start(&[0; 16]);
        let (sealed, time) = timed(|| other.encrypt(&[7; 200], &log).unwrap());
        says.push(time);
        // The first in an epoch is not the rule.
        host.decrypt(sealed.epoch, &sealed.blob).unwrap();
        let said = other.encrypt(&[7; 200], &log).unwrap();
        hears.push(timed(|| host.decrypt(said.epoch, &said.blob).unwrap()).1);
        let next = other.encrypt(&[7; 200], &log).unwrap();
        refusals.push(
            timed(|| {
                // Once more: there is no key for it.
                host.decrypt(sealed.epoch, &sealed.blob).unwrap_err();
                host.decrypt(next.epoch, &next.blob).unwrap();
            })
            .1,
        );
        for _ in 1..MOST_SKIPPED {
            other.encrypt(&[], &log).unwrap();
        }
        let far = other.encrypt(&[7; 200], &log).unwrap();
        skips.push(timed(|| host.decrypt(far.epoch, &far.blob).unwrap()).1);
        if round + 1 < ROUNDS {
            let gone = host.commit_removal(&[other.own_key()]).unwrap();
            host.process_commit(gone.base_epoch, &gone.blob, |_| false).unwrap();
        }
    }
    println!(
        "{size:7}  {:7.2}  {:10.2}  {commit_bytes:8}  {information_bytes:19}  {:6.3}  {:7.3}  {:18.3}  {:7.2}",
        median(joins),
        median(processings),
        median(says),
        median(hears),
        median(refusals),
        median(skips)
    );
}
