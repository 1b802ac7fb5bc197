//! Where a link leads, and whether it may deceive.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::{MixedScript as _, skeleton};
use url::{Host, Url};

/// Why a link may lead elsewhere than it seems to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// User information stands before the site and looks like the site: `https://bank.example@evil.example/`.
    UserInformation,
    /// The name of the site mixes scripts, has letters that look like others, or is not written as the browser reads
    /// it.
    LookAlike,
}

/// Letters of Latin alphabets that the table of look-alikes reduces to ASCII.
const LATIN: &str = "æœıðþßøł";

/// Signs that belong to words of some scripts and are not letters: joiners, dots, Hebrew punctuation.
const PARTS_OF_WORDS: &str = "\u{200c}\u{200d}\u{b7}\u{30fb}\u{5f3}\u{5f4}";

/// Marks that lie over a letter and look like a slash or a dash.
const STROKES: std::ops::RangeInclusive<char> = '\u{335}'..='\u{338}';

/// The most bytes of a site's name as people read it. In ASCII, where it has fewer letters than bytes, a name has at
/// most 253 (RFC 1035).
const MOST_SITE_BYTES: usize = 4 * 253;

/// The beginning of every invitation.
pub const INVITATION: &str = "shepot://";

/// The site of a web address, as browsers parse it (WHATWG URL, UTS 46), in readable form. `None` if they cannot.
#[must_use]
pub fn site(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    match url.host()? {
        Host::Domain(name) => Some(idna::domain_to_unicode(name).0),
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(format!("[{address}]")),
    }
}

/// A web address in ASCII, as it is given to a browser (WHATWG URL). None if it may deceive ([`doubt`]).
#[must_use]
pub fn in_ascii(address: &str) -> Option<String> {
    if is_invitation(address) || doubt(address).is_some() {
        return None;
    }
    let whole = String::from(Url::parse(address).ok()?);
    // A line of it may look like an address of its own.
    let rest = whole.split_once("://").map_or("", |(_, rest)| rest).to_ascii_lowercase();
    let holds_another = rest.contains("://") || rest.contains("%3a%2f%2f");
    (!holds_another).then_some(whole)
}

/// Whether the link is an invitation to a circle and not a web address.
#[must_use]
pub fn is_invitation(link: &str) -> bool {
    link.get(..INVITATION.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(INVITATION))
}

/// What may deceive about a link. Never an invitation: Shepot says where it leads before it follows it.
#[must_use]
pub fn doubt(address: &str) -> Option<Doubt> {
    if is_invitation(address) {
        return None;
    }
    let authority = authority(address);
    if authority.contains('@') {
        return Some(Doubt::UserInformation);
    }
    let Some(site) = site(address) else { return Some(Doubt::LookAlike) };
    // No name server knows such a name. Looking through it would take long.
    if site.len() > MOST_SITE_BYTES {
        return Some(Doubt::LookAlike);
    }
    let is_address = site.starts_with('[');
    // With a dot at its end it is the same.
    let site = site.trim_end_matches('.');
    let last = site.rsplit('.').next().unwrap_or_default();
    let deceives = |label: &str| {
        let is_mixed = !label.is_single_script();
        // A word of another script that reads as a Latin one: of no doubt where the whole name is of that script.
        let looks_latin = label.chars().any(|c| !c.is_ascii() && !LATIN.contains(c))
            && skeleton(label).all(|c| c.is_ascii());
        let is_of_its_own = || !last.is_ascii() && format!("{label}{last}").is_single_script();
        // What stands for a slash, a dot, a space.
        let is_letter = |c: char| {
            c.is_ascii() || c.is_alphanumeric() || PARTS_OF_WORDS.contains(c) || is_combining_mark(c)
        };
        let has_signs = label.chars().any(|c| !is_letter(c) || STROKES.contains(&c));
        is_mixed || looks_latin && !is_of_its_own() || has_signs
    };
    let is_doubtful = !is_address && (!is_as_written(authority, site) || site.split('.').any(deceives));
    is_doubtful.then_some(Doubt::LookAlike)
}

