//! One program for each profile: a second start hands over what it was started with, and ends.
//!
//! Owns: the lock on the profile's folder, and the socket beside the profile.
//! Must never: act on what is handed over without asking, wait for a peer that says nothing, or leave a lock behind.

use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use interprocess::local_socket::tokio::Stream as Caller;
use interprocess::local_socket::tokio::prelude::*;
use interprocess::local_socket::traits::Stream as _;
use interprocess::local_socket::{ListenerOptions, Name, Stream};
use shepot_preferences::{PreferencesFile, ProfileLock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use crate::started_with::MOST_BYTES;

/// How long each side waits for the other to say something.
const WORD_PATIENCE: Duration = Duration::from_secs(2);

/// How often a second start checks whether the first has ended. Quitting takes three seconds at most.
const LOOKS: u32 = 50;

/// The time between two checks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// The most starts that are heard at once, so that a silent one does not block others.
const MOST_CALLERS: usize = 16;

/// Ends an entry, and confirms that it was taken.
const END: u8 = b'\n';

/// The result of a start.
#[derive(Debug)]
pub enum Start {
    /// The profile is ours while this exists.
    First(Instance),
    /// Another program has the profile, and took the entry.
    HandedOver,
    /// Another program has the profile, and does not answer.
    NoAnswer,
}

/// The right to use a profile.
#[derive(Debug)]
pub struct Instance {
    /// `None`: the system has no locks, so no other program is kept away.
    _lock: Option<ProfileLock>,
    name: Option<Name<'static>>,
}

impl Instance {
    /// Takes the profile, or hands the entry to the program that has it. Waits up to five seconds for that program to
    /// end, and two for its answer.
    #[must_use]
    pub fn begin(profile: &PreferencesFile, entry: &str) -> Start {
        let name = name(profile.folder()).ok();
        for _ in 0..LOOKS {
            match profile.lock() {
                Ok(Some(lock)) => return Start::First(Self { _lock: Some(lock), name }),
                Ok(None) => {}
                Err(_) => {
                    tracing::warn!("profile not locked");
                    return Start::First(Self { _lock: None, name: None });
                }
            }
            match name.clone().map(|name| hand_over(name, entry)) {
                Some(Ok(())) => return Start::HandedOver,
                Some(Err(error)) if is_silence(&error) => return Start::NoAnswer,
                // Nobody listens yet, or any more.
                Some(Err(_)) | None => {}
            }
            #[allow(
                clippy::disallowed_methods,
                reason = "the other program tells nobody that it begins or ends"
            )]
            std::thread::sleep(BETWEEN_LOOKS);
        }
        Start::NoAnswer
    }

    /// Takes what other starts hand over, for as long as `told` returns true.
    pub(crate) fn listen<F>(&self, told: F) -> impl Future<Output = ()> + Send + use<F>
    where
        F: Fn(Zeroizing<String>) -> bool + Send,
    {
        let name = self.name.clone();
        async move {
            let listener = name.and_then(|name| {
                // Whoever has the lock may take the place of what a killed program left.
                ListenerOptions::new().name(name).try_overwrite(true).create_tokio().ok()
            });
            let Some(listener) = listener else { return tracing::warn!("other starts not heard") };
            let mut callers = JoinSet::new();
            loop {
                tokio::select! {
                    caller = listener.accept(), if callers.len() < MOST_CALLERS => {
                        let Ok(caller) = caller else { return };
                        #[allow(clippy::disallowed_methods, reason = "who says nothing is not waited for")]
                        callers.spawn(tokio::time::timeout(WORD_PATIENCE, hear(caller)));
                    }
                    Some(heard) = callers.join_next() => {
                        let Ok(Ok(Ok(entry))) = heard else { continue };
                        if !told(entry) {
                            return;
                        }
                    }
                }
            }
        }
    }
}

/// The socket's name: in the profile's folder, which only its owner can enter.
#[cfg(unix)]
fn name(folder: &Path) -> io::Result<Name<'static>> {
    use interprocess::local_socket::{GenericFilePath, ToFsName as _};
    folder.join("shepot.sock").to_fs_name::<GenericFilePath>()
}

/// The name of a pipe for this folder.
#[cfg(not(unix))]
fn name(folder: &Path) -> io::Result<Name<'static>> {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    use interprocess::local_socket::{GenericNamespaced, ToNsName as _};
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    format!("shepot-{:016x}", hasher.finish()).to_ns_name::<GenericNamespaced>()
}

/// Whether the peer is there but says nothing.
fn is_silence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Hands the entry to the program that has the profile, and waits until it was taken.
fn hand_over(name: Name<'static>, entry: &str) -> io::Result<()> {
    let mut stream = Stream::connect(name)?;
    // Not to be had everywhere; there the other one is trusted to answer.
    let _ = stream.set_recv_timeout(Some(WORD_PATIENCE));
    let _ = stream.set_send_timeout(Some(WORD_PATIENCE));
    let mut line = Zeroizing::new(Vec::with_capacity(entry.len() + 1));
    line.extend_from_slice(entry.as_bytes());
    line.push(END);
    stream.write_all(&line)?;
    let mut answer = [0];
    stream.read_exact(&mut answer)
}

/// Reads one entry, which may be empty.
async fn hear(caller: Caller) -> io::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(Vec::new());
    // The entry and its end.
    let mut caller = caller.take(u64::try_from(MOST_BYTES).map_or(u64::MAX, |most| most + 1));
    loop {
        match caller.read_u8().await? {
            END => break,
            byte => line.push(byte),
        }
    }
    let entry = std::str::from_utf8(&line).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    let entry = Zeroizing::new(entry.to_owned());
    caller.into_inner().write_all(&[END]).await?;
    Ok(entry)
}
