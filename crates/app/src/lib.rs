//! The whole program without a toolkit: what both interfaces do, part by part.
//!
//! Owns: where a person goes ([`navigation`]) and what is asked before something is taken away ([`confirmation`]). Parts do
//! not know each other. More of what the interfaces do twice comes here, part by part.
//!
//! Must never: know a toolkit, draw, wait, read a clock, or reach the engine by itself: it says what is to be done.

pub mod confirmation;
pub mod navigation;
