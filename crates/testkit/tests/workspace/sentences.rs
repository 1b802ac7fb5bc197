//! Every sentence that a program asks for is written, in both languages, with the values that it is given; and none is
//! written that nobody asks for.
//!
//! Names of sentences are strings. So every string of the shipped sources that looks like one is looked up, and every
//! call that names its sentence and its values on the spot is compared with what the sentence wants.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast;
use syn::visit::Visit;

use crate::sources::{Source, files, root, shipped_sources};

/// Each sentence's name and the values that it wants.
type Sentences = BTreeMap<String, BTreeSet<String>>;

/// Strings that look like names of sentences and are none.
const NO_SENTENCES: &[&str] = &["server-off"];

fn sentences(language: &str) -> Sentences {
    let mut found = Sentences::new();
    for path in files(&root().join("crates/words/locales").join(language), "ftl") {
        let text = std::fs::read_to_string(&path).unwrap();
        let resource = fluent_syntax::parser::parse(text.as_str()).expect("the file parses");
        for entry in resource.body {
            let ast::Entry::Message(message) = entry else { continue };
            let mut wanted = BTreeSet::new();
            values_of(&message.value.expect("a sentence"), &mut wanted);
            let before = found.insert(message.id.name.to_owned(), wanted);
            assert!(before.is_none(), "{} is written twice", message.id.name);
        }
    }
    found
}

fn values_of(pattern: &ast::Pattern<&str>, out: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let ast::PatternElement::Placeable { expression } = element else { continue };
        match expression {
            ast::Expression::Inline(inline) => value_of(inline, out),
            ast::Expression::Select { selector, variants } => {
                value_of(selector, out);
                variants.iter().for_each(|variant| values_of(&variant.value, out));
            }
        }
    }
}

fn value_of(inline: &ast::InlineExpression<&str>, out: &mut BTreeSet<String>) {
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            out.insert(id.name.to_owned());
        }
        ast::InlineExpression::Placeable { expression } => match &**expression {
            ast::Expression::Inline(inline) => value_of(inline, out),
            ast::Expression::Select { selector, .. } => value_of(selector, out),
        },
        other => assert!(
            matches!(
                other,
                ast::InlineExpression::StringLiteral { .. } | ast::InlineExpression::NumberLiteral { .. }
            ),
            "this test has to learn what {other:?} wants"
        ),
    }
}

/// A call that names its sentence on the spot.
struct Call {
    name: String,
    /// The names of its values; None where they are not written on the spot.
    values: Option<BTreeSet<String>>,
}

/// What the sources say.
#[derive(Default)]
struct Asked {
    strings: BTreeSet<String>,
    calls: Vec<Call>,
}

fn text_of(expression: &syn::Expr) -> Option<String> {
    match expression {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        syn::Expr::Reference(reference) => text_of(&reference.expr),
        _ => None,
    }
}

/// The names in `&[("name", …), …]`.
fn names_of_values(expression: &syn::Expr) -> Option<BTreeSet<String>> {
    let syn::Expr::Reference(reference) = expression else { return None };
    let syn::Expr::Array(array) = &*reference.expr else { return None };
    let name = |value: &syn::Expr| match value {
        syn::Expr::Tuple(tuple) => tuple.elems.first().and_then(text_of),
        _ => None,
    };
    array.elems.iter().map(name).collect()
}

impl<'ast> Visit<'ast> for Asked {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !crate::sources::is_for_tests(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.strings.insert(text.value());
    }

