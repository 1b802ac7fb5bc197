//! The one table of characters that are invisible, or that only change others.

/// A braille pattern without dots, which looks like a space.
pub(crate) const BLANK_BRAILLE: char = '\u{2800}';
/// Turns the digit before it into a keycap emoji.
pub(crate) const KEYCAP: char = '\u{20E3}';
/// The base of a regional flag, which tags follow.
pub(crate) const BLACK_FLAG: char = '\u{1F3F4}';
pub(crate) const ZERO_WIDTH_JOINER: char = '\u{200D}';
pub(crate) const ZERO_WIDTH_NON_JOINER: char = '\u{200C}';
/// Allows a line break between letters without a space.
pub(crate) const ZERO_WIDTH_SPACE: char = '\u{200B}';

/// Whether a character is a line end of Unicode (UAX 14, classes BK, CR, LF, NL).
pub(crate) const fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a letter belongs to a script whose spelling uses the non-joiner: Arabic, Syriac, N'Ko, Mongolian, and the
/// scripts of India and its neighbours, where it shows the virama (the Unicode Standard, chapters 12 to 17 and 23.2).
pub(crate) const fn is_of_a_joining_script(c: char) -> bool {
    matches!(c,
        '\u{0600}'..='\u{08FF}' | '\u{0900}'..='\u{0DFF}' | '\u{0F00}'..='\u{109F}' | '\u{1780}'..='\u{18AF}'
        | '\u{1A20}'..='\u{1AAF}' | '\u{1B00}'..='\u{1BBF}' | '\u{A980}'..='\u{A9FF}' | '\u{AA60}'..='\u{AA7F}'
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{11000}'..='\u{1147F}')
}

/// Whether an invisible character belongs to the spelling after `last`: the non-joiner in scripts that join, Mongolian
/// variation selectors, zero-width spaces in scripts that write words without spaces.
pub(crate) fn is_spelling(c: char, last: char) -> bool {
    match c {
        ZERO_WIDTH_NON_JOINER => is_of_a_joining_script(last),
        // The separator of the last vowel may stand behind a selector.
        '\u{180E}' => matches!(last, '\u{1820}'..='\u{18AA}' | '\u{180B}'..='\u{180D}' | '\u{180F}'),
        '\u{180B}'..='\u{180F}' => matches!(last, '\u{1820}'..='\u{18AA}'),
        // Thai and Lao, Burmese, Khmer, Tai Tham.
        ZERO_WIDTH_SPACE => {
            matches!(last,
                '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{1A20}'..='\u{1AAF}'
                | '\u{A9E0}'..='\u{A9FF}' | '\u{AA60}'..='\u{AA7F}')
        }
        _ => false,
    }
}

/// Whether a combining mark belongs to no script. Such marks are heaped on letters to hide others.
#[must_use]
pub const fn is_mark_of_any_script(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Vowels and finals of composed Korean syllables, which combine with the letter before them.
pub(crate) const fn is_part_of_a_syllable(c: char) -> bool {
    matches!(c, '\u{1161}'..='\u{11FF}' | '\u{D7B0}'..='\u{D7FB}')
}

/// Whether a character is invisible and changes others, wherever it is: controls, and what Unicode calls default
/// ignorable. Joiners, variation selectors and tags do not count, since they belong to some characters. Other invisible
/// characters count even where they belong to the spelling.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}' | '\u{200C}' | '\u{200E}' | '\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E001F}' | '\u{E0080}'..='\u{E00FF}' | '\u{E01F0}'..='\u{E0FFF}')
}

/// Whether a character is a letter or sign to Unicode, but invisible or only formatting. Some screens give it room,
/// others do not.
#[must_use]
pub const fn is_blank_letter(c: char) -> bool {
    matches!(c,
        BLANK_BRAILLE | '\u{16FE4}' | '\u{1D159}' | '\u{13430}'..='\u{1345F}' | '\u{0600}'..='\u{0605}' | '\u{06DD}' | '\u{070F}'
        | '\u{0890}' | '\u{0891}' | '\u{08E2}' | '\u{110BD}' | '\u{110CD}')
}

/// Whether a character sets off names from the text around them.
#[must_use]
pub const fn is_quotation_mark(c: char) -> bool {
    matches!(
        c,
        '"' | '<'
            | '>'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '“'
            | '”'
            | '„'
            | '‟'
            | '‚'
            | '‛'
            | '″'
            | '〝'
            | '〞'
            | '〟'
            | '❛'
            | '❜'
            | '❝'
            | '❞'
            | '˂'
            | '˃'
            | '❮'
            | '❯'
            | '❬'
            | '❭'
            | '❰'
            | '❱'
            | '⟨'
            | '⟩'
            | '⟪'
            | '⟫'
            | '≪'
            | '≫'
            | '⋖'
            | '⋗'
            | '⧼'
            | '⧽'
            | '〈'
            | '〉'
            | '《'
            | '》'
            | '＂'
            | '＜'
            | '＞'
            | 'ᐸ'
            | 'ᐳ'
            | 'ᚲ'
            | '\u{16F3F}'
            | '\u{1D236}'
            | '\u{1D237}'
            | '\u{02EE}'
            | '\u{02BA}'
    )
}

/// Whether a character is invisible by itself: hidden characters, joiners, variation selectors, tags.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    is_hidden(c) || c == ZERO_WIDTH_JOINER || is_variation_selector(c) || is_tag(c)
}

/// Whether a character selects a variant of the one before it.
pub(crate) const fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Whether a character is a variation selector or a tag.
pub(crate) fn is_emoji_part(c: char) -> bool {
    is_variation_selector(c) || c == KEYCAP || is_tag(c)
}

pub(crate) const fn is_tag(c: char) -> bool {
    matches!(c, '\u{E0020}'..='\u{E007F}')
}
