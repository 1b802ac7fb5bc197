//! Times of the day as people read them where they are.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::{Language, Words};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Seconds since 1970; 0 before that.
#[must_use]
pub fn seconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Seconds since 1970, now.
#[must_use]
pub fn now() -> u64 {
    seconds(SystemTime::now())
}

/// Tells times in the person's time zone.
#[derive(Clone, Debug)]
pub struct WallClock {
    zone: TimeZone,
    /// 0 to 24 rather than 1 to 12 twice.
    pub twenty_four_hours: bool,
}

impl WallClock {
    /// By the time zone of the system.
    #[must_use]
    pub fn of_system(twenty_four_hours: bool) -> Self {
        Self { zone: TimeZone::system(), twenty_four_hours }
    }

    /// By universal time.
    #[must_use]
    pub const fn universal() -> Self {
        Self { zone: TimeZone::UTC, twenty_four_hours: true }
    }

    /// "18:46", or "6:46 PM".
    #[must_use]
    pub fn time(&self, at: u64) -> String {
        let Some(time) = self.moment(at) else { return String::new() };
        self.told(&time, "")
    }

    /// With seconds: "18:31:07", or "6:31:07 PM".
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

    /// The day that it was: equal for moments of one day.
    #[must_use]
    pub fn day(&self, at: u64) -> Option<Date> {
        self.moment(at).map(|moment| moment.date())
    }

    /// "25 November", "25 ноября".
    #[must_use]
    pub fn date(&self, words: &Words, at: u64) -> String {
        let Some(day) = self.day(at) else { return String::new() };
        let month = words.say(&format!("month-{}", day.month()), &[]);
        match words.language() {
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
        assert_eq!(clock.date(&Words::new(Language::Russian), evening), "25 ноября");
        assert_eq!(clock.time(u64::MAX), "");
        assert_ne!(clock.day(evening), clock.day(evening + 6 * 3600));
    }
}
