//! Emoji: the catalogue, its tabs, and search by name in both languages.

use std::sync::{LazyLock, OnceLock};

use shepot_l10n::Language;

use crate::markdown;

const CATALOGUE: &str = include_str!("../data/emoji.tsv");

/// The most hits that a search returns.
const MOST_HITS: usize = 64;

/// The longest text, in bytes, that can be three emoji.
const MOST_BYTES_ALONE: usize = 120;

/// A tab of the picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tab {
    /// Faces and people.
    Faces,
    /// Animals and plants.
    Nature,
    /// Food and drink.
    Food,
    /// Places and vehicles.
    Travel,
    /// Things and what people do.
    Things,
    /// Signs and flags.
    Signs,
}

impl Tab {
    /// All tabs, in the order of the picker.
    pub const ALL: [Self; 6] =
        [Self::Faces, Self::Nature, Self::Food, Self::Travel, Self::Things, Self::Signs];

    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "faces" => Self::Faces,
            "nature" => Self::Nature,
            "food" => Self::Food,
            "travel" => Self::Travel,
            "things" => Self::Things,
            "signs" => Self::Signs,
            _ => return None,
        })
    }
}

/// An emoji and its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emoji {
    /// Its characters.
    pub text: &'static str,
    /// Its tab in the picker.
    pub tab: Tab,
    /// The name that is typed between colons.
    pub short_name: &'static str,
    english: &'static str,
    russian: &'static str,
    english_words: &'static str,
    russian_words: &'static str,
}

impl Emoji {
    /// Its name in a language.
    #[must_use]
    pub const fn name(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Russian => self.russian,
        }
    }
}

/// All emoji, in the order of Unicode.
#[must_use]
pub fn all() -> &'static [Emoji] {
    static ALL: OnceLock<Vec<Emoji>> = OnceLock::new();
    ALL.get_or_init(|| CATALOGUE.lines().filter(|line| !line.starts_with("# ")).filter_map(parse).collect())
}

fn parse(line: &'static str) -> Option<Emoji> {
    let mut columns = line.split('\t');
    Some(Emoji {
        text: columns.next()?,
        tab: Tab::of(columns.next()?)?,
        short_name: columns.next()?,
        english: columns.next()?,
        russian: columns.next()?,
        english_words: columns.next()?,
        russian_words: columns.next()?,
    })
}

/// The emoji with these characters. The variation selector for colour (U+FE0F) does not matter.
#[must_use]
pub fn find(text: &str) -> Option<&'static Emoji> {
    let bare = |text: &str| text.replace('\u{FE0F}', "");
    let wanted = bare(text);
    all()
        .iter()
        .find(|emoji| emoji.text == text)
        .or_else(|| all().iter().find(|emoji| bare(emoji.text) == wanted))
}

/// Emoji with a name or keyword, in either language, of which a word begins with `typed`. Best first, at most 64.
#[must_use]
pub fn search(typed: &str) -> Vec<&'static Emoji> {
    let typed = typed.trim().trim_matches(':').to_lowercase().replace('ё', "е");
    if typed.is_empty() {
        return Vec::new();
    }
    let mut hits: Vec<(u8, &Emoji)> =
        all().iter().filter_map(|emoji| Some((rank(emoji, &typed)?, emoji))).collect();
    hits.sort_by_key(|(rank, _)| *rank);
    hits.into_iter().take(MOST_HITS).map(|(_, emoji)| emoji).collect()
}

fn rank(emoji: &Emoji, typed: &str) -> Option<u8> {
    let normal = |text: &str| text.to_lowercase().replace('ё', "е");
    let names = [normal(emoji.english), normal(emoji.russian), emoji.short_name.to_owned()];
    if names.iter().any(|name| name == typed) {
        return Some(0);
    }
    if names.iter().any(|name| name.starts_with(typed)) {
        return Some(1);
    }
    let begins_a_word = |text: &str| text.split([' ', '_', '-', ',']).any(|word| word.starts_with(typed));
    if names.iter().any(|name| begins_a_word(name)) {
        return Some(2);
    }
    (begins_a_word(&normal(emoji.english_words)) || begins_a_word(&normal(emoji.russian_words))).then_some(3)
}

/// The body of a message with every known `:name:` replaced by its emoji. Program text stays as it is.
#[must_use]
pub fn with_short_names(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut at = 0;
    for code in markdown::code(body) {
        write_with_short_names(body.get(at..code.start).unwrap_or_default(), &mut out);
        out.push_str(body.get(code.start.max(at)..code.end).unwrap_or_default());
        at = at.max(code.end);
    }
    write_with_short_names(body.get(at..).unwrap_or_default(), &mut out);
    out
}

fn write_with_short_names(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(':') {
        let named = after.split_once(':').and_then(|(name, behind)| {
            let is_name =
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_+-".contains(c));
            let emoji = all().iter().find(|emoji| is_name && emoji.short_name == name)?;
            Some((emoji, behind))
        });
        out.push_str(before);
        match named {
            Some((emoji, behind)) => {
                out.push_str(emoji.text);
                rest = behind;
            }
            None => {
                out.push(':');
                rest = after;
            }
        }
    }
    out.push_str(rest);
}

