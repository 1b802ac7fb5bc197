//! The state folder, which is all that outlives a relay.
//!
//! Owns: two files that only their owner can read, written atomically, each with a checksum. They hold the identity
//! key, by which clients recognise the relay, and the access keys, so that invitations stay valid. The keys have a
//! folder of their own, in which a running server can still write when it is confined.
//!
//! Must never: replace a file that cannot be read, which would void every invitation, or hold anything else.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use shepot_protocol::AccessKey;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::access::{AccessKeys, IssuedKey, MOST_ACCESS_KEYS, MOST_LABEL_BYTES};
use crate::identity::{Identity, IdentityError};

const IDENTITY_FILE: &str = "identity";
const IDENTITY_MAGIC: &[u8; 16] = b"shepot identity1";
const ACCESS_FOLDER: &str = "access";
const ACCESS_FILE: &str = "access/keys";
const ACCESS_MAGIC: &[u8; 16] = b"shepot access k2";
/// The size of a record: a key, four numbers of 8 bytes, a label with its length in front.
const RECORD_BYTES: usize = KEY_BYTES + 4 * NUMBER_BYTES + 1 + MOST_LABEL_BYTES;
const KEY_BYTES: usize = 32;
const NUMBER_BYTES: usize = 8;
const CHECKSUM_BYTES: usize = 32;
/// Stands for a missing number.
const NO_NUMBER: u64 = u64::MAX;
/// The largest file that is read, in bytes.
const MOST_BYTES: usize = 16 + MOST_ACCESS_KEYS * RECORD_BYTES + CHECKSUM_BYTES;

/// What is wrong with the state folder.
#[derive(Debug, Error)]
pub enum StateError {
    /// The system refused access. The operator has to fix it.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder that was accessed.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// The file was changed or truncated. The operator has to restore it, or remove it and send new invitations.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// Another server uses the folder.
    #[error("{0} is used by another server")]
    Occupied(PathBuf),
    /// A new key could not be made.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// A state folder locked for one server.
#[derive(Debug)]
pub struct Occupied {
    _lock: Option<File>,
}

/// The state folder of a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateFolder {
    path: PathBuf,
}

