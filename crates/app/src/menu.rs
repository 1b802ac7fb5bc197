//! Menus of servers, rooms, members, messages and connections. Each line's label stands beside what it does.

use shepot_client::Action;
use shepot_client::model::{MessageId, PersonKey, RoomId, ServerId};
use shepot_relay::operator::{Presence, Visitor};
use shepot_sanitise::Sanitised;
use shepot_view::command::Command;
use shepot_view::desk::{Place, Server};
use shepot_view::people;
use shepot_view::settings::Section;

use crate::actions::{ConnectionAction, MessageAction};
use crate::confirmation::Confirmation;
use crate::effect::Effect;
use crate::overlay::{Ask, Choice, Menu, MenuLine, MenuOf, Overlay};
use crate::page::Page;
use crate::state::State;
use crate::toast::Sign;

impl State {
    /// Opens a menu, unless it would be empty.
    pub(crate) fn open_menu(&mut self, of: MenuOf) {
        let lines = match of {
            MenuOf::Server(id) => self.server_menu(id),
            MenuOf::Room(place) => self.room_menu(place),
            MenuOf::Person(key) => self.person_menu(key),
            MenuOf::Message(id) => self.message_menu(id),
            MenuOf::Visitor(visitor) => self.visitor_menu(visitor),
        };
        if !lines.is_empty() {
            self.lay(Overlay::Menu(Menu { of, lines: lines.into() }));
        } else if let MenuOf::Visitor(_) = of {
            self.say_own_address();
        }
    }

    fn line(&self, name: &str, icon: &'static str, choice: Choice) -> MenuLine {
        MenuLine { title: self.tr(name, &[]), icon, keys: String::new(), is_danger: false, choice }
    }

    fn asks(&self, name: &str, icon: &'static str, question: Confirmation) -> MenuLine {
        self.line(name, icon, Choice::Ask(question))
    }

    /// A line that runs a command, and names its keys.
    fn runs(&self, name: &str, icon: &'static str, command: Command) -> MenuLine {
        self.line(name, icon, Choice::Run(command)).keys(command)
    }

    fn server_menu(&self, id: ServerId) -> Vec<MenuLine> {
        let Some(server) = self.desk.server(id) else { return Vec::new() };
        let (is_shown, is_connected) = (self.server == Some(id), server.is_connected());
        let mut lines = Vec::new();
        if server.has_session() {
            lines.push(self.asks("ui-disconnect", "unplug", Confirmation::Leave(id)));
        } else {
            lines.push(self.line("ui-connect", "plug", Choice::Connect(id)));
            if self.adding.kept(id).is_some() {
                lines.push(self.line("ui-new-invitation", "door-open", Choice::NewInvitation(id)));
            }
        }
        if is_connected {
            lines.push(self.line("ui-invite", "user-plus", Choice::Invite(id)));
        }
        if self.own_link(id).is_some() {
            lines.push(self.line("ui-copy-own-link", "link", Choice::CopyOwnLink(id)));
        }
        if is_shown && is_connected {
            lines.push(self.runs("ui-new-room", "hash", Command::NewRoom));
        }
        if is_shown {
            lines.push(self.asks("ui-clear-server", "eraser", Confirmation::ClearServer(id)));
        }
        if let Some(is_on) = self.adding.kept(id).map(|kept| kept.connects_at_start) {
            let icon = if is_on { "check" } else { "plug" };
            lines.push(self.line("ui-sv-auto", icon, Choice::ConnectAtStart(id, !is_on)));
        }
        lines.push(self.line("ui-s-notif", "bell", Choice::Notifications));
        lines.push(self.line("ui-edit", "pencil", Choice::Edit(id)));
        if self.hosting.is_of(id) {
            lines.push(self.asks("ui-op-stop", "power", Confirmation::StopHosting));
            lines.push(self.asks("ui-host-forget", "trash-2", Confirmation::ForgetHosting).danger());
        } else {
            lines.push(self.asks("ui-remove", "trash-2", Confirmation::Remove(id)).danger());
        }
        lines
    }

    fn room_menu(&self, place: Place) -> Vec<MenuLine> {
        let server = self.desk.server(place.server);
        let conversation = server.and_then(|server| server.conversation(place.conversation));
        let has_session = server.is_some_and(Server::has_session);
        let mut lines = Vec::new();
        if has_session {
            lines.push(self.runs("ui-invite", "user-plus", Command::Invite));
            lines.push(self.line("ui-cmd-timer", "timer", Choice::Timer(place)));
        }
        let is_muted = conversation.is_some_and(|known| known.is_muted);
        let (name, icon) = if is_muted { ("ui-unmute", "bell") } else { ("ui-mute", "bell-off") };
        lines.push(self.line(name, icon, Choice::Mute(place, !is_muted)));
        lines.push(self.line("ui-search-room", "search", Choice::Search(place)).keys(Command::Search));
        if has_session {
            lines.push(self.runs("ui-cmd-code", "shield", Command::SafetyCode));
            lines.push(self.line("record-title", "eye-off", Choice::Run(Command::ServerRecord)));
        }
        if has_session && place.room() != RoomId::MAIN {
            lines.push(self.line("ui-rename", "pencil", Choice::Rename(place)));
        }
        if has_session && self.desk.room(place).is_some_and(|room| room.may_delete) {
            lines.push(self.asks("ui-room-delete", "trash-2", Confirmation::DeleteRoom(place)).danger());
        }
        lines.push(self.asks("ui-clear", "eraser", Confirmation::Clear(place)).keys(Command::Clear));
        if has_session {
            lines.push(
                self.asks("ui-disconnect-server", "unplug", Confirmation::Leave(place.server)).danger(),
            );
        }
        lines
    }

