//! The languages of Shepot.

use std::str::FromStr;

use unic_langid::LanguageIdentifier;

/// A language that Shepot speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Russian.
    Russian,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::English, Self::Russian];

    /// All languages in the order of the interface, with the names of their labels.
    pub const OFFERED: &[(Self, &str)] = &[(Self::Russian, "ui-russian"), (Self::English, "ui-english")];

    /// The language according to the system's variables. Pass `LC_ALL`, `LC_MESSAGES` and `LANG` in this order. The
    /// first that is set decides.
    #[must_use]
    pub fn of_system(variables: impl IntoIterator<Item = Option<String>>) -> Self {
        let said = variables.into_iter().flatten().find(|value| !value.is_empty());
        match said {
            Some(value) if value.to_ascii_lowercase().starts_with("ru") => Self::Russian,
            Some(_) | None => Self::English,
        }
    }

    /// The ISO 639-1 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
        }
    }

    pub(crate) fn identifier(self) -> LanguageIdentifier {
        // Both codes are valid: a test parses them.
        self.code().parse().unwrap_or_default()
    }
}

/// The code is not that of a language of Shepot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLanguage;

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.code() == code).ok_or(UnknownLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_says_something_decides() {
        let of = |values: [&str; 3]| Language::of_system(values.map(|v| Some(v.to_owned())));
        assert_eq!(of(["", "", "ru_RU.UTF-8"]), Language::Russian);
        assert_eq!(of(["C", "", "ru_RU.UTF-8"]), Language::English);
        assert_eq!(Language::of_system([None, None, None]), Language::English);
    }

    #[test]
    fn codes_are_language_identifiers() {
        for language in Language::ALL {
            assert_eq!(language.identifier().to_string(), language.code());
            assert_eq!(language.code().parse(), Ok(language));
        }
    }
}
