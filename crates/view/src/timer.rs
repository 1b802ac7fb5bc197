//! After what time messages may disappear, as it is offered.

/// Seconds, and the name of their words; 0 is never.
pub const TIMERS: [(u32, &str); 4] =
    [(0, "ui-vanish-off"), (300, "ui-v-5m"), (3_600, "ui-h1"), (86_400, "ui-v-24h")];
