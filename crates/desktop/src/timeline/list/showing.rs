//! Which rows exist as components, namely the visible ones and some around them, and how high each is.

use std::collections::HashSet;
use std::ops::Range;

use shepot_client::model::MessageId;
use shepot_view::desk::RowKind;
use shepot_window::TimelineRow;
use slint::Model as _;

use super::MessageList;
use crate::timeline::layout;
use crate::timeline::measures::NARROWEST;
use crate::timeline::paint::Tools;

impl MessageList {
    /// Measures the rows from this one on, and places them.
    pub(super) fn measure_from(&mut self, from: usize, tools: &mut Tools<'_>) {
        self.tops.truncate(from + 1);
        if self.measures.width < NARROWEST {
            self.tops = vec![0.0; self.rows.list().len() + 1];
            return;
        }
        while self.tops.len() <= from {
            let missing = self.tops.len() - 1;
            let top = self.tops.last().copied().unwrap_or(0.0);
            let height = self.measure(missing, tools);
            self.tops.push(top + height);
        }
        for index in from..self.rows.list().len() {
            let top = self.tops.get(index).copied().unwrap_or(0.0);
            let height = self.measure(index, tools);
            self.tops.push(top + height);
        }
        if self.heights.len() > 2 * self.rows.list().len() + 64 {
            let alive: HashSet<MessageId> = self.rows.list().iter().filter_map(layout::message_of).collect();
            self.heights.retain(|id, _| alive.contains(id));
        }
    }

    fn measure(&mut self, index: usize, tools: &mut Tools<'_>) -> f32 {
        let Some((_, server)) = self.server(tools) else { return 0.0 };
        let Some(row) = self.rows.list().get(index) else { return 0.0 };
        let RowKind::Message { id, begins_group } = &row.kind else {
            return layout::rule_height(tools.painter, row, &self.measures);
        };
        let Some(message) = server.timeline().get(id) else { return 0.0 };
        let unfolded = self.unfolded.contains(id);
        let fingerprint = layout::fingerprint(message, *begins_group, unfolded, &self.measures);
        if let Some((_, height)) = self.heights.get(id).filter(|(known, _)| *known == fingerprint) {
            return *height;
        }
        let id = *id;
        let Some(laid) = self.laid(index, tools) else { return 0.0 };
        self.heights.insert(id, (fingerprint, laid.height));
        laid.height
    }

    fn window(&self, at: f32) -> Range<usize> {
        let first = self.tops.partition_point(|top| *top < at - self.view / 2.0).saturating_sub(1);
        let end = self.tops.partition_point(|top| *top < at + 1.5 * self.view).min(self.rows.list().len());
        first.min(end)..end
    }

    /// Makes sure that the rows around this position exist.
    pub(super) fn show(&mut self, at: f32, tools: &mut Tools<'_>) {
        self.at = at;
        let wanted = self.window(at);
        if self.shown == wanted && !wanted.is_empty() {
            return;
        }
        let old = self.shown.clone();
        if old.is_empty() || wanted.start >= old.end || wanted.end <= old.start {
            let rows: Vec<_> = wanted.clone().map(|index| self.make(index, tools)).collect();
            self.model.set_vec(rows);
        } else {
            for _ in wanted.end..old.end {
                self.model.remove(self.model.row_count() - 1);
            }
            for _ in old.start..wanted.start {
                self.model.remove(0);
            }
            for index in (wanted.start..old.start).rev() {
                self.model.insert(0, self.make(index, tools));
            }
            for index in old.end..wanted.end {
                self.model.push(self.make(index, tools));
            }
        }
        self.shown = wanted;
    }

    /// Makes the rows from this one on again.
    pub(super) fn show_anew_from(&mut self, from: usize, at: f32, tools: &mut Tools<'_>) {
        while self.shown.end > from.max(self.shown.start) {
            self.model.remove(self.model.row_count() - 1);
            self.shown.end -= 1;
        }
        self.show(at, tools);
    }

    /// Makes a row. One whose message is gone is empty until the rows are built again, since the model must keep its
    /// length.
    pub(super) fn make(&self, index: usize, tools: &mut Tools<'_>) -> TimelineRow {
        self.paint(index, tools).unwrap_or_default()
    }
}
