//! Numbers for messages, so that a line can refer to one. Bounded: the oldest numbers are forgotten.

use std::collections::VecDeque;

use shepot_client::model::MessageId;

const NUMBERED: usize = 2_000;

/// The latest messages by number, from 1.
#[derive(Default)]
pub(crate) struct Transcript {
    ids: VecDeque<MessageId>,
    forgotten: u64,
}

impl Transcript {
    /// The number of a message. Gives it one if it has none.
    pub(crate) fn number(&mut self, id: MessageId) -> u64 {
        if let Some(number) = self.known(id) {
            return number;
        }
        self.ids.push_back(id);
        if self.ids.len() > NUMBERED {
            self.ids.pop_front();
            self.forgotten += 1;
        }
        self.forgotten + self.ids.len() as u64
    }

    /// The number of a message. `None` if it has none.
    pub(crate) fn known(&self, id: MessageId) -> Option<u64> {
        let at = self.ids.iter().position(|other| *other == id)?;
        Some(self.forgotten + 1 + at as u64)
    }

    /// The message with this number. `None` if it was forgotten.
    pub(crate) fn message(&self, number: u64) -> Option<MessageId> {
        let at = usize::try_from(number.checked_sub(self.forgotten + 1)?).ok()?;
        self.ids.get(at).copied()
    }

    pub(crate) fn clear(&mut self) {
        self.forgotten += self.ids.len() as u64;
        self.ids.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_and_old_ones_are_forgotten() {
        let mut transcript = Transcript::default();
        let id = |n: u64| MessageId(u128::from(n).to_be_bytes());
        for n in 1..=NUMBERED as u64 + 5 {
            assert_eq!(transcript.number(id(n)), n);
            assert_eq!(transcript.number(id(n)), n);
        }
        assert_eq!(transcript.message(5), None);
        assert_eq!(transcript.message(6), Some(id(6)));
        assert_eq!(transcript.message(0), None);
        transcript.clear();
        assert_eq!(transcript.number(id(1)), NUMBERED as u64 + 6);
    }
}
