//! What can come into the program, and what can lie over it, is played in the tests of `app`: without a screen.

use std::collections::BTreeSet;

use proc_macro2::TokenTree;

use crate::sources::{files, root};

/// The enums, and the files of `app` in which they stand.
const PLAYED: [(&str, &str); 15] = [
    ("Msg", "msg.rs"),
    ("OverMsg", "msg.rs"),
    ("PageMsg", "msg.rs"),
    ("OutsideMsg", "msg.rs"),
    ("Overlay", "overlay.rs"),
    ("Offered", "overlay.rs"),
    ("Ask", "overlay.rs"),
    ("MenuOf", "overlay.rs"),
    ("Choice", "overlay.rs"),
    ("For", "overlay.rs"),
    ("MessageAction", "actions.rs"),
    ("ConnectionAction", "actions.rs"),
    ("Page", "page.rs"),
    ("RelayEffect", "effect.rs"),
    ("Confirmation", "confirmation.rs"),
];

/// What carries others, and what the helpers of the tests say for them.
const NOT_NAMED: [&str; 4] = ["Msg::Over", "Msg::Page", "Msg::Outside", "Overlay::List"];

/// What is written as `One::Other`, without comments and texts.
fn said_by(tokens: proc_macro2::TokenStream, said: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for tree in &tokens {
        if let TokenTree::Group(group) = tree {
            said_by(group.stream(), said);
        }
    }
    for four in tokens.windows(4) {
        if let [TokenTree::Ident(one), TokenTree::Punct(a), TokenTree::Punct(b), TokenTree::Ident(other)] =
            four
            && (a.as_char(), b.as_char()) == (':', ':')
        {
            said.insert(format!("{one}::{other}"));
        }
    }
}

fn variants(file: &str, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("crates/app/src").join(file)).unwrap();
    let items = syn::parse_file(&text).unwrap().items;
    let of = |item: &syn::Item| match item {
        syn::Item::Enum(found) if found.ident == name => {
            found.variants.iter().map(|variant| format!("{name}::{}", variant.ident)).collect()
        }
        _ => Vec::new(),
    };
    items.iter().flat_map(of).collect()
}

#[test]
fn every_message_overlay_and_question_is_played_without_a_screen() {
    let tests = files(&root().join("crates/app/src/tests"), "rs");
    let mut said = BTreeSet::new();
    for path in &tests {
        said_by(std::fs::read_to_string(path).unwrap().parse().unwrap(), &mut said);
    }
    let is_played = |name: &String| said.contains(name);
    let all: Vec<String> = PLAYED.iter().flat_map(|(name, file)| variants(file, name)).collect();
    assert!(all.len() > 100, "control: {}", all.len());
    let missing: Vec<_> =
        all.iter().filter(|name| !is_played(name) && !NOT_NAMED.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(NOT_NAMED.iter().all(|name| all.iter().any(|known| known == name)), "{NOT_NAMED:?}");
}
