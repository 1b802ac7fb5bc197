//! Text from people: several lines, one line, nicks, reactions.

use std::ops::RangeInclusive;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::characters::{
    BLACK_FLAG, BLANK_BRAILLE, KEYCAP, ZERO_WIDTH_JOINER, ZERO_WIDTH_NON_JOINER, ZERO_WIDTH_SPACE,
    is_blank_letter, is_emoji_part, is_hidden, is_line_end, is_mark_of_any_script, is_of_a_joining_script,
    is_part_of_a_syllable, is_quotation_mark, is_spelling, is_tag, is_unseen, is_variation_selector,
};
use crate::shown::Sanitised;

/// The most marks of no script on one character. [`MARKS`] of any script are allowed, since Burmese needs five.
const COMBINING_MARKS: usize = 4;
const MARKS: usize = 8;
/// The most tags after a flag: a country, its region, and the end.
const TAGS_OF_A_FLAG: usize = 8;
/// The dot before a fingerprint, and characters that look like it.
const FINGERPRINT_MARKS: [char; 15] =
    ['ᐧ', '𐄁', '⸳', '·', '•', '∙', '⋅', '・', '‧', '᛫', '⸱', '･', 'ꞏ', '●', '◦'];
/// How often a nick is normalised before it is refused as unstable.
const NORMALISATIONS: usize = 4;

/// A text of several lines. `None` if nothing visible is left, or it has more than `limit` characters.
#[must_use]
pub fn text(raw: &str, limit: usize) -> Option<Sanitised> {
    let clean = clean(raw, true);
    // Empty lines before it go, the indentation of its first line stays.
    let begins = clean.len() - clean.trim_start().len();
    let first_line = clean.get(..begins).and_then(|blank| blank.rfind('\n')).map_or(0, |end| end + 1);
    let trimmed = clean.get(first_line..).unwrap_or_default().trim_end();
    (!is_blank(trimmed) && trimmed.chars().count() <= limit).then(|| Sanitised::of(trimmed))
}

/// Whether nothing in a text is visible.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| is_unseen(c) || c.is_whitespace() || c == BLANK_BRAILLE)
}

/// A text of one line. `None` if nothing visible is left, or it has more than `limit` characters.
#[must_use]
pub fn line(raw: &str, limit: usize) -> Option<Sanitised> {
    let clean = clean(raw, false);
    let trimmed = clean.trim();
    (!is_blank(trimmed) && trimmed.chars().count() <= limit).then(|| Sanitised::of(trimmed))
}

/// The fewest signs that can be a nick without letters. Fewer look like output of the program.
const SIGNS_OF_A_NICK: usize = 3;

/// A nick as it is shown: normalised (NFKC), in one line. `None` if its length is not in `characters`, it has
/// characters that take no room on a screen and so could look like another nick, it imitates the mark before a
/// fingerprint, it has quotation marks, or it is only one or two signs.
#[must_use]
pub fn nick(raw: &str, characters: &RangeInclusive<usize>) -> Option<Sanitised> {
    // What is taken out can bring together what is one character then: until nothing changes any more.
    let mut nick = normal_line(raw);
    for _ in 0..NORMALISATIONS {
        let again = normal_line(&nick);
        if again == nick {
            break;
        }
        nick = again;
    }
    let is_stable = normal_line(&nick) == nick;
    if !is_stable || is_blank(&nick) || nick.chars().count() > *characters.end() {
        return None;
    }
    let takes_room =
        nick.graphemes(true).all(|character| character.width() > 0) && !nick.contains(stands_by_no_letter);
    let imitates_a_mark =
        nick.contains(FINGERPRINT_MARKS) || sets_names_off(&nick) || ends_like_a_fingerprint(&nick);
    // One sign alone, such as a tick or an arrow, is a program's.
    let is_a_name = nick.chars().any(char::is_alphanumeric);
    let is_long = nick.chars().count() >= SIGNS_OF_A_NICK;
    (nick.chars().count() >= *characters.start() && takes_room && !imitates_a_mark && (is_a_name || is_long))
        .then(|| Sanitised::of(&nick))
}

