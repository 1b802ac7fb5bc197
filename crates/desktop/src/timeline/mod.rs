//! The list of messages: which rows there are, where they stand, which of them the window holds.
//!
//! Owns: the rows of the room that is open, their heights, the place in the list, what is selected. Only rows that are
//! seen, and some around them, exist as components. Must never: move what the person reads because something came in.

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
