//! Every sentence that the component tree asks for is there, in both languages.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use shepot_view::{Language, Words};

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}

/// Names in quotes that look like those of sentences.
fn names(text: &str) -> BTreeSet<String> {
    text.split('"')
        .skip(1)
        .step_by(2)
        .filter(|name| {
            ["ui-", "posture-", "terminal-", "entry-", "problem-"].iter().any(|start| name.starts_with(start))
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_sentence_is_missing_and_none_is_too_many() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    files(&root.join("window/ui"), "slint", &mut found);
    files(&root.join("desktop/src"), "rs", &mut found);
    files(&root.join("view/src"), "rs", &mut found);
    let asked: BTreeSet<String> =
        found.iter().flat_map(|path| names(&std::fs::read_to_string(path).unwrap())).collect();
    assert!(asked.len() > 250, "control: {} names were found", asked.len());
    for language in Language::ALL {
        let words = Words::new(language);
        let missing: Vec<&String> = asked.iter().filter(|name| !words.has(name)).collect();
        assert!(missing.is_empty(), "{language:?}: {missing:?}");
    }
    let file = std::fs::read_to_string(root.join("words/locales/en/window.ftl")).unwrap();
    let written = file.lines().filter_map(|line| line.split_once(" =")).map(|(name, _)| name.to_owned());
    let unused: Vec<String> =
        written.filter(|name| name.starts_with("ui-") && !asked.contains(name)).collect();
    assert!(unused.is_empty(), "nobody says {unused:?}");
}
