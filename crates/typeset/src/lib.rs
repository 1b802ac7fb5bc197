//! Rich text as images, with the fonts of Shepot.
//!
//! Owns: the bundled fonts and their order, layout (shaping, both directions, line breaks), hit testing, and painting
//! into pixels with colour emoji. Must never: know a toolkit, a message or a theme, or ask the system for a font.

pub mod fonts;
mod glyphs;
mod layout;
mod paint;
mod span;

pub use layout::{Laid, Paragraph, Typesetter, is_rtl};
pub use paint::{PART_PIXELS, Picture};
pub use span::{Colour, Span, Style, Weight};

#[cfg(test)]
mod tests;
