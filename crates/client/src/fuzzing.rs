//! Entry points for the fuzz targets, built with `--cfg fuzzing` and in tests only.

use crate::content::Content;
use crate::limits::{MESSAGE_CHARACTERS, NICK_CHARACTERS, REACTION_CHARACTERS, ROOM_NAME_CHARACTERS};

/// Reads a content and, if that succeeds, checks that it survives being written and read again.
pub fn content(bytes: &[u8]) {
    if let Ok(content) = Content::decode(bytes) {
        assert_eq!(Content::decode(&content.encode()).as_ref(), Ok(&content));
    }
}

/// Cleans a text.
pub fn sanitise(raw: &str) {
    if let Some(clean) = shepot_sanitise::text(raw, MESSAGE_CHARACTERS) {
        assert!(clean.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
        assert_eq!(shepot_sanitise::Sanitised::of(&clean), clean);
        assert_eq!(shepot_sanitise::text(&clean, MESSAGE_CHARACTERS).as_ref(), Some(&clean));
    }
    if let Some(line) = shepot_sanitise::line(raw, ROOM_NAME_CHARACTERS) {
        assert!(!line.contains(|c: char| c.is_control()));
        assert_eq!(shepot_sanitise::line(&line, ROOM_NAME_CHARACTERS).as_ref(), Some(&line));
    }
    if let Some(emoji) = shepot_sanitise::reaction(raw, REACTION_CHARACTERS) {
        assert_eq!(shepot_sanitise::reaction(&emoji, REACTION_CHARACTERS).as_ref(), Some(&emoji));
    }
    if let Some(nick) = shepot_sanitise::nick(raw, &NICK_CHARACTERS) {
        assert_eq!(shepot_sanitise::nick(&nick, &NICK_CHARACTERS).as_ref(), Some(&nick));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_of_the_fuzzer_is_replayed() {
        let corpus = |target: &str| {
            let folder = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
            let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
            assert!(!files.is_empty());
            files.into_iter().map(|file| std::fs::read(file).unwrap())
        };
        corpus("content").for_each(|bytes| super::content(&bytes));
        corpus("sanitise").for_each(|bytes| super::sanitise(&String::from_utf8_lossy(&bytes)));
    }
}
