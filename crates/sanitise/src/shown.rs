//! The type of text that may be shown.

use std::fmt;
use std::ops::{Deref, Range};

use serde::{Serialize, Serializer};

use crate::characters::{ZERO_WIDTH_NON_JOINER, is_hidden, is_line_end, is_spelling};

/// Text that may be painted and copied as it is: without control characters except line end and tab, without direction
/// overrides, and without invisible characters that do not belong to the letter before them. Whether joiners, selectors
/// and tags belong there was decided on the way in. Only this module makes it, after the last change to a text.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sanitised(String);

impl Sanitised {
    /// Removes what may never be shown. Changes nothing in a text that was sanitised before, or in a part of one.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.chars().all(may_be_shown) {
            return Self(text.to_owned());
        }
        Self::those_that_may_be_shown(text.chars())
    }

    /// The same in one line: line ends and tabs become spaces.
    #[must_use]
    pub fn in_one_line(text: &str) -> Self {
        let space = |c: char| if is_line_end(c) || c == '\t' { ' ' } else { c };
        Self::those_that_may_be_shown(text.chars().map(space))
    }

    fn those_that_may_be_shown(text: impl Iterator<Item = char>) -> Self {
        let mut last = ' ';
        let mut shown = String::with_capacity(text.size_hint().0);
        for c in text {
            if may_be_shown(c) || is_spelling(c, last) {
                shown.push(c);
                last = c;
            }
        }
        Self(shown)
    }

    /// Appends another text.
    pub fn push(&mut self, more: &Self) {
        self.0.push_str(&more.0);
    }

    /// The part at these bytes. Empty if they are outside the text, or split a character.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        Self(self.0.get(range).unwrap_or_default().to_owned())
    }
}

impl From<&str> for Sanitised {
    fn from(text: &str) -> Self {
        Self::of(text)
    }
}

impl From<String> for Sanitised {
    fn from(text: String) -> Self {
        if text.chars().all(may_be_shown) { Self(text) } else { Self::of(&text) }
    }
}

impl From<&Self> for Sanitised {
    fn from(text: &Self) -> Self {
        text.clone()
    }
}

impl From<Sanitised> for String {
    fn from(text: Sanitised) -> Self {
        text.0
    }
}

impl Deref for Sanitised {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Sanitised {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sanitised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Sanitised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl PartialEq<str> for Sanitised {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Sanitised {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<String> for Sanitised {
    fn eq(&self, other: &String) -> bool {
        self.0 == *other
    }
}

impl Serialize for Sanitised {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Whether a character may be shown, wherever it is. Whether joiners and tags belong there was decided on the way in.
fn may_be_shown(c: char) -> bool {
    matches!(c, '\n' | '\t' | ZERO_WIDTH_NON_JOINER) || !(is_line_end(c) || is_hidden(c))
}
