//! The file with the preferences: private, and written whole or not at all.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::Preferences;

const NAME: &str = "preferences.json";

/// The version of the format. It changes if an older program would misread the file, or lose part of it when it writes
/// it.
const VERSION: u32 = 1;

/// The most bytes of a file that is read. Ten thousand servers with invitations fit.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The file cannot be used.
#[derive(Debug, Error)]
pub enum FileError {
    /// The system refuses.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// A newer program wrote the file. It is left as it is.
    #[error("{path} was written by a newer program")]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// This program did not write the file. It is left as it is.
    #[error("{path} is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// The version of a file. The oldest files have none.
#[derive(Deserialize)]
struct Version {
    version: Option<serde_json::Value>,
}

impl Version {
    /// Whether it is newer. A version that is not a number we know counts as newer, too.
    fn is_newer(&self) -> bool {
        let known = |version: &serde_json::Value| version.as_u64().is_some_and(|is| is <= VERSION.into());
        self.version.as_ref().is_some_and(|version| !known(version))
    }
}

/// The content of the file by field name.
type Fields = serde_json::Map<String, serde_json::Value>;

fn fields(preferences: &Preferences) -> Result<Fields, serde_json::Error> {
    serde_json::to_value(preferences).and_then(serde_json::from_value)
}

/// The right to use a profile, for as long as this exists.
#[derive(Debug)]
pub struct ProfileLock {
    _file: File,
}

/// The place where preferences are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferencesFile {
    folder: PathBuf,
}

/// The platform's folder for Shepot's configuration. `None` if the system names no home folder.
#[must_use]
pub fn configuration_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("org", "shepot", "Shepot").map(|folders| folders.config_dir().to_owned())
}

/// The platform's folder for Shepot's logs.
#[must_use]
pub fn log_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("org", "shepot", "Shepot")
        .map(|folders| folders.state_dir().unwrap_or_else(|| folders.data_local_dir()).join("logs"))
}

impl PreferencesFile {
    /// The file in this folder. The folder is made when something is stored.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder of the file.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// The stored preferences. `None` if nothing is stored.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the file cannot be read, is newer, or is not ours.
    pub fn read(&self) -> Result<Option<Preferences>, FileError> {
        let Some(text) = self.text()? else { return Ok(None) };
        let damaged = |_| FileError::Damaged { path: self.path() };
        let preferences: Preferences = serde_json::from_str(&text).map_err(damaged)?;
        Ok(Some(preferences.checked()))
    }

    /// The text of the file, if it can be read. `None` if there is no file.
    fn text(&self) -> Result<Option<Zeroizing<String>>, FileError> {
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
        Ok(Some(text))
    }

    /// Stores what changed since `before`: first beside the old file, then in its place. Fields that another program
    /// changed in the meantime, and this one did not, stay.
    ///
    /// # Errors
    ///
    /// [`FileError`] if it cannot be written. Also if the file is newer by now or not ours; it then stays.
    pub fn write(&self, before: &Preferences, preferences: &Preferences) -> Result<(), FileError> {
        let path = self.path();
        let refused = |error| FileError::Io { path: path.clone(), error };
        let malformed = |error: serde_json::Error| refused(error.into());
        let mut written = fields(preferences).map_err(malformed)?;
        if let Some(text) = self.text()? {
            let damaged = |_| FileError::Damaged { path: path.clone() };
            let there: Fields = serde_json::from_str(&text).map_err(damaged)?;
            let before = fields(before).map_err(malformed)?;
            for (name, value) in there {
                if before.get(&name) == written.get(&name) {
                    written.insert(name, value);
                }
            }
        }
        written.insert("version".to_owned(), VERSION.into());
        let text = Zeroizing::new(serde_json::to_vec_pretty(&written).map_err(malformed)?);
        shepot_private_files::make_folder(&self.folder).map_err(refused)?;
        shepot_private_files::write(&path, &text).map_err(refused)
    }

    /// Takes the profile for this program. `None` if another program has it.
    ///
    /// # Errors
    ///
    /// The system's reason if it has no locks.
    pub fn lock(&self) -> io::Result<Option<ProfileLock>> {
        shepot_private_files::make_folder(&self.folder)?;
        // Where the folder itself can be locked, nothing is left behind.
        let file = if cfg!(unix) {
            File::open(&self.folder)?
        } else {
            File::options().create(true).truncate(false).write(true).open(self.folder.join("lock"))?
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(ProfileLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Removes the file, and those put aside. The disk may keep remains of overwritten files.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`] if the system refuses.
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

    /// The path for a file that could not be read.
    fn put_aside_at(&self) -> PathBuf {
        self.folder.join(format!("{NAME}.damaged"))
    }

    /// Puts a damaged file aside, so that it is not written over. Returns its new path.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`] if the system refuses.
    pub fn put_aside(&self) -> Result<PathBuf, FileError> {
        let (path, aside) = (self.path(), self.put_aside_at());
        fs::rename(&path, &aside).map_err(|error| FileError::Io { path, error })?;
        Ok(aside)
    }
}

#[cfg(test)]
mod tests {
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
        file.write(&some(), &some()).unwrap();
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
        file.write(&some(), &some()).unwrap();
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
    fn what_somebody_else_wrote_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = PreferencesFile::in_folder(folder.path());
        let before = some();
        file.write(&before, &before).unwrap();
        // By hand: another language, and something that is thought of later.
        let text = fs::read_to_string(file.path()).unwrap();
        let mut there: Fields = serde_json::from_str(&text).unwrap();
        there.insert("language".to_owned(), "ru".into());
        there.insert("later".to_owned(), 7.into());
        fs::write(file.path(), serde_json::to_vec(&there).unwrap()).unwrap();
        let now = Preferences { text_size: 17, ..before.clone() };
        file.write(&before, &now).unwrap();
        assert_eq!(file.read().unwrap(), Some(Preferences { language: Some("ru".into()), ..now.clone() }));
        assert!(fs::read_to_string(file.path()).unwrap().contains("\"later\": 7"));
        // What is newer by now, or damaged, is not written over.
        for there in [r#"{"version": 2}"#, "no longer ours"] {
            fs::write(file.path(), there).unwrap();
            file.write(&now, &before).unwrap_err();
            assert_eq!(fs::read_to_string(file.path()).unwrap(), there);
        }
    }

    #[test]
    fn a_profile_is_one_programs_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = PreferencesFile::in_folder(folder.path().join("shepot"));
        let lock = file.lock().unwrap();
        assert!(lock.is_some() && file.lock().unwrap().is_none());
        drop(lock);
        assert!(file.lock().unwrap().is_some());
        if cfg!(unix) {
            assert_eq!(fs::read_dir(file.folder()).unwrap().count(), 0, "nothing is left behind");
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
