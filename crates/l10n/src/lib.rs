//! Everything that Shepot says to people, in Russian and English, as Fluent files, and readable sizes and times.
//!
//! Owns: the files under `locales/`, and the choice of the language. Must never: know what the sentences are for. The
//! interfaces and the server take all their sentences from here.

pub mod clock;
mod language;
pub mod size;

pub use language::Language;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// The Fluent files of each language, in the same order.
const ENGLISH: &[&str] = &[
    include_str!("../locales/en/arguments.ftl"),
    include_str!("../locales/en/help.ftl"),
    include_str!("../locales/en/names.ftl"),
    include_str!("../locales/en/operator.ftl"),
    include_str!("../locales/en/people.ftl"),
    include_str!("../locales/en/server.ftl"),
    include_str!("../locales/en/terminal.ftl"),
    include_str!("../locales/en/window.ftl"),
];
const RUSSIAN: &[&str] = &[
    include_str!("../locales/ru/arguments.ftl"),
    include_str!("../locales/ru/help.ftl"),
    include_str!("../locales/ru/names.ftl"),
    include_str!("../locales/ru/operator.ftl"),
    include_str!("../locales/ru/people.ftl"),
    include_str!("../locales/ru/server.ftl"),
    include_str!("../locales/ru/terminal.ftl"),
    include_str!("../locales/ru/window.ftl"),
];

/// The sentences of one language.
pub struct L10n {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl L10n {
    /// The sentences of this language.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
        // Isolation marks would be characters that nobody typed; our own text mixes no directions.
        bundle.set_use_isolating(false);
        for file in files(language) {
            // The files are part of the program and are parsed by a test: what was parsed of a broken one is better
            // than nothing.
            let resource = FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(partial, _)| partial);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }

    /// The language of the sentences.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The sentence with this name.
    #[must_use]
    pub fn tr(&self, name: &str, values: &[(&str, &str)]) -> String {
        let mut arguments = FluentArgs::new();
        for (key, value) in values {
            // Text even where it is digits: a nick may be "007". Sentences avoid number agreement.
            arguments.set(*key, FluentValue::from(*value));
        }
        self.sentence(name, &arguments)
    }

    /// The sentence with this name and the number `n`, in the plural form for that number.
    #[must_use]
    pub fn tr_count(&self, name: &str, n: u64) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("n", FluentValue::from(n));
        self.sentence(name, &arguments)
    }

    fn sentence(&self, name: &str, arguments: &FluentArgs<'_>) -> String {
        let Some(pattern) = self.bundle.get_message(name).and_then(|message| message.value()) else {
            // The tests of the workspace look up every name that is written out; this finds the others.
            debug_assert!(false, "nobody wrote {name}");
            return name.to_owned();
        };
        let mut problems = Vec::new();
        let sentence = self.bundle.format_pattern(pattern, Some(arguments), &mut problems).into_owned();
        debug_assert!(problems.is_empty(), "{name}: {problems:?}");
        sentence
    }

    /// Whether there is a sentence with this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.bundle.has_message(name)
    }
}

const fn files(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => ENGLISH,
        Language::Russian => RUSSIAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_a_button_as_the_button_is_called() {
        for language in Language::ALL {
            let l10n = L10n::new(language);
            let button = l10n.tr("ui-copy-own-link", &[]);
            let told = l10n.tr("ui-renewed", &[("server", "Home")]);
            assert!(told.contains(&button), "{told}");
        }
    }

    #[test]
    fn numbers_take_their_form() {
        let l10n = L10n::new(Language::English);
        assert_eq!(l10n.tr_count("ui-members-n", 1), "1 member");
        assert_eq!(l10n.tr_count("ui-members-n", 5), "5 members");
        assert_eq!(L10n::new(Language::Russian).tr_count("ui-members-n", 5), "Участников: 5");
    }

    #[test]
    fn values_are_put_in() {
        let l10n = L10n::new(Language::English);
        assert!(l10n.tr("system-event-joined", &[("nick", "Анна")]).starts_with("Анна "));
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "nobody wrote no-such-thing")]
    fn a_name_without_a_sentence_is_a_fault_of_ours() {
        let _ = L10n::new(Language::English).tr("no-such-thing", &[]);
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "system-event-joined")]
    fn a_value_that_is_missing_is_a_fault_of_ours() {
        let _ = L10n::new(Language::English).tr("system-event-joined", &[]);
    }
}
