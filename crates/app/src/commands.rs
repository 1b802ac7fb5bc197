//! Carries out commands from keys, the switcher and clicks.

use shepot_client::Action;
use shepot_client::model::ServerId;
use shepot_view::command::Command;
use shepot_view::desk::Server;
use shepot_view::settings::Section;

use crate::confirmation::{Confirmation, Hosted};
use crate::effect::Effect;
use crate::hosting::Hosting;
use crate::navigation::{self, Way};
use crate::overlay::{Ask, For, Offered, Overlay, RoomLine};
use crate::page::{Layout, Page};
use crate::state::State;
use crate::toast::Sign;

impl State {
    /// Takes a command that may come while an overlay is open.
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
            // Nothing of it is seen before there is a server.
            (Command::Host, Some(over)) if over.asks_for_passphrase() => return self.host(),
            // A question has to be answered first.
            (_, Some(over)) if over.is_question() => return,
            (_, Some(_)) => {}
        }
        if !self.nick.is_empty() {
            self.uncover_if(|_| true);
            self.run(command);
        }
    }

    /// Carries out a command. Shows the room first if the command needs it.
    pub(crate) fn run(&mut self, command: Command) {
        let is_of_room =
            matches!(command, Command::Search | Command::Members | Command::Moods | Command::Emoji);
        if is_of_room && self.layout == Layout::Pages && self.page != Page::Room {
            self.open_page(Page::Room);
        }
        self.run_here(command);
    }

    fn run_here(&mut self, command: Command) {
        let here = self.place;
        match command {
            Command::Switcher => {
                let offered = self.switcher_entries("");
                self.lay(Overlay::list(Offered::Switcher(offered), 0));
            }
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
            Command::AddServer if self.layout == Layout::Pages => self.open_page(Page::Servers),
            Command::AddServer => self.lay(Overlay::ask(Ask::Server)),
            Command::Invite => self.invite(false),
            Command::NewRoom => self.ask_for_room(),
            Command::Search | Command::Members | Command::Moods if self.layout == Layout::Pages => {
                self.effect(Effect::Toggle(command));
            }
            Command::Search | Command::Emoji | Command::Members
                if !self.shown().is_some_and(Server::shows_conversation) =>
            {
                self.with_session(|_| {});
            }
            // They are of use where a session is over, too.
            Command::Search => self.lay(Overlay::list(Offered::Search, 0)),
            Command::Emoji => self.lay(Overlay::list(Offered::Emoji(For::Text), 0)),
            Command::Members => self.lay(Overlay::list(Offered::Members, 0)),
            Command::Moods => {
                self.lay(Overlay::list(Offered::Moods, usize::from(self.mood.unwrap_or_default())))
            }
            Command::SafetyCode => self.compare(),
            // There they are always seen.
            Command::Rooms if self.layout == Layout::Pages => {}
            Command::Rooms => self.show_rooms(),
            Command::ServerRecord => self.with_session(|state| state.act(Action::ShowRecord)),
            Command::Clear => self.ask_to_clear_room(),
            Command::ClearServer => self.confirm_about_server(Confirmation::ClearServer),
            Command::Lock => self.lock(),
            Command::Panic => self.panic_pressed(),
            Command::NextRegion | Command::PreviousRegion => {}
            Command::Settings if self.layout == Layout::Pages => self.toggle_settings(),
            Command::Keys if self.layout == Layout::Pages => {
                self.open_page(Page::Settings);
                self.changes.section = Some(Section::Keys);
            }
            // What stands on a page elsewhere is in commands here.
            Command::Keys | Command::Settings => self.lay(Overlay::Help),
            Command::Connect => self.connect(),
            Command::Disconnect => self.confirm_about_server(Confirmation::Leave),
            Command::Host => self.host(),
            Command::Quit => self.ask_to_quit(),
            Command::Back => self.back(),
            Command::Connections => self.show_connections(None),
        }
    }

    fn show_rooms(&mut self) {
        let here = self.place.map(RoomLine::Room);
        let at = self.room_lines().iter().position(|line| Some(*line) == here);
        self.lay(Overlay::list(Offered::Rooms, at.unwrap_or_default()));
    }

    /// Ends the program. Asks first if something would be lost.
    fn ask_to_quit(&mut self) {
        let hosted = match (&self.hosting, self.may_keep()) {
            (Hosting::Off | Hosting::Unwanted, _) => Hosted::Nothing,
            (_, true) => Hosted::Kept,
            (_, false) => Hosted::Forgotten,
        };
        match Confirmation::quit(&self.desk, hosted) {
            Some(confirmation) => self.lay(Overlay::Confirm(confirmation)),
            None => self.effect(Effect::Quit),
        }
    }

    /// Asks a question about the open server.
    pub(crate) fn confirm_about_server(&mut self, confirmation: fn(ServerId) -> Confirmation) {
        match self.server {
            Some(server) => self.lay(Overlay::Confirm(confirmation(server))),
            None => self.complain(self.tr("full-no-server", &[])),
        }
    }

    /// Connects the open server. Asks first if that would destroy the messages of a session that is over.
    pub(crate) fn connect(&mut self) {
        match self.server {
            Some(server) => self.connect_to(server),
            None => self.act(Action::Connect),
        }
    }

    pub(crate) fn invite(&mut self, owner: bool) {
        self.with_session(|state| {
            state.server.into_iter().for_each(|server| state.ask_for_invitation(server, owner))
        });
    }

    pub(crate) fn ask_for_invitation(&mut self, server: ServerId, owner: bool) {
        let request = self.request_on(server, Action::Invite { owner });
        self.invites.insert(request, server);
    }

    fn panic_pressed(&mut self) {
        if self.panic_keys.press(self.now.steady) {
            return self.panic();
        }
        self.say(self.tr("ui-pn-again", &[]), Sign::Panic);
    }

    /// Wipes everything and ends the program at once.
    pub(crate) fn panic(&mut self) {
        self.wipe();
        self.effect(Effect::Panic);
    }

    /// Closes the window. A locked one asks nothing, since a question would show something.
    pub(crate) fn close(&mut self) {
        if self.lock.is_locked() { self.effect(Effect::Quit) } else { self.run(Command::Quit) }
    }
}
