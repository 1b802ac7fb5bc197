//! What the program is started with: an invitation or an address.
//!
//! Must never: leave an invitation in the list of processes, where everybody on the machine can read it.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, Read as _};

use zeroize::Zeroizing;

/// Stands for the first line of the standard input.
const FROM_INPUT: &str = "-";

/// The longest entry that is taken, in bytes: an invitation has some hundred.
pub(crate) const MOST_BYTES: usize = 4096;

/// What was said on the command line, or is in the standard input; empty where nothing was. An entry on the command
/// line begins the program anew, with the entry in its input.
///
/// # Errors
///
/// The input cannot be read, or the entry is longer than 4,096 bytes.
pub fn entry(argument: Option<String>) -> io::Result<Zeroizing<String>> {
    let entry = Zeroizing::new(argument.unwrap_or_default());
    if entry.len() > MOST_BYTES {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    if *entry == FROM_INPUT {
        return from_input();
    }
    if !entry.is_empty() {
        hide(&entry)?;
    }
    Ok(entry)
}

fn from_input() -> io::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::new());
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    // With its end.
    io::BufReader::new(io::stdin().lock().take(most + 1)).read_line(&mut line)?;
    let length = line.trim_end().len();
    line.truncate(length);
    if length > MOST_BYTES { Err(io::Error::from(io::ErrorKind::InvalidData)) } else { Ok(line) }
}

/// Becomes the same program without the entry among its arguments. Comes back with an error only.
#[cfg(unix)]
fn hide(entry: &str) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    let (reader, mut writer) = io::pipe()?;
    // A pipe takes more than the longest entry without anybody reading.
    writeln!(writer, "{entry}")?;
    drop(writer);
    let others = std::env::args_os().skip(1);
    let arguments = others.map(|one| if one == OsStr::new(entry) { OsString::from(FROM_INPUT) } else { one });
    // It comes back with an error only.
    let error = Command::new(std::env::current_exe()?).args(arguments).stdin(reader).exec();
    tracing::warn!("entry not hidden");
    Err(error)
}

/// There a process's arguments are for the same account alone.
#[cfg(not(unix))]
fn hide(entry: &str) -> io::Result<()> {
    let _ = OsStr::new(entry);
    Ok(())
}
