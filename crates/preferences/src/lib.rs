//! What Shepot keeps on a person's computer, if the person wants it.
//!
//! Owns: one file in the platform's folder for configuration, readable by the person alone, written whole or not at
//! all; what may stand in it. Must never: hold anything that was said, be written while the person forbids it,
//! or lose what somebody else has written into it meanwhile.

mod file;

pub use file::{FileError, PreferencesFile, ProfileLock, configuration_folder, log_folder};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A text that is wiped when it is dropped: an invitation opens a circle.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Of this text.
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
            /// All, in the order in which they are offered, with the names of their words.
            pub const OFFERED: &[(Self, &str)] = &[$((Self::$variant, $word),)*];
        }
    };
}

choice! {
    /// Light or dark.
    Theme {
        /// As the system is.
        #[default]
        System => "ui-a-system",
        /// Dark.
        Dark => "ui-a-dark",
        /// Light.
        Light => "ui-a-light",
    }
}
choice! {
    /// How close lines stand.
    Density {
        /// As designed.
        #[default]
        Comfortable => "ui-a-cozy",
        /// Closer.
        Compact => "ui-a-compact",
    }
}
choice! {
    /// What draws the window.
    Renderer {
        /// Whatever suits the machine.
        #[default]
        Automatic => "ui-a-drawing-auto",
        /// The processor.
        Software => "ui-a-drawing-cpu",
        /// The graphics card.
        Graphics => "ui-a-drawing-gpu",
    }
}
choice! {
    /// What is notified.
    About {
        /// Every message of a small circle; those that mean the person, of a large one.
        #[default]
        BySize => "ui-n-size",
        /// Every message.
        Everything => "ui-n-all",
        /// Messages that mean the person.
        Mentions => "ui-n-ment",
        /// Nothing.
        Nothing => "ui-n-none",
    }
}
choice! {
    /// What is written into the log.
    LogLevel {
        /// What went wrong.
        #[default]
        Errors => "ui-l-err",
        /// What happened.
        Events => "ui-l-info",
        /// Everything that may be written at all.
        Everything => "ui-l-debug",
    }
}
choice! {
    /// How the person is shown where there is no mood.
    AvatarKind {
        /// An emoji.
        Emoji => "ui-p-emoji",
        /// A picture.
        Picture => "ui-p-upload",
        /// The first letter of the nick.
        #[default]
        Letter => "ui-p-initial",
    }
}

/// A server that is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedServer {
    /// What the person calls it.
    pub name: String,
    /// The invitation or the address by which it was added.
    pub entry: SecretText,
    /// It is connected when the program starts.
    pub connects_at_start: bool,
    /// What is notified; nothing: as everywhere.
    pub about: Option<About>,
    /// The person calls it otherwise than its owner does.
    pub is_renamed: bool,
    /// How it looks, where it is the person's own.
    #[serde(flatten)]
    pub look: CircleLook,
}

/// How a circle looks that is the person's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CircleLook {
    /// Its picture, as hexadecimal digits.
    pub picture: String,
    /// The others have not been told yet what it is called, and of this picture.
    pub is_untold: bool,
}

/// The server on this computer, as it comes back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedHosting {
    /// What the person calls it.
    pub name: String,
    /// Its private key, PKCS#8 in base 64: who has it can pass for the server.
    pub identity: SecretText,
    /// The invitation of its circle's owner.
    pub entry: SecretText,
    /// It ran when the program ended, and starts with it.
    pub starts_with_program: bool,
    /// How its circle looks.
    #[serde(flatten)]
    pub look: CircleLook,
}

/// The person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// What the person is called.
    pub nick: String,
    /// How the person is shown.
    pub avatar: AvatarKind,
    /// The emoji.
    pub emoji: String,
    /// The picture as it is sent, in base 64.
    pub picture: String,
}

/// Everything that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Servers, in the person's order.
    pub servers: Vec<SavedServer>,
    /// The server on this computer.
    pub hosting: Option<SavedHosting>,
    /// The person.
    pub profile: Profile,
    /// "ru" or "en"; nothing: as the system.
    pub language: Option<String>,
    /// Light or dark.
    pub theme: Theme,
    /// Of messages, in pixels: 12 to 20.
    pub text_size: u8,
    /// How close lines stand.
    pub density: Density,
    /// 0 to 24 rather than 1 to 12 twice.
    pub twenty_four_hours: bool,
    /// Nothing moves by itself.
    pub reduce_motion: bool,
    /// The system's frame around the window.
    pub system_frame: bool,
    /// What draws the window.
    pub renderer: Renderer,
    /// Messages in circles that are founded here disappear after so many seconds; 0: never.
    pub disappears_after_s: u32,
    /// Minutes without a key or a click until the window is locked; 0: never.
    pub lock_after_minutes: u32,
    /// Five wrong passphrases wipe everything.
    pub wipe_after_wrong: bool,
    /// Others see that the person types.
    pub shows_typing: bool,
    /// What was copied here leaves the clipboard after a minute.
    pub clears_clipboard: bool,
    /// The window is not seen by programs that record the screen.
    pub hides_window: bool,
    /// Whether this may be kept at all.
    pub remembers: bool,
    /// Panic removes this file, too.
    pub panic_forgets: bool,
    /// The system tells of new messages.
    pub notifies: bool,
    /// Of which.
    pub about: About,
    /// With a sound.
    pub sound: bool,
    /// A dot on the icon.
    pub badge: bool,
    /// A log is written.
    pub logs: bool,
    /// What of.
    pub log_level: LogLevel,
    /// The window's size, in logical pixels.
    pub window: Option<(u32, u32)>,
    /// The moods are shown.
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

/// What may be notified of a server, as it is offered: what is of all, or something else.
pub const ABOUT_A_SERVER: &[(Option<About>, &str)] = &[
    (None, "ui-n-default"),
    (Some(About::Everything), "ui-n-all"),
    (Some(About::Mentions), "ui-n-ment"),
    (Some(About::Nothing), "ui-n-none"),
];

/// Minutes without a key or a click after which the window is locked, as they are offered, with the names of their words;
/// 0 is never.
pub const LOCK_MINUTES: &[(u32, &str)] =
    &[(0, "ui-v-never"), (1, "ui-v-1m"), (5, "ui-v-5m"), (15, "ui-v-15m"), (60, "ui-h1")];

/// The most minutes after which it is locked: a day.
pub const MOST_LOCK_MINUTES: u32 = 24 * 60;

/// Sizes of message text that are allowed.
pub const TEXT_SIZES: std::ops::RangeInclusive<u8> = 12..=20;

impl Preferences {
    /// With what cannot be brought into its range.
    #[must_use]
    pub fn checked(mut self) -> Self {
        self.text_size = self.text_size.clamp(*TEXT_SIZES.start(), *TEXT_SIZES.end());
        self.lock_after_minutes = self.lock_after_minutes.min(MOST_LOCK_MINUTES);
        self.window =
            self.window.map(|(width, height)| (width.clamp(360, 16_384), height.clamp(480, 16_384)));
        self
    }
}
