//! Menus: what can be done with a server, a room, somebody, a message, a connection.

use shepot_client::Action;
use shepot_client::model::{MessageId, PersonKey, RoomId, ServerId};
use shepot_hosting::{Standing, Visitor};
use shepot_sanitise::Sanitised;
use shepot_view::command::Command;
use shepot_view::desk::{Place, Server};
use shepot_view::people;

use crate::actions::{ConnectionAction, MessageAction};
use crate::confirmation::Confirmation;
use crate::effect::Effect;
use crate::menu_items::{Menu, MenuOf, PersonItem, RoomItem, ServerItem};
use crate::overlay::Overlay;
use crate::page::Page;
use crate::state::State;
use crate::toast::Sign;

impl State {
    /// Opens a menu, where there is anything to choose.
    pub(crate) fn open_menu(&mut self, of: MenuOf) {
        let menu = match of {
            MenuOf::Server(id) => Menu::Server(id, self.server_menu(id)),
            MenuOf::Room(place) => Menu::Room(place, self.room_menu(place)),
            MenuOf::Person(key) => Menu::Person(key, self.person_menu(&key)),
            MenuOf::Message(id) => Menu::Message(id, self.message_menu(id)),
            MenuOf::Visitor(visitor) => Menu::Visitor(visitor, visitor_menu(&visitor)),
        };
        if !menu.is_empty() {
            self.lay(Overlay::Menu(menu));
        } else if let MenuOf::Visitor(_) = of {
            self.is_own_address();
        }
    }

    fn server_menu(&self, id: ServerId) -> Vec<ServerItem> {
        let Some(server) = self.desk.server(id) else { return Vec::new() };
        let (is_shown, is_connected) = (self.server == Some(id), server.is_connected());
        let mut items = vec![if server.has_session() { ServerItem::Disconnect } else { ServerItem::Connect }];
        items.extend(is_connected.then_some(ServerItem::Invite));
        items.extend(self.own_link(id).map(|_| ServerItem::CopyOwnLink));
        items.extend((is_shown && is_connected).then_some(ServerItem::NewRoom));
        items.extend(is_shown.then_some(ServerItem::Clear));
        items.extend(
            self.adding.kept(id).map(|kept| ServerItem::ConnectAtStart { is_on: kept.connects_at_start }),
        );
        items.extend([ServerItem::Notifications, ServerItem::Edit]);
        if self.hosting.is_of(id) {
            items.extend([ServerItem::StopHosting, ServerItem::ForgetHosting]);
        } else {
            items.push(ServerItem::Remove);
        }
        items
    }

    fn room_menu(&self, place: Place) -> Vec<RoomItem> {
        let server = self.desk.server(place.server);
        let conversation = server.and_then(|server| server.conversation(place.room));
        let has_session = server.is_some_and(Server::has_session);
        let mut items = Vec::new();
        if has_session {
            items.extend([RoomItem::Invite, RoomItem::Timer]);
        }
        let is_muted = conversation.is_some_and(|known| known.is_muted);
        items.extend([if is_muted { RoomItem::Unmute } else { RoomItem::Mute }, RoomItem::Search]);
        if has_session {
            items.extend([RoomItem::SafetyCode, RoomItem::Record]);
        }
        items.extend((has_session && place.room != RoomId::MAIN).then_some(RoomItem::Rename));
        items.extend([RoomItem::Clear, RoomItem::Leave]);
        items
    }

    fn person_menu(&self, key: &PersonKey) -> Vec<PersonItem> {
        let Some(server) = self.shown() else { return Vec::new() };
        if server.person(key).is_none_or(|person| person.is_self) {
            return Vec::new();
        }
        if !server.has_session() {
            return vec![PersonItem::CopyFingerprint];
        }
        vec![PersonItem::Mention, PersonItem::PairCode, PersonItem::CopyFingerprint, PersonItem::Evict]
    }

    fn message_menu(&self, id: MessageId) -> Vec<MessageAction> {
        let Some(server) = self.shown() else { return Vec::new() };
        let Some(message) = server.timeline().get(&id).filter(|message| !message.is_deleted) else {
            return Vec::new();
        };
        let mut items = Vec::new();
        if server.has_session() {
            items.extend([MessageAction::Reply, MessageAction::React]);
        }
        items.push(MessageAction::Copy);
        if server.has_session() && server.is_own(message) {
            items.extend([MessageAction::Edit, MessageAction::Delete]);
        }
        items
    }

