//! Everything that an operator can set, with its default and its allowed range, in one place.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use shepot_protocol::limits;
use shepot_protocol::message::Limits as ToldLimits;
use thiserror::Error;

use crate::admission::ban_list::Patience;
use crate::circle::{ENTRY_FIELDS_BYTES, Rules};
use crate::log::{ENTRY_OVERHEAD_BYTES, PARTS_OF_A_LOG};

/// The most circles that one connection can be in: one for each bit of the word that says where there is news.
pub const MOST_CIRCLES_PER_CONNECTION: usize = 64;

/// Configuration of a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Addresses to listen on. IPv6 sockets accept no IPv4, so list both. Default: port 7443 on `[::]` and `0.0.0.0`.
    pub listen: Vec<SocketAddr>,
    /// Limits of the relay.
    pub limits: Limits,
}

/// An average rate and a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Average rate per second; 1 to 100,000,000.
    pub per_second: u32,
    /// Burst; 1 to 1,000,000,000, and at least what one request needs.
    pub burst: u32,
}

/// The bounds of a relay. Requests beyond them are refused, and nothing grows without a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Admitted connections. Default 10,000.
    pub connections: usize,
    /// Admitted connections from one address (IPv6: one /64). Default 256.
    pub connections_per_address: usize,
    /// Sockets that are not admitted yet. With one more the oldest of them is closed. Default 4,096.
    pub unauthenticated: usize,
    /// Sockets from one address (IPv6: one /64) that are not admitted yet. Default 2,560.
    pub unauthenticated_per_address: usize,
    /// The time from accept to `Welcome`. Default 5 s.
    pub admission_deadline: Duration,
    /// How often clients are told to ping. Default 10 s.
    pub ping_interval: Duration,
    /// Silence after which a connection is dead. Default 25 s.
    pub dead_after: Duration,
    /// How long the farewell to a connection may take. Default 2 s.
    pub farewell_deadline: Duration,
    /// Circles of the relay that have a group. Default 10,000.
    pub circles: usize,
    /// Circles of one connection. Default and most: 64.
    pub circles_per_connection: usize,
    /// Bytes of all circles together: logs, signals, group information, waiting answers, and what is kept about
    /// participants. Default 512 MiB.
    pub circle_bytes_in_total: usize,
    /// Bytes of arriving frames that are larger than a message can be, of all connections together. Default 64 MiB.
    pub large_frame_bytes_in_total: usize,
    /// Answers that may wait for one connection. While there are so many, nothing more is read from it. Default 64.
    pub waiting_answers: usize,
    /// Requests of any kind from one connection. Default 400 per second, 800 at once.
    pub requests: Rate,
    /// Messages from one connection. Default 100 per second, 200 at once.
    pub publishes: Rate,
    /// Commits from one connection. Default 10 per second, 20 at once.
    pub commits: Rate,
    /// Signals from one connection. Default 20 per second, 40 at once.
    pub signals: Rate,
    /// Bytes of blobs from one connection. Default 8 MiB per second, 16 MiB at once.
    pub bytes: Rate,
    /// Refusals as too fast that one connection may collect before it is closed. Default 20 per second, 200 at once.
    pub tolerated_excess: Rate,
    /// Refusals after which an address (IPv6: a /64) is paused for [`Self::pause`]. 0: never. Default 20.
    pub refusals_before_pause: u32,
    /// The length of a pause, and the time within which the refusals have to happen. Default 10 minutes.
    pub pause: Duration,
    /// The bounds and deadlines of each circle.
    pub circle: Rules,
}

const MIB: usize = 1024 * 1024;

