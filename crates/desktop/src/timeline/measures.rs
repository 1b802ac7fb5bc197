//! What all messages share: widths, spacing, sizes. Lengths in logical pixels.

use shepot_client::model::MessageId;

/// The smallest width that is laid out for. The toolkit asks before it knows its size.
pub(super) const NARROWEST: f32 = 100.0;
/// The greatest width of text.
const MOST_WIDE: f32 = 620.0;
/// The width left of the text, for the picture.
const COLUMN: f32 = 68.0;
/// The same in a narrow window.
const NARROW_COLUMN: f32 = 64.0;
/// The width right of the text.
const RIGHT: f32 = 24.0;
/// The space above a message that begins a group.
const GROUP_TOP: f32 = 9.0;
const NAME_LINE: f32 = 20.0;
/// The space above a message that continues a group.
const NEXT_TOP: f32 = 1.0;

/// The measures that all messages share.
#[derive(Clone, Copy)]
pub(crate) struct Measures {
    /// The width of the room.
    pub(crate) width: f32,
    /// The size of message text.
    pub(crate) size: f32,
    /// Lines stand closer together.
    pub(crate) compact: bool,
    pub(crate) narrow: bool,
    /// The server is connected, so pending messages will be sent soon.
    pub(crate) online: bool,
    /// The current time, in seconds since 1970.
    pub(crate) now: u64,
    /// Our newest message. Below it stands how long it stays.
    pub(crate) newest_own: Option<MessageId>,
    /// The newest message of all. The same stands below it.
    pub(crate) newest: Option<MessageId>,
}

impl Measures {
    /// The width left of the text.
    pub(super) const fn column(&self) -> f32 {
        if self.narrow { NARROW_COLUMN } else { COLUMN }
    }

    pub(super) fn text_width(&self) -> f32 {
        (self.width - self.column() - RIGHT).clamp(60.0, MOST_WIDE).floor()
    }

    /// The width of events, which use all the room.
    pub(super) fn event_width(&self) -> f32 {
        self.width - self.column() - RIGHT
    }

    /// The height of a line of text.
    pub(super) fn line(&self) -> f32 {
        (self.size * if self.compact { 1.34 } else { 1.467 }).round()
    }

    /// The height above the text: space, and the name if it begins a group.
    pub(super) fn top(&self, begins: bool) -> f32 {
        match (begins, self.compact) {
            (true, false) => GROUP_TOP + NAME_LINE,
            (true, true) => GROUP_TOP - 4.0 + NAME_LINE,
            (false, _) => NEXT_TOP,
        }
    }
}
