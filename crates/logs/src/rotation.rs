//! A log file that is compressed and put away when it is large enough. Only a few of these are kept.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

/// The size in bytes from which a file is put away.
const MOST_BYTES: u64 = 1024 * 1024;

/// How many files are kept after they were put away.
const KEPT: usize = 9;

pub(super) struct RotatingFile {
    folder: PathBuf,
    name: &'static str,
    file: File,
    bytes: u64,
    most_bytes: u64,
}

impl RotatingFile {
    pub(super) fn open(folder: &Path, name: &'static str) -> io::Result<Self> {
        Self::open_with(folder, name, MOST_BYTES)
    }

    fn open_with(folder: &Path, name: &'static str, most_bytes: u64) -> io::Result<Self> {
        make_folder(folder)?;
        let file = open_file(&folder.join(name))?;
        let bytes = file.metadata()?.len();
        Ok(Self { folder: folder.to_owned(), name, file, bytes, most_bytes })
    }

    /// Writes one line, to a new file if the present one is full.
    pub(super) fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.bytes > 0 && self.bytes.saturating_add(length) > self.most_bytes {
            self.rotate()?;
        }
        self.file.write_all(line)?;
        self.bytes = self.bytes.saturating_add(length);
        Ok(())
    }

    /// Puts the present file away. `.1.gz` is the youngest.
    fn rotate(&mut self) -> io::Result<()> {
        let old = |number: usize| old_file(&self.folder, self.name, number);
        let current = self.folder.join(self.name);
        if !current.exists() {
            // Somebody removed it: there is nothing to put away, and a new one begins.
            self.file = open_file(&current)?;
            self.bytes = 0;
            return Ok(());
        }
        for number in (1..KEPT).rev() {
            if old(number).exists() {
                fs::rename(old(number), old(number + 1))?;
            }
        }
        let mut packed = GzEncoder::new(open_file(&old(1))?, Compression::default());
        io::copy(&mut File::open(&current)?, &mut packed)?;
        packed.finish()?;
        fs::remove_file(&current)?;
        self.file = open_file(&current)?;
        self.bytes = 0;
        Ok(())
    }
}

fn old_file(folder: &Path, name: &str, number: usize) -> PathBuf {
    folder.join(format!("{name}.{number}.gz"))
}

/// Removes the present file and those that were put away.
pub(super) fn remove_all(folder: &Path, name: &str) -> io::Result<()> {
    let files = (1..=KEPT).map(|number| old_file(folder, name, number)).chain([folder.join(name)]);
    for file in files {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

fn open_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    const NAME: &str = "shepot-test.log";

    #[test]
    fn full_files_are_packed_and_only_so_many_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = RotatingFile::open_with(folder.path(), NAME, 100).unwrap();
        for n in 0..500 {
            file.write(format!("line {n:03}\n").as_bytes()).unwrap();
        }
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names.len(), KEPT + 1, "{names:?}");
        let mut youngest = String::new();
        let packed = File::open(folder.path().join("shepot-test.log.1.gz")).unwrap();
        flate2::read::GzDecoder::new(packed).read_to_string(&mut youngest).unwrap();
        let current = fs::read_to_string(folder.path().join(NAME)).unwrap();
        assert!(current.len() <= 100 && current.ends_with("line 499\n"));
        let first = current.lines().next().unwrap().strip_prefix("line ").unwrap().parse::<u32>().unwrap();
        assert!(youngest.ends_with(&format!("line {:03}\n", first - 1)), "nothing is lost between them");
    }

    #[test]
    fn a_second_start_goes_on_in_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        RotatingFile::open(folder.path(), NAME).unwrap().write(b"one\n").unwrap();
        RotatingFile::open(folder.path(), NAME).unwrap().write(b"two\n").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join(NAME)).unwrap(), "one\ntwo\n");
    }
}
