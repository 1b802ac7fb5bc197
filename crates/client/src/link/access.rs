//! The access keys by which a relay lets us in.
//!
//! If the relay is the owner's own, the key changes with every removal. Members know the next key from the circle's new
//! secret, possibly before the relay is told, and the relay may never be told. So all keys since the last accepted one
//! are shown in turn, the newest first, until the relay accepts one.

use shepot_protocol::AccessKey;

use crate::limits::ACCESS_KEYS_KEPT;

pub(crate) struct Access {
    /// The last accepted key or the invitation's, followed by later ones. Empty for an open relay.
    keys: Vec<AccessKey>,
    /// Index of the key to show next.
    next: usize,
    /// Index of the key that was shown last.
    shown: usize,
    /// How many attempts failed since the relay accepted a key.
    in_vain: usize,
}

impl Access {
    /// Starts with the key of an invitation. `None` for an open relay.
    pub(crate) fn by(key: Option<AccessKey>) -> Self {
        Self { keys: key.into_iter().collect(), next: 0, shown: 0, in_vain: 0 }
    }

    /// The newest key, which invitations contain.
    pub(crate) fn newest(&self) -> Option<&AccessKey> {
        self.keys.last()
    }

    /// The key to show the relay now.
    pub(crate) fn show(&mut self) -> Option<&AccessKey> {
        self.shown = self.next;
        self.keys.get(self.shown)
    }

    /// A session begins, with the newest key.
    pub(crate) const fn begin(&mut self) {
        self.next = self.keys.len().saturating_sub(1);
        self.in_vain = 0;
    }

    /// Adds the key that comes with another secret of the circle.
    pub(crate) fn renew(&mut self, key: AccessKey) {
        if self.keys.is_empty() || self.keys.last() == Some(&key) {
            return;
        }
        if self.keys.len() >= ACCESS_KEYS_KEPT {
            // The first is known to have opened the relay.
            self.keys.remove(1);
            self.shown = self.shown.saturating_sub(1);
        }
        self.keys.push(key);
        self.begin();
    }

    /// The relay accepted the key that was shown. The next connections begin with it, until it no longer opens the
    /// relay.
    pub(crate) fn was_taken(&mut self) {
        self.keys.drain(..self.shown.min(self.keys.len()));
        (self.next, self.shown, self.in_vain) = (0, 0, 0);
    }

    /// The relay did not accept the key. It closes without a word if it does not know a key or needs one. False: all
    /// keys have failed.
    pub(crate) fn was_not_taken(&mut self) -> bool {
        if self.next != self.shown {
            // A newer one came since.
            return true;
        }
        self.in_vain += 1;
        self.next = self.next.checked_sub(1).unwrap_or(self.keys.len().saturating_sub(1));
        self.in_vain < self.keys.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> AccessKey {
        AccessKey::new([n; 32])
    }

    #[test]
    fn one_key_is_shown_again_and_again() {
        let mut access = Access::by(Some(key(1)));
        assert_eq!(access.show(), Some(&key(1)));
        assert!(!access.was_not_taken());
        assert_eq!(access.show(), Some(&key(1)));
        let mut open = Access::by(None);
        assert_eq!(open.show(), None, "an open relay needs none");
        assert!(!open.was_not_taken());
        open.renew(key(2));
        assert_eq!(open.show(), None);
        assert_eq!(open.newest(), None);
    }

    #[test]
    fn all_since_the_last_that_was_taken_are_shown_in_turn() {
        let mut access = Access::by(Some(key(1)));
        // Two removals while the connection is away: the relay may know of none of them, of one, or of both.
        access.renew(key(2));
        access.renew(key(3));
        access.renew(key(3));
        let mut shown = Vec::new();
        for goes_on in [true, true, false, false] {
            shown.push(access.show().cloned().unwrap());
            assert_eq!(access.was_not_taken(), goes_on);
        }
        assert_eq!(shown, [key(3), key(2), key(1), key(3)]);
        assert_eq!(access.show(), Some(&key(2)));
        access.was_taken();
        assert_eq!(access.show(), Some(&key(2)));
        assert_eq!(access.newest(), Some(&key(3)));
        // The relay was told, and was started anew.
        assert!(access.was_not_taken());
        assert_eq!(access.show(), Some(&key(3)));
        access.was_taken();
        assert!(!access.was_not_taken());
        assert_eq!(access.show(), Some(&key(3)), "what was before is over");
    }

    #[test]
    fn a_key_that_came_since_the_last_was_shown_is_shown_first() {
        let mut access = Access::by(Some(key(1)));
        access.show();
        access.was_taken();
        access.renew(key(2));
        // Something is refused to the connection by the first.
        assert!(access.was_not_taken());
        assert_eq!(access.show(), Some(&key(2)));
        assert!(access.was_not_taken());
        assert_eq!(access.show(), Some(&key(1)));
        assert!(!access.was_not_taken());
    }

    #[test]
    fn of_many_the_last_that_was_taken_and_the_newest_are_kept() {
        let mut access = Access::by(Some(key(0)));
        for n in 1..=20 {
            access.renew(key(n));
        }
        assert_eq!(access.keys.len(), ACCESS_KEYS_KEPT);
        assert_eq!((access.keys.first(), access.newest()), (Some(&key(0)), Some(&key(20))));
    }
}
