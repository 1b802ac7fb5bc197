//! What an interface has to draw again.

use shepot_client::model::MessageId;
use shepot_view::settings::Section;

/// The parts of the screen that an interface has to draw again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Another room is open, or none.
    pub place: bool,
    /// Items of the open timeline changed or are gone, or names and colours in it did.
    pub timeline: bool,
    /// The numbers of new items at the end of the open timeline.
    pub appended: Vec<u64>,
    /// Scroll to this message.
    pub reveals: Option<MessageId>,
    /// Scroll to the newest message.
    pub to_newest: bool,
    /// The overlay or the lock.
    pub overlay: bool,
    /// The list of servers, their states and unread counters.
    pub servers: bool,
    /// The open server: its state, people and rooms.
    pub shown: bool,
    /// Who is typing in the open room.
    pub typing: bool,
    /// Whether the composer replies to a message or edits one.
    pub composer: bool,
    /// The program changed the text of the composer.
    pub field: bool,
    /// The completions for the word at the cursor.
    pub completions: bool,
    /// The page, the errors of its forms, or whether a relay runs here.
    pub page: bool,
    /// Go to this page of the settings.
    pub section: Option<Section>,
    /// A way in was found: empty the form.
    pub came_in: bool,
    /// The connections to the relay here.
    pub visitors: bool,
    /// The toast.
    pub toast: bool,
    /// The preferences.
    pub settings: bool,
    /// A session is over or was cleared: forget everything that was drawn from it.
    pub session_over: bool,
    /// The search and its hits.
    pub search: bool,
    /// How much is in memory.
    pub memory: bool,
}

impl Changes {
    /// Marks everything as changed.
    pub(crate) const fn everything(&mut self) {
        self.place = true;
        self.looks_otherwise();
    }

    /// Marks as changed what depends on language, names or times. The open room stays the same.
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
