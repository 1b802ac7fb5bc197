//! How the person looks to others: an emoji, a picture, or the first letter of the nick.

use std::time::Duration;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use shepot_client::model::ServerId;
use shepot_client::{Action, Event};
use shepot_preferences::{AvatarKind, Profile};
use shepot_view::desk::Server;

use crate::effect::Effect;
use crate::state::State;

/// Newcomers get the picture when no more of them come: so long after the last.
const AFTER_JOINS: Duration = Duration::from_millis(1_500);

/// The picture that the person chose; none where there is none.
#[must_use]
pub fn picture(profile: &Profile) -> Option<Vec<u8>> {
    // A file of preferences is text: the digits of its bytes.
    let bytes = HEXLOWER_PERMISSIVE.decode(profile.picture.as_bytes()).ok()?;
    Some(bytes).filter(|bytes| !bytes.is_empty())
}

impl State {
    /// What the person chose is to be painted, and shown.
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

    /// Everybody is shown this from now on.
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

    /// What others see is what the person sees of itself.
    fn see_oneself(&mut self, server: ServerId) {
        let own = self.desk.server(server).and_then(|known| known.own().map(|own| own.key));
        if let Some(person) = own {
            let (image, now) = (self.avatar.image.clone(), self.now_ms());
            self.desk.apply(Event::Avatar { server, person, image }, now);
        }
    }

    /// Shows a circle how the person looks.
    pub(crate) fn show_avatar(&mut self, server: ServerId) {
        if !self.avatar.image.is_empty() {
            self.send_avatar(server);
        }
    }

    /// Who is in the circle is known: the person among them.
    pub(crate) fn know_oneself(&mut self, server: ServerId) {
        let is_missing = |known: &Server| known.own().is_some_and(|own| known.avatar_of(&own.key).is_none());
        if !self.avatar.image.is_empty() && self.desk.server(server).is_some_and(is_missing) {
            self.see_oneself(server);
        }
    }

    /// Somebody new does not know the picture yet.
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

    /// The person looks otherwise.
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
