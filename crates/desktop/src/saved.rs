//! What is kept on this computer, and whether it may be.

use shepot_preferences::{FileError, Preferences, PreferencesFile};

use crate::program::Options;

/// Preferences and their place.
pub(crate) struct Saved {
    pub(crate) preferences: Preferences,
    file: Option<PreferencesFile>,
}

impl Saved {
    /// What is kept; with the name of a sentence when it cannot be read.
    pub(crate) fn load(options: &Options) -> (Self, Option<&'static str>) {
        let Some(file) = options.preferences.clone() else {
            return (Self { preferences: Preferences::default(), file: None }, None);
        };
        let (preferences, problem) = match file.read() {
            Ok(kept) => (kept.unwrap_or_default(), None),
            Err(FileError::Damaged { .. }) => {
                tracing::error!("preferences not read");
                // Not written over: somebody may want to mend it.
                if file.put_aside().is_err() {
                    let saved = Self { preferences: Preferences::default(), file: None };
                    return (saved, Some("ui-prefs-unreadable"));
                }
                (Preferences::default(), Some("ui-prefs-damaged"))
            }
            Err(FileError::Io { .. }) => {
                tracing::error!("preferences not read");
                return (
                    Self { preferences: Preferences::default(), file: None },
                    Some("ui-prefs-unreadable"),
                );
            }
        };
        (Self { preferences, file: Some(file) }, problem)
    }

    /// Nothing is kept, whatever the person says.
    pub(crate) const fn is_incognito(&self) -> bool {
        self.file.is_none()
    }

    /// Keeps what may be kept; what may not be is not there any more.
    pub(crate) fn store(&self) -> Result<(), FileError> {
        match &self.file {
            Some(file) if self.preferences.remembers => file.write(&self.preferences),
            Some(file) => file.remove(),
            None => Ok(()),
        }
    }

    /// Removes everything that is kept.
    pub(crate) fn forget(&mut self) -> Result<(), FileError> {
        self.preferences = Preferences::default();
        self.file.as_ref().map_or(Ok(()), PreferencesFile::remove)
    }
}
