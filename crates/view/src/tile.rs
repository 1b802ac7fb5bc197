//! The letters on the tile of a server without a picture.

use crate::desk::Server;
use crate::people;

/// The shortest letters that distinguish a server: one of its name, two if another name begins alike, or a letter and a
/// number if even those are the same.
#[must_use]
pub fn letters(server: &Server, all: &[Server]) -> String {
    let title = server.title();
    let first = people::initial(title);
    let mut alike = all.iter().filter(|other| people::initial(other.title()) == first).peekable();
    if alike.by_ref().all(|other| other.id == server.id) {
        return first;
    }
    let two = two_letters(title);
    let same: Vec<&Server> = all.iter().filter(|other| two_letters(other.title()) == two).collect();
    match same.as_slice() {
        [] | [_] => two,
        same => {
            let number = same.iter().position(|other| other.id == server.id).unwrap_or_default() + 1;
            format!("{first}{number}")
        }
    }
}

/// The initials of the first two words, or the first two letters of one. For an IPv4 address, its last number.
fn two_letters(title: &str) -> String {
    let is_address = title.chars().all(|c| c.is_ascii_digit() || c == '.');
    if let Some((_, last)) = title.rsplit_once('.').filter(|_| is_address) {
        return last.to_owned();
    }
    let mut words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    let mut letters = first.chars();
    let upper = |c: char| c.to_uppercase().collect::<String>();
    let begins = letters.next().map_or_else(|| "?".to_owned(), upper);
    match second.and_then(|word| word.chars().next()) {
        Some(other) => format!("{begins}{}", upper(other)),
        None => letters.next().map_or_else(|| begins.clone(), |other| format!("{begins}{other}")),
    }
}

#[cfg(test)]
mod tests {
    use shepot_client::Event;
    use shepot_client::model::ServerId;

    use super::*;
    use crate::desk::Desk;

    #[test]
    fn tiles_of_the_same_letter_are_told_apart() {
        let names = ["Маяк", "Книжный клуб", "Море", "🏡 Дом", "203.0.113.5", "203.0.113.24", "маяк", "?"];
        let mut desk = Desk::default();
        for (name, id) in names.into_iter().zip(1..) {
            let (server, name, address) = (ServerId(id), name.into(), String::new());
            let (request, is_open, is_owner, link_of) = (None, false, false, None);
            desk.apply(Event::Added { request, server, name, address, is_open, is_owner, link_of }, 0);
        }
        let all = desk.servers();
        let shown: Vec<String> = all.iter().map(|server| letters(server, all)).collect();
        assert_eq!(shown, ["М1", "К", "Мо", "Д", "5", "24", "М2", "?"]);
        assert_eq!((two_letters("Книжный клуб"), two_letters("ёж")), ("КК".into(), "Ёж".into()));
    }
}
