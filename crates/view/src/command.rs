//! All commands that have a key or stand in the switcher. The page of keys, the switcher and the key map are made from
//! this list.

/// A key, named after what the Latin layout prints on it. It is the same key in every layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A lower-case letter, a digit or a sign.
    Character(char),
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Tab.
    Tab,
    /// Escape.
    Escape,
    /// Backspace.
    Backspace,
    /// A function key, 1 to 12.
    Function(u8),
}

/// A key with the modifiers that are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    /// Control is held; on a Mac, Command.
    pub control: bool,
    /// Shift is held.
    pub shift: bool,
    /// Alt is held; on a Mac, Option.
    pub alt: bool,
    /// The key that is pressed.
    pub key: Key,
}

impl Chord {
    const fn plain(key: Key) -> Self {
        Self { control: false, shift: false, alt: false, key }
    }

    const fn ctrl(key: char) -> Self {
        Self { control: true, shift: false, alt: false, key: Key::Character(key) }
    }

    const fn ctrl_shift(key: char) -> Self {
        Self { control: true, shift: true, alt: false, key: Key::Character(key) }
    }

    /// The chord in readable form: "Ctrl+Shift+L".
    #[must_use]
    pub fn written(&self) -> String {
        let apple = cfg!(target_os = "macos");
        let mut text = String::new();
        let mut add = |held: bool, name: &str| {
            if held {
                text.push_str(name);
                text.push('+');
            }
        };
        add(self.control, if apple { "Cmd" } else { "Ctrl" });
        add(self.alt, if apple { "Option" } else { "Alt" });
        add(self.shift, "Shift");
        match self.key {
            Key::Character(c) => text.extend(c.to_uppercase()),
            Key::Up => text.push('↑'),
            Key::Down => text.push('↓'),
            Key::Left => text.push('←'),
            Key::Right => text.push('→'),
            Key::Tab => text.push_str("Tab"),
            Key::Escape => text.push_str("Esc"),
            Key::Backspace => text.push_str("Backspace"),
            Key::Function(number) => text.push_str(&format!("F{number}")),
        }
        text
    }
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident $word:literal $icon:literal $chord:expr;)*) => {
        /// A command: what a key or an entry of the switcher does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Command {
            $($(#[$doc])* $name,)*
        }

        impl Command {
            /// All commands, in the order of the page of keys.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name of its label in `l10n`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The name of its icon.
            #[must_use]
            pub const fn icon(self) -> &'static str {
                match self { $(Self::$name => $icon,)* }
            }

            /// The keys in the window; `None` if it has none.
            #[must_use]
            pub const fn chord(self) -> Option<Chord> {
                match self { $(Self::$name => $chord,)* }
            }
        }
    };
}

commands! {
    /// Opens the switcher: rooms, people, messages and commands.
    Switcher "ui-cmd-switcher" "search" Some(Chord::ctrl('k'));
    /// Goes to the next server.
    NextServer "ui-cmd-next-server" "server" Some(Chord { control: true, shift: false, alt: false, key: Key::Tab });
    /// Goes to the previous server.
    PreviousServer "ui-cmd-previous-server" "server" Some(Chord { control: true, shift: true, alt: false, key: Key::Tab });
    /// Goes to the next room.
    NextRoom "ui-cmd-next-room" "hash" Some(Chord { control: false, shift: false, alt: true, key: Key::Down });
    /// Goes to the previous room.
    PreviousRoom "ui-cmd-previous-room" "hash" Some(Chord { control: false, shift: false, alt: true, key: Key::Up });
    /// Goes to the next room with unread messages.
    NextUnread "ui-cmd-next-unread" "hash" Some(Chord { control: false, shift: true, alt: true, key: Key::Down });
    /// Goes to the previous room with unread messages.
    PreviousUnread "ui-cmd-previous-unread" "hash" Some(Chord { control: false, shift: true, alt: true, key: Key::Up });
    /// Opens the list of servers with the field for a new one.
    AddServer "ui-add-server" "plus" Some(Chord::ctrl('n'));
    /// Shows an invitation to the circle.
    Invite "ui-cmd-invite" "user-plus" Some(Chord::ctrl('i'));
    /// Makes a new room.
    NewRoom "ui-new-room" "hash" Some(Chord::ctrl('t'));
    /// Searches what was said in this session.
    Search "ui-search-room" "search" Some(Chord::ctrl('f'));
    /// Opens the emoji picker.
    Emoji "ui-emoji" "smile" Some(Chord::ctrl('e'));
    /// Opens the moods.
    Moods "ui-mood-pack" "smile-plus" Some(Chord::ctrl('m'));
    /// Shows the safety code.
    SafetyCode "ui-cmd-code" "shield" Some(Chord::ctrl_shift('k'));
    /// Shows the members of the circle.
    Members "ui-to-members" "users" Some(Chord::ctrl_shift('m'));
    /// Shows who is connected to the relay in this process.
    Connections "ui-connections" "activity" Some(Chord::ctrl_shift('o'));
    /// Shows what the operator of the server can see of us.
    ServerRecord "record-title" "eye-off" None;
    /// Shows servers and rooms in a list.
    Rooms "ui-rooms" "hash" None;
    /// Takes the open room off this screen.
    Clear "ui-clear" "eraser" Some(Chord::ctrl_shift('l'));
    /// Takes all rooms of the server off this screen.
    ClearServer "ui-clear-server" "eraser" None;
    /// Opens the settings.
    Settings "ui-settings" "settings" Some(Chord::ctrl(','));
    /// Hides everything until the passphrase is entered.
    Lock "ui-lock" "lock" Some(Chord::ctrl('l'));
    /// Wipes everything and ends the program. It has to be pressed twice.
    Panic "ui-panic" "flame" Some(Chord { control: true, shift: true, alt: false, key: Key::Backspace });
    /// Moves the focus to the next part of the window.
    NextRegion "ui-cmd-next-region" "panel-left" Some(Chord::plain(Key::Function(6)));
    /// Moves the focus to the previous part of the window.
    PreviousRegion "ui-cmd-previous-region" "panel-left" Some(Chord { control: false, shift: true, alt: false, key: Key::Function(6) });
    /// Shows the page of keys.
    Keys "ui-s-keys" "keyboard" Some(Chord::plain(Key::Function(1)));
    /// Connects the open server.
    Connect "ui-connect" "plug" None;
    /// Disconnects the open server.
    Disconnect "ui-disconnect" "unplug" None;
    /// Runs a server on this computer.
    Host "ui-fr-host" "house" None;
    /// Ends the program.
    Quit "ui-qt-btn" "power" Some(Chord::ctrl('q'));
    /// Goes one step back, or closes what is on top.
    Back "ui-cmd-back" "arrow-left" Some(Chord::plain(Key::Escape));
}

