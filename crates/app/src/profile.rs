//! The picture of the person: an emoji, an image, or the first letter of the nick.

use std::time::Duration;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use shepot_client::model::ServerId;
use shepot_client::{Action, Event};
use shepot_preferences::{AvatarKind, Profile};
use shepot_view::desk::Server;

use crate::effect::Effect;
use crate::state::State;

/// How long after the last newcomer the picture is sent again, once for all of them.
const AFTER_JOINS: Duration = Duration::from_millis(1_500);

/// The image that the person chose. `None` if there is none.
#[must_use]
pub fn picture(profile: &Profile) -> Option<Vec<u8>> {
    // A file of preferences is text: the digits of its bytes.
    let bytes = HEXLOWER_PERMISSIVE.decode(profile.picture.as_bytes()).ok()?;
    Some(bytes).filter(|bytes| !bytes.is_empty())
}

impl State {
    /// Makes the picture that the person chose, and sends it.
    pub(crate) fn paint_avatar(&mut self) {
        let profile = &self.preferences.profile;
        match profile.avatar {
            AvatarKind::Picture => {
                let picture = picture(profile).unwrap_or_default();
                self.avatar_painted(picture);
            }
            AvatarKind::Emoji if !profile.emoji.is_empty() => {
                self.effect(Effect::PaintAvatar(profile.emoji.clone()));
            }
            AvatarKind::Emoji | AvatarKind::Letter => self.avatar_painted(Vec::new()),
        }
    }

    /// Takes the finished picture, and sends it to all circles. Empty: none.
    pub(crate) fn avatar_painted(&mut self, image: Vec<u8>) {
        let had_one = !self.avatar.image.is_empty();
        self.avatar.image = image;
        let is_there = had_one || !self.avatar.image.is_empty();
        let connected = self.desk.servers().iter().filter(|server| is_there && server.is_connected());
        let connected: Vec<ServerId> = connected.map(|server| server.id).collect();
        for server in connected {
            self.send_avatar(server);
        }
        self.changes.looks_otherwise();
    }

    fn send_avatar(&mut self, server: ServerId) {
        self.see_oneself(server);
        self.on(server, Action::SetAvatar { image: self.avatar.image.clone() });
    }

    /// Shows the person their own picture as others see it.
    fn see_oneself(&mut self, server: ServerId) {
        let own = self.desk.server(server).and_then(|known| known.own().map(|own| own.key));
        if let Some(person) = own {
            let (image, now) = (self.avatar.image.clone(), self.now_ms());
            self.desk.apply(Event::Avatar { server, person, image }, now);
        }
    }

    /// Sends the picture to a circle, if there is one.
    pub(crate) fn show_avatar(&mut self, server: ServerId) {
        if !self.avatar.image.is_empty() {
            self.send_avatar(server);
        }
    }

    /// Shows the person their own picture once the members are known.
    pub(crate) fn know_oneself(&mut self, server: ServerId) {
        let is_missing = |known: &Server| known.own().is_some_and(|own| known.avatar_of(&own.key).is_none());
        if !self.avatar.image.is_empty() && self.desk.server(server).is_some_and(is_missing) {
            self.see_oneself(server);
        }
    }

    /// Plans to send the picture again, since somebody new does not have it.
    pub(crate) fn show_avatar_again(&mut self, server: ServerId) {
        if !self.avatar.image.is_empty() {
            // Another newcomer puts it off.
            self.avatar.due.insert(server, self.now.steady + AFTER_JOINS);
        }
    }

    pub(crate) fn show_avatar_where_due(&mut self) {
        let now = self.now.steady;
        let due: Vec<ServerId> =
            self.avatar.due.extract_if(|_, at| *at <= now).map(|(server, _)| server).collect();
        for server in due {
            if self.desk.server(server).is_some_and(Server::is_connected) {
                self.show_avatar(server);
            }
        }
    }

    /// Changes the picture. `None` leaves the emoji or the image as it is.
    pub(crate) fn look(&mut self, avatar: AvatarKind, emoji: Option<String>, picture: Option<&[u8]>) {
        let picture = picture.map(|bytes| HEXLOWER.encode(bytes));
        self.keep(|preferences| {
            let profile = &mut preferences.profile;
            profile.avatar = avatar;
            profile.emoji = emoji.unwrap_or_else(|| std::mem::take(&mut profile.emoji));
            profile.picture = picture.unwrap_or_else(|| std::mem::take(&mut profile.picture));
        });
        self.paint_avatar();
    }
}
