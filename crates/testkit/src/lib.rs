//! For tests only: real client and server processes as actors, a terminal for those that draw, and a look into their
//! memory.
//!
//! Must never be a dependency of anything that is shipped; `crates/testkit/tests/workspace/arrows.rs` checks it.

#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]

pub mod actor;
pub mod binaries;
pub mod evening;
pub mod scan;
pub mod server;
#[cfg(unix)]
pub mod terminal;

pub use actor::Actor;
pub use server::Server;
#[cfg(unix)]
pub use terminal::Terminal;
