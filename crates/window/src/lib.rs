//! What Shepot's window looks like: the component tree in `ui/`, its theme, icons and fonts.
//!
//! Owns: every shape and colour on the screen, and where the keyboard's focus goes. Must never: decide anything. What
//! is shown comes in as plain values, what the person does goes out as callbacks.

/// The theme as numbers, for what is painted outside the component tree.
pub mod palette {
    include!(concat!(env!("OUT_DIR"), "/palette.rs"));
}

/// The component tree, as it was compiled.
#[allow(
    warnings,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::todo,
    clippy::unimplemented,
    clippy::wildcard_enum_match_arm,
    clippy::cast_possible_truncation,
    clippy::undocumented_unsafe_blocks,
    reason = "generated"
)]
mod tree {
    slint::include_modules!();
}

pub use tree::*;

/// Makes the bundled fonts the ones of the toolkit. To be called before the first component is made.
pub fn install_fonts() {
    let mut collection = slint::fontique_011::shared_collection();
    shepot_typeset::fonts::install(&mut collection);
}
