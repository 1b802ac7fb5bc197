//! The source files of the workspace, parsed.

use std::path::{Path, PathBuf};

use syn::Attribute;

/// A file of a crate's `src`.
pub(crate) struct Source {
    /// The crate's folder name.
    pub krate: String,
    /// The path of its module: `circle`, `commit` for `src/circle/commit.rs`; empty for the crate itself.
    pub module: Vec<String>,
    pub file: syn::File,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

/// Every file below a folder with this ending, in order.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found
}

/// What every crate ships: no files of tests, no items for tests alone.
pub(crate) fn shipped_sources() -> Vec<Source> {
    let root = root();
    let mut sources = Vec::new();
    let mut crates: Vec<_> =
        std::fs::read_dir(root.join("crates")).unwrap().map(|entry| entry.unwrap().path()).collect();
    crates.sort();
    for folder in crates.into_iter().filter(|folder| folder.join("src").is_dir()) {
        let krate = folder.file_name().unwrap().to_str().unwrap().to_owned();
        for path in files(&folder.join("src"), "rs") {
            let inside = path.strip_prefix(folder.join("src")).unwrap().with_extension("");
            let mut module: Vec<String> =
                inside.components().map(|part| part.as_os_str().to_str().unwrap().to_owned()).collect();
            if module.iter().any(|part| part == "tests") {
                continue;
            }
            if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
                module.pop();
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let mut file =
                syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            file.items.retain(|item| !is_for_tests(attributes(item)));
            sources.push(Source { krate: krate.clone(), module, file });
        }
    }
    assert!(sources.len() > 150, "control: {} files were found", sources.len());
    sources
}

/// Whether these hold an item back from what is shipped.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

fn attributes(item: &syn::Item) -> &[Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
