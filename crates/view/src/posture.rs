//! What the system may do with this program's memory, in words.

use shepot_client::limits::TIMELINE_BYTES;
use shepot_hygiene::posture::{Dumps, Hibernation, Posture, Swap};
use shepot_words::{Words, size};

/// So many bytes of what was said and shown in all circles are in memory, of the engine and of the interface.
#[must_use]
pub fn held(words: &Words, bytes: usize) -> String {
    let (bytes, most) = (told(words, bytes), told(words, 2 * TIMELINE_BYTES));
    words.say("posture-held", &[("bytes", &bytes), ("most", &most)])
}

/// So many bytes of what was said in one circle are in the engine's memory.
#[must_use]
pub fn held_here(words: &Words, bytes: usize) -> String {
    let (bytes, most) = (told(words, bytes), told(words, TIMELINE_BYTES));
    words.say("posture-held-here", &[("bytes", &bytes), ("most", &most)])
}

fn told(words: &Words, bytes: usize) -> String {
    size::bytes(words, u64::try_from(bytes).unwrap_or(u64::MAX))
}

/// A sentence each: swap, hibernation, dumps, and how much memory may be kept out of swap.
#[must_use]
pub fn report(words: &Words) -> [String; 4] {
    let posture = Posture::of_this_system();
    let swap = match posture.swap {
        Swap::Off => "posture-swap-off",
        Swap::InMemory => "posture-swap-in-memory",
        Swap::Encrypted => "posture-swap-encrypted",
        Swap::Plain => "posture-swap-plain",
        Swap::Unknown => "posture-swap-unknown",
    };
    let hibernation = match posture.hibernation {
        Hibernation::Off => "posture-hibernation-off",
        Hibernation::Possible => "posture-hibernation-possible",
        Hibernation::Unknown => "posture-hibernation-unknown",
    };
    let dumps = match posture.dumps {
        Dumps::Forbidden => "posture-dumps-forbidden",
        Dumps::Allowed => "posture-dumps-allowed",
        Dumps::Unknown => "posture-dumps-unknown",
    };
    let locked = match posture.lockable_bytes {
        Some(bytes) => words.say("posture-lockable", &[("kib", &(bytes / 1024).to_string())]),
        None => words.say("posture-lockable-unknown", &[]),
    };
    let [swap, hibernation, dumps] = [swap, hibernation, dumps].map(|name| words.say(name, &[]));
    [swap, hibernation, dumps, locked]
}
