//! Real programs, real sockets, real MLS, real terminals.
#![allow(clippy::disallowed_methods, reason = "guards against waiting for ever")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[cfg(unix)]
mod code;
mod end_to_end;
#[cfg(unix)]
mod full_screen;
mod hosting;
mod plain_lines;
mod removal;
#[cfg(target_os = "linux")]
mod traces;
