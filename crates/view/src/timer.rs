//! The times after which messages may disappear.

/// Seconds, and the name of their label in `l10n`. 0 means never.
pub const TIMERS: [(u32, &str); 9] = [
    (0, "ui-vanish-off"),
    (30, "ui-v-30s"),
    (60, "ui-v-1m"),
    (300, "ui-v-5m"),
    (1_800, "ui-v-30m"),
    (3_600, "ui-h1"),
    (28_800, "ui-v-8h"),
    (86_400, "ui-v-24h"),
    (604_800, "ui-v-7d"),
];
