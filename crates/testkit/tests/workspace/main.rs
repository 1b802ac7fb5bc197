//! What must hold of the whole workspace: who uses whom, which modules import each other, which sentences are said.
#![allow(missing_docs)]

mod arrows;
mod cycles;
mod faults;
mod grammar;
mod help;
mod labels;
mod lengths;
mod log_lines;
mod played;
mod sentences;
mod settings;
mod sources;
