//! Every sentence that a program asks for is written, in both languages, with the values that it is given; and none is
//! written that nobody asks for.
//!
//! Names of sentences are strings. So every string of the shipped sources that looks like one is looked up, and every
//! call is compared with what its sentence wants: name and values stand in the call, or in a `let` before it, or are
//! what an `if` or a `match` chooses. The calls whose name or values come from elsewhere are counted; `l10n` itself
//! finds their mistakes when they are said in a test.

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
    each_sentence(language, |name, pattern| {
        let mut wanted = BTreeSet::new();
        values_of(pattern, &mut wanted);
        let before = found.insert(name.to_owned(), wanted);
        assert!(before.is_none(), "{name} is written twice");
    });
    found
}

fn each_sentence(language: &str, mut see: impl FnMut(&str, &ast::Pattern<&str>)) {
    for path in files(&root().join("crates/l10n/locales").join(language), "ftl") {
        let text = std::fs::read_to_string(&path).unwrap();
        let resource = fluent_syntax::parser::parse(text.as_str()).expect("the file parses");
        for entry in resource.body {
            let ast::Entry::Message(message) = entry else { continue };
            see(message.id.name, &message.value.expect("a sentence"));
        }
    }
}

/// Those that have another form for another number, in one language at least.
fn counted() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for language in ["en", "ru"] {
        each_sentence(language, |name, pattern| {
            if has_forms(pattern) {
                found.insert(name.to_owned());
            }
        });
    }
    found
}

fn has_forms(pattern: &ast::Pattern<&str>) -> bool {
    pattern.elements.iter().any(|element| {
        let ast::PatternElement::Placeable { expression: ast::Expression::Select { variants, .. } } = element
        else {
            return false;
        };
        variants.iter().any(|variant| {
            let is_form = matches!(variant.key, ast::VariantKey::Identifier { name: "one" | "few" | "many" });
            is_form || has_forms(&variant.value)
        })
    })
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
        // Another sentence, whose values are its own.
        ast::InlineExpression::MessageReference { .. } => {}
        other => assert!(
            matches!(
                other,
                ast::InlineExpression::StringLiteral { .. } | ast::InlineExpression::NumberLiteral { .. }
            ),
            "this test has to learn what {other:?} wants"
        ),
    }
}

/// The calls of each module whose name or values come from elsewhere. The numbers only become smaller.
const FROM_ELSEWHERE: &[(&str, usize)] = &[
    ("app::confirmation", 3),
    ("app::menu", 1),
    ("app::rooms", 1),
    ("app::state", 1),
    ("app::wording", 1),
    ("command-line::", 6),
    ("desktop::choices", 1),
    ("desktop::connections", 2),
    ("desktop::emoji_picker", 1),
    ("desktop::opening", 1),
    ("desktop::program", 1),
    ("desktop::settings", 2),
    ("l10n::clock", 1),
    ("l10n::size", 2),
    ("server::bench", 1),
    ("server::commands", 6),
    ("server::doctor", 1),
    ("server::invite", 1),
    ("server::operator", 1),
    ("server::problem", 1),
    ("server::settings", 1),
    ("server::top::draw", 4),
    ("server::top::draw::log", 2),
    ("server::top::draw::over", 4),
    ("server::top::draw::table", 1),
    ("terminal::full::draw", 2),
    ("terminal::full::draw::connections", 2),
    ("terminal::full::draw::frame", 1),
    ("terminal::full::draw::overlay", 1),
    ("terminal::full::draw::reading", 4),
    ("terminal::full::draw::room", 2),
    ("terminal::full::draw::row", 2),
    ("terminal::plain", 1),
    ("view::banner", 1),
    ("view::mood", 1),
    ("view::palette", 3),
    ("view::posture", 1),
    ("view::safety", 1),
    ("view::sentence", 2),
    ("view::server_record", 1),
    ("view::slash", 1),
];

/// A call that says something.
struct Call {
    /// Each sentence that it may name.
    names: BTreeSet<String>,
    /// The names of its values.
    values: BTreeSet<String>,
    /// It gives a number, which decides the form.
    counts: bool,
}

/// What the sources say.
#[derive(Default)]
struct Asked {
    strings: BTreeSet<String>,
    calls: Vec<Call>,
    /// How many calls of each module could not be compared.
    from_elsewhere: BTreeMap<String, usize>,
    /// The module that is read.
    at: String,
    /// What the function that is read has given names to.
    named: BTreeMap<String, syn::Expr>,
}

fn text_of(expression: &syn::Expr) -> Option<String> {
    match expression {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        syn::Expr::Reference(reference) => text_of(&reference.expr),
        _ => None,
    }
}

