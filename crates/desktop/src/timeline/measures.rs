//! What the window decides about all messages: how wide, how close, how large.

use shepot_client::model::MessageId;

/// Narrower windows are not laid out for: the toolkit asks before it knows its size.
pub(super) const NARROWEST: f32 = 100.0;
/// The widest text, in pixels.
const MOST_WIDE: f32 = 620.0;
/// Left of the text: the picture and what is around it.
const COLUMN: f32 = 68.0;
/// The same in a narrow window.
const NARROW_COLUMN: f32 = 64.0;
/// Right of the text.
const RIGHT: f32 = 24.0;
/// Above a message that begins a group, and the line with the name.
const GROUP_TOP: f32 = 9.0;
const NAME_LINE: f32 = 20.0;
/// Above a message that goes on.
const NEXT_TOP: f32 = 1.0;

/// What the window decides about all messages.
#[derive(Clone, Copy)]
pub(crate) struct Measures {
    /// The room's width.
    pub(crate) width: f32,
    /// Of message text.
    pub(crate) size: f32,
    /// Lines stand closer.
    pub(crate) compact: bool,
    pub(crate) narrow: bool,
    /// The connection is there: what is on its way will be there soon.
    pub(crate) online: bool,
    /// Seconds since 1970.
    pub(crate) now: u64,
    /// The newest of our own messages: under it stands how long it stays.
    pub(crate) newest_own: Option<MessageId>,
}

impl Measures {
    /// Left of the text.
    pub(super) const fn column(&self) -> f32 {
        if self.narrow { NARROW_COLUMN } else { COLUMN }
    }

    pub(super) fn text_width(&self) -> f32 {
        (self.width - self.column() - RIGHT).clamp(60.0, MOST_WIDE).floor()
    }

    /// Events are as wide as the room allows.
    pub(super) fn event_width(&self) -> f32 {
        self.width - self.column() - RIGHT
    }

    /// How high a line of text is.
    pub(super) fn line(&self) -> f32 {
        (self.size * if self.compact { 1.34 } else { 1.467 }).round()
    }

    /// What is above a message: room, and the name where it begins a group.
    pub(super) fn top(&self, begins: bool) -> f32 {
        match (begins, self.compact) {
            (true, false) => GROUP_TOP + NAME_LINE,
            (true, true) => GROUP_TOP - 4.0 + NAME_LINE,
            (false, _) => NEXT_TOP,
        }
    }
}
