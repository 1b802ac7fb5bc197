//! What stands where on the screen, for the mouse. Written by the drawing, read by the clicks.

use ratatui::layout::Rect;
use shepot_client::model::{MessageId, PersonKey, ServerId};
use shepot_view::command::Command;
use shepot_view::desk::{Place, RowAction};

/// What a place on the screen is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Server(ServerId),
    Room(Place),
    Person(PersonKey),
    Message(MessageId),
    Reaction(MessageId, String),
    RowAction(RowAction),
    Command(Command),
    /// The way out of what is wrong with a connection.
    Remedy,
    /// A line of what lies over the room.
    Line(usize),
    Completion(usize),
    Composer,
    /// The end of the list.
    Newest,
}

impl Target {
    /// It is drawn over the messages.
    pub(super) const fn lies_over_messages(&self) -> bool {
        matches!(self, Self::Completion(_) | Self::Newest)
    }
}

/// A place on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) area: Rect,
    pub(super) target: Target,
}

/// What is at this place; what was drawn last lies on top.
pub(super) fn at(hits: &[Hit], column: u16, row: u16) -> Option<Target> {
    hits.iter().rev().find(|hit| hit.area.contains((column, row).into())).map(|hit| hit.target.clone())
}
