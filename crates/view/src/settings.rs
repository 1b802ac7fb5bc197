//! All settings by name, each with the page that it is on. The switcher searches them.

/// A page of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Nick and picture.
    Profile,
    /// Theme, size, language.
    Look,
    /// What is kept and what is locked.
    Privacy,
    /// Notifications.
    Notifications,
    /// The log.
    Logs,
    /// The page of keys.
    Keys,
    /// About the program.
    About,
}

impl Section {
    /// The name of its title in `l10n`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Profile => "ui-s-profile",
            Self::Look => "ui-s-look",
            Self::Privacy => "ui-s-priv",
            Self::Notifications => "ui-s-notif",
            Self::Logs => "ui-s-logs",
            Self::Keys => "ui-s-keys",
            Self::About => "ui-s-about",
        }
    }
}

/// Every setting: the name of its label in `l10n`, and its page.
pub const ALL: &[(&str, Section)] = &[
    ("ui-s-profile", Section::Profile),
    ("ui-s-look", Section::Look),
    ("ui-s-priv", Section::Privacy),
    ("ui-s-notif", Section::Notifications),
    ("ui-s-logs", Section::Logs),
    ("ui-s-keys", Section::Keys),
    ("ui-s-about", Section::About),
    ("ui-nick", Section::Profile),
    ("ui-p-avatar", Section::Profile),
    ("ui-a-theme", Section::Look),
    ("ui-a-size", Section::Look),
    ("ui-a-density", Section::Look),
    ("ui-a-lang", Section::Look),
    ("ui-a-24", Section::Look),
    ("ui-a-motion", Section::Look),
    ("ui-a-frame", Section::Look),
    ("ui-a-drawing", Section::Look),
    ("ui-v-vanish", Section::Privacy),
    ("ui-v-lock", Section::Privacy),
    ("ui-v-pass", Section::Privacy),
    ("ui-v-wipe", Section::Privacy),
    ("ui-v-typing", Section::Privacy),
    ("ui-v-clip", Section::Privacy),
    ("ui-v-shot", Section::Privacy),
    ("ui-v-remember", Section::Privacy),
    ("ui-v-panic", Section::Privacy),
    ("ui-n-on", Section::Notifications),
    ("ui-n-when", Section::Notifications),
    ("ui-n-sound", Section::Notifications),
    ("ui-n-badge", Section::Notifications),
    ("ui-l-on", Section::Logs),
    ("ui-l-level", Section::Logs),
];