/// All emoji without the variation selector for colour, which people leave out.
fn bare_texts() -> &'static [String] {
    static BARE: LazyLock<Vec<String>> =
        LazyLock::new(|| all().iter().map(|emoji| emoji.text.replace('\u{FE0F}', "")).collect());
    &BARE
}

/// The number of emoji in a text of one to three emoji and nothing else; otherwise `None`.
#[must_use]
pub fn alone(text: &str) -> Option<usize> {
    // Most messages are decided by their length or their first character.
    if text.len() > MOST_BYTES_ALONE || text.trim_start().chars().next().is_none_or(|c| c.is_alphabetic()) {
        return None;
    }
    let bare = text.replace('\u{FE0F}', "");
    let mut rest = bare.trim();
    let mut count = 0;
    while !rest.is_empty() {
        let next =
            bare_texts().iter().filter(|emoji| rest.starts_with(emoji.as_str())).map(String::len).max()?;
        rest = rest
            .get(next..)?
            .trim_start_matches(|c: char| c == ' ' || ('\u{1F3FB}'..='\u{1F3FF}').contains(&c));
        count += 1;
        if count > 3 {
            return None;
        }
    }
    (count > 0).then_some(count)
}

/// Whether a text has characters that the emoji font draws. A toolkit without colour fonts needs help with those.
#[must_use]
pub fn has_any(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(c,
            '\u{1F000}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}' | '\u{FE0F}' | '\u{20E3}' | '\u{231A}'..='\u{23FF}'
            | '\u{2B05}'..='\u{2B55}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{2139}' | '\u{2934}' | '\u{2935}')
    })
}

/// Every emoji of a text with the byte at which it begins. A joined sequence is one emoji.
#[must_use]
pub fn places(text: &str) -> Vec<(usize, &str)> {
    const JOINER: char = '\u{200D}';
    let is_tail = |c: char| matches!(c, '\u{FE0F}' | '\u{20E3}' | JOINER | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}');
    let is_flag = |c: char| ('\u{1F1E6}'..='\u{1F1FF}').contains(&c);
    let mut found = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, first)) = characters.next() {
        let keycap = characters.peek().is_some_and(|(_, next)| matches!(next, '\u{FE0F}' | '\u{20E3}'));
        if !has_any(first.encode_utf8(&mut [0; 4])) && !keycap {
            continue;
        }
        let mut end = at + first.len_utf8();
        let mut after_joiner = false;
        let mut flags = usize::from(is_flag(first));
        while let Some((next_at, next)) = characters.peek().copied() {
            let pairs = is_flag(next) && flags == 1;
            if !(is_tail(next) || after_joiner || pairs) {
                break;
            }
            flags += usize::from(pairs);
            after_joiner = next == JOINER;
            end = next_at + next.len_utf8();
            characters.next();
        }
        found.extend(text.get(at..end).map(|emoji| (at, emoji)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_whole() {
        assert!(all().len() > 1_800, "{}", all().len());
        for tab in Tab::ALL {
            assert!(all().iter().filter(|emoji| emoji.tab == tab).count() > 80, "{tab:?}");
        }
        assert_eq!(
            CATALOGUE.lines().filter(|line| !line.starts_with("# ")).count(),
            all().len(),
            "a line was not read"
        );
    }

    #[test]
    fn both_languages_find() {
        let first = |typed| search(typed).first().map(|emoji| emoji.text);
        assert_eq!(first("fire"), Some("🔥"));
        assert_eq!(first("огонь"), Some("🔥"));
        assert_eq!(first(":crab:"), Some("🦀"));
        assert_eq!(first("ёжик"), first("ежик"));
        assert!(search("zzzz").is_empty() && search("  ").is_empty());
        assert_eq!(
            find("❤").map(|emoji| emoji.name(Language::Russian)),
            find("❤️").map(|emoji| emoji.name(Language::Russian))
        );
    }

    #[test]
    fn short_names_become_emoji() {
        assert_eq!(with_short_names("a :fire: b"), "a 🔥 b");
        assert_eq!(with_short_names("10:30:45 :nosuch: ::"), "10:30:45 :nosuch: ::");
        let code = "`:fire:` :fire:\n```\n:fire:\n```\n- `a` :fire: ``:fire:``";
        assert_eq!(with_short_names(code), "`:fire:` 🔥\n```\n:fire:\n```\n- `a` 🔥 ``:fire:``");
    }

    #[test]
    fn emoji_alone_are_counted() {
        assert_eq!(alone("🔥"), Some(1));
        assert_eq!(alone("👍🏽 ❤️ 👨‍👩‍👧‍👦"), Some(3));
        assert_eq!(alone("🔥🔥🔥🔥"), None);
        assert_eq!(alone("🔥 hot"), None);
        assert_eq!(alone(""), None);
        assert!(has_any("лис 🦊") && !has_any("лис_на_луне"));
    }

    #[test]
    fn joined_emoji_are_found_as_one() {
        let found = |text| places(text).into_iter().map(|(_, emoji)| emoji).collect::<Vec<_>>();
        assert_eq!(found("a 👍🏽 b ❤️"), ["👍🏽", "❤️"]);
        assert_eq!(found("👨‍👩‍👧‍👦🇷🇺🇺🇸"), ["👨‍👩‍👧‍👦", "🇷🇺", "🇺🇸"]);
        assert_eq!(found("1️⃣ 12"), ["1️⃣"]);
        assert!(found("просто текст").is_empty());
    }
}
