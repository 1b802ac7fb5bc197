//! The whole program without a toolkit: what every interface does, part by part.
//!
//! [`App`] takes a [`Msg`] and the moment, changes its [`State`], and returns [`Effect`]s. Interfaces turn keys, clicks
//! and callbacks into messages, draw the state, and carry out the effects. They decide nothing.
//!
//! | module | what |
//! |---|---|
//! | `app`, `msg`, `effect`, `changes` | messages in, effects and changes out |
//! | `state` | the state, and what all parts use |
//! | `events` | events of the engine |
//! | `commands`, `obey` | commands from keys, the switcher and slashes |
//! | `going`, `navigation`, `page` | where the person is, and goes |
//! | `composer`, `writing`, `field` | writing and sending |
//! | `messages`, `actions`, `joining` | actions on messages, and invitations in them |
//! | `rooms`, `asked`, `people` | rooms and members |
//! | `overlay`, `choices`, `answers` | what lies over the room, its lines, and what the person answers |
//! | `menu` | menus |
//! | `confirmation`, `links` | questions before something is lost, and before a link is opened |
//! | `safety` | comparing the safety code |
//! | `search` | search in messages |
//! | `circle` | names and pictures of circles |
//! | `adding`, `replacing`, `kept`, `servers`, `first_run` | the list of servers: adding, storing, changing |
//! | `hosting`, `operator`, `local_relay` | the relay in this process: its state, its operator, carrying it out |
//! | `profile`, `avatar` | the person's picture |
//! | `settings`, `notifications` | preferences and notifications |
//! | `wording` | texts that interfaces show |
//! | `lock`, `panic`, `toast` | the lock, the panic keys, short notices |
//! | `log_lines` | what the local log has of a session |
//!
//! # What an interface does
//!
//! An interface makes an [`App`] from a [`Setup`]. It sends [`OutsideMsg::Begin`], or what its engine was started with
//! ([`OutsideMsg::Started`]). Then it sends what the person does, everything that the engine tells
//! ([`OutsideMsg::Engine`]), that the person is there ([`Msg::Active`], [`Msg::Activity`]), whether the end of the
//! messages is visible ([`Msg::Looks`]), and [`OutsideMsg::Tick`] when [`App::next_tick`] is due. After each message it
//! carries out the effects in order ([`Effect::Panic`] before all) and draws what [`App::take_changes`] names. Some
//! effects need an answer, which each of them names. Before it ends ([`Effect::Quit`]) it sends [`Msg::Wipe`].
//!
//! Parts own their state and do not know each other. What concerns several of them is a method of `State`.
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
