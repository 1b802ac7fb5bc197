//! Messages into the program: what the person does, and what happens outside.

use shepot_client::model::{CommandError, MessageId, PersonKey, ServerId};
use shepot_client::{Event, RequestId};
use shepot_preferences::{About, AvatarKind, Preferences, SecretText};
use shepot_relay::operator::{Visitor, Visitors};
use shepot_sanitise::Sanitised;
use shepot_view::Language;
use shepot_view::clock::WallClock;
use shepot_view::command::Command;
use shepot_view::desk::Place;
use shepot_view::slash::Meaning;
use zeroize::Zeroizing;

use crate::actions::{ConnectionAction, MessageAction};
use crate::field::Edit;
use crate::first_run::WayIn;
use crate::hosting::HostedAt;
use crate::kept::Origin;
use crate::overlay::{For, MenuOf};
use crate::page::Page;

/// A message into the program.
pub enum Msg {
    /// Whether the newest message is visible.
    Looks(bool),
    /// Whether the person is using this interface now.
    Active(bool),
    /// The person did something, so the program is not idle.
    Activity,
    /// The person closes the window.
    Close,
    /// Run a command, from a key or a list.
    Run(Command),
    /// Go exactly one step back.
    Back,
    /// Open a conversation.
    Go(Place),
    /// Open a server in the room where the person was last.
    GoToServer(ServerId),
    /// Open the server at this position of the list.
    GoToServerAt(usize),
    /// Edit the text wherever the person writes.
    Edit(Edit),
    /// The toolkit's field for the room has this text, and the cursor after so many bytes.
    Written(String, usize),
    /// Insert a whole text. It is never taken as a command.
    Paste(String),
    /// Enter: send, run or take what is written.
    Enter,
    /// A whole line was typed that means this and names this message, if any.
    Line(Meaning, Option<MessageId>),
    /// Insert the chosen completion.
    Complete,
    /// Choose another completion.
    NextCompletion {
        /// The previous one instead of the next.
        back: bool,
    },
    /// Insert the completion at this position.
    TakeCompletion(usize),
    /// Edit our last message in the room.
    EditLast,
    /// Select a message, or none.
    Select(Option<MessageId>),
    /// Do something with a message.
    Message(MessageId, MessageAction),
    /// React with this emoji, or take that reaction back.
    React(MessageId, String),
    /// Ask after what time messages of the room disappear.
    SetTimer,
    /// Mention somebody in the composer.
    Mention(PersonKey),
    /// Do what the banner of the open server offers.
    Remedy,
    /// Close the banner that says that the connection is back.
    CloseBanner,
    /// Wipe everything and end at once.
    Panic,
    /// Undo what just happened, if possible.
    Undo,
    /// Whether the toast stays, since somebody reads it.
    HoldToast(bool),
    /// Wipe everything that was said or written from memory.
    Wipe,
    /// About an overlay.
    Over(OverMsg),
    /// About a page.
    Page(PageMsg),
    /// From the engine, the relay here or the system.
    Outside(OutsideMsg),
}

/// What the person does in an overlay.
pub enum OverMsg {
    /// Move the choice in the list by so many lines. Negative: up.
    Move(isize),
    /// Take this line of the list or menu.
    Pick(usize),
    /// Answer with yes or no.
    Answer(bool),
    /// Take the alternative to yes and no.
    AnswerAlso,
    /// Switch the form: numbers or pictures, QR code or link.
    Toggle,
    /// Copy the invitation that is shown.
    CopyInvitation,
    /// Renew the invitations of the circle.
    RenewInvitations,
    /// Change the address in the invitation that is shown.
    ChangeAddress,
    /// Remove the chosen member from the circle.
    EvictChosen,
    /// Show the safety code between the person and the chosen member.
    PairCodeOfChosen,
    /// Do something with the chosen connection.
    Connection(ConnectionAction),
    /// Open a menu.
    OpenMenu(MenuOf),
    /// Ask whether to stop the relay here.
    AskToStopHosting {
        /// Also forget its identity, so that the next one is another.
        forgets: bool,
    },
    /// Ask whether to clear all rooms of all servers.
    AskToClearAll,
    /// Do something with this connection to the relay here.
    Visitor(Visitor, ConnectionAction),
    /// This emoji was chosen.
    PickEmoji(For, String),
    /// Open the emoji picker.
    OpenEmoji(For),
    /// The two fields for a new passphrase.
    Passphrases(Zeroizing<String>, Zeroizing<String>),
    /// Ask for a new passphrase.
    AskPassphrase,
    /// Unlock with this passphrase.
    Unlock(Zeroizing<String>),
    /// Open a link.
    OpenLink(String),
    /// Copy a text.
    Copy(Sanitised),
    /// Ask for the nick.
    AskNick,
    /// Narrow the list by this text.
    Wanted(String),
}

