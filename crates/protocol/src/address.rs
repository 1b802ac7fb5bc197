//! The address that a person types: `IP:PORT`, `[IPv6]:PORT`, `host:port`, each also as `Name:…`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

use crate::limits::{DEFAULT_PORT, HOST_CHARACTERS, LINK_CHARACTERS, SERVER_NAME_CHARACTERS};

/// Host and port of a relay.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// A name or an IP address.
    pub host: Host,
    /// The TCP port.
    pub port: u16,
}

/// A name or an IP address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// IPv4 or IPv6.
    Ip(IpAddr),
    /// A name for the system to resolve (RFC 1123), in readable form. A name whose last label is internationalised is
    /// in Unicode form (UTS 46), however it was written; any other name is in ASCII form.
    Name(String),
}

impl Host {
    /// The form that name servers and other programs accept: ASCII, also for internationalised names (UTS 46).
    #[must_use]
    pub fn to_ascii(&self) -> String {
        match self {
            Self::Ip(_) => self.to_string(),
            // Without such a form it would not have been taken for a host.
            Self::Name(name) => idna::domain_to_ascii(name).unwrap_or_else(|_| name.clone()),
        }
    }
}

impl Address {
    /// Host and port in the same form.
    #[must_use]
    pub fn to_ascii(&self) -> String {
        format!("{}:{}", self.host.to_ascii(), self.port)
    }
}

/// A modifier letter that looks like a colon, so a host could pretend that its port follows.
const LOOKS_LIKE_A_COLON: char = '\u{2D0}';

/// An address, and the name that the person gives to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddress {
    /// The name, if one was given.
    pub name: Option<String>,
    /// Where the relay is.
    pub address: Address,
}

/// Why a typed address is invalid.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Nothing was typed.
    #[error("no address")]
    Empty,
    /// Longer than an address can be.
    #[error("the address is too long")]
    TooLong,
    /// The host is empty or contains what a host cannot contain.
    #[error("`{0}` is not a host name or an IP address")]
    Host(String),
    /// The port is not a number from 1 to 65535.
    #[error("`{0}` is not a port")]
    Port(String),
    /// An IPv6 address without brackets, whose last part could be a port.
    #[error("an IPv6 address needs brackets")]
    Ipv6NeedsBrackets,
    /// The name is empty, too long, or contains control characters.
    #[error("not a name for a server")]
    Name,
}

impl FromStr for ServerAddress {
    type Err = AddressError;

    fn from_str(typed: &str) -> Result<Self, AddressError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(AddressError::Empty);
        }
        if typed.chars().count() > LINK_CHARACTERS {
            return Err(AddressError::TooLong);
        }
        let (name, host, port) = split(typed)?;
        let port = port.map_or(Ok(DEFAULT_PORT), parse_port)?;
        Ok(Self { name: name.map(parse_name).transpose()?, address: Address { host, port } })
    }
}

impl FromStr for Address {
    type Err = AddressError;

    /// Parses an address without a name.
    fn from_str(typed: &str) -> Result<Self, AddressError> {
        let server: ServerAddress = typed.parse()?;
        match server.name {
            None => Ok(server.address),
            Some(name) => Err(AddressError::Host(name)),
        }
    }
}

/// Splits into name, host and port. The last two are taken from the end.
fn split(typed: &str) -> Result<(Option<&str>, Host, Option<&str>), AddressError> {
    if let Some((before, rest)) = typed.split_once('[') {
        let name = match before {
            "" => None,
            _ => Some(before.strip_suffix(':').ok_or_else(|| AddressError::Host(typed.to_owned()))?),
        };
        let (ip, after) = rest.split_once(']').ok_or(AddressError::Ipv6NeedsBrackets)?;
        let ip: Ipv6Addr = ip.parse().map_err(|_| AddressError::Host(ip.to_owned()))?;
        let port = match after {
            "" => None,
            _ => Some(after.strip_prefix(':').ok_or_else(|| AddressError::Port(after.to_owned()))?),
        };
        return Ok((name, Host::Ip(IpAddr::V6(ip)), port));
    }
    if typed.parse::<Ipv6Addr>().is_ok() || typed.contains("::") {
        return Err(AddressError::Ipv6NeedsBrackets);
    }
    let Some((before, port)) = typed.rsplit_once(':') else {
        return Ok((None, parse_host(typed)?, None));
    };
    match before.rsplit_once(':') {
        Some((name, host)) => Ok((Some(name), parse_host(host)?, Some(port))),
        None => Ok((None, parse_host(before)?, Some(port))),
    }
}

