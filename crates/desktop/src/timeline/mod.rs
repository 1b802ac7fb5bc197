//! The list of messages: its rows, their positions, and which of them exist as components.
//!
//! Owns: the rows of the open room, their heights, the position in the list, the selection. Only visible rows and some
//! around them exist as components. Must never: move what the person reads because something came in.

mod acts;
mod body;
mod layout;
pub(crate) mod list;
mod measures;
mod paint;
mod passing;
mod pointer;
mod selection;
mod standing;
#[cfg(test)]
mod tests;

pub(crate) use measures::Measures;
pub(crate) use paint::{Tools, face};
pub(crate) use passing::{announce, keep_time};
pub(crate) use pointer::wire;
pub(crate) use standing::{flash, looks, renew};
