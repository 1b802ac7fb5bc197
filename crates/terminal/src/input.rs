//! Lines from standard input, in a thread of their own: a terminal cannot be read without blocking one.

use std::io::{BufRead as _, Read as _};

use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// Bytes of a line; what is longer is cut there, so that a pipe without line ends costs no memory.
pub(crate) const LINE_BYTES: u64 = 256 * 1024;

const LINES_WAITING: usize = 64;

/// A line without its end. Wiped when dropped: it may be an invitation.
pub(crate) type Line = Zeroizing<String>;

/// Starts reading. The channel closes at the end of input.
pub(crate) fn lines() -> mpsc::Receiver<Line> {
    let (sender, receiver) = mpsc::channel(LINES_WAITING);
    // Not joined: it ends with the process, since nothing interrupts a read of a terminal.
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut bytes = Zeroizing::new(Vec::new());
            match input.by_ref().take(LINE_BYTES).read_until(b'\n', &mut bytes) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let line =
                Zeroizing::new(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned());
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
