//! The lock: nothing is shown, and only the passphrase opens.

use ratatui::crossterm::event::{KeyCode, KeyEvent};
use shepot_view::passphrase::ATTEMPTS;
use zeroize::Zeroizing;

use super::overlay::{Ask, MOST_TYPED, Overlay};
use super::program::{Effect, Locked, Program};

impl Program {
    pub(super) fn lock(&mut self) {
        if self.passphrase.is_none() {
            self.overlay = Some(Overlay::ask(Ask::Passphrase));
            return;
        }
        self.overlay = None;
        self.toast = None;
        self.locked = Some(Locked::default());
    }

    pub(super) fn key_locked(&mut self, key: KeyEvent) {
        let Some(locked) = &mut self.locked else { return };
        if key.code != KeyCode::Enter {
            locked.field.key(key, MOST_TYPED, false);
            return;
        }
        let typed = Zeroizing::new(locked.field.take());
        let is_right = self.passphrase.as_ref().is_some_and(|kept| kept.is_right(&typed));
        if is_right {
            self.wrong = 0;
            self.locked = None;
            return;
        }
        self.wrong += 1;
        if self.wrong >= ATTEMPTS {
            self.wipe();
            return self.effects.push(Effect::Panic);
        }
        let text = self.l10n.tr_count("ui-lk-wrong", u64::from(ATTEMPTS - self.wrong));
        if let Some(locked) = &mut self.locked {
            locked.error = text;
        }
    }
}
