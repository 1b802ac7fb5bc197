//! The arrows of ARCHITECTURE.md, held by the build's own description of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// What each crate may depend on, of ours, when it is shipped.
const ALLOWED: &[(&str, &[&str])] = &[
    ("shepot-protocol", &[]),
    ("shepot-group", &[]),
    ("shepot-l10n", &[]),
    ("shepot-hygiene", &[]),
    ("shepot-private-files", &[]),
    ("shepot-sanitise", &[]),
    ("shepot-console", &["shepot-sanitise", "shepot-l10n"]),
    ("shepot-command-line", &["shepot-l10n"]),
    ("shepot-transport", &["shepot-protocol"]),
    ("shepot-relay", &["shepot-private-files", "shepot-protocol", "shepot-transport"]),
    ("shepot-client", &["shepot-protocol", "shepot-group", "shepot-sanitise", "shepot-transport"]),
    ("shepot-view", &["shepot-client", "shepot-hygiene", "shepot-sanitise", "shepot-l10n"]),
    (
        "shepot-app",
        &[
            "shepot-client",
            "shepot-hosting",
            "shepot-preferences",
            "shepot-relay",
            "shepot-sanitise",
            "shepot-view",
        ],
    ),
    ("shepot-invitations", &["shepot-protocol"]),
    ("shepot-hosting", &["shepot-protocol", "shepot-relay", "shepot-invitations"]),
    ("shepot-logs", &[]),
    ("shepot-preferences", &["shepot-private-files"]),
    ("shepot-typeset", &["shepot-sanitise"]),
    ("shepot-pictures", &["shepot-typeset"]),
    ("shepot-window", &["shepot-typeset"]),
    (
        "shepot-server",
        &[
            "shepot-protocol",
            "shepot-relay",
            "shepot-invitations",
            "shepot-hygiene",
            "shepot-l10n",
            "shepot-sanitise",
            "shepot-command-line",
            "shepot-console",
            "shepot-logs",
            "shepot-transport",
        ],
    ),
    (
        "shepot-terminal",
        &[
            "shepot-app",
            "shepot-view",
            "shepot-client",
            "shepot-hygiene",
            "shepot-hosting",
            "shepot-logs",
            "shepot-relay",
            "shepot-sanitise",
            "shepot-command-line",
            "shepot-console",
        ],
    ),
    (
        "shepot-desktop",
        &[
            "shepot-command-line",
            "shepot-app",
            "shepot-view",
            "shepot-client",
            "shepot-hygiene",
            "shepot-hosting",
            "shepot-relay",
            "shepot-logs",
            "shepot-pictures",
            "shepot-preferences",
            "shepot-sanitise",
            "shepot-typeset",
            "shepot-window",
        ],
    ),
    ("shepot-testkit", &["shepot-client", "shepot-hosting", "shepot-protocol", "shepot-relay"]),
];

/// What may not be reached by any way, of anybody's: no sockets, no clock, no TLS in the sans-I/O crates; no group keys
/// in the relay.
const UNREACHABLE: &[(&str, &[&str])] = &[
    ("shepot-protocol", &["tokio", "rustls", "mio", "socket2"]),
    ("shepot-group", &["tokio", "rustls", "mio", "socket2"]),
    ("shepot-relay", &["mls-rs", "shepot-group", "shepot-client", "shepot-invitations"]),
    ("shepot-server", &["mls-rs", "shepot-group", "shepot-client"]),
    ("shepot-view", &["slint", "parley", "shepot-typeset"]),
    ("shepot-typeset", &["slint", "shepot-client"]),
    ("shepot-pictures", &["slint", "shepot-client"]),
    ("shepot-window", &["shepot-client", "shepot-view", "tokio"]),
];

/// Where the programs run. What other systems would use is not built by anybody.
const SYSTEMS: [&str; 3] = ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc", "aarch64-apple-darwin"];

fn metadata() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(SYSTEMS.map(|system| format!("--filter-platform={system}")))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Names of all packages, and what each uses when it is shipped: not for tests.
fn shipped_arrows(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let name_of: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap()))
        .collect();
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let from = name_of[node["id"].as_str().unwrap()];
        let uses = arrows.entry(from.to_owned()).or_default();
        for dependency in node["deps"].as_array().unwrap() {
            let shipped =
                dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null());
            if shipped {
                uses.insert(name_of[dependency["pkg"].as_str().unwrap()].to_owned());
            }
        }
    }
    arrows
}

fn reachable(from: &str, arrows: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(at) = open.pop() {
        for next in arrows.get(&at).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen
}

#[test]
fn arrows_point_only_where_they_may() {
    let arrows = shipped_arrows(&metadata());
    let ours: BTreeSet<&String> = arrows.keys().filter(|name| name.starts_with("shepot-")).collect();
    let drawn: BTreeSet<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
    assert_eq!(ours.iter().map(|name| name.as_str()).collect::<BTreeSet<_>>(), drawn, "a crate is not drawn");
    for (name, allowed) in ALLOWED {
        let used = arrows[*name].iter().filter(|other| other.starts_with("shepot-"));
        let beyond: Vec<_> = used.filter(|other| !allowed.contains(&other.as_str())).collect();
        assert!(beyond.is_empty(), "{name} uses {beyond:?}");
        let unused: Vec<_> = allowed.iter().filter(|other| !arrows[*name].contains(**other)).collect();
        assert!(unused.is_empty(), "nobody needs {name} to be allowed {unused:?} any more");
    }
}

#[test]
fn what_must_not_be_reached_is_not() {
    let arrows = shipped_arrows(&metadata());
    for (name, forbidden) in UNREACHABLE {
        let reached = reachable(name, &arrows);
        let found: Vec<_> = forbidden.iter().filter(|other| reached.contains(**other)).collect();
        assert!(found.is_empty(), "{name} reaches {found:?}");
    }
    // The check can fail: the client does reach the group's keys.
    assert!(reachable("shepot-client", &arrows).contains("mls-rs"));
}

/// SECURITY.md, rule V5: proposals of others do not ride on a commit, since the library is built without them. A
/// feature that one crate asks for is everybody's.
#[test]
fn proposals_by_reference_are_not_compiled_in() {
    let metadata = metadata();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let is_mls = |node: &&Value| node["id"].as_str().unwrap().contains("#mls-rs@");
    let features: Vec<&str> = nodes
        .iter()
        .find(is_mls)
        .map(|node| {
            node["features"].as_array().unwrap().iter().map(|feature| feature.as_str().unwrap()).collect()
        })
        .unwrap();
    assert!(features.contains(&"private_message"), "control: {features:?}");
    assert!(!features.contains(&"by_ref_proposal"), "{features:?}");
}
