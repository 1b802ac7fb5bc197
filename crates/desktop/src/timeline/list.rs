//! The rows, their heights, and which of them exist as components.

mod showing;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use shepot_client::model::MessageId;
use shepot_view::desk::{Item, Place, Row, RowKey, RowKind, Rows, Server, Writing};
use shepot_window::TimelineRow;
use slint::{Model as _, SharedString, VecModel};

use super::layout::{self, LaidMessage};
use super::measures::{Measures, NARROWEST};
use super::paint::{self, Placed, Tools};
use super::selection::Selection;

/// The space below the last message, in logical pixels.
const END: f32 = 8.0;

/// The distance to the end that counts as being there, in logical pixels.
const NEAR_END: f32 = 6.0;

/// The number of rows whose messages were dropped for newer ones, before all rows are built again.
const STALE: u64 = 512;

/// The height and the position of the list after a change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standing {
    /// The height of all rows.
    pub(crate) height: f32,
    /// The position to scroll to.
    pub(crate) at: f32,
}

/// The list of messages.
pub(crate) struct MessageList {
    place: Option<Place>,
    rows: Rows,
    /// The top of each row, and the bottom of the last.
    tops: Vec<f32>,
    heights: HashMap<MessageId, (u64, f32)>,
    pub(super) measures: Measures,
    view: f32,
    at: f32,
    /// The list follows the newest message.
    sticks: bool,
    shown: Range<usize>,
    /// The number of the oldest item when the rows were built.
    oldest: u64,
    model: Rc<VecModel<TimelineRow>>,
    pub(super) selection: Option<Selection>,
    pub(super) hovered: Option<usize>,
    pub(super) focused: Option<usize>,
    /// The focused row has a frame, since it was chosen by keys.
    pub(crate) rings: bool,
    unfolded: HashSet<MessageId>,
    /// The number of messages below that came in while the person reads further up.
    pub(super) newer: u64,
    /// The search text that is marked. Empty: none.
    pub(super) wanted: String,
}

impl MessageList {
    pub(crate) fn new() -> Self {
        Self {
            place: None,
            rows: Rows::default(),
            tops: vec![0.0],
            heights: HashMap::new(),
            measures: Measures {
                width: 0.0,
                size: 15.0,
                compact: false,
                narrow: false,
                online: false,
                now: 0,
                newest_own: None,
                newest: None,
            },
            view: 0.0,
            at: 0.0,
            sticks: true,
            shown: 0..0,
            oldest: 0,
            model: Rc::new(VecModel::default()),
            selection: None,
            hovered: None,
            focused: None,
            rings: false,
            unfolded: HashSet::new(),
            newer: 0,
            wanted: String::new(),
        }
    }

    pub(crate) fn model(&self) -> Rc<VecModel<TimelineRow>> {
        Rc::clone(&self.model)
    }

    pub(crate) const fn sticks(&self) -> bool {
        self.sticks
    }

    pub(crate) const fn newer(&self) -> u64 {
        self.newer
    }

    /// Moves the focus to a visible row, if the focused one is not visible.
    pub(super) fn focus_what_is_seen(&mut self) {
        let is_seen = |index: usize| {
            self.edges(index)
                .is_some_and(|(top, height)| top + height > self.at + 1.0 && top < self.at + self.view - 1.0)
        };
        if !self.focused.is_some_and(is_seen) {
            self.focused = (0..self.rows.list().len()).rev().find(|index| is_seen(*index));
            self.rings = true;
        }
    }

    /// The label of the last row for screen readers, if that row is visible.
    pub(crate) fn last_label(&self) -> Option<SharedString> {
        let is_shown = !self.shown.is_empty() && self.shown.end == self.rows.list().len();
        let last = self.model.row_count().checked_sub(1).filter(|_| is_shown)?;
        self.model.row_data(last).map(|row| row.label)
    }

    pub(crate) const fn is_hovered(&self) -> bool {
        self.hovered.is_some()
    }

    pub(crate) fn rows(&self) -> &[Row] {
        self.rows.list()
    }

    pub(crate) fn row(&self, index: usize) -> Option<&Row> {
        self.rows.list().get(index)
    }

    pub(crate) const fn is_narrow(&self) -> bool {
        self.measures.narrow
    }

