//! What clicks do.

use shepot_view::command::Command;
use shepot_view::desk::RowAction;

use super::hits::Target;
use super::overlay::Overlay;
use super::program::{Focus, Program};

impl Program {
    pub(super) fn click(&mut self, target: Target) {
        // What lies over the room hides what is below, also from the mouse; the bar of keys stays.
        let is_hidden = !matches!(target, Target::Line(_) | Target::Command(_));
        let is_question = matches!(self.overlay, Some(Overlay::Ask(..) | Overlay::Confirm(_)));
        if self.overlay.is_some() && (is_hidden || is_question) {
            return;
        }
        match target {
            Target::Server(server) => self.go_to_server(server),
            Target::Room(place) => self.go(place),
            Target::Person(person) => self.mention(&person),
            Target::Message(message) => {
                let is_chosen = self.list.selected == Some(message);
                self.list.selected = Some(message).filter(|_| !is_chosen);
                self.focus = if is_chosen { Focus::Composer } else { Focus::List };
            }
            Target::Reaction(message, emoji) => self.react(message, &emoji),
            Target::RowAction(RowAction::CheckCode) => self.run(Command::SafetyCode),
            Target::RowAction(RowAction::Invite) => self.run(Command::Invite),
            Target::RowAction(RowAction::None) => {}
            Target::Command(command) => {
                self.overlay = None;
                self.run(command);
            }
            Target::Line(line) => {
                if let Some(chosen) = self.overlay.as_mut().and_then(Overlay::chosen_mut) {
                    *chosen = line;
                    self.confirm();
                }
            }
            Target::Completion(at) => {
                self.composer.chosen = at;
                self.composer.complete();
                self.typed();
            }
            Target::Composer => {
                self.focus = Focus::Composer;
                self.list.selected = None;
            }
            Target::Newest => self.list.anchor = None,
        }
    }
}
