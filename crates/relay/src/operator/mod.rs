//! What an operator sees of a relay and does to it: once, for commands, the dashboard and whoever hosts in a program of
//! people.
//!
//! | file | what |
//! |---|---|
//! | `visitors.rs` | who is connected and who was turned away, as rows; whom a ban would shut out |
//! | `history.rs` | the totals of the last hour |
//! | `journal.rs` | what happened at the doors |
//!
//! Must never: tell a circle's id or name, or anything that was said, or outlive the relay.

pub(crate) mod history;
pub(crate) mod journal;
mod visitors;

pub use history::{HISTORY_INTERVAL, HISTORY_SAMPLES, Sample};
pub use journal::{EndCause, Incident, JournalEntry, append};
pub use visitors::{Presence, Visitor, Visitors};
