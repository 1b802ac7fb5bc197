//! What Shepot stores on a person's computer, if the person wants it.
//!
//! Owns: one file in the platform's folder for configuration, readable only by the person, written whole or not at all,
//! and its content. Must never: hold anything that was said, be written while the person forbids it, or lose what
//! another program has written into it in the meantime.

mod file;

pub use file::{FileError, PreferencesFile, ProfileLock, configuration_folder, log_folder};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A text that is wiped when it is dropped, such as an invitation.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Copies this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(..)")
    }
}

impl Serialize for SecretText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident => $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All choices in the order of the interface, with the names of their labels in `l10n`.
            pub const OFFERED: &[(Self, &str)] = &[$((Self::$variant, $word),)*];
        }
    };
}

choice! {
    /// The theme of the window.
    Theme {
        /// As the system.
        #[default]
        System => "ui-a-system",
        /// Dark.
        Dark => "ui-a-dark",
        /// Light.
        Light => "ui-a-light",
    }
}
choice! {
    /// How close lines are to each other.
    Density {
        /// The normal distance.
        #[default]
        Comfortable => "ui-a-cozy",
        /// A smaller distance.
        Compact => "ui-a-compact",
    }
}
choice! {
    /// The renderer of the window.
    Renderer {
        /// What suits the machine.
        #[default]
        Automatic => "ui-a-drawing-auto",
        /// Software rendering.
        Software => "ui-a-drawing-cpu",
        /// The graphics card.
        Graphics => "ui-a-drawing-gpu",
    }
}
choice! {
    /// Which messages give a notification.
    About {
        /// In a small circle every message, in a large one those that mention the person.
        #[default]
        BySize => "ui-n-size",
        /// Every message.
        Everything => "ui-n-all",
        /// Messages that mention the person.
        Mentions => "ui-n-ment",
        /// No message.
        Nothing => "ui-n-none",
    }
}
choice! {
    /// What is written into the log.
    LogLevel {
        /// Only errors.
        #[default]
        Errors => "ui-l-err",
        /// Errors and events.
        Events => "ui-l-info",
        /// Everything that may be logged at all.
        Everything => "ui-l-debug",
    }
}
choice! {
    /// The picture of the person when no mood is on.
    AvatarKind {
        /// An emoji.
        Emoji => "ui-p-emoji",
        /// An image.
        Picture => "ui-p-upload",
        /// The first letter of the nick.
        #[default]
        Letter => "ui-p-initial",
    }
}

/// A stored server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedServer {
    /// The name in the person's list.
    pub name: String,
    /// The invitation or address that it was added with.
    pub entry: SecretText,
    /// Whether it is connected when the program starts.
    pub connects_at_start: bool,
    /// Which of its messages give a notification. `None`: as everywhere.
    pub about: Option<About>,
    /// Whether the person gave it another name than its owner.
    pub is_renamed: bool,
    /// The name and picture of the circle, if it is the person's own.
    #[serde(flatten)]
    pub look: CircleLook,
}

/// What the person's own circle shows to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CircleLook {
    /// Its picture in hexadecimal digits. Empty: none.
    pub picture: String,
    /// Whether others have not been told the current name and picture yet.
    pub is_untold: bool,
}

/// The server on this computer, with all that it needs to start again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedHosting {
    /// The name that the person gave it.
    pub name: String,
    /// Its private key, PKCS#8 in base64. Anybody who has it can impersonate the server.
    pub identity: SecretText,
    /// The invitation for the owner of its circle.
    pub entry: SecretText,
    /// Whether it ran when the program ended. It then starts with the program.
    pub starts_with_program: bool,
    /// Its position in the list of servers. `None`: at the end.
    pub place: Option<usize>,
    /// What the person is notified of. `None`: as everywhere.
    pub about: Option<About>,
    /// The name and picture of its circle.
    #[serde(flatten)]
    pub look: CircleLook,
}

/// The person as others see them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// The nick. Empty: none yet.
    pub nick: String,
    /// The kind of picture.
    pub avatar: AvatarKind,
    /// The emoji, for [`AvatarKind::Emoji`].
    pub emoji: String,
    /// The picture as it is sent, in hexadecimal digits, for [`AvatarKind::Picture`].
    pub picture: String,
}

