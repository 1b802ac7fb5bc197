//! Finds an invitation link in text that messengers and mail have changed.
//!
//! Owns: which changes may be undone. A link has a checksum, so whatever is tried, only the original link is found.
//! Must never: put a part of what was pasted into an error, since it contains a secret.

use shepot_protocol::invitation::SCHEME;
use shepot_protocol::limits::LINK_CHARACTERS;
use shepot_protocol::{Invitation, InvitationError};
use zeroize::Zeroizing;

/// Links in one text that are tried. Trying one looks through what follows it.
const MOST_LINKS: usize = 64;

/// Pieces into which a link may have been broken.
const MOST_PIECES: usize = 16;

/// Characters of base64url at the end of a link that may be markup instead.
const MOST_MARKS: usize = 3;

/// From this many base64url characters in a row on, a text is more likely a secret than an address.
const SECRET_CHARACTERS: usize = 40;

/// Finds the invitation in a text.
///
/// # Errors
///
/// [`InvitationError`] of the first link in the text. [`InvitationError::NotAnInvitation`]: it has none.
pub(crate) fn invitation(typed: &str) -> Result<Invitation, InvitationError> {
    let text = Zeroizing::new(decoded(typed));
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    let mut error = None;
    for (start, _) in lower.match_indices(SCHEME).take(MOST_LINKS) {
        match link_at(text.get(start..).unwrap_or_default()) {
            Ok(invitation) => return Ok(invitation),
            Err(wrong) => {
                error.get_or_insert(wrong);
            }
        }
    }
    Err(error.unwrap_or(InvitationError::NotAnInvitation))
}

/// Whether a text may be a part of an invitation, and so must not be repeated.
pub(crate) fn is_secret(typed: &str) -> bool {
    let mut pieces = typed.split(|c: char| !is_base64url(c));
    pieces.any(|piece| piece.len() >= SECRET_CHARACTERS)
}

/// Joins the pieces of a broken link until its checksum is right.
fn link_at(text: &str) -> Result<Invitation, InvitationError> {
    let mut link = Zeroizing::new(String::new());
    let mut error = None;
    // A mail puts its quote marks before each line.
    let pieces = text.split_whitespace().map(|piece| piece.trim_start_matches(['>', '|']));
    for piece in pieces.filter(|piece| !piece.is_empty()).take(MOST_PIECES) {
        link.push_str(piece);
        if link.len() > 4 * LINK_CHARACTERS {
            return Err(error.unwrap_or(InvitationError::TooLong));
        }
        match whole(&link) {
            Ok(invitation) => return Ok(invitation),
            Err(wrong) => {
                error.get_or_insert(wrong);
            }
        }
    }
    Err(error.unwrap_or(InvitationError::Damaged))
}

/// Parses a link without what follows it, and without a query that somebody inserted.
fn whole(link: &str) -> Result<Invitation, InvitationError> {
    let (address, behind) = link.split_once('#').ok_or(InvitationError::Damaged)?;
    let address = address.split('?').next().unwrap_or_default();
    let length = behind.find(|c| !is_base64url(c)).unwrap_or(behind.len());
    let payload = behind.get(..length).unwrap_or_default();
    let marks = payload.len() - payload.trim_end_matches(['_', '-']).len();
    let mut first = None;
    for taken in 0..=marks.min(MOST_MARKS) {
        let payload = payload.get(..payload.len() - taken).unwrap_or_default();
        let candidate = Zeroizing::new(format!("{address}#{payload}"));
        match candidate.parse() {
            Ok(invitation) => return Ok(invitation),
            Err(wrong) => {
                first.get_or_insert(wrong);
            }
        }
    }
    Err(first.unwrap_or(InvitationError::Damaged))
}

