//! The relay: it orders and forwards sealed blobs between the members of circles, in memory, and knows no key.
//!
//! Owns: the circles and their logs, admission, connections, limits, what an operator can see and do. docs/PROTOCOL.md
//! says what it speaks.
//!
//! Must never: depend on the encryption of groups, look into a blob, store anything but its identity and access keys,
//! or print. It runs in a desktop program that hosts as well as in a server of its own.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use shepot_relay::{Access, AccessKeys, Configuration, Identity, Relay};
//!
//! let identity = Identity::generate()?;
//! let access = Access::Keys(AccessKeys::generate(0)?);
//! let relay = Relay::start(Configuration::default(), &identity, access).await?;
//! println!("{:?} {:?}", relay.local_addresses(), relay.pin());
//! relay.shutdown().await;
//! # Ok(())
//! # }
//! ```

/// The tests in `tests/` are also played with circles that are kept elsewhere.
#[cfg(test)]
extern crate self as shepot_relay;

mod access;
mod admission;
pub mod budget;
pub mod circle;
mod circles;
mod clock;
mod configuration;
mod connection;
mod handle;
mod id;
mod identity;
mod latency;
mod listen;
pub mod log;
pub mod operator;
mod origin;
mod own_address;
mod relay;
mod shared;
pub mod signature;
mod start_error;
mod state;
mod statistics;
mod tasks;

#[cfg(test)]
#[path = "../tests/sockets/support/mod.rs"]
mod support;

pub use access::{Access, AccessKeys, IssuedKey, MOST_ACCESS_KEYS, MOST_LABEL_BYTES};
pub use admission::{Ban, RefusedAddress};
pub use circle::Rules;
pub use clock::{Clock, Moment, SystemClock, Until};
pub use configuration::{Configuration, ConfigurationError, Limits, MOST_CIRCLES_PER_CONNECTION, Rate};
pub use handle::RelayHandle;
pub use id::ConnectionId;
pub use identity::{Identity, IdentityError};
pub use latency::{BUCKETS_MS, DeliveryLatency};
pub use listen::Listeners;
pub use log::LogLimits;
pub use origin::same_origin;
pub use own_address::{Reach, own_address};
pub use relay::Relay;
pub use start_error::StartError;
pub use state::{Occupied, StateError, StateFolder};
pub use statistics::{Attempt, ConnectionStatistics, IDLE, KeyStatistics, RefusedAttempts, Statistics};
