//! The look of Shepot's window: the component tree in `ui/`, its theme, icons and fonts.
//!
//! Owns: every shape and colour on the screen, and where the focus goes. Must never: decide anything. Plain values come
//! in to be shown, and callbacks go out with what the person does.

/// The theme as numbers, for what is painted outside the component tree.
pub mod palette {
    include!(concat!(env!("OUT_DIR"), "/palette.rs"));
}

/// The compiled component tree.
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

/// Makes the bundled fonts the toolkit's fonts. Has to be called before the first component is made.
pub fn install_fonts() {
    let mut collection = slint::fontique_011::shared_collection();
    shepot_typeset::fonts::install(&mut collection);
}
