//! Converts a terminal's keys to those of the key map.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use shepot_app::Edit;
use shepot_console::input::latin;
use shepot_view::command::{Chord, Key};

/// The pressed key with its modifiers. `None` if the key map has no such key.
#[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, the key map has these")]
pub(super) fn chord(event: &KeyEvent) -> Option<Chord> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let shift = event.modifiers.contains(KeyModifiers::SHIFT);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    let key = match event.code {
        // Ctrl+\ is the byte 0x1C, which is told as Ctrl+4.
        KeyCode::Char('4') if control => Key::Character('\\'),
        KeyCode::Char(c) => Key::Character(latin(c)),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Tab => Key::Tab,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::F(number) => Key::Function(number),
        _ => return None,
    };
    // A terminal does not say that Shift is held with Ctrl, and a capital letter says it twice.
    let shift = shift && !matches!(key, Key::Character(_));
    Some(Chord { control, shift, alt, key })
}

/// The step of editing that a key means. `None` if it means none.
#[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these edit")]
pub(super) fn edit(key: &KeyEvent) -> Option<Edit> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    Some(match key.code {
        KeyCode::Backspace if control || alt => Edit::DeleteWord,
        KeyCode::Backspace => Edit::Backspace,
        KeyCode::Delete => Edit::Delete,
        KeyCode::Left if control || alt => Edit::WordLeft,
        KeyCode::Right if control || alt => Edit::WordRight,
        KeyCode::Left => Edit::Left,
        KeyCode::Right => Edit::Right,
        KeyCode::Home => Edit::Home,
        KeyCode::End => Edit::End,
        KeyCode::Char(c) if control => match latin(c) {
            'a' => Edit::Home,
            'e' => Edit::End,
            'w' => Edit::DeleteWord,
            'u' => Edit::DeleteLine,
            'h' => Edit::Backspace,
            _ => return None,
        },
        KeyCode::Char(c) if !alt => Edit::Insert(c.into()),
        _ => return None,
    })
}

/// A chord in short form, for the bar of keys: "^K", "F1".
pub(super) fn short(chord: Chord) -> String {
    let plain = Chord { control: false, ..chord };
    if chord.control { format!("^{}", plain.written()) } else { plain.written() }
}

#[cfg(test)]
mod tests {
    use shepot_view::command::Command;

    use super::*;

    #[test]
    fn keys_do_the_same_in_both_layouts() {
        let of = |code, modifiers| chord(&KeyEvent::new(code, modifiers)).and_then(Command::by_terminal);
        for letter in ['k', 'K', 'л'] {
            assert_eq!(of(KeyCode::Char(letter), KeyModifiers::CONTROL), Some(Command::Switcher));
        }
        assert_eq!(of(KeyCode::Char('4'), KeyModifiers::CONTROL), Some(Command::Panic));
        assert_eq!(of(KeyCode::F(1), KeyModifiers::NONE), Some(Command::Keys));
        assert_eq!(of(KeyCode::Down, KeyModifiers::ALT | KeyModifiers::SHIFT), Some(Command::NextUnread));
        assert_eq!(of(KeyCode::Char('k'), KeyModifiers::NONE), None);
        let panic = Command::Panic.terminal_chord().map(short);
        assert_eq!(panic.as_deref(), Some("^\\"));
    }
}
