//! The letters on the tile of a server without a picture.

use std::collections::HashMap;

use shepot_client::model::ServerId;

use crate::desk::Server;
use crate::people;

/// The letters on the tiles of servers, each told from the others.
pub struct Tiles(HashMap<ServerId, String>);

impl Tiles {
    /// Of these servers: one letter of the name, if no other server has the same; two, if others do; and a number, if
    /// these are the same, too.
    #[must_use]
    pub fn of(servers: &[Server]) -> Self {
        let named: Vec<_> = servers
            .iter()
            .map(|server| (server.id, people::initial(server.title()), two_letters(server.title())))
            .collect();
        let (mut ones, mut twos) = (HashMap::<&str, usize>::new(), HashMap::<&str, usize>::new());
        for (_, one, two) in &named {
            *ones.entry(one).or_default() += 1;
            *twos.entry(two).or_default() += 1;
        }
        let is_alone = |counts: &HashMap<&str, usize>, letters: &str| counts.get(letters) == Some(&1);
        let mut numbers = HashMap::<&str, usize>::new();
        let letters = named.iter().map(|(id, one, two)| {
            let shown = if is_alone(&ones, one) {
                one.clone()
            } else if is_alone(&twos, two) {
                two.clone()
            } else {
                let number = numbers.entry(one).or_default();
                // Somebody may have named a server so.
                loop {
                    *number += 1;
                    let numbered = format!("{one}{number}");
                    if !twos.contains_key(&*numbered) {
                        break numbered;
                    }
                }
            };
            (*id, shown)
        });
        Self(letters.collect())
    }

    /// What stands on the tile of this one.
    #[must_use]
    pub fn letters(&self, server: ServerId) -> &str {
        self.0.get(&server).map_or("", String::as_str)
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

    use super::*;
    use crate::desk::Desk;

    #[test]
    fn tiles_of_the_same_letter_are_told_apart() {
        let names = ["Маяк", "Книжный клуб", "Море", "🏡 Дом", "203.0.113.5", "203.0.113.24", "маяк", "?"];
        assert_eq!(shown(&names), ["М1", "К", "Мо", "Д", "5", "24", "М2", "?"]);
        let alike = ["Мост", "Мост", "Маяк", "Маяк", "М2", "203.0.113.5", "203.0.113.21", "203.0.114.5"];
        assert_eq!(shown(&alike), ["М1", "М3", "М4", "М5", "М2", "22", "21", "23"]);
        assert_eq!((two_letters("Книжный клуб"), two_letters("ёж")), ("КК".into(), "Ёж".into()));
    }

    fn shown(names: &[&'static str]) -> Vec<String> {
        let mut desk = Desk::default();
        for (name, id) in names.iter().zip(1..) {
            let (server, name, address) = (ServerId(id), (*name).into(), String::new());
            let (request, is_open, is_owner, link_of) = (None, false, false, None);
            desk.apply(Event::Added { request, server, name, address, is_open, is_owner, link_of }, 0);
        }
        let tiles = Tiles::of(desk.servers());
        desk.servers().iter().map(|server| tiles.letters(server.id).to_owned()).collect()
    }
}
