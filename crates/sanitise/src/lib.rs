//! Text from people, made harmless on the way in ([`text`], [`line`](line()), [`nick`], [`reaction`]), and once more behind the last
//! change that anybody makes to it ([`Sanitised`]): what people sent is of that type, and what is painted and copied.
//!
//! Removed: control characters and terminal escapes, bidirectional overrides and isolates, zero-width characters that
//! hide text, tags that belong to no flag, more than one variation selector, and more marks on one character than a script
//! has: eight, of those that belong to no script four. What belongs to the spelling stays: one joiner, the non-joiner behind
//! letters of scripts that join, Mongolian selectors, spaces without a width where words are not parted by others. Line
//! ends of every kind become `\n`. In a text of several lines tabs and indentation stay; in one of one line a tab becomes a
//! space.
//!
//! Must never: give out a [`Sanitised`] that was not looked through, or know what a text is for.

mod characters;
mod incoming;
mod shown;

pub use characters::{is_blank_letter, is_hidden, is_mark_of_any_script, is_quotation_mark, is_unseen};
pub use incoming::{line, nick, reaction, text};
pub use shown::Sanitised;
