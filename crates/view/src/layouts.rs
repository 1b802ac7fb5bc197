//! The Russian keyboard layout, mapped to the Latin one.

/// The letters of the Russian layout, and in [`LATIN`] what the same keys print in the Latin one.
const RUSSIAN: &str = "йцукенгшщзхъфывапролджэячсмитьбюё";
const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";

fn at_the_same_place(letter: char, from: &str, to: &str) -> Option<char> {
    let place = from.chars().position(|other| other == letter)?;
    to.chars().nth(place)
}

/// The lower-case character that the same key prints in the Latin layout.
#[must_use]
pub fn latin(typed: char) -> char {
    let small = typed.to_lowercase().next().unwrap_or(typed);
    at_the_same_place(small, RUSSIAN, LATIN).unwrap_or(small)
}

/// The same keys in the other layout, in lower case; `None` if that changes nothing.
#[must_use]
pub fn other(typed: &str) -> Option<String> {
    let lower = typed.to_lowercase();
    let (from, to) = if lower.is_ascii() { (LATIN, RUSSIAN) } else { (RUSSIAN, LATIN) };
    let other: String = lower.chars().map(|c| at_the_same_place(c, from, to).unwrap_or(c)).collect();
    (other != lower).then_some(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_in_the_other_layout_is_read() {
        assert_eq!(RUSSIAN.chars().count(), LATIN.chars().count());
        assert_eq!(other("rbyj").as_deref(), Some("кино"));
        assert_eq!(other("Щзуьш").as_deref(), Some("opemi"));
        assert_eq!((other("123"), other("")), (None, None));
        assert_eq!((latin('Л'), latin('k'), latin('ё')), ('k', 'k', '`'));
    }
}
