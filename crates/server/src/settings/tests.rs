use clap::Parser as _;

use super::*;
use crate::arguments::Arguments;

/// Flags, variables, and what the refusal has to name.
type Case = (&'static [&'static str], &'static [(&'static str, &'static str)], &'static str);

fn options(flags: &[&str]) -> Options {
    let line = ["shepot-server", "--state-dir", "/state"].iter().chain(flags);
    Arguments::try_parse_from(line).unwrap().options
}

fn read(flags: &[&str], environment: &[(&str, &str)]) -> Result<Settings, SettingError> {
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources::new(options(flags), environment).read(Language::English)
}

fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path.display().to_string())
}

#[test]
fn without_a_word_there_are_defaults() {
    let settings = read(&[], &[]).unwrap();
    let defaults = Configuration::default();
    assert_eq!((settings.listen, settings.limits), (defaults.listen, defaults.limits));
    assert_eq!(settings.control_socket, PathBuf::from("/state/run/control"));
    assert_eq!(settings.log_dir, PathBuf::from("/state/logs"));
    assert!(!settings.open && settings.public_address.is_none());
}

#[test]
fn flags_are_stronger_than_the_environment_and_that_than_the_file() {
    let (_folder, path) = file(
        "listen = [\"127.0.0.1:1\", \"[::1]:1\"]\nlanguage = \"ru\"\n[limits]\nconnections = 1\ncircles = 11\nmembers = 21\n",
    );
    let environment = [("SHEPOT_LIMIT_CONNECTIONS", "2"), ("SHEPOT_LIMIT_CIRCLES", "12"), ("OTHER", "x")];
    let settings = read(&["--config", &path, "--limit", "connections=3"], &environment).unwrap();
    assert_eq!((settings.limits.connections, settings.limits.circles), (3, 12));
    assert_eq!(settings.limits.circle.members, 21);
    assert_eq!(settings.listen.len(), 2);
    assert_eq!(settings.language, Language::Russian);
    let settings =
        read(&["--listen", "127.0.0.1:5"], &[("SHEPOT_CONFIG", &path), ("SHEPOT_LISTEN", "127.0.0.1:4")])
            .unwrap();
    assert_eq!(settings.listen, ["127.0.0.1:5".parse().unwrap()]);
    let shared = |flags: &[&str]| read(flags, &[("SHEPOT_SHARED_ADDRESSES", "127.0.0.1, ::1")]).unwrap();
    assert_eq!(shared(&[]).shared_addresses.len(), 2);
    assert_eq!(shared(&["--shared-address", "10.0.0.1"]).shared_addresses.len(), 1);
}

#[test]
fn a_wrong_value_is_named_with_its_place_and_what_to_write() {
    let cases: &[Case] = &[
        (&["--listen", "7443"], &[], "--listen"),
        (&["--public-address", "a b"], &[], "--public-address"),
        (&["--public-address", "0.0.0.0:1"], &[], "--public-address"),
        (&["--language", "de"], &[], "--language"),
        (&["--shared-address", "127.0.0.1:9050"], &[], "--shared-address"),
        (&["--limit", "connections"], &[], "--limit"),
        (&["--limit", "connections=many"], &[], "--limit"),
        (&["--metrics", "192.0.2.1:9464"], &[], "127.0.0.1:9464"),
        (&["--limit", "connections=-1"], &[], "--limit"),
        (&[], &[("SHEPOT_OPEN", "perhaps")], "SHEPOT_OPEN"),
        (&[], &[("SHEPOT_LISTEN", "127.0.0.1:1,x")], "SHEPOT_LISTEN"),
    ];
    for (flags, environment, place) in cases {
        let error = read(flags, environment).unwrap_err();
        for language in Language::ALL {
            let said = error.tr(&L10n::new(language));
            assert!(said.contains(place), "{said}");
            assert!(!said.contains("server-"), "a sentence is missing: {said}");
        }
        assert!(matches!(error, SettingError::Wrong { .. }), "{error:?}");
    }
}

#[test]
fn unknown_names_are_refused_everywhere() {
    let (_folder, path) = file("lisen = \"127.0.0.1:1\"\n");
    let (_folder, limit) = file("[limits]\nconections = 1\n");
    let refused = |flags: &[&str], environment: &[(&str, &str)]| match read(flags, environment) {
        Err(SettingError::Unknown { name, known, .. }) => (name, known.contains("connections")),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&["--config", &path], &[]), ("lisen".into(), false));
    assert_eq!(refused(&["--config", &limit], &[]), ("conections".into(), true));
    assert_eq!(refused(&["--limit", "conections=1"], &[]), ("conections".into(), true));
    assert_eq!(refused(&[], &[("SHEPOT_LISEN", "x")]), ("lisen".into(), false));
    assert_eq!(refused(&[], &[("SHEPOT_LIMIT_CONECTIONS", "1")]), ("conections".into(), true));
}

#[test]
fn a_limit_out_of_range_is_named_with_its_range() {
    let error = read(&["--limit", "circles_per_connection=65"], &[]).unwrap_err();
    assert_eq!(
        error,
        SettingError::OutOfRange { name: "circles_per_connection", value: 65, lowest: 1, highest: 64 }
    );
    // As operators write them, whatever the relay calls them and counts them in.
    for (limit, named) in [
        ("dead_after_seconds=10", "dead_after_seconds is 10. Choose a number from 11 to 7200"),
        ("log_seconds=0", "log_seconds is 0. Choose a number from 1 to 86400"),
        ("requests_per_second=1", "requests_per_second is 1. Choose a number from 4 to"),
    ] {
        let said = read(&["--limit", limit], &[]).unwrap_err().tr(&L10n::new(Language::English));
        assert!(said.contains(named), "{said}");
    }
}

#[test]
fn files_that_are_no_settings_are_refused() {
    let (_folder, path) = file("listen = \n");
    assert!(matches!(read(&["--config", &path], &[]), Err(SettingError::File { .. })));
    assert!(matches!(read(&["--config", "/no/such/file"], &[]), Err(SettingError::File { .. })));
    let (_folder, path) = file("open = [true, false]\n");
    assert!(matches!(read(&["--config", &path], &[]), Err(SettingError::Wrong { .. })));
}

#[test]
fn an_address_without_a_port_gets_the_servers() {
    let address = |typed: &str| public_address(typed).map(|address| (address.host.to_string(), address.port));
    assert_eq!(address("203.0.113.5"), Some(("203.0.113.5".into(), 0)));
    assert_eq!(address("203.0.113.5:7443"), Some(("203.0.113.5".into(), 7443)));
    assert_eq!(address("[2001:db8::1]"), Some(("[2001:db8::1]".into(), 0)));
    assert_eq!(address("relay.example.org:1"), Some(("relay.example.org".into(), 1)));
    assert_eq!(address("0.0.0.0"), None);
}

#[test]
fn an_address_for_others_has_a_port_where_one_was_typed() {
    for host in ["203.0.113.5", "[2001:db8::1]", "Host", "ПРИМЕР.РФ", "xn--e1afmkfd.xn--p1ai"] {
        let port = |typed: &str| public_address(typed).map(|address| address.port);
        assert_eq!((port(host), port(&format!("{host}:9"))), (Some(0), Some(9)), "{host}");
    }
    assert!(public_address("0.0.0.0").is_none() && public_address("Name:host:1").is_none());
}