fn parse_host(host: &str) -> Result<Host, AddressError> {
    let has_two_forms = |label: &str| !label.is_ascii() || label.to_ascii_lowercase().starts_with("xn--");
    if !host.split('.').any(has_two_forms) {
        return parse_ascii_host(host);
    }
    let wrong = |_| AddressError::Host(host.to_owned());
    let ascii = idna::domain_to_ascii(host).map_err(wrong)?;
    let Host::Name(ascii) = parse_ascii_host(&ascii).map_err(|_| AddressError::Host(host.to_owned()))? else {
        // Digits of full width.
        return parse_ascii_host(&ascii);
    };
    let (shown, valid) = idna::domain_to_unicode(&ascii);
    valid.map_err(wrong)?;
    let is_letter = |c: char| c.is_alphanumeric() && c != LOOKS_LIKE_A_COLON;
    let is_good = |label: &str| {
        !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| is_letter(c) || c == '-' || c == '_')
    };
    if !shown.trim_end_matches('.').split('.').all(is_good) {
        return Err(AddressError::Host(host.to_owned()));
    }
    // Below .com anybody may have letters that look Latin; below .рф there are none.
    let ends_in_ascii = shown.trim_end_matches('.').rsplit('.').next().is_some_and(str::is_ascii);
    Ok(Host::Name(if ends_in_ascii { ascii } else { shown }))
}

fn parse_ascii_host(host: &str) -> Result<Host, AddressError> {
    let wrong = || AddressError::Host(host.to_owned());
    if let Ok(ip) = host.parse::<Ipv4Addr>() {
        return Ok(Host::Ip(IpAddr::V4(ip)));
    }
    let label_is_good = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let labels = host.strip_suffix('.').unwrap_or(host);
    let all_digits = labels.chars().all(|c| c.is_ascii_digit() || c == '.');
    if all_digits || host.chars().count() > HOST_CHARACTERS || !labels.split('.').all(label_is_good) {
        return Err(wrong());
    }
    Ok(Host::Name(host.to_owned()))
}

fn parse_port(port: &str) -> Result<u16, AddressError> {
    let digits = !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(number) if digits && number > 0 => Ok(number),
        Ok(_) | Err(_) => Err(AddressError::Port(port.to_owned())),
    }
}

