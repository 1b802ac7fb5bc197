//! Text reaches the window's component tree in one way: through `desktop/src/shown.rs`, where it becomes `Sanitised`.

use crate::sources::{files, root};

/// What makes a string of the toolkit's out of any text.
const OTHER_WAYS: [&str; 8] = [
    ".into()",
    "Into::into",
    "Into::<",
    "SharedString::from",
    "From::from",
    "to_shared_string",
    "slint::format!",
    "slint::format_args",
];

/// How often something is put back as it was typed.
const TYPED: usize = 7;

fn other_ways(text: &str) -> Vec<&'static str> {
    OTHER_WAYS.into_iter().filter(|way| text.contains(way)).collect()
}

#[test]
fn no_label_of_the_window_shows_what_was_not_sanitised() {
    let folder = root().join("crates/desktop/src");
    let (mut used, mut typed) = (0, 0);
    for path in files(&folder, "rs") {
        let name = path.strip_prefix(&folder).unwrap();
        if name.file_name().is_some_and(|name| name == "tests.rs") || name.as_os_str() == "shown.rs" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        used += text.matches(".shown()").count();
        typed += text.matches("typed(").count();
        let ways = other_ways(&text);
        assert!(ways.is_empty(), "{}: {ways:?}; take `.shown()`, or name the type", name.display());
    }
    assert!(used > 100, "control: {used} texts are shown");
    // What a person types or has typed, and keys: look at the new one, and count it here.
    assert_eq!(typed, TYPED, "uses of `shown::typed`");
    assert_eq!(other_ways("page.set_title(text.into());"), [".into()"], "control");
}
