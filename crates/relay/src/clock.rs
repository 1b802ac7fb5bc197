//! The relay's clock, which tells the time and waits. Everything in the relay asks it rather than the system, so tests
//! can replace it by one that they turn by hand.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

/// A future that ends at a certain time: how a [`Clock`] waits.
pub type Until<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A moment by two clocks: the wall clock, which people can set, and the steady one, which they cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Wall-clock time, which determines when invitations expire.
    pub shown: SystemTime,
    /// Steady time, which measures deadlines and ages.
    pub counted: Instant,
}

/// A source of time.
pub trait Clock: Send + Sync + 'static {
    /// The current moment.
    fn moment(&self) -> Moment;

    /// Waits until the steady clock has reached `at`.
    fn until(&self, at: Instant) -> Until<'_>;

    /// The current moment, by the steady clock.
    fn now(&self) -> Instant {
        self.moment().counted
    }

    /// Waits for this long, by the steady clock.
    fn after(&self, wait: Duration) -> Until<'_> {
        self.until(self.now() + wait)
    }
}

/// The result of an attempt, or `None` if the deadline passes first. The deadline is checked even when the attempt uses
/// up the task's cooperative budget, so a client that keeps it busy does not outlive the deadline.
pub(crate) async fn within<T>(attempt: impl Future<Output = T>, deadline: Until<'_>) -> Option<T> {
    let mut attempt = pin!(attempt);
    let mut deadline = pin!(tokio::task::unconstrained(deadline));
    poll_fn(|cx| match attempt.as_mut().poll(cx) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => deadline.as_mut().poll(cx).map(|()| None),
    })
    .await
}

/// Start time of a simulation.
#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "somewhere it has to begin")]
pub(crate) fn origin() -> Instant {
    Instant::now()
}

/// The system's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[allow(clippy::disallowed_methods, reason = "the one reader of the relay")]
impl Clock for SystemClock {
    fn moment(&self) -> Moment {
        Moment { shown: SystemTime::now(), counted: Instant::now() }
    }

    fn until(&self, at: Instant) -> Until<'_> {
        Box::pin(tokio::time::sleep_until(at.into()))
    }

    fn now(&self) -> Instant {
        Instant::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_attempt_that_is_always_busy_ends_at_the_deadline() {
        let clock = SystemClock;
        let busy = async {
            loop {
                tokio::task::consume_budget().await;
            }
        };
        let ended: Option<()> = within(busy, clock.after(Duration::from_millis(20))).await;
        assert!(ended.is_none());
        assert_eq!(within(async { 7 }, clock.until(clock.now())).await, Some(7), "in time is in time");
    }
}
