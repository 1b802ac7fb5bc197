//! What the programs for a terminal share.
//!
//! Owns: the screen from the moment that it is taken until it is given back as it was, its colours, how wide a text is
//! in cells, how it is wrapped and how it stands in a table, a QR code as rows of characters, and the
//! clipboard of the terminal. Must never: know what the programs do, or let a control character of a text through.

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
