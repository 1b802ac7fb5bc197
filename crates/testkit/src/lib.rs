//! For tests only: real client and server processes as actors, and a look into their memory.
//!
//! Must never be a dependency of anything that is shipped; `crates/testkit/tests/workspace/arrows.rs` checks it.

#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]

pub mod actor;
pub mod binaries;
pub mod scan;
pub mod server;

pub use actor::Actor;
pub use server::Server;
