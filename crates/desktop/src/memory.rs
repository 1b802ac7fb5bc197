//! State that only the window has: positions, timers, what is painted where.

use std::cell::Cell;
use std::time::Duration;

use shepot_relay::operator::Visitor;
use shepot_view::emoji::Emoji;
use slint::Timer;

/// The frame around the parts of the window.
pub(crate) struct Frame {
    /// The part of the window that last had the focus.
    pub(crate) region_before: Cell<i32>,
    /// The window was so narrow that the members lay over the room.
    pub(crate) side_floated: Cell<bool>,
    /// The person has not closed the list of members.
    pub(crate) wants_members: Cell<bool>,
    /// The number of keys that have reached the window's own handler.
    pub(crate) keys_heard: Cell<u64>,
    /// Where the next menu or emoji picker opens, in logical pixels.
    pub(crate) opens_at: Cell<(f32, f32)>,
    /// The kind of the dialog that was last drawn.
    pub(crate) drawn_over: Cell<u64>,
    /// Whether a room was shown when it was last drawn.
    pub(crate) had_room: Cell<bool>,
    /// The window's size at the end of the last run, in logical pixels.
    pub(crate) size_kept: Cell<Option<(u32, u32)>>,
    /// When the time zone was last checked, on the steady clock.
    pub(crate) zone_seen: Cell<Duration>,
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            region_before: Cell::new(3),
            side_floated: Cell::new(false),
            wants_members: Cell::new(true),
            keys_heard: Cell::new(0),
            opens_at: Cell::new((0.0, 0.0)),
            drawn_over: Cell::new(0),
            had_room: Cell::new(false),
            size_kept: Cell::default(),
            zone_seen: Cell::default(),
        }
    }
}

/// Timers of the toolkit.
#[derive(Default)]
pub(crate) struct Timers {
    /// For what the program does by time.
    pub(crate) tick: Timer,
    /// For what changes by time in the list of messages.
    pub(crate) passing: Timer,
    /// For the mark on a row that was just shown.
    pub(crate) flashing: Timer,
    /// For the seconds to the next try.
    pub(crate) countdown: Timer,
    /// For removing those who stopped typing without saying so.
    pub(crate) typing: Timer,
    /// For the ring around the panic button.
    pub(crate) panic: Timer,
    /// For asking for the connections to the relay here.
    pub(crate) watch: Timer,
    /// For emptying the system's selection.
    pub(crate) selection: Timer,
}

/// The field of the room.
#[derive(Default)]
pub(crate) struct FieldMemory {
    pub(crate) width: f32,
    /// The person has typed since the program set the text, so there is something to undo.
    pub(crate) is_touched: bool,
    /// The text to put into the field once the toolkit's undo history is empty.
    pub(crate) settling: Option<String>,
    /// The text at the last check.
    pub(crate) before: String,
}

/// The emoji picker.
#[derive(Default)]
pub(crate) struct PickerMemory {
    /// Emoji that were used last, in memory only.
    pub(crate) recent: Vec<&'static str>,
    /// Where each tab begins in the list.
    pub(crate) tops: Vec<f32>,
    pub(crate) cells: Vec<(Option<&'static Emoji>, String, f32, f32)>,
    pub(crate) height: f32,
    pub(crate) chosen: usize,
    pub(crate) from: usize,
}

/// Reactions that are offered before any was used.
pub(crate) const USUAL: [&str; 8] = ["👍", "❤️", "😂", "🔥", "🎉", "😮", "😢", "🙏"];

/// The number of reactions that are one click away.
const QUICK: usize = 3;

impl PickerMemory {
    /// The reactions that were used last, filled up with the usual ones.
    pub(crate) fn quick(&self) -> Vec<&'static str> {
        let usual = USUAL.into_iter().filter(|text| !self.recent.contains(text));
        self.recent.iter().copied().chain(usual).take(QUICK).collect()
    }
}

/// The table of connections to the relay here.
#[derive(Default)]
pub(crate) struct TableMemory {
    /// The connection behind each line.
    pub(crate) lines: Vec<Visitor>,
    pub(crate) sorted_by: shepot_window::VisitorColumn,
    pub(crate) sorted_down: bool,
}
