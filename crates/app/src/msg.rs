//! What comes in, and what an interface has to look at anew.

use shepot_client::Event;
use shepot_client::model::{CommandError, MessageId, PersonKey, ServerId};
use shepot_hosting::Visitors;
use shepot_view::command::Command;
use shepot_view::desk::Place;
use zeroize::Zeroizing;

use crate::field::Edit;
use crate::hosting::HostedAt;

/// What happens.
pub enum Msg {
    /// The engine tells something.
    Engine(Event),
    /// Time has passed.
    Tick,
    /// The person looks at the end of the messages, or does not.
    Looks(bool),

    /// A key of the key map was pressed, a command chosen.
    Run(Command),
    /// Exactly one step back.
    Back,
    /// To a room.
    Go(Place),
    /// To a server, in the room where the person was last.
    GoToServer(ServerId),
    /// To the server at this place of the list.
    GoToServerAt(usize),

    /// A step of writing, wherever the person writes.
    Edit(Edit),
    /// A whole text at once: it is written, never obeyed.
    Paste(String),
    /// What is written is to be sent, obeyed or taken.
    Enter,
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
    /// Somebody is named in what is written.
    Mention(PersonKey),

    /// Something else of the list that lies over the room is chosen: so many lines down, or up.
    Move(isize),
    /// A line of it is taken.
    Pick(usize),
    /// Yes, or no.
    Answer(bool),
    /// The other form of what is shown: numbers instead of pictures, a code instead of a link.
    Toggle,
    /// The invitation that is shown goes into the clipboard.
    CopyInvitation,
    /// The invitation that is shown is to name another address.
    ChangeAddress,
    /// The person who is chosen is to be removed from the circle.
    EvictChosen,
    /// The code of the person and who is chosen.
    PairCodeOfChosen,
    /// Something is done with the connection that is chosen.
    Connection(ConnectionAction),

    /// The person is to say what to be called.
    AskNick,
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
    /// Who is connected to the relay here.
    Visitors(Visitors),
    /// An address was not banned: it is the person's own.
    OwnAddress,
    /// A text went into the clipboard; or it was too long for it.
    Copied(bool),
    /// Something of ours is in the clipboard no more.
    ForgotCopied,
    /// Everything that was said or written goes out of memory.
    Wipe,
}

/// What can be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageAction {
    /// What fits: change an own one, go to what is answered, or answer.
    Open,
    /// Answer it.
    Reply,
    /// Choose a reaction.
    React,
    /// Change it.
    Edit,
    /// Copy its text.
    Copy,
    /// Delete it for everybody.
    Delete,
    /// One that was held back, or was not sent, is to be.
    SendAgain,
    /// One that waits is not to be sent.
    Discard,
}

/// What the operator does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionAction {
    /// End it.
    Disconnect,
    /// Shut its address out.
    Ban,
    /// Let the address in again.
    LiftBan,
    /// Invite somebody to the circle.
    Invite,
}

/// What an interface has to look at anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Another room is shown, or none.
    pub place: bool,
    /// Items of the timeline that is shown changed or are gone, or what is needed to write them did.
    pub timeline: bool,
    /// Items that stand at the end of the timeline that is shown, by their numbers.
    pub appended: Vec<u64>,
    /// This message has to be seen.
    pub reveals: Option<MessageId>,
    /// The end of the messages has to be seen.
    pub to_newest: bool,
    /// Something else lies over the room, or nothing.
    pub overlay: bool,
}
