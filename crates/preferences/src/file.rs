//! The file: private, written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::Preferences;

const NAME: &str = "preferences.json";

/// What is written stands so in the file. Another one begins where a program of before would read it wrongly, or lose some
/// of it by writing it again.
const VERSION: u32 = 1;

/// The largest file that is read, in bytes: ten thousand servers with invitations fit.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The file cannot be used.
#[derive(Debug, Error)]
pub enum FileError {
    /// The system refuses.
    #[error("{path}: {error}")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A newer program wrote it. It is left as it is.
    #[error("{path} was written by a newer program")]
    Newer {
        /// Which file.
        path: PathBuf,
    },
    /// It is not what this program wrote. It is left as it is.
    #[error("{path} is damaged")]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
}

/// What tells how to read the rest; files of before there were versions have none.
#[derive(Deserialize)]
struct Version {
    version: Option<serde_json::Value>,
}

impl Version {
    /// Whatever is no number that we know was thought of later.
    fn is_newer(&self) -> bool {
        let known = |version: &serde_json::Value| version.as_u64().is_some_and(|is| is <= VERSION.into());
        self.version.as_ref().is_some_and(|version| !known(version))
    }
}

/// As it stands in the file.
#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    #[serde(flatten)]
    preferences: &'a Preferences,
}

/// Where preferences are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferencesFile {
    folder: PathBuf,
}

/// The platform's folder for Shepot's configuration; none when the system names no home.
#[must_use]
pub fn configuration_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("org", "shepot", "Shepot").map(|folders| folders.config_dir().to_owned())
}

/// The platform's folder for what Shepot writes about itself.
#[must_use]
pub fn log_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("org", "shepot", "Shepot")
        .map(|folders| folders.state_dir().unwrap_or_else(|| folders.data_local_dir()).join("logs"))
}

impl PreferencesFile {
    /// In this folder, which is made when something is kept.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// What is kept; none when nothing is.
    ///
    /// # Errors
    ///
    /// [`FileError`]: it cannot be read, is newer, or is not ours.
    pub fn read(&self) -> Result<Option<Preferences>, FileError> {
        let path = self.path();
        let mut text = Zeroizing::new(String::new());
        match File::open(&path) {
            Ok(file) => match file.take(MOST_BYTES).read_to_string(&mut text) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    return Err(FileError::Damaged { path });
                }
                Err(error) => return Err(FileError::Io { path, error }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FileError::Io { path, error }),
        }
        // A list would be read as the fields in their order.
        if !text.trim_start().starts_with('{') {
            return Err(FileError::Damaged { path });
        }
        let damaged = |_| FileError::Damaged { path: path.clone() };
        if serde_json::from_str::<Version>(&text).map_err(damaged)?.is_newer() {
            return Err(FileError::Newer { path });
        }
        let preferences: Preferences = serde_json::from_str(&text).map_err(damaged)?;
        Ok(Some(preferences.checked()))
    }

    /// Keeps them: beside the old file first, then in its place.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`].
    pub fn write(&self, preferences: &Preferences) -> Result<(), FileError> {
        let path = self.path();
        let refused = |error| FileError::Io { path: path.clone(), error };
        let written = Written { version: VERSION, preferences };
        let text = serde_json::to_vec_pretty(&written).map_err(|error| refused(error.into()))?;
        let text = Zeroizing::new(text);
        shepot_private_files::make_folder(&self.folder).map_err(refused)?;
        shepot_private_files::write(&path, &text).map_err(refused)
    }

    /// Removes it, with what was put aside. What was written over stays on the disk as long as the disk likes.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`].
    pub fn remove(&self) -> Result<(), FileError> {
        let mut failed = None;
        for path in [self.path(), shepot_private_files::beside(&self.path()), self.put_aside_at()] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    failed.get_or_insert(FileError::Io { path, error });
                }
                Ok(()) | Err(_) => {}
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Where a file stands that could not be read.
    fn put_aside_at(&self) -> PathBuf {
        self.folder.join(format!("{NAME}.damaged"))
    }

    /// Puts a file that cannot be read aside, so that it is not written over.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`].
    pub fn put_aside(&self) -> Result<PathBuf, FileError> {
        let (path, aside) = (self.path(), self.put_aside_at());
        fs::rename(&path, &aside).map_err(|error| FileError::Io { path, error })?;
        Ok(aside)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{SavedServer, SecretText, Theme};

    fn some() -> Preferences {
        Preferences {
            servers: vec![SavedServer {
                name: "Маяк".into(),
                entry: SecretText::new("shepot://203.0.113.5:7443/#secret"),
                connects_at_start: true,
                about: None,
                ..SavedServer::default()
            }],
            theme: Theme::Light,
            ..Preferences::default()
        }
    }

    #[test]
    fn what_is_kept_comes_back_and_nobody_else_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = PreferencesFile::in_folder(folder.path().join("shepot"));
        assert_eq!(file.read().unwrap(), None);
        file.write(&some()).unwrap();
        assert_eq!(file.read().unwrap(), Some(some()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&file.path()), mode(file.path().parent().unwrap())), (0o600, 0o700));
        }
        file.remove().unwrap();
        assert_eq!(fs::read_dir(folder.path().join("shepot")).unwrap().count(), 0);
        assert!(!format!("{:?}", some()).contains("secret"));
    }

    #[test]
    fn a_damaged_file_is_told_and_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = PreferencesFile::in_folder(folder.path());
        for garbage in [&b"{\"servers\": 5"[..], b"\xff\xfe", b"[]"] {
            fs::write(file.path(), garbage).unwrap();
            assert!(matches!(file.read(), Err(FileError::Damaged { .. })), "{garbage:?}");
        }
        let aside = file.put_aside().unwrap();
        assert_eq!(fs::read(aside).unwrap(), b"[]");
    }

    #[test]
    fn a_newer_file_is_told_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = PreferencesFile::in_folder(folder.path());
        file.write(&some()).unwrap();
        let written = fs::read_to_string(file.path()).unwrap();
        let version: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(version["version"], VERSION);
        // Whatever else it says, and in whatever way.
        for version in
            [(VERSION + 1).to_string().as_str(), "5000000000", "2.0", r#""2.0""#, r#"{"major": 2}"#]
        {
            let newer = format!(r#"{{"servers": {{}}, "version": {version}}}"#);
            fs::write(file.path(), &newer).unwrap();
            assert!(matches!(file.read(), Err(FileError::Newer { .. })), "{version}");
            assert_eq!(fs::read_to_string(file.path()).unwrap(), newer);
        }
    }

    #[test]
    fn what_an_older_program_did_not_know_has_its_usual_value() {
        let folder = tempfile::tempdir().unwrap();
        let file = PreferencesFile::in_folder(folder.path());
        fs::write(file.path(), r#"{"theme": "dark", "text_size": 90, "something_newer": 1}"#).unwrap();
        let read = file.read().unwrap().unwrap();
        assert_eq!((read.theme, read.text_size, read.remembers), (Theme::Dark, 20, true));
    }
}
