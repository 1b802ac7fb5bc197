//! Pages, and how an interface arranges them.

use shepot_preferences::Preferences;
use shepot_view::L10n;
use shepot_view::clock::WallClock;

/// How an interface arranges what is not the room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Everything lies over the room, one thing at a time.
    #[default]
    Over,
    /// Servers, connections and settings are pages. Members and search stand beside the room.
    Pages,
}

/// The page that is open, in interfaces with pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// The first page: a nick, and one of three ways in.
    FirstRun,
    /// The open room.
    #[default]
    Room,
    /// The list of servers.
    Servers,
    /// The connections to the relay here.
    Connections,
    /// The settings.
    Settings,
}

/// What a program starts with.
pub struct Setup {
    /// The sentences in the person's language.
    pub l10n: L10n,
    /// The person's time zone and format of times.
    pub clock: WallClock,
    /// How the interface arranges what is not the room.
    pub layout: Layout,
    /// The stored preferences.
    pub preferences: Preferences,
    /// Whether nothing is stored, whatever the person decides.
    pub is_incognito: bool,
}

impl Setup {
    /// For a terminal: nothing is stored, and too many wrong passphrases in a row wipe everything.
    #[must_use]
    pub fn over(l10n: L10n, clock: WallClock) -> Self {
        let preferences = Preferences { wipe_after_wrong: true, remembers: false, ..Preferences::default() };
        Self { l10n, clock, layout: Layout::Over, preferences, is_incognito: true }
    }
}
