//! The time as a value that is passed in, and times of day in the person's format.

use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::{L10n, Language};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Seconds since 1970. 0 for earlier times.
#[must_use]
pub fn seconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The current time in seconds since 1970, for programs that read it once and end. Others are given a [`Now`].
#[must_use]
#[allow(clippy::disallowed_methods, reason = "the shells' own reader")]
pub fn now() -> u64 {
    seconds(SystemTime::now())
}

/// A moment by both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// The time since the program started. It never jumps.
    pub steady: Duration,
    /// Seconds since 1970.
    pub unix: u64,
}

impl Now {
    /// Whole milliseconds of [`Self::steady`].
    #[must_use]
    pub fn milliseconds(self) -> u64 {
        u64::try_from(self.steady.as_millis()).unwrap_or(u64::MAX)
    }
}

/// Tells the time. Only the main loops of programs have one. Everything else is given a [`Now`].
#[derive(Clone)]
pub struct Clock(Rc<dyn Fn() -> Now>);

impl Clock {
    /// The system's clocks. The steady one starts now.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the one reader of the interfaces")]
    pub fn of_system() -> Self {
        let began = Instant::now();
        Self::by(move || Now { steady: began.elapsed(), unix: now() })
    }

    /// A clock that tests control.
    pub fn by(tell: impl Fn() -> Now + 'static) -> Self {
        Self(Rc::new(tell))
    }

    /// The current moment.
    #[must_use]
    pub fn now(&self) -> Now {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.now().fmt(f)
    }
}

/// Formats times in the person's time zone.
#[derive(Clone, Debug)]
pub struct WallClock {
    zone: TimeZone,
    /// Whether hours run from 0 to 24 rather than twice from 1 to 12.
    pub twenty_four_hours: bool,
}

impl WallClock {
    /// In the system's time zone.
    #[must_use]
    pub fn of_system(twenty_four_hours: bool) -> Self {
        Self { zone: TimeZone::system(), twenty_four_hours }
    }

    /// The same in the system's current time zone. `None` if that has not changed.
    #[must_use]
    pub fn where_the_system_is(&self) -> Option<Self> {
        jiff::tz::reset_system_time_zone_cache();
        let zone = TimeZone::system();
        (zone != self.zone).then(|| Self { zone, ..self.clone() })
    }

    /// In a zone so many hours east of Greenwich.
    #[must_use]
    pub const fn east(hours: i8) -> Self {
        Self { zone: TimeZone::fixed(jiff::tz::offset(hours)), twenty_four_hours: true }
    }

    /// In UTC.
    #[must_use]
    pub const fn universal() -> Self {
        Self { zone: TimeZone::UTC, twenty_four_hours: true }
    }

    /// The time of day: "18:46" or "6:46 PM".
    #[must_use]
    pub fn time(&self, at: u64) -> String {
        let Some(time) = self.moment(at) else { return String::new() };
        self.told(&time, "")
    }

    /// The time of day with seconds: "18:31:07" or "6:31:07 PM".
    #[must_use]
    pub fn time_with_seconds(&self, at: u64) -> String {
        let Some(time) = self.moment(at) else { return String::new() };
        self.told(&time, &format!(":{:02}", time.second()))
    }

    fn told(&self, time: &jiff::Zoned, seconds: &str) -> String {
        let (hour, minute) = (time.hour(), time.minute());
        if self.twenty_four_hours {
            return format!("{hour:02}:{minute:02}{seconds}");
        }
        let half = if hour < 12 { "AM" } else { "PM" };
        format!("{}:{minute:02}{seconds} {half}", (hour + 11) % 12 + 1)
    }

    /// The date, equal for all moments of one day. `None` if there is no such date.
    #[must_use]
    pub fn day(&self, at: u64) -> Option<Date> {
        self.moment(at).map(|moment| moment.date())
    }

    /// The date in words: "25 November" or "25 ноября".
    #[must_use]
    pub fn date(&self, l10n: &L10n, at: u64) -> String {
        let Some(day) = self.day(at) else { return String::new() };
        let month = l10n.tr(&format!("month-{}", day.month()), &[]);
        match l10n.language() {
            Language::English | Language::Russian => format!("{} {month}", day.day()),
        }
    }

    fn moment(&self, at: u64) -> Option<jiff::Zoned> {
        let timestamp = Timestamp::from_second(i64::try_from(at).ok()?).ok()?;
        Some(timestamp.to_zoned(self.zone.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_both_ways() {
        let mut clock = WallClock::universal();
        let evening = 1_795_632_360;
        assert_eq!(clock.time(evening), "18:46");
        clock.twenty_four_hours = false;
        assert_eq!(clock.time(evening), "6:46 PM");
        assert_eq!(clock.time(evening - 18 * 3600), "12:46 AM");
        assert_eq!(clock.time_with_seconds(evening + 7), "6:46:07 PM");
        assert_eq!(clock.date(&L10n::new(Language::Russian), evening), "25 ноября");
        assert_eq!(clock.time(u64::MAX), "");
        assert_ne!(clock.day(evening), clock.day(evening + 6 * 3600));
    }
}