    /// Marks what is searched for. Returns false if that was marked already.
    pub(crate) fn mark(&mut self, wanted: &str) -> bool {
        let is_other = self.wanted != wanted;
        // The buffer of before is freed, and so wiped.
        self.wanted = wanted.to_owned();
        is_other
    }

    /// Sets the current time, in seconds since 1970.
    pub(crate) const fn set_now(&mut self, now: u64) {
        self.measures.now = now;
    }

    /// The index of a message's row.
    pub(crate) fn index_of(&self, message: &MessageId) -> Option<usize> {
        let wanted = RowKey::Message(*message);
        self.rows.list().iter().rposition(|row| row.key == wanted)
    }

    /// The message in a row.
    pub(crate) fn message_at(&self, index: usize) -> Option<MessageId> {
        self.row(index).and_then(layout::message_of)
    }

    /// The top and the height of a row.
    pub(crate) fn edges(&self, index: usize) -> Option<(f32, f32)> {
        let (top, bottom) = (self.tops.get(index)?, self.tops.get(index + 1)?);
        Some((*top, bottom - top))
    }

    /// The row at this height of the list.
    pub(crate) fn row_under(&self, y: f32) -> Option<usize> {
        let index = self.tops.partition_point(|top| *top <= y).checked_sub(1)?;
        (index < self.rows.list().len()).then_some(index)
    }

    /// Forgets everything, since nothing of a session outlives it.
    pub(crate) fn forget(&mut self) {
        let (view, measures) = (self.view, self.measures);
        self.model.set_vec(Vec::new());
        *self = Self { model: Rc::clone(&self.model), view, measures, ..Self::new() };
    }

    /// Opens another room, at its end or at the first unread message.
    pub(crate) fn open(&mut self, place: Option<Place>, tools: &mut Tools<'_>) -> Standing {
        self.place = place;
        self.selection = None;
        self.hovered = None;
        self.focused = None;
        self.newer = 0;
        self.sticks = true;
        self.unfolded.clear();
        self.heights.clear();
        self.build(tools);
        let standing = self.standing();
        let first_unread = self.rows.list().iter().position(|row| row.key == RowKey::New);
        match first_unread.and_then(|index| self.edges(index)) {
            // The line of the unread stays in sight.
            Some((top, _)) if top < standing.at => {
                self.sticks = false;
                let at = (top - 40.0).max(0.0);
                self.show(at, tools);
                Standing { at, ..standing }
            }
            Some(_) | None => {
                self.show(standing.at, tools);
                standing
            }
        }
    }

    /// Lays out all messages again, with other measures.
    pub(crate) fn restyle(
        &mut self,
        measures: impl FnOnce(&mut Measures),
        tools: &mut Tools<'_>,
    ) -> Standing {
        measures(&mut self.measures);
        self.renew(tools)
    }

    /// Builds the rows again after items changed. What the person reads keeps its position.
    pub(crate) fn renew(&mut self, tools: &mut Tools<'_>) -> Standing {
        let anchor = self.anchor(tools);
        self.build(tools);
        self.show_again(anchor, tools)
    }

    /// Adds a new item at the end.
    pub(crate) fn append(&mut self, serial: u64, is_own: bool, tools: &mut Tools<'_>) -> Standing {
        let Some((place, server)) = self.server(tools) else { return self.standing() };
        let is_message_here = server.timeline().item(serial).is_some_and(
            |item| matches!(item, Item::Message(message) if message.conversation == place.conversation),
        );
        // The oldest have made room: their rows go too, some at a time.
        let oldest = server.timeline().iter().next().map_or(0, |(serial, _)| serial);
        let gone = oldest.saturating_sub(self.oldest);
        let is_seen = u64::try_from(self.shown.start).is_ok_and(|first| first < gone);
        let is_stale = gone >= STALE || is_seen;
        if is_own || is_stale {
            // The line about how long it stays moves from the one before.
            self.sticks |= is_own;
            self.newer += u64::from(is_message_here && !self.sticks);
            return self.renew(tools);
        }
        let before = self.rows.list().len();
        // The last rows may be written anew: a line about several joins, the word that one is alone.
        let kept = before.saturating_sub(2);
        let last: Vec<Row> = self.rows.list().get(kept..).unwrap_or_default().to_vec();
        let writing = Writing { l10n: tools.l10n, clock: tools.clock };
        self.rows.append(server, place.conversation, serial, writing);
        let same = last
            .iter()
            .zip(self.rows.list().get(kept..).unwrap_or_default())
            .take_while(|(a, b)| a == b)
            .count();
        self.measure_from(kept + same, tools);
        self.newer += u64::from(is_message_here && !self.sticks);
        let standing = self.standing();
        let at = if self.sticks { standing.at } else { self.at };
        self.show_anew_from(kept + same, at, tools);
        Standing { at, ..standing }
    }

