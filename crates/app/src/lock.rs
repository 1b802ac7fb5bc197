//! The lock: nothing is shown, and only the passphrase opens.

use shepot_view::passphrase::{ATTEMPTS, Passphrase};
use zeroize::Zeroizing;

use crate::field::Field;

/// What came of a passphrase that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unlocking {
    /// It is open.
    Opened,
    /// It was not the one; so many attempts are left.
    Wrong {
        /// Until everything is wiped.
        left: u32,
    },
    /// It was not the one once too often.
    Exhausted,
}

/// Whether nothing is shown, and how it opens.
#[derive(Default)]
pub struct Lock {
    passphrase: Option<Passphrase>,
    /// Wrong ones in succession.
    wrong: u32,
    is_locked: bool,
    /// What is typed to open it.
    pub field: Field,
    /// What is wrong with it.
    pub error: String,
}

impl Lock {
    /// Nothing is shown.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        self.is_locked
    }

    /// There is something to open it with.
    #[must_use]
    pub const fn has_passphrase(&self) -> bool {
        self.passphrase.is_some()
    }

    /// Takes a passphrase for this session; false where the system gives no randomness for it.
    pub(crate) fn set_passphrase(&mut self, passphrase: &str) -> bool {
        let new = Passphrase::new(passphrase);
        let is_set = new.is_some();
        // The one of before opens as long as there is no other.
        self.passphrase = new.or(self.passphrase.take());
        is_set
    }

    /// Nothing opens it any more; what is locked stays so.
    pub(crate) fn forget(&mut self) {
        *self = Self { is_locked: self.is_locked, ..Self::default() };
    }

    /// Locks; false where there is no passphrase to open it again.
    pub(crate) fn lock(&mut self) -> bool {
        self.is_locked = self.passphrase.is_some();
        self.field.clear();
        self.error.clear();
        self.is_locked
    }

    /// Tries what is typed.
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