/// The expression with which a block ends.
fn end_of(block: &syn::Block) -> Option<&syn::Expr> {
    match block.stmts.last()? {
        syn::Stmt::Expr(expression, None) => Some(expression),
        _ => None,
    }
}

/// Whether it goes on somewhere else.
const fn leaves(expression: &syn::Expr) -> bool {
    matches!(expression, syn::Expr::Return(_) | syn::Expr::Continue(_) | syn::Expr::Break(_))
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

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let before = self.named.clone();
        syn::visit::visit_block(self, block);
        self.named = before;
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        syn::visit::visit_local(self, local);
        if let (syn::Pat::Ident(name), Some(init)) = (&local.pat, &local.init) {
            // A name that is given to itself again would never be found.
            if !matches!(&*init.expr, syn::Expr::Path(path) if path.path.is_ident(&name.ident)) {
                self.named.insert(name.ident.to_string(), (*init.expr).clone());
            }
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let arguments: Vec<&syn::Expr> = call.args.iter().collect();
        let counts = call.method == "tr_count";
        let found = match (call.method.to_string().as_str(), arguments.as_slice()) {
            ("tr", [name]) => Some((self.names_in(name), Some(BTreeSet::new()))),
            ("tr", [name, values]) => Some((self.names_in(name), self.values_in(values))),
            ("tr_count", [name, _]) => Some((self.names_in(name), Some(BTreeSet::from(["n".to_owned()])))),
            _ => None,
        };
        match found {
            Some((Some(names), Some(values))) => self.calls.push(Call { names, values, counts }),
            Some(_) => *self.from_elsewhere.entry(self.at.clone()).or_default() += 1,
            None => {}
        }
        syn::visit::visit_expr_method_call(self, call);
    }
}

impl Asked {
    /// Each sentence that this may name; None where it cannot be seen.
    fn names_in(&self, expression: &syn::Expr) -> Option<BTreeSet<String>> {
        let of_all = |expressions: Vec<&syn::Expr>| {
            let chosen = expressions.into_iter().filter(|expression| !leaves(expression));
            let each: Option<Vec<_>> = chosen.map(|expression| self.names_in(expression)).collect();
            each.map(|each| each.into_iter().flatten().collect())
        };
        match expression {
            syn::Expr::If(choice) => {
                let (_, other) = choice.else_branch.as_ref()?;
                of_all(vec![end_of(&choice.then_branch)?, other])
            }
            syn::Expr::Match(choice) => of_all(choice.arms.iter().map(|arm| &*arm.body).collect()),
            syn::Expr::Block(block) => self.names_in(end_of(&block.block)?),
            syn::Expr::Path(path) => self.names_in(self.named.get(&path.path.get_ident()?.to_string())?),
            written => text_of(written).map(|name| BTreeSet::from([name])),
        }
    }

    /// The names in `&[("name", …), …]`.
    fn values_in(&self, expression: &syn::Expr) -> Option<BTreeSet<String>> {
        match expression {
            syn::Expr::Reference(reference) => self.values_in(&reference.expr),
            syn::Expr::Path(path) => self.values_in(self.named.get(&path.path.get_ident()?.to_string())?),
            syn::Expr::Array(array) => {
                let name = |value: &syn::Expr| match value {
                    syn::Expr::Tuple(tuple) => tuple.elems.first().and_then(text_of),
                    _ => None,
                };
                array.elems.iter().map(name).collect()
            }
            _ => None,
        }
    }

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
        for source in sources {
            asked.at = format!("{}::{}", source.krate, source.module.join("::"));
            asked.visit_file(&source.file);
        }
        asked
    }

    /// Whether somebody asks for this sentence: by its name, or by a name that is put together.
    fn asks_for(&self, sentence: &str) -> bool {
        self.strings.contains(sentence)
            || self.strings.iter().any(|text| {
                // "operator-head-{name}".
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
    let from_elsewhere: Vec<(&str, usize)> =
        asked.from_elsewhere.iter().map(|(module, calls)| (module.as_str(), *calls)).collect();
    assert_eq!(from_elsewhere, FROM_ELSEWHERE, "calls that are not compared");
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
    let counted = counted();
    for Call { names, values, counts } in &asked.calls {
        let mut wanted = BTreeSet::new();
        for name in names {
            wanted.extend(written.get(name).unwrap_or_else(|| panic!("nobody wrote {name:?}")));
            assert_eq!(
                *counts,
                counted.contains(name),
                "{name} takes another form for another number, or none"
            );
        }
        // Of several sentences not each has to use everything.
        assert_eq!(wanted, values.iter().collect(), "the values of {names:?}");
    }
    assert!(asked.calls.len() > 300, "control: only {} calls were compared", asked.calls.len());
    for name in by_the_window {
        assert!(written.get(name).is_none_or(BTreeSet::is_empty), "the window gives {name} no values");
    }
}
