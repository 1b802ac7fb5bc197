//! Functions stay short: clippy knows how long, and the exceptions are counted here.

use crate::sources::{files, root};

/// As many functions may be longer, in all crates, each with a reason.
const MOST: usize = 13;

#[test]
fn few_functions_are_long() {
    let marks = files(&root().join("crates"), "rs")
        .into_iter()
        .filter(|path| !path.ends_with("workspace/functions.rs"))
        .map(|path| std::fs::read_to_string(path).unwrap().matches("clippy::too_many_lines").count());
    let exceptions: usize = marks.sum();
    assert!(exceptions > 0, "control");
    assert!(exceptions <= MOST, "{exceptions} functions are longer than `clippy.toml` says");
}
