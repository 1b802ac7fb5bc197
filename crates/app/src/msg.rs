//! What comes in: what the person does, and what happens outside.

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

/// What happens.
pub enum Msg {
    /// The person looks at the end of the messages, or does not.
    Looks(bool),
    /// The interface is the one that the person uses now, or is not.
    Active(bool),
    /// The person does something.
    Activity,
    /// The window is closed.
    Close,
    /// A key of the key map was pressed, a command chosen.
    Run(Command),
    /// Exactly one step back.
    Back,
    /// To a conversation.
    Go(Place),
    /// To a server, in the room where the person was last.
    GoToServer(ServerId),
    /// To the server at this place of the list.
    GoToServerAt(usize),
    /// A step of writing, wherever the person writes.
    Edit(Edit),
    /// This stands in the field of the room, and the cursor behind so many bytes, where the field is a toolkit's.
    Written(String, usize),
    /// A whole text at once: it is written, never obeyed.
    Paste(String),
    /// What is written is to be sent, obeyed or taken.
    Enter,
    /// A line that was typed as a whole means this, and names this message, where it names one.
    Line(Meaning, Option<MessageId>),
    /// The chosen completion is taken.
    Complete,
    /// Another completion: the next, or the one before.
    NextCompletion {
        /// The one before.
        back: bool,
    },
    /// This completion is taken.
    TakeCompletion(usize),
    /// The person's last message in the room is to be changed.
    EditLast,
    /// A message is chosen, or none.
    Select(Option<MessageId>),
    /// Something is done with a message.
    Message(MessageId, MessageAction),
    /// A reaction, or its taking back.
    React(MessageId, String),
    /// After how long messages of the room disappear is asked.
    SetTimer,
    /// Somebody is named in what is written.
    Mention(PersonKey),
    /// The way out that is offered for the server that is shown.
    Remedy,
    /// That the connection is back has been read.
    CloseBanner,
    /// Everything is to go, at once.
    Panic,
    /// What just happened is taken back, where it can be.
    Undo,
    /// Time does not take the word away that is shown, or does again.
    HoldToast(bool),
    /// Everything that was said or written goes out of memory.
    Wipe,
    /// About what lies over the room.
    Over(OverMsg),
    /// About what stands on pages.
    Page(PageMsg),
    /// From outside.
    Outside(OutsideMsg),
}

/// What is done with what lies over the room.
pub enum OverMsg {
    /// Something else of the list that lies over the room is chosen: so many lines down, or up.
    Move(isize),
    /// A line of it is taken.
    Pick(usize),
    /// Yes, or no.
    Answer(bool),
    /// Neither: what else is offered.
    AnswerAlso,
    /// The other form of what is shown: numbers instead of pictures, a code instead of a link.
    Toggle,
    /// The invitation that is shown goes into the clipboard.
    CopyInvitation,
    /// All invitations from before the one that is shown are to open nothing any more.
    RenewInvitations,
    /// The invitation that is shown is to name another address.
    ChangeAddress,
    /// The person who is chosen is to be removed from the circle.
    EvictChosen,
    /// The code of the person and who is chosen.
    PairCodeOfChosen,
    /// Something is done with the connection that is chosen.
    Connection(ConnectionAction),
    /// A menu.
    OpenMenu(MenuOf),
    /// The relay here is to stop, and perhaps to be forgotten.
    AskToStopHosting {
        /// The next is another one.
        forgets: bool,
    },
    /// Everything that was said is to go off this screen.
    AskToClearAll,
    /// Something is done with a connection to the relay here.
    Visitor(Visitor, ConnectionAction),
    /// An emoji was chosen.
    PickEmoji(For, String),
    /// Emoji to choose from, for this.
    OpenEmoji(For),
    /// What was typed to be the passphrase, twice.
    Passphrases(Zeroizing<String>, Zeroizing<String>),
    /// A passphrase is to be set.
    AskPassphrase,
    /// What is typed opens the lock, if it is right.
    Unlock(Zeroizing<String>),
    /// A link is to be opened.
    OpenLink(String),
    /// A text is to be copied.
    Copy(Sanitised),
    /// The person is to say what to be called.
    AskNick,
    /// This narrows the list that lies over the room.
    Wanted(String),
}

