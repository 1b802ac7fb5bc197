//! The engine's clock tells the time and waits for a time; tests put in one that they turn by hand. And the system's
//! randomness: nothing else here asks the system for either.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
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

    /// Ends when so much time has passed, not before.
    fn after(&self, wait: Duration) -> Until<'_> {
        self.until(self.now().steady.saturating_add(wait))
    }
}

/// What comes of an attempt that ends in time. The deadline is looked at also when the attempt has used up what the task
/// may do at once: a server that keeps it busy does not outlive the deadline.
pub(crate) async fn within<T>(attempt: impl Future<Output = T>, deadline: Until<'_>) -> Option<T> {
    let mut attempt = pin!(attempt);
    let mut deadline = pin!(tokio::task::unconstrained(deadline));
    poll_fn(|cx| match attempt.as_mut().poll(cx) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => deadline.as_mut().poll(cx).map(|()| None),
    })
    .await
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

#[cfg(test)]
pub(crate) mod tests;
