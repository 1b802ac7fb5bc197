//! Settings. They take effect at once, and are stored only if the person allows it.

use shepot_client::Action;
use shepot_client::model::ServerId;
use shepot_preferences::{MOST_LOCK_MINUTES, Preferences, SecretText};
use shepot_view::desk::Server;
use shepot_view::{L10n, Language};

use crate::effect::Effect;
use crate::overlay::{Ask, Overlay};
use crate::page::Page;
use crate::state::State;

impl State {
    /// Replaces the preferences.
    pub(crate) fn set_preferences(&mut self, preferences: Preferences) {
        let locked_after_before = self.preferences.lock_after_minutes;
        self.preferences = preferences;
        self.clock.twenty_four_hours = self.preferences.twenty_four_hours;
        self.changes.settings = true;
        self.effect(Effect::Keep);
        // Locking needs something to open it with.
        if self.preferences.lock_after_minutes != locked_after_before {
            self.ask_for_what_unlocks();
        }
    }

    /// Locking by itself needs something to open it with, which no file keeps.
    pub(crate) fn ask_for_what_unlocks(&mut self) {
        if self.preferences.lock_after_minutes > 0 && !self.lock.has_passphrase() {
            self.lay(Overlay::ask(Ask::Passphrase { locks: false }));
        }
    }

    /// It is locked after so many minutes without a key from now on; 0: never.
    pub(crate) fn lock_after(&mut self, minutes: u64) {
        let Some(minutes) = u32::try_from(minutes).ok().filter(|minutes| *minutes <= MOST_LOCK_MINUTES)
        else {
            let most = MOST_LOCK_MINUTES.to_string();
            return self.complain(self.tr("full-lock-range", &[("most", &most)]));
        };
        self.set_preferences(Preferences { lock_after_minutes: minutes, ..self.preferences.clone() });
        if self.lock.has_passphrase() || minutes == 0 {
            return self.tell_when_it_locks();
        }
        // Asked also when the number is the same as before: the last question may have been put away.
        self.ask_for_what_unlocks();
    }

    /// The question for the passphrase is put away without an answer: the person must not rely on the lock.
    pub(crate) fn passphrase_put_off(&mut self) {
        if self.preferences.lock_after_minutes > 0 && !self.lock.has_passphrase() {
            self.complain(self.tr("ui-lk-none", &[]));
        }
    }

    /// After how long it is locked, where nobody sees a setting that says so.
    pub(crate) fn tell_when_it_locks(&mut self) {
        let minutes = u64::from(self.preferences.lock_after_minutes);
        self.tell(match minutes {
            0 => self.tr("full-locks-never", &[]),
            _ => self.l10n.tr_count("full-locks-after", minutes),
        });
    }

    /// Changes the language of the interface.
    pub(crate) fn set_language(&mut self, language: Language) {
        self.l10n = std::rc::Rc::new(L10n::new(language));
        let code = language.code().to_owned();
        self.keep(|preferences| preferences.language = Some(code));
        self.say_again_what_is_wrong();
        self.changes.settings = true;
    }

    /// What is stored, in words. Mentions owners' keys.
    #[must_use]
    pub fn remember_note(&self) -> String {
        let is_owner = |entry: &&SecretText| {
            shepot_client::preview(entry.expose(), self.now.unix).is_ok_and(|preview| preview.is_owner)
        };
        let servers = self.preferences.servers.iter().map(|server| &server.entry);
        let hosting = self.preferences.hosting.iter().map(|hosting| &hosting.entry);
        let owners = u64::try_from(servers.chain(hosting).filter(is_owner).count()).unwrap_or(u64::MAX);
        let note = self.tr("ui-v-remember-note", &[]);
        if owners == 0 { note } else { format!("{note} {}", self.l10n.tr_count("ui-v-owner-keys", owners)) }
    }

    /// Asks every server how much of what was said is in memory.
    pub(crate) fn ask_for_memory(&mut self) {
        let holds = |server: &&Server| server.has_something_to_lose();
        let servers: Vec<ServerId> =
            self.desk.servers().iter().filter(holds).map(|server| server.id).collect();
        for server in servers {
            self.on(server, Action::ShowMemory);
        }
    }

    /// Asks one server, while the answer is on the screen.
    pub(crate) fn ask_for_memory_of(&mut self, server: ServerId) {
        if self.page == Page::Settings {
            self.on(server, Action::ShowMemory);
        }
    }

    /// Locks the program if the person has been idle for long enough.
    pub(crate) fn lock_when_idle(&mut self) {
        let minutes = self.preferences.lock_after_minutes;
        // The steady clock may stand still while the machine sleeps, and the other may be set.
        let steady = self.now.steady.saturating_sub(self.active_at.steady).as_secs();
        let idle = steady.max(self.now.unix.saturating_sub(self.active_at.unix));
        let is_idle = minutes > 0 && idle >= u64::from(minutes) * 60;
        if is_idle && self.lock.has_passphrase() && !self.lock.is_locked() {
            self.lock();
        }
    }

    /// The person does something. Whoever comes back too late finds it locked first.
    pub(crate) fn is_used(&mut self) {
        self.lock_when_idle();
        self.active_at = self.now;
    }

    /// Opens the settings, or closes them.
    pub(crate) fn toggle_settings(&mut self) {
        if self.page == Page::Settings { self.close_page() } else { self.open_page(Page::Settings) }
    }
}
