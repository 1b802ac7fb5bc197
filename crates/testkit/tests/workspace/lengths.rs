//! Functions and files stay short. How long a function may be, clippy knows; its exceptions are counted here.

use crate::sources::{files, root};

/// As many functions may be longer, in all crates, each with a reason.
const MOST_LONG_FUNCTIONS: usize = 13;

/// Lines of a file, comments and blank lines with them.
const MOST_LINES: usize = 500;

/// Written by a program.
const GENERATED: &str = "crates/protocol/src/wire.rs";

#[test]
fn few_functions_are_long() {
    let marks = files(&root().join("crates"), "rs")
        .into_iter()
        .filter(|path| !path.ends_with("workspace/lengths.rs"))
        .map(|path| std::fs::read_to_string(path).unwrap().matches("clippy::too_many_lines").count());
    let exceptions: usize = marks.sum();
    assert!(exceptions > 0, "control");
    assert!(exceptions <= MOST_LONG_FUNCTIONS, "{exceptions} functions are longer than `clippy.toml` says");
}

#[test]
fn no_file_is_long() {
    let crates = root().join("crates");
    let generated = root().join(GENERATED);
    assert!(generated.exists(), "control");
    let all = ["rs", "slint"].into_iter().flat_map(|kind| files(&crates, kind));
    let long: Vec<String> = all
        .filter(|path| *path != generated)
        .filter_map(|path| {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            (lines > MOST_LINES).then(|| format!("{}: {lines}", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "split by what belongs together: {long:#?}");
}

#[test]
fn comments_fit_on_a_line() {
    /// Columns (docs/STYLE.md). `rustfmt` looks at code alone.
    const MOST_COLUMNS: usize = 120;
    let is_long = |line: &&str| line.trim_start().starts_with("//") && line.chars().count() > MOST_COLUMNS;
    let mut long = Vec::new();
    // What the grammar generates.
    for path in files(&root().join("crates"), "rs").into_iter().filter(|path| !path.ends_with("wire.rs")) {
        let text = std::fs::read_to_string(&path).unwrap();
        long.extend(text.lines().filter(is_long).map(|line| format!("{}: {line}", path.display())));
    }
    assert!(long.is_empty(), "{long:#?}");
}
