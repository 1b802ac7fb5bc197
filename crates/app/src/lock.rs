//! The lock: it hides everything until the passphrase is entered.

use shepot_view::passphrase::{ATTEMPTS, Passphrase};
use zeroize::Zeroizing;

use crate::field::Field;

/// The result of a try to unlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unlocking {
    /// It was the right passphrase.
    Opened,
    /// It was a wrong one.
    Wrong {
        /// The number of tries left until everything is wiped.
        left: u32,
    },
    /// It was a wrong one, and the last try.
    Exhausted,
}

/// Whether the program is locked, and the passphrase that unlocks it.
#[derive(Default)]
pub struct Lock {
    passphrase: Option<Passphrase>,
    /// Wrong tries in a row.
    wrong: u32,
    is_locked: bool,
    /// The field for the passphrase.
    pub field: Field,
    /// What is wrong with the last try, in words. Empty: nothing.
    pub error: String,
}

impl Lock {
    /// Whether everything is hidden.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        self.is_locked
    }

    /// Whether a passphrase is set.
    #[must_use]
    pub const fn has_passphrase(&self) -> bool {
        self.passphrase.is_some()
    }

    /// Sets the passphrase for this session. Returns false if the system has no randomness or memory to give.
    pub(crate) fn set_passphrase(&mut self, passphrase: &str) -> bool {
        let new = Passphrase::new(passphrase);
        let is_set = new.is_some();
        // The one of before opens as long as there is no other.
        self.passphrase = new.or(self.passphrase.take());
        is_set
    }

    /// Forgets the passphrase. If it is locked, it stays so.
    pub(crate) fn forget(&mut self) {
        *self = Self { is_locked: self.is_locked, ..Self::default() };
    }

    /// Locks. Returns false if no passphrase is set.
    pub(crate) fn lock(&mut self) -> bool {
        self.is_locked = self.passphrase.is_some();
        self.field.clear();
        self.error.clear();
        self.is_locked
    }

    /// Tries the text of the field, and empties it.
    pub(crate) fn unlock(&mut self) -> Unlocking {
        let typed = Zeroizing::new(self.field.take());
        if self.passphrase.as_ref().is_some_and(|kept| kept.is_right(&typed)) {
            self.wrong = 0;
            self.is_locked = false;
            return Unlocking::Opened;
        }
        self.wrong += 1;
        match ATTEMPTS.saturating_sub(self.wrong) {
            0 => Unlocking::Exhausted,
            left => Unlocking::Wrong { left },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(lock: &mut Lock, text: &str) -> Unlocking {
        lock.field.set(text);
        lock.unlock()
    }

    #[test]
    fn only_the_passphrase_opens_and_wrong_ones_are_counted() {
        let mut lock = Lock::default();
        assert!(!lock.lock(), "nothing would open it");
        assert!(lock.set_passphrase("тихо") && lock.lock());
        assert_eq!(types(&mut lock, "wrong"), Unlocking::Wrong { left: ATTEMPTS - 1 });
        assert_eq!(types(&mut lock, "тихо"), Unlocking::Opened);
        assert!(!lock.is_locked() && lock.lock());
        for left in (1..ATTEMPTS).rev() {
            assert_eq!(types(&mut lock, ""), Unlocking::Wrong { left });
        }
        assert_eq!(types(&mut lock, ""), Unlocking::Exhausted);
    }
}
