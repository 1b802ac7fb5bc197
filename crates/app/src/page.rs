//! Where the person is besides in a room, and how an interface lays that out.

use shepot_preferences::Preferences;
use shepot_view::L10n;
use shepot_view::clock::WallClock;

/// How an interface lays out what is not the room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Everything lies over the room, one at a time.
    #[default]
    Over,
    /// Servers, connections and settings are pages; who is here and what is searched stands beside the room.
    Pages,
}

/// What is shown, where there are pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// A nick, and one of three ways in.
    FirstRun,
    /// The room.
    #[default]
    Room,
    /// The list of servers.
    Servers,
    /// Who is connected to the relay here.
    Connections,
    /// Settings.
    Settings,
}

/// What a program begins with.
pub struct Setup {
    /// The sentences.
    pub l10n: L10n,
    /// Times as people read them.
    pub clock: WallClock,
    /// How the interface lays out what is not the room.
    pub layout: Layout,
    /// What was kept.
    pub preferences: Preferences,
    /// Nothing is kept, whatever the person says.
    pub is_incognito: bool,
}

impl Setup {
    /// Of a terminal: nothing is kept, and wrong passphrases in succession wipe everything.
    #[must_use]
    pub fn over(l10n: L10n, clock: WallClock) -> Self {
        let preferences = Preferences { wipe_after_wrong: true, remembers: false, ..Preferences::default() };
        Self { l10n, clock, layout: Layout::Over, preferences, is_incognito: true }
    }
}
