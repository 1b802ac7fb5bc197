//! Every setting that stands on a page of the window is found by its words.

use crate::sources::{files, root};

#[test]
fn every_setting_is_found_by_its_words() {
    let found = std::fs::read_to_string(root().join("crates/view/src/settings.rs")).unwrap();
    let mut seen = 0;
    for path in files(&root().join("crates/window/ui/pages/settings"), "slint") {
        let text = std::fs::read_to_string(&path).unwrap();
        for part in text.split("title: L10n.tr(\"").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(found.contains(&format!("\"{name}\"")), "{name} of {}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 15, "control: {seen}");
}
