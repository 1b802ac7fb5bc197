//! No cycles among the modules of a crate: if a module uses another, the other does not use it, by any way.
//!
//! An arrow is a path that begins with `crate`, `self` or `super` and leads into another module that is neither above
//! nor below: parents know their children, and children what their parent shares among them.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::Visit;

use crate::sources::{Source, shipped_sources};

type Module = Vec<String>;
type Arrows = BTreeMap<Module, BTreeSet<Module>>;

/// Collects the paths of a file, spelled from the crate's root on.
struct Paths<'a> {
    /// The module that is being read: the file's, or one within it.
    at: Module,
    found: &'a mut BTreeSet<Module>,
}

impl Paths<'_> {
    fn note(&mut self, path: &[String]) {
        let mut rest = path;
        let mut from = match rest.first().map(String::as_str) {
            Some("crate") => Module::new(),
            Some("self") => self.at.clone(),
            Some("super") => {
                let mut above = self.at.clone();
                while let Some("super") = rest.get(1).map(String::as_str) {
                    above.pop();
                    rest = &rest[1..];
                }
                above.pop();
                above
            }
            _ => return,
        };
        from.extend(rest[1..].iter().cloned());
        self.found.insert(from);
    }

    fn note_use(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.note_use(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Name(name) => self.note_used(before, &name.ident),
            syn::UseTree::Rename(rename) => self.note_used(before, &rename.ident),
            syn::UseTree::Glob(_) => self.note(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_use(tree, before)),
        }
    }

    fn note_used(&mut self, before: &[String], name: &syn::Ident) {
        let mut path = before.to_vec();
        if name != "self" {
            path.push(name.to_string());
        }
        self.note(&path);
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.note_use(&item.tree, &mut Vec::new());
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_none() || crate::sources::is_for_tests(&item.attrs) {
            return;
        }
        self.at.push(item.ident.to_string());
        syn::visit::visit_item_mod(self, item);
        self.at.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.note(&names);
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invoked: &'ast syn::Macro) {
        // What is in a macro's parentheses is not parsed: its paths are read word by word.
        let text = invoked.tokens.to_string().replace(" :: ", "::");
        for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
            let path: Vec<String> = word.split("::").map(str::to_owned).collect();
            if path.len() > 1 {
                self.note(&path);
            }
        }
        syn::visit::visit_macro(self, invoked);
    }
}

/// Who uses whom among the modules of one crate.
fn arrows(sources: &[&Source]) -> Arrows {
    let modules: BTreeSet<&Module> = sources.iter().map(|source| &source.module).collect();
    let mut arrows = Arrows::new();
    for source in sources {
        let mut found = BTreeSet::new();
        Paths { at: source.module.clone(), found: &mut found }.visit_file(&source.file);
        let uses = arrows.entry(source.module.clone()).or_default();
        for path in found {
            let lengths = (1..=path.len()).rev();
            let used = lengths.map(|length| path[..length].to_vec()).find(|path| modules.contains(path));
            let Some(used) = used else { continue };
            if !used.starts_with(&source.module) && !source.module.starts_with(&used) {
                uses.insert(used);
            }
        }
    }
    arrows
}

fn reachable(from: &Module, arrows: &Arrows) -> BTreeSet<Module> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from.clone()]);
    while let Some(at) = open.pop() {
        for next in arrows.get(&at).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen
}

/// The modules from which a way leads back to them.
fn in_cycles(arrows: &Arrows) -> BTreeSet<String> {
    arrows.keys().filter(|module| reachable(module, arrows).contains(*module)).map(|m| m.join("::")).collect()
}

#[test]
fn modules_do_not_use_their_users() {
    let sources = shipped_sources();
    let krates: BTreeSet<&str> = sources.iter().map(|source| source.krate.as_str()).collect();
    for krate in krates {
        let own: Vec<&Source> = sources.iter().filter(|source| source.krate == krate).collect();
        let cycles = in_cycles(&arrows(&own));
        assert!(cycles.is_empty(), "{krate}: these modules use each other: {cycles:?}");
    }
}

#[test]
fn a_cycle_is_seen() {
    let source = |module: &str, text: &str| Source {
        krate: "some".into(),
        module: module.split("::").map(str::to_owned).collect(),
        file: syn::parse_file(text).unwrap(),
    };
    let cycles = |sources: &[Source]| in_cycles(&arrows(&sources.iter().collect::<Vec<_>>()));
    let straight =
        [source("a", "use crate::b::{self, c::D};"), source("b", ""), source("b::c", "use super::E;")];
    assert!(cycles(&straight).is_empty());
    let by_use =
        [source("a", "use crate::{x, b::{c::D}};"), source("b::c", "fn f() { super::super::a::g() }")];
    assert_eq!(cycles(&by_use), BTreeSet::from(["a".to_owned(), "b::c".to_owned()]));
    let by_macro =
        [source("a", "fn f() { println!(\"{}\", crate::b::N) }"), source("b", "type A = crate::a::T;")];
    assert_eq!(cycles(&by_macro), BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    let for_tests =
        [source("a", "use crate::b;"), source("b", "#[cfg(test)] mod tests { use crate::a::T; }")];
    assert!(cycles(&for_tests).is_empty());
}