    /// A line of a menu was chosen.
    pub(crate) fn chosen_from(&mut self, menu: &Menu, line: usize) {
        match menu {
            Menu::Server(id, items) => {
                items.get(line).into_iter().for_each(|item| self.act_on_server(*id, *item))
            }
            Menu::Room(place, items) => {
                items.get(line).into_iter().for_each(|item| self.act_on_room(*place, *item))
            }
            Menu::Person(key, items) => {
                items.get(line).into_iter().for_each(|item| self.act_on_person(*key, *item))
            }
            Menu::Message(id, items) => items.get(line).into_iter().for_each(|item| self.act_on(*id, *item)),
            Menu::Visitor(visitor, items) => {
                items.get(line).into_iter().for_each(|item| self.act_on_visitor(visitor, *item));
            }
        }
    }

    fn act_on_server(&mut self, id: ServerId, item: ServerItem) {
        match item {
            ServerItem::Connect => self.connect_to(id),
            ServerItem::Disconnect => self.lay(Overlay::Confirm(Confirmation::Leave(id))),
            ServerItem::Invite => {
                self.go_to_server(id);
                self.invite(false);
            }
            ServerItem::CopyOwnLink => {
                if let Some((link, makes_owner)) = self.own_link(id) {
                    self.effect(Effect::Copy(Sanitised::of(link.expose())));
                    if makes_owner {
                        self.say(self.tr("ui-own-link-owner", &[]), Sign::Owner);
                    }
                }
            }
            ServerItem::NewRoom => self.ask_for_room(),
            ServerItem::Clear => self.lay(Overlay::Confirm(Confirmation::Clear(id))),
            ServerItem::ConnectAtStart { is_on } => self.connect_at_start(id, !is_on),
            ServerItem::Notifications => {
                self.open_page(Page::Settings);
                self.changes.notifications_page = true;
            }
            ServerItem::Edit => self.lay(Overlay::EditServer(id, String::new())),
            ServerItem::StopHosting => self.lay(Overlay::Confirm(Confirmation::StopHosting)),
            ServerItem::ForgetHosting => self.lay(Overlay::Confirm(Confirmation::ForgetHosting)),
            ServerItem::Remove => self.lay(Overlay::Confirm(Confirmation::Remove(id))),
        }
    }

    pub(crate) fn connect_at_start(&mut self, id: ServerId, connects: bool) {
        self.change_kept(id, |server| server.connects_at_start = connects);
        self.changes.servers = true;
    }

    fn act_on_room(&mut self, place: Place, item: RoomItem) {
        match item {
            RoomItem::Invite => self.invite(false),
            RoomItem::Timer => {
                self.go(place);
                self.set_timer(None);
            }
            RoomItem::Mute | RoomItem::Unmute => self.set_muted(place, item == RoomItem::Mute),
            RoomItem::Search => {
                self.go(place);
                self.run(Command::Search);
            }
            RoomItem::SafetyCode => self.compare(),
            RoomItem::Record => self.run(Command::ServerRecord),
            RoomItem::Rename => self.ask_for_room_name(place),
            RoomItem::Clear => self.lay(Overlay::Confirm(Confirmation::Clear(place.server))),
            RoomItem::Leave => self.lay(Overlay::Confirm(Confirmation::Leave(place.server))),
        }
    }

    fn act_on_person(&mut self, key: PersonKey, item: PersonItem) {
        match item {
            PersonItem::Mention => self.mention(&key),
            PersonItem::PairCode => self.act(Action::PairCode { person: key }),
            PersonItem::CopyFingerprint => {
                let person = self.shown().and_then(|server| server.person(&key));
                if let Some(mark) = person.map(|person| people::mark(&person.fingerprint)) {
                    self.effect(Effect::Copy(Sanitised::of(&mark)));
                }
            }
            PersonItem::Evict => self.ask_to_evict(key),
        }
    }
}

fn visitor_menu(visitor: &Visitor) -> Vec<ConnectionAction> {
    let mut items = match visitor.standing {
        Standing::Connected(_) => vec![ConnectionAction::Disconnect],
        Standing::Refused => Vec::new(),
        Standing::Banned => vec![ConnectionAction::LiftBan],
    };
    items.extend(visitor.can_be_banned.then_some(ConnectionAction::Ban));
    items
}
