//! The relay's clock tells the time and waits for a time. Everything in the relay asks it and not the system, so that
//! tests can put in a clock that they turn by hand.

use std::pin::Pin;
use std::time::{Instant, SystemTime};

/// A future that ends at its time: what a [`Clock`] gives to wait for.
pub type Until<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A moment by two clocks: the wall clock, which can be set, and the steady one, which cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// As people read it: by this an invitation ends.
    pub shown: SystemTime,
    /// By this deadlines and ages are measured.
    pub counted: Instant,
}

/// Tells what time it is.
pub trait Clock: Send + Sync + 'static {
    /// This moment.
    fn moment(&self) -> Moment;

    /// Ends when the steady clock has reached `at`, not before.
    fn until(&self, at: Instant) -> Until<'_>;

    /// This moment, by the clock that nobody sets.
    fn now(&self) -> Instant {
        self.moment().counted
    }
}

/// Where the time of a simulation begins.
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
