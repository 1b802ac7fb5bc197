//! The server's end of the control socket.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::operator::Operator;

/// A listening socket in the file system.
#[derive(Debug)]
pub(crate) struct ControlSocket {
    path: PathBuf,
    #[cfg(unix)]
    listener: std::os::unix::net::UnixListener,
}

/// Why the socket cannot be made.
#[derive(Debug, Error)]
pub(crate) enum SocketError {
    /// Another server answers at this path.
    #[error("in use")]
    InUse,
    /// The path is longer than the system allows.
    #[error("too long")]
    TooLong,
    /// Something else is at this path. It is not replaced.
    #[error("no socket")]
    NotOurs,
    /// The system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl ControlSocket {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(unix)]
mod system {
    use std::fs;
    use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, PermissionsExt as _};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::time::Duration;

    use rustix::fs::Mode;
    use rustix::process::{geteuid, umask};
    use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::sync::Semaphore;
    use zeroize::Zeroize as _;

    use super::{Arc, ControlSocket, Operator, Path, SocketError, io};
    use crate::control::{Answer, Refusal, Request};

    /// The largest request in bytes.
    const MOST_REQUEST_BYTES: u64 = 16 * 1024;

    /// How many operators may be connected. Others have to wait.
    const MOST_CALLERS: usize = 16;

    /// After how long a caller is dropped that says nothing or does not take its answer.
    const MOST_SILENCE: Duration = Duration::from_secs(60);

    /// How long accepting pauses after the system refused.
    const ACCEPT_REST: Duration = Duration::from_millis(50);

    /// The longest path that `sockaddr_un` has room for, with its end, in bytes.
    const MOST_PATH_BYTES: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

    impl ControlSocket {
        /// Makes the socket for its owner only. A socket at which nobody answers any more is replaced.
        pub(crate) fn open(path: &Path) -> Result<Self, SocketError> {
            if path.as_os_str().len() > MOST_PATH_BYTES {
                return Err(SocketError::TooLong);
            }
            if let Some(folder) = path.parent() {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            if UnixStream::connect(path).is_ok() {
                return Err(SocketError::InUse);
            }
            match fs::symlink_metadata(path) {
                Ok(about) if about.file_type().is_socket() => fs::remove_file(path)?,
                Ok(_) => return Err(SocketError::NotOurs),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
            // Private from the first moment: a client that connects before the mode is set would stay connected.
            let before = umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
            let listener = UnixListener::bind(path);
            umask(before);
            let listener = listener?;
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
            listener.set_nonblocking(true)?;
            Ok(Self { path: path.to_owned(), listener })
        }

        /// Answers operators for as long as it is polled.
        #[allow(clippy::disallowed_methods, reason = "rests when the system has no more to give")]
        pub(crate) async fn serve(self, operator: Arc<Operator>) -> io::Result<()> {
            let listener = tokio::net::UnixListener::from_std(self.listener.try_clone()?)?;
            let callers = Arc::new(Semaphore::new(MOST_CALLERS));
            loop {
                // Never closed.
                let Ok(place) = Arc::clone(&callers).acquire_owned().await else { return Ok(()) };
                match listener.accept().await {
                    // The file's mode says so already; where a system does not heed it, this does.
                    Ok((stream, _)) if !may_operate(&stream) => drop(stream),
                    Ok((stream, _)) => {
                        let operator = Arc::clone(&operator);
                        tokio::spawn(async move {
                            // A caller that is gone needs no answer.
                            let _ = converse(stream, &operator).await;
                            drop(place);
                        });
                    }
                    Err(_) => tokio::time::sleep(ACCEPT_REST).await,
                }
            }
        }
    }

    /// Whether the caller is the server's own user or root.
    fn may_operate(stream: &tokio::net::UnixStream) -> bool {
        stream.peer_cred().is_ok_and(|peer| peer.uid() == 0 || peer.uid() == geteuid().as_raw())
    }

    impl Drop for ControlSocket {
        fn drop(&mut self) {
            // Where the system does not let us any more, the next start replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }

    async fn converse(stream: tokio::net::UnixStream, operator: &Arc<Operator>) -> io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read);
        loop {
            let mut line = Vec::new();
            let reading = (&mut lines).take(MOST_REQUEST_BYTES);
            tokio::pin!(reading);
            #[allow(clippy::disallowed_methods, reason = "a guard against a caller that hangs")]
            let length = tokio::time::timeout(MOST_SILENCE, reading.read_until(b'\n', &mut line)).await??;
            if length == 0 {
                return Ok(());
            }
            let mut ends = false;
            let answer = match serde_json::from_slice::<Request>(&line) {
                Ok(request) => {
                    ends = request == Request::Stop;
                    #[allow(clippy::disallowed_methods, reason = "the loop that the question woke")]
                    let (operator, now) = (Arc::clone(operator), shepot_l10n::clock::now());
                    // It may wait for the disk, or count thousands.
                    tokio::task::spawn_blocking(move || operator.answer(request, now)).await?
                }
                Err(error) => Answer::Refused(Refusal::BadRequest { reason: error.to_string() }),
            };
            let mut line = serde_json::to_vec(&answer)?;
            line.push(b'\n');
            #[allow(clippy::disallowed_methods, reason = "a guard against a caller that hangs")]
            let written = tokio::time::timeout(MOST_SILENCE, write.write_all(&line)).await;
            line.zeroize();
            if ends {
                operator.stop();
            }
            written??;
        }
    }
}

#[cfg(not(unix))]
mod system {
    use super::{Arc, ControlSocket, Operator, Path, SocketError, io};

    impl ControlSocket {
        /// This system has no such sockets.
        pub(crate) fn open(_path: &Path) -> Result<Self, SocketError> {
            Err(io::Error::from(io::ErrorKind::Unsupported).into())
        }

        /// Cannot be called, because [`ControlSocket::open`] always fails.
        pub(crate) async fn serve(self, _operator: Arc<Operator>) -> io::Result<()> {
            std::future::pending().await
        }
    }
}
