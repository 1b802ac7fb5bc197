//! The system's clipboard and selection.
//!
//! Must never: leave our text there when its time is over, or remove the text of another program.

use shepot_sanitise::Sanitised;
use zeroize::Zeroizing;

/// The most selections that are remembered. The oldest are forgotten.
const MOST_SELECTED: usize = 256;

/// The system's clipboard and selection.
pub(crate) struct SystemClipboard {
    system: Option<arboard::Clipboard>,
    ours: Option<Zeroizing<String>>,
    /// Texts that were selected in fields. Some systems give them to other programs.
    selected: Vec<Zeroizing<String>>,
}

impl SystemClipboard {
    /// `is_real`: the windowing system has a clipboard. Tests have none.
    pub(crate) fn new(is_real: bool) -> Self {
        Self {
            system: if is_real { arboard::Clipboard::new().ok() } else { None },
            ours: None,
            selected: Vec::new(),
        }
    }

    /// The picture in the clipboard: width, height, and pixels (red, green, blue, alpha).
    pub(crate) fn picture(&mut self) -> Option<(u32, u32, Vec<u8>)> {
        let picture = self.system.as_mut()?.get_image().ok()?;
        let (width, height) = (u32::try_from(picture.width).ok()?, u32::try_from(picture.height).ok()?);
        Some((width, height, picture.bytes.into_owned()))
    }

    /// The number of characters of text in the clipboard.
    pub(crate) fn characters(&mut self) -> usize {
        self.system.as_mut().and_then(|system| system.get_text().ok()).map_or(0, |text| text.chars().count())
    }

    /// The number of characters of text in the selection that the middle mouse button pastes. 0 where there is none.
    pub(crate) fn selected_characters(&mut self) -> usize {
        #[cfg(target_os = "linux")]
        if let Some(system) = &mut self.system {
            use arboard::{GetExtLinux as _, LinuxClipboardKind::Primary};
            let selected = system.get().clipboard(Primary).text().map(Zeroizing::new);
            return selected.map_or(0, |text| text.chars().count());
        }
        0
    }

    pub(crate) fn put(&mut self, text: &Sanitised) -> bool {
        self.ours = Some(Zeroizing::new(text.to_string()));
        let Some(system) = &mut self.system else { return true };
        let set = system.set();
        // Managers that keep a history are asked not to keep this.
        #[cfg(target_os = "linux")]
        let set = arboard::SetExtLinux::exclude_from_history(set);
        #[cfg(target_os = "macos")]
        let set = arboard::SetExtApple::exclude_from_history(set);
        #[cfg(windows)]
        let set = arboard::SetExtWindows::exclude_from_history(set);
        set.text(&**text).is_ok()
    }

    /// Empties the system's selection if it is still ours.
    pub(crate) fn clear_selection(&mut self) {
        let selected = std::mem::take(&mut self.selected);
        if selected.is_empty() {
            return;
        }
        #[cfg(target_os = "linux")]
        if let Some(system) = &mut self.system {
            use arboard::{ClearExtLinux as _, GetExtLinux as _, LinuxClipboardKind::Primary};
            let now = system.get().clipboard(Primary).text().map(Zeroizing::new);
            if now.is_ok_and(|now| selected.contains(&now)) {
                // Gone already, or another's by now: nothing to clear.
                let _ = system.clear_with().clipboard(Primary);
            }
        }
        drop(selected);
    }

    /// Empties the clipboard if its text is still ours.
    pub(crate) fn clear(&mut self) {
        let Some(ours) = self.ours.take() else { return };
        if let Some(system) = &mut self.system
            && system.get_text().is_ok_and(|text| text == *ours)
        {
            // Gone already, or another's by now: nothing to clear.
            let _ = system.clear();
        }
    }

    /// Remembers a text that was selected in a field.
    pub(crate) fn select(&mut self, part: Zeroizing<String>) {
        // The toolkit gives away one of them, and does not say which.
        if self.selected.len() >= MOST_SELECTED {
            self.selected.remove(0);
        }
        self.selected.push(part);
    }
}
