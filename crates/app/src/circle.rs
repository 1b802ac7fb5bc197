//! The names and pictures of circles: those that their owners give, and those that the person gives.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use shepot_client::Action;
use shepot_client::limits::SERVER_NAME_CHARACTERS;
use shepot_client::model::ServerId;
use shepot_preferences::CircleLook;
use shepot_sanitise::Sanitised;
use shepot_view::desk::Server;

use crate::overlay::Overlay;
use crate::state::State;

impl State {
    /// The owner has told the name of a circle. A name that the person gave it stays.
    pub(crate) fn circle_told(&mut self, id: ServerId) {
        // What the owner has decided since holds, and everybody is told.
        let is_renamed = self.adding.kept(id).is_some_and(|kept| kept.is_renamed) || self.is_untold(id);
        self.tell_of_own_circle(id);
        let told =
            self.desk.server(id).and_then(|server| server.circle.as_ref()).map(|told| told.name.clone());
        if let Some(name) = told.filter(|_| !is_renamed) {
            self.call_server(id, name);
        }
        self.changes.servers = true;
        self.changes.shown |= self.server == Some(id);
        self.changes.overlay |= matches!(self.overlay, Some(Overlay::EditServer(..)));
    }

    /// In a circle of the person's own, tells everybody its name, unless they know the current one.
    pub(crate) fn tell_of_own_circle(&mut self, id: ServerId) {
        if self.is_untold(id) || self.desk.server(id).is_some_and(|server| server.circle.is_none()) {
            self.describe_circle(id);
        }
    }

    /// As the owner, tells the name and the picture of the circle. Not if it is named after its address only.
    fn describe_circle(&mut self, id: ServerId) {
        let Some(server) = self.desk.server(id).filter(|server| server.is_owner) else { return };
        if self.hosting.is_of(id) || is_named(server) {
            let (name, is_entered) = (server.name.to_string(), server.is_entered());
            if self.is_untold(id) == is_entered {
                self.change_circle_look(id, |look| look.is_untold = !is_entered);
            }
            if is_entered {
                let image = self.circle_picture(id);
                self.on(id, Action::DescribeCircle { name, image });
            }
        }
    }

    /// The name and picture that the person gives a circle of their own.
    fn circle_look(&self, id: ServerId) -> Option<&CircleLook> {
        match self.preferences.hosting.as_ref().filter(|_| self.hosting.is_of(id)) {
            Some(hosted) => Some(&hosted.look),
            None => self.adding.kept(id).map(|kept| &kept.look),
        }
    }

    fn change_circle_look(&mut self, id: ServerId, change: impl FnOnce(&mut CircleLook)) {
        if self.hosting.is_of(id) {
            self.keep(|preferences| {
                if let Some(hosting) = &mut preferences.hosting {
                    change(&mut hosting.look);
                }
            });
        } else {
            self.change_kept(id, |server| change(&mut server.look));
        }
    }

    fn is_untold(&self, id: ServerId) -> bool {
        self.circle_look(id).is_some_and(|look| look.is_untold)
    }

    /// The picture that the person gave their own circle. Empty: none.
    #[must_use]
    pub fn circle_picture(&self, id: ServerId) -> Vec<u8> {
        let digits = self.circle_look(id).map_or("", |look| &look.picture);
        HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).unwrap_or_default()
    }

    /// Sets the picture of the person's own circle. Empty: none.
    pub(crate) fn set_circle_picture(&mut self, id: ServerId, image: &[u8]) {
        let picture = HEXLOWER.encode(image);
        self.change_circle_look(id, |look| look.picture = picture);
        self.describe_circle(id);
        self.changes.overlay = true;
    }

    /// Names a server in the list, and stores that.
    fn call_server(&mut self, id: ServerId, name: Sanitised) {
        let Some(server) = self.desk.server_mut(id).filter(|server| server.name != name) else { return };
        server.name = name.clone();
        if self.hosting.is_of(id) {
            self.rename_hosted(&name);
        } else {
            self.change_kept(id, |server| server.name = name.to_string());
        }
        self.changes.servers = true;
        self.changes.shown |= self.server == Some(id);
    }

    /// Renames a server: for everybody if the person owns the circle. An empty name returns to the owner's.
    pub(crate) fn rename_server(&mut self, id: ServerId, name: &str) {
        let Some(server) = self.desk.server(id) else { return };
        let (is_owner, told) = (server.is_owner, server.circle.as_ref().map(|told| told.name.clone()));
        let given = Some(name.trim()).filter(|name| !name.is_empty()).map(Sanitised::in_one_line);
        let is_renamed = !is_owner && given.is_some() && given != told;
        let Some(name) = given.or(told) else { return };
        self.call_server(id, name);
        if self.adding.kept(id).is_some_and(|kept| kept.is_renamed != is_renamed) {
            self.change_kept(id, |server| server.is_renamed = is_renamed);
        }
        if is_owner {
            self.describe_circle(id);
        }
    }

    /// Sets the name and the address of a server. Errors are shown beside the fields.
    pub(crate) fn save_server(&mut self, id: ServerId, name: &str, address: &str) {
        let may_be_empty =
            self.desk.server(id).is_some_and(|server| server.circle.is_some() && !server.is_owner);
        let fewest = usize::from(!may_be_empty);
        let error = if !(fewest..=SERVER_NAME_CHARACTERS).contains(&name.trim().chars().count()) {
            Some(self.tr("entry-name", &[]))
        } else if self.hosting.is_of(id) {
            None
        } else {
            self.set_address(id, address).err()
        };
        match error {
            Some(error) => self.lay(Overlay::EditServer(id, error)),
            None => {
                self.uncover_if(|_| true);
                self.rename_server(id, name);
            }
        }
    }
}

/// Whether somebody named the server. Without a name it is called by its address.
pub(crate) fn is_named(server: &Server) -> bool {
    !server.address.starts_with(&*server.name)
}
