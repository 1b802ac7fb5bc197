//! The command that a key event means, in any keyboard layout.

use shepot_view::command::{Chord, Key};
use shepot_view::layouts::latin;
use slint::platform::Key as Named;

/// The pressed key as commands name it. `None` if no command uses such a key.
pub(crate) fn chord(text: &str, control: bool, shift: bool, alt: bool) -> Option<Chord> {
    let is = |named: Named| is(text, named);
    let key = if is(Named::UpArrow) {
        Key::Up
    } else if is(Named::DownArrow) {
        Key::Down
    } else if is(Named::Tab) || is(Named::Backtab) {
        Key::Tab
    } else if is(Named::Escape) {
        Key::Escape
    } else if is(Named::Backspace) {
        Key::Backspace
    } else if is(Named::F1) {
        Key::Function(1)
    } else if is(Named::F6) {
        Key::Function(6)
    } else {
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(only), None) if !only.is_control() => Key::Character(latin(only)),
            _ => return None,
        }
    };
    let shift = shift || is(Named::Backtab);
    Some(Chord { control, shift, alt, key })
}

/// Whether this is the toolkit's code for a key without a letter. These are private-use characters.
pub(crate) fn is(text: &str, key: Named) -> bool {
    text.chars().eq([char::from(key)])
}

/// The digit of Ctrl+1 to Ctrl+9. `None` for any other key.
pub(crate) fn digit(text: &str) -> Option<usize> {
    text.parse::<usize>().ok().filter(|digit| text.len() == 1 && (1..=9).contains(digit))
}

#[cfg(test)]
mod tests {
    use shepot_view::command::Command;

    use super::*;

    #[test]
    fn the_russian_layout_has_the_same_keys() {
        for (typed, shift, command) in [
            ("k", false, Command::Switcher),
            ("л", false, Command::Switcher),
            ("Л", true, Command::SafetyCode),
            ("д", false, Command::Lock),
            ("Д", true, Command::Clear),
            ("ь", false, Command::Moods),
        ] {
            assert_eq!(chord(typed, true, shift, false).and_then(Command::by), Some(command), "{typed}");
        }
        assert_eq!(chord("ab", true, false, false), None);
        assert_eq!((digit("3"), digit("0"), digit("12")), (Some(3), None, None));
    }
}
