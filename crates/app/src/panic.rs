//! The keys of panic.

use std::time::Duration;

/// Within what time they have to be pressed twice.
pub const TWICE: Duration = Duration::from_millis(1_500);

/// When they were pressed, by the steady clock.
#[derive(Default)]
pub(crate) struct PanicKeys {
    pressed: Option<Duration>,
}

impl PanicKeys {
    /// They are pressed; true the second time within a moment.
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
