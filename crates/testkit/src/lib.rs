//! For tests only: real client and server processes as actors, a terminal for programs that draw, and a scanner of
//! their memory.
//!
//! Nothing that ships may depend on it; `crates/testkit/tests/workspace/arrows.rs` checks that.

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