/// Whether it has a character that sets off names, or one that looks like that.
fn sets_names_off(nick: &str) -> bool {
    let is_of_syllables = |c: char| matches!(c, '\u{1400}'..='\u{167F}' | '\u{18B0}'..='\u{18FF}');
    // Where a nick is written in them, some syllables only look so.
    let is_a_word_of_syllables = nick.chars().filter(|c| c.is_alphabetic()).all(is_of_syllables);
    let sets_off = |c: char| is_quotation_mark(c) && !(is_a_word_of_syllables && is_of_syllables(c));
    nick.contains(sets_off) || ["''", "’’", "‘‘"].iter().any(|double| nick.contains(double))
}

/// Whether a character takes no room and does not belong to the letter before it.
fn stands_by_no_letter(c: char) -> bool {
    let belongs = is_combining_mark(c) || is_emoji_part(c) || is_part_of_a_syllable(c) || is_unseen(c);
    is_blank_letter(c) || (c.width().unwrap_or(0) == 0 && !belongs)
}

/// One line, normalised, without invisible characters. Keeps joiners after letters of scripts that join (as in UTS 46,
/// CONTEXTJ), and joiners, selectors and tags after emoji. Elsewhere they would let two nicks look the same.
fn normal_line(raw: &str) -> String {
    let mut seen = String::with_capacity(raw.len());
    let mut last = ' ';
    for c in clean(raw, true).chars() {
        let is_kept = match c {
            ZERO_WIDTH_NON_JOINER => is_of_a_joining_script(last),
            ZERO_WIDTH_JOINER => is_of_a_joining_script(last) || is_like_an_emoji(last),
            _ if is_emoji_part(c) => is_like_an_emoji(last) || c == KEYCAP,
            BLANK_BRAILLE | ZERO_WIDTH_SPACE => false,
            _ => true,
        };
        if is_kept {
            last = c;
            seen.push(if c == '\n' || c == '\t' { ' ' } else { c });
        }
    }
    seen.nfkc().collect::<String>().trim().to_owned()
}

/// Whether a character is a picture, or belongs to one.
fn is_like_an_emoji(c: char) -> bool {
    is_emoji_part(c) || (!c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace())
}

/// Whether a nick ends with eight hexadecimal digits after something like the mark of a fingerprint.
fn ends_like_a_fingerprint(nick: &str) -> bool {
    let mut backwards = nick.chars().rev();
    let digits = backwards.by_ref().take(8).filter(char::is_ascii_hexdigit).count();
    digits == 8 && backwards.next().is_some_and(|before| !before.is_alphanumeric())
}

/// Emoji that Unicode classifies as letters.
const LETTER_EMOJI: [char; 8] = ['🅰', '🅱', '🅾', '🅿', 'Ⓜ', 'ℹ', '㊗', '㊙'];

/// A reaction: an emoji. `None` if it is a word, or longer than `limit`.
#[must_use]
pub fn reaction(raw: &str, limit: usize) -> Option<Sanitised> {
    let emoji = line(raw, limit)?;
    let is_letter_emoji = |c: char| LETTER_EMOJI.contains(&c);
    let is_seen = |c: char| !c.is_ascii() && !is_emoji_part(c) && c != ZERO_WIDTH_JOINER;
    let is_drawn = |c: char| is_seen(c) && (!c.is_alphanumeric() || is_letter_emoji(c));
    let is_word = |c: char| (c.is_alphabetic() && !is_letter_emoji(c)) || c.is_whitespace();
    let is_keycap = emoji.ends_with('\u{20E3}');
    ((is_keycap || emoji.contains(is_drawn)) && !emoji.contains(is_word)).then_some(emoji)
}

