//! The system's dialogs for files, and reading a chosen file up to a limit.

use std::future::Future;
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// The result of a dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The person chose this file.
    Chosen(PathBuf),
    /// The person cancelled.
    Nothing,
    /// The system has no dialog for files.
    NoHelper,
}

/// Asks for a picture file.
pub(crate) fn choose_picture(title: String) -> impl Future<Output = Answer> + Send {
    let dialog = rfd::AsyncFileDialog::new()
        .set_title(title)
        .add_filter("PNG, JPEG, WebP, GIF", &["png", "jpg", "jpeg", "webp", "gif", "bmp"]);
    async move { answer(path_of(dialog.pick_file().await), has_helper()).await }
}

/// Asks where to save a file.
pub(crate) fn save(title: String, name: &str) -> impl Future<Output = Answer> + Send {
    let dialog = rfd::AsyncFileDialog::new().set_title(title).set_file_name(name);
    async move { answer(path_of(dialog.save_file().await), has_helper()).await }
}

fn path_of(file: Option<rfd::FileHandle>) -> Option<PathBuf> {
    file.map(|file| file.path().to_owned())
}

/// The result of a dialog. Looks for a helper only if nothing was chosen, since the library does not say why.
async fn answer(chosen: Option<PathBuf>, has_helper: impl Future<Output = bool>) -> Answer {
    match chosen {
        Some(file) => Answer::Chosen(file),
        None if has_helper.await => Answer::Nothing,
        None => Answer::NoHelper,
    }
}

/// Whether the system has a helper that the library asks on Linux: the portal or zenity.
#[cfg(target_os = "linux")]
async fn has_helper() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has_zenity = std::env::split_paths(&path).any(|folder| folder.join("zenity").is_file());
    has_zenity || portal_asks_for_files().await
}

/// Elsewhere the system itself shows the dialog.
#[cfg(not(target_os = "linux"))]
async fn has_helper() -> bool {
    true
}

/// Whether the portal implements file dialogs.
#[cfg(target_os = "linux")]
async fn portal_asks_for_files() -> bool {
    let Ok(bus) = zbus::Connection::session().await else { return false };
    let asked = bus.call_method(
        Some("org.freedesktop.portal.Desktop"),
        "/org/freedesktop/portal/desktop",
        Some("org.freedesktop.DBus.Properties"),
        "Get",
        &("org.freedesktop.portal.FileChooser", "version"),
    );
    asked.await.is_ok()
}

/// The content of a file. `None` if it is too large, not a file, or cannot be read.
pub(crate) fn read(path: &Path) -> Option<Vec<u8>> {
    let about = std::fs::metadata(path).ok()?;
    if !about.is_file() || about.len() > MOST_BYTES {
        return None;
    }
    std::fs::read(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn that_nobody_could_ask_is_not_taken_for_nothing() {
        assert_eq!(answer(None, std::future::ready(true)).await, Answer::Nothing);
        assert_eq!(answer(None, std::future::ready(false)).await, Answer::NoHelper);
        let file = PathBuf::from("/x");
        assert_eq!(answer(Some(file), std::future::ready(false)).await, Answer::Chosen(PathBuf::from("/x")));
    }
}
