//! Events of the terminal: keys, the mouse, pasted text, another size.

use std::io;
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc;

/// The most events that wait to be taken. The terminal waits then.
const WAITING: usize = 256;

/// How often the reading thread checks whether anybody still listens.
const LOOK: Duration = Duration::from_millis(100);

/// How long to wait for more of what came at once, since a paste comes in pieces.
const PIECE: Duration = Duration::from_millis(30);

/// The most characters kept of what came at once.
const MOST_AT_ONCE: usize = 64 * 1024;

/// Like [`events`], for programs that read lines: keys that come at once become one pasted text, even from a terminal
/// that does not mark pastes.
#[must_use]
pub fn events_with_pastes() -> mpsc::Receiver<Event> {
    read_with(|first| {
        let mut keys = vec![first];
        let mut wait = Duration::ZERO;
        let mut last = None;
        while keys.len() < MOST_AT_ONCE && keys.last().is_some_and(is_written) && event::poll(wait)? {
            let next = event::read()?;
            if !is_written(&next) {
                last = Some(next);
                break;
            }
            keys.push(next);
            wait = PIECE;
        }
        let mut events = pasted(keys);
        events.extend(last);
        Ok(events)
    })
}

/// Whether the event is a key that writes something.
fn is_written(event: &Event) -> bool {
    let Some(key) = pressed(event) else { return false };
    let is_plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    is_plain && matches!(key.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Tab)
}

/// Turns keys that came at once into a paste if they have a line end with something after it, since nobody types that.
fn pasted(keys: Vec<Event>) -> Vec<Event> {
    let codes: Vec<KeyCode> = keys.iter().filter_map(pressed).map(|key| key.code).collect();
    let mut pairs = codes.iter().zip(codes.iter().skip(1));
    let is_text = pairs.any(|(one, next)| *one == KeyCode::Enter && matches!(next, KeyCode::Char(_)));
    if !is_text {
        return keys;
    }
    let character = |code: KeyCode| {
        if let KeyCode::Char(c) = code {
            c
        } else if code == KeyCode::Tab {
            '\t'
        } else {
            '\n'
        }
    };
    vec![Event::Paste(codes.into_iter().map(character).collect())]
}

/// Whether input is UTF-8 according to the environment. The first variable that is set decides.
#[must_use]
pub fn speaks_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    let Some(charset) = set.as_deref().and_then(|locale| locale.split_once('.')).map(|(_, charset)| charset)
    else {
        return true;
    };
    let charset = charset.split('@').next().unwrap_or_default().to_ascii_lowercase();
    matches!(charset.as_str(), "utf-8" | "utf8")
}

/// Starts reading in its own thread, since a terminal cannot be read without blocking one. The thread ends when the
/// receiver is dropped, or with the terminal.
#[must_use]
pub fn events() -> mpsc::Receiver<Event> {
    read_with(|event| Ok(vec![event]))
}

fn read_with(more: impl Fn(Event) -> io::Result<Vec<Event>> + Send + 'static) -> mpsc::Receiver<Event> {
    let (sender, receiver) = mpsc::channel(WAITING);
    std::thread::spawn(move || {
        while !sender.is_closed() {
            let read = match event::poll(LOOK) {
                Ok(false) => continue,
                Ok(true) => event::read().and_then(&more),
                Err(error) => Err(error),
            };
            // The terminal is gone: the channel closes.
            let Ok(events) = read else { return };
            for event in events {
                if sender.blocking_send(event).is_err() {
                    return;
                }
            }
        }
    });
    receiver
}

/// The key that was pressed. `None` for other events, and for keys that are released.
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

/// The answer that a letter gives to a question, in the language of the letter. In the Russian layout the key of `y`
/// has the first letter of "нет", which must never count as yes.
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

    fn keys(text: &str) -> Vec<Event> {
        let code = |c| match c {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            c => KeyCode::Char(c),
        };
        text.chars().map(|c| Event::Key(KeyEvent::new(code(c), KeyModifiers::NONE))).collect()
    }

    #[test]
    fn lines_that_come_at_once_are_one_text() {
        assert_eq!(pasted(keys("one\n\ttwo\nthree\n")), [Event::Paste("one\n\ttwo\nthree\n".into())]);
        for typed in ["a", "hello\n", "\n", "\n\n", "tab\t"] {
            assert_eq!(pasted(keys(typed)), keys(typed), "nobody pasted that");
        }
        let control = Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
        assert!(
            !is_written(&control) && !is_written(&Event::FocusGained) && keys("a\t\n").iter().all(is_written)
        );
    }

    #[test]
    fn the_environment_says_whether_letters_are_utf_8() {
        let speaks = |variables: &[(&str, &str)]| {
            speaks_utf8(|name| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(speaks(&[]) && speaks(&[("LANG", "C")]) && speaks(&[("LANG", "ru_RU.UTF-8")]));
        assert!(speaks(&[("LC_ALL", "de_DE.utf8@euro"), ("LANG", "ru_RU.KOI8-R")]));
        assert!(
            !speaks(&[("LC_ALL", ""), ("LANG", "ru_RU.KOI8-R")])
                && !speaks(&[("LC_CTYPE", "en_US.ISO-8859-1")])
        );
    }

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
