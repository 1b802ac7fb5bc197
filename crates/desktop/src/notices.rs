//! The system's notifications and tray.

use shepot_window as ui;

/// The system's notifications and tray.
pub(crate) struct Notices {
    is_real: bool,
    pub(crate) tray: Option<ui::Tray>,
}

impl Notices {
    pub(crate) const fn new(is_real: bool) -> Self {
        Self { is_real, tray: None }
    }

    /// Shows a notification.
    pub(crate) fn show(&self, title: String, text: String, with_sound: bool) {
        if !self.is_real {
            return;
        }
        // The system may take its time, or have no such service.
        let shown = std::thread::Builder::new().name("notification".to_owned()).spawn(move || {
            let mut notification = notify_rust::Notification::new();
            notification.summary(&title).body(&text).appname("Shepot");
            if with_sound {
                notification.sound_name("message-new-instant");
            }
            let _ = notification.show();
        });
        drop(shown);
    }
}
