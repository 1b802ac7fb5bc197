//! Pictures that come from files and from other people, and QR codes.
//!
//! Owns: the limits for decoding. Must never: decode without them, know a toolkit, or write a file.

pub mod avatar;
pub mod qr;
