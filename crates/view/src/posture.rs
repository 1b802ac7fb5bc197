//! What the system may do with this program's memory, in words.

use shepot_client::limits::TIMELINE_BYTES;
use shepot_hygiene::posture::{Dumps, Hibernation, Posture, Swap};
use shepot_words::{Words, size};

use crate::desk::{Desk, Server};

/// How much of what was said and shown in all circles is in memory.
#[must_use]
pub fn held(words: &Words, desk: &Desk) -> String {
    let bytes: usize = desk.servers().iter().map(Server::held_bytes).sum();
    let most = 2 * TIMELINE_BYTES;
    let told = |bytes: usize| size::bytes(words, u64::try_from(bytes).unwrap_or(u64::MAX));
    words.say("posture-held", &[("bytes", &told(bytes)), ("most", &told(most))])
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
