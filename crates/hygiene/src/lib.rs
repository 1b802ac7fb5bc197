//! How a process treats its memory, and what the system does with it.
//!
//! Owns: the allocator that wipes, the ban on dumps, the report about swap and hibernation. The only unsafe code of
//! ours that ships. Must never: know what is in the memory, or talk to people.

mod allocator;
mod harden;
pub mod posture;

pub use allocator::WipingAllocator;
pub use harden::{HardenError, harden_process};
