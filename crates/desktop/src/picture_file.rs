//! Files with pictures that the person chooses: asked for, and read only up to a limit.

use std::future::Future;
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Asks for one; none when the person thinks better of it.
pub(crate) fn choose(title: String) -> impl Future<Output = Option<PathBuf>> + Send {
    let dialog = rfd::AsyncFileDialog::new()
        .set_title(title)
        .add_filter("PNG, JPEG, WebP, GIF", &["png", "jpg", "jpeg", "webp", "gif", "bmp"]);
    async move { Some(dialog.pick_file().await?.path().to_owned()) }
}

/// What is in it; nothing when it is no file, too large, or cannot be read.
pub(crate) fn read(path: &Path) -> Option<Vec<u8>> {
    let about = std::fs::metadata(path).ok()?;
    if !about.is_file() || about.len() > MOST_BYTES {
        return None;
    }
    std::fs::read(path).ok()
}