    fn visit_macro(&mut self, invoked: &'ast syn::Macro) {
        self.strings_in(invoked.tokens.clone());
        if let Ok(arguments) = invoked
            .parse_body_with(syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated)
        {
            arguments.iter().for_each(|argument| self.visit_expr(argument));
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let arguments: Vec<&syn::Expr> = call.args.iter().collect();
        let values = match (call.method.to_string().as_str(), arguments.as_slice()) {
            ("say", [name]) => text_of(name).zip(Some(Some(BTreeSet::new()))),
            ("say", [name, values]) => text_of(name).zip(Some(names_of_values(values))),
            ("count", [name, _]) => text_of(name).zip(Some(Some(BTreeSet::from(["n".to_owned()])))),
            _ => None,
        };
        if let Some((name, values)) = values {
            self.calls.push(Call { name, values });
        }
        syn::visit::visit_expr_method_call(self, call);
    }
}

impl Asked {
    fn strings_in(&mut self, tokens: proc_macro2::TokenStream) {
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Group(group) => self.strings_in(group.stream()),
                proc_macro2::TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.strings.insert(text.value());
                    }
                }
                proc_macro2::TokenTree::Ident(_) | proc_macro2::TokenTree::Punct(_) => {}
            }
        }
    }

    fn by(sources: &[Source]) -> Self {
        let mut asked = Self::default();
        sources.iter().for_each(|source| asked.visit_file(&source.file));
        asked
    }

    /// Whether somebody asks for this sentence: by its name, or by a name that is put together.
    fn asks_for(&self, sentence: &str) -> bool {
        self.strings.contains(sentence)
            || self.strings.iter().any(|text| {
                // "operator-head-{name}", or "top-end-" with something behind it.
                let before =
                    text.strip_suffix('}').and_then(|text| text.split_once('{')).map(|(before, _)| before);
                let before = before.unwrap_or(text);
                before.ends_with('-') && before.len() < sentence.len() && sentence.starts_with(before)
            })
    }
}

/// What the component tree asks for: it gives no values.
fn asked_by_the_window() -> BTreeSet<String> {
    let mut asked = BTreeSet::new();
    for path in files(&root().join("crates/window/ui"), "slint") {
        let text = std::fs::read_to_string(&path).unwrap();
        asked.extend(text.split('"').skip(1).step_by(2).map(str::to_owned));
    }
    asked
}

/// Small letters and digits with hyphens between them.
fn looks_like_a_name(text: &str) -> bool {
    text.contains('-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The first word of a name.
fn family(name: &str) -> &str {
    name.split('-').next().unwrap_or(name)
}

#[test]
fn both_languages_say_the_same_with_the_same_values() {
    assert_eq!(sentences("en"), sentences("ru"));
}

#[test]
fn what_is_asked_for_is_written_and_what_is_written_is_asked_for() {
    let written = sentences("en");
    let asked = Asked::by(&shipped_sources());
    let by_the_window = asked_by_the_window();
    assert_nothing_is_missing(&written, &asked, &by_the_window);
    assert_the_values_fit(&written, &asked, &by_the_window);
    let is_unused = |name: &&String| !asked.asks_for(name) && !by_the_window.contains(*name);
    let unused: Vec<&String> = written.keys().filter(is_unused).collect();
    assert!(unused.is_empty(), "nobody says {unused:?}");
}

fn assert_nothing_is_missing(written: &Sentences, asked: &Asked, by_the_window: &BTreeSet<String>) {
    let families: BTreeSet<&str> = written.keys().map(|name| family(name)).collect();
    let is_missing = |name: &&String| {
        looks_like_a_name(name)
            && families.contains(family(name))
            && !written.contains_key(*name)
            && !NO_SENTENCES.contains(&name.as_str())
    };
    let missing: Vec<&String> = asked.strings.iter().chain(by_the_window).filter(is_missing).collect();
    assert!(missing.is_empty(), "nobody wrote {missing:?}");
    for name in NO_SENTENCES {
        assert!(!written.contains_key(*name) && asked.strings.contains(*name), "{name} is no exception");
    }
}

fn assert_the_values_fit(written: &Sentences, asked: &Asked, by_the_window: &BTreeSet<String>) {
    let compared = asked.calls.iter().filter_map(|call| Some((&call.name, call.values.as_ref()?)));
    let mut count = 0;
    for (name, given) in compared {
        let wanted = written.get(name).unwrap_or_else(|| panic!("nobody wrote {name:?}"));
        assert_eq!(wanted, given, "the values of {name}");
        count += 1;
    }
    assert!(count > 300, "control: only {count} calls were compared");
    for name in by_the_window {
        assert!(written.get(name).is_none_or(BTreeSet::is_empty), "the window gives {name} no values");
    }
}
