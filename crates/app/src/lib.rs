//! The whole program without a toolkit: what every interface does, part by part.
//!
//! [`App`] takes a [`Msg`] and the moment in, changes its [`State`], and gives [`Effect`]s out. Interfaces map keys, clicks and
//! callbacks to messages, draw the state, and carry out the effects; they decide nothing.
//!
//! | module | what |
//! |---|---|
//! | `app`, `msg`, `effect`, `changes` | the way in and the way out |
//! | `state` | what there is, and what all of it uses |
//! | `events` | what the engine tells |
//! | `commands`, `obey` | what keys, the switcher and typed commands do |
//! | `going`, `navigation`, `page` | where the person is, and goes |
//! | `composer`, `writing`, `field` | what is written, and what becomes of it |
//! | `messages`, `actions`, `joining` | what is done with a message, and with an invitation in one |
//! | `rooms`, `asked`, `people` | what is done with a room, and with somebody |
//! | `overlay`, `choices`, `answers` | what lies over the room, what there is to choose from, what comes of it |
//! | `menu` | menus |
//! | `confirmation`, `links` | what is asked before something is taken away, and before a link is opened |
//! | `safety` | a code that is compared |
//! | `search` | what is looked for in what was said |
//! | `circle` | what circles are called |
//! | `adding`, `replacing`, `kept`, `servers`, `first_run` | servers: how they are added, what is kept of them, what is done with them |
//! | `hosting`, `operator`, `local_relay` | the relay in this process, what its operator does, and how it is done |
//! | `profile`, `avatar` | how the person looks |
//! | `settings`, `notifications` | what the person decided, and what is told |
//! | `wording` | what interfaces say of what there is |
//! | `lock`, `panic`, `toast` | the lock, the keys of panic, a word about what just happened |
//!
//! # What an interface does
//!
//! It makes an [`App`] of a [`Setup`]; says [`OutsideMsg::Begin`], or what its engine was started with
//! ([`OutsideMsg::Started`]); then tells what the person does, everything that the engine tells ([`OutsideMsg::Engine`]),
//! that the person is there ([`Msg::Active`], [`Msg::Activity`]), whether the end of the messages is seen
//! ([`Msg::Looks`]), and [`OutsideMsg::Tick`] when [`App::next_tick`] is due. After each message it carries the effects out
//! in order ([`Effect::Panic`] before all) and draws what [`App::take_changes`] names. Some effects are answered; which
//! message does it stands with each. Before it ends ([`Effect::Quit`]) it says [`Msg::Wipe`].
//!
//! Parts own their state and do not know each other: what goes through several of them is `State`'s.
//!
//! Must never: know a toolkit, draw, wait, read a clock, or reach the engine, the relay or the system by itself.

mod actions;
mod adding;
mod answers;
mod app;
mod asked;
mod avatar;
mod changes;
mod choices;
mod circle;
mod commands;
mod composer;
pub mod confirmation;
mod effect;
mod events;
mod field;
mod first_run;
mod going;
mod hosting;
pub mod joining;
mod kept;
pub mod links;
pub mod local_relay;
mod lock;
mod log_lines;
mod menu;
mod messages;
mod msg;
pub mod navigation;
mod notifications;
mod obey;
mod operator;
mod overlay;
mod page;
mod panic;
mod people;
pub mod profile;
mod replacing;
mod rooms;
mod safety;
mod search;
mod servers;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod toast;
mod wording;
mod writing;

pub use actions::{ConnectionAction, MessageAction};
pub use app::App;
pub use changes::Changes;
pub use choices::emoji_for;
pub use composer::{Bar, Composer, MOST_WRITTEN};
pub use effect::{Effect, EngineRequest, RelayEffect};
pub use field::{Edit, Field};
pub use first_run::WayIn;
pub use hosting::{HostedAt, Hosting};
pub use kept::{Adding, EntryErrors, Origin};
pub use lock::Lock;
pub use msg::{Copied, Msg, OutsideMsg, OverMsg, PageMsg};
pub use notifications::SMALL_CIRCLE;
pub use overlay::{
    Ask, Choice, Comparing, For, Invited, Joining, List, Menu, MenuLine, MenuOf, Offered, Overlay, Paired,
    RoomLine,
};
pub use page::{Layout, Page, Setup};
pub use panic::TWICE;
pub use safety::LOOK_AT_LEAST;
pub use search::Search;
pub use shepot_preferences::MOST_LOCK_MINUTES;
pub use state::{COPIED_FOR, State};
pub use toast::{Sign, TOAST, Toast};
pub use wording::Typing;
