//! The engine's clock tells the time and waits for a time; tests put in one that they turn by hand. And the system's
//! randomness: nothing else here asks the system for either.

use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use shepot_group::{Entropy, EntropyFailed, RandomSource};

/// A moment, by both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Since the engine's clock was made; does not jump.
    pub steady: Duration,
    /// Seconds since 1970.
    pub unix: u64,
}

/// A future that ends at its time: what a [`Clock`] gives to wait for.
pub type Until<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Tells what time it is.
pub trait Clock: Send + Sync + 'static {
    /// This moment.
    fn now(&self) -> Now;

    /// Ends when the steady clock has reached `at`, not before.
    fn until(&self, at: Duration) -> Until<'_>;
}

/// What `doing` gives; `None` when the clock has gone on by `at_most` before that.
pub(crate) async fn within<T>(
    clock: &dyn Clock,
    at_most: Duration,
    doing: impl Future<Output = T>,
) -> Option<T> {
    let end = clock.now().steady.saturating_add(at_most);
    tokio::select! {
        biased;
        done = doing => Some(done),
        () = clock.until(end) => None,
    }
}

/// The system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Its steady clock begins now.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the one reader of the engine")]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }
}

#[allow(clippy::disallowed_methods, reason = "the one reader of the engine")]
impl Clock for SystemClock {
    fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Now { steady: self.start.elapsed(), unix }
    }

    fn until(&self, at: Duration) -> Until<'_> {
        Box::pin(tokio::time::sleep(at.saturating_sub(self.start.elapsed())))
    }
}

struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyFailed> {
        getrandom::fill(bytes).map_err(|_| EntropyFailed)
    }
}

/// The system's random source.
pub(crate) fn system_entropy() -> Entropy {
    Entropy::new(SystemRandom)
}
