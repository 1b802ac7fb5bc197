//! Moods: shown instead of the picture beside a person's next messages. The order is that of Shepot's predecessor.

use shepot_l10n::L10n;

/// The emoji and the name in `l10n` of every mood. A mood's number is its position, from 1.
const MOODS: [(&str, &str); 15] = [
    ("🙂", "mood-smile"),
    ("😃", "mood-joy"),
    ("😁", "mood-grin"),
    ("🙁", "mood-sad"),
    ("😐", "mood-neutral"),
    ("😍", "mood-love"),
    ("👽", "mood-alien"),
    ("😦", "mood-shock"),
    ("🤢", "mood-sick"),
    ("😎", "mood-cool"),
    ("😈", "mood-devil"),
    ("😠", "mood-angry"),
    ("😭", "mood-crying"),
    ("🤩", "mood-star"),
    ("🤣", "mood-laugh"),
];

/// The numbers of all moods, from 1.
pub fn all() -> impl Iterator<Item = u8> {
    (1..).zip(MOODS).map(|(number, _)| number)
}

/// The emoji of a mood; `None` for a number that only a newer program knows.
#[must_use]
pub fn emoji(number: u8) -> Option<&'static str> {
    find(number).map(|(emoji, _)| *emoji)
}

/// The name of a mood; `None` as for [`emoji`].
#[must_use]
pub fn name(l10n: &L10n, number: u8) -> Option<String> {
    find(number).map(|(_, name)| l10n.tr(name, &[]))
}

fn find(number: u8) -> Option<&'static (&'static str, &'static str)> {
    MOODS.get(usize::from(number).checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use shepot_l10n::Language;

    use super::*;

    #[test]
    fn there_are_fifteen_and_all_have_names() {
        assert_eq!(all().collect::<Vec<_>>(), (1..=15).collect::<Vec<_>>());
        for language in Language::ALL {
            let l10n = L10n::new(language);
            assert!(all().all(|mood| !name(&l10n, mood).unwrap().starts_with("mood-")));
        }
        assert_eq!((emoji(0), emoji(10), emoji(16)), (None, Some("😎"), None));
    }
}
