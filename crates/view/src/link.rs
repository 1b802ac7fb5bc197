//! Where a link leads, and what may deceive about it.

use unicode_security::{MixedScript as _, skeleton};

/// Why a link may lead elsewhere than it seems to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// A name stands before the site, as if that were the site: `https://bank.example@evil.example/`.
    UserInformation,
    /// The site's name has letters of several scripts, or letters that look like others.
    LookAlike,
}

/// The site of a web address, as it is written: without the name before it and the port.
#[must_use]
pub fn site(address: &str) -> &str {
    let authority = authority(address);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.rsplit_once(':') {
        // Not within an IPv6 address.
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

/// What may deceive about it.
#[must_use]
pub fn doubt(address: &str) -> Option<Doubt> {
    if authority(address).contains('@') {
        return Some(Doubt::UserInformation);
    }
    let site = site(address);
    let is_international = site.rsplit('.').next().is_some_and(|last| !last.is_ascii());
    let deceives = |label: &str| {
        let is_mixed = !label.is_single_script();
        // A word of another script that reads as a Latin one: of no doubt where the whole name is of that script.
        let looks_latin = !label.is_ascii() && skeleton(label).all(|c| c.is_ascii());
        is_mixed || looks_latin && !is_international
    };
    // A site is not written so by anybody who means well.
    (site.contains('%') || site.split('.').any(deceives)).then_some(Doubt::LookAlike)
}

fn authority(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#', '\\']).next().unwrap_or_default()
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
            ("http://[::1]:8080/", "[::1]"),
            ("http://[::1]/", "[::1]"),
            ("HTTPS://EXAMPLE.ORG#x", "EXAMPLE.ORG"),
            ("https://пример.рф", "пример.рф"),
        ] {
            assert_eq!(site(address), expected, "{address}");
        }
    }

    #[test]
    fn what_may_deceive_is_seen_and_nothing_else() {
        for address in [
            "https://example.org/аррӏе?q=a@b",
            "https://пример.рф/",
            "https://сор.рф/",
            "https://münchen.example/",
            "https://яндекс.example/",
            "https://日本語.jp/",
            "https://xn--e1afmkfd.xn--p1ai/",
            "http://[2001:db8::1]:8080/",
            "http://192.0.2.1/",
        ] {
            assert_eq!(doubt(address), None, "{address}");
        }
        for address in
            ["https://bank.example@evil.example/", "https://bank.example:443@[::1]/", "http://@e.org"]
        {
            assert_eq!(doubt(address), Some(Doubt::UserInformation), "{address}");
        }
        for address in [
            "https://gооgle.example/",
            "https://аррӏе.com/",
            "https://www.раypal.example/",
            "https://evil.example%2ebank.example/",
        ] {
            assert_eq!(doubt(address), Some(Doubt::LookAlike), "{address}");
        }
    }
}