impl Default for Configuration {
    fn default() -> Self {
        let port = limits::DEFAULT_PORT;
        Self {
            listen: vec![(Ipv6Addr::UNSPECIFIED, port).into(), (Ipv4Addr::UNSPECIFIED, port).into()],
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let rate = |per_second, burst| Rate { per_second, burst };
        Self {
            connections: 10_000,
            connections_per_address: 256,
            unauthenticated: 4_096,
            unauthenticated_per_address: 2_560,
            admission_deadline: limits::ADMISSION_DEADLINE,
            ping_interval: limits::PING_INTERVAL,
            dead_after: limits::DEAD_AFTER,
            farewell_deadline: Duration::from_secs(2),
            circles: 10_000,
            circles_per_connection: MOST_CIRCLES_PER_CONNECTION,
            circle_bytes_in_total: 512 * MIB,
            large_frame_bytes_in_total: 64 * MIB,
            waiting_answers: 64,
            requests: rate(400, 800),
            publishes: rate(100, 200),
            commits: rate(10, 20),
            signals: rate(20, 40),
            bytes: rate(8 << 20, 16 << 20),
            tolerated_excess: rate(20, 200),
            refusals_before_pause: 20,
            pause: Duration::from_secs(600),
            circle: Rules::default(),
        }
    }
}

/// A setting of the operator is invalid.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigurationError {
    /// The value is outside its range.
    #[error("{field} is {value}: it has to be from {lowest} to {highest}")]
    OutOfRange {
        /// The setting's name, as in [`Limits`] and [`Rules`].
        field: &'static str,
        /// The value that was set; durations in milliseconds.
        value: u64,
        /// The lowest value that is allowed.
        lowest: u64,
        /// The highest value that is allowed.
        highest: u64,
    },
    /// No address to listen on is configured.
    #[error("listen is empty: there is no address to listen on")]
    NowhereToListen,
}

impl Configuration {
    /// Checks every setting.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] for the first setting that is wrong.
    pub fn validate(&self) -> Result<(), ConfigurationError> {
        if self.listen.is_empty() {
            return Err(ConfigurationError::NowhereToListen);
        }
        self.limits.validate()
    }
}

fn check(field: &'static str, value: u64, lowest: u64, highest: u64) -> Result<(), ConfigurationError> {
    if (lowest..=highest).contains(&value) {
        return Ok(());
    }
    Err(ConfigurationError::OutOfRange { field, value, lowest, highest })
}

fn size(field: &'static str, value: usize, lowest: usize, highest: usize) -> Result<(), ConfigurationError> {
    let wide = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    check(field, wide(value), wide(lowest), wide(highest))
}

fn time(field: &'static str, value: Duration, lowest: u64, highest: u64) -> Result<(), ConfigurationError> {
    check(field, u64::try_from(value.as_millis()).unwrap_or(u64::MAX), lowest, highest)
}

fn rate(field: &'static str, rate: Rate, least_burst: usize) -> Result<(), ConfigurationError> {
    check(field, rate.per_second.into(), 1, 100_000_000)?;
    let burst = usize::try_from(rate.burst).unwrap_or(usize::MAX);
    size(field, burst, least_burst, 1_000_000_000)
}

impl Limits {
    /// Checks every limit.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] for the first limit that is out of its range.
    pub fn validate(&self) -> Result<(), ConfigurationError> {
        const HOUR: u64 = 3_600_000;
        size("connections", self.connections, 1, 1_000_000)?;
        size("connections_per_address", self.connections_per_address, 1, 1_000_000)?;
        size("unauthenticated", self.unauthenticated, 1, 1_000_000)?;
        size("unauthenticated_per_address", self.unauthenticated_per_address, 1, 1_000_000)?;
        time("admission_deadline", self.admission_deadline, 100, 60_000)?;
        time("ping_interval", self.ping_interval, 100, HOUR)?;
        time("dead_after", self.dead_after, 200, 2 * HOUR)?;
        time("farewell_deadline", self.farewell_deadline, 10, 60_000)?;
        size("circles", self.circles, 1, 1_000_000)?;
        size("circles_per_connection", self.circles_per_connection, 1, MOST_CIRCLES_PER_CONNECTION)?;
        size("circle_bytes_in_total", self.circle_bytes_in_total, MIB, usize::MAX)?;
        size("large_frame_bytes_in_total", self.large_frame_bytes_in_total, 8 * MIB, usize::MAX)?;
        size("waiting_answers", self.waiting_answers, 8, 10_000)?;
        rate("requests", self.requests, 8)?;
        rate("publishes", self.publishes, 1)?;
        rate("commits", self.commits, 1)?;
        rate("signals", self.signals, 1)?;
        let largest = self.circle.group_information_bytes.max(self.circle.blob_bytes);
        rate("bytes", self.bytes, largest)?;
        rate("tolerated_excess", self.tolerated_excess, 1)?;
        check("refusals_before_pause", self.refusals_before_pause.into(), 0, 1_000_000)?;
        time("pause", self.pause, 1_000, 24 * HOUR)?;
        self.circle.validate()
    }