/// Everything that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// The servers, in the person's order.
    pub servers: Vec<SavedServer>,
    /// The server on this computer. `None`: there was none.
    pub hosting: Option<SavedHosting>,
    /// The nick and picture of the person.
    pub profile: Profile,
    /// "ru" or "en". `None`: as the system.
    pub language: Option<String>,
    /// The theme of the window.
    pub theme: Theme,
    /// The size of messages in pixels, 12 to 20.
    pub text_size: u8,
    /// How close lines are to each other.
    pub density: Density,
    /// Whether hours run from 0 to 24 rather than twice from 1 to 12.
    pub twenty_four_hours: bool,
    /// Whether nothing moves by itself.
    pub reduce_motion: bool,
    /// Whether the window has the system's frame.
    pub system_frame: bool,
    /// The renderer of the window.
    pub renderer: Renderer,
    /// The seconds after which messages disappear in circles that are hosted here. 0: never.
    pub disappears_after_s: u32,
    /// The minutes without input until the window is locked. 0: never.
    pub lock_after_minutes: u32,
    /// Whether five wrong passphrases in a row wipe everything.
    pub wipe_after_wrong: bool,
    /// Whether others see that the person is typing.
    pub shows_typing: bool,
    /// Whether the clipboard is emptied a minute after something was copied.
    pub clears_clipboard: bool,
    /// Whether the window is hidden from screen recordings.
    pub hides_window: bool,
    /// Whether anything may be stored at all.
    pub remembers: bool,
    /// Whether panic also removes this file.
    pub panic_forgets: bool,
    /// Whether the system shows notifications of new messages.
    pub notifies: bool,
    /// Which messages give a notification.
    pub about: About,
    /// Whether notifications have a sound.
    pub sound: bool,
    /// Whether the icon has a dot for new messages.
    pub badge: bool,
    /// Whether a log is written.
    pub logs: bool,
    /// What is written into the log.
    pub log_level: LogLevel,
    /// The size of the window in logical pixels. `None`: the program decides.
    pub window: Option<(u32, u32)>,
    /// Whether the moods are visible.
    pub moods_open: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            hosting: None,
            profile: Profile::default(),
            language: None,
            theme: Theme::default(),
            text_size: 15,
            density: Density::default(),
            twenty_four_hours: true,
            reduce_motion: false,
            system_frame: false,
            renderer: Renderer::default(),
            disappears_after_s: 0,
            lock_after_minutes: 0,
            wipe_after_wrong: false,
            shows_typing: true,
            clears_clipboard: true,
            hides_window: false,
            remembers: true,
            panic_forgets: true,
            notifies: true,
            about: About::default(),
            sound: false,
            badge: true,
            logs: true,
            log_level: LogLevel::default(),
            window: None,
            moods_open: false,
        }
    }
}

/// The choices of notifications for one server. `None`: as everywhere.
pub const ABOUT_A_SERVER: &[(Option<About>, &str)] = &[
    (None, "ui-n-default"),
    (Some(About::Everything), "ui-n-all"),
    (Some(About::Mentions), "ui-n-ment"),
    (Some(About::Nothing), "ui-n-none"),
];

/// The choices of minutes until the window is locked, with the names of their labels in `l10n`. 0: never.
pub const LOCK_MINUTES: &[(u32, &str)] =
    &[(0, "ui-v-never"), (1, "ui-v-1m"), (5, "ui-v-5m"), (15, "ui-v-15m"), (60, "ui-h1")];

/// The most minutes after which it is locked: a day.
pub const MOST_LOCK_MINUTES: u32 = 24 * 60;

/// The allowed sizes of message text.
pub const TEXT_SIZES: std::ops::RangeInclusive<u8> = 12..=20;

impl Preferences {
    /// Brings all values into their ranges.
    #[must_use]
    pub fn checked(mut self) -> Self {
        self.text_size = self.text_size.clamp(*TEXT_SIZES.start(), *TEXT_SIZES.end());
        self.lock_after_minutes = self.lock_after_minutes.min(MOST_LOCK_MINUTES);
        self.window =
            self.window.map(|(width, height)| (width.clamp(360, 16_384), height.clamp(480, 16_384)));
        self
    }
}