fn clean(raw: &str, several_lines: bool) -> String {
    let unified = raw.replace("\r\n", "\n");
    let mut out = String::with_capacity(unified.len());
    let (mut marks, mut tags, mut last) = (0, 0, ' ');
    for c in unified.chars() {
        let kept = match c {
            _ if is_line_end(c) => {
                if several_lines {
                    '\n'
                } else {
                    ' '
                }
            }
            '\t' => {
                if several_lines {
                    '\t'
                } else {
                    ' '
                }
            }
            _ if is_spelling(c, last) => c,
            _ if is_hidden(c) => continue,
            // What nobody sees by itself can hide a whole text: there is as much of it as belongs to a character.
            ZERO_WIDTH_JOINER if last == ZERO_WIDTH_JOINER => continue,
            _ if is_variation_selector(c) && (is_unseen(last) || last.is_whitespace()) => continue,
            // They spell the flag of a region (UTS 51).
            _ if is_tag(c) && (tags >= TAGS_OF_A_FLAG || (last != BLACK_FLAG && !is_tag(last))) => continue,
            _ => c,
        };
        if (is_combining_mark(kept) || is_part_of_a_syllable(kept)) && !is_unseen(kept) {
            marks += 1;
            if marks > if is_mark_of_any_script(kept) { COMBINING_MARKS } else { MARKS } {
                continue;
            }
        } else if !is_unseen(kept) {
            marks = 0;
        }
        tags = if is_tag(kept) { tags + 1 } else { 0 };
        last = kept;
        out.push(kept);
    }
    out
}

#[cfg(test)]
mod tests {
    use icu_properties::CodePointSetData;
    use icu_properties::props::DefaultIgnorableCodePoint;
    use proptest::prelude::*;

    use super::*;

    fn nick(raw: &str) -> Option<Sanitised> {
        super::nick(raw, &(1..=20))
    }

