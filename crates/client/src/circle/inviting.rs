//! Invitations to the circle as it is now, and the one that we keep for coming back.

use shepot_protocol::{AccessKey, CircleSecret, Invitation};

use super::{Circle, Wish};
use crate::entry::Target;
use crate::event::Event;
use crate::model::CommandError;
use crate::succession;

impl Circle {
    /// Tells the invitation by which we come back from now on, if the one by which we came has become useless.
    pub(crate) fn tell_renewed(&self, relay: Target) {
        let is_owner = self.invitation.owner_seed.is_some();
        if self.has_later_generation()
            && let Ok(link) = self.invitation(relay, is_owner)
        {
            self.tell(Event::Renewed { server: self.server, link });
        }
    }

    /// Makes an invitation and tells it. `owner`: it makes its holder an owner, like us.
    pub(crate) fn invite(&self, relay: Target, owner: bool) -> Result<(), CommandError> {
        let link = self.invitation(relay, owner)?;
        self.tell(Event::Invitation { server: self.server, link });
        Ok(())
    }

    /// An invitation to the circle as it is now, with the owner seed if `owner` is set.
    fn invitation(&self, relay: Target, owner: bool) -> Result<String, CommandError> {
        let session = self.session().ok_or(CommandError::NotConnected)?;
        let keys = session.circle_keys()?;
        let pin = relay.pin.ok_or(CommandError::NotConnected)?;
        let owner_seed = match (&self.invitation.owner_seed, owner) {
            (Some(seed), true) => Some(seed.clone()),
            (None, true) => return Err(CommandError::NotTheOwner),
            (_, false) => None,
        };
        let is_open_circle = self.invitation.secret.is_none() && keys.generation() == 0;
        let invitation = Invitation {
            address: relay.address,
            pin,
            access_key: relay.access_key,
            circle_secret: (!is_open_circle).then(|| CircleSecret::new(*keys.secret())),
            owner: self.invitation.owner,
            owner_seed,
            // The access key is the one by which we came, and ends when it does.
            expires_at: self.invitation.expires_at,
            succession: session.succession().map(succession::for_others),
        };
        Ok(invitation.to_link().to_string())
    }

    fn has_later_generation(&self) -> bool {
        let keys = self.session().and_then(|session| session.circle_keys().ok());
        keys.is_some_and(|keys| keys.generation() > 0)
    }

    /// If the relay is the owner's own, its access key changes with the secret of the circle.
    pub(super) fn renew_access_key(&mut self) {
        let keys = self.session().and_then(|session| session.circle_keys().ok());
        if let Some(keys) = keys.filter(|keys| keys.generation() > 0) {
            self.wishes.push_back(Wish::RenewAccessKey(AccessKey::new(*keys.access_key())));
        }
    }

    /// Keeps the keys of a later generation, because the invitation by which we came opens nothing any more.
    pub(super) fn keep_keys(&mut self) {
        self.renew_access_key();
        let Some(session) = self.session().filter(|_| self.has_later_generation()) else { return };
        let succession = session.succession().map(succession::for_others);
        if let Ok(keys) = session.circle_keys() {
            self.invitation.secret = Some(CircleSecret::new(*keys.secret()));
            self.invitation.succession = succession;
        }
    }
}
