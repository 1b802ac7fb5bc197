//! What the person does: keys, the mouse, pasted text, another size of the window.

use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyEvent, KeyEventKind};
use tokio::sync::mpsc;

/// Events that wait to be taken; a terminal that gives more waits.
const WAITING: usize = 256;

/// How often the thread that reads looks whether anybody still listens.
const LOOK: Duration = Duration::from_millis(100);

/// Starts reading, in a thread of its own: a terminal cannot be read without blocking one. It ends when the receiver
/// is dropped, or with the terminal.
#[must_use]
pub fn events() -> mpsc::Receiver<Event> {
    let (sender, receiver) = mpsc::channel(WAITING);
    std::thread::spawn(move || {
        while !sender.is_closed() {
            let read = match event::poll(LOOK) {
                Ok(false) => continue,
                Ok(true) => event::read(),
                Err(error) => Err(error),
            };
            // The terminal is gone: the channel closes.
            let Ok(event) = read else { return };
            if sender.blocking_send(event).is_err() {
                return;
            }
        }
    });
    receiver
}

/// A key that was pressed; None for everything else, and for keys that are let go.
#[must_use]
pub fn pressed(event: &Event) -> Option<KeyEvent> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(*key),
        Event::Key(_)
        | Event::FocusGained
        | Event::FocusLost
        | Event::Mouse(_)
        | Event::Paste(_)
        | Event::Resize(..) => None,
    }
}

/// The letter on the same key in the Latin layout, so that keys work in the Russian one.
#[must_use]
pub fn latin(c: char) -> char {
    const RUSSIAN: &str = "йцукенгшщзхъфывапролджэячсмитьбю.ё";
    const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,./`";
    let small = c.to_lowercase().next().unwrap_or(c);
    if small.is_ascii() {
        return small;
    }
    RUSSIAN
        .chars()
        .zip(LATIN.chars())
        .find(|(russian, _)| *russian == small)
        .map_or(small, |(_, latin)| latin)
}

/// What a letter answers to a question: in its own language, whatever key it is on. In the Russian layout the letter on
/// the key of `y` is the first of "нет", and must never be taken for a yes.
#[must_use]
pub fn answer(c: char) -> Option<bool> {
    match c.to_lowercase().next() {
        Some('y' | 'д') => Some(true),
        Some('n' | 'н') => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_same_in_both_layouts() {
        assert_eq!(
            ["й", "Л", "q", "K", "ю"].map(|c| latin(c.chars().next().unwrap())),
            ['q', 'k', 'q', 'k', '.']
        );
        assert_eq!(latin('/'), '/');
    }

    #[test]
    fn no_key_means_yes_to_who_says_no() {
        assert_eq!(
            ['y', 'Д', 'n', 'н', 'Н', 'т', 'l', '1'].map(answer),
            [Some(true), Some(true), Some(false), Some(false), Some(false), None, None, None]
        );
    }
}
