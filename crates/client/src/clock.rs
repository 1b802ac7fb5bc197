//! The engine's clock tells the time and waits for a time; tests put in one that they turn by hand. And the system's
//! randomness: nothing else here asks the system for either.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use shepot_group::{Entropy, EntropyFailed, RandomSource};

/// A moment, by both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Since the engine's clock was made, the time included that the machine slept; nobody can set it.
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

/// The runtime's timers stand still while the machine sleeps. After this long they look at the clock again: what became
/// due meanwhile is late by no more.
const MOST_ASLEEP: Duration = Duration::from_secs(10);

/// The system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Duration,
}

impl SystemClock {
    /// Its steady clock begins now.
    #[must_use]
    pub fn start() -> Self {
        Self { start: since_boot() }
    }
}

#[allow(clippy::disallowed_methods, reason = "the one reader of the engine")]
impl Clock for SystemClock {
    fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Now { steady: since_boot().saturating_sub(self.start), unix }
    }

    fn until(&self, at: Duration) -> Until<'_> {
        let clock = *self;
        Box::pin(async move {
            loop {
                let left = at.saturating_sub(clock.now().steady);
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(MOST_ASLEEP)).await;
            }
        })
    }
}

/// A clock that goes on while the machine sleeps. [`std::time::Instant`] does not do so on Linux and macOS.
#[cfg(unix)]
fn since_boot() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: ClockId = ClockId::Boottime;
    // On macOS this one counts sleep as well.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: ClockId = ClockId::Monotonic;
    let time = clock_gettime(CLOCK);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// On Windows the clock of the library goes on while the machine sleeps.
#[cfg(not(unix))]
#[allow(clippy::disallowed_methods, reason = "the one reader of the engine")]
fn since_boot() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    BEGAN.get_or_init(Instant::now).elapsed()
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
