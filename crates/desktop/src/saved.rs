//! What is kept on this computer, and whether it may be.

use shepot_preferences::{FileError, Preferences, PreferencesFile};

use crate::program::Options;

/// Preferences and their place.
pub(crate) struct Saved {
    pub(crate) preferences: Preferences,
    file: Option<PreferencesFile>,
    /// A file that could neither be read nor put aside is not written over; it can be removed.
    may_write: bool,
}

impl Saved {
    /// What is kept; with the name of a sentence when it cannot be read.
    pub(crate) fn load(options: &Options) -> (Self, Option<&'static str>) {
        let Some(file) = options.preferences.clone() else {
            return (Self { preferences: Preferences::default(), file: None, may_write: false }, None);
        };
        let (preferences, problem, may_write) = match file.read() {
            Ok(kept) => (kept.unwrap_or_default(), None, true),
            Err(FileError::Damaged { .. }) if file.put_aside().is_ok() => {
                // Not written over: somebody may want to mend it.
                (Preferences::default(), Some("ui-prefs-damaged"), true)
            }
            Err(FileError::Damaged { .. } | FileError::Io { .. }) => {
                (Preferences::default(), Some("ui-prefs-unreadable"), false)
            }
        };
        if problem.is_some() {
            tracing::error!("preferences not read");
        }
        (Self { preferences, file: Some(file), may_write }, problem)
    }

    /// Nothing is kept, whatever the person says.
    pub(crate) const fn is_incognito(&self) -> bool {
        self.file.is_none() || !self.may_write
    }

    /// Keeps what may be kept; what may not be is not there any more.
    pub(crate) fn store(&self) -> Result<(), FileError> {
        match &self.file {
            Some(_) if !self.may_write => Ok(()),
            Some(file) if self.preferences.remembers => file.write(&self.preferences),
            Some(file) => file.remove(),
            None => Ok(()),
        }
    }

    /// Removes everything that is kept.
    pub(crate) fn forget(&mut self) -> Result<(), FileError> {
        self.preferences = Preferences::default();
        // Whatever is still on its way is not kept.
        self.may_write = false;
        self.file.as_ref().map_or(Ok(()), PreferencesFile::remove)
    }
}
