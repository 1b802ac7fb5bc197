//! The panic keys, which have to be pressed twice.

use std::time::Duration;

/// The longest time between the two presses.
pub const TWICE: Duration = Duration::from_millis(1_500);

/// The last press, on the steady clock.
#[derive(Default)]
pub(crate) struct PanicKeys {
    pressed: Option<Duration>,
}

impl PanicKeys {
    /// Notes a press. Returns true if it is the second within [`TWICE`].
    pub(crate) fn press(&mut self, now: Duration) -> bool {
        self.pressed.replace(now).is_some_and(|at| now.saturating_sub(at) <= TWICE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_time_within_a_moment_counts() {
        let (mut keys, begin) = (PanicKeys::default(), Duration::from_secs(100));
        assert!(!keys.press(begin));
        let late = begin + TWICE + Duration::from_millis(1);
        assert!(!keys.press(late), "too late: it is the first again");
        assert!(keys.press(late + TWICE));
    }
}
