//! What the programs for a terminal share.
//!
//! Owns: how wide the window is, a QR code as rows of characters, and what is wrong with a command line in the person's
//! language. Must never: print, or know what the programs do.

pub mod command_line;
mod qr;

pub use qr::qr_code;
