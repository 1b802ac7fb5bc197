//! One program for one profile: another start hands over what it was started with, and ends.
//!
//! Owns: the lock on the profile's folder, and the socket beside the profile.
//! Must never: act on what is handed over unasked; wait for who says nothing; leave a lock behind.

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

/// How long each side waits for a word of the other.
const WORD_PATIENCE: Duration = Duration::from_secs(2);

/// How often another start looks whether the first has ended: who quits says goodbye for three seconds at most.
const LOOKS: u32 = 50;

/// Between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Starts that are listened to at once: one that says nothing keeps nobody waiting.
const MOST_CALLERS: usize = 16;

/// What ends an entry, and what says that it was taken.
const END: u8 = b'\n';

/// What became of a start.
#[derive(Debug)]
pub enum Start {
    /// The profile is this program's, as long as it has this.
    First(Instance),
    /// Another program has it, and took what was handed over.
    HandedOver,
    /// Another program has it, and does not answer.
    NoAnswer,
}

/// The right to a profile.
#[derive(Debug)]
pub struct Instance {
    /// None: the system does not lock; nobody else is kept away then.
    _lock: Option<ProfileLock>,
    name: Option<Name<'static>>,
}

impl Instance {
    /// Takes this profile, or hands the entry to who has it. Waits for five seconds until that one has ended, and for
    /// two seconds for its answer.
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

    /// Takes what other starts hand over, until nobody is told any more.
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

/// Where other starts are heard: in the folder, which nobody else enters.
#[cfg(unix)]
fn name(folder: &Path) -> io::Result<Name<'static>> {
    use interprocess::local_socket::{GenericFilePath, ToFsName as _};
    folder.join("shepot.sock").to_fs_name::<GenericFilePath>()
}

/// Where other starts are heard: a pipe for this folder.
#[cfg(not(unix))]
fn name(folder: &Path) -> io::Result<Name<'static>> {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    use interprocess::local_socket::{GenericNamespaced, ToNsName as _};
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    format!("shepot-{:016x}", hasher.finish()).to_ns_name::<GenericNamespaced>()
}

/// Somebody is there, and says nothing.
fn is_silence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Says it to who has the profile, and waits until it was taken.
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

/// One entry, which may be none.
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
