//! Text of one look.

use shepot_client::model::PersonKey;
use shepot_sanitise::Sanitised;

/// Spaces that a tab is shown as.
const TAB: &str = "    ";

/// Text of one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// What it says.
    pub text: Sanitised,
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Struck out.
    pub strike: bool,
    /// Program text.
    pub code: bool,
    /// Where it leads.
    pub link: Option<String>,
    /// Who is mentioned.
    pub mention: Option<PersonKey>,
}

/// Adds a piece, to the one before it where that looks the same.
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

/// As it stands on a screen: a tab has a width there.
pub(super) fn shown(text: &str) -> Sanitised {
    Sanitised::of(&text.replace('\t', TAB))
}