impl StateFolder {
    /// Opens the folder, and makes it for its owner only if it does not exist.
    ///
    /// # Errors
    ///
    /// [`StateError::Io`] if the system refuses.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StateError> {
        let path = path.into();
        let access = path.join(ACCESS_FOLDER);
        for folder in [&path, &access] {
            shepot_private_files::make_folder(folder)
                .map_err(|error| StateError::Io { path: folder.clone(), error })?;
        }
        Ok(Self { path })
    }

    /// A folder that exists already. Nothing is made.
    #[must_use]
    pub fn existing(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Locks the folder for as long as the handle exists, against other servers and against commands that would change
    /// what this one knows.
    ///
    /// # Errors
    ///
    /// [`StateError::Occupied`] if another server has it. [`StateError::Io`] if the system refuses.
    pub fn occupy(&self) -> Result<Occupied, StateError> {
        let folder = self.access_folder();
        match try_lock_folder(&folder) {
            Ok(Some(lock)) => Ok(Occupied { _lock: lock }),
            Ok(None) => Err(StateError::Occupied(self.path.clone())),
            Err(error) => Err(StateError::Io { path: folder, error }),
        }
    }

    /// The folder that a running relay has to be able to write to.
    #[must_use]
    pub fn access_folder(&self) -> PathBuf {
        self.path.join(ACCESS_FOLDER)
    }

    /// Path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The stored identity. If there is none, one is generated and stored.
    ///
    /// # Errors
    ///
    /// [`StateError`] if it cannot be read, written or generated.
    pub fn identity(&self) -> Result<Identity, StateError> {
        let _alone = self.lock()?;
        if let Some(key) = self.read(IDENTITY_FILE, IDENTITY_MAGIC)? {
            return Identity::from_pkcs8(key).map_err(|_| StateError::Damaged(self.path.join(IDENTITY_FILE)));
        }
        let identity = Identity::generate()?;
        self.write(IDENTITY_FILE, IDENTITY_MAGIC, identity.key())?;
        Ok(identity)
    }

    /// The stored access keys. If there is no file, one key is generated and stored. `now`: seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`StateError`] if they cannot be read, written or generated.
    pub fn access_keys(&self, now: u64) -> Result<AccessKeys, StateError> {
        let _alone = self.lock()?;
        if let Some(keys) = self.read_access_keys()? {
            return Ok(keys);
        }
        let keys = AccessKeys::generate(now).map_err(|_| IdentityError::Generate)?;
        self.write_access_keys(&keys)?;
        Ok(keys)
    }

    /// The stored access keys. `None`: there are none yet.
    ///
    /// # Errors
    ///
    /// [`StateError`] if they cannot be read.
    pub fn stored_access_keys(&self) -> Result<Option<AccessKeys>, StateError> {
        self.read_access_keys()
    }

    fn read_access_keys(&self) -> Result<Option<AccessKeys>, StateError> {
        let Some(bytes) = self.read(ACCESS_FILE, ACCESS_MAGIC)? else { return Ok(None) };
        let damaged = || StateError::Damaged(self.path.join(ACCESS_FILE));
        let (records, rest) = bytes.as_chunks::<RECORD_BYTES>();
        if !rest.is_empty() || records.len() > MOST_ACCESS_KEYS {
            return Err(damaged());
        }
        records.iter().map(issued_of).collect::<Option<AccessKeys>>().map(Some).ok_or_else(damaged)
    }

    /// Stores a changed set of access keys.
    ///
    /// # Errors
    ///
    /// [`StateError::Io`] if the system refuses.
    pub fn store_access_keys(&self, keys: &AccessKeys) -> Result<(), StateError> {
        let _alone = self.lock()?;
        self.write_access_keys(keys)
    }

    /// Locks the folder against other programs for as long as the handle exists. Two that start at once would each make
    /// an identity, and the invitations of one would be void.
    fn lock(&self) -> Result<Option<File>, StateError> {
        lock_folder(&self.path).map_err(|error| StateError::Io { path: self.path.clone(), error })
    }

    fn write_access_keys(&self, keys: &AccessKeys) -> Result<(), StateError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(keys.len() * RECORD_BYTES));
        for issued in keys.list() {
            write_issued(issued, &mut bytes);
        }
        self.write(ACCESS_FILE, ACCESS_MAGIC, &bytes)
    }

    /// The payload of a file. `None`: there is no such file.
    fn read(&self, name: &str, magic: &[u8; 16]) -> Result<Option<Zeroizing<Vec<u8>>>, StateError> {
        let path = self.path.join(name);
        let failed = |error| StateError::Io { path: path.clone(), error };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let length = usize::try_from(file.metadata().map_err(failed)?.len()).unwrap_or(usize::MAX);
        if length > MOST_BYTES {
            return Err(StateError::Damaged(path));
        }
        let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
        // With room for all of it: growing would leave copies of keys behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
        file.take(most).read_to_end(&mut bytes).map_err(failed)?;
        let checked =
            bytes.split_last_chunk::<CHECKSUM_BYTES>().filter(|(body, sum)| checksum(body) == **sum);
        let payload = checked.and_then(|(body, _)| body.strip_prefix(magic));
        payload.map(|payload| Some(Zeroizing::new(payload.to_vec()))).ok_or(StateError::Damaged(path))
    }

    /// Writes a new file beside the old one, then replaces that.
    fn write(&self, name: &str, magic: &[u8; 16], payload: &[u8]) -> Result<(), StateError> {
        let path = self.path.join(name);
        let mut bytes = Zeroizing::new(Vec::with_capacity(magic.len() + payload.len() + CHECKSUM_BYTES));
        bytes.extend_from_slice(magic);
        bytes.extend_from_slice(payload);
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum);
        shepot_private_files::write(&path, &bytes).map_err(|error| StateError::Io { path, error })
    }
}

fn write_issued(issued: &IssuedKey, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(issued.key.expose());
    let most_uses = issued.most_uses.map_or(NO_NUMBER, u64::from);
    let expires_at = issued.expires_at.unwrap_or(NO_NUMBER);
    for number in [issued.issued_at, expires_at, most_uses, issued.uses.into()] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    let label = issued.label.as_bytes();
    let length = label.len().min(MOST_LABEL_BYTES);
    bytes.push(u8::try_from(length).unwrap_or_default());
    let padded = label.iter().copied().chain(std::iter::repeat(0));
    bytes.extend(padded.take(MOST_LABEL_BYTES));
}

/// Reads a record. `None`: it is not one of ours.
fn issued_of(record: &[u8; RECORD_BYTES]) -> Option<IssuedKey> {
    let (key, rest) = record.split_first_chunk::<KEY_BYTES>()?;
    let (numbers, rest) = rest.split_first_chunk::<{ 4 * NUMBER_BYTES }>()?;
    let (numbers, _) = numbers.as_chunks::<NUMBER_BYTES>();
    let [issued_at, expires_at, most_uses, uses] = numbers else { return None };
    let [issued_at, expires_at, most_uses, uses] =
        [issued_at, expires_at, most_uses, uses].map(|bytes| u64::from_be_bytes(*bytes));
    let (length, label) = rest.split_first()?;
    let label = String::from_utf8(label.get(..usize::from(*length))?.to_vec()).ok()?;
    let most_uses = if most_uses == NO_NUMBER { None } else { Some(u32::try_from(most_uses).ok()?) };
    Some(IssuedKey {
        key: AccessKey::new(*key),
        label,
        issued_at,
        expires_at: Some(expires_at).filter(|number| *number != NO_NUMBER),
        most_uses,
        uses: u32::try_from(uses).ok()?,
    })
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().try_into().unwrap_or_default()
}

#[cfg(unix)]
fn lock_folder(path: &Path) -> io::Result<Option<File>> {
    let folder = File::open(path)?;
    match folder.lock() {
        Ok(()) => Ok(Some(folder)),
        // Some network file systems know no locks.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(None),
        Err(error) => Err(error),
    }
}