/// What the person does on pages and beside the room.
pub enum PageMsg {
    /// Open a page.
    OpenPage(Page),
    /// Enter with this nick, from the first page.
    GoIn(String, WayIn),
    /// Add a server with this entry.
    Add(String, Origin),
    /// The entry with an error was changed: forget the error.
    EntryEdited(Origin),
    /// Move a server to this position in the list.
    MoveServer(ServerId, usize),
    /// Connect a server, or disconnect from it.
    TurnServer(ServerId),
    /// Open a server, and connect it if nothing would be lost.
    OpenServer(ServerId),
    /// Open the dialog with a server's name and address.
    EditServer(ServerId),
    /// Set the name and the address of a server.
    SaveServer(ServerId, String, String),
    /// Set the picture of the person's own circle. Empty: none.
    SetCirclePicture(ServerId, Vec<u8>),
    /// Whether a server is connected when the program starts.
    ConnectAtStart(ServerId, bool),
    /// Which messages of a server give notifications. `None`: as everywhere.
    NotifyAbout(ServerId, Option<About>),
    /// Set the preferences.
    SetPreferences(Box<Preferences>),
    /// Whether the moods are visible.
    ShowMoods(bool),
    /// The window's width and height. Stored with the next change, and at the end.
    Resized(u32, u32),
    /// Set the language of the interface.
    SetLanguage(Language),
    /// Set the nick.
    SetNick(String),
    /// Put a mood on, or take it off if it is on. 0: none.
    TurnMood(u8),
    /// Set the picture: its kind, and the emoji or the image if there is a new one.
    Look(AvatarKind, Option<String>, Option<Vec<u8>>),
    /// Ask how much of what was said is in memory.
    AskForMemory,
    /// Search for this text. Empty: no search.
    LookFor(String),
    /// Go to the hit at this position.
    GoToHit(usize),
    /// Go to another hit.
    GoToNextHit {
        /// The previous one instead of the next.
        back: bool,
    },
}

/// Messages from the engine, the relay here and the system, and answers to an [`Effect`](crate::Effect).
pub enum OutsideMsg {
    /// An event of the engine.
    Engine(Event),
    /// Something is due by time ([`App::next_tick`](crate::App::next_tick)).
    Tick,
    /// The program starts: the stored servers are added.
    Begin,
    /// The engine runs with this nick.
    Started(String),
    /// The engine refused this nick.
    NotStarted(CommandError),
    /// The relay here listens.
    Hosted {
        /// Where it is reached.
        at: HostedAt,
        /// The owner's invitation, with the address for this program.
        invitation: Zeroizing<String>,
        /// The wanted port, if that was taken.
        moved_from: Option<u16>,
    },
    /// The relay here did not start, for this reason in words.
    NotHosted(String),
    /// What to store so that the relay here starts again as the same one: key and owner's invitation. `None`: forget
    /// it.
    KeptHosting(Option<(SecretText, SecretText)>),
    /// The connections to the relay here.
    Visitors(Box<Visitors>),
    /// An address was not banned, since it is the person's own.
    OwnAddress,
    /// The result of copying a text.
    Copied(Copied),
    /// Our text is no longer in the clipboard.
    ForgotCopied,
    /// The person's emoji as a picture to send.
    AvatarPainted(Vec<u8>),
    /// Something failed outside: a sentence.
    Problem(String),
    /// The engine is too busy for this request.
    NotTaken(Option<RequestId>),
    /// Something was done outside: a sentence.
    Told(String),
    /// The program was started with this entry, or a second start handed it over. Empty if that had none.
    Handed(Zeroizing<String>),
    /// The system ends the program.
    Ending,
    /// The system's time zone changed.
    Zone(WallClock),
}

/// The result of copying a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It is in the clipboard.
    Done,
    /// The terminal was asked and gives no answer: a sentence that says so.
    Asked(String),
    /// It is too long for the clipboard.
    TooLong,
}

impl From<OverMsg> for Msg {
    fn from(msg: OverMsg) -> Self {
        Self::Over(msg)
    }
}

impl From<PageMsg> for Msg {
    fn from(msg: PageMsg) -> Self {
        Self::Page(msg)
    }
}

impl From<OutsideMsg> for Msg {
    fn from(msg: OutsideMsg) -> Self {
        Self::Outside(msg)
    }
}
