//! The operator's end of the control socket.

use std::io;
use std::path::Path;

use thiserror::Error;

use super::{Answer, Request};

/// A conversation with a running server.
#[derive(Debug)]
pub(crate) struct Caller {
    #[cfg(unix)]
    stream: io::BufReader<std::os::unix::net::UnixStream>,
}

/// Why the server cannot be asked.
#[derive(Debug, Error)]
pub(crate) enum CallError {
    /// Nothing answers there, so no server is running.
    #[error("no server runs")]
    NotRunning,
    /// The system refuses: the file belongs to another user, or the server hangs.
    #[error(transparent)]
    Io(io::Error),
    /// What came back is not an answer: another program, or another version, is there.
    #[error("not an answer: {0}")]
    Garbage(serde_json::Error),
}

#[cfg(unix)]
mod system {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use super::{Answer, CallError, Caller, Path, Request, io};

    /// The largest answer in bytes. It has room for a hundred thousand connections.
    const MOST_ANSWER_BYTES: u64 = 64 * 1024 * 1024;

    /// How long an answer may take.
    const PATIENCE: Duration = Duration::from_secs(10);

    impl Caller {
        /// Connects to the server with this socket.
        pub(crate) fn connect(path: &Path) -> Result<Self, CallError> {
            let nobody = |error: &io::Error| {
                matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
            };
            let stream = UnixStream::connect(path)
                .map_err(|error| if nobody(&error) { CallError::NotRunning } else { CallError::Io(error) })?;
            stream.set_read_timeout(Some(PATIENCE)).map_err(CallError::Io)?;
            stream.set_write_timeout(Some(PATIENCE)).map_err(CallError::Io)?;
            Ok(Self { stream: BufReader::new(stream) })
        }

        /// Sends a request and waits for the answer.
        pub(crate) fn ask(&mut self, request: &Request) -> Result<Answer, CallError> {
            let mut line = serde_json::to_vec(request).map_err(CallError::Garbage)?;
            line.push(b'\n');
            self.stream.get_mut().write_all(&line).map_err(CallError::Io)?;
            let mut answer = zeroize::Zeroizing::new(Vec::new());
            let length = (&mut self.stream)
                .take(MOST_ANSWER_BYTES)
                .read_until(b'\n', &mut answer)
                .map_err(CallError::Io)?;
            if length == 0 {
                return Err(CallError::NotRunning);
            }
            serde_json::from_slice(&answer).map_err(CallError::Garbage)
        }
    }
}

#[cfg(not(unix))]
mod system {
    use super::{Answer, CallError, Caller, Path, Request, io};

    impl Caller {
        /// This system has no such sockets.
        pub(crate) fn connect(_path: &Path) -> Result<Self, CallError> {
            Err(CallError::Io(io::ErrorKind::Unsupported.into()))
        }

        /// Cannot be called, because [`Caller::connect`] always fails.
        pub(crate) fn ask(&mut self, _request: &Request) -> Result<Answer, CallError> {
            Err(CallError::Io(io::ErrorKind::Unsupported.into()))
        }
    }
}
