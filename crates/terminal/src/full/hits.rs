//! What is where on the screen, for the mouse. Drawing writes it, clicks read it.

use ratatui::layout::Rect;
use shepot_client::model::{MessageId, PersonKey, ServerId};
use shepot_view::command::Command;
use shepot_view::desk::{Place, RowAction};

/// What a click on this part of the screen means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Server(ServerId),
    Room(Place),
    Person(PersonKey),
    Message(MessageId),
    Reaction(MessageId, String),
    RowAction(RowAction),
    Command(Command),
    /// What the banner offers.
    Remedy,
    /// The line of the overlay with this index.
    Line(usize),
    Completion(usize),
    Composer,
    /// Scrolling to the newest message.
    Newest,
}

impl Target {
    /// It is drawn over the messages.
    pub(super) const fn lies_over_messages(&self) -> bool {
        matches!(self, Self::Completion(_) | Self::Newest)
    }
}

/// A part of the screen that can be clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) area: Rect,
    pub(super) target: Target,
}

/// The target at this cell. What was drawn last is on top.
pub(super) fn at(hits: &[Hit], column: u16, row: u16) -> Option<Target> {
    hits.iter().rev().find(|hit| hit.area.contains((column, row).into())).map(|hit| hit.target.clone())
}
