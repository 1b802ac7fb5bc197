//! What is stored on this computer, if that is allowed.

use shepot_preferences::{FileError, Preferences, PreferencesFile};
use shepot_view::L10n;

/// What is wrong with the stored preferences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The file was damaged and has been put aside, so that somebody can repair it.
    Damaged,
    /// A newer program wrote it. It is left alone, and nothing is stored.
    Newer,
    /// It could not be read. It is left alone, and nothing is stored.
    Unreadable,
    /// A change could not be stored.
    NotWritten,
}

impl Problem {
    /// The sentence for the person.
    pub(crate) fn sentence(self, l10n: &L10n) -> String {
        match self {
            Self::Damaged => l10n.tr("ui-prefs-damaged", &[]),
            Self::Newer => l10n.tr("ui-prefs-newer", &[]),
            Self::Unreadable => l10n.tr("ui-prefs-unreadable", &[]),
            Self::NotWritten => l10n.tr("ui-not-saved", &[]),
        }
    }
}

/// The place where preferences are stored.
pub(crate) struct Saved {
    file: Option<PreferencesFile>,
    /// What this program last read or wrote.
    last: Preferences,
    /// False if the file is newer, or could be neither read nor put aside. It is then never written over, but may be
    /// removed.
    may_write: bool,
}

impl Saved {
    /// Reads what is stored, and says what is wrong with it.
    pub(crate) fn load(file: Option<PreferencesFile>) -> (Self, Preferences, Option<Problem>) {
        let Some(file) = file else {
            return (
                Self { file: None, last: Preferences::default(), may_write: false },
                Preferences::default(),
                None,
            );
        };
        let (preferences, problem, may_write) = match file.read() {
            Ok(kept) => (kept.unwrap_or_default(), None, true),
            Err(FileError::Damaged { .. }) if file.put_aside().is_ok() => {
                // Not written over: somebody may want to mend it.
                (Preferences::default(), Some(Problem::Damaged), true)
            }
            Err(FileError::Newer { .. }) => (Preferences::default(), Some(Problem::Newer), false),
            Err(FileError::Damaged { .. } | FileError::Io { .. }) => {
                (Preferences::default(), Some(Problem::Unreadable), false)
            }
        };
        if problem.is_some() {
            tracing::error!("preferences not read");
        }
        (Self { file: Some(file), last: preferences.clone(), may_write }, preferences, problem)
    }

    /// Whether nothing is stored, whatever the person decides.
    pub(crate) const fn is_incognito(&self) -> bool {
        self.file.is_none() || !self.may_write
    }

    /// Stores the preferences if that is allowed, or else removes what is stored. Returns what went wrong.
    pub(crate) fn store(&mut self, preferences: &Preferences) -> Result<(), Problem> {
        let Some(file) = self.file.as_ref().filter(|_| self.may_write) else { return Ok(()) };
        if !preferences.remembers {
            return file.remove().map_err(|_| Problem::NotWritten);
        }
        let written = match file.write(&self.last, preferences) {
            Err(FileError::Damaged { .. }) if file.put_aside().is_ok() => file
                .write(preferences, preferences)
                .map_err(|_| Problem::NotWritten)
                .and(Err(Problem::Damaged)),
            Err(FileError::Newer { .. }) => {
                self.may_write = false;
                Err(Problem::Newer)
            }
            Err(FileError::Damaged { .. } | FileError::Io { .. }) => Err(Problem::NotWritten),
            Ok(()) => Ok(()),
        };
        if !matches!(written, Err(Problem::NotWritten)) {
            self.last = preferences.clone();
        }
        written
    }

    /// Removes everything that is stored.
    pub(crate) fn forget(&mut self) -> Result<(), FileError> {
        // Whatever is still on its way is not kept.
        self.may_write = false;
        self.file.as_ref().map_or(Ok(()), PreferencesFile::remove)
    }
}
