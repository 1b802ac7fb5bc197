//! The program, and the state that only a full-screen terminal has.
//!
//! Owns: the position in the list, what is drawn where, how far a text to read is scrolled. Must never: decide
//! anything, wait, or reach the engine, the relay or the terminal by itself.

use std::mem::discriminant;
use std::ops::Deref;

use shepot_app::{App, Effect, Msg, Setup, State};
use shepot_client::model::MessageId;
use shepot_console::hyperlink::Hyperlink;
use shepot_console::theme::Theme;
use shepot_view::clock::Now;
use shepot_view::desk::{Rows, Writing};

use super::list::List;

pub(crate) struct Program {
    app: App,
    pub(super) theme: Theme,
    /// Whether emoji are shown by name, and boxes without line drawing.
    pub(super) is_ascii: bool,
    pub(super) rows: Rows,
    pub(super) list: List,
    /// The lines scrolled past in a text to read.
    pub(super) read_from: usize,
    pub(super) hits: Vec<super::hits::Hit>,
    /// Links of the frame that is being drawn.
    pub(super) hyperlinks: Vec<Hyperlink>,
    /// Whether the whole screen has to be written again.
    pub(super) redraws: bool,
    /// Columns and lines of the screen, as last drawn.
    pub(super) size: (u16, u16),
    pub(super) effects: Vec<Effect>,
    /// The current moment.
    pub(super) now: Now,
}

impl Deref for Program {
    type Target = State;

    fn deref(&self) -> &State {
        &self.app
    }
}

impl Program {
    pub(super) fn new(setup: Setup, theme: Theme, is_ascii: bool, now: Now) -> Self {
        Self {
            app: App::new(setup, now),
            theme,
            is_ascii,
            rows: Rows::default(),
            list: List::default(),
            read_from: 0,
            hits: Vec::new(),
            hyperlinks: Vec::new(),
            redraws: false,
            size: (80, 24),
            effects: Vec::new(),
            now,
        }
    }

    /// Sets the current moment.
    pub(super) const fn at(&mut self, now: Now) {
        self.now = now;
    }

    /// Sends the program a message.
    pub(super) fn send(&mut self, msg: impl Into<Msg>) {
        let before = self.overlay.as_ref().map(discriminant);
        self.effects.extend(self.app.update(msg, self.now));
        if self.overlay.as_ref().map(discriminant) != before {
            self.read_from = 0;
        }
        let changes = self.app.take_changes();
        if changes.place {
            self.list = List::default();
        }
        if changes.place || changes.timeline {
            self.rebuild();
        } else {
            changes.appended.into_iter().for_each(|serial| self.append(serial));
        }
        self.list.reveal |= changes.reveals.is_some();
        if changes.to_newest {
            self.list.anchor = None;
        }
    }

    /// Tells the program whether the newest message is visible.
    pub(super) fn tell_where_it_stands(&mut self) {
        self.send(Msg::Looks(self.list.anchor.is_none()));
    }

    fn rebuild(&mut self) {
        let writing = Writing { l10n: &self.app.l10n, clock: &self.app.clock };
        self.rows =
            match self.place.and_then(|place| Some((place.conversation, self.desk.server(place.server)?))) {
                Some((conversation, server)) => Rows::of(server, conversation, writing),
                None => Rows::default(),
            };
    }

    fn append(&mut self, serial: u64) {
        let Some(place) = self.app.place else { return };
        let Some(server) = self.app.desk.server(place.server) else { return };
        let writing = Writing { l10n: &self.app.l10n, clock: &self.app.clock };
        self.rows.append(server, place.conversation, serial, writing);
    }

    /// Selects a message, and scrolls to it.
    pub(super) fn select(&mut self, message: MessageId) {
        self.list.reveal = true;
        self.send(Msg::Select(Some(message)));
    }

    /// Wipes everything that was said or written from memory.
    pub(super) fn wipe(&mut self) {
        self.send(Msg::Wipe);
        self.hits.clear();
    }
}