/// The inner `None`: this file system has no locks. The outer `None`: somebody else holds the lock.
#[cfg(unix)]
fn try_lock_folder(path: &Path) -> io::Result<Option<Option<File>>> {
    let folder = File::open(path)?;
    match folder.try_lock() {
        Ok(()) => Ok(Some(Some(folder))),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(Some(None)),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Folders cannot be locked on this system.
#[cfg(not(unix))]
fn try_lock_folder(_path: &Path) -> io::Result<Option<Option<File>>> {
    Ok(Some(None))
}

/// Folders cannot be locked on this system.
#[cfg(not(unix))]
fn lock_folder(_path: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, StateFolder) {
        let place = tempfile::tempdir().unwrap();
        let folder = StateFolder::open(place.path().join("a/state")).unwrap();
        (place, folder)
    }

    #[test]
    fn identity_and_keys_outlive_a_restart() {
        let (_place, folder) = folder();
        let (identity, keys) = (folder.identity().unwrap(), folder.access_keys(0).unwrap());
        assert_eq!(folder.identity().unwrap().pin(), identity.pin());
        let first = keys.standing().unwrap();
        assert_eq!(folder.access_keys(0).unwrap().list(), [first]);
        let second = IssuedKey {
            expires_at: Some(5),
            most_uses: Some(7),
            uses: 3,
            ..IssuedKey::unbounded(AccessKey::new([9; 32]), u64::MAX - 1).named("стол у окна")
        };
        let most = IssuedKey::unbounded(AccessKey::new([8; 32]), u64::MAX).named(&"x".repeat(200));
        let three: AccessKeys = [first.clone(), second.clone(), most.clone()].into_iter().collect();
        folder.store_access_keys(&three).unwrap();
        assert_eq!(folder.access_keys(0).unwrap().list(), [first, &second, &most]);
        folder.store_access_keys(&AccessKeys::new()).unwrap();
        assert!(folder.access_keys(0).unwrap().is_empty(), "none is made where all were taken back");
        let names = |path: &Path| {
            let mut names: Vec<_> = fs::read_dir(path).unwrap().map(|e| e.unwrap().file_name()).collect();
            names.sort();
            names
        };
        assert_eq!(names(folder.path()), [ACCESS_FOLDER, IDENTITY_FILE], "and nothing else");
        assert_eq!(names(&folder.access_folder()), ["keys"]);
    }

    #[test]
    fn a_damaged_file_is_an_error_and_stays() {
        let (_place, folder) = folder();
        folder.identity().unwrap();
        let path = folder.path().join(IDENTITY_FILE);
        let good = fs::read(&path).unwrap();
        let mut changed = good.clone();
        changed[20] ^= 1;
        for bad in [changed, good[..good.len() - 1].to_vec(), Vec::new(), vec![0; MOST_BYTES + 1]] {
            fs::write(&path, &bad).unwrap();
            assert!(matches!(folder.identity(), Err(StateError::Damaged(_))));
            assert_eq!(fs::read(&path).unwrap(), bad, "it is not replaced");
        }
        fs::write(&path, good).unwrap();
        folder.identity().unwrap();
        // One file is not taken for the other.
        fs::copy(&path, folder.path().join(ACCESS_FILE)).unwrap();
        assert!(matches!(folder.access_keys(0), Err(StateError::Damaged(_))));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_place, folder) = folder();
        folder.identity().unwrap();
        folder.access_keys(0).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.path()), 0o700);
        for name in [IDENTITY_FILE, ACCESS_FILE] {
            assert_eq!(mode(&folder.path().join(name)), 0o600);
        }
    }

    #[cfg(unix)]
    #[test]
    fn who_comes_at_the_same_time_gets_the_same_identity() {
        let (_place, folder) = folder();
        let pins = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let keys = folder.access_keys(0).unwrap();
                        (folder.identity().unwrap().pin(), keys.standing().cloned())
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(pins.iter().all(|pin| *pin == pins[0]));
    }

    #[cfg(unix)]
    #[test]
    fn one_server_has_it_at_a_time() {
        let (_place, folder) = folder();
        let first = folder.occupy().unwrap();
        assert!(matches!(folder.occupy(), Err(StateError::Occupied(_))));
        folder.access_keys(0).unwrap();
        drop(first);
        folder.occupy().unwrap();
    }

    #[test]
    fn what_a_killed_program_left_behind_is_no_hindrance() {
        let (_place, folder) = folder();
        fs::write(folder.path().join("identity.new"), b"half").unwrap();
        let pin = folder.identity().unwrap().pin();
        assert_eq!(folder.identity().unwrap().pin(), pin);
    }

    #[test]
    fn a_folder_that_cannot_be_is_named() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, b"x").unwrap();
        let Err(StateError::Io { path, .. }) = StateFolder::open(file.join("state")) else { panic!() };
        assert!(path.starts_with(&file));
    }
}
