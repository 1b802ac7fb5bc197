//! What keys of the key map, the switcher and clicks do.

use shepot_client::Action;
use shepot_view::command::Command;
use shepot_view::desk::Server;

use crate::confirmation::{Confirmation, Hosted};
use crate::effect::Effect;
use crate::hosting::Hosting;
use crate::navigation::{self, Way};
use crate::overlay::{Ask, For, Overlay, Picker, RoomLine};
use crate::state::State;

impl State {
    /// A command is given, whatever lies over the room.
    pub(crate) fn command_given(&mut self, command: Command) {
        if command == Command::Panic {
            return self.panic_pressed();
        }
        if self.lock.is_locked() {
            return;
        }
        match (command, &self.overlay) {
            (Command::Back, _) => return self.back(),
            (Command::Quit, Some(Overlay::Confirm(Confirmation::Quit(_)))) => return,
            (Command::Quit, _) => return self.run(Command::Quit),
            (_, None) => return self.run(command),
            (_, Some(over)) if over.is_opened_by(command) => return self.back(),
            (Command::Lock, Some(_)) => {}
            // A question has to be answered first.
            (_, Some(over)) if over.is_question() => return,
            (_, Some(_)) => {}
        }
        if !self.nick.is_empty() {
            self.uncover_if(|_| true);
            self.run(command);
        }
    }

    /// Does what a command says.
    pub(crate) fn run(&mut self, command: Command) {
        let here = self.place;
        match command {
            Command::Switcher => self.lay(Overlay::Switcher(Picker::default())),
            Command::NextServer => self.next_server(Way::Forward),
            Command::PreviousServer => self.next_server(Way::Backward),
            Command::NextRoom => {
                self.go_where_there_is(navigation::next_room(&self.desk, here, Way::Forward))
            }
            Command::PreviousRoom => {
                self.go_where_there_is(navigation::next_room(&self.desk, here, Way::Backward));
            }
            Command::NextUnread => {
                self.go_where_there_is(navigation::next_unread(&self.desk, here, Way::Forward));
            }
            Command::PreviousUnread => {
                self.go_where_there_is(navigation::next_unread(&self.desk, here, Way::Backward));
            }
            Command::AddServer => self.lay(Overlay::ask(Ask::Server)),
            Command::Invite => self.invite(false),
            Command::NewRoom => self.ask_for_room(),
            Command::Search if self.shown().is_some_and(Server::shows_conversation) => {
                self.lay(Overlay::Search(Picker::default()));
            }
            Command::Search => self.with_session(|_| {}),
            Command::Emoji => {
                self.with_session(|state| state.lay(Overlay::Emoji(For::Text, Picker::default())));
            }
            Command::Moods => self.lay(Overlay::Moods(usize::from(self.mood.unwrap_or_default()))),
            Command::SafetyCode => self.compare(),
            Command::Members => self.with_session(|state| state.lay(Overlay::Members(0))),
            Command::Rooms => {
                let here = here.map(RoomLine::Room);
                let at = self.room_lines().iter().position(|line| Some(*line) == here);
                self.lay(Overlay::Rooms(at.unwrap_or_default()));
            }
            Command::ServerRecord => self.with_session(|state| state.act(Action::ShowRecord)),
            Command::Clear => self.confirm_about_server(Confirmation::Clear),
            Command::Lock => self.lock(),
            Command::Panic => self.panic_pressed(),
            Command::NextRegion | Command::PreviousRegion => {}
            // What the window says on a page is in commands here.
            Command::Keys | Command::Settings => self.lay(Overlay::Help),
            Command::Connect => self.connect(),
            Command::Disconnect => self.confirm_about_server(Confirmation::Leave),
            Command::Host => self.host(),
            Command::Quit => {
                let is_hosting = self.hosting != Hosting::Off;
                // Nothing is kept here.
                let hosted = if is_hosting { Hosted::Forgotten } else { Hosted::Nothing };
                self.lay(Overlay::Confirm(Confirmation::Quit(hosted)));
            }
            Command::Back => self.back(),
            Command::Connections => self.show_connections(None),
        }
    }

    /// Asks something about the server that is shown.
    pub(crate) fn confirm_about_server(
        &mut self,
        confirmation: fn(shepot_client::model::ServerId) -> Confirmation,
    ) {
        if let Some(server) = self.server {
            self.lay(Overlay::Confirm(confirmation(server)));
        }
    }

    /// Connects; asks where that destroys what was said in a session that is over.
    pub(crate) fn connect(&mut self) {
        match self.server.and_then(|server| Confirmation::connect(&self.desk, server)) {
            Some(confirmation) => self.lay(Overlay::Confirm(confirmation)),
            None => self.act(Action::Connect),
        }
    }

    pub(crate) fn invite(&mut self, owner: bool) {
        self.with_session(|state| {
            state.wants_invitation = true;
            state.act(Action::Invite { owner });
        });
    }

    fn panic_pressed(&mut self) {
        if self.panic_keys.press(self.now.steady) {
            self.wipe();
            return self.effect(Effect::Panic);
        }
        self.complain(self.tr("ui-pn-again", &[]));
    }
}
