//! The safety code in a form that people read aloud and compare.

use shepot_l10n::L10n;

/// The alphabet: 64 pictures that differ in shape and name, one code point each. It is fixed for good, since moving a
/// symbol would make equal codes look different.
const SYMBOLS: [(&str, &str); 64] = [
    ("🌵", "symbol-cactus"),
    ("🔑", "symbol-key"),
    ("🐳", "symbol-whale"),
    ("🍄", "symbol-mushroom"),
    ("🎸", "symbol-guitar"),
    ("🌙", "symbol-moon"),
    ("🐢", "symbol-turtle"),
    ("🍋", "symbol-lemon"),
    ("🚲", "symbol-bicycle"),
    ("🎈", "symbol-balloon"),
    ("⚓", "symbol-anchor"),
    ("🔔", "symbol-bell"),
    ("🦉", "symbol-owl"),
    ("🍐", "symbol-pear"),
    ("🐘", "symbol-elephant"),
    ("🌈", "symbol-rainbow"),
    ("🎩", "symbol-hat"),
    ("🔨", "symbol-hammer"),
    ("🍓", "symbol-strawberry"),
    ("🚀", "symbol-rocket"),
    ("🦋", "symbol-butterfly"),
    ("🏠", "symbol-house"),
    ("🧲", "symbol-magnet"),
    ("🍕", "symbol-pizza"),
    ("🐙", "symbol-octopus"),
    ("🌻", "symbol-sunflower"),
    ("🎲", "symbol-dice"),
    ("👑", "symbol-crown"),
    ("🥁", "symbol-drum"),
    ("🐌", "symbol-snail"),
    ("🧊", "symbol-ice"),
    ("🔥", "symbol-fire"),
    ("🎺", "symbol-trumpet"),
    ("🐧", "symbol-penguin"),
    ("🍇", "symbol-grapes"),
    ("🧭", "symbol-compass"),
    ("🚂", "symbol-train"),
    ("🌲", "symbol-fir"),
    ("🪁", "symbol-kite"),
    ("🔦", "symbol-torch"),
    ("🐝", "symbol-bee"),
    ("🍒", "symbol-cherries"),
    ("🥄", "symbol-spoon"),
    ("🎁", "symbol-gift"),
    ("🦒", "symbol-giraffe"),
    ("🌋", "symbol-volcano"),
    ("📷", "symbol-camera"),
    ("🧦", "symbol-socks"),
    ("🐸", "symbol-frog"),
    ("🥕", "symbol-carrot"),
    ("🚁", "symbol-helicopter"),
    ("💎", "symbol-diamond"),
    ("🦀", "symbol-crab"),
    ("🌽", "symbol-corn"),
    ("🪜", "symbol-ladder"),
    ("🧩", "symbol-puzzle"),
    ("🐴", "symbol-horse"),
    ("🍌", "symbol-banana"),
    ("🧵", "symbol-thread"),
    ("🚗", "symbol-car"),
    ("🦊", "symbol-fox"),
    ("🌹", "symbol-rose"),
    ("🎻", "symbol-violin"),
    ("🥐", "symbol-croissant"),
];

/// The picture of a symbol. Only its lowest six bits count.
#[must_use]
pub fn picture(symbol: u8) -> &'static str {
    entry(symbol).0
}

/// The name of a symbol in the person's language.
#[must_use]
pub fn name(l10n: &L10n, symbol: u8) -> String {
    l10n.tr(entry(symbol).1, &[])
}

fn entry(symbol: u8) -> (&'static str, &'static str) {
    SYMBOLS.get(usize::from(symbol & 63)).copied().unwrap_or(("", ""))
}

/// A safety code of 96 bits as 16 symbols of six bits each.
pub type Symbols = [u8; 16];

/// The 96 bits as one decimal number: six groups of five digits.
#[must_use]
pub fn as_numbers(symbols: &Symbols) -> String {
    let number = symbols.iter().fold(0_u128, |number, symbol| number << 6 | u128::from(symbol & 63));
    let digits = format!("{number:030}");
    let mut groups = String::with_capacity(35);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 5 == 0 {
            groups.push(' ');
        }
        groups.push(digit);
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shepot_l10n::Language;

    use super::*;

    #[test]
    fn symbols_differ_in_picture_and_name_and_are_one_character() {
        assert_eq!(SYMBOLS.iter().map(|(picture, _)| picture).collect::<BTreeSet<_>>().len(), 64);
        assert!(SYMBOLS.iter().all(|(picture, _)| picture.chars().count() == 1));
        for language in Language::ALL {
            let l10n = L10n::new(language);
            let names: BTreeSet<String> = (0..64).map(|symbol| name(&l10n, symbol)).collect();
            assert_eq!(names.len(), 64);
            assert!(names.iter().all(|name| !name.starts_with("symbol-")));
        }
    }

    #[test]
    fn codes_have_six_groups_and_differ() {
        assert_eq!(as_numbers(&[0; 16]), "00000 00000 00000 00000 00000 00000");
        assert_eq!(as_numbers(&[63; 16]), "07922 81625 14264 33759 35439 50335");
        let mut one = [0; 16];
        one[14] = 1;
        assert_eq!(as_numbers(&one), "00000 00000 00000 00000 00000 00064");
    }
}
