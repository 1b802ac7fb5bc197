//! What the programs for a terminal share.
//!
//! Owns: taking the screen and giving it back as it was, colours, the width of texts in cells, wrapping, tables, QR
//! codes as rows of characters, and the terminal's clipboard. Must never: know what the programs do, or let a control
//! character through.

pub mod cells;
pub mod clipboard;
pub mod hyperlink;
pub mod input;
mod placed;
mod qr;
pub mod screen;
pub mod table;
pub mod theme;

pub use qr::{qr_code, qr_rows};