    pub(crate) const fn patience(&self) -> Patience {
        Patience { refusals: self.refusals_before_pause, pause: self.pause }
    }

    /// The limits that `Welcome` tells a client.
    pub(crate) fn told(&self) -> ToldLimits {
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        ToldLimits {
            blob_bytes: number(self.circle.blob_bytes),
            group_information_bytes: number(self.circle.group_information_bytes),
            circles_per_connection: number(self.circles_per_connection),
            ping_interval: self.ping_interval,
            dead_after: self.dead_after,
            log_entries: number(self.circle.log.entries),
            log_bytes: number(self.circle.log.bytes),
            log_age: self.circle.log.age,
            publishes_per_second: self.publishes.per_second,
        }
    }
}

impl Rules {
    fn validate(&self) -> Result<(), ConfigurationError> {
        const HOUR: u64 = 3_600_000;
        size("members", self.members, 1, limits::CIRCLE_MEMBERS)?;
        size("newcomers", self.newcomers, 1, 10_000)?;
        size("blob_bytes", self.blob_bytes, 4 * 1024, limits::BLOB_BYTES)?;
        let most = limits::GROUP_INFORMATION_BYTES;
        size("group_information_bytes", self.group_information_bytes, 64 * 1024, most)?;
        size("log_entries", self.log.entries, 1, 1_000_000)?;
        let largest_message = self.blob_bytes + ENTRY_FIELDS_BYTES + ENTRY_OVERHEAD_BYTES;
        size("log_bytes", self.log.bytes, PARTS_OF_A_LOG * largest_message, 1024 * MIB)?;
        time("log_age", self.log.age, 1_000, 24 * HOUR)?;
        time("lease_ttl", self.lease_ttl, 100, HOUR)?;
        time("answer_deadline", self.answer_deadline, 50, 60_000)?;
        size("endorsers_asked", self.endorsers_asked, 1, 100)?;
        time("reseat_window", self.reseat_window, 10, 60_000)?;
        time("founding_deadline", self.founding_deadline, 100, HOUR)?;
        time("abandoned_ttl", self.abandoned_ttl, 0, HOUR)?;
        size("waiting_answers", self.waiting_answers, 8, 10_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_allowed() {
        assert_eq!(Configuration::default().validate(), Ok(()));
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_range() {
        let wrong = |change: fn(&mut Limits)| {
            let mut limits = Limits::default();
            change(&mut limits);
            limits.validate().unwrap_err()
        };
        assert_eq!(
            wrong(|limits| limits.circles_per_connection = 65),
            ConfigurationError::OutOfRange {
                field: "circles_per_connection",
                value: 65,
                lowest: 1,
                highest: 64
            }
        );
        assert_eq!(
            wrong(|limits| limits.dead_after = Duration::ZERO).to_string(),
            "dead_after is 0: it has to be from 200 to 7200000"
        );
        assert!(matches!(
            wrong(|limits| limits.bytes.burst = 1000),
            ConfigurationError::OutOfRange { field: "bytes", .. }
        ));
        let nowhere = Configuration { listen: Vec::new(), ..Configuration::default() };
        assert_eq!(nowhere.validate(), Err(ConfigurationError::NowhereToListen));
    }
}