fn parse_name(name: &str) -> Result<String, AddressError> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > SERVER_NAME_CHARACTERS || name.chars().any(char::is_control) {
        return Err(AddressError::Name);
    }
    Ok(name.to_owned())
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(typed: &str) -> (Option<String>, String) {
        let server: ServerAddress = typed.parse().unwrap();
        (server.name, server.address.to_string())
    }

    fn error(typed: &str) -> AddressError {
        typed.parse::<ServerAddress>().unwrap_err()
    }

    #[test]
    fn every_form_is_understood() {
        assert_eq!(parsed("203.0.113.5:7000"), (None, "203.0.113.5:7000".into()));
        assert_eq!(parsed(" [2001:db8::1]:7000 "), (None, "[2001:db8::1]:7000".into()));
        assert_eq!(parsed("relay.example.org:7000"), (None, "relay.example.org:7000".into()));
        assert_eq!(parsed("Дом:203.0.113.5:7000"), (Some("Дом".into()), "203.0.113.5:7000".into()));
        assert_eq!(parsed("My home:[::1]:7000"), (Some("My home".into()), "[::1]:7000".into()));
        assert_eq!(parsed("a:b:host:1"), (Some("a:b".into()), "host:1".into()));
        assert_eq!(parsed("localhost"), (None, format!("localhost:{DEFAULT_PORT}")));
        assert_eq!(parsed("[::1]"), (None, format!("[::1]:{DEFAULT_PORT}")));
    }

    #[test]
    fn internationalised_names_are_read_in_both_forms() {
        let ascii = "xn--e1afmkfd.xn--p1ai";
        for typed in
            ["пример.рф", "ПРИМЕР.РФ", "пример。рф", "при\u{ad}мер.рф", ascii, "XN--E1AFMKFD.xn--p1ai"]
        {
            let address: Address = format!("{typed}:7000").parse().unwrap();
            assert_eq!(
                (address.to_string(), address.to_ascii()),
                ("пример.рф:7000".into(), format!("{ascii}:7000"))
            );
        }
        // What only looks Latin is not shown as if it were.
        let elsewhere = parsed("Дом:bücher.example:1").1;
        assert_eq!(
            (elsewhere.as_str(), parsed(&elsewhere).1),
            ("xn--bcher-kva.example:1", elsewhere.clone())
        );
        assert_eq!(parsed("xn--80ak6aa92e.com:1").1, "xn--80ak6aa92e.com:1");
        assert_eq!(parsed("１.２.３.４:5"), (None, "1.2.3.4:5".into()));
        assert_eq!("[::1]:5".parse::<Address>().unwrap().to_ascii(), "[::1]:5");
        assert_eq!("Host:5".parse::<Address>().unwrap().to_ascii(), "host:5");
        for wrong in [
            "xn--zzzzzzzzz",
            "при мер.рф",
            "пример/рф",
            "-пример.рф",
            "a\u{202e}b.рф",
            "пример\u{a789}7443.рф",
            "пример\u{2d0}7443.рф",
            "пример\u{2044}x.рф",
            "xn--ls8h.рф",
            &format!("{}.рф", "я".repeat(250)),
        ] {
            assert_eq!(error(&format!("{wrong}:1")), AddressError::Host(wrong.to_owned()));
        }
    }

    #[test]
    fn every_mistake_is_named() {
        assert_eq!(error("  "), AddressError::Empty);
        assert_eq!(error(&"a".repeat(2000)), AddressError::TooLong);
        assert_eq!(error("host:0"), AddressError::Port("0".into()));
        assert_eq!(error("host:65536"), AddressError::Port("65536".into()));
        assert_eq!(error("host:+80"), AddressError::Port("+80".into()));
        assert_eq!(error("host:"), AddressError::Port(String::new()));
        assert_eq!(error(":7000"), AddressError::Host(String::new()));
        assert_eq!(error("1.2.3:7000"), AddressError::Host("1.2.3".into()));
        assert_eq!(error("1.2.3.400:7000"), AddressError::Host("1.2.3.400".into()));
        assert_eq!(error("ho st:7000"), AddressError::Host("ho st".into()));
        assert_eq!(error("2001:db8::1"), AddressError::Ipv6NeedsBrackets);
        assert_eq!(error("[::1"), AddressError::Ipv6NeedsBrackets);
        assert_eq!(error("[::1]7000"), AddressError::Port("7000".into()));
        assert_eq!(error("[zz]:7000"), AddressError::Host("zz".into()));
        assert_eq!(error(":1.2.3.4:7000"), AddressError::Name);
        assert_eq!(error("a\u{7}b:1.2.3.4:7000"), AddressError::Name);
    }

    #[test]
    fn hosts_and_names_are_as_long_as_they_may_be() {
        let long = "a.".repeat(126) + "a";
        assert_eq!(long.len(), 253);
        assert_eq!(parsed(&format!("{long}:1")).1, format!("{long}:1"));
        assert!(matches!(error(&format!("b.{long}:1")), AddressError::Host(_)));
        let name = "я".repeat(64);
        assert_eq!(parsed(&format!("{name}:host:1")).0, Some(name.clone()));
        assert_eq!(error(&format!("{name}я:host:1")), AddressError::Name);
        for host in ["-host", "host-", "a.-b", "a-.b", "a..b", ".a"] {
            assert_eq!(error(&format!("{host}:1")), AddressError::Host(host.into()));
        }
        assert_eq!(parsed("localhost").1, "localhost:7443");
    }

    proptest! {
        #[test]
        fn anything_typed_is_an_address_or_an_error(typed in ".*") {
            let _ = typed.parse::<ServerAddress>();
        }

        #[test]
        fn what_is_shown_is_understood_again(ip in any::<IpAddr>(), port in 1_u16..) {
            let address = Address { host: Host::Ip(ip), port };
            prop_assert_eq!(address.to_string().parse::<Address>().unwrap(), address);
        }
    }
}
