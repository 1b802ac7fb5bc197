//! The whole program without a toolkit: what both interfaces do, part by part.
//!
//! [`App`] takes a [`Msg`] and the moment in, changes its [`State`], and gives [`Effect`]s out. Interfaces map keys, clicks and
//! callbacks to messages, draw the state, and carry out the effects; they decide nothing.
//!
//! | module | what |
//! |---|---|
//! | `app`, `msg`, `effect` | the way in and the way out |
//! | `state` | what there is, and what all of it uses |
//! | `events` | what the engine tells |
//! | `commands`, `slash`, `obey` | what keys, the switcher and typed commands do |
//! | `going`, `navigation` | where the person is, and goes |
//! | `composer`, `writing`, `field` | what is written, and what becomes of it |
//! | `messages` | what is done with a message |
//! | `rooms`, `asked`, `people` | what is done with a room, and with somebody |
//! | `overlay`, `choices`, `answers` | what lies over the room, what there is to choose from, what comes of it |
//! | `confirmation` | what is asked before something is taken away |
//! | `safety` | a code that is compared |
//! | `hosting`, `operator` | the relay in this process, and what its operator does |
//! | `lock`, `panic`, `toast` | the lock, the keys of panic, a word about what just happened |
//!
//! Parts own their state and do not know each other: what goes through several of them is `State`'s.
//!
//! Must never: know a toolkit, draw, wait, read a clock, or reach the engine, the relay or the system by itself.

mod answers;
mod app;
mod asked;
mod choices;
mod commands;
mod composer;
pub mod confirmation;
mod effect;
mod events;
mod field;
mod going;
mod hosting;
mod lock;
mod messages;
mod msg;
pub mod navigation;
mod obey;
mod operator;
mod overlay;
mod panic;
mod people;
mod rooms;
mod safety;
mod slash;
mod state;
#[cfg(test)]
mod tests;
mod toast;
mod writing;

pub use app::App;
pub use choices::emoji_for;
pub use composer::Composer;
pub use effect::{Effect, EngineRequest};
pub use field::{Edit, Field};
pub use hosting::{HostedAt, Hosting};
pub use lock::Lock;
pub use msg::{Changes, ConnectionAction, MessageAction, Msg};
pub use overlay::{Ask, Comparing, For, Invited, Overlay, Paired, Picker, RoomLine};
pub use panic::TWICE;
pub use safety::LOOK_AT_LEAST;
pub use slash::SLASHES;
pub use state::{COPIED_FOR, State};
pub use toast::{TOAST, Toast};
