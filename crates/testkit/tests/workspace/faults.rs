//! The faults that `scripts/mutants` plants can all be planted: the code that they change stands where they say.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::sources::root;

#[derive(Deserialize)]
struct Faults {
    fault: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    name: String,
    package: String,
    file: String,
    old: String,
    new: String,
}

#[test]
fn every_fault_has_its_place() {
    let text = std::fs::read_to_string(root().join("scripts/faults.toml")).unwrap();
    let Faults { fault: faults } = toml::from_str(&text).unwrap();
    let mut names = BTreeSet::new();
    for Fault { name, package, file, old, new } in &faults {
        let source = std::fs::read_to_string(root().join(file)).unwrap();
        assert_eq!(source.matches(old.as_str()).count(), 1, "{name}: how often its code stands in {file}");
        assert_ne!(old, new, "{name} changes nothing");
        assert!(names.insert(name), "{name} is there twice");
        let folder = package.strip_prefix("shepot-").unwrap();
        assert!(file.starts_with(&format!("crates/{folder}/src/")), "{name}: {file} is not of {package}");
    }
    for package in ["shepot-group", "shepot-relay", "shepot-client", "shepot-protocol"] {
        let number = faults.iter().filter(|fault| fault.package == package).count();
        assert!(number >= 20, "{package}: {number}");
    }
}
