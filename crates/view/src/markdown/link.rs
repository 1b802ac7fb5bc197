//! Finds web addresses and invitations in plain text.

use std::ops::Range;

use crate::link::{INVITATION, is_invitation};

/// What ends an address, besides white space and control characters.
const ENDS: &str = "<>\"«»“”„‘’`|\\^";

/// What does not belong to an address at its end.
const TRAILING: &str = ".,;:!?'…*_~";

const PAIRS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];

/// The ranges of all addresses in a line, in order.
pub(super) fn find(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    // Where a text without a space ends that holds no secret: it is not looked through for each word in it again.
    let mut barren = 0;
    while let Some(start) = next(line, at) {
        if start < barren && is_invitation(line.get(start..).unwrap_or_default()) {
            at = start + INVITATION.len();
            continue;
        }
        let scheme = scheme_at(line, start).unwrap_or_default();
        let rest = line.get(start..).unwrap_or_default();
        let whole = rest.find(|c: char| c.is_whitespace() || c.is_control() || ENDS.contains(c));
        let address = rest.get(..whole.unwrap_or(rest.len())).unwrap_or_default();
        let length = trimmed(address, mark_before(line, start)).len();
        // An invitation has its secret; without it the word is only spoken of.
        let is_whole = !is_invitation(address) || address.contains('#');
        if length > scheme && is_whole {
            found.push(start..start + length);
            at = start + length;
        } else {
            barren = if is_whole { barren } else { start + address.len() };
            at = start + scheme.max(1);
        }
    }
    found
}

/// The place at or after `at` where the next address begins, not within a word.
fn next(line: &str, at: usize) -> Option<usize> {
    let places = line.get(at..)?.match_indices("://").filter_map(|(colon, _)| {
        let before = line.get(..at + colon)?;
        let length = before.len() - before.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len();
        let start = before.len() - length;
        (start >= at && scheme_at(line, start).is_some()).then_some(start)
    });
    places.into_iter().find(|start| {
        line.get(..*start).and_then(|before| before.chars().next_back()).is_none_or(|c| !c.is_alphanumeric())
    })
}

/// The length in bytes of the scheme that begins here, "://" included. Only schemes that a browser or Shepot opens.
fn scheme_at(line: &str, start: usize) -> Option<usize> {
    let rest = line.get(start..)?;
    ["https://", "http://", INVITATION].into_iter().find_map(|scheme| {
        rest.get(..scheme.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(scheme))
            .then_some(scheme.len())
    })
}

/// The style mark right before an address. The same mark at its end closes the style.
fn mark_before(line: &str, start: usize) -> Option<char> {
    line.get(..start)?.chars().next_back().filter(|mark| "*_~".contains(*mark))
}

/// The address without the punctuation of the sentence around it.
fn trimmed(address: &str, mark: Option<char>) -> &str {
    let mut rest = address;
    let mut unopened = PAIRS.map(|(open, close)| {
        let count = |sign: char| address.matches(sign).count();
        count(close).saturating_sub(count(open))
    });
    while let Some(last) = rest.chars().next_back() {
        let is_mark = "*_~".contains(last);
        let goes = if is_mark {
            mark == Some(last)
        } else if let Some(unopened) =
            PAIRS.iter().position(|(_, close)| *close == last).and_then(|pair| unopened.get_mut(pair))
        {
            let is_unopened = *unopened > 0;
            *unopened = unopened.saturating_sub(1);
            is_unopened
        } else {
            TRAILING.contains(last) || PAIRS.iter().any(|(open, _)| *open == last)
        };
        if !goes {
            break;
        }
        rest = rest.get(..rest.len() - last.len_utf8()).unwrap_or_default();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(line: &str) -> Vec<&str> {
        find(line).into_iter().map(|range| &line[range]).collect()
    }

    #[test]
    fn addresses_are_whole() {
        for address in [
            "https://en.wikipedia.org/wiki/Foo_(bar)",
            "https://ru.wikipedia.org/wiki/Шёпот_(фильм)",
            "https://youtu.be/dQw_-w9WgXcQ",
            "https://example.org/~user/",
            "https://example.org/_next/x",
            "https://example.org/a*b",
            "https://example.org/[x]",
            "https://example.org/pkg/__init__.py",
            "https://пример.рф/",
            "shepot://203.0.113.5:7443/#AQIDBAUG_-",
            "http://[::1]:8080/",
            "HTTPS://EXAMPLE.ORG/?q=a,b;c&d=e#f",
        ] {
            for (before, behind) in [
                ("", ""),
                ("see ", "."),
                ("(", ")"),
                ("«", "»"),
                ("<", ">"),
                ("**", "**"),
                ("_", "_,"),
                ("“", "”!"),
            ] {
                assert_eq!(
                    links(&format!("{before}{address}{behind}")),
                    [address],
                    "{before}{address}{behind}"
                );
            }
        }
    }

    #[test]
    fn what_a_browser_does_not_open_is_no_link() {
        for line in [
            "javascript:alert(1)",
            "ftp://e.org",
            "https://",
            "xhttps://e.org",
            "http:/e.org",
            "shepot://…",
            "shepot://a:1",
            "shepot://shepot://a:1,shepot://",
        ] {
            assert_eq!(links(line), [""; 0], "{line}");
        }
        assert_eq!(
            links("https://a.org,https://b.org https://c.org"),
            ["https://a.org,https://b.org", "https://c.org"]
        );
        assert_eq!(links("shepot://a,https://b.org shepot://c:1/#AQ"), ["https://b.org", "shepot://c:1/#AQ"]);
    }
}
