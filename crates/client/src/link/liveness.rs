//! Whether the relay is alive: the intervals that it announced, when it was last heard, and when it was last pinged.

use std::time::Duration;

use shepot_protocol::message::Limits;

use crate::limits::{DEAD_AFTER, PING_INTERVAL};

/// The liveness of an admitted connection.
pub(super) struct Liveness {
    ping_interval: Duration,
    dead_after: Duration,
    heard: Duration,
    asked: Duration,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// A ping has to be sent.
    Ping,
    /// The relay is dead.
    GivingUp,
}

impl Liveness {
    /// Clamps the intervals that the relay announced. So it can neither make us ping without end nor keep us from
    /// noticing its silence.
    pub(super) fn new(now: Duration, told: &Limits) -> Self {
        Self {
            ping_interval: told.ping_interval.clamp(*PING_INTERVAL.start(), *PING_INTERVAL.end()),
            dead_after: told.dead_after.clamp(*DEAD_AFTER.start(), *DEAD_AFTER.end()),
            heard: now,
            asked: now,
        }
    }

    pub(super) const fn heard(&mut self, now: Duration) {
        self.heard = now;
    }

    /// What is due now. Reporting a ping counts as sending it.
    pub(super) fn due(&mut self, now: Duration) -> Due {
        if now.saturating_sub(self.heard) >= self.dead_after {
            Due::GivingUp
        } else if now.saturating_sub(self.asked) >= self.ping_interval {
            self.asked = now;
            Due::Ping
        } else {
            Due::Nothing
        }
    }

    /// When something is due at the earliest.
    pub(super) fn next(&self) -> Duration {
        (self.heard + self.dead_after).min(self.asked + self.ping_interval)
    }
}

#[cfg(test)]
mod tests {
    use shepot_relay::Rules;

    use super::*;
    use crate::session::tests::usual_limits;

    fn told(ping_interval: Duration, dead_after: Duration) -> Limits {
        Limits { ping_interval, dead_after, ..usual_limits(&Rules::default()) }
    }

    #[test]
    fn a_relay_that_says_nothing_is_asked_and_then_given_up() {
        let seconds = Duration::from_secs;
        let mut liveness = Liveness::new(seconds(100), &told(seconds(20), seconds(60)));
        let mut due = |at| liveness.due(Duration::from_millis(at));
        assert_eq!(due(119_999), Due::Nothing);
        assert_eq!((due(120_000), due(120_001)), (Due::Ping, Due::Nothing), "once");
        assert_eq!((due(159_999), due(160_000)), (Due::Ping, Due::GivingUp));
        liveness.heard(seconds(160));
        assert_eq!(liveness.due(seconds(161)), Due::Nothing, "it was heard");
        assert_eq!(liveness.next(), Duration::from_millis(179_999));
    }

    #[test]
    fn a_relay_cannot_make_us_ping_without_end_nor_be_silent_without_end() {
        for (told_ms, ping, dead) in [(0, 100, 200), (u64::from(u32::MAX), 60_000, 180_000)] {
            let told_time = Duration::from_millis(told_ms);
            let liveness = Liveness::new(Duration::ZERO, &told(told_time, told_time));
            assert_eq!(liveness.ping_interval, Duration::from_millis(ping));
            assert_eq!(liveness.dead_after, Duration::from_millis(dead));
        }
    }
}
