//! What an operator sees of a relay and can do to it, once for commands, the dashboard, and the programs that host.
//!
//! | file | what |
//! |---|---|
//! | `visitors.rs` | rows for those who are connected or were turned away, and whom a ban would affect |
//! | `history.rs` | the totals of the last hour |
//! | `journal.rs` | events at admission and after it |
//!
//! Must never: reveal the id or name of a circle, or anything that was said, or outlive the relay.

pub(crate) mod history;
pub(crate) mod journal;
mod visitors;

pub use history::{HISTORY_INTERVAL, HISTORY_SAMPLES, Sample};
pub use journal::{EndCause, Incident, JournalEntry, append};
pub use visitors::{Presence, Visitor, Visitors};
