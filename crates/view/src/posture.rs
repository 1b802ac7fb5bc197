//! What the system may do with the memory of this program, in words.

use shepot_client::limits::TIMELINE_BYTES;
use shepot_hygiene::posture::{Dumps, Hibernation, Posture, Swap};
use shepot_l10n::{L10n, size};

/// Says how many bytes of messages from all circles are in memory.
#[must_use]
pub fn held(l10n: &L10n, bytes: usize) -> String {
    let (bytes, most) = (told(l10n, bytes), told(l10n, TIMELINE_BYTES));
    l10n.tr("posture-held", &[("bytes", &bytes), ("most", &most)])
}

/// Says how many bytes of messages from one circle the engine keeps.
#[must_use]
pub fn held_here(l10n: &L10n, bytes: usize) -> String {
    let (bytes, most) = (told(l10n, bytes), told(l10n, TIMELINE_BYTES));
    l10n.tr("posture-held-here", &[("bytes", &bytes), ("most", &most)])
}

fn told(l10n: &L10n, bytes: usize) -> String {
    size::bytes(l10n, u64::try_from(bytes).unwrap_or(u64::MAX))
}

/// One sentence each about swap, hibernation, dumps, and how much memory can be kept out of swap.
#[must_use]
pub fn report(l10n: &L10n) -> [String; 4] {
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
        Some(bytes) => l10n.tr("posture-lockable", &[("kib", &(bytes / 1024).to_string())]),
        None => l10n.tr("posture-lockable-unknown", &[]),
    };
    let [swap, hibernation, dumps] = [swap, hibernation, dumps].map(|name| l10n.tr(name, &[]));
    [swap, hibernation, dumps, locked]
}
