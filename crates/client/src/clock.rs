//! The engine's clock, which tells the time and waits. Tests replace it by one that they turn by hand. Also the
//! system's randomness: nothing else in this crate asks the system for either.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use shepot_group::{Entropy, EntropyFailed, RandomSource};

/// A moment, by both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Time since the engine's clock was made, including the time that the machine slept. Nobody can set it.
    pub steady: Duration,
    /// Seconds since 1970.
    pub unix: u64,
}

/// A future that ends at a certain time: how a [`Clock`] waits.
pub type Until<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Tells the time and waits.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Now;

    /// Ends when the steady clock has reached `at`, and not before.
    fn until(&self, at: Duration) -> Until<'_>;

    /// Ends when this much time has passed, and not before.
    fn after(&self, wait: Duration) -> Until<'_> {
        self.until(self.now().steady.saturating_add(wait))
    }
}

/// The result of an attempt, or `None` if the deadline passes first. The deadline is checked even when the attempt uses
/// up the task's cooperative budget, so a server that keeps it busy does not outlive the deadline.
pub(crate) async fn within<T>(attempt: impl Future<Output = T>, deadline: Until<'_>) -> Option<T> {
    let mut attempt = pin!(attempt);
    let mut deadline = pin!(tokio::task::unconstrained(deadline));
    poll_fn(|cx| match attempt.as_mut().poll(cx) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => deadline.as_mut().poll(cx).map(|()| None),
    })
    .await
}

/// The longest sleep on a timer of the runtime, which stands still while the machine sleeps. After it the clock is read
/// again, so what became due in the meantime is at most this late.
const MOST_ASLEEP: Duration = Duration::from_secs(10);

/// The system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Duration,
}

impl SystemClock {
    /// A clock whose steady time begins now.
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

/// A clock that goes on while the machine sleeps. [`std::time::Instant`] stands still then on Linux and macOS.
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

/// On Windows the standard library's clock goes on while the machine sleeps.
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
