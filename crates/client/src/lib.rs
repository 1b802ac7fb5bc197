//! The client engine: servers, circles, rooms, timeline, outbox, reconnecting.
//!
//! Owns everything between a person's command and the relay's frames. Interfaces talk to [`Engine`] and see the plain
//! data of [`model`]; they never see the wire or the encryption.
//!
//! Must never: write anything to disk, keep anything of a session after it ended, or show text that was not sanitised.

mod avatar_rates;
mod backoff;
mod budget;
mod circle;
pub mod clock;
mod command;
mod content;
mod directory;
#[cfg(test)]
mod document;
mod engine;
mod entry;
mod event;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
pub mod limits;
mod link;
mod link_task;
pub mod model;
mod outbox;
mod pasted;
mod session;
mod succession;
mod timeline;

pub use command::{Action, Command, NotARequest, OnServer, Request, RequestId};
pub use engine::{Engine, EngineEnded};
pub use entry::{
    EntryError, EntryPreview, invitation_in, is_same_circle, lead_apart, may_give_place, normal, preview,
    with_address,
};
pub use event::{Event, Outcome};
pub use session::check_nick;