    /// The list was scrolled or resized. Returns where it has to be, if that is elsewhere.
    pub(crate) fn viewport(
        &mut self,
        at: f32,
        view: f32,
        width: f32,
        tools: &mut Tools<'_>,
    ) -> Option<Standing> {
        if width < NARROWEST {
            return None;
        }
        let (old_view, old_width) = (self.view, self.measures.width);
        let is_resized = (old_view - view).abs() > 0.5 || (old_width - width).abs() > 0.5;
        self.view = view;
        if !is_resized {
            self.at = at;
            self.sticks = at >= self.height() - view - NEAR_END;
            if self.sticks {
                self.newer = 0;
            }
            self.show(at, tools);
            if self.shown.clone().any(|index| self.is_gone(index, tools)) {
                return Some(self.renew(tools));
            }
            return None;
        }
        let anchor = self.anchor(tools);
        if (old_width - width).abs() > 0.5 {
            self.measures.width = width;
            self.build(tools);
        }
        Some(self.show_again(anchor, tools))
    }

    /// Scrolls to the newest message.
    pub(crate) fn show_end(&mut self, tools: &mut Tools<'_>) -> Standing {
        self.sticks = true;
        self.newer = 0;
        let standing = self.standing();
        self.show(standing.at, tools);
        standing
    }

    /// Scrolls a row into the middle.
    pub(crate) fn show_row(&mut self, index: usize, tools: &mut Tools<'_>) -> Standing {
        let standing = self.standing();
        let Some((top, height)) = self.edges(index) else { return standing };
        let most = (standing.height - self.view).max(0.0);
        let at = (top + height / 2.0 - self.view / 2.0).clamp(0.0, most);
        self.sticks = at >= most - NEAR_END;
        self.show(at, tools);
        Standing { at, ..standing }
    }

    /// Scrolls just enough to show a whole row.
    pub(crate) fn show_whole_row(&mut self, index: usize, tools: &mut Tools<'_>) -> Option<Standing> {
        let (top, height) = self.edges(index)?;
        let at = if top < self.at {
            top
        } else if top + height > self.at + self.view {
            top + height - self.view
        } else {
            return None;
        };
        self.sticks = at >= self.height() - self.view - NEAR_END;
        self.show(at, tools);
        Some(Standing { height: self.height(), at })
    }

    /// Unfolds a long text, or folds it again.
    pub(crate) fn unfold(&mut self, index: usize, tools: &mut Tools<'_>) -> Standing {
        let Some(message) = self.message_at(index) else { return self.standing() };
        if self.unfolded.remove(&message) {
            // What is folded again would take what is below it away from under the pointer.
            self.at = self.edges(index).map_or(self.at, |(top, _)| self.at.min(top));
        } else {
            self.unfolded.insert(message);
        }
        self.sticks = false;
        let standing = self.renew(tools);
        self.sticks = standing.at >= standing.height - self.view - NEAR_END;
        standing
    }

    /// Paints these rows again, if they exist.
    pub(crate) fn repaint(&mut self, rows: Range<usize>, tools: &mut Tools<'_>) {
        for index in rows.start.max(self.shown.start)..rows.end.min(self.shown.end) {
            let row = self.make(index, tools);
            self.model.set_row_data(index - self.shown.start, row);
        }
    }

    /// Paints all existing rows again.
    pub(crate) fn repaint_all(&mut self, tools: &mut Tools<'_>) {
        self.repaint(0..usize::MAX, tools);
    }

    /// A message, laid out as it is shown.
    pub(super) fn laid(&self, index: usize, tools: &mut Tools<'_>) -> Option<LaidMessage> {
        let (_, server) = self.server(tools)?;
        let RowKind::Message { id, begins_group } = &self.row(index)?.kind else { return None };
        let message = server.timeline().get(id)?;
        let (l10n, unfolded) = (tools.l10n, self.unfolded.contains(id));
        Some(layout::message(tools.painter, l10n, server, message, *begins_group, unfolded, &self.measures))
    }

