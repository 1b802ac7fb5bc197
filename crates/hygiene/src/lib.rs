//! How a process treats memory, and what the system does with it.
//!
//! Owns: the allocator that wipes, the ban on dumps, the report about swap and hibernation. The only crate with unsafe
//! code of ours. Must never: know what is in the memory, or say anything to people (words are elsewhere).

mod allocator;
mod harden;
pub mod posture;

pub use allocator::WipingAllocator;
pub use harden::{HardenError, harden_process};
