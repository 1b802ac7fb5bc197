//! docs/PROTOCOL.md against the code: the alphabets in its appendix.

#[path = "../../protocol/tests/document/mod.rs"]
mod written;

use crate::{mood, safety};

#[test]
fn the_alphabets() {
    for first in (0..64).step_by(8) {
        let line: Vec<&str> = (first..first + 8).map(safety::picture).collect();
        assert!(written::has_line(&line.join(" ")), "{line:?}");
    }
    let moods: Vec<&str> = mood::all().filter_map(mood::emoji).collect();
    assert!(written::has_line(&moods.join(" ")), "{moods:?}");
}
