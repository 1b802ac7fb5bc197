//! What is kept on this computer, and whether it may be.

use shepot_preferences::{FileError, Preferences, PreferencesFile};

/// What was kept cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// It was put aside: somebody may want to mend it.
    Damaged,
    /// A newer program wrote it. It is left alone, and nothing is kept.
    Newer,
    /// It is left alone, and nothing is kept.
    Unreadable,
}

/// The place of preferences.
pub(crate) struct Saved {
    file: Option<PreferencesFile>,
    /// A file that could neither be read nor put aside, or is newer, is not written over; it can be removed.
    may_write: bool,
}

impl Saved {
    /// What is kept; and why it cannot be read.
    pub(crate) fn load(file: Option<PreferencesFile>) -> (Self, Preferences, Option<Problem>) {
        let Some(file) = file else {
            return (Self { file: None, may_write: false }, Preferences::default(), None);
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
        (Self { file: Some(file), may_write }, preferences, problem)
    }

    /// Nothing is kept, whatever the person says.
    pub(crate) const fn is_incognito(&self) -> bool {
        self.file.is_none() || !self.may_write
    }

    /// Keeps what may be kept; what may not be is not there any more.
    pub(crate) fn store(&self, preferences: &Preferences) -> Result<(), FileError> {
        match &self.file {
            Some(_) if !self.may_write => Ok(()),
            Some(file) if preferences.remembers => file.write(preferences),
            Some(file) => file.remove(),
            None => Ok(()),
        }
    }

    /// Removes everything that is kept.
    pub(crate) fn forget(&mut self) -> Result<(), FileError> {
        // Whatever is still on its way is not kept.
        self.may_write = false;
        self.file.as_ref().map_or(Ok(()), PreferencesFile::remove)
    }
}
