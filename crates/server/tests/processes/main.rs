//! The real program as its operator and its system see it.
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[cfg(target_os = "linux")]
mod flood;
mod operator;
mod process;
mod support;