    /// A row for the component tree.
    pub(super) fn paint(&self, index: usize, tools: &mut Tools<'_>) -> Option<TimelineRow> {
        let (_, server) = self.server(tools)?;
        let row = self.row(index)?;
        let (y, h) = self.edges(index)?;
        let laid = self.laid(index, tools);
        let (measures, selection, wanted) = (&self.measures, self.selection, self.wanted.as_str());
        let placed = Placed { index, y, h, row, server, measures, selection, wanted };
        paint::row(&placed, laid, tools)
    }

    pub(super) fn server<'a>(&self, tools: &Tools<'a>) -> Option<(Place, &'a Server)> {
        let place = self.place?;
        Some((place, tools.desk.server(place.server)?))
    }

    fn height(&self) -> f32 {
        self.tops.last().copied().unwrap_or(0.0) + END
    }

    /// The position of a list that follows its end.
    pub(crate) fn standing(&self) -> Standing {
        let height = self.height();
        let end = (height - self.view).max(0.0);
        Standing { height, at: if self.sticks { end } else { self.at.min(end) } }
    }

    /// The top visible row, and how far above it the view begins.
    fn anchor(&self, tools: &Tools<'_>) -> Option<(RowKey, f32)> {
        let under = self.row_under(self.at)?;
        // What has made room for newer messages is no hold.
        let index = (under..self.rows.list().len()).find(|index| !self.is_gone(*index, tools))?;
        let (top, _) = self.edges(index)?;
        Some((self.row(index)?.key, top - self.at))
    }

    /// Whether the message of a row is no longer in the timeline.
    fn is_gone(&self, index: usize, tools: &Tools<'_>) -> bool {
        let message = match self.row(index).map(|row| &row.kind) {
            Some(RowKind::Message { id, .. }) => id,
            Some(_) | None => return false,
        };
        self.server(tools).is_some_and(|(_, server)| server.timeline().get(message).is_none())
    }

    /// Restores the position of what the person reads.
    fn show_again(&mut self, anchor: Option<(RowKey, f32)>, tools: &mut Tools<'_>) -> Standing {
        let mut standing = self.standing();
        if let Some((key, offset)) = anchor.filter(|_| !self.sticks)
            && let Some(index) = self.rows.list().iter().position(|row| row.key == key)
            && let Some((top, _)) = self.edges(index)
        {
            standing.at = (top - offset).clamp(0.0, (standing.height - self.view).max(0.0));
        }
        self.show(standing.at, tools);
        standing
    }

    fn build(&mut self, tools: &mut Tools<'_>) {
        let before = self.selected_keys();
        let focused = self.focused.and_then(|index| self.row(index)).map(|row| row.key);
        self.rows = match self.server(tools) {
            Some((place, server)) => {
                Rows::of(server, place.conversation, Writing { l10n: tools.l10n, clock: tools.clock })
            }
            None => Rows::default(),
        };
        // Rows may stand elsewhere now.
        self.selection = before.and_then(|(selection, first, last)| {
            let find = |key: RowKey| self.rows.list().iter().position(|row| row.key == key);
            let (first, last) = (find(first)?, find(last)?);
            let mut moved = selection;
            moved.anchor.row = first;
            moved.focus.row = last;
            Some(moved)
        });
        self.hovered = None;
        self.focused = focused.and_then(|key| self.rows.list().iter().position(|row| row.key == key));
        self.oldest = self
            .server(tools)
            .and_then(|(_, server)| server.timeline().iter().next().map(|(serial, _)| serial))
            .unwrap_or(0);
        self.find_newest(tools);
        self.measure_from(0, tools);
        self.shown = 0..0;
    }

    fn selected_keys(&self) -> Option<(Selection, RowKey, RowKey)> {
        let selection = self.selection?;
        Some((selection, self.row(selection.anchor.row)?.key, self.row(selection.focus.row)?.key))
    }

    fn find_newest(&mut self, tools: &Tools<'_>) {
        self.measures.newest = self.rows.list().iter().rev().find_map(layout::message_of);
        self.measures.newest_own = self.server(tools).and_then(|(_, server)| {
            let own = server.own()?.key;
            let mut messages = self.rows.list().iter().rev().filter_map(layout::message_of);
            messages.find(|id| server.timeline().get(id).is_some_and(|message| message.author == own))
        });
    }
}
