//! What a window has to remember of its parts besides what it shows: places, timers, what is painted where.

use std::cell::Cell;
use std::time::Duration;

use shepot_relay::operator::Visitor;
use shepot_view::emoji::Emoji;
use slint::Timer;

/// The frame around the parts.
pub(crate) struct Frame {
    /// The part of the window that had the keyboard.
    pub(crate) region_before: Cell<i32>,
    /// The window was so narrow that members lay over the room.
    pub(crate) side_floated: Cell<bool>,
    /// The person has not closed the list of members.
    pub(crate) wants_members: Cell<bool>,
    /// How many keys have reached the window's own handler.
    pub(crate) keys_heard: Cell<u64>,
    /// Where a menu, or emoji, are opened next.
    pub(crate) opens_at: Cell<(f32, f32)>,
    /// What lies over the room was drawn: what kind of thing it is.
    pub(crate) drawn_over: Cell<u64>,
    /// A room was shown.
    pub(crate) had_room: Cell<bool>,
    /// How large the window was when the program ended last.
    pub(crate) size_kept: Cell<Option<(u32, u32)>>,
    /// When it was looked at the time zone, by the steady clock.
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
    /// When time changes something in the program by itself.
    pub(crate) tick: Timer,
    /// What changes by time alone in the list of messages.
    pub(crate) passing: Timer,
    /// A row that was shown is marked for a moment.
    pub(crate) flashing: Timer,
    /// Seconds to the next try.
    pub(crate) countdown: Timer,
    /// Who stops writing does not say so.
    pub(crate) typing: Timer,
    /// The ring around the button of panic.
    pub(crate) panic: Timer,
    /// The relay here is looked at.
    pub(crate) watch: Timer,
    /// What was selected leaves the system's selection.
    pub(crate) selection: Timer,
}

/// The text that stands in the field of the room.
#[derive(Default)]
pub(crate) struct FieldMemory {
    pub(crate) width: f32,
    /// Somebody has typed since another text was put in: there is something to undo.
    pub(crate) is_touched: bool,
    /// What is to stand in the field when the toolkit has forgotten what could be undone.
    pub(crate) settling: Option<String>,
    /// What stands there, as it was looked at last.
    pub(crate) before: String,
}

/// The emoji that are offered.
#[derive(Default)]
pub(crate) struct PickerMemory {
    /// Those that were used last: in memory only.
    pub(crate) recent: Vec<&'static str>,
    /// Where each tab begins.
    pub(crate) tops: Vec<f32>,
    pub(crate) cells: Vec<(Option<&'static Emoji>, String, f32, f32)>,
    pub(crate) height: f32,
    pub(crate) chosen: usize,
    pub(crate) from: usize,
}

/// Reactions that are offered before any was used.
pub(crate) const USUAL: [&str; 8] = ["👍", "❤️", "😂", "🔥", "🎉", "😮", "😢", "🙏"];

/// Reactions that are one click away.
const QUICK: usize = 3;

impl PickerMemory {
    /// Those that were used last, and the usual ones where there are fewer.
    pub(crate) fn quick(&self) -> Vec<&'static str> {
        let usual = USUAL.into_iter().filter(|text| !self.recent.contains(text));
        self.recent.iter().copied().chain(usual).take(QUICK).collect()
    }
}

/// The table of who is connected to the relay here.
#[derive(Default)]
pub(crate) struct TableMemory {
    /// Who is behind each line.
    pub(crate) lines: Vec<Visitor>,
    pub(crate) sorted_by: shepot_window::VisitorColumn,
    pub(crate) sorted_down: bool,
}
