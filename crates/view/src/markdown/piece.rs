//! A piece of text in one style.

use shepot_client::model::PersonKey;
use shepot_sanitise::Sanitised;

/// What a tab is shown as.
const TAB: &str = "    ";

/// A piece of text in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: Sanitised,
    /// Whether it is bold.
    pub bold: bool,
    /// Whether it is italic.
    pub italic: bool,
    /// Whether it is struck through.
    pub strike: bool,
    /// Whether it is program text.
    pub code: bool,
    /// The address that it links to.
    pub link: Option<String>,
    /// The person whom it mentions.
    pub mention: Option<PersonKey>,
}

/// Adds a piece, and merges it with the last one if both look the same.
pub(super) fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    if piece.text.is_empty() {
        return;
    }
    let is_same = |last: &Piece| {
        (last.bold, last.italic, last.strike, last.code, &last.link, &last.mention)
            == (piece.bold, piece.italic, piece.strike, piece.code, &piece.link, &piece.mention)
    };
    match pieces.last_mut() {
        Some(last) if piece.link.is_none() && piece.mention.is_none() && is_same(last) => {
            last.text.push(&piece.text);
        }
        Some(_) | None => pieces.push(piece),
    }
}

/// The text as it is shown: a tab becomes [`TAB`].
pub(super) fn shown(text: &str) -> Sanitised {
    Sanitised::of(&text.replace('\t', TAB))
}