impl Command {
    /// The keys in a terminal, which distinguishes fewer: there Ctrl+I is Tab, and Ctrl+M is Enter.
    #[must_use]
    pub const fn terminal_chord(self) -> Option<Chord> {
        match self {
            Self::Switcher => Some(Chord::ctrl('k')),
            Self::NextServer => Some(Chord { control: false, shift: false, alt: true, key: Key::Right }),
            Self::PreviousServer => Some(Chord { control: false, shift: false, alt: true, key: Key::Left }),
            Self::NextRoom | Self::PreviousRoom | Self::NextUnread | Self::PreviousUnread => self.chord(),
            Self::AddServer => Some(Chord::ctrl('n')),
            Self::Invite => Some(Chord::ctrl('g')),
            Self::NewRoom => Some(Chord::ctrl('t')),
            Self::Search => Some(Chord::ctrl('f')),
            Self::Emoji => Some(Chord::plain(Key::Function(5))),
            Self::Moods => Some(Chord::plain(Key::Function(7))),
            Self::SafetyCode => Some(Chord::plain(Key::Function(4))),
            Self::Members => Some(Chord::plain(Key::Function(3))),
            Self::Rooms => Some(Chord::plain(Key::Function(2))),
            Self::ServerRecord => Some(Chord::plain(Key::Function(8))),
            Self::Lock => Some(Chord::ctrl('l')),
            Self::Panic => Some(Chord::ctrl('\\')),
            Self::Connections => Some(Chord::plain(Key::Function(9))),
            Self::NextRegion => Some(Chord::plain(Key::Function(6))),
            Self::Keys => Some(Chord::plain(Key::Function(1))),
            Self::Quit => Some(Chord::ctrl('q')),
            Self::Back => Some(Chord::plain(Key::Escape)),
            Self::PreviousRegion
            | Self::Clear
            | Self::ClearServer
            | Self::Settings
            | Self::Connect
            | Self::Disconnect
            | Self::Host => None,
        }
    }

    /// The command for these keys in a terminal.
    #[must_use]
    pub fn by_terminal(chord: Chord) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.terminal_chord() == Some(chord))
    }

    /// The command for these keys in the window.
    #[must_use]
    pub fn by(chord: Chord) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.chord() == Some(chord))
    }

    /// Whether the switcher offers it. What makes sense only by a key is left out.
    #[must_use]
    pub const fn is_offered(self) -> bool {
        !matches!(
            self,
            Self::Switcher
                | Self::NextServer
                | Self::PreviousServer
                | Self::Rooms
                | Self::NextRoom
                | Self::PreviousRoom
                | Self::NextRegion
                | Self::PreviousRegion
                | Self::Panic
                | Self::Back
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use shepot_l10n::{L10n, Language};

    use super::*;

    #[test]
    fn no_keys_do_two_things_and_everything_has_a_name() {
        let chords: Vec<Chord> = Command::ALL.iter().filter_map(|command| command.chord()).collect();
        assert_eq!(chords.iter().collect::<HashSet<_>>().len(), chords.len());
        let chords: Vec<Chord> = Command::ALL.iter().filter_map(|command| command.terminal_chord()).collect();
        assert_eq!(chords.iter().collect::<HashSet<_>>().len(), chords.len());
        for language in Language::ALL {
            let l10n = L10n::new(language);
            for command in Command::ALL {
                assert!(l10n.has(command.word()), "{command:?}");
            }
        }
        assert_eq!(Command::by(Chord::ctrl('k')), Some(Command::Switcher));
        assert_eq!(Command::by(Chord::plain(Key::Character('k'))), None);
    }

    #[test]
    #[cfg(not(target_os = "macos"))]
    fn keys_are_written_as_on_their_caps() {
        assert_eq!(Command::Clear.chord().map(|chord| chord.written()), Some("Ctrl+Shift+L".into()));
        assert_eq!(Command::NextRoom.chord().map(|chord| chord.written()), Some("Alt+↓".into()));
    }
}
