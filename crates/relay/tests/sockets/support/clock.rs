//! A clock that stands still until it is turned: however long a machine takes, no deadline passes by itself.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use shepot_relay::{Clock, Moment, Until};
use tokio::sync::watch;

#[derive(Clone)]
pub(crate) struct ManualClock(Arc<watch::Sender<Moment>>);

impl ManualClock {
    #[allow(clippy::disallowed_methods, reason = "somewhere it has to begin")]
    pub(crate) fn new() -> Self {
        let now = Moment { shown: SystemTime::now(), counted: Instant::now() };
        Self(Arc::new(watch::Sender::new(now)))
    }

    /// So much time has passed.
    pub(crate) fn pass(&self, time: Duration) {
        self.0.send_modify(|now| *now = Moment { shown: now.shown + time, counted: now.counted + time });
    }

    /// Seconds since 1970, as it is shown.
    pub(crate) fn seconds(&self) -> u64 {
        self.0.borrow().shown.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
    }
}

impl Clock for ManualClock {
    fn moment(&self) -> Moment {
        *self.0.borrow()
    }

    fn until(&self, at: Instant) -> Until<'_> {
        let mut now = self.0.subscribe();
        Box::pin(async move {
            // The sender is here as long as the clock is.
            let _ = now.wait_for(|now| now.counted >= at).await;
        })
    }
}