/// What is done on pages, and beside the room.
pub enum PageMsg {
    /// Another page.
    OpenPage(Page),
    /// Somebody of this nick goes in.
    GoIn(String, WayIn),
    /// A server is to be added, by what was typed there.
    Add(String, Origin),
    /// What is wrong with what was typed there is being mended.
    EntryEdited(Origin),
    /// A server stands at another place in the list.
    MoveServer(ServerId, usize),
    /// Connects, or leaves.
    TurnServer(ServerId),
    /// A server is shown; where nothing would be lost it is connected.
    OpenServer(ServerId),
    /// Another name and address of a server.
    SaveServer(ServerId, String, String),
    /// The picture of the person's own circle; empty: none.
    SetCirclePicture(ServerId, Vec<u8>),
    /// A server is connected when the program starts, or is not.
    ConnectAtStart(ServerId, bool),
    /// What is notified of a server; none: as everywhere.
    NotifyAbout(ServerId, Option<About>),
    /// What the person decided.
    SetPreferences(Box<Preferences>),
    /// Moods are shown, or are not.
    ShowMoods(bool),
    /// The window is so wide and high. Written down with the next change, and at the end.
    Resized(u32, u32),
    /// The language that is spoken.
    SetLanguage(Language),
    /// What the person is called.
    SetNick(String),
    /// A mood, put on or taken off; 0: none.
    TurnMood(u8),
    /// How the person looks: with this emoji, or this picture, where one is given.
    Look(AvatarKind, Option<String>, Option<Vec<u8>>),
    /// How much of what was said is in memory is asked.
    AskForMemory,
    /// This is looked for; nothing, where it is empty.
    LookFor(String),
    /// To what was found at this place of the list.
    GoToHit(usize),
    /// To the next that was found.
    GoToNextHit {
        /// To the one before.
        back: bool,
    },
}

/// What the engine, the relay here and the system tell, and what became of an [`Effect`](crate::Effect).
pub enum OutsideMsg {
    /// The engine tells something.
    Engine(Event),
    /// Time has passed.
    Tick,
    /// The program begins: the servers that are kept are added.
    Begin,
    /// The engine runs for somebody of this nick.
    Started(String),
    /// The engine does not run, with this nick.
    NotStarted(CommandError),
    /// The relay here listens.
    Hosted {
        /// Where.
        at: HostedAt,
        /// To its circle, by the way of this program.
        invitation: Zeroizing<String>,
        /// The port that was taken, where it moved from there.
        moved_from: Option<u16>,
    },
    /// The relay here does not start, and why: a sentence.
    NotHosted(String),
    /// What makes the relay here the same one when it comes back: its key, and its owner's invitation.
    KeptHosting(Option<(SecretText, SecretText)>),
    /// Who is connected to the relay here.
    Visitors(Box<Visitors>),
    /// An address was not banned: it is the person's own.
    OwnAddress,
    /// What became of a text that was to go into the clipboard.
    Copied(Copied),
    /// Something of ours is in the clipboard no more.
    ForgotCopied,
    /// The emoji that the person looks like, as a picture to be sent.
    AvatarPainted(Vec<u8>),
    /// Something could not be kept, or something else is wrong outside: a sentence.
    Problem(String),
    /// The engine has too much to do to be asked this.
    NotTaken(Option<RequestId>),
    /// Something was done outside: a sentence.
    Told(String),
    /// The program was started with an entry; or once more, with one or with nothing, and that start handed it over.
    Handed(Zeroizing<String>),
    /// The system wants the program to end.
    Ending,
    /// The system is in another time zone.
    Zone(WallClock),
}

/// What became of a text that was to go into the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It is there.
    Done,
    /// The terminal was asked to put it there, and does not say whether it did: a sentence that says so.
    Asked(String),
    /// It is longer than the clipboard takes.
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