const fn is_base64url(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

/// The text without invisible characters, with percent-encoding undone (RFC 3986, section 2.1).
fn decoded(typed: &str) -> String {
    let mut out = String::with_capacity(typed.len());
    let mut rest = typed.chars();
    while let Some(c) = rest.next() {
        if is_unseen(c) {
            continue;
        }
        let hex = |s: &str| {
            let digits = s.get(..2).filter(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()))?;
            u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii_graphic).map(char::from)
        };
        match hex(rest.as_str()).filter(|_| c == '%') {
            Some(encoded) => {
                out.push(encoded);
                rest.next();
                rest.next();
            }
            None => out.push(c),
        }
    }
    out
}

/// Soft hyphens, zero-width characters, direction marks and the like. Spaces and line ends separate words and stay.
fn is_unseen(c: char) -> bool {
    shepot_sanitise::is_unseen(c) && !c.is_control() && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use shepot_protocol::{AccessKey, CircleSecret, Pin};

    use super::*;

    fn made(address: &str, ends_with: u8) -> Invitation {
        Invitation {
            address: address.parse().unwrap(),
            pin: Pin([7; 32]),
            access_key: Some(AccessKey::new([ends_with; 32])),
            circle_secret: Some(CircleSecret::new([9; 32])),
            owner: None,
            owner_seed: None,
            expires_at: None,
            succession: None,
        }
    }

    #[test]
    fn only_so_many_links_are_tried() {
        let link = made("192.0.2.1:7443", 1).to_link();
        let behind = |decoys: usize| format!("{}{}", "shepot://x ".repeat(decoys), &*link);
        assert!(invitation(&behind(MOST_LINKS - 1)).is_ok());
        assert!(invitation(&behind(MOST_LINKS)).is_err());
    }

    #[test]
    fn what_messengers_and_mail_do_to_a_link_is_mended() {
        for address in ["203.0.113.5:7443", "[2001:db8::1]:7443", "relay.example.org:7443"] {
            let invitation = made(address, 3);
            let link = invitation.to_link();
            let middle = link.len() / 2;
            let (head, tail) = link.split_at(middle);
            let (before, payload) = link.split_once('#').unwrap();
            for mangled in [
                link.to_string(),
                format!("  {}  ", *link),
                format!("Join us: {} See you!", *link),
                format!("{}.", *link),
                format!("({}), [{}]", *link, *link),
                format!("<{}>", *link),
                format!("«{}»", *link),
                format!("“{}”", *link),
                format!("\"{}\"", *link),
                format!("`{}`", *link),
                format!("**{}**", *link),
                format!("_{}_", *link),
                format!("[our circle]({})", *link),
                format!("[{}]({})", *link, *link),
                format!("{}{}", *link, *link),
                format!("{}\n{}", *link, *link),
                format!("> {head}\n> {tail}\n> see you"),
                format!(">> {head}\r\n>> {tail}"),
                format!("{head}\u{ad}{tail}\u{200b}"),
                format!("\u{202a}{head}\u{200b}\u{2060}{tail}\u{202c}"),
                link.replace("shepot", "SHEPOT"),
                link.replace('#', "%23"),
                link.replace(':', "%3A").replace('/', "%2F").replace('#', "%23"),
                format!("{before}?utm_source=mail#{payload}"),
                format!("{}?fbclid=abc&x=1", *link),
                format!("{}&utm_source=chat", *link),
            ] {
                assert_eq!(super::invitation(&mangled).as_ref(), Ok(&invitation), "{address}: {mangled:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_mended_says_what_is_wrong() {
        let link = made("203.0.113.5:7443", 3).to_link();
        let cut = link.get(..link.len() - 5).unwrap();
        assert_eq!(invitation(cut), Err(InvitationError::Damaged));
        assert_eq!(invitation("shepot://203.0.113.5:7443/"), Err(InvitationError::Damaged));
        assert_eq!(invitation("https://example.org/#x"), Err(InvitationError::NotAnInvitation));
        assert!(
            is_secret(cut) && !is_secret("relay.example.org:7443") && !is_secret("my own long host name")
        );
    }
}
