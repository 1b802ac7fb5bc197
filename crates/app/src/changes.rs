//! What an interface has to look at anew.

use shepot_client::model::MessageId;
use shepot_view::settings::Section;

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
    /// Something else lies over the room, or nothing; or it looks otherwise. The lock, too.
    pub overlay: bool,
    /// The list of servers, their states and counters.
    pub servers: bool,
    /// Of the server that is shown: its state, its people, its rooms.
    pub shown: bool,
    /// Who is writing in the room that is shown.
    pub typing: bool,
    /// What is written answers or changes something else.
    pub composer: bool,
    /// Another text stands in the field than the interface put there.
    pub field: bool,
    /// What the word at the cursor may become.
    pub completions: bool,
    /// Another page, or what is wrong with what was typed there; whether a relay runs here.
    pub page: bool,
    /// This page of the settings is asked for.
    pub section: Option<Section>,
    /// A way in was found: what was typed for it is not kept.
    pub came_in: bool,
    /// Who is connected to the relay here.
    pub visitors: bool,
    /// A word about what just happened.
    pub toast: bool,
    /// What the person decided.
    pub settings: bool,
    /// A session is over, or its messages were cleared: nothing of what was drawn of it stays anywhere.
    pub session_over: bool,
    /// What is looked for, or where it was found.
    pub search: bool,
    /// How much is in memory.
    pub memory: bool,
}

impl Changes {
    /// All that is drawn is another.
    pub(crate) const fn everything(&mut self) {
        self.place = true;
        self.looks_otherwise();
    }

    /// The same is shown, and looks otherwise.
    pub(crate) const fn looks_otherwise(&mut self) {
        self.timeline = true;
        self.overlay = true;
        self.servers = true;
        self.shown = true;
        self.composer = true;
        self.field = true;
        self.page = true;
        self.search = true;
        self.toast = true;
        self.settings = true;
    }
}
