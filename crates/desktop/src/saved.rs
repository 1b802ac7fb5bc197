//! What is kept on this computer, and whether it may be.

use shepot_preferences::{FileError, Preferences, PreferencesFile};
use shepot_view::L10n;

/// What was kept cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// It was put aside: somebody may want to mend it.
    Damaged,
    /// A newer program wrote it. It is left alone, and nothing is kept.
    Newer,
    /// It is left alone, and nothing is kept.
    Unreadable,
    /// What changed is kept nowhere.
    NotWritten,
}

impl Problem {
    /// What the person is told.
    pub(crate) fn sentence(self, l10n: &L10n) -> String {
        match self {
            Self::Damaged => l10n.tr("ui-prefs-damaged", &[]),
            Self::Newer => l10n.tr("ui-prefs-newer", &[]),
            Self::Unreadable => l10n.tr("ui-prefs-unreadable", &[]),
            Self::NotWritten => l10n.tr("ui-not-saved", &[]),
        }
    }
}

/// The place of preferences.
pub(crate) struct Saved {
    file: Option<PreferencesFile>,
    /// As this program has read or written them last.
    last: Preferences,
    /// A file that could neither be read nor put aside, or is newer, is not written over; it can be removed.
    may_write: bool,
}

impl Saved {
    /// What is kept; and why it cannot be read.
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

    /// Nothing is kept, whatever the person says.
    pub(crate) const fn is_incognito(&self) -> bool {
        self.file.is_none() || !self.may_write
    }

    /// Keeps what may be kept; what may not be is not there any more. Says what came between since it was read.
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

    /// Removes everything that is kept.
    pub(crate) fn forget(&mut self) -> Result<(), FileError> {
        // Whatever is still on its way is not kept.
        self.may_write = false;
        self.file.as_ref().map_or(Ok(()), PreferencesFile::remove)
    }
}
