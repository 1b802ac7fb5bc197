//! Reads lines from standard input in its own thread, since a terminal cannot be read without blocking one.
//!
//! Bypasses the standard library's buffer if possible, since that would keep the last lines for as long as the process
//! runs.

use std::io::{IsTerminal as _, Read};

use tokio::sync::mpsc;
use zeroize::{Zeroize as _, Zeroizing};

/// The most bytes of a line. Longer ones are cut, so that a pipe without line ends does not fill the memory.
pub(crate) const LINE_BYTES: usize = 256 * 1024;

/// The most bytes that a terminal passes on of one line, without its end. It cuts longer ones silently
/// (`N_TTY_BUF_SIZE` on Linux).
pub(crate) const TERMINAL_LINE_BYTES: usize = 4095;

const LINES_WAITING: usize = 64;
const CHUNK_BYTES: usize = 4096;

/// A line without its end. It may be an invitation, so it is wiped when dropped.
pub(crate) type Line = Zeroizing<String>;

/// The line was not UTF-8, so its content is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotUtf8;

/// The result of reading a line.
pub(crate) type Typed = Result<Line, NotUtf8>;

/// Starts reading. The channel closes at the end of input.
pub(crate) fn lines() -> mpsc::Receiver<Typed> {
    let (sender, receiver) = mpsc::channel(LINES_WAITING);
    // Not joined: it ends with the process, since nothing interrupts a read of a terminal.
    std::thread::spawn(move || {
        let mut source = source();
        let mut assembled = Lines::default();
        let mut chunk = Zeroizing::new(vec![0; CHUNK_BYTES]);
        loop {
            let count = match source.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            for byte in chunk.iter().take(count) {
                if let Some(line) = assembled.push(*byte)
                    && sender.blocking_send(line).is_err()
                {
                    return;
                }
            }
            chunk.as_mut_slice().zeroize();
        }
        // What was typed and not ended by Enter was not said; a file's last line may lack its end.
        if let Some(line) = assembled.last().filter(|_| !std::io::stdin().is_terminal()) {
            // Nobody listens any more: it was the end anyway.
            let _ = sender.blocking_send(line);
        }
    });
    receiver
}

#[cfg(unix)]
fn source() -> Box<dyn Read> {
    use std::os::fd::AsFd as _;
    match std::io::stdin().as_fd().try_clone_to_owned() {
        Ok(descriptor) => Box::new(std::fs::File::from(descriptor)),
        Err(_) => Box::new(std::io::stdin()),
    }
}

/// Standard input by the standard library's reader, since a Windows console speaks UTF-16.
#[cfg(not(unix))]
fn source() -> Box<dyn Read> {
    Box::new(std::io::stdin())
}

/// Assembles lines from bytes.
#[derive(Default)]
struct Lines {
    bytes: Zeroizing<Vec<u8>>,
}

impl Lines {
    fn push(&mut self, byte: u8) -> Option<Typed> {
        if byte == b'\n' {
            return Some(self.take());
        }
        if self.bytes.len() < LINE_BYTES {
            self.bytes.push(byte);
        }
        None
    }

    fn last(&mut self) -> Option<Typed> {
        if self.bytes.is_empty() { None } else { Some(self.take()) }
    }

    fn take(&mut self) -> Typed {
        let bytes = std::mem::take(&mut self.bytes);
        let text = std::str::from_utf8(&bytes).map_err(|_| NotUtf8)?;
        Ok(Zeroizing::new(text.trim_end_matches('\r').to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_line_ends_and_are_bounded() {
        let mut lines = Lines::default();
        let whole: Vec<Line> =
            "привет\r\n\nlast".bytes().filter_map(|byte| lines.push(byte)).map(Result::unwrap).collect();
        assert_eq!(whole.iter().map(|line| line.as_str()).collect::<Vec<_>>(), ["привет", ""]);
        assert_eq!(lines.last().unwrap().unwrap().as_str(), "last");
        let damaged: Vec<Typed> = b"caf\xe9\n".iter().filter_map(|byte| lines.push(*byte)).collect();
        assert_eq!(damaged, [Err(NotUtf8)], "never said by halves");
        assert!(lines.last().is_none());
        for _ in 0..LINE_BYTES + 10 {
            assert!(lines.push(b'a').is_none());
        }
        assert_eq!(lines.push(b'\n').unwrap().unwrap().len(), LINE_BYTES);
    }
}