/// Whether the browser goes to exactly the site that is written, and converts no digits, letters or dots.
fn is_as_written(authority: &str, site: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => host,
        Some(_) | None => authority,
    };
    let written: String = host.nfc().flat_map(char::to_lowercase).collect();
    let (written, site) = (written.trim_end_matches('.').split('.'), site.split('.'));
    // Each part as it reads, or as it travels.
    let is_same = |(written, label): (&str, &str)| {
        written == label || idna::domain_to_ascii(label).is_ok_and(|ascii| ascii == written)
    };
    written.clone().count() == site.clone().count() && written.zip(site).all(is_same)
}

/// The part in which a browser looks for the site. It skips slashes before it and treats a backslash as one.
fn authority(address: &str) -> &str {
    let is_slash = |c: char| c == '/' || c == '\\';
    let rest = address.split_once(':').map_or(address, |(_, rest)| rest).trim_start_matches(is_slash);
    rest.split(|c| is_slash(c) || c == '?' || c == '#').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_what_a_browser_goes_to() {
        for (address, expected) in [
            ("https://example.org/a@b", "example.org"),
            ("https://bank.example@evil.example:8443/x", "evil.example"),
            ("https://a:b@c@evil.example?q=@bank.example", "evil.example"),
            ("https:///evil.example/x", "evil.example"),
            ("https:///\\\\evil.example", "evil.example"),
            ("http://[::1]:8080/", "[::1]"),
            ("http://[::1]/", "[::1]"),
            ("http://2130706433/", "127.0.0.1"),
            ("HTTPS://EXAMPLE.ORG#x", "example.org"),
            ("https://пример.рф", "пример.рф"),
            ("https://xn--e1afmkfd.xn--p1ai/", "пример.рф"),
        ] {
            assert_eq!(site(address).as_deref(), Some(expected), "{address}");
        }
        assert_eq!(site("https://"), None);
    }

    #[test]
    fn what_a_browser_is_given_is_ascii_and_goes_where_it_says() {
        for (address, expected) in [
            ("https://пример.рф/ё?q=ж#я", Some("https://xn--e1afmkfd.xn--p1ai/%D1%91?q=%D0%B6#%D1%8F")),
            ("HTTPS://Example.ORG", Some("https://example.org/")),
            ("https://gооgle.example/", None),
            ("https://bank.example@evil.example/", None),
            ("shepot://203.0.113.5:7443/#AQID", None),
            ("https://evil.example/?https://bank.example/login", None),
            ("https://evil.example/?https%3A%2f%2Fbank.example/login", None),
        ] {
            assert_eq!(in_ascii(address).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn what_may_deceive_is_seen_and_nothing_else() {
        for address in [
            "https://example.org/аррӏе?q=a@b",
            "HTTPS://Example.ORG:8443/",
            "https://пример.рф/",
            "https://Пример.РФ/",
            "https://сор.рф/",
            "https://münchen.example/",
            "https://яндекс.example/",
            "https://日本語.jp/",
            "https://हिन्दी.भारत/",
            "https://пример.xn--p1ai/",
            "https://сор.рф./",
            "https://kæreste.dk/",
            "https://col·lecció.cat/",
            "https://خانه‌ها.ایران/",
            "http://localhost:3000/",
            "http://192.0.2.1./",
            "https://a_b.example/",
            "https://xn--e1afmkfd.xn--p1ai/",
            "http://[2001:db8::1]:8080/",
            "http://192.0.2.1/",
        ] {
            assert_eq!(doubt(address), None, "{address}");
        }
        for address in [
            "https://bank.example@evil.example/",
            "https:///bank.example@evil.example/",
            "https://bank.example:443@[::1]/",
            "http://@e.org",
        ] {
            assert_eq!(doubt(address), Some(Doubt::UserInformation), "{address}");
        }
        for address in [
            "https://gооgle.example/",
            "https://аррӏе.com/",
            "https:///аррӏе.com/",
            "https://аррӏе.ｃｏｍ/",
            "https://аррӏе.香港/",
            "https://bank.ｃｏｍ/",
            "https://www.раypal.example/",
            "https://evil.example%2ebank.example/",
            "https://paypal.com\u{2044}signin.пример.рф/",
            "https://paypal\u{3002}com/",
            "https://paypal.com\u{338}signin.example/",
            "http://0x7f.1/",
            "http://2130706433/",
            "https://a b/",
        ] {
            assert_eq!(doubt(address), Some(Doubt::LookAlike), "{address}");
        }
    }
}
