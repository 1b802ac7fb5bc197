//! Makes text from people harmless on the way in ([`text`], [`line`](line()), [`nick`], [`reaction`]), and again after
//! the last change to it ([`Sanitised`]). Only that type may be painted and copied.
//!
//! Removed: control characters and terminal escapes, bidirectional overrides and isolates, zero-width characters that
//! hide text, tags that belong to no flag, all but one variation selector, and marks beyond eight on one character
//! (four of no script). Kept, as part of the spelling: one joiner, the non-joiner after letters of scripts that join,
//! Mongolian selectors, zero-width spaces in scripts without spaces. Line ends of every kind become `\n`. Tabs and
//! indentation stay in a text of several lines, and become spaces in one line.
//!
//! Must never: return a [`Sanitised`] that was not checked, or know what a text is for.

mod characters;
mod incoming;
mod shown;

pub use characters::{is_blank_letter, is_hidden, is_mark_of_any_script, is_quotation_mark, is_unseen};
pub use incoming::{line, nick, reaction, text};
pub use shown::Sanitised;
