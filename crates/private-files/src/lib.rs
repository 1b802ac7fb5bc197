//! Files that only their owner can read, written whole or not at all.
//!
//! Owns: how a file with secrets gets onto the disk. If the program is killed or the power fails during a write, the
//! file is the old one or the new one. The temporary file has a fixed name, so that the next write, or removing the
//! file, removes it too. (Libraries for this choose random names: what a killed program leaves behind then stays, with
//! its secrets.)
//!
//! Must never: leave a file open to others, not even for a moment.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Makes a folder and its parents, accessible only to their owner. An existing folder stays as it is.
///
/// # Errors
///
/// The system's reason if it refuses.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Replaces the file by one with these bytes, and waits until both the bytes and the name are on the disk.
///
/// # Errors
///
/// The system's reason if it refuses. The file is then the old one or the new one.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    write_new(&beside, bytes)?;
    fs::rename(&beside, path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// The temporary file next to the target.
#[must_use]
pub fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // One that was left behind may be open to others.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    // A file in the folder that a program stands in has no folder in its name.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

/// Does nothing, since folders cannot be opened here and the system itself stores names.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_takes_the_place_of_the_old_one_and_nobody_else_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("a/b");
        make_folder(&inside).unwrap();
        make_folder(&inside).unwrap();
        let path = inside.join("keys");
        // A program was killed while it wrote; what it left is open to others.
        fs::write(beside(&path), "half").unwrap();
        for bytes in ["old", "new"] {
            write(&path, bytes.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), bytes);
            assert!(!beside(&path).exists());
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(&inside)), (0o600, 0o700));
        }
    }

    #[test]
    fn what_cannot_be_written_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        write(&path, b"old").unwrap();
        // A folder stands where the bytes would stand.
        fs::create_dir(beside(&path)).unwrap();
        assert!(write(&path, b"new").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert!(write(&folder.path().join("none/keys"), b"new").is_err());
    }
}