    fn person_menu(&self, key: PersonKey) -> Vec<MenuLine> {
        let Some(server) = self.shown() else { return Vec::new() };
        if server.person(&key).is_none_or(|person| person.is_self) {
            return Vec::new();
        }
        let copy = self.line("ui-copy-fp", "fingerprint-pattern", Choice::CopyFingerprint(key));
        if !server.has_session() {
            return vec![copy];
        }
        let mut lines = vec![
            self.line("ui-mention", "at-sign", Choice::Mention(key)),
            self.line("ui-pc-show", "shield", Choice::PairCode(key)),
            copy,
        ];
        if server.is_owner {
            lines.push(self.line("ui-evict", "user-round-x", Choice::Evict(key)).danger());
        }
        lines
    }

    fn message_menu(&self, id: MessageId) -> Vec<MenuLine> {
        let Some(server) = self.shown() else { return Vec::new() };
        let Some(message) = server.timeline().get(&id).filter(|message| !message.is_deleted) else {
            return Vec::new();
        };
        let line = |name: &str, icon, keys: &str, action| {
            let line = self.line(name, icon, Choice::Message(id, action));
            MenuLine { keys: keys.to_owned(), ..line }
        };
        let mut lines = Vec::new();
        if server.has_session() {
            lines.push(line("ui-reply", "reply", "R", MessageAction::Reply));
            lines.push(line("ui-react", "smile-plus", "E", MessageAction::React));
        }
        lines.push(line("ui-copy-text", "copy", "Ctrl+C", MessageAction::Copy));
        if server.has_session() && server.is_own(message) {
            lines.push(line("ui-edit", "pencil", "", MessageAction::Edit));
            lines.push(line("ui-delete", "trash-2", "Del", MessageAction::Delete).danger());
        }
        lines
    }

    fn visitor_menu(&self, visitor: Visitor) -> Vec<MenuLine> {
        let line = |name: &str, icon, action| self.line(name, icon, Choice::Visitor(visitor, action));
        let mut lines = match visitor.presence {
            Presence::Connected(_) => vec![line("ui-op-disc", "unplug", ConnectionAction::Disconnect)],
            Presence::Refused if visitor.can_be_let_in() => {
                vec![line("ui-op-unpause", "rotate-ccw", ConnectionAction::LiftBan)]
            }
            Presence::Refused => Vec::new(),
            Presence::Banned => vec![line("ui-op-unban", "rotate-ccw", ConnectionAction::LiftBan)],
        };
        if visitor.can_be_banned {
            lines.push(line("ui-op-ban", "ban", ConnectionAction::Ban).danger());
        }
        lines
    }

    /// Does what the chosen line of a menu says.
    pub(crate) fn choose(&mut self, choice: Choice) {
        match choice {
            Choice::Ask(question) => self.lay(Overlay::Confirm(question)),
            Choice::Run(command) => self.run(command),
            Choice::Message(id, action) => self.act_on(id, action),
            Choice::Visitor(visitor, action) => self.act_on_visitor(&visitor, action),
            Choice::Connect(id) => self.connect_to(id),
            Choice::NewInvitation(id) => self.lay(Overlay::ask(Ask::Invitation(id))),
            Choice::Invite(id) => {
                self.go_to_server(id);
                self.invite(false);
            }
            Choice::CopyOwnLink(id) => self.copy_own_link(id),
            Choice::ConnectAtStart(id, connects) => self.connect_at_start(id, connects),
            Choice::Notifications => {
                self.open_page(Page::Settings);
                self.changes.section = Some(Section::Notifications);
            }
            Choice::Edit(id) => self.lay(Overlay::EditServer(id, String::new())),
            Choice::Timer(place) => {
                self.go(place);
                self.set_timer(None);
            }
            Choice::Mute(place, is_muted) => self.set_muted(place, is_muted),
            Choice::Search(place) => {
                self.go(place);
                self.run(Command::Search);
            }
            Choice::Rename(place) => self.ask_for_room_name(place),
            Choice::Mention(key) => self.mention(&key),
            Choice::PairCode(key) => self.act(Action::PairCode { person: key }),
            Choice::CopyFingerprint(key) => self.copy_fingerprint(&key),
            Choice::Evict(key) => self.ask_to_evict(key),
        }
    }

    fn copy_own_link(&mut self, id: ServerId) {
        if let Some((link, makes_owner)) = self.own_link(id) {
            self.effect(Effect::Copy(Sanitised::of(link.expose())));
            if makes_owner {
                self.say(self.tr("ui-own-link-owner", &[]), Sign::Owner);
            }
        }
    }

    fn copy_fingerprint(&mut self, key: &PersonKey) {
        let person = self.shown().and_then(|server| server.person(key));
        if let Some(mark) = person.map(|person| people::mark(&person.fingerprint)) {
            self.effect(Effect::Copy(Sanitised::of(&mark)));
        }
    }

    pub(crate) fn connect_at_start(&mut self, id: ServerId, connects: bool) {
        // What the person decides holds, whether it lets us in or not.
        self.adding.attempts.remove(&id);
        self.change_kept(id, |server| server.connects_at_start = connects);
        self.changes.servers = true;
    }
}

impl MenuLine {
    fn keys(self, command: Command) -> Self {
        Self { keys: command.chord().map(|chord| chord.written()).unwrap_or_default(), ..self }
    }

    fn danger(self) -> Self {
        Self { is_danger: true, ..self }
    }
}