    #[test]
    fn whatever_an_interface_makes_of_a_text_stays_harmless() {
        let everything: String = (char::MIN..=char::MAX).collect();
        let shown = Sanitised::of(&everything);
        let is_harmful = |c: char| {
            (c.is_control() && c != '\n' && c != '\t')
                || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}' | '\u{2028}' | '\u{FEFF}')
        };
        assert!(everything.contains(is_harmful) && !shown.contains(is_harmful));
    }

    #[test]
    fn what_people_write_stays() {
        for good in ["Привет, мир!", "a\nb", "👨‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👋🏽 1️⃣", "Nguyễn", "שלום", "é"]
        {
            assert_eq!(text(good, 100).as_deref(), Some(good));
        }
    }

    #[test]
    fn spelling_lines_and_indentation_stay() {
        for good in [
            "می\u{200C}خواهم",
            "क्\u{200D}ष",
            "မျှော်လင့်ချက်",
            "ភាសា\u{200B}ខ្មែរ",
            "ᠨᠢᠭᠡ\u{180B}ᠨ\u{180E}ᠠ",
            "ᠬ\u{180B}\u{180E}ᠠ",
            "ᬓ᭄\u{200C}ᬓ",
            "ꦏ꧀\u{200C}ꦏ",
            "𑄇𑄳\u{200C}𑄇",
            "ᨠᩮ\u{200B}ᨠ",
            "한글",
            "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}",
            "\tif x {\n\t\ty\n\t}",
            "    four spaces",
        ] {
            assert_eq!(text(good, 100).as_deref(), Some(good));
        }
        assert_eq!(
            text("a\u{2028}b\u{2029}c\u{b}d\u{85}e\rf\r\ng", 100).as_deref(),
            Some("a\nb\nc\nd\ne\nf\ng")
        );
        assert_eq!(text("\n \n  first\nsecond \n\n", 100).as_deref(), Some("  first\nsecond"));
        assert_eq!(text(" \n\t\n", 100), None);
        assert_eq!(
            line("می\u{200C}خواهم", 100).as_deref(),
            Some("می\u{200C}خواهم"),
            "also as the name of a room"
        );
        // Between other letters it only hides.
        assert_eq!(text("pass\u{200C}word", 100).as_deref(), Some("password"));
    }

    #[test]
    fn what_attacks_screens_goes() {
        assert_eq!(text("a\u{1b}[31mred\u{7}", 100).as_deref(), Some("a[31mred"));
        assert_eq!(text("abc\u{202e}txt.exe", 100).as_deref(), Some("abctxt.exe"));
        assert_eq!(text("a\r\nb\rc", 100).as_deref(), Some("a\nb\nc"));
        assert_eq!(line("a\nb\tc", 100).as_deref(), Some("a b c"));
        let zalgo = format!("a{}", "\u{0301}".repeat(50));
        assert_eq!(text(&zalgo, 100).unwrap().chars().count(), 1 + COMBINING_MARKS);
        let heap = format!("\u{1100}{}", "\u{1161}".repeat(50));
        assert_eq!(text(&heap, 100).unwrap().chars().count(), 1 + MARKS, "vowels on a Korean letter");
        for blank in ["\u{200b}\u{feff} \n", "\u{200d}", "\u{2800}\u{2800}", " \u{fe0f}", "\u{200d}\u{e0100}"]
        {
            assert_eq!(
                (text(blank, 100), line(blank, 100), nick(&blank.repeat(3))),
                (None, None, None),
                "{blank:?}"
            );
        }
        // Nor by what stands between the marks.
        let heap = format!("a{}", "\u{0301}\u{200D}\u{0301}\u{20E3}".repeat(50));
        assert!(
            text(&heap, 1_000).unwrap().chars().filter(|c| is_combining_mark(*c)).count() <= COMBINING_MARKS
        );
    }

    #[test]
    fn nothing_of_what_unicode_ignores_is_left_but_what_belongs_to_a_character() {
        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        let mut seen = 0;
        for c in ignorable.iter_ranges().flatten().filter_map(char::from_u32) {
            seen += 1;
            assert!(is_unseen(c), "{c:?}");
            let belongs = c == ZERO_WIDTH_JOINER || is_variation_selector(c);
            let run = c.to_string().repeat(50);
            for clean in [text(&format!("a{run}b"), 100), line(&format!("a{run}b"), 100)] {
                assert_eq!(clean.unwrap().chars().count(), if belongs { 3 } else { 2 }, "{c:?}");
            }
            assert_eq!((nick(&run), reaction(&run, 100)), (None, None), "{c:?}");
        }
        assert!(seen > 4_000, "{seen}");
        // By turns, and behind a flag.
        let turns = format!("a{}", "\u{200D}\u{FE0F}".repeat(50));
        assert_eq!(text(&turns, 100).unwrap().chars().count(), 2);
        let flag = format!("{BLACK_FLAG}{}", "\u{E0061}".repeat(50));
        assert_eq!(text(&flag, 100).unwrap().chars().count(), 1 + TAGS_OF_A_FLAG);
    }

    #[test]
    fn a_reaction_is_an_emoji() {
        for emoji in ["👍", "👍🏽", "1️⃣", "❤️", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇩🇪", "✅", "🅰️", "Ⓜ️", "ℹ️"]
        {
            assert_eq!(reaction(emoji, 16).as_deref(), Some(emoji));
        }
        for word in ["abc", "<b>", "да", "7", "👍 да", "", "\u{200D}", "7\u{200D}"] {
            assert_eq!(reaction(word, 16), None, "{word}");
        }
    }

    #[test]
    fn nicks_have_one_to_twenty_characters() {
        assert_eq!(nick("  Анна "), Some("Анна".into()));
        for short in ["Ян", "Ия", "Я", "李"] {
            assert_eq!(nick(short), Some(short.into()));
        }
        for sign in ["", "✓", "👍", "!", "@", "■", "#", "←", "--"] {
            assert_eq!(nick(sign), None, "{sign}");
        }
        assert_eq!(super::nick("ab", &(3..=20)), None);
        assert_eq!(nick(&"a".repeat(20)), Some("a".repeat(20).into()));
        assert_eq!(nick(&"a".repeat(21)), None);
        assert_eq!(nick("Ａｎｎａ"), Some("Anna".into()), "full-width letters");
        assert_eq!(nick("an\u{200d}na"), Some("anna".into()));
        for hidden in ['\u{fe0f}', '\u{fe00}', '\u{e0061}', '\u{2800}', '\u{200c}', '\u{3164}'] {
            assert_eq!(nick(&format!("an{hidden}na")), Some("anna".into()), "{hidden:?}");
        }
        for spelled in [
            "ᐃᓄᒃᑎᑐᑦ ᐊᐅ",
            "さくら",
            "めぐみ",
            "חיים",
            "Kaʻahumanu",
            "o'neil",
            "می\u{200c}خواهم",
            "क्\u{200d}षमा",
            "❤\u{fe0f}Ann",
            "👨\u{200d}👩\u{200d}👧",
        ] {
            assert_eq!(nick(spelled).as_deref(), Some(spelled));
        }
        assert_eq!(nick("a\u{200b}b"), Some("ab".into()));
        for forged in [
            "anna ·8b5312ba",
            "anna•8b5312ba",
            "anna ･8b5312ba",
            "anna\u{0387}8b5312ba",
            "anna ᐧ8b5312ba",
            "anna ~8b5312ba",
            "Anna> yes, pay <Bot",
            "Anna＞ yes",
            "“Anna”",
            "Anna˃ yes, pay ˂Bot",
            "Anna❯ yes",
            "‚Anna‛ yes",
            "Anna𖼿 yes, pay ᚲBot",
            "Olga’’ left. Anna",
            "Annaᐳ yes",
            "Anna\u{13430}",
            "Anna\u{13441}left",
        ] {
            assert_eq!(nick(forged), None, "nobody wears another's fingerprint, or speaks by a name");
        }
    }

    #[test]
    fn no_nick_has_what_takes_no_room() {
        // Terminals leave it out: one of these would stand there as "anna".
        for c in char::MIN..=char::MAX {
            for raw in [format!("anna{c}"), format!("{c}anna"), format!("an{c}na")] {
                let Some(nick) = nick(&raw) else { continue };
                let seen: String =
                    nick.chars().filter(|c| c.width().unwrap_or(0) > 0 || is_combining_mark(*c)).collect();
                assert!(nick == "anna" || seen != "anna", "{raw:?}");
            }
        }
        for invisible in [
            "anna\u{1161}",
            "anna\u{0D4E}",
            "an\u{0D4E}na",
            "\u{605}anna",
            "anna\u{16FE4}",
            "\u{1161}\u{1161}\u{1161}",
            "\u{0301}\u{0302}\u{0303}",
        ] {
            assert_eq!(nick(invisible), None, "{invisible:?}");
        }
    }

    #[test]
    fn a_nick_that_was_cleaned_stays_what_it_is() {
        // Found by the fuzzer: marks behind hidden characters.
        let raw = "e\u{2}\u{1}\u{301}\u{1}\0\0\u{4}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}bc";
        let once = nick(raw).unwrap();
        assert_eq!(nick(&once), Some(once));
    }

    proptest! {
        #[test]
        fn no_part_of_a_text_loses_anything_when_it_is_shown(raw in any::<String>(), from in 0..64_usize, length in 0..64_usize) {
            if let Some(text) = text(&raw, usize::MAX) {
                let part: String = text.chars().skip(from).take(length).collect();
                // What belongs to the letter before it goes with that.
                let part = part.trim_start_matches(is_hidden);
                prop_assert_eq!(Sanitised::of(part), part);
                prop_assert_eq!(Sanitised::of(&text), &*text);
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_that_moves_a_cursor_survives(raw in ".*") {
            if let Some(clean) = text(&raw, 10_000) {
                prop_assert!(clean.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
                prop_assert_eq!(text(&clean, 10_000), Some(clean.clone()), "sanitising twice changes nothing");
            }
        }
    }
}
